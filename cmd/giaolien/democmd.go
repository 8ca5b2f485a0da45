package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // the catcher reads what it caught

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/cmd/giaolien/demo"
)

// demoCommand shows the whole road: fetch, decide, answer, account.
type demoCommand struct {
	Once bool   `help:"Exit when done (as long as there are no pages to keep open, the demo always does)."`
	Keep string `help:"Keep configuration and data in this folder, to try other commands on them." type:"path"`
}

func (c *demoCommand) Run(ctx context.Context, std streams) error {
	dir := c.Keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "giaolien-demo-"); err != nil {
			return fmt.Errorf("make demo folder: %w", err)
		}
		defer os.RemoveAll(dir)
	} else if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	stage, err := demo.StartWithAxis(dir, time.Now())
	if err != nil {
		return fmt.Errorf("set up the demo: %w", err)
	}
	defer stage.Close()
	return c.play(ctx, stage, std)
}

func (c *demoCommand) play(ctx context.Context, stage *demo.Stage, std streams) error {
	cfg, err := readConfig(stage.Config)
	if err != nil {
		return err
	}
	if err := migrate(ctx, cfg); err != nil {
		return err
	}
	quiet := streams{in: std.in, out: std.out, err: io.Discard} // the table says what the log would
	a, err := openApp(ctx, &Common{Config: stage.Config}, quiet)
	if err != nil {
		return err
	}
	defer a.close()
	fmt.Fprintf(std.out, "Thời điểm cắt: %s (giờ Việt Nam). Trước đó: nhắc; từ đó: từ chối.\n\n", vnTime(stage.Cutoff))
	if err := c.drain(ctx, a, stage, 0, std); err != nil {
		return err
	}
	if err := c.delivered(stage, std.out); err != nil {
		return err
	}
	if err := printNotices(std.out, stage.Caught()); err != nil {
		return err
	}
	sent := len(stage.Caught())
	if err := stage.Continue(time.Now()); err != nil {
		return fmt.Errorf("go on with the demo: %w", err)
	}
	fmt.Fprint(std.out, "\n════ Sau đó: hệ thống quản lý văn bản báo đã vào sổ, và một đơn vị gửi thư văn bản đã đến qua trục. ════\n\n")
	if err := c.drain(ctx, a, stage, len(stage.Mails)-1, std); err != nil {
		return err
	}
	if err := printNotices(std.out, stage.Caught()[sent:]); err != nil {
		return err
	}
	if err := printSamples(std.out, a.know.active(), cfg.Agencies[0].ID, stage.Caught()); err != nil {
		return err
	}
	if c.Keep != "" {
		fmt.Fprintf(std.out, "\nKept in %s; try: giaolien -c %s waiting\n", c.Keep, stage.Config)
	}
	return nil
}

// drain does the daemon's work once, and shows what became of the mails from the given one on.
func (c *demoCommand) drain(ctx context.Context, a *app, stage *demo.Stage, from int, std streams) error {
	d, err := a.drain(ctx, newProgress(std.err))
	if err != nil {
		return err
	}
	if err := c.table(ctx, a, stage, from, std.out); err != nil {
		return err
	}
	fmt.Fprintln(std.out)
	return d.print(std.out, false)
}

// delivered shows what lies on the axis: what was delivered to the document system, and what came over the axis to us.
func (c *demoCommand) delivered(stage *demo.Stage, out io.Writer) error {
	fmt.Fprintln(out, "\nTrên trục liên thông:")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "số, ký hiệu\tngày\ttừ\tđến\tsố lần")
	for _, d := range stage.Axis.Documents() {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", d.Code, d.Date, d.From, d.To, d.Times)
	}
	return w.Flush()
}

