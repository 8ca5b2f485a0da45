package bridge

import (
	"context"
	"fmt"
)

// Door is where everything comes in: by IMAP, LMTP, import or a clerk's hand.
type Door struct {
	Archive  Archive
	Receipts Receipts
	Meter    Meter
	// Accepted is told, without blocking, that new work is committed.
	Accepted func()
}

// Accept makes arrivals durable: raw bytes first (one fsync for all of them), then tx 1. Only when it has returned without error may the
// server be touched, or the bytes be forgotten. After an error nothing may be taken for accepted; calling again with the same arrivals is
// safe as long as their Raw has not been discarded, because a delivery's Origin is unique. The arrivals' Raw is released on success.
func (d *Door) Accept(ctx context.Context, f Fence, in []Arrival) ([]Put, error) {
	blobs := make([]Sealed, len(in))
	for i, a := range in {
		blobs[i] = a.Raw
	}
	locations, err := d.Archive.Append(ctx, blobs)
	if err != nil {
		return nil, fmt.Errorf("store raw bytes of %d messages: %w", len(in), err)
	}
	stored := make([]Stored, len(in))
	for i, a := range in {
		stored[i] = Stored{Arrival: a, Location: locations[i]}
	}
	puts, err := d.Receipts.PutReceipts(ctx, f, stored)
	if err != nil {
		return nil, fmt.Errorf("write receipts of %d messages: %w", len(in), err)
	}
	for i, p := range puts {
		in[i].Raw.Discard()
		if !p.Joined && !p.Known {
			d.Meter.Add(MetricReceipts, 1, in[i].Receiver, string(in[i].Channel))
		}
	}
	d.Accepted()
	return puts, nil
}
