package axis

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAnswers gives the readers of answers anything: they end, and what they find in an object is what encoding/json finds there.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{
		`{"status":"OK","ErrorCode":0,"data":"YWJj"}`, `{"data":{"docId":"1","edxml":"<a>\u00ea\ud83d\ude00\n</a>","x":[1,{"edxml":"no"}]},"success":true}`,
		`{"status":"FAIL","ErrorCode":"20","ErrorDesc":"x"}`, `{"a":{"b":[{}]},"data":[]}`, `{"data":"abc`, "<html><script>x<y</script>z", `{`, "", `{"data":null}`,
		`{"data":[{"docId":1,"created_time":1700000000000}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if words := wordsOf(in); !utf8.ValidString(words) {
			t.Errorf("words are no UTF-8: %q", words)
		}
		if r, ok := replyOf(in); ok {
			if _, err := listOf("x", r.Data); err == nil && !json.Valid(in[bytes.IndexByte(in, '{'):]) {
				t.Errorf("%q is taken for a reply", in)
			}
		}
		text, _, err := textIn(bufio.NewReader(bytes.NewReader(in)), "data")
		var whole struct{ Data *string }
		keys := map[string]json.RawMessage{}
		valid := json.Unmarshal(in, &whole) == nil && json.Unmarshal(in, &keys) == nil && utf8.Valid(in)
		times := 0
		for k := range keys {
			if strings.EqualFold(k, "data") {
				times++
			}
		}
		if times != 1 || strings.Count(strings.ToLower(string(in)), "data") != 1 {
			valid = false // which of several is meant nobody has said
		}
		if !valid || whole.Data == nil {
			return
		}
		if err != nil {
			t.Fatalf("%q: text is not found: %v", in, err)
		}
		got, err := io.ReadAll(text)
		if err != nil || string(got) != *whole.Data {
			t.Errorf("%q: read %q (%v), want %q", in, got, err, *whole.Data)
		}
	})
}

// FuzzText cuts a whole reply anywhere: what is cut within the text is an error.
func FuzzText(f *testing.F) {
	f.Add("abc", 3)
	f.Add("\"\\\u00e9\U0001F600", 12)
	f.Fuzz(func(t *testing.T, value string, cut int) {
		whole, err := json.Marshal(map[string]any{"a": []int{1}, "data": strings.ToValidUTF8(value, "?")})
		if err != nil {
			t.Fatal(err)
		}
		cut = min(max(cut, 0), len(whole)-2) // before the closing quote
		text, _, err := textIn(bufio.NewReader(bytes.NewReader(whole[:cut])), "data")
		if err == nil {
			_, err = io.ReadAll(text)
		}
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: cut off, and gave %v", whole[:cut], err)
		}
	})
}

func TestTimesOfAxes(t *testing.T) {
	for in, want := range map[string]string{
		"2026/11/22 08:00:01": "2026-11-22T01:00:01Z", "2026-11-22 08:00:01.250": "2026-11-22T01:00:01.25Z", "22/11/2026 08:00:01": "2026-11-22T01:00:01Z",
		"2026-11-22T01:00:01Z": "2026-11-22T01:00:01Z", "1795309201000": "2026-11-22T01:00:01Z", "1795309201": "2026-11-22T01:00:01Z",
		"2026-11-22T08:00:01.000+0700": "2026-11-22T01:00:01Z",
	} {
		if got := instantOf(in).Format("2006-01-02T15:04:05.999Z07:00"); got != want {
			t.Errorf("%s is read as %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "hôm nay", "32/13/2026", "0"} {
		if got := instantOf(in); !got.IsZero() {
			t.Errorf("%q is read as %s", in, got)
		}
	}
}
