package store

import (
	"context"
	"fmt"
	"slices"
	"time"
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

// checkOvertaken ends the claim when one of the due notices refuses what stands in the register by now. One that its sender may have heard of,
// since whoever sent it died over it, is sent again.
func (t *tx) checkOvertaken(due []dueJob, notices map[string]sendingRow) error {
	refusals, jobs := []idRow{}, map[string]int64{}
	for _, j := range due {
		if r := notices[j.Key]; refusal(r.Kind) && !j.Abandoned {
			refusals, jobs[r.ID] = append(refusals, idRow{r.ID}), j.ID
		}
	}
	if len(refusals) == 0 {
		return nil
	}
	var rows []struct {
		ID      string `db:"id"`
		Receipt string `db:"receipt"`
	}
	if err := t.all(t.q.LateRefusals, &rows, args{"rows": batch{refusals}}); err != nil || len(rows) == 0 {
		return err
	}
	o := overtaken{}
	for _, r := range rows {
		o.receipts, o.jobs = append(o.receipts, r.Receipt), append(o.jobs, jobID{jobs[r.ID]})
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
