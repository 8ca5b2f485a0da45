package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

type sendingRow struct {
	ID           string `db:"id"`
	Kind         string `db:"kind"`
	Receipt      null   `db:"receipt"`
	Receiver     string `db:"receiver"`
	Agency       string `db:"agency"`
	To           string `db:"to_addr"`
	MessageID    string `db:"message_id"`
	EnvelopeFrom string `db:"envelope_from"`
	EnvelopeTo   string `db:"envelope_to"`
	Body         []byte `db:"body"`
	State        string `db:"state"`
	MadeAt       stamp  `db:"made_at"`
	DeferredAt   stamp  `db:"deferred_at"`
	FirstTry     stamp  `db:"first_try"`
	SentAt       stamp  `db:"sent_at"`
	SettledAt    stamp  `db:"settled_at"`
	Reply        string `db:"reply"`
	CancelledBy  string `db:"cancelled_by"`
	Reminder     int    `db:"reminder"`
	CountedAt    stamp  `db:"counted_at"`
	ReleasedAt   stamp  `db:"released_at"`

	Gist       document `db:"gist"` // what a digest says of it; {}: none can
	GatheredAt stamp    `db:"gathered_at"`
	Digest     null     `db:"digest"`
}

func (r sendingRow) rendered() notice.Rendered {
	return notice.Rendered{MessageID: r.MessageID, EnvelopeFrom: r.EnvelopeFrom, EnvelopeTo: r.EnvelopeTo, Bytes: r.Body}
}

// counterCaps is the counter whose row is the lock of everything that counts notices.
const counterCaps = "caps"

// claimRounds bounds how often one claim looks behind notices that a cap or a person holds up.
const claimRounds = 16

// ClaimNotices implements bridge.Notices. A refusal of what was registered since rests, and its receipt is decided again. A notice counts for the caps once, at its first try; one that is over a cap is due again when the
// window of that cap frees. One that a person must release is moved to review. Alarms to the administrator are not capped and do not count.
func (s *Store) ClaimNotices(ctx context.Context, owner string, n int, lease time.Duration, caps bridge.Caps) ([]bridge.Outgoing, error) {
	for {
		out, err := s.claimNoticesOnce(ctx, owner, n, lease, caps)
		late, is := errors.AsType[overtaken](err)
		if !is {
			return out, err
		}
		if err := s.decideAnew(ctx, late); err != nil {
			return nil, err
		}
	}
}

