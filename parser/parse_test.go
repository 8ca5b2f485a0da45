package parser

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func parseString(s string) Message {
	return Parse(strings.NewReader(s), int64(len(s)), DefaultLimits)
}

func has(m Message, code string) bool {
	for _, f := range m.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

// TestFloods reads mails that are made to exhaust a parser; each must end soon, with a finding.
func TestFloods(t *testing.T) {
	nested := func(n int, ctype string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: %s; boundary=b%d\r\n\r\n--b%d\r\n", ctype, i, i)
		}
		return b.String() + "\r\nx"
	}
	for _, c := range []struct {
		name, raw, code string
	}{
		{"10,000 nested multiparts", nested(10_000, "multipart/mixed"), LimitDepth},
		{"10,000 nested messages", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 10_000), LimitDepth},
		{"100,000 header lines", strings.Repeat("X-A: b\r\n", 100_000) + "\r\nx", LimitHeader},
		{"100,000 lines that are no header", "Subject: x\r\n" + strings.Repeat("junk line\r\nA: b\r\n", 50_000), LimitHeader},
		{"100,000 parts", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: a/b\r\n\r\nx\r\n", 100_000), LimitParts},
		{"one line of 50 MB", "Subject: x\r\n\r\n" + strings.Repeat("x", 50<<20), LimitText},
		{"one header line of 50 MB", "Subject: " + strings.Repeat("x", 50<<20), LimitHeader},
		{"50 MB of quoted-printable without lines", "Content-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=4", 25<<20), QuotedDamaged},
		{"50 MB of damaged base64", "Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("A!=", 16<<20), Base64Damaged},
		{"line ends only", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + strings.Repeat("\n", 20<<20), LimitText},
		{"dashes only", "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--c\n", 5<<20), NoBoundary},
		{"multiparts without boundary", strings.Repeat("Content-Type: multipart/mixed\r\n\r\n--x\r\n", 10_000), NoBoundary},
		{"RFC 2231 flood", "Content-Type: a/b; name*" + strings.Repeat("0*=x; name*1*=y; name*", 10_000), ""},
		{"semicolons", "Content-Type: a/b; name=x" + strings.Repeat(";", 200_000) + "y\r\nContent-Disposition: a; " + strings.Repeat(";=", 20_000), ""},
		{"escaped quotes", "From: " + strings.Repeat(`"\`, 50_000) + "\r\nTo: " + strings.Repeat(`\"`, 50_000), ""},
		{"words without end", "Subject: " + strings.Repeat("=?a?q?x ", 15_000) + "\r\nFrom: " + strings.Repeat("=?utf-8?b?x ", 8_000), ""},
		{"angles without end", "From: " + strings.Repeat("<", 100_000) + "\r\nTo: " + strings.Repeat("<a,", 30_000), ""},
		{"bare comments", "Date: " + strings.Repeat("(", 100_000) + "\r\nMessage-ID: " + strings.Repeat("<", 100_000), ""},
		{"encoded words", "Subject: " + strings.Repeat("=?utf-8?Q?=?= ", 10_000) + "\r\n\r\n", ""},
		{"open brackets", "From: " + strings.Repeat("<(\"", 50_000) + "\r\nReceived: " + strings.Repeat("((\"", 50_000) + "\r\n\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := parseString(c.raw) // how long it takes is BenchmarkFloods' matter
			if c.code != "" && !has(m, c.code) {
				t.Errorf("findings %v lack %s", m.Findings, c.code)
			}
			checkMessage(t, m)
		})
	}
}

// TestMemory holds the promise that memory does not grow with attachments.
func TestMemory(t *testing.T) {
	raw := pdfMail(10 << 20)
	Parse(bytes.NewReader(raw), int64(len(raw)), DefaultLimits) // fills the pools
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Parse(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("a 10 MB mail allocated %d bytes", n)
	}
}

// TestWindowEdges moves a multipart byte by byte over the edge of the window: no byte may be lost or added at any position.
func TestWindowEdges(t *testing.T) {
	file := bytes.Repeat([]byte("\r\n--b \r-\n-"), 30)
	tail := "\r\n--b-c\r\n--b\r\nContent-Disposition: attachment; filename=b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(file) + "\r\n--b--\r\n"
	for shift := -400; shift < 40; shift++ {
		head := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=a\r\n\r\n"
		pad := strings.Repeat("y", windowSize-len(head)+shift)
		m := parseString(head + pad + tail)
		if len(m.Attachments) != 2 || m.Attachments[0].Size != int64(len(pad)+len("\r\n--b-c")) || m.Attachments[1].Size != int64(len(file)) ||
			len(m.Findings) != 1 || m.Findings[0].Code != Ambiguous { // for some programs "--b-c" is a delimiter
			t.Fatalf("shift %d: %.300v %v", shift, m.Attachments, m.Findings)
		}
	}
}

// badReader fails from an offset on.
type badReader struct {
	s    string
	from int64
}

