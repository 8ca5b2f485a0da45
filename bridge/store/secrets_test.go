package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// telltale are words of a message that turns out to be a secret; nothing may quote any of them afterwards.
var telltale = []string{"Sao Băng", "77/KH-SAOBANG", "sao-bang.pdf", "Nguyễn Văn Sao", "sửa tay", "m-saobang@", "saobang"}

// quote renders a notice with what its draft says.
func quote(d notice.Draft, n notice.Numbers) (notice.Rendered, error) {
	r, err := draw(d, n)
	r.Bytes = append(r.Bytes, d.Subject+"\r\n"+d.Body+"\r\n"+d.InReplyTo...)
	return r, err
}

// commitQuoting is commit with notices that quote.
func (b *bench) commitQuoting(s bridge.Settlement) {
	b.Helper()
	errs, err := b.Commit(b.ctx(), quote, []bridge.Settlement{s})
	b.must(err)
	b.must(errs[0])
}

// tellingAll is an outcome that quotes the message wherever one can.
func tellingAll(s bridge.Settlement, kind notice.Kind) bridge.Settlement {
	o := &s.Outcome
	o.Facts = bridge.Facts{Subject: "V/v kế hoạch Sao Băng", From: "vp@dongha.quangtri.gov.vn", MessageID: "m-saobang@dongha.vn", Files: 3}
	o.Findings = []parser.Finding{{Code: "charset", Where: "sao-bang.pdf", Note: "Sao Băng"}}
	o.Decision.Trace = []policy.Step{{Rule: "qt-2014", Matched: true, Because: "văn bản Sao Băng"}}
	o.Wanted = []string{sum("scan")}
	o.Evidence.Readings = []bridge.Reading{{SHA256: sum("text"), Reader: "r 1"}}
	record := func(number, file string) bridge.RecordOutcome {
		r := settled(bridge.Task{Receipt: s.Receipt}, bridge.Registered, number).Outcome.Records[0]
		r.Key = "key:" + number
		r.Issuer.Name = "Ban chỉ đạo Sao Băng"
		r.Document = vanban.Document{SoHieu: number, TrichYeu: "Kế hoạch Sao Băng", NguoiKy: "Nguyễn Văn Sao",
			Sources: map[string]vanban.Source{"so_hieu": {From: vanban.FromText, Evidence: "Số: " + number}}}
		r.Files = []mapping.File{{Name: "sao-bang.pdf", Type: "application/pdf", Size: 9, Digest: sum(file)}}
		r.Missing, r.Doubts = []string{"file"}, []string{"so_hieu-saobang"}
		r.Signature = mapping.FileSignature{State: "valid", Signers: []mapping.Signer{{Name: "Nguyễn Văn Sao"}}}
		r.Unread = []mapping.Unread{{Digest: sum(file), Problem: mapping.ProblemNoOCR}}
		r.Decision = o.Decision
		return r
	}
	o.Records = []bridge.RecordOutcome{record("77/KH-SAOBANG", "text"), record("78/KH-SAOBANG", "scan"), record("", "annex")}
	o.Records[2].State = bridge.Held
	o.Asked = []bridge.Asked{{Record: 1, Submission: policy.Submission{ID: s.Receipt.ID, Channel: "email", Document: policy.Document{Number: "77/KH-SAOBANG", Subject: "Sao Băng",
		Type: "kế hoạch Sao Băng", Purpose: "saobang"}, Context: policy.Context{Answers: "77/KH-SAOBANG", AlsoNumber: "saobang"}}}}
	o.State = bridge.Registered
	s = telling(s, kind)
	d := *s.Outcome.Notice
	d.Subject, d.Body, d.InReplyTo, d.References = "Đã nhận 77/KH-SAOBANG", "Kế hoạch Sao Băng", "m-saobang@dongha.vn", []string{"m-saobang@dongha.vn"}
	d.Gist = notice.Gist{Lines: []string{"Trích yếu: Kế hoạch Sao Băng"}}
	s.Outcome.Notice = &d
	return s
}

