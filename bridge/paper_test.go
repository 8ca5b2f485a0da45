package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
	"pgregory.net/rapid"
)

func testForm() PaperForm {
	return PaperForm{Receiver: "ubnd", StampedAt: cutoff, EnteredAt: cutoff.Add(time.Hour), By: "Trần Thị Hoa", Agency: "snv", Author: "Sở Nội vụ", Number: "12/SNV-VP",
		Date: "2026-03-02", Type: "Công văn", Subject: "Về việc cử cán bộ tham gia đoàn công tác liên ngành", Signer: "Nguyễn Văn An", Paper: mapping.Paper{Seal: "red", Pages: 3}}
}

const scanned = "%PDF-1.4 nội dung bản quét"

func paperRaw(t testing.TB, f PaperForm, scan string) []byte {
	t.Helper()
	var b bytes.Buffer
	var s *PaperScan
	if scan != "" {
		s = &PaperScan{Name: "quét 12.pdf", Type: ScanType([]byte(scan)), Content: strings.NewReader(scan)}
	}
	if err := WritePaper(&b, f, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func onPaper(r *Receipt) { r.Channel, r.Mailbox = Paper, "" }

func paperSettled(t testing.TB, f PaperForm, scan string, h History, k *Knowledge) Outcome {
	t.Helper()
	return settle(t, paperRaw(t, f, scan), f.StampedAt, paperEvidence(f), h, k, onPaper)
}

// paperKnowledge has rules for paper: it is returned from the cutoff on, unless it bears a red seal; without its electronic file it waits or goes
// back before.
func paperKnowledge(t testing.TB) *Knowledge {
	t.Helper()
	rules, _, err := policy.ReadRules("rules.toml", []byte(`title = "Thử"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"
[[rule]]
id = "giay-kem-tep"
title = "Văn bản giấy phải kèm tệp điện tử"
legal = "Công văn 03/UBND-VP"
channels = ["paper"]
[rule.sender]
agencies = ["sct"]
[rule.context]
with_electronic_file = false
[[rule.phase]]
from = 2026-01-01
verdict = "reject"
[[rule]]
id = "giay"
title = "Không nhận văn bản giấy"
legal = "Công văn 04/UBND-VP"
channels = ["paper"]
[rule.sender]
groups = ["so-nganh"]
agencies = ["snv"]
[rule.document]
not_seals = ["red"]
[[rule.phase]]
from = 2026-01-01
verdict = "warn"
[[rule.phase]]
from = 2026-04-20T17:00:00
verdict = "reject"
[[rule]]
id = "thu-kem-giay"
title = "Thư đã có bản giấy"
legal = "Công văn 05/UBND-VP"
channels = ["email"]
[rule.context]
with_paper = true
[[rule.phase]]
from = 2026-01-01
verdict = "accept"
`))
	if err != nil {
		t.Fatal(err)
	}
	k := testKnowledge(t, nil)
	out, err := NewKnowledge(rules, k.Directory, k.Settings)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Paper is judged by the same rules, at the instant of its stamp, and the agency hears of it at its official mailbox.
func TestPaperIsDecided(t *testing.T) {
	k := paperKnowledge(t)
	no, yes := false, true
	second := time.Second
	for name, c := range map[string]struct {
		change func(*PaperForm)
		scan   string
		state  State
		reason string
		rule   string
		kind   notice.Kind // empty: silence
		silent notice.Silence
	}{
		"red seal":                     {func(*PaperForm) {}, scanned, Registered, "", "", notice.Receipt, ""},
		"no scan is needed":            {func(*PaperForm) {}, "", Registered, "", "", notice.Receipt, ""},
		"stamped before the cutoff":    {func(f *PaperForm) { f.Seal, f.StampedAt = "none", cutoff.Add(-second) }, "", Registered, "rule", "giay", notice.Remind, ""},
		"stamped at the cutoff":        {func(f *PaperForm) { f.Seal = "none" }, "", Refused, "rule", "giay", notice.Refuse, ""},
		"seal not said":                {func(f *PaperForm) { f.Seal = "" }, "", Held, "", "giay", "", notice.SilentHeld},
		"without electronic file":      {func(f *PaperForm) { f.Agency, f.Electronic = "sct", &no }, "", Refused, "rule", "giay-kem-tep", notice.Refuse, ""},
		"with electronic file":         {func(f *PaperForm) { f.Agency, f.Electronic = "sct", &yes }, "", Registered, "", "", notice.Receipt, ""},
		"a scan is no electronic file": {func(f *PaperForm) { f.Agency, f.Electronic = "sct", &no }, scanned, Refused, "rule", "giay-kem-tep", notice.Refuse, ""},
		"nobody said whether":          {func(f *PaperForm) { f.Agency = "sct" }, "", Held, "", "giay-kem-tep", "", notice.SilentHeld},
		"agency without mailbox":       {func(f *PaperForm) { f.Agency = "kho" }, "", Registered, "", "", "", notice.SilentNoAddress},
		"sender not in the directory":  {func(f *PaperForm) { f.Agency = "" }, "", Held, ReasonIncomplete, "", "", notice.SilentHeld},
		"number wanted":                {func(f *PaperForm) { f.Number = "" }, "", Held, ReasonIncomplete, "", "", notice.SilentHeld},
		"mark in the summary":          {func(f *PaperForm) { f.Subject = "MẬT: phương án nhân sự" }, "", Quarantined, ReasonSecret, "giay", "", notice.SilentQuarantined},
		"secret stated":                {func(f *PaperForm) { *f = secretForm() }, "", Quarantined, ReasonSecret, "giay", "", notice.SilentQuarantined},
	} {
		t.Run(name, func(t *testing.T) {
			f := testForm()
			c.change(&f)
			o := paperSettled(t, f, c.scan, History{}, k)
			if o.State != c.state || c.reason != "" && o.Reason != c.reason || o.Decision.Rule != c.rule || o.Silence != c.silent {
				t.Fatalf("%s (%s) by %q, silence %q, findings %+v", o.State, o.Reason, o.Decision.Rule, o.Silence, o.Findings)
			}
			if (o.Notice == nil) != (c.kind == "") || o.Notice != nil && o.Notice.Kind != c.kind {
				t.Fatalf("notice %+v", o.Notice)
			}
			if o.Notice != nil && o.Notice.Agency == "snv" && o.Notice.To != "vanthu@noivu.example.vn" {
				t.Errorf("notice to %s", o.Notice.To)
			}
			if !o.Instant.At.Equal(f.StampedAt) || o.Instant.Source != InstantClerk {
				t.Errorf("counted %+v", o.Instant)
			}
			if len(o.Records) != 1 || len(o.Findings) > 0 {
				t.Fatalf("%d records, findings %+v", len(o.Records), o.Findings)
			}
			if !same(t, o, paperSettled(t, f, c.scan, History{}, k)) {
				t.Error("the same form gave another outcome")
			}
		})
	}
}

func secretForm() PaperForm {
	return PaperForm{Receiver: "ubnd", StampedAt: cutoff, EnteredAt: cutoff, By: "Trần Thị Hoa", Agency: "snv", Secrecy: vanban.ToiMat}
}

// What was typed is the record, whatever a person typed before; a correction stands above it.
func TestPaperRecordIsWhatWasTyped(t *testing.T) {
	k := testKnowledge(t, nil)
	h := History{Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"nguoi_ky": "Lê Văn Bình"}}}}
	o := paperSettled(t, testForm(), scanned, h, k)
	r := o.Records[0]
	if d := r.Document; d.SoHieu != "12/SNV-VP" || d.KyHieu != "SNV-VP" || d.Ngay != "2026-03-02" || d.LoaiTat != "CV" || d.NguoiKy != "Lê Văn Bình" ||
		d.TrichYeu != "cử cán bộ tham gia đoàn công tác liên ngành" || d.Sources["so_hieu"].From != vanban.FromClerk {
		t.Errorf("%+v", d)
	}
	if r.Key != "12|snv-vp|snv|2026" || r.Sender.Agency != "snv" || len(r.Files) != 1 || r.Files[0].Name != "quét 12.pdf" || r.Files[0].Type != "application/pdf" ||
		r.Files[0].Size != int64(len(scanned)) || r.Paper == nil || r.Paper.Pages != 3 {
		t.Errorf("%+v", r.Record)
	}
	if o.Facts.Subject != testForm().Subject || o.Facts.Files != 1 || o.Evidence.Identity != policy.IdentityClerk {
		t.Errorf("facts %+v, evidence %+v", o.Facts, o.Evidence)
	}
}

