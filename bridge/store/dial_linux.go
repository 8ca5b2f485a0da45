package store

import (
	"errors"
	"strings"
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT of tcp(7); package syscall lacks the name on some architectures.
const tcpUserTimeout = 0x12

// limitUnacknowledged bounds how long sent bytes may stay unacknowledged before the kernel ends the connection.
func limitUnacknowledged(patience time.Duration) func(network, address string, c syscall.RawConn) error {
	return func(network, _ string, c syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return nil
		}
		var fault error
		err := c.Control(func(fd uintptr) {
			fault = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(patience.Milliseconds()))
		})
		return errors.Join(err, fault)
	}
}
