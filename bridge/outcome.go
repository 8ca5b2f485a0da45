package bridge

import (
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// Outcome is what follows from one receipt: pure data, committed in one transaction.
type Outcome struct {
	Receipt  string           `json:"receipt"`
	State    State            `json:"state"`
	Reason   string           `json:"reason"` // stable code: why held, ignored, duplicate, …
	Kind     parser.Kind      `json:"kind"`
	Instant  Instant          `json:"instant"`
	Facts    Facts            `json:"facts"`
	Records  []RecordOutcome  `json:"records"`
	Decision policy.Decision  `json:"decision"` // of the record that gave the state; zero when ignored or imported
	Notice   *notice.Draft    `json:"notice"`
	Silence  notice.Silence   `json:"silence"`
	Findings []parser.Finding `json:"findings"`
	Alarms   []Alarm          `json:"alarms"`
	Bounced  string           `json:"bounced"` // id of our notice that this message says was not delivered
	// BounceStatus is the enhanced status code that it gives (RFC 3463), empty when unknown: 5.1.x and 5.2.1 suppress the address.
	BounceStatus string `json:"bounce_status"`
	// BounceRecipient is the address that could not be reached, as it says; empty when it does not.
	BounceRecipient string `json:"bounce_recipient,omitempty"`
	// Wanted are files, by SHA-256, that tools have yet to read: Commit queues the reading, and the receipt is decided again afterwards.
	Wanted []string      `json:"wanted"`
	Events []audit.Event `json:"-"`
	// Brings tells Commit what the mail brings: it answers no mail twice that brings nothing new.
	Brings Brings `json:"-"`
	// Asked are the records that the rules were asked about, for whoever tries other rules on them. They are stored with the inputs.
	Asked []Asked `json:"-"`
	// Statuses are what was reported of earlier records, each tied to the one that it is about.
	Statuses []Status `json:"statuses"`
	Reply    *Reply   `json:"reply"`

	Versions Versions `json:"versions"`
	Evidence Evidence `json:"evidence"`
	History  History  `json:"history"`
}

// Facts are what lists and screens show of the message; all empty for a state secret.
type Facts struct {
	Subject   string `json:"subject"`
	From      string `json:"from"`
	MessageID string `json:"message_id"`
	Files     int    `json:"files"`
}

// RecordOutcome is one record and what becomes of it.
type RecordOutcome struct {
	mapping.Record
	State    State           `json:"state"`
	Reason   string          `json:"reason"`   // stable code, as of the outcome
	JoinTo   string          `json:"join_to"`  // id of the registered record that it is joined to
	JoinKey  string          `json:"join_key"` // the key that this one stands under
	Decision policy.Decision `json:"decision"`
	// Identity is what the document was decided by, where a signature of it proves more than its mail does.
	Identity policy.Identity `json:"identity,omitempty"`
}

// Versions name everything that an outcome was made with.
type Versions struct {
	Program   string `json:"program"`
	Knowledge string `json:"knowledge"` // sha256 over all that can change an outcome
	Rules     string `json:"rules"`
	Directory string `json:"directory"`
	Settings  string `json:"settings"`
}

// Alarm is something that a person must hear of. Key keeps one cause from raising it twice.
type Alarm struct {
	Key  string `json:"key"`  // e.g. "secret:GL-2026-0000123", "mailbox-silent:vanthu"
	Code string `json:"code"` // stable
	Text string `json:"text"` // for the administrator; never a subject or file name
}
