//go:build !linux

package archive

import (
	"errors"
	"math"
	"syscall"
)

// Sync is that of os.File.

// free is not known here: only the error of a write tells that the disk is full.
func (d *folder) free() (int64, error) { return math.MaxInt64, nil }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }
