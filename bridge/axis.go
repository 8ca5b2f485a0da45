package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Axis is one account on the document exchange (trục liên thông văn bản). Whoever calls tries again: an axis makes one call for each method
// and keeps nothing. It may be used by several at a time. Errors wrap ErrPermanent where trying again cannot help; an answer that is cut
// off, no answer of an axis (an HTML page), or tells of a failure is an error, never a success. Texts of the axis are in AxisError.
type Axis interface {
	// Send hands over one package of size bytes and gives the axis' own id for it. It is not idempotent: after any error that does not wrap
	// ErrUntouched the package may have been stored, and Sent is to be asked before it is sent again.
	Send(ctx context.Context, from string, kind edxml.Kind, size int64, r io.ReadSeeker) (docID string, err error)
	// Received lists what lies in the account's inbox, from since on where the axis can be told so. Items may come again, in any order, and
	// after they were acknowledged.
	Received(ctx context.Context, kind edxml.Kind, since time.Time) ([]AxisItem, error)
	// Fetch gives a package of the inbox, as the axis wraps it (edxml.Peel). Reading ends with an error when it is cut off.
	Fetch(ctx context.Context, docID string) (io.ReadCloser, error)
	// Ack tells the axis what became of its copy of a package. It says nothing about the document: that is a status package. It is idempotent.
	Ack(ctx context.Context, docID string, t AxisTransport) error
	// Sent lists what the axis has of what was sent, as far as it fits the question. No item and no error means that it was not stored. The
	// error wraps ErrCannotAsk when this axis has no way of being asked.
	Sent(ctx context.Context, q AxisQuestion) ([]AxisSent, error)
	// Agencies lists the organisations on the axis, with both codes where it has them. The list is whole, or there is an error.
	Agencies(ctx context.Context) ([]directory.Listed, error)
}

// Errors of targets and axes, beside ErrPermanent.
var (
	ErrUntouched = errors.New("nothing was handed over")   // the target cannot have stored anything: no need to ask before the next try
	ErrCannotAsk = errors.New("target cannot be asked")    // it has no way to tell what it has stored
	ErrLogin     = errors.New("account refused")           // the target does not accept who we are: an administrator must look, then it is tried again
	ErrUnusable  = errors.New("answer cannot be made out") // cut off, no JSON, an HTML page: nothing is known
	ErrFail      = errors.New("axis reports a failure")    // it understood and did not do it
	ErrRedirect  = errors.New("answered with a redirect")  // never followed: what is signed is for one host
	ErrOversize  = errors.New("answer is over its limit")  // of size
	ErrSkew      = errors.New("clocks are too far apart")  // a signed call would not be accepted
	ErrGone      = errors.New("axis does not have it (any more)")
)

// AxisTransport is what became of the axis' copy of a package.
type AxisTransport string

const (
	AxisInitial    AxisTransport = "initial"    // nobody has fetched it
	AxisProcessing AxisTransport = "processing" // is being fetched
	AxisDone       AxisTransport = "done"       // stored by its receiver
	AxisFail       AxisTransport = "fail"       // given up: only a person says so
)

// AxisItem is a package in the inbox of an account.
type AxisItem struct {
	DocID     string // the axis' own, one for each receiver
	Kind      edxml.Kind
	From, To  string // codes as the axis has them; may be empty
	Created   time.Time
	Updated   time.Time
	Transport AxisTransport // as the axis has it; other words are kept
}

// AxisQuestion names one sending that may have been stored.
type AxisQuestion struct {
	Kind       edxml.Kind
	From, To   string
	DocumentID string    // of the package
	Code       string    // whole số ký hiệu
	DocID      string    // the axis' id, when it is known
	Since      time.Time // when it was first tried
}

// AxisSent is one package that the axis has stored. Not every axis tells everything; what it does not tell is empty.
type AxisSent struct {
	DocID      string // by which the sender may fetch it
	ReceiverID string // the id of the receiver's copy
	DocumentID string
	From, To   string
	Code       string // số ký hiệu, or its notation alone
	Title      string
	At         time.Time // by our clock, as far as the axis' clock is known; zero: unknown
	Failed     bool      // the axis could not pass it on
}

// maxAxisText is how much of an axis' words is kept for people, in characters.
const maxAxisText = 300

// AxisError is a failure as an axis told it.
type AxisError struct {
	Op     string // the call
	Status int    // of HTTP; 0: no answer
	Code   string // the axis' own code for it
	Text   string // its words, for people: bounded, on one line
	Cause  error  // one of the errors above, or that of the network; may be nil
	Final  bool   // trying again cannot help
}

// NewAxisError bounds and cleans the words.
func NewAxisError(op string, status int, code, text string, cause error, final bool) *AxisError {
	return &AxisError{Op: op, Status: status, Code: AxisText(code), Text: AxisText(text), Cause: cause, Final: final}
}

// Error says what happened, with the axis' words in quotes.
func (e *AxisError) Error() string {
	var b strings.Builder
	b.WriteString("axis call " + e.Op)
	if e.Status != 0 && e.Status != 200 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(": code " + strconv.Quote(e.Code))
	}
	if e.Text != "" {
		b.WriteString(": " + strconv.Quote(e.Text))
	}
	if e.Cause != nil {
		b.WriteString(": " + e.Cause.Error())
	}
	return b.String()
}

// Unwrap lets errors.Is find the cause, and ErrPermanent.
func (e *AxisError) Unwrap() []error {
	var out []error
	if e.Cause != nil {
		out = append(out, e.Cause)
	}
	if e.Final {
		out = append(out, ErrPermanent)
	}
	return out
}

// AxisText brings words of a stranger onto one line of bounded length, without control characters and what is no UTF-8.
func AxisText(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))), " ")
	if runes := []rune(s); len(runes) > maxAxisText {
		return string(runes[:maxAxisText-1]) + "…"
	}
	return s
}
