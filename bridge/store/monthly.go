package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/report"
)

// monthPage is how many receipts of a month are read with one query.
const monthPage = 2000

// monthRow is a record of a receipt as its newest outcome has it; of a receipt without records, the receipt.
type monthRow struct {
	Receipt      string `db:"receipt"`
	Channel      string `db:"channel"`
	At           stamp  `db:"at"`
	ReceiptState string `db:"receipt_state"`
	Old          bool   `db:"old"`
	Record       null   `db:"record"`
	Agency       null   `db:"agency"`
	State        null   `db:"state"`
	SoDen        *int   `db:"so_den"`
	Rules        null   `db:"rules"`
	Verdict      null   `db:"verdict"`
	Rule         null   `db:"rule"`
	Reason       null   `db:"reason"`
	Secret       bool   `db:"secret"`
}

// EachArrival hands fn what came for a receiving agency (empty: for all) in a month and in the one before, each record once and by the outcome
// in force now, whatever it was before. Nothing is held beyond a page. What is decided meanwhile may or may not be among it.
func (s *Store) EachArrival(ctx context.Context, receiver string, m report.Month, fn func(report.Arrival)) error {
	a := args{"receiver": receiver, "from": at(m.Before().Start()), "to": at(m.End()), "after": "", "n": monthPage}
	for {
		var rows []monthRow
		if err := s.all(ctx, s.reading.MonthRecords, &rows, a); err != nil {
			return fmt.Errorf("read what came in %s: %w", m, err)
		}
		copies, err := s.monthCopies(ctx, rows)
		if err != nil {
			return fmt.Errorf("read what came in %s: %w", m, err)
		}
		receipts, last := 0, ""
		for _, r := range rows {
			if r.Receipt != last {
				receipts, last = receipts+1, r.Receipt
			}
			fn(r.arrival(copies[string(r.Record)]))
		}
		if receipts < monthPage {
			return nil
		}
		a["after"] = last
	}
}

func (r monthRow) arrival(copies []report.Copy) report.Arrival {
	return report.Arrival{Agency: string(r.Agency), Channel: r.Channel, At: r.At.Time, Fate: r.fate(), Numbered: r.SoDen != nil, Rules: string(r.Rules),
		Rule: string(r.Rule), ByPerson: r.Reason == bridge.ReasonClerkRefused, Copies: copies}
}

// fate is what a record counts as. Old mail is that first: it is no traffic of the month, whatever became of it.
func (r monthRow) fate() report.Fate {
	switch {
	case r.Old:
		return report.Imported
	case r.Secret:
		return report.Secret
	case r.ReceiptState == string(bridge.Quarantined) || r.State == null(bridge.Quarantined):
		return report.Quarantined
	case r.Record == "":
		if bridge.State(r.ReceiptState).Open() {
			return report.Unread
		}
		return report.NoDocument
	}
	switch bridge.State(r.State) {
	case bridge.Held:
		return report.Waiting
	case bridge.Refused:
		return report.Refused
	case bridge.Duplicate:
		return report.Joined
	case bridge.Registered:
		return report.FateOf(policy.Verdict(r.Verdict))
	case bridge.Recorded: // struck out of the register; else a status or a recall, which is no document of its own
		if r.SoDen != nil {
			return report.FateOf(policy.Verdict(r.Verdict))
		}
	}
	return report.NoDocument
}

// monthCopies finds the other ways of the documents among the rows, by record.
func (s *Store) monthCopies(ctx context.Context, rows []monthRow) (map[string][]report.Copy, error) {
	ids := []idRow{}
	for _, r := range rows {
		if r.Record != "" && r.State != null(bridge.Duplicate) {
			ids = append(ids, idRow{string(r.Record)})
		}
	}
	out := map[string][]report.Copy{}
	if len(ids) == 0 {
		return out, nil
	}
	var found []struct {
		Record  string `db:"record"`
		Channel string `db:"channel"`
		At      stamp  `db:"at"`
	}
	if err := s.all(ctx, s.reading.MonthCopies, &found, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	for _, f := range found {
		out[f.Record] = append(out[f.Record], report.Copy{Channel: f.Channel, At: f.At.Time})
	}
	return out, nil
}

// LastMails hands fn each agency that ever sent a document by mail to a receiving agency (empty: to any) before the end of a month, with when
// it last did.
func (s *Store) LastMails(ctx context.Context, receiver string, m report.Month, fn func(agency string, at time.Time)) error {
	var rows []struct {
		Agency string `db:"agency"`
		At     stamp  `db:"at"`
	}
	if err := s.all(ctx, s.reading.LastMails, &rows, args{"receiver": receiver, "to": at(m.End())}); err != nil {
		return fmt.Errorf("read the last mails before %s ends: %w", m, err)
	}
	for _, r := range rows {
		fn(r.Agency, r.At.Time)
	}
	return nil
}
