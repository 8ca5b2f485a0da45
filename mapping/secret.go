package mapping

import (
	"strings"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Where a mark of secrecy was read.
const (
	InSubject  = "subject"
	InFileName = "file_name"
	InText     = "text"
	InFile     = "file" // in what tools found in a file
)

// Secret looks for a mark of secrecy in everything that can be seen without opening more: subjects, file names and texts, those of
// forwarded messages and of the HTML beside a plain text included, and in what tools found in its files (nil: not asked). In subjects and file names it errs on the side of the mark, in long
// texts it does not. It runs before anything of the message is shown, kept or quoted (Luật Bảo vệ bí mật nhà nước, Điều 5). Of several
// marks the gravest counts; where names the first place that shows it.
func Secret(m parser.Message, files map[string]FileEvidence) (level vanban.Secrecy, where string) {
	note := func(found vanban.Secrecy, at string) {
		if vanban.Graver(level, found) != level {
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
	names := func(attachments []parser.Attachment) {
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
	names(m.Attachments)
	for _, n := range m.Nested {
		names(n.Attachments)
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
	found := func(attachments []parser.Attachment) {
		for _, a := range attachments {
			note(FileSecret(files[a.SHA256]), InFile)
		}
	}
	found(m.Attachments)
	for _, n := range m.Nested {
		found(n.Attachments)
	}
	return level, where
}

// FileSecret is the độ mật that a file bears by what tools found in it: as it was found then, or as its words read now. Who gathers
// evidence asks before anything of the file is kept.
func FileSecret(ev FileEvidence) vanban.Secrecy {
	level := ev.Secret
	words := make([]string, 0, len(ev.Pages))
	for _, p := range ev.Pages {
		level = vanban.Graver(level, vanban.Graver(SecretText(p.Text), SecretText(p.Layer)))
		words = append(words, p.Text)
	}
	whole, _ := vanban.SecretMark(strings.Join(words, "\n\n")) // as the text of any other file
	return vanban.Graver(level, whole)
}

// SecretText is the độ mật that the text of one page bears, whether it was the page's own or read by OCR; empty when it bears none.
func SecretText(text string) vanban.Secrecy {
	if text == "" {
		return ""
	}
	level, _ := vanban.SecretOnPage(text)
	return level
}
