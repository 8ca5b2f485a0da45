package evidence

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/giaolien/giaolien/parser/vanban"
)

// fewLetters is how many letters a page of a document has at least. A scan with nothing but the appearance of a signature has fewer
// once that is taken off; a last page with a signature only is read twice, which costs a second and loses nothing.
const fewLetters = 80

// good says whether a text layer can be taken for the text of its page.
func good(text string) bool {
	return letterCount(withoutSignature(text)) >= fewLetters && plausible(text)
}

func letterCount(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// signatureLine is a line of a visible signature, as signing programs in Viet Nam and elsewhere print it.
var signatureLine = regexp.MustCompile(`(?i)^\W*(người ký|ký bởi|được ký bởi|thời gian ký|ngày ký|giờ ký|email|e-mail|cơ quan|tổ chức|nơi ký|lý do|signature (not )?(verified|valid)|` +
	`digitally signed|signed by|signing time|date|reason|location|dn|cn|foxit|vgca)\b.*$`)

// withoutSignature takes the lines of a visible signature off a text.
func withoutSignature(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !signatureLine.MatchString(strings.TrimSpace(line)) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// syllable is the build of a Vietnamese syllable without its marks.
var syllable = regexp.MustCompile(`^(ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(ch|ng|nh|[cmnpt])?$`)

// plausible says whether a text is one that people write: a PDF without the table from its glyphs to letters gives back signs at random.
func plausible(text string) bool {
	var signs, bad, letters, words, right int
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			continue
		case unicode.IsLetter(r):
			letters++
		case r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || unicode.IsControl(r):
			bad++
		}
		signs++
	}
	for _, w := range strings.FieldsFunc(vanban.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words++
		if syllable.MatchString(w) {
			right++
		}
	}
	switch {
	case signs == 0:
		return false
	case bad*50 > signs, letters*2 < signs:
		return false
	}
	return right*4 >= words
}