// A paper and a mail of one document are one record, whichever is first, under the guards of mapping.Alike; where they say no, a person
// compares, and a clerk who has both before him says so at once.
func TestPaperAndMailAreOneDocument(t *testing.T) {
	k := paperKnowledge(t)
	key := "12|snv-vp|snv|2026"
	stands := func(alike bool, by Channel) History {
		return History{Registered: map[string]Standing{key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Agency: "snv", Files: []string{"ff"},
			Channels: []Channel{by}, Alike: alike}}}
	}
	joined := func(o Outcome) bool {
		return o.State == Duplicate && o.Records[0].JoinTo == "GL-2026-0000009/1" && slices.Contains(o.Records[0].Doubts, DoubtOtherBytes)
	}
	f := testForm()
	if o := paperSettled(t, f, scanned, stands(true, Email), k); !joined(o) || o.Silence == notice.SilentHeld {
		t.Errorf("paper after its mail: %s (%s)", o.State, o.Reason)
	}
	if o := paperSettled(t, f, scanned, stands(false, Email), k); o.State != Held || o.Reason != ReasonNumberTaken {
		t.Errorf("paper after another mail: %s (%s)", o.State, o.Reason)
	}
	if o := paperSettled(t, f, scanned, stands(true, Paper), k); o.State != Held || o.Reason != ReasonNumberTaken {
		t.Errorf("paper after the same paper: %s (%s)", o.State, o.Reason)
	}
	f.Joins, f.JoinsKey = "GL-2026-0000009/1", key
	if o := paperSettled(t, f, scanned, stands(false, Email), k); !joined(o) {
		t.Errorf("joined by the clerk: %s (%s)", o.State, o.Reason)
	}
	f.Number, f.JoinsKey = "21/SNV-VP", "77||snv|2026"
	h := stands(false, Email)
	h.Registered["77||snv|2026"] = h.Registered[key]
	if o := paperSettled(t, f, "", h, k); !joined(o) {
		t.Errorf("joined by the clerk under another number: %s (%s)", o.State, o.Reason)
	}
	if u := UnderstandPaper(Receipt{Channel: Paper}, ReadPaper(bytes.NewReader(paperRaw(t, f, "")), int64(len(paperRaw(t, f, ""))), k.Settings.Limits), nil, nil, k); !slices.Contains(u.Lookup.Keys, "77||snv|2026") {
		t.Errorf("history is not asked for %s: %v", f.JoinsKey, u.Lookup.Keys)
	}
	f.Joins = "GL-2026-0000010/1" // not the record that stands there now
	if o := paperSettled(t, f, "", h, k); o.State != Registered {
		t.Errorf("joined to what is gone: %s (%s)", o.State, o.Reason)
	}

	mail := letter{subject: "Cong van so 12/SNV-VP ve viec cu can bo"}
	o := settle(t, mail.raw(), cutoff, Evidence{Identity: policy.IdentityDMARC}, stands(true, Paper), k, nil)
	if !joined(o) {
		t.Errorf("mail after its paper: %s (%s)", o.State, o.Reason)
	}
	s := submissionOf(Receipt{ID: "x", Channel: Email}, Instant{}, "", policy.IdentityDMARC, stands(true, Paper), mapping.Record{Key: key})
	if s.Context.WithPaper == nil || !*s.Context.WithPaper || !slices.Equal(s.Context.AlsoReceived, []string{"paper"}) {
		t.Errorf("the rules do not hear of the paper: %+v", s.Context)
	}
	s = submissionOf(Receipt{ID: "x", Channel: Paper}, Instant{}, "", policy.IdentityClerk, stands(true, Email), mapping.Record{Key: key, Paper: &mapping.Paper{}})
	if s.Context.WithElectronicFile == nil || !*s.Context.WithElectronicFile {
		t.Errorf("the rules do not hear of the mail: %+v", s.Context)
	}
}

