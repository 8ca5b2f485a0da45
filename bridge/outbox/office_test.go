package outbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/archive"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// office is a store and an archive with registered documents that wait to be delivered.
type office struct {
	t       *testing.T
	store   *store.Store
	archive *archive.Archive
	clock   *clock
	url     string
	folder  int64
	uid     uint32

	mu     sync.Mutex // guards what follows
	alarms []string   // keys
	clears []string
}

const receiver = "ubnd-tinh"

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, clock: &clock{t: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}, url: "sqlite:" + filepath.Join(t.TempDir(), "giaolien.db")}
	o.must(store.Create(t.Context(), o.url))
	o.store = o.open()
	a, err := archive.New(archive.Options{Dir: t.TempDir(), Reserve: -1})
	o.must(err)
	o.archive = a
	t.Cleanup(func() { o.must(a.Close()) })
	o.must(o.store.PutReceivers(t.Context(), []store.ReceivingAgency{{ID: receiver, Name: "UBND tỉnh Quảng Trị"}}))
	o.folder, err = o.store.Folder(t.Context(), "vanthu@mail.quangtri.gov.vn:993", "INBOX", "vanthu", receiver)
	o.must(err)
	return o
}

// open is another daemon's store on the same database.
func (o *office) open() *store.Store {
	o.t.Helper()
	s, err := store.Open(o.t.Context(), o.url, store.Options{Now: o.clock.now})
	o.must(err)
	o.t.Cleanup(func() { o.must(s.Close()) })
	return s
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// letter is a mail with one file.
func letter(n int, content []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: vp@snv.quangtri.gov.vn\r\nSubject: Bao cao %d\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=ranh\r\n\r\n--ranh\r\n"+
		"Content-Type: text/plain\r\n\r\nKinh gui\r\n--ranh\r\nContent-Type: application/pdf; name=\"bc.pdf\"\r\nContent-Disposition: attachment; filename=\"bc.pdf\"\r\n"+
		"Content-Transfer-Encoding: base64\r\n\r\n", n)
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	b.WriteString(text + "\r\n--ranh--\r\n")
	return b.Bytes()
}

// file is the content of the nth document.
func file(n int) []byte { return fmt.Appendf(nil, "%%PDF-1.4 van ban so %d", n) }

// receive takes mails in and claims them.
func (o *office) receive(contents ...[]byte) []bridge.Task {
	o.t.Helper()
	door := &bridge.Door{Archive: o.archive, Receipts: o.store, Meter: bridge.NoMeter{}, Accepted: func() {}}
	var in []bridge.Arrival
	for _, content := range contents {
		o.uid++
		raw := o.archive.Begin()
		_, err := raw.Write(letter(int(o.uid), content))
		o.must(err)
		sealed, err := raw.Seal()
		o.must(err)
		key := bridge.UIDKey{Folder: o.folder, UIDValidity: 7, UID: o.uid}
		in = append(in, bridge.Arrival{Receiver: receiver, Channel: bridge.Email, Mailbox: "vanthu", Origin: bridge.OriginIMAP(key), UID: key, Raw: sealed,
			InternalDate: o.clock.now(), FetchedAt: o.clock.now()})
	}
	_, err := door.Accept(o.t.Context(), bridge.Fence{}, in)
	o.must(err)
	tasks, err := o.store.ClaimTasks(o.t.Context(), "worker", len(contents), time.Minute)
	o.must(err)
	if len(tasks) != len(contents) {
		o.t.Fatalf("claimed %d of %d receipts", len(tasks), len(contents))
	}
	return tasks
}

// decided is an outcome that registers the receipt's document.
func decided(t bridge.Task, n int, content []byte, title string, targets ...string) bridge.Settlement {
	doc := vanban.New()
	doc.SoHieu, doc.So, doc.KyHieu, doc.Loai, doc.LoaiTat = fmt.Sprintf("%d/SNV-VP", n), fmt.Sprint(n), "SNV-VP", "Báo cáo", "BC"
	doc.Ngay, doc.TrichYeu, doc.NguoiKy = "2026-11-18", title, "Trần Thị Hoa"
	rec := mapping.Record{Document: doc, Key: fmt.Sprint("key:", n), Missing: []string{}, Doubts: []string{}, Unread: []mapping.Unread{},
		Files:  []mapping.File{{Name: "bc.pdf", Type: "application/pdf", Size: int64(len(content)), Digest: fmt.Sprintf("%x", sha256.Sum256(content))}},
		Sender: directory.Match{Agency: "so-noi-vu", Name: "Sở Nội vụ", Code: "H50.09", How: directory.ByAddress}}
	s := bridge.Settlement{Job: t.Job, Receipt: t.Receipt, Outcome: bridge.Outcome{Receipt: t.Receipt.ID, State: bridge.Registered, Reason: "default",
		Instant: bridge.Instant{At: t.Receipt.InternalDate, Source: bridge.InstantInternalDate}, Decision: policy.Decision{Verdict: policy.Accept},
		Records: []bridge.RecordOutcome{{Record: rec, State: bridge.Registered}}, History: bridge.History{Outcomes: t.Outcomes, Amendments: t.Amendments}}}
	for _, name := range targets {
		s.Targets = append(s.Targets, bridge.TargetRule{Name: name, Withdraws: true})
	}
	return s
}

