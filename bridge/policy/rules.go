// Package policy decides by the cutoff rules of an agency: which verdict a submission gets, why, and what the sender is to be told. It is
// pure: rules, submission and directory in, decision out.
package policy

import (
	"slices"
	"time"
)

// Rules is one version of a rules file, checked and compiled. It is never changed after ReadRules and may be used by several goroutines.
type Rules struct {
	title, version string
	file           string
	fallback       Verdict // when no rule matches
	exemptions     []exemption
	rules          []rule
	purposes       []purpose
	symbols        symbols
	layout         layout
	words          bool      // a purpose asks for words of the subject
	agencies       []mention // named by rules and exemptions
	groups         []mention
	receivers      []mention
}

// mention is a name from outside that the file uses, and where.
type mention struct {
	word
	key  string
	rule int // its index; -1: an exemption
}

// Title is the title of the file.
func (r *Rules) Title() string { return r.title }

// Version is the SHA-256 of the file's bytes, hexadecimal.
func (r *Rules) Version() string { return r.version }

// RuleTitle is the title of the rule with this id, empty when there is none.
func (r *Rules) RuleTitle(id string) string {
	for i := range r.rules {
		if r.rules[i].id == id {
			return r.rules[i].title
		}
	}
	return ""
}

// conditions must all hold.
type conditions struct {
	lists   []listCond
	flags   []flagCond
	maxSize int64   // bytes, 0: no bound
	probes  []probe // lists and flags, compiled
}

// rule is one [[rule]] with its ladder of phases, in rising order of time.
type rule struct {
	id, title, legal, strength string
	line                       int
	conditions
	outsiders  bool          // says whose it is by agencies, groups, levels or in_directory, and so reaches citizens and unlisted senders
	identity   Identity      // demanded for deciding alone; empty: by channel
	refuse     Identity      // … for refusing alone; empty: as identity
	answer     Identity      // … for writing to the sender; empty: as what decided
	readyGrace time.Duration // after the account was opened a refusal acts as a warning
	phases     []phase
	types      []word // of its types key, as written, for the checks against base lists
	// Vietnamese, for the trace: what the rule asks for and that it has it, and since when its first phase applies.
	applies, begins string
}

// asks says whether the rule itself asks for this.
func (q *conditions) asks(d dim) bool {
	return slices.ContainsFunc(q.lists, func(c listCond) bool { return c.dim == d })
}

// phase gives the verdict from its first instant until the next phase begins.
type phase struct {
	from     time.Time
	fromText string // RFC 3339 in +07:00
	verdict  Verdict
	notice   string
	grace    time.Duration
	line     int
	shown    string // from, as a clerk reads it
	applies  string // Vietnamese, for the trace: since when, the verdict, and what comes next
}

// exemption accepts what it names before any rule is asked, in the half-open time from..until.
type exemption struct {
	name        string
	reason      Reason
	line        int
	conditions  // agency, group, request, channels, receivers
	identity    Identity
	from, until time.Time // from zero: always
	why, by     string
	// Vietnamese, for the trace: that it holds, that it is over, that it is yet to come.
	applies, over, begins string
}
