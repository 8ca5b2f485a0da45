package bridge

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/vanban"
)

// FormFault is one thing that keeps a form from being taken: the field by its JSON name, "scan" for the scan, and a stable code.
type FormFault struct {
	Field string   `json:"field"`
	Code  FormCode `json:"code"`
}

// FormCode says what is wrong with a field.
type FormCode string

const (
	FormMissing FormCode = "missing"
	FormInvalid FormCode = "invalid"  // not written as such a field is
	FormUnknown FormCode = "unknown"  // written well, and there is no such agency or record
	FormFuture  FormCode = "future"   // later than now, or than the stamp
	FormTooLong FormCode = "too-long" // no such field is that long, no scan that large
	FormSecret  FormCode = "secret"   // words of a document with a độ mật are not typed here
)

const (
	maxSubject = 1000 // letters, as many as a correction may have
	maxField   = 300
	maxPages   = 100000
	maxScan    = 200 << 20       // bytes
	clockDrift = 5 * time.Minute // how far the stamp may be ahead of our clock
	firstYear  = 1945            // of a stamp, as of documents (vanban.Check)
)

// FormChecks is what a form is checked against, whoever filled it: a command line or a page.
type FormChecks struct {
	Now       time.Time
	Directory *directory.Directory // that is in force
	Receivers []string             // receiving agencies
	Scan      *ScanFacts           // nil: there is none
}

// ScanFacts is what is asked of a scan before it is taken.
type ScanFacts struct {
	Head []byte // its first bytes, 8 are enough
	Size int64
}

// ParseStamp reads the day and hour of a stamp ĐẾN as people write them in Vietnam, or as RFC 3339; false for anything else.
func ParseStamp(text string) (time.Time, bool) {
	text = strings.Join(strings.Fields(text), " ")
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", "2/1/2006 15:04", "15:04 2/1/2006"} {
		if t, err := time.ParseInLocation(layout, text, hanoi); err == nil {
			return t.UTC(), true
		}
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err == nil
}

// Typed is the form as it is kept: every field in the one form that such fields are compared and printed in, the agency by its id. What cannot
// be read so stays as it was typed, and Faults names it.
func (f PaperForm) Typed(dir *directory.Directory) PaperForm {
	for _, text := range []*string{&f.Receiver, &f.By, &f.Agency, &f.Author, &f.Number, &f.Date, &f.Type, &f.Subject, &f.Signer, &f.Seal} {
		*text = strings.Join(strings.Fields(charset.Clean(*text, 2*maxSubject)), " ")
	}
	for _, field := range f.written() {
		if normal, err := vanban.Check(field.as, *field.text); err == nil {
			*field.text = normal
		}
	}
	f.Urgency = vanban.Urgency(code(string(f.Urgency)))
	f.Secrecy = vanban.Secrecy(code(string(f.Secrecy)))
	if a, ok := dir.Find(f.Agency, f.StampedAt); ok && f.Agency != "" {
		f.Agency = a.ID
	}
	return f
}

// code turns the words of a stamp into their code: "Hỏa tốc" is hoa-toc.
func code(words string) string {
	return strings.ReplaceAll(vanban.Fold(strings.Join(strings.Fields(words), " ")), " ", "-")
}

// writtenField is a field that must be written in a certain way.
type writtenField struct {
	name, as string // its JSON name, and the name by which vanban.Check knows it
	text     *string
}

// written are the fields that were typed and that vanban knows how to read.
func (f *PaperForm) written() []writtenField {
	all := []writtenField{{"so_hieu", "so_hieu", &f.Number}, {"ngay_ban_hanh", "ngay_ban_hanh", &f.Date}, {"loai", typeField(f.Type), &f.Type},
		{"trich_yeu", "trich_yeu", &f.Subject}}
	return slices.DeleteFunc(all, func(w writtenField) bool { return *w.text == "" })
}

// typeField says whether a type is written by its name or, as nobody writes a name in capitals, by its abbreviation.
func typeField(s string) string {
	if strings.ContainsRune(s, ' ') || s != strings.ToUpper(s) {
		return "loai_van_ban"
	}
	return "loai_viet_tat"
}

