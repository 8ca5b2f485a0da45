package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/outbox"
	"github.com/giaolien/giaolien/bridge/web"
)

// unheard are alarms that could not be put on record: the very disk or database that they tell of may be what keeps them from it. They are
// tried again, and /healthz knows them meanwhile.
type unheard struct {
	mu     sync.Mutex
	alarms map[string]bridge.Alarm // guarded by mu, by key
}

func (u *unheard) set(al bridge.Alarm) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.alarms == nil {
		u.alarms = map[string]bridge.Alarm{}
	}
	u.alarms[al.Key] = al
}

func (u *unheard) drop(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.alarms, key)
}

func (u *unheard) list() []bridge.Alarm {
	u.mu.Lock()
	defer u.mu.Unlock()
	list := make([]bridge.Alarm, 0, len(u.alarms))
	for _, al := range u.alarms {
		list = append(list, al)
	}
	return list
}

// raise puts an alarm on record, in the log and, where administrators are named, into their mail.
func (a *app) raise(ctx context.Context, al bridge.Alarm) {
	a.log.Log(ctx, slog.LevelError, "alarm", "code", al.Code, "key", al.Key)
	a.record(ctx, al)
	a.countAlarms(ctx)
}

func (a *app) record(ctx context.Context, al bridge.Alarm) {
	if err := a.store.RaiseAlarm(ctx, a.render, al, a.alarmMails(al)); err != nil {
		a.log.Error("alarm could not be put on record; it is tried again", "key", al.Key, "error", err)
		a.unheard.set(al)
		return
	}
	a.unheard.drop(al.Key)
}

// remind tries alarms again that could not be put on record, and mails those whose worker died between the record and the mail.
func (a *app) remind(ctx context.Context) {
	for _, al := range a.unheard.list() {
		a.record(ctx, al)
	}
	open, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return // said by whoever counts
	}
	for _, al := range open {
		if al.Mailed {
			continue
		}
		if err := a.store.MailAlarm(ctx, a.render, al.Key, a.alarmMails(al.Alarm)); err != nil {
			a.log.Warn("alarm could not be mailed; it is tried again", "key", al.Key, "error", err)
		}
	}
}

// alarmMails writes to each administrator. The first receiving agency lends its letterhead.
func (a *app) alarmMails(al bridge.Alarm) []notice.Draft {
	if len(a.config.Agencies) == 0 || a.config.SMTP.Host == "" {
		return nil
	}
	var mails []notice.Draft
	for _, to := range a.config.Alarms.To {
		if d := notice.ComposeAlarm(notice.Letterhead(receiverOf(a.config.Agencies[0])), to, al.Code, al.Text); d != nil {
			mails = append(mails, *d)
		}
	}
	return mails
}

// clear ends an alarm whose cause is gone.
func (a *app) clear(ctx context.Context, key string) {
	a.unheard.drop(key)
	if err := a.store.ClearAlarm(ctx, key); err != nil {
		a.log.Error("alarm could not be cleared", "key", key, "error", err)
		return
	}
	a.countAlarms(ctx)
}

// forgetMailboxes clears the alarms of mailboxes, axes and targets that are not configured any more.
func (a *app) forgetMailboxes(ctx context.Context) error {
	open, err := a.store.OpenAlarms(ctx)
	if err != nil {
		return err
	}
	for _, al := range open {
		name, ofMailbox := strings.CutPrefix(al.Key, al.Code+":")
		if al.Code == outbox.CodeTargetAway && !slices.ContainsFunc(a.config.Targets, func(t config.Target) bool { return t.Name == name }) {
			a.clear(ctx, al.Key)
		}
		gone := ofMailbox && (strings.HasPrefix(al.Code, "axis-") || al.Code == alarmDiffers)
		if name, _, _ = strings.Cut(name, ":"); gone { // the id of a package may follow
			if _, there := axisNamed(a.config, name); !there {
				a.clear(ctx, al.Key)
			}
		}
		if !ofMailbox || !strings.HasPrefix(al.Code, "mailbox-") {
			continue
		}
		if !slices.ContainsFunc(a.config.Mailboxes, func(m config.Mailbox) bool { return m.Name == name }) {
			a.clear(ctx, al.Key)
		}
	}
	return nil
}

func (a *app) countAlarms(ctx context.Context) {
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		a.log.Warn("alarms could not be counted", "error", err)
		return
	}
	counts := map[string]int{}
	for _, code := range alarmCodes {
		counts[code] = 0
	}
	for _, al := range alarms {
		counts[al.Code]++
	}
	for _, al := range a.unheard.list() {
		counts[al.Code]++
	}
	for code, n := range counts {
		a.metrics.Set(bridge.MetricAlarms, float64(n), code)
	}
}

// healthTimeout is how long the database may take to say how we are.
const healthTimeout = 4 * time.Second

// health lists what keeps the program from its work now: /healthz is 200 only when nothing does. What has happened and waits for a person is
// not its matter; the metric giaolien_alarms counts both. A database that does not answer is a problem, not a reason to keep the asker
// waiting.
func (a *app) health(ctx context.Context) []web.Problem {
	var list []web.Problem
	for _, al := range a.unheard.list() {
		list = append(list, web.Problem{Code: al.Code, Text: al.Key})
	}
	silent := web.Problem{Code: "database", Text: "the database does not answer"}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	// Whoever asks meanwhile shares the answer: a database that hangs is asked once.
	answer := a.asking.DoChan("", func() (any, error) { return a.conditions(context.WithoutCancel(ctx), silent), nil })
	select {
	case found := <-answer:
		problems, _ := found.Val.([]web.Problem)
		return append(list, problems...)
	case <-ctx.Done():
		return append(list, silent)
	}
}

// conditions are the open alarms about the program itself.
func (a *app) conditions(ctx context.Context, silent web.Problem) []web.Problem {
	alarms, err := a.store.OpenAlarms(ctx)
	if err != nil {
		a.log.Warn("open alarms could not be read", "error", err)
		return []web.Problem{silent}
	}
	var list []web.Problem
	for _, al := range alarms {
		if condition(al.Code) {
			list = append(list, web.Problem{Code: al.Code, Text: al.Key})
		}
	}
	return list
}
