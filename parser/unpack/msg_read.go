package unpack

import (
	"bytes"
	"cmp"
	"io"
	"slices"
)

// Lengths of what stands before the list of __properties_version1.0 (MS-OXMSG, 2.4.1), and the most that is read of it.
const (
	msgTopHeader      = 32
	msgEmbeddedHeader = 24
	msgAttachHeader   = 8
	maxMSGProps       = 64 << 10
)

// ReadMSG reads a message as Outlook saves it (MS-OXMSG). Everything that is kept in memory is read in one pass in the order of the file,
// and the entries are in that order, too.
func ReadMSG(src io.ReaderAt, size int64, b *Budget) (Mail, []Problem) {
	f := newOLFile(b)
	c, err := openCFB(src, size, b)
	if err != nil {
		f.tell(CodeOf(err), "", err.Error())
		return Mail{}, f.problems
	}
	r := &msgReader{file: f, c: c, tree: c.walk()}
	top := r.collect(r.tree.children(0), 1, msgTopHeader)
	r.read()
	m := r.mail(top, "", "")
	if !r.found {
		f.tell(Damaged, "", "no message in it")
	}
	if c.broken {
		f.tell(cmp.Or(c.code, Damaged), "", "compound file is damaged")
	}
	if c.over {
		f.tell(LimitCount, "", "more directory entries than are looked at")
	}
	return m, f.problems
}

// msgReader reads a file and the messages inside it: first the directory, which by its names says where everything is, then all that is
// kept, then names and texts are made of it.
type msgReader struct {
	file  *olFile
	c     *cfb
	tree  *cfbWalk
	plan  []msgRead
	taken cfbClaims
	found bool // a property of a message
}

// msgRead is a stream that is read into memory, wholly or in part.
type msgRead struct {
	at   int64 // offset of its first byte
	e    cfbEntry
	keep func(r io.Reader)
}

// msgMail is a message while it is collected.
type msgMail struct {
	*olMail
	attachments []*msgAttachment
}

type msgAttachment struct {
	props   olProps
	hasData bool
	data    cfbEntry
	object  bool // an object that is no message
	deep    bool // a message that is not opened
	mail    *msgMail
}

func (r *msgReader) later(e cfbEntry, keep func(io.Reader)) {
	r.plan = append(r.plan, msgRead{r.c.begins(e), e, keep})
}

// collect plans the reading of the message whose storage has these entries.
func (r *msgReader) collect(entries []uint32, level int, header int) *msgMail {
	m := &msgMail{olMail: newOLMail(r.file, "")}
	seen := map[uint32]bool{}
	for _, i := range entries {
		e := r.c.entries[i]
		if e.kind == cfbAttachment {
			if a := r.attachment(i, level); a != nil {
				m.attachments = append(m.attachments, a)
			}
			continue
		}
		r.found = r.found || e.kind == cfbProperties || e.kind == cfbValue
		id, typ := uint16(e.tag>>16), uint16(e.tag)
		if e.kind == cfbValue && isBody(id, typ) {
			if !seen[e.tag] {
				r.later(e, func(s io.Reader) { m.body(id, typ, s, e.size) })
			}
			seen[e.tag] = true
			continue
		}
		r.property(m.props, seen, e, header)
	}
	return m
}

// property plans the reading of a property, or of the list of those with a fixed size.
func (r *msgReader) property(p olProps, seen map[uint32]bool, e cfbEntry, header int) {
	id, typ := uint16(e.tag>>16), uint16(e.tag)
	n := wanted(id, typ)
	if seen[e.tag] {
		return
	}
	switch {
	case e.kind == cfbProperties:
		r.later(e, func(s io.Reader) { r.fixed(p, r.some(s, make([]byte, min(e.size, maxMSGProps))), header) })
	case e.kind == cfbValue && n > 0:
		r.later(e, func(s io.Reader) { p.keep(id, typ, r.some(s, r.file.short(min(e.size, n)))) })
	default:
		return
	}
	seen[e.tag] = true
}

// some fills b, or as much of it as there is.
func (r *msgReader) some(s io.Reader, b []byte) []byte {
	k, err := io.ReadFull(s, b)
	if err != nil {
		r.c.fail(err)
	}
	return b[:k]
}

