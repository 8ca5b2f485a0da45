package parser

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// readReport fills Report from the status part, the text, and the headers that came back.
func (m *Message) readReport(s *signs) {
	c := s.c
	if len(c.status) > 0 {
		m.Report = readStatus(c.status, DefaultLimits.Fields)
	}
	r := &m.Report
	if r.Recipient == "" {
		if a := parseAddresses(c.header.Get("X-Failed-Recipients")); len(a) > 0 {
			r.Recipient = a[0].Addr
		}
	}
	r.Original = append(r.Original, c.returned...)
	for _, in := range c.inner {
		if in.header != nil {
			r.Original = append(r.Original, messageIDs(in.header.Get("Message-Id"))...)
		}
	}
	if len(c.status) == 0 || len(r.Original) == 0 {
		r.readLoose(s)
	}
	if len(r.Original) == 0 { // some say it only as if they answered; the newest reference is what they answer
		r.Original = append(r.Original, m.InReplyTo...)
		for i := len(m.References) - 1; i >= 0; i-- {
			r.Original = append(r.Original, m.References[i])
		}
	}
	r.Original = distinct(r.Original)
}

func distinct(in []string) []string {
	out, seen := []string{}, map[string]bool{}
	for _, s := range in {
		if !seen[s] && len(out) < maxReferences {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// readStatus reads a delivery-status part (RFC 3464, 2; RFC 6533 for its international form): the fields of the whole message, then a
// group for each recipient. Of several recipients the one that fared worst counts, the first of these.
func readStatus(raw []byte, maxFields int) Report {
	r := Report{Original: []string{}}
	worst := -1
	var open *Report // a recipient whose fields may go on in the next group
	for _, g := range statusGroups(raw, maxFields) {
		for _, name := range []string{"Original-Message-Id", "X-Original-Message-Id"} {
			r.Original = append(r.Original, messageIDs(g[name])...)
		}
		x := g.report()
		switch {
		case x.Recipient == "" && x.Action == "" && x.Status == "":
			continue
		case x.Recipient == "" && open != nil && open.Action == "" && open.Status == "": // a blank line inside the group
			x.Recipient = open.Recipient
		}
		open = &x
		if n := severity(x.Action, x.Status); n > worst || r.Recipient == "" || r.Recipient == x.Recipient && r.Action == "" && r.Status == "" {
			worst = n
			x.Original = r.Original
			r = x
		}
	}
	r.Original = distinct(r.Original)
	return r
}

// group are the fields that say something of one recipient, or of the whole message: the first of each name, by canonical name.
type group map[string]string

// statusGroups cuts the part at its empty lines, and where a second recipient begins without one.
func statusGroups(raw []byte, maxFields int) []group {
	var out []group
	left := maxFields
	for len(raw) > 0 && left > 0 {
		text := raw
		if i := blankLine(raw); i >= 0 {
			text, raw = raw[:i], raw[i:]
			raw = raw[lineEnd(raw):]
		} else {
			raw = nil
		}
		b := readBlock(text, left)
		var g group
		for fields := b.Fields(); fields.Next(); left-- {
			name := fields.Key()
			if g == nil || name == "Final-Recipient" && g[name] != "" || name == "Original-Recipient" && g[name]+g["Final-Recipient"] != "" {
				g = group{}
				out = append(out, g)
			}
			if g[name] == "" {
				g[name] = fields.Value()
			}
		}
	}
	return out
}

// report reads the fields of one recipient.
func (g group) report() Report {
	x := Report{
		Action:     action(line(g["Action"])),
		Status:     enhancedStatus(stripComments(line(g["Status"]))),
		Recipient:  first(typedAddress(g["Final-Recipient"]), typedAddress(g["Original-Recipient"])),
		Diagnostic: line(afterType(g["Diagnostic-Code"])),
	}
	// Some write x.0.0 ("other, undefined", RFC 3463, 3.1) or nothing although the other host was told more.
	if told := enhancedStatus(x.Diagnostic); told != "" && (x.Status == "" || strings.HasSuffix(x.Status, ".0.0") && told[0] == x.Status[0]) {
		x.Status = told
	}
	return x
}

// action gives one of the five words of RFC 3464, 2.3.3, empty for what is none of them and cannot be taken for one.
func action(v string) string {
	v = strings.ToLower(firstWord(stripComments(v)))
	switch v {
	case "failed", "delayed", "delivered", "relayed", "expanded":
		return v
	}
	switch {
	case hasAnyPrefix(v, "fail", "undeliver", "expire", "bounce", "reject"):
		return "failed"
	case strings.HasPrefix(v, "delay"):
		return "delayed"
	}
	return ""
}

// severity orders what may have become of a recipient.
func severity(action, status string) int {
	switch {
	case action == "failed", action == "" && strings.HasPrefix(status, "5."):
		return 3
	case action == "delayed", action == "" && strings.HasPrefix(status, "4."):
		return 2
	case action == "":
		return 1
	}
	return 0
}

// blankLine is the index of the first empty line, -1 without one.
func blankLine(p []byte) int {
	for i := 0; i < len(p); {
		n := lineEnd(p[i:])
		if len(bytes.TrimSpace(p[i:i+n])) == 0 {
			return i
		}
		i += n
	}
	return -1
}

func line(s string) string { return charset.Clean(rawText(s), 1000) }

// afterType drops the type before the semicolon: "rfc822; a@b", "smtp; 550 …".
func afterType(s string) string {
	_, rest := cutType(s)
	return rest
}

func cutType(s string) (string, string) {
	if t, rest, ok := strings.Cut(s, ";"); ok && !strings.ContainsAny(strings.TrimSpace(t), " @<") {
		return strings.ToLower(strings.TrimSpace(t)), strings.TrimSpace(rest)
	}
	return "", s
}

// typedAddress reads "rfc822; a@b" (RFC 3464, 2.3.2) and "utf-8; …" (RFC 6533, 3).
func typedAddress(s string) string {
	t, addr := cutType(s)
	if t == "utf-8" {
		addr = decodeUTF8Address(addr)
	}
	return cleanAddr(decodeXtext(addr))
}

// decodeUTF8Address replaces the \x{110000} escapes of utf-8-addr-xtext (RFC 6533, 3); one that names no character stands for itself.
func decodeUTF8Address(s string) string {
	var b strings.Builder
	for {
		head, rest, ok := strings.Cut(s, `\x{`)
		b.WriteString(head)
		if !ok {
			return b.String()
		}
		digits, after, ok := strings.Cut(rest[:min(len(rest), 8)], "}")
		n, err := strconv.ParseUint(digits, 16, 32)
		if !ok || err != nil || n == 0 || n > 0x10FFFF || n >= 0xD800 && n < 0xE000 {
			b.WriteString(`\x{`)
			s = rest
			continue
		}
		b.WriteRune(rune(n))
		s = after + rest[min(len(rest), 8):]
	}
}

// decodeXtext decodes the xtext of RFC 3461, 4 in which some hosts leave the address that they were given. Plus signs are usual in
// addresses, so only what cannot be meant otherwise is decoded: an address without @ in which "+40" is one, and the encoded "+" and "=".
func decodeXtext(s string) string {
	if !strings.Contains(s, "+") {
		return s
	}
	if !strings.Contains(s, "@") && strings.Contains(s, "+40") {
		s = strings.ReplaceAll(s, "+40", "@")
	}
	return xtext.Replace(s)
}

// enhancedStatus finds a code such as 5.1.1 (RFC 3463, 2) in a line: three numbers that no other digit or dot joins.
func enhancedStatus(l string) string {
	for i := 0; i < len(l); {
		from := i
		for i < len(l) && (l[i] == '.' || isDigit(l[i])) {
			i++
		}
		if i == from {
			i++
			continue
		}
		if w := strings.Trim(l[from:i], "."); len(w) >= 5 && len(w) <= 9 && w[1] == '.' && (w[0] == '2' || w[0] == '4' || w[0] == '5') {
			if subject, detail, ok := strings.Cut(w[2:], "."); ok && numeral(subject) && numeral(detail) {
				return w
			}
		}
	}
	return ""
}

// numeral says whether s is a number of up to three digits.
func numeral(s string) bool { return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == "" }

// xtext undoes the two escapes that every encoder must write.
var xtext = strings.NewReplacer("+2B", "+", "+3D", "=")
