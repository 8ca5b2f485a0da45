package parser

import (
	"encoding/binary"
	"strings"
	"testing"
)

// program is the beginning of a Windows program.
func program() string {
	head := make([]byte, 256)
	copy(head, "MZ\x90\x00\x03")
	binary.LittleEndian.PutUint32(head[60:], 128)
	copy(head[128:], "PE\x00\x00")
	return string(head)
}

// TestFindings has a mail for each fact that an auditor may ask for, and mails that must not have it.
func TestFindings(t *testing.T) {
	const mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	part := func(head, body string) string { return mixed + "--b\r\n" + head + "\r\n\r\n" + body + "\r\n--b--\r\n" }
	named := func(name, body string) string {
		return part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\""+name+"\"", b64of([]byte(body)))
	}
	for _, c := range []struct {
		name, code, raw string
		want            bool
	}{
		{"CR alone", BareCR, "Subject: x\r\n\r\na\rb\r\n", true},
		{"CR CR LF", BareCR, "Subject: x\r\n\r\na\r\r\n", true},
		{"CR as every line end", BareCR, "Subject: x\r\ra\rb\r", true},
		{"CR in a file as it stands", BareCR, part("Content-Type: application/pdf; name=a.pdf", "a\rb\n"), false},
		{"CR at the edge of the window", BareCR, "Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 61)+"\r\n", 5000), false},
		{"LF among CRLF", BareLF, "Subject: x\r\n\r\na\nb\r\n", true},
		{"all LF", BareLF, "Subject: x\n\na\nb\n", false},
		{"all CRLF", BareLF, "Subject: x\r\n\r\na\r\nb\r\n", false},
		{"LF in a file as it stands", BareLF, part("Content-Type: application/pdf; name=a.pdf", "a\nb\n"), false},
		{"NUL in a header", NULBytes, "Subject: x\x00y\r\n\r\na\r\n", true},
		{"NUL in a text", NULBytes, "Subject: x\r\n\r\na\x00\r\n", true},
		{"NUL in a file as it stands", NULBytes, part("Content-Type: application/pdf; name=a.pdf", "a\x00b"), false},
		{"two boundaries", TwoBoundary, "Content-Type: multipart/mixed; boundary=b; boundary=c\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", true},
		{"one boundary twice", TwoBoundary, "Content-Type: multipart/mixed; boundary=b; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", false},
		{"two encodings", TwoEncoding, "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n", true},
		{"two dispositions", TwoDisposition, part("Content-Disposition: inline\r\nContent-Disposition: attachment; filename=a.pdf", "x"), true},
		{"two names", TwoNames, part("Content-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.exe", "x"), true},
		{"one name in two forms", TwoNames, part("Content-Type: application/pdf; name=\"=?utf-8?Q?c=C3=B4ng_v=C4=83n.pdf?=\"\r\nContent-Disposition: attachment; filename*0*=utf-8''c%C3%B4ng%20; filename*1*=v%C4%83n.pdf", "x"), false},
		{"one name twice in a field", TwoNames, part("Content-Disposition: attachment; filename=a.pdf; filename=b.pdf", "x"), true},
		{"boundary begins alike", BoundaryPrefix, part("Content-Type: multipart/mixed; boundary=bc", "--bc\r\n\r\nx\r\n--bc--"), true},
		{"same boundary", SameBoundary, part("Content-Type: multipart/mixed; boundary=b", "--b\r\n\r\nx\r\n--b--"), true},
		{"parts after the end", PartsAfterEnd, part("", "x") + "--b\r\n\r\nx\r\n--b--\r\n", true},
		{"closing twice", PartsAfterEnd, part("", "x") + "--b--\r\n", false},
		{"base64 ends in a group", Base64Short, part("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf", "QUJDQ"), true},
		{"base64 ends in a group, no junk", Base64Damaged, part("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf", "QUJDQ"), false},
		{"base64 cut off with its message", Base64Short, mixed + "--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nQUJDQUJD\r\n", true},
		{"base64 with its padding and no more", Base64Short, mixed + "--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nQUJDQQ==\r\n", false},
		{"base64 junk", Base64Damaged, part("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf", "QU*JD"), true},
		{"base64 whole", Base64Short, part("Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.pdf", "QUJD"), false},
		{"program by name", ExecutableName, named("setup.exe", "x"), true},
		{"shortcut", ExecutableName, named("a.lnk", "x"), true},
		{"disk image", ExecutableName, named("a.ISO", "x"), true},
		{"script", ExecutableName, named("a.vbs", "x"), true},
		{"program by content", ExecutableName, named("setup", program()), true},
		{"ELF", ExecutableName, named("a.bin", "\x7FELF\x02"), true},
		{"shell script", ExecutableName, named("a", "#!/bin/sh\n"), true},
		{"a text that begins with MZ", ExecutableName, named("a", "MZ"+strings.Repeat(" công văn", 20)), false},
		{"pdf", ExecutableName, named("a.pdf", "%PDF-1.4"), false},
		{"program called pdf", ExecutableAsDocument, named("a.pdf", program()), true},
		{"program of type pdf", ExecutableAsDocument, part("Content-Type: application/pdf; name=a", program()), true},
		{"double extension", ExecutableAsDocument, named("cv.pdf.exe", "x"), true},
		{"double extension with blanks", ExecutableAsDocument, named("cv.pdf                        .exe", "x"), true},
		{"trailing dot", ExecutableAsDocument, named("cv.pdf.exe.", "x"), true},
		{"trailing blank", ExecutableName, named("cv.exe ", "x"), true},
		{"right to left", ExecutableAsDocument, named("cv\u202Efdp.exe", "x"), true},
		{"right to left, said so", DisguisedName, named("cv\u202Efdp.exe", "x"), true},
		{"right to left in an encoded word", DisguisedName, named("=?utf-8?Q?cv=E2=80=AEfdp.exe?=", "x"), true},
		{"right to left by RFC 2231", DisguisedName, part("Content-Disposition: attachment; filename*=utf-8''cv%E2%80%AEfdp.exe", "x"), true},
		{"Vietnamese name", DisguisedName, named("công văn số 12  ký.pdf", "x"), false},
		{"dated name", ExecutableAsDocument, named("cv.12.2019.pdf", "x"), false},
		{"macro document", MacroDocument, named("a.docm", "PK"), true},
		{"macro document by type", MacroDocument, part("Content-Type: application/vnd.ms-word.document.macroEnabled.12; name=a", "PK"), true},
		{"document", MacroDocument, named("a.docx", "PK"), false},
		{"uuencoded program", ExecutableName, "\r\nbegin 644 a.exe\r\n#0V%T\r\n`\r\nend\r\n", true},
		{"placeholder", ServerCouldNotRender, "Subject: Retrieval using the IMAP4 protocol failed for the following\r\n message: 752\r\n\r\nThe server couldn't retrieve the following message:\r\n\r\nSubject: \"x\"\r\n", true},
		{"question about a placeholder", ServerCouldNotRender, "Subject: Retrieval using the IMAP4 protocol failed for the following message: 7\r\n\r\nThư này không mở được.\r\n", false},
		{"date to come", DateFuture, "Received: by mx.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\nDate: Fri, 22 Apr 2050 08:00:00 +0700\r\n\r\nx\r\n", true},
		{"date of the day", DateFuture, "Received: by mx.vn; Mon, 22 Apr 2019 08:00:00 +0700\r\nDate: Mon, 22 Apr 2019 09:00:00 +0700\r\n\r\nx\r\n", false},
	} {
		m := parseString(c.raw)
		if has(m, c.code) != c.want {
			t.Errorf("%s: findings %v, want %s %v", c.name, m.Findings, c.code, c.want)
		}
	}
}
