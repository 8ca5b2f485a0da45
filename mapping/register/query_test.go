package register

import (
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestQueryMatches(t *testing.T) {
	line := Entry{Book: Book{Receiver: "ubnd", Year: 2026, Kind: Incoming}, Number: 12, AuthorID: "so-tai-chinh", State: Registered,
		Arrived: at(t, "2026-03-01T17:30:00Z"), Registered: at(t, "2026-03-02T01:00:00Z"),
		Directions: []Direction{{N: 1, Handler: "Phòng Kinh tế", Due: "2026-03-05"}}}
	unused := Entry{Book: line.Book, Number: 13, State: Unused, Registered: at(t, "2026-03-02T01:00:00Z")}
	cases := []struct {
		name  string
		query Query
		line  Entry
		want  bool
	}{
		{"everything", Query{}, line, true},
		{"receiver", Query{Receiver: "hdnd"}, line, false},
		{"year", Query{Year: 2025}, line, false},
		{"kind", Query{Kind: Secret}, line, false},
		{"numbers, both ends", Query{From: 12, To: 12}, line, true},
		{"number before", Query{From: 13}, line, false},
		{"number after", Query{To: 11}, line, false},
		{"the Vietnamese day, not that of UTC", Query{FromDay: "2026-03-02", ToDay: "2026-03-02"}, line, true},
		{"day before", Query{ToDay: "2026-03-01"}, line, false},
		{"day after", Query{FromDay: "2026-03-03"}, line, false},
		{"an unused number by the day of the jump", Query{FromDay: "2026-03-02", ToDay: "2026-03-02"}, unused, true},
		{"agency", Query{Agency: "so-tai-chinh"}, line, true},
		{"another agency", Query{Agency: "so-y-te"}, line, false},
		{"on its last day it is in time", Query{Overdue: true, Today: "2026-03-05"}, line, false},
		{"overdue", Query{Overdue: true, Today: "2026-03-06"}, line, true},
		{"what cannot be asked matches nothing", Query{Overdue: true}, line, false},
	}
	for _, c := range cases {
		if got := c.query.Matches(c.line); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestQueryCheck(t *testing.T) {
	for _, q := range []Query{{Kind: "x"}, {From: -1}, {From: 5, To: 4}, {FromDay: "1/2/2026"}, {ToDay: "2026-02-30"}, {FromDay: "2026-03-02", ToDay: "2026-03-01"}, {Overdue: true, Today: "today"}} {
		if q.Check() == nil {
			t.Errorf("%+v passes", q)
		}
	}
	if err := (Query{Kind: Secret, From: 1, To: 1, FromDay: "2026-03-01", ToDay: "2026-03-01", Overdue: true, Today: "2026-03-02"}).Check(); err != nil {
		t.Error(err)
	}
}

func TestHandlingIsWhatTheDirectionsComeTo(t *testing.T) {
	e := Entry{State: Registered, Directions: []Direction{
		{N: 1, Handler: "Phòng Kinh tế", CoHandlers: []string{"Phòng Văn xã"}, Due: "2026-03-05"},
		{N: 3, Text: "Báo cáo tôi trước khi gửi"},
		{N: 2, Handler: "Phòng Nội chính", CoHandlers: []string{"Văn thư"}},
	}}
	h := e.Handling()
	if h.Handler != "Phòng Nội chính" || len(h.CoHandlers) != 1 || h.CoHandlers[0] != "Văn thư" || h.Due != "2026-03-05" {
		t.Errorf("%+v", h)
	}
	for _, s := range []State{Blanked, Withdrawn, Unused} {
		e.State = s
		if e.OverdueOn("2026-04-01") {
			t.Errorf("%s is overdue", s)
		}
	}
	e.State, e.Done = Registered, at(t, "2026-03-20T00:00:00Z")
	if e.OverdueOn("2026-04-01") {
		t.Error("handled, though late, it is not overdue any more")
	}
}
