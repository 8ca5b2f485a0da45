package evidence

import (
	"net/netip"
	"slices"
	"strings"
)

// hop is one Received field (RFC 5321, 4.4) with what parser.Received leaves out: what the server itself noted about the client.
type hop struct {
	from    string   // name that the client gave itself; empty when the message began on this host
	notes   []string // comments between from and by: the client's verified name and address, and who logged in
	by      string   // host that wrote the field, in lower case
	with    string   // protocol, in lower case
	account string   // who logged in, as Postfix notes it; empty when nobody, or when it is noted more than once
}

// readHop reads a Received value. ok is false when a clause or the semicolon before the date comes twice, or the field is malformed: such a field
// may have been written so that readers differ, and is not taken for one of ours.
func readHop(value string) (h hop, ok bool) {
	all, err := tokens(value)
	if err != nil {
		return hop{}, false
	}
	seen := map[string]bool{}
	clause, accounts := "", 0
	for i, t := range all {
		if t.kind == semicolon {
			break
		}
		text := strings.ToLower(t.text)
		switch {
		case t.kind == comment:
			if clause == "from" {
				h.notes = append(h.notes, t.text)
			}
			if login, is := strings.CutPrefix(t.text, "Authenticated sender: "); is && clause == "from" {
				h.account = login
				accounts++
			}
		case t.kind == word && isClause(text) && !t.glued && clauseValue(all[i+1:]):
			if seen[text] {
				return hop{}, false
			}
			seen[text], clause = true, text
		case clause == "from" && h.from == "":
			h.from = host(t.text)
		case clause == "by" && h.by == "":
			h.by = host(t.text)
		case clause == "with" && h.with == "":
			h.with = text
		}
	}
	if accounts > 1 {
		h.account = ""
	}
	dates := 0
	for _, t := range all {
		if t.kind == semicolon {
			dates++
		}
	}
	return h, h.by != "" && dates < 2
}

func isClause(s string) bool {
	return slices.Contains([]string{"from", "by", "with", "via", "id", "for"}, s)
}

// clauseValue reports whether something that can be the value of a clause follows.
func clauseValue(rest []token) bool {
	return len(rest) > 0 && (rest[0].kind == word || rest[0].kind == quoted)
}

// host gives the form in which host names are compared.
func host(s string) string { return strings.TrimSuffix(strings.ToLower(s), ".") }

// authenticated reports whether the client had logged in (RFC 3848: ESMTPA and ESMTPSA; RFC 6531: UTF8SMTPA and UTF8SMTPSA).
func (h hop) authenticated() bool {
	return slices.Contains([]string{"esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa"}, h.with)
}

// internal reports whether one of our own hosts handed the message to this one, so that the next field below is still ours. The name that
// a client gives itself proves nothing: every address that the server noted must be one of this site, or its verified name one of ours.
// A message that began on the host itself has no hop below: any program there may have written what looks like one.
func (h hop) internal(trusted []string) bool {
	if !self(h.from) && !slices.Contains(trusted, h.from) {
		return false
	}
	for _, note := range h.notes {
		if strings.Contains(note, "forged") {
			return false
		}
		vouched := false
		for _, w := range strings.FieldsFunc(note, func(r rune) bool { return strings.ContainsRune(" \t()[],", r) }) {
			ip, err := netip.ParseAddr(strings.TrimPrefix(strings.ToLower(w), "ipv6:"))
			if err != nil {
				vouched = vouched || slices.Contains(trusted, host(w))
				continue
			}
			if ip = ip.Unmap(); !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsLinkLocalUnicast() && !vouched {
				return false
			}
		}
	}
	return true
}

// self reports whether a name means the very machine that wrote it down.
func self(name string) bool {
	if name == "localhost" || name == "localhost.localdomain" {
		return true
	}
	ip, err := netip.ParseAddr(strings.TrimPrefix(strings.Trim(name, "[]"), "ipv6:"))
	return err == nil && ip.Unmap().IsLoopback()
}
