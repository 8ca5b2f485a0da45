package store

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// reviewAfter is the age of the counted instant from which a notice waits for a person (ARCHITECTURE, invariant 6).
const reviewAfter = 3 * 24 * time.Hour

func tooOld(counted, now time.Time) bool { return counted.Before(now.Add(-reviewAfter)) }

// The states of a notice.
const (
	noticeReview    = "review" // a person releases it; its job is dead until then
	noticeQueued    = "queued"
	noticeSent      = "sent"
	noticeFailed    = "failed"
	noticeCancelled = "cancelled" // by a person, or overruled by a later outcome
	noticeBounced   = "bounced"
	noticeDigested  = "digested" // a digest speaks for it, and what becomes of that becomes of it
)

type noticeRow struct {
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	Receipt      null   `json:"receipt"`
	Receiver     string `json:"receiver"`
	Agency       string `json:"agency"`
	To           string `json:"to_addr"`
	Draft        string `json:"draft"`
	MessageID    string `json:"message_id"`
	EnvelopeFrom string `json:"envelope_from"`
	EnvelopeTo   string `json:"envelope_to"`
	Body         blob   `json:"body"`
	State        string `json:"state"`
	MadeAt       stamp  `json:"made_at"`
	CountedAt    stamp  `json:"counted_at"`
	Reminder     int    `json:"reminder"`
	Gist         string `json:"gist"`

	slip string // SHA-256 of the file that it carries
}

// newNotice renders a draft into the row that every try will send from.
func (t *tx) newNotice(render bridge.Renderer, d notice.Draft, n notice.Numbers, state string) (*noticeRow, error) {
	r, err := render(d, n)
	if err != nil {
		return nil, err
	}
	if r.MessageID == "" || r.EnvelopeTo == "" || len(r.Bytes) == 0 {
		return nil, errors.New("the renderer left out message id, addressee or text")
	}
	draft, err := encode(d)
	if err != nil {
		return nil, err
	}
	gist := "{}"
	if !d.Gist.Empty() && d.Kind != notice.Neutral {
		if gist, err = encode(d.Gist.Numbered(n)); err != nil {
			return nil, err
		}
	}
	return &noticeRow{ID: n.ID, Kind: string(d.Kind), Receipt: null(d.Receipt), Receiver: d.Receiver, Agency: d.Agency, To: d.To, Draft: draft,
		MessageID: r.MessageID, EnvelopeFrom: r.EnvelopeFrom, EnvelopeTo: r.EnvelopeTo, Body: r.Bytes, State: state, MadeAt: at(n.At), Reminder: n.Reminder,
		Gist: gist, slip: r.Slip}, nil
}

// composeNotices renders the notices of the batch, now that their numbers are known.
func (b *commitBatch) composeNotices() error {
	drafts, err := b.drafts()
	if err != nil || len(drafts) == 0 {
		return err
	}
	reminders, err := b.takeReminders(drafts)
	if err != nil {
		return err
	}
	for _, c := range drafts {
		n := notice.Numbers{ID: noticeID(c.Receipt.ID, c.Outcome.Notice.Kind), SoDen: c.numbers(), Reminder: reminders[c], At: b.now}
		if c.notice, err = b.compose(c, n); err != nil {
			return unrenderable{c.index, err}
		}
	}
	return nil
}

// numbers are those under which the documents of a mail stand in the register. A refusal names none: what stands beside it was not refused.
func (c *settling) numbers() string {
	var list []string
	for _, r := range c.records {
		if r.SoDen != nil && r.State == string(bridge.Registered) && c.Outcome.State != bridge.Refused {
			list = append(list, soDen(*r.SoDen, *r.BookYear))
		}
	}
	return strings.Join(list, ", ")
}

// compose gives the row of a settlement's notice, or nil when the one that is there would say the same: a person may have released it.
func (b *commitBatch) compose(c *settling, n notice.Numbers) (*noticeRow, error) {
	d := *c.Outcome.Notice
	d.Receipt = c.Receipt.ID
	state := noticeQueued
	if c.Review || tooOld(c.Outcome.Instant.At, b.now) || c.before != nil && c.before.withPerson() {
		state = noticeReview
	}
	if was := c.before; was != nil && was.State != noticeCancelled {
		then := n
		then.At = was.MadeAt.Time
		same, err := b.newNotice(b.render, d, then, state)
		if err != nil || was.says(same) {
			return nil, err
		}
	}
	row, err := b.newNotice(b.render, d, n, state)
	if err == nil {
		row.CountedAt = at(c.Outcome.Instant.At)
	}
	return row, err
}

// withPerson says whether a person has a notice in hand: it waits for one, or one took it back. Made anew it waits for a person, too.
func (r *sendingRow) withPerson() bool { return r.State == noticeReview || r.CancelledBy != "" }

func (r *sendingRow) says(n *noticeRow) bool {
	return r.MessageID == n.MessageID && r.EnvelopeFrom == n.EnvelopeFrom && r.EnvelopeTo == n.EnvelopeTo && slices.Equal(r.Body, n.Body)
}

