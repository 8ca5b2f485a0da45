package unpack

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"testing"
)

// Lesson 20: whatever is missing at the end, what is there is given.
func TestCMSCutAnywhere(t *testing.T) {
	content := cmsFile(t, "content.txt")
	for name, step := range map[string]int{"opaque-stream.p7m": 1, "opaque-rsa.p7m": 7, "gpgsm-opaque.p7m": 7} {
		raw := cmsFile(t, name)
		at := bytes.Index(raw, content[:100])
		last := 0
		for n := len(raw) % step; n < len(raw); n += step {
			o, problems := readCMS(raw[:n])
			got, err := cmsContent(o)
			if !bytes.HasPrefix(content, got) {
				t.Fatalf("%s cut at %d: content is no beginning of the true one", name, n)
			}
			if err == nil && len(got) < len(content) && o.Content.Open != nil || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%s cut at %d: %d bytes, %v", name, n, len(got), err)
			}
			if len(got) < last || n < at+8000 && len(got) < min(n-at, len(content))-8 {
				t.Fatalf("%s cut at %d: only %d bytes", name, n, len(got))
			}
			last = len(got)
			if cmsCodes(problems) != Damaged {
				t.Fatalf("%s cut at %d: %v", name, n, problems)
			}
			for _, v := range o.Verify(nil) {
				if v.Result == Broken || v.Result == Intact && !bytes.Equal(got, content) {
					t.Fatalf("%s cut at %d: %+v", name, n, v)
				}
			}
		}
		if last != len(content) {
			t.Errorf("%s: only %d bytes when one byte is missing", name, last)
		}
	}
}

// No byte can be changed so that another content passes for the signed one.
func TestCMSFlipAnywhere(t *testing.T) {
	for name, want := range map[string]string{"pss.p7m": "small.txt", "ecdsa-keyid.p7m": "small.txt", "noattr-rsa.p7m": "small.txt", "two-signers.p7m": "small.txt"} {
		raw, content := cmsFile(t, name), cmsFile(t, want)
		at := bytes.Index(raw, content)
		for n := range raw {
			b := bytes.Clone(raw)
			b[n] ^= 1 << (n % 8)
			o, _ := readCMS(b)
			got, err := cmsContent(o)
			for _, v := range o.Verify(nil) {
				if v.Result == Intact && (err != nil || !bytes.Equal(got, content)) {
					t.Fatalf("%s with byte %d changed: intact, but the content is %q, %v", name, n, got, err)
				}
				if v.Result != Broken && n >= at && n < at+len(content) {
					t.Fatalf("%s with byte %d of the content changed: %+v", name, n-at, v)
				}
			}
			if n >= at && n < at+len(content) && (err != nil || len(got) != len(content)) {
				t.Fatalf("%s with byte %d of the content changed: not given", name, n-at)
			}
		}
	}
	raw := cmsFile(t, "opaque-rsa.p7m")
	raw[len(raw)-1] ^= 1 // the end of the signature
	o, _ := readCMS(raw)
	if got, err := cmsContent(o); err != nil || !bytes.Equal(got, cmsFile(t, "content.txt")) || cmsResults(o.Verify(nil)) != "broken" {
		t.Errorf("signature changed: %v", err)
	}
}

func TestCMSBrokenBehindTheContent(t *testing.T) {
	content := []byte("Content-Type: text/plain\r\n\r\nKính gửi\r\n")
	s := ecSigner(t)
	info := s.info(t, content)
	inner := el(berSequence, el(berOID, []byte(oidData)), el(berTag0, el(berOctets, content)))
	object := func(rest ...[]byte) []byte {
		body := append([][]byte{el(berInteger, []byte{1}), el(berSet), inner}, rest...)
		return el(berSequence, el(berOID, []byte(oidSigned)), el(berTag0, el(berSequence, body...)))
	}
	for _, c := range []struct {
		name     string
		b        []byte
		problems string
		results  string
	}{
		{"all", object(el(berTag0, s.cert), el(berSet, info)), "", "intact"},
		{"with lists of the revoked", object(el(berTag0, s.cert), el(berTag1, make([]byte, 3<<20)), el(berSet, info)), "", "intact"},
		{"nothing", object(), "", ""},
		{"no signers", object(el(berTag0, s.cert), el(berSet)), "", ""},
		{"rubbish", object([]byte{0x05, 0x81}), Damaged, ""},
		{"rubbish for certificates", object(el(berTag0, []byte{berSequence, 0xFF}), el(berSet, info)), Damaged, "unverified"},
		{"rubbish for a signer", object(el(berTag0, s.cert), el(berSet, el(berSequence, []byte{1, 2, 3}), info)), "", "unverified intact"},
		{"a signer that is none", object(el(berTag0, s.cert), el(berSet, el(berInteger, []byte{1}), info)), "", "intact"},
	} {
		o, problems := readCMS(c.b)
		if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: content %q, %v", c.name, got, err)
		}
		if r := cmsResults(o.Verify(nil)); r != c.results || cmsCodes(problems) != c.problems {
			t.Errorf("%s: %q, %v", c.name, r, problems)
		}
	}
}

