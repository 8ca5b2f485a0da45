package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

type keyRow struct {
	Receiver string `db:"receiver" json:"receiver"`
	Key      string `db:"rec_key" json:"rec_key"`
}

type standingRow struct {
	keyRow
	ID       string   `db:"id"`
	Receipt  string   `db:"receipt"`
	SoDen    *int     `db:"so_den"`
	BookYear *int     `db:"book_year"`
	Files    document `db:"files"`
	State    string   `db:"state"` // of own records

	// Of registered records only.
	Channel  string   `db:"channel"`
	Agency   string   `db:"agency"`
	Document document `db:"document"`
}

// soDen is a register number as people write it.
func soDen(number, year int) string { return fmt.Sprintf("%d/%d", number, year) }

func (r standingRow) standing() (bridge.Standing, error) {
	s := bridge.Standing{Record: r.ID, Receipt: r.Receipt, Files: []string{}, State: bridge.State(r.State)}
	if r.SoDen != nil && r.BookYear != nil {
		s.SoDen = soDen(*r.SoDen, *r.BookYear)
	}
	var files []mapping.File
	if err := r.Files.into(&files); err != nil {
		return s, fmt.Errorf("files of record %s: %w", r.ID, err)
	}
	for _, f := range files {
		s.Files = append(s.Files, f.Digest)
	}
	return s, nil
}

// Histories implements bridge.Work. It reads without a lock: Commit looks again.
func (s *Store) Histories(ctx context.Context, in []bridge.Lookup) ([]bridge.History, error) {
	h := histories{Store: s, ctx: ctx, in: in, byReceipt: make(map[string]*bridge.History, len(in))}
	for _, step := range []func() error{h.counts, h.records, h.waiting, h.own, h.answered, h.notices, h.deliveries, h.suppressed, h.spoken} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("read history of %d receipts: %w", len(in), err)
		}
	}
	out := make([]bridge.History, len(in))
	for i, l := range in {
		out[i] = *h.byReceipt[l.Receipt]
	}
	return out, nil
}

// histories is one reading; each step asks for all lookups at once.
type histories struct {
	*Store
	ctx       context.Context
	in        []bridge.Lookup
	byReceipt map[string]*bridge.History
}

func (h *histories) counts() error {
	ids := make([]idRow, len(h.in))
	for i, l := range h.in {
		ids[i] = idRow{l.Receipt}
		h.byReceipt[l.Receipt] = &bridge.History{Amendments: []bridge.Amendment{}, Registered: map[string]bridge.Standing{}, Own: []bridge.Standing{},
			Notices: []notice.Kind{}, Failed: []notice.Kind{}, Suppressed: []string{},
			Delivered: []bridge.Delivered{}}
	}
	var rows []countRow
	if err := h.all(h.ctx, h.reading.HistoryCounts, &rows, args{"rows": batch{ids}}); err != nil {
		return err
	}
	amended := []idRow{}
	for _, r := range rows {
		h.byReceipt[r.ID].Outcomes, h.byReceipt[r.ID].Elsewhere = r.Outcomes, r.Elsewhere.Time
		if r.Amendments > 0 {
			amended = append(amended, idRow{r.ID})
		}
	}
	if len(amended) == 0 {
		return nil
	}
	var amendments []amendmentRow
	if err := h.all(h.ctx, h.reading.AmendmentsOf, &amendments, args{"rows": batch{amended}}); err != nil {
		return err
	}
	byReceipt, err := amendmentsByReceipt(amendments, false)
	for id, list := range byReceipt {
		h.byReceipt[id].Amendments = list
	}
	return err
}

