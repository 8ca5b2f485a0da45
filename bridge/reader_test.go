package bridge

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping"
)

// fakeReadings is the queue of one receipt, kept in memory.
type fakeReadings struct {
	FileReadings
	due    []ReadingTask
	found  map[string]mapping.FileEvidence
	done   []string
	later  map[string]bool // receipt → blameless
	fenced bool
}

func (f *fakeReadings) FilesRead(_ context.Context, digests []string) (map[string]mapping.FileEvidence, error) {
	out := map[string]mapping.FileEvidence{}
	for _, d := range digests {
		if ev, ok := f.found[d]; ok {
			out[d] = ev
		}
	}
	return out, nil
}
func (f *fakeReadings) ClaimReading(context.Context, string, time.Duration) (ReadingTask, bool, error) {
	if len(f.due) == 0 {
		return ReadingTask{}, false, nil
	}
	t := f.due[0]
	f.due = f.due[1:]
	return t, true, nil
}
func (f *fakeReadings) RenewReading(context.Context, Job, string, time.Duration) error {
	if f.fenced {
		return ErrFenced
	}
	return nil
}
func (f *fakeReadings) PutFileEvidence(_ context.Context, digest string, ev mapping.FileEvidence) error {
	f.found[digest] = ev
	return nil
}
func (f *fakeReadings) ReadingDone(_ context.Context, _ Job, receipt string) error {
	f.done = append(f.done, receipt)
	return nil
}
func (f *fakeReadings) ReadingLater(_ context.Context, j Job, _ time.Time, _ string, blameless bool) error {
	f.later["job"] = blameless
	return nil
}

func testReader(t *testing.T, f *fakeReadings, archive fakeArchive, read FileReader) *Reader {
	k := reading(t)
	f.found, f.later = map[string]mapping.FileEvidence{}, map[string]bool{}
	return &Reader{Readings: f, Archive: archive, Knowledge: func() *Knowledge { return k }, Read: read, Alarm: func(context.Context, Alarm) {},
		Clear: func(context.Context, string) {}, Meter: NoMeter{}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Owner: "test", Loops: 1,
		Lease: time.Minute, Poll: time.Minute}
}

