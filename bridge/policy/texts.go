package policy

import "strings"

// textRoom is how much memory texts take at a time, in bytes.
const textRoom = 2 << 10

// texts joins the texts of one decision in few pieces of memory, since a trace may hold hundreds of them. What was joined is never written
// again: a full piece is left to its texts.
type texts struct{ piece strings.Builder }

func (t *texts) join(parts ...string) string {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if t.piece.Cap()-t.piece.Len() < size {
		t.piece.Reset()
		t.piece.Grow(max(size, textRoom))
	}
	begin := t.piece.Len()
	for _, p := range parts {
		t.piece.WriteString(p)
	}
	return t.piece.String()[begin:]
}