// found late: the outcome that quarantines, made as if its maker had not blanked everything.
func quarantining(s bridge.Settlement) bridge.Settlement {
	o := &s.Outcome
	o.State, o.Reason = bridge.Quarantined, bridge.ReasonSecret
	o.Records = o.Records[:1]
	o.Records[0].State = bridge.Quarantined
	o.Records[0].Document = vanban.Document{DoMat: vanban.Mat, TrichYeu: "Kế hoạch Sao Băng", Sources: map[string]vanban.Source{
		"do_mat": {From: vanban.FromOCR, Evidence: "MẬT Sao Băng", Confidence: 1}}}
	o.Alarms = []bridge.Alarm{{Key: "secret:" + s.Receipt.ID, Code: "state-secret", Text: "cách ly"}}
	return s
}

// dump is every value of every table that is a text or bytes, with where it stands.
func (b *bench) dump() map[string][]string {
	b.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if b.name == "postgres" {
		list = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	db := b.raw(b.T, b.url)
	names, err := db.Query(list)
	b.must(err)
	var tables []string
	for names.Next() {
		var name string
		b.must(names.Scan(&name))
		tables = append(tables, name)
	}
	b.must(errors.Join(names.Err(), names.Close()))
	out := map[string][]string{}
	for _, table := range tables {
		rows, err := db.Query("SELECT * FROM " + table)
		b.must(err)
		columns, err := rows.Columns()
		b.must(err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			b.must(rows.Scan(values...))
			for i, v := range values {
				switch v := (*v.(*any)).(type) {
				case string:
					out[table+"."+columns[i]] = append(out[table+"."+columns[i]], v)
				case []byte:
					out[table+"."+columns[i]] = append(out[table+"."+columns[i]], string(v))
				}
			}
		}
		b.must(errors.Join(rows.Err(), rows.Close()))
	}
	return out
}

// quoting lists the columns that hold telltale words.
func (b *bench) quoting() []string {
	b.Helper()
	var list []string
	for column, values := range b.dump() {
		for _, v := range values {
			for _, word := range telltale {
				if strings.Contains(strings.ToLower(v), strings.ToLower(word)) {
					list = append(list, fmt.Sprintf("%s has %q", column, word))
				}
			}
		}
	}
	return list
}

// inFiles lists the telltale words that stand in the files of SQLite, written and overwritten.
func (b *bench) inFiles() []string {
	b.Helper()
	var list []string
	path := strings.TrimPrefix(b.url, "sqlite:")
	for _, name := range []string{path, path + "-wal"} {
		body, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		b.must(err)
		for _, word := range telltale {
			if bytes.Contains(body, []byte(word)) {
				list = append(list, word+" in "+strings.TrimPrefix(name, path))
			}
		}
	}
	return list
}

// tellTale makes a receipt that is quoted everywhere, and gives its next settlement: the one that finds the mark.
func (b *bench) tellTale() (bridge.Settlement, bridge.ReadingTask) {
	b.Helper()
	b.find(sum("text"), found("r 1", "Kế hoạch Sao Băng, Nguyễn Văn Sao"))
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commitQuoting(tellingAll(settled(task, bridge.Registered, ""), notice.Receipt))
	for _, o := range b.outgoing(9, bridge.Caps{}) {
		b.must(b.NoticeSent(b.ctx(), o, "250 2.0.0 Ok: Đã nhận 77/KH-SAOBANG"))
	}
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"trich_yeu": "sửa tay", "2.so_hieu": "79/KH-SAOBANG"},
		Reason: "Sao Băng đọc nhầm", By: "lan"}))
	s := tellingAll(b.decided(b.claimOne(), bridge.Registered), notice.Accepted)
	b.commitQuoting(s)
	line := b.lineOf(id + "/1")
	if _, err := b.Direct(b.ctx(), line, register.Direction{Text: "Triển khai Sao Băng", Author: "Chủ tịch", Handler: "Tổ Sao Băng", CoHandlers: []string{"Sao Băng 2"},
		Due: "2026-06-30", By: "lan"}); err != nil {
		b.Fatal(err)
	}
	b.must(b.Sign(b.ctx(), line, time.Time{}, "hoa", "lan"))
	b.must(b.Finish(b.ctx(), line, "77/KH-SAOBANG-TL", "lan"))
	reading := b.readOne()
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.Amend, Fields: map[string]string{"do_mat": "mat", "1.nguoi_ky": "sửa tay"}, By: "lan",
		Reason: "thấy dấu MẬT trên Sao Băng"}))
	return quarantining(tellingAll(b.decided(b.claimOne(), bridge.Registered), notice.Neutral)), reading
}

