package notice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// A broken template is refused with the line of its fault, whatever the fault is.
func TestBrokenTemplates(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		line             int
		want             string
	}{
		{"syntax", "reject.tmpl", "một\nhai {{.Receipt\n", 3, "unclosed action started at reject.tmpl:2"},
		{"no end", "reject.tmpl", "{{if .Legal}}x", 1, "unexpected EOF"},
		{"unknown variable", "reject.tmpl", "a\n\n{{.Subject}}", 3, "no variable"},
		{"hidden behind a condition", "reject.tmpl", "{{if and .Legal (not .Legal)}}\n{{.Nope}}{{end}}", 2, "no variable"},
		{"deep variable", "reject.tmpl", "{{.Receipt.Len}}", 1, "no variable"},
		{"unknown function", "reject.tmpl", "a\n{{env \"PATH\"}}", 2, "not defined"},
		{"printf", "reject.tmpl", "a\n{{printf \"%1000000000d\" 1}}", 2, "not to be called"},
		{"a long loop", "reject.tmpl", "{{range 1000000000}}x{{end}}", 1, "ranges over"},
		{"loop over words", "reject.tmpl", "{{range .Receipt}}x{{end}}", 1, "ranges over"},
		{"own variable", "reject.tmpl", "{{$x := .Receipt}}{{$x}}", 1, "variable of its own"},
		{"no such part", "reject.tmpl", "x\n{{template \"nothing\" .}}", 2, "no part"},
		{"includes itself", "parts.tmpl", ShippedTemplate("parts.tmpl") + `{{define "round"}}{{template "round" .}}{{end}}`, 0, "includes itself"},
		{"variable of a line", "reject.tmpl", "{{range .Items}}\n{{.Receipt}}{{end}}", 2, "can't evaluate"},
		{"unknown file", "refuse.tmpl", "x", 0, "no text of a notice"},
		{"empty", "reject.tmpl", "", 0, "says nothing"},
		{"blanks", "reject.tmpl", "\r\n \n{{/* later */}}\n", 0, "says nothing"},
		{"nothing but a condition", "reject.tmpl", "{{if not .Receipt}}x{{end}}", 0, "says nothing"},
		{"windows-1258", "reject.tmpl", "V\xe3n b\u1ea3n {{.Receipt}}", 0, "UTF-8"},
		{"UTF-16", "reject.tmpl", "V\x00a\x00", 0, "UTF-8"},
		{"too long", "reject.tmpl", strings.Repeat("x", maxTemplate+1), 0, "64 KiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Letters{Templates: map[string]string{c.file: c.text}}.Compile()
			var faults directory.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("error %v", err)
			}
			f := faults[0]
			if f.File != c.file || f.Line != c.line || !strings.Contains(f.Text, c.want) {
				t.Errorf("fault %q, want line %d and %q", f, c.line, c.want)
			}
		})
	}
}

// What an administrator words is what is sent, and what a mail says in it stays words.
func TestOwnWords(t *testing.T) {
	l := Letters{Wording: Wording{Addressee: "Quý đơn vị", Instead: "iOffice"}, VerifyURL: "https://tracuu.example.vn/{digest}?ma={receipt}",
		Templates: map[string]string{"reject.tmpl": "TRẢ LẠI {{.Receipt}}\n{{range .Items}}* {{.}}\n{{end}}{{.Addressee}} gửi qua {{.Instead}}\n{{.Verify}}\n"}}
	texts, err := l.Compile()
	if err != nil {
		t.Fatal(err)
	}
	in := sample()
	in.Texts = texts
	in.Documents = []Document{{Number: "{{.Digest}}", Subject: "{{range .Items}}x{{end}}"}}
	d, s := Compose(in)
	if d == nil {
		t.Fatal(s)
	}
	want := "TRẢ LẠI GL-2026-0000123\n* Số, ký hiệu văn bản: {{.Digest}}\n* Trích yếu: {{range .Items}}x{{end}}\nQuý đơn vị gửi qua iOffice\n" +
		"https://tracuu.example.vn/" + in.Digest + "?ma=GL-2026-0000123\n"
	if d.Body != want {
		t.Errorf("got\n%s\nwant\n%s", d.Body, want)
	}
}

// A text that was edited elsewhere has other line ends and a mark in front; what is sent is the same.
func TestForeignLineEnds(t *testing.T) {
	for _, name := range TemplateFiles() {
		texts, err := Letters{Templates: map[string]string{name: "\ufeff" + strings.ReplaceAll(ShippedTemplate(name), "\n", "\r\n")}}.Compile()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, verdict := range []policy.Verdict{policy.Reject, policy.Warn, policy.Accept, policy.Quarantine} {
			own := sample()
			own.Decision.Verdict, own.Decision.Notice = verdict, ""
			shipped := own
			own.Texts = texts
			d, _ := Compose(own)
			if want, _ := Compose(shipped); d == nil || d.Body != want.Body {
				t.Errorf("%s, %s: another text:\n%q", name, verdict, d.Body)
			}
		}
	}
}

