package edxml

import "slices"

// State is what is known of one document at one receiver. The zero value: nothing was reported.
//
//	∅ → 01 → 02, which is final
//	         03 → 04? → 05? → 06
//
// At any time before the end the sender may ask for it back (13, or a package that recalls it) or update it; 15 agrees, which ends
// everything when it was to be withdrawn, and 16 leaves things as they were.
type State struct {
	Progress  StatusCode `json:"progress"`  // Arrived to Done: the furthest that was reported
	Asked     Request    `json:"asked"`     // what the sender asked and nobody answered yet
	Withdrawn bool       `json:"withdrawn"` // the receiver must destroy it and say so (QĐ 28/2018, Điều 9.2)
}

// Request is what a sender asks of a document that was sent.
type Request string

// Requests.
const (
	NoRequest  Request = ""
	Withdrawal Request = "withdrawal"
	Updating   Request = "updating"
)

// Effect is what a status did to a state.
type Effect string

// Effects.
const (
	Advanced Effect = "advanced" // the state is another
	Repeated Effect = "repeated" // said before
	Late     Effect = "late"     // a step before the one that is known: kept in the history, changes nothing
	Contrary Effect = "contrary" // cannot follow what is known: changes nothing, a person should look
	Unheard  Effect = "unheard"  // a code of no meaning: shown as it stands
)

// Take gives the state after a status was received. Steps may be left out, since not every system reports all of them.
func (s State) Take(c StatusCode) (State, Effect) {
	switch c {
	case Withdraw:
		return s.Ask(Withdrawal)
	case Agreed, Declined:
		return s.answer(c)
	case Arrived, Rejected, Registered, Assigned, InWork, Done:
		return s.step(c)
	}
	return s, Unheard
}

func (s State) step(c StatusCode) (State, Effect) {
	switch {
	case c == s.Progress:
		return s, Repeated
	case c == Rejected && s.Progress != "" && s.Progress != Arrived, s.Progress == Rejected && c != Arrived:
		return s, Contrary // refused and registered exclude each other
	case c < s.Progress || s.Withdrawn:
		return s, Late
	}
	s.Progress = c
	return s, Advanced
}

// Ask gives the state after the sender asked for something.
func (s State) Ask(r Request) (State, Effect) {
	switch {
	case r == NoRequest:
		return s, Unheard
	case s.Asked == r, s.Withdrawn && r == Withdrawal:
		return s, Repeated
	case s.Final() || s.Asked == Withdrawal:
		return s, Contrary
	}
	s.Asked = r
	return s, Advanced
}

func (s State) answer(c StatusCode) (State, Effect) {
	switch {
	case s.Withdrawn && c == Agreed:
		return s, Repeated
	case s.Asked == NoRequest:
		return s, Contrary
	}
	s.Withdrawn = c == Agreed && s.Asked == Withdrawal
	s.Asked = NoRequest
	return s, Advanced
}

// Final says that nothing more is to come.
func (s State) Final() bool {
	return s.Withdrawn || s.Asked == NoRequest && (s.Progress == Rejected || s.Progress == Done)
}

// Next lists what may be reported now: Withdraw by the sender, everything else by the receiver. It is narrower than Take, which bears with
// what others leave out.
func (s State) Next() []StatusCode {
	if s.Final() {
		return nil
	}
	next := map[StatusCode][]StatusCode{"": {Arrived}, Arrived: {Rejected, Registered}, Registered: {Assigned, InWork, Done},
		Assigned: {InWork, Done}, InWork: {Done}}
	out := slices.Clone(next[s.Progress])
	if s.Asked != Withdrawal {
		out = append(out, Withdraw)
	}
	if s.Asked != NoRequest {
		out = append(out, Agreed, Declined)
	}
	return out
}

// Words of the state, for people.
func (s State) Words() string {
	switch {
	case s.Withdrawn:
		return "Đã đồng ý cho lấy lại"
	case s.Asked == Withdrawal:
		return s.Progress.Words() + "; bên gửi yêu cầu lấy lại"
	case s.Asked == Updating:
		return s.Progress.Words() + "; bên gửi yêu cầu cập nhật"
	}
	return s.Progress.Words()
}
