package bridge

import (
	"bytes"
	"slices"
	"testing"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// What the scan of a paper shows otherwise than the clerk typed is looked at by a person before anything follows from it: a refusal under another's
// number, a copy joined to another's record. What stands in the register already keeps its number. Who corrects the field has looked.
func TestScanAgainstTheForm(t *testing.T) {
	k := paperKnowledge(t)
	f := testForm()
	f.Date = "2026-03-02"
	digest := paperSettled(t, f, scanned, History{}, k).Records[0].Files[0].Digest
	read := func(so string, seal string, h History) Outcome {
		f := f
		f.Seal = seal
		ev := paperEvidence(f)
		ev.Files = map[string]mapping.FileEvidence{digest: page("SỞ NỘI VỤ\nSố: " + so + "\nQuảng Trị, ngày 02 tháng 3 năm 2026\nV/v cử cán bộ\n")}
		return settle(t, paperRaw(t, f, scanned), f.StampedAt, ev, h, k, onPaper)
	}
	if o := read("12/SNV-VP", "none", History{}); o.State != Refused {
		t.Fatalf("the same in both: %s (%s), %v", o.State, o.Reason, o.Records[0].Doubts)
	}
	o := read("21/SNV-VP", "none", History{})
	if o.State != Held || o.Reason != ReasonScanDiffers || o.Notice != nil || o.Records[0].Document.SoHieu != "12/SNV-VP" || !slices.Contains(o.Records[0].Doubts, vanban.DoubtNumber) {
		t.Errorf("another number: %s (%s), %v", o.State, o.Reason, o.Records[0].Doubts)
	}
	stands := History{Outcomes: 1, Own: []Standing{{Record: RecordID(o.Receipt, 0), Receipt: o.Receipt, SoDen: "7/2026", State: Registered}}}
	if o := read("21/SNV-VP", "red", stands); o.State != Registered || o.Reason != ReasonDoubted || len(o.Alarms) != 1 || o.Alarms[0].Code != "entry-doubted" {
		t.Errorf("read when it stood already: %s (%s), %+v", o.State, o.Reason, o.Alarms)
	}
	key := "12|snv-vp|snv|2026"
	if o := read("21/SNV-VP", "red", History{Registered: map[string]Standing{key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", Agency: "snv", Channels: []Channel{Email}, Alike: true}}}); o.State != Held {
		t.Errorf("joined to the record of the number that was typed: %s (%s)", o.State, o.Reason)
	}
	for what, word := range map[string]Amendment{"corrected": {Kind: Amend, Fields: map[string]string{"so_hieu": "21/SNV-VP"}}, "left as it is": {Kind: Amend, Fields: map[string]string{"so_hieu": "12/SNV-VP"}},
		"released": {Kind: Release}} {
		if o := read("21/SNV-VP", "none", History{Outcomes: 1, Amendments: []Amendment{word}}); o.State != Refused {
			t.Errorf("%s: %s (%s)", what, o.State, o.Reason)
		}
	}
}

// A paper is not refused while a person has its mail to decide: whoever decides that, decides of both.
func TestPaperOfWhatWaits(t *testing.T) {
	k := paperKnowledge(t)
	f := testForm()
	f.Seal = "none"
	key := "12|snv-vp|snv|2026"
	raw := paperRaw(t, f, "")
	if u := UnderstandPaper(Receipt{Channel: Paper}, ReadPaper(bytes.NewReader(raw), int64(len(raw)), k.Settings.Limits), nil, nil, k); !u.Lookup.Waiting || !slices.Contains(u.Lookup.Keys, key) {
		t.Errorf("what waits is not asked for: %+v", u.Lookup)
	}
	h := History{Waiting: map[string]string{key: "GL-2026-0000009/1"}}
	if o := paperSettled(t, f, "", h, k); o.State != Held || o.Reason != ReasonCopyHeld || o.Notice != nil {
		t.Errorf("its mail waits: %s (%s)", o.State, o.Reason)
	}
	h.Amendments = []Amendment{{Kind: Release}}
	if o := paperSettled(t, f, "", h, k); o.State != Refused {
		t.Errorf("a person has said that the rules decide: %s (%s)", o.State, o.Reason)
	}
	if o := paperSettled(t, f, "", History{Waiting: map[string]string{"13|snv-vp|snv|2026": "GL-2026-0000009/1"}}, k); o.State != Refused {
		t.Errorf("another document waits: %s (%s)", o.State, o.Reason)
	}
	f.Seal = "red"
	if o := paperSettled(t, f, "", History{Waiting: map[string]string{key: "GL-2026-0000009/1"}}, k); o.State != Registered {
		t.Errorf("what no rule refuses: %s (%s)", o.State, o.Reason)
	}
}
