package sidecar

import (
	"path"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// maxListed bounds receivers, answered documents and files.
const maxListed = 500

// edoc is an edXML package while it is read: its values by their place, and the groups that repeat.
type edoc struct {
	values    map[string]string // first value of each place
	code      bool              // a StatusCode was seen: the package is a status
	organ     Organ
	reference struct{ organ, number, date, id string }
	file      struct{ id, name string }
	manifest  []packaged
	attached  []packaged
	places    []string
}

// packaged is a file that a package lists or holds. Manifest and contents belong together by the id.
type packaged struct{ id, name string }

// take takes a value by its section and place (QCVN 102:2016, as builders write it; order does not matter).
func (e *edoc) take(section, place, value string, x *reading) {
	group, last := "", place
	if i := strings.LastIndexByte(place, '/'); i >= 0 {
		group, last = place[:i], place[i+1:]
	}
	switch {
	case section == "header" && (group == "from" || group == "to"):
		e.takeOrgan(last, value)
	case section == "header" && group == "responsefor":
		e.takeReference(last, value)
	case section == "header" && place == "toplaces/place":
		if len(e.places) < maxListed {
			e.places = append(e.places, value)
		}
	case section == "manifest" || section == "attached":
		switch last {
		case "contentid":
			e.file.id = strings.TrimPrefix(value, "cid:")
		case "attachmentname":
			e.file.name = fileName(value)
		}
	case section == "trace" && place == "bussiness/replacementinfolist/replacementinfo/documentid":
		if c := &x.out.Change; len(c.Replaces) < maxListed && !slices.Contains(c.Replaces, value) {
			c.Replaces = append(c.Replaces, value)
		}
	case section == "header" || section == "trace":
		e.set(section+"/"+place, value, x)
	}
}

func (e *edoc) set(place, value string, x *reading) {
	if e.values == nil {
		e.values = map[string]string{}
	}
	e.code = e.code || place == "header/statuscode"
	have, ok := e.values[place]
	switch {
	case ok && have != value && strings.HasPrefix(place, "header/") && !strings.HasPrefix(place, "header/otherinfo/"):
		x.note(Repeated, place)
	case !ok && len(e.values) < 200:
		e.values[place] = value
	}
}

func (e *edoc) takeOrgan(name, value string) {
	for n, to := range map[string]*string{"organid": &e.organ.Code, "organname": &e.organ.Name, "organizationincharge": &e.organ.Parent, "email": &e.organ.Email} {
		if n == name && *to == "" {
			*to = value
		}
	}
}

func (e *edoc) takeReference(name, value string) {
	r := &e.reference
	for n, to := range map[string]*string{"organid": &r.organ, "code": &r.number, "promulgationdate": &r.date, "documentid": &r.id} {
		if n == name && *to == "" {
			*to = value
		}
	}
}

// close ends a group that repeats.
func (e *edoc) close(place string, x *reading) {
	switch place {
	case "header/from":
		if x.out.Sender == (Organ{}) {
			x.out.Sender = e.organ
		}
		e.organ = Organ{}
	case "header/to":
		if e.organ != (Organ{}) && len(x.out.Receivers) < maxListed && !slices.Contains(x.out.Receivers, e.organ) {
			x.out.Receivers = append(x.out.Receivers, e.organ)
		}
		e.organ = Organ{}
	case "header/responsefor":
		e.closeReference(x)
	case "manifest/reference", "attached/attachment":
		list := &e.manifest
		if place == "attached/attachment" {
			list = &e.attached
		}
		if e.file.name != "" && len(*list) < maxListed {
			*list = append(*list, e.file)
		}
		e.file = packaged{}
	}
}

// closeReference takes a document that is answered. One builder swaps the agency's code and the number; only a number has a slash.
func (e *edoc) closeReference(x *reading) {
	r := e.reference
	e.reference.organ, e.reference.number, e.reference.date, e.reference.id = "", "", "", ""
	if strings.Contains(r.organ, "/") && !strings.Contains(r.number, "/") {
		r.organ, r.number = r.number, r.organ
	}
	ref := Reference{Issuer: Organ{Code: r.organ}, DocumentID: r.id}
	if r.number != "" {
		d := vanban.New()
		x.number(&d, r.number, "", "responsefor/code", sure)
		ref.Number = d.SoHieu
	}
	if r.date != "" {
		var ok bool
		if ref.Date, _, ok = day(r.date); !ok {
			x.note(BadValue, "responsefor/promulgationdate")
		}
	}
	x.answered(ref)
}

// packageOf fills in what a package says.
func (x *reading) packageOf(confidence float64) {
	e := &x.document
	x.out.DocumentID = e.values["header/documentid"]
	if e.code {
		x.statusPackage(confidence)
		return
	}
	x.edocFields(confidence)
	for _, place := range e.places {
		x.out.Document.Take("noi_nhan", place, vanban.FromSidecar, confidence)
	}
	for _, a := range x.out.Answers {
		x.out.Document.Take("tra_loi", a.Number, vanban.FromSidecar, confidence)
	}
	switch StatusCode(e.values["trace/bussiness/bussinessdoctype"]) {
	case "01":
		x.out.Change.Kind = Recall
	case "02":
		x.out.Change.Kind = Update
	case "03":
		x.out.Change.Kind = Replace
	}
	if x.out.Change.Kind != "" {
		x.out.Change.Reason = e.values["trace/bussiness/bussinessdocreason"]
	}
	x.listFiles()
	if len(x.out.Receivers) == 0 || x.out.Sender.Code == "" || x.out.DocumentID == "" && x.out.Document.SoHieu == "" {
		x.note(Incomplete, "")
	}
}

// edocFields fills in the document's fields. The type goes by its name: builders disagree on the numbers.
func (x *reading) edocFields(confidence float64) {
	v, d := x.document.values, &x.out.Document
	if so, ky := v["header/code/codenumber"], v["header/code/codenotation"]; so != "" || ky != "" {
		x.number(d, so, ky, "code", confidence)
	}
	if value := v["header/promulgationinfo/promulgationdate"]; value != "" {
		x.day(d, value, "promulgationdate", confidence)
	}
	for _, f := range []struct{ place, field string }{
		{"promulgationinfo/place", "dia_danh"}, {"documenttype/typename", "loai_van_ban"}, {"subject", "trich_yeu"},
		{"signerinfo/competence", "quyen_han_ky"}, {"signerinfo/position", "chuc_vu"}, {"signerinfo/fullname", "nguoi_ky"},
	} {
		value := v["header/"+f.place]
		if value == "" || f.field == "dia_danh" && d.DiaDanh != "" {
			continue
		}
		if !d.Take(f.field, value, vanban.FromSidecar, confidence) && f.field != "quyen_han_ky" {
			x.note(BadValue, f.place)
		}
	}
	if x.out.Sender.Name != "" {
		d.Take("co_quan_ban_hanh", x.out.Sender.Name, vanban.FromSidecar, confidence)
	}
	if parent := x.out.Sender.Parent; parent != "" && parent != x.out.Sender.Name {
		d.Take("co_quan_chu_quan", parent, vanban.FromSidecar, confidence)
	}
	if value := v["header/otherinfo/priority"]; priorities[value] != "" && d.Take("do_khan", priorities[value], vanban.FromSidecar, confidence) {
		reworded(d, "do_khan", "Priority "+value)
	}
	x.out.Pages = v["header/otherinfo/pageamount"]
	if value := v["header/duedate"]; value != "" {
		var ok bool
		if x.out.Due, _, ok = day(value); !ok {
			x.note(BadValue, "duedate")
		}
	}
}

// priorities are the values of Priority that mean an urgency; 0, and 5 of one product, mean none.
var priorities = map[string]string{"1": "Khẩn", "2": "Thượng khẩn", "3": "Hỏa tốc", "4": "Hỏa tốc"}

// statusPackage fills in what a status tells: its document is the one that it answers.
func (x *reading) statusPackage(confidence float64) {
	v := x.document.values
	x.out.Report = Report{Code: StatusCode(v["header/statuscode"]), Text: v["header/description"], At: v["header/timestamp"],
		Unit: v["header/staffinfo/department"], Staff: v["header/staffinfo/staff"]}
	if len(x.out.Answers) > 0 {
		a := x.out.Answers[0]
		if x.out.DocumentID == "" {
			x.out.DocumentID = a.DocumentID
		}
		if a.Number != "" {
			x.out.Document.TakeNumber(a.Number, "", vanban.FromSidecar, confidence)
		}
		if a.Date != "" {
			x.out.Document.Take("ngay_ban_hanh", a.Date, vanban.FromSidecar, confidence)
		}
	}
	if x.out.Sender.Code == "" || len(x.out.Answers) == 0 {
		x.note(Incomplete, "")
	}
}

// listFiles joins manifest and contents: all names, in the manifest's order, an annex never before the document.
func (x *reading) listFiles() {
	e := &x.document
	list := e.manifest
	for _, a := range e.attached {
		at := slices.IndexFunc(list, func(m packaged) bool { return a.id != "" && m.id == a.id || a.id == "" && m.name == a.name })
		if at < 0 || list[at].name != a.name {
			x.note(FilesDiffer, "")
		}
		if at < 0 {
			list = append(list, a)
		}
	}
	if len(e.attached) > 0 && len(e.attached) < len(e.manifest) {
		x.note(FilesDiffer, "")
	}
	for _, f := range list {
		x.out.Files = append(x.out.Files, f.name)
	}
	slices.SortStableFunc(x.out.Files, func(a, b string) int { return annex(a) - annex(b) })
}

// annex is 1 for a file that is an annex by its name.
func annex(name string) int {
	folded := strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(vanban.Fold(name)) + " "
	for _, words := range []string{"phu luc ", "pl ", "bieu mau ", "danh sach kem theo ", "kem theo "} {
		if strings.HasPrefix(folded, words) || strings.Contains(folded, " "+words) {
			return 1
		}
	}
	return 0
}

// fileName is a name without folders.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	if s == "." || s == "/" || s == ".." {
		return ""
	}
	if r := []rune(s); len(r) > 255 {
		s = string(r[:255])
	}
	return s
}
