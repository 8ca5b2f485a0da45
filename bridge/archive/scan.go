package archive

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/giaolien/giaolien/bridge"
)

// Find searches all segments for a record of this digest by their heads, and gives the location of the first. It wraps
// bridge.ErrNotFound when there is none.
func (a *Archive) Find(ctx context.Context, raw bridge.Digest) (string, error) {
	at, err := a.find(ctx, raw)
	if err == nil && len(at) == 0 {
		err = bridge.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find message %s: %w", hex.EncodeToString(raw[:]), err)
	}
	return at[0], nil
}

func (a *Archive) find(ctx context.Context, raw bridge.Digest) ([]string, error) {
	var found []string
	err := a.walk(ctx, func(l location, h head, ok bool) error {
		if ok && h.raw == raw {
			found = append(found, l.String())
		}
		return nil
	})
	return found, err
}

// openElsewhere tries every copy but the one at `not`.
func (a *Archive) openElsewhere(ctx context.Context, raw bridge.Digest, not string) (bridge.Raw, error) {
	at, err := a.find(ctx, raw)
	if err != nil {
		return nil, err
	}
	err = damaged("no other copy is there")
	for _, l := range at {
		if l == not {
			continue
		}
		r, openErr := a.openAt(ctx, raw, l)
		if openErr == nil {
			return r, nil
		}
		err = fmt.Errorf("copy at %s: %w", l, openErr)
	}
	return nil, err
}

// Scrub reads and hashes every record of every segment and tells f of each: err is nil for a sound one and wraps bridge.ErrDamaged
// otherwise. The digest is zero where the head of a record is damaged. Torn ends are passed over: nothing refers to them. Whether a
// message that a receipt refers to is there at all, only Verify can say.
func (a *Archive) Scrub(ctx context.Context, f func(raw bridge.Digest, at string, err error)) error {
	err := a.walk(ctx, func(l location, h head, ok bool) error {
		if !ok {
			f(bridge.Digest{}, l.String(), fmt.Errorf("message at %q: %w", l, damaged("head of record does not match its checksum")))
			return nil
		}
		err := a.Verify(ctx, h.raw, l.String())
		if err != nil && !errors.Is(err, bridge.ErrDamaged) {
			return err
		}
		f(h.raw, l.String(), err)
		return nil
	})
	if err != nil {
		return fmt.Errorf("scrub archive: %w", err)
	}
	return nil
}

// walk visits the records of all segments in order. Where bytes are no record although one follows them, it visits their place with ok
// false.
func (a *Archive) walk(ctx context.Context, visit func(l location, h head, ok bool) error) error {
	names, err := a.disk.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := a.disk.open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(a.walkSegment(ctx, name, f, visit), f.Close()); err != nil {
			return fmt.Errorf("segment %s: %w", name, err)
		}
	}
	return nil
}

func (a *Archive) walkSegment(ctx context.Context, name string, f file, visit func(l location, h head, ok bool) error) error {
	size, err := f.Size()
	if err != nil {
		return err
	}
	b := make([]byte, headSize)
	for at := int64(0); at+headSize <= size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := f.ReadAt(b, at); err != nil {
			return err
		}
		h, err := a.codec.parseHead(b)
		if err == nil && at+h.length() > size {
			return nil // torn
		}
		if err == nil {
			if err := visit(location{name, at}, h, true); err != nil {
				return err
			}
			at += h.length()
			continue
		}
		next, err := a.nextRecord(f, at+1, size)
		if err != nil {
			return err
		}
		if next < 0 {
			return nil // torn within a head
		}
		if err := visit(location{name, at}, head{}, false); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// nextRecord finds the first place from at on where a record begins, -1: none.
func (a *Archive) nextRecord(f file, at, size int64) (int64, error) {
	b := make([]byte, 64<<10)
	for at+headSize <= size {
		n, err := f.ReadAt(b, at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		for i := 0; i+headSize <= n; i++ {
			skip := bytes.Index(b[i:n], []byte(magic))
			if skip < 0 {
				break
			}
			i += skip
			if i+headSize > n {
				break
			}
			if _, err := a.codec.parseHead(b[i:n]); err == nil {
				return at + int64(i), nil
			}
		}
		at += int64(max(n-headSize+1, 1))
	}
	return -1, nil
}
