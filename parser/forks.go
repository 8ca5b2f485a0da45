package parser

import (
	"bytes"
	"strings"
)

// fork is a set of places where programs that read mail are known to part ways ("Inbox Invasion", CCS 2024, tried them). The walk collects
// those that a message has; only then is it read a second time, so that clean mail pays nothing for it.
type fork uint16

const (
	forkLetter   fork = 1 << iota // the letter of the RFCs and the tolerant reading may part
	forkFields                    // several Content- fields of one name: some programs take the last
	forkParams                    // comments, escapes or parameters twice: some split at semicolons, blind to all else, and take the last
	forkNames                     // several names for one file: some prefer the name of Content-Type, or the one without asterisk
	forkNUL                       // for some a value ends at a NUL
	forkEncoding                  // an odd name of an encoding: some only look for "base64" in it
	forkEncoded                   // an encoded multipart: some decode it first
	forkPadded                    // a line of blanks in a header: for some it ends there
	forkColon                     // blanks before a field's colon: some ignore the field
	forkPrefix                    // a line that goes on after a boundary: for some, and for RFC 2046, 5.1.1, that is a delimiter
	forkCR                        // a CR alone where it would make a line of a header or a delimiter
	forkLimit                     // a limit cut the tolerant reading: every other program goes on
)

// headForks are the forks of a header block by its lines, Content- fields only.
type headForks struct {
	forks                            fork
	types, encodings, dispositions   int
	ctype, transfer, dispositionText string // the first of each
}

// field notes one field of the block. glued says that its name stands right before the colon.
func (h *headForks) field(name, value string, glued bool) {
	if len(name) < 12 || !strings.EqualFold(name[:8], "content-") {
		return
	}
	var count *int
	var first *string
	switch {
	case strings.EqualFold(name, "Content-Type"):
		count, first = &h.types, &h.ctype
	case strings.EqualFold(name, "Content-Transfer-Encoding"):
		count, first = &h.encodings, &h.transfer
	case strings.EqualFold(name, "Content-Disposition"):
		count, first = &h.dispositions, &h.dispositionText
	default:
		return
	}
	if !glued {
		h.forks |= forkColon
	}
	if strings.IndexByte(value, 0) >= 0 {
		h.forks |= forkNUL
	}
	if *count++; *count == 1 {
		*first = value
	} else if !strings.EqualFold(*first, value) { // the same twice is a mailer's slip that nobody reads differently
		h.forks |= forkFields
	}
}

// lines notes what the raw lines of a field show: a line of blanks among folded ones, and CR alone, for some the end of the line.
func (h *headForks) lines(text []byte, colon int) {
	line := bytes.TrimRight(text, "\r\n")
	if bytes.IndexByte(line, '\r') >= 0 && bytes.Count(line, []byte{'\r'}) != bytes.Count(line, []byte("\r\n")) {
		h.forks |= forkCR
	}
	for rest := line[colon:]; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return
		}
		rest = rest[i+1:]
		if folded := rest[:lineEnd(rest)]; len(bytes.TrimSpace(folded)) == 0 {
			h.forks |= forkPadded
			return
		}
	}
}

// cut notes a field that a limit cut off.
func (h *headForks) cut(name []byte) {
	if len(name) >= 8 && bytes.EqualFold(name[:8], []byte("content-")) {
		h.forks |= forkLimit
	}
}

// notice looks at what the header of an entity says of its body for places where readers part ways.
func (k *walker) notice(b *block, t *partType, path string) {
	h := &b.headForks
	k.forks |= h.forks
	if b.repaired || b.body >= 0 || t.badType {
		k.forks |= forkLetter
	}
	if h.types > 1 {
		k.found.add(TwoContentType, k.place(path), "")
	}
	if h.encodings > 1 {
		k.found.add(TwoEncoding, k.place(path), "")
	}
	if h.dispositions > 1 {
		k.found.add(TwoDisposition, k.place(path), "")
	}
	if !standardEncoding(h.transfer) {
		k.forks |= forkEncoding
		if strings.IndexByte(h.transfer, '(') >= 0 {
			k.forks |= forkParams
		}
	}
	if oddParams(h.ctype) || oddParams(h.dispositionText) {
		k.forks |= forkParams
	}
	if strings.HasPrefix(t.ctype, "multipart/") {
		k.noticeBoundary(t, h.ctype, path)
	}
	k.noticeNames(t, path)
}

func (k *walker) noticeBoundary(t *partType, field, path string) {
	if twice(t.params, "boundary") {
		k.found.add(TwoBoundary, k.place(path), "")
		k.forks |= forkParams
	}
	boundary := trimBoundary(t.params.plain("boundary"))
	if _, p := splitParams(field, false); trimBoundary(p["boundary"]) != boundary {
		k.forks |= forkParams
	}
	if _, p := splitParams(field, true); trimBoundary(p["boundary"]) != boundary || strings.Contains(boundary, "=?") {
		k.forks |= forkParams
	}
}

