package mapping

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Doubts about what a package states; it is kept as text, and a clerk says what it means.
const (
	// DoubtUnknownAgency says that the directory has no agency with the code that the package names as its sender.
	DoubtUnknownAgency = "unknown-agency-code"
	// DoubtUnknownType says that nobody defines the type that the package states.
	DoubtUnknownType = "unknown-type"
)

// Packaged is a document as a package of the exchange brings it.
type Packaged struct {
	Document    vanban.Document
	UnknownType bool
	Files       []File // in the order of the package; those without contents are left out
	Organ       string // the sender's code
	DocumentID  string
	Relations   []Relation
}

// PackagedRecord makes the record of a package. at is the counted instant, which decides who bore the code; whose document it is, that of its
// date. A clerk's corrections stand above everything.
func PackagedRecord(p Packaged, corrections map[string]string, dir *directory.Directory, at time.Time) Record {
	rec := Record{Document: p.Document, Files: []File{}, Doubts: []string{}, Beside: []string{}, Relations: []Relation{},
		Signature: FileSignature{Signers: []Signer{}}, Unread: []Unread{}}
	if p.UnknownType {
		rec.Doubts = append(rec.Doubts, DoubtUnknownType)
	}
	rec.Doubts = correct(&rec.Document, rec.Doubts, corrections, 0)
	if clerk := corrections[agencyCorrection]; clerk != "" {
		rec.Sender = dir.ByCode(clerk, at)
	} else if rec.Sender = dir.ByCode(p.Organ, at); rec.Sender.Agency == "" && len(rec.Sender.Findings) == 0 {
		rec.Doubts = append(rec.Doubts, DoubtUnknownAgency)
	}
	rec.Doubts = append(rec.Doubts, rec.Sender.Findings...)
	file := rec.takeFiles(p.Files)
	rec.Issuer = dir.Author(rec.Sender, "", DocumentDay(rec.Document, at))
	rec.Identify(dir, at)
	rec.CodeKey = CodeKey(p.Organ, p.DocumentID)
	for _, r := range p.Relations {
		r.relate(&rec, p.Organ, at)
		rec.Relations = append(rec.Relations, r)
	}
	rec.Missing = missing(&rec, file)
	return rec
}

// takeFiles puts the main file first, and says whether it can be a document.
func (r *Record) takeFiles(files []File) bool {
	var all []item
	for _, f := range files {
		if f.Digest == "" {
			continue
		}
		a := parser.Attachment{Name: f.Name, Type: f.Type, Sniffed: f.Type, Size: f.Size, SHA256: f.Digest, Path: []string{}}
		all = append(all, item{a, -1, kindOf(a)})
	}
	mainFirst(all, r.Document.So)
	r.Document.Files = []string{}
	for _, it := range all {
		r.Files = append(r.Files, File{Name: it.Name, Type: it.Type, Size: it.Size, Digest: it.SHA256})
		r.Document.Files = append(r.Document.Files, it.SHA256)
	}
	return slices.ContainsFunc(all, func(it item) bool { return it.kind >= document })
}
