package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/mailbox"
)

// importCommand takes in a backlog. Everything it brings is recorded as imported: never judged, never answered. Running it again on the
// same files adds nothing, so an import that was broken off is simply run again.
type importCommand struct {
	Receiver string   `required:"" help:"Receiving agency that the mail was sent to."`
	Mailbox  string   `help:"Import a folder of this watched mailbox instead of files."`
	Folder   string   `help:"With --mailbox: the folder." default:"INBOX"`
	Paths    []string `arg:"" optional:"" name:"path" help:"mbox files, Maildir folders, .eml files, ZIP files of .eml, or folders of them."`
}

func (c *importCommand) Run(ctx context.Context, std streams, common *Common) error {
	if (len(c.Paths) == 0) == (c.Mailbox == "") {
		return usageError{fmt.Errorf("import: name paths, or --mailbox")}
	}
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if !a.hasReceiver(c.Receiver) {
		return usageError{fmt.Errorf("import: receiving agency %q is not in %s; [[agency]] id names one", c.Receiver, common.Config)}
	}
	if err := a.know.receivers(ctx, a.store); err != nil {
		return err
	}
	if c.Mailbox != "" {
		return a.importFolder(ctx, c.Mailbox, c.Folder, c.Receiver)
	}
	in := &importer{app: a, door: a.door(), receiver: c.Receiver, progress: newProgress(std.err)}
	for _, path := range c.Paths {
		if err := in.path(ctx, path); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	if err := in.flush(ctx); err != nil {
		return err
	}
	in.progress.done()
	if err := a.settle(ctx); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%d messages read: %d new, %d known already\n", in.read, in.added, in.read-in.added)
	return errors.Join(in.bad...)
}

func (a *app) hasReceiver(id string) bool {
	for _, g := range a.config.Agencies {
		if g.ID == id {
			return true
		}
	}
	return false
}

// importer brings messages through the one door in batches.
type importer struct {
	app         *app
	door        *bridge.Door
	receiver    string
	progress    *progress
	batch       []bridge.Arrival
	read, added int
	bad         []error // files that could not be read; they do not stop the others
}

// ownFault is an error of our archive or database: it ends an import, while one about a file only costs that file.
type ownFault struct{ error }

func (f ownFault) Unwrap() error { return f.error }

const importBatch = 64

// path imports one file or folder, by what it is.
func (in *importer) path(ctx context.Context, path string) error {
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		switch dir := filepath.Base(filepath.Dir(p)); {
		case err != nil:
			return in.set(ctx, p, err)
		case d.IsDir():
			return nil
		case p == path, dir == "cur", dir == "new", wanted(p):
			return in.set(ctx, p, in.file(ctx, p))
		}
		return nil
	})
}

// set puts an error about one file aside; what is ours is returned.
func (in *importer) set(ctx context.Context, path string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", path, err)
	if _, ours := errors.AsType[ownFault](err); ours || ctx.Err() != nil {
		return err
	}
	in.bad = append(in.bad, fmt.Errorf("import: %w", err))
	return nil
}

// wanted tells messages from other files in a folder; inside a Maildir (cur, new) every file is a message.
func wanted(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml", ".mbox", ".zip":
		return true
	}
	return false
}

func (in *importer) file(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if strings.EqualFold(filepath.Ext(path), ".zip") {
		return in.zip(ctx, f)
	}
	r := bufio.NewReaderSize(f, 64<<10)
	if start, err := r.Peek(5); err == nil && string(start) == "From " {
		return in.mbox(ctx, r)
	}
	if head, err := r.Peek(4096); err != nil && err != io.EOF || !field.Match(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))) {
		return errors.New("is no message: there is no header field in its first lines")
	}
	return in.message(ctx, r)
}

// field is a header field at the beginning of a line (RFC 5322, 2.2).
var field = regexp.MustCompile(`(?m)^[!-9;-~]+[ \t]*:`)

func (in *importer) zip(ctx context.Context, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return fmt.Errorf("open as ZIP: %w", err)
	}
	for _, e := range z.File {
		if !strings.EqualFold(filepath.Ext(e.Name), ".eml") {
			continue
		}
		r, err := e.Open()
		if err != nil {
			return fmt.Errorf("open %s: %w", e.Name, err)
		}
		err = in.message(ctx, r)
		r.Close()
		if err != nil {
			return fmt.Errorf("read %s: %w", e.Name, err)
		}
	}
	return nil
}

