package mailbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	connectTime = 30 * time.Second // TCP, TLS, STARTTLS together
	commandTime = 60 * time.Second // for the answer to a command, without message bodies
	slowest     = 32 << 10         // bytes a second of message bodies
	greetingMax = 4 << 10
)

// connect opens a protected connection. The context ends the attempt only; see session.
func (w *Watcher) connect(ctx context.Context) (*guard, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	raw, err := w.deps.Dial(ctx, "tcp", w.o.address())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", w.o.address(), err)
	}
	conn, err := w.protect(ctx, raw)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("protect connection to %s: %w", w.o.address(), err), raw.Close())
	}
	quiet := min(w.o.Poll, w.o.IdleMax) + 2*commandTime
	return newGuard(conn, raw, quiet, commandTime), nil
}

// tcp is the dialer of a real network. Keep-alive notices a peer that vanished while nothing was to be sent.
func tcp(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}}
	return d.DialContext(ctx, network, address)
}

func (w *Watcher) protect(ctx context.Context, raw net.Conn) (net.Conn, error) {
	switch w.o.TLS {
	case TLSNone:
		return raw, nil
	case TLSStart:
		if err := startTLS(ctx, raw); err != nil {
			return nil, err
		}
	}
	conn := tls.Client(raw, &tls.Config{ServerName: w.o.Host, RootCAs: w.o.RootCAs, MinVersion: tls.VersionTLS12})
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	if w.o.TLS == TLSStart {
		// The server says nothing after the handshake (RFC 3501, 6.2.1), but the library waits for a greeting. What was said before
		// is forgotten, capabilities included.
		return &greeted{Conn: conn, first: strings.NewReader("* OK\r\n")}, nil
	}
	return conn, nil
}

// greeted is a connection on which something is read before what comes from the peer.
type greeted struct {
	net.Conn
	first *strings.Reader
}

func (c *greeted) Read(p []byte) (int, error) {
	if c.first.Len() > 0 {
		return c.first.Read(p)
	}
	return c.Conn.Read(p)
}

// startTLS asks for TLS on a clear connection and reads not one byte more than the answer, so that nothing which was smuggled in
// behind it counts as said under TLS: it only breaks the handshake. Without TLS there is no going on.
func startTLS(ctx context.Context, raw net.Conn) error {
	deadline, _ := ctx.Deadline()
	if err := raw.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() }) // what waits on it gets the error
	defer stop()
	greeting, err := readLine(raw)
	if err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return fmt.Errorf("server does not offer a login: %q", greeting)
	}
	if _, err := io.WriteString(raw, "S1 STARTTLS\r\n"); err != nil {
		return fmt.Errorf("ask for tls: %w", err)
	}
	for {
		line, err := readLine(raw)
		if err != nil {
			return fmt.Errorf("ask for tls: %w", err)
		}
		if strings.HasPrefix(line, "* ") {
			continue
		}
		if !strings.HasPrefix(strings.ToUpper(line), "S1 OK") {
			return fmt.Errorf("server refuses tls: %q", line)
		}
		return raw.SetDeadline(time.Time{})
	}
}

// readLine reads byte by byte up to a line end.
func readLine(r io.Reader) (string, error) {
	var line []byte
	b := make([]byte, 1)
	for len(line) < greetingMax {
		if _, err := io.ReadFull(r, b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(bytes.TrimSuffix(line, []byte("\r"))), nil
		}
		line = append(line, b[0])
	}
	return "", errLong
}
