package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rawField is one header field as it stands in the raw message, folding and line ends included.
type rawField struct {
	name string // in lower case
	text string // all of it, with the name
}

// value is what follows the colon.
func (f rawField) value() string {
	_, v, _ := strings.Cut(f.text, ":")
	return v
}

// Bounds of a header in which signatures are verified: the parser leaves fields beyond the first thousand out, and the DKIM library copies a
// field once for each of its lines, and looks through all fields for each name that is signed. Real headers have a hundred lines; one that names
// some hundred receivers has one for each.
const (
	maxFields = 1000
	maxLines  = 4000
	maxNames  = 500
)

// errUneven is about a header that readers take apart differently. What is signed in one reading may not be what another one shows, so
// nothing is verified in it.
var errUneven = errors.New("the header can be read in more than one way")

// readBlock reads the header block of a raw message as RFC 5322, 2.2 has it, and nothing else, and says where the body begins. Errors other
// than errUneven are those of raw.
func readBlock(raw io.ReaderAt, size, limit int64) (fields []rawField, body int64, err error) {
	head := make([]byte, min(size, limit))
	n, err := raw.ReadAt(head, 0)
	if n < len(head) {
		return nil, 0, fmt.Errorf("read header: %w", err)
	}
	whole := string(head) // copied once; fields are pieces of it
	at, begun := 0, 0     // where the line begins, and the field that it is in
	for lines := 0; ; lines++ {
		line, rest, found := bytes.Cut(head[at:], []byte{'\n'})
		if lines > maxLines || len(fields) > maxFields {
			return nil, 0, errUneven
		}
		if !found {
			if size > limit || len(line) > 0 {
				return nil, 0, errUneven
			}
			return fields, size, nil // a header without a body
		}
		text := bytes.TrimSuffix(line, []byte{'\r'})
		from := at
		at = len(head) - len(rest)
		switch {
		case len(text) == 0:
			return fields, int64(at), nil
		case bytes.ContainsAny(text, "\r\x00"):
			return nil, 0, errUneven
		case text[0] == ' ' || text[0] == '\t':
			if len(fields) == 0 {
				return nil, 0, errUneven
			}
			fields[len(fields)-1].text = whole[begun:at]
			continue
		}
		colon := bytes.IndexByte(text, ':')
		if colon < 1 || bytes.ContainsFunc(text[:colon], func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return nil, 0, errUneven
		}
		fields = append(fields, rawField{name: strings.ToLower(string(text[:colon])), text: whole[from:at]})
		begun = from
	}
}

// maxBlank is how many blank lines may follow each other in a body. Those at its end are not signed, so that whoever checks has to keep them
// until he knows; real mail has some dozens.
const maxBlank = 16 << 10

var errBlank = errors.New("too many blank lines to be checked")

// blankGuard ends a body that has too many blank lines in a row. A CR alone, which the DKIM library keeps like a line end, counts as half of one.
type blankGuard struct {
	r   io.Reader
	run int // signs of line ends
}

func (g *blankGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for _, c := range p[:n] {
		switch c {
		case '\n', '\r':
			if g.run++; g.run > 2*maxBlank {
				return 0, errBlank
			}
		case ' ', '\t':
		default:
			g.run = 0
		}
	}
	return n, err
}

// tags reads a list of tags such as DKIM signatures and key records have (RFC 6376, 3.2). ok is false when one comes twice or has no name:
// readers would differ.
func tags(value string) (out map[string]string, ok bool) {
	out = map[string]string{}
	for part := range strings.SplitSeq(value, ";") {
		name, v, is := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !is {
			if name != "" {
				return nil, false
			}
			continue
		}
		if _, twice := out[name]; twice || name == "" {
			return nil, false
		}
		out[name] = strings.TrimSpace(v)
	}
	return out, true
}

// compact takes all white space out of a value (RFC 6376, 3.2, FWS).
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, s)
}
