package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// A mail of Friday is late after Monday, one with an urgent document among its documents when Friday is over.
func TestUrgencyOf(t *testing.T) {
	calendar, err := loadCalendar(config.Register{})
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 6, 12, 10, 0, 0, 0, vietnam)
	plain := store.Unregistered{Arrived: friday, Documents: []vanban.Document{{Loai: "Báo cáo"}}}
	urgent := store.Unregistered{Arrived: friday, Documents: []vanban.Document{{Loai: "Báo cáo"}, {DoKhan: vanban.Khan}}}
	unknown := store.Unregistered{Arrived: friday}
	for _, c := range []struct {
		name     string
		u        store.Unregistered
		day      int // of June, at its first instant
		late     bool
		priority register.Priority
	}{
		{"on Monday", plain, 15, false, ""},
		{"after Monday", plain, 16, true, ""},
		{"urgent, on Friday", urgent, 12, false, register.Urgent},
		{"urgent, on Saturday", urgent, 13, true, register.Urgent},
		{"of which nothing is known", unknown, 15, false, ""},
		{"of which nothing is known, later", unknown, 16, true, ""},
	} {
		got := urgencyOf(c.u, calendar, time.Date(2026, 6, c.day, 0, 0, 0, 0, vietnam))
		if got.late != c.late || got.priority != c.priority || got.latest.IsZero() {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// A notice about a mail of Friday that still waits for its release is late after Monday: the sender does not know that it arrived.
func TestLateNotices(t *testing.T) {
	calendar, err := loadCalendar(config.Register{})
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 6, 12, 10, 0, 0, 0, vietnam)
	waits := store.OpenItem{Kind: store.OpenNotice, Receipt: "GL-2026-0000001", State: "review", Notice: notice.Receipt, Counted: friday}
	bounced, status, alarm := waits, waits, waits
	bounced.State, status.Notice, alarm.Receipt = "bounced", notice.StatusRegistered, ""
	items := []store.OpenItem{waits, bounced, status, alarm}
	for _, c := range []struct {
		day  int
		late bool
	}{{12, false}, {15, false}, {16, true}} {
		lateNotices(items, calendar, time.Date(2026, 6, c.day, 12, 0, 0, 0, vietnam))
		if items[0].Late != c.late || items[0].AcknowledgeBy.IsZero() || items[1].Late || items[2].Late || items[3].Late {
			t.Errorf("on the %dth: %+v", c.day, items)
		}
	}
	if got := urgencyInWords(items[0]); got != "QUÁ HẠN XÁC NHẬN với nơi gửi từ 16/06/2026" {
		t.Errorf("in words: %s", got)
	}
}

func TestCalendarFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lich.csv")
	if _, err := loadCalendar(config.Register{Calendar: file}); err == nil {
		t.Error("a calendar that is not there was read")
	}
	if err := os.WriteFile(file, []byte("day,kind,worked,name,source,doubt\n2026-06-15,rest,,Nghỉ bù,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadCalendar(config.Register{Calendar: file})
	if err != nil || c.Working("2026-06-15") || !c.Working("2026-06-16") {
		t.Errorf("read as %+v, %v", c, err)
	}
}

// The daemon's look raises one alarm for each receipt that is late, ends it when the receipt is settled, and all of them when it is not to
// raise any; waiting shows the most urgent first.
func TestWatchRegister(t *testing.T) {
	dir := t.TempDir()
	std := streams{out: &strings.Builder{}, err: &strings.Builder{}}
	common := &Common{Config: filepath.Join(dir, "config.toml")}
	if err := (&initCommand{Dir: dir}).Run(t.Context(), std); err != nil {
		t.Fatal(err)
	}
	a := reopen(t, common, std)
	defer func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := a.know.save(t.Context(), a.store); err != nil {
		t.Fatal(err)
	}
	receipts := bringIn(t, a, "mot", "hai")
	hold := func(receipt string, d vanban.Document) {
		t.Helper()
		task, mine, err := a.store.ClaimTask(t.Context(), a.owner, receipt, time.Minute)
		if err != nil || !mine {
			t.Fatalf("%s is not to be had: %v", receipt, err)
		}
		r := bridge.RecordOutcome{State: bridge.Held}
		r.Document = d
		o := bridge.Outcome{Receipt: receipt, State: bridge.Held, Reason: bridge.ReasonIncomplete, Records: []bridge.RecordOutcome{r},
			Instant: bridge.Instant{At: task.Receipt.FetchedAt}, History: bridge.History{Outcomes: task.Outcomes, Amendments: task.Amendments}}
		errs, err := a.store.Commit(t.Context(), a.render, []bridge.Settlement{{Job: task.Job, Receipt: task.Receipt, Outcome: o}})
		if err != nil || errs[0] != nil {
			t.Fatal(err, errs)
		}
	}
	hold(receipts[0], vanban.Document{Loai: "Báo cáo"})
	hold(receipts[1], vanban.Document{Loai: "Giấy mời"})
	watch := func(after time.Duration, want ...string) {
		t.Helper()
		if err := a.watchRegister(t.Context(), time.Now().Add(after)); err != nil {
			t.Fatal(err)
		}
		alarms, err := a.store.OpenAlarms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		open := []string{}
		for _, al := range alarms {
			if !strings.Contains(al.Text, strings.TrimPrefix(al.Key, overdueRegistration+":")) {
				t.Errorf("%s says %q", al.Key, al.Text)
			}
			open = append(open, strings.TrimPrefix(al.Key, overdueRegistration+":"))
		}
		if !sameSet(open, want) {
			t.Fatalf("alarms are open for %v, want %v", open, want)
		}
	}
	const fortnight = 14 * 24 * time.Hour
	watch(0)
	watch(fortnight, receipts...)
	watch(fortnight, receipts...)
	items, err := a.store.ListOpen(t.Context(), store.OpenFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.byUrgency(t.Context(), items); err != nil {
		t.Fatal(err)
	}
	if items[0].Receipt != receipts[1] || items[0].Priority != string(register.Invitation) || items[1].RegisterBy.IsZero() || items[1].Late {
		t.Fatalf("waiting in this order: %+v", items[:2])
	}
	if got := urgencyInWords(store.OpenItem{Late: true, RegisterBy: time.Date(2026, 6, 16, 0, 0, 0, 0, vietnam), Priority: "task"}); got != "QUÁ HẠN ĐĂNG KÝ từ 16/06/2026, ƯU TIÊN: giao nhiệm vụ" {
		t.Errorf("in words: %s", got)
	}
	if err := a.store.Amend(t.Context(), receipts[1], bridge.Amendment{Kind: bridge.RefuseIt, By: "lan", Reason: "x"}); err != nil {
		t.Fatal(err)
	}
	task, mine, err := a.store.ClaimTask(t.Context(), a.owner, receipts[1], time.Minute)
	if err != nil || !mine {
		t.Fatal(err)
	}
	h, err := a.store.Histories(t.Context(), []bridge.Lookup{{Receipt: receipts[1], Receiver: "ubnd"}})
	if err != nil {
		t.Fatal(err)
	}
	errs, err := a.store.Commit(t.Context(), a.render, []bridge.Settlement{{Job: task.Job, Receipt: task.Receipt,
		Outcome: bridge.Outcome{Receipt: receipts[1], State: bridge.Refused, Records: []bridge.RecordOutcome{}, History: h[0]}}})
	if err != nil || errs[0] != nil {
		t.Fatal(err, errs)
	}
	watch(fortnight, receipts[0])
	a.config.Register.Alarm = false
	watch(fortnight)
}

func sameSet(x, y []string) bool {
	seen := map[string]int{}
	for _, s := range x {
		seen[s]++
	}
	for _, s := range y {
		seen[s]--
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}
