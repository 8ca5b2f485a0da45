package parser

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// Fields of a header count as signed only where the signer's program says that it put them there, and where nobody can read them otherwise.
func TestProtected(t *testing.T) {
	const good = "Content-Type: multipart/mixed; hp=\"clear\"; boundary=x\r\nFrom: =?utf-8?q?V=C4=83n_th=C6=B0?= <vanthu@snv.example.vn>\r\n" +
		"To: vanthu@ubnd.example.vn,\r\n khac@ubnd.example.vn\r\nSubject: =?utf-8?b?Q8O0bmcgdsSDbg==?=\r\n\r\n--x--\r\n"
	for _, c := range []struct {
		name, old, new string
		none           bool
	}{
		{"as it is", "x", "x", false},
		{"line ends of one sign", "\r\n", "\n", false},
		{"for who cannot read it", "hp=\"clear\"", "hp=\"cipher\"", false},
		{"as it was before the standard", "hp=\"clear\"", "protected-headers=\"v1\"", false},
		{"only fields in a part", " hp=\"clear\";", "", true},
		{"another word", "hp=\"clear\"", "hp=\"none\"", true},
		{"two kinds", "From:", "Content-Type: text/plain\r\nFrom:", true},
		{"no sender", "From:", "X-From:", true},
		{"two senders", "To:", "From: <khac@snv.example.vn>\r\nTo:", true},
		{"no subject", "Subject:", "X-Subject:", true},
		{"two receivers", "Subject:", "To: <khac@ubnd.example.vn>\r\nSubject:", true},
		{"a bare CR", "vanthu@ubnd", "\rvanthu@ubnd", true},
		{"NUL", "vanthu@ubnd", "\x00vanthu@ubnd", true},
		{"a line that is no field", "From:", "khong phai truong\r\nFrom:", true},
		{"no end", "\r\n\r\n", "\r\nX: y\r\n", true},
		{"too long", "Subject:", "X: " + strings.Repeat("x", maxProtected) + "\r\nSubject:", true},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if c.old == "\r\n" {
			text = strings.ReplaceAll(good, c.old, c.new)
		}
		p := protected(iotest.OneByteReader(strings.NewReader(text)), DefaultLimits)
		if p == nil != c.none {
			t.Errorf("%s: %+v", c.name, p)
			continue
		}
		if p != nil && (len(p.From) != 1 || p.From[0].Addr != "vanthu@snv.example.vn" || len(p.To) != 2 || p.Subject != "Công văn") {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	broken := io.MultiReader(strings.NewReader(good), iotest.ErrReader(errors.New("disk")))
	if p := protected(broken, DefaultLimits); p != nil {
		t.Errorf("read from what could not be read: %+v", p)
	}
}

// A trace field that was not written as plainly as it is read is told apart.
func TestOddTrace(t *testing.T) {
	const plain = "Authentication-Results: mx.example.vn;\r\n\tdkim=pass (khóa 2048 bit) header.d=snv.example.vn"
	for _, c := range []struct {
		name, old, new string
		odd            bool
	}{
		{"plain", "x", "x", false},
		{"another case", "Authentication-Results", "authentication-RESULTS", false},
		{"line ends of one sign", "\r\n", "\n", false},
		{"a blank behind the name", "Results:", "Results :", true},
		{"a tabulator behind the name", "Results:", "Results\t:", true},
		{"NUL in the name", "Results:", "Res\x00ults:", true},
		{"NUL", "mx.", "mx\x00.", true},
		{"another control character", "mx.", "mx\x01.", true},
		{"DEL", "mx.", "mx\x7f.", true},
		{"a CR", "mx.", "mx\r.", true},
		{"two CR at the end of a line", "\r\n", "\r\r\n", true},
		{"a mark of direction", "mx.", "mx\u202e.", true},
		{"a mark of byte order", "mx.", "\ufeffmx.", true},
		{"no UTF-8", "khóa", "kh\xf3a", true},
		{"letters in two pieces", "khóa", "kho\u0301a", true},
	} {
		raw := "Subject: x\r\n" + strings.Replace(plain, c.old, c.new, 1) + "\r\nReceived: by a.example; Sat, 20 Apr 2019 08:00:00 +0700\r\n\r\nx\r\n"
		m := Parse(strings.NewReader(raw), int64(len(raw)), DefaultLimits)
		if len(m.Trace) != 2 || m.Trace[0].Name != "Authentication-Results" || m.Trace[0].Odd != c.odd || m.Trace[1].Odd {
			t.Errorf("%s: %+v", c.name, m.Trace)
		}
	}
}