func noticeID(receipt string, kind notice.Kind) string { return receipt + "." + string(kind) }

// drafts lists the settlements with a notice to make. Mail that was only imported can never send (ARCHITECTURE, invariant 7), whatever decided
// so; a notice that was handed over is not made twice, and one that was not is made anew.
func (b *commitBatch) drafts() ([]*settling, error) {
	var drafts []*settling
	again := []idRow{}
	for _, c := range b.cases {
		if c.Outcome.Notice == nil {
			continue
		}
		if c.mute {
			c.Outcome.Notice, c.Outcome.Silence = nil, notice.SilentImported
			continue
		}
		if m, made := c.madeOf(c.Outcome.Notice.Kind); made {
			if !m.idle(c.Outcome.History.Amendments) {
				continue
			}
			again = append(again, idRow{m.ID})
		}
		drafts = append(drafts, c)
	}
	if len(again) == 0 {
		return drafts, nil
	}
	before, err := b.noticesOf(again)
	if err != nil {
		return nil, err
	}
	for _, c := range drafts {
		if r, ok := before[noticeID(c.Receipt.ID, c.Outcome.Notice.Kind)]; ok {
			if m, made := c.madeOf(c.Outcome.Notice.Kind); made { // of one that is digested, the state of its digest
				r.State = m.State
			}
			c.before = &r
		}
	}
	return drafts, nil
}

type correspondent struct {
	Receiver string `db:"receiver" json:"receiver"`
	Agency   string `db:"agency" json:"agency"`
}

// takeReminders counts the reminders of the batch, per receiving agency and addressee. One that is made anew keeps its number.
func (b *commitBatch) takeReminders(drafts []*settling) (map[*settling]int, error) {
	type counted struct {
		correspondent
		N int `json:"n"`
	}
	need := map[correspondent]int{}
	who := map[*settling]correspondent{}
	for _, c := range drafts {
		d := c.Outcome.Notice
		if d.Kind == notice.Remind && (c.before == nil || c.before.Reminder == 0 || c.before.Agency != d.Agency) {
			who[c] = correspondent{c.Receipt.Receiver, d.Agency}
			need[who[c]]++
		}
	}
	out := make(map[*settling]int, len(drafts))
	for _, c := range drafts {
		if _, fresh := who[c]; !fresh && c.before != nil {
			out[c] = c.before.Reminder
		}
	}
	if len(need) == 0 {
		return out, nil
	}
	rows := make([]counted, 0, len(need))
	for k, n := range need {
		rows = append(rows, counted{k, n})
	}
	slices.SortFunc(rows, func(x, y counted) int {
		return strings.Compare(x.Receiver+"\n"+x.Agency, y.Receiver+"\n"+y.Agency)
	})
	var last []struct {
		correspondent
		Reminders int `db:"reminders"`
	}
	if err := b.all(b.q.TakeReminders, &last, args{"rows": batch{rows}}); err != nil {
		return nil, err
	}
	next := make(map[correspondent]int, len(last))
	for _, l := range last {
		next[l.correspondent] = l.Reminders - need[l.correspondent]
	}
	for _, c := range drafts {
		if k, ok := who[c]; ok {
			next[k]++
			out[c] = next[k]
		}
	}
	return out, nil
}

func (b *commitBatch) writeNotices() error {
	if err := b.takeOutOfDigests(); err != nil {
		return err
	}
	if err := b.withdraw(); err != nil {
		return err
	}
	rows, anew := []*noticeRow{}, []idRow{}
	for _, c := range b.cases {
		if c.notice == nil {
			continue
		}
		rows = append(rows, c.notice)
		if c.before != nil {
			anew = append(anew, idRow{c.notice.ID})
		}
	}
	if len(anew) > 0 { // what was claimed of the old text is over
		if _, err := b.exec(b.q.DropJobsOf, args{"kind": Notify, "rows": batch{anew}}); err != nil {
			return err
		}
	}
	return b.addNotices(rows)
}

// urgent goes before everything else that is due: what a cap or the breaker holds up must not stand between an alarm and its reader.
const urgent = -1

// addNotices writes notices with their jobs and events. The job of one that waits for a person is dead: it is the notice's lock until then.
func (t *tx) addNotices(rows []*noticeRow) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := t.exec(t.q.AddNotices, args{"rows": batch{rows}}); err != nil {
		return err
	}
	jobs := make([]jobRow, len(rows))
	for i, r := range rows {
		t.note(audit.NewNoticeQueued(t.now, string(r.Receipt), r.ID, r.Kind, r.To, sha256.Sum256(r.Body)))
		jobs[i] = jobRow{Kind: Notify, Key: r.ID, ReadyAt: at(t.now), State: jobReady}
		if r.Kind == string(notice.Alarm) {
			jobs[i].Priority = urgent
		}
		if r.State == noticeReview {
			jobs[i].State = jobDead
		} else {
			t.wake[Notify] = true
		}
	}
	_, err := t.exec(t.q.AddJobs, args{"rows": batch{jobs}})
	return err
}
