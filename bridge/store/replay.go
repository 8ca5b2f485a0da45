package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
)

// Replayable is one outcome with all that it was made from, but for the raw bytes and the texts of the versions.
type Replayable struct {
	Seq      int
	MadeAt   time.Time
	Receipt  bridge.Receipt // as it was then
	State    bridge.State   // of the receipt, as it is now
	Evidence bridge.Evidence
	History  bridge.History
	Versions bridge.Versions
	Text     []byte            // the outcome in its stored form
	Columns  map[string]string // what stands beside it, by the paths of the same fields in Text
	// Gap is a stable code of what is not there any more, so that it cannot be made again; empty: all is there.
	Gap string
	// Withheld says that words of its files were taken away since: then another outcome says nothing.
	Withheld bool
}

// What can be missing for a replay, by the store. Codes are stable.
const (
	GapBlanked  = "blanked"  // the message turned out to be a secret: no words of it are kept
	GapReadings = "readings" // what tools had found in its files is not kept any more
	GapDelivery = "delivery" // by which of several deliveries it was made is not known
	GapInputs   = "inputs"   // the stored inputs cannot be read
)

type replayRow struct {
	storedOutcome
	State     string `db:"state"`
	Reason    string `db:"reason"`
	Verdict   string `db:"verdict"`
	Rule      string `db:"rule"`
	Program   string `db:"program"`
	Knowledge string `db:"knowledge"`
	Rules     string `db:"rules"`
	Directory string `db:"directory"`
	Settings  string `db:"settings"`
}

func (r replayRow) columns() map[string]string {
	return map[string]string{"state": r.State, "reason": r.Reason, "decision.verdict": r.Verdict, "decision.rule": r.Rule, "versions.program": r.Program,
		"versions.knowledge": r.Knowledge, "versions.rules": r.Rules, "versions.directory": r.Directory, "versions.settings": r.Settings}
}

// Replayables gives all outcomes of a receipt, oldest first; none when it was not decided yet. It answers ErrNotFound for an unknown number.
func (s *Store) Replayables(ctx context.Context, receipt string) ([]Replayable, error) {
	out, err := s.replayables(ctx, receipt)
	return out, wrap("read outcomes of "+receipt, err)
}

