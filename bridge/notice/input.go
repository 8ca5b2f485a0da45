package notice

import (
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// Mode is [notices] mode. The zero value sends nothing. Review and send make the same drafts: who lets them go is the outbox's matter.
type Mode string

const (
	ModeOff    Mode = "off"
	ModeReview Mode = "review" // a person releases each
	ModeSend   Mode = "send"
)

// Letterhead is the receiving agency that speaks.
type Letterhead struct {
	ID         string // of the receiving agency
	Name       string // as printed
	ParentName string // as printed above it, may be empty
	Place      string // địa danh, may be empty
	Contact    []string
	From       string // header address
	FromName   string // empty: Name
	ReturnPath string // address with {token}, or <> for the null reverse-path
}

// Relation is how the addressee stands to the agency that speaks.
type Relation string

const (
	Other       Relation = ""            // equal, above, or not known: it is asked, never told to
	Subordinate Relation = "subordinate" // below it: an order may be called one
	Outside     Relation = "outside"     // citizens and enterprises, whom the rules of offices do not bind
)

// Document is what a notice may quote of one document.
type Document struct {
	Number  string // số, ký hiệu as printed
	Subject string // trích yếu
}

// Input is everything that a notice depends on.
type Input struct {
	Mode         Mode
	WantReceipts bool // accepted mail is answered with its receipt number
	WantNeutral  bool // a quarantined mail is answered with a text that quotes nothing
	WantSlip     bool // refusals carry a phiếu trả lại
	WantHeld     bool // mail that waits for a person is answered so
	Receiver     Letterhead
	Texts        *Texts // the words; nil: as shipped

	Receipt  string    // GL-2026-0000123
	Digest   string    // SHA-256 of the raw bytes, hexadecimal
	Counted  time.Time // the instant that counts
	Decision policy.Decision

	Imported    bool // older than the mailbox's start, or brought by import
	Ignored     bool // no submission
	Paper       bool // it came on paper: the texts speak of no mail
	Axis        bool // it came over the axis, where nobody is answered by mail
	NeverAnswer bool // automatic mail, list, bounce
	Duplicate   bool // joined to a registered document
	Standing    string
	StandingBy  string // the channel that the registered document came by: email, paper, system; empty when unknown
	Reason      string // what the other side gave as its reason, of a step that needs one
	AfterAll    bool   // a person accepted what was refused or held
	Made        []Kind

	Documents []Document
	Subject   string // of the mail; quoted only when no document could be named
	MessageID string // of the mail, without <>
	// References of the mail, without <>, oldest first.
	References []string

	Sender       directory.Match
	Relation     Relation
	Contact      string    // who helps the sender, as the directory says
	Code         string    // of the sender on the axis, as the directory says
	Ready        time.Time // since when the sender has an account; zero: not yet
	ReceiverCode string    // of the receiving agency on the axis
	Identity     policy.Identity
	Needed       policy.Identity // to be answered; empty: dkim
	Envelope     string          // envelope sender, as the Return-Path field of our own server says
	NullEnvelope bool            // … which says <>
	Own          []string        // addresses that are ourselves
	Suppressed   []string        // addresses that bounced for good

	step Step // of ComposeStatus
}
