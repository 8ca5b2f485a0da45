package unpack

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// Bounds of what is kept of Outlook's messages.
const (
	maxBodyRunes = 1 << 20  // runes of Mail.Text: a thousand pages
	maxBodyText  = 4 << 20  // bytes read to get them: no encoding needs more than four a rune
	maxBodyHTML  = 4 << 20  // bytes of Mail.HTML, which repeats its style sheet in every mail and still stays below this
	maxBodyRTF   = 8 << 20  // bytes of Mail.RTF, which is several times as long as its text
	maxBodies    = 24 << 20 // bytes of all bodies of all messages in one file: what a mail with every kind of body may have, and half more
	maxShort     = 2048     // bytes of a name, an address, a subject: file names have at most 255 characters (two bytes each)
	maxShorts    = 8 << 20  // bytes of all of those in one file: four times what 2000 attachments with the longest names need
	maxOLMails   = 8        // messages inside messages that are opened
	maxOLNotes   = 200      // problems of one file that are told
)

// Property types (MS-OXCDATA, 2.11.1).
const (
	ptNull    = 0x0001
	ptInt16   = 0x0002
	ptInt32   = 0x0003
	ptFloat   = 0x0004
	ptDouble  = 0x0005
	ptMoney   = 0x0006
	ptAppTime = 0x0007
	ptError   = 0x000A
	ptBoolean = 0x000B
	ptObject  = 0x000D
	ptInt64   = 0x0014
	ptString8 = 0x001E
	ptUnicode = 0x001F
	ptTime    = 0x0040
	ptGUID    = 0x0048
	ptBinary  = 0x0102
	ptMulti   = 0x1000 // this bit: many values
)

// Properties that are read (MS-OXPROPS).
const (
	prSubject       = 0x0037
	prReprName      = 0x0042 // PidTagSentRepresentingName
	prReprType      = 0x0064
	prReprAddr      = 0x0065
	prSenderName    = 0x0C1A
	prSenderType    = 0x0C1E
	prSenderAddr    = 0x0C1F
	prBody          = 0x1000
	prRTF           = 0x1009 // PidTagRtfCompressed
	prHTML          = 0x1013
	prMessageID     = 0x1035 // PidTagInternetMessageId
	prDisplayName   = 0x3001
	prAttachData    = 0x3701
	prAttachName    = 0x3704 // PidTagAttachFilename: 8.3
	prAttachMethod  = 0x3705
	prAttachLong    = 0x3707 // PidTagAttachLongFilename
	prAttachType    = 0x370E // PidTagAttachMimeTag
	prInternetCP    = 0x3FDE
	prMessageCP     = 0x3FFD
	prSenderSMTP    = 0x5D01
	prReprSMTP      = 0x5D02
	methodNone      = 0 // PidTagAttachMethod (MS-OXCMSG, 2.2.2.9): created, nothing in it
	methodValue     = 1 // the file is in PidTagAttachDataBinary
	methodMessage   = 5
	methodOLE       = 6
	guidLen         = 16
	tnefMagic       = 0x223E9F78
	typeTNEF        = "application/ms-tnef"
	typeOLE         = "application/x-ole-storage"
	labelUTF16      = "utf-16le"
	noteCut         = "body cut at its limit"
	noteBodyDamaged = "body is damaged"
)

// olFile is what reading one file of Outlook's has used up and found, the messages inside it included.
type olFile struct {
	b        *Budget
	room     int64 // bytes of bodies that may still be kept
	shorts   int64 // bytes of names and the like that may still be kept
	problems []Problem
	told     map[Problem]bool
}

func newOLFile(b *Budget) *olFile {
	return &olFile{b: b, room: maxBodies, shorts: maxShorts, told: map[Problem]bool{}}
}

// tell keeps a problem, the same one once.
func (f *olFile) tell(code, where, note string) {
	p := Problem{Code: code, Where: where, Note: note}
	if f.told[p] || len(f.problems) >= maxOLNotes {
		return
	}
	f.told[p] = true
	f.problems = append(f.problems, p)
}

