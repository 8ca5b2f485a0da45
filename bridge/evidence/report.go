package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/pdfsign"
	"github.com/giaolien/giaolien/parser/unpack"
)

// maxReport bounds what the child may say of a file in JSON: that of a document with ten signatures and their authorities takes 200 KB.
const maxReport = 4 << 20

// Bounds of what is believed of it.
const (
	maxSignatures   = 50 // as of pdfsign.DefaultLimits
	maxCertificates = 100
	maxProblems     = 1000
	maxWordsOf      = 500 // runes of a name or remark
)

// report is what the child says, one signature at a time so that it can be counted before it is read.
type report struct {
	Signatures []json.RawMessage
	Problems   []pdfsign.Problem
	Encrypted  bool
	Revisions  int
	Complete   bool
}

// writeReport writes what readReport reads.
func writeReport(w io.Writer, rep *pdfsign.Report) error {
	out := report{Problems: rep.Problems, Encrypted: rep.Encrypted, Revisions: rep.Revisions, Complete: rep.Complete}
	for i := range rep.Signatures {
		s := rep.Signatures[i]
		for _, t := range times(&s) {
			*t = storable(*t)
		}
		b, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("encode signature: %w", err)
		}
		out.Signatures = append(out.Signatures, b)
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// times are those of a signature that anyone may have written.
func times(s *pdfsign.Signature) []*time.Time {
	return []*time.Time{&s.SignedAt, &s.DictionaryTime, &s.Timestamp.Time, &s.Signer.NotBefore, &s.Signer.NotAfter,
		&s.Timestamp.Authority.NotBefore, &s.Timestamp.Authority.NotAfter}
}

// storable gives a time in UTC, and zero for one that no database and no JSON takes.
func storable(t time.Time) time.Time {
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

var errReport = errors.New("the child's report makes no sense")

// readReport reads what the child says of a file of the given size. The child has read hostile bytes, so nothing of it is believed that
// pdfsign would not say: sizes, counts, known words, what excludes each other.
func readReport(b []byte, size int64) (pdfsign.Report, error) {
	var in report
	if len(b) > maxReport {
		return pdfsign.Report{}, fmt.Errorf("%w: too long", errReport)
	}
	if err := strictly(b, &in); err != nil {
		return pdfsign.Report{}, err
	}
	rep := pdfsign.Report{Problems: in.Problems, Encrypted: in.Encrypted, Revisions: in.Revisions, Complete: in.Complete}
	if len(in.Signatures) > maxSignatures || len(in.Problems) > maxProblems {
		return pdfsign.Report{}, fmt.Errorf("%w: too much", errReport)
	}
	for _, b := range in.Signatures {
		var s pdfsign.Signature
		if err := strictly(b, &s); err != nil {
			return pdfsign.Report{}, err
		}
		if !sensible(&s, size) {
			return pdfsign.Report{}, errReport
		}
		tidy(&s)
		rep.Signatures = append(rep.Signatures, s)
	}
	return rep, nil
}

// strictly decodes one value with no unknown field and nothing behind it.
func strictly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errReport, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more than one value", errReport)
	}
	return nil
}

// sensible says whether pdfsign can have said this of a file of the given size.
func sensible(s *pdfsign.Signature, size int64) bool {
	for _, n := range s.Range {
		if n < 0 || n > size {
			return false
		}
	}
	results := []unpack.Result{unpack.Unverified, unpack.Intact, unpack.Broken}
	switch {
	case s.End() > size, s.Permits < 0 || s.Permits > 3, len(s.Certificates) > maxCertificates, len(s.Timestamp.Certificates) > maxCertificates,
		!slices.Contains(results, s.Verdict), s.Timestamp.Result != "" && !slices.Contains(results, s.Timestamp.Result),
		s.Verdict == unpack.Intact && s.Fault != "":
		return false
	}
	return slices.Contains([]pdfsign.Coverage{"", pdfsign.Whole, pdfsign.Revision, pdfsign.Partial}, s.Coverage) &&
		slices.Contains([]pdfsign.LaterKind{"", pdfsign.LaterNothing, pdfsign.LaterValidation, pdfsign.LaterSignatures, pdfsign.LaterMarks,
			pdfsign.LaterDocument, pdfsign.LaterUnknown}, s.Later.Kind) &&
		slices.Contains([]pdfsign.Fault{"", pdfsign.BadRange, pdfsign.BadContents, pdfsign.BadGap, pdfsign.BadPadding, pdfsign.TwoKeys, pdfsign.Hidden,
			pdfsign.WrongCert, pdfsign.BadCMS, pdfsign.Unreadable, pdfsign.Removed}, s.Fault)
}

// tidy makes words and times fit to be stored.
func tidy(s *pdfsign.Signature) {
	for _, t := range times(s) {
		*t = storable(*t)
	}
	for _, w := range []*string{&s.Field, &s.Reason, &s.Location, &s.ClaimedName, &s.Organization, &s.Signer.CommonName, &s.Signer.Issuer, &s.Signer.Serial} {
		*w = charset.Clean(*w, maxWordsOf)
	}
}
