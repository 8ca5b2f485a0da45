package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge/policy"
)

func TestDifferences(t *testing.T) {
	for _, c := range []struct {
		stored, now string
		lenient     bool
		want        string // paths
	}{
		{`{"a":1,"b":{"c":[1,2]}}`, `{"b":{"c":[1,2]},"a":1}`, false, ""},
		{`{"a":1,"b":{"c":[1,2]}}`, `{"a":2,"b":{"c":[1,3,4]}}`, false, "a b.c[1] b.c[2]"},
		{`{"a":null}`, `{"a":""}`, true, "a"},
		{`{"a":{}}`, `{"a":[]}`, false, "a"},
		{`{"a":"1"}`, `{"a":1}`, false, "a"},
		{`{"a":1.0}`, `{"a":1}`, false, "a"},
		{`{}`, `{"a":"","b":[],"c":null,"d":0,"e":false,"f":{"g":""}}`, false, "a b c d e f"},
		{`{}`, `{"a":"","b":[],"c":null,"d":0,"e":false,"f":{"g":""}}`, true, ""},
		{`{"a":""}`, `{}`, true, ""},
		{`{}`, `{"a":"x","f":{"g":1}}`, true, "a f"},
		{`[1]`, `{"a":1}`, true, ""},
	} {
		got, err := Differences([]byte(c.stored), []byte(c.now), c.lenient)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, d := range got {
			paths = append(paths, d.Path)
		}
		if c.stored == "[1]" {
			if len(got) != 1 || string(got[0].Stored) != "[1]" || string(got[0].Now) != `{"a":1}` {
				t.Errorf("%s and %s: %+v", c.stored, c.now, got)
			}
			continue
		}
		if strings.Join(paths, " ") != c.want {
			t.Errorf("%s and %s: %v, want %s", c.stored, c.now, paths, c.want)
		}
	}
	for _, broken := range []string{"", "{", "{} x"} {
		if _, err := Differences([]byte(broken), []byte("{}"), false); err == nil {
			t.Errorf("%q is taken for an outcome", broken)
		}
	}
}

// An outcome of which any byte was altered is never taken for the same.
func TestDifferencesFindEveryByte(t *testing.T) {
	k := testKnowledge(t, nil)
	raw := letter{from: "vanthu@noivu.example.vn", subject: "Công văn số 12/SNV-VP về việc <báo cáo> \u2028 quý", file: "Số: 12/SNV-VP"}.raw()
	text, err := json.Marshal(Process(Receipt{ID: "GL-2026-0000001", Receiver: "ubnd", Channel: Email, Size: int64(len(raw)), InternalDate: cutoff}, bytes.NewReader(raw),
		Evidence{}, History{}, k))
	if err != nil {
		t.Fatal(err)
	}
	if same, err := Differences(text, bytes.Clone(text), false); err != nil || len(same) != 0 {
		t.Fatalf("the same: %v, %v", same, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		altered := bytes.Clone(text)
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		altered[at] = rapid.Byte().Draw(t, "byte")
		if altered[at] == text[at] || altered[at]|0x20 == text[at]|0x20 && bytes.HasPrefix(text[max(0, bytes.LastIndexByte(text[:at], '\\')):], []byte(`\u`)) {
			return // a digit of \u003c may be written in two ways
		}
		if found, err := Differences(altered, text, false); err == nil && len(found) == 0 {
			t.Fatalf("byte %d is %q: no difference", at, altered[at])
		}
	})
}

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errors.New("disk is away") }

type panickingReader struct{}

func (panickingReader) ReadAt([]byte, int64) (int, error) { panic("broken") }

// What cannot be read is no difference, and a panic is one of the program's.
func TestReplayWithoutBytes(t *testing.T) {
	r := Receipt{ID: "GL-2026-0000001", Receiver: "ubnd", Channel: Email, Size: 100}
	for _, c := range []struct {
		raw    io.ReaderAt
		breaks bool
	}{{brokenReader{}, false}, {panickingReader{}, true}} {
		_, err := Replay(r, c.raw, Evidence{}, History{}, testKnowledge(t, nil))
		if err == nil || errors.Is(err, ErrBreaks) != c.breaks {
			t.Errorf("%T: %v", c.raw, err)
		}
	}
}

// What the rules were asked is what they answered: asked again, they say the same; so does what is derived from an outcome that was stored
// without it.
func TestAskedAgain(t *testing.T) {
	k := testKnowledge(t, nil)
	n := 0
	for _, from := range []string{"vanthu@noivu.example.vn", "vanthu@congthuong.example.vn", "ai@example.org", "vanthu@thue.example.vn"} {
		for i, identity := range []string{"none", "spf", "dmarc"} {
			for _, subject := range []string{"Công văn số 12/SNV-VP về việc báo cáo", "[MẬT] báo cáo"} {
				raw := letter{from: from, subject: subject, file: "Số: 12/SNV-VP"}.raw()
				r := Receipt{ID: fmt.Sprint("GL-", i), Receiver: "ubnd", Channel: Email, Mailbox: "vanthu", Size: int64(len(raw)), InternalDate: cutoff}
				ev := Evidence{Identity: policy.Identity(identity)}
				out := Process(r, bytes.NewReader(raw), ev, History{}, k)
				if len(out.Asked) != len(out.Records) || len(out.Records) == 0 {
					t.Fatalf("%s: asked %d of %d records", from, len(out.Asked), len(out.Records))
				}
				derived := AskedOf(r, out, k)
				for j, a := range out.Asked {
					n++
					if got, want := a.decide(k), out.Records[j].Decision; got.Verdict != want.Verdict || got.Rule != want.Rule || !slices.Equal(got.Reasons, want.Reasons) {
						t.Errorf("%s %s: %s %v, want %s %v", from, identity, got.Verdict, got.Reasons, want.Verdict, want.Reasons)
					}
					x, _ := json.Marshal(a)
					y, _ := json.Marshal(derived[j])
					if out.State != Quarantined && string(x) != string(y) { // of a secret the address is kept only here
						t.Errorf("derived %s, want %s", y, x)
					}
					if out.State == Quarantined && a.Document.Subject+a.Document.Number != "" {
						t.Error("words of a secret are kept")
					}
				}
			}
		}
	}
	if n != 24 {
		t.Errorf("%d records", n)
	}
}
