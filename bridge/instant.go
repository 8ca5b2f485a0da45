package bridge

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// Instant is the one defined instant that counts for a cutoff, and the evidence beside it.
type Instant struct {
	At     time.Time     `json:"at"`
	Source InstantSource `json:"source"`
	By     string        `json:"by"` // the trusted host whose Received field gave it
	// Latest: At is only the latest instant at which it can have arrived. A host of ours wrote a date that cannot be read, or nobody wrote any.
	Latest bool `json:"latest,omitempty"`
	// Disputed are the instants that other evidence gives: any of ours that is earlier, INTERNALDATE when it is more than five minutes later,
	// and what was written in our names below a field that does not show that one of ours handed the message over.
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
	w := wayOf(m.Received, trusted)
	in := Instant{Hops: readable(w.own), Disputed: []time.Time{}}
	n := len(in.Hops)
	switch {
	case n > 0:
		first := in.Hops[n-1]
		in.At, in.By, in.Source = first.At, first.By, InstantReceived
		in.Latest = w.own[len(w.own)-1].At.IsZero()
		in.disputeStored(r.InternalDate.UTC())
	case !r.InternalDate.IsZero():
		in.At, in.Source, in.Latest = r.InternalDate.UTC(), InstantInternalDate, len(w.own) > 0
	default:
		in.At, in.Source, in.Latest = r.FetchedAt.UTC(), InstantFetched, true
	}
	in.disputeEarlier(in.Hops)
	if len(w.own) > 0 && len(w.claimed) == 0 {
		in.Hops = append(in.Hops, relayHops(w.rest, w.own[len(w.own)-1], relays)...)
	}
	if c := len(w.claimed); c > 0 {
		in.disputeEarlier(append(readable(w.claimed), relayHops(w.rest, w.claimed[c-1], relays)...))
	}
	return in
}

// disputeStored notes when the server stored the message, where that is another instant than the counted one. INTERNALDATE has whole seconds.
func (in *Instant) disputeStored(d time.Time) {
	if !d.IsZero() && (d.Before(in.At.Truncate(time.Second)) || d.Sub(in.At) > disputeAfter) {
		in.Disputed = append(in.Disputed, d)
	}
}

// storedElsewhere disputes the instant where the server of another mailbox of ours had stored the message before it.
func (in Instant) storedElsewhere(d time.Time) Instant {
	if !d.IsZero() && d.Before(in.At.Truncate(time.Second)) {
		in.Disputed = append(slices.Clip(in.Disputed), d.UTC())
	}
	return in
}

// disputeEarlier notes the hops that were there before the counted instant.
func (in *Instant) disputeEarlier(hops []policy.Hop) {
	for _, h := range hops {
		if h.At.Before(in.At) {
			in.Disputed = append(in.Disputed, h.At)
		}
	}
}
