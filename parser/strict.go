package parser

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// fileKey is what must be the same of a file in every reading of a message: its bytes, and the extension that decides how they are opened.
type fileKey struct {
	sum  string // SHA-256 of the decoded bytes, hexadecimal
	ext  string // as extension gives it
	size int64
}

// reading is the message once more, by the letter of RFC 5322 and RFC 2045 to 2049, or with one of the habits that programs have instead
// (flip). It shares no code with the walk where the two may part: it splits multiparts from the outside in, by offsets, and leaves the
// rest to go-message's header reader, mime, encoding/base64 and mime/quotedprintable. (go-message's own multipart reader would not do: it
// reads part headers without bound and gives up at the first odd line in one.) Nothing is kept but digests.
//
// By the letter: a header ends at the first line that is no field; the first of several fields counts; a multipart ends at its closing
// delimiter, and one without boundary has no parts; base64 ends at the first character that has no business there.
//
// Three repairs are made here too, because every program in use makes them alike: the "From " line of an mbox file and empty lines before
// the header are passed over, a missing closing delimiter costs no bytes (Truncated says it), and a last group of base64 that lacks its
// padding still counts. MIME-Version is not asked for: no program in use does.
type reading struct {
	r    io.ReaderAt
	lim  Limits
	flip fork
	left *int64 // bytes that may still be read by all readings of the message

	in     *bufio.Reader
	copied [8 << 10]byte
	parts  int
	files  []fileKey
	cutOff bool // a limit or the budget ended it
}

// newReading is a reading of r that shares the budget left.
func newReading(r io.ReaderAt, lim Limits, flip fork, left *int64) *reading {
	return &reading{r: r, lim: lim, flip: flip, left: left, in: bufio.NewReaderSize(nil, windowSize)}
}

// headEnd is a header as read, and where the body begins.
type headEnd struct {
	textproto.Header
	body int64
}

// message reads the message in a span.
func (s *reading) message(at span, depth int, top bool) {
	h := s.header(at, top)
	s.entity(&h, span{h.body, at.to}, depth, false)
}

// header reads the header block at the start of a span.
func (s *reading) header(at span, top bool) headEnd {
	lines := s.lines(at)
	var block []byte
	end := at.from
	for first, begun := true, false; ; first = false {
		line, whole := lines.next()
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0:
		case top && !begun && (len(text) == 0 || first && bytes.HasPrefix(line, []byte("From "))):
			end += int64(len(line))
			continue
		case len(text) == 0, s.flip&forkPadded != 0 && len(bytes.TrimSpace(text)) == 0:
			end += int64(len(line))
		case (text[0] == ' ' || text[0] == '\t') && begun, letterField(text):
			begun = true
			for end += int64(len(line)); !whole && len(line) > 0; end += int64(len(line)) {
				if block = append(block, line...); int64(len(block)) > s.lim.HeaderBytes {
					break
				}
				line, whole = lines.next()
			}
			if block = append(block, line...); int64(len(block)) > s.lim.HeaderBytes {
				s.cutOff = true
				return headEnd{body: at.to}
			}
			continue
		}
		break
	}
	h, err := textproto.ReadHeader(bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.TrimRight(block, "\r\n")), strings.NewReader("\r\n\r\n"))))
	if err != nil && h.Len() == 0 { // what it could read still counts
		return headEnd{body: end}
	}
	return headEnd{h, end}
}

// letterField says whether a line is a field: a name of printable characters, blanks perhaps (RFC 5322, 4.5), a colon.
func letterField(line []byte) bool {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return false
	}
	for _, c := range bytes.TrimRight(line[:i], " \t") {
		if c <= ' ' || c >= 0x7F {
			return false
		}
	}
	return line[0] != ' ' && line[0] != '\t'
}

// field is the value of a Content- field.
func (s *reading) field(h *headEnd, name string) string {
	value, found := "", false
	for f := h.FieldsByKey(name); f.Next(); {
		if raw, err := f.Raw(); s.flip&forkColon != 0 && err == nil {
			if i := bytes.IndexByte(raw, ':'); i > 0 && (raw[i-1] == ' ' || raw[i-1] == '\t') {
				continue
			}
		}
		if value = f.Value(); s.flip&forkFields == 0 {
			found = true
			break
		}
		found = true
	}
	if i := strings.IndexByte(value, 0); i >= 0 && found && s.flip&forkNUL != 0 {
		value = value[:i]
	}
	return value
}

