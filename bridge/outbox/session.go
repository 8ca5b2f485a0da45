package outbox

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"

	"github.com/giaolien/giaolien/bridge/notice"
)

// session is one connection that is logged in. It carries one notice after another.
type session struct {
	guard  *guard
	client *smtp.Client
	smtp   *SMTP
	stop   func() bool // takes the session out of the context's care
	used   bool        // it has carried a notice before
	dirty  bool        // a transaction was begun and refused

	mu     sync.Mutex // guards dotted
	dotted bool       // the final dot is out and its reply is not yet here
}

// stage is how far a notice came.
type stage string

const (
	atMail  stage = "MAIL"
	atRcpt  stage = "RCPT"
	atData  stage = "DATA"
	atBody  stage = "the data"
	afterIt stage = "the final dot"
)

// failure is why a notice was not handed over.
type failure struct {
	at  stage
	err error
}

func (f *failure) Error() string { return fmt.Sprintf("at %s: %v", f.at, f.err) }
func (f *failure) Unwrap() error { return f.err }

// errNotNow marks a notice that was not sent because there is no time left for it: the context has ended or the lease is nearly over.
var errNotNow = errors.New("no time left")

// send hands one notice over and gives the server's reply. ready is asked before DATA and again before the final dot: when it says no,
// the connection is closed without the dot, and the server must throw away what it has (RFC 5321, 4.1.1.4). Errors are *failure.
func (c *session) send(m notice.Rendered, ready func() error) (string, error) {
	defer func() { c.used = true }()
	if err := c.begin(m); err != nil {
		return "", err
	}
	if err := ready(); err != nil {
		return "", &failure{atData, err}
	}
	w, err := c.client.Data()
	if err != nil {
		return "", &failure{atData, err}
	}
	if _, err := w.Write(m.Bytes); err != nil {
		return "", &failure{atBody, err}
	}
	if err := ready(); err != nil {
		return "", &failure{atBody, err}
	}
	c.dot(true)
	c.guard.limit(c.smtp.submitTimeout())
	reply, err := w.CloseWithResponse()
	c.guard.limit(c.smtp.commandTimeout())
	c.dot(false)
	if err != nil {
		return "", &failure{afterIt, err}
	}
	c.dirty = false
	return asciiLine("250 " + reply.StatusText), nil
}

// begin says MAIL and RCPT. A transaction that was refused half-way is reset first. A server that knows delivery status notifications (RFC 3461)
// is asked for those of failure alone, with the header of the notice and not its words, naming the address that we wrote to.
func (c *session) begin(m notice.Rendered) error {
	if c.dirty {
		if err := c.client.Reset(); err != nil {
			return &failure{atMail, err}
		}
	}
	c.dirty = true
	if err := c.client.Mail(m.EnvelopeFrom, &smtp.MailOptions{Size: int64(len(m.Bytes)), Return: smtp.DSNReturnHeaders}); err != nil {
		return &failure{atMail, err}
	}
	if err := c.client.Rcpt(m.EnvelopeTo, &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyFailure},
		OriginalRecipientType: smtp.DSNAddressTypeRFC822, OriginalRecipient: m.EnvelopeTo}); err != nil {
		return &failure{atRcpt, err}
	}
	return nil
}

func (c *session) dot(out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dotted = out
}

// cut ends the session when its context has ended. Once the final dot is out the reply is waited for a little longer, since without it
// nobody knows whether the notice went.
func (c *session) cut() {
	c.mu.Lock()
	waiting := c.dotted
	c.mu.Unlock()
	if waiting {
		c.guard.shorten(c.smtp.grace())
		return
	}
	_ = c.guard.Conn.Close() // whoever uses it gets the error
}

// close says goodbye and closes the connection; a server that does not answer that is not waited for long.
func (c *session) close() {
	if c.stop() {
		c.guard.shorten(c.smtp.grace())
		_ = c.client.Quit() // all that was asked of the server has been answered by now
	}
	_ = c.guard.Conn.Close()
}

// drop closes the connection without a word: for one that is broken, or that has the half of a notice on it.
func (c *session) drop() {
	c.stop()
	_ = c.guard.Conn.Close()
}

// maxReplyText bounds what is kept of a reply, in octets.
const maxReplyText = 400

// asciiLine makes one bounded line of printable ASCII out of what a server said.
func asciiLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case r < ' ' || r >= 0x7f:
			return '?'
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxReplyText {
		s = s[:maxReplyText-3] + "..."
	}
	return s
}

// replyText is what is kept of a failure: the server's own words with both codes, or what happened to the connection.
func replyText(err error) string {
	if r, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return asciiLine(statusText(r) + " " + r.Message)
	}
	if errors.Is(err, errNotNow) || errors.Is(err, errServer) {
		return asciiLine("not tried: " + err.Error())
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return asciiLine(fmt.Sprintf("connection lost at %s: %v", f.at, f.err))
	}
	return asciiLine(err.Error())
}

func statusText(r *smtp.SMTPError) string {
	e := r.EnhancedCode
	if e[0] <= 0 {
		return fmt.Sprint(r.Code)
	}
	return fmt.Sprintf("%d %d.%d.%d", r.Code, e[0], e[1], e[2])
}

// statusOf is the code of a failure for the log, which must not hold the server's words: they can name addresses.
func statusOf(err error) string {
	if r, ok := errors.AsType[*smtp.SMTPError](err); ok {
		return statusText(r)
	}
	if f, ok := errors.AsType[*failure](err); ok {
		return "lost at " + string(f.at)
	}
	return "no reply"
}
