package parser

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// executableExt are the extensions by which Windows or a shell runs a file, or opens a disk image that does: what the mail programs in use
// refuse to open (Outlook's and Gmail's lists), without what offices send each other.
var executableExt = setOf("ade adp apk app application appref-ms appx appxbundle bas bat cab chm cmd com cpl crt diagcab dll dmg ex ex_ exe " +
	"gadget hlp hta htc img inf ins iso isp jar jnlp js jse lnk mde msc msh msh1 msh2 mshxml msi msix msixbundle msp mst nsh one onepkg ocx pif " +
	"pl ps1 ps1xml ps2 ps2xml psc1 psc2 psm1 py pyc pyo pyw pyz pyzw reg scf scr sct settingcontent-ms sh shb shs sys theme url vb vbe vbp " +
	"vbs vhd vhdx vxd website wll ws wsc wsf wsh xbap xll")

// macroExt are the extensions of office documents that may carry programs (ECMA-376 calls them macro-enabled).
var macroExt = setOf("docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm")

// documentExt are the extensions of what agencies send as documents and pictures.
var documentExt = setOf("pdf doc docx dot dotx rtf odt xls xlsx xlt xltx ods csv ppt pptx pps ppsx odp txt htm html xml edxml jpg jpeg png gif " +
	"bmp tif tiff zip rar 7z eml msg docm xlsm pptm")

func setOf(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// judgeFile says what is dangerous about a file: raw is its name as sent (decoded, but with everything that Clean takes out of a.Name; the
// same as a.Name where nothing else is known), head its first bytes. A finding is a fact for a person and for rules: nothing is refused here.
func (k *walker) judgeFile(where, raw string, a *Attachment, head []byte) {
	ext := extension(raw)
	program := executableExt[ext]
	runs := program || executableContent(head)
	disguised := disguisedName(raw)
	if disguised {
		k.found.add(DisguisedName, where, "")
	}
	switch {
	case runs && (disguised || documentExt[ext] || documentExt[inner(raw)] || !program && documentType(a.Type)):
		k.found.add(ExecutableAsDocument, where, ext)
	case runs:
		k.found.add(ExecutableName, where, ext)
	case macroExt[ext] || strings.Contains(a.Type, ".macroenabled"):
		k.found.add(MacroDocument, where, ext)
	}
}

// inner is the extension before the last one, as in "cv.pdf.exe" or "cv.pdf      .exe".
func inner(name string) string {
	name = strings.TrimRight(name, ". \t")
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	return extension(name[:i])
}

// documentType says whether a media type promises something to be read or looked at.
func documentType(ctype string) bool {
	switch ctype {
	case "application/pdf", "application/msword", "application/rtf", "application/xml", "text/plain", "text/html", "text/rtf", "text/xml", "text/csv":
		return true
	}
	return strings.HasPrefix(ctype, "image/") || strings.HasPrefix(ctype, "application/vnd.openxmlformats-") ||
		strings.HasPrefix(ctype, "application/vnd.oasis.") || strings.HasPrefix(ctype, "application/vnd.ms-")
}

// executableContent knows programs by their first bytes.
func executableContent(head []byte) bool {
	switch {
	case bytes.HasPrefix(head, []byte("MZ")):
		return dosHeader(head)
	case bytes.HasPrefix(head, []byte("\x7FELF")), bytes.HasPrefix(head, []byte("\xCF\xFA\xED\xFE")), bytes.HasPrefix(head, []byte("\xCE\xFA\xED\xFE")),
		bytes.HasPrefix(head, []byte("\xCA\xFE\xBA\xBE")), // Mach-O for several processors, and Java classes
		bytes.HasPrefix(head, []byte("dex\n")),
		bytes.HasPrefix(head, []byte("ITSF")),                                       // compiled help, which runs scripts
		bytes.HasPrefix(head, []byte("L\x00\x00\x00\x01\x14\x02\x00")),              // MS-SHLLINK, 2.1
		bytes.HasPrefix(head, []byte("#!/")), bytes.HasPrefix(head, []byte("#! /")): // a script for a shell
		return true
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(head[:min(len(head), 1024)], []byte("\xEF\xBB\xBF")), " \t\r\n")
	if len(start) == 0 || strings.IndexByte("@<Ww[", start[0]) < 0 {
		return false
	}
	start = bytes.ToLower(start)
	return bytes.HasPrefix(start, []byte("@echo off")) || bytes.Contains(start, []byte("<hta:application")) || bytes.HasPrefix(start, []byte("<job")) ||
		bytes.HasPrefix(start, []byte("windows registry editor")) || bytes.HasPrefix(start, []byte("[internetshortcut]"))
}

// dosHeader tells a program from a text that begins with MZ: the header of 64 bytes points to another one, or has fields that text has not.
func dosHeader(head []byte) bool {
	if len(head) < 64 {
		return false
	}
	at := int64(binary.LittleEndian.Uint32(head[60:]))
	if at+4 <= int64(len(head)) {
		next := head[at : at+4]
		return bytes.HasPrefix(next, []byte("PE\x00\x00")) || bytes.HasPrefix(next, []byte("NE")) || bytes.HasPrefix(next, []byte("LE")) || bytes.IndexByte(head[:64], 0) >= 0
	}
	return bytes.IndexByte(head[:64], 0) >= 0
}

// maxBlanks in a row are an accident in a file name; more push the extension out of sight.
const maxBlanks = 8

// disguisedName reports letters that reorder what follows (U+202E makes "cv\u202Efdp.exe" look like "cvexe.pdf"), NUL, and long runs of
// blanks. Joiners and marks of direction are ordinary in other scripts and not counted.
func disguisedName(raw string) bool {
	blanks := 0
	for _, r := range raw {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0:
			return true
		case r == ' ' || r == 0xA0 || r == 0x3000 || r >= 0x2000 && r <= 0x200B:
			if blanks++; blanks > maxBlanks {
				return true
			}
		default:
			blanks = 0
		}
	}
	return false
}

// rawName is the name of a part with all that display leaves out. Only names that may hold such letters are decoded a second time.
func rawName(t *partType) string {
	for _, p := range [2]params{t.dparams, t.params} {
		for _, key := range [2]string{"filename", "name"} {
			if b, _, ok := p.extended(key); ok {
				if s := string(b); utf8.Valid(b) && disguisedName(s) { // other charsets have no such letters
					return s
				}
			}
			for _, x := range p {
				if x.name != key {
					continue
				}
				if s := rawWords(x.value); disguisedName(s) || strings.TrimRight(s, ". ") != s && executableExt[extension(s)] {
					return s
				}
			}
		}
	}
	return t.name
}

// rawWords decodes the encoded words of a name and keeps every letter.
func rawWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var out strings.Builder
	run := wordRun{}
	for {
		i := strings.Index(s, "=?")
		if i < 0 {
			break
		}
		w, n := cutWord(s[i:])
		if n == 0 {
			n = 2
		} else {
			run.add(w, &out)
		}
		s = s[i+n:]
	}
	run.flush(&out)
	return out.String() + s
}
