package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
)

// twoDocuments is a mail with a document of the subject's number and a second one; file is the name of the second.
func twoDocuments(at time.Time, file string) []byte {
	raw := letter{subject: subject, received: at}.raw()
	second := "--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"" + file + "\"\r\n\r\n%PDF-1.4 second\r\n"
	return changed(raw, "--x--\r\n", second+"--x--\r\n")
}

const secondFile = "13_BC-SNV ket qua nam 2025.pdf"

// facts are the named facts of all events of one type.
func facts(o Outcome, typ audit.Type, name string) []string {
	var list []string
	for _, e := range o.Events {
		if e.Type == typ {
			list = append(list, e.Facts[name])
		}
	}
	return list
}

// Two documents of one mail are judged each by itself, under its own number, and the sender hears of both in one notice.
func TestTwoDocumentsOfAMail(t *testing.T) {
	proved, k := Evidence{Identity: policy.IdentityDMARC}, testKnowledge(t, nil)
	before, after := cutoff.Add(-time.Hour), cutoff.Add(time.Hour)
	early, late := twoDocuments(before, secondFile), twoDocuments(after, secondFile)
	plain := settle(t, early, before, proved, History{}, k, nil)
	if len(plain.Records) != 2 {
		t.Fatalf("%d records", len(plain.Records))
	}
	first, second := plain.Records[0], plain.Records[1]
	standing := func(r RecordOutcome, receipt, file string) History {
		return History{Registered: map[string]Standing{r.Key: {Record: receipt + "/1", Receipt: receipt, SoDen: "7/2026", Files: []string{file}}}}
	}
	with := func(h History, list ...Amendment) History {
		h.Amendments = list
		return h
	}
	other, own := "GL-2026-0000009", plain.Receipt
	for _, c := range []struct {
		name    string
		raw     []byte
		at      time.Time
		h       History
		want    string
		state   State
		reason  string
		notice  notice.Kind
		numbers string // what the notice names
	}{
		{"in time", early, before, History{}, "1 12/SNV-VP registered; 2 13/BC-SNV registered", Registered, "", notice.Remind, "12/SNV-VP 13/BC-SNV"},
		{"late", late, after, History{}, "1 12/SNV-VP refused; 2 13/BC-SNV refused", Refused, "", notice.Refuse, "12/SNV-VP 13/BC-SNV"},
		{"one stands already", early, before, standing(second, other, second.Files[0].Digest), "1 12/SNV-VP registered; 2 13/BC-SNV duplicate same-document", Registered, "", notice.Remind, "12/SNV-VP 13/BC-SNV"},
		{"one stands already, late", late, after, standing(second, other, second.Files[0].Digest), "1 12/SNV-VP refused; 2 13/BC-SNV duplicate same-document", Refused, "", notice.Refuse, "12/SNV-VP"},
		{"one number is taken", early, before, standing(first, other, "x"), "1 12/SNV-VP held same-number-other-bytes; 2 13/BC-SNV registered", Held, ReasonNumberTaken, "", ""},
		{"one number is taken, late", late, after, standing(first, other, "x"), "1 12/SNV-VP held same-number-other-bytes; 2 13/BC-SNV held mail-held", Held, ReasonNumberTaken, "", ""},
		{"refused by hand, one is in the register", early, before, with(standing(second, own, second.Files[0].Digest), Amendment{Kind: RefuseIt}),
			"1 12/SNV-VP refused clerk-refused; 2 13/BC-SNV registered", Refused, ReasonClerkRefused, notice.Refuse, "12/SNV-VP"},
		{"accepted by hand", late, after, History{Amendments: []Amendment{{Kind: Exception}}}, "1 12/SNV-VP registered clerk-accepted; 2 13/BC-SNV registered clerk-accepted", Registered, ReasonClerkAccepted, notice.Accepted, "12/SNV-VP 13/BC-SNV"},
		{"a second without words", twoDocuments(before, "13_BC-SNV.pdf"), before, History{}, "1 12/SNV-VP registered; 2 13/BC-SNV held incomplete", Held, ReasonIncomplete, "", ""},
		{"a second completed", twoDocuments(before, "13_BC-SNV.pdf"), before, History{Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"2.trich_yeu": "kết quả"}}}},
			"1 12/SNV-VP registered; 2 13/BC-SNV registered", Registered, "", notice.Remind, "12/SNV-VP 13/BC-SNV"},
		{"both given one number", early, before, History{Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"2.so_hieu": "12/SNV-VP"}}}},
			"1 12/SNV-VP registered; 2 12/SNV-VP held same-number-other-bytes", Held, ReasonNumberTaken, "", ""},
		{"joined by hand", early, before, History{Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"records": "1"}}}}, "1 12/SNV-VP registered", Registered, "", notice.Remind, "12/SNV-VP"},
	} {
		o := settle(t, c.raw, c.at, proved, c.h, k, nil)
		var got []string
		for i, r := range o.Records {
			s := fmt.Sprintf("%d %s %s", i+1, r.Document.SoHieu, r.State)
			if !slices.Contains(r.Decision.Reasons, r.Reason) || r.Reason == ReasonClerkAccepted || r.Reason == ReasonClerkRefused {
				s += " " + r.Reason
			}
			got = append(got, s)
		}
		if strings.Join(got, "; ") != c.want || o.State != c.state || c.reason != "" && o.Reason != c.reason {
			t.Errorf("%s: %s (%s): %q", c.name, o.State, o.Reason, got)
		}
		if (o.Notice == nil) != (c.notice == "") || o.Notice != nil && o.Notice.Kind != c.notice {
			t.Errorf("%s: notice %+v, silence %s", c.name, o.Notice, o.Silence)
			continue
		}
		for _, number := range []string{"12/SNV-VP", "13/BC-SNV"} {
			if o.Notice != nil && strings.Contains(o.Notice.Body, number) != strings.Contains(c.numbers, number) {
				t.Errorf("%s: the notice names %s: %v\n%s", c.name, number, !strings.Contains(c.numbers, number), o.Notice.Body)
			}
		}
	}
}

