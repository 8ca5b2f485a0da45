package bridge

import (
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
)

// One document by mail, on paper and over the axis is one record; what is not sure is for a person.
func TestSameDocumentAnotherWay(t *testing.T) {
	at := cutoff.Add(-1)
	raw := letter{subject: subject, received: at}.raw()
	k := testKnowledge(t, nil)
	proved := Evidence{Identity: policy.IdentityDMARC}
	plain := settle(t, raw, at, proved, History{}, k, nil).Records[0]
	same := plain.Files[0].Digest
	standing := func(file string, alike bool, channels ...Channel) Standing {
		return Standing{Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: []string{file}, Alike: alike, Agency: "snv", Channels: channels}
	}
	passedOn := standing("x", true, System)
	passedOn.Agency = "sct"
	under := func(key string, s Standing, list ...Amendment) History {
		return History{Registered: map[string]Standing{key: s}, Amendments: list}
	}
	for _, c := range []struct {
		name   string
		ev     Evidence
		h      History
		state  State
		reason string
		doubt  bool
		by     string // how the notice says that it came
	}{
		{name: "same file, over the axis before", ev: proved, h: under(plain.Key, standing(same, true, System)), state: Duplicate, reason: ReasonSameDocument, by: "đã nhận qua trục liên thông, số đến 7/2026"},
		{name: "same file, on paper before", ev: proved, h: under(plain.Key, standing(same, false, Paper)), state: Duplicate, reason: ReasonSameDocument, by: "đã nhận bản giấy, số đến 7/2026"},
		{name: "same file, by mail and then over the axis", ev: proved, h: under(plain.Key, standing(same, false, Email, System)), state: Duplicate, reason: ReasonSameDocument, by: "đã nhận qua trục liên thông"},
		{name: "other file, over the axis before, alike", ev: proved, h: under(plain.Key, standing("x", true, System)), state: Duplicate, reason: ReasonSameDocument, doubt: true, by: "đã nhận qua trục liên thông"},
		{name: "other file, over the axis before, not alike", ev: proved, h: under(plain.Key, standing("x", false, System)), state: Held, reason: ReasonNumberTaken},
		{name: "other file, by mail before, alike", ev: proved, h: under(plain.Key, standing("x", true, Email)), state: Held, reason: ReasonNumberTaken},
		{name: "other file, also by mail before, alike", ev: proved, h: under(plain.Key, standing("x", true, System, Email)), state: Held, reason: ReasonNumberTaken},
		{name: "other file, alike, passed on by another agency before", ev: proved, h: under(plain.Key, passedOn), state: Held, reason: ReasonNumberTaken},
		{name: "other file, alike, a forged sender", ev: Evidence{Identity: policy.IdentityFrom}, h: under(plain.Key, standing("x", true, System)), state: Held, reason: ReasonNumberTaken},
		{name: "a clerk says that it is the same", ev: proved, h: under(plain.Key, standing("x", false, Email), Amendment{Kind: Exception}), state: Duplicate, reason: ReasonSameDocument, doubt: true, by: "đã được tiếp nhận trước đó với số đến 7/2026"},
		{name: "a clerk refuses it", ev: proved, h: under(plain.Key, standing("x", false, Email), Amendment{Kind: RefuseIt}), state: Refused, reason: ReasonClerkRefused},
		{name: "letting it go gives it no number that is taken", ev: proved, h: under(plain.Key, standing("x", true, Email), Amendment{Kind: Release}), state: Held, reason: ReasonNumberTaken},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := settle(t, raw, at, c.ev, c.h, k, nil)
			r := o.Records[0]
			if o.State != c.state || o.Reason != c.reason || slices.Contains(r.Doubts, DoubtOtherBytes) != c.doubt {
				t.Errorf("%s (%s), doubts %v", o.State, o.Reason, r.Doubts)
			}
			if (r.State == Duplicate) != (r.JoinTo == "GL-2026-0000009/1" && r.JoinKey == plain.Key) {
				t.Errorf("joined to %q under %q", r.JoinTo, r.JoinKey)
			}
			if c.by != "" && (o.Notice == nil || o.Notice.Kind != notice.Receipt || !contains(o.Notice.Body, c.by)) {
				t.Errorf("the sender is told %+v (%s)", o.Notice, o.Silence)
			}
		})
	}
}

