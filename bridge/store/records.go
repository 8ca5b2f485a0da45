package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// recordRow is one record as tx 2 writes it.
type recordRow struct {
	ID         string `json:"id"`
	Receipt    string `json:"receipt"`
	N          int    `json:"n"`
	Receiver   string `json:"receiver"`
	Agency     string `json:"agency"`
	State      string `json:"state"`
	Key        string `json:"rec_key"`
	Document   string `json:"document"`
	Files      string `json:"files"`
	Missing    string `json:"missing"`
	Book       null   `json:"book"`
	BookYear   *int   `json:"book_year"`
	SoDen      *int   `json:"so_den"`
	NumberedAt stamp  `json:"numbered_at"`
	JoinedTo   null   `json:"joined_to"`

	soHieu   string
	keys     []string // that it takes when it is registered; Key is the one by its number
	joinKey  string   // that the record stands under which it is joined to
	fresh    bool     // its register number was taken just now
	secret   bool     // it is entered in the secret book now
	secretAt *place   // where
}

// earlierRecord is a record as an earlier outcome of the same receipt left it.
type earlierRecord struct {
	ID         string `db:"id"`
	State      string `db:"state"`
	Key        string `db:"rec_key"`
	Book       null   `db:"book"`
	BookYear   *int   `db:"book_year"`
	SoDen      *int   `db:"so_den"`
	NumberedAt stamp  `db:"numbered_at"`
	JoinedTo   null   `db:"joined_to"`
}

// registered tells records that own their key and have a number.
func (r *recordRow) registered() bool { return r.State == string(bridge.Registered) }

func recordID(receipt string, n int) string { return fmt.Sprintf("%s/%d", receipt, n) }

// recordsOf makes the rows of an outcome's records, in order, numbered from 1.
func recordsOf(c *settling) ([]*recordRow, error) {
	out := make([]*recordRow, len(c.Outcome.Records))
	for i, r := range c.Outcome.Records {
		row := &recordRow{ID: recordID(c.Receipt.ID, i+1), Receipt: c.Receipt.ID, N: i + 1, Receiver: c.Receipt.Receiver,
			Agency: r.Sender.Agency, State: string(r.State), Key: safe(r.Key), JoinedTo: null(r.JoinTo), soHieu: r.Document.SoHieu,
			joinKey: safe(cmp.Or(r.JoinKey, r.Key))}
		for _, k := range r.Keys() {
			row.keys = append(row.keys, safe(k))
		}
		var err error
		if row.Document, err = encode(r.Document); err != nil {
			return nil, err
		}
		if row.Files, err = encode(filled(r.Files)); err != nil {
			return nil, err
		}
		if row.Missing, err = encode(filled(r.Missing)); err != nil {
			return nil, err
		}
		out[i] = row
	}
	return out, nil
}

// filled writes an absent list as an empty one.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// recallRecords makes the record rows and gives those that were numbered by an earlier outcome their number back.
func (b *commitBatch) recallRecords() error {
	for _, c := range b.cases {
		var err error
		if c.records, err = recordsOf(c); err != nil {
			return err
		}
	}
	earlier := b.ids((*settling).again)
	if len(earlier) == 0 {
		return nil
	}
	var rows []earlierRecord
	if err := b.all(b.q.RecordsOf, &rows, args{"rows": batch{earlier}}); err != nil {
		return err
	}
	b.earlier = rows
	for _, c := range b.cases {
		for _, rec := range c.records {
			for _, r := range rows {
				if r.ID == rec.ID {
					rec.Book, rec.BookYear, rec.SoDen, rec.NumberedAt = r.Book, r.BookYear, r.SoDen, r.NumberedAt
				}
			}
		}
	}
	return nil
}