// Of a paper with a độ mật facts are kept: no word, no file, no alarm, nobody is written to.
func TestSecretPaperGoesToTheSecretBook(t *testing.T) {
	k := testKnowledge(t, nil)
	f := secretForm()
	o := paperSettled(t, f, "", History{}, k)
	if o.State != Quarantined || o.Notice != nil || len(o.Alarms) != 0 || len(o.Records) != 1 || o.Records[0].Document.DoMat != vanban.ToiMat || o.Records[0].Sender.Agency != "snv" {
		t.Fatalf("%s (%s), alarms %+v, %+v", o.State, o.Reason, o.Alarms, o.Records)
	}
	if len(o.Asked) != 1 || o.Asked[0].Document.Secrecy != string(vanban.ToiMat) {
		t.Errorf("the rules were asked %+v", o.Asked)
	}
	f.Subject, f.Number, f.Author = "Sao Băng", "99/SNV-MAT", "Sao Chổi" // past the check of the form
	text, err := json.Marshal(paperSettled(t, f, scanned, History{}, k))
	if err != nil || strings.Contains(string(text), "Sao") || strings.Contains(string(text), "99/SNV") {
		t.Errorf("words in %s: %v", text, err)
	}
	found := paperSettled(t, testForm(), scanned, History{}, k)
	digest := found.Records[0].Files[0].Digest
	ev := paperEvidence(testForm())
	ev.Files = map[string]mapping.FileEvidence{digest: {Secret: vanban.Mat}}
	late := settle(t, paperRaw(t, testForm(), scanned), cutoff, ev, History{Outcomes: 1}, k, onPaper)
	if late.State != Quarantined || len(late.Alarms) != 1 || late.Records[0].Document.TrichYeu != "" || late.Records[0].Paper != nil {
		t.Errorf("a mark found in the scan: %s, %+v", late.State, late.Alarms)
	}
}

