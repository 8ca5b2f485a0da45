package store

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// reasonSuppressed is why a notice failed whose address bounced for good after it was queued.
const reasonSuppressed = "suppressed"

// spokenFor is a notice that a digest speaks for, or one that fails by itself.
type spokenFor struct {
	ID      string `db:"id"`
	Receipt null   `db:"receipt"`
	Kind    string `db:"kind"`
}

// digested lists the notices that a digest speaks for; none for any other notice.
func (t *tx) digested(id string) ([]spokenFor, error) {
	var rows []spokenFor
	err := t.all(t.q.Digested, &rows, args{"digest": id})
	return rows, err
}

// reconsiderDigested lets the receipts of the refusals in a digest be decided again, because the digest ends without being heard.
func (t *tx) reconsiderDigested(entries []spokenFor) error {
	receipts := []string{}
	for _, e := range entries {
		if refusal(e.Kind) {
			receipts = append(receipts, string(e.Receipt))
		}
	}
	if len(receipts) == 0 {
		return nil
	}
	return t.revive(Process, receipts...)
}

// settleDigested gives the notices of a digest its end. From here on each stands for itself: a person releases or settles it by its own id.
func (t *tx) settleDigested(id, state, reply, by string, entries []spokenFor, event func(spokenFor) audit.Event) error {
	if len(entries) == 0 {
		return nil
	}
	a := args{"digest": id, "state": state, "reply": line(reply), "by": line(by), "now": at(t.now)}
	if _, err := t.exec(t.q.SettleDigested, a); err != nil {
		return err
	}
	for _, e := range entries {
		t.note(event(e))
	}
	return nil
}

// dissolve takes digests back that nobody has in hand and that were not sent, each with the state that it is in: what one of their notices says is
// not true any more, or a person took one out. The others wait for another digest, or for the person who had this one before him.
func (t *tx) dissolve(states map[string]string) error {
	type blankRow struct {
		ID    string `json:"id"`
		Draft string `json:"draft"`
		Body  blob   `json:"body"`
	}
	if len(states) == 0 {
		return nil
	}
	empty, err := encode(notice.Draft{Kind: notice.Digest, References: []string{}})
	if err != nil {
		return err
	}
	ids, blank := []idRow{}, []blankRow{}
	for id := range states {
		ids = append(ids, idRow{id})
	}
	slices.SortFunc(ids, func(x, y idRow) int { return strings.Compare(x.ID, y.ID) })
	for _, id := range ids {
		blank = append(blank, blankRow{id.ID, empty, blob{}})
		t.note(audit.NewNoticeCancelled(t.now, "", id.ID, audit.Program, reasonOverruled))
	}
	if _, err := t.exec(t.q.DropJobsOf, args{"kind": Notify, "rows": batch{ids}}); err != nil {
		return err
	}
	if _, err := t.exec(t.q.DissolveDigests, args{"rows": batch{blank}, "reason": reasonOverruled, "now": at(t.now)}); err != nil {
		return err
	}
	jobs := []jobRow{}
	for _, id := range ids {
		job := jobReady
		if states[id.ID] == noticeReview {
			job = jobDead
		}
		var freed []string
		if err := t.all(t.q.FreeDigested, &freed, args{"digest": id.ID, "state": states[id.ID]}); err != nil {
			return err
		}
		for _, f := range freed {
			jobs = append(jobs, jobRow{Kind: Notify, Key: f, ReadyAt: at(t.now), State: job})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	t.wake[Notify] = true
	_, err = t.exec(t.q.AddJobs, args{"rows": batch{jobs}})
	return err
}

// takeOut dissolves the digest that speaks for a notice, if it does and can be taken back.
func (t *tx) takeOut(id string) error {
	found, err := t.noticesOf([]idRow{{id}})
	if err != nil || found[id].State != noticeDigested {
		return err
	}
	digest := string(found[id].Digest)
	if found, err = t.noticesOf([]idRow{{digest}}); err != nil {
		return err
	}
	if state := found[digest].State; state != noticeQueued && state != noticeReview {
		return nil // sent: what it said was said
	}
	if err := t.dropFree(digest); err != nil {
		return err
	}
	return t.dissolve(map[string]string{digest: found[digest].State})
}

// dropFree removes the job of a notice, and answers ErrBusy while somebody has it in hand.
func (t *tx) dropFree(id string) error {
	if _, err := t.exec(t.q.DropJobOf, args{"kind": Notify, "job_key": id, "now": at(t.now)}); err != nil {
		return err
	}
	var left int // was leased a moment ago: should it be given back meanwhile, it must not be claimed as cancelled
	if _, err := t.one(t.q.CountJob, &left, args{"kind": Notify, "job_key": id}); err != nil {
		return err
	}
	if left > 0 {
		return ErrBusy
	}
	return nil
}

// failSuppressed ends queued notices whose address bounced for good since they were made, unless a person let them go. A refusal among them
// cannot be told, and its receipt is decided again.
func (t *tx) failSuppressed() error {
	var rows []spokenFor
	if err := t.all(t.q.SuppressedNotice, &rows, args{"now": at(t.now), "expired": at(t.now.Add(-suppressedFor))}); err != nil {
		return err
	}
	for _, r := range rows {
		entries := []spokenFor{r}
		if r.Kind == string(notice.Digest) {
			var err error
			if entries, err = t.digested(r.ID); err != nil {
				return err
			}
		}
		if err := t.reconsiderDigested(entries); err != nil {
			return err
		}
		if err := t.dropFree(r.ID); err != nil {
			return err
		}
		var failed string
		ended, err := t.one(t.q.FailNotice, &failed, args{"id": r.ID, "reply": reasonSuppressed, "now": at(t.now)})
		if err != nil {
			return err
		}
		if !ended {
			continue
		}
		t.note(audit.NewNoticeFailed(t.now, string(r.Receipt), r.ID, reasonSuppressed, 0))
		if r.Kind != string(notice.Digest) {
			continue
		}
		if err := t.settleDigested(r.ID, noticeFailed, reasonSuppressed, "", entries, func(e spokenFor) audit.Event {
			return audit.NewNoticeFailed(t.now, string(e.Receipt), e.ID, reasonSuppressed, 0)
		}); err != nil {
			return err
		}
	}
	return nil
}

var _ bridge.Digests = (*Store)(nil)
