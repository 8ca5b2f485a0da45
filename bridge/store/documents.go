package store

import (
	"context"
	"fmt"
	"slices"
)

// settledDocuments is the last outcome of a receipt whose documents are settled.
type settledDocuments struct {
	ID      string   `db:"id"`
	Inputs  document `db:"inputs"`
	Outcome document `db:"outcome"`
}

// documents are the files of each record that the outcome made, by digest. nil where there is nothing to hold on to: an outcome without
// records, or one that was made from the header block alone and says nothing about the message.
func (r settledDocuments) documents() ([][]string, error) {
	var in struct {
		HeadersOnly bool `json:"headers_only"`
	}
	if err := r.Inputs.into(&in); err != nil || in.HeadersOnly {
		return nil, err
	}
	var made struct {
		Records []struct {
			Files []struct {
				Digest string `json:"sha256"`
			} `json:"files"`
		} `json:"records"`
	}
	if err := r.Outcome.into(&made); err != nil {
		return nil, err
	}
	var out [][]string
	for _, rec := range made.Records {
		digests := make([]string, len(rec.Files))
		for i, f := range rec.Files {
			digests[i] = f.Digest
		}
		out = append(out, digests)
	}
	return out, nil
}

// documentsOf gives the settled documents of receipts, by receipt; of those that have none yet it says nothing. Only receipts with an
// outcome need be asked for.
func (t *tx) documentsOf(ids []idRow) (map[string][][]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []settledDocuments
	if err := t.all(t.q.SettledDocuments, &rows, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	return byReceipt(rows)
}

func byReceipt(rows []settledDocuments) (map[string][][]string, error) {
	out := make(map[string][][]string, len(rows))
	for _, r := range rows {
		list, err := r.documents()
		if err != nil {
			return nil, fmt.Errorf("documents of %s: %w", r.ID, err)
		}
		if list != nil {
			out[r.ID] = list
		}
	}
	return out, nil
}

func sameDocuments(x, y [][]string) bool { return slices.EqualFunc(x, y, slices.Equal) }

// documentsOf gives the settled documents of one receipt outside of a transaction, nil when they are not settled.
func (s *Store) documentsOf(ctx context.Context, receipt string) ([][]string, error) {
	var rows []settledDocuments
	if err := s.all(ctx, s.reading.SettledDocuments, &rows, args{"rows": batch{[]idRow{{receipt}}}}); err != nil {
		return nil, err
	}
	settled, err := byReceipt(rows)
	return settled[receipt], err
}