func (s *Store) claimNoticesOnce(ctx context.Context, owner string, n int, lease time.Duration, caps bridge.Caps) ([]bridge.Outgoing, error) {
	var out []bridge.Outgoing
	err := s.change(ctx, func(t *tx) error {
		out = nil
		if caps != (bridge.Caps{}) { // counting and claiming must not happen twice at once, or a cap is passed twice
			if _, err := t.exec(t.q.LockCounter, args{"name": counterCaps}); err != nil {
				return err
			}
		}
		if err := t.takeBack(Notify); err != nil {
			return err
		}
		if err := t.failSuppressed(); err != nil {
			return err
		}
		for range claimRounds {
			claimed, held, err := t.claimNotices(owner, n-len(out), lease, caps)
			if err != nil {
				return err
			}
			if out = append(out, claimed...); held == 0 || len(out) == n {
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim notices: %w", err)
	}
	return out, nil
}

func (t *tx) claimNotices(owner string, n int, lease time.Duration, caps bridge.Caps) ([]bridge.Outgoing, int, error) {
	var due []dueJob
	if err := t.all(t.q.DueJobs, &due, args{"kind": Notify, "now": at(t.now), "n": n}); err != nil || len(due) == 0 {
		return nil, 0, err
	}
	ids := make([]idRow, len(due))
	for i, j := range due {
		ids[i] = idRow{j.Key}
	}
	notices, err := t.noticesOf(ids)
	if err != nil {
		return nil, 0, err
	}
	if err := t.checkOvertaken(due, notices); err != nil {
		return nil, 0, err
	}
	tally, err := t.tally(notices, caps)
	if err != nil {
		return nil, 0, err
	}
	var fit, review []dueJob
	var late []deferral
	for _, j := range due {
		r, ok := notices[j.Key]
		if !ok {
			return nil, 0, fmt.Errorf("job of notice %s: %w", j.Key, bridge.ErrNotFound)
		}
		if len(r.Body) == 0 || r.needsPerson(caps, t.now) { // without its words it never goes; a person can only take it back
			review = append(review, j)
		} else if tally.gathers(r) {
			late = append(late, deferral{job: j, notice: r, bound: boundDigest, until: nextDigest(t.now, caps.DigestAt)})
		} else if bound, until := tally.admit(r, t.now); bound != "" {
			late = append(late, deferral{job: j, notice: r, bound: bound, until: until})
		} else {
			fit = append(fit, j)
		}
	}
	held := len(review) + len(late)
	if err := t.stop(tally.breaker); err != nil {
		return nil, held, err
	}
	if err := t.reviewNotices(review); err != nil {
		return nil, held, err
	}
	if err := t.deferNotices(late); err != nil || len(fit) == 0 {
		return nil, held, err
	}
	out, err := t.sendNow(fit, notices, owner, lease)
	return out, held, err
}

// needsPerson says whether a notice waits for a person although it is queued: the mode is another since, or it has become too old before
// anybody tried it. How long one that was tried is tried again is the outbox's to say.
func (r *sendingRow) needsPerson(caps bridge.Caps, now time.Time) bool {
	return r.Kind != string(notice.Alarm) && r.ReleasedAt.IsZero() && (caps.Review || r.FirstTry.IsZero() && tooOld(r.CountedAt.Time, now))
}

// reviewNotices lets due notices wait for a person; a release gives them all their tries.
func (t *tx) reviewNotices(due []dueJob) error {
	if len(due) == 0 {
		return nil
	}
	jobs, ids := make([]killedJob, len(due)), make([]idRow, len(due))
	for i, j := range due {
		jobs[i], ids[i] = killedJob{ID: j.ID}, idRow{j.Key}
	}
	if _, err := t.exec(t.q.ReviewNotices, args{"rows": batch{ids}}); err != nil {
		return err
	}
	_, err := t.exec(t.q.KillJobs, args{"rows": batch{jobs}})
	return err
}

func (t *tx) noticesOf(ids []idRow) (map[string]sendingRow, error) {
	var rows []sendingRow
	if err := t.all(t.q.Notices, &rows, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	out := make(map[string]sendingRow, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

func (t *tx) sendNow(fit []dueJob, notices map[string]sendingRow, owner string, lease time.Duration) ([]bridge.Outgoing, error) {
	jobs, err := t.claim(Notify, fit, owner, lease)
	if err != nil {
		return nil, err
	}
	ids := make([]idRow, len(fit))
	out := make([]bridge.Outgoing, len(fit))
	for i, j := range fit {
		r := notices[j.Key]
		ids[i] = idRow{j.Key}
		out[i] = bridge.Outgoing{Job: jobs[j.Key], Notice: r.ID, Rendered: r.rendered(), Kind: notice.Kind(r.Kind), Receipt: string(r.Receipt),
			FirstTry: r.FirstTry.Time}
	}
	_, err = t.exec(t.q.TryNotices, args{"rows": batch{ids}, "now": at(t.now)})
	return out, err
}

// deferral is a notice that a cap holds up.
type deferral struct {
	job    dueJob
	notice sendingRow
	bound  string
	until  time.Time
}

// deferNotices moves jobs to when their cap has room again; the event is written the first time only.
func (t *tx) deferNotices(late []deferral) error {
	if len(late) == 0 {
		return nil
	}
	type postponed struct {
		ID      int64 `json:"id"`
		ReadyAt stamp `json:"ready_at"`
	}
	jobs := make([]postponed, len(late))
	ids := make([]idRow, len(late))
	byID := make(map[string]deferral, len(late))
	for i, d := range late {
		jobs[i], ids[i], byID[d.notice.ID] = postponed{d.job.ID, at(d.until)}, idRow{d.notice.ID}, d
	}
	if _, err := t.exec(t.q.PostponeJobs, args{"rows": batch{jobs}}); err != nil {
		return err
	}
	if err := t.gatherNotices(late); err != nil {
		return err
	}
	var first []string
	if err := t.all(t.q.DeferNotices, &first, args{"rows": batch{ids}, "now": at(t.now)}); err != nil {
		return err
	}
	for _, id := range first {
		d := byID[id]
		if d.bound == boundDigest {
			continue
		}
		t.note(audit.NewNoticeDeferred(t.now, string(d.notice.Receipt), id, d.bound, d.until))
	}
	return nil
}

// NoticeSent implements bridge.Notices. After an unclear error it may be called again and then answers ErrFenced: it was noted.
func (s *Store) NoticeSent(ctx context.Context, o bridge.Outgoing, reply string) error {
	return wrap("note sent notice "+o.Notice, s.change(ctx, func(t *tx) error {
		var key string
		held, err := t.one(t.q.FinishJob, &key, args{"id": o.Job.ID, "fence": o.Job.Fence})
		if err != nil {
			return err
		}
		if !held {
			return bridge.ErrFenced
		}
		a := args{"id": key, "state": "sent", "reply": line(reply), "sent": at(t.now), "now": at(t.now)}
		if _, err := t.exec(t.q.EndNotice, a); err != nil {
			return err
		}
		entries, err := t.digested(key)
		if err != nil {
			return err
		}
		for _, e := range entries { // each receipt's log says that its sender was told
			t.note(audit.NewNoticeSent(t.now, string(e.Receipt), key, line(reply), o.Job.Attempt))
		}
		t.note(audit.NewNoticeSent(t.now, o.Receipt, key, line(reply), o.Job.Attempt))
		return nil
	}))
}

// NoticeLater implements bridge.Notices.
func (s *Store) NoticeLater(ctx context.Context, o bridge.Outgoing, when time.Time, reply string) error {
	return wrap("put off notice "+o.Notice, s.change(ctx, func(t *tx) error {
		var key string
		a := args{"id": o.Job.ID, "fence": o.Job.Fence, "error": line(reply), "ready": at(when), "uncounted": 0}
		held, err := t.one(t.q.GiveBackJob, &key, a)
		if err != nil {
			return err
		}
		if !held {
			return bridge.ErrFenced
		}
		_, err = t.exec(t.q.NoteReply, args{"id": key, "reply": line(reply)})
		return err
	}))
}

// WaitingNotices implements bridge.Notices. One that somebody holds counts: its sender may have died.
func (s *Store) WaitingNotices(ctx context.Context) (int, error) {
	now, err := s.instant(ctx)
	if err != nil {
		return 0, err
	}
	var n int
	if _, err := s.one(ctx, s.reading.DueOrLeasedJobs, &n, args{"kind": Notify, "now": at(now)}); err != nil {
		return 0, fmt.Errorf("count waiting notices: %w", err)
	}
	return n, nil
}
