package parser

import (
	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/extract"
)

// Codes of findings. They are stored and reported: stable for ever.
const (
	TwoFrom          = "two-from"          // several From fields, or several mailboxes in From: the sender is ambiguous
	TwoContentType   = "two-content-type"  // several Content-Type fields in one header: readers may disagree about the parts
	HeaderRepaired   = "header-repaired"   // lines of a header were dropped or mended
	LimitHeader      = "limit-header"      // a header block over Limits.HeaderBytes or Limits.Fields was cut
	LimitParts       = "limit-parts"       // parts beyond Limits.Parts were not read
	LimitDepth       = "limit-depth"       // a container nested deeper than Limits.Depth was left as one file
	LimitText        = "limit-text"        // text was cut at Limits.Text, or a document is too large to be read
	LimitFindings    = "limit-findings"    // more findings than are kept
	NoBoundary       = "no-boundary"       // a multipart without a usable boundary
	Truncated        = "truncated"         // the last part is not closed: something may be missing
	Base64Damaged    = "base64-damaged"    // bytes that are not base64 were left out, or the end is missing
	QuotedDamaged    = "quoted-damaged"    // escapes of quoted-printable that are none
	UUDamaged        = "uuencode-damaged"  // no end line
	UnknownEncoding  = "unknown-encoding"  // a Content-Transfer-Encoding that nobody knows; taken as it stands
	UnknownCharset   = "unknown-charset"   // a text whose charset label is unknown or wrong; read by its bytes
	CharsetGuessed   = "charset-guessed"   // a text that was read in another charset than its label says, by its letters
	BadContentType   = "bad-content-type"  // a Content-Type that names no type
	BadDate          = "bad-date"          // the Date field cannot be read
	TypeMismatch     = "type-mismatch"     // the content is not what Content-Type says
	DocumentUnread   = extract.Unread      // the text of a document could not be read
	ReadFailed       = "read-failed"       // the bytes could not be read to the end: our fault, not the sender's
	DecoderFailed    = "decoder-failed"    // a decoder gave up in an unforeseen way
	EncodedContainer = "encoded-container" // a multipart with a content transfer encoding, which RFC 2045, 6.4 forbids

	Ambiguous      = "ambiguous"        // read by the letter, or by another habit of mail programs, the message has other files: a person looks
	TwoBoundary    = "two-boundary"     // several boundaries in one Content-Type
	TwoEncoding    = "two-encoding"     // several Content-Transfer-Encoding fields in one header
	TwoDisposition = "two-disposition"  // several Content-Disposition fields in one header
	TwoNames       = "two-names"        // names of one file that differ in how it is opened, or one that is given twice
	BoundaryPrefix = "boundary-prefix"  // one boundary begins like another around it
	SameBoundary   = "same-boundary"    // two multiparts inside one another have one boundary
	PartsAfterEnd  = "parts-after-end"  // parts after the closing delimiter of their multipart
	BareCR         = "bare-cr"          // CR without LF
	BareLF         = "bare-lf"          // LF without CR in a message that also has lines with both
	NULBytes       = "nul-bytes"        // NUL in a header or in text
	Base64Short    = "base64-truncated" // the end of base64 is missing

	SignatureBroken = "signature-broken" // S/MIME: the content is not what was signed

	ExecutableName       = "executable-name"         // a program, by its name or its content
	ExecutableAsDocument = "executable-as-document"  // a program with the name or the type of a document
	MacroDocument        = "macro-document"          // an office document made to carry programs
	DisguisedName        = "disguised-name"          // a file name that is made to look like another one
	DateFuture           = "date-future"             // the Date is after the time when the message came
	ServerCouldNotRender = "server-could-not-render" // what a mail server puts in the place of a message that it could not give
)

// maxFindings bounds what is kept of a message that is wrong everywhere.
const maxFindings = 100

// findings collects facts, each code at one place once.
type findings struct {
	list []Finding
	seen map[Finding]bool
}

func (f *findings) add(code, where, note string) {
	x := Finding{Code: code, Where: charset.Clean(where, 200), Note: charset.Clean(note, 200)}
	if f.seen[x] || len(f.list) > maxFindings {
		return
	}
	if len(f.list) == maxFindings {
		x = Finding{Code: LimitFindings}
	}
	if f.seen == nil {
		f.seen = map[Finding]bool{}
	}
	f.seen[x] = true
	f.list = append(f.list, x)
}

// has says whether a code was found at a place.
func (f *findings) has(code, where string) bool {
	for _, x := range f.list {
		if x.Code == code && x.Where == where {
			return true
		}
	}
	return false
}

// within names a place inside another one; either may be empty.
func within(outer, inner string) string {
	if outer == "" || inner == "" {
		return outer + inner
	}
	return outer + "/" + inner
}
