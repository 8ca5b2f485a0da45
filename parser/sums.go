package parser

import "hash"

// messageSum hashes an attached message as it goes by.
type messageSum struct {
	owner *content
	index int // of its attachment
	sum   hash.Hash
	fed   int64 // offset up to which bytes were hashed
	size  int64
}

// lastEnd is a line end that may turn out to belong to a delimiter.
type lastEnd struct {
	at    int64
	n     int
	bytes [2]byte
}

// feedLine gives a line of a header, or a delimiter, to the sums of all open messages, but keeps its line end until it is known what follows: before a
// delimiter it is no longer part of the message that the delimiter ends.
func (k *walker) feedLine(at int64, l []byte) {
	k.feedEnd()
	n := lineEndBefore(l)
	text := len(l) - n
	k.feed(at, l[:text])
	k.end = lastEnd{at: at + int64(text), n: n}
	copy(k.end.bytes[:], l[text:])
}

func (k *walker) feedEnd() {
	if n := k.end.n; n > 0 {
		k.end.n = 0
		k.feed(k.end.at, k.end.bytes[:n])
	}
}

// feed gives bytes of the raw message, which stand at offset off, to the sums of all open messages.
func (k *walker) feed(off int64, p []byte) {
	for _, f := range k.stack {
		m := f.message
		if m == nil || off+int64(len(p)) <= m.fed {
			continue
		}
		rest := p[max(0, m.fed-off):]
		m.sum.Write(rest)
		m.size += int64(len(rest))
		m.fed = off + int64(len(p))
	}
}
