package register

// Handling is who has to handle a document and until when, as its directions say.
type Handling struct {
	Handler    string   `json:"handler"`
	CoHandlers []string `json:"co_handlers"`
	Due        string   `json:"due"` // yyyy-mm-dd; empty: none set
}

// Handling is what the directions of an entry come to, in the order of their N. The latest that names a handler or co-handlers says who;
// the latest that sets a day says until when: a further remark of the leader must not take a document off the overdue list unseen.
func (e Entry) Handling() Handling {
	var h Handling
	who, day := 0, 0
	for _, d := range e.Directions {
		if d.N >= who && d.Handler != "" {
			who, h.Handler, h.CoHandlers = d.N, d.Handler, d.CoHandlers
		} else if d.N >= who && len(d.CoHandlers) > 0 {
			who, h.CoHandlers = d.N, d.CoHandlers
		}
		if d.N >= day && d.Due != "" {
			day, h.Due = d.N, d.Due
		}
	}
	return h
}

// OverdueOn says whether the entry should have been handled before the day (yyyy-mm-dd): a document handled on its last day is in time.
// What was withdrawn, blanked or never given has nobody to handle it.
func (e Entry) OverdueOn(day string) bool {
	due := e.Handling().Due
	return e.State == Registered && due != "" && e.Done.IsZero() && due < day
}
