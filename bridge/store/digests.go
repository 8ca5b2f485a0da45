package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// What is over the day's cap of its address is gathered at the claim: it stays queued, and everything that may happen to a queued notice may
// happen to it. When the time of digests comes, one transaction writes the digest of an address, queues it and ends the notices that it speaks
// for as digested. From then on they are as their digest is: sent with it, taken out of it while it is unsent, failed or bounced with it.

// boundDigest is the name, in no event, of what holds a gathered notice up.
const boundDigest = "digest"

// lastDigest is the newest time of digests that is not after now, at so long after midnight in Vietnam.
func lastDigest(now time.Time, at time.Duration) time.Time {
	y, m, d := now.In(vietnam).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, vietnam).Add(at)
	if today.After(now) {
		today = today.AddDate(0, 0, -1)
	}
	return today.UTC()
}

func nextDigest(now time.Time, at time.Duration) time.Time { return lastDigest(now, at).Add(day) }

// gatherable says whether a digest may speak for a notice. One that quotes nothing goes by itself; one of an older program has no gist.
func (r *sendingRow) gatherable() bool {
	return r.FirstTry.IsZero() && r.Receipt != "" && r.Kind != string(notice.Neutral) && len(r.Gist) > len("{}")
}

// gathers says whether a notice waits for the digest: it was gathered before, or the day of its address is full.
func (c *tally) gathers(r sendingRow) bool {
	switch {
	case !c.caps.Digests || c.caps.OnlyAlarms || c.breaker.open() || !r.gatherable():
		return false
	case !r.GatheredAt.IsZero():
		return true
	}
	return c.caps.PerSenderDay > 0 && len(c.tries[capKey{boundSenderDay, r.To}]) >= c.caps.PerSenderDay
}

