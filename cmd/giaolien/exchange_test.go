package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/cmd/giaolien/demo"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// TestDocumentsByMailAndOverTheAxis goes the whole way on the demo's stage. What comes over the axis is registered, and its copy by mail joined
// to it; what comes by mail is delivered, and what the document system reports of it is kept with it and told to the sender of the mail; what is
// struck out stays in the register as that.
func TestDocumentsByMailAndOverTheAxis(t *testing.T) {
	stage, err := demo.StartWithAxis(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stage.Close(); err != nil {
			t.Error(err)
		}
	}()
	cfg, err := readConfig(stage.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	a, err := openApp(t.Context(), &Common{Config: stage.Config}, streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}()
	drain := func() {
		t.Helper()
		if _, err := a.drain(t.Context(), newProgress(io.Discard)); err != nil {
			t.Fatal(err)
		}
	}
	drain()
	before := len(stage.Caught())
	if err := stage.Continue(time.Now()); err != nil {
		t.Fatal(err)
	}
	drain()
	drain() // nothing comes twice

	explained := map[string]store.Explanation{} // what was registered or joined, by channel and number
	for n := range 60 {
		e, err := a.store.Explain(t.Context(), fmt.Sprintf("GL-%s-%07d", time.Now().In(time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)).Format("2006"), n+1))
		if errors.Is(err, bridge.ErrNotFound) {
			continue // there are fewer
		} else if err != nil {
			t.Fatal(err)
		}
		for _, r := range e.Records {
			if e.State == bridge.Registered || e.State == bridge.Duplicate {
				explained[string(e.Receipt.Channel)+" "+r.Document.SoHieu] = e
			}
		}
	}
	over, mailed := explained["system 80/STC-QLNS"], explained["email 80/STC-QLNS"]
	if over.State != bridge.Registered || mailed.State != bridge.Duplicate || mailed.Records[0].JoinedTo != over.Records[0].ID ||
		!slices.Equal(over.Records[0].Channels, []bridge.Channel{bridge.System, bridge.Email}) {
		t.Fatalf("over the axis %s, by mail %s, joined to %+v", over.State, mailed.State, mailed.Records)
	}
	reported := explained["email 101/SNV-CCVC"]
	if reported.State != bridge.Registered || len(reported.Records[0].Statuses) != 1 || reported.Records[0].Statuses[0].Code != edxml.Registered || reported.Records[0].Statuses[0].Organ != "H50" {
		t.Fatalf("what was delivered is %s with %+v", reported.State, reported.Records)
	}
	told := map[string]int{}
	for _, raw := range stage.Caught()[before:] {
		var out strings.Builder
		if err := printRaw(&out, raw); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		for _, said := range []string{"đã nhận qua trục liên thông, số đến " + over.Records[0].SoDen, "báo lúc", "101/SNV-CCVC"} {
			if strings.Contains(text, said) {
				told[said]++
			}
		}
	}
	if told["đã nhận qua trục liên thông, số đến "+over.Records[0].SoDen] != 1 || told["101/SNV-CCVC"] != 1 || told["báo lúc"] == 0 {
		t.Errorf("the senders were told %v", told)
	}

	// The system goes on reporting; what another organ tells the issuer of the document is none of ours, and a person hears that it lies here.
	before = len(stage.Caught())
	for organ, code := range map[string]edxml.StatusCode{"H50": edxml.Done, "H50.02": edxml.Rejected} {
		for _, d := range stage.Axis.Documents() {
			if d.Code != "101/SNV-CCVC" || d.Kind != edxml.KindEdoc {
				continue
			}
			e := edxml.Edoc{From: edxml.Organ{ID: d.From}, DocumentID: d.DocumentID}
			status := e.Report(code, edxml.Organ{ID: organ, Name: "Đơn vị"}, edxml.Staff{Name: "Trần Thị Lan"}, "Không thuộc thẩm quyền", time.Now())
			status.About.Code, status.About.Date = d.Code, d.Date
			var b bytes.Buffer
			if err := edxml.EncodeStatus(&b, status); err != nil {
				t.Fatal(err)
			}
			if _, err := stage.Axis.Deliver(b.Bytes()); err != nil {
				t.Fatal(err)
			}
		}
	}
	drain()
	e, err := a.store.Explain(t.Context(), reported.Receipt.ID)
	if err != nil {
		t.Fatal(err)
	}
	if list := e.Records[0].Statuses; len(list) != 2 || list[1].Organ != "H50" || list[1].State.Progress != edxml.Done {
		t.Errorf("its history is %+v", list)
	}
	for _, raw := range stage.Caught()[before:] {
		if kind := noticeKind(t, raw); kind != "sys-handled" {
			t.Errorf("the sender was told %s", kind)
		}
	}
	alarms, err := a.store.OpenAlarms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(alarms, func(l store.OpenAlarm) bool { return l.Code == "axis-receiver" }) {
		t.Errorf("nobody hears of the package that is not for us: %+v", alarms)
	}

	// Struck out, it keeps its number and says so; the document system is told.
	if err := a.store.Amend(t.Context(), reported.Receipt.ID, bridge.Amendment{Kind: bridge.Withdraw, Reason: "nơi gửi thu hồi", By: "lan"}); err != nil {
		t.Fatal(err)
	}
	drain()
	var out bytes.Buffer
	if code := run(t.Context(), []string{"-c", stage.Config, "register", "list"}, streams{in: strings.NewReader(""), out: &out, err: io.Discard}); code != exitDone {
		t.Fatalf("register list ended with %d", code)
	}
	line := ""
	for l := range strings.Lines(out.String()) {
		if strings.Contains(l, "101/SNV-CCVC") {
			line = l
		}
	}
	number, _, _ := strings.Cut(reported.Records[0].SoDen, "/")
	if !strings.HasPrefix(line, number+" ") || !strings.Contains(line, "đã thu hồi") {
		t.Errorf("the register has %q of\n%s", line, out.String())
	}
	recalls := slices.DeleteFunc(stage.Axis.Documents(), func(d fake.Document) bool { return d.Change != edxml.Recalled })
	if len(recalls) != 1 || recalls[0].Code != "101/SNV-CCVC" || recalls[0].Times != 1 || !strings.Contains(recalls[0].Reason, reported.Records[0].SoDen) {
		t.Errorf("recalled on the axis is %+v", recalls)
	}
}

// noticeKind is the kind of a notice that was caught.
func noticeKind(t *testing.T, raw []byte) string {
	t.Helper()
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return kindOf(e.Header.Get("Message-Id"))
}
