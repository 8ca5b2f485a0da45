package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// script is an IMAP server that keeps to the protocol except where a test makes it lie.
type script struct {
	mu       sync.Mutex
	validity uint32
	mails    map[uint32][]byte
	greeting string
	caps     string
	// answer may take a command over: it returns true when it did.
	answer func(c *scriptConn, tag, command string) bool
	logins int
	log    []string // commands, in order
	l      *listener
}

type scriptConn struct {
	net.Conn
	s *script
	n int // which connection
	r *bufio.Reader
}

// startScript serves n mails.
func startScript(t *testing.T, n int) (*script, *server) {
	s := &script{validity: 7, mails: map[uint32][]byte{}, greeting: "* OK ready", caps: "IMAP4rev1 IDLE", l: newListener()}
	for i := range n {
		s.mails[uint32(i+1)] = mail(i+1, 1000)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for n := 1; ; n++ {
			conn, err := s.l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				c := &scriptConn{Conn: conn, s: s, n: n, r: bufio.NewReader(conn)}
				if err := c.serve(); err != nil && !errors.Is(err, io.EOF) && testing.Verbose() {
					t.Logf("script: %v", err)
				}
			})
		}
	})
	t.Cleanup(func() { s.l.Close(); all.Wait() })
	return s, &server{dial: s.l.dial, secret: secret, options: func() Options { return defaults("vanthu", secret) }}
}

func (c *scriptConn) say(format string, args ...any) {
	fmt.Fprintf(c.Conn, format+"\r\n", args...) // an error is found by the next read
}

func (c *scriptConn) serve() error {
	c.s.mu.Lock()
	greeting := c.s.greeting
	c.s.mu.Unlock()
	c.say("%s", greeting)
	for {
		line, err := c.r.ReadString('\n')
		if err != nil {
			return err
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if err := c.serveOne(tag, command); err != nil {
			return err
		}
	}
}

var literalEnd = regexp.MustCompile(`\{(\d+)\+?\}$`)

func (c *scriptConn) serveOne(tag, command string) error {
	for { // the rest of a command with literals
		m := literalEnd.FindStringSubmatch(command)
		if m == nil {
			break
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return err
		}
		c.say("+ go on")
		b := make([]byte, n)
		if _, err := io.ReadFull(c.r, b); err != nil {
			return err
		}
		rest, err := c.r.ReadString('\n')
		if err != nil {
			return err
		}
		command = command[:len(command)-len(m[0])] + string(b) + strings.TrimRight(rest, "\r\n")
	}
	c.s.mu.Lock()
	c.s.log = append(c.s.log, command)
	answer := c.s.answer
	c.s.mu.Unlock()
	if answer != nil && answer(c, tag, command) {
		return nil
	}
	name, _, _ := strings.Cut(command, " ")
	switch name { // these wait for the client
	case "AUTHENTICATE":
		c.say("+ ")
		if _, err := c.r.ReadString('\n'); err != nil {
			return err
		}
	case "IDLE":
		c.say("+ idling")
		if _, err := c.r.ReadString('\n'); err != nil {
			return err
		}
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	switch name {
	case "CAPABILITY":
		c.say("* CAPABILITY %s", c.s.caps)
	case "LOGIN", "AUTHENTICATE":
		c.s.logins++
	case "EXAMINE", "SELECT":
		c.say("* %d EXISTS", len(c.s.mails))
		c.say("* OK [UIDVALIDITY %d] .", c.s.validity)
		c.say("* OK [UIDNEXT %d] .", c.s.uidNext())
	case "UID":
		c.uid(command)
	}
	c.say("%s OK done", tag)
	return nil
}

func (s *script) uids() []uint32 {
	var out []uint32
	for u := range s.mails {
		out = append(out, u)
	}
	slices.Sort(out)
	return out
}

func (s *script) uidNext() uint32 {
	if u := s.uids(); len(u) > 0 {
		return u[len(u)-1] + 1
	}
	return 1
}

// uid serves UID SEARCH and UID FETCH.
func (c *scriptConn) uid(command string) {
	words := strings.Fields(command)
	switch {
	case words[1] == "SEARCH":
		var found []string
		for i, u := range c.s.uids() {
			if words[2] == "UID" && inSet(words[3], u) || words[2] != "UID" && inSet(words[2], uint32(i+1)) {
				found = append(found, fmt.Sprint(u))
			}
		}
		c.say("* SEARCH %s", strings.Join(found, " "))
	case words[1] == "FETCH":
		for i, u := range c.s.uids() {
			if inSet(words[2], u) {
				c.fetch(i+1, u, command)
			}
		}
	}
}

func (c *scriptConn) fetch(seq int, uid uint32, command string) {
	raw := c.s.mails[uid]
	date := ""
	if strings.Contains(command, "INTERNALDATE") {
		date = ` INTERNALDATE "01-Jan-2026 08:00:00 +0700"`
	}
	if strings.Contains(command, "BODY.PEEK[]") {
		c.say("* %d FETCH (UID %d%s BODY[] {%d}\r\n%s)", seq, uid, date, len(raw), raw)
		return
	}
	if strings.Contains(command, "BODY.PEEK[HEADER]<0.") {
		block, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		c.say("* %d FETCH (UID %d%s BODY[HEADER]<0> {%d}\r\n%s\r\n\r\n)", seq, uid, date, len(block)+4, block)
		return
	}
	c.say("* %d FETCH (UID %d RFC822.SIZE %d)", seq, uid, len(raw))
}

func inSet(set string, u uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		from, to, ranged := strings.Cut(part, ":")
		a, errA := strconv.ParseUint(from, 10, 32)
		b, errB := strconv.ParseUint(to, 10, 32)
		switch {
		case errA != nil:
		case !ranged && uint32(a) == u,
			ranged && to == "*" && u >= uint32(a),
			ranged && errB == nil && u >= uint32(a) && u <= uint32(b):
			return true
		}
	}
	return false
}

// wantsBody tells whether a command fetches the body of uid, among others or alone.
func wantsBody(command string, uid uint32) bool {
	words := strings.Fields(command)
	return len(words) > 3 && words[1] == "FETCH" && strings.Contains(command, "BODY.PEEK[]") && inSet(words[2], uid)
}

// wantsHeader tells whether a command fetches the header block of uid, among others or alone.
func wantsHeader(command string, uid uint32) bool {
	words := strings.Fields(command)
	return len(words) > 3 && words[1] == "FETCH" && strings.Contains(command, "BODY.PEEK[HEADER]") && inSet(words[2], uid)
}

// commands gives what was asked so far.
func (s *script) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}
