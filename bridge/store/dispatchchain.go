package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// The states of a delivery.
const (
	dispatchQueued    = "queued"
	dispatchSent      = "sent"      // the target's own answer says that it has it
	dispatchDead      = "dead"      // a person looks
	dispatchCancelled = "cancelled" // by a person, or by what became of its record
)

// Why a delivery was cancelled or died; codes.
const (
	reasonSecret     = "secret"     // the message turned out to be a state secret
	reasonStruckOut  = "struck-out" // the record is not in the register any more
	reasonOnAxis     = "on-axis"    // the same document came over the axis: the document system has it
	reasonSuperseded = "superseded" // something else is to be told, and this was not yet
	reasonRefused    = "refused"    // the target said no: it surely does not have it
	reasonLooked     = "looked"     // of a queued one: a person looked and lets it go out again, so its target need not be asked
)

// dispatchRow is a delivery as the database has it.
type dispatchRow struct {
	ID         string   `db:"id"`
	Record     string   `db:"record"`
	Receipt    string   `db:"receipt"`
	Receiver   string   `db:"receiver"`
	Target     string   `db:"target"`
	Seq        int      `db:"seq"`
	Event      string   `db:"event"`
	DocumentID string   `db:"document_id"`
	Payload    document `db:"payload"`
	State      string   `db:"state"`
	Reason     string   `db:"reason"`
	MadeAt     stamp    `db:"made_at"`
	FirstTry   stamp    `db:"first_try"`
	SentAt     stamp    `db:"sent_at"`
	Leased     bool     `db:"leased"`
	Stands     bool     `db:"stands"`
	OnAxis     bool     `db:"on_axis"`
}

func (r *dispatchRow) open() bool { return r.State == dispatchQueued || r.State == dispatchDead }

// untried is a delivery of which its target cannot know anything yet.
func (r *dispatchRow) untried() bool {
	return r.State == dispatchQueued && !r.Leased && r.FirstTry.IsZero()
}

// mayHave says whether the target may have this delivery: it said so, or was tried and said nothing that settles it.
func (r *dispatchRow) mayHave() bool {
	return r.State == dispatchSent || !r.FirstTry.IsZero() && r.Reason != reasonRefused
}

// chain is what was and is to be told one target of one record, in order.
type chain []*dispatchRow

// last is the newest delivery that was not taken back; nil when there is none.
func (c chain) last() *dispatchRow {
	for _, r := range slices.Backward(c) {
		if r.State != dispatchCancelled {
			return r
		}
	}
	return nil
}

// told says whether the target has the record, as far as we know, and when it said so; the zero time when it never did.
func (c chain) told() (time.Time, bool) {
	var at time.Time
	has := false
	for _, r := range c {
		switch {
		case r.Event == string(bridge.DispatchWithdrawn):
			if r.State == dispatchSent {
				at, has = time.Time{}, false
			}
		case r.mayHave():
			has = true
			if r.State == dispatchSent {
				at = r.SentAt.Time
			}
		}
	}
	return at, has
}

func (c chain) next() int {
	if len(c) == 0 {
		return 1
	}
	return c[len(c)-1].Seq + 1
}

// chainKey names a chain.
type chainKey struct{ record, target string }

// chainsOf groups deliveries that are in order.
func chainsOf(rows []dispatchRow) map[chainKey]chain {
	out := map[chainKey]chain{}
	for i := range rows {
		k := chainKey{rows[i].Record, rows[i].Target}
		out[k] = append(out[k], &rows[i])
	}
	return out
}

func byReceiptOf(rows []dispatchRow) map[string][]dispatchRow {
	out := map[string][]dispatchRow{}
	for _, r := range rows {
		out[r.Receipt] = append(out[r.Receipt], r)
	}
	return out
}

// deliveredOf is what the history of a receipt says of its deliveries.
func deliveredOf(chains map[chainKey]chain) []bridge.Delivered {
	out := []bridge.Delivered{}
	for k, c := range chains {
		if at, has := c.told(); has {
			out = append(out, bridge.Delivered{Record: k.record, Target: k.target, At: at})
		}
	}
	slices.SortFunc(out, func(x, y bridge.Delivered) int {
		return cmp.Or(strings.Compare(x.Record, y.Record), strings.Compare(x.Target, y.Target))
	})
	return out
}
