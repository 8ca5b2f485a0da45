// Package pdfsign reads the digital signatures of PDF files (ISO 32000-2, 12.8; PAdES, ETSI EN 319 142-1): what each of them stands on,
// whether that was altered, what was appended behind it, who signed, and whether his certificate leads to an authority that the caller
// trusts. It reads through io.ReaderAt, keeps no file in memory, has no clock, and stops at limits. It says nothing that was not checked.
package pdfsign

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/giaolien/giaolien/parser/unpack"
)

// Limits bound what reading one file may cost. What is not looked at because of them leaves a Problem.
type Limits struct {
	Signatures int   // that are looked at
	Object     int   // bytes of one object, and of the objects in it, without Contents
	Contents   int   // hexadecimal digits of the Contents of a signature
	Packed     int   // bytes that one object stream may unpack to
	Unpack     int64 // bytes that all object streams and cross-reference streams may unpack to
	Objects    int   // entries of all cross-reference tables
	Revisions  int   // cross-reference tables
	Depth      int   // arrays and dictionaries inside one another
	Parse      int64 // bytes of all objects that are read
	Digest     int64 // bytes that are digested for all signatures
	Search     int64 // bytes of the file in which signatures are searched
}

// DefaultLimits follow what real documents need, with room.
var DefaultLimits = Limits{Signatures: 50, Object: 64 << 10, Contents: 256 << 10, Packed: 2 << 20, Unpack: 64 << 20, Objects: 250_000,
	Revisions: 100, Depth: 100, Parse: 64 << 20, Digest: 2 << 30, Search: 1 << 30}

// Report is what a file says of its signatures.
type Report struct {
	Signatures []Signature // in the order in which they cover more and more of the file
	Problems   []Problem
	Encrypted  bool // names, reasons and other words cannot be read; signatures can
	Revisions  int  // times that the file was saved with a table of its own; 0 when its tables cannot be read
	Complete   bool // all places where a signature may be were searched: only then "none" is a fact
}

// Problem is something wrong or remarkable about a file. Code is stable for ever; Note is for people, in English, and quotes no content.
type Problem struct{ Code, Note string }

// Codes of problems.
const (
	NoPDF       = "pdf-none"        // not a PDF file
	Tables      = "pdf-tables"      // cross-reference tables are broken: signatures were searched byte by byte
	Limit       = "pdf-limit"       // something was not looked at because of Limits
	HeaderMoved = "pdf-header"      // bytes stand before the header, so that readers disagree about offsets
	UsageRights = "pdf-usage-right" // a signature of a program maker about what readers may do; no signature of a person
)

// Signature is one signature dictionary (ISO 32000-2, table 255) and what its signature is worth. Strings are clean (charset.Clean).
type Signature struct {
	Field     string // full name of the form field that holds it; empty when no field does
	Object    int64  // number of the object, 0 when unknown
	SubFilter string // how it is made, one of the SubFilter constants for those that are checked
	Stamp     bool   // a document time-stamp (ETSI EN 319 142-1, 5.4.3): it says when, not who

	Range    [4]int64 // ByteRange; zero when it cannot be read
	Coverage Coverage
	Later    Later // what was appended behind what it covers
	Permits  int   // 1 to 3: what its author allows to be changed (DocMDP, ISO 32000-2, table 257); 0 when it does not certify

	Verdict   unpack.Result // of the mathematics and of the structure; never Intact with a Fault
	Fault     Fault         // what is wrong with its structure; a forger's work, or a broken program's
	Note      string        // for people, in English
	Digest    string        // algorithm, such as SHA-256
	Algorithm string        // such as RSA
	Weak      bool          // SHA-1, or an RSA key below 2048 bits

	Signer       unpack.Certificate // zero when it is not in the signature
	Organization string             // of the signer's certificate
	Certificates [][]byte           // all that the signature carries, in DER, unchecked

	ClaimedName, Reason, Location string    // words that anyone may have written
	SignedAt                      time.Time // as the signer claims inside the signature; zero when he does not
	DictionaryTime                time.Time // M of the dictionary: part of what is signed, but only a claim as well
	Timestamp                     Timestamp // of an authority, about this signature
}

// End is the offset up to which the signature covers the file; 0 when it is unknown.
func (s *Signature) End() int64 { return s.Range[2] + s.Range[3] }

// Kinds of signatures that are checked (ISO 32000-2, table 260). Others are Unverified.
const (
	Detached     = "adbe.pkcs7.detached"
	CAdES        = "ETSI.CAdES.detached"
	SHA1         = "adbe.pkcs7.sha1"
	DocumentTime = "ETSI.RFC3161"
)

// Coverage says how much of the file a signature stands on. The zero value is unknown.
type Coverage string

const (
	Whole    Coverage = "whole"    // all bytes but the signature itself
	Revision Coverage = "revision" // all of an earlier state of the file, to which something was appended
	Partial  Coverage = "partial"  // it ends at no place where the file was ever saved
)

// Fault is what is wrong with the structure of a signature. The zero value is none.
type Fault string

const (
	BadRange    Fault = "byte-range" // ByteRange is missing, or is not four numbers that fit the file
	BadContents Fault = "contents"   // Contents is missing, or no plain hexadecimal string
	BadGap      Fault = "gap"        // ByteRange leaves out more or less than Contents
	BadPadding  Fault = "padding"    // bytes behind the CMS object in Contents
	TwoKeys     Fault = "two-keys"   // the dictionary gives a key twice, so that readers disagree
	Hidden      Fault = "packed"     // the dictionary stands in an object stream, where no signature can stand
	WrongCert   Fault = "other-cert" // the signer signed that his certificate is another one than the one given (RFC 5035)
	BadCMS      Fault = "cms"        // the CMS object has not exactly one signer, or carries a content that it must not
	Unreadable  Fault = "unreadable" // the dictionary cannot be read
	Removed     Fault = "removed"    // no field of the form holds it any more: readers do not show it
)

// Read finds the signatures of a file and checks them. An error is about reading r, never about the file.
func Read(r io.ReaderAt, size int64, lim Limits) (Report, error) {
	d := newDocument(r, size, lim)
	if !d.header() {
		d.problem(NoPDF, "")
		d.rep.Complete = true
		return d.finish()
	}
	d.open()
	d.searchForm()
	d.searchFile()
	for i := range d.found {
		d.rep.Signatures = append(d.rep.Signatures, d.check(&d.found[i]))
	}
	slices.SortStableFunc(d.rep.Signatures, func(a, b Signature) int {
		switch x, y := a.End(), b.End(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return d.finish()
}

func (d *document) finish() (Report, error) {
	if d.w.fault != nil {
		return Report{}, fmt.Errorf("read signatures of PDF: %w", d.w.fault)
	}
	return d.rep, nil
}
