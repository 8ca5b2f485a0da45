package evidence

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/pdfsign"
)

// signing is the reading of a file's signatures.
type signing struct {
	report  *pdfsign.Report
	problem Problem // why there is none
}

// sign reads the signatures of a PDF, where they are asked for. What they are worth is judged afterwards.
func (r *Reader) sign(ctx context.Context, j *job) error {
	if j.signs == nil {
		return nil
	}
	if !r.own.Usable {
		j.signs.problem = NoTool
		return nil
	}
	s, err := j.input.Stat()
	if err != nil {
		return fmt.Errorf("look at input: %w", err)
	}
	out := &bounded{left: maxReport}
	end, err := r.cage.run(ctx, r.ownTask(r.own, ownSignatures), j.input, out)
	switch {
	case err != nil && ctx.Err() != nil:
		j.signs.problem = Deadline
		return err
	case err != nil:
		return fmt.Errorf("run %s: %w", r.own.Name, err)
	case end.code == failedChild && !end.full && !end.deadline:
		return fmt.Errorf("run %s: it could not read its input", r.own.Name)
	}
	if j.signs.problem = signingProblem(end); j.signs.problem != "" {
		return nil
	}
	rep, err := readReport(out.Bytes(), s.Size())
	if err != nil { // it was brought to say something else: a fact about the file
		j.signs.problem = Damaged
		return nil
	}
	j.signs.report = &rep
	for i := range rep.Signatures {
		s := &rep.Signatures[i]
		j.seeName(s.Field)
		j.seeName(s.Reason)
		j.seeName(s.Location)
	}
	return nil
}

// failedChild is the exit code of the program for an error about us; a Go program that falls over ends with 2.
const failedChild = 1

func signingProblem(end ending) Problem {
	memory := strings.Contains(end.said, "out of memory") || strings.Contains(end.said, "cannot allocate memory") // as Go's runtime says it
	switch {
	case end.deadline:
		return Deadline
	case end.full || end.signal == sigKill || end.signal == sigXCPU || end.signal == sigXFSZ || memory:
		return Overuse
	case end.code != 0:
		return Damaged
	}
	return ""
}

// Reasons for an empty state of signatures, beside the Problem constants.
const reasonLimits = pdfsign.Limit // there is more to be searched than is

// signature says what the signatures of a file are worth to somebody who trusts these authorities, at a time.
func (s *signing) signature(trust *Authorities, at time.Time) mapping.FileSignature {
	if s.report == nil {
		return mapping.FileSignature{Reason: string(s.problem), Signers: []mapping.Signer{}}
	}
	rep := *s.report
	trust.help(&rep)
	j := pdfsign.JudgeFile(&rep, trust.Roots(), at)
	f := mapping.FileSignature{State: string(j.State), Reason: string(j.Reason), Signers: []mapping.Signer{}, Trust: trust.Version()}
	for i := range rep.Signatures {
		f.Signers = append(f.Signers, signerOf(&rep.Signatures[i], j.Signatures[i]))
		if !j.Signatures[i].At.IsZero() {
			f.Judged = at
		}
	}
	switch {
	case has(&rep, pdfsign.NoPDF): // the bytes said that it was one, so that it is none proves nothing
		f.State, f.Reason = "", string(Damaged)
	case f.State != "":
	case rep.Encrypted:
		f.Reason = string(Encrypted)
	case has(&rep, pdfsign.Limit):
		f.Reason = reasonLimits
	default:
		f.Reason = string(Damaged)
	}
	return f
}

func has(rep *pdfsign.Report, code string) bool {
	for _, p := range rep.Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

// signerOf is one signature as it is kept.
func signerOf(s *pdfsign.Signature, t pdfsign.Trust) mapping.Signer {
	o := mapping.Signer{Name: s.Signer.CommonName, Organization: s.Organization, Issuer: s.Signer.Issuer, Serial: s.Signer.Serial, Stamp: s.Stamp,
		State: string(t.State), Reason: string(t.Reason), Unchecked: t.Unchecked}
	switch {
	case t.Attested:
		o.At, o.Attested = t.At, true
	case s.Stamp:
		o.At, o.Attested = s.Timestamp.Time, t.State == pdfsign.Valid
	case !s.SignedAt.IsZero():
		o.At = s.SignedAt
	default:
		o.At = s.DictionaryTime
	}
	return o
}
