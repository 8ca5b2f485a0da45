package vanban

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Whole documents, invented after the layouts of NĐ 30/2020, Phụ lục III, with what must be read of them beside: NN-name.txt and .want.json.
func TestReadTextGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d golden texts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := ReadText(string(text))
			for field, s := range d.Sources {
				if s.From != FromText || s.Evidence == "" || s.Confidence <= 0 || s.Confidence > 1 {
					t.Errorf("source of %s: %+v", field, s)
				}
			}
			d.Sources = nil
			got, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			want := strings.TrimSuffix(file, ".txt") + ".want.json"
			if *update {
				if err := os.WriteFile(want, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			expected, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(string(expected)) != string(got) {
				t.Errorf("got %s\nwant %s", got, expected)
			}
		})
	}
}

// A mail's own text speaks of other documents all the time; none of them may become this one.
func TestReadTextTakesNoNumberFromProse(t *testing.T) {
	for _, s := range []string{
		"Kính gửi anh chị,\n\nThực hiện Công văn số 45/UBND-TH ngày 2/3/2019 của UBND tỉnh, xã xin gửi báo cáo.\n\nTrân trọng",
		"Theo đề nghị tại\nCông văn số 45/UBND-TH ngày 02/3/2019\nxã gửi báo cáo.",
		"Xã gửi báo cáo theo công văn\nsố 45/UBND-TH của tỉnh",
		"Xin chào!\nSố điện thoại: 0233/3852 123\nĐịa chỉ: Số 45 Trần Phú",
		"-----Original Message-----\nFrom: a\nSubject: Re: 12/BC-UBND x\n", "", "\n\n", "|", "Số:", "Số: /", "Số: 12",
	} {
		if d := ReadText(s); d.SoHieu != "" {
			t.Errorf("%q: read %q from %+v", s, d.SoHieu, d.Sources["so_hieu"])
		}
	}
}

func TestReadTextIsTotal(t *testing.T) {
	d := ReadText("")
	b, err := json.Marshal(d)
	if err != nil || strings.Contains(string(b), "null") {
		t.Errorf("%s, %v", b, err)
	}
	ReadText(strings.Repeat("Số: 12/", 50_000))
	ReadText(strings.Repeat("\xff\x00|\n", 10_000))
	for _, s := range []string{"x số 1/AB-CD ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM ", "(", "V/v a\n", "Kính gửi:\n- a\n", "CHỦ TỊCH\n", "ngày 1/1/2019 ", "a_", "[mật "} {
		long := strings.Repeat(s, 300_000/len(s)) // quadratic work would take minutes
		ReadText(long)
		ReadSubject(long)
		ReadFileName(long)
		SecretInName(long)
	}
}

