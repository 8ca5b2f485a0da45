package outbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/giaolien/giaolien/bridge/notice"
)

// realServer is a server of the SMTP library that keeps what it is given.
type realServer struct {
	addr string

	mu     sync.Mutex
	mails  []string
	logins []string
	secure []bool // whether each MAIL came over TLS
}

func startReal(t *testing.T, implicit bool, config *tls.Config) *realServer {
	t.Helper()
	r := &realServer{}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &inbox{server: r, conn: c}, nil }))
	srv.Domain, srv.TLSConfig, srv.ErrorLog = "test.example.vn", config, log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, config)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

type inbox struct {
	server *realServer
	conn   *smtp.Conn
	user   string
}

func (i *inbox) AuthMechanisms() []string { return []string{sasl.Plain, sasl.OAuthBearer} }

func (i *inbox) Auth(mechanism string) (sasl.Server, error) {
	note := func(user, secret string) error {
		if user != "vanthu" || secret != "đúng" {
			return errors.New("wrong")
		}
		i.user = user
		i.server.mu.Lock()
		defer i.server.mu.Unlock()
		i.server.logins = append(i.server.logins, mechanism)
		return nil
	}
	if mechanism == sasl.OAuthBearer {
		return sasl.NewOAuthBearerServer(func(o sasl.OAuthBearerOptions) *sasl.OAuthBearerError {
			if note(o.Username, o.Token) != nil {
				return &sasl.OAuthBearerError{Status: "invalid_token"}
			}
			return nil
		}), nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return note(user, password) }), nil
}

func (i *inbox) Mail(string, *smtp.MailOptions) error {
	if i.user == "" {
		return smtp.ErrAuthRequired
	}
	_, secure := i.conn.TLSConnectionState()
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.server.secure = append(i.server.secure, secure)
	return nil
}

func (i *inbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (i *inbox) Reset()                               {}
func (i *inbox) Logout() error                        { return nil }

func (i *inbox) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	i.server.mu.Lock()
	defer i.server.mu.Unlock()
	i.server.mails = append(i.server.mails, string(b))
	return nil
}

// authority makes a CA of the test's own, with its file and a certificate for 127.0.0.1.
func authority(t *testing.T) (caFile string, config *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), 0o600); err != nil {
		t.Fatal(err)
	}
	return caFile, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leafDER}, PrivateKey: key}}}
}

func password(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func TestTLSAndLogin(t *testing.T) {
	caFile, config := authority(t)
	implicit, starttls := startReal(t, true, config), startReal(t, false, config)
	for _, x := range []struct {
		name   string
		server *realServer
		tls    TLS
		auth   Auth
		want   string
	}{
		{"implicit", implicit, "", "", sasl.Plain},
		{"implicit, token", implicit, Implicit, AuthOAuthBearer, sasl.OAuthBearer},
		{"starttls", starttls, StartTLS, AuthPlain, sasl.Plain},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := len(x.server.mails)
			c := &SMTP{Addr: x.server.addr, TLS: x.tls, CAFile: caFile, Auth: x.auth, User: "vanthu", Secret: password("đúng"), Helo: "gl.example.vn"}
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(x.server.mails) != before {
				t.Error("a check sent mail")
			}
			b := newBench(t, c)
			r := b.queue.add("a", "a@example.vn")
			b.drain(t, Counts{Sent: 1}, nil)
			x.server.mu.Lock()
			defer x.server.mu.Unlock()
			if got := x.server.mails[len(x.server.mails)-1]; got != string(r.out.Bytes) {
				t.Errorf("sent %q, want %q", got, r.out.Bytes)
			}
			if !x.server.secure[len(x.server.secure)-1] || x.server.logins[len(x.server.logins)-1] != x.want {
				t.Errorf("TLS %v, logins %v", x.server.secure, x.server.logins)
			}
			c.Secret = password("sai")
			if err := c.Check(t.Context()); !errors.Is(err, errServer) {
				t.Errorf("wrong password: %v", err)
			}
			c.Secret, c.CAFile = password("đúng"), ""
			if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("a certificate of an unknown authority was believed: %v", err)
			}
		})
	}
}

