package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
)

// shownPackage is what inspect tells of an edXML package beside its document.
type shownPackage struct {
	Kind       edxml.Kind       `json:"kind"` // edoc or status; empty when it is none that can be taken
	Refused    bool             `json:"refused"`
	From       string           `json:"from"` // code of the sender
	FromName   string           `json:"from_name"`
	DocumentID string           `json:"document_id"`
	Change     string           `json:"change"` // in words; empty for a new document
	Status     edxml.StatusCode `json:"status"`
	Files      []mapping.File   `json:"files"`
	Findings   []parser.Finding `json:"findings"`
}

// pack reads a package as the daemon would take it from the axis, and decides about it where there are rules.
func (c *inspectCommand) pack(in *inspection, f io.ReaderAt, size int64, kind sidecar.Kind, k *bridge.Knowledge) error {
	if kind != sidecar.Edoc && kind != sidecar.Status && (kind != "" || !strings.EqualFold(filepath.Ext(in.File), ".edxml")) {
		return nil
	}
	watched := &erring{r: f}
	p := bridge.ReadPackage(watched, size)
	if watched.err != nil {
		return watched.err
	}
	at := c.At
	if at.IsZero() {
		at = time.Now()
	}
	r := bridge.Receipt{ID: "GL-0000-0000000", Channel: bridge.System, Size: size, InternalDate: at, FetchedAt: at}
	u := bridge.UnderstandPackage(r, p, nil, k)
	if u.Secret != "" {
		return nil // the mark is shown already, and nothing else is
	}
	seen := shownPackage{Kind: p.Kind, Refused: p.Refused(), From: p.Edoc.From.ID, FromName: p.Edoc.From.Name, DocumentID: p.Edoc.DocumentID, Files: p.Files, Findings: u.Findings}
	switch {
	case p.Kind == edxml.KindStatus:
		seen.From, seen.FromName, seen.DocumentID, seen.Status = p.Status.From.ID, p.Status.From.Name, p.Status.About.DocumentID, p.Status.Code
	case p.Edoc.Business.Kind != edxml.New:
		seen.Change = p.Edoc.Business.Kind.Words()
	}
	in.Package = seen
	out := bridge.Decide(r, u, bridge.Evidence{Tool: "inspect"}, bridge.History{}, k)
	in.state = out.State
	if c.Directory != "" || c.Rules != "" {
		for _, rec := range out.Records {
			in.Records = append(in.Records, shownRecord{rec.Record, shown(rec.Record.Signature)})
		}
		if len(in.Records) > 0 {
			in.Record = in.Records[0]
		}
	}
	if c.Rules != "" {
		in.Decision = out.Decision
	}
	return nil
}

// erring remembers that a file could not be read.
type erring struct {
	r   io.ReaderAt
	err error
}

func (e *erring) ReadAt(p []byte, off int64) (int, error) {
	n, err := e.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		e.err = err
	}
	return n, err
}

// printPackage shows a package, and the agency that its code leads to, to a person.
func (in *inspection) printPackage(w io.Writer) {
	p, ok := in.Package.(shownPackage)
	if !ok {
		return
	}
	switch {
	case p.Refused:
		fmt.Fprintf(w, "  gói tin\tkhông nhận được\n")
	case p.Kind == edxml.KindStatus:
		fmt.Fprintf(w, "  gói tin\ttrạng thái %s %s\n", p.Status, p.Status.Words())
	case p.Change != "":
		fmt.Fprintf(w, "  gói tin\t%s\n", p.Change)
	default:
		fmt.Fprintf(w, "  gói tin\tvăn bản\n")
	}
	fmt.Fprintf(w, "  nơi gửi\t%s\t%s\n  mã văn bản\t%s\n", p.From, p.FromName, p.DocumentID)
	for _, f := range p.Files {
		fmt.Fprintf(w, "  tệp\t%s (%s, %d byte)\n", f.Name, f.Type, f.Size)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(w, "  phát hiện\t%s %s %s\n", f.Code, f.Where, f.Note)
	}
}

// printRecords shows who brought each record and whose document it is, as the directory has it on the day of each, and what is doubtful.
func (in *inspection) printRecords(w io.Writer) {
	for _, r := range in.Records {
		fmt.Fprintf(w, "  đơn vị gửi\t%s\t%s\n  ban hành bởi\t%s\t%s\n", dash(r.Sender.Agency), r.Sender.Name, dash(r.Issuer.Agency), r.Issuer.Name)
		for _, code := range r.Doubts {
			fmt.Fprintf(w, "  nghi vấn\t%s\t%s\n", code, inWords(doubtInWords, code))
		}
	}
}
