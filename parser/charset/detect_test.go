package charset

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// lcg gives the same numbers in every run.
type lcg uint64

func (x *lcg) below(n int) int {
	*x = *x*6364136223846793005 + 1442695040888963407
	return int(uint64(*x)>>33) % n
}

// accented counts the words with letters beyond ASCII.
func accented(s string) int {
	n := 0
	for _, w := range strings.Fields(s) {
		if !isASCII([]byte(w)) {
			n++
		}
	}
	return n
}

// cuts gives n texts of about the given number of words: whole sentences joined, or pieces of one.
func cuts(x *lcg, n, words int) []string {
	var out []string
	for range n {
		var w []string
		for len(w) < words {
			s := strings.Fields(sentences[x.below(len(sentences))])
			if len(w) == 0 {
				s = s[x.below(max(1, len(s)-words+1)):]
			}
			w = append(w, s...)
		}
		out = append(out, strings.Join(w[:words], " "))
	}
	return out
}

// sameText forgives what TCVN3 cannot say, the case of letters.
func sameText(e encoder, got, want string) bool {
	if e.name == nameTCVN3 {
		return strings.EqualFold(got, want)
	}
	return got == want
}

// TestAccuracy reads texts of every charset and length under labels that say nothing or something wrong.
func TestAccuracy(t *testing.T) {
	total, right := map[int]int{}, map[int]int{}
	defer func() {
		for _, words := range slices.Sorted(maps.Keys(total)) {
			t.Logf("%4d words: %.4f of %d texts", words, float64(right[words])/float64(total[words]), total[words])
		}
	}()
	for _, label := range []string{"", "us-ascii", "iso-8859-1", "windows-1252", "utf-8", "x-no-such"} {
		for _, c := range []struct {
			words, least int // least accented words
			need         float64
		}{{2, 1, 0.88}, {4, 2, 0.97}, {7, 3, 0.985}, {12, 6, 0.995}, {40, 20, 0.995}, {300, 100, 0.999}, {2000, 500, 1}} {
			for _, e := range encoders() {
				if e.name == nameVIQR {
					continue
				}
				x := lcg(c.words)
				n, good := 0, 0
				for _, s := range cuts(&x, max(3, min(160, 2000/c.words)), c.words) {
					if accented(s) < c.least {
						continue
					}
					n++
					r := Read(label, e.encode(t, s), "")
					if sameText(e, r.Text, s) {
						good++
					} else if testing.Verbose() && good+10 > n {
						t.Logf("%s as %q: %q read as %s %.3f: %.80q", e.name, label, s[:min(len(s), 80)], r.Charset, r.Confidence, r.Text)
					}
				}
				total[c.words], right[c.words] = total[c.words]+n, right[c.words]+good
				need := c.need
				if c.words == 2 && e.name == nameVPS {
					need = 0.80 // half its letters are those of others
				}
				if rate := float64(good) / float64(n); rate < need {
					t.Errorf("%-12s as %-12q %4d words: %.4f of %d, want %.3f", e.name, label, c.words, rate, n, need)
				}
			}
		}
	}
}

// TestConfidenceIsHonest sorts readings of short texts by confidence: of those called c about c must be right, and not much fewer.
func TestConfidenceIsHonest(t *testing.T) {
	var right, all [11]int
	for _, e := range encoders() {
		if e.name == nameVIQR || e.name == nameVPS {
			continue
		}
		x := lcg(7)
		for words := 1; words <= 5; words++ {
			for _, s := range cuts(&x, 200, words) {
				if accented(s) == 0 {
					continue
				}
				r := Read("", e.encode(t, s), "")
				i := int(r.Confidence * 10)
				all[i]++
				if sameText(e, r.Text, s) {
					right[i]++
				}
			}
		}
	}
	for i, n := range all {
		if n < 20 {
			continue
		}
		rate := float64(right[i]) / float64(n)
		t.Logf("confidence %.1f: %.3f of %d right", float64(i)/10, rate, n)
		if rate < float64(i)/10-0.1 {
			t.Errorf("confidence %.1f: only %.3f of %d right", float64(i)/10, rate, n)
		}
	}
}

// TestForeignStays reads other languages under every label they come with: they stay what they are, alone and together.
func TestForeignStays(t *testing.T) {
	texts := append(slices.Clone(foreign), strings.Join(foreign, "\n"))
	for _, s := range texts {
		for _, label := range []string{"utf-8", "", "us-ascii", "x-no-such", "iso-8859-1"} {
			if r := Read(label, []byte(s), ""); r.Text != s {
				t.Errorf("UTF-8 as %q: %q became %+v", label, s, r)
			}
		}
		b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
		if err != nil {
			continue // not Latin
		}
		for _, label := range []string{"iso-8859-1", "windows-1252", "", "us-ascii", "utf-8", "x-no-such"} {
			if r := Read(label, b, ""); r.Text != s {
				t.Errorf("Latin as %q: %q became %+v", label, s, r)
			}
		}
	}
	for _, s := range append(slices.Clone(beyondLatin), append(english, sentences...)...) {
		for _, label := range []string{"utf-8", "", "us-ascii", "iso-8859-1", "windows-1258", "tcvn", "x-no-such"} {
			if r := Read(label, []byte(s), ""); r.Text != s {
				t.Errorf("UTF-8 as %q: %q became %+v", label, s, r)
			}
		}
	}
}

