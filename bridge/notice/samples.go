package notice

import (
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Sample is a notice that shows what agencies will get.
type Sample struct {
	Name    string // of a file, without ending
	Draft   Draft
	Numbers Numbers
}

// sampleDays is how far ahead the samples of reminders put the end of the way.
const sampleDays = 8

// sampled are the samples of notices about a mail, by what makes each of them; those about paper are made of the same.
var sampled = [...]struct {
	name    string
	verdict policy.Verdict
	told    Kind // the word of the phase
	change  func(*Input)
}{
	{"receipt", policy.Accept, "", nil},
	{"receipt-joined", policy.Accept, "", func(in *Input) { in.Duplicate, in.Standing, in.StandingBy = true, "7/"+in.year(), "system" }},
	{"remind", policy.Warn, Remind, func(in *Input) {
		in.Decision.NextVerdict, in.Decision.NextFrom = policy.Reject, midnight(in.Counted).AddDate(0, 0, sampleDays)
	}},
	{"reject", policy.Reject, Refuse, nil},
	{"not-counted", policy.Reject, NotCounted, nil},
	{"not-counted-registered", policy.Warn, NotCounted, nil},
	{"return", policy.Reject, Return, nil},
	{"held", policy.Hold, "", nil},
	{"accepted", policy.Accept, "", func(in *Input) { in.AfterAll, in.Made = true, []Kind{Refuse} }},
	{"on-system", policy.Accept, Kind(policy.ReasonAlsoReceived), func(in *Input) { in.Decision.AlsoNumber = "7/" + in.year() }},
	{"neutral", policy.Quarantine, "", nil},
}

// Samples makes one notice of each kind, as mail and as what came on paper is answered, with one base: who speaks and with what words, to whom,
// about which document, and on what ground. The mail is never sent, and its numbers are nobody's.
func Samples(base Input) ([]Sample, error) {
	base.Mode, base.WantReceipts, base.WantNeutral, base.WantHeld = ModeSend, true, true, true
	base.Identity, base.Needed, base.Own, base.Suppressed, base.Made = policy.IdentityClerk, "", nil, nil, nil
	var out []Sample
	for _, paper := range []bool{false, true} {
		for _, s := range sampled {
			if paper && (s.name == "neutral" || s.name == "not-counted-registered") { // of paper nothing is told that way
				continue
			}
			in, name := base, s.name
			in.Decision.Verdict, in.Decision.Notice = s.verdict, string(s.told)
			if s.change != nil {
				s.change(&in)
			}
			if in.Paper = paper; paper {
				name, in.MessageID, in.References = "paper-"+name, "", nil
			}
			d, silence := Compose(in)
			if d == nil {
				return nil, fmt.Errorf("sample %s: nothing is told (%s)", name, silence)
			}
			out = append(out, in.sample(name, *d))
		}
	}
	for _, step := range Steps() {
		in := base
		in.Standing = "7/" + in.year()
		if step == StepRefused {
			in.Standing, in.Reason = "", "Văn bản gửi nhầm nơi nhận."
		}
		d, silence := ComposeStatus(in, step)
		if d == nil {
			return nil, fmt.Errorf("sample of status %s: nothing is told (%s)", step, silence)
		}
		out = append(out, in.sample("status-"+string(step), *d))
	}
	g := Gathered{To: base.Sender.Address, Agency: base.Sender.Agency, Receiver: base.Receiver.ID}
	for _, s := range out {
		if !s.Draft.Gist.Empty() {
			g.Gists = append(g.Gists, s.Draft.Gist.Numbered(s.Numbers))
		}
	}
	if d, _ := ComposeDigest(base.Receiver, base.Texts, g); d != nil {
		out = append(out, base.sample("digest", *d))
	}
	if d := ComposeAlarm(base.Receiver, base.Sender.Address, "mailbox-silent", "Đây là cảnh báo mẫu."); d != nil {
		out = append(out, base.sample("alarm", *d))
	}
	return out, nil
}

func (in *Input) sample(name string, d Draft) Sample {
	n := Numbers{ID: in.Receipt + "." + string(d.Kind), SoDen: "7/" + in.year(), At: in.Counted.Add(time.Minute)}
	if d.Kind == Remind {
		n.Reminder = 1
	}
	if in.Decision.Verdict == policy.Reject || in.Decision.Verdict == policy.Hold { // what is not registered
		n.SoDen = ""
	}
	return Sample{Name: name, Draft: d, Numbers: n}
}

func (in *Input) year() string { return in.Counted.In(vietnam).Format("2006") }

func midnight(t time.Time) time.Time {
	year, month, day := t.In(vietnam).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, vietnam)
}
