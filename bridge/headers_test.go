package bridge

import (
	"bytes"
	"encoding/json"
	"mime"
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

func TestMarkedHeader(t *testing.T) {
	for _, c := range []struct {
		name, block string
		want        bool
	}{
		{"plain", "Subject: [MAT] Cong van so 12/SNV-VP\r\n\r\n", true},
		{"encoded word", "Subject: " + mime.BEncoding.Encode("utf-8", "Công văn TỐI MẬT số 12/SNV-VP") + "\r\n\r\n", true},
		{"encoded word over two lines", "Subject: " + mime.BEncoding.Encode("utf-8", "Công văn ") + "\r\n " + mime.BEncoding.Encode("utf-8", "TUYỆT MẬT") + "\r\n\r\n", true},
		{"raw UTF-8", "Subject: [Tối mật] Kế hoạch số 5\r\n\r\n", true},
		{"raw TCVN3", "Subject: Tµi liÖu tèi mËt\r\n\r\n", true},
		{"raw TCVN3 as bytes", "Subject: C\xabng v\xa8n t\xe8i m\xcbt s\xe8 12/SNV-VP\r\n\r\n", true},
		{"file name of a mail with one part", "Subject: gui\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"12_TOIMAT.pdf\"\r\n\r\n", true},
		{"name of the type", "Subject: gui\r\nContent-Type: application/pdf; name=\"[MAT] 12.pdf\"\r\n\r\n", true},
		{"file name of text", "Subject: gui\r\nContent-Type: text/plain; name=\"TUYET MAT.txt\"\r\nContent-Disposition: attachment\r\n\r\n", true},
		{"no end of the block", "Subject: [MAT] 12", true},
		{"no mark", "Subject: Cong van so 12/SNV-VP\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", false},
		{"a word inside prose", "Subject: " + mime.BEncoding.Encode("utf-8", "Tập huấn bảo mật thông tin") + "\r\n\r\n", false},
		{"nothing", "", false},
	} {
		if got := MarkedHeader([]byte(c.block), parser.DefaultLimits); got != c.want {
			t.Errorf("%s: marked %v, want %v", c.name, got, c.want)
		}
	}
}

// A header block alone is a secret or waits for its message; it is never decided like mail, whatever a person says.
func TestHeadersOnlyIsNeverDecided(t *testing.T) {
	whole := letter{subject: "[TOI MAT] Cong van so 99/SNV-BIMAT ve viec CANARYSUBJECT", received: cutoff}.raw()
	marked, _, _ := bytes.Cut(whole, []byte("\r\n\r\n"))
	marked = append(marked, "\r\n\r\n"...)
	plain := bytes.ReplaceAll(marked, []byte("[TOI MAT] "), nil) // as if the tripwire of a later version saw no mark
	only := func(r *Receipt) { r.HeadersOnly = true }
	old := func(r *Receipt) { r.HeadersOnly, r.Imported = true, true }
	amended := func(kinds ...AmendmentKind) (h History) {
		for _, k := range kinds {
			h.Amendments = append(h.Amendments, Amendment{Kind: k, Fields: map[string]string{"so_hieu": "1/A", "agency": "snv"}, By: "lan"})
		}
		return h
	}
	for _, c := range []struct {
		name   string
		raw    []byte
		kind   func(*Receipt)
		h      History
		state  State
		reason string
	}{
		{"marked", marked, only, History{}, Quarantined, ReasonSecret},
		{"marked and old", marked, old, History{}, Quarantined, ReasonSecret},
		{"no mark is seen any more", plain, only, History{}, Quarantined, ReasonSecret},
		{"a word that is none about the mark", marked, only, amended(Exception, Amend), Quarantined, ReasonSecret},
		{"cleared", marked, only, amended(NotSecret), Held, ReasonHeadersOnly},
		{"cleared and old", marked, old, amended(NotSecret), Held, ReasonHeadersOnly},
		{"cleared and completed", marked, only, amended(NotSecret, Amend), Held, ReasonHeadersOnly},
		{"cleared and released", marked, only, amended(NotSecret, Release), Held, ReasonHeadersOnly},
		{"cleared and accepted", marked, only, amended(NotSecret, Exception), Held, ReasonHeadersOnly},
		{"cleared and closed", marked, only, amended(NotSecret, RefuseIt), Refused, ReasonClerkRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := settle(t, c.raw, cutoff, Evidence{Identity: policy.IdentityDMARC}, c.h, testKnowledge(t, nil), c.kind)
			if o.State != c.state || o.Reason != c.reason {
				t.Fatalf("state %s (%s), want %s (%s)", o.State, o.Reason, c.state, c.reason)
			}
			for _, r := range o.Records {
				if r.State != Quarantined || len(r.Files) != 0 || r.Key != "" {
					t.Errorf("record %+v", r)
				}
			}
			if len(o.Findings) != 0 {
				t.Errorf("findings %v about a message that is not here", o.Findings)
			}
			if o.State != Quarantined {
				if o.Notice != nil || len(o.Records) != 0 || o.Silence == "" {
					t.Errorf("notice %v, %d records, silence %q", o.Notice, len(o.Records), o.Silence)
				}
				return
			}
			if len(o.Alarms) != 1 || o.Alarms[0].Code != "state-secret" {
				t.Errorf("alarms %v", o.Alarms)
			}
			o.History = History{} // what a person wrote is not ours to check here
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
		})
	}
	// With the body it is decided like any other mail that a person cleared.
	if o := settle(t, whole, cutoff, Evidence{Identity: policy.IdentityDMARC}, amended(NotSecret), testKnowledge(t, nil), nil); o.State == Quarantined || len(o.Records) != 1 {
		t.Errorf("the whole message is %s with %d records", o.State, len(o.Records))
	}
}

