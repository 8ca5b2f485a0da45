package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// A mail that brings nothing new is answered only when its address has heard nothing from us for a day (bridge.QuietDay). What was said of earlier
// receipts is asked for, never of later ones, so that a receipt that is decided again finds what it found.

// spokenRow asks what was said to one address, of receipts before the asker.
type spokenRow struct {
	Asker   string `json:"asker"`
	Address string `json:"address"`
	Since   stamp  `json:"since"`
}

// knownRow asks for one file of a mail.
type knownRow struct {
	Asker   string `db:"asker" json:"asker"`
	Address string `db:"address" json:"address"`
	SHA256  string `db:"sha256" json:"sha256"`
}

func spokenRowOf(receipt, address string, counted time.Time) spokenRow {
	return spokenRow{receipt, safe(address), at(counted.Add(-bridge.QuietDay))}
}

// lastTold gives per asker when a notice was last made for an earlier receipt.
type lastTold struct {
	Asker  string `db:"asker"`
	MadeAt stamp  `db:"made_at"`
}

// spoken reads what the senders of mails heard from us lately, and which of the files were spoken of with them.
func (h *histories) spoken() error {
	spoken, known := []spokenRow{}, []knownRow{}
	for _, l := range h.in {
		if l.At.IsZero() {
			continue
		}
		for _, address := range l.Addresses {
			spoken = append(spoken, spokenRowOf(l.Receipt, address, l.At))
			for _, f := range l.Files {
				known = append(known, knownRow{l.Receipt, safe(address), f})
			}
		}
	}
	if len(spoken) == 0 {
		return nil
	}
	var told []lastTold
	if err := h.all(h.ctx, h.reading.LastTold, &told, args{"rows": batch{spoken}}); err != nil {
		return err
	}
	for _, r := range told {
		h.byReceipt[r.Asker].Told = r.MadeAt.Time
	}
	if len(known) == 0 {
		return nil
	}
	var files []knownRow
	if err := h.all(h.ctx, h.reading.ToldFiles, &files, args{"rows": batch{known}}); err != nil {
		return err
	}
	for _, r := range files {
		history := h.byReceipt[r.Asker]
		if !slices.Contains(history.Known, r.SHA256) {
			history.Known = append(history.Known, r.SHA256)
		}
	}
	for _, history := range h.byReceipt {
		slices.Sort(history.Known)
	}
	return nil
}

// answers says whether the rule is to be asked of a settlement: it would answer a mail that nobody has looked at.
func (c *settling) answers() bool {
	h := c.Outcome.History
	return c.Outcome.Notice != nil && c.Receipt.Channel == bridge.Email && len(h.Amendments) == 0 && len(h.Notices) == 0
}

// compareTold finds settlements that would answer a mail which brings nothing new, now that others of its sender were answered: committed since
// their history was read, or in this very batch. The book that was locked first keeps other commits for the same agency out.
func (b *commitBatch) compareTold() error {
	cases := slices.DeleteFunc(slices.Clone(b.cases), func(c *settling) bool { return !c.answers() })
	if len(cases) == 0 {
		return nil
	}
	slices.SortFunc(cases, func(x, y *settling) int { return cmp.Compare(x.Receipt.ID, y.Receipt.ID) })
	told, known, err := b.spokenSince(cases)
	if err != nil {
		return err
	}
	stale := map[*settling]bool{}
	heard, brought := map[string]bool{}, map[[2]string]bool{} // by address, in this batch
	for _, c := range cases {
		to := c.Outcome.Notice.To
		brings := c.Outcome.Brings
		news := brings.New && slices.ContainsFunc(brings.Files, func(f string) bool { return !known[[2]string{c.Receipt.ID, f}] && !brought[[2]string{to, f}] })
		if news != brings.New || !news && (heard[to] || told[c.Receipt.ID].After(c.Outcome.Instant.At.Add(-bridge.QuietDay))) {
			stale[c] = true
			continue
		}
		heard[to] = true
		for _, f := range brings.Files {
			brought[[2]string{to, f}] = true
		}
	}
	b.keep(func(c *settling) bool { return !stale[c] }, bridge.ErrStale)
	return nil
}

// spokenSince asks again what the senders were told, by receipt, and which files they know, by receipt and file.
func (b *commitBatch) spokenSince(cases []*settling) (map[string]time.Time, map[[2]string]bool, error) {
	asked, files := []spokenRow{}, []knownRow{}
	for _, c := range cases {
		to := c.Outcome.Notice.To
		asked = append(asked, spokenRowOf(c.Receipt.ID, to, c.Outcome.Instant.At))
		for _, f := range c.Outcome.Brings.Files {
			files = append(files, knownRow{c.Receipt.ID, safe(to), f})
		}
	}
	var last []lastTold
	if err := b.all(b.q.LastTold, &last, args{"rows": batch{asked}}); err != nil {
		return nil, nil, err
	}
	told := map[string]time.Time{}
	for _, r := range last {
		told[r.Asker] = r.MadeAt.Time
	}
	known := map[[2]string]bool{}
	if len(files) > 0 {
		var rows []knownRow
		if err := b.all(b.q.ToldFiles, &rows, args{"rows": batch{files}}); err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			known[[2]string{r.Asker, r.SHA256}] = true
		}
	}
	return told, known, nil
}

// noteTold keeps the files that the new notices are about, and the slips that they carry: they bring nothing new when they come again.
func (b *commitBatch) noteTold() error {
	type row struct {
		To      string `json:"to_addr"`
		SHA256  string `json:"sha256"`
		Receipt string `json:"receipt"`
	}
	rows := []row{}
	for _, c := range b.cases {
		if c.notice == nil {
			continue
		}
		files := c.Outcome.Brings.Files
		if c.notice.slip != "" {
			files = append(slices.Clone(files), c.notice.slip)
		}
		for _, f := range files {
			if len(f) == 64 {
				rows = append(rows, row{safe(c.notice.To), f, c.Receipt.ID})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(x, y row) int { // always in one order, and the first receipt first
		return cmp.Or(strings.Compare(x.To, y.To), strings.Compare(x.SHA256, y.SHA256), strings.Compare(x.Receipt, y.Receipt))
	})
	rows = slices.CompactFunc(rows, func(x, y row) bool { return x.To == y.To && x.SHA256 == y.SHA256 })
	_, err := b.exec(b.q.AddToldFiles, args{"rows": batch{rows}})
	return err
}
