package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

func reading(t testing.TB) *Knowledge {
	return testKnowledge(t, func(s *Settings) { s.Reading = true })
}

// digestOf is that of the file in a letter.
func digestOf(l letter) string {
	if l.file == "" {
		l.file = "nội dung tệp"
	}
	sum := sha256.Sum256([]byte("%PDF-1.4 " + l.file))
	return hex.EncodeToString(sum[:])
}

// found is evidence of one file, as the worker hands it over.
func found(digest string, f mapping.FileEvidence) Evidence {
	f.Reader = "test 1"
	return Evidence{Identity: policy.IdentityDMARC}.withFiles([]string{digest}, map[string]mapping.FileEvidence{digest: f})
}

func page(text string) mapping.FileEvidence {
	return mapping.FileEvidence{PageCount: 1, Pages: []mapping.PageText{{Number: 1, Text: text, Confidence: 1}}}
}

// untold is a mail of which nothing but its file can tell the number.
var untold = letter{subject: "Gui van ban", name: "scan.pdf"}

// TestAwaitReading goes through what may be done before tools have read a file, and what is done when they have.
func TestAwaitReading(t *testing.T) {
	before, after := cutoff.Add(-time.Hour), cutoff.Add(time.Hour)
	told := letter{subject: subject}
	head := "SỞ NỘI VỤ\nSố: 12/SNV-VP\nQuảng Trị, ngày 03 tháng 5 năm 2026\nV/v cử cán bộ đi học\nKính gửi: Văn phòng UBND tỉnh"
	proved := Evidence{Identity: policy.IdentityDMARC}
	for _, c := range []struct {
		name    string
		letter  letter
		at      time.Time
		ev      Evidence
		word    AmendmentKind
		state   State
		reason  string
		silence notice.Silence
		kind    notice.Kind
	}{
		{"told by the subject: registered, and told later", told, before, proved, "", Registered, "", notice.SilentReading, ""},
		{"then read: told", told, before, found(digestOf(told), page(head)), "", Registered, "", "", notice.Remind},
		{"late: not refused before it is read", told, after, proved, "", Held, ReasonReading, notice.SilentHeld, ""},
		{"late and read: refused", told, after, found(digestOf(told), page(head)), "", Refused, "", "", notice.Refuse},
		{"nothing told: read first", untold, before, proved, "", Held, ReasonReading, notice.SilentHeld, ""},
		{"nothing told, then read: registered", untold, before, found(digestOf(letter{}), page(head)), "", Registered, "", "", notice.Remind},
		{"nothing told, no tool: incomplete", untold, before, found(digestOf(letter{}), mapping.FileEvidence{Problem: mapping.ProblemNoTool}), "", Held, ReasonIncomplete, notice.SilentHeld, ""},
		{"a clerk's exception does not wait", told, after, proved, Exception, Registered, "", notice.SilentReading, ""},
		{"but for what is missing", untold, after, proved, Exception, Held, ReasonReading, notice.SilentHeld, ""},
		{"nor does a clerk's refusal; its notice does", told, before, proved, RefuseIt, Refused, "", notice.SilentReading, ""},
		{"a release leaves the refusal to the rules, which wait", told, after, proved, Release, Held, ReasonReading, notice.SilentHeld, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := History{}
			if c.word != "" {
				h.Amendments = []Amendment{{Kind: c.word, By: "vanthu"}}
			}
			c.letter.received = c.at
			o := settle(t, c.letter.raw(), c.at, c.ev, h, reading(t), nil)
			if o.State != c.state || c.reason != "" && o.Reason != c.reason || o.Silence != c.silence {
				t.Errorf("%s %s, silence %q; want %s %s, %q", o.State, o.Reason, o.Silence, c.state, c.reason, c.silence)
			}
			if o.Notice == nil && c.kind != "" || o.Notice != nil && o.Notice.Kind != c.kind {
				t.Errorf("notice %+v, want %q", o.Notice, c.kind)
			}
			if waits := len(c.ev.Files) == 0; waits != (len(o.Wanted) == 1) {
				t.Errorf("wanted %v, files known %d", o.Wanted, len(c.ev.Files))
			}
		})
	}
}

