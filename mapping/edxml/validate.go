package edxml

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Validate says what keeps a document from being written (faults), and what receivers may stumble over.
func (e Edoc) Validate() []Finding {
	e = e.normal()
	e.Secrecy = secrecy(e.Secrecy, e.fields())
	return e.check()
}

// check is Validate of a document in its normal form, whose secrecy was looked for.
func (e *Edoc) check() []Finding {
	c := checks{strict: true}
	c.edoc(e)
	return c.list
}

// Validate says what keeps a status from being written, and what receivers may stumble over.
func (s Status) Validate() []Finding {
	s = s.normal()
	s.Secrecy = secrecy(s.Secrecy, s.fields())
	return s.check()
}

func (s *Status) check() []Finding {
	c := checks{strict: true}
	c.status(s)
	return c.list
}

// checks holds a package against the standard: strictly what we write; of what others wrote only the worst is a fault.
type checks struct {
	report
	strict bool
}

// wrong notes what must not be written, but is borne with when read.
func (c *checks) wrong(code Code, path, rule string) {
	severity := Warning
	if c.strict {
		severity = Fault
	}
	c.add(code, severity, path, qcvn(rule))
}

func (c *checks) need(value, path, rule string) {
	if value == "" {
		c.wrong(Missing, path, rule)
	}
}

// fatal notes what no package can do without, read or written.
func (c *checks) fatal(path, rule string) { c.add(Missing, Fault, path, qcvn(rule)) }

func (c *checks) edoc(e *Edoc) {
	c.secret(e.Secrecy)
	c.header(e)
	c.texts(e.fields())
	for i := range e.Answers {
		c.reference(&e.Answers[i], nth("MessageHeader/ResponseFor", i), "1.12")
	}
	c.business(&e.Business)
	c.trace(e.Trace)
	c.files(e)
}

// secret notes a mark of secrecy: nothing that bears one is written, and a person sees what was received with one.
func (c *checks) secret(level vanban.Secrecy) {
	if level == "" {
		return
	}
	severity := Warning
	if c.strict {
		severity = Fault
	}
	c.add(Secret, severity, "", "QĐ 28/2018, Điều 1.2")
}

func (c *checks) header(e *Edoc) {
	const h = "MessageHeader/"
	if e.From.ID == "" {
		c.fatal(h+"From/OrganId", "1.1")
	}
	c.need(e.From.Name, h+"From/OrganName", "1.1")
	c.receivers(e.To)
	if e.DocumentID == "" && e.Number == "" && e.Notation == "" {
		c.fatal(h+"DocumentId", "1.14")
	}
	c.need(e.DocumentID, h+"DocumentId", "1.14")
	c.need(e.Number, h+"Code/CodeNumber", "1.3")
	c.need(e.Notation, h+"Code/CodeNotation", "1.3")
	c.need(e.Date, h+"PromulgationInfo/PromulgationDate", "1.4")
	c.day(e.Date, h+"PromulgationInfo/PromulgationDate", "1.4")
	c.day(e.Due, h+"DueDate", "1.9")
	c.need(e.Type.Name, h+"DocumentType/TypeName", "1.5")
	if _, ok := e.Type.Known(); !ok && e.Type.Name != "" && row(legalTypes(), e.Type.Name)+row(ordinaryTypes(), e.Type.Name) == 0 {
		c.add(UnknownCode, Warning, h+"DocumentType/TypeName", qcvn("1.5"))
	}
	c.need(e.Subject, h+"Subject", "1.6")
	c.span(e.Type.Number, 0, 99, h+"DocumentType/Type", "1.5")
	c.span(e.Type.Detail, 0, 99, h+"DocumentType/TypeDetail", "1.5")
	c.span(int(e.Other.Priority), int(Ordinary), int(ExpressByHour), h+"OtherInfo/Priority", "1.11")
	c.span(int(e.Steering), int(NoSteering), int(Reports), h+"SteeringType", "1.13")
	c.amount(e.Other.Copies, h+"OtherInfo/PromulgationAmount")
	c.amount(e.Other.Pages, h+"OtherInfo/PageAmount")
	total := 0
	for _, p := range e.ToPlaces {
		total += utf8.RuneCountInString(p)
	}
	if total > maxPlaces {
		c.wrong(TooLong, h+"ToPlaces", "1.10")
	}
}