// fixed reads the properties of fixed size: entries of a tag, flags, and eight bytes of value (MS-OXMSG, 2.4.2).
func (r *msgReader) fixed(p olProps, b []byte, header int) {
	const entry = 16
	for b = b[min(header, len(b)):]; len(b) >= entry; b = b[entry:] {
		tag := le32(b)
		if id, typ := uint16(tag>>16), uint16(tag); typ == ptInt32 && wanted(id, typ) > 0 {
			p.keep(id, typ, bytes.Clone(b[8:12]))
		}
	}
}

// attachment plans the reading of one attachment; nil when no more are listed.
func (r *msgReader) attachment(storage uint32, level int) *msgAttachment {
	if !r.file.list() {
		return nil
	}
	a := &msgAttachment{props: olProps{}}
	seen := map[uint32]bool{}
	for _, i := range r.tree.children(storage) {
		e := r.c.entries[i]
		switch {
		case e.kind == cfbValue && e.tag == prAttachData<<16|ptBinary:
			if !a.hasData {
				a.hasData, a.data = true, e
			}
		case e.kind == cfbStorage:
			r.object(a, i, level)
		default:
			r.property(a.props, seen, e, msgAttachHeader)
		}
	}
	return a
}

// object looks at an attached storage: one with properties is a message.
func (r *msgReader) object(a *msgAttachment, storage uint32, level int) {
	if a.mail != nil || a.object || a.deep {
		return
	}
	entries := r.tree.children(storage)
	isMessage := slices.ContainsFunc(entries, func(i uint32) bool { return r.c.entries[i].kind == cfbProperties })
	switch {
	case !isMessage:
		a.object = true
	case level >= maxOLMails:
		a.deep = true
	default:
		a.mail = r.collect(entries, level+1, msgEmbeddedHeader)
	}
}

// read does what was planned, forward through the file.
func (r *msgReader) read() {
	slices.SortStableFunc(r.plan, func(a, b msgRead) int { return cmp.Compare(a.at, b.at) })
	for _, p := range r.plan {
		p.keep(r.c.open(p.e))
	}
	r.plan = nil
}

// mail makes the message of what was collected. around is the charset of the message that it is in.
func (r *msgReader) mail(m *msgMail, where, around string) Mail {
	m.where = where
	label := m.label(around)
	slices.SortStableFunc(m.attachments, func(a, b *msgAttachment) int { return cmp.Compare(r.begins(a), r.begins(b)) })
	for _, a := range m.attachments {
		r.finish(m, a, label)
	}
	return m.olMail.mail(label)
}

func (r *msgReader) begins(a *msgAttachment) int64 {
	if !a.hasData || a.data.size == 0 {
		return 0
	}
	return r.c.begins(a.data)
}

// finish adds an attachment to its message.
func (r *msgReader) finish(m *msgMail, a *msgAttachment, label string) {
	var name string
	for _, id := range []uint16{prAttachLong, prAttachName, prDisplayName} {
		if name = a.props.text(id, label); name != "" {
			break
		}
	}
	switch {
	case a.mail != nil:
		mail := r.mail(a.mail, name, label)
		m.mails = append(m.mails, EmbeddedMail{Name: cmp.Or(name, mail.Subject), Mail: mail})
		return
	case a.deep:
		r.file.tell(Recursive, name, "messages inside one another deeper than is opened")
		return
	case a.hasData: // also beside an object: the picture that it shows
	case a.object:
		r.file.tell(Unsupported, name, "an object of OLE is not read")
		return
	case byReference(a.props):
		r.file.tell(Unsupported, name, "attachment is only a reference")
		return
	}
	m.files = append(m.files, r.entry(a, name, label))
}

// entry makes the entry of an attachment's file.
func (r *msgReader) entry(a *msgAttachment, name, label string) Entry {
	c, e := r.c, a.data
	ctype := a.props.text(prAttachType, label)
	if !a.hasData {
		e = cfbEntry{}
	}
	sound := c.claim(&r.taken, e)
	if sound == e.size {
		return olFileEntry(c.b, name, ctype, e.size, func() io.Reader { return c.open(e) })
	}
	r.file.tell(Damaged, name, "chain of sectors is broken, or shared with another file")
	return olFileEntry(c.b, name, ctype, e.size, func() io.Reader { return cutReader{io.LimitReader(c.open(e), sound)} })
}
