package axis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

// shelf holds the files of deliveries.
type shelf map[string]string

func (s shelf) Open(_ context.Context, digest string) (io.ReadCloser, error) {
	body, ok := s[digest]
	if !ok {
		return nil, bridge.ErrDamaged
	}
	return io.NopCloser(strings.NewReader(body)), nil
}

func (s shelf) put(body string) mapping.File {
	sum := sha256.Sum256([]byte(body))
	s[hex.EncodeToString(sum[:])] = body
	return mapping.File{Name: "van-ban.pdf", Type: "application/pdf", Size: int64(len(body)), Digest: hex.EncodeToString(sum[:])}
}

// registered is the first delivery of a document.
func registered(s shelf, n int) bridge.Dispatch {
	d := vanban.New()
	d.TakeNumber(fmt.Sprint(n), "SNV-VP", vanban.FromSidecar, 1)
	d.Take("ngay_ban_hanh", "2026-11-20", vanban.FromSidecar, 1)
	d.Take("loai_van_ban", "Công văn", vanban.FromSidecar, 1)
	d.Take("trich_yeu", fmt.Sprintf("Về việc chuẩn bị hội nghị số %d", n), vanban.FromSidecar, 1)
	record := mapping.Record{Document: d, Files: []mapping.File{s.put(fmt.Sprintf("%%PDF-1.7 tệp %d %s", n, strings.Repeat("x", n*37)))},
		Issuer: directory.Match{Agency: "snv", Name: "Sở Nội vụ", Code: issuer}}
	return bridge.Dispatch{ID: fmt.Sprintf("r%d.truc.1", n), Record: fmt.Sprint(n), Seq: 1, Event: bridge.DispatchRegistered,
		DocumentID: fmt.Sprintf("%s,2026/11/20,%d/SNV-VP", issuer, n),
		Payload:    bridge.DispatchPayload{Record: record, Receiver: "sokhcn", SoDen: fmt.Sprintf("%d/2026", n), Registered: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)}}
}

// later is the delivery behind another one.
func later(d bridge.Dispatch, event bridge.DispatchEvent) bridge.Dispatch {
	d.Seq++
	d.ID, d.Event = fmt.Sprintf("r%s.truc.%d", d.Record, d.Seq), event
	return d
}

func newTarget(t *testing.T, a bridge.Axis) *Target {
	t.Helper()
	return &Target{Label: "truc", Axis: a, Spool: t.TempDir(),
		From: func(m directory.Match) (edxml.Organ, bool) {
			return edxml.Organ{ID: m.Code, Name: m.Name}, m.Code != ""
		},
		To: func(r string) (edxml.Organ, bool) {
			return edxml.Organ{ID: ours, Name: "Sở Khoa học và Công nghệ"}, r == "sokhcn"
		}}
}

// insist tries until the axis has it, as the runner does. restarts lets the target forget how its tries ended.
func insist(t *testing.T, target *Target, s shelf, d bridge.Dispatch, restarts bool) bridge.DispatchReply {
	t.Helper()
	d.FirstTry = time.Time{}
	for try := 1; try <= 200; try++ {
		d.Asked, d.Job = try > 1, claimOf(try)
		reply, err := target.Deliver(t.Context(), d, s)
		if err == nil {
			return reply
		}
		if errors.Is(err, bridge.ErrPermanent) {
			t.Fatalf("%s is given up: %v", d.ID, err)
		}
		if try == 1 {
			d.FirstTry = time.Now()
		}
		if restarts {
			target.untouched = nil
		}
	}
	t.Fatalf("%s does not arrive", d.ID)
	return bridge.DispatchReply{}
}

// claimOf is the nth claim of a delivery that nobody else has had in hand.
func claimOf(try int) bridge.Job {
	return bridge.Job{Fence: int64(3 * try), Before: int64(3*try - 2), Attempt: try}
}

