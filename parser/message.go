package parser

import (
	"time"

	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/unpack"
)

// Message is what one message says of itself, after tolerant reading. Every string is valid UTF-8, NFC, without NUL, control
// characters, bidi overrides or header line ends. It is a claim of the sender, not a fact: nothing in it is trusted for deciding time or
// identity except through evidence.
type Message struct {
	Subject   string    `json:"subject"`
	From      []Address `json:"from"`
	Sender    []Address `json:"sender"`
	ReplyTo   []Address `json:"reply_to"`
	To        []Address `json:"to"`
	Cc        []Address `json:"cc"`
	Date      time.Time `json:"date"`       // the Date field in UTC, zero when unreadable; advisory only
	MessageID string    `json:"message_id"` // without <>
	InReplyTo []string  `json:"in_reply_to"`
	// References and InReplyTo are message ids without <>, at most 100.
	References []string `json:"references"`
	// ReturnPath is the address of the topmost Return-Path field. NullReturn is true when that field says <>; both empty: no such field.
	ReturnPath string `json:"return_path"`
	NullReturn bool   `json:"null_return"`
	// DeliveredTo lists Delivered-To, X-Original-To and Envelope-To, in order.
	DeliveredTo []string `json:"delivered_to"`
	// OriginalFrom is who the sender was before a forwarder rewrote From, as the forwarder says: a claim that proves nothing.
	OriginalFrom []Address `json:"original_from,omitempty"`

	Text        string       `json:"text"` // all text/plain body parts, joined; bounded by Limits.Text
	HTML        bool         `json:"html"` // the message has an HTML body
	HTMLText    string       `json:"-"`    // readable text of the HTML bodies, also beside text/plain; bounded by Limits.Text
	Attachments []Attachment `json:"attachments"`
	Nested      []Nested     `json:"nested"`
	Signatures  []Signature  `json:"signatures,omitempty"`

	Kind        Kind   `json:"kind"`
	NeverAnswer bool   `json:"never_answer"`
	WhyNever    string `json:"why_never"` // the field or sign that made NeverAnswer true
	Report      Report `json:"report"`    // what a bounce says of the message that it returns

	// Trace lists Received, Authentication-Results, Return-Path, ARC-* and DKIM-Signature fields from the top of the header block.
	Trace    []TraceField `json:"-"`
	Received []Received   `json:"received"`
	Findings []Finding    `json:"findings"`
}

// Address is one mailbox (RFC 5322, 3.4). Addr is local@domain, split at the last @, with the domain in lower case.
type Address struct {
	Name string `json:"name"`
	Addr string `json:"addr"`
}

// Attachment is a leaf part as CLI.md defines it: every leaf except nameless text/plain and text/html without disposition attachment.
type Attachment struct {
	Name    string   `json:"name"`             // for display; never a path
	Type    string   `json:"type"`             // as declared, lower case
	Sniffed string   `json:"sniffed"`          // by content
	Size    int64    `json:"size"`             // decoded bytes
	SHA256  string   `json:"sha256"`           // of the decoded bytes, hexadecimal
	Path    []string `json:"path"`             // containers it was found in, outermost first
	Folder  string   `json:"folder,omitempty"` // the folder inside the innermost container, for display; never to be used as a path
	Text    string   `json:"-"`                // text read from it purely (DOCX, TXT, HTML), bounded by Limits.Text; empty when not read
	// Width and Height are those of a PNG or JPEG picture by its header, in pixels; 0 when unknown.
	Width  int `json:"-"`
	Height int `json:"-"`
	// Sidecar is what the file says of the document beside it, when a document system wrote it for that; nil for all other files.
	Sidecar *sidecar.Sidecar `json:"-"`
}