// Lengths of what stands around the content may lie: it is given as long as its own length says.
func TestCMSLyingLengths(t *testing.T) {
	content := []byte("Content-Type: text/plain\r\n\r\nKính gửi\r\n")
	raw := el(berSequence, el(berOID, []byte(oidSigned)), el(berTag0, el(berSequence, el(berInteger, []byte{1}), el(berSet),
		el(berSequence, el(berOID, []byte(oidData)), el(berTag0, el(berOctets, content))))))
	for n := 1; n < bytes.Index(raw, content)-2; n++ {
		for _, v := range []byte{raw[n] - 3, raw[n] + 3, 0x7F} {
			b := bytes.Clone(raw)
			b[n] = v
			o, _ := readCMS(b)
			if got, err := cmsContent(o); len(got) > 0 && !bytes.Equal(got, content) {
				t.Errorf("byte %d is %#x: %q, %v", n, v, got, err)
			}
		}
	}
	short := bytes.Clone(raw)
	short[bytes.Index(raw, content)-3] -= 3 // what the string stands in
	if o, problems := readCMS(short); cmsCodes(problems) != Damaged {
		t.Errorf("shorter than what is in it: %v", problems)
	} else if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) {
		t.Errorf("shorter than what is in it: %q, %v", got, err)
	}
	raw[bytes.Index(raw, content)-1] = 0x7F
	o, problems := readCMS(raw)
	got, err := cmsContent(o)
	if !bytes.Equal(got, content) || !errors.Is(err, io.ErrUnexpectedEOF) || cmsCodes(problems) != Damaged || o.Content.Size != 0x7F {
		t.Errorf("content said to be longer: %q, %v, %v", got, err, problems)
	}
}

func TestCMSContentThatIsNoString(t *testing.T) {
	body := el(berSequence, el(berOID, []byte(oidData)), el(berInteger, []byte{5}))
	for _, content := range [][]byte{el(berSequence, body), indef(berSequence, body)} {
		o, problems := readCMS(signedData(content, nil, nil))
		if got, err := cmsContent(o); err != nil || !bytes.Equal(got, body) || len(problems) > 0 || o.Content.Size != int64(len(body)) {
			t.Errorf("%x, %v, %v", got, err, problems)
		}
	}
}

func TestCMSInsideCMS(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	whole := der(el(berSequence, el(berInteger, []byte{1}), el(berSet), el(berSequence, el(berOID, []byte(oidData)), el(berTag0, el(berOctets, content))),
		el(berTag0, s.cert), el(berSet, s.info(t, content))))
	outer := el(berSequence, el(berOID, []byte(oidSigned)), el(berTag0, el(berSequence, el(berInteger, []byte{3}), el(berSet),
		el(berSequence, el(berOID, []byte(oidSigned)), el(berTag0, el(berOctets, whole))), el(berSet))))
	o, problems := readCMS(outer)
	inner, err := cmsContent(o)
	if err != nil || len(problems) > 0 || o.Content.Type != "application/pkcs7-mime" || o.ContentType != "1.2.840.113549.1.7.2" {
		t.Fatalf("%+v, %v, %v", o, problems, err)
	}
	o, problems = readCMS(inner) // a SignedData without ContentInfo (RFC 5652, 5.1)
	if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) || len(problems) > 0 || cmsResults(o.Verify(nil)) != "intact" {
		t.Errorf("%q, %v, %v", got, problems, err)
	}
}

// compressedData writes a CompressedData (RFC 3274).
func compressedData(t testing.TB, content []byte, algorithm string) []byte {
	t.Helper()
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return indef(berSequence, el(berOID, []byte(oid(1, 2, 840, 113549, 1, 9, 16, 1, 9))), indef(berTag0, indef(berSequence, el(berInteger, []byte{0}),
		el(berSequence, el(berOID, []byte(algorithm))), indef(berSequence, el(berOID, []byte(oidData)), indef(berTag0, inPieces(z.Bytes(), 10))))))
}

func TestCMSCompressed(t *testing.T) {
	content := cmsFile(t, "content.txt")
	b := compressedData(t, content, oidZlib)
	o, problems := readCMS(b)
	if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) || len(problems) > 0 || o.Kind != CMSCompressed || o.Content.Size != -1 {
		t.Errorf("%d bytes, %v, %v", len(got), err, problems)
	}
	o, problems = readCMS(b[:len(b)-30])
	if got, err := cmsContent(o); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(content, got) || len(got) == 0 || cmsCodes(problems) != Damaged {
		t.Errorf("cut: %d bytes, %v, %v", len(got), err, problems)
	}
	o, problems = readCMS(compressedData(t, content, oidData))
	if _, err := cmsContent(o); !errors.Is(err, ErrUnsupported) || cmsCodes(problems) != Unsupported {
		t.Errorf("other method: %v, %v", err, problems)
	}
	o, _ = readCMS(compressedData(t, make([]byte, 1<<25), oidZlib))
	if got, err := cmsContent(o); CodeOf(err) != LimitRatio || len(got) > 16<<20 {
		t.Errorf("bomb: %d bytes, %v", len(got), err)
	}
}
