package outbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

// maxHeld is how much of the files of one delivery stays in memory; what is more goes to spool files.
const maxHeld = 4 << 20

// Files are the files of one delivery, read out of the stored message when the first of them is opened. Use NewFiles, and Close at the end.
type Files struct {
	archive bridge.Archive
	limits  parser.Limits
	spool   string // folder
	d       bridge.Dispatch

	read  bool
	held  int64
	files map[string]*spooled
	fault error // of the archive or the disk: not the message's, nor the target's
}

// spooled is the content of one file: in memory, or in a spool file.
type spooled struct {
	memory []byte
	file   *os.File
	size   int64
}

// NewFiles gives the files of a delivery. Nothing is read yet. spool is a folder for what is too large for the memory.
func NewFiles(archive bridge.Archive, limits parser.Limits, spool string, d bridge.Dispatch) *Files {
	return &Files{archive: archive, limits: limits, spool: spool, d: d, files: map[string]*spooled{}}
}

// Open implements bridge.Files.
func (f *Files) Open(ctx context.Context, digest string) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !f.read {
		if err := f.fill(ctx); err != nil {
			if ctx.Err() == nil && !errors.Is(err, bridge.ErrDamaged) {
				f.fault = err
			}
			return nil, err
		}
		f.read = true
	}
	s, ok := f.files[digest]
	switch {
	case !ok:
		return nil, fmt.Errorf("find file %.12s in the stored message: %w", digest, bridge.ErrDamaged)
	case s.file == nil:
		return io.NopCloser(bytes.NewReader(s.memory)), nil
	}
	return io.NopCloser(io.NewSectionReader(s.file, 0, s.size)), nil
}

// fill takes the files of the record out of the message, each once, and compares them with their digests.
func (f *Files) fill(ctx context.Context) error {
	raw, err := f.archive.Open(ctx, f.d.Stored.Raw, f.d.Stored.Location)
	if err != nil {
		return fmt.Errorf("open raw bytes: %w", err)
	}
	defer raw.Close()
	wanted := []string{}
	for _, file := range f.d.Payload.Record.Files {
		wanted = append(wanted, file.Digest)
	}
	watched := &watched{ReaderAt: raw}
	parser.Visit(watched, f.d.Stored.Size, f.limits, func(a parser.Attachment, content io.Reader) {
		if err != nil || f.files[a.SHA256] != nil || !slices.Contains(wanted, a.SHA256) {
			return
		}
		if err = ctx.Err(); err == nil {
			err = f.keep(a, content)
		}
	})
	if watched.err != nil { // a fault of ours is never turned into a fact about the message
		return fmt.Errorf("read raw bytes: %w", watched.err)
	}
	return err
}

// keep copies one file. One that does not have its digest is left out: Open says that it is damaged.
func (f *Files) keep(a parser.Attachment, content io.Reader) error {
	s := &spooled{}
	hash := sha256.New()
	var to io.Writer
	var memory bytes.Buffer
	if a.Size <= maxHeld-f.held {
		to = &memory
	} else {
		file, err := spoolFile(f.spool)
		if err != nil {
			return err
		}
		s.file, to = file, file
	}
	n, err := io.Copy(io.MultiWriter(to, hash), content)
	if err == nil && n == a.Size && hex.EncodeToString(hash.Sum(nil)) == a.SHA256 {
		s.size, s.memory = n, memory.Bytes()
		f.held += int64(len(s.memory))
		f.files[a.SHA256] = s
		return nil
	}
	if s.file != nil {
		unspool(s.file)
		if _, ours := errors.AsType[*os.PathError](err); ours {
			return fmt.Errorf("spool a file of %d bytes: %w", a.Size, err)
		}
	}
	return nil
}

// spoolFile makes a file that leaves nothing behind when the program ends, however it ends, where the system lets an open file be removed.
func spoolFile(folder string) (*os.File, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make spool folder: %w", err)
	}
	f, err := os.CreateTemp(folder, "delivery-*")
	if err != nil {
		return nil, fmt.Errorf("make spool file: %w", err)
	}
	_ = os.Remove(f.Name()) // where that cannot be done yet, unspool does it
	return f, nil
}

func unspool(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name()) // most likely gone already
}

// Close frees what was read.
func (f *Files) Close() {
	for _, s := range f.files {
		if s.file != nil {
			unspool(s.file)
		}
	}
	f.files = map[string]*spooled{}
}

// watched remembers that the archive failed, which the parser cannot tell from an end.
type watched struct {
	io.ReaderAt
	err error
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
