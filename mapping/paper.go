package mapping

import (
	"maps"
	"path"
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Paper is what only whoever holds a document on paper can say of it.
type Paper struct {
	Seal  string `json:"seal"`  // red, digital, none; empty: not said
	Pages int    `json:"pages"` // sheets that were counted; 0: not said
	// Electronic says whether the electronic file of the document was handed over beside the paper (on a disk, by another way); nil: not said.
	// A scan that we made ourselves is none.
	Electronic *bool `json:"electronic"`
}

// PaperRecord makes the record of a document on paper. m holds the scan alone, if there is one; typed are the fields that the clerk typed, and
// in.Corrections, which stand above them, what was corrected since. What tools read of the scan fills only what nobody typed; where it shows
// otherwise, that is a doubt, until somebody corrects the field: a slip of the hand is found by what lies beside it. The paper is the document:
// no file is missing.
func PaperRecord(m parser.Message, typed map[string]string, in Input, p Paper, dir *directory.Directory, at time.Time) Record {
	m.Subject, m.Text, m.HTMLText, m.Kind = "", "", "", parser.Normal
	corrected := in.Corrections
	in.Corrections = maps.Clone(typed)
	if in.Corrections == nil {
		in.Corrections = map[string]string{}
	}
	maps.Copy(in.Corrections, corrected)
	in.Corrections[joinCorrection] = "1"
	rec := Records(m, in, dir, at)[0]
	for _, code := range scanDoubts(m, in, corrected) {
		if !slices.Contains(rec.Doubts, code) {
			rec.Doubts = append(rec.Doubts, code)
		}
	}
	rec.Sender = mailboxOf(dir, rec.Sender, at)
	rec.Missing = slices.DeleteFunc(rec.Missing, func(s string) bool { return s == MissingFile })
	rec.Paper = &p
	return rec
}

// scanDoubts tells where the words in the scan and what was typed disagree, but for the fields that somebody corrected. The name of the file says
// nothing: scanners give it.
func scanDoubts(m parser.Message, in Input, corrected map[string]string) []string {
	typed := vanban.New()
	correct(&typed, nil, in.Corrections, 0)
	m.Attachments = slices.Clone(m.Attachments)
	for i := range m.Attachments {
		m.Attachments[i].Name = scanName + path.Ext(m.Attachments[i].Name)
	}
	in.Corrections = map[string]string{joinCorrection: "1"}
	p := papers(m, vanban.New(), vanban.New(), in)[0]
	_, doubts := vanban.Merge(append([]vanban.Document{typed}, p.own()...)...)
	return correct(&typed, doubts, corrected, 0)
}

// scanName is a file's name that says nothing.
const scanName = "scan"

// mailboxOf is the agency that a clerk named, at its official mailbox: the first address of the directory that is its own and nobody else's.
// Without one it stays as it was named, and nobody is written to.
func mailboxOf(dir *directory.Directory, named directory.Match, at time.Time) directory.Match {
	if named.Agency == "" || named.Address == "" {
		return named
	}
	found := dir.ByAddress(named.Address, at)
	if found.Agency != named.Agency || found.How != directory.ByAddress {
		return named
	}
	found.Findings = named.Findings
	return found
}
