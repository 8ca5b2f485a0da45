package bridge

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// way is what the Received fields of a message say of its way, as far as it may be believed.
type way struct {
	own     []parser.Received // fields of our own hosts from the top, each handed to the one above it by one of ours
	claimed []parser.Received // below these, in our own names: of ours, or of whoever handed the message to us
	rest    []parser.Received // what stands below
}

// wayOf follows the Received fields down from the top. Every host writes at the top, so the first field in our name is ours, and the one below
// it is, too, while the field above shows that one of our own hosts handed the message over. From the first that a stranger handed over, or
// that shows nobody, what stands below may have been written by the sender, in any name. A field of "localhost" is ours below one that was
// handed over on the same machine: filters write such fields.
func wayOf(fields []parser.Received, trusted []string) way {
	w := way{}
	inside, local := true, false
	for i, f := range fields {
		by := strings.ToLower(f.By)
		if !slices.Contains(trusted, by) && !(inside && local && self(by)) {
			w.rest = fields[i:]
			break
		}
		if !inside {
			w.claimed = append(w.claimed, f)
			continue
		}
		w.own = append(w.own, f)
		c := clientOf(f.From)
		inside = c.internal(trusted)
		local = inside && (self(c.said) || c.addr.IsLoopback())
	}
	return w
}

// relayHops follows the way further down through listed relays. A field counts only when the host above, which is ours or a relay that
// counts, saw that very relay: anybody can write a Received field in a relay's name.
func relayHops(fields []parser.Received, above parser.Received, relays []string) []policy.Hop {
	hops := []policy.Hop{}
	for _, f := range fields {
		by := strings.ToLower(f.By)
		if !slices.Contains(relays, by) || !clientOf(above.From).is(by, relays) {
			break
		}
		if !f.At.IsZero() {
			hops = append(hops, policy.Hop{By: f.By, At: f.At.UTC()})
		}
		above = f
	}
	return hops
}

// readable are the hops of fields whose date can be read.
func readable(fields []parser.Received) []policy.Hop {
	hops := []policy.Hop{}
	for _, f := range fields {
		if !f.At.IsZero() {
			hops = append(hops, policy.Hop{By: f.By, At: f.At.UTC()})
		}
	}
	return hops
}

// client is who handed a message over, as a Received field shows it.
type client struct {
	said string     // the name that it gave itself, in lower case; empty when the message began on the host that wrote the field
	name string     // the name that the host found for its address; empty when it found none that fits
	addr netip.Addr // its address; invalid when the field does not show it
}

// clientOf reads the from clause of a Received field, without its first word. What the host itself found out stands in the last comment of
// the form of RFC 5321, 4.4 (TCP-info), since whatever a client may put there comes before it; behind it stand only what hosts add about
// encryption and login. Exim shows a client without a name by its address, and what it said in the comment.
func clientOf(from string) client {
	first, notes := clauses(from)
	c := client{said: strings.TrimSuffix(strings.ToLower(first), ".")}
	for _, note := range slices.Backward(notes) {
		words := strings.FieldsFunc(strings.ToLower(note.text), func(r rune) bool { return strings.ContainsRune(" \t[]", r) })
		if len(words) == 0 || aside(words[0]) {
			continue
		}
		if strings.HasPrefix(words[0], "helo=") || strings.HasPrefix(words[0], "port=") {
			c.addr = address(strings.Trim(c.said, "[]"))
			return c
		}
		for i, w := range words[:min(2, len(words))] { // the first address: a later one may be what the client said (helo=[…])
			if a := address(w); a.IsValid() {
				c.addr = a
				if i == 1 && words[0] != "unknown" && !note.forged {
					c.name = strings.TrimSuffix(words[0][strings.LastIndexByte(words[0], '@')+1:], ".") // sendmail: IDENT:user@name
				}
				break
			}
		}
		return c
	}
	return c
}

// aside says whether a comment that begins with this word is about encryption or login, and not about who the client is.
func aside(word string) bool {
	return slices.Contains([]string{"using", "no", "client", "authenticated", "version=tls1_2,", "version=tls1_3,", "tls", "envelope-from"}, word) || strings.HasPrefix(word, "version=")
}

func address(word string) netip.Addr {
	a, err := netip.ParseAddr(strings.TrimPrefix(word, "ipv6:"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// comment is one comment of a clause, without those inside it; forged: sendmail says in one that the name does not fit the address.
type comment struct {
	text   string
	forged bool
}

// clauses gives the first word of a clause and its comments.
func clauses(s string) (first string, notes []comment) {
	depth := 0
	var text, inner strings.Builder
	end := func() {
		notes = append(notes, comment{text.String(), strings.Contains(strings.ToLower(inner.String()), "forged")})
		text.Reset()
		inner.Reset()
	}
	word, closed := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && depth > 0:
			i++
		case c == '(':
			closed = closed || i > word
			depth++
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				end()
			}
		case depth == 1:
			text.WriteByte(c)
		case depth > 1:
			inner.WriteByte(c)
		case c == ' ' || c == '\t':
			closed = closed || i > word
			if !closed {
				word = i + 1
			}
		case !closed:
			first = s[word : i+1]
		}
	}
	if depth > 0 { // it was cut off
		end()
	}
	return first, notes
}

// is says whether the host that took the message saw this relay: by its name, or by an address that is listed.
func (c client) is(relay string, relays []string) bool {
	listed := slices.ContainsFunc(relays, func(r string) bool { return c.addr.IsValid() && address(r) == c.addr })
	return listed || c.addr.IsValid() && c.name == relay
}

// internal says whether one of our own hosts handed the message over, so that the field below is ours as well. The name that a client gives
// itself proves nothing: where an address was noted, it must be one of this site, or its verified name one of ours.
func (c client) internal(trusted []string) bool {
	if !self(c.said) && !slices.Contains(trusted, c.said) {
		return false
	}
	return !c.addr.IsValid() || c.addr.IsLoopback() || c.addr.IsPrivate() || c.addr.IsLinkLocalUnicast() || slices.Contains(trusted, c.name)
}

// self says whether a name means the very machine that wrote it down.
func self(name string) bool {
	return name == "localhost" || name == "localhost.localdomain" || address(strings.Trim(name, "[]")).IsLoopback()
}
