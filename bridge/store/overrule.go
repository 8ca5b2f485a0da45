package store

import (
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// reasonOverruled is why a notice was withdrawn that a later outcome of its receipt does not make.
const reasonOverruled = "overruled"

// madeNotice is a notice that a receipt has already.
type madeNotice struct {
	ID          string `db:"id"`
	Receipt     string `db:"receipt"`
	Kind        string `db:"kind"`
	State       string `db:"state"`
	SentAt      stamp  `db:"sent_at"`
	SettledAt   stamp  `db:"settled_at"`
	CancelledBy string `db:"cancelled_by"`
	Leased      bool   `db:"leased"`
	Digest      string `db:"digest"` // that speaks for it; its states are the digest's then
}

// told says whether its addressee has heard of it, or may hear of it at this moment.
func (m madeNotice) told() bool {
	switch m.State {
	case noticeSent, noticeFailed, noticeBounced:
		return true
	case noticeCancelled: // by a person, after it had bounced
		return !m.SentAt.IsZero()
	}
	return m.Leased
}

// failed says whether its addressee will not hear of it, for good.
func (m madeNotice) failed() bool {
	return m.State == noticeFailed || m.State == noticeBounced || m.State == noticeCancelled && m.CancelledBy != ""
}

// waits says whether it would still be sent, and nobody has it in hand.
func (m madeNotice) waits() bool {
	return !m.Leased && (m.State == noticeReview || m.State == noticeQueued)
}

// idle says whether it may still be made anew. What a person took back stays so, until an amendment that is newer than that.
func (m madeNotice) idle(amended []bridge.Amendment) bool {
	if m.State != noticeCancelled || m.told() {
		return m.waits()
	}
	return m.CancelledBy == "" || slices.ContainsFunc(amended, func(a bridge.Amendment) bool { return a.At.After(m.SettledAt.Time) })
}

// kindsOf lists the kinds of the notices that are meant.
func kindsOf(made []madeNotice, which func(madeNotice) bool) []notice.Kind {
	kinds := []notice.Kind{}
	for _, m := range made {
		if which(m) {
			kinds = append(kinds, notice.Kind(m.Kind))
		}
	}
	return kinds
}

func sameKinds(x, y []notice.Kind) bool {
	return len(x) == len(y) && !slices.ContainsFunc(x, func(k notice.Kind) bool { return !slices.Contains(y, k) })
}

// madeOf finds the notice of a kind that the receipt has already.
func (c *settling) madeOf(k notice.Kind) (madeNotice, bool) {
	i := slices.IndexFunc(c.made, func(m madeNotice) bool { return m.Kind == string(k) })
	if i < 0 {
		return madeNotice{}, false
	}
	return c.made[i], true
}

// says tells whether the new outcome says the same as a notice: it makes one of the same kind, or makes none because the addressee was told
// already. A refusal is only said by what is refused.
func (c *settling) says(m madeNotice) bool {
	if d := c.Outcome.Notice; d != nil {
		return string(d.Kind) == m.Kind
	}
	refusal := m.Kind == string(notice.Refuse) || m.Kind == string(notice.Return)
	return m.Leased && c.Outcome.Silence == notice.SilentDuplicate && (!refusal || c.Outcome.State == bridge.Refused)
}

// compareNotices finds settlements that were decided on notices which are not as they were, and those that overrule a notice while it is
// being handed over: what becomes of it will be known soon. From here on nobody else claims, releases or cancels these notices.
func (b *commitBatch) compareNotices() error {
	earlier := b.ids((*settling).again)
	if len(earlier) == 0 {
		return nil
	}
	if b.s.dialect == postgres {
		for range 2 { // who held a lock may have dissolved a digest: its notices have jobs of their own then
			var locked []int64
			if err := b.all(b.q.LockNotices, &locked, args{"rows": batch{earlier}}); err != nil {
				return err
			}
		}
	}
	var rows []madeNotice
	if err := b.all(b.q.HistoryNotices, &rows, args{"rows": batch{earlier}, "now": at(b.now)}); err != nil {
		return err
	}
	made := map[string][]madeNotice{}
	for _, r := range rows {
		made[r.Receipt] = append(made[r.Receipt], r)
	}
	b.keep(func(c *settling) bool {
		c.made = made[c.Receipt.ID]
		h := c.Outcome.History
		return sameKinds(h.Notices, kindsOf(c.made, madeNotice.told)) && sameKinds(h.Failed, kindsOf(c.made, madeNotice.failed)) &&
			!slices.ContainsFunc(c.made, func(m madeNotice) bool { return m.Leased && !c.says(m) })
	}, bridge.ErrStale)
	return nil
}

// holds tells whether a notice that failed would still be true under the new outcome, so that a person may try it again.
func (c *settling) holds(m madeNotice) bool {
	if c.Outcome.State == bridge.Quarantined { // whatever quotes goes
		return m.Kind == string(notice.Neutral)
	}
	if d := c.Outcome.Notice; d != nil {
		return string(d.Kind) == m.Kind
	}
	switch kind := notice.Kind(m.Kind); {
	case kind == notice.NotCounted && c.Outcome.Silence == notice.SilentDuplicate: // of accepted mail, and said again
		return true
	case refusal(m.Kind):
		return refusable(c.Outcome.State)
	case kind == notice.Receipt || kind == notice.Remind || kind == notice.Accepted:
		return !refusable(c.Outcome.State)
	}
	return true
}

// takeOutOfDigests dissolves the unsent digests that speak for notices which are taken back or made anew.
func (b *commitBatch) takeOutOfDigests() error {
	states := map[string]string{}
	for _, c := range b.cases {
		for _, m := range c.made {
			anew := c.notice != nil && c.notice.ID == m.ID
			if m.Digest != "" && m.waits() && (anew || !c.says(m)) {
				states[m.Digest] = m.State
			}
		}
	}
	return b.dissolve(states)
}

// withdraw takes back the notices that the new outcomes do not make any more.
func (b *commitBatch) withdraw() error {
	rows := []idRow{}
	for _, c := range b.cases {
		for _, m := range c.made {
			if m.waits() && !c.says(m) || m.State == noticeFailed && !c.holds(m) {
				rows = append(rows, idRow{m.ID})
				b.note(audit.NewNoticeCancelled(b.now, c.Receipt.ID, m.ID, audit.Program, reasonOverruled))
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := b.exec(b.q.WithdrawNotices, args{"rows": batch{rows}, "reason": reasonOverruled, "now": at(b.now)}); err != nil {
		return err
	}
	_, err := b.exec(b.q.DropJobsOf, args{"kind": Notify, "rows": batch{rows}})
	return err
}