func (c *checks) receivers(to []Organ) {
	if !slices.ContainsFunc(to, func(o Organ) bool { return o.ID != "" }) {
		c.fatal("MessageHeader/To/OrganId", "1.2")
	}
	seen := map[string]bool{}
	for i, o := range to {
		path := nth("MessageHeader/To", i) + "/OrganId"
		c.need(o.ID, path, "1.2")
		if seen[o.ID] && o.ID != "" {
			c.wrong(Duplicate, path, "1.2")
		}
		seen[o.ID] = true
	}
}

func (c *checks) business(b *Business) {
	const at = "TraceHeaderList/Bussiness"
	c.span(int(b.Kind), int(New), int(Replacing), at+"/BussinessDocType", "2.2.1")
	if b.Kind != New {
		c.need(b.Reason, at+"/BussinessDocReason", "2.2.2")
	}
	switch {
	case b.Update != nil && b.Kind != Updated:
		c.wrong(Misplaced, at+"/BussinessDocumentInfo", "2.2.3")
	case b.Update != nil:
		for i, r := range b.Update.List {
			path := nth(at+"/BussinessDocumentInfo/ReceiverList/Receiver", i)
			c.need(r.OrganID, path+"/OrganId", "2.2.3")
			c.span(r.Kind, 0, 1, path+"/ReceiverType", "2.2.3")
		}
	}
	switch {
	case b.Kind == Replacing && len(b.Replaces) == 0:
		c.wrong(Missing, at+"/ReplacementInfoList", "2.2.8")
	case b.Kind != Replacing && len(b.Replaces) > 0:
		c.wrong(Misplaced, at+"/ReplacementInfoList", "2.2.8")
	}
	for i, r := range b.Replaces {
		c.need(r.DocumentID, nth(at+"/ReplacementInfoList/ReplacementInfo", i)+"/DocumentId", "2.2.8")
	}
}

func (c *checks) trace(hops []Hop) {
	if len(hops) == 0 {
		c.wrong(Missing, "TraceHeaderList/TraceHeader", "2.1")
	}
	for i, h := range hops {
		if !writable(h.At) {
			c.wrong(Missing, nth("TraceHeaderList/TraceHeader", i)+"/Timestamp", "2.1")
		}
	}
}

func (c *checks) files(e *Edoc) {
	if len(e.Files) == 0 && e.Business.Kind != Recalled {
		c.add(NoFiles, Warning, "AttachmentEncoded", "")
	}
	seen := map[string]bool{}
	for i, f := range e.Files {
		path := nth("AttachmentEncoded/Attachment", i)
		c.need(f.ContentID, path+"/ContentId", "")
		c.need(f.Name, path+"/AttachmentName", "")
		if seen[f.ContentID] && f.ContentID != "" {
			c.wrong(Duplicate, path+"/ContentId", "")
		}
		seen[f.ContentID] = true
		switch {
		case f.Missing:
			c.wrong(FilesDiffer, path, "")
		case f.Damaged:
			c.wrong(FileDamaged, path, "")
		case f.Size < 0:
			c.wrong(OutOfRange, path, "")
		case f.Size == 0:
			c.add(FileEmpty, Warning, path, "")
		}
	}
}

func (c *checks) status(s *Status) {
	const h = "MessageHeader/"
	c.secret(s.Secrecy)
	if s.From.ID == "" {
		c.fatal(h+"From/OrganId", "1.1")
	}
	if s.About.DocumentID == "" && s.About.Code == "" {
		c.fatal(h+"ResponseFor/DocumentId", "1.12")
	}
	c.need(s.About.OrganID, h+"ResponseFor/OrganId", "1.12")
	c.need(s.About.Code, h+"ResponseFor/Code", "1.12")
	c.need(s.About.DocumentID, h+"ResponseFor/DocumentId", "1.12")
	c.reference(&s.About, h+"ResponseFor", "1.12")
	c.texts(s.fields())
	switch {
	case s.Code == "":
		c.fatal(h+"StatusCode", "")
	case !s.Code.Known():
		c.wrong(UnknownCode, h+"StatusCode", "")
	case s.Code.NeedsReason() && s.Description == "":
		c.wrong(Missing, h+"Description", "")
	}
	if !writable(s.At) {
		c.wrong(Missing, h+"Timestamp", "")
	}
}