// TestUTF8PiecesStay cuts Vietnamese UTF-8 to all lengths: no piece of it may be taken for anything else.
func TestUTF8PiecesStay(t *testing.T) {
	for _, s := range sentences {
		w := strings.Fields(s)
		for i := range w {
			for j := i + 1; j <= len(w); j++ {
				piece := strings.Join(w[i:j], " ")
				for _, label := range []string{"utf-8", "", "iso-8859-1"} {
					if r := Read(label, []byte(piece), ""); r.Text != piece {
						t.Fatalf("%q as %q became %+v", piece, label, r)
					}
				}
			}
		}
	}
}

// TestWrapped reads text that went through Latin-1 into UTF-8.
func TestWrapped(t *testing.T) {
	wrap := func(b []byte) []byte {
		var out []byte
		for _, c := range b {
			out = utf8.AppendRune(out, windows1252[c])
		}
		return out
	}
	encs := encoders()
	for _, c := range []struct {
		words, least int
		need         float64
	}{{4, 3, 0.9}, {7, 5, 0.97}, {12, 6, 0.99}, {40, 20, 0.999}, {300, 100, 1}} {
		x := lcg(c.words)
		texts := cuts(&x, 300, c.words)
		for _, e := range encs[1:3] {
			n, good := 0, 0
			for _, s := range texts {
				if accented(s) < c.least {
					continue
				}
				n++
				r := Read("utf-8", wrap(e.encode(t, s)), "")
				if sameText(e, r.Text, s) && r.Charset == e.name+" in utf-8" {
					good++
				} else if testing.Verbose() {
					t.Logf("%s in utf-8: %q: %s %.3f %.80q", e.name, s[:min(len(s), 80)], r.Charset, r.Confidence, r.Text)
				}
			}
			if rate := float64(good) / float64(n); rate < c.need {
				t.Errorf("%s in utf-8, %d words: %.4f of %d", e.name, c.words, rate, n)
			}
		}
		for _, s := range texts {
			if accented(s) == 0 {
				continue
			}
			for _, b := range [][]byte{wrap([]byte(s)), bytes.ReplaceAll(wrap([]byte(s)), []byte("\u00a0"), []byte(" "))} {
				for _, label := range []string{"utf-8", "", "iso-8859-1"} {
					if r := Read(label, b, ""); r.Text != s {
						t.Errorf("twice: %q as %q is %+v", s, label, r)
					}
				}
			}
		}
	}
}

// TestMixed reads texts of two encodings, line by line.
func TestMixed(t *testing.T) {
	const old, notice = "Kính gửi: Uỷ ban nhân dân tỉnh\nSở Nội vụ xin gửi báo cáo quý I", "Thư này đã được quét vi-rút.\nHệ thống thư điện tử của tỉnh"
	e := encoders()[1]
	raw := append(e.encode(t, old), "\n"+notice...)
	for _, label := range []string{"", "utf-8", "iso-8859-1", "tcvn3"} {
		if r := Read(label, raw, ""); r.Text != old+"\n"+notice || r.Charset != nameTCVN3 {
			t.Errorf("%q: %+v", label, r)
		}
	}
	var wrap []byte
	for _, c := range e.encode(t, old) {
		wrap = utf8.AppendRune(wrap, windows1252[c])
	}
	if r := Read("utf-8", append(append([]byte(notice+"\n"), wrap...), '\n'), ""); r.Text != notice+"\n"+old+"\n" || r.Charset != nameTCVN3+wrapped {
		t.Errorf("%+v", r)
	}
	wrap = wrap[:0]
	for _, c := range []byte(old) {
		wrap = utf8.AppendRune(wrap, windows1252[c])
	}
	if r := Read("utf-8", []byte(notice+"\r\n"+string(wrap)), ""); r.Text != notice+"\r\n"+old || r.Charset != nameTwice {
		t.Errorf("%+v", r)
	}
	for _, s := range foreign { // a foreign line in a Vietnamese text stays too
		s = notice + "\n" + s + "\n" + notice
		if r := Read("utf-8", []byte(s), ""); r.Text != s || !r.AsLabelled {
			t.Errorf("%q became %+v", s, r)
		}
	}
}

