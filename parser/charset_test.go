package parser

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// texts of several lines; every other string of a message stands on one.
var manyLines = map[string]bool{"Text": true, "HTMLText": true}

// checkStrings walks everything a value holds: each string is valid UTF-8 in NFC, without control characters, noncharacters and signs that
// reorder text; only texts have lines.
func checkStrings(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		checkString(t, where, v.String(), manyLines[where[strings.LastIndexByte(where, '.')+1:]])
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			checkStrings(t, where, v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			checkStrings(t, where, k)
			checkStrings(t, where, v.MapIndex(k))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				checkStrings(t, where+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkStrings(t, where, v.Elem())
		}
	}
}

func checkString(t *testing.T, where, s string, lines bool) {
	t.Helper()
	if !utf8.ValidString(s) || !norm.NFC.IsNormalString(s) {
		t.Fatalf("%s is not NFC UTF-8: %.200q", where, s)
	}
	for _, r := range s {
		switch {
		case lines && (r == '\n' || r == '\t'):
		case unicode.IsControl(r), r == 0x2028 && !lines, r == 0x2029 && !lines, r == 0x200E, r == 0x200F, r == 0x61C,
			r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF, r&0xFFFE == 0xFFFE:
			t.Fatalf("%s holds %U: %.200q", where, r, s)
		}
	}
}

// nasty is what no string of a message may keep; in the words of a sender it may stand anywhere.
const nasty = "a\u202eb\x00c\u2066d\re\u0085f\u2028g\x7fo\u0302\u0301\ufeff\u200f\xff"

// TestNothingNastyGetsOut puts bad characters in every place that is read, in raw form and in every encoding.
func TestNothingNastyGetsOut(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString([]byte(nasty + "\r\nBcc: x@y.example"))
	var percent strings.Builder
	for _, c := range []byte(nasty + "\n") {
		fmt.Fprintf(&percent, "%%%02X", c)
	}
	for _, x := range []string{strings.ReplaceAll(nasty, "\r", ""), "=?utf-8?B?" + b64 + "?=", "=?viscii?B?" + b64 + "?=", "=?x-no?B?" + b64 + "?=", "=?utf-7?Q?+IC4gLgAA-?="} {
		header := "Subject: " + x + "\r\nFrom: \"" + x + "\" <" + x + "@" + x + ">\r\nTo: " + x + "\r\nMessage-ID: <" + x + ">\r\nReferences: <" + x + ">\r\n" +
			"Return-Path: <" + x + ">\r\nReceived: from " + x + " by " + x + " with " + x + "; " + x + "\r\nDelivered-To: " + x + "\r\nDate: " + x + "\r\n" +
			"Authentication-Results: " + x + "\r\nAuto-Submitted: " + x + "\r\n"
		part := "Content-Type: " + x + "/" + x + "; name=\"" + x + "\"; charset=\"" + x + "\"\r\nContent-Disposition: attachment; filename*=utf-8''" + percent.String() +
			"\r\nContent-Transfer-Encoding: " + x + "\r\n\r\n" + nasty + "\r\n"
		raw := header + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=" + x + "\r\n\r\n" + nasty + "\r\n--b\r\n" + part +
			"--b\r\nContent-Type: text/html\r\n\r\n<p>&#0;&#x202e;&#133;" + nasty + "</p>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + header + "\r\n" + nasty +
			"\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; " + x + "\r\n\r\nFinal-Recipient: rfc822; " + x + "\r\nAction: " + x +
			"\r\nStatus: " + x + "\r\nDiagnostic-Code: smtp; " + x + "\r\n--b--\r\n"
		m := parseString(raw)
		checkMessage(t, m)
		if len(m.Attachments) < 2 || len(m.Nested) != 1 {
			t.Errorf("%.60q: %d attachments, %d nested", x, len(m.Attachments), len(m.Nested))
		}
	}
}

// tcvnBody has the bytes of TCVN3, but where a letter is written for the byte that it is in Latin-1: see tcvn.
const tcvnBody = "K\xDDnh g\xF6i: Uû ban nh\xA9n d\xA9n tØnh. Së N\xE9i vô xin b\xB8o c\xB8o t×nh h×nh thùc hiÖn nhiÖm vô th\xB8ng 9."

// tcvn turns the Latin-1 letters of a Go string into the bytes that they are in TCVN3.
func tcvn(s string) string {
	var b []byte
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError {
			b = append(b, s[i])
		} else {
			b = append(b, byte(r))
		}
		i += n
	}
	return string(b)
}

