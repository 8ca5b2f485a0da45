package bridge

import "time"

// Receipt is our promise: stored, will be accounted for. Its number is public.
type Receipt struct {
	ID           string // GL-2026-0000123
	Receiver     string // receiving agency
	Channel      Channel
	Mailbox      string // name of the mailbox of the first delivery
	Raw          Digest
	Content      Digest
	Size         int64
	Location     string // where the archive put the raw bytes
	InternalDate time.Time
	FetchedAt    time.Time
	StoredAt     time.Time
	Imported     bool
	// Live is true for an imported message that also came live: a person decides. Mailbox, raw bytes and instants are then those of the
	// delivery that came live.
	Live    bool
	Attempt int // how often Process was begun for it, this time included
}

// State is the state of a receipt, and of every UID that delivered it. Every UID that a watched folder ever showed has exactly one.
type State string

const (
	Waiting     State = "waiting"    // seen or stored, not yet settled by us
	Held        State = "held"       // a person decides
	Failed      State = "failed"     // it broke us three times: a person looks
	Registered  State = "registered" // has a số đến
	Recorded    State = "recorded"   // kept as a record without a số đến
	Refused     State = "refused"
	Quarantined State = "quarantined"
	Duplicate   State = "duplicate" // joined to a record that stands already
	Ignored     State = "ignored"   // no submission: bounce, auto-reply, …
	ImportedOld State = "imported"
	Vanished    State = "vanished" // gone from the server before it could be fetched
)

// Open says whether the state still asks for work, by us or by a person.
func (s State) Open() bool { return s == Waiting || s == Held || s == Failed }
