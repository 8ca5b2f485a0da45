package mailbox

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// badMail makes one message misbehave in each way that servers do, from the first to the last try. All others must arrive, it must be
// failed for a person after three tries, and nothing half read may be taken.
func TestBadMessage(t *testing.T) {
	const bad, count = 5, 40
	ways := map[string]func(c *scriptConn, tag string, raw []byte){
		"short literal": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODY[] {5}\r\n%s)\r\n%s OK done", bad, bad, raw, tag)
		},
		"literal cut by the end of the connection": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODY[] {%d}\r\n%s", bad, bad, len(raw), raw[:100])
			c.Close()
		},
		"hang in the literal": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODY[] {%d}\r\n%s", bad, bad, len(raw), raw[:100])
		},
		"no answer": func(*scriptConn, string, []byte) {},
		"uid after the literal": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (BODY[] {%d}\r\n%s UID %d)\r\n%s OK done", bad, len(raw), raw, bad, tag)
		},
		"ok without data": func(c *scriptConn, tag string, raw []byte) { c.say("%s OK done", tag) },
		"no":              func(c *scriptConn, tag string, raw []byte) { c.say("%s NO cannot", tag) },
		"nil body": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODY[] NIL)\r\n%s OK done", bad, bad, tag)
		},
		"unknown item":      func(c *scriptConn, tag string, raw []byte) { c.say("* %d FETCH (UID %d X-GM-MSGID 1)", bad, bad) },
		"unknown response":  func(c *scriptConn, tag string, raw []byte) { c.say("* XFOO bar") },
		"bye":               func(c *scriptConn, tag string, raw []byte) { c.say("* BYE out of memory"); c.Close() },
		"bye without close": func(c *scriptConn, tag string, raw []byte) { c.say("* BYE out of memory") },
		"another message": func(c *scriptConn, tag string, raw []byte) {
			c.say("* 1 FETCH (UID 999 BODY[] {%d}\r\n%s)\r\n%s OK done", len(raw), raw, tag)
		},
		"deep parentheses": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODYSTRUCTURE %s", bad, bad, strings.Repeat("(", 60_000))
		},
		"long line": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d FLAGS (%s", bad, bad, strings.Repeat("a", 10<<20))
		},
		"longer body than announced": func(c *scriptConn, tag string, raw []byte) {
			c.say("* %d FETCH (UID %d BODY[] {90000000}\r\n", bad, bad)
		},
		"other literal": func(c *scriptConn, tag string, raw []byte) { c.say("* LIST () \"/\" {4000000000}\r\n") },
		"other length every time": func(c *scriptConn, tag string, raw []byte) {
			raw = raw[:len(raw)-len(c.s.commands())%7-1]
			c.say("* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n%s OK done", bad, bad, len(raw), raw, tag)
		},
		"placeholder of exchange": func(c *scriptConn, tag string, raw []byte) {
			text := fmt.Sprintf("%-*s", len(raw), "From: \"Microsoft Exchange Server\"\r\n\r\nRetrieval using the IMAP4 protocol failed for the following message: 27")
			c.say("* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n%s OK done", bad, bad, len(text), text, tag)
		},
		"endless untagged responses": func(c *scriptConn, tag string, raw []byte) {
			for range 1000 {
				c.say("%s", strings.Repeat("* 40 EXISTS\r\n", 1000))
			}
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, count)
				s.answer = func(c *scriptConn, tag, command string) bool {
					if wantsBody(command, bad) {
						way(c, tag, s.mails[bad])
						return true
					}
					return false
				}
				st, a := newStore(), newArchive()
				w := srv.watcher(t, st, a, "một", nil)
				stop := run(t, w)
				st.await(t, "the others", func() bool { return len(st.arrivals) == count-1 })
				st.await(t, "the failure", func() bool { return st.in(bridge.Failed) == 1 })
				stop()
				k := bridge.UIDKey{Folder: 1, UIDValidity: 7, UID: bad}
				if e := st.uids[k]; e.state != bridge.Failed || e.tries != triesMost || e.reason == "" {
					t.Errorf("bad message: %+v", e)
				}
				if st.alarms["message-failed:1:7:5"].Code != "message-failed" {
					t.Errorf("alarms %v", st.alarms)
				}
				for k, arrival := range st.arrivals {
					if arrival.Raw.Raw() != digest(s.mails[k.UID]) {
						t.Errorf("message %d has other bytes", k.UID)
					}
				}
				if n := w.deps.Meter.(*meter).get(bridge.MetricFetchFailures, "vanthu"); n < triesMost {
					t.Errorf("%v failures counted", n)
				}
				noneHeld(t, a)
				if n := goroutineMemory(); n > 64<<20 {
					t.Errorf("%d MB in use", n>>20)
				}
			})
		})
	}
}

