package mapping

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// merged is the reorganisation of 1/7/2025: Quảng Bình (H46) went into Quảng Trị (H50), which keeps its code.
const merged = "id,code,name,parent,addresses,domains,valid_from,valid_to,successors\n" +
	"qb,H46,UBND tỉnh Quảng Bình,,vanthu@quangbinh.example.vn,quangbinh.example.vn,,2025-06-30,qt\n" +
	"qt,H50,UBND tỉnh Quảng Trị,,vanthu@quangtri.example.vn,quangtri.example.vn,,,\n" +
	"qt-nv,H50.7,Sở Nội vụ,qt,snv@quangtri.example.vn,,,,\n" +
	"bt,H46.40,UBND huyện Bố Trạch,qb,vanthu@botrach.example.vn,,,2025-06-30,bt-xa\n" +
	"bt-xa,H50.80,UBND xã Bố Trạch,qt,,,2025-07-01,,\n"

func read(t testing.TB, csv string) *directory.Directory {
	t.Helper()
	d, _, err := directory.Read("a.csv", []byte(csv))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// in2025 is a day after the reorganisation.
var in2025 = time.Date(2025, 8, 4, 3, 0, 0, 0, time.UTC)

func mailed(from, text string) parser.Message {
	f := pdfFile("12-UBND-TH.pdf", "d")
	f.Text = text
	return parser.Message{From: []parser.Address{{Addr: from}}, Subject: "Báo cáo số 12/UBND-TH về tình hình thiên tai", Attachments: []parser.Attachment{f}}
}

const headOf2024 = "ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nTỈNH QUẢNG BÌNH                Độc lập - Tự do - Hạnh phúc\n\n" +
	"Số: 12/UBND-TH               Quảng Bình, ngày 05 tháng 11 năm 2024\n\nV/v tình hình thiên tai\n\nKính gửi: Văn phòng\n\nUBND tỉnh báo cáo.\n"

// A document of 2024 of Quảng Bình that is mailed twice in 2025, from the domain that has ended and from that of the successor, is one document.
func TestKeyOfADocumentOfAnAgencyThatHasEnded(t *testing.T) {
	dir := read(t, merged)
	old := Records(mailed("vanthu@quangbinh.example.vn", headOf2024), Input{}, dir, in2025)[0]
	now := Records(mailed("vanthu@quangtri.example.vn", headOf2024), Input{}, dir, in2025)[0]
	if old.Sender.Agency != "qt" || old.Sender.Successor != "qb" || !slices.Contains(old.Doubts, directory.FoundSucceeded) || now.Sender.Agency != "qt" || len(now.Sender.Findings) != 0 {
		t.Errorf("senders %+v, %+v", old.Sender, now.Sender)
	}
	if old.Issuer.Agency != "qb" || now.Issuer.Agency != "qb" || !slices.Contains(now.Issuer.Findings, directory.FoundPrinted) {
		t.Errorf("issuers %+v, %+v", old.Issuer, now.Issuer)
	}
	if old.Key != "12|ubnd-th|qb|2024" || now.Key != old.Key {
		t.Errorf("keys %q, %q", old.Key, now.Key)
	}
}

// While nothing but the address tells whose document it is, the agencies that it may be of are asked for as well.
func TestKeysBeside(t *testing.T) {
	dir := read(t, merged)
	m := mailed("vanthu@quangtri.example.vn", "")
	r := Records(m, Input{Corrections: map[string]string{"ngay_ban_hanh": "2024-11-05"}}, dir, in2025)[0]
	if r.Key != "12|ubnd-th|qt|2024" || !slices.Contains(r.Beside, "12|ubnd-th|qb|2024") {
		t.Errorf("key %q beside %v", r.Key, r.Beside)
	}
	forwarded := Records(mailed("snv@quangtri.example.vn", headOf2024), Input{}, dir, in2025)[0]
	if forwarded.Issuer.Agency != "qb" || forwarded.Key != "12|ubnd-th|qb|2024" || !slices.Contains(forwarded.Beside, "12|ubnd-th|qt-nv|2024") {
		t.Errorf("forwarded by another agency: %+v, %q, %v", forwarded.Issuer, forwarded.Key, forwarded.Beside)
	}
	district := Records(mailed("vanthu@botrach.example.vn", ""), Input{Corrections: map[string]string{"ngay_ban_hanh": "2025-06-30"}}, dir, in2025)[0]
	if district.Sender.Agency != "bt-xa" || district.Issuer.Agency != "bt" || district.Key != "12|ubnd-th|bt|2025" {
		t.Errorf("the district level ended on 30/6/2025: %+v, %+v, %q", district.Sender, district.Issuer, district.Key)
	}
}

// A name alone is no proof: neither of a stranger's document, nor where the agency above contradicts, nor where many bear it.
func TestPrintedIssuerNeedsMore(t *testing.T) {
	dir := read(t, merged+"qn-nv,H47.7,Sở Nội vụ,,nv@quangngai.example.vn,,,,\nla,H99,Cục Lạ,,la@la.example.vn,,,,\n")
	doc := vanban.New()
	doc.CoQuan, doc.CoQuanTren = "SỞ NỘI VỤ", "UBND TỈNH KHÁC"
	la := dir.ByAddress("la@la.example.vn", in2025)
	if m := Issuer(dir, la, "", doc, in2025); m.Agency != "la" {
		t.Errorf("a name that two agencies bear: %+v", m)
	}
	doc.CoQuan = "UBND xã Bố Trạch"
	if m := Issuer(dir, la, "", doc, in2025); m.Agency != "la" {
		t.Errorf("under another agency: %+v", m)
	}
	doc.CoQuanTren = "ỦY BAN NHÂN DÂN TỈNH QUẢNG TRỊ"
	if m := Issuer(dir, la, "", doc, in2025); m.Agency != "bt-xa" || m.How != directory.ByName {
		t.Errorf("printed with the agency above it: %+v", m)
	}
	if m := Issuer(dir, directory.Nobody(), "", doc, in2025); m.Agency != "" {
		t.Errorf("an unknown sender names whom he likes: %+v", m)
	}
}

// The code of a package in a mail counts when its sender is the agency that it names.
func TestCodeKeyOfAMailedPackage(t *testing.T) {
	dir := read(t, merged)
	pack := func(code string) parser.Message {
		m := mailed("vanthu@quangtri.example.vn", "")
		doc := vanban.New()
		doc.TakeNumber("12", "UBND-TH", vanban.FromSidecar, 0.95)
		doc.Take("ngay_ban_hanh", "2025-08-01", vanban.FromSidecar, 0.95)
		m.Attachments = append(m.Attachments, parser.Attachment{Name: "a.edxml", Type: "text/xml", Size: 9, SHA256: "e",
			Sidecar: &sidecar.Sidecar{Kind: sidecar.Edoc, Document: doc, DocumentID: "H50,2025/08/01,12/UBND-TH", Sender: sidecar.Organ{Code: code}}})
		return m
	}
	if r := Records(pack("H50"), Input{}, dir, in2025)[0]; r.CodeKey != "edxml|H50|H50,2025/08/01,12/UBND-TH" || !IsCodeKey(r.CodeKey) || IsCodeKey(r.Key) || len(r.Keys()) != 2 {
		t.Errorf("keys %v", r.Keys())
	}
	if r := Records(pack("H50.7"), Input{}, dir, in2025)[0]; r.CodeKey != "" || r.Issuer.Agency != "qt-nv" {
		t.Errorf("another agency's code from this sender: %q, %+v", r.CodeKey, r.Issuer)
	}
}

// A package in a mail that recalls a document speaks for the agency whose code it bears only when that agency sent it.
func TestChangeOfAMailedPackage(t *testing.T) {
	dir := read(t, merged)
	for code, want := range map[string][]string{"H50": {"edxml|H50|id-7"}, "H50.7": {}, "": {}} {
		m := mailed("vanthu@quangtri.example.vn", "")
		doc := vanban.New()
		doc.TakeNumber("12", "UBND-TH", vanban.FromSidecar, 0.95)
		m.Attachments = append(m.Attachments, parser.Attachment{Name: "a.edxml", Type: "text/xml", Size: 9, SHA256: "e",
			Sidecar: &sidecar.Sidecar{Kind: sidecar.Edoc, Document: doc, DocumentID: "id-7", Sender: sidecar.Organ{Code: code}, Change: sidecar.Change{Kind: sidecar.Recall}}})
		r := Records(m, Input{}, dir, in2025)[0].Relations
		if len(r) != 1 || r[0].Kind != Recalls || r[0].DocumentID != "id-7" || !slices.Equal(r[0].Keys, want) {
			t.Errorf("%q: %+v, want keys %v", code, r, want)
		}
	}
}

func TestCodeKeyIsBounded(t *testing.T) {
	if CodeKey("", "x") != "" || CodeKey("H50", " ") != "" {
		t.Error("half a code made a key")
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		long := rapid.SampledFrom([]string{"", string(make([]byte, 400))}).Draw(t, "long")
		x, y := CodeKey("H50", long+a), CodeKey("H50", long+b)
		if len(x) > 300 || (x == y) != (CodeKey("H50", long+a) == CodeKey("H50", long+b)) {
			t.Fatalf("%d bytes", len(x))
		}
	})
}

