package store

import (
	"context"
	"fmt"
	"reflect"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
)

// fileRow is what one reader found in one file.
type fileRow struct {
	SHA256   string   `db:"sha256"`
	Reader   string   `db:"reader"`
	Secret   string   `db:"secret"`
	Withheld bool     `db:"withheld"`
	Body     document `db:"body"`
}

// writtenFile is a fileRow as it is written.
type writtenFile struct {
	SHA256   string `json:"sha256"`
	Reader   string `json:"reader"`
	Secret   string `json:"secret"`
	Withheld bool   `json:"withheld"`
	Body     string `json:"body"`
	MadeAt   stamp  `json:"made_at"`
}

// digestRow names a file in a batch.
type digestRow struct {
	SHA256 string `json:"sha256"`
}

func digestRows(digests []string) []digestRow {
	rows := make([]digestRow, len(digests))
	for i, d := range digests {
		rows[i] = digestRow{d}
	}
	return rows
}

// FilesRead implements bridge.FileReadings.
func (s *Store) FilesRead(ctx context.Context, digests []string) (map[string]mapping.FileEvidence, error) {
	if len(digests) == 0 {
		return map[string]mapping.FileEvidence{}, nil
	}
	found, err := s.evidence(ctx, s.reading.FilesRead, digestRows(digests))
	return found, wrap("read evidence of files", err)
}

// ReadingsOf gives exactly the evidence that these readings name, by SHA-256, for a replay of the outcome that was made with it.
func (s *Store) ReadingsOf(ctx context.Context, readings []bridge.Reading) (map[string]mapping.FileEvidence, error) {
	if len(readings) == 0 {
		return map[string]mapping.FileEvidence{}, nil
	}
	found, err := s.evidence(ctx, s.reading.ReadingsOf, readings)
	return found, wrap("read evidence of an outcome", err)
}

func (s *Store) evidence(ctx context.Context, q *statement, asked any) (map[string]mapping.FileEvidence, error) {
	var rows []fileRow
	if err := s.all(ctx, q, &rows, args{"rows": batch{asked}}); err != nil {
		return nil, err
	}
	out := make(map[string]mapping.FileEvidence, len(rows))
	for _, r := range rows {
		var ev mapping.FileEvidence
		if err := r.Body.into(&ev); err != nil {
			return nil, fmt.Errorf("file %s: %w", r.SHA256, err)
		}
		out[r.SHA256] = ev
	}
	return out, nil
}

// fileEvidence is the counter whose lock keeps what is found in files apart from what takes it away.
const fileEvidence = "file-evidence"

// PutFileEvidence implements bridge.FileReadings. Of a file that bears a độ mật no text is kept, whoever found the mark and whenever, and what
// was kept of it before is taken away (ARCHITECTURE, invariant 10). Every receipt that may have been decided by what was found before is
// decided again: the same file may stand in many.
func (s *Store) PutFileEvidence(ctx context.Context, digest string, ev mapping.FileEvidence) error {
	return wrap("put evidence of a file", s.change(ctx, func(t *tx) error {
		if _, err := t.exec(t.q.LockCounter, args{"name": fileEvidence}); err != nil {
			return err
		}
		var before []fileRow
		if err := t.all(t.q.FileEvidence, &before, args{"rows": batch{digestRows([]string{digest})}}); err != nil {
			return err
		}
		withheld, marked := false, false
		for _, r := range before {
			withheld, marked = withheld || r.Withheld || r.Secret != "", marked || r.Secret != ""
		}
		row, err := t.writtenFile(digest, ev, withheld && ev.Secret == "")
		if err != nil {
			return err
		}
		if _, err := t.exec(t.q.AddFileEvidence, args{"rows": batch{[]writtenFile{row}}}); err != nil || ev.Secret == "" {
			return err
		}
		if err := t.withhold(before); err != nil || len(before) == 0 || marked {
			return err
		}
		return t.decideAgain(digest)
	}))
}

// decideAgain revives the receipts that have a file.
func (t *tx) decideAgain(digest string) error {
	var receipts []string
	if err := t.all(t.q.ReceiptsWithFiles, &receipts, args{"rows": batch{digestRows([]string{digest})}}); err != nil || len(receipts) == 0 {
		return err
	}
	return t.revive(Process, receipts...)
}

// writtenFile makes the row of an evidence.
func (t *tx) writtenFile(digest string, ev mapping.FileEvidence, withheld bool) (writtenFile, error) {
	if withheld || ev.Secret != "" {
		ev = wordlessFile(ev)
	}
	fillLists(reflect.ValueOf(&ev).Elem())
	body, err := encode(ev)
	return writtenFile{SHA256: digest, Reader: ev.Reader, Secret: string(ev.Secret), Withheld: withheld, Body: body, MadeAt: at(t.now)}, err
}

// wordlessFile is what may be kept of a file whose words may not: what read it, how many pages it has, and its mark.
func wordlessFile(ev mapping.FileEvidence) mapping.FileEvidence {
	out := mapping.FileEvidence{Reader: ev.Reader, PageCount: ev.PageCount, Problem: ev.Problem, Secret: ev.Secret}
	if out.Secret == "" {
		out.Problem = mapping.ProblemWithheld
	}
	return out
}

// withhold takes the words out of evidence that is kept.
func (t *tx) withhold(rows []fileRow) error {
	blank := []writtenFile{}
	for _, r := range rows {
		if r.Withheld || r.Secret != "" {
			continue
		}
		var ev mapping.FileEvidence
		if err := r.Body.into(&ev); err != nil {
			return fmt.Errorf("file %s: %w", r.SHA256, err)
		}
		row, err := t.writtenFile(r.SHA256, ev, true)
		if err != nil {
			return err
		}
		row.Reader = r.Reader // as the key has it
		blank = append(blank, row)
	}
	if len(blank) == 0 {
		return nil
	}
	_, err := t.exec(t.q.BlankFileEvidence, args{"rows": batch{blank}})
	return err
}

// LastEvidence gives what the last outcome of a receipt was made with, without what was read of files; nil when there is no outcome, or only
// one of the header block.
func (s *Store) LastEvidence(ctx context.Context, receipt string) (*bridge.Evidence, error) {
	var row struct {
		Inputs document `db:"inputs"`
	}
	found, err := s.one(ctx, s.reading.LastInputs, &row, args{"receipt": receipt})
	if err != nil || !found {
		return nil, wrap("read last evidence of "+receipt, err)
	}
	var in inputs
	if err := row.Inputs.into(&in); err != nil {
		return nil, fmt.Errorf("read last evidence of %s: %w", receipt, err)
	}
	if in.HeadersOnly {
		return nil, nil
	}
	return &in.Evidence, nil
}
