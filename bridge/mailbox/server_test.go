package mailbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/giaolien/giaolien/bridge"
)

const secret = "mật khẩu thử"

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, vietnam)

// server is something to watch: the in-memory one, or a real Dovecot.
type server struct {
	options func() Options
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	secret  string
	real    bool
}

var bubbles sync.Map // of tests that run in a synctest bubble

func inBubble(t *testing.T) bool { _, ok := bubbles.Load(t.Name()); return ok }

// bubble runs a test with a clock of its own.
func bubble(t *testing.T, f func(t *testing.T)) {
	bubbles.Store(t.Name(), true)
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // of its own clock: connections that nobody reads any more come to their end
		f(t)
	})
}

// onServers runs a test on the in-memory server, with few and with many capabilities, and on Dovecot, when one is given:
// GIAOLIEN_TEST_DOVECOT is imap://user:password@127.0.0.1:port, GIAOLIEN_TEST_DOVECOT_TLS imaps://… with the certificate of its CA in
// GIAOLIEN_TEST_DOVECOT_CA. The user name is replaced by one for each test.
func onServers(t *testing.T, f func(t *testing.T, s *server)) {
	t.Run("rev1", func(t *testing.T) {
		bubble(t, func(t *testing.T) { f(t, memory(t, imap.CapSet{imap.CapIMAP4rev1: {}})) })
	})
	t.Run("rev2", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			f(t, memory(t, imap.CapSet{imap.CapIMAP4rev2: {}, imap.CapIMAP4rev1: {}, imap.CapSpecialUse: {}, imap.CapCreateSpecialUse: {},
				imap.CapListExtended: {}, imap.CapMove: {}, imap.CapUIDPlus: {}, imap.CapESearch: {}}))
		})
	})
	t.Run("dovecot", func(t *testing.T) { f(t, dovecot(t, "GIAOLIEN_TEST_DOVECOT", TLSNone)) })
	t.Run("dovecot-tls", func(t *testing.T) { f(t, dovecot(t, "GIAOLIEN_TEST_DOVECOT_TLS", TLSImplicit)) })
}

var users atomic.Int64

func dovecot(t *testing.T, variable, protection string) *server {
	t.Helper()
	u, err := url.Parse(os.Getenv(variable))
	if err != nil {
		t.Fatal(err)
	}
	if u.Host == "" {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") == "1" {
			t.Fatalf("%s is not set, and a Dovecot is required", variable)
		}
		t.Skipf("%s is not set", variable)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	pass, _ := u.User.Password()
	user := fmt.Sprintf("gl-%d-%d-%d", os.Getpid(), time.Now().UnixNano(), users.Add(1))
	return &server{real: true, secret: pass, dial: tcp, options: func() Options {
		o := defaults(user, pass)
		o.Host, o.Port, o.TLS = u.Hostname(), port, protection
		if protection != TLSNone {
			o.CAFile = os.Getenv(variable[:len(variable)-len("_TLS")] + "_CA")
		}
		o.Poll = 2 * time.Second
		return o
	}}
}

func defaults(user, pass string) Options {
	return Options{Name: "vanthu", Receiver: "H50.01", Start: start, Host: "127.0.0.1", TLS: TLSNone, User: user,
		Secret: func(context.Context) (string, error) { return pass, nil }}
}

// memory starts an in-memory server with one empty account.
func memory(t *testing.T, caps imap.CapSet) *server {
	user := imapmemserver.NewUser("vanthu", secret)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	return serve(t, caps, nil, func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return marking{mem.NewSession().(imapserver.SessionIMAP4rev2), caps.Has(imap.CapSpecialUse)}, nil, nil
	})
}

// marking is a session that marks the folder Sent, where the server is to know special use.
type marking struct {
	imapserver.SessionIMAP4rev2
	mark bool
}

func (m marking) List(w *imapserver.ListWriter, ref string, patterns []string, options *imap.ListOptions) error {
	if m.mark && options.ReturnSpecialUse && len(patterns) == 1 && patterns[0] == "Sent" {
		return w.WriteList(&imap.ListData{Mailbox: "Sent", Delim: '/', Attrs: []imap.MailboxAttr{imap.MailboxAttrSent}})
	}
	return m.SessionIMAP4rev2.List(w, ref, patterns, options)
}