func digest(raw []byte) bridge.Digest {
	in := &intake{}
	in.buf.Write(raw)
	return in.Raw()
}

func goroutineMemory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// TestMessageRecovers misbehaves once; after that nothing must be lost, and nothing be failed.
func TestMessageRecovers(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 10)
		broken := 0
		s.answer = func(c *scriptConn, tag, command string) bool {
			if broken < 2 && wantsBody(command, 3) {
				broken++
				c.Close()
				return true
			}
			return false
		}
		st, a := newStore(), newArchive()
		got, err := srv.watcher(t, st, a, "một", nil).Drain(t.Context())
		if err != nil || got.Accepted != 10 || got.Failed != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestBrokenInternalDate is answered by a last try without it.
func TestBrokenInternalDate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		s.answer = func(c *scriptConn, tag, command string) bool {
			if wantsBody(command, 2) && strings.Contains(command, "INTERNALDATE") {
				c.say(`* 2 FETCH (UID 2 INTERNALDATE "yesterday" BODY[] NIL)`)
				return true
			}
			return false
		}
		st := newStore()
		got, err := srv.watcher(t, st, newArchive(), "một", nil).Drain(t.Context())
		if err != nil || got.Accepted != 3 {
			t.Fatalf("%+v, %v", got, err)
		}
		if a := st.arrivals[bridge.UIDKey{Folder: 1, UIDValidity: 7, UID: 2}]; !a.InternalDate.IsZero() || a.Imported {
			t.Errorf("arrival %+v", a.Arrival)
		}
	})
}

// TestEstimatedLength believes a wrong RFC822.SIZE when two tries give the same bytes.
func TestEstimatedLength(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 4)
		s.answer = func(c *scriptConn, tag, command string) bool {
			if words := strings.Fields(command); len(words) > 2 && words[1] == "FETCH" && strings.Contains(command, "RFC822.SIZE") {
				for i, u := range s.uids() {
					if inSet(words[2], u) {
						c.say("* %d FETCH (UID %d RFC822.SIZE %d)", i+1, u, 900)
					}
				}
				c.say("%s OK done", tag)
				return true
			}
			return false
		}
		st, a := newStore(), newArchive()
		got, err := srv.watcher(t, st, a, "một", nil).Drain(t.Context())
		if err != nil || got.Accepted != 4 {
			t.Errorf("%+v, %v", got, err)
		}
		noneHeld(t, a)
	})
}

func TestVanishedWhileFetching(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 6)
		s.answer = func(c *scriptConn, tag, command string) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			if wantsBody(command, 4) {
				delete(s.mails, 4)
			}
			return false
		}
		st := newStore()
		got, err := srv.watcher(t, st, newArchive(), "một", nil).Drain(t.Context())
		if err != nil || got.Accepted != 5 || got.Vanished != 1 {
			t.Errorf("%+v, %v, states %v", got, err, st.states())
		}
	})
}

func TestUIDValidityChange(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		st := newStore()
		run(t, srv.watcher(t, st, newArchive(), "một", nil))
		st.await(t, "the first numbering", func() bool { return len(st.arrivals) == 3 })
		s.mu.Lock()
		s.validity = 8
		s.mails = map[uint32][]byte{1: mail(1, 1000), 2: mail(77, 1000)} // an old one with its old number, a new one with a used number
		s.mu.Unlock()
		st.await(t, "the second numbering", func() bool { return len(st.arrivals) == 5 })
		st.await(t, "the end of the alarm", func() bool { return len(st.alarms) == 0 })
		st.mu.Lock()
		defer st.mu.Unlock()
		if !slices.Contains(st.raised, "mailbox-uidvalidity:vanthu") || len(st.contents) != 4 {
			t.Errorf("alarms raised %v, %d different messages", st.raised, len(st.contents))
		}
	})
}

// TestServerHangs stops answering at each command of a session; the session must end and the next one succeed.
func TestServerHangs(t *testing.T) {
	for _, at := range []string{"CAPABILITY", "AUTHENTICATE", "LIST", "EXAMINE", "UID SEARCH", "RFC822.SIZE", "BODY.PEEK", "IDLE", "greeting"} {
		t.Run(at, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, 2)
				if at == "greeting" {
					s.greeting = "" // an empty line, and then nothing
				}
				hung := false
				s.answer = func(c *scriptConn, tag, command string) bool {
					s.mu.Lock()
					defer s.mu.Unlock()
					if !hung && strings.Contains(command, at) {
						hung = true
						return true
					}
					return false
				}
				st := newStore()
				run(t, srv.watcher(t, st, newArchive(), "một", nil))
				if at == "greeting" {
					st.await(t, "the alarm of silence", func() bool { return st.alarms["mailbox-silent:vanthu"].Code != "" })
					s.mu.Lock()
					s.greeting = "* OK ready"
					s.mu.Unlock()
				}
				st.await(t, "the messages", func() bool { return len(st.arrivals) == 2 })
				s.mu.Lock()
				s.mails[3] = mail(3, 1000)
				s.mu.Unlock()
				st.await(t, "a later message", func() bool { return len(st.arrivals) == 3 && len(st.alarms) == 0 })
			})
		})
	}
}

