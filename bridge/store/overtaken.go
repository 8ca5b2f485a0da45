package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
)

// overtaken are refusals whose document was registered since, over the system or from a copy that came in time. As an error it ends a claim of
// notices: the job of a receipt is locked before those of its notices.
type overtaken struct {
	receipts []string
	jobs     []jobID
}

func (o overtaken) Error() string {
	return fmt.Sprintf("%d refusals are of what was registered since", len(o.receipts))
}

// overtakenRest is how long such a notice rests while its receipt is decided again. Then it is withdrawn, made anew, or looked at again.
const overtakenRest = time.Minute

// checkOvertaken ends the claim when one of the due notices, or one that a due digest speaks for, refuses what stands in the register by now. One that its sender may have heard of,
// since whoever sent it died over it, is sent again.
func (t *tx) checkOvertaken(due []dueJob, notices map[string]sendingRow) error {
	refusals, digests, jobs := []idRow{}, []idRow{}, map[string]int64{}
	for _, j := range due {
		switch r := notices[j.Key]; {
		case j.Abandoned:
		case refusal(r.Kind):
			refusals, jobs[r.ID] = append(refusals, idRow{r.ID}), j.ID
		case r.Kind == string(notice.Digest):
			digests, jobs[r.ID] = append(digests, idRow{r.ID}), j.ID
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	var rows []struct {
		ID      string `db:"id"`
		Receipt string `db:"receipt"`
		Kind    string `db:"kind"`
	}
	if err := t.all(t.q.LateRefusals, &rows, args{"rows": batch{refusals}, "digests": batch{digests}}); err != nil {
		return err
	}
	o := overtaken{}
	for _, r := range rows {
		if !refusal(r.Kind) {
			continue
		}
		o.receipts = append(o.receipts, r.Receipt)
		if job := (jobID{jobs[r.ID]}); !slices.Contains(o.jobs, job) {
			o.jobs = append(o.jobs, job)
		}
	}
	if len(o.receipts) == 0 {
		return nil
	}
	return o
}

// decideAnew puts the receipts of overtaken refusals up for another decision, and lets the notices rest until then.
func (s *Store) decideAnew(ctx context.Context, o overtaken) error {
	return wrap("decide overtaken refusals again", s.change(ctx, func(t *tx) error {
		if err := t.revive(Process, slices.Clone(o.receipts)...); err != nil {
			return err
		}
		_, err := t.exec(t.q.RestJobs, args{"rows": batch{o.jobs}, "until": at(t.now.Add(overtakenRest))})
		return err
	}))
}