func (s *Store) replayables(ctx context.Context, receipt string) ([]Replayable, error) {
	var e Explanation
	for _, step := range []func(context.Context, string, *Explanation) error{s.explainReceipt, s.explainDeliveries} {
		if err := step(ctx, receipt, &e); err != nil {
			return nil, err
		}
	}
	var rows []replayRow
	if err := s.all(ctx, s.reading.ReplayOutcomes, &rows, args{"receipt": receipt}); err != nil {
		return nil, err
	}
	out := make([]Replayable, len(rows))
	for i, r := range rows {
		out[i] = Replayable{Seq: r.Seq, MadeAt: r.MadeAt.Time, State: e.State, Text: r.Outcome, Columns: r.columns(), Receipt: e.Receipt,
			Versions: bridge.Versions{Program: r.Program, Knowledge: r.Knowledge, Rules: r.Rules, Directory: r.Directory, Settings: r.Settings}}
		if err := s.replayInputs(ctx, r, &e, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// replayInputs puts together what an outcome was made from, or says what is missing.
func (s *Store) replayInputs(ctx context.Context, row replayRow, e *Explanation, r *Replayable) error {
	var in inputs
	if row.Inputs.into(&in) != nil {
		r.Gap = GapInputs
		return nil
	}
	r.Evidence, r.History = in.Evidence, in.History
	if in.Erased {
		r.Gap = GapBlanked
		return nil
	}
	d, ok := deliveryOf(in, e)
	if !ok {
		r.Gap = GapDelivery
		return nil
	}
	r.Receipt.Origin, r.Receipt.Mailbox, r.Receipt.Raw, r.Receipt.Size, r.Receipt.Location = d.Origin, d.Mailbox, d.Raw, d.Size, d.Location
	r.Receipt.InternalDate, r.Receipt.FetchedAt = d.InternalDate, d.FetchedAt
	r.Receipt.Live, r.Receipt.HeadersOnly, r.Receipt.Documents = in.Live, in.HeadersOnly, in.Documents
	if in.HeadersOnly {
		r.Receipt.HeaderWords = 0 // they are counted when the whole message comes
	}
	return s.replayReadings(ctx, r)
}

func (s *Store) replayReadings(ctx context.Context, r *Replayable) error {
	if len(r.Evidence.Readings) == 0 {
		return nil
	}
	var rows []fileRow
	if err := s.all(ctx, s.reading.ReplayReadings, &rows, args{"rows": batch{r.Evidence.Readings}}); err != nil {
		return err
	}
	r.Evidence.Files = map[string]mapping.FileEvidence{}
	for _, f := range rows {
		var ev mapping.FileEvidence
		if err := f.Body.into(&ev); err != nil {
			return fmt.Errorf("file %s: %w", f.SHA256, err)
		}
		r.Evidence.Files[f.SHA256] = ev
		r.Withheld = r.Withheld || f.Withheld
	}
	if len(r.Evidence.Files) < len(r.Evidence.Readings) {
		r.Gap = GapReadings
	}
	return nil
}

// deliveryOf finds the delivery that an outcome was made from. Outcomes of before it was stored name none: then it is the header block, the
// delivery that counts now, or, of an imported message that came live since, the first one.
func deliveryOf(in inputs, e *Explanation) (Delivery, bool) {
	origin := in.Origin
	if origin == "" && !in.HeadersOnly && in.Live == e.Receipt.Live {
		origin = e.origin
	}
	for _, d := range e.Deliveries {
		if d.Origin == origin || origin == "" && !d.Joined && d.HeadersOnly == in.HeadersOnly {
			return d, true
		}
	}
	return Delivery{}, false
}

// OutcomeText is the form in which an outcome is stored, for comparing.
func OutcomeText(o bridge.Outcome) ([]byte, error) {
	text, err := outcomeText(o)
	return []byte(text), err
}

// askedPage is how many receipts AskedBetween reads at a time.
const askedPage = 500

// AskedReceipt is a decided receipt with what the rules were asked about it: nothing, where none decide.
type AskedReceipt struct {
	ID    string
	State bridge.State
	Asked []bridge.Asked
}

// AskedBetween gives every decided receipt whose counted instant lies in from..to, in the order of their numbers and with what its last
// outcome was asked, to each; it ends with the first error of that. Nothing is held beyond a page. active is asked where earlier versions of the
// program did not store it.
func (s *Store) AskedBetween(ctx context.Context, from, to time.Time, active *bridge.Knowledge, each func(AskedReceipt) error) error {
	for after := ""; ; {
		var rows []pastRow
		if err := s.all(ctx, s.reading.AskedBetween, &rows, args{"after": after, "from": at(from), "to": at(to), "n": askedPage}); err != nil {
			return fmt.Errorf("list receipts to try rules on: %w", err)
		}
		for _, r := range rows {
			a, err := s.asked(ctx, r, active)
			if err != nil {
				return fmt.Errorf("read what was asked of %s: %w", r.ID, err)
			}
			if err := each(a); err != nil {
				return err
			}
			after = r.ID
		}
		if len(rows) < askedPage {
			return nil
		}
	}
}

type pastRow struct {
	ID       string   `db:"id"`
	Receiver string   `db:"receiver"`
	Channel  string   `db:"channel"`
	State    string   `db:"state"`
	Inputs   document `db:"inputs"`
}

func (s *Store) asked(ctx context.Context, r pastRow, active *bridge.Knowledge) (AskedReceipt, error) {
	out := AskedReceipt{ID: r.ID, State: bridge.State(r.State)}
	var in struct {
		Asked []bridge.Asked `json:"asked"`
	}
	if err := r.Inputs.into(&in); err != nil {
		return out, err
	}
	if out.Asked = in.Asked; in.Asked != nil || out.State == bridge.Ignored {
		return out, nil
	}
	var e Explanation
	for _, step := range []func(context.Context, string, *Explanation) error{s.explainReceipt, s.explainDeliveries, s.explainOutcomes} {
		if err := step(ctx, r.ID, &e); err != nil {
			return out, err
		}
	}
	if n := len(e.Outcomes); n > 0 {
		out.Asked = bridge.AskedOf(e.Receipt, e.Outcomes[n-1].Outcome, active)
	}
	return out, nil
}
