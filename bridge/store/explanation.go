package store

import (
	"encoding/json"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Explanation is everything that is known about one receipt. Of a quarantined one, earlier outcomes, notices, amendments and sealed
// values are blanked too: what they read must not be shown any more. No list in it is nil; in JSON digests are hexadecimal, and instants that are not known are "".
type Explanation struct {
	Receipt    bridge.Receipt     `json:"receipt"`
	State      bridge.State       `json:"state"`
	Reason     string             `json:"reason"`
	Facts      bridge.Facts       `json:"facts"`
	SettledAt  time.Time          `json:"settled_at"`
	Deliveries []Delivery         `json:"deliveries"`
	UIDs       []DeliveredUID     `json:"uids"`
	Outcomes   []MadeOutcome      `json:"outcomes"`
	Records    []StandingRecord   `json:"records"`
	Amendments []bridge.Amendment `json:"amendments"`
	Notices    []SentNotice       `json:"notices"`
	Events     []LoggedEvent      `json:"events"`

	origin string // of the delivery that counts
}

// Delivery is one coming of a message, with its own exact bytes.
type Delivery struct {
	Origin       string        `json:"origin"`
	Mailbox      string        `json:"mailbox"`
	Location     string        `json:"location"`
	Joined       bool          `json:"joined"`
	HeadersOnly  bool          `json:"headers_only"` // the bytes are the header block alone
	Raw          bridge.Digest `json:"raw"`
	Size         int64         `json:"size"`
	InternalDate time.Time     `json:"internaldate"`
	FetchedAt    time.Time     `json:"fetched_at"`
	StoredAt     time.Time     `json:"stored_at"`
}

// DeliveredUID is a UID that delivered a receipt.
type DeliveredUID struct {
	Key     bridge.UIDKey `json:"key"`
	Mailbox string        `json:"mailbox"`
	Folder  string        `json:"folder"`
	State   bridge.State  `json:"state"`
}

// MadeOutcome is one outcome with its number, from 1. One that is not Live was made from the first delivery, and of an imported message as
// such; one that is was made from the delivery that came live. One that is HeadersOnly was made from the header block, without the message.
type MadeOutcome struct {
	Seq         int            `json:"seq"`
	Live        bool           `json:"live"`
	HeadersOnly bool           `json:"headers_only"`
	Documents   [][]string     `json:"documents"` // of its receipt, as it was; nil: not settled yet
	Erased      bool           `json:"erased"`    // the message turned out to be a secret: no words of it are kept, and a replay gives another outcome
	MadeAt      time.Time      `json:"made_at"`
	Outcome     bridge.Outcome `json:"outcome"`
}

// StandingRecord is a record as it stands.
type StandingRecord struct {
	ID       string          `json:"id"`
	Agency   string          `json:"agency"`
	SoDen    string          `json:"so_den"`
	JoinedTo string          `json:"joined_to"`
	State    bridge.State    `json:"state"`
	Document vanban.Document `json:"document"`
	Files    []mapping.File  `json:"files"`
	Missing  []string        `json:"missing"`
	// Channels are those that it came by, its own first, then those of copies that were joined to it.
	Channels []bridge.Channel `json:"channels"`
	Keys     []string         `json:"keys"` // that it stands under: its number, its code on the exchange
	// Relations are what it does to earlier records and what later ones do to it; Statuses what was reported of it, oldest first.
	Relations []StandingRelation `json:"relations"`
	Statuses  []StandingStatus   `json:"statuses"`
}

// StandingRelation is one relation of a record, seen from it. Kind is a RelationKind, or one from the other side: recalled-by, corrected-by,
// replaced-by, updated-by. Record is empty while the other document is not here; State and SoDen are that record's.
type StandingRelation struct {
	Kind   string       `json:"kind"`
	SoHieu string       `json:"so_hieu"`
	Record string       `json:"record"`
	SoDen  string       `json:"so_den"`
	State  bridge.State `json:"state"`
}

// StandingStatus is what an agency reported of a record, what that did, and the state that it left there.
type StandingStatus struct {
	Organ   string           `json:"organ"`
	Code    edxml.StatusCode `json:"code"`
	Words   string           `json:"words"`
	Receipt string           `json:"receipt"` // that reported it
	By      string           `json:"by"`      // how the record was found: document-id, code, number
	Effect  edxml.Effect     `json:"effect"`
	State   edxml.State      `json:"state"`
	ToldAt  time.Time        `json:"told_at"` // as the report says
	TakenAt time.Time        `json:"taken_at"`
}

// SentNotice is a notice and what became of it. State is review, queued, sent, failed, cancelled, bounced or digested: then Digest speaks for it,
// and what became of that is DigestState. One with a GatheredAt that is queued waits for a digest; CancelledBy is the person who
// cancelled it, empty when a later outcome overruled it.
type SentNotice struct {
	ID          string          `json:"id"`
	Receipt     string          `json:"receipt"`
	Receiver    string          `json:"receiver"`
	Agency      string          `json:"agency"`
	To          string          `json:"to"`
	State       string          `json:"state"`
	Reply       string          `json:"reply"`
	CancelledBy string          `json:"cancelled_by"`
	Kind        notice.Kind     `json:"kind"`
	Rendered    notice.Rendered `json:"rendered"`
	MadeAt      time.Time       `json:"made_at"`
	CountedAt   time.Time       `json:"counted_at"`
	ReleasedAt  time.Time       `json:"released_at"`
	DeferredAt  time.Time       `json:"deferred_at"`
	FirstTry    time.Time       `json:"first_try"`
	SentAt      time.Time       `json:"sent_at"`
	SettledAt   time.Time       `json:"settled_at"`
	GatheredAt  time.Time       `json:"gathered_at"`
	Digest      string          `json:"digest"`
	DigestState string          `json:"digest_state"`
}

// LoggedEvent is one leaf of the audit log with the sealed values that are still kept.
type LoggedEvent struct {
	ID     int64             `json:"id"`
	At     time.Time         `json:"at"`
	Type   string            `json:"type"`
	Actor  string            `json:"actor"`
	Leaf   json.RawMessage   `json:"leaf"`
	Sealed map[string]string `json:"sealed"`
}
