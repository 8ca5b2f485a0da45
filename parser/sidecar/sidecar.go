// Package sidecar reads what document systems attach beside a mailed document: EXPORTMAIL and EXPORTSTATUS (XMLOutput.sdk) and edXML packages
// (QCVN 102:2016/BTTTT), the document's fields, what it answers, and the names of the files that it lists. It is the most trusted source
// of fields, and like every other one only a source: nothing in it is followed, run or expanded.
package sidecar

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Kind is a kind of sidecar; empty means a file that is one by its name, but of which nothing could be read.
type Kind string

const (
	ExportMail   Kind = "exportmail"   // the fields of the document in the same mail
	ExportStatus Kind = "exportstatus" // what became of a document that was sent before
	Edoc         Kind = "edoc"         // an edXML package with a document
	Status       Kind = "status"       // an edXML package on what became of one
)

// Sidecar is what one such file says. Texts are as stated, in NFC on one line, empty when nothing was.
type Sidecar struct {
	Kind Kind
	// Document holds the fields, each with the sidecar as its source. Of a status it is the document that it answers, with nothing but
	// number, date and issuer.
	Document vanban.Document
	// Answers are the documents that this one answers; of a status the one of which it tells.
	Answers []Reference
	Report  Report

	DocumentID string // identity of the package's document, opaque
	Sender     Organ
	Receivers  []Organ
	Change     Change
	Due        string // yyyy-mm-dd: when an answer is wanted
	Meeting    Meeting
	Pages      string
	Files      []string // names of the files that it lists, the main one first

	Findings []Finding
}

// Organ is an agency as the sidecar names it.
type Organ struct {
	Code   string // mã định danh, QĐ 20/2020 or an older or local form
	Name   string
	Parent string // cơ quan chủ quản
	Email  string
}

// Reference names another document.
type Reference struct {
	Number     string // số ký hiệu in its normal form
	Date       string // yyyy-mm-dd
	Issuer     Organ
	DocumentID string
}

// Report is what a status tells.
type Report struct {
	Code  string // two digits: 01 arrived, 02 refused, 03 received, 04 assigned, 05 in work, 06 done, 13 wanted back, 15 agreed, 16 refused
	Text  string
	At    string // as stated, Vietnam time
	Unit  string // who handles it there
	Staff string
}

// Change says that a package withdraws, updates or replaces an earlier one (edXML Bussiness).
type Change struct {
	Kind     ChangeKind
	Reason   string
	Replaces []string // document identities
}

// ChangeKind is the BussinessDocType; empty for a new document.
type ChangeKind string

const (
	Recall  ChangeKind = "recall"
	Update  ChangeKind = "update"
	Replace ChangeKind = "replace"
)

// Meeting is what an invitation adds, as stated but for the date.
type Meeting struct{ Date, Time, Place string }

// Finding is one thing wrong with a sidecar. What was read before and beside it counts all the same, with less confidence where it is damaged.
type Finding struct {
	Code string
	Note string // an element's name, never what is in it
}

// Finding codes, stable.
const (
	Empty       = "sidecar-empty"        // no bytes, or nothing but blanks
	Unreadable  = "sidecar-unreadable"   // a sidecar by its name, with nothing of one in it
	Damaged     = "sidecar-damaged"      // not well-formed, or it ends too early
	DOCTYPE     = "sidecar-doctype"      // it declares a document type: nothing of it is taken
	TooDeep     = "sidecar-too-deep"     // elements nested over the limit
	TooLarge    = "sidecar-too-large"    // read up to the limit
	Misdeclared = "sidecar-misdeclared"  // its XML declaration names another encoding than it is in
	BadBytes    = "sidecar-bad-bytes"    // bytes that are no letters in its encoding
	BadValue    = "sidecar-bad-value"    // a field whose value can be none
	OddNumber   = "sidecar-odd-number"   // a số ký hiệu of no known form, kept as stated
	SerialDate  = "sidecar-serial-date"  // the date is a day number of a spreadsheet
	Repeated    = "sidecar-repeated"     // a field is given twice with different values; the first counts
	FilesDiffer = "sidecar-files-differ" // the manifest lists other files than the package holds
	Incomplete  = "sidecar-incomplete"   // an edXML package without sender or receiver, or without number and identity
)

// How sure what a sidecar states is; damage lowers it.
const (
	sure        = 0.95
	sureDamaged = 0.6
)

// Read reads the file as a sidecar. It reports false when it is none: neither by its name (XMLOutput.sdk, .edxml), nor, for XML of another
// name, by its elements. An error is one of reading r; what is wrong with the file is in Findings.
func Read(r io.ReaderAt, size int64, name, sniffed string) (Sidecar, bool, error) {
	named := namedSidecar(name)
	if !named && !maybeXML(name, sniffed) {
		return Sidecar{}, false, nil
	}
	x, err := readXML(r, size, true)
	if err == nil && x.faulty {
		x, err = readXML(r, size, false) // a bare & in a notation is the commonest fault
		x.note(Damaged, "")
	}
	if err != nil {
		return Sidecar{}, false, fmt.Errorf("read sidecar: %w", err)
	}
	if x.kind() == "" && !named {
		return Sidecar{}, false, nil
	}
	return x.finish(size), true, nil
}

// namedSidecar says whether a file is a sidecar by its name; mail programs number files of one name ("XMLOutput_2.sdk", "XMLOutput (1).sdk").
func namedSidecar(name string) bool {
	base := baseName(name)
	return strings.HasSuffix(base, ".edxml") || strings.HasPrefix(base, "xmloutput") && strings.HasSuffix(base, ".sdk")
}

func maybeXML(name, sniffed string) bool {
	ext := path.Ext(baseName(name))
	sniffed, _, _ = strings.Cut(strings.ToLower(sniffed), ";")
	return ext == ".xml" || ext == ".sdk" || sniffed == "text/xml" || sniffed == "application/xml" || strings.HasSuffix(sniffed, "+xml")
}

func baseName(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	return name[strings.LastIndexAny(name, `/\`)+1:]
}
