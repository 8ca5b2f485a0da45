package outbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Auth names how we prove to the server who we are. The zero value takes PLAIN or LOGIN, whichever the server offers first in that order.
type Auth string

const (
	AuthPlain       Auth = "plain"       // RFC 4616
	AuthLogin       Auth = "login"       // older servers
	AuthXOAuth2     Auth = "xoauth2"     // Google, Microsoft
	AuthOAuthBearer Auth = "oauthbearer" // RFC 7628
)

// authenticate logs in when there is a user. The secret is asked for at every connection, so that a new password or token is taken up.
func (s *SMTP) authenticate(ctx context.Context, c *smtp.Client) error {
	if s.User == "" {
		return nil
	}
	if s.Secret == nil {
		return errors.New("a user is set, but neither password nor token")
	}
	secret, err := s.Secret(ctx)
	if err != nil {
		return fmt.Errorf("get password or token: %w", err)
	}
	mechanism, err := s.mechanism(c, secret)
	if err != nil {
		return err
	}
	return c.Auth(mechanism)
}

// mechanism is the one that was asked for. A server that does not offer it is not told the secret.
func (s *SMTP) mechanism(c *smtp.Client, secret string) (sasl.Client, error) {
	auth := s.Auth
	switch {
	case auth != "":
	case c.SupportsAuth(sasl.Plain):
		auth = AuthPlain
	case c.SupportsAuth(sasl.Login):
		auth = AuthLogin
	default:
		return nil, errors.New("server offers neither AUTH PLAIN nor AUTH LOGIN")
	}
	if !c.SupportsAuth(string(auth)) {
		return nil, fmt.Errorf("server does not offer AUTH %s", auth)
	}
	switch auth {
	case AuthPlain:
		return sasl.NewPlainClient("", s.User, secret), nil
	case AuthLogin:
		return &login{answers: []string{s.User, secret}}, nil
	case AuthXOAuth2:
		return &xoauth2{user: s.User, token: secret}, nil
	case AuthOAuthBearer:
		return s.bearer(secret)
	}
	return nil, fmt.Errorf("auth %q is not known", auth)
}

func (s *SMTP) bearer(token string) (sasl.Client, error) {
	host, text, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return nil, fmt.Errorf("address of the server: %w", err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("port of the server: %w", err)
	}
	return sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: s.User, Token: token, Host: host, Port: port}), nil
}

// login answers the first question with the user and the second with the password, whatever the server calls them: servers differ in the
// wording, and some ignore an initial response.
type login struct{ answers []string }

func (l *login) Start() (string, []byte, error) { return sasl.Login, nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	next := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(next), nil
}

// xoauth2 is the mechanism of Google and Microsoft. A refusal comes as a challenge, which an empty answer turns into the final reply.
type xoauth2 struct {
	user, token string
	refused     bool
}

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

func (x *xoauth2) Next([]byte) ([]byte, error) {
	if x.refused {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	x.refused = true
	return []byte{}, nil
}
