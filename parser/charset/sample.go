package charset

import "bytes"

// Bounds of what is looked at to tell a charset: a page is enough, and no text may cost more.
const (
	maxSample = 128 << 10 // bytes
	maxWords  = 160       // different words with 8-bit bytes
	maxPlain  = 400       // ASCII words
	maxWord   = 40        // bytes of a word that is looked at
)

// sample is what the letters of a text are judged by.
type sample struct {
	words   [][]byte // different words with 8-bit bytes or control characters that may be letters
	plain   int      // ASCII words that could be Vietnamese
	foreign int      // and those that could not
	seen    [512]uint32
}

// take gathers the words of b: not those of tags, entities, addresses and file endings.
func (s *sample) take(b []byte) {
	b = b[:min(len(b), maxSample)]
	s.words = make([][]byte, 0, 32)
	for i := 0; i < len(b) && len(s.words) < maxWords; {
		switch c := b[i]; {
		case c == '<':
			i += tagLen(b[i:])
			continue
		case c == '&':
			i += entityLen(b[i:])
			continue
		case !runByte(c):
			i++
			continue
		}
		from, bits := i, byte(0)
		letters := false
		for i < len(b) && runByte(b[i]) {
			bits |= b[i]
			if b[i] < 0x20 {
				bits |= 0x80
			}
			letters = letters || b[i] >= 'A'
			i++
		}
		word := b[from:i]
		switch {
		case bits >= 0x80:
			if letters && len(word) <= maxWord && s.first(word) {
				s.words = append(s.words, word)
			}
		case s.plain+s.foreign < maxPlain && !partOfAddress(b, from, i):
			s.count(word)
		}
	}
}

// count judges an ASCII word. A single letter, and an abbreviation, say nothing.
func (s *sample) count(word []byte) {
	if len(word) < 2 || word[1] < 'a' {
		return
	}
	if plainSyllable(word) {
		s.plain++
	} else {
		s.foreign++
	}
}

// first says whether the word was not met before; one of a hash met before counts as met.
func (s *sample) first(word []byte) bool {
	h := uint32(2166136261)
	for _, c := range word {
		h = (h ^ uint32(c)) * 16777619
	}
	h |= 1
	for i := h >> 16 % 512; ; i = (i + 1) % 512 {
		switch s.seen[i%512] {
		case h:
			return false
		case 0:
			s.seen[i%512] = h
			return true
		}
	}
}

// runByte tells the bytes of words: letters, 8-bit bytes, and the control characters that some charsets use for letters.
func runByte(c byte) bool {
	switch {
	case c >= 0x80, c|0x20 >= 'a' && c|0x20 <= 'z':
		return true
	case c >= 0x20:
		return false
	}
	const letters = 1<<0x01 | 1<<0x02 | 1<<0x03 | 1<<0x04 | 1<<0x05 | 1<<0x06 | 1<<0x10 | 1<<0x11 | 1<<0x12 | 1<<0x13 | 1<<0x14 | 1<<0x15 |
		1<<0x16 | 1<<0x17 | 1<<0x19 | 1<<0x1C | 1<<0x1D | 1<<0x1E
	return letters&(1<<c) != 0
}

// tagLen is the length of the tag at the start of b, or 1.
func tagLen(b []byte) int {
	if len(b) < 2 || b[1] != '/' && b[1] != '!' && !letterByte(b[1]) {
		return 1
	}
	if end := bytes.IndexByte(b[:min(len(b), 2048)], '>'); end > 0 {
		return end + 1
	}
	return 1
}

func entityLen(b []byte) int {
	if end := bytes.IndexByte(b[:min(len(b), 10)], ';'); end > 1 && (letterByte(b[1]) || b[1] == '#') {
		return end + 1
	}
	return 1
}

// partOfAddress says whether the word is tied to its neighbour as in "a.b@example.vn", "x.pdf" or "http://x".
func partOfAddress(b []byte, from, to int) bool {
	tie := func(c byte) bool { return bytes.IndexByte([]byte("@._/\\=:&?#%"), c) >= 0 }
	if from > 1 && tie(b[from-1]) && b[from-2] > ' ' {
		return true
	}
	return to+1 < len(b) && tie(b[to]) && b[to+1] > ' '
}
