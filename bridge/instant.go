package bridge

import (
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
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
