package notice

import (
	"slices"
	"strings"
	"testing"
)

// Whoever looks at the samples has seen every text that there is, about mail and about paper, and each is complete.
func TestSamples(t *testing.T) {
	base := sample()
	base.WantSlip, base.Texts = true, tracing
	base.Mode, base.Identity, base.Suppressed = ModeOff, "", []string{base.Sender.Address} // what keeps real notices back does not keep samples
	samples, err := Samples(base)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	shown := map[string]bool{"parts.tmpl": true} // stands in the others
	for _, s := range samples {
		if slices.Contains(names, s.Name) {
			t.Errorf("two samples are %s", s.Name)
		}
		names = append(names, s.Name)
		text := string(s.Draft.Kind)
		switch {
		case s.Draft.Kind.Reports():
			text = "status"
		case strings.HasPrefix(s.Name, "paper-"):
			text = "paper"
		}
		shown[text+".tmpl"] = true
		r, err := Render(s.Draft, s.Numbers, keys)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		body := leaves(t, r.Bytes)[0].body
		if strings.Contains(body, "{") || strings.Contains(body, "<no value>") || strings.Contains(body, "Lần nhắc") != (s.Draft.Kind == Remind || s.Draft.Kind == Digest) {
			t.Errorf("%s:\n%s", s.Name, body)
		}
		if back := slices.Contains([]Kind{Refuse, Return}, s.Draft.Kind); back && (!s.Draft.Slip || strings.Contains(body, "Số đến")) {
			t.Errorf("%s has no slip, or a number of the register:\n%s", s.Name, body)
		}
	}
	for _, name := range TemplateFiles() {
		if !shown[name] {
			t.Errorf("no sample shows %s; add one to Samples", name)
		}
	}
	base.Sender.Address = base.Receiver.From
	if _, err := Samples(base); err == nil {
		t.Error("samples were made for ourselves")
	}
}