// Who cleared a header had not seen the rest: a mark there is a secret until somebody clears that too.
func TestClearedByItsHeader(t *testing.T) {
	subject := "[TOI MAT] Cong van so 12/SNV-VP ve viec cu can bo"
	inside := bytes.ReplaceAll(letter{subject: subject, received: cutoff.Add(-1)}.raw(), []byte("12_SNV-VP.pdf"), []byte("12_TOIMAT.pdf"))
	notSecret, other := Amendment{Kind: NotSecret}, Amendment{Kind: Release}
	for _, c := range []struct {
		name   string
		raw    []byte
		words  int
		list   []Amendment
		secret bool
	}{
		{"the subject alone", letter{subject: subject, received: cutoff.Add(-1)}.raw(), 1, []Amendment{notSecret}, false},
		{"a file too", inside, 1, []Amendment{notSecret}, true},
		{"a file too, and another word since", inside, 1, []Amendment{notSecret, other}, true},
		{"a file too, cleared since", inside, 2, []Amendment{notSecret, other, notSecret}, false},
		{"never by its header", inside, 0, []Amendment{notSecret}, false},
		{"nobody cleared it", letter{subject: subject, received: cutoff.Add(-1)}.raw(), 1, []Amendment{other}, true},
		{"more words than are known", inside, 9, []Amendment{notSecret}, true},
	} {
		o := settle(t, c.raw, cutoff.Add(-1), Evidence{Identity: policy.IdentityDMARC}, History{Amendments: c.list}, testKnowledge(t, nil),
			func(r *Receipt) { r.HeaderWords = c.words })
		if (o.State == Quarantined) != c.secret {
			t.Errorf("%s: %s (%s)", c.name, o.State, o.Reason)
		}
	}
}

type sealed struct{ Sealed }

func (sealed) Content() Digest { return Digest{1} }

// A message without a body has the bytes of its header block, and is another thing.
func TestHeadersAreNoMessage(t *testing.T) {
	whole := Arrival{Raw: sealed{}}
	block := Arrival{Raw: sealed{}, HeadersOnly: true}
	if whole.Content() != (Digest{1}) || block.Content() == whole.Content() || block.Content() == (Digest{}) {
		t.Errorf("whole %x, header block %x", whole.Content(), block.Content())
	}
}
