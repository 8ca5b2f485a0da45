package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// FileReader finds the text and the signatures of one file, whose kind its first bytes told. What is wrong with the file is in the evidence;
// an error is only about ourselves.
type FileReader func(ctx context.Context, file io.Reader, size int64, sniffed string) (mapping.FileEvidence, error)

// Reader lets tools read the files of messages, behind the worker and never in its way: it has a queue of its own. Each file is read once,
// whoever sends it again, until other tools can do what those could not; then its receipt is decided anew with what was found.
type Reader struct {
	Readings  FileReadings
	Archive   Archive
	Knowledge func() *Knowledge
	Read      FileReader
	Alarm     func(context.Context, Alarm)
	Clear     func(ctx context.Context, key string)
	Meter     Meter
	Log       *slog.Logger
	Now       func() time.Time
	Owner     string
	Name      string // of what reads here, as evidence names it

	Loops int           // how many files are read at once
	Lease time.Duration // of a claimed reading; it is renewed while the tools work
	Poll  time.Duration // the safety net under Wake
	Wake  <-chan struct{}

	calm atomic.Bool // the alarm is cleared
}

const (
	// readingTries is how often the reading of one receipt is begun before its files count as not readable.
	readingTries = 3
	// readingAlarm is the key of the alarm that files cannot be read.
	readingAlarm = "reading-failed"
)

// Run reads until ctx ends, then returns nil when every loop has ended or given back its reading.
func (r *Reader) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for range r.Loops {
		group.Go(func() error { return r.loop(ctx) })
	}
	return group.Wait()
}

func (r *Reader) loop(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-r.Wake:
		}
		for ctx.Err() == nil {
			did, err := r.Step(ctx)
			if err != nil && ctx.Err() == nil {
				r.Log.Error("files of a receipt not read", "error", err)
			}
			if err != nil || !did {
				break
			}
		}
		timer.Reset(r.Poll)
	}
}

// Drain reads what is due, and reports how many receipts there were. Readings that failed are due later; the first failure ends it.
func (r *Reader) Drain(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		did, err := r.Step(ctx)
		if err != nil || !did {
			return n, err
		}
	}
}

// Step claims and reads the files of one receipt, and reports whether there was one.
func (r *Reader) Step(ctx context.Context) (bool, error) {
	task, ok, err := r.Readings.ClaimReading(ctx, r.Owner, r.Lease)
	if err != nil || !ok {
		return false, wrapUnless(err, "claim reading")
	}
	held, let := r.hold(ctx, task.Job)
	err = r.settle(held, task)
	if lost := let(); errors.Is(err, ErrFenced) || lost { // somebody else has it now
		r.Log.Info("the reading of a receipt was taken over", "receipt", task.Receipt.ID)
		return true, nil
	}
	if err == nil {
		if !r.calm.Swap(true) {
			r.Clear(ctx, readingAlarm)
		}
		return true, nil
	}
	return true, errors.Join(fmt.Errorf("read files of %s: %w", task.Receipt.ID, err), r.giveBack(ctx, task, err))
}

// hold renews the lease until let is called, and ends the context when the lease is lost; let says whether it was.
func (r *Reader) hold(ctx context.Context, job Job) (held context.Context, let func() (lost bool)) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(r.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
			}
			if err := r.Readings.RenewReading(held, job, r.Owner, r.Lease); errors.Is(err, ErrFenced) {
				cancel(ErrFenced)
			}
		}
	}()
	return held, func() bool {
		lost := errors.Is(context.Cause(held), ErrFenced)
		cancel(nil)
		<-done
		return lost
	}
}

// giveBack queues a reading again. Only what breaks the program, or is damaged in the archive, loses a try by it. A reading that cannot be
// given back is due again when its lease ends.
func (r *Reader) giveBack(ctx context.Context, t ReadingTask, cause error) error {
	blameless := !errors.Is(cause, ErrDamaged) && !errors.Is(cause, errBreaks)
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	at := r.Now()
	if !stopping {
		at = at.Add(time.Minute)
		r.calm.Store(false)
		r.Alarm(ctx, Alarm{Key: readingAlarm, Code: readingAlarm, Text: "Không đọc được tệp của phiếu " + t.Receipt.ID +
			" bằng công cụ đọc văn bản; chương trình sẽ thử lại. Xem nhật ký và chạy giaolien check."})
	}
	if err := r.Readings.ReadingLater(ctx, t.Job, at, cause.Error(), blameless); err != nil && !errors.Is(err, ErrFenced) {
		return fmt.Errorf("give back the reading: %w", err)
	}
	return nil
}