func (o *office) commit(in ...bridge.Settlement) {
	o.t.Helper()
	render := func(notice.Draft, notice.Numbers) (notice.Rendered, error) {
		return notice.Rendered{}, errors.New("no notices here")
	}
	errs, err := o.store.Commit(o.t.Context(), render, in)
	o.must(errors.Join(append(errs, err)...))
}

// register lets documents number first to last be registered for targets. It gives the receipts.
func (o *office) register(first, last int, targets ...string) []string {
	o.t.Helper()
	var contents [][]byte
	for n := first; n <= last; n++ {
		contents = append(contents, file(n))
	}
	var in []bridge.Settlement
	var ids []string
	for i, task := range o.receive(contents...) {
		in = append(in, decided(task, first+i, contents[i], "Báo cáo", targets...))
		ids = append(ids, task.Receipt.ID)
	}
	o.commit(in...)
	return ids
}

// retitle lets a receipt be decided again with another trích yếu.
func (o *office) retitle(receipt string, n int, title string, targets ...string) {
	o.t.Helper()
	o.must(o.store.Amend(o.t.Context(), receipt, bridge.Amendment{Kind: bridge.Amend, By: "lan"}))
	tasks, err := o.store.ClaimTasks(o.t.Context(), "worker", 1, time.Minute)
	o.must(err)
	o.commit(decided(tasks[0], n, file(n), title, targets...))
}

// counts says how deliveries stand.
func (o *office) counts() map[string]int {
	o.t.Helper()
	c, err := o.store.Counts(o.t.Context())
	o.must(err)
	return c.Dispatches
}

// deliverer works for a target on this office, or on another store of it.
func (o *office) deliverer(target bridge.Target, queue bridge.Dispatches) *Deliverer {
	return &Deliverer{Target: target, Queue: queue, Archive: o.archive, Limits: parser.DefaultLimits, Spool: o.t.TempDir(), Owner: "daemon-1", Now: o.clock.now,
		pauses: []time.Duration{time.Microsecond}, Alarm: func(_ context.Context, a bridge.Alarm) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.alarms = append(o.alarms, a.Key)
		}, Clear: func(_ context.Context, key string) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.clears = append(o.clears, key)
		}}
}

// untilDone drains again and again, an hour later each time, until nothing is queued.
func (o *office) untilDone(list ...*Deliverer) {
	o.t.Helper()
	for range 400 {
		var all sync.WaitGroup
		for _, d := range list {
			all.Go(func() { _, _ = d.Drain(o.t.Context()) }) // what failed is due again
		}
		all.Wait()
		if o.counts()["queued"] == 0 {
			return
		}
		o.clock.add(time.Hour)
	}
	o.t.Fatalf("never done: %v", o.counts())
}

func (o *office) alarmed() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.alarms)
	return strings.Join(slices.Compact(o.alarms), " ")
}

// unsteady is a queue whose answers are lost now and then, before or after it has done what it was asked.
type unsteady struct {
	bridge.Dispatches
	rate float64
	rand *rand.Rand
	mu   *sync.Mutex
}

var errLost = errors.New("database is away")

func (u unsteady) lost(call func() error) error {
	u.mu.Lock()
	bad, done := u.rand.Float64() < u.rate, u.rand.IntN(2) == 0
	u.mu.Unlock()
	if bad && !done {
		return errLost
	}
	err := call()
	if bad && err == nil {
		return errLost
	}
	return err
}

func (u unsteady) DispatchSent(ctx context.Context, d bridge.Dispatch, r bridge.DispatchReply) error {
	return u.lost(func() error { return u.Dispatches.DispatchSent(ctx, d, r) })
}

func (u unsteady) DispatchLater(ctx context.Context, d bridge.Dispatch, at time.Time, reply string, blameless bool) error {
	return u.lost(func() error { return u.Dispatches.DispatchLater(ctx, d, at, reply, blameless) })
}

func unsteadily(q bridge.Dispatches, seed uint64) unsteady {
	return unsteady{q, 0.3, rand.New(rand.NewPCG(seed, 2)), &sync.Mutex{}}
}

func ownOrgan(string) edxml.Organ { return edxml.Organ{ID: "H50", Name: "UBND tỉnh Quảng Trị"} }