// noticeNames compares all names that a part gives its file by what decides how the file is opened: the extension. A name in ASCII beside
// one with its letters is what RFC 6266 advises and no two names in this sense.
func (k *walker) noticeNames(t *partType, path string) {
	if t.name == "" {
		return
	}
	ext := extension(t.name)
	for _, p := range [2]params{t.dparams, t.params} {
		if twice(p, "name") || twice(p, "filename") {
			k.found.add(TwoNames, k.place(path), "")
			k.forks |= forkNames | forkParams
			return
		}
		for _, x := range p {
			if x.name != "name" && x.name != "filename" {
				continue
			}
			v := x.value
			if strings.Contains(v, "=?") {
				v = decodeWords(v)
			}
			if otherExtension(ext, extension(v)) {
				k.found.add(TwoNames, k.place(path), "")
				k.forks |= forkNames
				return
			}
		}
		for _, key := range [2]string{"filename", "name"} {
			if b, _, ok := p.extended(key); ok && otherExtension(ext, extension(string(b))) {
				k.found.add(TwoNames, k.place(path), "")
				k.forks |= forkNames
				return
			}
		}
	}
	if strings.ContainsAny(t.name, `;"`) {
		k.forks |= forkParams
	}
}

// twice says whether a parameter, or one piece of it (RFC 2231, 3), stands there twice with different values. "name*", "name*0", "name*0*"
// and "name*00" are all the first piece.
func twice(p params, name string) bool {
	for i, x := range p {
		if x.name != name && !strings.HasPrefix(x.name, name+"*") {
			continue
		}
		for _, y := range p[:i] {
			if samePiece(x.name, y.name, name) && y.value != x.value {
				return true
			}
		}
	}
	return false
}

// samePiece says whether two names are one parameter's, or one piece's of it.
func samePiece(a, b, name string) bool {
	if a == b {
		return true
	}
	x, isPiece := strings.CutPrefix(a, name+"*")
	y, alsoPiece := strings.CutPrefix(b, name+"*")
	if !isPiece || !alsoPiece {
		return false
	}
	m, ok := pieceNumber(strings.TrimSuffix(x, "*"))
	n, also := pieceNumber(strings.TrimSuffix(y, "*"))
	return ok && also && m == n
}

// oddParams says whether a field holds what only some programs understand: comments, escapes, quotes that do not pair or that stand in
// the middle of a value, RFC 2231 forms of a boundary.
func oddParams(s string) bool {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			return true
		case c == '"' && !quoted:
			if before := strings.TrimRight(s[:i], " \t"); !strings.HasSuffix(before, "=") {
				return true
			}
			quoted = true
		case c == '"':
			if after := strings.TrimLeft(s[i+1:], " \t"); after != "" && after[0] != ';' {
				return true
			}
			quoted = false
		case c == '(' && !quoted:
			return true
		case c == '*' && !quoted && i >= 8 && strings.EqualFold(s[i-8:i], "boundary"):
			return true
		}
	}
	return quoted
}

// standardEncoding says whether a Content-Transfer-Encoding is one of RFC 2045, 6.1, or uuencode under its usual names.
func standardEncoding(s string) bool {
	switch {
	case s == "", strings.EqualFold(s, "base64"), strings.EqualFold(s, "7bit"), strings.EqualFold(s, "8bit"), strings.EqualFold(s, "quoted-printable"),
		strings.EqualFold(s, "binary"), strings.EqualFold(s, "x-uuencode"), strings.EqualFold(s, "uuencode"), strings.EqualFold(s, "x-uue"):
		return true
	}
	return false
}

// trimBoundary takes off blanks at the end, which gateways add (RFC 2046, 5.1.1).
func trimBoundary(s string) string { return strings.TrimRight(s, " \t") }

// noticeCR looks whether a CR alone would begin a delimiter.
func (k *walker) noticeCR(p []byte) {
	for {
		i := bytes.Index(p, []byte("\r--"))
		if i < 0 {
			return
		}
		p = p[i+1:]
		for _, f := range k.stack {
			if f.message == nil && len(f.boundary) > 0 && bytes.HasPrefix(p[2:], f.boundary) {
				k.forks |= forkCR
				return
			}
		}
	}
}

// noticeDecoder looks at how the decoding of a part went. What is wrong in a body is no difference of files.
func (k *walker) noticeDecoder(l *leaf) {
	odd := l.t.enc == quotedPrintable && l.qp.bad
	if l.t.enc == base64Encoding {
		odd = l.b64.bad || l.b64.resumed
		if l.b64.short {
			k.found.add(Base64Short, k.place(l.path), "")
		}
	}
	if odd && l.index >= 0 {
		k.forks |= forkLetter
	}
}
