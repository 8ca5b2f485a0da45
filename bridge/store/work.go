package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// tries is how often a receipt may break us before a person looks (ARCHITECTURE, invariant 14).
const tries = 3

type dueJob struct {
	ID        int64  `db:"id"`
	Key       string `db:"job_key"`
	Attempts  int    `db:"attempts"`
	Abandoned bool   `db:"abandoned"`
	LastError string `db:"last_error"`
}

type leasedJob struct {
	ID       int64 `db:"id"`
	Fence    int64 `db:"fence"`
	Attempts int   `db:"attempts"`
}

type idRow struct {
	ID string `json:"id"`
}

type jobID struct {
	ID int64 `json:"id"`
}

// ClaimTasks implements bridge.Work. A task whose last lease ran out, so that whoever had it probably died of one of its batch, is given
// out alone: its neighbours must not use up their tries with it.
func (s *Store) ClaimTasks(ctx context.Context, owner string, n int, lease time.Duration) ([]bridge.Task, error) {
	var tasks []bridge.Task
	err := s.change(ctx, func(t *tx) (err error) {
		tasks = nil
		if err := t.takeBack(Process); err != nil {
			return err
		}
		for {
			var due []dueJob
			if err := t.all(t.q.DueJobs, &due, args{"kind": Process, "now": at(t.now), "n": n}); err != nil {
				return err
			}
			fit, spent := suspectsAlone(due)
			if err := t.failSpent(spent); err != nil {
				return err
			}
			if len(fit) == 0 && len(spent) > 0 { // behind those that are used up there may be others
				continue
			}
			tasks, err = t.lease(fit, owner, lease)
			return err
		}
	})
	if err != nil {
		return nil, fmt.Errorf("claim tasks: %w", err)
	}
	return tasks, nil
}

// ClaimTask leases one named receipt, also when it rests before another try: for a person who asked for it and wants to see what becomes of
// it. It reports false when there is nothing to do for the receipt, or somebody has it in hand; one whose tries are used up is Failed.
func (s *Store) ClaimTask(ctx context.Context, owner, receipt string, lease time.Duration) (bridge.Task, bool, error) {
	var tasks []bridge.Task
	err := s.change(ctx, func(t *tx) error {
		tasks = nil
		if err := t.takeBack(Process); err != nil {
			return err
		}
		var job dueJob
		free, err := t.one(t.q.FreeJob, &job, args{"kind": Process, "job_key": receipt, "now": at(t.now)})
		if err != nil || !free {
			return err
		}
		if job.Attempts >= tries {
			return t.failSpent([]dueJob{job})
		}
		tasks, err = t.lease([]dueJob{job}, owner, lease)
		return err
	})
	if err != nil || len(tasks) == 0 {
		return bridge.Task{}, false, wrap("claim receipt "+receipt, err)
	}
	return tasks[0], true, nil
}

// suspectsAlone splits due jobs into those to give out now and those whose tries are used up.
func suspectsAlone(due []dueJob) (fit, spent []dueJob) {
	for _, j := range due {
		switch {
		case j.Attempts >= tries:
			spent = append(spent, j)
		case j.Abandoned && len(fit) == 0:
			return []dueJob{j}, spent
		case j.Abandoned:
			return fit, spent
		default:
			fit = append(fit, j)
		}
	}
	return fit, spent
}

type killedJob struct {
	ID        int64  `json:"id"`
	LastError string `json:"last_error"`
}

// failSpent hands receipts to a person.
func (t *tx) failSpent(spent []dueJob) error {
	if len(spent) == 0 {
		return nil
	}
	jobs := make([]killedJob, len(spent))
	rows := make([]settledRow, len(spent))
	for i, j := range spent {
		reason := j.LastError
		if j.Abandoned { // the last one to have it never came back
			reason = reasonAbandoned
		}
		jobs[i] = killedJob{ID: j.ID, LastError: reason}
		rows[i] = settledRow{ID: j.Key, State: string(bridge.Failed), Reason: reason}
		t.note(audit.NewReceiptFailed(t.now, j.Key, reason, j.Attempts))
	}
	if _, err := t.exec(t.q.KillJobs, args{"rows": batch{jobs}}); err != nil {
		return err
	}
	return t.settleReceipts(rows)
}

// reasonAbandoned is the reason of a receipt whose last worker ended without a word, by a crash or a kill.
const reasonAbandoned = "worker-ended"

type settledRow struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Decided int    `json:"decided"`
}

