package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// linesOf are the lines of the register in which the records of a receipt stand, without what may not be shown.
func (a *app) linesOf(ctx context.Context, e store.Explanation) ([]register.Entry, error) {
	var lines []register.Entry
	for _, r := range e.Records {
		for _, kind := range []register.Kind{register.Incoming, register.Secret} {
			l, err := a.store.LineOf(ctx, r.ID, kind)
			if errors.Is(err, bridge.ErrNotFound) {
				continue
			}
			if err != nil {
				return nil, err
			}
			found, err := a.store.Entries(ctx, register.Query{Receiver: l.Receiver, Year: l.Year, Kind: l.Kind, From: l.Number, To: l.Number})
			if err != nil {
				return nil, err
			}
			for _, entry := range found {
				lines = append(lines, entry.Facts())
			}
		}
	}
	return lines, nil
}

// printLine prints what people noted at a line of the register.
func printLine(w io.Writer, e register.Entry) {
	number := fmt.Sprintf("%d/%d", e.Number, e.Year)
	if e.Kind == register.Secret {
		fmt.Fprintf(w, "  sổ mật\tsố đến %s\t%s\t%s\n", number, register.Shown(e.Registered), e.Note)
	}
	for _, d := range e.Directions {
		fmt.Fprintf(w, "  chỉ đạo %d\tsố đến %s\t%s\tchủ trì %s\thạn %s\t%s\n", d.N, number, d.Author, dash(d.Handler), dash(d.Due), oneLine(d.Text))
	}
	if !e.Transferred.IsZero() {
		fmt.Fprintf(w, "  chuyển\tsố đến %s\t%s\tký nhận %s\n", number, vnTime(e.Transferred), dash(e.ReceivedBy))
	}
	if !e.Done.IsZero() {
		fmt.Fprintf(w, "  giải quyết\tsố đến %s\t%s\tvăn bản trả lời %s\n", number, vnTime(e.Done), dash(e.Answer))
	}
}
