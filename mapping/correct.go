package mapping

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Corrections that are none of a document's fields.
const (
	agencyCorrection = "agency"  // id or code of the sender, of all records: a mail has one sender
	joinCorrection   = "records" // "1": the mail is one document, whatever its files show
)

// OneDocument is the correction by which a clerk joins what was read as several documents, as it is written on the command line.
const OneDocument = joinCorrection + "=1"

// SplitCorrection parts the name of a correction into the record that it is for, counted from 1, and the field: "2.so_hieu" is the number of
// the second document of the mail, "so_hieu" that of the first. It reports false for what names no record.
func SplitCorrection(name string) (record int, field string, ok bool) {
	head, field, found := strings.Cut(name, ".")
	if !found {
		return 1, name, true
	}
	n, err := strconv.Atoi(head)
	return n, field, err == nil && n >= 1 && n <= maxDocuments && strconv.Itoa(n) == head && field != agencyCorrection && field != joinCorrection
}

// correct sets the fields that a clerk corrected in the i-th record (from 0), and gives the doubts that this leaves.
func correct(doc *vanban.Document, doubts []string, fields map[string]string, i int) []string {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		n, field, ok := SplitCorrection(name)
		if ok && n == i+1 && doc.Correct(field, fields[name]) {
			about := doubtsAbout(field)
			doubts = slices.DeleteFunc(doubts, func(d string) bool { return strings.HasPrefix(d, about) })
		}
	}
	return doubts
}

// doubtsAbout is how the codes of doubts about a field begin. Of a type there is one, by whichever name it is corrected.
func doubtsAbout(field string) string {
	if field == "loai_viet_tat" {
		field = "loai_van_ban"
	}
	return field + "-"
}