// TestCharsetsOfAMessage reads one message in TCVN3 with all the labels that such mail comes with; each text of it, also those too short to
// be told by themselves, is read as the rest.
func TestCharsetsOfAMessage(t *testing.T) {
	const subject, name, body = "Công văn số 12 của Sở", "Báo cáo quý I.pdf", "Kính gửi: Uỷ ban nhân dân tỉnh"
	const from = "Bùi Thị Hạ"
	rawSubject, rawName, rawBody, rawFrom := tcvn("C\xABng v\xA8n s\xE8 12 c\xF1a S\xEB"), tcvn("B\xB8o c\xB8o qu\xFD I.pdf"), tcvn(tcvnBody), tcvn("B\xEFi Th\xDE H\xB9")
	word := func(label, s string) string {
		return "=?" + label + "?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
	}
	percent := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	for _, c := range []struct{ name, subject, from, ctype, disposition string }{
		{"nothing labelled", rawSubject, rawFrom, "text/plain", `attachment; filename="` + rawName + `"`},
		{"Latin-1", word("iso-8859-1", rawSubject), word("iso-8859-1", rawFrom), "text/plain; charset=iso-8859-1", "attachment; filename*=iso-8859-1''" + percent(rawName)},
		{"an unknown label", word("x-font-abc", rawSubject), word("x-font-abc", rawFrom), "text/plain; charset=x-font-abc", "attachment; filename*=x-font-abc''" + percent(rawName)},
		{"UTF-8", word("utf-8", rawSubject), rawFrom, "text/plain; charset=utf-8", `attachment; filename="` + word("utf-8", rawName) + `"`},
		{"windows-1258", word("windows-1258", rawSubject), rawFrom, "text/plain; charset=windows-1258", `attachment; filename="` + word("windows-1258", rawName) + `"`},
	} {
		raw := "Subject: " + c.subject + "\r\nFrom: " + c.from + " <a@snv.quangtri.example.vn>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: " + c.ctype +
			"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + rawBody + "\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: " + c.disposition + "\r\n\r\n%PDF-1.4\r\n--b--\r\n"
		m := parseString(raw)
		checkMessage(t, m)
		if m.Subject != subject || len(m.From) != 1 || m.From[0].Name != from || m.From[0].Addr != "a@snv.quangtri.example.vn" || !strings.Contains(m.Text, body) {
			t.Errorf("%s: subject %q, from %q, text %q", c.name, m.Subject, m.From, m.Text)
		}
		if len(m.Attachments) != 1 || m.Attachments[0].Name != name {
			t.Errorf("%s: attachments %+v", c.name, m.Attachments)
		}
		if !has(m, CharsetGuessed) {
			t.Errorf("%s: findings %v", c.name, m.Findings)
		}
	}
}

// TestLabelledCharsets gives no finding where the label is right.
func TestLabelledCharsets(t *testing.T) {
	const tcvnLine = "S\xEB N\xE9i v\xF4 xin b\xB8o c\xB8o"
	for label, s := range map[string]string{
		"tcvn": tcvnLine, "x-viet-tcvn5712": tcvnLine, "viscii": "S\xB7 N\xB5i vø xin báo cáo", "vni": "S\xF4\xFB No\xE4i vu\xEF xin ba\xF9o ca\xF9o",
		"windows-1258": "S\xF5\xD2 N\xF4\xF2i vu\xF2 xin báo cáo", "viqr": "So+? No^.i vu. xin ba'o ca'o", "utf-8": "Sở Nội vụ xin báo cáo",
	} {
		if label != "utf-8" {
			s = tcvn(s)
		}
		m := parseString("Subject: x\r\nContent-Type: text/plain; charset=" + label + "\r\n\r\n" + s)
		if !strings.Contains(m.Text, "Sở Nội vụ xin báo cáo") || len(m.Findings) > 0 {
			t.Errorf("%s: %q %v", label, m.Text, m.Findings)
		}
	}
}

// TestWrappedTexts reads TCVN3 and UTF-8 that had been taken for Latin-1 and written as UTF-8, plain and as entities of HTML.
func TestWrappedTexts(t *testing.T) {
	const want = "Công văn số 12 của Uỷ ban nhân dân"
	for _, c := range []struct{ ctype, body string }{
		{"text/plain; charset=utf-8", "C«ng v¨n sè 12 cña Uû ban nh©n d©n"},
		{"text/html; charset=utf-8", "<p>C«ng v¨n sè 12 <b>cña</b> Uû ban nh©n d©n</p>"},
		{"text/html", "<p>C&laquo;ng v&#168;n s&egrave; 12 c&ntilde;a U&ucirc; ban nh&copy;n d&copy;n</p>"},
		{"text/plain; charset=utf-8", "CÃ´ng vÄƒn sá»‘ 12 cá»§a Uá»· ban nhÃ¢n dÃ¢n"},
		{"text/plain; charset=iso-8859-1", "Công văn số 12 của Uỷ ban nhân dân"},
	} {
		m := parseString("Subject: x\r\nContent-Type: " + c.ctype + "\r\n\r\n" + c.body)
		if got := strings.TrimSpace(m.Text + m.HTMLText); got != want || !has(m, UnknownCharset) {
			t.Errorf("%s %q: %q %v", c.ctype, c.body, got, m.Findings)
		}
	}
}

// TestDecomposed composes what Outlook and macOS take apart, in names, addresses and texts.
func TestDecomposed(t *testing.T) {
	const s = "Sở Nội vụ huyện Đắk Glei"
	nfd := norm.NFD.String(s)
	m := parseString("Subject: " + nfd + "\r\nFrom: " + nfd + " <a@example.vn>\r\nTo: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(nfd)) + "?= <b@example.vn>\r\n" +
		"Content-Type: application/pdf; name=\"" + nfd + ".pdf\"\r\n\r\n%PDF-")
	if m.Subject != s || m.From[0].Name != s || m.To[0].Name != s || m.Attachments[0].Name != s+".pdf" || len(m.Findings) > 0 {
		t.Errorf("%+v", m)
	}
	checkMessage(t, m)
}

// TestForeignHeaders reads raw fields by the charset of the body where that is of another language.
func TestForeignHeaders(t *testing.T) {
	const subject, from = "\xF0\xD2\xC9\xC7\xCC\xC1\xDB\xC5\xCE\xC9\xC5", "\xE9\xD7\xC1\xCE" // KOI8-R
	m := parseString("Subject: " + subject + "\r\nFrom: " + from + " <a@example.com>\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n" + subject)
	if m.Subject != "Приглашение" || m.From[0].Name != "Иван" || !strings.Contains(m.Text, "Приглашение") {
		t.Errorf("%q %q %q", m.Subject, m.From, m.Text)
	}
}
