package mapping

import (
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Record is one document as the records system keeps it: what was read, its files, who sent it, and what a clerk must still add.
type Record struct {
	Document vanban.Document `json:"document"`
	Files    []File          `json:"files"`  // the main file first, then annexes in mail order
	Sender   directory.Match `json:"sender"` // by the From address at the counted instant
	// Issuer is what the sender was on the document's date: mail of 2025 may bring a document of 2024, of an agency that has ended since.
	Issuer  directory.Match `json:"issuer"`
	Missing []string        `json:"missing"` // what registration still needs: "sender", "so_hieu", "trich_yeu", "file"
	Doubts  []string        `json:"doubts"`  // codes of disagreements between sources, shown to the clerk
	// Relations are what it does to documents that were sent before.
	Relations []Relation `json:"relations"`
	// Signature is that of the main file; its State is empty while it is not known.
	Signature FileSignature `json:"signature"`
	// Unread are files that may hold more than was read, with the reason: a Problem constant.
	Unread []Unread `json:"unread"`
	// Key is the duplicate key of NĐ 30/2020 (number, notation, issuing agency, year), folded; empty when the number is blank or the agency
	// unknown: such a record never matches another by it.
	Key string `json:"key"`
	// CodeKey is the duplicate key by the document's code on the exchange: the issuer's code and the identity that it gave (QCVN 102, 1.14;
	// QĐ 28/2018, Điều 10.2b: never given twice). Empty when no package states it.
	CodeKey string `json:"code_key"`
	// Beside are number keys that the same document may stand under, when it was read with less or came from another sender: under one of
	// them only a record with the same main file is the same document.
	Beside []string `json:"beside"`
	// Paper is what the clerk said of the paper; nil for what did not come on paper.
	Paper *Paper `json:"paper,omitempty"`
}

// File is one file of a record. Digest is the SHA-256 of its decoded bytes, hexadecimal.
type File struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Digest string `json:"sha256"`
}

// Unread is a file of a record whose text is not known, or not all of it.
type Unread struct {
	Digest  string `json:"sha256"`
	Problem string `json:"problem"`
}
