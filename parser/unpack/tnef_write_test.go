package unpack

import "bytes"

// writeTNEF writes a sample as MS-OXTNEF says, PidTagAttachDataBinary in attAttachData.
func writeTNEF(s olSample) []byte {
	b := append(num32(tnefMagic), 1, 0)
	b = append(b, tnefAttribute(1, 0x00089006, num32(0x00010000))...)
	b = append(b, tnefAttribute(1, attOemCodepage, append(num32(1258), num32(0)...))...)
	b = append(b, tnefAttribute(1, 0x00078008, []byte("IPM.Microsoft Mail.Note\x00"))...)
	b = append(b, tnefAttribute(1, attMsgProps, tnefList(s.messageProps()))...)
	for _, f := range s.files {
		b = append(b, tnefAttribute(2, attRenddata, make([]byte, 14))...)
		if f.name != "" && s.ansi {
			b = append(b, tnefAttribute(2, attAttachTitle, append(to1258(f.name), 0))...)
		}
		b = append(b, tnefAttribute(2, attAttachData, []byte(f.data))...)
		b = append(b, tnefAttribute(2, attAttachment, tnefList(s.fileProps(f)))...)
	}
	for _, m := range s.mails {
		b = append(b, tnefAttribute(2, attRenddata, make([]byte, 14))...)
		guid := []byte("\x07\x03\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46")
		object := olWire{prAttachData, ptObject, append(guid, writeTNEF(m.mail)...)}
		b = append(b, tnefAttribute(2, attAttachment, tnefList(append(s.mailProps(m), object)))...)
	}
	return b
}

func tnefAttribute(level byte, id uint32, data []byte) []byte {
	b := append(append([]byte{level}, num32(id)...), num32(uint32(len(data)))...)
	b = append(b, data...)
	var sum uint16
	for _, x := range data {
		sum += uint16(x)
	}
	return append(b, num16(sum)...)
}

// tnefList writes properties, with one of every kind that must be skipped between them.
func tnefList(props []olWire) []byte {
	var b []byte
	n := uint32(0)
	add := func(parts ...[]byte) {
		b = append(b, bytes.Join(parts, nil)...)
		n++
	}
	tag := func(id, typ uint16) []byte { return append(num16(typ), num16(id)...) }
	fill := func(v []byte) []byte { return append(v, make([]byte, -len(v)&3)...) }
	value := func(v []byte) []byte { return fill(append(num32(uint32(len(v))), v...)) }
	guid := make([]byte, guidLen)

	add(tag(0x0017, ptInt32), num32(1))
	add(tag(0x8001, ptUnicode), guid, num32(1), value(toUTF16("Số đến\x00")), num32(1), value(toUTF16("12\x00")))
	add(tag(0x8002, ptInt32), guid, num32(0), num32(0x8501), num32(7))
	add(tag(0x0E1B, ptBoolean), num32(1))
	add(tag(0x6000, ptNull))
	add(tag(0x0039, ptTime), make([]byte, 8))
	for _, p := range props {
		switch p.typ {
		case ptInt32:
			add(tag(p.id, p.typ), p.data)
		case ptString8:
			add(tag(p.id, p.typ), num32(1), value(append(bytes.Clone(p.data), 0)))
		case ptUnicode:
			add(tag(p.id, p.typ), num32(1), value(append(bytes.Clone(p.data), 0, 0)))
		default:
			add(tag(p.id, p.typ), num32(1), value(p.data))
		}
		add(tag(0x6001, ptMulti|ptInt32), num32(3), make([]byte, 12))
		add(tag(0x6002, ptMulti|ptUnicode), num32(2), value(toUTF16("một\x00")), value(toUTF16("hai\x00")))
		add(tag(0x6003, ptMulti|ptBinary), num32(2), value([]byte{1}), value(nil))
		add(tag(0x6004, ptGUID), guid)
	}
	return append(num32(n), b...)
}
