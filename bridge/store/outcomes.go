package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
)

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
	Live        bool            `json:"live,omitempty"`
	HeadersOnly bool            `json:"headers_only,omitempty"` // made from the header block, without the message
	Documents   [][]string      `json:"documents,omitempty"`    // as of the receipt
	Erased      bool            `json:"erased,omitempty"`       // the message is a secret, and words were taken out: no replay gives the same
	Origin      string          `json:"origin,omitempty"`       // of the delivery that counted
	Asked       []bridge.Asked  `json:"asked"`                  // null: stored before this was kept
	Evidence    bridge.Evidence `json:"evidence"`
	History     bridge.History  `json:"history"`
}

// storedOutcome is an outcome as the database has it.
type storedOutcome struct {
	Seq     int      `db:"seq"`
	Inputs  document `db:"inputs"`
	Outcome document `db:"outcome"`
	MadeAt  stamp    `db:"made_at"`
}

// read puts an outcome together again.
func (r storedOutcome) read() (o bridge.Outcome, in inputs, err error) {
	if err = r.Outcome.into(&o); err != nil {
		return o, in, err
	}
	err = r.Inputs.into(&in)
	o.Evidence, o.History, o.Asked = in.Evidence, in.History, in.Asked
	return o, in, err
}

func (b *commitBatch) writeOutcomes() error {
	rows := make([]outcomeRow, len(b.cases))
	for i, c := range b.cases {
		o := c.Outcome
		row := outcomeRow{Receipt: c.Receipt.ID, Seq: o.History.Outcomes + 1, State: string(o.State), Reason: o.Reason,
			Verdict: string(o.Decision.Verdict), Rule: o.Decision.Rule, Program: o.Versions.Program, Knowledge: o.Versions.Knowledge,
			Rules: o.Versions.Rules, Directory: o.Versions.Directory, Settings: o.Versions.Settings, MadeAt: at(b.now)}
		var err error
		o.Evidence.Readings = filled(o.Evidence.Readings)
		if row.Inputs, err = encode(inputs{Live: c.Receipt.Live, HeadersOnly: c.Receipt.HeadersOnly, Documents: c.Receipt.Documents, Erased: c.erases(),
			Origin: c.Receipt.Origin, Asked: filled(o.Asked), Evidence: o.Evidence, History: o.History}); err != nil {
			return err
		}
		if row.Outcome, err = outcomeText(o); err != nil {
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

// outcomeText is the stored form of an outcome. What it began with is stored beside it.
func outcomeText(o bridge.Outcome) (string, error) {
	o.Evidence, o.History, o.Wanted = bridge.Evidence{}, bridge.History{}, filled(o.Wanted)
	return encode(o)
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
			if err := b.bounce(id, c.Receipt.ID, c.Outcome.BounceStatus, c.Outcome.BounceRecipient); err != nil {
				return fmt.Errorf("notice %s: %w", id, err)
			}
		}
	}
	return nil
}
