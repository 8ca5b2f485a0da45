package outbox

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Replies with a meaning of their own.
const (
	drop = "drop" // close the connection without a word
	hang = "hang" // say nothing more
)

// scripted is a server that says what the test wants at every verb: GREET, EHLO, AUTH, MAIL, RCPT, DATA, DOT (the end of the data), and
// so on. It notes what it was told.
type scripted struct {
	addr  string
	reply func(conn int, verb, line string) string // empty: the usual reply; never called twice at a time
	turn  sync.Mutex                               // held while reply is called

	mu    sync.Mutex // guards what follows
	conns int
	said  []string
	mails []string // data of the messages whose dot came, as received, without the dot
}

func startScripted(t *testing.T, reply func(conn int, verb, line string) string) *scripted {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &scripted{addr: l.Addr().String(), reply: reply}
	done := make(chan struct{})
	var wg sync.WaitGroup
	t.Cleanup(func() {
		close(done)
		_ = l.Close()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns++
			n := s.conns
			s.mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				if s.serve(c, n) {
					<-done
				}
			})
		}
	})
	return s
}

var usual = map[string]string{
	"GREET": "220 test ESMTP", "EHLO": "250-test\r\n250-ENHANCEDSTATUSCODES\r\n250-AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER\r\n250 SIZE 1000000",
	"AUTH": "235 2.7.0 ok", "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok", "DATA": "354 go on", "DOT": "250 2.0.0 queued as 1",
	"RSET": "250 2.0.0 ok", "NOOP": "250 2.0.0 ok", "QUIT": "221 2.0.0 bye",
}

// serve holds one conversation; true means that the connection is to be left open in silence.
func (s *scripted) serve(c net.Conn, n int) bool {
	in := bufio.NewReader(c)
	verb, line := "GREET", ""
	for {
		reply := ""
		if s.reply != nil {
			s.turn.Lock()
			reply = s.reply(n, verb, line)
			s.turn.Unlock()
		}
		if reply == "" {
			reply = usual[verb]
		}
		switch reply {
		case drop:
			return false
		case hang:
			return true
		}
		if _, err := c.Write([]byte(reply + "\r\n")); err != nil || verb == "QUIT" {
			return false
		}
		if verb == "DATA" && strings.HasPrefix(reply, "354") {
			if !s.data(in) {
				return false
			}
			verb, line = "DOT", ""
			continue
		}
		text, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		line = strings.TrimRight(text, "\r\n")
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		verb, _, _ = strings.Cut(line, " ")
		if usual[verb] == "" {
			verb = "AUTH" // an answer to a challenge
		}
	}
}

func (s *scripted) data(in *bufio.Reader) bool {
	var b strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			if err != nil {
				return false
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.mails = append(s.mails, b.String())
			return true
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// count says how many lines of the client begin so.
func (s *scripted) count(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, line := range s.said {
		if strings.HasPrefix(line, prefix) {
			n++
		}
	}
	return n
}

// got are the mails that came whole.
func (s *scripted) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *scripted) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// at makes a script that answers one verb, on every connection.
func at(verb, reply string) func(int, string, string) string {
	return func(_ int, v, _ string) string {
		if v == verb {
			return reply
		}
		return ""
	}
}

func (s *scripted) client() *SMTP {
	return &SMTP{Addr: s.addr, TLS: None, CommandTimeout: 30 * time.Second, SubmitTimeout: 30 * time.Second, Grace: 30 * time.Second}
}
