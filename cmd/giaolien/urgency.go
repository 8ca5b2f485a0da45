package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
)

// overdueRegistration is the code of the alarm that a receipt waits past the last day for its registration.
const overdueRegistration = "registration-overdue"

// urgency is what the calendar says of a receipt that waits for a person.
type urgency struct {
	priority register.Priority // empty: none
	latest   time.Time         // from which on it is late
	late     bool
}

// urgencyOf asks of every document of a receipt whether it goes before others: one of them is enough. A receipt of which nothing is known, so
// that nobody can say, has the usual time.
func urgencyOf(u store.Unregistered, c *register.Calendar, now time.Time) urgency {
	var out urgency
	atOnce := false
	for _, d := range u.Documents {
		if p, first := register.AtOnce(d); first && !atOnce {
			out.priority, atOnce = p, true
		}
	}
	by := c.RegisterBy(u.Arrived, atOnce)
	out.latest, out.late = by.Latest, by.Late(now)
	return out
}

// byUrgency fills in what is due of the receipts among what waits, and puts the most urgent of them first: late before in time, what goes
// before others before the rest, the earlier due before the later.
func (a *app) byUrgency(ctx context.Context, items []store.OpenItem) error {
	calendar, err := loadCalendar(a.config.Register)
	if err != nil {
		return err
	}
	open, err := a.store.OpenToRegister(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]urgency, len(open))
	for _, u := range open {
		known[u.Receipt] = urgencyOf(u, calendar, time.Now())
	}
	receipts := 0 // they come first
	for receipts < len(items) && items[receipts].Kind == store.OpenReceipt {
		i := &items[receipts]
		if u, ok := known[i.Receipt]; ok {
			i.Priority, i.RegisterBy, i.Late = string(u.priority), u.latest, u.late
		}
		receipts++
	}
	slices.SortStableFunc(items[:receipts], func(x, y store.OpenItem) int {
		return cmp.Or(-compareBool(x.Late, y.Late), -compareBool(x.Priority != "", y.Priority != ""), compareDue(x.RegisterBy, y.RegisterBy))
	})
	lateNotices(items, calendar, time.Now())
	return nil
}

// lateNotices marks notices that should have told a sender by now that the mail arrived (NĐ 30/2020, Điều 21.2.c). What the document system
// reports later, and what goes to ourselves, is no acknowledgement; neither is one that was sent, and came back.
func lateNotices(items []store.OpenItem, c *register.Calendar, now time.Time) {
	for n := range items {
		i := &items[n]
		if i.Kind != store.OpenNotice || i.Receipt == "" || i.Counted.IsZero() || i.State == "bounced" || i.Notice.Reports() {
			continue
		}
		by := c.AcknowledgeBy(i.Counted, false)
		i.AcknowledgeBy, i.Late = by.Latest, by.Late(now)
	}
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}

// compareDue puts what has no last day behind what has one.
func compareDue(x, y time.Time) int {
	return cmp.Or(compareBool(x.IsZero(), y.IsZero()), x.Compare(y))
}

// priorityInWords says why a document is registered at once.
var priorityInWords = map[register.Priority]string{
	register.Urgent:     "khẩn",
	register.Invitation: "giấy mời",
	register.Conclusion: "thông báo kết luận",
	register.Task:       "giao nhiệm vụ",
}

// urgencyInWords says what a person should know before the rest; empty: nothing.
func urgencyInWords(i store.OpenItem) string {
	var parts []string
	switch {
	case i.Late && i.Kind == store.OpenNotice:
		parts = append(parts, "QUÁ HẠN XÁC NHẬN với nơi gửi từ "+register.Shown(i.AcknowledgeBy))
	case i.Late:
		parts = append(parts, "QUÁ HẠN ĐĂNG KÝ từ "+register.Shown(i.RegisterBy))
	}
	if words := priorityInWords[register.Priority(i.Priority)]; words != "" {
		parts = append(parts, "ƯU TIÊN: "+words)
	}
	return strings.Join(parts, ", ")
}

// watchRegister raises an alarm for each receipt that waits past the last day for its registration, and ends those of receipts that do not
// any more.
func (a *app) watchRegister(ctx context.Context, now time.Time) error {
	late := map[string]store.Unregistered{}
	if a.config.Register.Alarm {
		calendar, err := loadCalendar(a.config.Register) // each time: who mends the file does not want to start anew
		if err != nil {
			return err
		}
		open, err := a.store.OpenToRegister(ctx)
		if err != nil {
			return err
		}
		for _, u := range open {
			if urgencyOf(u, calendar, now).late {
				late[overdueRegistration+":"+u.Receipt] = u
			}
		}
	}
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return fmt.Errorf("read alarms about the register: %w", err)
	}
	for _, al := range alarms {
		if al.Code != overdueRegistration {
			continue
		}
		if _, still := late[al.Key]; !still {
			a.clear(ctx, al.Key)
		}
		delete(late, al.Key)
	}
	for key, u := range late {
		a.raise(ctx, bridge.Alarm{Key: key, Code: overdueRegistration,
			Text: fmt.Sprintf("Phiếu %s (%s), đến ngày %s, đã quá hạn đăng ký vào sổ văn bản đến; cần xem và xử lý ngay.", u.Receipt, u.Receiver, register.Shown(u.Arrived))})
	}
	return nil
}

// registerNumbers is the alarm that the highest register numbers cannot be read or written beside the archive.
const registerNumbers = "register-numbers"

// watchNumbers makes sure that books and file agree. While they cannot be compared, no number is given, and everything that is to be
// registered waits.
func (a *app) watchNumbers(ctx context.Context) {
	err := a.store.AgreeNumbers(ctx)
	switch {
	case err == nil && a.numbersAgree:
	case err == nil:
		a.numbersAgree = true
		a.clear(ctx, registerNumbers)
	case ctx.Err() == nil:
		a.numbersAgree = false
		a.log.Error("register numbers could not be compared with the file beside the archive; nothing is registered", "error", err)
		a.raise(ctx, bridge.Alarm{Key: registerNumbers, Code: registerNumbers,
			Text: "Không đối chiếu được số đến với tệp register.numbers trong thư mục lưu trữ; tạm dừng cấp số. Xem nhật ký chương trình và mục về sổ trong tài liệu vận hành."})
	}
}
