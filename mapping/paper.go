package mapping

import (
	"maps"
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// Paper is what only whoever holds a document on paper can say of it.
type Paper struct {
	Seal  string `json:"seal"`  // red, digital, none; empty: not said
	Pages int    `json:"pages"` // sheets that were counted; 0: not said
	// Electronic says whether the electronic file of the document was handed over beside the paper (on a disk, by another way); nil: not said.
	// A scan that we made ourselves is none.
	Electronic *bool `json:"electronic"`
}

// PaperRecord makes the record of a document on paper. m holds the scan alone, if there is one; fields are what the clerk typed, with what was
// corrected since. What tools read of the scan fills only what nobody typed. The paper is the document: no file is missing.
func PaperRecord(m parser.Message, in Input, p Paper, dir *directory.Directory, at time.Time) Record {
	in.Corrections = maps.Clone(in.Corrections)
	if in.Corrections == nil {
		in.Corrections = map[string]string{}
	}
	in.Corrections[joinCorrection] = "1"
	m.Subject, m.Text, m.HTMLText, m.Kind = "", "", "", parser.Normal
	rec := Records(m, in, dir, at)[0]
	rec.Sender = mailboxOf(dir, rec.Sender, at)
	rec.Missing = slices.DeleteFunc(rec.Missing, func(s string) bool { return s == MissingFile })
	rec.Paper = &p
	return rec
}

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
