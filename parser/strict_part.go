package parser

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"

	"github.com/giaolien/giaolien/parser/unpack"
)

// strictType is what a reading makes of the header of an entity.
type strictType struct {
	ctype    string
	boundary string
	named    bool
	attached bool
	ext      string // of the file's name
	enc      encoding
}

// describe reads the Content- fields.
func (s *reading) describe(h *headEnd, digest bool) strictType {
	field := s.field(h, "Content-Type")
	ctype, p := s.params(field)
	t := strictType{ctype: ctype, boundary: trimBoundary(p["boundary"]), enc: s.encoding(s.field(h, "Content-Transfer-Encoding"))}
	switch {
	case digest && strings.TrimSpace(field) == "": // RFC 2046, 5.1.5
		t.ctype = "message/rfc822"
	case !strings.Contains(ctype, "/"): // RFC 2045, 5.2
		t.ctype = "text/plain"
	}
	disposition, d := s.params(s.field(h, "Content-Disposition"))
	t.attached = disposition == "attachment"
	order := [4]string{d["filename"], p["name"], p["filename"], d["name"]}
	if s.flip&forkNames != 0 {
		order = [4]string{p["name"], d["filename"], d["name"], p["filename"]}
	}
	for _, name := range order {
		if name != "" {
			t.named, t.ext = true, extension(name)
			break
		}
	}
	return t
}

// params reads a field with parameters: by mime.ParseMediaType, whose values count as they stand there after comments are taken out; where
// that refuses (blanks in a value without quotes, raw 8-bit, "----=_Part" without quotes: every program in use reads those), or where the
// habit asks for it, by splitting at semicolons.
func (s *reading) params(field string) (string, map[string]string) {
	if s.flip&(forkParams|forkNames) == 0 {
		field = stripComments(field)
		if v, p, err := mime.ParseMediaType(field); err == nil {
			for k, x := range p {
				if strings.Contains(x, "=?") {
					p[k] = decodeWords(x)
				}
			}
			_, plain := splitParams(field, false)
			for k, x := range plain { // a charset that mime does not know costs it the value
				if _, known := p[k]; !known {
					p[k] = x
				}
			}
			return v, p
		}
	}
	v, p := splitParams(field, s.flip&forkParams != 0)
	for k, x := range p {
		if strings.Contains(x, "=?") {
			p[k] = decodeWords(x)
		}
	}
	return v, p
}

// splitParams splits a field at the semicolons outside quotes, as simple programs do: no comments, no escapes; of a parameter that stands
// there twice the first or the last counts, and where it is the last a boundary without quotes ends at a blank. The pieces of RFC 2231 are joined as they come, percent signs and all, where no plain
// parameter of the name is there: good enough to tell that there is a name, and its extension.
func splitParams(s string, last bool) (string, map[string]string) {
	out := map[string]string{}
	pieces := map[string]string{}
	value := ""
	for i := 0; s != ""; i++ {
		var item string
		item, s = cutItem(s)
		name, v, ok := strings.Cut(item, "=")
		if i == 0 {
			value = strings.ToLower(strings.Trim(strings.TrimSpace(item), `"'`))
			if blank := strings.IndexAny(value, " \t,"); blank > 0 {
				value = value[:blank]
			}
			continue
		}
		name = strings.ToLower(strings.TrimSpace(name))
		if v = strings.TrimSpace(v); last && name == "boundary" {
			v = firstToken(v)
		}
		if v = strings.Trim(v, `"`); !ok || name == "" || i > maxParams {
			continue
		}
		if base, _, extended := strings.Cut(name, "*"); extended {
			pieces[base] += string(appendPercent(nil, v))
		} else if _, twice := out[name]; !twice || last {
			out[name] = v
		}
	}
	for name, v := range pieces {
		if _, plain := out[name]; !plain && name != "boundary" {
			out[name] = v
		}
	}
	return value, out
}

// firstToken is a value without quotes up to the first blank.
func firstToken(v string) string {
	if i := strings.IndexAny(v, " \t"); i > 0 && v[0] != '"' {
		return v[:i]
	}
	return v
}

// cutItem takes what stands before the next semicolon outside quotes.
func cutItem(s string) (item, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// encoding reads Content-Transfer-Encoding: the names of RFC 2045, 6.1 and those of uuencode, nothing else; anything else is no encoding.
func (s *reading) encoding(field string) encoding {
	f := strings.ToLower(strings.TrimSpace(field))
	if s.flip&forkParams == 0 {
		f = strings.TrimSpace(stripComments(f))
	}
	if s.flip&forkEncoding != 0 {
		f = strings.ToLower(decodeWords(field))
		switch {
		case strings.Contains(f, "base64"):
			return base64Encoding
		case strings.Contains(f, "quoted"):
			return quotedPrintable
		case strings.Contains(f, "uue") || strings.Contains(f, "uuencode"):
			return uuEncoding
		}
		return identity
	}
	switch f {
	case "base64":
		return base64Encoding
	case "quoted-printable":
		return quotedPrintable
	case "x-uuencode", "uuencode", "x-uue":
		return uuEncoding
	}
	return identity
}

// strictDecoder undoes an encoding by the standard library, which stops at what is wrong. It knows no uuencode: that is read as ever.
func strictDecoder(enc encoding, r *bufio.Reader) io.Reader {
	switch enc {
	case base64Encoding:
		return base64.NewDecoder(base64.StdEncoding, &base64Text{r: r})
	case quotedPrintable:
		return quotedprintable.NewReader(r) // it uses r's buffer; its own would refuse lines over 4 KiB
	case uuEncoding:
		return &decodedReader{raw: r, dec: &uuStream{}}
	}
	return r
}

// base64Text takes blanks and line ends out of base64, and completes the last group.
type base64Text struct {
	r    io.Reader
	n    int // characters so far, modulo 4
	tail string
	done bool
}

func (b *base64Text) Read(p []byte) (int, error) {
	if b.done {
		n := copy(p, b.tail)
		if b.tail = b.tail[n:]; n == 0 && len(p) > 0 {
			return 0, io.EOF
		}
		return n, nil
	}
	n, err := b.r.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			kept = append(kept, c)
		}
	}
	b.n = (b.n + len(kept)) % 4
	if err == io.EOF {
		b.done = true
		b.tail = [4]string{"", "", "==", "="}[b.n]
		err = nil
	}
	return len(kept), err
}

// encoded reads a multipart whose encoding is undone before it is split, which RFC 2045, 6.4 forbids and some programs do. Where that gives
// no parts nobody can have read it so, and the parts count as they stand.
func (s *reading) encoded(t *strictType, at span, depth int) {
	decode := func() io.Reader { return strictDecoder(t.enc, bufio.NewReaderSize(s.section(at), windowSize)) }
	size, err := io.Copy(io.Discard, decode())
	if errors.Is(err, errSpent) {
		s.cutOff = true
		return
	}
	plain := *t
	plain.enc = identity
	in := newReading(unpack.Seekable(func() (io.Reader, error) { return decode(), nil }, size), s.lim, s.flip, s.left)
	in.parts = s.parts
	if len(in.split(span{0, size}, t.boundary)) == 0 {
		s.multipart(&plain, at, depth)
		return
	}
	in.multipart(&plain, span{0, size}, depth)
	s.files, s.parts, s.cutOff = append(s.files, in.files...), in.parts, s.cutOff || in.cutOff
}