// settle reads what is not read yet of one receipt, and lets it be decided again.
func (r *Reader) settle(ctx context.Context, t ReadingTask) error {
	raw, err := r.Archive.Open(ctx, t.Receipt.Raw, t.Receipt.Location)
	if err != nil && !(errors.Is(err, ErrDamaged) && t.Job.Attempt > readingTries) {
		return fmt.Errorf("open raw bytes: %w", err)
	}
	if err == nil {
		defer raw.Close()
		watched := &watchedReader{ReaderAt: raw}
		err = r.guarded(t.Receipt.ID, func() error { return r.files(ctx, t, watched) })
		if watched.err != nil {
			return fmt.Errorf("read raw bytes: %w", watched.err)
		}
		if err != nil {
			return err
		}
	}
	return r.Readings.ReadingDone(ctx, t.Job, t.Receipt.ID)
}

// guarded turns a panic into an error that counts as a try.
func (r *Reader) guarded(receipt string, read func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("a message panicked the reader of files", "receipt", receipt, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errBreaks
		}
	}()
	return read()
}

// files reads the files of one message that are wanted and not read. The tripwire comes first: of a marked message nothing is read.
func (r *Reader) files(ctx context.Context, t ReadingTask, raw io.ReaderAt) error {
	if t.Receipt.Channel == System { // a package: its files are not opened
		return nil
	}
	limits := r.Knowledge().Settings.Limits
	m := parsed(t.Receipt, raw, limits)
	if !mayOpen(t.Receipt, m) {
		return nil
	}
	list := mapping.Wanted(m)
	read, err := r.Readings.FilesRead(ctx, list)
	if err != nil {
		return fmt.Errorf("ask what is read: %w", err)
	}
	wanted := map[string]bool{}
	for _, d := range list {
		if ev, ok := read[d]; !ok || r.mayDoBetter(ev) {
			wanted[d] = true
		}
	}
	if t.Job.Attempt <= readingTries {
		parser.Visit(raw, t.Receipt.Size, limits, func(a parser.Attachment, content io.Reader) {
			if err != nil || !wanted[a.SHA256] {
				return
			}
			if err = r.file(ctx, a, content, read[a.SHA256].Reader); err == nil {
				delete(wanted, a.SHA256)
			}
		})
		if err != nil {
			return err
		}
	}
	for d := range wanted { // what ended the program three times, or could not be found again, is for a person
		if _, known := read[d]; known {
			continue
		}
		if err := r.keep(ctx, d, mapping.FileEvidence{Reader: "giaolien", Problem: mapping.ProblemFailed}); err != nil {
			return err
		}
	}
	return nil
}

// What another reading may find in a file that one could not read: other tools what those lack, and any tool at a better time what took too
// long.
var (
	ofTools = map[string]bool{mapping.ProblemNoTool: true, mapping.ProblemNoOCR: true, mapping.ProblemTooLarge: true, mapping.ProblemUnknownKind: true}
	ofTime  = map[string]bool{mapping.ProblemDeadline: true, mapping.ProblemOveruse: true, mapping.ProblemFailed: true}
)

// mayDoBetter says whether a file is worth reading again now that somebody has asked for its receipt.
func (r *Reader) mayDoBetter(ev mapping.FileEvidence) bool {
	return ofTime[ev.Problem] || ofTools[ev.Problem] && ev.Reader != r.Name
}

// file lets the tools read one file and keeps what they found. before is what read it last: the same reader adds the time to its name, since
// what was found first stays for replays.
func (r *Reader) file(ctx context.Context, a parser.Attachment, content io.Reader, before string) error {
	begun := r.Now()
	whole := &countedReader{Reader: content}
	found, err := r.Read(ctx, whole, a.Size, a.Sniffed)
	if err != nil {
		return fmt.Errorf("read a file of %d bytes: %w", a.Size, err)
	}
	if whole.ended && whole.n < a.Size { // its container gave less than it did at first: not what was sent
		found = mapping.FileEvidence{Reader: found.Reader, Problem: mapping.ProblemDamaged}
	}
	if before != "" {
		found.Reader += " at " + begun.UTC().Format(time.RFC3339)
	}
	r.Meter.Add(MetricFilesRead, 1, found.Problem)
	r.Meter.Observe(MetricReading, r.Now().Sub(begun).Seconds())
	return r.keep(ctx, a.SHA256, found)
}

func (r *Reader) keep(ctx context.Context, digest string, found mapping.FileEvidence) error {
	if err := r.Readings.PutFileEvidence(ctx, digest, found); err != nil {
		return fmt.Errorf("keep what was read: %w", err)
	}
	return nil
}

// countedReader counts what was read, and notes the end.
type countedReader struct {
	io.Reader
	n     int64
	ended bool
}

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	c.ended = c.ended || errors.Is(err, io.EOF)
	return n, err
}

func wrapUnless(err error, what string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
