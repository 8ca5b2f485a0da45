package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/charset"
)

// sniffBytes is how much of a file is looked at to tell its type.
const sniffBytes = 3072

// leaf takes the body of one part as it streams by: decodes, hashes, counts and sniffs it, and keeps of it only what is needed for text.
type leaf struct {
	*scratch
	on      bool
	t       partType
	doc     document
	content *content
	path    string
	index   int // of its attachment; -1 for a body
	dec     transfer
	out     func([]byte) // takes what is decoded: one of the next two
	toFile  func([]byte) // method values made once
	toText  func([]byte)
	uu      uuFinder

	sum     hash.Hash
	size    int64
	aside   bool // a text that is read beside the message's own
	keep    int  // bytes still to be kept
	clipped bool // there were more
	hashed  bool
	from    int64 // offset in the raw message of the part's first byte
	raw     int64 // bytes of the part as it stands there
}

// scratch are the buffers of a leaf, used again for the next one and the next message.
type scratch struct {
	head []byte
	kept []byte
	b64  *base64Stream
	qp   *qpStream
}

// maxPooled bounds what a kept buffer may hold on to between messages.
const maxPooled = 1 << 20

var scratchPool = sync.Pool{New: func() any {
	return &scratch{head: make([]byte, 0, sniffBytes), b64: newBase64Stream(), qp: newQPStream()}
}}

func (l *leaf) init() {
	l.scratch = scratchPool.Get().(*scratch)
	l.sum = sha256.New()
	l.toFile, l.toText = l.decoded, l.uu.write
}

func (l *leaf) release() {
	if cap(l.kept) > maxPooled {
		l.kept = nil
	}
	scratchPool.Put(l.scratch)
	l.scratch = nil
}

// open begins a leaf of content c.
func (l *leaf) open(k *walker, c *content, t partType, path string) {
	l.on, l.t, l.content, l.path, l.index, l.aside = true, t, c, path, -1, false
	l.doc = t.document()
	l.keep = l.doc.keep(k.lim)
	if !t.body() && l.doc.readAgain() {
		l.keep = 0
	}
	l.from, l.raw = k.w.offset(), 0
	l.size, l.clipped, l.head, l.kept = 0, false, l.head[:0], l.kept[:0]
	c.saw(&t)
	l.out = l.toFile
	if t.body() {
		if l.hashed = false; l.doc == textDocument {
			l.uu.start(k, l, l.toFile)
			l.out = l.toText
		}
		l.keep = min(l.keep, k.shared.plain)
		if l.doc == htmlDocument {
			l.keep = min(l.keep, c.htmlLeft)
		}
	} else {
		l.hashed = true
		l.sum.Reset()
		l.index = k.attach(c, t.attachment())
	}
	switch t.enc {
	case base64Encoding:
		l.b64.reset()
		l.dec = l.b64
	case quotedPrintable:
		l.qp.reset()
		l.dec = l.qp
	case uuEncoding:
		l.dec = &uuStream{}
	default:
		l.dec = nil
	}
}

// write takes raw bytes.
func (l *leaf) write(p []byte) {
	if !l.on {
		return
	}
	l.raw += int64(len(p))
	if l.dec != nil {
		l.dec.write(p, l.out)
	} else {
		l.out(p)
	}
}

// decoded takes bytes of the file itself.
func (l *leaf) decoded(p []byte) {
	if len(p) == 0 {
		return
	}
	l.size += int64(len(p))
	if l.hashed {
		l.sum.Write(p)
		if room := cap(l.head) - len(l.head); room > 0 {
			l.head = append(l.head, p[:min(room, len(p))]...)
		}
	}
	if l.keep > 0 {
		n := min(l.keep, len(p))
		l.kept = append(l.kept, p[:n]...)
		l.keep -= n
		l.clipped = l.clipped || n < len(p)
	} else {
		l.clipped = true
	}
}

// closeLeaf ends the open leaf and reads what was kept of it.
func (k *walker) closeLeaf() {
	l := &k.leaf
	if !l.on {
		return
	}
	if l.dec != nil {
		l.dec.close(l.out)
		k.noticeDecoder(l)
		if l.dec.damaged() {
			k.found.add(map[encoding]string{base64Encoding: Base64Damaged, quotedPrintable: QuotedDamaged, uuEncoding: UUDamaged}[l.t.enc], k.place(l.path), "")
		}
	}
	l.on = false
	if l.index < 0 {
		l.uu.close()
		k.closeBody(l)
		l.uu.look()
		return
	}
	a := &l.content.attachments[l.index]
	a.Size = l.size
	a.SHA256 = hex.EncodeToString(l.sum.Sum(nil))
	l.content.sawFile(&l.t, l.head)
	k.record(a)
	switch l.doc {
	case statusDocument:
		l.content.status = bytes.Clone(l.kept)
	case headersDocument:
		b := readBlock(l.kept, k.lim.Fields)
		l.content.returned = append(l.content.returned, messageIDs(b.Get("Message-Id"))...)
	}
	k.look(&file{source: l.source(k), t: l.t, doc: l.doc, head: l.head, content: l.content, index: l.index, where: k.place(l.path),
		rawName: rawName(&l.t), outer: k.around})
}

// attach adds an attachment to a content and gives its index.
func (k *walker) attach(c *content, a Attachment) int {
	a.Path = append(a.Path, k.path...)
	c.attachments = append(c.attachments, a)
	return len(c.attachments) - 1
}

// guarded runs a decoder of someone else's: a panic becomes a finding, never a lost message.
func (k *walker) guarded(path string, f func()) {
	defer func() {
		if recover() != nil {
			k.found.add(DecoderFailed, path, "")
		}
	}()
	f()
}

func (k *walker) closeBody(l *leaf) {
	c := l.content
	k.shared.plain -= len(l.kept)
	if l.doc == htmlDocument {
		if len(l.kept) > 0 {
			c.htmls = append(c.htmls, k.bodies(c, l.path).html(l.charset(), l.kept))
			c.htmlLeft -= len(l.kept)
		}
		return
	}
	s := k.text(&l.t, l.kept, l.clipped, k.bodies(c, l.path))
	if l.clipped {
		k.found.add(LimitText, k.place(l.path), "")
	}
	if l.aside {
		c.htmls = append(c.htmls, htmlPart{text: s})
		return
	}
	if s = c.addText(s); s != "" {
		k.found.add(LimitText, k.place(l.path), "")
	}
}

func (l *leaf) charset() string { return l.t.params.plain("charset") }

// text decodes what was kept of a text part.
func (k *walker) text(t *partType, raw []byte, clipped bool, in texts) string {
	if clipped {
		for i := 0; i < utf8.UTFMax && len(raw) > 0 && !utf8.Valid(raw[max(0, len(raw)-64):]); i++ {
			raw = raw[:len(raw)-1] // the limit may have cut a letter
		}
	}
	s := in.labelled(t.params.plain("charset"), raw)
	if strings.EqualFold(t.params.plain("format"), "flowed") && t.ctype == "text/plain" {
		s = unflow(s, strings.EqualFold(t.params.plain("delsp"), "yes"))
	}
	return charset.CleanText(s, k.lim.Text)
}
