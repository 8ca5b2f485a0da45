package unpack

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// olSample is a message as the writers of this package's tests write it, as TNEF and as MSG.
type olSample struct {
	subject, fromName, fromAddr, messageID string
	text, html, rtf                        string
	files                                  []olSampleFile
	mails                                  []olSampleMail
	ansi                                   bool // 8-bit strings in windows-1258
	stored                                 bool // RTF is not compressed
}

type olSampleFile struct{ name, ctype, data string }

type olSampleMail struct {
	name string
	mail olSample
}

// olWire is a property on its way into a file.
type olWire struct {
	id, typ uint16
	data    []byte
}

// str gives a string property in the sample's encoding.
func (s olSample) str(id uint16, v string) olWire {
	if s.ansi {
		return olWire{id, ptString8, to1258(v)}
	}
	return olWire{id, ptUnicode, toUTF16(v)}
}

// messageProps are the properties that are there.
func (s olSample) messageProps() []olWire {
	var p []olWire
	for id, v := range map[uint16]string{prSubject: s.subject, prSenderName: s.fromName, prSenderAddr: s.fromAddr, prMessageID: s.messageID, prBody: s.text} {
		if v != "" {
			p = append(p, s.str(id, v))
		}
	}
	if s.fromAddr != "" {
		p = append(p, s.str(prSenderType, "SMTP"))
	}
	if s.html != "" {
		p = append(p, olWire{prHTML, ptBinary, []byte(s.html)})
	}
	if s.rtf != "" && s.stored {
		p = append(p, olWire{prRTF, ptBinary, append(lzfuHeader(len(s.rtf), len(s.rtf), lzfuStored, 0), s.rtf...)})
	} else if s.rtf != "" {
		p = append(p, olWire{prRTF, ptBinary, packLZFu([]byte(s.rtf))})
	}
	return append(p, olWire{prInternetCP, ptInt32, num32(1258)})
}

func (s olSample) fileProps(f olSampleFile) []olWire {
	p := []olWire{{prAttachMethod, ptInt32, num32(methodValue)}}
	if f.name != "" {
		p = append(p, s.str(prAttachLong, f.name), s.str(prDisplayName, f.name))
	}
	if f.ctype != "" {
		p = append(p, s.str(prAttachType, f.ctype))
	}
	return p
}

func (s olSample) mailProps(m olSampleMail) []olWire {
	return []olWire{{prAttachMethod, ptInt32, num32(methodMessage)}, s.str(prDisplayName, m.name)}
}

func num16(n uint16) []byte { return binary.LittleEndian.AppendUint16(nil, n) }
func num32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }

func toUTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// to1258 writes Vietnamese as windows-1258 has it: letters with their breve, circumflex or horn, and the tone behind them.
func to1258(s string) []byte {
	var b strings.Builder
	for _, r := range s {
		d := norm.NFD.String(string(r))
		tone := ""
		for _, t := range []string{"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"} {
			if strings.Contains(d, t) {
				tone = t
				d = strings.Replace(d, t, "", 1)
			}
		}
		b.WriteString(norm.NFC.String(d) + tone)
	}
	out, err := charmap.Windows1258.NewEncoder().Bytes([]byte(b.String()))
	if err != nil {
		panic(err) // a sample that the code page cannot write
	}
	return out
}

// packLZFu compresses greedily.
func packLZFu(raw []byte) []byte {
	dict := []byte(lzfuPreset)
	var out, run []byte
	flags, n := byte(0), 0
	flush := func() {
		out = append(append(out, flags), run...)
		run, flags, n = nil, 0, 0
	}
	put := func(reference bool, b ...byte) {
		if reference {
			flags |= 1 << n
		}
		run = append(run, b...)
		if n++; n == 8 {
			flush()
		}
	}
	for i := 0; i < len(raw); {
		from, length := longest(dict, raw[i:min(len(raw), i+17)])
		if length < 2 {
			put(false, raw[i])
			length = 1
		} else {
			ref := (from%4096)<<4 | (length - 2)
			put(true, byte(ref>>8), byte(ref))
		}
		dict = append(dict, raw[i:i+length]...)
		i += length
	}
	end := len(dict) % 4096 << 4
	put(true, byte(end>>8), byte(end))
	if n > 0 {
		flush()
	}
	return append(lzfuHeader(len(out), len(raw), lzfuPacked, rawCRC(out)), out...)
}

// longest finds the longest match in the last 4096 bytes that does not run into what is being written.
func longest(dict, want []byte) (from, length int) {
	for f := max(0, len(dict)-4000); f < len(dict); f++ {
		n := 0
		for n < len(want) && f+n < len(dict) && dict[f+n] == want[n] {
			n++
		}
		if n > length {
			from, length = f, n
		}
	}
	return from, length
}

func lzfuHeader(packed, raw, kind int, crc uint32) []byte {
	h := num32(uint32(packed + 12))
	h = append(h, num32(uint32(raw))...)
	h = append(h, num32(uint32(kind))...)
	return append(h, num32(crc)...)
}

func rawCRC(b []byte) uint32 { return ^crc32.Update(^uint32(0), crc32.IEEETable, b) }

// readEntry reads a file of a container to its end.
func readEntry(t testing.TB, e Entry) (string, error) {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

// sameMail compares what was read with what was written. The HTML and RTF bodies of a sample are ASCII.
func sameMail(t testing.TB, got Mail, want olSample) {
	t.Helper()
	for _, f := range []struct{ what, got, want string }{
		{"subject", got.Subject, want.subject}, {"sender's name", got.FromName, want.fromName}, {"sender's address", got.FromAddr, want.fromAddr},
		{"message id", got.MessageID, strings.Trim(want.messageID, "<>")}, {"text", got.Text, want.text},
		{"HTML", string(got.HTML), want.html}, {"RTF", string(got.RTF), want.rtf},
	} {
		if f.got != f.want {
			t.Errorf("%s is %.100q, want %.100q", f.what, f.got, f.want)
		}
	}
	if want.html != "" && got.HTMLCharset != "windows-1258" {
		t.Errorf("charset of HTML is %q", got.HTMLCharset)
	}
	if len(got.Files) != len(want.files) || len(got.Mails) != len(want.mails) {
		t.Fatalf("%d files and %d messages, want %d and %d", len(got.Files), len(got.Mails), len(want.files), len(want.mails))
	}
	for i, f := range want.files {
		g := got.Files[i]
		if g.Name != f.name || g.Type != f.ctype || g.Size != int64(len(f.data)) {
			t.Errorf("file %d is %q %q of %d bytes, want %q %q of %d", i, g.Name, g.Type, g.Size, f.name, f.ctype, len(f.data))
		}
		for range 2 {
			if s, err := readEntry(t, g); s != f.data || err != nil {
				t.Errorf("file %d reads as %d bytes, %v; want %d", i, len(s), err, len(f.data))
			}
		}
	}
	for i, m := range want.mails {
		if got.Mails[i].Name != m.name {
			t.Errorf("message %d has the name %q, want %q", i, got.Mails[i].Name, m.name)
		}
		sameMail(t, got.Mails[i].Mail, m.mail)
	}
}