func testLateSecret(b *bench) {
	s, reading := b.tellTale()
	id := s.Receipt.ID
	d := *s.Outcome.Notice
	d.Subject, d.Body, d.InReplyTo, d.References = "Không nhận được qua thư điện tử", "Xin gửi theo đường khác.", "", nil
	s.Outcome.Notice = &d
	for _, column := range []string{"outcomes.outcome", "outcomes.inputs", "records.document", "records.files", "record_keys.rec_key", "notices.draft",
		"notices.body", "notices.gist", "notices.reply", "events.sealed", "amendments.fields", "amendments.reason", "messages.subject", "messages.message_id", "file_evidence.body", "entries.author", "entries.answer",
		"directions.text", "directions.handler", "directions.co_handlers"} {
		if !strings.Contains(strings.Join(b.quoting(), "; ")+";", column+" has") { // or the test would find nothing by finding nothing
			b.Fatalf("%s quotes nothing before", column)
		}
	}
	leaves := b.dump()["events.leaf"]
	b.commitQuoting(s)
	b.find(sum("scan"), found("r 1", "Kế hoạch Sao Băng")) // whoever was reading it ends now
	b.wants(b.ReadingDone(b.ctx(), reading.Job, id), bridge.ErrFenced)
	if left := b.quoting(); len(left) != 0 {
		b.Fatalf("left are %s", strings.Join(left, "; "))
	}
	if b.name == "sqlite" {
		if left := b.inFiles(); len(left) != 0 {
			b.Fatalf("left in the files are %v", left)
		}
	}
	now := b.dump()["events.leaf"]
	for _, leaf := range leaves {
		if !slices.Contains(now, leaf) {
			b.Fatalf("a leaf is not there any more: %s", leaf)
		}
	}
	b.wantLeavesOpen()
	b.wantBlank(id)
}

// wantLeavesOpen: what is still kept beside the leaves opens their commitments.
func (b *bench) wantLeavesOpen() {
	b.Helper()
	rows, err := b.raw(b.T, b.url).Query("SELECT leaf, sealed, salts FROM events")
	b.must(err)
	n := 0
	for rows.Next() {
		var leaf, sealed, salts []byte
		b.must(rows.Scan(&leaf, &sealed, &salts))
		kept := audit.Stored{Leaf: leaf}
		unmarshal(b, sealed, &kept.Sealed)
		unmarshal(b, salts, &kept.Salts)
		b.must(kept.Check())
		if len(kept.Sealed) != len(kept.Salts) {
			b.Fatalf("%d values with %d salts", len(kept.Sealed), len(kept.Salts))
		}
		n += len(kept.Sealed)
	}
	b.must(errors.Join(rows.Err(), rows.Close()))
	if n == 0 {
		b.Fatal("where mail came from and notices went was forgotten too")
	}
}

