package parser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"
)

// FuzzHeaderBlock: a block is never read beyond its limits, and what is a field by the letter is a field here.
func FuzzHeaderBlock(f *testing.F) {
	f.Add([]byte("Subject: x\r\n y\r\nContent-Type: a/b\r\n\r\n"))
	f.Add([]byte("From a@b\r\n\tjunk\r\nA : b\r\n \r\nB:\x00\r"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b := readBlock(raw, 50)
		if n := b.Len(); n > 50 || b.body > len(raw) {
			t.Fatalf("%d fields, body at %d of %d", n, b.body, len(raw))
		}
		left := int64(1 << 20)
		r := newReading(bytes.NewReader(raw), DefaultLimits, forkLetter, &left)
		h := r.header(span{0, int64(len(raw))}, true)
		if h.body > int64(len(raw)) {
			t.Fatalf("body at %d of %d", h.body, len(raw))
		}
		if !b.repaired && !b.over && b.body < 0 && h.Len() > b.Len() {
			t.Fatalf("%d fields by the letter, %d here", h.Len(), b.Len())
		}
	})
}

// pieces gives b to a decoder in pieces that depend on seed.
func pieces(d transfer, b []byte, seed int64) []byte {
	var out []byte
	keep := func(p []byte) { out = append(out, p...) }
	r := rand.New(rand.NewSource(seed))
	for len(b) > 0 {
		n := 1 + r.Intn(min(len(b), 100))
		d.write(b[:n], keep)
		b = b[n:]
	}
	d.close(keep)
	return out
}

// FuzzBase64Stream: however the stream is cut the bytes are the same, and what encoding/base64 reads is read alike.
func FuzzBase64Stream(f *testing.F) {
	f.Add([]byte("QUJD\r\nQQ==\r\nQkNE\r\n-- \r\nfooter of a list"), int64(1))
	f.Add([]byte("QU JD*Q"), int64(2))
	f.Fuzz(func(t *testing.T, raw []byte, seed int64) {
		whole := newBase64Stream()
		a := pieces(whole, raw, seed)
		if b := pieces(newBase64Stream(), raw, seed+1); !bytes.Equal(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
		if want, err := base64.StdEncoding.DecodeString(string(raw)); err == nil && (!bytes.Equal(a, want) || whole.damaged()) {
			t.Fatalf("%q, want %q, damaged %v", a, want, whole.damaged())
		}
	})
}

// FuzzQuotedPrintableStream: however the stream is cut the bytes are the same, and what the standard library writes is read back.
func FuzzQuotedPrintableStream(f *testing.F) {
	f.Add([]byte("a=C3=B4 \t\r\nb=\r\nc=3"), int64(1))
	f.Add([]byte("= \r\n=\r=\n=X"), int64(2))
	f.Fuzz(func(t *testing.T, raw []byte, seed int64) {
		if a, b := pieces(newQPStream(), raw, seed), pieces(newQPStream(), raw, seed+1); !bytes.Equal(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
		var enc bytes.Buffer
		w := quotedprintable.NewWriter(&enc)
		w.Binary = true
		if _, err := w.Write(raw); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		d := newQPStream()
		if got := pieces(d, enc.Bytes(), seed); !bytes.Equal(got, raw) || d.damaged() {
			t.Fatalf("%q, want %q", got, raw)
		}
	})
}

// FuzzUUEncode: however the stream is cut the bytes are the same; a file in a text comes out whole.
func FuzzUUEncode(f *testing.F) {
	f.Add([]byte("begin 644 a\n#0V%T\n`\nend\n"), int64(1))
	f.Add([]byte("x\nbegin 644 a\nM\nbegin 644 b\n"), int64(2))
	f.Fuzz(func(t *testing.T, raw []byte, seed int64) {
		if a, b := pieces(&uuStream{}, raw, seed), pieces(&uuStream{}, raw, seed+1); !bytes.Equal(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
		m := parseString("Subject: x\r\n\r\n" + string(raw))
		checkMessage(t, m)
		m = parseString("Subject: x\r\n\r\ntext\r\n" + uuWritten("a", raw) + "text\r\n")
		if len(raw) > 0 && (len(m.Attachments) != 1 || m.Attachments[0].SHA256 != digest(raw)) {
			t.Fatalf("lost a file of %d bytes: %v", len(raw), m.Attachments)
		}
	})
}

// FuzzDate: a date is read or not, and never lies outside the years that RFC 3339 can write.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"Mon, 22 Apr 2019 08:05:00 GMT+07:00", "Thứ hai, 22 Tháng Mười Hai 2019 8:05 CH", "T2, 22/04/19 24:00", "2019-04-22T08:05:00-00:15", "9999-12-31T23:59:60-18:00", "1-1-1900 0:0 +18"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := parseDate(s)
		if ok && (d.Year() < 1899 || d.Year() > 9999) || !ok && !d.IsZero() {
			t.Fatalf("%q: %v %v", s, d, ok)
		}
	})
}