// Of a long text head and tail are read, whatever lies between.
func TestReadTextLong(t *testing.T) {
	file, err := os.ReadFile("testdata/01-cong-van.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := string(file)
	at := strings.Index(text, "Nơi nhận")
	if at < 0 {
		t.Fatal("the sample has no tail")
	}
	want := ReadText(text)
	for _, filler := range []string{"Đơn vị đã thực hiện các nhiệm vụ được giao trong tháng.\n", "Đơn vị đã thực hiện các nhiệm vụ được giao trong tháng. "} {
		d := ReadText(text[:at] + strings.Repeat(filler, 10_000) + "\n\n" + text[at:])
		if d.SoHieu != want.SoHieu || d.Ngay != want.Ngay || d.TrichYeu != want.TrichYeu || d.NguoiKy != want.NguoiKy || d.NguoiKy == "" {
			t.Errorf("got %q %q %q %q, want %q %q %q %q", d.SoHieu, d.Ngay, d.TrichYeu, d.NguoiKy, want.SoHieu, want.Ngay, want.TrichYeu, want.NguoiKy)
		}
	}
}

// Real heads with labels, kept beside the repository: the share that is read as labelled must not fall.
func TestReadTextCorpus(t *testing.T) {
	data, err := os.ReadFile("../../../shared/corpus/documents-dev.jsonl")
	if err != nil {
		absent(t, err)
	}
	type labels struct {
		SoHieu *string `json:"so_hieu"`
		Loai   *string `json:"loai_van_ban"`
		Ngay   *string `json:"ngay_ban_hanh"`
		Nguoi  *string `json:"nguoi_ky"`
	}
	hit, total := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(data)) {
		var c struct {
			Text string `json:"raw_text"`
			Gold labels `json:"gold"`
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		d := ReadText(c.Text)
		for _, f := range []struct {
			name, got string
			want      *string
		}{{"so_hieu", d.SoHieu, c.Gold.SoHieu}, {"loai", d.Loai, c.Gold.Loai}, {"ngay", d.Ngay, c.Gold.Ngay}, {"nguoi_ky", d.NguoiKy, c.Gold.Nguoi}} {
			if f.want == nil {
				continue
			}
			total[f.name]++
			if Fold(f.got) == Fold(*f.want) {
				hit[f.name]++
			}
		}
	}
	for name, n := range total {
		if hit[name]*100 < n*90 {
			t.Errorf("%s: %d of %d", name, hit[name], n)
		}
	}
}

func TestMerge(t *testing.T) {
	subject := ReadSubject("(1775/UBND-KGVX) V/v họp giao ban")
	file := ReadFileName("01775-UBND-KGVX.signed.pdf")
	text := ReadText("UBND TỈNH QUẢNG TRỊ\n\nSố: 1776/UBND-KGVX\nMẬT\n\nĐông Hà, ngày 05 tháng 6 năm 2018\n\nV/v việc khác\n")
	d, doubts := Merge(subject, file)
	if d.SoHieu != "1775/UBND-KGVX" || d.Sources["so_hieu"].From != FromSubject || len(doubts) != 0 {
		t.Errorf("%+v, %v", d, doubts)
	}
	d, doubts = Merge(subject, file, text)
	if d.SoHieu != "1775/UBND-KGVX" || d.TrichYeu != "họp giao ban" || d.Ngay != "2018-06-05" || d.DoMat != Mat || d.Sources["do_mat"].From != FromText {
		t.Errorf("%+v", d)
	}
	if len(doubts) != 1 || doubts[0] != DoubtNumber {
		t.Errorf("doubts %v", doubts)
	}
	if d, doubts = Merge(); d.Sources == nil || doubts == nil || d.Files == nil {
		t.Error("nothing merged must still have its lists")
	}
	title := ReadText("UBND TỈNH NINH HÒA\nSố: 55/2007/CT-UBND\nNinh Hòa, ngày 05 tháng 3 năm 2007\nQUYẾT ĐỊNH\nVề phí\n")
	if d, doubts = Merge(title); d.LoaiTat != "QĐ" || len(doubts) != 1 || doubts[0] != DoubtTypeNotation {
		t.Errorf("%q, %v: the title wins over the notation, and says so", d.LoaiTat, doubts)
	}
}

func TestCorrect(t *testing.T) {
	d := ReadSubject("(1775/UBND-KGVX) V/v họp")
	for field, value := range map[string]string{"so_hieu": "06-CTr/TU", "loai_van_ban": "tờ trình", "ngay_ban_hanh": "05/06/2018", "do_mat": "", "kinh_gui": "Sở A; Sở B;"} {
		if !d.Correct(field, value) {
			t.Errorf("%s refused", field)
		}
		if s := d.Sources[field]; s.From != FromClerk || s.Confidence != 1 {
			t.Errorf("%s: %+v", field, s)
		}
	}
	if d.So != "06" || d.KyHieu != "CTr/TU" || d.LoaiTat != "TTr" || d.Ngay != "2018-06-05" || len(d.KinhGui) != 2 {
		t.Errorf("%+v", d)
	}
	for field, value := range map[string]string{"agency": "x", "ngay_ban_hanh": "31/02/2018", "do_mat": "sehr", "do_khan": "x", "files": "x"} {
		if d.Correct(field, value) {
			t.Errorf("%s = %q taken", field, value)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"Số: 12/QĐ-UBND", "[MẬT] 12_BC-UBND.pdf", "ỦY BAN | CỘNG HÒA XÃ HỘI\nSố:  /A-B\nKT. CHỦ TỊCH\nNguyễn Văn A", "12-", "(", "s:", "Hà Nội, ngày 1",
		"Số 614, 615, 616-CV/VPTW", "Trả lời Công văn số 45/UBND-TH và 46/UBND-TH về việc x", "MËT", "TOÁI MAÄT b", "A CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc Số: 1/A-B C, ngày 3 tháng 8 năm 2019 CHỈ THỊ VỀ D. E"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range []Document{ReadText(s), ReadSubject(s), ReadFileName(s)} {
			if d.Sources == nil || d.KinhGui == nil || (d.SoHieu == "") != (d.So == "") {
				t.Fatalf("%+v", d)
			}
		}
		SecretInName(s)
		UrgencyMark(s)
	})
}

func BenchmarkReadMail(b *testing.B) {
	text, err := os.ReadFile("testdata/01-cong-van.txt")
	if err != nil {
		b.Fatal(err)
	}
	body := string(text) + strings.Repeat("Thực hiện nhiệm vụ được giao, đơn vị xin gửi báo cáo kết quả triển khai trong tháng.\n", 60)
	body = body[:strings.LastIndexByte(body[:5<<10], '\n')]
	for b.Loop() {
		Merge(ReadSubject("Fwd: (1775/UBND-KGVX) V/v đẩy mạnh sử dụng hệ thống quản lý văn bản"), ReadFileName("1775_UBND-KGVX.signed.pdf"), ReadText(body))
	}
}