// Signature is what one signature says of the content that it stands on (RFC 8551, RFC 5652). Whether the signer is to be trusted is not
// asked here: that needs a clock and a list of authorities.
type Signature struct {
	Where     string    `json:"where"`     // the part or file that holds it
	Verdict   Verdict   `json:"verdict"`   // of the mathematics alone
	Algorithm string    `json:"algorithm"` // digest and signature
	Signer    string    `json:"signer"`    // subject of the certificate (RFC 4514)
	Emails    []string  `json:"emails"`    // addresses that the certificate names
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"` // hexadecimal
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	SignedAt  time.Time `json:"signed_at"` // as the signer claims; zero when he does not
	Cert      string    `json:"cert"`      // SHA-256 of the certificate, hexadecimal
	Note      string    `json:"note"`

	// Whole is true when the signature is that of the whole message, and not of a part, a file, or something forwarded in it.
	Whole bool `json:"-"`
	// Weak is true when what is intact may still be forged: SHA-1, or a short key.
	Weak bool `json:"-"`
	// Chain is the signer's certificate and those that came with it, in DER, unchecked. It is set of whole messages only.
	Chain [][]byte `json:"-"`
	// Protected are the header fields under the signature; nil when it covers none. They are set of whole messages only.
	Protected *Protected `json:"-"`
}

// Verdict on a signature.
type Verdict string

const (
	Intact     Verdict = "intact"     // the content is what was signed, by the key of the certificate given with it
	Broken     Verdict = "broken"     // the content or the signature was altered
	Unverified Verdict = "unverified" // it cannot be told: no certificate, an unknown algorithm, a damaged structure
)

// Nested is a message inside the message (message/rfc822): forwarded mail, or what a bounce returns.
type Nested struct {
	Subject     string       `json:"subject"`
	From        []Address    `json:"from"`
	MessageID   string       `json:"message_id"`
	Text        string       `json:"-"` // as Message.Text; that of the HTML bodies when there is no text/plain
	HTMLText    string       `json:"-"` // as Message.HTMLText
	Attachments []Attachment `json:"attachments"`
}

// Kind says what sort of message it is; Normal is the zero value's meaning.
type Kind string

const (
	Normal         Kind = "normal"
	Bounce         Kind = "bounce"       // RFC 3464, or a look-alike
	AutoReply      Kind = "auto-reply"   // RFC 3834
	MDN            Kind = "mdn"          // RFC 8098
	MailingList    Kind = "mailing-list" // RFC 2919, RFC 2369
	Calendar       Kind = "calendar"
	AutoGenerated  Kind = "auto-generated"
	FeedbackReport Kind = "feedback-report" // RFC 5965
)

// Report is what a delivery status notification says (RFC 3464): Action, Status, the final recipient and the returned message's id.
type Report struct {
	Action     string   `json:"action"`
	Status     string   `json:"status"`
	Recipient  string   `json:"recipient"`
	Diagnostic string   `json:"diagnostic"`
	Original   []string `json:"original"` // message ids of the returned message, without <>
}

// TraceField is one field of the header block that hosts on the way wrote. Index counts all fields from the top, starting at 0.
type TraceField struct {
	Index int
	Name  string // canonical, e.g. Authentication-Results
	Value string // unfolded
	// Odd is true when the field was not written as plainly as it stands here: blanks or NUL in its name, signs in its value that were taken out
	// or changed. A server that removes fields with its own name from incoming mail may not have known it.
	Odd bool `json:",omitempty"`
}

// Received is one Received field (RFC 5321, 4.4). Index is its position among all fields, At is zero when unreadable.
type Received struct {
	Index int       `json:"index"`
	From  string    `json:"from"`
	By    string    `json:"by"` // host name, lower case
	With  string    `json:"with"`
	At    time.Time `json:"at"`
}

// Finding is something wrong or remarkable about a message: a fact, never an error of ours. Codes are stable for ever.
type Finding struct {
	Code  string `json:"code"`
	Where string `json:"where"`
	Note  string `json:"note"`
}

// Limits bound what reading one message may cost; what is cut leaves a finding.
type Limits struct {
	HeaderBytes int64         // of one header block
	Fields      int           // of one header block
	Parts       int           // leaves and containers of the whole message
	Depth       int           // nested containers
	Text        int           // runes kept of body text, and of each attachment's text
	Unpack      unpack.Budget `json:",omitzero"` // for all containers of the message together
}

// DefaultLimits follow what real mail needs, with room.
var DefaultLimits = Limits{HeaderBytes: 256 << 10, Fields: 1000, Parts: 1000, Depth: 20, Text: 200_000, Unpack: unpack.DefaultBudget}
