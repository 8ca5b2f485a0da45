package bridge

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

const testRules = `title = "Thử"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"

[[rule]]
id = "qua-truc"
title = "Văn bản gửi qua Hệ thống"
legal = "Công văn 00/UBND-VP"
strength = "order"
channels = ["email"]
[rule.sender]
groups = ["so-nganh"]
[[rule.phase]]
from = 2026-01-01
verdict = "warn"
notice = "remind"
[[rule.phase]]
from = 2026-04-20T17:00:00
verdict = "reject"
notice = "reject"

[[rule]]
id = "thue"
title = "Văn bản của cơ quan thuế"
legal = "Công văn 01/UBND-VP"
channels = ["email"]
min_identity = "spf"
[rule.sender]
groups = ["thue"]
[[rule.phase]]
from = 2026-01-01
verdict = "reject"

[[rule]]
id = "y-te"
title = "Văn bản của ngành y tế"
legal = "Công văn 02/UBND-VP"
channels = ["email"]
min_identity_answer = "dmarc"
[rule.sender]
groups = ["y-te"]
[[rule.phase]]
from = 2026-01-01
verdict = "accept"

[[exemption]]
agency = "H50.07"
until = 2027-01-01
reason = "chưa có tài khoản"
approved_by = "Văn phòng"
min_identity = "spf"

[[exemption]]
agency = "H50.03"
until = 2027-01-01
reason = "chưa có tài khoản"
approved_by = "Văn phòng"
`

const testAgencies = `id,code,name,level,groups,addresses,domains,ready_since
snv,H50.01,Sở Nội vụ,province,so-nganh,vanthu@noivu.example.vn,noivu.example.vn,2019-01-01
sct,H50.03,Sở Công Thương,province,so-nganh,vanthu@congthuong.example.vn,congthuong.example.vn,2019-01-01
thue,H50.05,Cục Thuế,province,thue,vanthu@thue.example.vn,thue.example.vn,2019-01-01
stp,H50.07,Sở Tư pháp,province,so-nganh,vanthu@tuphap.example.vn,tuphap.example.vn,2019-01-01
syt,H50.08,Sở Y tế,province,y-te,vanthu@yte.example.vn,yte.example.vn,2019-01-01
kho,H50.04,Kho bạc,province,so-nganh,,khobac.example.vn,2019-01-01
`

var cutoff = time.Date(2026, 4, 20, 10, 0, 0, 0, time.UTC) // 17:00 in Vietnam

