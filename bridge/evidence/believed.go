package evidence

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
)

// Trust says which marks in the header of a message are those of our own mail server.
type Trust struct {
	AuthservIDs []string // names under which it writes Authentication-Results
	TrustedHops []string // hosts of ours, as they stand after "by" in Received
	// AboveReceived believes only results above the Received field of our own server, for a server that does not remove forged ones.
	AboveReceived bool

	// Verify looks at signatures and senders by itself where our server did not (DKIM, SPF).
	Verify bool
	// Forwarders are the domains (d=) under which listed forwarders seal mail (RFC 8617): what they found counts as found by our server.
	Forwarders []string
	// OwnDomains are those of our own addresses. A signed mail that was written to none of them was not sent to us by its signer.
	OwnDomains []string
}

// believed is what our own server wrote about a message: its results from the top, how the message entered our hosts, and why nothing
// was found when that is so.
type believed struct {
	results []Results
	entry   hop // the lowest field of our own hosts; its by is empty when there is none
	why     string
	last    int // index of that field, -1 when there is none
}

// believe picks what our own hosts wrote out of the trace of a message.
//
// Every host writes at the top. So what stands above a Received field was written by that host or a later one, and what stands below the
// first Received field of a stranger may all have been written by the sender: fields there are not even read. Our own server may write its
// results above its Received field (where no sender can ever write) or directly below it (Postfix with OpenDKIM, sendmail, Google). That
// second place is where a sender's own first field lies too, and only the server's duty to remove forged ones (RFC 8601, 5) keeps it
// clean. So it counts only while nothing above it speaks about signatures, and not at all with AboveReceived.
func believe(trace []parser.TraceField, t Trust) believed {
	ids, hops := lowered(t.AuthservIDs), lowered(t.TrustedHops)
	b := believed{why: "no authentication-results of our own server above the first foreign received field"}
	last, end := ourRun(trace, hops, &b.entry)
	b.last = last
	var below []Results
	for _, f := range trace {
		if !strings.EqualFold(f.Name, "Authentication-Results") || end >= 0 && f.Index > end {
			continue
		}
		r, err := ParseResults(f.Value)
		if err != nil || f.Odd {
			if names(f.Value, ids) {
				// Somebody may have made our server write what cannot be read, to be believed in its place further down; or wrote a name
				// that is only ours once signs are taken out of it, so that our server did not remove it.
				b.why = "authentication-results of our own server that cannot be read"
				break
			}
			continue
		}
		switch {
		case !slices.Contains(ids, r.ID):
		case f.Index < last || last < 0 && end >= 0:
			b.results = append(b.results, r)
		case r.Bare && !t.AboveReceived && !(last >= 0 && b.entry.from == ""):
			below = append(below, r)
		}
	}
	if !slices.ContainsFunc(b.results, signatures) {
		b.results = append(b.results, below...)
	}
	return b
}

// signatures reports whether a field speaks about the methods that prove a domain.
func signatures(r Results) bool { return len(r.Of("dkim"))+len(r.Of("dmarc")) > 0 }

// names reports whether one of our ids stands anywhere in a value.
func names(value string, ids []string) bool {
	value = strings.ToLower(value)
	return slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(value, id) })
}

// ourRun finds the unbroken run of our own Received fields from the top: the index of its lowest field (-1: none), and that of the first
// field of a stranger (-1: none).
func ourRun(trace []parser.TraceField, hops []string, entry *hop) (last, end int) {
	last, end = -1, -1
	inside, local := true, false
	for _, f := range trace {
		if !strings.EqualFold(f.Name, "Received") {
			continue
		}
		h, ok := readHop(f.Value)
		if !ok || !inside || !slices.Contains(hops, h.by) && !(local && self(h.by)) {
			return last, f.Index
		}
		*entry, last = h, f.Index
		inside = h.internal(hops)
		local = inside && self(h.from)
	}
	return last, end
}

func lowered(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = host(s)
	}
	return out
}
