package bridge

import (
	"context"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
)

// inputs brings together what claimed receipts are judged by: their messages, what the outside tells about them, and what tools read of
// their files. A receipt that cannot be read goes back to the queue by itself; the error is about the database.
func (w *Worker) inputs(ctx context.Context, tasks []Task, k *Knowledge) ([]*work, error) {
	cases := make([]*work, 0, len(tasks))
	for _, t := range tasks {
		if c, err := w.read(ctx, t, k); err != nil {
			w.giveBack(ctx, t, err)
		} else {
			cases = append(cases, c)
		}
	}
	if err := w.recall(ctx, cases); err != nil {
		w.giveBackAll(ctx, cases, err)
		return nil, err
	}
	return slices.DeleteFunc(cases, func(c *work) bool {
		err := w.guarded(c.task.Receipt.ID, func() error {
			c.understand(k)
			return nil
		})
		if err != nil {
			w.giveBack(ctx, c.task, err)
		}
		return err != nil
	}), nil
}

// read parses the raw bytes of one receipt and gathers what the outside says of it.
func (w *Worker) read(ctx context.Context, t Task, k *Knowledge) (*work, error) {
	raw, err := w.Archive.Open(ctx, t.Receipt.Raw, t.Receipt.Location)
	if err != nil {
		return nil, fmt.Errorf("open raw bytes of %s: %w", t.Receipt.ID, err)
	}
	defer raw.Close()
	watched := &watchedReader{ReaderAt: raw}
	c := &work{task: t}
	err = w.guarded(t.Receipt.ID, func() (err error) {
		switch t.Receipt.Channel {
		case System:
			p := ReadPackage(watched, t.Receipt.Size)
			c.pack, c.evidence = &p, axisEvidence(t.Receipt)
			return nil
		case Paper:
			p := ReadPaper(watched, t.Receipt.Size, k.Settings.Limits)
			c.paper, c.message, c.evidence = &p.Form, p.Message, paperEvidence(p.Form)
			return nil
		}
		c.message = parser.Parse(watched, t.Receipt.Size, k.Settings.Limits)
		c.evidence, err = w.Gather(ctx, t, watched, c.message)
		return err
	})
	if watched.err != nil { // what was understood from half a message is thrown away, and so is what it brought about
		return nil, fmt.Errorf("read raw bytes of %s: %w", t.Receipt.ID, watched.err)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Receipt.ID, err)
	}
	return c, nil
}

// axisEvidence says by whom a package was handed over. Who may put one on the axis is the axis' matter.
func axisEvidence(r Receipt) Evidence {
	return Evidence{Identity: policy.IdentityNone, IdentityBy: "axis " + r.Mailbox, Tool: "axis", Unavailable: []string{}}
}

// recall asks once for everything that tools have read of the files of a batch. Of a message that bears a mark of secrecy nothing is asked.
func (w *Worker) recall(ctx context.Context, cases []*work) error {
	var all []string
	for _, c := range cases {
		wanted := mapping.Wanted(c.message)
		if len(wanted) == 0 {
			continue
		}
		if mayOpen(c.task.Receipt, c.message) {
			c.wanted = wanted
			all = append(all, wanted...)
		}
	}
	if len(all) == 0 {
		return nil
	}
	slices.Sort(all)
	found, err := w.Files.FilesRead(ctx, slices.Compact(all))
	if err != nil {
		return fmt.Errorf("ask for what was read of files: %w", err)
	}
	for _, c := range cases {
		c.evidence = c.evidence.withFiles(c.wanted, found)
	}
	return nil
}

// withFiles adds what was found in the files of one message.
func (ev Evidence) withFiles(wanted []string, found map[string]mapping.FileEvidence) Evidence {
	for _, d := range slices.Sorted(slices.Values(wanted)) {
		f, ok := found[d]
		if !ok {
			continue
		}
		if ev.Files == nil {
			ev.Files = map[string]mapping.FileEvidence{}
		}
		ev.Files[d] = f
		ev.Readings = append(ev.Readings, Reading{SHA256: d, Reader: f.Reader})
	}
	return ev
}

// understand is the first half of Process.
func (c *work) understand(k *Knowledge) {
	if c.pack != nil {
		c.known = UnderstandPackage(c.task.Receipt, *c.pack, c.task.Amendments, k)
		return
	}
	if c.paper != nil {
		c.known = UnderstandPaper(c.task.Receipt, PaperRead{*c.paper, c.message}, c.evidence.Files, c.task.Amendments, k)
		return
	}
	c.known = Understand(c.task.Receipt, c.message, c.evidence.Files, c.task.Amendments, k)
}

func (w *Worker) giveBackAll(ctx context.Context, cases []*work, cause error) {
	for _, c := range cases {
		w.giveBack(ctx, c.task, cause)
	}
}
