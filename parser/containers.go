package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/extract"
	"github.com/giaolien/giaolien/parser/unpack"
)

// unpack opens a file that is a container. Documents that are archives inside (DOCX and its kind) are files, not containers.
func (k *walker) unpack(f *file) {
	if f.t.opaque || f.size == 0 || f.doc != otherFile {
		return
	}
	f.format = unpack.Detect(f.head, f.t.ctype, f.t.name)
	if f.format == "" {
		if archivePart(f.t.name) {
			k.found.add(unpack.Unsupported, f.where, "by its name an archive or a part of one, but it begins like none")
		}
		return
	}
	if f.format == unpack.ZIP && f.attachment().Sniffed != "application/zip" {
		f.format = ""
		return
	}
	if !k.mayOpen(f) {
		k.found.add(unpack.Recursive, f.where, "")
		return
	}
	switch f.format {
	case unpack.TNEF:
		m, problems := unpack.ReadTNEF(f.reader(), f.size, &k.shared.unpack)
		k.report(f, problems)
		if s := charset.Clean(m.Subject, maxHeaderText); s != "" { // it may say what the mail's own subject does not
			f.content.htmls = append(f.content.htmls, htmlPart{text: s})
		}
		k.outlookBody(f.content, &m)
		k.entries(f, f.content, f.inner(), m.Files)
		k.embedded(f, f.content, m.Mails)
	case unpack.MSG:
		m, problems := unpack.ReadMSG(f.reader(), f.size, &k.shared.unpack)
		k.report(f, problems)
		k.outlookMail(f, f.content, &m)
	case unpack.CMS:
		k.cms(f)
	default:
		list, problems := unpack.Files(f.format, f.reader(), f.size, &k.shared.unpack)
		k.report(f, problems)
		k.entries(f, f.content, f.inner(), list)
	}
}

// archivePart says whether a name is that of an archive or of one part of it: the parts of a split archive (a.z01 and a.zip, a.7z.001,
// a.r00) begin anywhere in it, so that nothing but their names tells what they are.
func archivePart(name string) bool {
	last := extension(name)
	number := strings.TrimLeft(last, "0123456789") == ""
	switch {
	case last == "":
		return false
	case last == "zip", last == "7z", last == "rar":
		return true
	case len(last) == 3 && (last[0] == 'z' || last[0] == 'r') && isDigit(last[1]) && isDigit(last[2]):
		return true
	case number:
		whole := extension(strings.TrimRight(strings.TrimRight(name, "0123456789"), "."))
		return whole == "zip" || whole == "7z" || whole == "rar"
	}
	return false
}

// mayOpen bounds how deep containers are opened (reliability: an archive that holds itself unpacks for ever).
func (k *walker) mayOpen(f *file) bool {
	archives, same := 0, false
	digest := f.attachment().SHA256
	for o := f.outer; o != nil; o = o.outer {
		if isArchive(o.format) {
			archives++
		}
		same = same || o.attachment().SHA256 == digest
	}
	return !same && k.depth+len(k.stack)+f.containers() < k.lim.Depth && (!isArchive(f.format) || archives < k.lim.Unpack.Depth)
}

func isArchive(f unpack.Format) bool {
	return f == unpack.ZIP || f == unpack.SevenZip || f == unpack.RAR
}

// inner is the path of what comes out of a container.
func (f *file) inner() []string {
	a := f.attachment()
	name := a.Name
	if name == "" {
		name = string(f.format)
	}
	return append(slices.Clone(a.Path), name)
}

// report turns the problems of a container into findings.
func (k *walker) report(f *file, problems []unpack.Problem) {
	for _, p := range problems {
		k.found.add(p.Code, within(f.where, p.Where), p.Note)
	}
}

// unread says why a file could not be read to its end.
func (k *walker) unread(f *file, err error) {
	if code := unpack.CodeOf(err); !k.found.has(code, charset.Clean(f.where, 200)) { // its container may have said so
		k.found.add(code, f.where, "")
	}
}

