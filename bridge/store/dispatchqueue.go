package store

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// recallDispatches reads what was delivered of receipts that had an outcome before, and keeps others from claiming it. An alarm about a secret
// must name everything that went out: one that was decided before something went is decided again.
func (b *commitBatch) recallDispatches() error {
	earlier := b.ids((*settling).again)
	if len(earlier) == 0 {
		return nil
	}
	if b.s.dialect == postgres {
		var locked []int64
		if err := b.all(b.q.LockDispatches, &locked, args{"rows": batch{earlier}}); err != nil {
			return err
		}
	}
	var rows []dispatchRow
	if err := b.all(b.q.DispatchesOf, &rows, args{"rows": batch{earlier}, "now": at(b.now)}); err != nil {
		return err
	}
	byReceipt := byReceiptOf(rows)
	b.keep(func(c *settling) bool {
		c.chains = chainsOf(byReceipt[c.Receipt.ID])
		return c.Outcome.State != bridge.Quarantined || slices.EqualFunc(deliveredOf(c.chains), c.Outcome.History.Delivered, bridge.Delivered.Equal)
	}, bridge.ErrStale)
	return nil
}

// writtenDispatch is a delivery to be queued.
type writtenDispatch struct {
	ID         string `json:"id"`
	Record     string `json:"record"`
	Receipt    string `json:"receipt"`
	Receiver   string `json:"receiver"`
	Target     string `json:"target"`
	Seq        int    `json:"seq"`
	Event      string `json:"event"`
	DocumentID string `json:"document_id"`
	Payload    string `json:"payload"`
	MadeAt     stamp  `json:"made_at"`
}

// dispatchPlan is what a transaction does to deliveries.
type dispatchPlan struct {
	*tx
	since  map[string]time.Time // by target
	onAxis map[string]bool      // records that came over the axis as well
	queue  []writtenDispatch
	cancel map[string][]idRow // by reason
	owner  map[string]string  // receipt of what is cancelled
	blank  []idRow            // receipts
	alarms []bridge.Alarm
}

func (t *tx) newPlan(targets []bridge.TargetRule) (*dispatchPlan, error) {
	p := &dispatchPlan{tx: t, cancel: map[string][]idRow{}, owner: map[string]string{}}
	var err error
	p.since, err = t.targetsSince(targets)
	return p, err
}

// targetsSince says since when targets are known, and makes them known. What was registered before stays here until a person asks for it.
func (t *tx) targetsSince(targets []bridge.TargetRule) (map[string]time.Time, error) {
	type sinceRow struct {
		ID    string `json:"id"`
		Since stamp  `json:"since"`
	}
	if len(targets) == 0 {
		return nil, nil
	}
	out := map[string]time.Time{}
	ids, unknown := []idRow{}, []sinceRow{}
	for _, r := range targets {
		ids = append(ids, idRow{r.Name})
	}
	var rows []struct {
		Name  string `db:"name"`
		Since stamp  `db:"since"`
	}
	if err := t.all(t.q.Targets, &rows, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Name] = r.Since.Time
	}
	for _, r := range ids {
		if _, known := out[r.ID]; !known {
			out[r.ID] = t.now
			unknown = append(unknown, sinceRow{r.ID, at(t.now)})
		}
	}
	if len(unknown) == 0 {
		return out, nil
	}
	slices.SortFunc(unknown, func(x, y sinceRow) int { return strings.Compare(x.ID, y.ID) })
	_, err := t.exec(t.q.AddTargets, args{"rows": batch{unknown}})
	return out, err
}

// queueDispatches comes when records and numbers are written: a delivery is queued in the transaction that registers, or not at all.
func (b *commitBatch) queueDispatches() error {
	targets := []bridge.TargetRule{}
	idle := true
	for _, c := range b.cases {
		idle = idle && len(c.Targets) == 0 && len(c.chains) == 0
		for _, t := range c.Targets {
			if !slices.Contains(targets, t) {
				targets = append(targets, t)
			}
		}
	}
	if idle {
		return nil
	}
	p, err := b.newPlan(targets)
	if err != nil {
		return err
	}
	if p.onAxis, err = b.alsoOnAxis(); err != nil {
		return err
	}
	for _, c := range b.cases {
		if err := p.settle(c); err != nil {
			return fmt.Errorf("queue deliveries of %s: %w", c.Receipt.ID, err)
		}
	}
	return p.write()
}

