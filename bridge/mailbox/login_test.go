package mailbox

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// TestTLS tries implicit TLS and STARTTLS, with the right certificate, a foreign one, and a server that has none.
func TestTLS(t *testing.T) {
	config, pool := certificate(t)
	_, foreign := certificate(t)
	newSession := func() func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		user := imapmemserver.NewUser("vanthu", secret)
		if err := user.Create("INBOX", nil); err != nil {
			t.Fatal(err)
		}
		mem := imapmemserver.New()
		mem.AddUser(user)
		return func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		}
	}
	rev1 := imap.CapSet{imap.CapIMAP4rev1: {}}
	tests := map[string]struct {
		client string
		server string
		trust  bool
		want   string // in the finding of Check, empty: all is well
	}{
		"implicit":                     {TLSImplicit, TLSImplicit, true, ""},
		"starttls":                     {TLSStart, TLSStart, true, ""},
		"implicit, foreign":            {TLSImplicit, TLSImplicit, false, "không được tin cậy"},
		"starttls, foreign":            {TLSStart, TLSStart, false, "không được tin cậy"},
		"starttls is mandatory":        {TLSStart, TLSNone, true, "không hỗ trợ STARTTLS"},
		"implicit against clear text":  {TLSImplicit, TLSNone, true, "không nói TLS"},
		"login disabled in clear text": {TLSNone, TLSStart, true, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				var start *tls.Config
				if tt.server == TLSStart {
					start = config
				}
				s := serve(t, rev1, start, newSession())
				if tt.server == TLSImplicit {
					s.dial = tlsInFront(s, config)
				}
				w := s.watcher(t, newStore(), newArchive(), "một", func(o *Options) {
					o.TLS, o.RootCAs = tt.client, foreign
					if tt.trust {
						o.RootCAs = pool
					}
				})
				findings, err := w.Check(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Join(findings, "\n")
				if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
					t.Errorf("check finds %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// tlsInFront puts TLS before a server's connections.
func tlsInFront(s *server, config *tls.Config) func(context.Context, string, string) (net.Conn, error) {
	dial := s.dial
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		back, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		a, b := net.Pipe()
		front := tls.Server(buffered(b), config)
		relay := func(to, from net.Conn) {
			buf := make([]byte, 4096)
			for {
				n, err := from.Read(buf)
				if n > 0 {
					if _, werr := to.Write(buf[:n]); werr != nil {
						err = werr
					}
				}
				if err != nil {
					to.Close()
					from.Close()
					return
				}
			}
		}
		go relay(front, back)
		go relay(back, front)
		return buffered(a), nil
	}
}

// TestStartTLSInjection sends clear text behind the answer to STARTTLS: it must never count as said under TLS.
func TestStartTLSInjection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		s.answer = func(c *scriptConn, tag, command string) bool {
			if command == "STARTTLS" {
				c.say("%s OK go on\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] injected", tag)
				return true
			}
			return false
		}
		_, pool := certificate(t)
		w := srv.watcher(t, newStore(), newArchive(), "một", func(o *Options) { o.TLS, o.RootCAs = TLSStart, pool })
		if findings, err := w.Check(t.Context()); err != nil || len(findings) != 1 || s.logins > 0 {
			t.Errorf("check finds %q, %v; %d logins", findings, err, s.logins)
		}
	})
}

// TestMechanisms looks at what is sent to the server.
func TestMechanisms(t *testing.T) {
	token := func(context.Context) (string, time.Time, error) { return "mã-token", time.Time{}, nil }
	tests := map[string]struct{ auth, want string }{
		"plain":       {AuthPlain, "AUTHENTICATE PLAIN " + b64("\x00vanthu\x00"+secret)},
		"login":       {AuthLogin, `LOGIN "vanthu" `},
		"xoauth2":     {AuthXOAuth2, "AUTHENTICATE XOAUTH2 " + b64("user=vanthu\x01auth=Bearer mã-token\x01\x01")},
		"oauthbearer": {AuthOAuthBearer, "AUTHENTICATE OAUTHBEARER " + b64("n,a=vanthu,\x01host=127.0.0.1\x01port=143\x01auth=Bearer mã-token\x01\x01")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, 2)
				s.caps = "IMAP4rev1 SASL-IR"
				s.answer = func(c *scriptConn, tag, command string) bool {
					if strings.HasPrefix(command, "AUTHENTICATE") {
						c.say("%s OK welcome", tag)
						return true
					}
					return false
				}
				w := srv.watcher(t, newStore(), newArchive(), "một", func(o *Options) { o.Auth, o.Token = tt.auth, token })
				if got, err := w.Drain(t.Context()); err != nil || got.Accepted != 2 {
					t.Fatalf("%+v, %v", got, err)
				}
				if !slices.ContainsFunc(s.commands(), func(c string) bool { return strings.HasPrefix(c, tt.want) }) {
					t.Errorf("commands %q, want %q", s.commands(), tt.want)
				}
			})
		})
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// TestRefusedToken tells a refusal, which is a challenge with an explanation, from trouble.
func TestRefusedToken(t *testing.T) {
	for _, auth := range []string{AuthXOAuth2, AuthOAuthBearer} {
		t.Run(auth, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s, srv := startScript(t, 1)
				s.caps = "IMAP4rev1 SASL-IR"
				s.answer = func(c *scriptConn, tag, command string) bool {
					if strings.HasPrefix(command, "AUTHENTICATE") {
						c.say("+ %s", b64(`{"status":"401","schemes":"bearer"}`))
						return true
					}
					return false
				}
				st := newStore()
				w := srv.watcher(t, st, newArchive(), "một", func(o *Options) {
					o.Auth = auth
					o.Token = func(context.Context) (string, time.Time, error) { return "x", time.Time{}, nil }
				})
				if _, err := w.Drain(t.Context()); !errors.Is(err, errRefused) || st.alarms["mailbox-login:vanthu"].Code == "" {
					t.Errorf("%v, alarms %v", err, st.alarms)
				}
			})
		})
	}
}

