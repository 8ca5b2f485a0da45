package edxml

import (
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// taker takes fields out of the elements of a package.
type taker struct{ *report }

// take tells the kind of the package and reads its header.
func (t *taker) take(root *element) Package {
	if root == nil {
		return Package{}
	}
	head, about := t.header(root)
	if about == nil {
		return Package{}
	}
	if head != nil && len(head.all("signature"))+len(head.all("digitalsignature")) > 0 {
		t.add(Unsigned, Notice, "Signature", "")
		for _, s := range append(head.all("signature"), head.all("digitalsignature")...) {
			s.kids = nil
		}
	}
	var p Package
	if about.child("statuscode") != nil {
		p.Kind, p.Status = KindStatus, t.status(about)
	} else {
		p.Kind, p.Edoc = KindEdoc, t.edoc(about)
		if traces := about.up.child("traceheaderlist"); traces != nil {
			t.traces(&p.Edoc, traces)
		}
	}
	return p
}

// header finds the element with the fields, which one product calls Status, and the header around it, under whatever envelope.
func (t *taker) header(root *element) (head, about *element) {
	if head = root.find("edxmlheader"); head != nil {
		about = head.child("messageheader", "status")
		return head, about
	}
	if about = root.find("messageheader"); about != nil {
		return about.up, about
	}
	return nil, nil
}

func (t *taker) edoc(h *element) Edoc {
	var e Edoc
	e.From = t.organ(h.child("from"))
	for _, to := range h.all("to") {
		if o := t.organ(to); o != (Organ{}) {
			e.To = append(e.To, o)
		}
	}
	e.DocumentID = t.text(h, "documentid", identity)
	code := h.child("code")
	e.Number, e.Notation = splitCode(t.text(code, "codenumber", line), t.text(code, "codenotation", line))
	at := h.child("promulgationinfo")
	e.Place, e.Date = t.text(at, "place", line), t.day(at, "promulgationdate", "1.4")
	kind := h.child("documenttype")
	e.Type = DocumentType{t.number(kind, "type", administrative, "1.5"), max(t.number(kind, "typedetail", 0, "1.5"), 0), t.text(kind, "typename", line)}
	e.Subject, e.Content = t.text(h, "subject", line), t.text(h, "content", lines)
	signer := h.child("signerinfo")
	e.Signer = Signer{t.text(signer, "competence", line), t.text(signer, "position", line), t.text(signer, "fullname", line)}
	e.Due = t.day(h, "duedate", "1.9")
	e.Other = t.other(h.child("otherinfo"))
	for _, r := range h.all("responsefor") {
		if ref := t.reference(r); ref != (Reference{}) {
			e.Answers = append(e.Answers, ref)
		}
	}
	e.Steering = Steering(t.number(h, "steeringtype", int(NoSteering), "1.13"))
	e.Tasks = t.texts(h.child("responsefortask"), "taskcode", identity)
	e.Application = t.text(h, "applicationtype", identity)
	e.ToPlaces = t.texts(h.child("toplaces"), "place", line)
	return e
}

// splitCode parts a number that stands with its notation in one of the two places.
func splitCode(number, notation string) (string, string) {
	if number == "" && notation != "" && notation[0] >= '0' && notation[0] <= '9' && !normative(notation) {
		number = notation
	}
	so, rest, whole := strings.Cut(number, "/")
	switch {
	case !whole:
	case notation == "", notation == number, notation == rest:
		return strings.TrimSpace(so), strings.TrimSpace(rest)
	default: // 12/2025 and NĐ-CP
		return strings.TrimSpace(so), strings.TrimSpace(rest) + "/" + notation
	}
	return number, notation
}

func (t *taker) organ(e *element) Organ {
	return Organ{
		ID: t.text(e, "organid", identity), InCharge: t.text(e, "organizationincharge", line), Name: t.text(e, "organname", line),
		Address: t.text(e, "organadd", line), Email: t.text(e, "email", line), Phone: t.text(e, "telephone", line),
		Fax: t.text(e, "fax", line), Website: t.text(e, "website", line),
	}
}

func (t *taker) other(e *element) Other {
	o := Other{
		Priority: Priority(t.number(e, "priority", int(Ordinary), "1.11")), Sphere: t.text(e, "sphereofpromulgation", line),
		Typist: t.text(e, "typernotation", line), Copies: max(t.number(e, "promulgationamount", 0, "1.11"), 0),
		Pages: max(t.number(e, "pageamount", 0, "1.11"), 0), ReplyFors: t.text(e, "replyfors", line),
		ReferenceCodes: t.text(e, "referencecodes", line), Appendixes: t.texts(e.child("appendixes"), "appendix", line),
	}
	direction := strings.ToLower(t.text(e, "direction", line))
	o.Direction = direction == "true" || direction == "1"
	if o.Priority == ordinaryToo {
		o.Priority = Ordinary
	}
	return o
}

// reference reads a document that is answered. One builder puts agency and number in one another's place; only a number has a slash.
func (t *taker) reference(e *element) Reference {
	r := Reference{t.text(e, "organid", identity), t.text(e, "code", line), t.text(e, "documentid", identity), t.day(e, "promulgationdate", "1.12")}
	if strings.Contains(r.OrganID, "/") && !strings.Contains(r.Code, "/") {
		r.OrganID, r.Code = r.Code, r.OrganID
		t.add(Swapped, Warning, e.path, qcvn("1.12"))
	}
	return r
}

func (t *taker) staff(e *element) Staff {
	return Staff{
		Department: t.text(e, "department", line), DepartmentID: t.text(e, "departmentid", identity), Name: t.text(e, "staff", line),
		ID: t.text(e, "staffid", identity), Email: t.text(e, "email", line), Mobile: t.text(e, "mobile", line),
	}
}

func (t *taker) status(h *element) Status {
	s := Status{From: t.organ(h.child("from")), About: t.reference(h.child("responsefor")), Staff: t.staff(h.child("staffinfo")),
		Description: t.text(h, "description", lines), At: t.stamp(h, "timestamp", "")}
	s.Code = StatusCode(sidecar.StatusCode(t.text(h, "statuscode", line)))
	return s
}

func (t *taker) traces(e *Edoc, list *element) {
	b := list.child("bussiness")
	e.Business = Business{
		DocumentID: t.text(b, "documentid", identity), Kind: Change(t.number(b, "bussinessdoctype", int(New), "2.2.1")),
		Reason: t.text(b, "bussinessdocreason", lines), Paper: t.number(b, "paper", 0, "2.2.6") == 1,
		Staff: t.staff(b.child("staffinfo")),
	}
	if u := b.child("bussinessdocumentinfo"); u != nil {
		e.Business.Update = &Update{Document: t.number(u, "documentinfo", 0, "2.2.3") == 1, Receivers: t.number(u, "documentreceiver", 0, "2.2.3") == 1}
		for _, r := range u.child("receiverlist").all("receiver") {
			e.Business.Update.List = append(e.Business.Update.List, Receiver{t.text(r, "organid", identity), t.number(r, "receivertype", 0, "2.2.3")})
		}
	}
	for _, r := range b.child("replacementinfolist").all("replacementinfo") {
		e.Business.Replaces = append(e.Business.Replaces, Replacement{t.text(r, "documentid", identity), t.texts(r.child("organidlist"), "organid", identity)})
	}
	for _, h := range list.all("traceheader") {
		if hop := (Hop{t.text(h, "organid", identity), t.stamp(h, "timestamp", "2.1")}); hop != (Hop{}) {
			e.Trace = append(e.Trace, hop)
		}
	}
}

// text takes the value of a child. Of several different ones the first counts.
func (t *taker) text(e *element, name string, f form) string {
	first := ""
	for _, k := range e.all(name) {
		value := f.of(string(k.text))
		switch {
		case first == "":
			first = value
		case value != "" && value != first:
			t.add(Repeating, Warning, k.path, "")
		}
	}
	return first
}

func (t *taker) texts(e *element, name string, f form) []string {
	var out []string
	for _, k := range e.all(name) {
		if value := f.of(string(k.text)); value != "" {
			out = append(out, value)
		}
	}
	return out
}

// number takes a number; what is none counts as absent.
func (t *taker) number(e *element, name string, absent int, rule string) int {
	value := t.text(e, name, line)
	if value == "" {
		return absent
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		t.add(BadForm, Warning, e.child(name).path, qcvn(rule))
		return absent
	}
	return n
}

// day takes a date in any usual form.
func (t *taker) day(e *element, name, rule string) string {
	value := t.text(e, name, line)
	if value == "" {
		return ""
	}
	iso, ok := vanban.StatedDay(value)
	if !ok {
		t.add(BadForm, Warning, e.child(name).path, qcvn(rule))
	}
	return iso
}

// stamp takes a time. One that names no zone is of Vietnam.
func (t *taker) stamp(e *element, name, rule string) time.Time {
	value := t.text(e, name, line)
	if value == "" {
		return time.Time{}
	}
	for _, form := range []string{stampForm, "2006-01-02 15:04:05", time.RFC3339Nano, "2006-01-02T15:04:05", "2/1/2006 15:04:05", "2006/1/2 15:4:5", "2006/01/02", time.DateOnly, "2/1/2006"} {
		if at, err := time.ParseInLocation(form, value, vietnam()); err == nil {
			return second(at)
		}
	}
	t.add(BadForm, Warning, e.child(name).path, qcvn(rule))
	return time.Time{}
}
