package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Compressed RAR files are unpacked here and not by a library: those known run the programs that RAR 3 files may carry, up to 25 million
// steps for each of thousands of places in a file of some kilobytes, and apply thousands of filters to the same bytes, all in one call.

// rarFile is one file of a RAR archive, or a link, which is unpacked only because others depend on it.
type rarFile struct {
	name     string
	size     int64 // -1: not known
	packed   int64
	data     int64 // offset
	crc      uint32
	hasCRC   bool
	version  int // rarStored, or the version of the method
	window   int64
	solid    bool // goes on with the window of the file before
	skip     bool
	crypted  bool
	split    bool // begins or ends in another volume
	broken   bool // could not be unpacked
	previous *rarFile
	group    int64 // packed bytes of the files that it depends on, and its own
}

// Versions of methods (technote.txt of RAR 3: UnpVer; technote of RAR 5: compression information).
const (
	rarStored   = 0
	rarVersion3 = 29
	rarVersion5 = 50
	rarUnknown  = -1
)

// rarHeaders walks over the headers of an archive.
type rarHeaders interface {
	// next gives the next file, and io.EOF at the end of the archive.
	next() (*rarFile, error)
}

// maxRARHeader bounds one header, in bytes. Those of RAR 3 have 16 bits for their length, those of RAR 5 in practice too.
const maxRARHeader = 256 << 10

// rar lists a RAR archive of version 3 or 5.
func (a *archive) rar() {
	var sig [8]byte
	n, _ := a.src.ReadAt(sig[:], 0)
	var h rarHeaders
	switch {
	case bytes.HasPrefix(sig[:n], []byte("Rar!\x1A\x07\x00")):
		h = &rar3Headers{a: a, at: 7}
	case bytes.HasPrefix(sig[:n], []byte("Rar!\x1A\x07\x01\x00")):
		h = &rar5Headers{a: a, at: 8}
	default:
		a.problem(Damaged, "", "no RAR archive of a version that is known")
		return
	}
	var entries []Entry
	u := &rarUnpacker{a: a}
	seen := map[string]bool{}
	var last *rarFile // that was compressed
	for files := 0; ; files++ {
		f, err := h.next()
		if err != nil {
			a.rarEnd(err)
			break
		}
		if f.version == rarVersion3 || f.version == rarVersion5 {
			f.group = f.packed
			if f.solid && last != nil {
				f.previous, f.group = last, f.packed+last.group
			}
			last = f
		}
		if files > a.budget.Entries+maxSkipped {
			a.room(a.budget.Entries)
			break
		}
		if f.skip {
			continue
		}
		if !a.room(len(entries)) {
			break
		}
		if seen[f.name] {
			a.problem(NamesDiffer, f.name, "two entries have one name")
		}
		seen[f.name] = true
		switch {
		case f.crypted:
			a.problem(Encrypted, f.name, "needs a password")
		case f.split:
			a.problem(Unsupported, f.name, "one part of a split archive")
		}
		entries = append(entries, Entry{Name: f.name, Size: f.size, Open: func() (io.Reader, error) { return u.open(f) }})
	}
	a.list(entries)
}

// rarEnd notes why there are no more headers.
func (a *archive) rarEnd(err error) {
	switch {
	case err == io.EOF:
	case errors.Is(err, ErrEncrypted):
		a.problem(Encrypted, "", "the names of the files need a password")
	case errors.Is(err, ErrUnsupported):
		a.problem(Unsupported, "", "one part of a split archive")
	default:
		a.problem(Damaged, "", err.Error())
	}
}

// rarUnpacker reads files. It keeps the window of the compressed one that was read last, for those that go on with it.
type rarUnpacker struct {
	a    *archive
	file *rarFile
	win  *rarWindow // nil when it cannot be gone on with
}

func (u *rarUnpacker) open(f *rarFile) (io.Reader, error) {
	switch {
	case f.crypted:
		return nil, ErrEncrypted
	case f.split:
		return nil, fmt.Errorf("part of a split file: %w", ErrUnsupported)
	case f.version == rarUnknown:
		return nil, fmt.Errorf("rar method: %w", ErrUnsupported)
	case f.version == rarStored:
		r := io.NewSectionReader(u.a.src, f.data, f.packed)
		return u.a.budget.Count(check(r, f.size, f.crc, f.hasCRC), f.packed, fastWeight), nil
	}
	if err := u.reach(f); err != nil {
		return nil, err
	}
	u.begin(f)
	return check(u.win.rest, f.size, f.crc, f.hasCRC), nil
}

// reach brings the window to the beginning of f, by unpacking the files that it depends on and that were not unpacked just before.
func (u *rarUnpacker) reach(f *rarFile) error {
	if !f.solid {
		return nil
	}
	var before []*rarFile
	p := f.previous
	for ; p != nil && (u.win == nil || p != u.file); p = p.previous {
		if p.crypted || p.split || p.broken {
			return fmt.Errorf("depends on a file that cannot be read: %w", ErrUnsupported)
		}
		if before = append(before, p); !p.solid {
			break
		}
	}
	if p == nil {
		return fmt.Errorf("depends on files of another archive: %w", ErrUnsupported)
	}
	if p == u.file {
		if err := u.finish(); err != nil {
			return err
		}
	}
	for _, p := range slices.Backward(before) {
		u.begin(p)
		if err := u.finish(); err != nil {
			return err
		}
	}
	return nil
}

// finish reads what is left of the file that is open.
func (u *rarUnpacker) finish() error {
	if u.win == nil {
		return errDecoder
	}
	if _, err := io.Copy(io.Discard, u.win.rest); err != nil {
		return fmt.Errorf("unpack the file before: %w", err)
	}
	return nil
}

// begin opens f, to which the window has been brought.
func (u *rarUnpacker) begin(f *rarFile) {
	if !f.solid {
		u.win = nil // before there is another one
		u.win = newRARWindow(u.a.budget)
	}
	u.file = f
	u.win.begin(f, io.NewSectionReader(u.a.src, f.data, f.packed))
	u.win.rest = u.a.budget.Count(&rarPart{u: u, file: f, win: u.win}, f.group, rarWeight)
}

// rarPart reads the file that is open.
type rarPart struct {
	u    *rarUnpacker
	file *rarFile
	win  *rarWindow
}

func (p *rarPart) Read(b []byte) (int, error) {
	if p.win != p.u.win || p.file != p.u.file {
		return 0, errDecoder
	}
	n, err := p.win.Read(b)
	if err != nil && err != io.EOF {
		p.u.win, p.file.broken = nil, true
	}
	return n, err
}
