package parser

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/extract"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/unpack"
)

// file is one file of the message, in the mail itself or in a container, that has gone by once: it was measured and hashed, and is now
// read again for what is in it.
type file struct {
	source
	t       partType
	doc     document
	head    []byte        // its first bytes, at most sniffBytes
	content *content      // whose attachment it is
	index   int           // of that attachment
	where   string        // for findings
	rawName string        // the name before it was cleaned: what was cleaned away may have been there to deceive
	outer   *file         // the container that it came out of, nil in the mail itself
	format  unpack.Format // of a container, once it is known
}

func (f *file) attachment() *Attachment { return &f.content.attachments[f.index] }

// containers is how many containers the file is in.
func (f *file) containers() int {
	n := 0
	for o := f.outer; o != nil; o = o.outer {
		n++
	}
	return n
}

// look reads what is in a file. Each step is guarded: a decoder that breaks costs what it would have read, never the message.
func (k *walker) look(f *file) {
	k.elsewhere(f)
	k.guarded(f.where, func() { k.sniff(f) })
	k.guarded(f.where, func() { k.dimensions(f) })
	k.guarded(f.where, func() { k.readSidecar(f) })
	k.guarded(f.where, func() { k.readDocument(f) })
	k.guarded(f.where, func() { k.unpack(f) })
	if visit := k.shared.visit; visit != nil {
		visit(*f.attachment(), io.NewSectionReader(f.reader(), 0, f.size))
	}
}

// sniff tells a file's type by its first bytes and compares it with the declared one.
func (k *walker) sniff(f *file) {
	a := f.attachment()
	k.judgeFile(f.where, f.rawName, a, f.head)
	if len(f.head) == 0 {
		return
	}
	m := mimetype.Detect(f.head)
	a.Sniffed, _, _ = strings.Cut(m.String(), ";")
	if mismatch(a.Type, m) {
		k.found.add(TypeMismatch, f.where, a.Type+" is "+a.Sniffed)
	}
}

// mismatch says whether content of type m contradicts the declared type: neither is a kind of the other, and the declared one is a type that
// would have been recognised.
func mismatch(declared string, m *mimetype.MIME) bool {
	known := mimetype.Lookup(declared)
	if known == nil || known.Parent() == nil { // unknown, or octet-stream
		return false
	}
	if strings.HasPrefix(declared, "text/") && strings.HasPrefix(m.String(), "text/") {
		return false
	}
	return !kindOf(m, known) && !kindOf(known, m)
}

// kindOf says whether a is b or a kind of it. The root, octet-stream, is no kind.
func kindOf(a, b *mimetype.MIME) bool {
	for ; a != nil && a.Parent() != nil; a = a.Parent() {
		if a.Is(b.String()) {
			return true
		}
	}
	return false
}

// maxSidecars bounds the sidecars that are read of one message.
const maxSidecars = 20

// readSidecar reads what a document system attached to be read by another one.
func (k *walker) readSidecar(f *file) {
	if f.t.opaque || k.shared.sidecars >= maxSidecars {
		return
	}
	s, ok, err := sidecar.Read(f.reader(), f.size, f.t.name, f.attachment().Sniffed)
	if err != nil {
		k.unread(f, err)
	}
	if !ok {
		return
	}
	k.shared.sidecars++
	for _, p := range s.Findings {
		k.found.add(p.Code, f.where, p.Note)
	}
	f.attachment().Sidecar, f.doc = &s, sidecarDocument
}

// readDocument fills the text of a document, or enters a message that was encoded or labelled as a file. It settles what the file is.
func (k *walker) readDocument(f *file) {
	text := ""
	if f.claimsOnly() && isArchive(unpack.Detect(f.head, "", "")) {
		f.doc = otherFile
	}
	if (f.doc == otherFile || f.doc == textDocument) && f.looksLikeMessage() {
		f.doc = messageDocument
	}
	switch f.doc {
	case messageDocument:
		k.readMessage(f)
		return
	case textDocument, htmlDocument:
		text = k.plainText(f)
	case otherFile:
		text = k.officeText(f)
	}
	if n := utf8.RuneCountInString(text); n <= k.shared.text {
		k.shared.text -= n
	} else {
		k.found.add(LimitText, f.where, "")
		text = strings.Clone(charset.CleanText(text, k.shared.text)) // the rest need not stay in memory
		k.shared.text = 0
	}
	f.attachment().Text = text
}

// looksLikeMessage says whether a file is a message by its name and by its first line, whatever its type: application/eml and the like.
func (f *file) looksLikeMessage() bool {
	first := f.head[:lineEnd(f.head)]
	return !f.t.opaque && extension(f.t.name) == "eml" && (fieldColon(first) > 0 || bytes.HasPrefix(first, []byte("From ")))
}

// elsewhere notes a part whose file is not in this message, or only a piece of it (RFC 2046, 5.2.2 and 5.2.3).
func (k *walker) elsewhere(f *file) {
	if f.t.ctype == "message/partial" || f.t.ctype == "message/external-body" {
		k.found.add(unpack.Unsupported, f.where, f.t.ctype)
	}
}

// officeText reads what word processors and spreadsheets write. A file that only begins like such a document is left to be opened as
// an archive.
func (k *walker) officeText(f *file) string {
	kind := extract.KindOf(f.head, f.t.ctype, f.t.name)
	if f.t.opaque || kind == extract.NoKind {
		return ""
	}
	room := min(k.lim.Text, k.shared.text)
	s, err := extract.Document(kind, f.reader(), f.size, room, &k.shared.inflate)
	if err != nil {
		k.found.add(extract.CodeOf(err), f.where, err.Error())
	}
	if !errors.Is(err, extract.ErrNotDocument) {
		f.doc = officeDocument
	}
	if utf8.RuneCountInString(s) >= room {
		k.found.add(LimitText, f.where, "")
	}
	return charset.CleanText(s, k.lim.Text)
}

// claimsOnly says whether the file is a text or a message by its name or a type that anything is sent as.
func (f *file) claimsOnly() bool {
	return f.doc == textDocument || f.doc == htmlDocument || f.doc == messageDocument && !isMessage(f.t.ctype)
}

// plainText reads as much of a text or HTML file as its text may be long.
func (k *walker) plainText(f *file) string {
	raw := make([]byte, min(int64(min(f.doc.keep(k.lim), k.shared.plain)), f.size))
	n, err := f.reader().ReadAt(raw, 0)
	raw = raw[:n]
	k.shared.plain -= n
	if err != nil && !errors.Is(err, io.EOF) {
		k.unread(f, err)
	}
	clipped := f.size > int64(len(raw))
	if clipped {
		k.found.add(LimitText, f.where, "")
	}
	if f.doc == textDocument {
		return k.text(&f.t, raw, clipped, k.texts(f.content, f.where))
	}
	part := k.texts(f.content, f.where).html(f.t.params.plain("charset"), raw)
	return charset.CleanText(part.readable(), k.lim.Text)
}

// readMessage enters a message that came encoded (against RFC 2046, 5.2.1), labelled as a mere file (Outlook's .eml), or in a container.
func (k *walker) readMessage(f *file) {
	if f.t.opaque || f.size == 0 {
		return
	}
	if k.depth+len(k.stack)+f.containers() >= k.lim.Depth {
		k.found.add(LimitDepth, f.where, "")
		return
	}
	inner := k.inside(f, f.reader(), f.size)
	c := newContent(k.lim)
	inner.read(c)
	f.content.inner = append(f.content.inner, c)
	k.nested = append(append(k.nested, c), inner.nested...)
}