func (c *checks) reference(r *Reference, path, rule string) {
	c.day(r.Date, path+"/PromulgationDate", rule)
}

// texts checks every text: its length, and what it may be made of.
func (c *checks) texts(fields []field) {
	for _, f := range fields {
		v := *f.value
		switch {
		case v == "":
			continue
		case !printable(v):
			c.wrong(BadForm, f.path, f.rule)
		case strings.ContainsRune(v, '\uFFFD'):
			c.add(BadBytes, Warning, f.path, "")
		}
		if strings.HasSuffix(f.path, "OrganId") || strings.Contains(f.path, "OrganIdList/") {
			c.organID(v, f.path, f.rule)
			continue
		}
		if f.max > 0 && utf8.RuneCountInString(v) > f.max {
			if f.whole {
				c.add(TooLong, Warning, f.path, register)
			} else {
				c.wrong(TooLong, f.path, f.rule)
			}
		}
	}
}

// plainID is what the schema of the official builder's packages has for a mã định danh; anyID is what local axes have besides.
var (
	plainID = regexp.MustCompile(`^[0-9A-Z]{2,3}(\.[0-9A-Z]{1,4}){0,7}$`)
	anyID   = regexp.MustCompile(`^[0-9A-Za-zĐđ]+([._-][0-9A-Za-zĐđ]+)*$`)
)

func (c *checks) organID(id, path, rule string) {
	switch {
	case !anyID.MatchString(id) || utf8.RuneCountInString(id) > maxOrganID:
		c.wrong(BadForm, path, rule)
	case !plainID.MatchString(id):
		c.add(UnknownCode, Warning, path, qcvn(rule))
	}
}

func (c *checks) day(value, path, rule string) {
	if value == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		c.wrong(BadForm, path, rule)
	}
}

func (c *checks) span(n, least, most int, path, rule string) {
	if n < least || n > most {
		c.wrong(OutOfRange, path, rule)
	}
}

// amount has room for three digits in the register.
func (c *checks) amount(n int, path string) {
	c.span(n, 0, max(n, 0), path, "1.11")
	if n > 999 {
		c.add(TooLong, Warning, path, register)
	}
}

// writable says whether a time has a place in a stamp of four digits of year.
func writable(t time.Time) bool {
	y := t.In(vietnam()).Year()
	return !t.IsZero() && y >= 1 && y <= 9999
}

// printable says whether XML 1.0 can hold the text.
func printable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xfffe || r == 0xffff {
			return false
		}
	}
	return true
}

// secrecy gives the độ mật of what is to be written: what is known of it, or a mark in one of its texts. In doubt it is a mark.
func secrecy(known vanban.Secrecy, fields []field) vanban.Secrecy {
	if known != "" {
		return known
	}
	for _, f := range fields {
		if !marked(f.path) {
			continue
		}
		list := strings.SplitN(*f.value, "\n", maxLines)
		list[len(list)-1] = strings.ReplaceAll(list[len(list)-1], "\n", " - ")
		for _, l := range list {
			if level, _ := vanban.SecretInName(l); level != "" {
				return level
			}
		}
	}
	return ""
}

// maxLines is how many lines of a text are looked at one by one; the others are taken as one, which costs less.
const maxLines = 100

// marked says whether a text may bear a mark of secrecy: those that people write about a document, not names and addresses of agencies.
func marked(path string) bool {
	for _, end := range []string{"/Subject", "/Content", "/TypeName", "/Appendix", "/AttachmentName", "/Description", "/BussinessDocReason"} {
		if strings.HasSuffix(strings.TrimRight(path, "[]0123456789"), end) {
			return true
		}
	}
	return false
}