// wantBlank: numbers, states, digests, instants and people stand, and every list works on it.
func (b *bench) wantBlank(id string) {
	b.Helper()
	e := b.explain(id)
	if e.State != bridge.Quarantined || e.Receipt.ID != id || !reflect.DeepEqual(e.Facts, bridge.Facts{Files: 3}) || len(e.Outcomes) != 3 || len(e.Records) != 3 {
		b.Fatalf("explained as %+v", e)
	}
	for i, want := range []struct {
		state bridge.State
		soDen string
		file  string
	}{{bridge.Quarantined, "1/2026", "text"}, {bridge.Quarantined, "2/2026", "scan"}, {bridge.Ignored, "", "annex"}} {
		r := e.Records[i]
		if r.State != want.state || r.SoDen != want.soDen || len(r.Files) != 1 || r.Files[0].Digest != sum(want.file) || r.Files[0].Size != 9 ||
			r.Document.DoMat != vanban.Mat || r.Agency != "dong-ha" {
			b.Fatalf("record %d is %+v", i+1, r)
		}
	}
	for i, o := range e.Outcomes {
		if v := o.Outcome; !o.Erased || v.Versions.Rules != "r1" || v.Decision.Rule != "qt-2014" || !v.Decision.Trace[0].Matched || v.Instant.At.IsZero() ||
			v.Findings[0].Code != "charset" || v.Records[0].Files[0].Digest != sum("text") || v.Evidence.Readings[0].Reader != "r 1" || v.History.Outcomes != i {
			b.Fatalf("outcome %d is %+v", o.Seq, v)
		}
	}
	if e.Outcomes[2].Outcome.Alarms[0].Code != "state-secret" || len(e.Outcomes[2].Outcome.History.Own) != 2 {
		b.Fatalf("the last outcome is %+v", e.Outcomes[2].Outcome)
	}
	if len(e.Amendments) != 2 || e.Amendments[0].By != "lan" || e.Amendments[0].Kind != bridge.Amend || e.Amendments[0].At.IsZero() {
		b.Fatalf("amendments are %+v", e.Amendments)
	}
	states := map[notice.Kind]string{}
	for _, n := range e.Notices {
		states[n.Kind] = n.State + " " + n.Reply
		if n.Rendered.MessageID == "" || n.Rendered.EnvelopeTo == "" || n.MadeAt.IsZero() {
			b.Fatalf("notice is %+v", n)
		}
	}
	if want := (map[notice.Kind]string{notice.Receipt: "sent 250 2.0.0", notice.Accepted: "cancelled overruled", notice.Neutral: "queued "}); !reflect.DeepEqual(states, want) {
		b.Fatalf("notices are %v, want %v", states, want)
	}
	out := b.outgoing(9, bridge.Caps{})
	if len(out) != 1 || out[0].Kind != notice.Neutral || len(out[0].Bytes) == 0 {
		b.Fatalf("given out were %+v", out)
	}
	b.wants(b.ReleaseNotice(b.ctx(), id+".accepted", "lan"), bridge.ErrNotFound)
	if _, err := b.raw(b.T, b.url).Exec("UPDATE notices SET state = 'failed' WHERE kind = 'accepted'"); err != nil {
		b.Fatal(err)
	}
	b.wants(b.ReleaseNotice(b.ctx(), id+".accepted", "lan"), bridge.ErrNotFound) // without bytes there is nothing to release
	b.must(b.CancelNotice(b.ctx(), id+".accepted", "lan", "x"))
	b.wantCount("SELECT count(*) FROM record_keys", 0)
	b.wantReadings(0)
	if _, err := b.ListOpen(b.ctx(), store.OpenFilter{}); err != nil {
		b.Fatal(err)
	}
	if c, err := b.Counts(b.ctx()); err != nil || c.Receipts[bridge.Quarantined] != 1 || c.Records[bridge.Quarantined] != 2 {
		b.Fatalf("counts are %+v, %v", c, err)
	}
}

