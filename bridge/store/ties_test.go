package store_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// relating makes the first record of a settlement do something to another document.
func relating(s bridge.Settlement, kind mapping.RelationKind, number, target string) bridge.Settlement {
	s.Outcome.Records[0].Relations = []mapping.Relation{{Kind: kind, SoHieu: number, Keys: []string{"key:" + number}, Target: target}}
	return s
}

// A relation is seen from both ends, in whatever order the two documents came; who must hear of a recall does so either way.
func testRelations(b *bench) {
	tasks := b.tasks(4)
	first := settled(tasks[0], bridge.Registered, "1/UBND")
	b.commit(first, relating(settled(tasks[1], bridge.Registered, "2/UBND"), mapping.Recalls, "1/UBND", first.Receipt.ID+"/1"))
	b.commit(relating(settled(tasks[2], bridge.Registered, "4/UBND"), mapping.Recalls, "3/UBND", ""))
	if got := b.explain(tasks[2].Receipt.ID).Records[0].Relations; len(got) != 1 || got[0].Record != "" || got[0].SoHieu != "3/UBND" {
		b.Fatalf("about what is not here: %+v", got)
	}
	b.commit(settled(tasks[3], bridge.Registered, "3/UBND"))
	for i, want := range []store2{
		{"recalled-by", "2/UBND", tasks[1].Receipt.ID + "/1", "2/2026"}, {"recalls", "1/UBND", tasks[0].Receipt.ID + "/1", "1/2026"},
		{"recalls", "3/UBND", tasks[3].Receipt.ID + "/1", "4/2026"}, {"recalled-by", "4/UBND", tasks[2].Receipt.ID + "/1", "3/2026"},
	} {
		got := b.explain(tasks[i].Receipt.ID).Records[0].Relations
		if len(got) != 1 || (store2{got[0].Kind, got[0].SoHieu, got[0].Record, got[0].SoDen}) != want || got[0].State != bridge.Registered {
			b.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
	lines, err := b.Entries(b.ctx(), register.Query{Receiver: agency, Year: 2026, Kind: register.Incoming})
	b.must(err)
	if len(lines) != 4 || len(lines[0].Relations) != 1 || lines[0].Relations[0] != (register.Relation{Kind: register.RecalledBy, SoHieu: "2/UBND", Record: tasks[1].Receipt.ID + "/1"}) {
		b.Errorf("the register has %+v", lines)
	}
	b.wantCount("SELECT count(*) FROM alarms WHERE code = 'recall-asked'", 1) // the other is the outcome's own
	if got := b.events(tasks[2].Receipt.ID); got != "receipt.stored record.registered relation.tied" {
		b.Errorf("events are %q", got)
	}
}

type store2 struct{ kind, soHieu, record, soDen string }

// reporting is the outcome of a receipt that reports of a record.
func reporting(t bridge.Task, record string, code edxml.StatusCode, state edxml.State, effect edxml.Effect, told int) bridge.Settlement {
	s := settled(t, bridge.Recorded, "")
	s.Outcome.Statuses = []bridge.Status{{Record: record, Organ: "H50.12", Code: code, By: bridge.AnsweredByCode, At: time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC),
		Effect: effect, State: state, Told: told, Words: "văn thư báo " + string(code)}}
	return s
}

// Statuses are the history of a record; two that were decided on the same history do not both stand.
func testStatuses(b *bench) {
	tasks := b.tasks(4)
	b.commit(settled(tasks[0], bridge.Registered, "1/UBND"))
	record := tasks[0].Receipt.ID + "/1"
	arrived := edxml.State{Progress: edxml.Arrived}
	errs, err := b.Commit(b.ctx(), draw, []bridge.Settlement{reporting(tasks[1], record, edxml.Arrived, arrived, edxml.Advanced, 0),
		reporting(tasks[2], record, edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 0)})
	b.must(err)
	b.must(errs[0])
	b.wants(errs[1], bridge.ErrStale)
	b.wants(b.commitErr(reporting(tasks[2], record, edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 0)), bridge.ErrStale)
	b.commit(reporting(tasks[2], record, edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 1))
	b.commit(reporting(tasks[3], record, edxml.Rejected, edxml.State{Progress: edxml.Registered}, edxml.Contrary, 2))
	got := b.explain(tasks[0].Receipt.ID).Records[0].Statuses
	if len(got) != 3 || got[0].Code != edxml.Arrived || got[0].State != arrived || got[2].Effect != edxml.Contrary || got[1].Words != "văn thư báo 03" ||
		got[1].Receipt != tasks[2].Receipt.ID || got[1].ToldAt.IsZero() {
		b.Fatalf("the history is %+v", got)
	}
	if e := b.explain(tasks[1].Receipt.ID); e.State != bridge.Recorded || b.events(tasks[1].Receipt.ID) != "receipt.stored status.tied" {
		b.Fatalf("the report is %s with %s", e.State, b.events(tasks[1].Receipt.ID))
	}
	// A person takes one back: the others keep their places.
	b.must(b.Amend(b.ctx(), tasks[2].Receipt.ID, bridge.Amendment{Kind: bridge.RefuseIt, Reason: "nhầm", By: "lan"}))
	again := b.claimOne()
	back := settled(again, bridge.Refused, "")
	b.commit(back)
	if got := b.explain(tasks[0].Receipt.ID).Records[0].Statuses; len(got) != 2 || got[1].Code != edxml.Rejected {
		b.Fatalf("after one was taken back: %+v", got)
	}
}

// A report finds its record by the identity that the document went or came under, else by its number and day.
func testAnswered(b *bench) {
	tasks := b.tasks(3)
	one := settled(tasks[0], bridge.Registered, "1/UBND")
	r := &one.Outcome.Records[0]
	r.Key, r.CodeKey, r.Document.Ngay = "1|ubnd|dong-ha|2026", mapping.CodeKey("H50.1", "id-1"), "2026-06-01"
	r.Sender = directory.Match{Agency: "dong-ha", Address: "vp@dongha.quangtri.gov.vn", How: directory.ByAddress, Candidates: []string{}, Findings: []string{}}
	one.Outcome.Reply = &bridge.Reply{Sender: r.Sender, Identity: "dmarc", MessageID: "m@dongha", References: []string{}}
	two := settled(tasks[1], bridge.Registered, "1/UBND")
	two.Outcome.Records[0].Key, two.Outcome.Records[0].Document.Ngay = "1|ubnd|cam-lo|2026", "2026-06-01"
	b.commit(one, two)
	b.must(b.Suppress(b.ctx(), "vp@dongha.quangtri.gov.vn", "lan", "được yêu cầu"))
	b.commit(reporting(tasks[2], tasks[0].Receipt.ID+"/1", edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 0))
	ask := func(a bridge.About) []bridge.Answered {
		h := b.history(bridge.Lookup{Receipt: "other", Receiver: agency, About: []bridge.About{a}})
		if len(h.Answered) != 1 {
			b.Fatalf("answered are %+v", h.Answered)
		}
		for _, a := range h.Answered[0] {
			if a.Reply != nil && !slices.Contains(h.Suppressed, a.Reply.Sender.Address) {
				b.Errorf("nobody was asked whether %s bounces", a.Reply.Sender.Address)
			}
		}
		return h.Answered[0]
	}
	byCode := ask(bridge.About{DocumentID: "id-1", Organ: "H50.1"})
	if len(byCode) != 1 || byCode[0].By != bridge.AnsweredByCode || byCode[0].SoDen != "1/2026" || byCode[0].Told != 1 || byCode[0].Channel != bridge.Email ||
		byCode[0].Organs["H50.12"].Progress != edxml.Registered || !slices.Equal(byCode[0].Steps, []edxml.StatusCode{edxml.Registered}) ||
		byCode[0].Reply == nil || byCode[0].Reply.MessageID != "m@dongha" {
		b.Fatalf("by code: %+v", byCode)
	}
	byNumber := ask(bridge.About{Number: "1|ubnd|", Ngay: "2026-06-01"})
	if len(byNumber) != 2 || byNumber[0].Agency != "dong-ha" || byNumber[1].Agency != "cam-lo" {
		b.Fatalf("by number: %+v", byNumber)
	}
	for _, none := range []bridge.About{{Number: "1|ubnd|", Ngay: "2026-06-02"}, {Number: "11|ubnd|", Ngay: "2026-06-01"}, {DocumentID: "id-1", Organ: "H50.2"}, {}} {
		if got := ask(none); len(got) != 0 {
			b.Errorf("%+v found %+v", none, got)
		}
	}
	if h := b.history(bridge.Lookup{Receipt: "other", Receiver: "so-tttt", About: []bridge.About{{Number: "1|ubnd|", Ngay: "2026-06-01"}}}); len(h.Answered[0]) != 0 {
		b.Error("another receiving agency's records were found")
	}
}

// When a document turns out to be a secret, nothing that was tied to it quotes it any more.
func testSecretTies(b *bench) {
	tasks := b.tasks(3)
	b.commitQuoting(tellingAll(settled(tasks[0], bridge.Registered, ""), notice.Receipt))
	record := tasks[0].Receipt.ID + "/1"
	status := reporting(tasks[1], record, edxml.Registered, edxml.State{Progress: edxml.Registered}, edxml.Advanced, 0)
	status.Outcome.Statuses[0].Words = "đã vào sổ Kế hoạch Sao Băng"
	status.Outcome.Facts.Subject = "Trả lời văn bản 77/KH-SAOBANG"
	status.Outcome.Records[0].Document = vanban.Document{SoHieu: "77/KH-SAOBANG"}
	status.Outcome.History.Answered = [][]bridge.Answered{{{Record: record, Number: "77/KH-SAOBANG", Subject: "Kế hoạch Sao Băng"}}}
	status = telling(status, notice.StatusRegistered)
	status.Outcome.Notice.Body = "Văn bản 77/KH-SAOBANG đã vào sổ"
	b.commitQuoting(status)
	b.commit(relating(settled(tasks[2], bridge.Registered, "9/UBND"), mapping.Corrects, "8/UBND", record))
	b.must(b.Amend(b.ctx(), tasks[0].Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": "mat"}, Reason: "sửa tay", By: "lan"}))
	late := settled(b.claimOne(), bridge.Quarantined, "")
	b.commitQuoting(quarantining(late))
	if list := b.quoting(); len(list) > 0 {
		b.Errorf("words are left: %v", list)
	}
	if e := b.explain(tasks[1].Receipt.ID); e.State != bridge.Recorded || e.Outcomes[0].Erased != true {
		b.Errorf("the report is %s, %+v", e.State, e.Outcomes)
	}
	got := b.explain(tasks[0].Receipt.ID).Records[0]
	if len(got.Statuses) != 1 || got.Statuses[0].Words != "" || got.Statuses[0].Code != edxml.Registered || len(got.Relations) != 1 || got.Relations[0].Kind != "corrected-by" {
		b.Errorf("what stays is %s", fmt.Sprintf("%+v", got))
	}
}