// alsoOnAxis finds records to which something that came over the axis is joined: only of receipts that had an outcome before.
func (b *commitBatch) alsoOnAxis() (map[string]bool, error) {
	ids := []idRow{}
	for _, c := range b.cases {
		for _, r := range c.records {
			if c.again() && r.registered() {
				ids = append(ids, idRow{r.ID})
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var found []string
	if err := b.all(b.q.OnAxis, &found, args{"rows": batch{ids}}); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, id := range found {
		out[id] = true
	}
	return out, nil
}

// settle plans what follows from one outcome.
func (p *dispatchPlan) settle(c *settling) error {
	if c.Outcome.State == bridge.Quarantined {
		for _, chain := range sortedChains(c.chains) {
			p.cancelOpen(chain, reasonSecret, func(r *dispatchRow) bool { return r.open() })
		}
		if len(c.chains) > 0 {
			p.blank = append(p.blank, idRow{c.Receipt.ID})
		}
		return nil
	}
	stands := map[string]bool{}
	for _, r := range c.records {
		stands[r.ID] = r.registered()
	}
	for _, chain := range sortedChains(c.chains) {
		if !stands[chain[0].Record] {
			if err := p.strikeOut(c, chain); err != nil {
				return err
			}
		}
	}
	// What came over the axis is in the document system, and imported mail never leaves (ARCHITECTURE, invariant 7). Nothing leaves before the
	// files are read, or while what was read speaks against the entry.
	if c.mute || c.Receipt.Channel == bridge.System || len(c.Outcome.Wanted) > 0 {
		return nil
	}
	for i, r := range c.records {
		ro := c.Outcome.Records[i]
		if !r.registered() || ro.Reason == bridge.ReasonDoubted {
			continue
		}
		payload := payloadOf(c.Receipt, ro, r, c.Outcome.Instant.At)
		for _, t := range c.Targets {
			if err := p.tell(c.chains, payload, r, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func sortedChains(m map[chainKey]chain) []chain {
	keys := slices.SortedFunc(maps.Keys(m), func(x, y chainKey) int {
		return cmp.Or(strings.Compare(x.record, y.record), strings.Compare(x.target, y.target))
	})
	out := make([]chain, len(keys))
	for i, k := range keys {
		out[i] = m[k]
	}
	return out
}

func payloadOf(receipt bridge.Receipt, ro bridge.RecordOutcome, r *recordRow, arrived time.Time) bridge.DispatchPayload {
	return bridge.DispatchPayload{Record: bridge.Told(ro.Record), Receiver: receipt.Receiver, Channel: receipt.Channel, Book: string(r.Book),
		SoDen: soDen(*r.SoDen, *r.BookYear), Number: *r.SoDen, Year: *r.BookYear, Arrived: arrived.UTC().Truncate(time.Microsecond),
		Registered: r.NumberedAt.UTC().Truncate(time.Microsecond)}
}

// tell queues what a target is to be told of a record that stands, unless it was told exactly that.
func (p *dispatchPlan) tell(chains map[chainKey]chain, payload bridge.DispatchPayload, r *recordRow, target bridge.TargetRule) error {
	c := chains[chainKey{r.ID, target.Name}]
	if len(c) == 0 && (r.NumberedAt.Before(p.since[target.Name]) || p.onAxis[r.ID]) {
		return nil
	}
	return p.queueTold(chains, c, payload, r, target.Name)
}

func (p *dispatchPlan) queueTold(chains map[chainKey]chain, c chain, payload bridge.DispatchPayload, r *recordRow, target string) error {
	_, has := c.told()
	for last := c.last(); last != nil; last = c.last() {
		same, err := last.tells(payload)
		if err != nil || same && last.Event != string(bridge.DispatchWithdrawn) {
			return err
		}
		if !last.untried() && last.State != dispatchDead {
			break
		}
		p.cancelOpen(chain{last}, reasonSuperseded, (*dispatchRow).open)
	}
	event := bridge.DispatchRegistered
	if has {
		event = bridge.DispatchUpdated
	}
	if last := c.last(); last != nil && last.Event == string(bridge.DispatchWithdrawn) { // it will be gone there by then
		event = bridge.DispatchRegistered
	}
	// The last gate before an encoder: fields that bear a mark are no package, whatever was decided about the record.
	if payload.Record.Document.DoMat != "" {
		return p.withhold(r, target)
	}
	e, _, err := edxml.FromRecord(payload.Record, edxml.Sending{From: edxml.Organ{ID: payload.Issuer().Code}})
	if errors.Is(err, edxml.ErrSecret) {
		return p.withhold(r, target)
	}
	if err != nil {
		return err
	}
	return p.add(r.ID, r.Receipt, payload, target, c.next(), event, cmp.Or(documentIDOf(chains, r.ID), e.DocumentID))
}

// documentIDOf is the identity under which a record was delivered first.
func documentIDOf(chains map[chainKey]chain, record string) string {
	for _, c := range sortedChains(chains) {
		for _, r := range c {
			if r.Record == record && r.DocumentID != "" {
				return r.DocumentID
			}
		}
	}
	return ""
}

// withhold keeps a record that bears a mark from being queued. It should have been quarantined, so a person hears of it.
func (p *dispatchPlan) withhold(r *recordRow, target string) error {
	p.alarms = append(p.alarms, bridge.Alarm{Key: "delivery-withheld:" + r.ID, Code: "delivery-withheld",
		Text: "Văn bản " + r.ID + " không được chuyển tới " + target + " vì có dấu chỉ độ mật trong thông tin văn bản; cần người được giao quản lý bí mật xem xét."})
	return nil
}

// tells says whether this delivery tells the same.
func (r *dispatchRow) tells(payload bridge.DispatchPayload) (bool, error) {
	var was bridge.DispatchPayload
	if err := r.Payload.into(&was); err != nil {
		return false, err
	}
	was.Reason = ""
	then, err := encode(was)
	if err != nil {
		return false, err
	}
	now, err := encode(payload)
	return then == now, err
}

// strikeOut takes back what was not delivered of a record that does not stand any more, and withdraws what was. A delivery in somebody's hands
// goes its way first; if it fails, it is cancelled when it is due again.
func (p *dispatchPlan) strikeOut(c *settling, chain chain) error {
	last := chain.last()
	if last == nil || last.Event == string(bridge.DispatchWithdrawn) {
		return nil
	}
	_, has := chain.told()
	leased := slices.ContainsFunc(chain, func(r *dispatchRow) bool { return r.open() && r.Leased })
	p.cancelOpen(chain, reasonStruckOut, func(r *dispatchRow) bool { return r.open() && !r.Leased })
	if !has && !leased {
		return nil
	}
	record, target := chain[0].Record, chain[0].Target
	if !slices.ContainsFunc(c.Targets, func(t bridge.TargetRule) bool { return t.Name == target && t.Withdraws }) {
		p.alarms = append(p.alarms, bridge.Alarm{Key: "delivery-stands:" + record + ":" + target, Code: "delivery-stands",
			Text: "Văn bản " + record + " không còn trong sổ nhưng đã chuyển tới " + target + ", nơi không nhận lệnh thu hồi; văn thư cần xử lý tại đó."})
		return nil
	}
	var payload bridge.DispatchPayload
	if err := last.Payload.into(&payload); err != nil {
		return err
	}
	payload.Reason = reasonStruckOut
	for i, r := range c.records {
		if r.ID == record {
			payload.Reason = c.Outcome.Records[i].Reason
		}
	}
	return p.add(record, c.Receipt.ID, payload, target, chain.next(), bridge.DispatchWithdrawn, last.DocumentID)
}

// cancelOpen cancels deliveries of a chain.
func (p *dispatchPlan) cancelOpen(c chain, reason string, which func(*dispatchRow) bool) {
	for _, r := range c {
		if which(r) {
			r.State = dispatchCancelled
			p.cancel[reason] = append(p.cancel[reason], idRow{r.ID})
			p.owner[r.ID] = r.Receipt
		}
	}
}

func (p *dispatchPlan) add(record, receipt string, payload bridge.DispatchPayload, target string, seq int, event bridge.DispatchEvent, document string) error {
	body, err := encode(payload)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s.%s.%d", record, target, seq)
	p.queue = append(p.queue, writtenDispatch{ID: id, Record: record, Receipt: receipt, Receiver: payload.Receiver, Target: target, Seq: seq,
		Event: string(event), DocumentID: document, Payload: body, MadeAt: at(p.now)})
	p.note(audit.NewDeliveryQueued(p.now, receipt, id, record, target, string(event), sha256.Sum256([]byte(body))))
	return nil
}

// write does what was planned. What is cancelled loses its job, whoever holds it: what they bring ends nothing.
func (p *dispatchPlan) write() error {
	for _, reason := range slices.Sorted(maps.Keys(p.cancel)) {
		rows := p.cancel[reason]
		var cancelled []string
		if err := p.all(p.q.CancelDispatches, &cancelled, args{"rows": batch{rows}, "by": audit.Program, "reason": reason, "now": at(p.now)}); err != nil {
			return err
		}
		for _, id := range cancelled {
			p.note(audit.NewDeliveryCancelled(p.now, p.owner[id], id, audit.Program, reason))
			if err := p.clear("delivery-failed:" + id); err != nil {
				return err
			}
		}
		if _, err := p.exec(p.q.DropJobsOf, args{"kind": Deliver, "rows": batch{rows}}); err != nil {
			return err
		}
	}
	if len(p.blank) > 0 {
		if _, err := p.exec(p.q.BlankDispatches, args{"rows": batch{p.blank}, "payload": "{}"}); err != nil {
			return err
		}
	}
	if err := p.raise(p.alarms); err != nil {
		return err
	}
	if len(p.queue) == 0 {
		return nil
	}
	if _, err := p.exec(p.q.AddDispatches, args{"rows": batch{p.queue}}); err != nil {
		return err
	}
	jobs := make([]jobRow, len(p.queue))
	for i, d := range p.queue {
		jobs[i] = jobRow{Kind: Deliver, Key: d.ID, ReadyAt: at(p.now), State: jobReady}
	}
	p.wake[Deliver] = true
	_, err := p.exec(p.q.AddJobs, args{"rows": batch{jobs}})
	return err
}
