package unpack

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestCRLF(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "a\nb": "a\r\nb", "a\r\nb\r\n": "a\r\nb\r\n", "\n": "\r\n", "\n\n": "\r\n\r\n", "a\rb": "a\rb", "a\r\r\nb": "a\r\r\nb", "\r": "\r",
		"Kính gửi\nquý cơ quan\n": "Kính gửi\r\nquý cơ quan\r\n",
	} {
		if got, err := io.ReadAll(CRLF(strings.NewReader(in))); err != nil || string(got) != want {
			t.Errorf("CRLF(%q) = %q, %v", in, got, err)
		}
	}
}

func TestCRLFWhateverTheBuffers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOf(rapid.SampledFrom([]byte("ab\r\n"))).Draw(t, "in")
		want := strings.ReplaceAll(strings.ReplaceAll(string(in), "\r\n", "\n"), "\n", "\r\n")
		r := CRLF(iotest.OneByteReader(bytes.NewReader(in)))
		if rapid.Bool().Draw(t, "whole") {
			r = CRLF(bytes.NewReader(in))
		}
		if rapid.Bool().Draw(t, "by bytes") {
			r = iotest.OneByteReader(r)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Fatalf("CRLF(%q) = %q, %v", in, got, err)
		}
	})
}

// A mail that is stored with LF still has its signature.
func TestDetachedWithLF(t *testing.T) {
	small := cmsFile(t, "small.txt")
	o, _ := readCMS(cmsFile(t, "detached-rsa.p7s"))
	lf := bytes.ReplaceAll(small, []byte("\r\n"), []byte("\n"))
	if r := cmsResults(o.Verify(bytes.NewReader(lf))); r != "broken" {
		t.Errorf("LF as it is: %s", r)
	}
	if r := cmsResults(o.Verify(CRLF(bytes.NewReader(lf)))); r != "intact" {
		t.Errorf("LF made CRLF: %s", r)
	}
	if v := o.Verify(nil); cmsResults(v) != "unverified" || v[0].Note != "content is missing" {
		t.Errorf("without content: %+v", v)
	}
}