func TestRefusesToConnect(t *testing.T) {
	s := startScripted(t, nil)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		change func(*SMTP)
		want   string
	}{
		"no STARTTLS offered": {func(c *SMTP) { c.TLS = StartTLS }, "STARTTLS"},
		"TLS to a plain port": {func(c *SMTP) { c.TLS = Implicit }, "TLS"},
		"unknown TLS":         {func(c *SMTP) { c.TLS = "ssl3" }, "not known"},
		"auth not offered":    {func(c *SMTP) { c.User, c.Secret, c.Auth = "u", password("p"), "ntlm" }, "does not offer"},
		"user, no secret":     {func(c *SMTP) { c.User = "u" }, "neither password nor token"},
		"secret fails": {func(c *SMTP) {
			c.User, c.Secret = "u", func(context.Context) (string, error) { return "", errors.New("token command failed") }
		}, "token command failed"},
		"no such CA file": {func(c *SMTP) { c.CAFile = empty + ".not" }, "CA file"},
		"empty CA file":   {func(c *SMTP) { c.CAFile = empty }, "no certificate"},
		"no port":         {func(c *SMTP) { c.Addr = "127.0.0.1" }, "port"},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.client()
			x.change(c)
			err := c.Check(t.Context())
			if !errors.Is(err, errServer) || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%v, want %q", err, x.want)
			}
		})
	}
	if s.count("AUTH") != 0 || s.count("MAIL") != 0 {
		t.Errorf("went on after the refusal: %q", s.said)
	}
}

func TestNoneIsForThisMachine(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:25": true, "[::1]:25": true, "[::ffff:127.0.0.1]:25": true, "192.0.2.1:25": false, "[2001:db8::1]:25": false} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if loopback(a) != want {
			t.Errorf("loopback(%s) = %v", addr, !want)
		}
	}
}

// TestMechanisms looks at what goes over the line.
func TestMechanisms(t *testing.T) {
	challenge := func(script map[string]string) func(int, string, string) string {
		return func(_ int, verb, line string) string {
			if verb != "AUTH" {
				return ""
			}
			if reply, ok := script[line]; ok {
				return reply
			}
			return "535 5.7.8 unexpected"
		}
	}
	const xoauth2 = "AUTH XOAUTH2 dXNlcj12YW50aHUBYXV0aD1CZWFyZXIgdG9rAQE="
	for name, x := range map[string]struct {
		auth   Auth
		script map[string]string
		ok     bool
	}{
		"login": {AuthLogin, map[string]string{
			"AUTH LOGIN": "334 VXNlcm5hbWU6", "dmFudGh1": "334 UGFzc3dvcmQ6", "dG9r": "235 2.7.0 ok",
		}, true},
		"login asks once more": {AuthLogin, map[string]string{
			"AUTH LOGIN": "334 VXNlcm5hbWU6", "dmFudGh1": "334 UGFzc3dvcmQ6", "dG9r": "334 UGFzc3dvcmQ6",
		}, false},
		"xoauth2":         {AuthXOAuth2, map[string]string{xoauth2: "235 2.7.0 ok"}, true},
		"xoauth2 refused": {AuthXOAuth2, map[string]string{xoauth2: "334 eyJzdGF0dXMiOiI0MDEifQ==", "": "535 5.7.8 expired"}, false},
		"plain":           {"", map[string]string{"AUTH PLAIN AHZhbnRodQB0b2s=": "235 2.7.0 ok"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := startScripted(t, challenge(x.script))
			c := s.client()
			c.Auth, c.User, c.Secret = x.auth, "vanthu", password("tok")
			if err := c.Check(t.Context()); (err == nil) != x.ok {
				t.Errorf("%v, said %q", err, s.said)
			}
		})
	}
	s := startScripted(t, at("EHLO", "250-test\r\n250 AUTH GSSAPI"))
	c := s.client()
	c.User, c.Secret = "vanthu", password("tok")
	if err := c.Check(t.Context()); err == nil || s.count("AUTH") != 0 {
		t.Errorf("the password was offered to a server that did not ask: %v, %q", err, s.said)
	}
}

// TestRenderedArrivesUnchanged sends what package notice makes.
func TestRenderedArrivesUnchanged(t *testing.T) {
	d := notice.ComposeAlarm(notice.Letterhead{ID: "vp", Name: "Văn phòng UBND tỉnh", From: "vanthu@quangtri.gov.vn", ReturnPath: "<>"},
		"quantri@quangtri.gov.vn", "disk-full", ".đĩa đầy")
	r, err := notice.Render(*d, notice.Numbers{ID: "AL-1", At: time.Unix(1800000000, 0)}, notice.Keys{{Secret: bytes.Repeat([]byte("k"), 32)}})
	if err != nil {
		t.Fatal(err)
	}
	s := startScripted(t, nil)
	b := newBench(t, s.client())
	b.queue.add("AL-1", "").out.Rendered = r
	b.drain(t, Counts{Sent: 1}, nil)
	if !slices.Equal(s.got(), []string{string(r.Bytes)}) || s.count("MAIL FROM:<>") != 1 {
		t.Errorf("arrived as %q after %q", s.got(), s.said)
	}
}

func FuzzASCIILine(f *testing.F) {
	f.Add("250 2.0.0 ok\r\nX: y")
	f.Add(strings.Repeat("\xff\u1eff ", 900))
	f.Fuzz(func(t *testing.T, s string) {
		got := asciiLine(s)
		if len(got) > maxReplyText || strings.IndexFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
			t.Errorf("%q", got)
		}
	})
}