// list takes one file from the budget, or reports that there may be no more.
func (f *olFile) list() bool {
	if f.b.Entries <= 0 {
		f.tell(LimitCount, "", "more attachments than are listed")
		return false
	}
	f.b.Entries--
	return true
}

// short makes room for n bytes of a name or the like, or for fewer when the file has had its share.
func (f *olFile) short(n int64) []byte {
	n = max(0, min(n, f.shorts))
	f.shorts -= n
	return make([]byte, n)
}

// olValue is a property as stored.
type olValue struct {
	typ  uint16
	data []byte
}

// olProps are the properties of a message or an attachment that matter.
type olProps map[uint16]olValue

// keep stores a value; of two for the same property a Unicode one wins, then the first.
func (p olProps) keep(id, typ uint16, data []byte) {
	if old, ok := p[id]; ok && (typ != ptUnicode || old.typ == ptUnicode) {
		return
	}
	p[id] = olValue{typ, data}
}

// number gives a property of type PtypInteger32.
func (p olProps) number(id uint16) (uint32, bool) {
	v, ok := p[id]
	if !ok || v.typ != ptInt32 || len(v.data) < 4 {
		return 0, false
	}
	return le32(v.data), true
}

// text gives a string; 8-bit ones are in the charset of label.
func (p olProps) text(id uint16, label string) string {
	v := p[id]
	return olText(v.typ, v.data, label)
}

// olText decodes a string property without the zeros at its end.
func olText(typ uint16, b []byte, label string) string {
	switch typ {
	case ptUnicode:
		b = b[:len(b)&^1]
		for len(b) >= 2 && b[len(b)-1] == 0 && b[len(b)-2] == 0 {
			b = b[:len(b)-2]
		}
		label = labelUTF16
	case ptString8:
		b = bytes.TrimRight(b, "\x00")
	default:
		return ""
	}
	s, _ := charset.Decode(label, b) // what does not fit is U+FFFD in it, or was guessed: there is nothing better
	return s
}

// wanted says how many bytes of a property of a message or an attachment are kept; 0: none. Bodies are apart, see olMail.body.
func wanted(id, typ uint16) int64 {
	switch id {
	case prSubject, prReprName, prReprType, prReprAddr, prSenderName, prSenderType, prSenderAddr, prMessageID, prSenderSMTP, prReprSMTP,
		prDisplayName, prAttachName, prAttachLong, prAttachType:
		if typ == ptString8 || typ == ptUnicode {
			return maxShort
		}
	case prAttachMethod, prInternetCP, prMessageCP:
		if typ == ptInt32 {
			return 4
		}
	}
	return 0
}

// isBody says whether a property is a body of a message, in a type that is read.
func isBody(id, typ uint16) bool {
	switch id {
	case prBody:
		return typ == ptString8 || typ == ptUnicode
	case prHTML:
		return typ == ptString8 || typ == ptUnicode || typ == ptBinary
	case prRTF:
		return typ == ptBinary
	}
	return false
}

// olMail collects one message.
type olMail struct {
	file  *olFile
	where string // name of the attachment that it is
	props olProps
	rtf   []byte
	files []Entry
	mails []EmbeddedMail
	wrong []Problem // told when its name is known
}

func newOLMail(f *olFile, where string) *olMail {
	return &olMail{file: f, where: where, props: olProps{}}
}

// body reads a body from r, where size bytes of it are.
func (m *olMail) body(id, typ uint16, r io.Reader, size int64) {
	switch id {
	case prRTF:
		if m.rtf == nil {
			m.rtf = m.read(newLZFu(r), maxBodyRTF)
		}
	case prHTML, prBody:
		most := int64(maxBodyHTML)
		if id == prBody {
			most = maxBodyText
		}
		if old, ok := m.props[id]; ok && (typ != ptUnicode || old.typ == ptUnicode) || size == 0 {
			return
		}
		m.props.keep(id, typ, m.read(r, most))
	}
}

