package bridge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// fakeWork is a store of one batch, kept in memory.
type fakeWork struct {
	mu        sync.Mutex
	tasks     []Task
	results   [][]error // of successive commits; nil: all written
	commitErr []error
	amended   []Amendment // that the history shows
	histories int
	waiting   map[string]string // what the history shows to whoever asks
	committed []Settlement
	failed    map[string]bool // receipt → blameless
	away      int             // how many calls of FailTask find no database
	delayed   []time.Time
	delayErr  error
}

func (f *fakeWork) ClaimTasks(context.Context, string, int, time.Duration) ([]Task, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.tasks
	f.tasks = nil
	return t, nil
}
func (f *fakeWork) Histories(_ context.Context, in []Lookup) ([]History, error) {
	if !in[0].Waiting {
		f.histories++
	}
	out := make([]History, len(in))
	for i := range out {
		out[i].Amendments = f.amended
		if in[i].Waiting {
			out[i].Waiting = f.waiting
		}
	}
	return out, nil
}
func (f *fakeWork) Commit(_ context.Context, _ Renderer, in []Settlement) ([]error, error) {
	if len(f.commitErr) > 0 {
		err := f.commitErr[0]
		f.commitErr = f.commitErr[1:]
		if err != nil {
			return nil, err
		}
	}
	results := make([]error, len(in))
	if len(f.results) > 0 {
		results, f.results = f.results[0], f.results[1:]
	}
	for i, err := range results {
		if err == nil {
			f.committed = append(f.committed, in[i])
		}
	}
	return results, nil
}
func (f *fakeWork) FailTask(_ context.Context, t Task, _ string, blameless bool) error {
	if f.away > 0 {
		f.away--
		return errors.New("database is away")
	}
	f.failed[t.Receipt.ID] = blameless
	return nil
}
func (f *fakeWork) DelayTask(_ context.Context, t Task, at time.Time, _ string) error {
	f.delayed = append(f.delayed, at)
	return f.delayErr
}
func (f *fakeWork) WaitingTasks(context.Context) (int, error) { return len(f.tasks), nil }

// fakeArchive serves raw bytes from memory; a nil value is a damaged blob.
type fakeArchive map[string][]byte

func (fakeArchive) Begin() Intake { panic("the worker takes nothing in") }
func (fakeArchive) Append(context.Context, []Sealed) ([]string, error) {
	panic("the worker takes nothing in")
}
func (a fakeArchive) Open(_ context.Context, _ Digest, location string) (Raw, error) {
	if raw := a[location]; raw != nil {
		return memoryRaw{bytes.NewReader(raw), location == "breaks off"}, nil
	}
	return nil, fmt.Errorf("blob %s: %w", location, ErrDamaged)
}

type memoryRaw struct {
	*bytes.Reader
	breaks bool
}

func (memoryRaw) Close() error  { return nil }
func (m memoryRaw) Size() int64 { return m.Reader.Size() }
func (m memoryRaw) ReadAt(p []byte, off int64) (int, error) {
	if m.breaks {
		return 0, io.ErrUnexpectedEOF
	}
	return m.Reader.ReadAt(p, off)
}

func testWorker(t *testing.T, work *fakeWork, archive fakeArchive) *Worker {
	k := testKnowledge(t, nil)
	work.failed = map[string]bool{}
	return &Worker{Work: work, Archive: archive, Files: &fakeReadings{}, Knowledge: func() *Knowledge { return k },
		Gather: func(_ context.Context, t Task, _ io.ReaderAt, _ parser.Message) (Evidence, error) {
			if t.Receipt.Location == "panics" {
				panic("as asked")
			}
			return Evidence{Identity: policy.IdentityDMARC}, nil
		},
		Alarm: func(context.Context, Alarm) {}, Meter: NoMeter{}, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Owner: "test", Loops: 1, Batch: 32, Lease: time.Minute, Poll: time.Minute}
}

func task(id, location string, raw []byte) Task {
	return Task{Job: Job{ID: 1, Attempt: 1}, Receipt: Receipt{ID: id, Receiver: "ubnd", Channel: Email, Raw: sha256.Sum256(raw), Size: int64(len(raw)), Location: location, InternalDate: cutoff, FetchedAt: cutoff}}
}

