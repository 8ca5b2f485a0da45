package mapping

import (
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// FileEvidence is what tools outside of the program found in one file: the text of its pages and its signatures. It is kept by the SHA-256
// of the file's decoded bytes, with what made it, so that a replay needs no tool.
type FileEvidence struct {
	Reader    string     `json:"reader"`     // the tools with their versions, and how they were asked
	Pages     []PageText `json:"pages"`      // those that were read, in order
	PageCount int        `json:"page_count"` // of the whole file; 0 when unknown
	Charset   string     `json:"charset"`    // of a text layer that was not Unicode (tcvn3 …), by its letters; empty otherwise
	Truncated bool       `json:"truncated"`  // there is more text than Pages hold
	// Problem says why text is missing or not all of it, one of the Problem constants; empty when all that was asked for was read.
	Problem   string        `json:"problem"`
	Signature FileSignature `json:"signature"`
	// Secret is the độ mật that the text bears. Of such a file nothing else is kept: no page, no signer (ARCHITECTURE, invariant 10).
	Secret vanban.Secrecy `json:"secret"`
}

// PageText is the text of one page.
type PageText struct {
	Number     int     `json:"number"` // from 1
	Text       string  `json:"text"`
	OCR        bool    `json:"ocr"`        // read off a picture; otherwise the page's own text layer
	Confidence float64 `json:"confidence"` // of OCR, 0 to 1: the mean of its words; 1 for a text layer
	Layer      string  `json:"layer"`      // beside OCR: the text layer that was too little, often the appearance of a signature
}

// Problems of a file that was to be read. They are facts about the file or the machine; stable, they are stored.
const (
	ProblemUnknownKind = "unknown-kind" // no tool reads such files
	ProblemTooLarge    = "too-large"    // larger than what is read
	ProblemNoTool      = "no-tool"      // the tool for it is not installed, or cannot be locked up here
	ProblemNoOCR       = "no-ocr"       // a page is a picture, and OCR is off or not installed
	ProblemEncrypted   = "encrypted"    // a password is needed
	ProblemDamaged     = "damaged"      // the tool could not read it, or fell over it
	ProblemDeadline    = "deadline"     // time was over
	ProblemOveruse     = "overuse"      // it cost more processor time or output than a tool is given
	ProblemNoText      = "no-text"      // every page was read, and nothing was found
	ProblemFailed      = "failed"       // reading it ended this program or could not be done, three times
	ProblemWithheld    = "withheld"     // it belongs to a message that bears a độ mật: nothing of it is kept
	ProblemNotRead     = "not-read"     // no tool has looked at it yet; a state of a record's file, never of evidence
)

// FileSignature is what the digital signatures of a file are worth. State never says more than was checked.
type FileSignature struct {
	State   string   `json:"state"`   // valid, invalid, present (there is one, and no authority to trust is configured), absent; empty: not known
	Reason  string   `json:"reason"`  // stable code of what keeps it from being valid; empty when nothing does
	Signers []Signer `json:"signers"` // in the order in which they signed
	Trust   string   `json:"trust"`   // SHA-256 over the certificates that were trusted; empty when none were
	// Judged is when the file was read: the time for which certificates were judged, but for the signers whose time is Attested. Zero when none was.
	Judged time.Time `json:"judged"`
}

// Signer is one signature of a file.
type Signer struct {
	Name         string    `json:"name"`         // common name of the certificate
	Organization string    `json:"organization"` // of the certificate
	Issuer       string    `json:"issuer"`       // RFC 4514
	Serial       string    `json:"serial"`       // hexadecimal
	At           time.Time `json:"at"`           // as the signer claims, or as a time-stamp says when Attested; zero when unknown
	Attested     bool      `json:"attested"`     // At is the time of a time-stamp whose authority is trusted as well
	Stamp        bool      `json:"stamp"`        // a document time-stamp: it says when, not who
	State        string    `json:"state"`        // as of FileSignature
	Reason       string    `json:"reason"`
	Unchecked    []string  `json:"unchecked"` // what was not checked, e.g. revocation
}

// Input is what the records of a message are read from.
type Input struct {
	// Files are what tools found in its files, by SHA-256; nil when they have not been asked.
	Files map[string]FileEvidence
	// Documents are the files of each record, by SHA-256, as they were when one was registered or a person first spoke: from then on no text
	// that arrives later makes other records of them. nil: not settled yet.
	Documents [][]string
	// Corrections are a clerk's, by the JSON name of a field: they stand above everything read (SplitCorrection).
	Corrections map[string]string
}

// maxWanted is how many files of one message tools read. Agencies send a handful; what is behind the twentieth stays unread.
const maxWanted = 20

// minPicture is what the picture of a page has at least, in bytes. Newsletters bring dozens of smaller ones: bullets, rules, marks of social
// networks.
const minPicture = 4 << 10

// What no picture of a page is, in pixels. An A4 page of 300,000 has 55 dots to the inch: its letters are five high, and neither a person
// nor OCR reads them. Photographs of half a page and long screenshots of several pages stay; banners are wider than any page.
const (
	minPixels = 300_000
	mostWide  = 4 // times as wide as high
	mostHigh  = 8 // times as high as wide
)

// legible says whether a picture may show a page that can be read. One whose size its header doesn't tell may.
func legible(a parser.Attachment) bool {
	w, h := int64(a.Width), int64(a.Height)
	return w == 0 || h == 0 || w*h >= minPixels && w <= mostWide*h && h <= mostHigh*w
}

// Wanted lists the files of a message that only tools can read, by SHA-256: PDFs and pictures that may be documents, in mail order, each
// once. Logos, pictures on which no page could be read and what a bounce gives back are none.
func Wanted(m parser.Message) []string {
	list := []string{}
	if m.Kind == parser.Bounce {
		return list
	}
	for _, it := range items(m) {
		page := Picture(it.Sniffed) && (it.kind == pdf || it.Size >= minPicture && legible(it.Attachment))
		if it.SHA256 != "" && it.kind >= document && page && !slices.Contains(list, it.SHA256) && len(list) < maxWanted {
			list = append(list, it.SHA256)
		}
	}
	return list
}

// Picture says whether a file, by the type that its bytes show, is a PDF or a picture: what no pure code reads the text of.
func Picture(sniffed string) bool {
	return sniffed == "application/pdf" || strings.HasPrefix(sniffed, "image/")
}
