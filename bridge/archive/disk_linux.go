package archive

import (
	"errors"
	"os"
	"syscall"
)

// Sync makes the bytes and the length of the file durable. fdatasync leaves out the times, which nobody asks for.
func (f osFile) Sync() error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
		}
		return nil
	}
}

func (d *folder) free() (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &s); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: d.dir, Err: err}
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
