package bridge

import (
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
	// Disputed are the instants that other evidence gives, when they are more than five minutes away.
	Disputed []time.Time  `json:"disputed"`
	Hops     []policy.Hop `json:"hops"`
}

// InstantSource says which evidence gave the counted instant.
type InstantSource string

const (
	InstantReceived     InstantSource = "received"     // the earliest trusted Received field
	InstantInternalDate InstantSource = "internaldate" // RFC 3501, 2.3.3
	InstantClerk        InstantSource = "clerk"        // the stamp on paper
	InstantFetched      InstantSource = "fetched"      // nothing better was there
)

// disputeAfter is how far two pieces of trusted evidence of the arrival may lie apart before they disagree: clocks of mail hosts drift by
// seconds, queues inside one site take minutes only when something is wrong.
const disputeAfter = 5 * time.Minute

// CountedInstant finds the one instant that counts for a cutoff (ARCHITECTURE, invariant 4): the earliest Received field in the unbroken
// run of trusted hosts from the top of the header block, else the server's INTERNALDATE, else the time of our own reading; for paper, the
// clerk's stamp. The Date field is never asked: whoever writes the message writes it too. trusted are host names in lower case.
func CountedInstant(r Receipt, m parser.Message, trusted []string) Instant {
	if r.Channel == Paper {
		return Instant{At: r.InternalDate, Source: InstantClerk, Hops: []policy.Hop{}, Disputed: []time.Time{}}
	}
	in := Instant{Hops: trustedHops(m.Received, trusted), Disputed: []time.Time{}}
	if n := len(in.Hops); n > 0 {
		first := in.Hops[n-1]
		in.At, in.By, in.Source = first.At, first.By, InstantReceived
		if !r.InternalDate.IsZero() && apart(in.At, r.InternalDate) > disputeAfter {
			in.Disputed = append(in.Disputed, r.InternalDate.UTC())
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

// trustedHops lists the Received fields that our own hosts wrote, newest first. The run ends at the first field of another host: below
// it everything may have been written by the sender. A field of ours with an unreadable date is passed over.
func trustedHops(fields []parser.Received, trusted []string) []policy.Hop {
	hops := []policy.Hop{}
	for _, f := range fields {
		if !slices.Contains(trusted, strings.ToLower(f.By)) {
			break
		}
		if !f.At.IsZero() {
			hops = append(hops, policy.Hop{By: f.By, At: f.At.UTC()})
		}
	}
	return hops
}

func apart(a, b time.Time) time.Duration {
	if a.Before(b) {
		return b.Sub(a)
	}
	return a.Sub(b)
}
