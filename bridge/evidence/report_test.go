package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/pdfsign"
)

// reportOf reads a file as the child does.
func reportOf(t testing.TB, b []byte) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	if err := perform(ownSignatures, f, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestReport wants what the child says to be what pdfsign says.
func TestReport(t *testing.T) {
	k := newPKI(t)
	c := cms{by: k.signer, with: []identity{k.between}, at: at(time.Date(2026, 1, 10, 2, 0, 0, 0, time.UTC)), when: time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)}
	c.stamp = &cms{by: k.stamper, with: []identity{k.between}}
	b := paper{content: typed(letterLines()...)}.signed(t, c)
	want, err := pdfsign.Read(bytes.NewReader(b), int64(len(b)), pdfsign.DefaultLimits)
	if err != nil || len(want.Signatures) != 1 || want.Signatures[0].Timestamp.Result != "intact" {
		t.Fatalf("%+v, %v", want, err)
	}
	said := reportOf(t, b)
	got, err := readReport(said, int64(len(b)))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v\n%+v", err, got, want)
	}
	t.Logf("%d bytes of PDF, %d of report", len(b), len(said))
}

// TestReportTimes takes times that no JSON can hold: a signer may claim any.
func TestReportTimes(t *testing.T) {
	k := newPKI(t)
	for _, far := range []string{"99991231235959-1200", "00000101000000+1400", "20260110090000+2399"} {
		b := paper{content: typed(letterLines()...)}.signed(t, cms{by: k.signer, at: der(0x18, []byte(far))})
		b = bytes.Replace(b, []byte("D:20260110090000+07'00'"), []byte("D:99991231235959-12'00'"), 1)
		rep, err := readReport(reportOf(t, b), int64(len(b)))
		if err != nil || len(rep.Signatures) != 1 {
			t.Errorf("%s: %+v, %v", far, rep, err)
		}
		for _, s := range rep.Signatures {
			if _, err := json.Marshal(s.DictionaryTime); err != nil || !s.DictionaryTime.IsZero() {
				t.Errorf("%s: %v, %v", far, s.DictionaryTime, err)
			}
		}
	}
}

// TestReportNonsense believes nothing that pdfsign would not say.
func TestReportNonsense(t *testing.T) {
	one := func(fields string) string { return `{"Signatures":[{` + fields + `}],"Complete":true}` }
	if _, err := readReport([]byte(one(`"Verdict":"intact","Range":[0,10,20,30]`)), 50); err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]string{
		"nothing":               ``,
		"no object":             `[]`,
		"two":                   `{}{}`,
		"unknown word":          `{"Signature":[]}`,
		"unknown word of one":   one(`"Verdict":"intact","State":"valid"`),
		"no verdict":            one(``),
		"unknown verdict":       one(`"Verdict":"fine"`),
		"intact with a fault":   one(`"Verdict":"intact","Fault":"gap"`),
		"unknown fault":         one(`"Verdict":"broken","Fault":"other"`),
		"unknown cover":         one(`"Verdict":"intact","Coverage":"all"`),
		"unknown later":         one(`"Verdict":"intact","Later":{"Kind":"none"}`),
		"unknown stamp":         one(`"Verdict":"intact","Timestamp":{"Result":"fine"}`),
		"behind the end":        one(`"Verdict":"intact","Range":[0,10,20,31]`),
		"before the beginning":  one(`"Verdict":"intact","Range":[0,-1,20,30]`),
		"around the end":        one(`"Verdict":"intact","Range":[0,1,9223372036854775807,9223372036854775807]`),
		"permission":            one(`"Verdict":"intact","Permits":4`),
		"certificates":          one(`"Verdict":"intact","Certificates":["` + strings.Repeat(`","`, 200) + `"]`),
		"signatures":            `{"Signatures":[` + strings.Repeat(`{"Verdict":"intact"},`, 50) + `{"Verdict":"intact"}]}`,
		"problems":              `{"Problems":[` + strings.Repeat(`{},`, 1000) + `{}]}`,
		"longer than it may be": strings.Repeat(" ", maxReport) + `{}`,
	} {
		if _, err := readReport([]byte(s), 50); !errors.Is(err, errReport) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzReport reads what a child may say that was taken over by a file. Whatever is believed can be judged and stored.
func FuzzReport(f *testing.F) {
	k := newPKI(f)
	c := cms{by: k.signer, with: []identity{k.between}, stamp: &cms{by: k.stamper}, when: time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)}
	b := paper{content: "x"}.signed(f, c)
	f.Add(reportOf(f, b), int64(len(b)))
	f.Add(reportOf(f, plain()), int64(len(plain())))
	f.Add([]byte(`{"Signatures":[{"Verdict":"intact","Signer":{"CommonName":"\u0000a\ud800"},"SignedAt":"9999-12-31T23:59:59-23:59"}]}`), int64(1))
	a := trust(f, k.root, k.between)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, said []byte, size int64) {
		rep, err := readReport(said, size)
		if err != nil {
			if !errors.Is(err, errReport) {
				t.Error(err)
			}
			return
		}
		s := signing{report: &rep}
		got := s.signature(a, at)
		stored, err := json.Marshal(got)
		if err != nil || len(stored) > maxReport || bytes.Contains(stored, []byte(`\u0000`)) || len(got.Signers) != len(rep.Signatures) {
			t.Errorf("%d bytes, %d signers, %v", len(stored), len(got.Signers), err)
		}
		for _, o := range got.Signers {
			if !utf8.ValidString(o.Name + o.Organization + o.Issuer + o.Serial) {
				t.Errorf("%+v", o)
			}
		}
		if got.State == "valid" && got.Judged.IsZero() {
			t.Errorf("%+v", got)
		}
		var out bytes.Buffer
		if err := writeReport(&out, &rep); err != nil {
			t.Fatal(err)
		}
		if again, err := readReport(out.Bytes(), size); out.Len() <= maxReport && (err != nil || !reflect.DeepEqual(again, rep)) {
			t.Errorf("%v\n%+v\n%+v", err, again, rep)
		}
	})
}
