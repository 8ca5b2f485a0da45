package mapping

import (
	"testing"

	"github.com/giaolien/giaolien/parser/vanban"
)

// What a mail says that its document does to an earlier one, with the key that this one stands under.
func TestRelationsOfMails(t *testing.T) {
	dir := read(t, merged)
	for _, c := range []struct {
		subject, body string
		want          Relation // Kind, SoHieu, Ngay, Same
		key           string
	}{
		{"(15/UBND-TH) V/v thu hồi Công văn số 12/UBND-TH ngày 2/3/2025", "", Relation{Kind: Recalls, SoHieu: "12/UBND-TH", Ngay: "2025-03-02"}, "12|ubnd-th|qt|2025"},
		{"Báo cáo số 15/UBND-TH về thiên tai", "Báo cáo này thay thế Báo cáo số 12/UBND-TH.", Relation{Kind: Replaces, SoHieu: "12/UBND-TH"}, "12|ubnd-th|qt|2025"},
		{"Báo cáo số 12/UBND-TH về thiên tai (thay thế)", "", Relation{Kind: Replaces, Same: true}, "12|ubnd-th|qt|2025"},
		{"Báo cáo số 12/UBND-TH về thiên tai, đính chính Báo cáo số 12/UBND-TH", "", Relation{Kind: Corrects, SoHieu: "12/UBND-TH", Same: true}, "12|ubnd-th|qt|2025"},
		{"Báo cáo số 12/UBND-TH về thiên tai", "", Relation{}, ""},
		{"(15/QĐ-UBND) Quyết định thu hồi Quyết định số 12/QĐ-UBND", "", Relation{}, ""},
	} {
		m := mailed("vanthu@quangtri.example.vn", "")
		m.Subject, m.Text = c.subject, c.body
		m.Attachments[0].Name = "van-ban.pdf"
		got := Records(m, Input{}, dir, in2025)[0].Relations
		if c.want.Kind == "" {
			if len(got) != 0 {
				t.Errorf("%q: %+v", c.subject, got)
			}
			continue
		}
		if len(got) != 1 {
			t.Errorf("%q: %+v", c.subject, got)
			continue
		}
		r := got[0]
		if r.Kind != c.want.Kind || r.SoHieu != c.want.SoHieu || r.Ngay != c.want.Ngay || r.Same != c.want.Same || len(r.Keys) == 0 || r.Keys[0] != c.key || r.Source.Evidence == "" {
			t.Errorf("%q: %+v", c.subject, r)
		}
	}
}

// A name that is said twice is one relation; what is told with a number is not told again without one.
func TestRelationsAreToldOnce(t *testing.T) {
	rec := Record{Document: vanban.New(), Relations: []Relation{}}
	rec.says("thay thế Công văn số 12/SNV-VP", vanban.FromSubject, 1, in2025)
	rec.says("gửi thay thế bản đã gửi; thay thế công văn số 012/SNV-VP", vanban.FromText, 1, in2025)
	if len(rec.Relations) != 1 || rec.Relations[0].SoHieu != "12/SNV-VP" {
		t.Errorf("%+v", rec.Relations)
	}
}
