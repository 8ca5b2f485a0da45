package mailbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

// canary stands in bodies of marked mail alone.
const canary = "CANARYBODY"

// marked makes mail whose subject bears a mark, markedFile mail whose file's name does.
func marked(n int) []byte {
	return fmt.Appendf(nil, "Return-Path: <a@example.vn>\r\nFrom: a@example.vn\r\nSubject: [MAT] Cong van so %d/SNV-VP\r\n\r\n%s %d\r\n", n, canary, n)
}

func markedFile(n int) []byte {
	return fmt.Appendf(nil, "From: a@example.vn\r\nSubject: gui\r\nContent-Type: application/pdf; name=\"%d_TOIMAT.pdf\"\r\n\r\n%s %d\r\n", n, canary, n)
}

func header(raw []byte) []byte { return raw[:bytes.Index(raw, []byte("\r\n\r\n"))+4] }

// screening lets a watcher look at headers first, and keeps what comes over the wire.
func screening(w *Watcher) *wire {
	w.deps.Marked = func(block []byte) bool { return bridge.MarkedHeader(block, parser.DefaultLimits) }
	tap := &wire{}
	dial := w.deps.Dial
	w.deps.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return &tapped{Conn: c, to: tap}, err
	}
	return tap
}

type wire struct {
	mu  sync.Mutex
	got bytes.Buffer
}

func (w *wire) count(word string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Count(w.got.Bytes(), []byte(word))
}

type tapped struct {
	net.Conn
	to *wire
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	c.to.got.Write(p[:n])
	return n, err
}

// TestScreen fetches, of marked mail, the header alone; the rest as ever; and the whole mail when a person has cleared it.
func TestScreen(t *testing.T) {
	onServers(t, func(t *testing.T, s *server) {
		c := s.user(t)
		raws := [][]byte{mail(1, 1000), marked(2), mail(3, 90_000), markedFile(4), header(marked(5)), mail(6, 500)}
		for _, raw := range raws {
			put(t, c, "INBOX", raw, start)
		}
		secret := []uint32{2, 4, 5}
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", func(o *Options) { o.After = After{Action: SetFlag, Flag: "giaolien"} })
		tap := screening(w)
		got, err := w.Drain(t.Context())
		if err != nil || got.Accepted != 6 || got.Failed+got.Vanished+got.Left != 0 {
			t.Fatalf("drained %+v, %v", got, err)
		}
		if n := tap.count(canary); n > 0 {
			t.Errorf("the body of marked mail crossed the wire %d times", n)
		}
		if n := tap.count("Kính gửi"); n == 0 && w.o.TLS == TLSNone {
			t.Error("the tap sees no body at all")
		}
		for k, arrival := range st.arrivals {
			want := raws[k.UID-1]
			only := slices.Contains(secret, k.UID)
			if only {
				want = header(want)
			}
			if arrival.HeadersOnly != only || arrival.Raw.Raw() != sha256.Sum256(want) || !arrival.InternalDate.Equal(start) {
				t.Errorf("UID %d: headers only %v, %d bytes, %v", k.UID, arrival.HeadersOnly, arrival.Raw.Size(), arrival.InternalDate)
			}
			if only && (st.uids[k].state != bridge.Quarantined || arrival.Origin != bridge.OriginHeaders(k) || st.noted[k] != "") {
				t.Errorf("UID %d is %s, origin %s, noted %q", k.UID, st.uids[k].state, arrival.Origin, st.noted[k])
			}
		}
		wantUntouched(t, c, secret)
		for k := range st.arrivals {
			if k.UID == 2 {
				st.cleared[k] = true
			}
		}
		w = s.watcher(t, st, a, "hai", nil)
		tap = screening(w)
		if got, err := w.Drain(t.Context()); err != nil || got.Accepted != 1 {
			t.Fatalf("after a clearing drained %+v, %v", got, err)
		}
		if n := tap.count(canary); n != 1 && w.o.TLS == TLSNone {
			t.Errorf("the cleared body crossed the wire %d times", n)
		}
		for k, arrival := range st.arrivals {
			if k.UID == 2 && (arrival.HeadersOnly || arrival.Raw.Raw() != sha256.Sum256(raws[1]) || arrival.Origin != bridge.OriginIMAP(k)) {
				t.Errorf("the cleared mail came as %+v", arrival)
			}
		}
		noneHeld(t, a)
	})
}

// wantUntouched checks that nobody touched the marked mail.
func wantUntouched(t *testing.T, c *imapclient.Client, uids []uint32) {
	t.Helper()
	if _, err := c.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	list, err := c.Fetch(single(uids...).set(), &imap.FetchOptions{UID: true, Flags: true}).Collect()
	if err != nil || len(list) != len(uids) {
		t.Fatalf("%d of %d messages are there: %v", len(list), len(uids), err)
	}
	for _, m := range list {
		if flags := slices.DeleteFunc(m.Flags, func(f imap.Flag) bool { return f == `\Recent` }); len(flags) > 0 {
			t.Errorf("UID %d has flags %v", m.UID, flags)
		}
	}
}

