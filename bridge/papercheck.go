package bridge

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/vanban"
)

// FormFault is one thing that keeps a form from being taken: the field by its JSON name, and a stable code.
type FormFault struct {
	Field string
	Code  FormCode
}

// FormCode says what is wrong with a field.
type FormCode string

const (
	FormMissing FormCode = "missing"
	FormInvalid FormCode = "invalid"  // not written as such a field is
	FormFuture  FormCode = "future"   // later than now, or than the stamp
	FormTooLong FormCode = "too-long" // no such field is that long
	FormSecret  FormCode = "secret"   // words of a document with a độ mật are not typed here
)

const (
	maxSubject = 2000 // letters; the annex of NĐ 30/2020 has 500, and longer ones are sent
	maxField   = 300
	maxPages   = 100000
	clockDrift = 5 * time.Minute // how far the stamp may be ahead of our clock
)

// Faults says what keeps a form from being taken at the instant now; empty when nothing does. Of a document with a độ mật only who sent it,
// when it came and the mark are typed: its words stay on the paper (Luật Bảo vệ bí mật nhà nước, Điều 5).
func (f PaperForm) Faults(now time.Time, scan bool) []FormFault {
	var out []FormFault
	fault := func(bad bool, field string, code FormCode) {
		if bad {
			out = append(out, FormFault{field, code})
		}
	}
	fault(f.Receiver == "", "receiver", FormMissing)
	fault(f.By == "", "by", FormMissing)
	fault(f.StampedAt.IsZero(), "stamped_at", FormMissing)
	fault(f.StampedAt.After(now.Add(clockDrift)), "stamped_at", FormFuture)
	fault(f.Agency == "" && f.Author == "", "agency", FormMissing)
	fault(!slices.Contains([]vanban.Urgency{"", vanban.Khan, vanban.ThuongKhan, vanban.HoaToc}, f.Urgency), "do_khan", FormInvalid)
	fault(!slices.Contains([]vanban.Secrecy{"", vanban.Mat, vanban.ToiMat, vanban.TuyetMat}, f.Secrecy), "do_mat", FormInvalid)
	fault(!slices.Contains([]string{"", "red", "digital", "none"}, f.Seal), "seal", FormInvalid)
	fault(f.Pages < 0 || f.Pages > maxPages, "pages", FormInvalid)
	fault((f.Joins == "") != (f.JoinsKey == ""), "joins", FormInvalid)
	if f.Secrecy != "" {
		return append(out, f.secretWords(scan)...)
	}
	fault(strings.TrimSpace(f.Number) == "", "so_hieu", FormMissing)
	fault(strings.TrimSpace(f.Subject) == "", "trich_yeu", FormMissing)
	if f.Date != "" {
		day, err := time.Parse(time.DateOnly, f.Date)
		fault(err != nil, "ngay_ban_hanh", FormInvalid)
		fault(err == nil && f.Date > f.StampedAt.In(hanoi).Format(time.DateOnly), "ngay_ban_hanh", FormFuture)
		fault(err == nil && day.Year() < 1945, "ngay_ban_hanh", FormInvalid)
	}
	fault(utf8.RuneCountInString(f.Subject) > maxSubject, "trich_yeu", FormTooLong)
	for _, s := range []struct{ field, text string }{{"so_hieu", f.Number}, {"loai", f.Type}, {"nguoi_ky", f.Signer}, {"author", f.Author}, {"by", f.By}} {
		fault(utf8.RuneCountInString(s.text) > maxField, s.field, FormTooLong)
	}
	return out
}

// hanoi is the zone of the stamp ĐẾN. Vietnam has had no other offset since 1975.
var hanoi = time.FixedZone("+07", 7*60*60)

// secretWords are the fields of a secret document that must not have been typed.
func (f PaperForm) secretWords(scan bool) []FormFault {
	var out []FormFault
	for _, s := range []struct {
		field string
		typed bool
	}{{"so_hieu", f.Number != ""}, {"ngay_ban_hanh", f.Date != ""}, {"loai", f.Type != ""}, {"trich_yeu", f.Subject != ""}, {"nguoi_ky", f.Signer != ""},
		{"joins", f.Joins != ""}, {"scan", scan}} {
		if s.typed {
			out = append(out, FormFault{s.field, FormSecret})
		}
	}
	return out
}
