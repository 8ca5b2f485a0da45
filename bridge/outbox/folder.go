package outbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Folder is a target that is a folder: every delivery is a package in a file of its own, which appears whole or not at all. Whoever reads the
// folder may take files away at any time.
//
// Before a package gets its name, a marker says that it is about to: .NAME.begun, made durable when the package is. A resend that finds the
// marker, but neither the package under its passing name nor the file, knows that the file was there and was taken away.
type Folder struct {
	name  string
	path  string
	to    func(receiver string) edxml.Organ // our receiving agencies as the packages name them
	types edxml.Numbering
	swept bool               // markers that nobody can need any more are gone
	step  func(string) error // of the tests: fails at a step; nil: none
}

// NewFolder makes the target. The folder must be there; nothing is written yet.
func NewFolder(name, path string, to func(receiver string) edxml.Organ, types edxml.Numbering) *Folder {
	return &Folder{name: name, path: path, to: to, types: types}
}

// Name implements bridge.Target.
func (f *Folder) Name() string { return f.name }

// Deliver implements bridge.Target.
func (f *Folder) Deliver(ctx context.Context, d bridge.Dispatch, files bridge.Files) (bridge.DispatchReply, error) {
	p, err := bridge.NewPackage(d, f.to(d.Payload.Receiver), f.types)
	if err != nil {
		return bridge.DispatchReply{}, err
	}
	name := FileName(d)
	if !f.swept {
		f.swept = true
		if err := f.sweep(time.Now()); err != nil {
			return bridge.DispatchReply{}, folderError(err)
		}
	}
	if err := f.put(ctx, name, func(w io.Writer) error { return p.Write(ctx, w, files) }); err != nil {
		return bridge.DispatchReply{}, folderError(err)
	}
	return bridge.DispatchReply{RemoteID: name, Text: "đã ghi tệp"}, nil
}

// markerAge is how long a marker is kept: longer than any delivery is tried.
const markerAge = 60 * 24 * time.Hour

// sweep removes markers of deliveries that ended long ago.
func (f *Folder) sweep(now time.Time) error {
	list, err := filepath.Glob(filepath.Join(f.path, ".*.edxml.begun"))
	if err != nil {
		return err
	}
	for _, name := range list {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && now.Sub(info.ModTime()) > markerAge {
			err = removed(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errOther says that a file of this name is there, and is another one.
var errOther = errors.New("a file of this name has other contents")

// folderError says whether a person must mend it.
func folderError(err error) error {
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	switch {
	case errors.Is(err, errOther):
		return &bridge.TargetError{Code: "folder-other", Reply: "Trong thư mục đã có tệp cùng tên nhưng khác nội dung.", Unclear: true, Err: fmt.Errorf("%w: %w", bridge.ErrPermanent, err)}
	case path || link:
		return &bridge.TargetError{Code: "folder-write", Reply: "Không ghi được vào thư mục đích.", Err: err}
	}
	return err
}

// FileName is the name of a delivery's file: receiver, year, number and the key of the delivery, in letters that no system takes amiss.
func FileName(d bridge.Dispatch) string {
	return fmt.Sprintf("%s-%d-%d-%s.edxml", harmless(d.Payload.Receiver), d.Payload.Year, d.Payload.Number, harmless(d.ID))
}

// harmless keeps letters, digits and single points inside a name.
func harmless(s string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '_'
	}, s)
	for strings.Contains(out, "..") {
		out = strings.ReplaceAll(out, "..", ".")
	}
	return strings.Trim(out, ".")
}

// put lets a file appear whole. Doing it again, wherever the time before ended, changes nothing.
func (f *Folder) put(ctx context.Context, name string, write func(io.Writer) error) error {
	final, temp, begun := filepath.Join(f.path, name), filepath.Join(f.path, "."+name+".tmp"), filepath.Join(f.path, "."+name+".begun")
	if done, err := f.taken(final, temp, begun); err != nil || done {
		return err
	}
	if err := f.forget(temp, begun); err != nil {
		return err
	}
	sum, err := f.spool(temp, write)
	if err != nil {
		return errors.Join(err, removed(temp))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if there, err := f.same(final, sum); err != nil || there {
		return errors.Join(err, removed(temp))
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"sync package", func() error { return syncFolder(f.path) }},
		{"mark", func() error { return touch(begun) }},
		{"sync mark", func() error { return syncFolder(f.path) }},
		{"rename", func() error { return os.Rename(temp, final) }},
		{"sync name", func() error { return syncFolder(f.path) }},
	} {
		if f.step != nil {
			if err := f.step(step.name); err != nil {
				return err
			}
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s of %s: %w", step.name, name, err)
		}
	}
	return nil
}

// taken says whether the file was there and whoever reads the folder took it away.
func (f *Folder) taken(final, temp, begun string) (bool, error) {
	for _, c := range []struct {
		path string
		want bool
	}{{begun, true}, {temp, false}, {final, false}} {
		if there, err := exists(c.path); err != nil || there != c.want {
			return false, err
		}
	}
	return true, syncFolder(f.path)
}

// forget takes away the marker of a try that did not come to its end: the package has its passing name still. Without the marker that may go.
func (f *Folder) forget(temp, begun string) error {
	there, err := exists(temp)
	if err != nil || !there {
		return err
	}
	if err := removed(begun); err != nil {
		return err
	}
	return syncFolder(f.path)
}

// spool writes the package under its passing name and makes it durable.
//
// It is always made anew: whoever else may write into the folder gets no file elsewhere written through a link.
func (f *Folder) spool(temp string, write func(io.Writer) error) (hash.Hash, error) {
	if err := removed(temp); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	err = write(io.MultiWriter(file, sum))
	if f.step != nil && err == nil {
		err = f.step("write")
	}
	if err == nil {
		err = file.Sync()
	}
	return sum, errors.Join(err, file.Close())
}

// same says whether the file is there with these contents. One with other contents is errOther.
func (f *Folder) same(final string, want hash.Hash) (bool, error) {
	info, err := os.Lstat(final)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, errOther
	}
	file, err := os.Open(final)
	if err != nil {
		return false, err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return false, err
	}
	if !bytes.Equal(sum.Sum(nil), want.Sum(nil)) {
		return false, errOther
	}
	if err := file.Sync(); err != nil { // it may be there and not yet durable
		return false, err
	}
	return true, syncFolder(f.path)
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func touch(path string) error {
	if err := removed(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Check implements bridge.Checker: a file can be made in the folder and taken away again.
func (f *Folder) Check(context.Context) error {
	file, err := os.CreateTemp(f.path, ".giaolien-check-*")
	if err != nil {
		return fmt.Errorf("write into folder: %w", err)
	}
	return errors.Join(file.Close(), os.Remove(file.Name()), syncFolder(f.path))
}
