package parser

import (
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxAddresses bounds a list; Dovecot CVE-2024-23184 took 18 minutes for half a million.
const maxAddresses = 200

// parseAddresses is texts.addresses for who knows nothing of the message.
func parseAddresses(s string) []Address { return texts{}.addresses(s) }

// addresses reads an address list (RFC 5322, 3.4) as it is written in the wild: unquoted commas in names, groups, comments, raw 8-bit,
// encoded words anywhere, missing brackets. A name without any address is kept with an empty Addr. It never fails.
func (t texts) addresses(s string) []Address {
	out := []Address{}
	pending := "" // text before a comma that has no address yet: perhaps the first half of a name
	for _, m := range splitMailboxes(s) {
		if len(out) >= maxAddresses {
			break
		}
		a, ok := t.mailbox(m.text)
		switch {
		case ok && a.Addr == "" && m.comma: // "Sở Nội vụ, tỉnh Quảng Trị <…>"
			pending = joinName(pending, m.text)
			continue
		case !ok:
			continue
		}
		if pending != "" {
			if a.Addr != "" && a.Name != "" && !strings.HasPrefix(strings.TrimSpace(m.text), `"`) || a.Addr == "" {
				a.Name = t.name(joinName(pending, nameText(m.text)))
			} else {
				out = append(out, Address{Name: t.name(pending)})
			}
			pending = ""
		}
		out = append(out, a)
	}
	if pending != "" {
		out = append(out, Address{Name: t.name(pending)})
	}
	return out
}

func joinName(a, b string) string {
	if a == "" {
		return strings.TrimSpace(b)
	}
	return strings.TrimSpace(a) + ", " + strings.TrimSpace(b)
}

// mailboxText is one element of a list; comma says that another may follow after a comma.
type mailboxText struct {
	text  string
	comma bool
}

// splitMailboxes cuts at commas and semicolons outside quotes, comments, brackets and encoded words, and drops group names.
func splitMailboxes(s string) []mailboxText {
	var out []mailboxText
	start, group := 0, false
	add := func(end int, comma bool) {
		if t := strings.TrimSpace(s[start:end]); t != "" && len(out) <= 2*maxAddresses {
			out = append(out, mailboxText{t, comma})
		}
		start = end + 1
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipQuoted(s, i)
		case '(':
			i = skipComment(s, i)
		case '<':
			i += angleLen(s[i:])
		case '=':
			if strings.HasPrefix(s[i:], "=?") {
				if w, n := cutWord(s[i:]); n > 0 && !strings.ContainsAny(w.text, " \t") {
					i += n - 1
				}
			}
		case ',':
			add(i, true)
		case ';':
			add(i, false)
			group = false
		case ':':
			if !group && groupName(s[start:i]) {
				group, start = true, i+1
			}
		}
	}
	if start < len(s) {
		add(len(s), false)
	}
	return out
}

// groupName says whether the text before a colon names a group (RFC 5322, 3.4).
func groupName(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && !strings.ContainsAny(s, "<>@[")
}

// maxToken bounds how far the end of a quoted string, a comment or an angle address is looked for, so that a flood of openings costs no
// more than its length. Real ones have some hundred bytes.
const maxToken = 2 << 10

// angleLen is the distance to the closing bracket, 0 when a separator comes first. Commas of a source route (RFC 5322, 4.4) are none.
func angleLen(s string) int {
	s = s[:min(len(s), maxToken)]
	end := strings.IndexByte(s, '>')
	if end < 0 || strings.ContainsAny(s[:end], ",;") && !strings.HasPrefix(strings.TrimLeft(s[1:], " \t"), "@") {
		return 0
	}
	return end
}

// skipQuoted gives the index of the closing quote, or stays at the opening one when it is never closed.
func skipQuoted(s string, i int) int {
	for j := i + 1; j < min(len(s), i+maxToken); j++ {
		switch s[j] {
		case '\\':
			j++
		case '"':
			return j
		}
	}
	return i
}