func testKnowledge(t testing.TB, change func(*Settings)) *Knowledge {
	t.Helper()
	rules, _, err := policy.ReadRules("rules.toml", []byte(testRules))
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := directory.Read("agencies.csv", []byte(testAgencies))
	if err != nil {
		t.Fatal(err)
	}
	s := Settings{Program: "test", TrustedHops: []string{"mx.example.vn"}, AuthservIDs: []string{"mx.example.vn"}, Limits: parser.DefaultLimits,
		OwnAddresses: []string{"vanthu@ubnd.example.vn"}, Mode: notice.ModeSend, Receipts: true, Neutral: true,
		Receivers: []Receiver{{ID: "ubnd", Name: "Văn phòng UBND tỉnh", From: "vanthu@ubnd.example.vn", ReturnPath: "vanthu+{token}@ubnd.example.vn"}}}
	if change != nil {
		change(&s)
	}
	k, err := NewKnowledge(rules, dir, s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// letter is a test mail in the making.
type letter struct {
	from, subject, fields, file, body string
	name                              string // of the file
	received                          time.Time
	hops                              string
}

func (l letter) raw() []byte {
	if l.from == "" {
		l.from = "vanthu@noivu.example.vn"
	}
	if l.file == "" {
		l.file = "nội dung tệp"
	}
	if l.name == "" {
		l.name = "12_SNV-VP.pdf"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Return-Path: <%s>\r\n", l.from)
	if !l.received.IsZero() {
		fmt.Fprintf(&b, "Received: from mail.example by mx.example.vn with ESMTPS id 1; %s\r\n", l.received.Format(time.RFC1123Z))
	}
	fmt.Fprintf(&b, "%sFrom: <%s>\r\nTo: vanthu@ubnd.example.vn\r\nSubject: %s\r\nDate: Mon, 01 Jan 2001 00:00:00 +0000\r\nMessage-ID: <thu@noivu.example.vn>\r\n%s", l.hops, l.from, l.subject, l.fields)
	fmt.Fprintf(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n--x\r\nContent-Type: application/pdf; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%[2]s\"\r\n\r\n%%PDF-1.4 %[3]s\r\n--x--\r\n", l.body, l.name, l.file)
	return []byte(b.String())
}

// bare is a mail without any file.
func (l letter) bare() []byte {
	raw := l.raw()
	i, j := bytes.Index(raw, []byte("MIME-Version")), bytes.Index(raw, []byte("\r\n--x\r\nContent-Type: application"))
	body := raw[bytes.Index(raw, []byte("utf-8\r\n\r\n"))+9 : j]
	return append(append(append([]byte{}, raw[:i]...), "Content-Type: text/plain; charset=utf-8\r\n\r\n"...), body...)
}

// settle runs Process on raw bytes that were stored at internal.
func settle(t testing.TB, raw []byte, internal time.Time, ev Evidence, h History, k *Knowledge, change func(*Receipt)) Outcome {
	t.Helper()
	r := Receipt{ID: "GL-2026-0000001", Receiver: "ubnd", Channel: Email, Mailbox: "vanthu", Raw: sha256.Sum256(raw), Size: int64(len(raw)),
		InternalDate: internal, FetchedAt: internal.Add(time.Minute)}
	if change != nil {
		change(&r)
	}
	return Process(r, bytes.NewReader(raw), ev, h, k)
}

const subject = "Cong van so 12/SNV-VP ve viec cu can bo"

func TestProcess(t *testing.T) {
	proved := Evidence{Identity: policy.IdentityDMARC}
	before, after := cutoff.Add(-time.Second), cutoff.Add(time.Hour)
	digest := func(o Outcome) string { return o.Records[0].Files[0].Digest }
	standing := settle(t, letter{subject: subject, received: before}.raw(), before, proved, History{}, testKnowledge(t, nil), nil)
	key := standing.Records[0].Key
	if key == "" {
		t.Fatal("the sample document has no duplicate key")
	}
	taken := func(files ...string) History {
		return History{Registered: map[string]Standing{key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: files}}}
	}
	amended := func(list ...Amendment) History { return History{Amendments: list} }
	for _, c := range []struct {
		name     string
		raw      []byte
		internal time.Time
		ev       Evidence
		h        History
		settings func(*Settings)
		receipt  func(*Receipt)

		state   State
		reason  string
		notice  notice.Kind
		silence notice.Silence
	}{
		{name: "one second before the cutoff", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: proved, state: Registered, notice: notice.Remind},
		{name: "at the cutoff", raw: letter{subject: subject, received: cutoff}.raw(), internal: cutoff, ev: proved, state: Refused, notice: notice.Refuse},
		{name: "after the cutoff", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, state: Refused, notice: notice.Refuse},
		{name: "the Date field decides nothing", raw: letter{subject: subject, received: after, fields: ""}.raw(), internal: after, ev: proved, state: Refused, notice: notice.Refuse},
		{name: "exempt agency", raw: letter{from: "vanthu@congthuong.example.vn", subject: "Cong van so 12/SCT-VP ve viec gia ca", received: after}.raw(), internal: after, ev: proved, state: Registered, notice: notice.Receipt},
		{name: "forged in the name of an exempt agency", raw: letter{from: "vanthu@congthuong.example.vn", subject: "Cong van so 12/SCT-VP ve viec gia ca", received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentityFrom}, state: Held, reason: string(policy.ReasonIdentityBelow), silence: notice.SilentHeld},
		{name: "an exempt agency that a clerk vouches for", raw: letter{from: "vanthu@congthuong.example.vn", subject: "Cong van so 12/SCT-VP ve viec gia ca", received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentityFrom}, h: amended(Amendment{Kind: Release}), state: Registered, notice: notice.Receipt},
		{name: "an exemption that asks for less", raw: letter{from: "vanthu@tuphap.example.vn", subject: "Cong van so 12/STP-VP ve viec ho tich", received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentitySPF}, state: Registered, notice: notice.Receipt},
		{name: "a rule that answers only what DMARC proves", raw: letter{from: "vanthu@yte.example.vn", subject: "Cong van so 12/SYT-VP ve viec y te", received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentityDKIM}, state: Registered, silence: notice.SilentIdentity},
		{name: "received in time, stored much later", raw: letter{subject: subject, received: before}.raw(), internal: after, ev: proved, state: Held, reason: "time-disputed", silence: notice.SilentHeld},
		{name: "received in time, stored seconds later", raw: letter{subject: subject, received: before}.raw(), internal: cutoff.Add(30 * time.Second), ev: proved, state: Registered, notice: notice.Remind},
		{name: "a Received field of a stranger is not believed", raw: letter{subject: subject, hops: "Received: from a by mx.attacker.example; " + before.Format(time.RFC1123Z) + "\r\n"}.raw(), internal: after, ev: proved, state: Refused, notice: notice.Refuse},
		{name: "below the demanded identity", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentityFrom}, state: Held, silence: notice.SilentHeld},
		{name: "a rule that SPF is enough for", raw: letter{from: "vanthu@thue.example.vn", subject: "Cong van so 12/TH-VP ve viec thue", received: after}.raw(), internal: after, ev: Evidence{Identity: policy.IdentitySPF}, state: Refused, notice: notice.Refuse},
		{name: "secret", raw: letter{subject: "[MAT] Cong van so 12/SNV-VP", received: before}.raw(), internal: before, ev: proved, state: Quarantined, reason: ReasonSecret, notice: notice.Neutral},
		{name: "secret, imported", raw: letter{subject: "[MAT] Cong van so 12/SNV-VP", received: before}.raw(), internal: before, ev: proved, receipt: func(r *Receipt) { r.Imported = true }, state: Quarantined, reason: ReasonSecret, silence: notice.SilentImported},
		{name: "a false alarm of the mark", raw: letter{subject: "[MAT] Cong van so 12/SNV-VP ve viec cu can bo", received: before}.raw(), internal: before, ev: proved, h: amended(Amendment{Kind: NotSecret}), state: Registered, notice: notice.Remind},
		{name: "the same document again", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, h: taken(digest(standing)), state: Duplicate, reason: ReasonSameDocument, notice: notice.Receipt},
		{name: "the same number with other bytes", raw: letter{subject: subject, received: before, file: "khác"}.raw(), internal: before, ev: proved, h: taken(digest(standing)), state: Held, reason: ReasonNumberTaken, silence: notice.SilentHeld},
		{name: "older than start", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, receipt: func(r *Receipt) { r.Imported = true }, state: ImportedOld, reason: ReasonImported, silence: notice.SilentImported},
		{name: "imported, then it came live", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, receipt: func(r *Receipt) { r.Imported, r.Live = true, true }, state: Held, reason: ReasonAlsoLive, silence: notice.SilentHeld},
		{name: "imported, then it came live, and a person lets it go", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: proved, h: amended(Amendment{Kind: Release}), receipt: func(r *Receipt) { r.Imported, r.Live = true, true }, state: Registered, notice: notice.Remind},
		{name: "automatic, with a document", raw: letter{subject: subject, received: before, fields: "Auto-Submitted: auto-generated\r\n"}.raw(), internal: before, ev: proved, state: Registered, silence: notice.SilentAutomatic},
		{name: "automatic, with a document, late: a refusal that cannot be told", raw: letter{subject: subject, received: after, fields: "Auto-Submitted: auto-generated\r\n"}.raw(), internal: after, ev: proved, state: Held, reason: ReasonCannotTell, silence: notice.SilentAutomatic},
		{name: "late, to an address that bounces", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, h: History{Suppressed: []string{"vanthu@noivu.example.vn"}}, state: Held, reason: ReasonCannotTell, silence: notice.SilentSuppressed},
		{name: "late, and the refusal came back", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, h: History{Notices: []notice.Kind{notice.Refuse}, Failed: []notice.Kind{notice.Refuse}}, state: Held, reason: ReasonCannotTell, silence: notice.SilentDuplicate},
		{name: "late, the refusal came back, and a person refuses", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, h: History{Amendments: []Amendment{{Kind: RefuseIt}}, Notices: []notice.Kind{notice.Refuse}, Failed: []notice.Kind{notice.Refuse}}, state: Refused, reason: ReasonClerkRefused, silence: notice.SilentDuplicate},
		{name: "late, no address in the directory", raw: letter{from: "vanthu@khobac.example.vn", subject: "Cong van so 12/KB-VP ve viec chi", received: after}.raw(), internal: after, ev: proved, state: Held, reason: ReasonCannotTell, silence: notice.SilentNoAddress},
		{name: "auto-reply without a document", raw: letter{subject: "Out of office", received: before, fields: "Auto-Submitted: auto-replied\r\n"}.bare(), internal: before, ev: proved, state: Ignored, silence: notice.SilentIgnored},
		{name: "a document under the Message-ID of our notice", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: Evidence{OwnMail: true, Identity: policy.IdentityDMARC}, state: Registered, notice: notice.Remind},
		{name: "a secret under the Message-ID of our notice", raw: letter{subject: "[MAT] Cong van so 12/SNV-VP", received: before}.raw(), internal: before, ev: Evidence{OwnMail: true, Identity: policy.IdentityDMARC}, state: Quarantined, reason: ReasonSecret, notice: notice.Neutral},
		{name: "registered after a neutral notice", raw: letter{subject: "[MAT] Cong van so 12/SNV-VP ve viec cu can bo", received: before}.raw(), internal: before, ev: proved, h: History{Amendments: []Amendment{{Kind: NotSecret}}, Notices: []notice.Kind{notice.Neutral}}, state: Registered, notice: notice.Accepted},
		{name: "our own notice come back", raw: letter{subject: subject, received: before}.bare(), internal: before, ev: Evidence{OwnMail: true}, state: Ignored, reason: ReasonOwnMail, silence: notice.SilentIgnored},
		{name: "no number", raw: letter{subject: "Kinh gui", received: before, body: "Kính gửi"}.bare(), internal: before, ev: proved, state: Held, reason: ReasonIncomplete, silence: notice.SilentHeld},
		{name: "the clerk completes it", raw: letter{subject: "Kinh gui", received: before}.raw(), internal: before, ev: proved, h: amended(Amendment{Kind: Amend, Fields: map[string]string{"so_hieu": "77/SNV-VP", "trich_yeu": "Kính gửi"}}), state: Registered, notice: notice.Remind},
		{name: "the clerk vouches for a forged-looking sender", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: Evidence{Identity: policy.IdentityNone}, h: amended(Amendment{Kind: Release}), state: Registered, notice: notice.Remind},
		{name: "accepted as an exception", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, h: History{Amendments: []Amendment{{Kind: Exception}}, Notices: []notice.Kind{notice.Refuse}}, state: Registered, reason: ReasonClerkAccepted, notice: notice.Accepted},
		{name: "refused by hand", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: proved, h: amended(Amendment{Kind: RefuseIt, By: "lan"}), state: Refused, reason: ReasonClerkRefused, notice: notice.Refuse},
		{name: "notices are off", raw: letter{subject: subject, received: before}.raw(), internal: before, ev: proved, settings: func(s *Settings) { s.Mode = notice.ModeOff }, state: Registered, silence: notice.SilentOff},
		{name: "notices are off, late: nobody would hear of the refusal", raw: letter{subject: subject, received: after}.raw(), internal: after, ev: proved, settings: func(s *Settings) { s.Mode = notice.ModeOff }, state: Held, reason: ReasonCannotTell, silence: notice.SilentOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := testKnowledge(t, c.settings)
			o := settle(t, c.raw, c.internal, c.ev, c.h, k, c.receipt)
			var kind notice.Kind
			if o.Notice != nil {
				kind = o.Notice.Kind
			}
			if o.State != c.state || c.reason != "" && o.Reason != c.reason || kind != c.notice || o.Silence != c.silence {
				t.Errorf("state %s (%s), notice %q, silence %q; want %s (%s), %q, %q\ntrace %+v", o.State, o.Reason, kind, o.Silence, c.state, c.reason, c.notice, c.silence, o.Decision.Trace)
			}
			if again := settle(t, c.raw, c.internal, c.ev, c.h, k, c.receipt); !same(t, o, again) {
				t.Error("the same inputs gave another outcome")
			}
		})
	}
}

