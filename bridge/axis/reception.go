package axis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Deps are what an inbox works with.
type Deps struct {
	Door   *bridge.Door
	Leases bridge.Leases
	// Known tells which deliveries were made before.
	Known func(ctx context.Context, origins []string) (map[string]bool, error)
	// Receiver finds the receiving agency that a code is of, with whatever other codes it has. Receivers are all that there are.
	Receiver  func(code string) (id string, ok bool)
	Receivers []string
	// Alarm and Clear raise and clear an alarm by its key. They may be called again for the same state.
	Alarm func(ctx context.Context, a bridge.Alarm)
	Clear func(ctx context.Context, key string)
	Meter bridge.Meter
	Log   *slog.Logger
	Now   func() time.Time
	Owner string // of leases; another one for every process
}

func (d *Deps) complete() bool {
	return d.Door != nil && d.Leases != nil && d.Known != nil && d.Receiver != nil && d.Alarm != nil && d.Clear != nil && d.Meter != nil &&
		d.Log != nil && d.Now != nil && d.Owner != ""
}

// Counts are what a drain of an inbox came to.
type Counts struct {
	Listed   int `json:"listed"`   // packages that lay there
	Accepted int `json:"accepted"` // deliveries that are durable now: one for each receiving agency of a package
	Joined   int `json:"joined"`   // of these, further deliveries of a package that had a receipt
	Imported int `json:"imported"` // of these, older than start
	Left     int `json:"left"`     // packages that a person must look at, or that are tried later
}

func (c *Counts) add(o Counts) {
	c.Accepted += o.Accepted
	c.Joined += o.Joined
	c.Imported += o.Imported
}

// What can be wrong with one package; the others go on.
var (
	errBroken = errors.New("package cannot be read")
	errNobody = errors.New("package is for none of our agencies")
	errOurs   = errors.New("our own disk or database")
)

// reception brings one package through the door.
type reception struct {
	deps  *Deps
	name  string // of the inbox
	start time.Time
	spool string
}

// facts are what is known of a package beside its bytes.
type facts struct {
	to     string    // whose copy it is, when the axis says so
	at     time.Time // when the axis had it; zero: unknown
	origin func(receiver string, raw bridge.Digest) string
}

// take reads a package to its end and makes it durable, once for each receiving agency that it is for. The error is that of reading, or
// wraps errBroken, errNobody or errOurs.
func (r *reception) take(ctx context.Context, fence bridge.Fence, in io.Reader, f facts) (Counts, error) {
	spool, err := newSpooled(r.spool)
	if err != nil {
		return Counts{}, fmt.Errorf("%w: %w", errOurs, err)
	}
	defer spool.drop()
	if _, err := io.Copy(ownWriter{spool}, in); err != nil {
		return Counts{}, err
	}
	p, err := r.look(spool)
	if err != nil {
		return Counts{}, err
	}
	receivers := r.receivers(p, f.to)
	if len(receivers) == 0 {
		return Counts{}, errNobody
	}
	if f.at.IsZero() {
		f.at = stampOf(p)
	}
	arrivals, err := r.seal(spool, receivers, f)
	if err != nil {
		return Counts{}, err
	}
	puts, err := r.deps.Door.Accept(ctx, fence, arrivals)
	if err != nil {
		discard(arrivals)
		return Counts{}, fmt.Errorf("%w: %w", errOurs, err)
	}
	var n Counts
	for i, put := range puts {
		if put.Known {
			continue
		}
		n.Accepted++
		if put.Joined {
			n.Joined++
		}
		if arrivals[i].Imported {
			n.Imported++
		}
	}
	return n, nil
}

// ownWriter marks the errors of our side of a copy.
type ownWriter struct{ io.Writer }

func (w ownWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		err = fmt.Errorf("write spool file: %w: %w", errOurs, err)
	}
	return n, err
}

// look reads the header of a package.
func (r *reception) look(f io.ReadSeeker) (edxml.Package, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return edxml.Package{}, fmt.Errorf("read spool file: %w: %w", errOurs, err)
	}
	p, err := edxml.Decode(f, edxml.Limits{}, nil)
	if err != nil {
		return p, fmt.Errorf("read spool file: %w: %w", errOurs, err)
	}
	for _, found := range p.Findings {
		if found.Severity == edxml.Fault {
			return p, fmt.Errorf("%w: %s", errBroken, found.Code)
		}
	}
	return p, nil
}

// receivers lists our agencies that a package is for. A status is for whose document it is about, or comes from one of us that sent it for
// another.
func (r *reception) receivers(p edxml.Package, copyOf string) []string {
	codes := []string{p.Status.About.OrganID}
	if p.Kind == edxml.KindEdoc {
		codes = codes[:0]
		for _, to := range p.Edoc.To {
			codes = append(codes, to.ID)
		}
	}
	if id, ok := r.deps.Receiver(copyOf); ok && copyOf != "" {
		return []string{id}
	}
	var out []string
	for _, code := range codes {
		if id, ok := r.deps.Receiver(code); ok && code != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if id, ok := r.deps.Receiver(p.Status.From.ID); ok && len(out) == 0 && p.Kind == edxml.KindStatus {
		out = []string{id}
	}
	return out
}

// stampOf is the last time that stands in a package.
func stampOf(p edxml.Package) time.Time {
	at := p.Status.At
	for _, hop := range p.Edoc.Trace {
		if hop.At.After(at) {
			at = hop.At
		}
	}
	return at
}

// seal makes an arrival for each receiving agency.
func (r *reception) seal(f io.ReadSeeker, receivers []string, about facts) ([]bridge.Arrival, error) {
	var out []bridge.Arrival
	for _, receiver := range receivers {
		sealed, err := r.intake(f)
		if err != nil {
			discard(out)
			return nil, fmt.Errorf("store package: %w: %w", errOurs, err)
		}
		out = append(out, bridge.Arrival{Receiver: receiver, Channel: bridge.System, Mailbox: r.name, Origin: about.origin(receiver, sealed.Raw()), Raw: sealed,
			InternalDate: about.at, FetchedAt: r.deps.Now().UTC(), Imported: !about.at.IsZero() && about.at.Before(r.start)})
	}
	return out, nil
}

func (r *reception) intake(f io.ReadSeeker) (bridge.Sealed, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	w := r.deps.Door.Archive.Begin()
	if _, err := io.Copy(w, f); err != nil {
		w.Discard()
		return nil, err
	}
	return w.Seal()
}

func discard(list []bridge.Arrival) {
	for _, a := range list {
		a.Raw.Discard()
	}
}

// sleep waits for d or the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