// TestOverloadIsNoRefusal: a server that cannot check passwords now must not raise the alarm of a wrong one.
func TestOverloadIsNoRefusal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		n := 0
		s.answer = func(c *scriptConn, tag, command string) bool {
			if n < 2 && strings.HasPrefix(command, "AUTHENTICATE") {
				n++
				c.say("%s NO [UNAVAILABLE] later", tag)
				return true
			}
			return false
		}
		st := newStore()
		if got, err := srv.watcher(t, st, newArchive(), "một", nil).Drain(t.Context()); err != nil || got.Accepted != 1 || len(st.raised) > 0 {
			t.Errorf("%+v, %v, alarms %v", got, err, st.raised)
		}
	})
}

// TestTokenAlarm lets a token run out that nobody renews, and then renews it.
func TestTokenAlarm(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s, srv := startScript(t, 1)
		s.answer = func(c *scriptConn, tag, command string) bool {
			if strings.HasPrefix(command, "AUTHENTICATE") {
				c.say("+ ")
				if _, err := c.r.ReadString('\n'); err != nil {
					return true
				}
				c.say("%s OK welcome", tag)
				return true
			}
			return false
		}
		st := newStore()
		end := time.Now().Add(time.Hour)
		asked := 0
		w := srv.watcher(t, st, newArchive(), "một", func(o *Options) {
			o.Auth = AuthXOAuth2
			o.Token = func(context.Context) (string, time.Time, error) {
				st.mu.Lock()
				defer st.mu.Unlock()
				asked++
				return fmt.Sprint("token", asked), end, nil
			}
		})
		run(t, w)
		st.await(t, "the alarm", func() bool { return st.alarms["mailbox-token:vanthu"].Code == "mailbox-token" })
		if left := time.Until(end); left < 13*time.Minute || left > tokenLeft {
			t.Errorf("alarm %v before the end", left)
		}
		st.mu.Lock()
		end = time.Now().Add(time.Hour)
		st.mu.Unlock()
		st.await(t, "the end of the alarm", func() bool { return len(st.alarms) == 0 })
	})
}

func TestOptions(t *testing.T) {
	good := defaults("vanthu", secret)
	if o, err := good.withDefaults(); err != nil || o.Port != 143 || o.Poll != time.Minute || o.IdleMax != 9*time.Minute || o.Folders[0] != "INBOX" {
		t.Errorf("%+v, %v", o, err)
	}
	tests := map[string]struct {
		change func(o *Options)
		want   string
	}{
		"no start":        {func(o *Options) { o.Start = time.Time{} }, "start is missing"},
		"no receiver":     {func(o *Options) { o.Receiver = "" }, "receiver is missing"},
		"clear text":      {func(o *Options) { o.Host = "imap.example.vn" }, "this machine only"},
		"no password":     {func(o *Options) { o.Secret = nil }, "password is missing"},
		"no token":        {func(o *Options) { o.Auth = AuthXOAuth2 }, "token is missing"},
		"unknown auth":    {func(o *Options) { o.Auth = "ntlm" }, `auth "ntlm" is unknown`},
		"unknown tls":     {func(o *Options) { o.TLS = "maybe" }, `tls "maybe" is unknown`},
		"flag without":    {func(o *Options) { o.After.Action = SetFlag }, "flag is missing"},
		"move without":    {func(o *Options) { o.After.Action = Move }, "folder to move to is missing"},
		"missing ca file": {func(o *Options) { o.CAFile = "/không/có" }, "read ca file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := good
			tt.change(&o)
			if _, err := New(o, deps(t, newStore(), newArchive(), "một")); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
	if _, err := New(Options{}, Deps{}); err == nil || strings.Count(err.Error(), "missing") < 5 {
		t.Errorf("not all faults are told at once: %v", err)
	}
	if _, err := New(good, Deps{}); err == nil {
		t.Error("took no dependencies")
	}
}