func same(t *testing.T, a, b Outcome) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// A state secret leaves nothing readable in its outcome (invariant 10).
func TestSecretLeavesNoWords(t *testing.T) {
	raw := letter{subject: "[TOI MAT] Cong van so 99/SNV-BIMAT ve viec CANARYSUBJECT", body: "CANARYBODY", received: cutoff}.raw()
	raw = bytes.ReplaceAll(raw, []byte("12_SNV-VP.pdf"), []byte("CANARYFILE.pdf"))
	o := settle(t, raw, cutoff, Evidence{Identity: policy.IdentityDMARC}, History{}, testKnowledge(t, nil), nil)
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range o.Events {
		text = append(text, e.Leaf()...)
	}
	for _, word := range []string{"CANARY", "BIMAT", "99/"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("the outcome holds %q: %s", word, text)
		}
	}
	if o.State != Quarantined || len(o.Alarms) != 1 || len(o.Records) != 1 || len(o.Records[0].Files) != 1 {
		t.Errorf("state %s, alarms %v, records %+v; want quarantined with one alarm and the facts of one file", o.State, o.Alarms, o.Records)
	}
}

// FuzzProcess: whatever the bytes, Process ends, settles the receipt in a known state, and never answers what it could not attribute.
func FuzzProcess(f *testing.F) {
	f.Add(letter{subject: subject, received: cutoff}.raw(), int64(0))
	f.Add([]byte("From: a@noivu.example.vn\nFrom: b@noivu.example.vn\n\nhello"), int64(3600))
	f.Add([]byte{0xff, 0, '\n', '\n'}, int64(-1))
	k := testKnowledge(f, nil)
	f.Fuzz(func(t *testing.T, raw []byte, offset int64) {
		at := cutoff.Add(time.Duration(offset%1e6) * time.Second)
		o := settle(t, raw, at, Evidence{Identity: policy.IdentityDMARC}, History{}, k, nil)
		if weight(o.State) < 0 && o.State != Ignored {
			t.Fatalf("state %q", o.State)
		}
		if (o.Notice == nil) == (o.Silence == "") {
			t.Fatalf("notice %v and silence %q", o.Notice, o.Silence)
		}
		if o.Notice != nil && !strings.HasSuffix(o.Notice.To, ".example.vn") {
			t.Fatalf("notice to %q, which is not in the directory", o.Notice.To)
		}
	})
}