// gatherNotices lets notices wait for the next digest; the event is written the first time only.
func (t *tx) gatherNotices(late []deferral) error {
	ids := []idRow{}
	for _, d := range late {
		if d.bound == boundDigest {
			ids = append(ids, idRow{d.notice.ID})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var first []string
	if err := t.all(t.q.GatherNotices, &first, args{"rows": batch{ids}, "now": at(t.now)}); err != nil {
		return err
	}
	for _, d := range late {
		if slices.Contains(first, d.notice.ID) {
			t.note(audit.NewNoticeGathered(t.now, string(d.notice.Receipt), d.notice.ID, d.until))
		}
	}
	return nil
}

// correspondence is one address and who writes to it.
type correspondence struct {
	Receiver string `db:"receiver"`
	To       string `db:"to_addr"`
}

// GatherNotices implements bridge.Digests.
func (s *Store) GatherNotices(ctx context.Context, render bridge.Renderer, write bridge.DigestWriter, caps bridge.Caps) (int, error) {
	if !caps.Digests || caps.OnlyAlarms {
		return 0, nil
	}
	now, err := s.instant(ctx)
	if err != nil {
		return 0, fmt.Errorf("gather notices: %w", err)
	}
	var due []correspondence
	if err := s.all(ctx, s.reading.DueDigests, &due, args{"since": at(lastDigest(now, caps.DigestAt))}); err != nil || len(due) == 0 {
		return 0, wrap("gather notices", err)
	}
	made := 0
	for _, c := range due { // each by itself: one that cannot be written does not hold up the others
		one, late := 0, overtaken{}
		oneErr := s.change(ctx, func(t *tx) (err error) {
			one, late, err = t.gatherFor(c, render, write, caps)
			return err
		})
		if oneErr == nil {
			made += one
		}
		if u, is := errors.AsType[unwritten](oneErr); is {
			oneErr = errors.Join(oneErr, s.scatter(ctx, u.notices))
		} else if oneErr == nil && len(late.receipts) > 0 {
			oneErr = s.decideAnew(ctx, late)
		}
		err = errors.Join(err, wrap("gather notices to an address", oneErr))
	}
	return made, err
}

// unwritten says that nobody can write a digest of these notices: their receiving agency is configured no more.
type unwritten struct {
	cause   error
	notices []idRow
}

func (u unwritten) Error() string { return u.cause.Error() }
func (u unwritten) Unwrap() error { return u.cause }

// scatter lets gathered notices go by themselves, as the caps allow: their own letters are written already.
func (s *Store) scatter(ctx context.Context, notices []idRow) error {
	return wrap("let notices go by themselves", s.change(ctx, func(t *tx) error {
		_, err := t.exec(t.q.ScatterNotices, args{"rows": batch{notices}})
		return err
	}))
}

// gatherFor writes the digest of one address, unless another daemon has. What it left out because its document was registered since is to be
// decided again.
func (t *tx) gatherFor(c correspondence, render bridge.Renderer, write bridge.DigestWriter, caps bridge.Caps) (int, overtaken, error) {
	if _, err := t.exec(t.q.LockCounter, args{"name": counterCaps}); err != nil {
		return 0, overtaken{}, err
	}
	if b, err := t.breaker(); err != nil || b.open() {
		return 0, overtaken{}, err
	}
	var due []correspondence
	if err := t.all(t.q.DueDigests, &due, args{"since": at(lastDigest(t.now, caps.DigestAt))}); err != nil || !slices.Contains(due, c) {
		return 0, overtaken{}, err
	}
	if err := t.failSuppressed(); err != nil {
		return 0, overtaken{}, err
	}
	rows, late, err := t.gathered(c, caps)
	if err != nil || len(rows) == 0 {
		return 0, late, err
	}
	return 1, late, t.digest(c, rows, render, write)
}

// gathered locks what was gathered for an address. What must wait for a person does so by itself.
func (t *tx) gathered(c correspondence, caps bridge.Caps) ([]sendingRow, overtaken, error) {
	var found []struct {
		ID  string `db:"id"`
		Job int64  `db:"job"`
	}
	if err := t.all(t.q.Gathered, &found, args{"receiver": c.Receiver, "to_addr": c.To, "n": notice.MaxDigest}); err != nil {
		return nil, overtaken{}, err
	}
	ids, due := make([]idRow, len(found)), make([]dueJob, len(found))
	for i, f := range found {
		ids[i], due[i] = idRow{f.ID}, dueJob{ID: f.Job, Key: f.ID}
	}
	notices, err := t.noticesOf(ids)
	if err != nil {
		return nil, overtaken{}, err
	}
	late, is := overtaken{}, false
	if err := t.checkOvertaken(due, notices); err != nil {
		if late, is = errors.AsType[overtaken](err); !is {
			return nil, overtaken{}, err
		}
	}
	var rows []sendingRow
	var review []dueJob
	for _, f := range found {
		switch r := notices[f.ID]; {
		case r.State != noticeQueued, slices.Contains(late.jobs, jobID{f.Job}): // ended since the jobs were looked for, or about to
		case r.needsPerson(caps, t.now) || !r.gatherable():
			review = append(review, dueJob{ID: f.Job, Key: f.ID})
		default:
			rows = append(rows, r)
		}
	}
	return rows, late, t.reviewNotices(review)
}

// digest writes and queues the digest, and ends what it speaks for.
func (t *tx) digest(c correspondence, rows []sendingRow, render bridge.Renderer, write bridge.DigestWriter) error {
	ids := make([]idRow, len(rows))
	for i, r := range rows {
		ids[i] = idRow{r.ID}
	}
	g := notice.Gathered{To: c.To, Agency: rows[0].Agency, Receiver: c.Receiver}
	for _, r := range rows {
		var gist notice.Gist
		if err := r.Gist.into(&gist); err != nil {
			return fmt.Errorf("gist of %s: %w", r.ID, err)
		}
		g.Gists = append(g.Gists, gist)
	}
	draft, took := write(g)
	if draft == nil || took < 1 || took > len(rows) {
		return unwritten{errors.New("no digest can be written to the address"), ids}
	}
	draft.Kind, draft.Receipt, draft.To, draft.Receiver = notice.Digest, "", c.To, c.Receiver
	rows, ids = rows[:took], ids[:took]
	year := t.now.In(vietnam).Year()
	var n int
	if _, err := t.one(t.q.TakeCounter, &n, args{"name": fmt.Sprintf("digests/%d", year), "n": 1}); err != nil {
		return err
	}
	id := noticeID(fmt.Sprintf("DG-%d-%07d", year, n), notice.Digest)
	row, err := t.newNotice(render, *draft, notice.Numbers{ID: id, At: t.now}, noticeQueued)
	if err != nil {
		return unwritten{fmt.Errorf("render digest: %w", err), ids}
	}
	row.CountedAt = oldestUnreleased(rows)
	if err := t.addNotices([]*noticeRow{row}); err != nil {
		return err
	}
	if row.CountedAt.IsZero() { // a person let every one of them go
		if _, err := t.exec(t.q.ReleaseDigest, args{"id": id, "now": at(t.now)}); err != nil {
			return err
		}
	}
	for _, r := range rows {
		t.note(audit.NewNoticeDigested(t.now, string(r.Receipt), r.ID, id))
	}
	for _, q := range []*statement{t.q.DigestNotices, t.q.AddDigestEntries} {
		if _, err := t.exec(q, args{"rows": batch{ids}, "digest": id, "now": at(t.now)}); err != nil {
			return err
		}
	}
	_, err = t.exec(t.q.DropJobsOf, args{"kind": Notify, "rows": batch{ids}})
	return err
}

// oldestUnreleased is the instant by which the age of a digest counts; zero when a person released all.
func oldestUnreleased(rows []sendingRow) stamp {
	var oldest stamp
	for _, r := range rows {
		if r.ReleasedAt.IsZero() && (oldest.IsZero() || r.CountedAt.Before(oldest.Time)) {
			oldest = r.CountedAt
		}
	}
	return oldest
}
