package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/giaolien/giaolien/bridge/report"
)

// mayWrite says before the work begins that it would be in vain, or do harm.
func mayWrite(file string, force bool) error {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", file, err)
	case info.IsDir():
		return usageError{fmt.Errorf("%s is a folder; -o names a file", file)}
	case !force:
		return fmt.Errorf("%s is there already; give another name with -o, or --force to write over it", file)
	}
	if behind, err := os.Stat(file); err == nil && !behind.Mode().IsRegular() { // a device would be replaced, /dev/stdout for everybody
		return usageError{fmt.Errorf("%s is no file that can be replaced; give another name with -o", file)}
	}
	return nil
}

// writeTable writes a table into a new file, whole or not at all: under its name stands nothing, what stood there before, or all of it. Without
// force a file that has come there meanwhile is left alone. Only its owner may read it.
func writeTable(file string, force bool, t report.Table, write func(io.Writer, report.Table) error) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	defer os.Remove(f.Name()) // gone already when it was renamed
	err = write(f, t)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	if force {
		err = os.Rename(f.Name(), file)
	} else {
		err = putNew(f.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return syncFolder(filepath.Dir(file))
}

// putNew gives a file a name that must be free. Where the file system has no second names for a file, the name is looked at first.
func putNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := mayWrite(to, false); err != nil {
		return err
	}
	return os.Rename(from, to)
}
