package unpack

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
)

const (
	armourHead = 512 // bytes in which the beginning of an object that is text is looked for
	maxArmours = 3   // layers of base64 around one another
	armourSign = 20  // letters of base64 that tell it from words
)

// armoured says whether head begins an object as text, and where its base64 begins: behind a PEM line (RFC 7468) or at once. The base64 of
// BER begins with M, that of such base64 with T, and that of PEM with L.
func armoured(head []byte) (skip int, ok bool) {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	skip = len(head) - len(text)
	if bytes.HasPrefix(text, []byte("-----BEGIN ")) {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return 0, false
		}
		skip += end + 1
		text = text[end+1:]
	}
	if len(text) == 0 || !bytes.ContainsRune([]byte("MTL"), rune(text[0])) {
		return 0, false
	}
	signs := 0
	for _, c := range text {
		switch {
		case signs == armourSign:
			return skip, true
		case base64Letters[c]:
			signs++
		case c != '\r' && c != '\n':
			return 0, false
		}
	}
	return skip, signs >= armourSign
}

// base64Letters says of each byte whether it is a letter of base64.
var base64Letters = func() (is [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		is[c] = true
	}
	return is
}()

// letters gives the letters of base64 of a text, without the white space between them. It ends with the text, or at the first byte that
// is neither: padding, or the last line of PEM.
type letters struct {
	r   *bufio.Reader
	end bool
}

func (l *letters) Read(p []byte) (int, error) {
	n := 0
	for n == 0 && len(p) > 0 {
		if l.end {
			return 0, io.EOF
		}
		if _, err := l.r.Peek(1); err != nil {
			return 0, err
		}
		b, err := l.r.Peek(min(l.r.Buffered(), len(p)))
		if err != nil {
			return 0, err
		}
		taken := 0
		for _, c := range b {
			if base64Letters[c] {
				p[n] = c
				n++
			} else if c != '\r' && c != '\n' && c != ' ' && c != '\t' {
				l.end = true
				break
			}
			taken++
		}
		if _, err := l.r.Discard(taken); err != nil {
			return n, err
		}
	}
	return n, nil
}

func newLetters(src io.ReaderAt, size, skip int64) *letters {
	return &letters{r: bufio.NewReaderSize(io.NewSectionReader(src, skip, size-skip), readWindow)}
}

// dearmour gives what the base64 from offset skip stands for. It reads the text once to know the size.
func dearmour(src io.ReaderAt, size, skip int64) (io.ReaderAt, int64) {
	n, err := io.Copy(io.Discard, newLetters(src, size, skip))
	decoded := n / 4 * 3
	if rest := n % 4; rest > 1 {
		decoded += rest - 1
	}
	if err != nil {
		decoded++ // so that whoever reads up to there meets the error, not an end
	}
	open := func() (io.Reader, error) {
		return base64.NewDecoder(base64.RawStdEncoding, newLetters(src, size, skip)), nil
	}
	return Seekable(open, decoded), decoded
}

// decodeHead gives what the beginning of a base64 text stands for.
func decodeHead(text []byte) []byte {
	l := letters{r: bufio.NewReader(bytes.NewReader(text))}
	raw, err := io.ReadAll(&l)
	if err != nil {
		return nil
	}
	raw = raw[:len(raw)/4*4]
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(raw)))
	n, err := base64.RawStdEncoding.Decode(out, raw)
	if err != nil {
		return nil
	}
	return out[:n]
}