// TestEverythingArrivesOnce delivers 200 documents, some updated and some withdrawn afterwards, while three of ten calls go wrong.
func TestEverythingArrivesOnce(t *testing.T) {
	faults := slices.DeleteFunc(fake.AllFaults(), func(f fake.Fault) bool { return f == fake.Redirect })
	for seed := range uint64(1) {
		for _, f := range faces(t, fake.Options{Seed: seed, Faults: fake.Faults{Percent: 30, Kinds: faults}}) {
			t.Run(fmt.Sprintf("%s %d", f.name, seed), func(t *testing.T) {
				s, want, target := shelf{}, 0, newTarget(t, f.client)
				for n := 1; n <= 200; n++ {
					d := registered(s, n)
					if reply := insist(t, target, s, d, n%2 == 0); reply.RemoteID == "" {
						t.Errorf("document %d has no id", n)
					}
					if want++; n%10 == 0 {
						d = later(d, bridge.DispatchUpdated)
						insist(t, target, s, d, true)
						d = later(d, bridge.DispatchUpdated)
						insist(t, target, s, d, true)
						insist(t, target, s, later(d, bridge.DispatchWithdrawn), true)
						want += 3
					}
				}
				once(t, f.server, want)
				for _, k := range faults {
					if k != fake.CutBase64 && f.server.Injected()[k] == 0 {
						t.Errorf("the fault %s never struck", k)
					}
				}
			})
		}
	}
}

func once(t *testing.T, server *fake.Axis, want int) {
	t.Helper()
	got := server.Documents()
	for _, d := range got {
		if d.Times != 1 {
			t.Errorf("%s (%d) arrived %d times", d.DocumentID, d.Change, d.Times)
		}
	}
	if len(got) != want {
		t.Errorf("%d packages arrived, want %d", len(got), want)
	}
}

// TestSenderThatMayNotFetch leaves the list of what was sent as the only answer.
func TestSenderThatMayNotFetch(t *testing.T) {
	f := faces(t, fake.Options{Closed: true, Faults: fake.Faults{Percent: 50, Kinds: []fake.Fault{fake.CutAfter, fake.LostAnswer}, Calls: []string{"sendEdoc"}}})[0]
	s := shelf{}
	for n := 1; n <= 50; n++ {
		insist(t, newTarget(t, f.client), s, registered(s, n), true)
	}
	once(t, f.server, 50)
	f.server.SetFaults(fake.Faults{})
	d := later(registered(s, 1), bridge.DispatchUpdated)
	d.Asked, d.FirstTry = true, time.Now()
	var failed *bridge.TargetError
	if _, err := newTarget(t, f.client).Deliver(t.Context(), d, s); !errors.As(err, &failed) || failed.Code != CodeUnclear || failed.Reply == "" {
		t.Errorf("an update that may have arrived gave %v", err)
	}
	once(t, f.server, 50)
}

// TestAxisThatCannotBeAsked sends again only what surely left nothing, unless the administrator vouches for the receiver.
func TestAxisThatCannotBeAsked(t *testing.T) {
	f := faces(t, fake.Options{})[1]
	client := f.client.(*LGSP)
	client.o.SharedInbox = false
	s := shelf{}
	d := registered(s, 1)
	d.Job = claimOf(1)
	target := newTarget(t, client)
	client.o.Secret = fixed("wrong")
	if _, err := target.Deliver(t.Context(), d, s); !errors.Is(err, bridge.ErrUntouched) {
		t.Fatalf("a wrong key gave %v", err)
	}
	client.o.Secret = fixed(plainSecret)
	d.Asked, d.FirstTry, d.Job = true, time.Now(), claimOf(2)
	if _, err := target.Deliver(t.Context(), d, s); err != nil {
		t.Fatalf("what left nothing is not sent again: %v", err)
	}
	d = registered(s, 2)
	f.server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{fake.CutAfter}})
	if _, err := target.Deliver(t.Context(), d, s); err == nil || errors.Is(err, bridge.ErrPermanent) {
		t.Fatalf("a lost answer gave %v", err)
	}
	f.server.SetFaults(fake.Faults{})
	d.Asked, d.FirstTry = true, time.Now()
	var failed *bridge.TargetError
	if _, err := target.Deliver(t.Context(), d, s); !errors.As(err, &failed) || failed.Code != CodeUnclear || !errors.Is(err, bridge.ErrPermanent) {
		t.Errorf("gave %v", err)
	}
	once(t, f.server, 2)
	target.Again = true
	if _, err := target.Deliver(t.Context(), d, s); err != nil {
		t.Errorf("not sent again for a receiver that tells copies: %v", err)
	}
}