// separator begins a message in an mbox file: a sender and a time (RFC 4155, Appendix A). Without the time it would split bodies that say
// "From here on", which not every writer quotes.
var separator = regexp.MustCompile(`^From .*\d:\d\d.*\d{4}`)

// mbox splits at separators that follow an empty line. That line belongs to the file and not to the message, so that the same message
// in a file of its own is the same bytes. Quoting of body lines is kept as found, since which of its variants the writer used cannot be
// told.
func (in *importer) mbox(ctx context.Context, r *bufio.Reader) error {
	var w bridge.Intake
	var gap []byte // an empty line, held back until the next one says whose it is
	wholeLine := true
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			discard(w)
			return err
		}
		if err == io.EOF && len(line) == 0 {
			return in.end(ctx, w)
		}
		if first || gap != nil && separator.Match(line) {
			if err := in.end(ctx, w); err != nil {
				return err
			}
			w, gap = in.door.Archive.Begin(), nil
		} else {
			if wholeLine && err == nil && len(bytes.TrimRight(line, "\r\n")) == 0 {
				gap, line = bytes.Clone(line), gap
			} else {
				gap, line = nil, append(gap, line...)
			}
			if _, err := w.Write(line); err != nil {
				discard(w)
				return ownFault{err}
			}
		}
		if err == io.EOF {
			return in.end(ctx, w)
		}
		wholeLine = err == nil
	}
}

func discard(w bridge.Intake) {
	if w != nil {
		w.Discard()
	}
}

func (in *importer) message(ctx context.Context, r io.Reader) error {
	w := in.door.Archive.Begin()
	if _, err := io.Copy(ownWriter{w}, r); err != nil {
		w.Discard()
		return err
	}
	return in.end(ctx, w)
}

// ownWriter marks the errors of our side of a copy.
type ownWriter struct{ io.Writer }

func (w ownWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil {
		err = ownFault{err}
	}
	return n, err
}

// end seals a message and puts it into the batch. The raw digest is the idempotency key: the same bytes are never taken twice.
func (in *importer) end(ctx context.Context, w bridge.Intake) error {
	if w == nil {
		return nil
	}
	sealed, err := w.Seal()
	if err != nil {
		return ownFault{err}
	}
	if sealed.Size() == 0 { // two separators of an mbox file with nothing between
		sealed.Discard()
		return nil
	}
	raw := sealed.Raw()
	in.batch = append(in.batch, bridge.Arrival{Receiver: in.receiver, Channel: bridge.Email, Origin: bridge.OriginImport(in.receiver, raw),
		Raw: sealed, FetchedAt: time.Now().UTC(), Imported: true})
	in.read++
	in.progress.show("imported", in.read, 0)
	if len(in.batch) < importBatch {
		return nil
	}
	return in.flush(ctx)
}

func (in *importer) flush(ctx context.Context) error {
	if len(in.batch) == 0 {
		return nil
	}
	puts, err := in.door.Accept(ctx, bridge.Fence{}, in.batch)
	if err != nil {
		return ownFault{err}
	}
	for _, p := range puts {
		if !p.Known {
			in.added++
		}
	}
	in.batch = in.batch[:0]
	return nil
}

// importFolder drains one folder of a configured account with a start that lies after everything in it.
func (a *app) importFolder(ctx context.Context, name, folder, receiver string) error {
	i := slices.IndexFunc(a.config.Mailboxes, func(m config.Mailbox) bool { return m.Name == name })
	if i < 0 {
		return usageError{fmt.Errorf("import: no [[mailbox]] has the name %q", name)}
	}
	if m := a.config.Mailboxes[i]; slices.Contains(m.Folders, folder) {
		return usageError{fmt.Errorf("import: folder %s of %s is watched: the daemon takes what is older than its start (%s) as imported by itself, and judges the rest",
			folder, name, m.Start.Format(time.DateOnly))}
	}
	o := mailboxOptions(a.config.Mailboxes[i])
	o.Folders, o.Receiver, o.Start, o.After = []string{folder}, receiver, time.Now().AddDate(1, 0, 0), mailbox.After{}
	w, err := a.watcher(o)
	if err != nil {
		return err
	}
	n, err := w.Drain(ctx)
	if err != nil {
		return fmt.Errorf("import %s of %s: %w", folder, name, err)
	}
	if err := a.settle(ctx); err != nil {
		return err
	}
	fmt.Fprintf(a.std.out, "%d messages taken in, %d of them known already\n", n.Accepted, n.Joined)
	return nil
}
