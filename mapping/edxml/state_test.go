package edxml

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestStates(t *testing.T) {
	cases := []struct {
		name    string
		said    []StatusCode
		effects []Effect
		want    State
		final   bool
	}{
		{"all steps", []StatusCode{Arrived, Registered, Assigned, InWork, Done}, []Effect{Advanced, Advanced, Advanced, Advanced, Advanced}, State{Progress: Done}, true},
		{"steps left out", []StatusCode{Registered, Done}, []Effect{Advanced, Advanced}, State{Progress: Done}, true},
		{"refused", []StatusCode{Arrived, Rejected}, []Effect{Advanced, Advanced}, State{Progress: Rejected}, true},
		{"said twice", []StatusCode{Arrived, Arrived}, []Effect{Advanced, Repeated}, State{Progress: Arrived}, false},
		{"out of order", []StatusCode{InWork, Registered}, []Effect{Advanced, Late}, State{Progress: InWork}, false},
		{"registered after a refusal", []StatusCode{Rejected, Registered}, []Effect{Advanced, Contrary}, State{Progress: Rejected}, true},
		{"arrived after a refusal", []StatusCode{Rejected, Arrived}, []Effect{Advanced, Late}, State{Progress: Rejected}, true},
		{"refused after registering", []StatusCode{Registered, Rejected}, []Effect{Advanced, Contrary}, State{Progress: Registered}, false},
		{"withdrawn", []StatusCode{Arrived, Withdraw, Agreed}, []Effect{Advanced, Advanced, Advanced}, State{Progress: Arrived, Withdrawn: true}, true},
		{"withdrawn, said twice", []StatusCode{Withdraw, Withdraw, Agreed, Agreed, Withdraw}, []Effect{Advanced, Repeated, Advanced, Repeated, Repeated}, State{Withdrawn: true}, true},
		{"not given back", []StatusCode{Registered, Withdraw, Declined, InWork}, []Effect{Advanced, Advanced, Advanced, Advanced}, State{Progress: InWork}, false},
		{"work goes on meanwhile", []StatusCode{Registered, Withdraw, Done}, []Effect{Advanced, Advanced, Advanced}, State{Progress: Done, Asked: Withdrawal}, false},
		{"answer to nothing", []StatusCode{Arrived, Agreed, Declined}, []Effect{Advanced, Contrary, Contrary}, State{Progress: Arrived}, false},
		{"asked back when done", []StatusCode{Done, Withdraw}, []Effect{Advanced, Contrary}, State{Progress: Done}, true},
		{"nobody's code", []StatusCode{Arrived, "09"}, []Effect{Advanced, Unheard}, State{Progress: Arrived}, false},
		{"steps after withdrawal", []StatusCode{Withdraw, Agreed, Registered}, []Effect{Advanced, Advanced, Late}, State{Withdrawn: true}, true},
	}
	for _, c := range cases {
		s := State{}
		for i, code := range c.said {
			var effect Effect
			if s, effect = s.Take(code); effect != c.effects[i] {
				t.Errorf("%s: %s is %s, not %s", c.name, code, effect, c.effects[i])
			}
		}
		if s != c.want || s.Final() != c.final {
			t.Errorf("%s: %+v, final %v", c.name, s, s.Final())
		}
	}
}

// TestUpdateIsNoWithdrawal: agreeing to an updated package leaves the document where it is.
func TestUpdateIsNoWithdrawal(t *testing.T) {
	s, _ := State{Progress: Registered}.Ask(Updating)
	if got, effect := s.Take(Agreed); effect != Advanced || got != (State{Progress: Registered}) {
		t.Errorf("%+v %s", got, effect)
	}
	if got, effect := s.Ask(Withdrawal); effect != Advanced || got.Asked != Withdrawal {
		t.Errorf("withdrawn instead of updated: %+v %s", got, effect)
	}
}

func rank(s State) int {
	if s.Withdrawn {
		return 100
	}
	return slices.Index(StatusCodes(), s.Progress)
}

func TestStateProperties(t *testing.T) {
	said := rapid.SliceOf(rapid.SampledFrom(append(StatusCodes(), "", "07", "99")))
	rapid.Check(t, func(rt *rapid.T) {
		s := State{}
		for _, c := range said.Draw(rt, "said") {
			allowed := slices.Contains(s.Next(), c)
			next, effect := s.Take(c)
			switch {
			case effect != Advanced && next != s:
				rt.Fatalf("%s is %s and changes %+v to %+v", c, effect, s, next)
			case effect == Advanced && next == s:
				rt.Fatalf("%s changes nothing in %+v", c, s)
			case rank(next) < rank(s):
				rt.Fatalf("%s takes %+v back to %+v", c, s, next)
			case allowed && effect != Advanced:
				rt.Fatalf("%s may be reported in %+v, but is %s", c, s, effect)
			case s.Final() && effect == Advanced:
				rt.Fatalf("%s goes on after the end %+v", c, s)
			case s.Final() != (len(s.Next()) == 0):
				rt.Fatalf("%+v: next %v", s, s.Next())
			}
			if _, again := next.Take(c); effect == Advanced && c != Declined && c != Agreed && again != Repeated {
				rt.Fatalf("%s again in %+v is %s", c, next, again)
			}
			if next.Words() == "" {
				rt.Fatalf("no words for %+v", next)
			}
			s = next
		}
	})
}

func TestWordsOfCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range append(StatusCodes(), "", "07") {
		if w := c.Words(); w == "" || seen[w] {
			t.Errorf("%q: %q", c, w)
		}
		seen[c.Words()] = true
		if c.BySender() != (c == Withdraw) || c.NeedsReason() != slices.Contains([]StatusCode{Rejected, Withdraw, Declined}, c) {
			t.Errorf("%s", c)
		}
	}
}