// settleReceipts gives receipts and their UIDs a state.
func (t *tx) settleReceipts(rows []settledRow) error {
	if _, err := t.exec(t.q.SettleReceipts, args{"rows": batch{rows}, "now": at(t.now)}); err != nil {
		return err
	}
	_, err := t.exec(t.q.SettleUIDs, args{"rows": batch{rows}, "now": at(t.now)})
	return err
}

// claim leases jobs that are locked by this transaction.
func (t *tx) claim(kind string, due []dueJob, owner string, lease time.Duration) (map[string]bridge.Job, error) {
	owner, until := safe(owner), t.now.Add(lease)
	ids := make([]jobID, len(due))
	keys := make(map[int64]string, len(due))
	for i, j := range due {
		ids[i], keys[j.ID] = jobID{j.ID}, j.Key
	}
	var leased []leasedJob
	step := t.s.steps.Add(1)
	if err := t.all(t.q.ClaimJobs, &leased, args{"rows": batch{ids}, "owner": owner, "until": at(until), "step": step}); err != nil {
		return nil, err
	}
	out := make(map[string]bridge.Job, len(leased))
	for _, j := range leased {
		t.claims = append(t.claims, claimed{kind, j.ID, j.Fence, owner, until})
		out[keys[j.ID]] = bridge.Job{ID: j.ID, Fence: j.Fence, Attempt: j.Attempts, Before: j.Fence - step}
	}
	return out, nil
}

// revive makes receipts or notices due now, and locks their jobs before anything of them is looked at.
func (t *tx) revive(kind string, keys ...string) error {
	type revived struct {
		ID      string `json:"id"`
		ReadyAt stamp  `json:"ready_at"`
	}
	rows := []revived{}
	for _, k := range slices.Compact(slices.Sorted(slices.Values(keys))) { // always locked in one order
		rows = append(rows, revived{k, at(t.now)})
	}
	t.wake[kind] = true
	_, err := t.exec(t.q.ReviveJobs, args{"kind": kind, "rows": batch{rows}})
	return err
}

type taskRow struct {
	ID           string `db:"id"`
	Receiver     string `db:"receiver"`
	Channel      string `db:"channel"`
	Content      digest `db:"content"`
	Imported     bool   `db:"imported"`
	Live         bool   `db:"live"`
	HeadersOnly  bool   `db:"headers_only"`
	HeaderWords  int    `db:"header_words"`
	StoredAt     stamp  `db:"stored_at"`
	Outcomes     int    `db:"outcomes"`
	Amendments   int    `db:"amendments"`
	Quarantined  bool   `db:"quarantined"`
	Origin       string `db:"origin"`
	Mailbox      string `db:"mailbox"`
	Raw          digest `db:"raw"`
	Size         int64  `db:"size"`
	Location     string `db:"location"`
	InternalDate stamp  `db:"internaldate"`
	FetchedAt    stamp  `db:"fetched_at"`

	documents [][]string
}

func (r taskRow) receipt() bridge.Receipt {
	return bridge.Receipt{ID: r.ID, Receiver: r.Receiver, Channel: bridge.Channel(r.Channel), Mailbox: r.Mailbox, Raw: bridge.Digest(r.Raw),
		Content: bridge.Digest(r.Content), Size: r.Size, Location: r.Location, Origin: r.Origin, InternalDate: r.InternalDate.Time, FetchedAt: r.FetchedAt.Time,
		StoredAt: r.StoredAt.Time, Imported: r.Imported, Live: r.Live, HeadersOnly: r.HeadersOnly, HeaderWords: r.HeaderWords,
		Documents: r.documents}
}

func (t *tx) lease(fit []dueJob, owner string, lease time.Duration) ([]bridge.Task, error) {
	if len(fit) == 0 {
		return nil, nil
	}
	jobs, err := t.claim(Process, fit, owner, lease)
	if err != nil {
		return nil, err
	}
	byID, err := t.receipts(fit)
	if err != nil {
		return nil, err
	}
	amended := []idRow{}
	for _, j := range fit {
		if byID[j.Key].Amendments > 0 {
			amended = append(amended, idRow{j.Key})
		}
	}
	var amendments []amendmentRow
	if len(amended) > 0 {
		if err := t.all(t.q.AmendmentsOf, &amendments, args{"rows": batch{amended}}); err != nil {
			return nil, err
		}
	}
	byReceipt, err := amendmentsByReceipt(amendments, false)
	if err != nil {
		return nil, err
	}
	out := make([]bridge.Task, 0, len(fit))
	for _, j := range fit {
		r := byID[j.Key]
		task := bridge.Task{Job: jobs[j.Key], Receipt: r.receipt(), Outcomes: r.Outcomes, Amendments: byReceipt[j.Key]}
		task.Receipt.Attempt = task.Job.Attempt
		out = append(out, task)
	}
	return out, nil
}

