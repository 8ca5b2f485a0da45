package bridge

import (
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/parser/vanban"
)

// History is what earlier receipts say about this one. Commit checks again that it is still so.
type History struct {
	Outcomes int `json:"outcomes"` // how many outcomes this receipt has
	// Elsewhere is when the server stored the earliest copy of the message, in another mailbox of the receiving agency or under another UID, if
	// that was before it stored the one that counts; else zero.
	Elsewhere  time.Time   `json:"elsewhere,omitzero"`
	Amendments []Amendment `json:"amendments"` // of this receipt, oldest first
	// Heard is how many of the amendments the last outcome knew.
	Heard int `json:"heard"`
	// Registered are the records that stand under one of the keys asked for (same receiving agency), by key.
	Registered map[string]Standing `json:"registered"`
	// Waiting are records of other receipts that wait for a person, by the number key that they would stand under. Asked for of papers,
	// and of what would be refused (Lookup.Waiting).
	Waiting map[string]string `json:"waiting,omitempty"`
	// Own are the records of this very receipt that have a register number, by earlier outcomes.
	Own []Standing `json:"own"`
	// Notices are the kinds that were handed over for this receipt, or are being handed over: sent, bounced, refused for good. None is
	// made twice. Those that still wait, or were withdrawn, are not among them: Commit makes them anew or withdraws them.
	Notices []notice.Kind `json:"notices"`
	// Failed are the kinds whose notice failed for good, bounced, or was cancelled by a person: their addressee does not know.
	Failed []notice.Kind `json:"failed"`
	// Answered are the records that each report may be about, in the order of Lookup.About.
	Answered [][]Answered `json:"answered,omitempty"`
	// Suppressed addresses bounced for good.
	Suppressed []string `json:"suppressed"`
	// Told is when a notice was last made for an earlier receipt to an address of this one, within a day of its counted instant; zero: none was.
	Told time.Time `json:"told,omitzero"`
	// Known are those of its document files that came to an address of it with a notice before, or that it was answered about.
	Known []string `json:"known,omitempty"`
	// Delivered are the targets that have a record of this receipt, or may have it.
	Delivered []Delivered `json:"delivered"`
}

// Delivered is a record that a target has since At; the zero time when it was tried and nobody heard whether it arrived.
type Delivered struct {
	Record string    `json:"record"`
	Target string    `json:"target"`
	At     time.Time `json:"at"`
}

// Equal compares instants, not their form.
func (d Delivered) Equal(o Delivered) bool {
	return d.Record == o.Record && d.Target == o.Target && d.At.Equal(o.At)
}

// Standing is a registered record that another arrival may be joined to.
type Standing struct {
	Record  string   `json:"record"` // id
	Receipt string   `json:"receipt"`
	SoDen   string   `json:"so_den"`
	Files   []string `json:"files"`           // digests, main file first
	State   State    `json:"state,omitempty"` // of a receipt's own record, as it was; empty: not asked for
	// Agency is the one that brought it, which may have passed on another's document. Of a receipt's own record it is not asked for.
	Agency string `json:"agency,omitempty"`
	// Channels are those that it came by so far, its own first. Of a receipt's own record they are not asked for.
	Channels []Channel `json:"channels,omitempty"`
	// Alike says that its date and trích yếu are those of the record that asks (mapping.Alike). The words themselves stay where they are: a
	// mark that is found late must not have to look for them in other receipts' histories.
	Alike bool `json:"alike,omitempty"`
}

// AmendmentKind is what a person did.
type AmendmentKind string

const (
	Amend     AmendmentKind = "amend"      // corrects fields
	Release   AmendmentKind = "release"    // lets a held document go the way the rules said, identity vouched by the clerk
	RefuseIt  AmendmentKind = "refuse"     // refuses a held document, by hand
	Exception AmendmentKind = "exception"  // accepts what the rules refused or held
	Withdraw  AmendmentKind = "withdraw"   // strikes out an entry of the register that its sender recalled; its number stays
	NotSecret AmendmentKind = "not-secret" // a false alarm of the secret mark (custodian)
)

// Amendment is a person's correction or decision: an input for Process, never an edit.
type Amendment struct {
	Kind   AmendmentKind     `json:"kind"`
	Fields map[string]string `json:"fields"` // JSON names of document fields, and "agency", "identity"
	Reason string            `json:"reason"`
	By     string            `json:"by"`
	At     time.Time         `json:"at"`
}

// Lookup is what Process's first half asks of the past: the store answers with a History.
type Lookup struct {
	Receipt   string
	Receiver  string
	Keys      []string // duplicate keys of the records
	Addresses []string // that a notice might go to
	// Documents are the records that ask, by their number key: what stands there is compared with them.
	Documents map[string]vanban.Document
	About     []About // documents that reports are about
	// Waiting asks for what waits under the keys too. Papers do, which are few; of mails it is asked once they would be refused.
	Waiting bool
	// Of a mail: its counted instant, and the document files that it brings, by SHA-256.
	At    time.Time
	Files []string
}