// FuzzTrace: trace fields are read by anything that follows "Received:", with what they promise.
func FuzzTrace(f *testing.F) {
	f.Add("from a (b [192.0.2.1]) by mx.vn (x) with ESMTPS id 1 for <c@d.vn>; Mon, 22 Apr 2019 08:00:00 +0700 (ICT)")
	f.Add("by ((((\"; from with; ;")
	f.Fuzz(func(t *testing.T, s string) {
		raw := "Received: " + s + "\r\nReturn-Path: " + s + "\r\nARC-Seal: " + s + "\r\nReferences: " + s + "\r\n\r\n"
		checkMessage(t, parseString(raw))
		r := parseReceived(0, s)
		if strings.ContainsAny(r.By, " \t") || r.By != strings.ToLower(r.By) {
			t.Fatalf("by %q", r.By)
		}
	})
}

// FuzzSecondReading: every reading ends, within its budget, whatever the message.
func FuzzSecondReading(f *testing.F) {
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n--b\r\n\r\nx\r\n--b x\r\n--b--"), uint16(0))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\nLS1iDQoNCi0tYi0t"), uint16(forkEncoded))
	f.Add([]byte("A: b\rContent-Type: message/rfc822\r \r\r\nContent-Type : a;b\x00=c"), uint16(forkCR|forkColon|forkNUL))
	f.Fuzz(func(t *testing.T, raw []byte, flips uint16) {
		flip := fork(flips) & (forkLimit - 1)
		budget := int64(1 << 20)
		left := budget
		var r io.ReaderAt = bytes.NewReader(raw)
		if flip&forkCR != 0 {
			r = bareCR{r}
		}
		s := newReading(r, Limits{HeaderBytes: 1 << 10, Fields: 20, Parts: 20, Depth: 5}, flip, &left)
		s.message(span{0, int64(len(raw))}, 0, true)
		if left < -windowSize || len(s.files) > 20 || !s.cutOff && left < 0 && len(raw) < 1000 {
			t.Fatalf("%d files, %d of %d left", len(s.files), left, budget)
		}
	})
}

// FuzzNothingIsLost composes a sound message of parts, breaks it in ways that leave every byte of every part where it is, and demands the
// digest of each part. Breaking the structure so that a reader may see fewer files is what Ambiguous is for; here nothing may be lost.
func FuzzNothingIsLost(f *testing.F) {
	f.Add([]byte("%PDF-1.4"), []byte("--b\r\n\x00\xFF"), uint16(0xFFFF), uint8(3))
	f.Add([]byte(""), []byte("begin 644 a\r\n"), uint16(0), uint8(0))
	f.Fuzz(func(t *testing.T, one, two []byte, damage uint16, shape uint8) {
		contents := [][]byte{one, two, append(slices.Clone(two), one...)}
		raw, want := compose(contents, shape), []string{}
		for _, c := range contents {
			want = append(want, digest(c))
		}
		raw = broken(raw, damage)
		m := parseString(raw)
		checkMessage(t, m)
		got := map[string]int{}
		for _, a := range m.Attachments {
			got[a.SHA256]++
		}
		for _, n := range m.Nested {
			for _, a := range n.Attachments {
				got[a.SHA256]++
			}
		}
		for i, d := range want {
			if got[d]--; got[d] < 0 {
				t.Fatalf("part %d of %d bytes is lost, damage %b, shape %d: %v\n%.2000q", i, len(contents[i]), damage, shape, m.Findings, raw)
			}
		}
	})
}