// A text that says nothing of this one mail gives way to the shipped one: no empty notice is ever sent.
func TestSpeechless(t *testing.T) {
	texts, err := Letters{Templates: map[string]string{"reject.tmpl": "{{if .Verify}}{{.Verify}}{{end}}"}}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	in := sample()
	in.Texts = texts
	if d, _ := Compose(in); !strings.Contains(d.Body, in.Receipt) {
		t.Errorf("sent is %q", d.Body)
	}
}

// The law that is cited is the one in force when the mail came, on both edges of its validity.
func TestCitationsByTheInstant(t *testing.T) {
	list, err := ReadCitations("c.toml", []byte(`
[[citation]]
for = ["reject"]
text = "Luật cũ"
from = 2020-01-01
until = 2026-06-30

[[citation]]
for = ["reject", "return-on-system"]
text = "Luật mới"
from = 2026-07-01
`))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := Letters{Citations: list}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{"2019-12-31 23:59:59": "", "2020-01-01 00:00:00": "Luật cũ", "2026-06-30 23:59:59": "Luật cũ", "2026-07-01 00:00:00": "Luật mới"} {
		in := sample()
		in.Texts, in.Counted = texts, hanoi(at)
		d, _ := Compose(in)
		for _, law := range []string{"Luật cũ", "Luật mới"} {
			if strings.Contains(d.Body, "Căn cứ: "+law) != (law == want) {
				t.Errorf("%s: wants %q in\n%s", at, want, d.Body)
			}
		}
	}
	in := sample()
	in.Texts, in.Relation = texts, Outside
	if d, _ := Compose(in); strings.Contains(d.Body, "Luật mới\n- ") || strings.Contains(d.Body, "Căn cứ: Luật") {
		t.Errorf("an enterprise is told the law of agencies:\n%s", d.Body)
	}
	in.Texts = nil
	in.Counted = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	if d, _ := Compose(in); strings.Contains(d.Body, "28/2018") || strings.Contains(d.Body, "30/2020") {
		t.Errorf("a law is cited before it was made:\n%s", d.Body)
	}
}

func TestBrokenCitations(t *testing.T) {
	for _, c := range []struct {
		text string
		line int
		key  string
	}{
		{"[[citation]]\nfor = [\"reject\"]\ntext = \"x\"\n\n[[citation]]\nfor = [\"refuse\"]\ntext = \"x\"\n", 5, "for"},
		{"\n[[citation]]\nfor = [\"reject\"]\ntext = \" \"\n", 2, "text"},
		{"[[citation]]\ntext = \"x\"\n", 1, "for"},
		{"[[citation]]\nfor = [\"reject\"]\ntext = \"x\"\nfrom = 2026-01-02\nuntil = 2026-01-01\n", 1, "until"},
		{"[[citation]]\nfor = [\"reject\"]\ntext = \"x\"\nsince = 2026-01-02\n", 4, "citation.since"},
		{"[[citation]]\nfor = \"reject\"\n", 2, ""},
		{"[[citation]]\nfor = [\"reject\"\ntext", 3, ""},
		{"[[citation]]\nfor = [\"reject\"]\ntext = \"" + strings.Repeat("ế", policy.MaxPrinted+1) + "\"\n", 1, "text"},
		{"", 0, ""}, // what is left of a file that was cut off is not taken over
		{"\xef\xbb\xbf \r\n\n", 0, ""},
	} {
		_, err := ReadCitations("c.toml", []byte(c.text))
		var faults directory.Faults
		if !errors.As(err, &faults) || faults[0].File != "c.toml" || faults[0].Line != c.line || c.key != "" && faults[0].Key != c.key {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

// TestAllCitationsFit: the most and the longest citations that are taken can be printed by every kind that cites, text and page.
func TestAllCitationsFit(t *testing.T) {
	one := "[[citation]]\nfor = [\"reject\", \"remind\", \"not-counted\", \"return\", \"on-system\", \"accepted\", \"return-on-system\"]\ntext = \"" + strings.Repeat("ế", policy.MaxPrinted) + "\"\n"
	list, err := ReadCitations("c.toml", []byte(strings.Repeat(one, maxCitations)))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := Letters{Citations: list}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"reject", "not-counted", "return"} {
		in := sample()
		in.Decision.Verdict, in.Decision.Notice, in.Texts = policy.Reject, kind, texts
		d, silence := Compose(in)
		if d == nil || strings.Count(d.Body, "Căn cứ:") < maxCitations {
			t.Fatalf("%s: %q", kind, silence)
		}
		if _, err := Render(*d, Numbers{ID: d.Receipt + "." + string(d.Kind), At: in.Counted}, Keys{{ID: "k", Secret: make([]byte, 32)}}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := ReadCitations("c.toml", []byte(strings.Repeat(one, maxCitations+1))); err == nil {
		t.Errorf("%d citations are taken", maxCitations+1)
	}
}

func TestCheckVerifyURL(t *testing.T) {
	for url, ok := range map[string]bool{"": true, "https://a.vn/": true, "http://a.vn/?x={receipt}&d={digest}": true, "a.vn": false, "javascript:x": false,
		"https://": false, "https://{receipt}.vn/": false, "https://u@a.vn/": false, "https://a.vn/ x": false, "https://a.vn/\r\nX:": false, "https://a.vn/{ma}": false,
		"https://a.vn/\"onload=": false, "https://a.vn/" + strings.Repeat("x", 300): false} {
		if err := CheckVerifyURL(url); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
}
