package store

import (
	"context"
	"fmt"
)

// Owners lists who holds an unexpired lease, of a name or of a job.
func (s *Store) Owners(ctx context.Context) ([]string, error) {
	now, err := s.instant(ctx)
	if err != nil {
		return nil, fmt.Errorf("list owners of leases: %w", err)
	}
	var owners []string
	if err := s.all(ctx, s.reading.Owners, &owners, args{"now": at(now)}); err != nil {
		return nil, fmt.Errorf("list owners of leases: %w", err)
	}
	return owners, nil
}

// ReleaseOwner ends the leases of an owner that is known to be dead, before they run out by themselves. Should it live after all, its next
// write answers ErrFenced as soon as somebody else has taken over. suspects are the receipts that it was reading when it died: their jobs
// stay marked as abandoned with the try counted, so that one which kills its worker is found; the others were in its hands by chance, and
// get their try back. Nil means that nobody knows: then all are suspects.
func (s *Store) ReleaseOwner(ctx context.Context, owner string, suspects []string) error {
	return wrap("release leases of "+owner, s.change(ctx, func(t *tx) error {
		if _, err := t.exec(t.q.ReleaseNames, args{"owner": owner, "now": at(t.now)}); err != nil {
			return err
		}
		rows := make([]idRow, len(suspects))
		for i, id := range suspects {
			rows[i] = idRow{id}
		}
		a := args{"owner": owner, "now": at(t.now), "rows": batch{rows}}
		if suspects != nil {
			if _, err := t.exec(t.q.AcquitJobs, a); err != nil {
				return err
			}
		}
		_, err := t.exec(t.q.ReleaseJobs, args{"owner": owner, "now": at(t.now)})
		return err
	}))
}
