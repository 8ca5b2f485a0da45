package axis

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser/vanban"
)

// already asks the axis whether an earlier try arrived. What its list names is fetched and compared; where the axis does not let a sender do
// that, a new document is known by its number, title and time, and anything less certain is left to a person.
func (t *Target) already(ctx context.Context, d bridge.Dispatch, e *edxml.Edoc) (bridge.AxisSent, bool, error) {
	list, err := t.Axis.Sent(ctx, bridge.AxisQuestion{Kind: edxml.KindEdoc, From: e.From.ID, To: e.To[0].ID, DocumentID: e.DocumentID, Code: e.Code(),
		Since: d.FirstTry})
	if errors.Is(err, bridge.ErrCannotAsk) {
		if t.Again {
			return bridge.AxisSent{}, false, nil
		}
		return bridge.AxisSent{}, false, unclear()
	}
	if err != nil {
		return bridge.AxisSent{}, false, askedInVain(err)
	}
	recalled, err := t.recalled(ctx, d, list, e)
	if err != nil {
		return bridge.AxisSent{}, false, err
	}
	for _, s := range list {
		switch {
		case s.Failed:
			continue
		case recalled.IsZero():
		case s.At.IsZero():
			return bridge.AxisSent{}, false, unclear()
		case !s.At.After(recalled): // of the time before
			continue
		}
		same, err := t.same(ctx, s, e)
		if err != nil {
			return bridge.AxisSent{}, false, err
		}
		if same {
			return s, true, nil
		}
	}
	return bridge.AxisSent{}, false, nil
}

// recalled is when a document that is registered again was recalled last, as far as the axis lists that: its package is the same as the one
// before the recall. While that cannot be told, it is an error.
func (t *Target) recalled(ctx context.Context, d bridge.Dispatch, list []bridge.AxisSent, e *edxml.Edoc) (time.Time, error) {
	var last time.Time
	if d.Event != bridge.DispatchRegistered || d.Seq <= 1 {
		return last, nil
	}
	want := markOf(e)
	for _, s := range list {
		if s.Failed {
			continue
		}
		was, err := t.mark(ctx, s.DocID)
		switch {
		case err != nil && errors.Is(err, bridge.ErrFail):
			return last, unclear()
		case err != nil:
			return last, askedInVain(err)
		case was.kind != edxml.Recalled || was.documentID != want.documentID || was.to != want.to:
		case s.At.IsZero():
			return last, unclear()
		case s.At.After(last):
			last = s.At
		}
	}
	return last, nil
}

// askedInVain is the error of a question: what the axis says of it is not said of the delivery.
func askedInVain(err error) *bridge.TargetError {
	out := told(err)
	out.Unsent = true
	return out
}

func unclear() error {
	return failed(CodeUnclear, "lần gửi trước bị mất trả lời và không thể biết trục đã nhận hay chưa; hãy kiểm tra trên hệ thống quản lý văn bản trước khi gửi lại hoặc hủy",
		errors.New("an earlier try may have arrived"), true)
}

// same compares what the axis lists with what is to be sent. While that cannot be told, it is an error: nothing is sent again on a guess.
func (t *Target) same(ctx context.Context, s bridge.AxisSent, e *edxml.Edoc) (bool, error) {
	was, err := t.mark(ctx, s.DocID)
	switch {
	case err == nil:
		return was == markOf(e), nil
	case !errors.Is(err, bridge.ErrFail): // the network, or half an answer: it may be told another time
		return false, askedInVain(err)
	case e.Business.Kind == edxml.New && s.Code != "" && !s.At.IsZero() && s.Title != "" && vanban.Fold(s.Title) == vanban.Fold(e.Subject):
		return true, nil
	case errors.Is(err, bridge.ErrPermanent):
		return false, unclear()
	}
	out := askedInVain(err)
	out.Code = CodeUnclear
	return false, out
}

// mark tells what a package of the axis is. It is fetched once.
func (t *Target) mark(ctx context.Context, docID string) (mark, error) {
	t.mu.Lock()
	was, ok := t.seen[docID]
	t.mu.Unlock()
	if ok {
		return was, nil
	}
	p, err := read(ctx, t.Axis, docID)
	if err != nil {
		return mark{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seen == nil || len(t.seen) > maxRemembered {
		t.seen = map[string]mark{}
	}
	t.seen[docID] = markOf(&p.Edoc)
	return t.seen[docID], nil
}

// read fetches a package and reads its header. A package that cannot be read is no answer.
func read(ctx context.Context, a bridge.Axis, docID string) (edxml.Package, error) {
	r, err := a.Fetch(ctx, docID)
	if err != nil {
		return edxml.Package{}, err
	}
	defer r.Close()
	peeled, err := edxml.Peel(r)
	if err != nil {
		return edxml.Package{}, bridge.NewAxisError("getEdoc", 200, "", "", errors.Join(bridge.ErrUnusable, err), false)
	}
	p, err := edxml.Decode(peeled, edxml.Limits{}, nil)
	if err == nil {
		_, err = io.Copy(io.Discard, peeled) // an answer that is cut off behind the package is cut off
	}
	if err != nil {
		return edxml.Package{}, bridge.NewAxisError("getEdoc", 200, "", "", errors.Join(bridge.ErrUnusable, err), false)
	}
	if p.Refused() {
		return edxml.Package{}, bridge.NewAxisError("getEdoc", 200, "", "gói tin không đọc được", bridge.ErrUnusable, false)
	}
	return p, nil
}
