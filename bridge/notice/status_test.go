package notice

import (
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// A step is told under the rules of every notice, once, in the thread of the mail that it is about.
func TestComposeStatus(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Input)
		want   Silence
	}{
		{"told", func(*Input) {}, ""},
		{"notices are off", func(in *Input) { in.Mode = ModeOff }, SilentOff},
		{"imported", func(in *Input) { in.Imported = true }, SilentImported},
		{"automatic mail", func(in *Input) { in.NeverAnswer = true }, SilentAutomatic},
		{"from nobody", func(in *Input) { in.NullEnvelope = true }, SilentAutomatic},
		{"told before", func(in *Input) { in.Made = []Kind{StatusRegistered} }, SilentDuplicate},
		{"another step before", func(in *Input) { in.Made = []Kind{Receipt, StatusArrived} }, ""},
		{"not proved", func(in *Input) { in.Identity = policy.IdentityFrom }, SilentIdentity},
		{"no address", func(in *Input) { in.Sender.How = directory.ByCode }, SilentNoAddress},
		{"bounces", func(in *Input) { in.Suppressed = []string{in.Sender.Address} }, SilentSuppressed},
	} {
		in := sample()
		in.Made = nil
		c.change(&in)
		d, s := ComposeStatus(in, StepRegistered)
		if s != c.want || (d == nil) != (c.want != "") {
			t.Errorf("%s: %+v, %q", c.name, d, s)
		}
		if d != nil && (d.Kind != StatusRegistered || d.To != in.Sender.Address || d.InReplyTo != in.MessageID || len(d.References) == 0) {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}
