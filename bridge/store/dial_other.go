//go:build !linux

package store

import (
	"syscall"
	"time"
)

// limitUnacknowledged has no counterpart here; the deadlines of patientConn and keepalives remain.
func limitUnacknowledged(time.Duration) func(network, address string, c syscall.RawConn) error {
	return nil
}
