package extract

import (
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxReread bounds the passages that are looked at.
const maxReread = 64

// reread finds passages whose characters are the bytes of an old Vietnamese encoding, or of UTF-8, taken for Latin letters, where no font
// told so: it holds lines of nothing but Latin letters against parser/charset. Text in Unicode is left at its first Vietnamese letter.
func reread(s string) string {
	var out strings.Builder
	done, from, tries := 0, 0, 0 // what is in out, and where the passage began
	latin := false               // the passage has letters beyond ASCII
	flush := func(end int) {
		if latin && tries < maxReread {
			tries++
			text, _ := charset.Decode("utf-8", []byte(s[from:end]))
			out.WriteString(s[done:from])
			out.WriteString(text)
			done = end
		}
		latin = false
	}
	for at := 0; at < len(s); {
		end := len(s)
		if i := strings.IndexByte(s[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		only, beyond := latinLine(s[at:end])
		if !only {
			flush(at)
			from = end
		}
		latin = latin || only && beyond
		at = end
	}
	flush(len(s))
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// latinLine says whether all of a line is in windows-1252, and whether some of it is beyond ASCII.
func latinLine(l string) (only, beyond bool) {
	for _, r := range l {
		if r < 0x80 {
			continue
		}
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return false, true
		}
		beyond = true
	}
	return true, beyond
}
