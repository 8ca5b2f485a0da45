package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
)

// Commit implements bridge.Work. A settlement whose notice cannot be rendered gets that error and writes nothing. When the database
// refuses the data of one settlement, the others are committed one by one, so that none is held up by its neighbour.
func (s *Store) Commit(ctx context.Context, render bridge.Renderer, in []bridge.Settlement) ([]error, error) {
	if len(in) == 0 {
		return nil, nil
	}
	errs, err := s.commit(ctx, render, in)
	if err == nil || !faulty(err) || len(in) == 1 {
		return errs, wrap(fmt.Sprintf("commit %d outcomes", len(in)), err)
	}
	errs = make([]error, len(in))
	for i := range in {
		one, err := s.commit(ctx, render, in[i:i+1])
		switch {
		case err == nil:
			errs[i] = one[0]
		case faulty(err):
			errs[i] = fmt.Errorf("commit outcome of %s: %w", in[i].Receipt.ID, err)
		default: // of the ones before some are written: calling again answers ErrFenced for them
			return nil, fmt.Errorf("commit outcome of %s: %w", in[i].Receipt.ID, err)
		}
	}
	return errs, nil
}

func (s *Store) commit(ctx context.Context, render bridge.Renderer, in []bridge.Settlement) ([]error, error) {
	broken := make([]error, len(in)) // what cannot be rendered stays out of the next run, so that it takes no number
	for {
		if err := s.compareFor(ctx, in); err != nil {
			return nil, err
		}
		var b *commitBatch
		err := s.change(ctx, func(t *tx) error {
			b = &commitBatch{tx: t, render: render, in: in, errs: slices.Clone(broken)}
			return b.settle()
		})
		bad, ok := errors.AsType[unrenderable](err)
		if !ok {
			if b != nil && b.erased {
				s.uncut.Store(true)
			}
			s.cutLog(ctx)
			if s.settleMarks(ctx, b, err) {
				continue
			}
			return b.result(), err
		}
		broken[bad.index] = fmt.Errorf("render notice of %s: %w", in[bad.index].Receipt.ID, bad.err)
	}
}

// unrenderable ends a run of tx 2 because the notice of one settlement cannot be rendered.
type unrenderable struct {
	index int
	err   error
}

func (u unrenderable) Error() string { return u.err.Error() }
func (u unrenderable) Unwrap() error { return u.err }

// commitBatch is one run of tx 2. First it looks, under locks, which settlements still hold; then it takes the numbers; then it writes
// all of them with one statement per table.
type commitBatch struct {
	*tx
	render bridge.Renderer
	in     []bridge.Settlement
	errs   []error
	cases  []*settling

	earlier []earlierRecord // of the receipts that had an outcome before
	erased  bool            // words of a secret
	marks   []bridge.BookMark
}

// settling is one settlement that still holds.
type settling struct {
	bridge.Settlement
	index   int
	mute    bool // imported, and nothing of it came live
	records []*recordRow
	made    []madeNotice // by earlier outcomes
	before  *sendingRow  // the notice that is made anew
	notice  *noticeRow
	chains  map[chainKey]chain // what was and is to be delivered of it
}

func (b *commitBatch) result() []error {
	if b == nil {
		return nil
	}
	return b.errs
}

