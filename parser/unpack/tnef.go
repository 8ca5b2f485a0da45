package unpack

import "io"

// Levels and attributes of TNEF (MS-OXTNEF, 2.1.3): a type in the upper half, a number in the lower.
const (
	tnefMessageLevel = 1
	tnefAttachLevel  = 2

	attFrom         = 0x00008000
	attSubject      = 0x00018004
	attBody         = 0x0002800C
	attAttachData   = 0x0006800F
	attAttachTitle  = 0x00018010
	attRenddata     = 0x00069002 // begins an attachment
	attMsgProps     = 0x00069003
	attTransport    = 0x00069001 // attAttachTransportFilename
	attAttachment   = 0x00069005 // properties of an attachment
	attOemCodepage  = 0x00069007
	tnefHeaderLen   = 9
	tnefChecksumLen = 2

	maxTNEFAttributes = 100_000 // of one file, messages inside it included: 2000 attachments have some 12,000
)

// ReadTNEF reads Outlook's winmail.dat (MS-OXTNEF) in one pass. Attachments are not copied: Open of an entry reads a stretch of src.
// Attributes after one that is broken are looked for and still read.
func ReadTNEF(src io.ReaderAt, size int64, b *Budget) (Mail, []Problem) {
	f := newOLFile(b)
	t := &tnefReader{file: f, src: src, c: newTNEFCursor(src, 0, size)}
	magic, ok := t.u32(size)
	if !ok || magic != tnefMagic {
		f.tell(Damaged, "", "no TNEF signature")
		return Mail{}, t.end()
	}
	m := t.message(size, 1, "", "")
	return m, t.end()
}

// tnefReader reads a file and the messages inside it.
type tnefReader struct {
	file  *olFile
	src   io.ReaderAt
	c     *tnefCursor
	ahead *tnefCursor // looks for the next attribute
	full  bool        // no more attachments are listed, and nothing else is read
	count int         // attributes read
}

func (t *tnefReader) end() []Problem {
	if t.c.err != nil {
		t.file.tell(CodeOf(t.c.err), "", "cannot be read to its end")
	}
	return t.file.problems
}

func (t *tnefReader) u32(limit int64) (uint32, bool) {
	var b [4]byte
	n := t.c.read(b[:], limit)
	return le32(b[:]), n == len(b)
}

// tnefMessage is a message while its attributes are read.
type tnefMessage struct {
	*olMail
	oem         string // charset label of attOemCodepage
	level       int    // 1 for the file itself
	attachments []*tnefAttachment
}

// message reads a message, behind its signature, up to limit. charset is that of the message around it.
func (t *tnefReader) message(limit int64, level int, where, charset string) Mail {
	m := &tnefMessage{olMail: newOLMail(t.file, where), level: level}
	var key [2]byte // a number that tells mails of one sender apart, of no use
	if t.c.read(key[:], limit) < len(key) {
		t.file.tell(Damaged, where, "ends in its header")
	}
	for !t.full && t.attribute(m, limit) {
	}
	label := m.oem
	if label == "" {
		label = m.label(charset)
	}
	for _, a := range m.attachments {
		t.finish(m, a, label)
	}
	return m.mail(label)
}

// tnefHeader is what stands before an attribute's data.
type tnefHeader struct {
	level  byte
	id     uint32
	length int64
}

// attribute reads the next attribute and says whether there was one.
func (t *tnefReader) attribute(m *tnefMessage, limit int64) bool {
	h, ok := t.header(limit, m.where)
	if !ok {
		return false
	}
	if t.count++; t.count > maxTNEFAttributes {
		t.full = true
		t.file.tell(LimitCount, m.where, "more attributes than are read")
		return false
	}
	start, sum := t.c.off, t.c.sum
	end := start + h.length
	short := end > limit
	if short {
		t.file.tell(Damaged, m.where, "an attribute is longer than the file")
		end = limit
		if !structured(h.id) {
			end = t.next(start, limit)
		}
	}
	sound := t.data(m, h, end, charsetHere(m))
	if short && structured(h.id) {
		return true // the list says where it ends, and what follows is looked for
	}
	if !sound {
		t.file.tell(Damaged, m.where, "a list of properties is broken")
	}
	t.c.skipTo(end)
	sum = t.c.sum - sum
	var b [tnefChecksumLen]byte
	switch n := t.c.read(b[:], limit); {
	case n < len(b):
		t.file.tell(Damaged, m.where, "ends inside an attribute")
	case le16(b[:]) != sum && !short:
		t.file.tell(Damaged, m.where, "checksum of an attribute differs")
	}
	return true
}

// charsetHere is the best that is known of a message's charset while it is still being read; only messages inside it use it.
func charsetHere(m *tnefMessage) string {
	if m.oem != "" {
		return m.oem
	}
	return m.label("")
}