// receipts reads the receipts that jobs are about.
func (t *tx) receipts(jobs []dueJob) (map[string]taskRow, error) {
	ids := make([]idRow, len(jobs))
	for i, j := range jobs {
		ids[i] = idRow{j.Key}
	}
	var rows []taskRow
	if err := t.all(t.q.Tasks, &rows, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	byID := make(map[string]taskRow, len(rows))
	decided := []idRow{}
	for _, r := range rows {
		byID[r.ID] = r
		if r.Outcomes > 0 {
			decided = append(decided, idRow{r.ID})
		}
	}
	documents, err := t.documentsOf(decided)
	for id, list := range documents {
		r := byID[id]
		r.documents = list
		byID[id] = r
	}
	return byID, err
}

type amendmentRow struct {
	Receipt string   `db:"receipt"`
	Kind    string   `db:"kind"`
	Fields  document `db:"fields"`
	Reason  string   `db:"reason"`
	MadeBy  string   `db:"made_by"`
	MadeAt  stamp    `db:"made_at"`
}

// amendmentsByReceipt reads amendments. Values that were erased are null: they are no corrections any more, unlike those that empty a field,
// and only shown as such to people.
func amendmentsByReceipt(rows []amendmentRow, erased bool) (map[string][]bridge.Amendment, error) {
	out := map[string][]bridge.Amendment{}
	for _, r := range rows {
		a := bridge.Amendment{Kind: bridge.AmendmentKind(r.Kind), Fields: map[string]string{}, Reason: r.Reason, By: r.MadeBy, At: r.MadeAt.Time}
		var fields map[string]*string
		if err := r.Fields.into(&fields); err != nil {
			return nil, fmt.Errorf("amendment of %s: %w", r.Receipt, err)
		}
		for name, value := range fields {
			switch {
			case value != nil:
				a.Fields[name] = *value
			case erased:
				a.Fields[name] = ""
			}
		}
		out[r.Receipt] = append(out[r.Receipt], a)
	}
	return out, nil
}

// FailTask implements bridge.Work. After an unclear error it may be called again and then answers ErrFenced.
func (s *Store) FailTask(ctx context.Context, task bridge.Task, reason string, blameless bool) error {
	reason = line(reason)
	return wrap("give back receipt "+task.Receipt.ID, s.change(ctx, func(t *tx) error {
		job := args{"id": task.Job.ID, "fence": task.Job.Fence, "error": reason}
		var key string
		if !blameless && task.Job.Attempt >= tries {
			held, err := t.one(t.q.KillJob, &key, job)
			if err != nil {
				return err
			}
			if !held {
				return bridge.ErrFenced
			}
			t.note(audit.NewReceiptFailed(t.now, key, reason, task.Job.Attempt))
			return t.settleReceipts([]settledRow{{ID: key, State: string(bridge.Failed), Reason: reason}})
		}
		job["ready"], job["uncounted"] = at(t.now.Add(backoff(task.Job.Attempt, blameless))), 0
		if blameless {
			job["uncounted"] = 1
		}
		held, err := t.one(t.q.GiveBackJob, &key, job)
		if err == nil && !held {
			return bridge.ErrFenced
		}
		return err
	}))
}

// DelayTask implements bridge.Work.
func (s *Store) DelayTask(ctx context.Context, task bridge.Task, due time.Time, reason string) error {
	return wrap("delay receipt "+task.Receipt.ID, s.change(ctx, func(t *tx) error {
		var key string
		held, err := t.one(t.q.GiveBackJob, &key, args{"id": task.Job.ID, "fence": task.Job.Fence, "error": line(reason), "ready": at(due), "uncounted": 1})
		if err == nil && !held {
			return bridge.ErrFenced
		}
		return err
	}))
}

// backoff is how long a task rests. A blameless failure is about a disk, a database or a shutdown: it is over soon, or holds up everything
// alike.
func backoff(attempt int, blameless bool) time.Duration {
	if blameless {
		return 2 * time.Second
	}
	return 5 * time.Second << (2 * (attempt - 1))
}

// WaitingTasks implements bridge.Work. Tasks that rest before another try count as well.
func (s *Store) WaitingTasks(ctx context.Context) (int, error) {
	var n int
	if _, err := s.one(ctx, s.reading.WaitingJobs, &n, args{"kind": Process}); err != nil {
		return 0, fmt.Errorf("count waiting tasks: %w", err)
	}
	return n, nil
}
