package store

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

// answeredRow is a record that a report may be about.
type answeredRow struct {
	Asker    string   `db:"asker"`
	I        int      `db:"i"`
	FoundBy  string   `db:"found_by"`
	Key      string   `db:"rec_key"`
	ID       string   `db:"id"`
	Receipt  string   `db:"receipt"`
	SoDen    *int     `db:"so_den"`
	BookYear *int     `db:"book_year"`
	Document document `db:"document"`
	Channel  string   `db:"channel"`
}

// askedRow is one question for such records.
type askedRow struct {
	Asker      string `json:"asker"`
	I          int    `json:"i"`
	Receiver   string `json:"receiver"`
	DocumentID string `json:"document_id"`
	Key        string `json:"rec_key"`
	Prefix     string `json:"prefix"`
	Behind     string `json:"behind"` // sorts behind all keys that begin with Prefix, and before all others that do
}

// answered finds the records that reports may be about: by the identity of the document as we sent it, as it came, or by its number and date.
func (h *histories) answered() error {
	var byID, byKey, byNumber []askedRow
	for _, l := range h.in {
		if len(l.About) > 0 {
			h.byReceipt[l.Receipt].Answered = make([][]bridge.Answered, len(l.About))
		}
		for i, a := range l.About {
			row := askedRow{Asker: l.Receipt, I: i, Receiver: l.Receiver, DocumentID: safe(a.DocumentID), Key: safe(mapping.CodeKey(a.Organ, a.DocumentID)), Prefix: safe(a.Number)}
			if row.DocumentID != "" {
				byID = append(byID, row)
			}
			if row.Key != "" {
				byKey = append(byKey, row)
			}
			if row.Prefix != "" {
				row.Behind = row.Prefix[:len(row.Prefix)-1] + "}" // the byte after the bar that ends it
				byNumber = append(byNumber, row)
			}
		}
	}
	var rows []answeredRow
	for _, q := range []struct {
		statement *statement
		asked     []askedRow
	}{{h.reading.AnsweredByID, byID}, {h.reading.AnsweredByKey, byKey}, {h.reading.AnsweredByNumber, byNumber}} {
		if len(q.asked) == 0 {
			continue
		}
		var found []answeredRow
		if err := h.all(h.ctx, q.statement, &found, args{"rows": batch{q.asked}}); err != nil {
			return err
		}
		rows = append(rows, found...)
	}
	if len(rows) == 0 {
		return nil
	}
	return h.takeAnswered(rows)
}

// takeAnswered puts the found records into the histories, with what was reported of them before.
func (h *histories) takeAnswered(rows []answeredRow) error {
	told, err := h.told(rows)
	if err != nil {
		return err
	}
	about := map[string][]bridge.About{}
	for _, l := range h.in {
		about[l.Receipt] = l.About
	}
	replies := map[string]*bridge.Reply{}
	for _, r := range rows {
		var doc vanban.Document
		if err := r.Document.into(&doc); err != nil {
			return fmt.Errorf("document of record %s: %w", r.ID, err)
		}
		if r.FoundBy == bridge.AnsweredByNumber && about[r.Asker][r.I].Ngay != doc.Ngay || r.ID == r.Asker+"/1" {
			continue // without the same day a number is another document's
		}
		a := bridge.Answered{Record: r.ID, Receipt: r.Receipt, Channel: bridge.Channel(r.Channel), By: r.FoundBy, Agency: mapping.AgencyOf(r.Key),
			Organs: map[string]edxml.State{}, Steps: []edxml.StatusCode{}, Number: doc.SoHieu, Subject: doc.TrichYeu}
		if r.SoDen != nil && r.BookYear != nil {
			a.SoDen = soDen(*r.SoDen, *r.BookYear)
		}
		takeStatuses(&a, told[r.ID], r.Asker)
		if a.Reply, err = h.reply(r.Receipt, replies); err != nil {
			return err
		}
		list := h.byReceipt[r.Asker].Answered
		list[r.I] = append(list[r.I], a)
	}
	for _, r := range rows {
		for _, list := range h.byReceipt[r.Asker].Answered {
			slices.SortFunc(list, func(x, y bridge.Answered) int {
				return cmp.Or(cmp.Compare(x.By, y.By), cmp.Compare(x.Record, y.Record))
			})
		}
	}
	return nil
}

// statusRow is one status as the database has it.
type statusRow struct {
	Receipt   string `db:"receipt" json:"receipt"`
	N         int    `db:"n" json:"n"`
	Record    string `db:"record" json:"record"`
	Organ     string `db:"organ" json:"organ"`
	Code      string `db:"code" json:"code"`
	FoundBy   string `db:"found_by" json:"found_by"`
	Effect    string `db:"effect" json:"effect"`
	Progress  string `db:"progress" json:"progress"`
	Asked     string `db:"asked" json:"asked"`
	Withdrawn bool   `db:"withdrawn" json:"withdrawn"`
	Words     string `db:"words" json:"words"`
	ToldAt    stamp  `db:"told_at" json:"told_at"`
	TakenAt   stamp  `db:"taken_at" json:"taken_at"`
}

func (r statusRow) state() edxml.State {
	return edxml.State{Progress: edxml.StatusCode(r.Progress), Asked: edxml.Request(r.Asked), Withdrawn: r.Withdrawn}
}

// told gives what was reported of the records, oldest first.
func (h *histories) told(rows []answeredRow) (map[string][]statusRow, error) {
	ids := []idRow{}
	for _, r := range rows {
		if !slices.Contains(ids, idRow{r.ID}) {
			ids = append(ids, idRow{r.ID})
		}
	}
	var all []statusRow
	if err := h.all(h.ctx, h.reading.StatusesOf, &all, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	out := map[string][]statusRow{}
	for _, s := range all {
		out[s.Record] = append(out[s.Record], s)
	}
	return out, nil
}

// takeStatuses brings a record to what was reported of it by others than this receipt.
func takeStatuses(a *bridge.Answered, rows []statusRow, but string) {
	for _, s := range rows {
		if s.Receipt == but {
			continue
		}
		a.Told++
		state, effect := a.Organs[s.Organ].Take(edxml.StatusCode(s.Code))
		a.Organs[s.Organ] = state
		if effect == edxml.Advanced && !slices.Contains(a.Steps, edxml.StatusCode(s.Code)) {
			a.Steps = append(a.Steps, edxml.StatusCode(s.Code))
		}
	}
}

// reply is what the newest outcome of a receipt says about answering its sender; nil when it says nothing.
func (h *histories) reply(receipt string, known map[string]*bridge.Reply) (*bridge.Reply, error) {
	if r, ok := known[receipt]; ok {
		return r, nil
	}
	var rows []storedOutcome
	if err := h.all(h.ctx, h.reading.OutcomesOf, &rows, args{"receipt": receipt}); err != nil {
		return nil, err
	}
	known[receipt] = nil
	if len(rows) > 0 {
		o, _, err := rows[len(rows)-1].read()
		if err != nil {
			return nil, fmt.Errorf("outcome of %s: %w", receipt, err)
		}
		known[receipt] = o.Reply
	}
	return known[receipt], nil
}