func (h *histories) records() error {
	keys := []keyRow{}
	for _, l := range h.in {
		for _, k := range l.Keys {
			if k != "" {
				keys = append(keys, keyRow{l.Receiver, k})
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	var rows []standingRow
	if err := h.all(h.ctx, h.reading.HistoryRecords, &rows, args{"rows": batch{keys}}); err != nil {
		return err
	}
	joined, err := h.joinedChannels(rows)
	if err != nil {
		return err
	}
	found := make(map[keyRow]known, len(rows))
	for _, r := range rows {
		k := known{}
		if k.Standing, err = r.standing(); err != nil {
			return err
		}
		if err := r.Document.into(&k.document); err != nil {
			return fmt.Errorf("document of record %s: %w", r.ID, err)
		}
		k.Channels = append([]bridge.Channel{bridge.Channel(r.Channel)}, joined[r.ID]...)
		k.Agency = r.Agency
		found[r.keyRow] = k
	}
	for _, l := range h.in {
		for _, key := range l.Keys {
			k, ok := found[keyRow{l.Receiver, safe(key)}]
			if !ok {
				continue
			}
			if asks, ok := l.Documents[key]; ok {
				k.Alike = mapping.Alike(asks, k.document)
			}
			h.byReceipt[l.Receipt].Registered[key] = k.Standing
		}
	}
	return nil
}

// waiting finds what waits for a person under the keys of those lookups that ask for it.
func (h *histories) waiting() error {
	asked := []keyRow{}
	for _, l := range h.in {
		for _, k := range l.Keys {
			if l.Waiting && k != "" {
				asked = append(asked, keyRow{l.Receiver, k})
			}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	var rows []standingRow
	if err := h.all(h.ctx, h.reading.HistoryWaiting, &rows, args{"rows": batch{asked}}); err != nil {
		return err
	}
	for _, l := range h.in {
		for _, key := range l.Keys {
			i := slices.IndexFunc(rows, func(r standingRow) bool { return r.keyRow == keyRow{l.Receiver, safe(key)} && r.Receipt != l.Receipt })
			if !l.Waiting || key == "" || i < 0 {
				continue
			}
			history := h.byReceipt[l.Receipt]
			if history.Waiting == nil {
				history.Waiting = map[string]string{}
			}
			history.Waiting[key] = rows[i].ID
		}
	}
	return nil
}

// known is a registered record with what it is compared by.
type known struct {
	bridge.Standing
	document vanban.Document
}

// joinedChannels are the ways by which further copies of records came, each once, in the order of the alphabet.
func (h *histories) joinedChannels(standing []standingRow) (map[string][]bridge.Channel, error) {
	ids := make([]idRow, len(standing))
	first := map[string]string{}
	for i, r := range standing {
		ids[i], first[r.ID] = idRow{r.ID}, r.Channel
	}
	var rows []struct {
		ID      string `db:"id"`
		Channel string `db:"channel"`
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if err := h.all(h.ctx, h.reading.JoinedChannels, &rows, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	out := map[string][]bridge.Channel{}
	for _, r := range rows {
		if r.Channel != first[r.ID] {
			out[r.ID] = append(out[r.ID], bridge.Channel(r.Channel))
		}
	}
	return out, nil
}

// decided lists the receipts that have an outcome: the first one brings the first record and the first notice.
func (h *histories) decided() []idRow {
	ids := []idRow{}
	for id, history := range h.byReceipt {
		if history.Outcomes > 0 {
			ids = append(ids, idRow{id})
		}
	}
	return ids
}

// own reads the records of the receipts themselves that have a register number.
func (h *histories) own() error {
	ids := h.decided()
	if len(ids) == 0 {
		return nil
	}
	var rows []standingRow
	if err := h.all(h.ctx, h.reading.OwnRecords, &rows, args{"rows": batch{ids}}); err != nil {
		return err
	}
	for _, r := range rows {
		s, err := r.standing()
		if err != nil {
			return err
		}
		history := h.byReceipt[r.Receipt]
		history.Own = append(history.Own, s)
	}
	return h.heard()
}

// heard counts what people had said when the last outcome was made, of receipts with an entry in the register.
func (h *histories) heard() error {
	ids := []idRow{}
	for id, history := range h.byReceipt {
		if len(history.Own) > 0 && len(history.Amendments) > 0 {
			ids = append(ids, idRow{id})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []settledDocuments
	if err := h.all(h.ctx, h.reading.SettledDocuments, &rows, args{"rows": batch{ids}}); err != nil {
		return err
	}
	for _, r := range rows {
		var in inputs
		if err := r.Inputs.into(&in); err != nil {
			return fmt.Errorf("inputs of %s: %w", r.ID, err)
		}
		h.byReceipt[r.ID].Heard = len(in.History.Amendments)
	}
	return nil
}

func (h *histories) notices() error {
	ids := h.decided()
	if len(ids) == 0 {
		return nil
	}
	now, err := h.instant(h.ctx)
	if err != nil {
		return err
	}
	var rows []madeNotice
	if err := h.all(h.ctx, h.reading.HistoryNotices, &rows, args{"rows": batch{ids}, "now": at(now)}); err != nil {
		return err
	}
	for _, r := range rows {
		history, one := h.byReceipt[r.Receipt], []madeNotice{r}
		history.Notices = append(history.Notices, kindsOf(one, madeNotice.told)...)
		history.Failed = append(history.Failed, kindsOf(one, madeNotice.failed)...)
	}
	return nil
}

func (h *histories) deliveries() error {
	ids := h.decided()
	if len(ids) == 0 {
		return nil
	}
	now, err := h.instant(h.ctx)
	if err != nil {
		return err
	}
	var rows []dispatchRow
	if err := h.all(h.ctx, h.reading.DispatchesOf, &rows, args{"rows": batch{ids}, "now": at(now)}); err != nil {
		return err
	}
	for receipt, list := range byReceiptOf(rows) {
		h.byReceipt[receipt].Delivered = deliveredOf(chainsOf(list))
	}
	return nil
}

// addresses are those that a notice about a receipt might go to: its own, and those of whoever mailed the documents that it reports of.
func (h *histories) addresses(l bridge.Lookup) []string {
	out := slices.Clone(l.Addresses)
	for _, list := range h.byReceipt[l.Receipt].Answered {
		for _, a := range list {
			if a.Reply != nil && a.Reply.Sender.Address != "" && !slices.Contains(out, a.Reply.Sender.Address) {
				out = append(out, a.Reply.Sender.Address)
			}
		}
	}
	return out
}

func (h *histories) suppressed() error {
	type addressRow struct {
		Address string `db:"address" json:"address"`
	}
	asked := []addressRow{}
	for _, l := range h.in {
		for _, a := range h.addresses(l) {
			asked = append(asked, addressRow{mailbox(a)})
		}
	}
	if len(asked) == 0 {
		return nil
	}
	now, err := h.instant(h.ctx)
	if err != nil {
		return err
	}
	var rows []addressRow
	if err := h.all(h.ctx, h.reading.HistorySuppress, &rows, args{"rows": batch{asked}, "expired": at(now.Add(-suppressedFor))}); err != nil {
		return err
	}
	bad := make(map[string]bool, len(rows))
	for _, r := range rows {
		bad[r.Address] = true
	}
	for _, l := range h.in {
		for _, a := range h.addresses(l) {
			if bad[safe(mailbox(a))] {
				history := h.byReceipt[l.Receipt]
				history.Suppressed = append(history.Suppressed, a)
			}
		}
	}
	return nil
}

type countRow struct {
	ID         string `db:"id"`
	Outcomes   int    `db:"outcomes"`
	Amendments int    `db:"amendments"`
	Imported   bool   `db:"imported"`
	Live       bool   `db:"live"`
	Headers    bool   `db:"headers_only"`
	Elsewhere  stamp  `db:"elsewhere"`
}