func TestAlike(t *testing.T) {
	doc := func(day, about string) vanban.Document {
		d := vanban.New()
		d.Take("ngay_ban_hanh", day, vanban.FromSidecar, 0.95)
		d.TrichYeu = about
		return d
	}
	base := doc("2026-03-02", "Báo cáo kết quả phòng, chống thiên tai tháng 5 năm 2026")
	for _, c := range []struct {
		name string
		with vanban.Document
		want bool
	}{
		{"itself", base, true},
		{"accents, capitals, punctuation", doc("2026-03-02", "BAO CAO ket qua phong chong thien tai, tháng 5 năm 2026."), true},
		{"letters that OCR misreads", doc("2026-03-02", "Báo cáo kêt qua phong, chông thien tal tháng 5 năm 2026"), true},
		{"another month", doc("2026-03-02", "Báo cáo kết quả phòng, chống thiên tai tháng 6 năm 2026"), false},
		{"another day", doc("2026-03-03", base.TrichYeu), false},
		{"no day", doc("", base.TrichYeu), false},
		{"another matter", doc("2026-03-02", "Báo cáo kết quả cải cách hành chính tháng 5 năm 2026"), false},
		{"no matter", doc("2026-03-02", ""), false},
	} {
		if got := Alike(base, c.with); got != c.want || Alike(c.with, base) != got {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	guessed := doc("2026-03-02", base.TrichYeu)
	guessed.Sources["so_hieu"] = vanban.Source{From: vanban.FromOCR, Confidence: 0.4}
	if Alike(base, guessed) || Alike(guessed, base) {
		t.Error("a number that OCR guessed made one of two letters of a day")
	}
	short := doc("2026-03-02", "Về việc họp")
	if Alike(short, short) {
		t.Error("a summary that says nothing made two documents one")
	}
}
