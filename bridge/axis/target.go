package axis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Target delivers records through an axis, to the document system of their receiving agency, in the name of the agency that they are from.
//
// Every try at one delivery makes the same package: the same DocumentId and the same words about what it does to an earlier one. So a package
// that the axis has can be told from any other, and nothing is sent again that it has.
type Target struct {
	Label string // name in the configuration
	Axis  bridge.Axis
	// From gives the agency's code and name as they are now, To those of a receiving agency.
	From func(directory.Match) (edxml.Organ, bool)
	To   func(receiver string) (edxml.Organ, bool)
	// Types numbers types of documents as this axis wants them; nil: by SĐ1:2022.
	Types edxml.Numbering
	// Again sends a package a second time where the axis cannot be asked whether it has the first: only for receivers that drop packages with
	// an identity that they know.
	Again bool
	Spool string // folder for packages while they are built; empty: that of the system

	mu        sync.Mutex
	untouched map[string]int64 // guarded by mu: fences of claims of deliveries, made by us, that cannot have left anything
	seen      map[string]mark  // guarded by mu: what packages of the axis are, which never changes
}

// Codes of deliveries that failed; stable for ever.
const (
	CodeNoSender   = "axis-no-sender"   // the agency that the document is from has no code
	CodeNoReceiver = "axis-no-receiver" // our own agency has none
	CodeInvalid    = "axis-invalid"     // the record lacks what a package must have
	CodeSecret     = "axis-secret"      // it bears a mark of secrecy, and is never sent
	CodeUnclear    = "axis-unclear"     // nobody can tell whether an earlier try arrived
	CodeRefused    = "axis-refused"     // the axis does not take it
	CodeLogin      = "axis-login"       // the axis does not take our account
	CodeAway       = "axis-away"        // it was not reached
	CodeAnswer     = "axis-answer"      // its answer is no success, and may be another next time
	CodeFiles      = "axis-files"       // our own files could not be read or written
)

// Name implements bridge.Target.
func (t *Target) Name() string { return t.Label }

// Withdraws implements bridge.Withdrawer: what was struck out is recalled by a package of its own.
func (t *Target) Withdraws() bool { return true }

// Deliver implements bridge.Target.
func (t *Target) Deliver(ctx context.Context, d bridge.Dispatch, files bridge.Files) (bridge.DispatchReply, error) {
	e, err := t.document(d)
	if err != nil {
		return bridge.DispatchReply{}, err
	}
	if d.Asked && !t.known(d) {
		sent, found, err := t.already(ctx, d, &e)
		switch {
		case err != nil:
			return bridge.DispatchReply{}, err
		case found:
			return bridge.DispatchReply{RemoteID: sent.DocID, Text: "trục đã nhận từ lần gửi trước"}, nil
		}
	}
	spool, size, err := t.build(ctx, e, d, files)
	if err != nil {
		return bridge.DispatchReply{}, err
	}
	defer spool.drop()
	docID, err := t.Axis.Send(ctx, e.From.ID, edxml.KindEdoc, size, spool)
	t.note(d, err)
	if err != nil {
		return bridge.DispatchReply{}, told(err)
	}
	return bridge.DispatchReply{RemoteID: docID}, nil
}

// maxRemembered bounds what is remembered: forgetting costs a question.
const maxRemembered = 10_000

// mark is what tells one sending of a document from another: the same document goes to each of our agencies under one identity.
type mark struct {
	documentID string
	to         string // codes
	kind       edxml.Change
	reason     string
}

func markOf(e *edxml.Edoc) mark {
	to := make([]string, len(e.To))
	for i, organ := range e.To {
		to[i] = directory.NormalCode(organ.ID)
	}
	slices.Sort(to)
	return mark{e.DocumentID, strings.Join(to, ","), e.Business.Kind, e.Business.Reason}
}

// note remembers a try that cannot have left anything.
func (t *Target) note(d bridge.Dispatch, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.untouched == nil || len(t.untouched) > maxRemembered {
		t.untouched = map[string]int64{}
	}
	if errors.Is(err, bridge.ErrUntouched) {
		t.untouched[d.ID] = d.Job.Fence
	} else {
		delete(t.untouched, d.ID)
	}
}

// known says whether the last try was made by us and left nothing. Where another daemon had the delivery in hand since then, that one's try was
// the last.
func (t *Target) known(d bridge.Dispatch) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	fence, ok := t.untouched[d.ID]
	return ok && d.Job.Before == fence+1
}

// failed makes an error for a person.
func failed(code, reply string, err error, final bool) error {
	if final {
		err = errors.Join(err, bridge.ErrPermanent)
	}
	return &bridge.TargetError{Code: code, Reply: reply, Unclear: code == CodeUnclear, Unsent: true, Err: err}
}

// told turns an error of the axis into one of a delivery.
func told(err error) *bridge.TargetError {
	out := &bridge.TargetError{Code: CodeAnswer, Err: err}
	said, ok := errors.AsType[*bridge.AxisError](err)
	if ok {
		out.Reply = words(said)
	}
	switch {
	case errors.Is(err, bridge.ErrPermanent):
		out.Code = CodeRefused
	case errors.Is(err, bridge.ErrLogin):
		out.Code, out.Away = CodeLogin, true
	case !ok || said.Status == 0 || said.Status >= 500 && errors.Is(err, bridge.ErrUntouched):
		out.Code, out.Away = CodeAway, true
	}
	return out
}

// words are what the axis said, for people.
func words(e *bridge.AxisError) string {
	var parts []string
	if e.Status != 0 && e.Status != 200 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	if e.Code != "" {
		parts = append(parts, "mã lỗi "+e.Code)
	}
	if e.Text != "" {
		parts = append(parts, e.Text)
	}
	if len(parts) == 0 {
		return "không liên lạc được với trục"
	}
	return strings.Join(parts, ": ")
}

// build writes the package into a spool file. What it says does not depend on when it is built.
func (t *Target) build(ctx context.Context, e edxml.Edoc, d bridge.Dispatch, files bridge.Files) (spooled, int64, error) {
	s, err := newSpooled(t.Spool)
	if err != nil {
		return spooled{}, 0, failed(CodeFiles, "", err, false)
	}
	if err := edxml.Encode(s, e, contents(ctx, d.Payload.Record.Files, files)); err != nil {
		s.drop()
		return spooled{}, 0, unwritable(err)
	}
	info, err := s.Stat()
	if err != nil {
		s.drop()
		return spooled{}, 0, failed(CodeFiles, "", fmt.Errorf("look at spool file: %w", err), false)
	}
	return s, info.Size(), nil
}

// unwritable says why a record could not become a package.
func unwritable(err error) error {
	if errors.Is(err, edxml.ErrSecret) {
		return failed(CodeSecret, "văn bản có dấu chỉ độ mật: không được gửi qua trục", err, true)
	}
	if invalid, ok := errors.AsType[*edxml.InvalidError](err); ok {
		var notes []string
		for _, f := range invalid.Findings {
			if f.Severity == edxml.Fault {
				notes = append(notes, f.Path+": "+f.Note)
			}
		}
		return failed(CodeInvalid, "chưa đủ dữ liệu để gửi qua trục: "+strings.Join(notes, " "), err, true)
	}
	return failed(CodeFiles, "", err, false)
}
