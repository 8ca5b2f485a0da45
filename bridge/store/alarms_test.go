package store_test

import (
	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

func testAlarm(b *bench) {
	a := bridge.Alarm{Key: "mailbox-silent:vanthu", Code: "mailbox-silent", Text: "Hộp thư im lặng"}
	mail := []notice.Draft{{Kind: notice.Alarm, To: "admin@quangtri.gov.vn"}, {Kind: notice.Alarm, To: "truc@quangtri.gov.vn"}}
	b.must(b.RaiseAlarm(b.ctx(), draw, a, nil)) // as a commit would: no mail yet
	for range 3 {
		b.must(b.RaiseAlarm(b.ctx(), draw, a, mail))
	}
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'alarm'", 2)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'alarm.raised'", 1)
	b.must(b.ClearAlarm(b.ctx(), a.Key))
	b.must(b.ClearAlarm(b.ctx(), a.Key))
	b.wantCount("SELECT count(*) FROM events WHERE type = 'alarm.cleared'", 1)
	b.must(b.RaiseAlarm(b.ctx(), draw, a, mail))
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'alarm'", 4)
	out := b.outgoing(10, bridge.Caps{PerHour: 1})
	if len(out) != 4 || out[0].Receipt != "" {
		b.Fatalf("claimed %+v", out)
	}
	alarms, err := b.OpenAlarms(b.ctx())
	b.must(err)
	if len(alarms) != 1 || !alarms[0].Mailed || alarms[0].Key != a.Key {
		b.Fatalf("open alarms are %+v", alarms)
	}
}

// A commit raised it, and its worker died before it told anybody.
func testAlarmUnmailed(b *bench) {
	s := settled(b.tasks(1)[0], bridge.Quarantined, "")
	a := bridge.Alarm{Key: "secret:" + s.Receipt.ID, Code: "state-secret", Text: "cách ly"}
	s.Outcome.Alarms = []bridge.Alarm{a}
	b.commit(s)
	mail := []notice.Draft{{Kind: notice.Alarm, To: "admin@quangtri.gov.vn"}}
	open := func() []store.OpenAlarm {
		b.Helper()
		list, err := b.OpenAlarms(b.ctx())
		b.must(err)
		return list
	}
	broken := func(notice.Draft, notice.Numbers) (notice.Rendered, error) { return notice.Rendered{}, store.ErrBusy }
	b.wants(b.MailAlarm(b.ctx(), broken, a.Key, mail), store.ErrBusy)
	if list := open(); len(list) != 1 || list[0].Mailed || list[0].Alarm != a {
		b.Fatalf("open alarms are %+v", list)
	}
	for range 2 {
		b.must(b.MailAlarm(b.ctx(), draw, open()[0].Key, mail))
		b.must(b.RaiseAlarm(b.ctx(), draw, a, mail)) // and the worker after all
	}
	if list := open(); !list[0].Mailed {
		b.Fatalf("open alarms are %+v", list)
	}
	b.must(b.ClearAlarm(b.ctx(), a.Key))
	b.must(b.MailAlarm(b.ctx(), draw, a.Key, mail)) // cleared since it was listed
	b.wantCount("SELECT count(*) FROM notices WHERE kind = 'alarm'", 1)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'alarm.raised'", 1)
	if list := open(); len(list) != 0 {
		b.Fatalf("open alarms are %+v", list)
	}
}