// Every record that is refused or held has an event of its own, with its own reason.
func TestEventsOfTwoDocuments(t *testing.T) {
	proved, k := Evidence{Identity: policy.IdentityDMARC}, testKnowledge(t, nil)
	late := cutoff.Add(time.Hour)
	o := settle(t, twoDocuments(late, secondFile), late, proved, History{}, k, nil)
	if got := facts(o, audit.RecordRefused, "record"); !slices.Equal(got, []string{o.Receipt + "/1", o.Receipt + "/2"}) {
		t.Errorf("refused: %q", got)
	}
	taken := History{Registered: map[string]Standing{o.Records[0].Key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", Files: []string{"x"}}}}
	o = settle(t, twoDocuments(late, secondFile), late, proved, taken, k, nil)
	if got := facts(o, audit.RecordHeld, "reason"); !slices.Equal(got, []string{ReasonNumberTaken, ReasonMailHeld}) {
		t.Errorf("held: %q", got)
	}
	if got := facts(o, audit.RecordRefused, "record"); got != nil {
		t.Errorf("nothing of a mail that waits is refused: %q", got)
	}
}

// A mark on one document hides the whole mail (ARCHITECTURE, invariant 10).
func TestSecretInOneOfTwoDocuments(t *testing.T) {
	before := cutoff.Add(-time.Hour)
	o := settle(t, twoDocuments(before, "13_BC-SNV_MAT.pdf"), before, Evidence{Identity: policy.IdentityDMARC}, History{}, testKnowledge(t, nil), nil)
	if o.State != Quarantined || len(o.Records) != 2 || len(o.Alarms) != 1 || len(facts(o, audit.SecretQuarantined, "do_mat")) != 1 {
		t.Fatalf("%s, %d records, alarms %v, events %v", o.State, len(o.Records), o.Alarms, o.Events)
	}
	if shown := fmt.Sprintf("%+v %+v %+v", o.Records, o.Notice, o.Events); strings.Contains(shown, "SNV") || strings.Contains(shown, "cu can bo") {
		t.Errorf("shows the mail: %s", shown)
	}
}

// What its files do not tell apart waits for a person, who may accept it as one.
func TestTooManyDocumentsWait(t *testing.T) {
	before := cutoff.Add(-time.Hour)
	raw := string(letter{subject: subject, received: before}.raw())
	var more strings.Builder
	for i := range 25 {
		fmt.Fprintf(&more, "--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=%d_BC-SNV.pdf\r\n\r\n%%PDF %d\r\n", i+20, i)
	}
	mail := []byte(strings.Replace(raw, "--x--\r\n", more.String()+"--x--\r\n", 1))
	proved, k := Evidence{Identity: policy.IdentityDMARC}, testKnowledge(t, nil)
	if o := settle(t, mail, before, proved, History{}, k, nil); o.State != Held || o.Reason != ReasonDocuments || len(o.Records) != 1 || len(o.Records[0].Files) != 26 {
		t.Errorf("%s (%s), %d records", o.State, o.Reason, len(o.Records))
	}
	if o := settle(t, mail, before, proved, History{Amendments: []Amendment{{Kind: Exception}}}, k, nil); o.State != Registered {
		t.Errorf("accepted: %s (%s)", o.State, o.Reason)
	}
}

// Documents refused on two grounds cannot be told in one notice: a person does it.
func TestTwoGroundsWait(t *testing.T) {
	at := cutoff.Add(time.Hour)
	rule := "[[rule]]\nid = \"bao-cao\"\ntitle = \"Báo cáo\"\nlegal = \"Công văn 02/UBND-VP\"\nchannels = [\"email\"]\n[rule.document]\ntypes = [\"BC\"]\n" +
		"[[rule.phase]]\nfrom = 2026-01-01\nverdict = \"reject\"\n\n"
	rules, _, err := policy.ReadRules("rules.toml", []byte(strings.Replace(testRules, "[[rule]]", rule+"[[rule]]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	k := testKnowledge(t, nil)
	if k, err = NewKnowledge(rules, k.Directory, k.Settings); err != nil {
		t.Fatal(err)
	}
	proved := Evidence{Identity: policy.IdentityDMARC}
	o := settle(t, twoDocuments(at, secondFile), at, proved, History{}, k, nil)
	if o.State != Held || o.Reason != ReasonCannotTell || o.Notice != nil || o.Records[0].State != Held || o.Records[1].State != Held {
		t.Errorf("%s (%s), records %+v", o.State, o.Reason, o.Records)
	}
	if o.Records[0].Decision.Rule == o.Records[1].Decision.Rule {
		t.Fatalf("both under %s: the sample shows nothing", o.Records[0].Decision.Rule)
	}
	before := cutoff.Add(-time.Hour)
	o = settle(t, twoDocuments(before, secondFile), before, proved, History{}, k, nil)
	if o.State != Refused || o.Notice == nil || o.Records[0].State != Registered || strings.Contains(o.Notice.Body, "12/SNV-VP") || !strings.Contains(o.Notice.Body, "13/BC-SNV") {
		t.Errorf("one refused, one registered: %s (%s), notice %+v", o.State, o.Reason, o.Notice)
	}
}
