package axis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// caller makes calls to one server.
type caller struct {
	o      Options
	base   *url.URL
	client *http.Client
	skew   atomic.Pointer[time.Duration] // the server's clock minus ours, by the last answer that told it
}

func newCaller(o Options) (*caller, error) {
	o, base, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	return &caller{o: o, base: base, client: client}, nil
}

// Close lets go of idle connections.
func (c *caller) Close() { c.client.CloseIdleConnections() }

// call is one request.
type call struct {
	op     string
	method string
	path   string // below the base, with its query
	header http.Header
	body   io.Reader // nil: none
	size   int64     // of the body
	// most is how many bytes of the answer are read.
	most int64
}

// answer is a response whose body is read under a limit, and under the clock: it fails when nothing comes for Options.Timeout.
type answer struct {
	io.Reader
	op     string
	status int
	close  func()
}

// Close ends the call.
func (a *answer) Close() error {
	a.close()
	return nil
}

// longest is how many times Options.Timeout a call may take in all, however steadily it trickles.
const longest = 30

// do makes the call. Anything but 200 is an error. An error before anything was written wraps bridge.ErrUntouched.
func (c *caller) do(ctx context.Context, r call) (*answer, error) {
	ctx, expire := context.WithTimeoutCause(ctx, longest*c.o.Timeout, errStill)
	ctx, cancel := context.WithCancelCause(ctx)
	clock := &standstill{limit: c.o.Timeout, cancel: cancel}
	clock.begin()
	end := func() { clock.stop(); cancel(nil); expire() }
	var touched atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { touched.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+r.path, nil)
	if err != nil {
		end()
		return nil, bridge.NewAxisError(r.op, 0, "", "", errors.Join(bridge.ErrUntouched, errors.New("no such address")), true)
	}
	request.Header = r.header
	if r.body != nil {
		request.Body, request.ContentLength = io.NopCloser(&watched{r: r.body, clock: clock}), r.size
	}
	response, err := c.client.Do(request)
	if err != nil {
		defer end()
		return nil, c.netError(ctx, r.op, touched.Load(), err)
	}
	c.noteClock(response.Header.Get("Date"))
	body := &watched{r: &limited{r: response.Body, left: r.most}, clock: clock}
	a := &answer{Reader: &named{r: body, ctx: ctx, op: r.op}, op: r.op, status: response.StatusCode, close: func() { response.Body.Close(); end() }}
	if response.StatusCode != http.StatusOK {
		defer a.Close()
		return nil, c.statusError(a)
	}
	return a, nil
}

// netError is a failure of the network. Its words do not repeat the address: that is known, and could hold what is not for people.
func (c *caller) netError(ctx context.Context, op string, touched bool, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	} else if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if !touched {
		err = errors.Join(bridge.ErrUntouched, err)
	}
	return bridge.NewAxisError(op, 0, "", "", err, false)
}

// statusError reads what an answer other than 200 says.
func (c *caller) statusError(a *answer) error {
	head, err := io.ReadAll(io.LimitReader(a, 16<<10))
	if err != nil && len(head) == 0 {
		head = nil // the status says enough
	}
	code, text := "", ""
	if r, ok := replyOf(head); ok {
		code, text = r.code(), r.text()
	} else {
		text = wordsOf(head)
	}
	final, cause := false, error(bridge.ErrFail)
	switch {
	case a.status >= 300 && a.status < 400:
		cause = errors.Join(bridge.ErrRedirect, bridge.ErrUntouched)
	case a.status == http.StatusUnauthorized || a.status == http.StatusForbidden:
		cause = errors.Join(bridge.ErrLogin, bridge.ErrUntouched)
	case a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusTooManyRequests:
		cause = errors.Join(bridge.ErrFail, bridge.ErrUntouched)
	case a.status == http.StatusRequestEntityTooLarge:
		cause, final = errors.Join(bridge.ErrFail, bridge.ErrUntouched), true
	}
	return bridge.NewAxisError(a.op, a.status, code, text, cause, final)
}

// noteClock compares the server's clock with ours.
func (c *caller) noteClock(date string) {
	if at, err := http.ParseTime(date); err == nil {
		skew := at.Sub(c.o.Now()).Truncate(time.Second)
		c.skew.Store(&skew)
	}
}

// Skew tells how much the server's clock was ahead of ours at its last answer.
func (c *caller) Skew() (time.Duration, bool) {
	if p := c.skew.Load(); p != nil {
		return *p, true
	}
	return 0, false
}

// ours turns an instant of the server's clock into one of ours.
func (c *caller) ours(at time.Time) time.Time {
	if skew, ok := c.Skew(); ok && !at.IsZero() {
		return at.Add(-skew)
	}
	return at
}

// whole reads an answer to its end.
func (a *answer) whole() ([]byte, error) {
	defer a.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(a); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// errStill says that nothing moved for too long.
var errStill = errors.New("no answer in time")

// standstill ends a call when nothing moves for limit.
type standstill struct {
	limit  time.Duration
	cancel context.CancelCauseFunc
	timer  *time.Timer
}

func (s *standstill) begin() {
	s.timer = time.AfterFunc(s.limit, func() { s.cancel(errStill) })
}
func (s *standstill) moved() { s.timer.Reset(s.limit) }
func (s *standstill) stop()  { s.timer.Stop() }

// watched tells the clock of every byte that moves.
type watched struct {
	r     io.Reader
	clock *standstill
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.clock.moved()
	}
	return n, err
}

// limited fails with bridge.ErrOversize when there is more than left.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		l.left = 0
		return max(n-1, 0), bridge.ErrOversize
	}
	return n, err
}

// named says of which call a read failed.
type named struct {
	r   io.Reader
	ctx context.Context
	op  string
}

func (n *named) Read(p []byte) (int, error) {
	k, err := n.r.Read(p)
	if err == nil || err == io.EOF {
		return k, err
	}
	if cause := context.Cause(n.ctx); cause != nil {
		err = cause
	}
	return k, bridge.NewAxisError(n.op, http.StatusOK, "", "", fmt.Errorf("read answer: %w", err), false)
}
