package archive

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

// intake hashes, cuts and packs a message while its bytes arrive. Memory: one frame, its packed form, and up to heldMost of what is done.
type intake struct {
	a       *Archive
	raw     hash.Hash
	content *parser.ContentHash
	buf     *[]byte // the frame being filled
	fill    int
	out     *blob
	err     error // of the spool; it stays
	over    bool
}

var errEnded = errors.New("take in message: it was ended before")

func newIntake(a *Archive) *intake {
	return &intake{a: a, raw: sha256.New(), content: parser.NewContentHash(), buf: a.raws.Get().(*[]byte), out: &blob{a: a}}
}

// Write takes the next bytes. It fails only when the spool does; the error wraps bridge.ErrNoSpace when the disk is full.
func (in *intake) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n := copy((*in.buf)[in.fill:], p[done:])
		if err := in.took(n); err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// ReadFrom takes everything from r without another buffer between.
func (in *intake) ReadFrom(r io.Reader) (int64, error) {
	var done int64
	for {
		if in.over {
			return done, errEnded
		}
		n, err := r.Read((*in.buf)[in.fill:])
		if n > 0 {
			if err := in.took(n); err != nil {
				return done, err
			}
			done += int64(n)
		}
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}

// took accounts for n bytes that were put into the frame, and ends it when it is full.
func (in *intake) took(n int) error {
	if in.err != nil {
		return in.err
	}
	if in.over {
		return errEnded
	}
	p := (*in.buf)[in.fill : in.fill+n]
	in.raw.Write(p)
	if _, err := in.content.Write(p); err != nil {
		return err
	}
	in.fill += n
	in.out.head.size += int64(n)
	if in.fill == frameSize {
		in.err = in.endFrame()
	}
	return in.err
}

func (in *intake) endFrame() error {
	scratch := in.a.raws.Get().(*[]byte)
	f, encoded, gaveRaw := in.a.codec.encode((*in.buf)[:in.fill], *scratch)
	if gaveRaw {
		in.buf = scratch
	} else {
		in.a.raws.Put(scratch)
	}
	in.fill = 0
	return in.out.add(f, encoded)
}

// Seal ends the message. On an error nothing is left of it.
func (in *intake) Seal() (bridge.Sealed, error) {
	if in.over {
		return nil, errEnded
	}
	if in.err == nil && in.fill > 0 {
		in.err = in.endFrame()
	}
	if in.err != nil {
		err := in.err
		in.Discard()
		return nil, fmt.Errorf("seal message: %w", err)
	}
	in.end()
	in.raw.Sum(in.out.head.raw[:0])
	in.out.head.content = in.content.Sum()
	return in.out, nil
}

// Discard frees everything.
func (in *intake) Discard() {
	if !in.over {
		in.end()
		in.out.Discard()
	}
}

func (in *intake) end() {
	in.over = true
	in.a.raws.Put(in.buf)
	in.buf = new([]byte)
}

// blob is a sealed message: packed, in memory or spooled, not yet durable.
type blob struct {
	a       *Archive
	head    head
	table   []frame
	held    [][]byte // the packed frames; nil once there is a spool file
	heldLen int
	spooled file
	spoolAt int64
	gone    bool
}

func (b *blob) Raw() bridge.Digest     { return b.head.raw }
func (b *blob) Content() bridge.Digest { return b.head.content }
func (b *blob) Size() int64            { return b.head.size }

func (b *blob) add(f frame, encoded []byte) error {
	b.table = append(b.table, f)
	b.head.frames++
	b.head.encoded += int64(len(encoded))
	if b.spooled != nil {
		return b.spill(encoded)
	}
	b.held = append(b.held, encoded)
	b.heldLen += len(encoded)
	if b.heldLen <= b.a.held {
		return nil
	}
	if err := b.a.room(b.head.encoded); err != nil {
		return err
	}
	var err error
	if b.spooled, err = b.a.disk.spool(); err != nil {
		return fmt.Errorf("make spool file: %w", full(err))
	}
	for _, e := range b.held {
		if err := b.spill(e); err != nil {
			return err
		}
	}
	b.held, b.heldLen = nil, 0
	return nil
}

func (b *blob) spill(p []byte) error {
	n, err := b.spooled.WriteAt(p, b.spoolAt)
	b.spoolAt += int64(n)
	if err == nil && n != len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write spool file: %w", full(err))
	}
	return nil
}

// Discard frees memory and spool. A spool file that cannot be closed is gone when the process ends, so its error has no consequence.
func (b *blob) Discard() {
	b.gone = true
	b.held = nil
	if b.spooled != nil {
		_ = b.spooled.Close()
		b.spooled = nil
	}
}

// full marks what the operating system says about a full disk.
func full(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: %w", bridge.ErrNoSpace, err)
	}
	return err
}

// room fails with bridge.ErrNoSpace when n more bytes would go below the reserve.
func (a *Archive) room(n int64) error {
	if a.reserve < 0 {
		return nil
	}
	free, err := a.disk.free()
	if err != nil {
		return fmt.Errorf("ask for free space: %w", err)
	}
	if free-n < a.reserve {
		return fmt.Errorf("%w: %d bytes free, %d are kept in reserve", bridge.ErrNoSpace, free, a.reserve)
	}
	return nil
}
