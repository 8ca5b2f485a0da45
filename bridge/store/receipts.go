package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// vietnam is the zone of the years that receipts and books belong to. Vietnam has had no other offset since 1975.
var vietnam = time.FixedZone("+07", 7*60*60)

// numbering is the counter whose lock lets one tx 1 at a time compare its arrivals with what is known.
const numbering = "receipts"

type deliveryRow struct {
	Origin       string `json:"origin"`
	Receipt      string `json:"receipt"`
	Joined       bool   `json:"joined"`
	Mailbox      string `json:"mailbox"`
	Raw          string `json:"raw"`
	Size         int64  `json:"size"`
	Location     string `json:"location"`
	Headers      string `json:"headers"`
	InternalDate stamp  `json:"internaldate"`
	FetchedAt    stamp  `json:"fetched_at"`
	StoredAt     stamp  `json:"stored_at"`
}

type receiptRow struct {
	ID       string `json:"id"`
	Receiver string `json:"receiver"`
	Channel  string `json:"channel"`
	Content  string `json:"content"`
	Origin   string `json:"origin"`
	Imported bool   `json:"imported"`
	Headers  bool   `json:"headers_only"`
	StoredAt stamp  `json:"stored_at"`
}

type uidRow struct {
	Folder      int64  `json:"folder"`
	UIDValidity uint32 `json:"uidvalidity"`
	UID         uint32 `json:"uid"`
	State       string `json:"state"`
	Reason      string `json:"reason"`
	Receipt     string `json:"receipt"`
	Joined      bool   `json:"joined"`
	Imported    bool   `json:"imported"`
	Headers     bool   `json:"headers_only"`
	SeenAt      stamp  `json:"seen_at"`
	SettledAt   stamp  `json:"settled_at"`
}

type jobRow struct {
	Kind     string `json:"kind"`
	Key      string `json:"job_key"`
	Priority int    `json:"priority"`
	ReadyAt  stamp  `json:"ready_at"`
	State    string `json:"state"`
}

// The states of a job. One that is dead is given out to nobody until a person revives it.
const (
	jobReady = "ready"
	jobDead  = "dead"
)

type contentKey struct {
	Receiver string `db:"receiver" json:"receiver"`
	Content  string `db:"content" json:"content"`
}

// standing is a receipt that a content has already.
type standing struct {
	contentKey
	ID       string `db:"id"`
	State    string `db:"state"`
	Reason   string `db:"reason"`
	Imported bool   `db:"imported"`
	Live     bool   `db:"live"`
	Stored   stamp  `db:"internaldate"` // the delivery that counts
}

