package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// Package is a delivery as a package of the document exchange: from the agency whose document it is, to our receiving agency.
type Package struct {
	Edoc     edxml.Edoc
	Findings []edxml.Finding // what was shortened, and what receivers may stumble over
	digests  []string        // of Edoc.Files, in order
}

// NewPackage makes the package of a delivery. The same delivery gives the same package each time, so that a resend is told from another
// document by its bytes. An error wraps ErrPermanent, says in words for people what keeps it from being written, and wraps edxml.ErrSecret
// for what bears a mark of secrecy.
func NewPackage(d Dispatch, to edxml.Organ, types edxml.Numbering) (Package, error) {
	if d.Payload.Record.Document.DoMat != "" {
		return Package{}, fmt.Errorf("%w: %w", ErrPermanent, edxml.ErrSecret)
	}
	from := d.Payload.Issuer()
	switch {
	case from.Agency == "":
		return Package{}, refusedPackage("no-agency", "Chưa xác định được cơ quan ban hành trong danh bạ; xác định cơ quan rồi chuyển lại.")
	case from.Code == "":
		return Package{}, refusedPackage("no-code", "Cơ quan "+cmp.Or(from.Name, from.Agency)+" chưa có mã định danh trên trục liên thông; bổ sung mã vào danh bạ rồi chuyển lại.")
	case to.ID == "":
		return Package{}, refusedPackage("no-own-code", "Cơ quan nhận "+cmp.Or(to.Name, d.Payload.Receiver)+" chưa có mã định danh trong cấu hình (code trong [[agency]]).")
	}
	s := edxml.Sending{From: edxml.Organ{ID: from.Code, Name: from.Name}, To: []edxml.Organ{to}, At: d.Payload.Registered, DocumentID: d.DocumentID, Types: types}
	switch d.Event {
	case DispatchUpdated:
		s.Business = edxml.Business{Kind: edxml.Updated, DocumentID: d.DocumentID, Reason: "Cập nhật thông tin văn bản đã đăng ký.", Update: &edxml.Update{Document: true}}
	case DispatchWithdrawn:
		return Package{}, refusedPackage("no-withdrawal", "Gói tin edXML không dùng để rút lại văn bản của cơ quan khác.")
	}
	e, cut, err := edxml.FromRecord(d.Payload.Record, s)
	if err != nil {
		return Package{}, fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	p := Package{Edoc: e, Findings: append(cut, e.Validate()...)}
	for _, f := range d.Payload.Record.Files {
		p.digests = append(p.digests, f.Digest)
	}
	if edxml.Refused(p.Findings) {
		return p, refusedPackage("invalid", "Không lập được gói tin edXML: "+Faults(p.Findings))
	}
	return p, nil
}

// refusedPackage is an error that only a person can mend.
func refusedPackage(code, words string) error {
	return &TargetError{Code: "edxml-" + code, Reply: words, Unsent: true, Err: ErrPermanent}
}

// Faults are the findings that keep a package from being written, in words, in one line.
func Faults(findings []edxml.Finding) string {
	var parts []string
	for _, f := range findings {
		if f.Severity == edxml.Fault {
			parts = append(parts, f.Path+": "+f.Note)
		}
	}
	return strings.Join(parts, " ")
}

// Write writes the package with the contents of its files. What was written is no package when it ends with an error. It never writes what
// bears a mark of secrecy: the encoder looks again.
func (p Package) Write(ctx context.Context, w io.Writer, files Files) error {
	err := edxml.Encode(w, p.Edoc, func(i int) (io.Reader, error) { return files.Open(ctx, p.digests[i]) })
	switch {
	case errors.Is(err, edxml.ErrContents): // not the bytes that were registered
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case errors.Is(err, edxml.ErrSecret):
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	if _, invalid := errors.AsType[*edxml.InvalidError](err); invalid {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}
