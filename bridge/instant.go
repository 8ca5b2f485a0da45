package bridge

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// Instant is the one defined instant that counts for a cutoff, and the evidence beside it.
type Instant struct {
	At     time.Time     `json:"at"`
	Source InstantSource `json:"source"`
	By     string        `json:"by"` // the trusted host whose Received field gave it
	// Disputed are the instants that other evidence of ours gives: any that is earlier, and INTERNALDATE when it is more than five minutes later.
	Disputed []time.Time `json:"disputed"`
	// Hops are our own hosts and, below them, the listed relays that handed the message to them, newest first.
	Hops []policy.Hop `json:"hops"`
}

// InstantSource says which evidence gave the counted instant.
type InstantSource string

const (
	InstantReceived     InstantSource = "received"     // the earliest trusted Received field
	InstantInternalDate InstantSource = "internaldate" // RFC 3501, 2.3.3
	InstantClerk        InstantSource = "clerk"        // the stamp on paper
	InstantFetched      InstantSource = "fetched"      // nothing better was there
)

// disputeAfter is how much later than the counted instant the server may have stored a message before the two disagree: clocks of mail hosts
// drift by seconds, queues inside one site take minutes only when something is wrong. Evidence that is earlier always disagrees: whoever
// counts a message as late must not have anything of his own that says it was in time.
const disputeAfter = 5 * time.Minute

// CountedInstant finds the one instant that counts for a cutoff (ARCHITECTURE, invariant 4): the earliest Received field in the unbroken
// run of trusted hosts from the top of the header block, else the server's INTERNALDATE, else the time of our own reading; for paper, the
// clerk's stamp. The Date field is never asked: whoever writes the message writes it too. trusted are host names in lower case, relays those
// (or the addresses) of hosts of other authorities whose delays a rule's grace may cover; they never give the counted instant.
func CountedInstant(r Receipt, m parser.Message, trusted, relays []string) Instant {
	if r.Channel == Paper {
		return Instant{At: r.InternalDate, Source: InstantClerk, Hops: []policy.Hop{}, Disputed: []time.Time{}}
	}
	run, end := trustedHops(m.Received, trusted)
	in := Instant{Hops: append(run, relayHops(m.Received[end:], m.Received[:end], relays)...), Disputed: []time.Time{}}
	if n := len(run); n > 0 {
		first := run[n-1]
		in.At, in.By, in.Source = first.At, first.By, InstantReceived
		for _, h := range run[:n-1] {
			if h.At.Before(in.At) {
				in.Disputed = append(in.Disputed, h.At)
			}
		}
		if d := r.InternalDate.UTC(); !r.InternalDate.IsZero() && (d.Before(in.At.Truncate(time.Second)) || d.Sub(in.At) > disputeAfter) {
			in.Disputed = append(in.Disputed, d)
		}
		return in
	}
	if !r.InternalDate.IsZero() {
		in.At, in.Source = r.InternalDate.UTC(), InstantInternalDate
		return in
	}
	in.At, in.Source = r.FetchedAt.UTC(), InstantFetched
	return in
}

// trustedHops lists the Received fields that our own hosts wrote, newest first, and says where they end: at the first field of another host,
// below which everything may have been written by the sender. A field of ours with an unreadable date is passed over.
func trustedHops(fields []parser.Received, trusted []string) (hops []policy.Hop, end int) {
	hops = []policy.Hop{}
	for _, f := range fields {
		if !slices.Contains(trusted, strings.ToLower(f.By)) {
			break
		}
		end++
		if !f.At.IsZero() {
			hops = append(hops, policy.Hop{By: f.By, At: f.At.UTC()})
		}
	}
	return hops, end
}

// relayHops follows the way further down through listed relays. A field counts only when the host above, which is ours or a relay that
// counts, saw that very relay: anybody can write a Received field in a relay's name.
func relayHops(fields, ours []parser.Received, relays []string) []policy.Hop {
	hops := []policy.Hop{}
	if len(ours) == 0 {
		return hops
	}
	above := ours[len(ours)-1]
	for _, f := range fields {
		by := strings.ToLower(f.By)
		if !slices.Contains(relays, by) || !saw(above.From, by, relays) {
			break
		}
		if !f.At.IsZero() {
			hops = append(hops, policy.Hop{By: f.By, At: f.At.UTC()})
		}
		above = f
	}
	return hops
}

// saw says whether the from clause of a Received field shows this host, by what the receiving host found out itself: the name or address in
// the last comment (RFC 5321, 4.4: TCP-info), never the name before it, which may be what the client said of itself.
func saw(from, host string, relays []string) bool {
	open := strings.LastIndexByte(from, '(')
	if open < 0 {
		return false
	}
	comment := strings.ToLower(strings.TrimRight(from[open+1:], ") \t"))
	words := strings.FieldsFunc(comment, func(r rune) bool { return strings.ContainsRune(" \t[]", r) })
	if len(words) == 0 {
		return false
	}
	address := func(w string) string { return strings.TrimPrefix(w, "ipv6:") }
	for _, w := range words {
		if _, err := netip.ParseAddr(address(w)); err == nil { // the first: a later one may be what the client said (helo=[…])
			if slices.Contains(relays, address(w)) {
				return true
			}
			break
		}
	}
	return strings.TrimSuffix(words[0], ".") == host
}
