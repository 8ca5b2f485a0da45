package extract

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/charmap"

	"github.com/giaolien/giaolien/parser/charset"
)

// fontEncoding tells the encoding that is in a font and in no label: TCVN 5712 (ABC) fonts are named .VnTime and the like, those with a
// final H draw capitals for small letters; VNI fonts are named VNI-Times and the like.
func fontEncoding(name string) (label string, capitals bool) {
	name = strings.TrimSpace(name)
	n := strings.ToLower(name)
	switch {
	case strings.HasPrefix(n, ".vn"), strings.HasPrefix(n, "vntime"), strings.HasPrefix(n, "vnarial"):
		return "tcvn3", strings.HasSuffix(name, "H") || n == ".vntimeh"
	case strings.HasPrefix(n, "vni-"), strings.HasPrefix(n, "vni "):
		return "vni", false
	}
	return "", false
}

// decodeOld reads text whose font has an encoding of its own. Programs keep its bytes as the characters that they are in windows-1252. Text
// with other letters is Unicode under the name of an old font, which programs show in another one: it stays as it is.
func decodeOld(label string, capitals bool, text string) string {
	for _, r := range text {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok && unicode.IsLetter(r) {
			return text
		}
	}
	var out strings.Builder
	var p []byte
	flush := func() {
		if len(p) > 0 {
			s, _ := charset.Decode(label, p)
			out.WriteString(s)
			p = p[:0]
		}
	}
	for _, r := range text {
		if c, ok := charmap.Windows1252.EncodeRune(r); ok {
			p = append(p, c)
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	if capitals {
		return strings.ToUpper(out.String())
	}
	return out.String()
}

// fontRun gathers the text of neighbouring runs in one old font, so that a letter and its mark are read together. Text of other fonts goes
// through it untouched.
type fontRun struct {
	label    string
	capitals bool
	held     []byte
}

// put adds text in the encoding of a font, whose label is empty when it has none of its own.
func (f *fontRun) put(s *sink, p []byte, label string, capitals bool) {
	if label != f.label || capitals != f.capitals || len(f.held) > maxRun {
		f.flush(s)
		f.label, f.capitals = label, capitals
	}
	if label == "" {
		s.put(p)
		return
	}
	f.held = append(f.held, p...)
}

func (f *fontRun) flush(s *sink) {
	if len(f.held) > 0 {
		s.puts(decodeOld(f.label, f.capitals, strings.ToValidUTF8(string(f.held), "\uFFFD")))
		f.held = f.held[:0]
	}
}
