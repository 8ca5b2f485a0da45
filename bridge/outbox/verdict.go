package outbox

import (
	"errors"
	"time"

	"github.com/emersion/go-smtp"
)

// verdict is what follows from one try.
type verdict int

const (
	later    verdict = iota // the notice is tried again: the zero value loses nothing
	sent                    // the server has it
	dead                    // the server refused it for good: a person is needed
	lost                    // the connection ended before the dot: the server has nothing
	unclear                 // … after the dot: nobody knows, so it is sent again with the same bytes
	notNow                  // we had no time left
	ourFault                // the server wants another login: no notice is to blame
)

func judge(err error) verdict {
	if err == nil {
		return sent
	}
	if errors.Is(err, errNotNow) {
		return notNow
	}
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return later
	}
	reply, ok := errors.AsType[*smtp.SMTPError](err)
	switch {
	case !ok && f.at == afterIt:
		return unclear
	case !ok:
		return lost
	case reply.Code == 421 && f.at != afterIt: // RFC 5321, 3.8: the server is closing the connection
		return lost
	case f.at == atMail && wantsLogin(reply.Code):
		return ourFault
	case reply.Code >= 500:
		return dead
	}
	return later
}

// wantsLogin are the replies to MAIL that mean "log in first" or "not over this connection" (RFC 4954, 6), and 502, which some servers
// say instead.
func wantsLogin(code int) bool {
	switch code {
	case 502, 530, 534, 535, 538:
		return true
	}
	return false
}

// backoff is how long a notice waits after its nth try.
func backoff(attempt int) time.Duration {
	steps := [...]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}
	return steps[min(max(attempt, 1), len(steps))-1]
}
