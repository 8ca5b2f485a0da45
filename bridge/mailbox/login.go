package mailbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
)

// errRefused says that the server knows us and does not let us in. Trying again soon cannot help and may lock the account.
var errRefused = errors.New("login refused")

// tokenLeft is how long a token must live, or it is renewed.
const tokenLeft = 15 * time.Minute

// login proves who we are. The secret goes nowhere but to the server.
func (s *session) login(ctx context.Context) error {
	how := s.w.o.Auth
	var mechanism sasl.Client
	switch how {
	case AuthPlain, AuthLogin:
		secret, err := s.w.o.Secret(ctx)
		if err != nil {
			return fmt.Errorf("get password: %w", err)
		}
		if how == AuthLogin {
			return s.do("log in", commandTime, func() error {
				if s.client.Caps().Has(imap.CapLoginDisabled) {
					return errors.New("server does not allow LOGIN on this connection")
				}
				return refused(s.client.Login(s.w.o.User, secret).Wait())
			})
		}
		mechanism = sasl.NewPlainClient("", s.w.o.User, secret)
	case AuthXOAuth2, AuthOAuthBearer:
		token, err := s.w.token(ctx)
		if err != nil {
			return err
		}
		if how == AuthXOAuth2 {
			mechanism = &xoauth2{user: s.w.o.User, token: token}
		} else {
			mechanism = sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: s.w.o.User, Token: token, Host: s.w.o.Host, Port: s.w.o.Port})
		}
	}
	return s.do("log in", commandTime, func() error { return refused(s.client.Authenticate(mechanism)) })
}

// refused tells a refusal from everything else that can go wrong. A server that is overloaded says so in a response code (RFC 5530).
func refused(err error) error {
	var answer *imap.Error
	var bearer *sasl.OAuthBearerError
	switch {
	case errors.As(err, &answer):
		switch answer.Code {
		case imap.ResponseCodeUnavailable, imap.ResponseCodeLimit, imap.ResponseCodeInUse, imap.ResponseCodeServerBug, imap.ResponseCodeContactAdmin:
			return err
		}
		if answer.Type == imap.StatusResponseTypeBye {
			return err
		}
		return fmt.Errorf("%w: %w", errRefused, err)
	case errors.As(err, &bearer), errors.Is(err, errXOAuth2):
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	return err
}

// xoauth2 is the SASL mechanism of Microsoft and Google for OAuth 2.0 tokens; it is not registered.
type xoauth2 struct{ user, token string }

var errXOAuth2 = errors.New("server does not accept the token")

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next gets a challenge only when the token was refused: a JSON object that says why, which is for the programmer of the token.
func (x *xoauth2) Next([]byte) ([]byte, error) { return nil, errXOAuth2 }

// token gives a valid token. One that is near its end is asked for anew; when it stays near its end, nobody renews it, and an alarm is
// raised while there is still time.
func (w *Watcher) token(ctx context.Context) (string, error) {
	w.tokenMu.Lock()
	defer w.tokenMu.Unlock()
	now := w.deps.Now()
	if w.tokenText != "" && !w.tokenEnd.IsZero() && w.tokenEnd.Sub(now) > tokenLeft {
		return w.tokenText, nil
	}
	token, end, err := w.o.Token(ctx)
	if err != nil {
		w.alarms.raise(ctx, alarmToken, "", "không lấy được mã truy cập (token) mới")
		return "", fmt.Errorf("get token: %w", err)
	}
	w.tokenText, w.tokenEnd = token, end
	if !end.IsZero() && end.Sub(now) <= tokenLeft {
		w.alarms.raise(ctx, alarmToken, "", "mã truy cập (token) hết hạn lúc "+end.In(vietnam).Format("15:04 02/01/2006")+" mà chưa được cấp mới")
	} else {
		w.alarms.clear(ctx, alarmToken, "")
	}
	return token, nil
}

// checkToken looks at a token between logins, so that the alarm comes before the server refuses it.
func (w *Watcher) checkToken(ctx context.Context) {
	if w.o.Token == nil || w.o.Auth != AuthXOAuth2 && w.o.Auth != AuthOAuthBearer {
		return
	}
	if _, err := w.token(ctx); err != nil && ctx.Err() == nil {
		w.log.WarnContext(ctx, "token is not renewed", "error", err)
	}
}

var vietnam = time.FixedZone("+07", 7*60*60)

// loggedIn makes sure that nobody but the login opened the account: a connection that is authenticated from the start (PREAUTH) is
// somebody else's idea.
func (s *session) loggedIn() error {
	if st := s.client.State(); st != imap.ConnStateNotAuthenticated {
		return fmt.Errorf("server greets with state %v instead of asking for a login", st)
	}
	return nil
}

var _ sasl.Client = (*xoauth2)(nil)

// newClient puts the library on a guarded connection.
func (s *session) newClient() *imapclient.Client {
	return imapclient.New(s.conn, &imapclient.Options{UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		// These run on the reader of the connection: they may neither block nor use the client.
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				s.exists.Store(*d.NumMessages)
				select {
				case s.wake <- struct{}{}:
				default:
				}
			}
		},
		Expunge: func(uint32) { s.expunged.Store(true) },
	}})
}
