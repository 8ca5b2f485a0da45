package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// reviewAfter is the age of the counted instant from which a notice waits for a person (ARCHITECTURE, invariant 6).
const reviewAfter = 3 * 24 * time.Hour

type outcomeRow struct {
	Receipt   string `json:"receipt"`
	Seq       int    `json:"seq"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Verdict   string `json:"verdict"`
	Rule      string `json:"rule"`
	Program   string `json:"program"`
	Knowledge string `json:"knowledge"`
	Rules     string `json:"rules"`
	Directory string `json:"directory"`
	Settings  string `json:"settings"`
	Inputs    string `json:"inputs"`
	Outcome   string `json:"outcome"`
	MadeAt    stamp  `json:"made_at"`
}

// inputs are the part of an outcome that a replay begins with. Live tells whether it was made from the delivery that came live.
type inputs struct {
	Live     bool            `json:"live,omitempty"`
	Evidence bridge.Evidence `json:"evidence"`
	History  bridge.History  `json:"history"`
}

func (b *commitBatch) writeOutcomes() error {
	rows := make([]outcomeRow, len(b.cases))
	for i, c := range b.cases {
		o := c.Outcome
		row := outcomeRow{Receipt: c.Receipt.ID, Seq: o.History.Outcomes + 1, State: string(o.State), Reason: o.Reason,
			Verdict: string(o.Decision.Verdict), Rule: o.Decision.Rule, Program: o.Versions.Program, Knowledge: o.Versions.Knowledge,
			Rules: o.Versions.Rules, Directory: o.Versions.Directory, Settings: o.Versions.Settings, MadeAt: at(b.now)}
		var err error
		if row.Inputs, err = encode(inputs{c.Receipt.Live, o.Evidence, o.History}); err != nil {
			return err
		}
		o.Evidence, o.History = bridge.Evidence{}, bridge.History{}
		if row.Outcome, err = encode(o); err != nil {
			return err
		}
		rows[i] = row
		for _, e := range o.Events {
			b.note(e)
		}
	}
	_, err := b.exec(b.q.AddOutcomes, args{"rows": batch{rows}})
	return err
}

func (b *commitBatch) writeStates() error {
	rows := make([]settledRow, len(b.cases))
	for i, c := range b.cases {
		rows[i] = settledRow{ID: c.Receipt.ID, State: string(c.Outcome.State), Reason: line(c.Outcome.Reason), Decided: 1}
	}
	return b.settleReceipts(rows)
}

// writeFacts comes after writeStates: a secret has none.
func (b *commitBatch) writeFacts() error {
	type factsRow struct {
		Content   string `json:"content"`
		MessageID string `json:"message_id"`
		Subject   string `json:"subject"`
		Sender    string `json:"sender"`
		Files     int    `json:"files"`
	}
	rows := []factsRow{}
	seen := map[string]bool{}
	for _, c := range b.cases {
		content := hexOf(c.Receipt.Content)
		if seen[content] { // one row is updated once; the other receipt's facts are the same
			continue
		}
		seen[content] = true
		f := c.Outcome.Facts
		rows = append(rows, factsRow{content, line(f.MessageID), line(f.Subject), line(f.From), f.Files})
	}
	slices.SortFunc(rows, func(x, y factsRow) int { return strings.Compare(x.Content, y.Content) })
	_, err := b.exec(b.q.PutFacts, args{"rows": batch{rows}})
	return err
}

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
	return &noticeRow{ID: n.ID, Kind: string(d.Kind), Receipt: null(d.Receipt), Receiver: d.Receiver, Agency: d.Agency, To: d.To, Draft: draft,
		MessageID: r.MessageID, EnvelopeFrom: r.EnvelopeFrom, EnvelopeTo: r.EnvelopeTo, Body: r.Bytes, State: state, MadeAt: at(t.now)}, nil
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
		d := *c.Outcome.Notice
		d.Receipt = c.Receipt.ID
		n := notice.Numbers{ID: noticeID(c.Receipt.ID, d.Kind), Reminder: reminders[c], At: b.now}
		if len(c.records) > 0 && c.records[0].SoDen != nil {
			n.SoDen = soDen(*c.records[0].SoDen, *c.records[0].BookYear)
		}
		state := "queued"
		if c.Review || c.Outcome.Instant.At.Before(b.now.Add(-reviewAfter)) {
			state = "review"
		}
		if c.notice, err = b.newNotice(b.render, d, n, state); err != nil {
			return unrenderable{c.index, err}
		}
	}
	return nil
}

func noticeID(receipt string, kind notice.Kind) string { return receipt + "." + string(kind) }

// drafts lists the settlements with a notice to make. Mail that was only imported can never send (ARCHITECTURE, invariant 7), whatever decided
// so; and a notice that exists is not made twice.
func (b *commitBatch) drafts() ([]*settling, error) {
	var drafts []*settling
	earlier := []idRow{}
	for _, c := range b.cases {
		if c.Outcome.Notice == nil {
			continue
		}
		if c.mute {
			c.Outcome.Notice, c.Outcome.Silence = nil, notice.SilentImported
			continue
		}
		drafts = append(drafts, c)
		if c.again() {
			earlier = append(earlier, idRow{noticeID(c.Receipt.ID, c.Outcome.Notice.Kind)})
		}
	}
	if len(earlier) == 0 {
		return drafts, nil
	}
	var known []string
	if err := b.all(b.q.KnownNotices, &known, args{"rows": batch{earlier}}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(drafts, func(c *settling) bool {
		return slices.Contains(known, noticeID(c.Receipt.ID, c.Outcome.Notice.Kind))
	}), nil
}

type correspondent struct {
	Receiver string `db:"receiver" json:"receiver"`
	Agency   string `db:"agency" json:"agency"`
}

// takeReminders counts the reminders of the batch, per receiving agency and addressee.
func (b *commitBatch) takeReminders(drafts []*settling) (map[*settling]int, error) {
	type counted struct {
		correspondent
		N int `json:"n"`
	}
	need := map[correspondent]int{}
	who := map[*settling]correspondent{}
	for _, c := range drafts {
		if d := c.Outcome.Notice; d.Kind == notice.Remind {
			who[c] = correspondent{c.Receipt.Receiver, d.Agency}
			need[who[c]]++
		}
	}
	if len(need) == 0 {
		return nil, nil
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
	out := make(map[*settling]int, len(who))
	for _, c := range drafts {
		if k, ok := who[c]; ok {
			next[k]++
			out[c] = next[k]
		}
	}
	return out, nil
}

func (b *commitBatch) writeNotices() error {
	rows := []*noticeRow{}
	for _, c := range b.cases {
		if c.notice != nil {
			rows = append(rows, c.notice)
		}
	}
	return b.addNotices(rows)
}

// addNotices writes notices with their jobs and events. Those that wait for a person get their job when they are released.
func (t *tx) addNotices(rows []*noticeRow) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := t.exec(t.q.AddNotices, args{"rows": batch{rows}}); err != nil {
		return err
	}
	jobs := []jobRow{}
	for _, r := range rows {
		t.note(audit.NewNoticeQueued(t.now, string(r.Receipt), r.ID, r.Kind, r.To, sha256.Sum256(r.Body)))
		if r.State == "queued" {
			jobs = append(jobs, jobRow{Kind: Notify, Key: r.ID, ReadyAt: at(t.now)})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	t.wake[Notify] = true
	_, err := t.exec(t.q.AddJobs, args{"rows": batch{jobs}})
	return err
}

func (b *commitBatch) writeAlarms() error {
	alarms := []bridge.Alarm{}
	for _, c := range b.cases {
		alarms = append(alarms, c.Outcome.Alarms...)
	}
	return b.raise(alarms)
}

// writeBounces marks notices that bounced, and suppresses addresses that do not exist.
func (b *commitBatch) writeBounces() error {
	for _, c := range b.cases {
		if id := c.Outcome.Bounced; id != "" {
			if err := b.bounce(id, c.Receipt.ID, c.Outcome.BounceStatus); err != nil {
				return fmt.Errorf("notice %s: %w", id, err)
			}
		}
	}
	return nil
}

func (t *tx) bounce(id, by, status string) error {
	var row struct {
		To      string `db:"to_addr"`
		Receipt null   `db:"receipt"`
	}
	status = line(status)
	bounced, err := t.one(t.q.BounceNotice, &row, args{"id": id, "now": at(t.now), "reply": status})
	if err != nil || !bounced {
		return err
	}
	t.note(audit.NewNoticeBounced(t.now, string(row.Receipt), id, by, status))
	if _, err := t.exec(t.q.DropJobOf, args{"kind": Notify, "job_key": id, "now": at(t.now)}); err != nil {
		return err
	}
	// RFC 3463, 3.2 and 3.3: 5.1.x says that there is no such address, 5.2.1 that it is closed. Other failures may pass.
	if strings.HasPrefix(status, "5.1.") || status == "5.2.1" {
		_, err = t.exec(t.q.Suppress, args{"address": row.To, "reason": status, "now": at(t.now)})
	}
	return err
}
