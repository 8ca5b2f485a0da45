package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/emersion/go-smtp"
)

// TLS says how the connection is protected. The zero value is Implicit.
type TLS string

const (
	Implicit TLS = "implicit" // TLS from the first octet (RFC 8314, 3.3)
	StartTLS TLS = "starttls" // RFC 3207; without the server's offer nothing is sent
	None     TLS = "none"     // only to this very machine
)

// SMTP is a submission server (RFC 6409). Times that are zero stand for the defaults named beside them.
type SMTP struct {
	Addr   string // host:port; the host is the name that the certificate must have
	TLS    TLS
	CAFile string // PEM file of the authorities to believe; empty: those of the system
	Auth   Auth
	User   string // empty: no login
	// Secret gives the password, or the access token for AuthXOAuth2 and AuthOAuthBearer.
	Secret func(context.Context) (string, error)
	Helo   string // name in EHLO; empty: localhost

	DialTimeout    time.Duration // connecting and TLS; 30 s
	CommandTimeout time.Duration // one command and its reply, one block of data; 1 min
	SubmitTimeout  time.Duration // the reply to the final dot (RFC 5321, 4.5.3.2.6: 10 min)
	// Grace is how long a reply to the final dot is still waited for after the context has ended, so that a shutdown sends nothing twice; 5 s.
	Grace time.Duration
}

func (s *SMTP) dialTimeout() time.Duration    { return orDefault(s.DialTimeout, 30*time.Second) }
func (s *SMTP) commandTimeout() time.Duration { return orDefault(s.CommandTimeout, time.Minute) }
func (s *SMTP) submitTimeout() time.Duration  { return orDefault(s.SubmitTimeout, 10*time.Minute) }
func (s *SMTP) grace() time.Duration          { return orDefault(s.Grace, 5*time.Second) }

// Longest is how long sending one notice can take over an open connection: RSET, EHLO, MAIL, RCPT, DATA, the data, and the reply to the
// dot. A lease must be longer.
func (s *SMTP) Longest() time.Duration { return 6*s.commandTimeout() + s.submitTimeout() }

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}

// errServer marks failures that no notice is to blame for: the server cannot be reached, its certificate is wrong, the login is refused.
// errLogin marks those among them that will not pass by waiting.
var (
	errServer = errors.New("submission server")
	errLogin  = errors.New("login refused")
)

// Check connects, negotiates TLS, logs in and says NOOP. It sends no mail.
func (s *SMTP) Check(ctx context.Context) error {
	c, err := s.open(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.client.Noop(); err != nil {
		return fmt.Errorf("%w %s: NOOP: %w", errServer, s.Addr, err)
	}
	return nil
}

// open makes a connection that is ready for mail. The context's end closes it.
func (s *SMTP) open(ctx context.Context) (*session, error) {
	wrap := func(err error) error {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("%w %s: %w", errServer, s.Addr, err)
	}
	g, client, err := s.connect(ctx)
	if err != nil {
		return nil, wrap(err)
	}
	c := &session{guard: g, client: client, smtp: s}
	c.stop = context.AfterFunc(ctx, c.cut)
	if err := client.Hello(orName(s.Helo)); err != nil {
		c.close()
		return nil, wrap(fmt.Errorf("EHLO: %w", err))
	}
	if err := s.authenticate(ctx, client); err != nil {
		c.close()
		var reply *smtp.SMTPError
		if errors.As(err, &reply) && reply.Code >= 500 {
			err = fmt.Errorf("%w: %w", errLogin, err)
		}
		return nil, wrap(fmt.Errorf("AUTH: %w", err))
	}
	return c, nil
}

func orName(helo string) string {
	if helo == "" {
		return "localhost"
	}
	return helo
}

func (s *SMTP) connect(ctx context.Context) (*guard, *smtp.Client, error) {
	config, err := s.tlsConfig()
	if err != nil {
		return nil, nil, err
	}
	dialling, cancel := context.WithTimeout(ctx, s.dialTimeout())
	defer cancel()
	conn, err := new(net.Dialer).DialContext(dialling, "tcp", s.Addr)
	if err != nil {
		return nil, nil, err
	}
	g := newGuard(conn, s.commandTimeout())
	// Greeting, STARTTLS and handshake happen inside the library, which knows no context.
	stop := context.AfterFunc(dialling, func() { _ = conn.Close() })
	client, err := s.protect(dialling, g, config)
	if !stop() && err == nil {
		err = dialling.Err()
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return g, client, nil
}

func (s *SMTP) protect(ctx context.Context, g *guard, config *tls.Config) (*smtp.Client, error) {
	switch s.TLS {
	case Implicit, "":
		secure := tls.Client(g, config)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("TLS: %w", err)
		}
		return smtp.NewClient(secure), nil
	case StartTLS:
		client, err := smtp.NewClientStartTLS(g, config)
		if err != nil {
			return nil, fmt.Errorf("STARTTLS: %w", err)
		}
		return client, nil
	case None:
		if !loopback(g.RemoteAddr()) {
			return nil, errors.New("a connection without TLS is allowed to this machine only: set tls to implicit or starttls")
		}
		return smtp.NewClient(g), nil
	}
	return nil, fmt.Errorf("tls %q is not known", s.TLS)
}

func loopback(a net.Addr) bool {
	ap, err := netip.ParseAddrPort(a.String())
	return err == nil && ap.Addr().Unmap().IsLoopback()
}

func (s *SMTP) tlsConfig() (*tls.Config, error) {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if s.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %s holds no certificate in PEM form", s.CAFile)
	}
	return config, nil
}