// TestSeveralFilesAreReadBeforeOneIsRegistered: what is in the second file may make another document of it.
func TestSeveralFilesAreReadBeforeOneIsRegistered(t *testing.T) {
	raw := strings.Replace(string(letter{subject: subject, received: cutoff.Add(-time.Hour)}.raw()), "--x--",
		"--x\r\nContent-Type: application/pdf; name=\"scan.pdf\"\r\n\r\n%PDF-1.4 hai\r\n--x--", 1)
	o := settle(t, []byte(raw), cutoff.Add(-time.Hour), Evidence{Identity: policy.IdentityDMARC}, History{}, reading(t), nil)
	if o.State != Held || o.Reason != ReasonReading || len(o.Wanted) != 2 {
		t.Errorf("%s %s, wanted %d; want it held until two files are read", o.State, o.Reason, len(o.Wanted))
	}
	off := settle(t, []byte(raw), cutoff.Add(-time.Hour), Evidence{Identity: policy.IdentityDMARC}, History{}, testKnowledge(t, nil), nil)
	if off.State != Registered || len(off.Wanted) != 0 {
		t.Errorf("without tools: %s %s, wanted %v; want it registered", off.State, off.Reason, off.Wanted)
	}
}

// TestReadAfterHeaderWasCleared: who called the mark of a subject a false alarm before the rest was here has not seen the files.
func TestReadAfterHeaderWasCleared(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	l := letter{subject: "MẬT: " + subject, received: at}
	h := History{Outcomes: 2, Amendments: []Amendment{{Kind: NotSecret, By: "hoa"}}}
	header := func(r *Receipt) { r.HeaderWords = 1 }
	if o := settle(t, l.raw(), at, Evidence{Identity: policy.IdentityDMARC}, h, reading(t), header); o.State == Quarantined || len(o.Wanted) != 1 || o.Notice != nil {
		t.Errorf("%s, wanted %v, notice %v; want its file read before anybody is told", o.State, o.Wanted, o.Notice)
	}
	marked := found(digestOf(l), mapping.FileEvidence{Secret: vanban.ToiMat})
	if o := settle(t, l.raw(), at, marked, h, reading(t), header); o.State != Quarantined {
		t.Errorf("%s, want the mark in the file heeded", o.State)
	}
	h.Amendments = append(h.Amendments, Amendment{Kind: NotSecret, By: "hoa"})
	if o := settle(t, l.raw(), at, Evidence{Identity: policy.IdentityDMARC}, h, reading(t), header); o.State == Quarantined || len(o.Wanted) != 0 {
		t.Errorf("%s, wanted %v; want nothing read once all of it was called a false alarm", o.State, o.Wanted)
	}
}

// TestEntryStands: what was read after the registration strikes nothing out of the register.
func TestEntryStands(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	l := letter{subject: subject, received: at}
	h := History{Outcomes: 1, Own: []Standing{{Record: "GL-2026-0000001/1", Receipt: "GL-2026-0000001", SoDen: "7/2026"}}}
	locked := found(digestOf(l), mapping.FileEvidence{Problem: mapping.ProblemEncrypted})
	o := settle(t, l.raw(), at, locked, h, reading(t), nil)
	if o.State != Registered || o.Reason != ReasonDoubted || o.Notice != nil || o.Silence != notice.SilentHeld {
		t.Errorf("%s %s, notice %v, silence %q; want the entry to stand, and silence until a person has looked", o.State, o.Reason, o.Notice, o.Silence)
	}
	if !slices.ContainsFunc(o.Alarms, func(a Alarm) bool { return a.Code == "entry-doubted" }) {
		t.Errorf("alarms %+v, want entry-doubted", o.Alarms)
	}
	if fresh := settle(t, l.raw(), at, locked, History{}, reading(t), nil); fresh.State != Held || fresh.Reason != ReasonUnreadFile {
		t.Errorf("before it is registered: %s %s, want it held as an unread file", fresh.State, fresh.Reason)
	}
	other := settle(t, l.raw(), at, found(digestOf(l), page("Số: 12/SNV-VP\nngày 03 tháng 5 năm 2025")), h, reading(t), nil)
	key := other.Records[0].Key
	h.Registered = map[string]Standing{key: {Record: "GL-2025-0000009/1", Receipt: "GL-2025-0000009", SoDen: "3/2025"}}
	again := settle(t, l.raw(), at, found(digestOf(l), page("Số: 12/SNV-VP\nngày 03 tháng 5 năm 2025")), h, reading(t), nil)
	if again.State != Registered || again.Reason != ReasonDoubted || again.Records[0].Key != "" {
		t.Errorf("%s %s key %q; want the entry to stand without the key of another", again.State, again.Reason, again.Records[0].Key)
	}
}