// checkJoins finds settlements that join a record which is not registered under their key any more, and keeps the others' records as they
// are.
func (b *commitBatch) checkJoins() error {
	type joined struct {
		ID       string `json:"id"`
		Receiver string `json:"receiver"`
		Key      string `json:"rec_key"`
	}
	wanted := []joined{}
	for _, c := range b.cases {
		for _, r := range c.records {
			if r.JoinedTo != "" {
				wanted = append(wanted, joined{string(r.JoinedTo), r.Receiver, r.joinKey})
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	slices.SortFunc(wanted, func(x, y joined) int { return strings.Compare(x.ID, y.ID) }) // always locked in one order
	type standing struct {
		ID  null   `db:"id"`
		Key string `db:"rec_key"`
	}
	var rows []standing
	if err := b.all(b.q.StandingRecords, &rows, args{"rows": batch{wanted}}); err != nil {
		return err
	}
	b.keep(func(c *settling) bool {
		for _, r := range c.records {
			if r.JoinedTo != "" && !slices.Contains(rows, standing{r.JoinedTo, r.joinKey}) {
				return false
			}
		}
		return true
	}, bridge.ErrStale)
	return nil
}

type ownedKey struct {
	keyRow
	Record string `db:"record" json:"record"`
}

// takeKeys takes the duplicate keys of registered records. checkKeys found them free; who has lost one since runs again and finds it taken.
func (b *commitBatch) takeKeys() error {
	if earlier := b.ids((*settling).again); len(earlier) > 0 {
		if _, err := b.exec(b.q.DropKeys, args{"rows": batch{earlier}}); err != nil {
			return err
		}
	}
	keys := b.wantedKeys()
	if len(keys) == 0 {
		return nil
	}
	slices.SortFunc(keys, func(x, y ownedKey) int { // always in one order, or two commits could wait for each other
		return cmp.Or(strings.Compare(x.Receiver, y.Receiver), strings.Compare(x.Key, y.Key))
	})
	var taken []string
	if err := b.all(b.q.AddKeys, &taken, args{"rows": batch{keys}}); err != nil {
		return err
	}
	if len(taken) < len(keys) {
		return errAgain
	}
	return nil
}

// wantedKeys lists the keys of this batch; of two records of one receipt with the same key, the first has it.
func (b *commitBatch) wantedKeys() []ownedKey {
	keys := []ownedKey{}
	seen := map[keyRow]bool{}
	for _, c := range b.cases {
		for _, r := range c.records {
			for _, key := range r.keys {
				k := keyRow{r.Receiver, key}
				if r.registered() && !seen[k] {
					seen[k] = true
					keys = append(keys, ownedKey{k, r.ID})
				}
			}
		}
	}
	return keys
}

// checkKeys finds settlements that register a document which stands already, in the database or earlier in this batch.
func (b *commitBatch) checkKeys() error {
	wanted := b.wantedKeys()
	if len(wanted) == 0 {
		return nil
	}
	asked := make([]keyRow, len(wanted))
	for i, k := range wanted {
		asked[i] = k.keyRow
	}
	var rows []ownedKey
	if err := b.all(b.q.KeyOwners, &rows, args{"rows": batch{asked}}); err != nil {
		return err
	}
	owner := make(map[keyRow]string, len(rows)) // receipt
	for _, r := range rows {
		owner[r.keyRow], _, _ = strings.Cut(r.Record, "/")
	}
	b.keep(func(c *settling) bool {
		mine := []keyRow{}
		for _, r := range c.records {
			if !r.registered() {
				continue
			}
			for _, key := range r.keys {
				k := keyRow{r.Receiver, key}
				if who, taken := owner[k]; taken && who != c.Receipt.ID {
					return false
				}
				mine = append(mine, k)
			}
		}
		for _, k := range mine {
			owner[k] = c.Receipt.ID
		}
		return true
	}, bridge.ErrStale)
	return nil
}

func (b *commitBatch) writeRecords() error {
	type surplus struct {
		ID string `json:"id"`
		N  int    `json:"n"`
	}
	rows, fewer := []*recordRow{}, []surplus{}
	for _, c := range b.cases {
		rows = append(rows, c.records...)
		for _, r := range c.records {
			if r.fresh {
				b.note(audit.NewRecordRegistered(b.now, r.Receipt, r.ID, soDen(*r.SoDen, *r.BookYear), r.soHieu))
			}
		}
		if c.again() {
			fewer = append(fewer, surplus{c.Receipt.ID, len(c.records)})
		}
	}
	if len(rows) > 0 {
		if _, err := b.exec(b.q.PutRecords, args{"rows": batch{rows}}); err != nil {
			return err
		}
	}
	if len(fewer) == 0 {
		return nil
	}
	_, err := b.exec(b.q.DropSurplus, args{"rows": batch{fewer}})
	return err
}

// reviveJoined lets receipts be decided again whose records are joined to one that does not stand under its key any more: they may be
// registered themselves now. It comes last: those of this batch are settled, and whoever joins one of these records from now on finds it
// gone.
func (b *commitBatch) reviveJoined() error {
	now := map[string]*recordRow{}
	for _, c := range b.cases {
		for _, r := range c.records {
			now[r.ID] = r
		}
	}
	settled := map[string]bool{}
	for _, c := range b.cases {
		settled[c.Receipt.ID] = true
	}
	fallen := []idRow{}
	for _, was := range b.earlier {
		receipt, _, _ := strings.Cut(was.ID, "/")
		if was.State != string(bridge.Registered) || !settled[receipt] {
			continue
		}
		if is := now[was.ID]; is == nil || !is.registered() || is.Key != was.Key {
			fallen = append(fallen, idRow{was.ID})
		}
	}
	if len(fallen) == 0 {
		return nil
	}
	var receipts []string
	if err := b.all(b.q.JoinedReceipts, &receipts, args{"rows": batch{fallen}}); err != nil || len(receipts) == 0 {
		return err
	}
	return b.revive(Process, receipts...)
}