// Bytes that hold no form wait for a person; none make a panic, and what was written is read again to the letter.
func TestPaperBytes(t *testing.T) {
	k := testKnowledge(t, nil)
	for name, raw := range map[string]string{"nothing": "", "a mail": string(letter{subject: subject}.raw()),
		"no JSON":  "Content-Type: " + formType + "\r\nContent-Disposition: attachment; filename=phieu.json\r\n\r\n{",
		"too long": "Content-Type: " + formType + "\r\nContent-Disposition: attachment; filename=phieu.json\r\n\r\n{\"by\":\"" + strings.Repeat("x", maxForm) + "\"}"} {
		o := settle(t, []byte(raw), cutoff, Evidence{}, History{}, k, onPaper)
		if o.State != Held || !slices.ContainsFunc(o.Findings, func(f parser.Finding) bool { return f.Code == PaperUnreadable }) {
			t.Errorf("%s: %s (%s), %+v", name, o.State, o.Reason, o.Findings)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		yes := rapid.Bool().Draw(rt, "electronic")
		f := PaperForm{Receiver: rapid.String().Draw(rt, "receiver"), StampedAt: time.Unix(rapid.Int64Range(0, 4e9).Draw(rt, "at"), 0).UTC(), EnteredAt: cutoff,
			By: rapid.String().Draw(rt, "by"), Subject: rapid.String().Draw(rt, "subject"), Number: rapid.String().Draw(rt, "number"), Paper: mapping.Paper{Electronic: &yes, Pages: 2}}
		scan := scanned + string(rapid.SliceOf(rapid.Byte()).Draw(rt, "scan"))
		raw := paperRaw(t, f, scan)
		p := ReadPaper(bytes.NewReader(raw), int64(len(raw)), k.Settings.Limits)
		again := paperRaw(t, p.Form, scan)
		if !p.readable() || !bytes.Equal(raw, again) || len(p.Message.Attachments) != 1 || p.Message.Attachments[0].Size != int64(len(scan)) {
			rt.Fatalf("%+v came back as %+v with %+v", f, p.Form, p.Message.Attachments)
		}
	})
}