func TestWorkerStep(t *testing.T) {
	raw := letter{subject: subject, received: cutoff}.raw()
	archive := fakeArchive{"good": raw, "panics": raw, "breaks off": raw}
	t.Run("settles", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw), task("GL-2", "good", raw)}}
		n, err := testWorker(t, work, archive).Step(t.Context())
		if err != nil || n != 2 || len(work.committed) != 2 || len(work.failed) != 0 {
			t.Errorf("claimed %d, committed %d, failed %v, error %v", n, len(work.committed), work.failed, err)
		}
	})
	t.Run("decides again what became stale", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw), task("GL-2", "good", raw)}, results: [][]error{{nil, ErrStale}, {ErrStale}}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(work.committed) != 2 || work.histories != 3 {
			t.Errorf("committed %d with %d readings of history, want 2 with 3", len(work.committed), work.histories)
		}
	})
	t.Run("refuses nothing of which a person has the first copy", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw), task("GL-2", "good", letter{subject: subject, received: cutoff.Add(-time.Second)}.raw())}, waiting: map[string]string{"12|snv-vp|snv|2026": "GL-9/1"}}
		if _, err := testWorker(t, work, fakeArchive{"good": raw}).Step(t.Context()); err != nil || len(work.committed) != 2 {
			t.Fatalf("committed %d, %v", len(work.committed), err)
		}
		if o := work.committed[0].Outcome; o.State != Held || o.Reason != ReasonCopyHeld || o.Notice != nil || len(o.History.Waiting) != 1 {
			t.Errorf("%s (%s), notice %v, history %+v", o.State, o.Reason, o.Notice, o.History)
		}
	})
	t.Run("gives up on endless staleness without blame", func(t *testing.T) {
		stale := []error{ErrStale}
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw)}, results: [][]error{stale, stale, stale}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if blameless, ok := work.failed["GL-1"]; !ok || !blameless {
			t.Errorf("failed %v, want GL-1 without blame", work.failed)
		}
	})
	t.Run("leaves alone what another worker settled", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw)}, results: [][]error{{ErrFenced}}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil || len(work.failed) != 0 {
			t.Errorf("failed %v, error %v", work.failed, err)
		}
	})
	t.Run("blames no message for a database that is away", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw)}, commitErr: []error{errors.New("connection lost")}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err == nil {
			t.Error("no error")
		}
		if blameless, ok := work.failed["GL-1"]; !ok || !blameless {
			t.Errorf("failed %v, want GL-1 without blame", work.failed)
		}
	})
	t.Run("blames a message whose outcome the database refuses", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw), task("GL-2", "good", raw)}, results: [][]error{{errors.New("refused"), nil}}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if blameless, ok := work.failed["GL-1"]; !ok || blameless || len(work.committed) != 1 {
			t.Errorf("failed %v, committed %d; want GL-1 blamed and the other committed", work.failed, len(work.committed))
		}
	})
	t.Run("gives back later what an outage kept it from giving back", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw)}, commitErr: []error{errors.New("connection lost")}, away: 2}
		w := testWorker(t, work, archive)
		for range 3 { // the outage, a step into it, and the first one after it
			_, err := w.Step(t.Context())
			t.Log(err)
		}
		if blameless, ok := work.failed["GL-1"]; !ok || !blameless || len(w.owed) != 0 {
			t.Errorf("failed %v, owed %v; want GL-1 given back without blame", work.failed, w.owed)
		}
	})
	t.Run("takes in what a person said after the claim", func(t *testing.T) {
		work := &fakeWork{tasks: []Task{task("GL-1", "good", raw)}, amended: []Amendment{{Kind: Amend, Fields: map[string]string{"so_hieu": "222/SNV-VP"}}}}
		if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(work.committed) != 1 || work.committed[0].Outcome.Records[0].Document.SoHieu != "222/SNV-VP" {
			t.Errorf("committed %+v, want the corrected number", work.committed)
		}
	})
	t.Run("a panic while rendering is one notice's", func(t *testing.T) {
		w := testWorker(t, &fakeWork{}, archive)
		w.Render = func(notice.Draft, notice.Numbers) (notice.Rendered, error) { panic("as asked") }
		if _, err := w.render(notice.Draft{Receipt: "GL-1"}, notice.Numbers{}); !errors.Is(err, errBreaks) {
			t.Errorf("error %v, want errBreaks", err)
		}
	})
	for name, c := range map[string]struct {
		location  string
		blameless bool
	}{"a panic is the message's": {"panics", false}, "a damaged blob counts": {"gone", false}, "a failing disk does not": {"breaks off", true}} {
		t.Run(name, func(t *testing.T) {
			work := &fakeWork{tasks: []Task{task("GL-1", c.location, raw), task("GL-2", "good", raw)}}
			if _, err := testWorker(t, work, archive).Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			if blameless, ok := work.failed["GL-1"]; !ok || blameless != c.blameless {
				t.Errorf("failed %v, want GL-1 with blameless %v", work.failed, c.blameless)
			}
			if len(work.committed) != 1 || work.committed[0].Receipt.ID != "GL-2" {
				t.Errorf("committed %v, want the one behind it", work.committed)
			}
		})
	}
}