// TestScreenCommands counts what is asked for: header blocks in batches, and no body of a marked mail, ever.
func TestScreenCommands(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 150
		script, s := startScript(t, n)
		for uid := range script.mails {
			if uid%10 == 0 {
				script.mails[uid] = marked(int(uid))
			}
		}
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", nil)
		tap := screening(w)
		if got, err := w.Drain(t.Context()); err != nil || got.Accepted != n {
			t.Fatalf("drained %+v, %v", got, err)
		}
		looks := 0
		for _, command := range script.commands() {
			if strings.Contains(command, "[HEADER]") {
				looks++
				if !strings.Contains(command, "BODY.PEEK[HEADER]<0.262144>") {
					t.Errorf("asked for headers by %q", command)
				}
			}
			for uid := range script.mails {
				if uid%10 == 0 && wantsBody(command, uid) {
					t.Errorf("the body of marked mail %d is asked for by %q", uid, command)
				}
			}
		}
		if want := (n + headersMost - 1) / headersMost; looks != want {
			t.Errorf("%d commands for headers, want %d", looks, want)
		}
		if tap.count(canary) > 0 || st.in(bridge.Quarantined) != n/10 || st.in(bridge.Registered) != n-n/10 {
			t.Errorf("states %v", st.states())
		}
		noneHeld(t, a)
	})
}

// TestScreenOff asks for no header.
func TestScreenOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		script, s := startScript(t, 3)
		script.mails[2] = marked(2)
		st := newStore()
		if got, err := s.watcher(t, st, newArchive(), "một", nil).Drain(t.Context()); err != nil || got.Accepted != 3 || st.in(bridge.Registered) != 3 {
			t.Fatalf("drained %+v, %v", got, err)
		}
		if strings.Contains(strings.Join(script.commands(), "\n"), "HEADER") {
			t.Error("headers are asked for, and nobody wants to look at them")
		}
	})
}

// TestScreenLies lets a server answer a look at a header with something else. The body is not fetched unseen instead: in the end the
// message waits for a person, and the others come.
func TestScreenLies(t *testing.T) {
	body := func(c *scriptConn, verb string) {
		raw := c.s.mails[2]
		c.say(verb, len(raw), raw)
	}
	for name, lie := range map[string]func(c *scriptConn){
		"a whole message":      func(c *scriptConn) { body(c, "* 2 FETCH (UID 2 BODY[] {%d}\r\n%s)") },
		"another part":         func(c *scriptConn) { body(c, "* 2 FETCH (UID 2 BODY[TEXT] {%d}\r\n%s)") },
		"the message twice":    func(c *scriptConn) { c.fetch(2, 2, "BODY.PEEK[HEADER]<0."); c.fetch(2, 2, "BODY.PEEK[HEADER]<0.") },
		"another message":      func(c *scriptConn) { c.fetch(1, 1, "BODY.PEEK[HEADER]<0.") },
		"nothing":              func(*scriptConn) {},
		"NIL":                  func(c *scriptConn) { c.say("* 2 FETCH (UID 2 BODY[HEADER]<0> NIL)") },
		"no more than it says": func(c *scriptConn) { c.say("* 2 FETCH (UID 2 BODY[HEADER]<0> {500}\r\nSubject: x"); c.Conn.Close() },
		"more than was asked": func(c *scriptConn) {
			c.say("* 2 FETCH (UID 2 BODY[HEADER]<0> {300000}\r\n%s)", strings.Repeat("x", 300000))
		},
		"an unbelievable length": func(c *scriptConn) { c.say("* 2 FETCH (UID 2 BODY[HEADER]<0> {4000000000}\r\nSubject: x") },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				script, s := startScript(t, 4)
				script.mails[2] = marked(2)
				end := bridge.Failed
				if name == "the message twice" { // the library passes the second one over
					end = bridge.Quarantined
				}
				script.answer = func(c *scriptConn, tag, command string) bool {
					if !wantsHeader(command, 2) {
						return false
					}
					for uid := uint32(1); uid <= 4; uid++ {
						if wantsHeader(command, uid) && uid != 2 {
							c.fetch(int(uid), uid, command)
						}
					}
					lie(c)
					c.say("%s OK done", tag)
					return true
				}
				st, a := newStore(), newArchive()
				w := s.watcher(t, st, a, "một", nil)
				screening(w)
				stop := run(t, w)
				st.await(t, "its end", func() bool { return st.in(bridge.Registered) == 3 && st.in(end) == 1 })
				stop()
				if st.states()[2] != end {
					t.Errorf("states %v", st.states())
				}
				for _, command := range script.commands() {
					if wantsBody(command, 2) {
						t.Errorf("the body is asked for unseen by %q", command)
					}
				}
				noneHeld(t, a)
			})
		})
	}
}