// TestEntryStandsAfterWords: what a person said before the file was read strikes nothing out either, nor does a correction afterwards; what
// they decide does.
func TestEntryStandsAfterWords(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	l := letter{subject: subject, received: at}
	locked := found(digestOf(l), mapping.FileEvidence{Problem: mapping.ProblemEncrypted})
	corrected := Amendment{Kind: Amend, By: "vanthu", Fields: map[string]string{"trich_yeu": "Về việc cử cán bộ"}}
	refused := Amendment{Kind: RefuseIt, By: "vanthu"}
	for name, c := range map[string]struct {
		words  []Amendment
		heard  int
		own    State
		state  State
		reason string
	}{
		"corrected, then read":                  {[]Amendment{corrected}, 1, Registered, Registered, ReasonDoubted},
		"corrected while it was read":           {[]Amendment{corrected}, 0, Registered, Registered, ReasonDoubted},
		"refused":                               {[]Amendment{refused}, 0, Registered, Refused, ""},
		"refused, then read":                    {[]Amendment{refused}, 1, Refused, Refused, ""},
		"held by what a person said, then read": {[]Amendment{corrected}, 1, Held, Held, ReasonUnreadFile},
	} {
		t.Run(name, func(t *testing.T) {
			h := History{Outcomes: 1 + c.heard, Amendments: c.words, Heard: c.heard,
				Own: []Standing{{Record: "GL-2026-0000001/1", Receipt: "GL-2026-0000001", SoDen: "7/2026", State: c.own}}}
			o := settle(t, l.raw(), at, locked, h, reading(t), nil)
			if o.State != c.state || c.reason != "" && o.Reason != c.reason {
				t.Errorf("%s %s, want %s %s", o.State, o.Reason, c.state, c.reason)
			}
		})
	}
}

// TestSecretFoundLate: a mark that only a tool sees quarantines what is registered already, and the alarm says what was done before.
func TestSecretFoundLate(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	l := letter{subject: subject, received: at}
	h := History{Outcomes: 1, Notices: []notice.Kind{notice.Receipt}, Own: []Standing{{Record: "GL-2026-0000001/1", Receipt: "GL-2026-0000001", SoDen: "7/2026"}}}
	o := settle(t, l.raw(), at, found(digestOf(l), mapping.FileEvidence{Secret: vanban.Mat}), h, reading(t), nil)
	if o.State != Quarantined || o.Facts != (Facts{}) || len(o.Wanted) != 0 || len(o.Records) != 1 || o.Records[0].Document.SoHieu != "" {
		t.Errorf("%s, facts %+v, wanted %v, records %+v", o.State, o.Facts, o.Wanted, o.Records)
	}
	if len(o.Alarms) != 1 || !strings.Contains(o.Alarms[0].Text, "7/2026") || strings.Contains(o.Alarms[0].Text, "SNV") {
		t.Errorf("alarms %+v, want one that names the register number and quotes nothing", o.Alarms)
	}
}

// TestNothingIsReadOfOthers: what is ignored, imported or secret already has no file to read.
func TestNothingIsReadOfOthers(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	for name, c := range map[string]struct {
		letter letter
		change func(*Receipt)
	}{
		"cleared":  {letter{subject: "MẬT: " + subject}, nil},
		"imported": {letter{subject: subject}, func(r *Receipt) { r.Imported = true }},
		"secret":   {letter{subject: "MẬT: " + subject}, nil},
		"bounce":   {letter{subject: "Undelivered Mail Returned to Sender", fields: "X-Failed-Recipients: a@example.vn\r\nAuto-Submitted: auto-replied\r\n", from: "mailer-daemon@example.vn"}, nil},
	} {
		c.letter.received = at
		h := History{}
		if name == "cleared" {
			h.Amendments = []Amendment{{Kind: NotSecret, By: "hoa"}}
		}
		if o := settle(t, c.letter.raw(), at, Evidence{}, h, reading(t), c.change); len(o.Wanted) != 0 {
			t.Errorf("%s: wanted %v, state %s", name, o.Wanted, o.State)
		}
	}
}

// TestMarkOfARecord: what only the record shows, here by a clerk's word, is a mark like any other.
func TestMarkOfARecord(t *testing.T) {
	at := cutoff.Add(-time.Hour)
	l := letter{subject: subject, received: at}
	h := History{Outcomes: 1, Amendments: []Amendment{{Kind: Amend, By: "hoa", Fields: map[string]string{"do_mat": "mat"}}}}
	o := settle(t, l.raw(), at, Evidence{}, h, testKnowledge(t, nil), nil)
	if o.State != Quarantined || o.Facts != (Facts{}) || o.Records[0].Document.SoHieu != "" || o.Records[0].Files[0].Name != "" {
		t.Errorf("%s, facts %+v, record %+v; want nothing but the mark", o.State, o.Facts, o.Records)
	}
}
