package mapping

import (
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Where a mark of secrecy was read.
const (
	InSubject  = "subject"
	InFileName = "file_name"
	InText     = "text"
)

// Secret looks for a mark of secrecy in everything that can be seen without opening more: subjects, file names and texts, those of
// forwarded messages and of the HTML beside a plain text included. In subjects and file names it errs on the side of the mark, in long
// texts it does not. It runs before anything of the message is shown, kept or quoted (Luật Bảo vệ bí mật nhà nước, Điều 5). Of several
// marks the gravest counts; where names the first place that shows it.
func Secret(m parser.Message) (level vanban.Secrecy, where string) {
	rank := map[vanban.Secrecy]int{"": 0, vanban.Mat: 1, vanban.ToiMat: 2, vanban.TuyetMat: 3}
	note := func(found vanban.Secrecy, at string) {
		if rank[found] > rank[level] {
			level, where = found, at
		}
	}
	name := func(s, at string) {
		found, _ := vanban.SecretInName(s)
		note(found, at)
	}
	text := func(s string) {
		found, _ := vanban.SecretMark(s)
		note(found, InText)
	}
	files := func(attachments []parser.Attachment) {
		for _, a := range attachments {
			name(a.Name, InFileName)
			name(a.Folder, InFileName)
			if a.Sidecar != nil {
				note(a.Sidecar.Document.DoMat, InText)
				name(a.Sidecar.Document.TrichYeu, InText)
			}
			for _, container := range a.Path {
				name(container, InFileName)
			}
		}
	}
	name(m.Subject, InSubject)
	for _, n := range m.Nested {
		name(n.Subject, InSubject)
	}
	files(m.Attachments)
	for _, n := range m.Nested {
		files(n.Attachments)
	}
	bodies := func(plain, html string) {
		text(plain)
		if html != plain {
			text(html)
		}
	}
	bodies(m.Text, m.HTMLText)
	for _, a := range m.Attachments {
		text(a.Text)
	}
	for _, n := range m.Nested {
		bodies(n.Text, n.HTMLText)
		for _, a := range n.Attachments {
			text(a.Text)
		}
	}
	return level, where
}