// Faults says what keeps a form from being taken; empty when nothing does. The form is Typed. Of a document with a độ mật only who sent it, when
// it came and the mark are typed: its words stay on the paper (Luật Bảo vệ bí mật nhà nước, Điều 5).
func (f PaperForm) Faults(c FormChecks) []FormFault {
	out := faults{}
	out.add(f.Receiver == "", "receiver", FormMissing)
	out.add(f.Receiver != "" && !slices.Contains(c.Receivers, f.Receiver), "receiver", FormUnknown)
	out.add(f.By == "", "by", FormMissing)
	out.add(f.StampedAt.IsZero(), "stamped_at", FormMissing)
	out.add(f.StampedAt.After(c.Now.Add(clockDrift)), "stamped_at", FormFuture)
	out.add(!f.StampedAt.IsZero() && f.StampedAt.In(hanoi).Year() < firstYear, "stamped_at", FormInvalid)
	out.add(f.Agency == "" && f.Author == "", "agency", FormMissing)
	if f.Agency != "" {
		_, known := c.Directory.Find(f.Agency, f.StampedAt)
		out.add(!known, "agency", FormUnknown)
	}
	out.add(!slices.Contains([]vanban.Urgency{"", vanban.Khan, vanban.ThuongKhan, vanban.HoaToc}, f.Urgency), "do_khan", FormInvalid)
	out.add(!slices.Contains([]vanban.Secrecy{"", vanban.Mat, vanban.ToiMat, vanban.TuyetMat}, f.Secrecy), "do_mat", FormInvalid)
	out.add(!slices.Contains(seals[:], f.Seal), "seal", FormInvalid)
	out.add(f.Pages < 0 || f.Pages > maxPages, "pages", FormInvalid)
	out.add((f.Joins == "") != (f.JoinsKey == ""), "joins", FormInvalid)
	if f.Secrecy != "" {
		out.secretWords(f, c.Scan)
	} else {
		out.words(f)
		out.scan(c.Scan)
	}
	out.lengths(f)
	return out
}

type faults []FormFault

func (out *faults) add(bad bool, field string, code FormCode) {
	if bad {
		*out = append(*out, FormFault{field, code})
	}
}

// words are the faults of what was typed of the document itself.
func (out *faults) words(f PaperForm) {
	out.add(f.Number == "", "so_hieu", FormMissing)
	out.add(f.Subject == "", "trich_yeu", FormMissing)
	tooLong := utf8.RuneCountInString(f.Subject) > maxSubject
	out.add(tooLong, "trich_yeu", FormTooLong)
	for _, w := range f.written() {
		_, err := vanban.Check(w.as, *w.text)
		out.add(err != nil && !(tooLong && w.name == "trich_yeu"), w.name, FormInvalid)
	}
	if _, err := time.Parse(time.DateOnly, f.Date); err == nil {
		out.add(f.Date > f.StampedAt.In(hanoi).Format(time.DateOnly), "ngay_ban_hanh", FormFuture)
	}
}

// lengths bounds the other fields: a form must be read again from what it is kept as.
func (out *faults) lengths(f PaperForm) {
	for _, s := range []struct{ field, text string }{{"receiver", f.Receiver}, {"agency", f.Agency}, {"so_hieu", f.Number}, {"loai", f.Type}, {"nguoi_ky", f.Signer},
		{"author", f.Author}, {"by", f.By}, {"joins", f.Joins}, {"joins", f.JoinsKey}} {
		out.add(utf8.RuneCountInString(s.text) > maxField, s.field, FormTooLong)
	}
}

func (out *faults) scan(s *ScanFacts) {
	if s == nil {
		return
	}
	out.add(ScanType(s.Head) == "", "scan", FormInvalid)
	out.add(s.Size > maxScan, "scan", FormTooLong)
}

// secretWords are the fields of a secret document that must not have been typed.
func (out *faults) secretWords(f PaperForm, scan *ScanFacts) {
	for _, s := range []struct {
		field string
		typed bool
	}{{"so_hieu", f.Number != ""}, {"ngay_ban_hanh", f.Date != ""}, {"loai", f.Type != ""}, {"trich_yeu", f.Subject != ""}, {"nguoi_ky", f.Signer != ""},
		{"joins", f.Joins != ""}, {"scan", scan != nil}} {
		out.add(s.typed, s.field, FormSecret)
	}
}

// hanoi is the zone of the stamp ĐẾN. Vietnam has had no other offset since 1975.
var hanoi = time.FixedZone("+07", 7*60*60)