// skipComment gives the index of the closing parenthesis, or stays at the opening one.
func skipComment(s string, i int) int {
	if strings.IndexByte(s[i:min(len(s), i+maxToken)], ')') < 0 {
		return i
	}
	depth := 0
	for j := i; j < min(len(s), i+maxToken); j++ {
		switch s[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return i
}

// mailbox reads one mailbox. It reports false for text in which there is neither an address nor a name.
func (t texts) mailbox(s string) (Address, bool) {
	if open, end := angle(s); open >= 0 {
		return Address{Name: t.name(nameText(s)), Addr: t.addr(s[open+1 : end])}, true
	}
	bare := strings.TrimSpace(stripComments(s))
	if at := strings.LastIndexByte(bare, '@'); at >= 0 {
		// "Name name a@b" without brackets: the address is the word with the @
		addr, name := bare, ""
		if bare[0] != '"' {
			from := strings.LastIndexAny(strings.TrimRight(bare[:at], " \t"), " \t") + 1
			to := len(bare)
			if i := strings.IndexAny(strings.TrimLeft(bare[at+1:], " \t"), " \t"); i >= 0 {
				to = len(bare) - len(strings.TrimLeft(bare[at+1:], " \t")) + i
			}
			addr, name = bare[from:to], strings.TrimSpace(bare[:from]+" "+bare[to:])
		}
		if name == "" {
			name = comment(s)
		}
		return Address{Name: t.name(name), Addr: t.addr(addr)}, true
	}
	name := t.name(bare)
	if name == "" {
		name = t.name(comment(s))
	}
	return Address{Name: name}, name != ""
}

// angle finds the brackets of the address: the last pair outside quotes that holds an @, else the last pair.
func angle(s string) (int, int) {
	open, end := -1, -1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = skipQuoted(s, i)
		case '(':
			i = skipComment(s, i)
		case '<':
			j := strings.IndexByte(s[i:], '>')
			if j < 0 {
				j = len(s) - i
			}
			if open < 0 || strings.Contains(s[i:i+j], "@") || !strings.Contains(s[open:end], "@") {
				open, end = i, i+j
			}
			i += j
		}
	}
	return open, end
}

// nameText is what stands around the angle address, or in its comment.
func nameText(s string) string {
	open, end := angle(s)
	if open < 0 {
		return s
	}
	name := strings.TrimSpace(s[:open])
	if name == "" {
		name = strings.TrimSpace(strings.TrimPrefix(s[end:], ">"))
	}
	if bare := strings.TrimSpace(stripComments(name)); bare != "" {
		return bare
	}
	return comment(name)
}

// comment is the text of the first comment, where old mailers put the name.
func comment(s string) string {
	i := strings.IndexByte(s, '(')
	if i < 0 {
		return ""
	}
	j := skipComment(s, i)
	if j == i {
		return s[i+1:]
	}
	return s[i+1 : j]
}

// name takes quotes and escapes off a phrase and decodes it.
func (t texts) name(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexByte(s, '"') >= 0 || strings.IndexByte(s, '\\') >= 0 {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '"':
			case s[i] == '\\' && i+1 < len(s):
				i++
				b.WriteByte(s[i])
			default:
				b.WriteByte(s[i])
			}
		}
		s = b.String()
	}
	s = t.words(s)
	if n := len(s); n > 1 && s[0] == '\'' && s[n-1] == '\'' { // Outlook writes 'name'
		s = s[1 : n-1]
	}
	return s
}

// cleanAddr is texts.addr for who knows nothing of the message.
func cleanAddr(s string) string { return texts{}.addr(s) }

// addr gives local@domain with the domain in lower case, split at the last @: a quoted local part may hold others, and whoever
// splits at the first takes the sender's word for the domain. A source route is dropped. What is no address is kept as it is written.
func (t texts) addr(s string) string {
	s = strings.TrimSpace(stripComments(s))
	if strings.HasPrefix(s, "@") {
		if i := strings.IndexByte(s, ':'); i >= 0 {
			s = s[i+1:]
		}
	}
	s = strings.TrimPrefix(strings.Trim(s, "<> \t"), "mailto:")
	if strings.Contains(s, "=?") && !strings.HasPrefix(s, `"`) {
		s = t.words(s)
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return charset.Clean(t.raw(s), 320)
	}
	local, domain := strings.TrimSpace(s[:at]), strings.TrimSpace(s[at+1:])
	if n := len(local); n > 2 && local[0] == '"' && local[n-1] == '"' && atoms(local[1:n-1]) {
		local = local[1 : n-1]
	}
	if !strings.HasPrefix(local, `"`) {
		local = noBlanks(local)
	}
	domain = strings.TrimSuffix(noBlanks(domain), ".")
	return charset.Clean(t.raw(local)+"@"+strings.ToLower(t.raw(domain)), 320)
}

// atoms says whether a quoted local part needs no quotes.
func atoms(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= 0x20 || c >= 0x7F || strings.IndexByte("()<>[]:;@\\,\"", c) >= 0 {
			return false
		}
	}
	return true
}

// noBlanks drops blanks, which obsolete syntax allows around dots.
func noBlanks(s string) string {
	if !strings.ContainsAny(s, " \t") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}
