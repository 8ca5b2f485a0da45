package charset

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Known says whether Read can read the label's charset.
func Known(label string) bool {
	l := normalLabel(label)
	return l == nameUTF8 || l == nameASCII || l == "utf-7" || wide(l) || l == nameVIQR || codecNamed(l) != nil || lookup(l) != nil
}

// normalLabel gives lower case without quotes, RFC 2231 language (RFC 2231, 5) and the spellings that mailers invented.
func normalLabel(label string) string {
	l := strings.ToLower(strings.Trim(strings.TrimSpace(label), `"'`))
	l, _, _ = strings.Cut(l, "*")
	l = strings.ReplaceAll(l, "_", "-")
	switch l {
	case "utf8", "unicode-1-1-utf-8", "utf-8n", "cp65001", "utf-8-mac", "utf8mb4":
		return "utf-8"
	case "utf7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7":
		return "utf-7"
	case "ascii", "ansi-x3.4-1968", "iso646-us", "us", "646":
		return "us-ascii"
	case "utf16", "ucs-2", "unicode":
		return "utf-16"
	}
	if at := len(l) - 4; at >= 0 && strings.HasPrefix(l[at:], "125") && codepagePrefix(l[:at]) {
		return "windows-" + l[at:]
	}
	return vietnameseLabel(l)
}

func codepagePrefix(p string) bool {
	switch strings.TrimSuffix(strings.TrimPrefix(p, "x-"), "-") {
	case "", "windows", "win", "cp", "ms", "ibm", "microsoft", "microsoft-cp", "ansi", "codepage":
		return true
	}
	return false
}

// vietnameseLabel names one charset for all its labels. Few are registered (VISCII, VIQR); the rest are those of mail programs and fonts.
func vietnameseLabel(l string) string {
	switch strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(l, "x-"), "viet-"), "cs") {
	case "tcvn3", "tcvn-3", "abc", "tcvn3-abc", "tcvn3abc", "tcvn3(abc)":
		return nameTCVN3
	case "tcvn", "tcvn-5712", "tcvn5712", "tcvn5712-1", "tcvn-5712-1", "tcvn5712-1:1993", "tcvn5712:1993", "tcvn-5712:1993", "vscii", "vscii-1", "vscii-2",
		"iso-ir-180", "tcvn-vn1", "tcvn-vn2", "tcvn-vn3":
		return nameTCVN
	case "vni", "vni-win", "vni-windows":
		return nameVNI
	case "viscii", "viscii1.1", "viscii1.1-1", "viscii-1":
		return nameVISCII
	case "viqr", "viqr-1":
		return nameVIQR
	case "vps":
		return nameVPS
	}
	return l
}

func unlabelled(l string) bool {
	switch l {
	case "", "us-ascii", "unknown-8bit", "x-unknown", "unknown", "default", "x-user-defined", "8bit", "binary", "none", "iso-10646":
		return true
	}
	return false
}

func wide(l string) bool {
	return l == "utf-16" || l == "utf-16le" || l == "utf-16be"
}

// stateful charsets give ASCII bytes another meaning, so an ASCII text is not itself.
func stateful(l string) bool {
	return strings.HasPrefix(l, "iso-2022-") || l == "hz-gb-2312" || l == "utf-7" || strings.HasPrefix(l, "utf-32") || l == "csiso2022jp"
}

func oneByte(l string) bool {
	return strings.HasPrefix(l, "windows-125") || strings.HasPrefix(l, "iso-8859-") || l == "latin1"
}

// latin labels are written without looking: what stands under them is judged by its letters.
func latin(l string, e encoding.Encoding) bool {
	if l == "ibm437" || l == "cp437" || l == "437" || l == "ibm850" || l == "cp850" { // of ZIP archives
		return true
	}
	n, err := htmlindex.Name(e)
	return err == nil && (n == name1252 || n == "iso-8859-15" || n == "macintosh")
}

// lookup finds a decoder in the WHATWG index, then in IANA's (which gives nil without an error for names that it only knows).
func lookup(l string) encoding.Encoding {
	if l == "x-user-defined" || l == "replacement" {
		return nil
	}
	tries := []string{l, strings.TrimPrefix(l, "x-"), strings.TrimPrefix(l, "cs"), strings.Replace(l, "cp", "ibm", 1), strings.Replace(l, "-", "", 1)}
	for _, t := range tries {
		if e, err := htmlindex.Get(t); err == nil && e != nil {
			if n, err := htmlindex.Name(e); err != nil || n != "replacement" {
				return e
			}
		}
		if e, err := ianaindex.MIME.Encoding(t); err == nil && e != nil {
			return e
		}
	}
	return nil
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&0x80 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
