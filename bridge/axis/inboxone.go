package axis

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// Codes of alarms; the key adds the name of the axis, and of a package its id.
const (
	alarmSilent   = "axis-silent"   // no good list for SilentAfter
	alarmLogin    = "axis-login"    // the axis does not take our account
	alarmPackage  = "axis-package"  // a package cannot be fetched or read, three times
	alarmReceiver = "axis-receiver" // a package is for none of our agencies
	alarmDisk     = "disk-full"     // one for the whole program
)

func (i *Inbox) key(code, docID string) string {
	switch {
	case code == alarmDisk:
		return code
	case docID == "":
		return code + ":" + i.o.Name
	}
	return code + ":" + i.o.Name + ":" + docID
}

// alarm raises an alarm once. text is in Vietnamese, without any fact about a document.
func (i *Inbox) alarm(ctx context.Context, code, docID, text string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key := i.key(code, docID)
	if i.raised[key] {
		return
	}
	i.raised[key] = true
	i.log.ErrorContext(ctx, "alarm raised", "code", code, "key", key)
	i.deps.Alarm(ctx, bridge.Alarm{Key: key, Code: code, Text: "Trục " + i.o.Name + ": " + text + "."})
}

// calm clears alarms that may be open: also those of an earlier run, the first time.
func (i *Inbox) calm(ctx context.Context, docID string, codes ...string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, code := range codes {
		key := i.key(code, docID)
		if was, known := i.raised[key]; was || !known && docID == "" {
			i.deps.Clear(ctx, key)
		}
		if i.raised[key] = false; docID != "" {
			delete(i.raised, key)
		}
	}
}

// alive notes a good list.
func (i *Inbox) alive(ctx context.Context, kind edxml.Kind) {
	i.heard = i.deps.Now()
	i.deps.Meter.Set(bridge.MetricContact, float64(i.heard.Unix()), i.o.Name, string(kind))
	i.calm(ctx, "", alarmSilent, alarmLogin)
}

// one fetches one package and makes it durable. It reports whether nothing is left to be done about it. What is wrong with it alone is kept
// with it; the error is about the axis or our own side.
func (i *Inbox) one(ctx context.Context, h *bridge.Hold, item bridge.AxisItem) (n Counts, settled bool, err error) {
	n, err = i.accept(h, item)
	switch {
	case err == nil:
		delete(i.bad, item.DocID)
		i.calm(ctx, item.DocID, alarmPackage, alarmReceiver)
		i.calm(ctx, "", alarmDisk)
	case h.Ctx.Err() != nil:
		return n, false, fmt.Errorf("fetch package: %w: %w", context.Cause(h.Ctx), err)
	case endsRound(err):
		return n, false, err
	default:
		i.trouble(ctx, item, err)
		return n, false, nil
	}
	if !i.o.Ack {
		return n, true, nil
	}
	settled, err = i.done(h.Ctx, item)
	return n, settled, err
}

// endsRound says whether an error is about the axis as a whole or our own side. Whatever the axis answers about one package, other than that
// we call too often or are not known, holds up no other one: it gave us the list a moment ago.
func endsRound(err error) bool {
	said, ok := errors.AsType[*bridge.AxisError](err)
	switch {
	case errors.Is(err, errOurs):
		return true
	case errors.Is(err, bridge.ErrLogin):
		return !ok || said.Status != http.StatusForbidden
	case errors.Is(err, bridge.ErrPermanent), !errors.Is(err, bridge.ErrUntouched):
		return false
	}
	return !ok || said.Status == 0 || said.Status == http.StatusTooManyRequests
}

// errUnacked says that everything was taken, and the axis did not let something be acknowledged.
var errUnacked = errors.New("axis does not take an acknowledgement")

// refusesOne says whether the axis understood a call about a package, and did not do it.
func refusesOne(err error) bool { return errors.Is(err, bridge.ErrFail) && !endsRound(err) }

// done tells the axis that a package is durable with us, and reports whether it took that. One that it refuses is told again in the next
// round, and keeps nothing else waiting.
func (i *Inbox) done(ctx context.Context, item bridge.AxisItem) (bool, error) {
	err := i.axis.Ack(ctx, item.DocID, bridge.AxisDone)
	if err == nil || !refusesOne(err) {
		return err == nil, err
	}
	i.log.WarnContext(ctx, "package is taken, but not acknowledged", "docid", bridge.AxisText(item.DocID), "kind", item.Kind, "error", logged(err))
	i.unack = fmt.Errorf("%w: %w", errUnacked, err)
	return false, nil
}

func (i *Inbox) accept(h *bridge.Hold, item bridge.AxisItem) (Counts, error) {
	if i.o.Ack && item.Transport == bridge.AxisInitial {
		if err := i.axis.Ack(h.Ctx, item.DocID, bridge.AxisProcessing); err != nil && !refusesOne(err) { // a courtesy: the package may be fetched all the same
			return Counts{}, err
		}
	}
	r, err := i.axis.Fetch(h.Ctx, item.DocID)
	if err != nil {
		return Counts{}, err
	}
	defer r.Close()
	peeled, err := edxml.Peel(r)
	if err != nil {
		return Counts{}, err
	}
	return i.take.take(h.Ctx, h.Fence, peeled, facts{to: item.To, at: item.Created, origin: func(receiver string, _ bridge.Digest) string {
		return bridge.OriginAxis(i.o.Account, item.Kind, item.DocID, receiver)
	}})
}

// trouble counts a failure of a package. After the third a person is asked; the package stays where it is, and is looked at each hour.
func (i *Inbox) trouble(ctx context.Context, item bridge.AxisItem, why error) {
	t := i.bad[item.DocID]
	if t == nil {
		t = &trouble{}
		i.bad[item.DocID] = t
	}
	t.tries++
	t.due = i.deps.Now().Add(min(i.o.Pause<<(2*(t.tries-1)), lateAgain))
	i.deps.Meter.Add(bridge.MetricFetchFailures, 1, i.o.Name)
	i.log.WarnContext(ctx, "package is not taken", "docid", bridge.AxisText(item.DocID), "kind", item.Kind, "try", t.tries, "error", logged(why))
	if errors.Is(why, errNobody) {
		t.tries, t.due = triesMost, i.deps.Now().Add(lateAgain)
		i.alarm(ctx, alarmReceiver, item.DocID, fmt.Sprintf("gói tin %s không gửi cho đơn vị nào được cấu hình; kiểm tra code của [[agency]]", bridge.AxisText(item.DocID)))
		return
	}
	if t.tries >= triesMost {
		t.due = i.deps.Now().Add(lateAgain)
		i.alarm(ctx, alarmPackage, item.DocID, fmt.Sprintf("gói tin %s không lấy về được (%s); vẫn nằm trên trục và được thử lại mỗi giờ", bridge.AxisText(item.DocID), reason(why)))
	}
}

// reason puts an error into words for a person. What the axis said stays out of the mail: it could quote a document.
func reason(err error) string {
	switch {
	case errors.Is(err, errBroken):
		return "gói tin hỏng hoặc không phải edXML"
	case errors.Is(err, bridge.ErrOversize):
		return "gói tin quá lớn"
	case errors.Is(err, bridge.ErrFail):
		return "trục báo lỗi"
	case errors.Is(err, errStill):
		return "trục không trả lời kịp"
	}
	return "trả lời của trục không đọc được"
}

// logged is an error without the words of strangers.
func logged(err error) string {
	said, ok := errors.AsType[*bridge.AxisError](err)
	if !ok {
		return err.Error()
	}
	quiet := *said
	quiet.Text = ""
	return quiet.Error()
}
