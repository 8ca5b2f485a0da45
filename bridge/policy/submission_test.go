package policy

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseSubmission(t *testing.T) {
	s, err := ParseSubmission([]byte(`{"id":"1","channel":"email","receiver":"vp","received_at":"2019-04-20T00:00:00+07:00","later":{"x":1},
		"hops":[{"by":"mx","at":"2019-04-19T16:59:59Z"}],"sender":{"address":"a@b.vn","agency":null,"identity":"dkim"},
		"document":{"type":"CV","main_file":true,"size":10.0},"context":{"also_received":["system"],"with_paper":false}}`))
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "1" || !s.ReceivedAt.Equal(time.Date(2019, 4, 19, 17, 0, 0, 0, time.UTC)) || len(s.Hops) != 1 || s.Hops[0].By != "mx" || s.Sender.Identity != IdentityDKIM ||
		s.Document.MainFile == nil || !*s.Document.MainFile || s.Document.EditableFile != nil || s.Document.Size != 10 ||
		!reflect.DeepEqual(s.Context.AlsoReceived, []string{"system"}) || s.Context.WithPaper == nil || *s.Context.WithPaper {
		t.Errorf("read as %+v", s)
	}
	empty, err := ParseSubmission([]byte(`{}`))
	if err != nil || !empty.ReceivedAt.IsZero() || empty.Hops == nil || empty.Disputed == nil || empty.Context.AlsoReceived == nil {
		t.Errorf("empty object: %+v, %v", empty, err)
	}
}

func TestParseSubmissionFaults(t *testing.T) {
	for in, want := range map[string]string{
		``:                                   "is empty; write one JSON object a line",
		`null`:                               "is null, not a JSON object; write {…} with the keys of a submission",
		`[1]`:                                "is a JSON array, not an object; write {…} with the keys of a submission",
		`{"id":"a"`:                          "not valid JSON: the object has no end",
		`{} {}`:                              "text after the object; write one submission a line",
		`{"id":5}`:                           "id: must be a text, not a number",
		`{"channel":"fax"}`:                  `channel: "fax" is not known; use email, paper, system, or leave it empty`,
		`{"received_at":"2019-04-20T08:00"}`: `received_at: "2019-04-20T08:00" has no zone; write 2019-04-20T08:00:00+07:00, or Z for UTC`,
		`{"received_at":"hôm qua"}`:          `received_at: "hôm qua" is not a time of RFC 3339; write 2019-04-20T08:00:00+07:00`,
		`{"received_at":0}`:                  "received_at: must be a text, not a number",
		`{"hops":[{"by":1,"at":"x"}]}`:       "hops[0].by: must be a text, not a number; hops[0].at: \"x\" is not a time of RFC 3339; write 2019-04-20T08:00:00+07:00",
		`{"hops":{}}`:                        "hops: must be a list, not an object",
		`{"disputed":["x"]}`:                 `disputed[0]: "x" is not a time of RFC 3339; write 2019-04-20T08:00:00+07:00`,
		`{"sender":"a"}`:                     "sender: must be an object, not a text",
		`{"sender":{"identity":"best"}}`:     `sender.identity: "best" is not known; use none, from, spf, dkim, dmarc, signature, clerk, or leave it empty`,
		`{"document":{"size":1.5}}`:          "document.size: must be a whole number of bytes, not 1.5",
		`{"document":{"size":-1}}`:           "document.size: must be a whole number of bytes, not -1",
		`{"document":{"main_file":"yes"}}`:   "document.main_file: must be true or false, not a text",
		`{"document":{"secrecy":"MẬT"}}`:     `document.secrecy: "MẬT" is not known; use mat, toi-mat, tuyet-mat, or leave it empty`,
		`{"context":{"also_received":[1]}}`:  "context.also_received[0]: must be a text, not a number",
	} {
		_, err := ParseSubmission([]byte(in))
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", in, err, want)
		}
	}
	if _, err := ParseSubmission([]byte(`{"id":x}`)); err == nil || !strings.HasPrefix(err.Error(), "not valid JSON at byte 7") {
		t.Errorf("broken JSON: %v", err)
	}
}

func TestParseInstant(t *testing.T) {
	for in, want := range map[string]string{
		"2019-04-20T00:00:00+07:00":    "2019-04-19T17:00:00Z",
		"2019-04-20t00:00:00+07:00":    "2019-04-19T17:00:00Z",
		"2019-04-20 00:00:00 +0700":    "2019-04-19T17:00:00Z",
		"2019-04-20T00:00+07:00":       "2019-04-19T17:00:00Z",
		"2019-04-19T17:00:00z":         "2019-04-19T17:00:00Z",
		"2019-04-19T24:00:00+07:00":    "2019-04-19T17:00:00Z",
		"2019-04-19T16:59:60Z":         "2019-04-19T16:59:59.999999999Z",
		"2019-04-19T16:59:59.9999999Z": "2019-04-19T16:59:59.9999999Z",
		"2019-04-19T24:00:01+07:00":    "",
		"2019-04-19T24:00:60+07:00":    "",
		"2019-02-30T00:00:00Z":         "",
		"2019-04-20T00:00:00":          "",
		"2019-04-20":                   "",
		"20/4/2019":                    "",
		"2019-04-20T00:00:00 ICT":      "",
	} {
		at, err := parseInstant(in)
		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s read as %q (%v), want %q", in, got, err, want)
		}
	}
}

