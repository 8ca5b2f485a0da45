package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	suffix     = ".gls"
	spoolName  = "spool"
	spoolMatch = "message-*.tmp"
)

// folder is a disk on the real file system.
type folder struct{ dir, spoolDir string }

func openDisk(dir string) (*folder, error) {
	if dir == "" {
		return nil, errors.New("no folder given")
	}
	d := &folder{dir: dir, spoolDir: filepath.Join(dir, spoolName)}
	if err := os.MkdirAll(d.spoolDir, 0o700); err != nil {
		return nil, err
	}
	// A folder that was made just now must be found again after a power failure.
	return d, errors.Join(syncFolder(filepath.Dir(filepath.Clean(dir))), d.syncDir())
}

func (d *folder) create(name string) (file, error) {
	f, err := os.OpenFile(filepath.Join(d.dir, name+suffix), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{File: f}, nil
}

func (d *folder) open(name string) (file, error) {
	f, err := os.Open(filepath.Join(d.dir, name+suffix))
	if err != nil {
		return nil, err
	}
	return osFile{File: f}, nil
}

func (d *folder) remove(name string) error { return os.Remove(filepath.Join(d.dir, name+suffix)) }

func (d *folder) names() ([]string, error) {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok && !e.IsDir() && validSegment(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

func (d *folder) syncDir() error { return syncFolder(d.dir) }

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// spool makes a file without a name, so that even a crash leaves nothing. Where an open file keeps its name (not on Unix) it is removed
// when it is closed, or by the sweep.
func (d *folder) spool() (file, error) {
	f, err := os.CreateTemp(d.spoolDir, spoolMatch)
	if err != nil {
		return nil, err
	}
	if os.Remove(f.Name()) == nil {
		return osFile{File: f}, nil
	}
	return osFile{File: f, remove: f.Name()}, nil
}

// sweep removes spool files that are older than age: younger ones may belong to another process.
func (d *folder) sweep(age time.Duration) error {
	names, err := filepath.Glob(filepath.Join(d.spoolDir, spoolMatch))
	if err != nil {
		return err
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if time.Since(info.ModTime()) < age {
			continue
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

type osFile struct {
	*os.File
	remove string // at Close
}

func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f osFile) Close() error {
	err := f.File.Close()
	if f.remove != "" {
		err = errors.Join(err, os.Remove(f.remove))
	}
	return err
}