var errDisk = errors.New("disk gone")

func (r badReader) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > r.from {
		n := 0
		if off < r.from {
			n = copy(p, r.s[off:r.from])
		}
		return n, errDisk
	}
	return copy(p, r.s[off:]), nil
}

func TestReadFailure(t *testing.T) {
	raw := string(pdfMail(200 << 10))
	for _, from := range []int64{0, 100, 70_000, 150_000} {
		if m := Parse(badReader{raw, from}, int64(len(raw)), DefaultLimits); !has(m, ReadFailed) {
			t.Errorf("failure at %d: findings %v", from, m.Findings)
		}
	}
	if m := Parse(strings.NewReader("Subject: x\r\n\r\ny"), 500, DefaultLimits); m.Subject != "x" || m.Text != "y" {
		t.Errorf("size beyond the end: %+v", m)
	}
}

func TestJSON(t *testing.T) {
	m := parseString("From: a@b.vn\r\nReceived: by mx.vn; never\r\n\r\nx")
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, no := range []string{":null", "0001-"} {
		if bytes.Contains(b, []byte(no)) {
			t.Errorf("%s in %s", no, b)
		}
	}
	if !bytes.Contains(b, []byte(`"date":""`)) || !bytes.Contains(b, []byte(`"at":""`)) {
		t.Errorf("dates: %s", b)
	}
	m = parseString("Date: Mon, 22 Apr 2019 08:00:00 +0700\r\nReceived: by mx.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\n\r\nx")
	if b, err = json.Marshal(&m); err != nil {
		t.Fatal(err)
	}
	var back Message
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !back.Date.Equal(m.Date) || back.Date.IsZero() || len(back.Received) != 1 || !back.Received[0].At.Equal(m.Received[0].At) {
		t.Errorf("read back %+v", back)
	}
}

// checkMessage holds what every Message promises, whatever it was read from.
func checkMessage(t *testing.T, m Message) {
	t.Helper()
	check := func(what, s string, lines bool) {
		if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) {
			t.Fatalf("%s is not NFC UTF-8: %.200q", what, s)
		}
		for _, r := range s {
			if lines && (r == '\n' || r == '\t') {
				continue
			}
			if r < 0x20 || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("%s holds %U: %.200q", what, r, s)
			}
		}
	}
	atts := func(l []Attachment) {
		for _, a := range l {
			check("name", a.Name, false)
			check("type", a.Type, false)
			check("sniffed", a.Sniffed, false)
			check("attachment text", a.Text, true)
			if len(a.SHA256) != 64 && (a.SHA256 != "" || len(m.Findings) == 0) { // what could not be unpacked has none
				t.Fatalf("attachment without digest: %+v", a)
			}
		}
	}
	addrs := func(l []Address) {
		for _, a := range l {
			check("name", a.Name, false)
			check("addr", a.Addr, false)
		}
	}
	for _, s := range append(append([]string{m.Subject, m.MessageID, m.ReturnPath, m.WhyNever, m.Report.Action, m.Report.Status, m.Report.Recipient,
		m.Report.Diagnostic}, m.References...), append(append(m.InReplyTo, m.Report.Original...), m.DeliveredTo...)...) {
		check("field", s, false)
	}
	for _, l := range [][]Address{m.From, m.Sender, m.ReplyTo, m.OriginalFrom, m.To, m.Cc} {
		addrs(l)
	}
	check("text", m.Text, true)
	check("html text", m.HTMLText, true)
	atts(m.Attachments)
	for _, n := range m.Nested {
		check("nested subject", n.Subject, false)
		check("nested text", n.Text, true)
		check("nested html text", n.HTMLText, true)
		addrs(n.From)
		atts(n.Attachments)
	}
	for _, f := range m.Trace {
		check("trace", f.Value, false)
	}
	for _, r := range m.Received {
		check("received", r.From+r.By+r.With, false)
	}
	checkStrings(t, "Message", reflect.ValueOf(m))
	if m.Kind == "" || m.NeverAnswer != (m.WhyNever != "") || m.Kind != Normal && !m.NeverAnswer {
		t.Fatalf("kind %q, never %v because %q", m.Kind, m.NeverAnswer, m.WhyNever)
	}
	if b, err := json.Marshal(m); err != nil || bytes.Contains(b, []byte(":null")) && m.Findings != nil {
		t.Fatalf("JSON: %v %.300s", err, b)
	}
}

// TestCorpus reads the shared cases when they are there: nothing may break the promises.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../../shared/corpus/mail/*/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../shared/corpus/mail/cases/*/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	if files = append(files, more...); len(files) == 0 {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("no ../shared/corpus/mail, and GIAOLIEN_TEST_REQUIRE is set")
		}
		t.Skip("no ../shared/corpus/mail")
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		st, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		m := Parse(f, st.Size(), DefaultLimits)
		checkMessage(t, m)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
