package mapping

import (
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// What it takes for two summaries to be one. A clerk's typing, another system's cutting and OCR change single letters; a summary that is
// shorter than minSummary says too little ("Về việc họp").
const (
	minSummary = 20 // letters and digits
	mostApart  = 12 // one letter in so many may differ
)

// Alike says whether two readings with one number of one issuer are of one document: OCR guessed neither number, both dates are known, sure and
// equal, and the summaries are the same but for single letters, the digits in them without exception: "tháng 5" and "tháng 6" are two letters of one kind. It is meant
// to say no too often: then a person compares.
func Alike(a, b vanban.Document) bool {
	if a.Sources["so_hieu"].Unsure() || b.Sources["so_hieu"].Unsure() { // letters to many differ in nothing else
		return false
	}
	if a.Ngay == "" || a.Ngay != b.Ngay || a.Sources["ngay_ban_hanh"].Unsure() || b.Sources["ngay_ban_hanh"].Unsure() {
		return false
	}
	x, dx := summary(a.TrichYeu)
	y, dy := summary(b.TrichYeu)
	return len(x) >= minSummary && len(y) >= minSummary && dx == dy && len(x) <= maxSummary && len(y) <= maxSummary &&
		vanban.Apart(x, y) <= max(len(x), len(y))/mostApart
}

// maxSummary is as much of a summary as is compared letter by letter (vanban.Apart). Of a longer one nothing is said.
const maxSummary = 300

// summary gives the folded letters and digits of a text, and the digits of it in groups.
func summary(text string) (all, digits string) {
	var a, d strings.Builder
	for _, c := range []byte(vanban.Fold(text)) {
		switch {
		case c >= '0' && c <= '9':
			a.WriteByte(c)
			d.WriteByte(c)
		case c >= 'a' && c <= 'z':
			a.WriteByte(c)
			fallthrough
		default:
			if s := d.String(); s != "" && s[len(s)-1] != ' ' {
				d.WriteByte(' ')
			}
		}
	}
	return a.String(), strings.TrimSpace(d.String())
}
