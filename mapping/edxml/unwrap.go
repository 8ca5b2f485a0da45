package edxml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"regexp"
	"strings"

	"github.com/giaolien/giaolien/parser/unpack"
)

// Unwrapped is a file out of a package as its sender had it.
type Unwrapped struct {
	Wrapped bool  // it was an entry of a ZIP that a builder made around it
	Size    int64 // as the ZIP claims when it was wrapped
	// Findings say that it is broken; they have no path.
	Findings []Finding

	open func() (io.Reader, error)
}

// Open reads the file from its beginning. Reading a wrapped one may end with an error of damage or of the limit (TooBig).
func (u *Unwrapped) Open() (io.Reader, error) { return u.open() }

// TooBig says whether an error of reading an unwrapped file is one of the limits: it grows beyond what is allowed, as bombs do.
func TooBig(err error) bool {
	return errors.Is(err, unpack.ErrBudget) || errors.Is(err, unpack.ErrRatio)
}

// uuidName is the base name of the one entry in a ZIP that a builder made.
var uuidName = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// Unwrap finds out whether the contents of a file are the file or a ZIP that a builder put around it: the file's name is not that of a ZIP,
// and the only entry is named by a UUID. A DOCX has many entries and is left alone. What the package says of the type is not asked: it is
// wrong as often as right. limit bounds the unwrapped bytes (0: as Limits.File). Errors are those of reading r.
func Unwrap(r io.ReaderAt, size int64, name string, limit int64) (Unwrapped, error) {
	u := Unwrapped{Size: size, open: func() (io.Reader, error) { return io.NewSectionReader(r, 0, size), nil }}
	head := make([]byte, min(size, headLength))
	if n, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return u, fmt.Errorf("unwrap file: %w", err)
	} else if head = head[:n]; Destroyed(head) {
		u.broken()
		return u, nil
	}
	if !bytes.HasPrefix(head, []byte("PK\x03\x04")) || strings.EqualFold(path.Ext(baseName(name)), ".zip") {
		return u, nil
	}
	seen := &failing{r: r}
	most := Limits{File: limit}.withDefaults().File
	budget := unpack.DefaultBudget
	budget.Entries = 2
	entries, problems := unpack.Files(unpack.ZIP, seen, size, &budget)
	if seen.err != nil {
		return u, fmt.Errorf("unwrap file: %w", seen.err)
	}
	if len(entries) == 0 && len(problems) > 0 {
		u.broken()
	}
	if len(entries) != 1 || len(problems) > 0 || !uuidName.MatchString(stem(entries[0].Name)) {
		return u, nil
	}
	u.Wrapped, u.Size, u.open = true, entries[0].Size, func() (io.Reader, error) {
		budget.Bytes = math.MaxInt64 // each reading has the limit for itself
		inner, err := entries[0].Open()
		if err != nil {
			return nil, err
		}
		return &capped{r: inner, left: most}, nil
	}
	u.inspect()
	return u, nil
}

func stem(entry string) string { return strings.TrimSuffix(entry, path.Ext(entry)) }

// inspect looks whether the entry was destroyed before it was wrapped.
func (u *Unwrapped) inspect() {
	r, err := u.open()
	if err != nil {
		u.broken()
		return
	}
	head := make([]byte, headLength)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || Destroyed(head[:n]) {
		u.broken()
	}
}

func (u *Unwrapped) broken() {
	u.Findings = append(u.Findings, Finding{Code: FileDamaged, Severity: Warning, Note: notes()[FileDamaged]})
}

// capped gives up to left bytes and ends with ErrBudget when there are more.
type capped struct {
	r    io.Reader
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.r.Read(p[:min(int64(len(p)), c.left+1)])
	if c.left -= int64(n); c.left < 0 {
		c.left = -1
		return max(n-1, 0), unpack.ErrBudget
	}
	return n, err
}

// failing remembers an error of the file that a ZIP is read from, which is ours and not the ZIP's.
type failing struct {
	r   io.ReaderAt
	err error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.r.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}
