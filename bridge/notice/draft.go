package notice

import "time"

// Kind is what a notice tells its receiver.
type Kind string

const (
	Receipt    Kind = "receipt"     // received, and under which number
	Remind     Kind = "remind"      // accepted, but this way ends soon
	Refuse     Kind = "reject"      // refused: why, and how to send instead
	NotCounted Kind = "not-counted" // received, but not counted as done
	Return     Kind = "return"      // returned to be completed
	Accepted   Kind = "accepted"    // a refused or held document was accepted after all
	Held       Kind = "held"        // received; a person decides
	OnSystem   Kind = "on-system"   // not refused, since the same document came over the system
	Neutral    Kind = "neutral"     // a message that cannot be received this way (state secret): quotes nothing
	// A step of a document that came by mail, as its document system reported it. The names are short: they stand in return paths.
	StatusArrived    Kind = "sys-arrived"
	StatusRegistered Kind = "sys-entered"
	StatusHandled    Kind = "sys-handled"
	StatusRefused    Kind = "sys-refused"
	Digest           Kind = "digest" // what several notices of a day would have said
	Alarm            Kind = "alarm"  // to the administrator, about ourselves
)

// Reports says whether the kind passes on what a document system reported.
func (k Kind) Reports() bool {
	return k == StatusArrived || k == StatusRegistered || k == StatusHandled || k == StatusRefused
}

// Silence is the reason why no notice is made. Codes are stable for ever.
type Silence string

const (
	SilentOff         Silence = "notices-off"       // [notices] mode is off
	SilentImported    Silence = "imported"          // older than start, or brought by import
	SilentAutomatic   Silence = "never-answer"      // automatic mail, list, bounce, null sender
	SilentIdentity    Silence = "identity"          // the sender is not proved well enough
	SilentNoAddress   Silence = "no-address"        // no directory address to tell
	SilentSuppressed  Silence = "suppressed"        // the address bounces
	SilentHeld        Silence = "held"              // a person decides first
	SilentReading     Silence = "reading-files"     // what it would quote is not all known before tools have read the files
	SilentIgnored     Silence = "ignored"           // no submission
	SilentDuplicate   Silence = "duplicate"         // told already
	SilentQuarantined Silence = "quarantined"       // state secret, and no neutral text is wanted
	SilentUnwanted    Silence = "receipts-unwanted" // receipts are not wanted for accepted mail
	SilentRecorded    Silence = "recorded"          // kept without a number: withdrawn, or a request about another document
	SilentStatus      Silence = "status"            // a status of a document: kept with it, and nobody is to be told
	SilentAxis        Silence = "axis"              // it came over the axis: no mail answers it
	SilentOwn         Silence = "own-address"       // it would go to ourselves
	SilentAnswer      Silence = "answers-notice"    // it answers a notice of ours and brings nothing new
	SilentNothingNew  Silence = "nothing-new"       // it brings nothing new, and its sender heard from us within a day
)

// Draft is a notice before its numbers are known: everything that is decided purely. Render turns it into bytes inside the transaction
// that gives the numbers. Lines may contain the placeholders of Numbers.
type Draft struct {
	Kind       Kind     `json:"kind"`
	Receipt    string   `json:"receipt"` // empty for an alarm
	To         string   `json:"to"`      // the directory address
	ToName     string   `json:"to_name"`
	Agency     string   `json:"agency"`   // directory id of the addressee, for caps
	Receiver   string   `json:"receiver"` // receiving agency that speaks
	FromName   string   `json:"from_name"`
	From       string   `json:"from"`        // header address
	ReturnPath string   `json:"return_path"` // pattern with {token}, or <> for the null reverse-path
	Subject    string   `json:"subject"`
	Body       string   `json:"body"` // NFC text, lines separated by \n
	InReplyTo  string   `json:"in_reply_to"`
	References []string `json:"references"`
	Generated  bool     `json:"generated,omitempty"` // it answers no mail
	Slip       bool     `json:"slip,omitempty"`      // a phiếu trả lại goes with it, as PDF
	Verify     string   `json:"verify,omitempty"`    // address that its code leads to
	// Gist is what a digest says of it. It follows from what the draft was composed of, and the store keeps it beside the draft.
	Gist Gist `json:"-"`

	drawn *drawn // the slip, of Draw
}

// Numbers are what is known only when the outcome is committed.
type Numbers struct {
	ID       string    // of the notice, e.g. GL-2026-0000123.reject; goes with the token into Message-ID and return path
	SoDen    string    // số đến, "12/2026", of several documents in their order; empty when not registered
	Reminder int       // the how manieth reminder to this agency, from 1
	At       time.Time // Date of the notice
}

// Rendered is a notice as it will be sent on every try: fixed bytes, fixed Message-ID. Envelope addresses are for SMTP; EnvelopeFrom is
// empty for the null reverse-path.
type Rendered struct {
	MessageID    string // without <>
	EnvelopeFrom string
	EnvelopeTo   string
	Bytes        []byte // RFC 5322, CRLF, 7-bit
	Slip         string // SHA-256 of the slip that it carries, hexadecimal; empty: none
}