// entity reads the body in a span by its header.
func (s *reading) entity(h *headEnd, at span, depth int, digest bool) {
	if s.parts++; s.parts > s.lim.Parts {
		s.cutOff = true
	}
	if s.cutOff || *s.left < 0 {
		return
	}
	t := s.describe(h, digest)
	switch {
	case strings.HasPrefix(t.ctype, "multipart/") && depth < s.lim.Depth:
		s.multipart(&t, at, depth)
	case isMessage(t.ctype) && depth < s.lim.Depth && t.enc == identity:
		s.file(&t, at)
		s.message(at, depth+1, false)
	case (t.ctype == "text/plain" || t.ctype == "text/html") && !t.named && !t.attached:
		// a body: what it says is no file
	default:
		s.file(&t, at)
	}
}

// multipart reads the parts of one. Without a boundary it has none.
func (s *reading) multipart(t *strictType, at span, depth int) {
	if t.boundary == "" {
		return
	}
	if t.enc != identity && s.flip&forkEncoded != 0 {
		s.encoded(t, at, depth)
		return
	}
	for _, part := range s.split(at, t.boundary) {
		h := s.header(part, false)
		s.entity(&h, span{h.body, part.to}, depth+1, t.ctype == "multipart/digest")
	}
}

// split finds the parts of a multipart between its delimiters. The line end before a delimiter belongs to it.
func (s *reading) split(at span, boundary string) []span {
	var out []span
	delimiter := []byte("--" + boundary)
	lines := s.lines(at)
	begin, pos, eol, bol := int64(-1), at.from, 0, true
	for {
		line, whole := lines.next()
		if len(line) == 0 {
			break
		}
		if bol && bytes.HasPrefix(line, delimiter) {
			if delim, closing := s.delimiter(line[len(delimiter):]); delim {
				if begin >= 0 {
					out = append(out, span{begin, max(begin, pos-int64(eol))})
				}
				if begin = pos + int64(len(line)); closing {
					return out
				}
				if len(out) >= s.lim.Parts {
					s.cutOff = true
					return out
				}
			}
		}
		pos += int64(len(line))
		eol, bol = lineEndBefore(line), whole
	}
	if begin >= 0 {
		out = append(out, span{begin, at.to})
	}
	return out
}

// delimiter says what the rest of a line makes of the boundary before it.
func (s *reading) delimiter(rest []byte) (delim, closing bool) {
	rest = bytes.TrimRight(rest, " \t\r\n")
	switch {
	case len(rest) == 0:
		return true, false
	case string(rest) == "--":
		return true, true
	}
	return s.flip&forkPrefix != 0, bytes.HasPrefix(rest, []byte("--"))
}

// file takes the digest of a file.
func (s *reading) file(t *strictType, at span) {
	sum := sha256.New()
	s.in.Reset(s.section(at))
	n, err := io.CopyBuffer(sum, struct{ io.Reader }{strictDecoder(t.enc, s.in)}, s.copied[:])
	if err != nil && errors.Is(err, errSpent) {
		s.cutOff = true
	}
	s.files = append(s.files, fileKey{hex.EncodeToString(sum.Sum(nil)), t.ext, n})
}

// section reads a span and counts it.
func (s *reading) section(at span) io.Reader {
	return &countedSection{io.NewSectionReader(s.r, at.from, max(0, at.to-at.from)), s.left}
}

var errSpent = errors.New("budget for a second reading is spent")

type countedSection struct {
	r    io.Reader
	left *int64
}

func (c *countedSection) Read(p []byte) (int, error) {
	if *c.left < 0 {
		return 0, errSpent
	}
	n, err := c.r.Read(p)
	*c.left -= int64(n)
	return n, err
}

// lineReader gives lines; one that is longer than its buffer comes in pieces.
type lineReader struct {
	s *reading
	r *bufio.Reader
}

func (s *reading) lines(at span) lineReader {
	s.in.Reset(s.section(at))
	return lineReader{s, s.in}
}

// next gives the next line with its line end, nothing at the end. whole is false when the rest of the line follows.
func (l lineReader) next() (line []byte, whole bool) {
	line, err := l.r.ReadSlice('\n')
	if errors.Is(err, errSpent) {
		l.s.cutOff = true
	}
	return line, !errors.Is(err, bufio.ErrBufferFull)
}