// compose writes each content as a part: encoded in one of three ways, in one or two multiparts, or in an attached message.
func compose(contents [][]byte, shape uint8) string {
	part := func(i int) string {
		head := fmt.Sprintf("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=f%d\r\n", i)
		switch (int(shape)>>2 + i) % 3 {
		case 0:
			return head + "Content-Transfer-Encoding: base64\r\n\r\n" + lines(b64of(contents[i]), 76)
		case 1:
			var b bytes.Buffer
			w := quotedprintable.NewWriter(&b)
			w.Binary = true
			if _, err := w.Write(contents[i]); err != nil {
				panic(err)
			}
			if err := w.Close(); err != nil {
				panic(err)
			}
			return head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.ReplaceAll(b.String(), "-", "=2D")
		}
		return head + "Content-Transfer-Encoding: x-uuencode\r\n\r\n" + uuWritten("x", contents[i])
	}
	top := "From: a@b.vn\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n"
	inner := "Content-Type: multipart/mixed; boundary=\"=_bc\"\r\n\r\n--=_bc\r\n" + part(1) + "\r\n--=_bc\r\n" + part(2) + "\r\n--=_bc--\r\n"
	switch shape % 4 {
	case 0:
		return top + "--=_b\r\n" + part(0) + "\r\n--=_b\r\n" + part(1) + "\r\n--=_b\r\n" + part(2) + "\r\n--=_b--\r\n"
	case 1:
		return top + "--=_b\r\n" + part(0) + "\r\n--=_b\r\n" + inner + "\r\n--=_b--\r\n"
	case 2:
		return top + "--=_b\r\n" + inner + "\r\n--=_b\r\n" + part(0) + "\r\n--=_b--\r\n"
	}
	return top + "--=_b\r\n" + part(0) + "\r\n--=_b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n" + inner + "\r\n--=_b--\r\n"
}

func lines(s string, n int) string {
	var b strings.Builder
	for len(s) > n {
		b.WriteString(s[:n] + "\r\n")
		s = s[n:]
	}
	return b.String() + s
}

// broken damages a message; each bit is one way.
func broken(raw string, how uint16) string {
	for i, f := range []func(string) string{
		func(s string) string { return "this is no field\r\n" + s },
		func(s string) string { return "From a@b.vn Mon Apr 22 08:00:00 2019\r\n" + s },
		func(s string) string { return "\r\n\r\n" + s },
		func(s string) string { return strings.Replace(s, "Subject: x\r\n", "Subject: x\r\n \t\r\n", 1) },
		func(s string) string { return strings.Replace(s, "Subject: x\r\n", "Subject : \x00x\r\n", 1) },
		func(s string) string { return strings.TrimSuffix(s, "\r\n--=_b--\r\n") },
		func(s string) string { return strings.ReplaceAll(s, "\r\n--=_bc--\r\n", "") },
		func(s string) string { return strings.Replace(s, "; boundary=\"=_b\"", "", 1) },
		func(s string) string {
			return strings.Replace(s, "multipart/mixed; boundary=\"=_b\"", "multipart; boundary==_b", 1)
		},
		func(s string) string {
			return strings.Replace(s, "; boundary=\"=_b\"", "; boundary=\"=_b\"; boundary=x", 1)
		},
		func(s string) string {
			return strings.Replace(s, "; boundary=\"=_b\"", " (x); boundary=\"=_b\"\r\nContent-Type: text/plain", 1)
		},
		func(s string) string { return strings.ReplaceAll(s, "\r\n--=_b\r\n", "\r\n--=_b \t\r\n") },
		func(s string) string { return strings.ReplaceAll(s, "x-uuencode", "UUENCODE") },
		func(s string) string { return strings.Replace(s, "--=_b\r\n", "--=_b\r\n\r\nno file\r\n--=_b\r\n", 1) },
		func(s string) string {
			return strings.ReplaceAll(s, "Content-Disposition: ", "junk\r\nContent-Disposition: ")
		},
		func(s string) string { // without a delimiter it would be part of the last file
			if strings.HasSuffix(s, "--=_b--\r\n") {
				return s + "\r\nappended\r\n"
			}
			return s
		},
	} {
		if how&(1<<i) != 0 {
			raw = f(raw)
		}
	}
	if how&(1<<5) == 0 && how%5 == 1 {
		raw = strings.ReplaceAll(raw, "\r\n", "\n")
	}
	return raw
}