func (b *commitBatch) settle() error {
	looks := []func() error{b.holdJobs, b.compareHistory, b.compareNotices, b.silenceSecrets, b.recallRecords, b.checkJoins, b.checkKeys, b.checkTied, b.checkStatuses, b.compareTold, b.recallDispatches}
	writes := []func() error{b.takeNumbers, b.composeNotices, b.writeOutcomes, b.writeRecords, b.writeLines, b.queueDispatches, b.takeKeys, b.writeRelations, b.writeStatuses, b.writeStates, b.writeFacts,
		b.writeNotices, b.noteTold,
		b.writeAlarms, b.dropJobs, b.writeReadings, b.eraseSecrets, b.writeBounces,
		b.reviveJoined, b.markCopies}
	if err := b.lockBooks(); err != nil {
		return err
	}
	for _, step := range looks {
		if err := step(); err != nil {
			return err
		}
		if len(b.cases) == 0 {
			return nil
		}
	}
	for _, step := range writes {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// keep drops the settlements that a check did not pass, with the error that tells why.
func (b *commitBatch) keep(ok func(*settling) bool, why error) {
	kept := b.cases[:0:0]
	for _, c := range b.cases {
		if ok(c) {
			kept = append(kept, c)
		} else {
			b.errs[c.index] = fmt.Errorf("receipt %s: %w", c.Receipt.ID, why)
		}
	}
	b.cases = kept
}

// holdJobs locks the jobs. From here on nobody else claims, amends or settles these receipts.
func (b *commitBatch) holdJobs() error {
	type fenced struct {
		ID    int64 `json:"id"`
		Fence int64 `json:"fence"`
	}
	rows := []fenced{}
	taken := map[int64]bool{}
	for i, s := range b.in {
		if b.errs[i] != nil {
			continue
		}
		if taken[s.Job.ID] {
			b.errs[i] = fmt.Errorf("receipt %s: %w: settled twice in one batch", s.Receipt.ID, bridge.ErrFenced)
			continue
		}
		taken[s.Job.ID] = true
		rows = append(rows, fenced{s.Job.ID, s.Job.Fence})
		b.cases = append(b.cases, &settling{Settlement: s, index: i})
	}
	slices.SortFunc(rows, func(x, y fenced) int { return cmp.Compare(x.ID, y.ID) }) // always locked in one order
	var ids []sql.NullInt64
	if err := b.all(b.q.HoldJobs, &ids, args{"rows": batch{rows}}); err != nil {
		return err
	}
	held := map[int64]bool{}
	for _, id := range ids {
		if id.Valid {
			held[id.Int64] = true
		}
	}
	b.keep(func(c *settling) bool { return held[c.Job.ID] }, bridge.ErrFenced)
	return nil
}

func (b *commitBatch) ids(which func(*settling) bool) []idRow {
	out := []idRow{}
	for _, c := range b.cases {
		if which(c) {
			out = append(out, idRow{c.Receipt.ID})
		}
	}
	return out
}

func every(*settling) bool { return true }

// again tells receipts that had an outcome before: only they have records, keys and notices already.
func (c *settling) again() bool { return c.Outcome.History.Outcomes > 0 }

// compareHistory finds settlements that were decided on a history that is no longer true.
func (b *commitBatch) compareHistory() error {
	var rows []countRow
	if err := b.all(b.q.HistoryCounts, &rows, args{"rows": batch{b.ids(every)}}); err != nil {
		return err
	}
	counts := make(map[string]countRow, len(rows))
	for _, r := range rows {
		counts[r.ID] = r
	}
	documents, err := b.documentsOf(b.ids((*settling).again))
	if err != nil {
		return err
	}
	b.keep(func(c *settling) bool {
		r, known := counts[c.Receipt.ID]
		c.mute = r.Imported && !r.Live
		h := c.Outcome.History
		return known && r.Live == c.Receipt.Live && r.Headers == c.Receipt.HeadersOnly && r.Outcomes == h.Outcomes && r.Amendments == len(h.Amendments) &&
			r.Elsewhere.Equal(h.Elsewhere) &&
			sameDocuments(c.Receipt.Documents, documents[c.Receipt.ID])
	}, bridge.ErrStale)
	return nil
}

// lockBooks lets commits for one receiving agency come one after the other from the start. They meet at its book anyway, but by then one may
// hold a record or a job that the other is going to write: locked first, and in order, the book keeps them from waiting for each other.
func (b *commitBatch) lockBooks() error {
	receivers := []string{}
	for _, s := range b.in {
		if !slices.Contains(receivers, s.Receipt.Receiver) {
			receivers = append(receivers, s.Receipt.Receiver)
		}
	}
	slices.Sort(receivers)
	for _, r := range receivers {
		if err := b.lockBook(r); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(b.in, func(s bridge.Settlement) bool { return s.Outcome.State == bridge.Quarantined }) {
		if _, err := b.exec(b.q.LockCounter, args{"name": fileEvidence}); err != nil {
			return err
		}
	}
	return b.afterLock()
}

// dropJobs ends the work: a second Commit of the same claim will find no job under its fence.
func (b *commitBatch) dropJobs() error {
	ids := make([]jobID, len(b.cases))
	for i, c := range b.cases {
		ids[i] = jobID{c.Job.ID}
	}
	_, err := b.exec(b.q.DropJobs, args{"rows": batch{ids}})
	return err
}