// table shows what became of each mail.
func (c *demoCommand) table(ctx context.Context, a *app, stage *demo.Stage, from int, out io.Writer) error {
	became, err := a.became(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "#\tthư\tnhận lúc\tkết luận\ttrạng thái\tsố đến\ttrả lời\tvì")
	for i, m := range stage.Mails {
		if i < from {
			continue
		}
		b, ok := became[mailKey{m.Mailbox, m.UID}]
		if !ok {
			return fmt.Errorf("demo mail %d is not accounted for", i+1)
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", i+1, m.About, vnTime(m.At), dash(b.verdict), b.state, dash(b.soDen), b.said, dash(b.reason))
	}
	return w.Flush()
}

// mailKey names a message of the demo.
type mailKey struct {
	mailbox string
	uid     uint32
}

// fate is what became of a message.
type fate struct{ verdict, state, soDen, said, reason string }

// became reads the fate of every UID that was ever seen.
func (a *app) became(ctx context.Context) (map[mailKey]fate, error) {
	folders, err := a.store.Folders(ctx)
	if err != nil {
		return nil, err
	}
	out := map[mailKey]fate{}
	for _, f := range folders {
		states, err := a.store.UIDStates(ctx, f.ID, f.UIDValidity)
		if err != nil {
			return nil, err
		}
		for _, u := range states {
			if out[mailKey{f.Mailbox, u.UID}], err = a.fate(ctx, u); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (a *app) fate(ctx context.Context, u store.UIDState) (fate, error) {
	b := fate{state: string(u.State), reason: u.Reason, said: "–"}
	if u.Receipt == "" {
		return b, nil
	}
	e, err := a.store.Explain(ctx, u.Receipt)
	if err != nil {
		return b, err
	}
	for _, o := range e.Outcomes {
		b.verdict, b.reason, b.said = string(o.Outcome.Decision.Verdict), o.Outcome.Reason, "– ("+string(o.Outcome.Silence)+")"
	}
	for _, r := range e.Records {
		b.soDen = r.SoDen
	}
	for _, n := range e.Notices {
		b.said = string(n.Kind) + ", " + n.State
	}
	if u.State != e.State { // a further delivery of the same message
		b.said = "chung " + u.Receipt
	}
	return b, nil
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// vietnam is the time in which people read instants: +07:00 all year (no tzdata needed).
var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

// vnTime shows an instant to people; one that is not known is a dash.
func vnTime(t time.Time) string {
	if t.IsZero() {
		return dash("")
	}
	return t.In(vietnam).Format("02/01/2006 15:04:05")
}

// printNotices prints one notice of each kind, as a mail program would show it.
func printNotices(out io.Writer, caught [][]byte) error {
	shown := map[string]bool{}
	for _, raw := range caught {
		e, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			return fmt.Errorf("read a caught notice: %w", err)
		}
		kind := kindOf(e.Header.Get("Message-Id"))
		if shown[kind] {
			continue
		}
		shown[kind] = true
		fmt.Fprintf(out, "\n──── thông báo: %s ────\n", kind)
		if err := printRaw(out, raw); err != nil {
			return err
		}
	}
	return nil
}

// printSamples prints one notice of each kind that was not among those caught, as the same office would word it.
func printSamples(out io.Writer, know *bridge.Knowledge, receiver string, caught [][]byte) error {
	shown := map[notice.Kind]bool{}
	for _, raw := range caught {
		e, err := message.Read(bytes.NewReader(raw))
		if err != nil {
			return fmt.Errorf("read a caught notice: %w", err)
		}
		shown[notice.Kind(kindOf(e.Header.Get("Message-Id")))] = true
	}
	samples, err := know.SampleNotices(receiver, "", time.Now())
	if err != nil {
		return err
	}
	fmt.Fprint(out, "\n════ Mẫu của các loại thông báo khác, không gửi đi (giaolien notices samples THƯ-MỤC). ════\n")
	for _, s := range samples {
		if shown[s.Draft.Kind] {
			continue
		}
		shown[s.Draft.Kind] = true
		r, err := renderSample(s)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n──── mẫu: %s ────\n", s.Draft.Kind)
		if err := printRaw(out, r.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// kindOf reads the kind out of a notice's id, "<gl-2026-0000123.reject.mac@host>".
func kindOf(messageID string) string {
	parts := strings.Split(messageID, ".")
	if len(parts) < 3 {
		return messageID
	}
	return parts[1]
}

// printRaw shows a notice as a mail program would.
func printRaw(out io.Writer, raw []byte) error {
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("read notice: %w", err)
	}
	decode := new(mime.WordDecoder)
	for _, name := range []string{"From", "To", "Subject", "In-Reply-To", "Auto-Submitted"} {
		value, err := decode.DecodeHeader(e.Header.Get(name))
		if err != nil {
			return fmt.Errorf("decode %s of a notice: %w", name, err)
		}
		if value != "" {
			fmt.Fprintf(out, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintln(out)
	for { // into the first part, which is the text
		parts := e.MultipartReader()
		if parts == nil {
			break
		}
		if e, err = parts.NextPart(); err != nil {
			return fmt.Errorf("read a part of a notice: %w", err)
		}
	}
	lines := bufio.NewScanner(e.Body)
	for lines.Scan() {
		fmt.Fprintln(out, strings.TrimRight(lines.Text(), "\r"))
	}
	return lines.Err()
}