// One sheet typed twice is one; another stamp, sender, number, receiver or the clerk's word make another.
func TestPaperOrigin(t *testing.T) {
	f := testForm()
	twice := f
	twice.EnteredAt, twice.Subject, twice.Pages, twice.Number = cutoff.Add(2*time.Hour), "gõ lại", 4, "012 / SNV-VP"
	if f.Origin() != twice.Origin() {
		t.Error("typed twice, entered twice")
	}
	seen := map[string]bool{f.Origin(): true}
	for _, change := range []func(*PaperForm){func(f *PaperForm) { f.StampedAt = f.StampedAt.Add(time.Minute) }, func(f *PaperForm) { f.Agency = "sct" },
		func(f *PaperForm) { f.Number = "13/SNV-VP" }, func(f *PaperForm) { f.Receiver = "khac" }, func(f *PaperForm) { f.Again = true },
		func(f *PaperForm) { f.Again, f.EnteredAt = true, cutoff }} {
		other := f
		change(&other)
		if seen[other.Origin()] {
			t.Errorf("%+v is taken for another", other)
		}
		seen[other.Origin()] = true
	}
	if strings.Contains(f.Origin(), "SNV") {
		t.Errorf("words of the document in %s", f.Origin())
	}
}

// The worker settles what Process makes of the same bytes, and asks for what tools read of the scan; a disk that breaks off says nothing.
func TestWorkerReadsPapers(t *testing.T) {
	raw := paperRaw(t, testForm(), scanned)
	over := func(id, location string) Task {
		x := task(id, location, raw)
		onPaper(&x.Receipt)
		x.Receipt.InternalDate = cutoff
		return x
	}
	work := &fakeWork{tasks: []Task{over("GL-1", "good"), over("GL-2", "breaks off")}}
	w := testWorker(t, work, fakeArchive{"good": raw, "breaks off": raw})
	if n, err := w.Step(t.Context()); err != nil || n != 2 || len(work.committed) != 1 {
		t.Fatalf("claimed %d, committed %d: %v", n, len(work.committed), err)
	}
	got := work.committed[0].Outcome
	again := settle(t, raw, cutoff, got.Evidence, got.History, w.Knowledge(), func(r *Receipt) { *r = work.committed[0].Receipt })
	if got.State != Registered || got.Evidence.IdentityBy != "clerk Trần Thị Hoa" || !same(t, got, again) {
		t.Errorf("%s (%s), evidence %+v", got.State, got.Reason, got.Evidence)
	}
}

// The reader of files reads the scan of a paper like any mailed file, and not that of one whose typed words bear a mark.
func TestReaderReadsScans(t *testing.T) {
	marked := testForm()
	marked.Subject = "MẬT: phương án nhân sự"
	for name, c := range map[string]struct {
		form PaperForm
		want int
	}{"scan": {testForm(), 1}, "of a marked paper": {marked, 0}} {
		raw := paperRaw(t, c.form, scanned)
		x := task("GL-1", "good", raw)
		onPaper(&x.Receipt)
		f := &fakeReadings{due: []ReadingTask{{Job{ID: 1, Attempt: 1}, x.Receipt}}}
		var read []string
		r := testReader(t, f, fakeArchive{"good": raw}, func(_ context.Context, file io.Reader, _ int64, sniffed string) (mapping.FileEvidence, error) {
			text, err := io.ReadAll(file)
			read = append(read, sniffed+" "+string(text))
			return page("Số: 12/SNV-VP"), err
		})
		if _, err := r.Drain(t.Context()); err != nil || len(f.done) != 1 || len(read) != c.want || c.want > 0 && read[0] != "application/pdf "+scanned {
			t.Errorf("%s: read %q, done %v, error %v", name, read, f.done, err)
		}
	}
}
