package unpack

import "io"

// tnefAttachment is an attachment while its attributes are read.
type tnefAttachment struct {
	title, transport []byte // names as 8-bit strings
	data             tnefPart
	object           tnefPart // PidTagAttachDataBinary or PidTagAttachDataObject without its GUID
	ole              bool     // object is one of OLE, or says so
	nested           bool     // object is a message that is not opened
	props            olProps
	mail             *Mail
}

// tnefPart is a stretch of the file.
type tnefPart struct {
	set    bool
	off, n int64 // what is there
	claim  int64 // what the length says
}

// attached reads an attribute of an attachment. A new attachment begins with attAttachRenddata, or where an attribute comes again.
func (t *tnefReader) attached(m *tnefMessage, h tnefHeader, end int64, around string) bool {
	var a *tnefAttachment
	if n := len(m.attachments); n > 0 {
		a = m.attachments[n-1]
	}
	if a == nil || h.id == attRenddata || h.id == attAttachData && a.data.set || h.id == attAttachTitle && a.title != nil {
		if !t.file.list() {
			t.full = true
			return true
		}
		a = &tnefAttachment{props: olProps{}}
		m.attachments = append(m.attachments, a)
	}
	switch h.id {
	case attAttachTitle:
		a.title = t.short(end)
	case attTransport:
		a.transport = t.short(end)
	case attAttachData:
		a.data = tnefPart{true, t.c.off, end - t.c.off, h.length}
	case attAttachment:
		p := tnefProps{t: t, limit: end, value: func(id, typ uint16, n, end int64) {
			switch {
			case id == prAttachData && typ == ptBinary && !a.object.set:
				a.object = tnefPart{true, t.c.off, end - t.c.off, n}
			case id == prAttachData && typ == ptObject && !a.object.set:
				t.object(m, a, n, end, around)
			default:
				t.keep(a.props, id, typ, end)
			}
		}}
		return p.list()
	}
	return true
}

// object reads PidTagAttachDataObject: a GUID that names an interface, then a message as TNEF, or an object of OLE (MS-OXTNEF, 2.1.3.4).
func (t *tnefReader) object(m *tnefMessage, a *tnefAttachment, n, end int64, around string) {
	var guid [guidLen]byte
	if t.c.read(guid[:], end) < len(guid) {
		return
	}
	a.object = tnefPart{true, t.c.off, end - t.c.off, n - guidLen}
	magic, ok := t.u32(end)
	switch {
	case !ok || magic != tnefMagic:
		a.ole = true
	case m.level >= maxOLMails:
		a.nested = true
	default:
		mail := t.message(end, m.level+1, a.name(around), around)
		a.mail = &mail
	}
}

// name is the best name there is; label is the charset of 8-bit ones.
func (a *tnefAttachment) name(label string) string {
	if s := a.props.text(prAttachLong, label); s != "" {
		return s
	}
	short := a.props.text(prAttachName, label)
	if short != "" && a.props[prAttachName].typ == ptUnicode {
		return short
	}
	for _, s := range []string{olText(ptString8, a.title, label), short, olText(ptString8, a.transport, label)} {
		if s != "" {
			return s
		}
	}
	return a.props.text(prDisplayName, label)
}

// finish adds an attachment to its message.
func (t *tnefReader) finish(m *tnefMessage, a *tnefAttachment, label string) {
	name := a.name(label)
	if a.mail != nil {
		if a.mail.Subject != "" && name == "" {
			name = a.mail.Subject
		}
		m.mails = append(m.mails, EmbeddedMail{Name: name, Mail: *a.mail})
		return
	}
	part, ctype := a.data, a.props.text(prAttachType, label)
	if part.n == 0 && a.object.set {
		part = a.object
		switch {
		case a.nested:
			ctype = typeTNEF
			t.file.tell(Recursive, name, "messages inside one another deeper than is opened")
		case a.ole && ctype == "":
			ctype = typeOLE
		}
	}
	if !part.set && byReference(a.props) {
		t.file.tell(Unsupported, name, "attachment is only a reference")
		return
	}
	if !part.set {
		part.claim = -1
		t.file.tell(Damaged, name, "attachment without its data")
	}
	src := t.src
	m.files = append(m.files, olFileEntry(t.file.b, name, ctype, part.claim, func() io.Reader {
		r := io.NewSectionReader(src, part.off, part.n)
		if part.n < part.claim || !part.set {
			return cutReader{r}
		}
		return r
	}))
}

// byReference says whether an attachment names a file elsewhere (MS-OXCMSG, 2.2.2.9).
func byReference(p olProps) bool {
	n, ok := p.number(prAttachMethod)
	return ok && n != methodNone && n != methodValue && n != methodMessage && n != methodOLE
}