func TestDecisionJSON(t *testing.T) {
	empty, err := json.Marshal(Decision{})
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(empty, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"id", "verdict", "rule", "phase_from", "exemption", "notice", "rules", "next_from"} {
		if keys[k] != "" {
			t.Errorf("%s is %v, want the empty string in %s", k, keys[k], empty)
		}
	}
	for _, k := range []string{"reasons", "trace"} {
		if list, ok := keys[k].([]any); !ok || len(list) != 0 {
			t.Errorf("%s is %v, want an empty list in %s", k, keys[k], empty)
		}
	}
	rules, dir := readRules(t, "testdata/regimes/04-quy-nhon-2019.toml"), readDirectory(t, "testdata/regimes/agencies.csv")
	d := rules.Decide(Submission{ID: "7", Channel: "email", Receiver: "vp-ubnd", ReceivedAt: time.Date(2019, 4, 12, 8, 0, 0, 0, vietnam),
		Sender: Sender{Agency: "p-noivu", Identity: IdentityDMARC}, Document: Document{Type: "CV", Seal: "digital"}}, dir)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Decision
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d, back) {
		t.Errorf("came back as\n%+v\nwant\n%+v", back, d)
	}
	if !strings.Contains(string(text), `"next_from":"2019-04-20T00:00:00+07:00"`) {
		t.Errorf("next_from missing in %s", text)
	}
}

func TestDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{"30d": 720 * time.Hour, "24h": 24 * time.Hour, "90m": 90 * time.Minute, "1d12h": 36 * time.Hour, "0d": 0, "45s": 45 * time.Second} {
		if got, ok := parseDuration(in); !ok || got != want {
			t.Errorf("%s: %v, %t", in, got, ok)
		}
	}
	for _, in := range []string{"", "30", "d", "12h1d", "1h1h", "-1d", "1.5h", "1w", "99999999999d", "2000000d", "3650d3650d"} {
		if got, ok := parseDuration(in); ok {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]int64{"25MB": 25 << 20, "500 kb": 500 << 10, "1GB": 1 << 30, "10": 10, "7B": 7} {
		if got, ok := parseSize(in); !ok || got != want {
			t.Errorf("%s: %v, %t", in, got, ok)
		}
	}
	for _, in := range []string{"", "MB", "0MB", "-1MB", "1TB", "9999999999999GB"} {
		if got, ok := parseSize(in); ok {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func TestPhrase(t *testing.T) {
	for _, c := range []struct {
		subject, word string
		want          bool
	}{
		{"Về việc mời họp", "mời họp", true}, {"V/v: MỜI  HỌP, tuần 3", "mời họp", true}, {"ve viec moi hop", "mời họp", true},
		{"Chính sách mới", "mời", false}, {"Hoà giải ở cơ sở", "hòa giải", true}, {"Báo cáo định kỳ", "kỳ", true},
		{"Báo cáo định kỳ", "k", false}, {"Đề nghị góp ý", "đề nghị", true}, {"De nghi gop y", "đề nghị", true}, {"", "mời", false},
	} {
		if got := foldPhrase(c.subject).contains(foldPhrase(c.word)); got != c.want {
			t.Errorf("%q in %q: %t", c.word, c.subject, got)
		}
	}
}

func FuzzParseSubmission(f *testing.F) {
	f.Add([]byte(`{"id":"1","channel":"email","received_at":"2019-04-20T00:00:00+07:00","hops":[{"by":"mx","at":"2019-04-19T24:00:00Z"}],"document":{"size":1e3}}`))
	f.Add([]byte(`{"context":{"also_received":["system",null]},"sender":{"address":"a@b"},"document":{"secrecy":"mat","main_file":null}}`))
	rules, _, err := ReadRules("r.toml", readFile(f, "testdata/regimes/04-quy-nhon-2019.toml"))
	if err != nil {
		f.Fatal(err)
	}
	dir := readDirectory(f, "testdata/regimes/agencies.csv")
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := ParseSubmission(line)
		if err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), "policy.") {
				t.Errorf("unclear error %q", err)
			}
			return
		}
		d := rules.Decide(s, dir)
		if again := rules.Decide(s, dir); !reflect.DeepEqual(d, again) {
			t.Errorf("two decisions: %+v, %+v", d, again)
		}
		if d.Verdict == Reject && s.ReceivedAt.Before(time.Date(2019, 4, 20, 0, 0, 0, 0, vietnam)) {
			t.Errorf("refused before the cutoff: %+v", s)
		}
	})
}