// header reads the next header. Where there should be one and is none, it goes on to the next place that looks like one.
func (t *tnefReader) header(limit int64, where string) (tnefHeader, bool) {
	var b [tnefHeaderLen]byte
	if n := t.c.read(b[:], limit); n < len(b) {
		for _, x := range b[:n] {
			if x != 0 { // zeros fill up an embedded message
				t.file.tell(Damaged, where, "ends inside an attribute")
				break
			}
		}
		return tnefHeader{}, false
	}
	h := parseTNEFHeader(b[:])
	if (h.level == tnefMessageLevel || h.level == tnefAttachLevel) && (knownAttribute(h) || h.length <= limit-t.c.off) {
		return h, true
	}
	t.file.tell(Damaged, where, "bytes that are no attribute")
	if knownAttribute(h) {
		return h, true
	}
	return t.c.find(b, limit)
}

func parseTNEFHeader(b []byte) tnefHeader {
	return tnefHeader{level: b[0], id: le32(b[1:]), length: int64(le32(b[5:]))}
}

// next gives the offset where data that begins at start, of a length that cannot be, ends: before the next attribute, else at limit.
func (t *tnefReader) next(start, limit int64) int64 {
	if t.ahead == nil {
		t.ahead = newTNEFCursor(t.src, start, limit)
	}
	c := t.ahead
	var b [tnefHeaderLen]byte
	c.seek(start+1, limit) // there is a checksum of two bytes before the header that is looked for
	if c.read(b[:], limit) < len(b) {
		return limit
	}
	if _, ok := c.find(b, limit); !ok {
		return limit
	}
	return c.off - tnefHeaderLen - tnefChecksumLen
}

// structured attributes are lists of properties.
func structured(id uint32) bool { return id == attMsgProps || id == attAttachment }

// knownAttribute says whether a header is one that MS-OXTNEF, 2.1.3 lists, at its level.
func knownAttribute(h tnefHeader) bool {
	switch h.id {
	case attAttachData, attAttachTitle, attRenddata, attTransport, attAttachment,
		0x00068011, // attAttachMetaFile
		0x00038012, // attAttachCreateDate
		0x00038013: // attAttachModifyDate
		return h.level == tnefAttachLevel
	case attFrom, attSubject, attBody, attMsgProps, attOemCodepage,
		0x00089006, // attTnefVersion
		0x00078008, // attMessageClass
		0x00070600, // attOriginalMessageClass
		0x00018009, // attMessageID
		0x0001800A, // attParentID
		0x0001800B, // attConversationID
		0x00038005, // attDateSent
		0x00038006, // attDateRecd
		0x00038020, // attDateModified
		0x0004800D, // attPriority
		0x00068007, // attMessageStatus
		0x00069004, // attRecipTable
		0x00060000, // attOwner
		0x00060001, // attSentFor
		0x00060002, // attDelegate
		0x00030006, // attDateStart
		0x00030007, // attDateEnd
		0x00040008, // attAidOwner
		0x00040009: // attRequestRes
		return h.level == tnefMessageLevel
	}
	return false
}

// data reads an attribute's data up to end at most and says whether it was sound. around is the charset known so far.
func (t *tnefReader) data(m *tnefMessage, h tnefHeader, end int64, around string) bool {
	if h.level == tnefAttachLevel {
		return t.attached(m, h, end, around)
	}
	switch h.id {
	case attOemCodepage:
		if n, ok := t.u32(end); ok {
			m.oem = codePage(n)
		}
	case attSubject:
		m.props.keep(prSubject, ptString8, t.short(end))
	case attFrom:
		m.from(t.short(end))
	case attBody:
		m.body(prBody, ptString8, t.c.section(end), end-t.c.off)
	case attMsgProps:
		p := tnefProps{t: t, limit: end, value: func(id, typ uint16, _, end int64) {
			if isBody(id, typ) {
				m.body(id, typ, t.c.section(end), end-t.c.off)
			} else {
				t.keep(m.props, id, typ, end)
			}
		}}
		return p.list()
	}
	return true
}

// short reads a name or a subject, cut where no honest one is longer.
func (t *tnefReader) short(end int64) []byte {
	b := t.file.short(min(maxShort, end-t.c.off))
	return b[:t.c.read(b, end)]
}

// keep stores a property if it is of use.
func (t *tnefReader) keep(props olProps, id, typ uint16, end int64) {
	if n := wanted(id, typ); n > 0 {
		b := t.file.short(min(n, end-t.c.off))
		props.keep(id, typ, b[:t.c.read(b, end)])
	}
}

// from reads attFrom: four 16-bit numbers, of which the last two are the lengths of a name and of an address such as SMTP:a@example.vn.
func (m *tnefMessage) from(b []byte) {
	if len(b) < 8 {
		return
	}
	name, addr := int(le16(b[4:])), int(le16(b[6:]))
	b = b[8:]
	name = min(name, len(b))
	m.props.keep(prReprName, ptString8, b[:name])
	b = b[name:]
	if addr = min(addr, len(b)); addr > len("SMTP:") && (string(b[:5]) == "SMTP:" || string(b[:5]) == "smtp:") {
		m.props.keep(prReprAddr, ptString8, b[len("SMTP:"):addr])
	}
}
