// Package unpack opens the containers that documents travel in: ZIP, 7z and RAR archives, Outlook's TNEF (winmail.dat) and .msg, and
// S/MIME (CMS). It reads through io.ReaderAt, gives every file as a stream, and stops at limits instead of at the end of memory. What is
// wrong with a container is a Problem, never an error: what could be read before it is still given.
package unpack

import (
	"bytes"
	"errors"
	"io"
)

// Format of a container.
type Format string

// The formats that are opened.
const (
	ZIP      Format = "zip"
	SevenZip Format = "7z"
	RAR      Format = "rar"
	TNEF     Format = "tnef" // MS-OXTNEF
	MSG      Format = "msg"  // MS-OXMSG, in a compound file (MS-CFB)
	CMS      Format = "cms"  // RFC 5652 in DER or BER, or its base64 as PEM
)

// Problem is something wrong or remarkable about a container. Code is one of the constants below, stable for ever; Where names the file
// inside the container, as Entry.Name, empty for the container itself; Note is for people, in English, and quotes nothing of the content.
type Problem struct{ Code, Where, Note string }

// Codes of problems. They become findings of the message with the same code.
const (
	Damaged     = "archive-damaged"     // broken or cut off: files may be missing
	Encrypted   = "archive-encrypted"   // files, or their names, cannot be read without a password or a key
	Overlap     = "archive-overlap"     // entries share bytes (a bomb), so none of them is opened
	NamesDiffer = "archive-names"       // directory and entry do not name the same file, or two entries have one name
	LimitRatio  = "archive-ratio"       // a file grows more than Budget.Ratio times
	LimitSize   = "archive-size"        // more would be unpacked than the budget allows
	LimitCount  = "archive-entries"     // more files than are listed
	Recursive   = "archive-recursive"   // containers nested deeper than is opened, or one inside itself
	Unsupported = "archive-unsupported" // a method of packing, or a part of a set, that is not read here
)

// Errors that reading an entry may end with, besides those of damaged data. Ask with errors.Is.
var (
	ErrEncrypted   = errors.New("encrypted")
	ErrRatio       = errors.New("grows beyond the allowed ratio")
	ErrBudget      = errors.New("budget for unpacking is spent")
	ErrUnsupported = errors.New("method of packing not supported")
)

// CodeOf gives the code of the problem that an error of reading an entry is.
func CodeOf(err error) string {
	switch {
	case errors.Is(err, ErrEncrypted):
		return Encrypted
	case errors.Is(err, ErrRatio):
		return LimitRatio
	case errors.Is(err, ErrBudget):
		return LimitSize
	case errors.Is(err, ErrUnsupported):
		return Unsupported
	}
	return Damaged
}

// Entry is one file in a container.
type Entry struct {
	Name string // as stored, in UTF-8 (unclean: may hold controls and path separators); empty when the container gives none
	Type string // media type, lower case, where the container says one
	Size int64  // unpacked bytes as the container claims, -1 when it does not
	// Open reads the file from its beginning. It may be called again, and a reader may be left before its end; only one reader of a
	// container is in use at a time. Every byte that it gives is taken from the budget.
	Open func() (io.Reader, error)
}

// Mail is a message in one of Outlook's own forms.
type Mail struct {
	Subject   string
	FromName  string
	FromAddr  string // as stored: an SMTP address where there is one, else empty
	MessageID string // without <>
	Text      string // plain body; at most what the caller's limit allows
	HTML      []byte // HTML body in HTMLCharset
	// HTMLCharset is a label such as windows-1258, empty when unknown.
	HTMLCharset string
	RTF         []byte // RTF body, decompressed (MS-OXRTFCP)
	Files       []Entry
	Mails       []EmbeddedMail
}

// EmbeddedMail is a message attached to a Mail.
type EmbeddedMail struct {
	Name string // of the attachment
	Mail Mail
}

// Budget is what opening all containers of one message may still cost. It is counted down by bytes that decoders give, also when the same
// file is read a second time, so that the same message always ends at the same place whatever machine reads it.
type Budget struct {
	Entries int   // files that may still be listed
	Bytes   int64 // bytes that may still be unpacked; slow methods (LZMA, bzip2, RAR) count more than once
	Ratio   int64 // how many times its packed size one file may grow
	Depth   int   // containers inside one another that are opened
}

// DefaultBudget follows what real mail needs, with room.
var DefaultBudget = Budget{Entries: 2000, Bytes: 500 << 20, Ratio: 200, Depth: 2}

// ratioSlack is what every file may grow to, whatever the ratio: tiny files of blanks are no bombs.
const ratioSlack = 1 << 20

// Count gives a reader that counts the bytes of r against the budget, each weight times, and against the ratio to packed bytes (-1: no
// ratio is known). It ends with ErrBudget or ErrRatio.
func (b *Budget) Count(r io.Reader, packed, weight int64) io.Reader {
	left := int64(-1)
	if packed >= 0 {
		left = packed*b.Ratio + ratioSlack
	}
	return &counted{r: r, b: b, weight: weight, left: left}
}

type counted struct {
	r      io.Reader
	b      *Budget
	weight int64
	left   int64 // by the ratio; -1: unbounded
}

func (c *counted) Read(p []byte) (int, error) {
	if c.b.Bytes <= 0 {
		return 0, ErrBudget
	}
	if c.left == 0 {
		// The file may end exactly here: only one byte more is too much.
		var one [1]byte
		if n, err := c.r.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, ErrRatio
	}
	if c.left > 0 && int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.r.Read(p)
	c.b.Bytes -= int64(n) * c.weight
	if c.left > 0 {
		c.left -= int64(n)
	}
	return n, err
}

// Detect tells the format of a container from its first bytes (at least 512 when the file has them), its declared type and its name;
// empty for anything else. Formats with a signature go by it alone. DOCX, XLSX, ODT and other documents that are ZIP inside are ZIP here:
// whoever reads them as documents asks first.
func Detect(head []byte, ctype, name string) Format {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")), bytes.HasPrefix(head, []byte("PK00PK\x03\x04")):
		return ZIP
	case bytes.HasPrefix(head, []byte("7z\xBC\xAF\x27\x1C")):
		return SevenZip
	case bytes.HasPrefix(head, []byte("Rar!\x1A\x07")):
		return RAR
	case bytes.HasPrefix(head, []byte("\x78\x9F\x3E\x22")):
		return TNEF
	case isMSG(head, ctype, name):
		return MSG
	case isCMS(head, ctype, name):
		return CMS
	}
	return ""
}