// PutReceipts implements bridge.Receipts. A further delivery of a message that its receiving agency has a receipt for is joined to that
// receipt; its UID is a duplicate, unless the folder was renumbered: then it is the same mail and follows the receipt's state. An imported
// receipt whose message comes live for the first time waits again, and that UID with it.
func (s *Store) PutReceipts(ctx context.Context, f bridge.Fence, in []bridge.Stored) ([]bridge.Put, error) {
	if len(in) == 0 {
		return nil, nil
	}
	var puts []bridge.Put
	err := s.change(ctx, func(t *tx) error {
		i := intake{tx: t, in: slices.Clone(in), answers: map[string]bridge.Put{}, known: map[contentKey]standing{}}
		for n := range i.in {
			i.in[n].Origin = safe(i.in[n].Origin)
		}
		if err := i.store(f); err != nil {
			return err
		}
		puts = i.puts()
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("put %d receipts: %w", len(in), err)
	}
	return puts, nil
}

// intake is one run of tx 1.
type intake struct {
	*tx
	in      []bridge.Stored
	answers map[string]bridge.Put // by origin
	known   map[contentKey]standing

	fresh  []bridge.Stored // arrivals with a new receipt, in order
	joined []bridge.Stored // arrivals joined to a receipt
	sooner []string        // receipts that may be refused, of joined arrivals that were stored earlier than the delivery that counts
	live   []liveRow       // those of them by which an imported receipt came live for the first time
	whole  []bridge.Stored // arrivals of messages whose receipt had only their header
	headed map[bridge.UIDKey]headedRow
}

type liveRow struct {
	ID     string `json:"id"`
	Origin string `json:"origin"`
}

func (i *intake) store(f bridge.Fence) error {
	if err := i.checkFence(f); err != nil {
		return err
	}
	if _, err := i.exec(i.q.LockCounter, args{"name": numbering}); err != nil {
		return err
	}
	if err := i.recall(); err != nil {
		return err
	}
	i.sort()
	if len(i.fresh)+len(i.joined)+len(i.whole) == 0 {
		return nil
	}
	if err := i.number(); err != nil {
		return err
	}
	return i.write()
}

// puts are the answers in order. Of the same origin twice in one batch, the second was there before.
func (i *intake) puts() []bridge.Put {
	out := make([]bridge.Put, len(i.in))
	seen := map[string]bool{}
	for n, a := range i.in {
		out[n] = i.answers[a.Origin]
		out[n].Known = out[n].Known || seen[a.Origin]
		seen[a.Origin] = true
	}
	return out
}

// recall reads which deliveries and messages are known. Nobody else can add any until this transaction ends.
func (i *intake) recall() error {
	origins := make([]map[string]string, len(i.in))
	contents := make([]contentKey, len(i.in))
	for n, a := range i.in {
		origins[n] = map[string]string{"origin": a.Origin}
		contents[n] = contentKeyOf(a)
	}
	var deliveries []struct {
		Origin  string `db:"origin"`
		Receipt string `db:"receipt"`
		Joined  bool   `db:"joined"`
	}
	if err := i.all(i.q.KnownDeliveries, &deliveries, args{"rows": batch{origins}}); err != nil {
		return err
	}
	for _, d := range deliveries {
		i.answers[d.Origin] = bridge.Put{Receipt: d.Receipt, Joined: d.Joined, Known: true}
	}
	var receipts []standing
	if err := i.all(i.q.KnownContents, &receipts, args{"rows": batch{contents}}); err != nil {
		return err
	}
	for _, r := range receipts {
		i.known[r.contentKey] = r
	}
	return i.recallHeaders(contents)
}

func contentKeyOf(a bridge.Stored) contentKey {
	return contentKey{Receiver: a.Receiver, Content: hexOf(a.Content())}
}

// sort tells new messages from further deliveries, those inside this batch included.
func (i *intake) sort() {
	seen := map[contentKey]bool{}
	for _, a := range i.in {
		if _, answered := i.answers[a.Origin]; answered {
			continue
		}
		if i.fetchedWhole(a) {
			continue
		}
		i.answers[a.Origin] = bridge.Put{} // the same origin twice in one batch is one delivery
		key := contentKeyOf(a)
		if _, stands := i.known[key]; stands || seen[key] {
			i.joined = append(i.joined, a)
			continue
		}
		seen[key] = true
		if i.completes(a) {
			i.whole = append(i.whole, a)
			continue
		}
		i.fresh = append(i.fresh, a)
	}
}

// number gives every arrival its receipt.
func (i *intake) number() error {
	if n := len(i.fresh); n > 0 {
		year := i.now.In(vietnam).Year()
		var last int64
		if _, err := i.one(i.q.TakeCounter, &last, args{"name": fmt.Sprintf("%s/%d", numbering, year), "n": n}); err != nil {
			return err
		}
		for k, a := range i.fresh {
			id := fmt.Sprintf("GL-%d-%07d", year, last-int64(n)+1+int64(k))
			i.answers[a.Origin] = bridge.Put{Receipt: id}
			i.known[contentKeyOf(a)] = standing{ID: id, State: string(bridge.Waiting), Imported: a.Imported}
		}
	}
	for _, a := range i.whole {
		r := i.headed[a.UID]
		i.answers[a.Origin] = bridge.Put{Receipt: r.Receipt}
		i.known[contentKeyOf(a)] = standing{ID: r.Receipt, State: string(bridge.Waiting), Imported: r.Imported,
			Live: r.Live || r.Imported && !a.Imported}
	}
	for _, a := range i.joined {
		key := contentKeyOf(a)
		r := i.known[key]
		i.answers[a.Origin] = bridge.Put{Receipt: r.ID, Joined: true}
		if r.Imported && !r.Live && !a.Imported && !a.HeadersOnly {
			i.live = append(i.live, liveRow{r.ID, a.Origin})
			r.Live, r.State, r.Reason = true, string(bridge.Waiting), ""
			i.known[key] = r
		}
		i.noteSooner(r, a)
	}
	return nil
}

func (i *intake) write() error {
	if len(i.fresh) > 0 {
		if err := i.writeFresh(); err != nil {
			return err
		}
	}
	if err := i.writeWhole(); err != nil {
		return err
	}
	deliveries := make([]deliveryRow, 0, len(i.fresh)+len(i.joined)+len(i.whole))
	for _, a := range i.fresh {
		deliveries = append(deliveries, i.delivery(a))
		i.note(audit.NewReceiptStored(i.now, i.answers[a.Origin].Receipt, intakeOf(a)))
	}
	for _, a := range slices.Concat(i.whole, i.joined) {
		deliveries = append(deliveries, i.delivery(a))
		i.note(audit.NewDeliveryJoined(i.now, i.answers[a.Origin].Receipt, intakeOf(a)))
	}
	if _, err := i.exec(i.q.AddDeliveries, args{"rows": batch{deliveries}}); err != nil {
		return err
	}
	if err := i.writeSooner(); err != nil {
		return err
	}
	if err := i.writeLive(); err != nil {
		return err
	}
	return i.writeUIDs()
}

func (i *intake) writeFresh() error {
	contents := make([]map[string]string, len(i.fresh))
	receipts := make([]receiptRow, len(i.fresh))
	jobs := make([]jobRow, len(i.fresh))
	for n, a := range i.fresh {
		id := i.answers[a.Origin].Receipt
		contents[n] = map[string]string{"content": hexOf(a.Content())}
		receipts[n] = receiptRow{ID: id, Receiver: a.Receiver, Channel: string(a.Channel), Content: hexOf(a.Content()),
			Origin: a.Origin, Imported: a.Imported, Headers: a.HeadersOnly, StoredAt: at(i.now)}
		jobs[n] = jobRow{Kind: Process, Key: id, ReadyAt: at(i.now), State: jobReady}
		if a.Imported {
			jobs[n].Priority = 1
		}
	}
	if _, err := i.exec(i.q.AddMessages, args{"rows": batch{contents}}); err != nil {
		return err
	}
	if _, err := i.exec(i.q.AddReceipts, args{"rows": batch{receipts}}); err != nil {
		return err
	}
	_, err := i.exec(i.q.AddJobs, args{"rows": batch{jobs}})
	i.wake[Process] = true
	return err
}

func (i *intake) delivery(a bridge.Stored) deliveryRow {
	put := i.answers[a.Origin]
	return deliveryRow{Headers: headersOf(a), Origin: a.Origin, Receipt: put.Receipt, Joined: put.Joined, Mailbox: line(a.Mailbox), Raw: hexOf(a.Raw.Raw()),
		Size: a.Raw.Size(), Location: safe(a.Location), InternalDate: at(a.InternalDate), FetchedAt: at(a.FetchedAt), StoredAt: at(i.now)}
}

func intakeOf(a bridge.Stored) audit.Intake {
	return audit.Intake{Receiver: a.Receiver, Channel: string(a.Channel), Mailbox: a.Mailbox, Origin: a.Origin, Raw: a.Raw.Raw(),
		Content: a.Content(), Size: a.Raw.Size(), InternalDate: a.InternalDate, FetchedAt: a.FetchedAt, Imported: a.Imported}
}

// writeUIDs notes which UID delivered what.
func (i *intake) writeUIDs() error {
	renumbered, err := i.renumbered()
	if err != nil {
		return err
	}
	rows := []uidRow{}
	seen := map[bridge.UIDKey]bool{}
	add := func(a bridge.Stored, row uidRow) {
		if a.UID.Folder == 0 || seen[a.UID] {
			return
		}
		seen[a.UID] = true
		row.Imported, row.Headers = a.Imported, a.HeadersOnly
		row.Folder, row.UIDValidity, row.UID = a.UID.Folder, a.UID.UIDValidity, a.UID.UID
		row.Receipt, row.SeenAt = i.answers[a.Origin].Receipt, at(i.now)
		if row.State != string(bridge.Waiting) {
			row.SettledAt = at(i.now)
		}
		rows = append(rows, row)
	}
	for _, a := range slices.Concat(i.fresh, i.whole) {
		add(a, uidRow{State: string(bridge.Waiting)})
	}
	for _, a := range i.joined {
		r := i.known[contentKeyOf(a)]
		if renumbered[folderReceipt{a.UID.Folder, r.ID}] || slices.Contains(i.live, liveRow{r.ID, a.Origin}) {
			add(a, uidRow{State: r.State, Reason: r.Reason})
		} else {
			add(a, uidRow{State: string(bridge.Duplicate), Joined: true})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = i.exec(i.q.ReceiveUIDs, args{"rows": batch{rows}})
	return err
}

type folderReceipt struct {
	Folder  int64  `db:"folder"`
	Receipt string `db:"receipt"`
}

// renumbered tells which of the joined arrivals only come again because their folder got a new UIDVALIDITY.
func (i *intake) renumbered() (map[folderReceipt]bool, error) {
	rows := []uidRow{}
	for _, a := range i.joined {
		if a.UID.Folder != 0 {
			rows = append(rows, uidRow{Folder: a.UID.Folder, UIDValidity: a.UID.UIDValidity, Receipt: i.answers[a.Origin].Receipt})
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	var hits []folderReceipt
	if err := i.all(i.q.RenumberedUIDs, &hits, args{"rows": batch{rows}}); err != nil {
		return nil, err
	}
	out := make(map[folderReceipt]bool, len(hits))
	for _, h := range hits {
		out[h] = true
	}
	return out, nil
}
