package axis

import (
	"fmt"
	"os"
)

// spooled is a package in a file without a name: a process that is killed leaves nothing behind.
type spooled struct {
	*os.File
	name string // that it still has, on systems where an open file cannot lose it
}

// newSpooled makes one in a folder, which is made too; empty: that of the system.
func newSpooled(folder string) (spooled, error) {
	if folder != "" {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return spooled{}, fmt.Errorf("make spool folder: %w", err)
		}
	}
	f, err := os.CreateTemp(folder, "package-*")
	if err != nil {
		return spooled{}, fmt.Errorf("make spool file: %w", err)
	}
	s := spooled{File: f}
	if err := os.Remove(f.Name()); err != nil {
		s.name = f.Name()
	}
	return s, nil
}

// drop lets go of it.
func (s spooled) drop() {
	s.Close()
	if s.name != "" {
		os.Remove(s.name)
	}
}