// entries lists the files of a container as attachments of a content, and looks into each.
func (k *walker) entries(outer *file, c *content, inside []string, list []unpack.Entry) {
	for _, e := range list {
		t := partType{ctype: "application/octet-stream"}
		if ctype, bad := cleanType(e.Type); e.Type != "" && !bad {
			t.ctype = ctype
		}
		folder, base := path.Split(strings.ReplaceAll(e.Name, `\`, "/"))
		t.name = charset.Clean(base, maxName)
		a := t.attachment()
		a.Folder = charset.Clean(strings.Trim(folder, "/"), maxName)
		a.Path = slices.Clone(inside)
		c.attachments = append(c.attachments, a)
		f := &file{source: source{open: e.Open}, t: t, doc: t.document(), content: c, index: len(c.attachments) - 1,
			where: within(outer.where, t.name), rawName: base, outer: outer}
		if k.measure(f, e) {
			k.look(f)
		}
	}
}

// measure reads a file of a container for the first time. It reports whether its content was had.
func (k *walker) measure(f *file, e unpack.Entry) bool {
	a := f.attachment()
	a.Size = max(e.Size, 0)
	r, err := e.Open()
	if err != nil {
		k.unread(f, err)
		return false
	}
	sum := sha256.New()
	head := &headWriter{}
	n, err := io.CopyBuffer(io.MultiWriter(sum, head), struct{ io.Reader }{r}, k.shared.scratch())
	f.head, f.size = head.bytes, n
	if err != nil {
		k.unread(f, err)
		if errors.Is(err, unpack.ErrBudget) || errors.Is(err, unpack.ErrRatio) || errors.Is(err, unpack.ErrEncrypted) || errors.Is(err, unpack.ErrUnsupported) {
			return false // no digest: what was read is not the file
		}
	}
	a.Size, a.SHA256 = n, hex.EncodeToString(sum.Sum(nil))
	return true
}

// headWriter keeps the first bytes of a file.
type headWriter struct{ bytes []byte }

func (h *headWriter) Write(p []byte) (int, error) {
	h.bytes = append(h.bytes, p[:min(len(p), sniffBytes-len(h.bytes))]...)
	return len(p), nil
}

// outlookBody adds the bodies of an Outlook message to a content. The plain one counts where MIME gave none; all of them are read, because
// one may say what the others leave out.
func (k *walker) outlookBody(c *content, m *unpack.Mail) {
	text := charset.CleanText(m.Text, k.lim.Text)
	switch {
	case text == "":
	case c.hasText():
		c.htmls = append(c.htmls, htmlPart{text: text})
	default:
		if rest := c.addText(text); rest != "" {
			k.found.add(LimitText, "", "")
		}
	}
	if n := min(len(m.HTML), c.htmlLeft); n > 0 {
		c.html = true
		c.htmlLeft -= n
		c.htmls = append(c.htmls, k.bodies(c, "").html(m.HTMLCharset, m.HTML[:n]))
	}
	if len(m.RTF) > 0 {
		s, html, err := extract.RTFBody(bytes.NewReader(m.RTF), k.lim.Text)
		c.html = c.html || html
		if err != nil {
			k.found.add(extract.CodeOf(err), "", err.Error())
		}
		c.htmls = append(c.htmls, htmlPart{text: charset.CleanText(s, k.lim.Text)})
	}
}

// outlookMail makes a message inside the message of one in Outlook's form.
func (k *walker) outlookMail(f *file, owner *content, m *unpack.Mail) {
	c := newContent(k.lim)
	c.claims = &claims{subject: m.Subject, from: Address{Name: charset.Clean(m.FromName, maxHeaderText), Addr: cleanAddr(m.FromAddr)}, messageID: oneID(m.MessageID)}
	k.outlookBody(c, m)
	owner.inner = append(owner.inner, c)
	k.nested = append(k.nested, c)
	k.entries(f, c, []string{}, m.Files)
	k.embedded(f, c, m.Mails)
}

// embedded enters the messages that are attached to one in Outlook's form.
func (k *walker) embedded(f *file, owner *content, mails []unpack.EmbeddedMail) {
	for i := range mails {
		k.outlookMail(f, owner, &mails[i].Mail)
	}
}

// claims are what a message without a header block says of itself.
type claims struct {
	subject   string
	from      Address
	messageID string
}
