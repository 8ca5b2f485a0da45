package mapping

import (
	"slices"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// DoubtStatus says that a mail brings no document but tells what became of one: the number that is shown is that of the other document.
const DoubtStatus = "status-of-another-document"

// sidecars are what document systems state in files beside the document, in mail order. What a bounce gives back states nothing.
func sidecars(m parser.Message) []*sidecar.Sidecar {
	var all []*sidecar.Sidecar
	take := func(list []parser.Attachment) {
		for _, a := range list {
			if a.Sidecar != nil && a.Sidecar.Kind != "" {
				all = append(all, a.Sidecar)
			}
		}
	}
	take(m.Attachments)
	if m.Kind != parser.Bounce {
		for _, n := range m.Nested {
			take(n.Attachments)
		}
	}
	return all
}

// stated are the readings out of sidecars, the most trusted there are: those of the document in this mail, or, when there is none, that of
// the document which a status is about.
func stated(m parser.Message) []vanban.Document {
	var docs, about []vanban.Document
	for _, s := range sidecars(m) {
		if isReport(s) {
			about = append(about, s.Document)
		} else {
			docs = append(docs, s.Document)
		}
	}
	if isStatus(m) {
		return about
	}
	return docs
}

// Reports are what a mail tells of documents that were sent before, in mail order; nil when it brings a document.
func Reports(m parser.Message) []*sidecar.Sidecar {
	if !isStatus(m) {
		return nil
	}
	return sidecars(m)
}

func isReport(s *sidecar.Sidecar) bool {
	return s.Kind == sidecar.ExportStatus || s.Kind == sidecar.Status
}

// isStatus says whether a mail only reports on a document that was sent before.
func isStatus(m parser.Message) bool {
	all := sidecars(m)
	return len(all) > 0 && !slices.ContainsFunc(all, func(s *sidecar.Sidecar) bool { return !isReport(s) }) && !HasDocumentFile(m)
}