// TestScreenLength believes a header that is longer than the message is said to be when it comes twice alike, as a whole message.
func TestScreenLength(t *testing.T) {
	bubble(t, func(t *testing.T) {
		script, s := startScript(t, 2)
		script.mails[2] = marked(2)
		script.answer = func(c *scriptConn, tag, command string) bool {
			if !strings.Contains(command, "RFC822.SIZE") || !inSet(strings.Fields(command)[2], 2) {
				return false
			}
			c.say("* 1 FETCH (UID 1 RFC822.SIZE %d)\r\n* 2 FETCH (UID 2 RFC822.SIZE 10)\r\n%s OK done", len(script.mails[1]), tag)
			return true
		}
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", nil)
		tap := screening(w)
		if got, err := w.Drain(t.Context()); err != nil || got.Accepted != 2 || st.states()[2] != bridge.Quarantined || tap.count(canary) > 0 {
			t.Fatalf("drained %+v, %v, states %v", got, err, st.states())
		}
		noneHeld(t, a)
	})
}

// TestScreenPanic: a header that panics the program costs its message the tries, and no other.
func TestScreenPanic(t *testing.T) {
	bubble(t, func(t *testing.T) {
		script, s := startScript(t, 3)
		script.mails[2] = marked(2)
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", nil)
		screening(w)
		w.deps.Marked = func(block []byte) bool {
			if bytes.Contains(block, []byte("MAT")) {
				panic("no")
			}
			return false
		}
		stop := run(t, w)
		st.await(t, "its end", func() bool { return st.in(bridge.Registered) == 2 && st.in(bridge.Failed) == 1 })
		stop()
		for _, command := range script.commands() {
			if wantsBody(command, 2) {
				t.Errorf("the body is asked for unseen by %q", command)
			}
		}
		noneHeld(t, a)
	})
}

// TestScreenCleared: a running daemon fetches a cleared message at its next poll, and says so when it is gone.
func TestScreenCleared(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("gone %v", gone), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				script, s := startScript(t, 3)
				script.mails[2] = marked(2)
				st, a := newStore(), newArchive()
				w := s.watcher(t, st, a, "một", nil)
				tap := screening(w)
				stop := run(t, w)
				st.await(t, "the header", func() bool { return st.in(bridge.Quarantined) == 1 && st.in(bridge.Registered) == 2 })
				time.Sleep(10 * time.Minute)
				if tap.count(canary) > 0 {
					t.Error("the body crossed the wire")
				}
				if gone {
					script.mu.Lock()
					delete(script.mails, 2)
					script.mu.Unlock()
				}
				began := time.Now()
				k := bridge.UIDKey{Folder: 1, UIDValidity: 7, UID: 2}
				st.mu.Lock()
				st.cleared[k] = true
				st.mu.Unlock()
				if gone {
					st.await(t, "an alarm", func() bool { return st.alarms["cleared-message-gone:1:7:2"].Code == "cleared-message-gone" })
				} else {
					st.await(t, "the message", func() bool { return st.in(bridge.Registered) == 3 })
				}
				if d := time.Since(began); d > 2*time.Minute {
					t.Errorf("it took %v", d)
				}
				time.Sleep(10 * time.Minute)
				stop()
				looks := 0
				for _, command := range script.commands() {
					if wantsHeader(command, 2) {
						looks++
					}
				}
				if looks != 1 || len(st.raised) > 1 || gone && st.uids[k].state != bridge.Quarantined {
					t.Errorf("header looked at %d times, alarms %v, state %s", looks, st.raised, st.uids[k].state)
				}
				noneHeld(t, a)
			})
		})
	}
}

// TestScreenRenumbered looks again at what has a new number.
func TestScreenRenumbered(t *testing.T) {
	bubble(t, func(t *testing.T) {
		script, s := startScript(t, 2)
		script.mails[2] = marked(2)
		st, a := newStore(), newArchive()
		w := s.watcher(t, st, a, "một", nil)
		tap := screening(w)
		stop := run(t, w)
		st.await(t, "the header", func() bool { return st.in(bridge.Quarantined) == 1 })
		script.mu.Lock()
		script.validity = 8
		script.mu.Unlock()
		st.await(t, "the header anew", func() bool { return st.in(bridge.Quarantined) == 2 && st.in(bridge.Registered) == 2 })
		stop()
		if tap.count(canary) > 0 {
			t.Error("the body crossed the wire")
		}
		noneHeld(t, a)
	})
}
