package mailbox

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// Ways to protect the connection.
const (
	TLSImplicit = "implicit" // TLS from the first byte (RFC 8314)
	TLSStart    = "starttls" // mandatory once asked for
	TLSNone     = "none"     // only to this machine itself
)

// Ways to log in.
const (
	AuthPlain       = "plain"       // RFC 4616
	AuthLogin       = "login"       // the LOGIN command
	AuthXOAuth2     = "xoauth2"     // Microsoft 365, Google
	AuthOAuthBearer = "oauthbearer" // RFC 7628
)

// Action is what is done on the server after a message has been settled.
type Action string

const (
	Leave   Action = ""     // nothing: the folder is opened read-only
	SetFlag Action = "flag" // a keyword is added
	Move    Action = "move" // to a folder, only where the server announces MOVE (RFC 6851)
)

// After says what is done on the server once a message's outcome is committed.
type After struct {
	Action  Action
	Flag    string                  // keyword, for SetFlag
	Folders map[bridge.State]string // for Move; states without a folder stay where they are
}

// Options describe one account.
type Options struct {
	Name     string    // in configuration, log and metrics
	Receiver string    // id of the receiving agency
	Start    time.Time // mandatory: mail with an older INTERNALDATE is imported, never judged

	Host    string
	Port    int    // 0: 993, or 143 without implicit TLS
	TLS     string // empty: implicit
	CAFile  string // PEM; empty: RootCAs, or those of the system
	RootCAs *x509.CertPool

	User   string
	Auth   string                                                                 // empty: plain
	Secret func(ctx context.Context) (string, error)                              // the password, for plain and login
	Token  func(ctx context.Context) (token string, expires time.Time, err error) // for xoauth2 and oauthbearer; zero expires: unknown

	Folders         []string      // empty: INBOX
	ForceSpecialUse bool          // also watch \Sent, \Drafts, \All, \Trash, \Junk
	Poll            time.Duration // how often the folder is looked at whatever IDLE says; 0: 60 s
	IdleMax         time.Duration // how long one IDLE lasts; 0 or more than 9 min: 9 min
	SilentAfter     time.Duration // without proof of life for so long an alarm is raised; 0: 10 min
	After           After
	MaxMessage      int64 // bytes; larger messages are failed with this reason. 0: 200 MiB
	MaxConnections  int   // to the server at a time; 0: one per folder. Folders above it take turns
}

// Deps are what a watcher works with.
type Deps struct {
	Door    *bridge.Door
	Ledger  bridge.Ledger
	Leases  bridge.Leases
	Actions bridge.ServerActions
	// Alarm and Clear raise and clear an alarm by its key. They may be called again for the same state.
	Alarm func(ctx context.Context, a bridge.Alarm)
	Clear func(ctx context.Context, key string)
	Meter bridge.Meter
	Log   *slog.Logger
	Now   func() time.Time
	Owner string // of leases; another one for every process
	// Marked says whether a header block bears a mark of secrecy: then it is all that is taken of its message. Nil: whole messages are
	// fetched at once.
	Marked func(header []byte) bool
	// Dial connects to the server; nil: TCP with keep-alive.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// withDefaults fills in what was left out and reports everything that is wrong.
func (o Options) withDefaults() (Options, error) {
	o.TLS, o.Auth = cmp.Or(o.TLS, TLSImplicit), cmp.Or(o.Auth, AuthPlain)
	faults := o.faults()
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		o.RootCAs = x509.NewCertPool()
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("read ca file: %w", err))
		case !o.RootCAs.AppendCertsFromPEM(pem):
			faults = append(faults, fmt.Errorf("ca file %s holds no certificate", o.CAFile))
		}
	}
	if o.Port == 0 {
		o.Port = 993
		if o.TLS != TLSImplicit {
			o.Port = 143
		}
	}
	if len(o.Folders) == 0 {
		o.Folders = []string{"INBOX"}
	}
	if o.Poll <= 0 {
		o.Poll = time.Minute
	}
	if o.SilentAfter <= 0 {
		o.SilentAfter = 10 * time.Minute
	}
	if o.IdleMax <= 0 || o.IdleMax > 9*time.Minute {
		o.IdleMax = 9 * time.Minute
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = 200 << 20
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = len(o.Folders)
	}
	return o, errors.Join(faults...)
}

func (o Options) faults() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	need := func(ok bool, what string) {
		if !ok {
			fault("%s is missing", what)
		}
	}
	need(o.Name != "", "name")
	need(o.Receiver != "", "receiver")
	need(!o.Start.IsZero(), "start")
	need(o.Host != "", "host")
	need(o.User != "", "user")
	switch o.TLS {
	case TLSImplicit, TLSStart:
	case TLSNone:
		if !loopback(o.Host) {
			fault("tls none is allowed to this machine only, not to %s", o.Host)
		}
	default:
		fault("tls %q is unknown", o.TLS)
	}
	switch o.Auth {
	case AuthPlain, AuthLogin:
		need(o.Secret != nil, "password")
	case AuthXOAuth2, AuthOAuthBearer:
		need(o.Token != nil, "token")
	default:
		fault("auth %q is unknown", o.Auth)
	}
	switch o.After.Action {
	case Leave:
	case SetFlag:
		need(o.After.Flag != "", "flag")
	case Move:
		need(len(o.After.Folders) > 0, "folder to move to")
	default:
		fault("action %q is unknown", o.After.Action)
	}
	return faults
}

func (o Options) address() string { return net.JoinHostPort(o.Host, strconv.Itoa(o.Port)) }

// account is the identity of the account in the ledger: the same folder on another server or of another user is another folder.
func (o Options) account() string { return o.User + "@" + o.address() }

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
