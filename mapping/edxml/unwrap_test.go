package edxml

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

const entryName = "364a2a96-a3c2-4c8f-afff-205a3dad1bf1"

func zipped(t testing.TB, names []string, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestUnwrap(t *testing.T) {
	const inner = "nội dung của tệp"
	wrapped := zipped(t, []string{entryName + ".xls"}, inner)
	cases := []struct {
		what, name string
		in         []byte
		wrapped    bool
		findings   []Code
	}{
		{"wrapped", "a.xls", wrapped, true, nil},
		{"wrapped, upper case", "a.xls", zipped(t, []string{strings.ToUpper(entryName) + ".XLS"}, inner), true, nil},
		{"no extension", "a", zipped(t, []string{entryName + ".unk"}, inner), true, nil},
		{"the sender's own ZIP", "a.ZIP", wrapped, false, nil},
		{"a document of many entries", "a.docx", zipped(t, []string{"[Content_Types].xml", "word/document.xml"}, inner), false, nil},
		{"two entries with UUIDs", "a.xls", zipped(t, []string{entryName + ".a", entryName + ".b"}, inner), false, nil},
		{"one entry with a name", "a.xls", zipped(t, []string{"bang.xls"}, inner), false, nil},
		{"one entry in a folder", "a.xls", zipped(t, []string{"x/" + entryName + ".xls"}, inner), false, nil},
		{"raw", "a.pdf", []byte("%PDF-1.7 …"), false, nil},
		{"nothing", "a.pdf", nil, false, nil},
		{"cut off", "a.xls", wrapped[:40], false, []Code{FileDamaged}},
		{"destroyed", "a.pdf", []byte("%PDF-1.4\n%\ufffd\ufffd"), false, []Code{FileDamaged}},
		{"destroyed before it was wrapped", "a.pdf", zipped(t, []string{entryName + ".pdf"}, "%PDF-1.4\n%\ufffd\ufffd"), true, []Code{FileDamaged}},
	}
	for _, c := range cases {
		u, err := Unwrap(bytes.NewReader(c.in), int64(len(c.in)), c.name, 0)
		if err != nil || u.Wrapped != c.wrapped || !slices.Equal(codes(u.Findings), c.findings) {
			t.Errorf("%s: %v %+v", c.what, err, u)
			continue
		}
		for range 2 { // Open may be called again
			r, err := u.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !c.wrapped && !bytes.Equal(got, c.in) || c.wrapped && len(c.findings) == 0 && string(got) != inner {
				t.Errorf("%s: %v %q", c.what, err, got)
			}
		}
	}
}

func TestUnwrapBomb(t *testing.T) {
	bomb := zipped(t, []string{entryName + ".pdf"}, strings.Repeat("\x00", 40<<20))
	for _, c := range []struct {
		in    []byte
		limit int64
		big   bool
	}{{bomb, 0, true}, {zipped(t, []string{entryName + ".txt"}, "0123456789"), 9, true}, {zipped(t, []string{entryName + ".txt"}, "0123456789"), 10, false}} {
		u, err := Unwrap(bytes.NewReader(c.in), int64(len(c.in)), "a.pdf", c.limit)
		if err != nil || !u.Wrapped {
			t.Fatalf("%v %+v", err, u)
		}
		r, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); TooBig(err) != c.big || c.big == (err == nil) {
			t.Errorf("limit %d: %d bytes, %v", c.limit, n, err)
		}
	}
}

type failingAt struct{ err error }

func (f failingAt) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestUnwrapErrorsAreOurs(t *testing.T) {
	broken := errors.New("disk")
	if _, err := Unwrap(failingAt{broken}, 100, "a.xls", 0); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestPeel(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString([]byte(letter))
	folded := strings.ReplaceAll(b64, "A", "A\r\n")
	cases := map[string]string{
		"as it is":            letter,
		"with junk before it": "\x00x" + letter,
		"base64":              b64,
		"base64 in lines":     folded,
		"a string":            `"` + strings.ReplaceAll(b64, "/", `\/`) + `"`,
		"a reply":             `{"data":"` + b64 + `","ErrorCode":"0","status":"OK"}`,
		"a reply, data last":  ` { "status" : "OK", "x":{"data":["}",1,{"a":null}]}, "y\"data":[],"z":-1.5e3 , "data" : "` + strings.ReplaceAll(b64, "+", `\u002b`) + `\n"}`,
	}
	for name, in := range cases {
		r, err := Peel(iotest.HalfReader(strings.NewReader(in)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := io.ReadAll(r)
		if err != nil || strings.TrimPrefix(string(got), "\x00x") != letter && string(got) != "x"+letter {
			t.Errorf("%s: %v %.80q", name, err, got)
		}
	}
}

func TestPeelRefuses(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString([]byte(letter))
	for name, in := range map[string]string{
		"a failure":        `{"status":"FAIL","ErrorCode":"-1","ErrorDesc":"data"}`,
		"no data":          `{"status":"OK","data":null}`,
		"data of a list":   `{"data":[{"docId":"1"}]}`,
		"an empty object":  `{}`,
		"cut off":          `{"status":"OK"`,
		"no JSON":          `{status}`,
		"endless before":   `{"a":"` + strings.Repeat("x", 2<<20) + `","data":"` + b64 + `"}`,
		"an endless array": `{"a":` + strings.Repeat("[", 2<<20),
	} {
		if _, err := Peel(strings.NewReader(in)); !errors.Is(err, ErrNoPackage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, in := range map[string]string{
		"data cut off":   `{"data":"` + b64[:len(b64)/2],
		"base64 cut off": b64[:len(b64)/2+1],
		"no base64":      `{"data":"` + b64[:40] + `!!"}`,
		"an odd escape":  `{"data":"` + b64[:40] + `\u1234"}`,
	} {
		r, err := Peel(strings.NewReader(in))
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err == nil {
			t.Errorf("%s was taken for a whole package", name)
		}
	}
	r, err := Peel(strings.NewReader(" \n"))
	if err != nil {
		t.Fatal(err)
	}
	if p, err := Decode(r, Limits{}, nil); err != nil || !slices.Equal(codes(p.Findings), []Code{Empty}) {
		t.Errorf("nothing: %v %+v", err, p.Findings)
	}
	broken := errors.New("line")
	if _, err := Peel(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
