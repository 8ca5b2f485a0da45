package edxml

import (
	"bytes"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzDecode: no input panics or runs on, what it gives keeps to its limits, and whatever can be written reads back as it was.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(letter))
	f.Add([]byte(strings.Replace(letter, "dOG7h3A=", "<![CDATA[dO]]>&#65;<!-- & -->G7h3A=", 1)))
	f.Add([]byte(strings.Replace(letter, "<e:Subject>", "<e:StatusCode>13</e:StatusCode><e:ResponseFor><e:OrganId>H50</e:OrganId><e:Code>1/CV</e:Code></e:ResponseFor><e:Subject>", 1)))
	if b, err := edocBytes(whole(), [][]byte{[]byte("abc"), nil}); err == nil {
		f.Add(b)
	}
	files, err := filepath.Glob(filepath.Join(shared, "samples/s*.edxml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	limits := Limits{Package: 1 << 20, Markup: 64 << 10, File: 64 << 10, Files: 20}
	f.Fuzz(func(t *testing.T, b []byte) {
		var contents [][]byte
		p, err := Decode(bytes.NewReader(b), limits, func(_ int, r io.Reader) error {
			got, err := io.ReadAll(r)
			contents = append(contents, got)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Findings) > maxFindings || len(contents) > limits.Files || p.Kind == "" && !p.Refused() {
			t.Fatalf("%d findings, %d files, kind %q", len(p.Findings), len(contents), p.Kind)
		}
		for _, c := range contents {
			if int64(len(c)) > limits.File {
				t.Fatalf("a file of %d bytes", len(c))
			}
		}
		again(t, p, contents)
	})
}

// again writes what was read, when it may be written, and reads that.
func again(t *testing.T, p Package, contents [][]byte) {
	switch {
	case p.Kind == KindEdoc && !Refused(p.Edoc.Validate()):
		b, err := edocBytes(p.Edoc, contents)
		if err != nil {
			t.Fatal(err)
		}
		q, got := decoded(t, b)
		if want := p.Edoc.normal(); q.Refused() || !equal(q.Edoc.normal(), want) || len(got) != len(want.Files) {
			t.Fatalf("written and read again\ngot  %+v\nwant %+v\n%v", q.Edoc, want, q.Findings)
		}
	case p.Kind == KindStatus && !Refused(p.Status.Validate()):
		b, err := statusBytes(p.Status)
		if err != nil {
			t.Fatal(err)
		}
		if q, _ := decoded(t, b); q.Refused() || !equal(q.Status, p.Status.normal()) {
			t.Fatalf("written and read again\ngot  %+v\nwant %+v", q.Status, p.Status)
		}
	}
}

// FuzzUnwrap: no contents panic or grow beyond the limit.
func FuzzUnwrap(f *testing.F) {
	f.Add(zipped(f, []string{entryName + ".xls"}, "nội dung"), "a.xls")
	f.Add(zipped(f, []string{entryName + ".xls", "b"}, "nội dung"), "a.zip")
	f.Add([]byte("%PDF-1.4\n%\ufffd"), "a.pdf")
	const limit = 1 << 20
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		u, err := Unwrap(bytes.NewReader(b), int64(len(b)), name, limit)
		if err != nil {
			t.Fatal(err)
		}
		r, err := u.Open()
		if err != nil {
			return // damage
		}
		n, err := io.Copy(io.Discard, r)
		switch {
		case u.Wrapped && n > limit:
			t.Fatalf("%d bytes", n)
		case !u.Wrapped && (err != nil || n != int64(len(b))):
			t.Fatalf("not wrapped, but %d of %d bytes: %v", n, len(b), err)
		}
	})
}

// FuzzPeel: no reply panics, and a reply never gives more than it has.
func FuzzPeel(f *testing.F) {
	b64 := base64.StdEncoding.EncodeToString([]byte(letter))
	f.Add([]byte(`{"status":"OK","x":[1,{"a":"\""}],"data":"` + b64 + `"}`))
	f.Add([]byte(`"` + b64 + `"`))
	f.Add([]byte(b64))
	f.Add([]byte(letter))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Peel(bytes.NewReader(b))
		if err != nil {
			return
		}
		if n, _ := io.Copy(io.Discard, r); n > int64(len(b)) {
			t.Fatalf("%d bytes of %d", n, len(b))
		}
	})
}