func TestWhatCannotBeAPackageGoesToAPerson(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	s := shelf{}
	for code, spoil := range map[string]func(d *bridge.Dispatch){
		CodeNoSender:   func(d *bridge.Dispatch) { d.Payload.Record.Issuer.Code = "" },
		CodeNoReceiver: func(d *bridge.Dispatch) { d.Payload.Receiver = "khac" },
		CodeInvalid:    func(d *bridge.Dispatch) { d.Payload.Record.Document.TrichYeu = "" },
		CodeSecret:     func(d *bridge.Dispatch) { d.Payload.Record.Document.DoMat = vanban.Mat },
	} {
		d := registered(s, 1)
		spoil(&d)
		_, err := newTarget(t, f.client).Deliver(t.Context(), d, s)
		failed, ok := errors.AsType[*bridge.TargetError](err)
		if !ok || failed.Code != code || !errors.Is(err, bridge.ErrPermanent) || failed.Reply == "" {
			t.Errorf("%s: %v", code, err)
		}
	}
	d := registered(s, 1)
	d.Payload.Record.Files[0].Digest = "gone"
	if _, err := newTarget(t, f.client).Deliver(t.Context(), d, s); !errors.Is(err, bridge.ErrDamaged) {
		t.Errorf("a damaged file gave %v", err)
	}
	once(t, f.server, 0)
}

// looking is an axis that looks into the spool folder while it is sent a package.
type looking struct {
	bridge.Axis
	look func()
}

func (l looking) Send(ctx context.Context, from string, kind edxml.Kind, size int64, r io.ReadSeeker) (string, error) {
	l.look()
	return l.Axis.Send(ctx, from, kind, size, r)
}

// TestSpoolIsEmpty looks for files that a killed process would leave behind.
func TestSpoolIsEmpty(t *testing.T) {
	f := faces(t, fake.Options{})[0]
	s := shelf{}
	target := newTarget(t, nil)
	empty := func() {
		t.Helper()
		if left, err := os.ReadDir(target.Spool); err != nil || len(left) != 0 {
			t.Errorf("the spool folder holds %v, %v", left, err)
		}
	}
	target.Axis = looking{f.client, empty}
	for n, faults := range []fake.Faults{{}, {Percent: 100, Kinds: []fake.Fault{fake.Fail}}} {
		f.server.SetFaults(faults)
		_, err := target.Deliver(t.Context(), registered(s, n+1), s)
		if (err == nil) != (n == 0) {
			t.Errorf("try %d gave %v", n, err)
		}
	}
	empty()
}

// TestSameDeliveryIsTheSamePackage builds it twice.
func TestSameDeliveryIsTheSamePackage(t *testing.T) {
	s := shelf{}
	target := newTarget(t, nil)
	for _, event := range []bridge.DispatchEvent{bridge.DispatchRegistered, bridge.DispatchUpdated, bridge.DispatchWithdrawn} {
		d := registered(s, 7)
		d.Event = event
		var bodies []string
		for range 2 {
			e, err := target.document(d)
			if err != nil {
				t.Fatal(err)
			}
			f, size, err := target.build(t.Context(), e, d, s)
			if err != nil {
				t.Fatal(err)
			}
			body := make([]byte, size)
			_, err = f.ReadAt(body, 0)
			f.drop()
			if err != nil {
				t.Fatal(err)
			}
			bodies = append(bodies, string(body))
		}
		if bodies[0] != bodies[1] {
			t.Errorf("%s: two tries make different packages", event)
		}
	}
}