// contains finds words in a text that was broken into lines.
func contains(text, words string) bool {
	return strings.Contains(strings.Join(strings.Fields(text), " "), words)
}

// A document that stands under another of its keys is the same one only with the same bytes.
func TestSameDocumentUnderAnotherKey(t *testing.T) {
	at := cutoff.Add(-1)
	raw := letter{subject: subject, received: at}.raw()
	k := testKnowledge(t, nil)
	plain := settle(t, raw, at, Evidence{Identity: policy.IdentityDMARC}, History{}, k, nil)
	ro := plain.Records[0]
	ro.Beside = []string{"12|snv-vp|cu|2026"}
	for _, c := range []struct {
		file  string
		state State
	}{{ro.Files[0].Digest, Duplicate}, {"x", Registered}} {
		h := History{Registered: map[string]Standing{ro.Beside[0]: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", Files: []string{c.file}, Alike: true, Channels: []Channel{System}}}}
		d := &deciding{receipt: Receipt{ID: "GL-2026-0000001", Channel: Email}, history: h, knowledge: k}
		got, joined := d.duplicate(ro)
		if joined != (c.state == Duplicate) || joined && got.JoinKey != ro.Beside[0] {
			t.Errorf("with file %s: %v, %+v", c.file, joined, got.JoinKey)
		}
	}
}

// The same code on the exchange is the same document; when its number is another entry's, a person looks.
func TestSameCode(t *testing.T) {
	at := cutoff.Add(-1)
	k := testKnowledge(t, nil)
	ro := settle(t, letter{subject: subject, received: at}.raw(), at, Evidence{Identity: policy.IdentityDMARC}, History{}, k, nil).Records[0]
	ro.CodeKey = "edxml|H50.01|x"
	first := Standing{Record: "GL-2026-0000008/1", Receipt: "GL-2026-0000008", Files: []string{"x"}}
	second := Standing{Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", Files: []string{"y"}}
	for _, c := range []struct {
		h    map[string]Standing
		want State
		key  string
	}{
		{map[string]Standing{ro.CodeKey: first}, Duplicate, ro.CodeKey},
		{map[string]Standing{ro.CodeKey: first, ro.Key: first}, Duplicate, ro.CodeKey},
		{map[string]Standing{ro.CodeKey: first, ro.Key: second}, Held, ""},
	} {
		d := &deciding{receipt: Receipt{ID: "GL-2026-0000001", Channel: System}, history: History{Registered: c.h}, knowledge: k}
		if got, settled := d.duplicate(ro); !settled || got.State != c.want || got.JoinKey != c.key {
			t.Errorf("%s under %q", got.State, got.JoinKey)
		}
	}
	// Whoever knows the code can write it into a mail: other bytes under it are joined only when the sender is proved.
	forged := ro
	forged.Decision.Reasons = []string{string(policy.ReasonIdentityBelow)}
	for file, want := range map[string]State{"x": Held, ro.Files[0].Digest: Duplicate} {
		s := first
		s.Files = []string{file}
		d := &deciding{receipt: Receipt{ID: "GL-2026-0000001", Channel: Email}, history: History{Registered: map[string]Standing{ro.CodeKey: s}}, knowledge: k}
		if got, settled := d.duplicate(forged); !settled || got.State != want {
			t.Errorf("unproved, file %s: %s (%s)", file, got.State, got.Reason)
		}
	}
}

// A document that says of itself that it replaces the one with its number waits; accepted it is a new version of that one, whichever way it
// came. A recall is registered by itself, and its target gets an alarm when the sender is proved.
func TestReplacementAndRecallByMail(t *testing.T) {
	at := cutoff.Add(-1)
	k := testKnowledge(t, nil)
	proved := Evidence{Identity: policy.IdentityDMARC}
	raw := letter{subject: subject + " (thay the)", received: at, body: "Thay thế bản đã gửi."}.raw()
	plain := settle(t, raw, at, proved, History{}, k, nil).Records[0]
	for _, channel := range []Channel{Email, System} {
		h := History{Registered: map[string]Standing{plain.Key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: []string{"x"}, Alike: true, Channels: []Channel{channel}}}}
		if o := settle(t, raw, at, proved, h, k, nil); o.State != Held || o.Reason != ReasonReplaces || o.Records[0].Relations[0].Target != "GL-2026-0000009/1" {
			t.Errorf("%s: %s (%s), %+v", channel, o.State, o.Reason, o.Records[0].Relations)
		}
		h.Amendments = []Amendment{{Kind: Exception}}
		if o := settle(t, raw, at, proved, h, k, nil); o.State != Duplicate || o.Records[0].JoinTo != "GL-2026-0000009/1" || !slices.Contains(o.Records[0].Doubts, DoubtOtherBytes) {
			t.Errorf("%s, accepted: %s (%s)", channel, o.State, o.Reason)
		}
	}
	recall := letter{subject: "=?utf-8?q?C=C3=B4ng_v=C4=83n_s=E1=BB=91_15/SNV-VP_v=E1=BB=81_vi=E1=BB=87c_thu_h=E1=BB=93i_C=C3=B4ng_v=C4=83n_s=E1=BB=91_12/SNV-VP?=", name: "15_SNV-VP.pdf", received: at}.raw()
	h := History{Registered: map[string]Standing{plain.Key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: []string{"x"}, Channels: []Channel{Email}}}}
	for _, c := range []struct {
		ev    Evidence
		state State
		alarm bool
	}{{proved, Registered, true}, {Evidence{Identity: policy.IdentityFrom}, Held, false}} {
		o := settle(t, recall, at, c.ev, h, k, nil)
		r := o.Records[0]
		if o.State != c.state || len(r.Relations) != 1 || r.Relations[0].Kind != mapping.Recalls || r.Relations[0].Target != "GL-2026-0000009/1" || r.Document.SoHieu != "15/SNV-VP" {
			t.Errorf("%s (%s), %+v", o.State, o.Reason, r.Relations)
		}
		if alarmed := len(o.Alarms) == 1 && o.Alarms[0].Key == "recall-asked:GL-2026-0000009/1"; alarmed != c.alarm {
			t.Errorf("alarms %+v", o.Alarms)
		}
	}
}

// A copy follows the mark that another copy of its document bears, whichever way it came, until the custodian calls it a false alarm.
func TestCopyOfASecret(t *testing.T) {
	k := testKnowledge(t, nil)
	at := cutoff.Add(-1)
	marked := []Amendment{{Kind: Amend, Fields: map[string]string{"do_mat": "toi-mat"}, By: "giaolien"}}
	for channel, raw := range map[Channel][]byte{Email: letter{subject: subject, received: at}.raw(), System: pack{}.raw()} {
		change := func(r *Receipt) {
			if channel == System {
				overAxis(r)
			}
		}
		o := settle(t, raw, at, Evidence{Identity: policy.IdentityDMARC}, History{Amendments: marked}, k, change)
		if o.State != Quarantined || len(o.Alarms) != 1 || o.Records[0].Document.TrichYeu != "" || o.Records[0].Document.DoMat != "toi-mat" {
			t.Errorf("%s: %s, %+v", channel, o.State, o.Records)
		}
		o = settle(t, raw, at, Evidence{Identity: policy.IdentityDMARC}, History{Amendments: append(slices.Clone(marked), Amendment{Kind: NotSecret, By: "lan"})}, k, change)
		if o.State != Registered || o.Records[0].Document.DoMat != "" {
			t.Errorf("%s, cleared: %s (%s)", channel, o.State, o.Reason)
		}
	}
}
