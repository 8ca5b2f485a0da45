package bridge

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// A slip in what only papers have is corrected like any other field, and the rules decide again by it: the stamp counts, the seal and the electronic
// file are asked for.
func TestPaperIsAmended(t *testing.T) {
	k := paperKnowledge(t)
	inTime := cutoff.Add(-time.Minute)
	for name, c := range map[string]struct {
		change func(*PaperForm)
		fields map[string]string
		before State
		after  State
	}{
		"stamped in time after all":   {func(f *PaperForm) { f.Seal = "none" }, map[string]string{"stamped_at": inTime.Format(time.RFC3339)}, Refused, Registered},
		"stamped late after all":      {func(f *PaperForm) { f.Seal, f.StampedAt = "none", inTime }, map[string]string{"stamped_at": cutoff.Format(time.RFC3339)}, Registered, Refused},
		"the seal that was not said":  {func(f *PaperForm) { f.Seal = "" }, map[string]string{"seal": "red"}, Held, Registered},
		"no seal":                     {func(f *PaperForm) { f.Seal = "" }, map[string]string{"seal": "none"}, Held, Refused},
		"its file came":               {func(f *PaperForm) { f.Agency = "sct" }, map[string]string{"electronic": "true"}, Held, Registered},
		"its file did not come":       {func(f *PaperForm) { f.Agency = "sct" }, map[string]string{"electronic": "false"}, Held, Refused},
		"what cannot be read is none": {func(f *PaperForm) { f.Seal = "" }, map[string]string{"seal": "xanh", "stamped_at": "sáng nay", "electronic": "?", "pages": "-3"}, Held, Held},
	} {
		f := testForm()
		c.change(&f)
		if o := paperSettled(t, f, "", History{}, k); o.State != c.before {
			t.Errorf("%s: first %s (%s)", name, o.State, o.Reason)
		}
		o := paperSettled(t, f, "", History{Outcomes: 1, Amendments: []Amendment{{Kind: Amend, Fields: c.fields, By: "hoa"}}}, k)
		if o.State != c.after {
			t.Errorf("%s: then %s (%s)", name, o.State, o.Reason)
		}
		if at, ok := ParseStamp(c.fields["stamped_at"]); ok && (!o.Instant.At.Equal(at) || o.Instant.Source != InstantClerk) {
			t.Errorf("%s: counted %+v", name, o.Instant)
		}
	}
	f := testForm()
	o := paperSettled(t, f, "", History{Outcomes: 1, Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"pages": "12"}}}}, k)
	if p := o.Records[0].Paper; p == nil || p.Pages != 12 || p.Seal != "red" {
		t.Errorf("pages: %+v", p)
	}
}

func TestCheckPaperField(t *testing.T) {
	for value, want := range map[string]string{"stamped_at=22/11/2026 09:30": "2026-11-22T02:30:00Z", "seal= red ": "red", "pages=3": "3", "electronic=false": "false",
		"stamped_at=22/11/2027 09:30": "", "stamped_at=0206-11-22T09:30": "", "stamped_at=": "", "seal=": "", "seal=xanh": "", "pages=0": "", "pages=ba": "", "electronic=": "", "so_hieu=12/UBND": ""} {
		name, value, _ := strings.Cut(value, "=")
		got, err := CheckPaperField(name, value, time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))
		if got != want || (err == nil) != (want != "") || err != nil && !errors.Is(err, ErrPaperField) {
			t.Errorf("%s=%s: %q, %v", name, value, got, err)
		}
	}
}
