package bridge

import (
	"encoding/hex"
	"encoding/json"
	"time"
)

// Receipt is our promise: stored, will be accounted for. Its number is public.
type Receipt struct {
	ID           string    `json:"id"`       // GL-2026-0000123
	Receiver     string    `json:"receiver"` // receiving agency
	Channel      Channel   `json:"channel"`
	Mailbox      string    `json:"mailbox"` // name of the mailbox of the first delivery
	Raw          Digest    `json:"raw"`
	Content      Digest    `json:"content"`
	Size         int64     `json:"size"`
	Location     string    `json:"location"` // where the archive put the raw bytes
	Origin       string    `json:"origin"`   // of the delivery that counts: whose mailbox, raw bytes and instants these are
	InternalDate time.Time `json:"internaldate"`
	FetchedAt    time.Time `json:"fetched_at"`
	StoredAt     time.Time `json:"stored_at"`
	Imported     bool      `json:"imported"`
	// Live is true for an imported message that also came live: a person decides. Mailbox, raw bytes and instants are then those of the
	// delivery that came live.
	Live bool `json:"live"`
	// HeadersOnly is true while only the header block was taken, because it bears a độ mật: Raw is that block, and the message is where it
	// was. Such a receipt is never decided like mail, whatever a person says; it waits for the whole message once the mark is cleared.
	HeadersOnly bool `json:"headers_only"`
	// HeaderWords is how many of its amendments were made while only the header was here: who cleared it then had not seen the rest.
	HeaderWords int `json:"header_words"`
	// Documents are the files of each record, by SHA-256, as the last outcome had them, once one of them has a register number or a person
	// has spoken: what tools read later never makes other records of them. nil before that.
	Documents [][]string `json:"documents"`

	Attempt int `json:"attempt"` // how often Process was begun for it, this time included
}

// MarshalJSON writes instants that are not known as "".
func (r Receipt) MarshalJSON() ([]byte, error) {
	type plain Receipt
	return json.Marshal(struct {
		plain
		InternalDate string `json:"internaldate"`
		FetchedAt    string `json:"fetched_at"`
		StoredAt     string `json:"stored_at"`
	}{plain(r), instantText(r.InternalDate), instantText(r.FetchedAt), instantText(r.StoredAt)})
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// MarshalText writes a digest as people compare it: in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, d[:]), nil
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