// read reads a body up to a limit and says what was wrong with it.
func (m *olMail) read(r io.Reader, most int64) []byte {
	var out bytes.Buffer
	most = min(most, m.file.room)
	n, err := io.Copy(&out, io.LimitReader(m.file.b.Count(r, -1, 1), most))
	m.file.room -= n
	switch {
	case err != nil:
		m.fault(CodeOf(err), noteBodyDamaged)
	case n == most:
		var one [1]byte
		if k, err := io.ReadFull(r, one[:]); k > 0 {
			m.fault(LimitSize, noteCut)
		} else if !errors.Is(err, io.EOF) {
			m.fault(CodeOf(err), noteBodyDamaged)
		}
	}
	return out.Bytes()
}

func (m *olMail) fault(code, note string) {
	m.wrong = append(m.wrong, Problem{Code: code, Note: note})
}

// label is the charset of the message's 8-bit strings: that of the message, then that of its form on the wire, then the one given.
func (m *olMail) label(fallback string) string {
	for _, id := range []uint16{prMessageCP, prInternetCP} {
		if n, ok := m.props.number(id); ok && codePage(n) != "" && n != 1200 { // "Unicode" says nothing of 8-bit strings
			return codePage(n)
		}
	}
	return fallback
}

// mail gives what was collected. label is the charset of 8-bit strings.
func (m *olMail) mail(label string) Mail {
	p := m.props
	out := Mail{Subject: p.text(prSubject, label), MessageID: strings.Trim(strings.TrimSpace(p.text(prMessageID, label)), "<>"),
		RTF: m.rtf, Files: m.files, Mails: m.mails}
	out.FromName = p.text(prSenderName, label)
	out.FromAddr = smtpAddress(p.text(prSenderSMTP, label), p.text(prSenderType, label), p.text(prSenderAddr, label))
	if out.FromName == "" && out.FromAddr == "" {
		out.FromName = p.text(prReprName, label)
		out.FromAddr = smtpAddress(p.text(prReprSMTP, label), p.text(prReprType, label), p.text(prReprAddr, label))
	}
	var whole bool
	if out.Text, whole = firstRunes(p.text(prBody, label), maxBodyRunes); !whole {
		m.fault(LimitSize, noteCut)
	}
	out.HTML, out.HTMLCharset = m.html(label)
	for _, p := range m.wrong {
		m.file.tell(p.Code, m.where, p.Note)
	}
	return out
}

// html gives the HTML body with its charset: the binary form is as it was on the wire (MS-OXPROPS, PidTagHtml), the others are strings.
func (m *olMail) html(label string) ([]byte, string) {
	v := m.props[prHTML]
	switch v.typ {
	case ptUnicode:
		s := olText(v.typ, v.data, label)
		return []byte(s[:min(len(s), maxBodyHTML)]), "utf-8"
	case ptString8:
		return bytes.TrimRight(v.data, "\x00"), label
	}
	if len(v.data) == 0 {
		return nil, ""
	}
	n, _ := m.props.number(prInternetCP)
	return bytes.TrimRight(v.data, "\x00"), codePage(n)
}

// smtpAddress picks the address that mail can be sent to: Exchange's own addresses (type EX) are none.
func smtpAddress(smtp, kind, addr string) string {
	if strings.Contains(smtp, "@") {
		return strings.TrimSpace(smtp)
	}
	if kind != "" && !strings.EqualFold(kind, "SMTP") || !strings.Contains(addr, "@") || strings.HasPrefix(addr, "/") {
		return ""
	}
	return strings.TrimSpace(addr)
}

// firstRunes cuts s after n runes and says whether it is still whole.
func firstRunes(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, true
	}
	for i := range s {
		if n == 0 {
			return s[:i], false
		}
		n--
	}
	return s, true
}

// olFileEntry describes an attached file; open gives its bytes, uncounted.
func olFileEntry(b *Budget, name, ctype string, size int64, open func() io.Reader) Entry {
	ctype, _, _ = strings.Cut(ctype, ";")
	return Entry{Name: name, Type: strings.ToLower(strings.TrimSpace(ctype)), Size: size, Open: func() (io.Reader, error) {
		return b.Count(open(), -1, 1), nil
	}}
}

// cutReader gives what is there of a file whose length says more.
type cutReader struct{ r io.Reader }

func (c cutReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