func serve(t *testing.T, caps imap.CapSet, starttls *tls.Config, session func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error)) *server {
	l := newListener()
	srv := imapserver.New(&imapserver.Options{Caps: caps, InsecureAuth: true, TLSConfig: starttls, NewSession: session, Logger: log.New(io.Discard, "", 0)})
	var done sync.WaitGroup
	done.Go(func() {
		if err := srv.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Logf("server ended: %v", err)
		}
	})
	t.Cleanup(func() {
		if err := srv.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Logf("close server: %v", err)
		}
		l.Close()
		done.Wait()
	})
	return &server{secret: secret, dial: l.dial, options: func() Options { return defaults("vanthu", secret) }}
}

// listener accepts connections in memory.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	dials  atomic.Int64
}

func newListener() *listener {
	return &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 143} }

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.dials.Add(1)
	a, b := net.Pipe()
	here, there := buffered(a), buffered(b)
	var err error
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		err = errors.New("connection refused")
	case <-ctx.Done():
		err = ctx.Err()
	}
	return nil, errors.Join(err, here.Close(), there.Close())
}

// bufferedConn writes without waiting for the reader, as a network does.
type bufferedConn struct {
	net.Conn
	mu     sync.Mutex
	cond   *sync.Cond
	buf    bytes.Buffer
	closed bool
}

func buffered(c net.Conn) *bufferedConn {
	b := &bufferedConn{Conn: c}
	b.cond = sync.NewCond(&b.mu)
	go b.pump()
	return b
}

func (b *bufferedConn) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, net.ErrClosed
	}
	b.buf.Write(p)
	b.cond.Signal()
	return len(p), nil
}

func (b *bufferedConn) pump() {
	for {
		b.mu.Lock()
		for b.buf.Len() == 0 && !b.closed {
			b.cond.Wait()
		}
		p, closed := bytes.Clone(b.buf.Next(64<<10)), b.closed
		b.mu.Unlock()
		if len(p) == 0 && closed {
			b.Conn.Close()
			return
		}
		if _, err := b.Conn.Write(p); err != nil {
			b.Close()
			b.Conn.Close()
			return
		}
	}
}

// A write never waits, and a closed connection has ended whatever its owner sets afterwards.
func (b *bufferedConn) SetWriteDeadline(time.Time) error { return nil }

func (b *bufferedConn) SetDeadline(t time.Time) error { return b.SetReadDeadline(t) }

func (b *bufferedConn) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return net.ErrClosed
	}
	return b.Conn.SetReadDeadline(t)
}

// Close lets what was written arrive when somebody reads it.
func (b *bufferedConn) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.cond.Signal()
	err := errors.Join(b.Conn.SetReadDeadline(time.Unix(1, 0)), b.Conn.SetWriteDeadline(time.Now().Add(10*time.Second)))
	if err != nil && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	return nil
}

// user is a client of the test's own.
func (s *server) user(t *testing.T) *imapclient.Client {
	t.Helper()
	o, err := s.options().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w := &Watcher{o: o, deps: Deps{Dial: s.dial}}
	g, err := w.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := imapclient.New(g.Conn, nil)
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Logf("close client: %v", err)
		}
	})
	if err := c.Login(o.User, s.secret).Wait(); err != nil {
		t.Fatal(err)
	}
	return c
}

// put appends a message and gives its UID, 0 where the server does not tell.
func put(t *testing.T, c *imapclient.Client, folder string, raw []byte, date time.Time) {
	t.Helper()
	cmd := c.Append(folder, int64(len(raw)), &imap.AppendOptions{Time: date})
	if _, err := cmd.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// mail makes message n of about size bytes.
func mail(n, size int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Return-Path: <a@example.vn>\r\nFrom: a@example.vn\r\nSubject: %d\r\n\r\n", n)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "%08d %08d Kính gửi Ủy ban nhân dân tỉnh\r\n", n, i)
	}
	return b.Bytes()
}

// watcher builds one with the fakes.
func (s *server) watcher(t *testing.T, st *store, a *archive, owner string, change func(o *Options)) *Watcher {
	t.Helper()
	o := s.options()
	if change != nil {
		change(&o)
	}
	d := deps(t, st, a, owner)
	d.Dial = s.dial
	w, err := New(o, d)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run starts the watcher; the function that it gives ends it and waits for the end.
func run(t *testing.T, w *Watcher) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// noneHeld checks that everything which was taken in has been given up.
func noneHeld(t *testing.T, a *archive) {
	t.Helper()
	if n := a.inUse(); n != 0 {
		t.Errorf("%d messages are neither appended nor discarded", n)
	}
}

// certificate makes a server certificate that is its own CA.
func certificate(t testing.TB) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "imap.example.vn"}, DNSNames: []string{"imap.example.vn"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(50, 0, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

var _ bridge.Leases = (*store)(nil)