// The mark that a person saw outlasts the erasing, and an erased correction is none; once it is called a false alarm, the files are read anew.
func testLateSecretCleared(b *bench) {
	s, _ := b.tellTale()
	s.Outcome.Notice, s.Outcome.Silence = nil, notice.SilentQuarantined
	b.commitQuoting(s)
	id := s.Receipt.ID
	files := b.known(sum("text"), sum("scan"))
	if files[sum("text")].Problem != mapping.ProblemWithheld || files[sum("scan")].Problem != mapping.ProblemWithheld {
		b.Fatalf("of the files is known %+v", files)
	}
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.NotSecret, By: "hoa", Reason: "dấu của phong bì"}))
	task := b.claimOne()
	if got := task.Amendments; len(got) != 3 || len(got[0].Fields) != 0 || !reflect.DeepEqual(got[1].Fields, map[string]string{"do_mat": "mat"}) {
		b.Fatalf("amendments are %+v", got)
	}
	if want := [][]string{{sum("text")}}; !reflect.DeepEqual(task.Receipt.Documents, want) {
		b.Fatalf("documents are %v", task.Receipt.Documents)
	}
	if files := b.known(sum("text")); len(files) != 0 { // of those in its records; the newest outcome has one
		b.Fatalf("still withheld are %+v", files)
	}
	again := tellingAll(b.decided(task, bridge.Registered), notice.Accepted)
	b.commitQuoting(again)
	e := b.explain(id)
	if e.State != bridge.Registered || e.Records[0].SoDen != "1/2026" || e.Records[0].Document.NguoiKy != "Nguyễn Văn Sao" || e.Facts.Subject == "" {
		b.Fatalf("cleared it is %+v", e)
	}
	b.find(sum("text"), found("r 1", "Sao Băng"))
	if got := b.known(sum("text"))[sum("text")]; len(got.Pages) != 1 {
		b.Fatalf("read anew it is %+v", got)
	}
	if n, err := b.NoticeByID(b.ctx(), id+".accepted"); err != nil || n.State != "queued" || !strings.Contains(string(n.Rendered.Bytes), "Sao Băng") {
		b.Fatalf("made anew it is %+v, %v", n, err)
	}
}

// A notice that quotes and is being handed over holds the quarantine up until it is known what became of it; one that failed is not tried again.
func testLateSecretNotices(b *bench) {
	receipt, id := b.told(notice.Receipt)
	out := b.outgoing(1, bridge.Caps{})[0]
	s := b.again(receipt, bridge.Quarantined)
	b.wants(b.commitErr(s), bridge.ErrStale)
	b.must(b.NoticeDead(b.ctx(), out, "550 5.7.1 Tiếp nhận văn bản"))
	b.commit(b.decided(bridge.Task{Job: s.Job, Receipt: s.Receipt}, bridge.Quarantined))
	n, err := b.NoticeByID(b.ctx(), id)
	b.must(err)
	if n.State != "cancelled" || n.Reply != "overruled" || len(n.Rendered.Bytes) != 0 || n.Rendered.MessageID == "" {
		b.Fatalf("it is %+v", n)
	}

	// Should one without its words ever be queued, it waits for a person who can only take it back.
	_, id = b.told(notice.Remind)
	if _, err := b.raw(b.T, b.url).Exec("UPDATE notices SET body = substr(body, 1, 0) WHERE id = '" + id + "'"); err != nil {
		b.Fatal(err)
	}
	if out := b.outgoing(9, bridge.Caps{}); len(out) != 0 || b.noticeState(id) != "review" {
		b.Fatalf("a blank notice was given out: %+v, it is %s", out, b.noticeState(id))
	}
	b.wants(b.ReleaseNotice(b.ctx(), id, "lan"), bridge.ErrNotFound)
	b.must(b.CancelNotice(b.ctx(), id, "lan", "x"))
}

// The header block was cleared and its facts were shown; then the whole message turns out to be a secret.
func testLateSecretAfterHeaders(b *bench) {
	id := b.put(b.headed(7, 4, "a"))[0].Receipt
	b.commit(settled(b.claimOne(), bridge.Quarantined, ""))
	b.must(b.Amend(b.ctx(), id, bridge.Amendment{Kind: bridge.NotSecret, Reason: "ghi nhầm", By: "hoa"}))
	s := settled(b.claimOne(), bridge.Held, "")
	s.Outcome.Reason, s.Outcome.Records, s.Outcome.Facts.Subject = bridge.ReasonHeadersOnly, nil, "Sao Băng"
	b.commit(s)
	if len(b.quoting()) == 0 {
		b.Fatal("nothing quotes the header")
	}
	b.put(b.arrival(4, "whole"))
	b.commit(b.decided(b.claimOne(), bridge.Quarantined))
	if left := b.quoting(); len(left) != 0 {
		b.Fatalf("left are %s", strings.Join(left, "; "))
	}
}
