package parser

import (
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// Limits of one structured field: enough for every real one, so that a flood costs nothing (Dovecot CVE-2026-27859 is that class).
const (
	maxParams   = 100
	maxParamLen = 64 << 10
)

// params are the parameters of Content-Type or Content-Disposition in order: names in lower case, values still encoded.
type params []param

type param struct{ name, value string }

// parseParams reads "value; name=value; …" as mailers write it, RFC 2045, 5.1 or not: blanks in unquoted values, missing semicolons after
// quotes, semicolons inside values, empty parameters. The first result is the value in lower case.
func parseParams(s string) (string, params) {
	i := strings.IndexByte(s, ';')
	if i < 0 {
		i = len(s)
	}
	head := s[:i]
	value := strings.ToLower(strings.TrimSpace(stripComments(head)))
	if eq := strings.IndexByte(head, '='); eq >= 0 { // "text/plain charset=x" without the semicolon
		if sp := strings.LastIndexAny(strings.TrimRight(head[:eq], " \t"), " \t"); sp >= 0 {
			value, i = strings.ToLower(strings.TrimSpace(head[:sp])), sp
		} else {
			value, i = "", 0
		}
	}
	return strings.Trim(value, `"'`), readParams(s[min(i, len(s)):])
}

func readParams(s string) params {
	var out params
	for len(s) > 0 && len(out) < maxParams {
		s = strings.TrimLeft(s, "; \t\r\n")
		eq := strings.IndexAny(s, "=;")
		if eq < 0 {
			break
		}
		if s[eq] == ';' {
			s = s[eq:]
			continue
		}
		name := strings.ToLower(strings.TrimSpace(stripComments(s[:eq])))
		if sp := strings.LastIndexAny(name, " \t"); sp >= 0 {
			name = name[sp+1:]
		}
		var v string
		v, s = cutValue(strings.TrimLeft(s[eq+1:], " \t"))
		if len(v) > maxParamLen {
			v = v[:maxParamLen]
		}
		if name != "" {
			out = append(out, param{name, v})
		}
	}
	return out
}

// cutValue reads one parameter value and gives the rest.
func cutValue(s string) (string, string) {
	if s == "" {
		return "", ""
	}
	if s[0] != '"' {
		return cutToken(s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '"':
			// a quote in the middle of a name closes nothing when no separator follows
			if rest := strings.TrimLeft(s[i+1:], " \t"); rest == "" || rest[0] == ';' || nextIsParam(rest) || !strings.Contains(rest, `"`) {
				return b.String(), s[i+1:]
			}
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "" // never closed
}

// cutToken reads an unquoted value. It ends at a semicolon that another parameter or nothing follows, so "hello;world.txt" stays whole.
func cutToken(s string) (string, string) {
	for i := 0; i < len(s); i++ {
		if s[i] != ';' {
			continue
		}
		rest := strings.TrimLeft(s[i+1:], " \t\r\n;")
		if rest == "" || nextIsParam(rest) {
			return strings.TrimSpace(s[:i]), s[i:]
		}
		i = len(s) - len(rest) - 1
	}
	return strings.TrimSpace(s), ""
}

// nextIsParam says whether s begins with "token=".
func nextIsParam(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '=':
			return i > 0
		case c == ' ' || c == '\t':
			return i > 0 && strings.HasPrefix(strings.TrimLeft(s[i:], " \t"), "=")
		case c <= 0x20 || c >= 0x7F || strings.IndexByte("()<>@,;:\\\"/[]?", c) >= 0:
			return false
		}
	}
	return false
}

// plain is the first parameter of that name as it stands, for charset, boundary and the like; RFC 2231 forms count too.
func (p params) plain(name string) string {
	for _, x := range p {
		if x.name == name {
			v, _, _ := strings.Cut(x.value, ";") // none of these may hold one
			return strings.TrimSpace(v)
		}
	}
	if b, _, ok := p.extended(name); ok {
		return string(b)
	}
	return ""
}

// text is a parameter for display: the RFC 2231 form if there is one, else the plain one with its encoded words decoded, which RFC 2047, 5
// forbids and everybody writes.
func (p params) text(name string, t texts) string {
	if b, label, ok := p.extended(name); ok {
		s := t.labelled(label, b)
		if strings.Contains(s, "=?") {
			return t.words(s)
		}
		return charset.Clean(s, maxHeaderText)
	}
	for _, x := range p {
		if x.name == name {
			return t.words(x.value)
		}
	}
	return ""
}

// extended joins the RFC 2231 pieces of a parameter by number, as bytes, before anything is decoded: senders cut inside letters. It gives
// the bytes and the charset label.
func (p params) extended(name string) ([]byte, string, bool) {
	var pieces [maxParams]*param
	found, label := false, ""
	for i := range p {
		x := &p[i]
		rest, ok := strings.CutPrefix(x.name, name+"*")
		if !ok {
			continue
		}
		n, ok := pieceNumber(strings.TrimSuffix(rest, "*"))
		if ok && pieces[n] == nil {
			pieces[n], found = x, true
		}
	}
	if !found {
		return nil, "", false
	}
	var out []byte
	first := true
	for _, x := range pieces {
		if x == nil {
			if first {
				continue
			}
			break // what comes after a missing piece would be nonsense
		}
		v := x.value
		if strings.HasSuffix(x.name, "*") {
			if first {
				label, v = cutLabel(v)
			}
			out = appendPercent(out, v)
		} else {
			out = append(out, v...)
		}
		first = false
	}
	return out, label, true
}

// pieceNumber reads the number of "name*3*"; "name*" alone is the whole value.
func pieceNumber(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' || n >= maxParams {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, n < maxParams
}

// cutLabel takes charset'language' off an extended value (RFC 2231, 4).
func cutLabel(v string) (string, string) {
	label, rest, ok := strings.Cut(v, "'")
	if !ok {
		return "", v
	}
	_, text, ok := strings.Cut(rest, "'")
	if !ok || !charset.Known(label) && label != "" && len(label) > 40 {
		return "", v
	}
	return label, text
}

func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0 {
			dst = append(dst, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		} else {
			dst = append(dst, s[i])
		}
	}
	return dst
}

// stripComments takes RFC 5322 comments out; quoted strings are left whole. An unclosed comment runs to the end.
func stripComments(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	var b strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && (quoted || depth > 0):
			if depth == 0 {
				b.WriteString(s[i : i+2])
			}
			i++
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == '(' && !quoted:
			if depth++; depth == 1 {
				b.WriteByte(' ')
			}
		case c == ')' && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}