// TestFileNames reads names as archives and mails have them: a word or two, an abbreviation, numbers.
func TestFileNames(t *testing.T) {
	for _, c := range []struct{ label, in, want string }{
		{"", "Q\xA7 so 12.pdf", "QĐ so 12.pdf"},
		{"ibm437", "Q\xA7-UBND.pdf", "QĐ-UBND.pdf"},
		{"ibm437", "C\xABng v\xA8n.doc", "Công văn.doc"},
		{"ibm437", "caf\x82.txt", "café.txt"},
		{"ibm437", "M\x81ller \x84.txt", "Müller ä.txt"},
		{"ibm437", "Công văn.doc", "Công văn.doc"},
		{"", "b\xB8o c\xB8o qu\xFD 1.xls", "báo cáo quý 1.xls"},
		{"", "Th\xF4ng b\xE1o.pdf", "Thông báo.pdf"},
		{"", "Quy\xEA\xEC t \xF0i\xF2nh.pdf", "Quyế t định.pdf"},
		{"", "to\xF8 tr\xECnh 5.pdf", "tò trình 5.pdf"},
		{"", "T\xF4\xF8 tr\xECnh 5.pdf", "Tờ trình 5.pdf"},
		{"", "r\xE9sum\xE9.pdf", "résumé.pdf"},
		{"", "Stra\xDFe.pdf", "Straße.pdf"},
		{"gb2312", "C\xABng v\xA8n s\xE8 12", "Công văn số 12"},
	} {
		if r := Read(c.label, []byte(c.in), ""); r.Text != c.want {
			t.Errorf("%q as %q: %+v, want %q", c.in, c.label, r, c.want)
		}
	}
}

// TestHint reads one or two words alone and with the body's charset known.
func TestHint(t *testing.T) {
	for _, e := range encoders() {
		if e.name == nameVIQR {
			continue
		}
		x := lcg(3)
		n, without, with := 0, 0, 0
		for _, s := range cuts(&x, 400, 2) {
			if accented(s) == 0 {
				continue
			}
			n++
			if sameText(e, Read("", e.encode(t, s), "").Text, s) {
				without++
			}
			if sameText(e, Read("", e.encode(t, s), e.name).Text, s) {
				with++
			}
		}
		t.Logf("%s: %d of %d, with the hint %d", e.name, without, n, with)
		if with*100 < n*97 || with < without {
			t.Errorf("%s: %d of %d with the hint, %d without", e.name, with, n, without)
		}
	}
}

func TestVIQRDetected(t *testing.T) {
	e := encoders()[len(codecs)]
	if e.name != nameVIQR {
		t.Fatal(e.name)
	}
	all := e.encode(t, strings.Join(sentences[2:30], "\n"))
	if r := Read("", all, ""); r.Charset != nameVIQR || !strings.Contains(r.Text, "Hướng dẫn sử dụng phần mềm") {
		t.Errorf("%s: %.300q", r.Charset, r.Text)
	}
	for _, s := range english {
		long := strings.Repeat(s+"\n", 20)
		if r := Read("", []byte(long), ""); r.Text != long || r.Charset != nameASCII {
			t.Errorf("%q became %s %q", s, r.Charset, r.Text)
		}
	}
}

func TestDamagedUTF8(t *testing.T) {
	for _, s := range sentences {
		if accented(s) < 2 {
			continue
		}
		b := []byte(s)
		for i, c := range b {
			if c < 0x80 {
				continue
			}
			cut := append(slices.Clone(b[:i]), b[i+1:]...)
			if r := Read("utf-8", cut, ""); r.Charset != nameUTF8 || r.AsLabelled || utf8.RuneCountInString(r.Text) > utf8.RuneCountInString(s)+2 {
				t.Errorf("without byte %d: %+v", i, r)
			}
			if r := Read("", b[:i], ""); i > len(b)/2 && accented(string(b[:i])) > 1 && r.Charset != nameUTF8 {
				t.Errorf("cut at %d: %+v", i, r)
			}
		}
	}
}

func TestUTF16WithoutMark(t *testing.T) {
	for _, s := range sentences {
		var little, big []byte
		for _, r := range s {
			little, big = append(little, byte(r), byte(r>>8)), append(big, byte(r>>8), byte(r))
		}
		for _, b := range [][]byte{little, big} {
			for _, label := range []string{"", "utf-8", "iso-8859-1", "utf-16", "x-no-such"} {
				if r := Read(label, b, ""); r.Text != s {
					t.Errorf("% x as %q: %s %q", b[:8], label, r.Charset, r.Text)
				}
			}
		}
	}
}

func ExampleRead() {
	r := Read("iso-8859-1", []byte("C\xABng v\xA8n s\xE8 12"), "")
	fmt.Printf("%s, read as %s, %.2f\n", r.Text, r.Charset, r.Confidence)
	// Output: Công văn số 12, read as tcvn3, 1.00
}
