package store

import (
	"context"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
)

// raise opens alarms that are not open yet, with an event each.
func (t *tx) raise(alarms []bridge.Alarm) error {
	type alarmRow struct {
		Name     string `json:"name"`
		Code     string `json:"code"`
		Text     string `json:"text"`
		RaisedAt stamp  `json:"raised_at"`
	}
	rows := []alarmRow{}
	code := map[string]string{}
	for _, a := range alarms {
		key := safe(a.Key)
		if _, twice := code[key]; twice {
			continue
		}
		code[key] = a.Code
		rows = append(rows, alarmRow{key, a.Code, line(a.Text), at(t.now)})
	}
	if len(rows) == 0 {
		return nil
	}
	var opened []string
	if err := t.all(t.q.RaiseAlarms, &opened, args{"rows": batch{rows}}); err != nil {
		return err
	}
	for _, key := range opened {
		t.note(audit.NewAlarmRaised(t.now, key, code[key]))
	}
	return nil
}

// RaiseAlarm implements bridge.Alarms. Each raising is mailed once. An alarm that is open already is not raised anew, so calling this for one
// that Commit raised, or that was raised while there was nobody to mail to, only queues the mail that it lacks. For those that a worker left
// unmailed when it died, OpenAlarms says Mailed false; MailAlarm takes care of them.
func (s *Store) RaiseAlarm(ctx context.Context, render bridge.Renderer, a bridge.Alarm, mail []notice.Draft) error {
	return wrap("raise alarm "+a.Code, s.change(ctx, func(t *tx) error {
		if err := t.raise([]bridge.Alarm{a}); err != nil {
			return err
		}
		return t.mailAlarm(render, a.Key, mail)
	}))
}

// MailAlarm queues the mail of an alarm that is open and was not mailed yet, and does nothing for any other: unlike RaiseAlarm it cannot raise
// again what was cleared since OpenAlarms listed it. Whoever calls it for all unmailed alarms at start and now and then makes sure that the
// administrator hears of every one.
func (s *Store) MailAlarm(ctx context.Context, render bridge.Renderer, key string, mail []notice.Draft) error {
	return wrap("mail alarm", s.change(ctx, func(t *tx) error { return t.mailAlarm(render, key, mail) }))
}

func (t *tx) mailAlarm(render bridge.Renderer, key string, mail []notice.Draft) error {
	if len(mail) == 0 {
		return nil
	}
	var row struct {
		ID       int64 `db:"id"`
		Raisings int   `db:"raisings"`
	}
	unmailed, err := t.one(t.q.MailAlarm, &row, args{"name": key, "now": at(t.now)})
	if err != nil || !unmailed {
		return err
	}
	rows := make([]*noticeRow, len(mail))
	for i, d := range mail {
		d.Kind, d.Receipt = notice.Alarm, ""
		n := notice.Numbers{ID: noticeID(fmt.Sprintf("AL-%d-%d-%d", row.ID, row.Raisings, i+1), notice.Alarm), At: t.now}
		if rows[i], err = t.newNotice(render, d, n, noticeQueued); err != nil {
			return fmt.Errorf("render mail: %w", err)
		}
	}
	return t.addNotices(rows)
}

// ClearAlarm implements bridge.Alarms. An alarm that is not open stays as it is, without an event.
func (s *Store) ClearAlarm(ctx context.Context, key string) error {
	return wrap("clear alarm", s.change(ctx, func(t *tx) error { return t.clear(key) }))
}

func (t *tx) clear(key string) error {
	n, err := t.exec(t.q.ClearAlarm, args{"name": key, "now": at(t.now)})
	if err == nil && n > 0 {
		t.note(audit.NewAlarmCleared(t.now, safe(key)))
	}
	return err
}

// OpenAlarm is an alarm whose cause is not gone.
type OpenAlarm struct {
	bridge.Alarm
	RaisedAt time.Time
	Mailed   bool // its mail to the administrator was queued
}

// OpenAlarms lists the open alarms, oldest first. One that is not mailed was raised by a commit whose worker ended before it told anybody, or
// while there was nobody to tell: see MailAlarm.
func (s *Store) OpenAlarms(ctx context.Context) ([]OpenAlarm, error) {
	var rows []struct {
		Name     string `db:"name"`
		Code     string `db:"code"`
		Text     string `db:"text"`
		RaisedAt stamp  `db:"raised_at"`
		Mailed   bool   `db:"mailed"`
	}
	if err := s.all(ctx, s.reading.OpenAlarms, &rows, args{}); err != nil {
		return nil, fmt.Errorf("read open alarms: %w", err)
	}
	out := make([]OpenAlarm, len(rows))
	for i, r := range rows {
		out[i] = OpenAlarm{Alarm: bridge.Alarm{Key: r.Name, Code: r.Code, Text: r.Text}, RaisedAt: r.RaisedAt.Time, Mailed: r.Mailed}
	}
	return out, nil
}
