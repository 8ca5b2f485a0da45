package policy

import "time"

// Verdict is what is to become of a submission. The zero value is Hold's meaning: a person decides.
type Verdict string

const (
	Hold       Verdict = "hold"
	Accept     Verdict = "accept"
	Warn       Verdict = "warn"
	Reject     Verdict = "reject"
	Quarantine Verdict = "quarantine"
)

// Identity says how well the sender is proved, in rising order: none, from, spf, dkim, dmarc, signature, clerk.
type Identity string

const (
	IdentityNone      Identity = "none"
	IdentityFrom      Identity = "from"
	IdentitySPF       Identity = "spf"
	IdentityDKIM      Identity = "dkim"
	IdentityDMARC     Identity = "dmarc"
	IdentitySignature Identity = "signature"
	IdentityClerk     Identity = "clerk"
)

// Submission is one document at the door as the rules see it: the input line of `decide --json`. Empty means absent or unknown.
type Submission struct {
	ID         string    `json:"id"`
	Channel    string    `json:"channel"`     // email, paper, system
	Receiver   string    `json:"receiver"`    // receiving agency
	Mailbox    string    `json:"mailbox"`     // name of the watched mailbox, when it came by one; rules may name either
	ReceivedAt time.Time `json:"received_at"` // the counted instant
	// AtLatest: ReceivedAt is only the latest instant at which it can have arrived. What it would be refused for becomes hold.
	AtLatest bool  `json:"at_latest,omitempty"`
	Hops     []Hop `json:"hops"` // trusted relays that handled it, for grace
	// Disputed are other instants that trusted evidence gives for the arrival; a verdict that differs at one of them becomes hold.
	Disputed []time.Time `json:"disputed"`
	Sender   Sender      `json:"sender"`
	Document Document    `json:"document"`
	Context  Context     `json:"context"`
}

// Hop is one relay that handled the mail and when.
type Hop struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Sender is who sent it. Agency (code or id of the directory) is taken as given; when it is empty, Address is looked up.
type Sender struct {
	Address  string   `json:"address"`
	Agency   string   `json:"agency"`
	Identity Identity `json:"identity"`
}

// Document is what the rules may ask about the document. Pointers are nil when unknown.
type Document struct {
	Type    string `json:"type"` // abbreviation of the type table, or an own type's name
	Purpose string `json:"purpose"`
	Number  string `json:"number"`
	Subject string `json:"subject"` // trích yếu, for purposes by words
	// SubjectUnknown: it has a trích yếu that nobody could read, so it may be of any class that is told by words.
	SubjectUnknown bool   `json:"subject_unknown,omitempty"`
	Secrecy        string `json:"secrecy"`
	Urgency        string `json:"urgency"`
	Seal           string `json:"seal"`
	Signature      string `json:"signature"`
	MainFile       *bool  `json:"main_file"`
	EditableFile   *bool  `json:"editable_file"`
	Size           int64  `json:"size"`
}

// Context is what is known around the document.
type Context struct {
	Answers      string   `json:"answers"`       // number of the document that asked
	AlsoAnswers  []string `json:"also_answers"`  // further ones
	AlsoReceived []string `json:"also_received"` // channels by which the same document came too
	// AlsoNumber is the số đến under which the system has the same document, empty when unknown.
	AlsoNumber         string `json:"also_number"`
	WithElectronicFile *bool  `json:"with_electronic_file"`
	WithPaper          *bool  `json:"with_paper"`
}

// Decision is the verdict with everything that led to it: the output line of `decide --json`.
type Decision struct {
	ID        string   `json:"id"`
	Verdict   Verdict  `json:"verdict"`
	Rule      string   `json:"rule"`
	PhaseFrom string   `json:"phase_from"` // RFC 3339 in +07:00, empty when no phase decided
	Exemption string   `json:"exemption"`
	Reasons   []string `json:"reasons"` // stable codes, the deciding one first
	Notice    string   `json:"notice"`  // remind, reject, not-counted, return or empty, as the phase says; also-received in place of a refusal
	Rules     string   `json:"rules"`   // sha256 of the rules file
	Trace     []Step   `json:"trace"`

	// What a notice needs of the deciding rule; it prints MaxPrinted characters of a text.
	Title       string    `json:"title"`
	Legal       string    `json:"legal"`
	Strength    string    `json:"strength"`  // order or request
	NextFrom    time.Time `json:"next_from"` // when the next phase of the deciding rule begins, zero: none
	NextVerdict Verdict   `json:"next_verdict"`
	// MinIdentity is what the deciding rule, exemption or default demands of the sender's identity; empty where none was asked.
	MinIdentity Identity `json:"min_identity"`
	// MinAnswer is what the deciding rule demands before the sender is written to; empty: as MinIdentity.
	MinAnswer Identity `json:"min_identity_answer"`
	Agency    string   `json:"agency"` // the directory id that the sender was taken for
	// AlsoNumber is the số đến of the same document on the system, when that stands in the place of a refusal.
	AlsoNumber string `json:"also_number"`
}

// Step is one rule or exemption that was looked at, and why it did or did not match, in plain Vietnamese.
type Step struct {
	Rule    string `json:"rule"`
	Matched bool   `json:"matched"`
	Because string `json:"because"`
}