// TestHostileGreeting bounds what a server can do before we have said a word.
func TestHostileGreeting(t *testing.T) {
	for name, greeting := range map[string]string{
		"long":     "* OK " + strings.Repeat("a", 50<<20),
		"bye":      "* BYE go away",
		"preauth":  "* PREAUTH come in",
		"not imap": "220 smtp.example.vn ESMTP",
		"deep":     "* 1 FETCH (BODYSTRUCTURE " + strings.Repeat("(", 4<<20),
		"code":     "* OK [X a\r\n* 1 FETCH (BODY[] {1000}]\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, 1)
				s.greeting = greeting
				st := newStore()
				_, err := srv.watcher(t, st, newArchive(), "một", nil).Drain(t.Context())
				if err == nil || len(st.arrivals) > 0 || s.logins > 0 {
					t.Errorf("%v, %d messages, %d logins", err, len(st.arrivals), s.logins)
				}
			})
		})
	}
}

// TestHugeSet answers a search with all UIDs there can be.
func TestHugeSet(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		s.caps = "IMAP4rev1 ESEARCH"
		s.answer = func(c *scriptConn, tag, command string) bool {
			if strings.HasPrefix(command, "UID SEARCH") {
				c.say("* ESEARCH (TAG %q) UID ALL 1:4294967295\r\n%s OK done", tag, tag)
				return true
			}
			return false
		}
		st := newStore()
		_, err := srv.watcher(t, st, newArchive(), "một", nil).Drain(t.Context())
		if !errors.Is(err, errCount) || len(st.uids) > 0 {
			t.Errorf("%v, %d UIDs noted", err, len(st.uids))
		}
	})
}

func TestSilenceAlarm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		st := newStore()
		w := srv.watcher(t, st, newArchive(), "một", nil)
		run(t, w)
		st.await(t, "the message", func() bool { return len(st.arrivals) == 1 })
		s.mu.Lock()
		s.answer = func(*scriptConn, string, string) bool { return true } // swallows everything
		s.mu.Unlock()
		begun := time.Now()
		st.await(t, "the alarm", func() bool { return st.alarms["mailbox-silent:vanthu"].Code == "mailbox-silent" })
		if d := time.Since(begun); d > 12*time.Minute {
			t.Errorf("alarm after %v", d)
		}
		if w.deps.Meter.(*meter).get(bridge.MetricUp, "vanthu", "INBOX") != 0 {
			t.Error("the mailbox counts as up")
		}
		s.mu.Lock()
		s.answer = nil
		s.mu.Unlock()
		st.await(t, "the end of the alarm", func() bool { return len(st.alarms) == 0 })
		if n := slices.Index(st.raised, "mailbox-silent:vanthu"); n != len(st.raised)-1 || n != 0 {
			t.Errorf("alarms raised: %v", st.raised)
		}
		if w.deps.Meter.(*meter).get(bridge.MetricReconnects, "vanthu") == 0 {
			t.Error("no reconnect was counted")
		}
	})
}

// TestBusyPollNeedsNoIdle takes new mail from a server without IDLE.
func TestPollWithoutIdle(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		s.caps = "IMAP4rev1"
		st := newStore()
		run(t, srv.watcher(t, st, newArchive(), "một", nil))
		st.await(t, "the message", func() bool { return len(st.arrivals) == 1 })
		s.mu.Lock()
		s.mails[9] = mail(9, 1000)
		s.mu.Unlock()
		begun := time.Now()
		st.await(t, "the new message", func() bool { return len(st.arrivals) == 2 })
		if d := time.Since(begun); d > time.Minute+time.Second {
			t.Errorf("seen after %v", d)
		}
	})
}

// TestOnlyHarmlessItemsAreAsked looks at every command of a session.
func TestOnlyHarmlessItemsAreAsked(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 3)
		if _, err := srv.watcher(t, newStore(), newArchive(), "một", nil).Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, c := range s.commands() {
			upper := strings.ToUpper(c)
			for _, never := range []string{"ENVELOPE", "BODYSTRUCTURE", "BODY[]", "RFC822 ", "STORE", "SELECT", "EXPUNGE", "SEEN"} {
				if strings.Contains(upper, never) {
					t.Errorf("asks %q", c)
				}
			}
		}
	})
}

func TestDrainGivesUpInTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		s.l.Close()
		_, err := srv.watcher(t, newStore(), newArchive(), "một", nil).Drain(t.Context())
		if err == nil {
			t.Error("drained a server that is not there")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := srv.watcher(t, newStore(), newArchive(), "một", nil).Drain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}
