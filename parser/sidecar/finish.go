package sidecar

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// kind says what the elements that were read make of the file.
func (x *reading) kind() Kind {
	switch e := &x.document; {
	case x.edxml && e.code:
		return Status
	case x.edxml && (len(e.values) > 0 || x.out.Sender != (Organ{}) || len(e.manifest)+len(e.attached) > 0):
		return Edoc
	case x.edxml:
		return ""
	}
	return x.flatKind()
}

// finish fills in what the kind says.
func (x *reading) finish(size int64) Sidecar {
	confidence := sure
	for len(x.stack) > 0 { // a file that ends too early: what was being read is left out
		x.stack[len(x.stack)-1].leaf = false
		x.pop()
	}
	if slices.ContainsFunc(x.out.Findings, func(f Finding) bool { return f.Code == Damaged || f.Code == TooDeep }) {
		confidence = sureDamaged
	}
	switch x.out.Kind = x.kind(); x.out.Kind {
	case ExportMail:
		x.exportMail(confidence)
	case ExportStatus:
		x.exportStatus(confidence)
	case Edoc, Status:
		x.packageOf(confidence)
	default:
		x.out.Findings = x.nothing(size)
		return x.out
	}
	x.marks()
	if x.out.badBytes() {
		x.note(BadBytes, "")
	}
	return x.out
}

// nothing is what is wrong with a file of which nothing was read.
func (x *reading) nothing(size int64) []Finding {
	if slices.ContainsFunc(x.out.Findings, func(f Finding) bool { return f.Code == DOCTYPE || f.Code == TooDeep || f.Code == TooLarge }) {
		return x.out.Findings
	}
	if size == 0 || x.blank {
		return []Finding{{Code: Empty}}
	}
	return []Finding{{Code: Unreadable}}
}

// marks looks for marks of secrecy and urgency in the words that the sidecar brings, as in the subject of a mail.
func (x *reading) marks() {
	d := &x.out.Document
	texts := append([]string{d.TrichYeu, x.out.Report.Text, x.out.Change.Reason}, x.out.Files...)
	for _, t := range texts {
		level, evidence := vanban.SecretInName(t)
		if level != "" {
			marked := vanban.New()
			marked.DoMat = level
			marked.Sources["do_mat"] = vanban.Source{From: vanban.FromSidecar, Evidence: evidence, Confidence: sure}
			*d, _ = vanban.Merge(*d, marked)
		}
	}
	if u, evidence := vanban.UrgencyInName(d.TrichYeu); u != "" && d.DoKhan == "" {
		d.DoKhan = u
		d.Sources["do_khan"] = vanban.Source{From: vanban.FromSidecar, Evidence: evidence, Confidence: sure}
	}
}

func (s *Sidecar) badBytes() bool {
	for _, source := range s.Document.Sources {
		if strings.ContainsRune(source.Evidence, '\uFFFD') {
			return true
		}
	}
	return slices.ContainsFunc(s.Files, func(f string) bool { return strings.ContainsRune(f, '\uFFFD') })
}
