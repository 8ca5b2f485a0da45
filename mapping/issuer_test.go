package mapping

import (
	"slices"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// Mail of August 2025 from a domain of before the reorganisation: the successor sends, the agency of the document's day has issued it.
func TestIssuerIsOfTheDocumentsDay(t *testing.T) {
	dir, _, err := directory.Read("a.csv", []byte("id,name,addresses,valid_from,valid_to,successors\n"+
		"cu,Sở Hải sản tỉnh Quảng Bình,vanthu@haisan.quangbinh.example.vn,,2025-06-30,moi\n"+
		"moi,Sở Hải sản,,2025-07-01,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	received := time.Date(2025, 8, 4, 3, 0, 0, 0, time.UTC)
	m := parser.Message{From: from("vanthu@haisan.quangbinh.example.vn"), Subject: "Công văn số 12/SHS-VP", Attachments: []parser.Attachment{pdfFile("12-SHS-VP.pdf", "d")}}
	for _, c := range []struct{ day, issuer string }{{"2024-11-05", "cu"}, {"2025-06-30", "cu"}, {"2025-07-01", "moi"}, {"", "moi"}} {
		in := Input{Corrections: map[string]string{"ngay_ban_hanh": c.day}}
		if c.day == "" {
			in = Input{}
		}
		r := Records(m, in, dir, received)[0]
		if r.Sender.Agency != "moi" || r.Sender.Successor != "cu" || !slices.Contains(r.Doubts, directory.FoundSucceeded) {
			t.Errorf("sender %+v, doubts %v", r.Sender, r.Doubts)
		}
		if r.Issuer.Agency != c.issuer {
			t.Errorf("a document of %q is of %+v, want %s", c.day, r.Issuer, c.issuer)
		}
	}
	two := m
	two.From = append(from("vanthu@haisan.quangbinh.example.vn"), from("ai@khac.example.vn")...)
	if r := Records(two, Input{}, dir, received)[0]; r.Sender.Agency != "" || r.Issuer.Agency != "" {
		t.Errorf("of two From addresses one was chosen: %+v, %+v", r.Sender, r.Issuer)
	}
}