func TestReaderStep(t *testing.T) {
	l := letter{subject: subject, received: cutoff}
	raw := l.raw()
	secret := letter{subject: "MẬT: " + subject, received: cutoff}.raw()
	archive := fakeArchive{"good": raw, "secret": secret, "breaks off": raw}
	due := func(location string, attempt int) *fakeReadings {
		t := task("GL-1", location, archive[location])
		return &fakeReadings{due: []ReadingTask{{Job{ID: 1, Attempt: attempt}, t.Receipt}}}
	}
	reads := func(_ context.Context, file io.Reader, size int64, sniffed string) (mapping.FileEvidence, error) {
		b, err := io.ReadAll(file)
		if int64(len(b)) != size || sniffed != "application/pdf" {
			t.Errorf("%d bytes of %s, want the %d of a PDF", len(b), sniffed, size)
		}
		return page("Số: 12/SNV-VP"), err
	}
	never := func(context.Context, io.Reader, int64, string) (mapping.FileEvidence, error) {
		t.Error("a file was read that must not be")
		return mapping.FileEvidence{}, nil
	}
	t.Run("reads, keeps and lets decide", func(t *testing.T) {
		f := due("good", 1)
		n, err := testReader(t, f, archive, reads).Drain(t.Context())
		if err != nil || n != 1 || len(f.done) != 1 || f.found[digestOf(l)].PageCount != 1 {
			t.Errorf("%d readings, done %v, found %v, error %v", n, f.done, f.found, err)
		}
	})
	t.Run("reads what was cleared by its header alone", func(t *testing.T) {
		f := due("secret", 1)
		f.due[0].Receipt.HeaderWords = 1
		if _, err := testReader(t, f, archive, reads).Drain(t.Context()); err != nil || len(f.found) != 1 || len(f.done) != 1 {
			t.Errorf("found %v, done %v, error %v", f.found, f.done, err)
		}
	})
	t.Run("reads no file twice", func(t *testing.T) {
		f := due("good", 1)
		r := testReader(t, f, archive, never)
		f.found[digestOf(l)] = page("x")
		if _, err := r.Drain(t.Context()); err != nil || len(f.done) != 1 {
			t.Errorf("done %v, error %v", f.done, err)
		}
	})
	t.Run("reads again what other tools could not", func(t *testing.T) {
		for _, c := range []struct {
			problem, by string
			again       int
		}{{mapping.ProblemNoOCR, "old tools", 1}, {mapping.ProblemNoOCR, "new tools", 0}, {mapping.ProblemEncrypted, "old tools", 0},
			{mapping.ProblemDeadline, "new tools", 1}} {
			f := due("good", 1)
			r := testReader(t, f, archive, reads)
			r.Name = "new tools"
			f.found[digestOf(l)] = mapping.FileEvidence{Reader: c.by, Problem: c.problem}
			if _, err := r.Drain(t.Context()); err != nil || f.found[digestOf(l)].PageCount != c.again || f.found[digestOf(l)].Reader == "" {
				t.Errorf("%+v: found %+v, error %v", c, f.found, err)
			}
		}
	})
	t.Run("reads nothing of a secret", func(t *testing.T) {
		f := due("secret", 1)
		if _, err := testReader(t, f, archive, never).Drain(t.Context()); err != nil || len(f.done) != 1 || len(f.found) != 0 {
			t.Errorf("done %v, found %v, error %v", f.done, f.found, err)
		}
	})
	t.Run("gives up after three tries", func(t *testing.T) {
		f := due("good", 4)
		if _, err := testReader(t, f, archive, never).Drain(t.Context()); err != nil || len(f.done) != 1 || f.found[digestOf(l)].Problem != mapping.ProblemFailed {
			t.Errorf("done %v, found %v, error %v; want it to be called unreadable", f.done, f.found, err)
		}
	})
	t.Run("but leaves what was found before", func(t *testing.T) {
		f := due("good", 4)
		r := testReader(t, f, archive, never)
		f.found[digestOf(l)] = mapping.FileEvidence{Reader: "tools", Problem: mapping.ProblemDeadline}
		if _, err := r.Drain(t.Context()); err != nil || f.found[digestOf(l)].Problem != mapping.ProblemDeadline {
			t.Errorf("found %v, error %v", f.found, err)
		}
	})
	t.Run("also of what the archive lost", func(t *testing.T) {
		f := &fakeReadings{due: []ReadingTask{{Job{ID: 1, Attempt: 4}, task("GL-1", "gone", raw).Receipt}}}
		if _, err := testReader(t, f, archive, never).Drain(t.Context()); err != nil || len(f.done) != 1 {
			t.Errorf("done %v, error %v", f.done, err)
		}
	})
	for name, c := range map[string]struct {
		location  string
		read      FileReader
		blameless bool
	}{
		"our own failure costs no try": {"good", func(context.Context, io.Reader, int64, string) (mapping.FileEvidence, error) {
			return mapping.FileEvidence{}, errors.New("no child")
		}, true},
		"a panic does":              {"good", func(context.Context, io.Reader, int64, string) (mapping.FileEvidence, error) { panic("as asked") }, false},
		"a damaged blob does":       {"gone", never, false},
		"a failing disk costs none": {"breaks off", reads, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeReadings{due: []ReadingTask{{Job{ID: 1, Attempt: 1}, task("GL-1", c.location, raw).Receipt}}}
			_, err := testReader(t, f, archive, c.read).Drain(t.Context())
			blameless, ok := f.later["job"]
			if err == nil || !ok || blameless != c.blameless || len(f.done) != 0 {
				t.Errorf("error %v, later %v, done %v; want it given back, blameless %v", err, f.later, f.done, c.blameless)
			}
		})
	}
	t.Run("a lost lease ends the reading", func(t *testing.T) {
		f := due("good", 1)
		f.fenced = true
		r := testReader(t, f, archive, func(ctx context.Context, _ io.Reader, _ int64, _ string) (mapping.FileEvidence, error) {
			<-ctx.Done()
			return mapping.FileEvidence{}, ctx.Err()
		})
		r.Lease = 3 * time.Millisecond
		if _, err := r.Drain(t.Context()); err != nil || len(f.done) != 0 || len(f.later) != 0 {
			t.Errorf("error %v, done %v, later %v; want it left to who has it now", err, f.done, f.later)
		}
	})
}
