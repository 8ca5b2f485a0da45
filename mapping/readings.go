package mapping

import (
	"slices"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// readings are all readings of a document, the most trusted first: what the sender's system states, subject, name of the main file, its
// text and that of its other forms, the mail's own text. Of a forwarded message its subject and text stand behind the mail's.
func readings(m parser.Message, subject, body vanban.Document, p *paper) []vanban.Document {
	speaks := p.speaks
	var all []vanban.Document
	for _, d := range stated(m) {
		if !p.among || p.agrees(d) {
			all = append(all, d)
		}
	}
	nested := nestedOf(m, p.leaves)
	switch {
	case nested == nil:
		all = append(all, speaks(subject))
	default:
		inner := vanban.ReadSubject(nested.Subject)
		if subject.SoHieu == "" && inner.SoHieu != "" {
			all = append(all, speaks(inner), speaks(subject)) // the forwarder's words say less than the sender's
		} else {
			all = append(all, speaks(subject), speaks(inner))
		}
	}
	all = append(append(all, p.own()...), speaks(body))
	if nested != nil {
		all = append(all, speaks(vanban.ReadText(nested.Text)))
	}
	return all
}

// own are the readings of the document's own files: names and text of the main one, then the texts of its other forms, then what their
// signatures show, then what OCR read. A signed PDF often has no text, and the DOCX beside it the whole. Where tools read the main one, the
// names of its forms are asked too: they stand above what OCR makes of the number.
func (p *paper) own() []vanban.Document {
	if len(p.leaves) == 0 || p.leaves[0].kind < document {
		return nil
	}
	main := p.leaves[0]
	forms := slices.DeleteFunc(slices.Clone(p.leaves), func(l *leaf) bool { return l != main && !l.formOf(main) })
	all := []vanban.Document{vanban.ReadFileName(main.Name)}
	for _, l := range forms {
		for _, name := range l.names {
			if name != main.Name && (l == main || main.tool != nil) {
				all = append(all, vanban.ReadFileName(name))
			}
		}
	}
	for _, l := range forms {
		if l.Text != "" {
			all = append(all, l.says())
		}
	}
	for _, l := range forms {
		if l.tool != nil {
			all = append(all, l.tool.appears)
		}
	}
	for _, l := range forms {
		if l.tool != nil {
			all = append(all, l.tool.seen)
		}
	}
	return all
}

// formOf says whether two files are forms of one document: of one name, or with the same number.
func (l *leaf) formOf(main *leaf) bool {
	return l.kind >= document && !l.annex && !l.attached && (l.key != "" && l.key == main.key || stem(l.Name) != "" && stem(l.Name) == stem(main.Name))
}

func (p *paper) agrees(d vanban.Document) bool { return sameNumber(numberOf(d), p.key) }

// speaks is what a reading of subject or mail text says of this document. Of one among several it speaks only where it names its number;
// else only its urgency counts, which is that of the mail as it was sent.
func (p *paper) speaks(d vanban.Document) vanban.Document {
	if !p.among || p.agrees(d) {
		return d
	}
	out := vanban.New()
	out.DoKhan, out.DoMat = d.DoKhan, d.DoMat
	for _, field := range []string{"do_khan", "do_mat"} {
		if s, ok := d.Sources[field]; ok {
			out.Sources[field] = s
		}
	}
	return out
}

// nestedOf is the forwarded message that brought the main file, or the only one when the mail has no file.
func nestedOf(m parser.Message, files []*leaf) *parser.Nested {
	switch {
	case m.Kind == parser.Bounce:
	case len(files) > 0 && files[0].nested >= 0:
		return &m.Nested[files[0].nested]
	case len(files) == 0 && len(m.Nested) == 1:
		return &m.Nested[0]
	}
	return nil
}

// doubt notes a code once.
func (p *paper) doubt(code string) {
	if !slices.Contains(p.doubts, code) {
		p.doubts = append(p.doubts, code)
	}
}
