package parser

import (
	"bytes"
	"slices"
	"strings"
)

// span is a stretch of the raw message.
type span struct{ from, to int64 }

// body streams bytes into the open leaf, if any, up to the next delimiter line, and gives the index of the frame that it belongs to, or -1
// at the end. The line end before a delimiter belongs to the delimiter (RFC 2046, 5.1.1), so it is held back until the next line is known.
func (k *walker) body() (frame int, closing bool, line span) {
	w := k.w
	bol := true // data begins at a line start
	for {
		d := w.data()
		at := k.nextDashes(d, bol)
		for at >= 0 {
			end := bytes.IndexByte(d[at:], '\n')
			if end < 0 && !w.last() && (len(d) < len(*w.buf) || at > lineEndBefore(d[:at])) {
				break // the line is not whole yet
			}
			l := d[at:]
			if end >= 0 {
				l = d[at : at+end]
			}
			if f, cl := k.match(l); f >= 0 {
				from := at - lineEndBefore(d[:at])
				k.take(d[:from])
				k.delim = append(k.delim[:0], d[from:min(at+len(l)+1, len(d))]...)
				return f, cl, span{w.offset() + int64(from), w.offset() + int64(from+len(k.delim))}
			}
			k.guess(l, d[at:])
			if end < 0 {
				at = -1
				break
			}
			if next := k.nextDashes(d[at+end+1:], true); next >= 0 {
				at += end + 1 + next
			} else {
				at = -1
			}
		}
		if w.last() && at < 0 {
			k.take(d)
			w.pos += len(d)
			return -1, false, span{}
		}
		hold := k.holdBack(d, at)
		k.take(d[:hold])
		w.pos += hold
		if hold > 0 {
			bol = false // what is held back begins with the line end, if it matters
		}
		w.more()
	}
}

// nextDashes finds a line that begins with "--"; -1 when there is none, or nothing to compare it with.
func (k *walker) nextDashes(d []byte, bol bool) int {
	if len(k.stack) == 0 {
		return -1
	}
	if bol && len(d) > 1 && d[0] == '-' && d[1] == '-' {
		return 0
	}
	for i := 0; ; {
		j := bytes.IndexByte(d[i:], '\n')
		if j < 0 {
			return -1
		}
		i += j + 1
		if i+1 < len(d) && d[i] == '-' && d[i+1] == '-' {
			return i
		}
	}
}

// holdBack says how much of d may be taken: not a line that may become a delimiter, nor the line end before one.
func (k *walker) holdBack(d []byte, at int) int {
	if at >= 0 {
		return at - lineEndBefore(d[:at])
	}
	n := len(d)
	if n > 0 && d[n-1] == '-' {
		if n == 1 {
			return 0
		}
		if d[n-2] == '\n' {
			n--
		}
	}
	if n > 0 && d[n-1] == '\r' {
		return n - 1
	}
	return n - lineEndBefore(d[:n])
}

// lineEndBefore is the length of the line end that d ends with.
func lineEndBefore(d []byte) int {
	switch n := len(d); {
	case n == 0 || d[n-1] != '\n':
		return 0
	case n > 1 && d[n-2] == '\r':
		return 2
	}
	return 1
}

// take gives bytes to the leaf and to the sums of open messages.
func (k *walker) take(p []byte) {
	if len(p) == 0 {
		return
	}
	k.feedEnd()
	k.feed(k.w.offset(), p)
	if k.leaf.textual() && k.ends.add(p) {
		k.noticeCR(p)
	}
	k.leaf.write(p)
}

// textual says whether line ends in the raw bytes mean something: not in a file that stands there as it is.
func (l *leaf) textual() bool {
	return !l.on || l.t.enc != identity || strings.HasPrefix(l.t.ctype, "text/")
}

// match compares a line without its line end with the boundaries of all open multiparts, innermost first. One that was closed is asked
// after the open ones: a broken mailer goes on after the closing delimiter, and an outer multipart may use the same boundary. Last come
// lines that go on after a boundary and a blank (RFC 2046, 5.1.1: the rest of the line does not matter).
func (k *walker) match(line []byte) (int, bool) {
	line = bytes.TrimRight(line, "\r")
	if len(line) < 3 {
		return -1, false
	}
	text := bytes.TrimRight(line[2:], " \t")
	loose, looseClosing := -1, false
	for _, closed := range [2]bool{false, true} {
		for i := len(k.stack) - 1; i >= 0; i-- {
			f := k.stack[i]
			if f.message != nil || f.closed != closed || len(f.boundary) == 0 || !bytes.HasPrefix(text, f.boundary) {
				continue
			}
			rest := text[len(f.boundary):]
			if len(rest) == 0 {
				return i, false
			}
			rest, closing := bytes.CutPrefix(bytes.TrimLeft(rest, " \t"), []byte("--"))
			next := text[len(f.boundary):]
			if closing && len(rest) == 0 && next[0] == '-' {
				return i, true
			}
			k.forks |= forkLetter | forkPrefix // not a delimiter to the letter: readers differ about such lines
			if closing && len(rest) == 0 {
				return i, true
			}
			if loose < 0 && !closed && (next[0] == ' ' || next[0] == '\t' || closing && (rest[0] == ' ' || rest[0] == '\t')) {
				loose, looseClosing = i, closing
			}
		}
	}
	return loose, looseClosing
}

// delimiterAhead says whether the next line is a delimiter. It consumes nothing.
func (k *walker) delimiterAhead() bool {
	if len(k.stack) == 0 {
		return false
	}
	for len(k.w.data()) < 2 && k.w.more() {
	}
	if !bytes.HasPrefix(k.w.data(), []byte("--")) {
		return false
	}
	for bytes.IndexByte(k.w.data(), '\n') < 0 && k.w.more() {
	}
	d := k.w.data()
	f, _ := k.match(d[:lineLen(d)])
	return f >= 0
}

// lineLen is the length of the first line without its line end.
func lineLen(d []byte) int {
	if i := bytes.IndexByte(d, '\n'); i >= 0 {
		return i
	}
	return len(d)
}

// maxGuesses bounds the tokens that are remembered of one multipart.
const maxGuesses = 8

// guess remembers a line that looks like the delimiter of the innermost multipart while none of its own has come: the next line is a
// Content- field, or the same line comes again with "--" behind it.
func (k *walker) guess(line, d []byte) {
	if k.leaf.on || len(k.stack) == 0 {
		return
	}
	f := k.stack[len(k.stack)-1]
	if f.message != nil || f.seen || f.guess != nil {
		return
	}
	token := bytes.TrimRight(line[2:], " \t\r")
	if len(token) == 0 || len(token) > 200 || bytes.IndexByte(token, ' ') >= 0 {
		return
	}
	if opened, closing := bytes.CutSuffix(token, []byte("--")); closing && slices.ContainsFunc(f.tokens, func(t []byte) bool { return bytes.Equal(t, opened) }) {
		f.guess = bytes.Clone(opened)
		return
	}
	if len(d) >= len(line)+9 && bytes.EqualFold(d[len(line)+1:][:8], []byte("content-")) {
		f.guess = bytes.Clone(token)
	} else if len(f.tokens) < maxGuesses {
		f.tokens = append(f.tokens, bytes.Clone(token))
	}
}
