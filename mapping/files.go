package mapping

import (
	"path"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
)

// item is one attachment and what it belongs to: nested is the index of the message inside the message, -1 for the mail itself.
type item struct {
	parser.Attachment
	nested int
	kind   fileKind
}

// fileKind says what an attachment may be to a record.
type fileKind int

const (
	noise    fileKind = iota // signatures, cards, invitations, logos: no part of a record
	other                    // kept with a document, but none by itself
	document                 // what a document is sent as
	pdf                      // a document in the form in which official ones are signed
)

// extensions of files that documents come as.
var documentExtensions = []string{".doc", ".docx", ".docm", ".dot", ".xls", ".xlsx", ".xlsm", ".odt", ".ods", ".rtf", ".zip", ".rar", ".7z", ".jpg", ".jpeg",
	".png", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".xps", ".ofd", ".ppt", ".pptx", ".edxml"}

var documentTypes = []string{"application/msword", "application/rtf", "text/rtf", "application/zip", "application/x-zip-compressed",
	"application/vnd.rar", "application/x-rar-compressed", "application/x-rar", "application/x-7z-compressed"}

var noiseExtensions = []string{".p7s", ".vcf", ".ics", ".asc", ".sig", ".eml", ".msg"}

// maxLogo is the size below which an image with a name that a mail program made is taken for a logo in a signature.
const maxLogo = 64 << 10

// HasDocumentFile says whether the message carries a file that may be a document, also in a forwarded message. What a bounce gives back
// was not submitted.
func HasDocumentFile(m parser.Message) bool {
	return slices.ContainsFunc(items(m), func(it item) bool { return it.kind >= document })
}

// items lists all attachments in mail order, those of forwarded messages after the mail's own.
func items(m parser.Message) []item {
	var all []item
	for _, a := range m.Attachments {
		all = append(all, item{a, -1, kindOf(a)})
	}
	if m.Kind == parser.Bounce {
		return unwrapped(all)
	}
	for i, n := range m.Nested {
		for _, a := range n.Attachments {
			if !slices.ContainsFunc(all, func(it item) bool { return it.SHA256 == a.SHA256 && it.Name == a.Name && a.SHA256 != "" }) {
				all = append(all, item{a, i, kindOf(a)})
			}
		}
	}
	return unwrapped(all)
}

// unwrapped lets the documents of an opened container stand for it: an archive stays with the record as what they came in, Outlook's and
// S/MIME's wrappings do not. One that gave no document stays what it is: it may be one that cannot be read.
func unwrapped(all []item) []item {
	for i := range all {
		c := &all[i]
		if !slices.ContainsFunc(all, func(it item) bool {
			n := len(c.Path)
			return it.kind >= document && it.nested == c.nested && len(it.Path) > n && it.Path[n] == c.Name && slices.Equal(it.Path[:n], c.Path)
		}) {
			continue
		}
		if wrapping(c.Attachment) {
			c.kind = noise
		} else {
			c.kind = other
		}
	}
	return all
}

// wrapping says whether a container is a mail program's own form of sending files, which nobody chose.
func wrapping(a parser.Attachment) bool {
	return a.Type == "application/ms-tnef" || a.Type == "application/vnd.ms-tnef" || strings.EqualFold(a.Name, "winmail.dat") ||
		strings.Contains(a.Type, "pkcs7") || strings.EqualFold(path.Ext(a.Name), ".p7m")
}

func kindOf(a parser.Attachment) fileKind {
	ext := strings.ToLower(path.Ext(strings.TrimSpace(a.Name)))
	types := []string{a.Sniffed, a.Type}
	switch {
	case a.Sidecar != nil && a.Sidecar.Kind != sidecar.Edoc: // what it says is read; a package also holds the document itself
		return noise
	case leftByMac(a), slices.Contains(noiseExtensions, ext) && a.Sniffed != "application/pdf",
		slices.ContainsFunc(types, func(t string) bool {
			return strings.HasPrefix(t, "message/") || t == "text/calendar" || t == "text/vcard" || t == "application/pkcs7-signature" ||
				t == "application/x-pkcs7-signature" || t == "application/pgp-signature"
		}):
		return noise
	case a.Sniffed == "application/pdf" || ext == ".pdf" || a.Type == "application/pdf":
		return pdf
	case isLogo(a, ext):
		return noise
	case slices.Contains(documentExtensions, ext):
		return document
	case slices.ContainsFunc(types, func(t string) bool {
		return slices.Contains(documentTypes, t) || strings.HasPrefix(t, "image/") || strings.Contains(t, "opendocument") ||
			strings.Contains(t, "openxmlformats") || strings.HasPrefix(t, "application/vnd.ms-") && t != "application/vnd.ms-tnef"
	}):
		return document
	}
	return other
}

// leftByMac tells the side files that macOS puts into archives: they bear a document's name and hold none (AppleDouble).
func leftByMac(a parser.Attachment) bool {
	return len(a.Path) > 0 && (strings.HasPrefix(a.Name, "._") || a.Name == ".DS_Store" || a.Name == "Thumbs.db" || a.Name == "desktop.ini")
}

// isLogo says whether an image is one that a mail program put into the text: image001.png, or one without a name.
func isLogo(a parser.Attachment, ext string) bool {
	if !strings.HasPrefix(a.Type, "image/") && !strings.HasPrefix(a.Sniffed, "image/") || a.Size > maxLogo {
		return false
	}
	name := strings.ToLower(strings.TrimSuffix(a.Name, path.Ext(a.Name)))
	digits := strings.TrimPrefix(name, "image")
	made := digits != name && len(digits) >= 3 && strings.Trim(digits, "0123456789") == ""
	return made || name == "" || ext == ".gif" || strings.Contains(name, "logo")
}

// mainFirst moves the main file to the front. Files of the containers that it came in stay in mail order.
func mainFirst(files []item, so string) {
	best := mainFile(files, so)
	if best > 0 {
		main := files[best]
		copy(files[1:best+1], files[:best])
		files[0] = main
	}
}

// mainFile is the index of the main file: a signed PDF or one whose name holds the document's number, else the first PDF, else the first
// document. What calls itself an annex is main only where nothing else can be; without any document it is the first file.
func mainFile(files []item, so string) int {
	best, score := 0, 0
	for i, f := range files {
		s := 0
		switch f.kind {
		case pdf:
			s = 20
			if so != "" && holdsNumber(f.Name, so) {
				s += 8
			}
			if signedName(f.Name) {
				s += 4
			}
		case document:
			s = 10
		}
		if s > 0 && annexName(f.Name) {
			s = s / 10
		}
		if s > score {
			best, score = i, s
		}
	}
	return best
}

// holdsNumber says whether the number stands in the name by itself, leading zeros aside.
func holdsNumber(name, so string) bool {
	want := strings.TrimLeft(so, "0")
	return slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool { return r < '0' || r > '9' }), func(digits string) bool {
		return want != "" && strings.TrimLeft(digits, "0") == want
	})
}

func signedName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "signed") || strings.Contains(name, "_ky so") || strings.Contains(name, "kyso") || strings.Contains(name, "đã ký") || strings.Contains(name, "da ky")
}
