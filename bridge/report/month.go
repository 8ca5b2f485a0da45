package report

import (
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

var vietnam = time.FixedZone("+07", 7*60*60)

// Month is a calendar month in Vietnam: from 00:00 of its first day to before 00:00 of the next month's.
type Month struct {
	Year  int
	Month time.Month
}

// ReadMonth reads YYYY-MM.
func ReadMonth(text string) (Month, error) {
	day, err := time.Parse("2006-01", text)
	if err != nil || day.Year() < 1900 { // spreadsheet programs know no days before
		return Month{}, fmt.Errorf("%q is no month; write YYYY-MM, for example 2026-10", text)
	}
	return Month{day.Year(), day.Month()}, nil
}

// MonthOf is the month in which an instant lies.
func MonthOf(at time.Time) Month {
	at = at.In(vietnam)
	return Month{at.Year(), at.Month()}
}

// Start is the first instant of the month.
func (m Month) Start() time.Time { return time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, vietnam) }

// End is the first instant after the month.
func (m Month) End() time.Time { return time.Date(m.Year, m.Month+1, 1, 0, 0, 0, 0, vietnam) }

// Next is the month after.
func (m Month) Next() Month { return MonthOf(m.End()) }

// Before is the month before.
func (m Month) Before() Month { return MonthOf(m.Start().Add(-time.Second)) }

func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

// inWords is the month as documents write it.
func (m Month) inWords() string { return fmt.Sprintf("%02d/%04d", m.Month, m.Year) }

// Fate is what became of one record of a receipt, by the outcome in force now.
type Fate int

const (
	NoDocument  Fate = iota // a status, a recall, a record that a later outcome does not have any more: nothing to count
	Unread                  // a receipt of which no document is known yet: not decided, failed, or only its header is here
	Taken                   // accepted, whether or not it was struck out of the register later
	Reminded                // accepted, and its sender is reminded how to send
	Refused                 // returned to its sender
	Waiting                 // a person decides
	Joined                  // a further copy of a document that stands already
	Secret                  // bears a độ mật
	Quarantined             // shut away for another reason
	Imported                // old mail, recorded and never judged
)

// Arrival is one record of one receipt, as the month counts it.
type Arrival struct {
	Agency   string    // who sent it: id in the directory, empty when it is not there
	Channel  string    // email, paper or system
	At       time.Time // the counted instant
	Fate     Fate
	Numbered bool   // it has a số đến
	Rules    string // version that it was decided by, and which of its rules; for refusals
	Rule     string
	ByPerson bool // a person refused it, whatever the rule says
	Copies   []Copy
}

// Copy is another way by which the document of an arrival came.
type Copy struct {
	Channel string
	At      time.Time
}

// Channels, as policy.Submission names them.
const (
	byMail   = "email"
	onPaper  = "paper"
	bySystem = "system"
)

// Activation is a version of the rules being brought into force.
type Activation struct {
	Title   string
	Version string // SHA-256 of the text
	At      time.Time
}

// RulesSpan is a version of the rules and when it was in force.
type RulesSpan struct {
	Title   string `json:"title"`
	Version string `json:"version"`
	From    string `json:"from"`  // RFC 3339, UTC
	Until   string `json:"until"` // first instant without it, empty while it is in force
}

// inForce lists the versions that were in force at some instant of the month, in order. list is in the order of activation.
func inForce(list []Activation, m Month) []RulesSpan {
	out := []RulesSpan{}
	for i, a := range list {
		s := RulesSpan{Title: a.Title, Version: a.Version, From: a.At.UTC().Format(time.RFC3339)}
		until := m.End()
		if i+1 < len(list) {
			until = list[i+1].At
			s.Until = until.UTC().Format(time.RFC3339)
		}
		if a.At.Before(m.End()) && until.After(m.Start()) && a.At.Before(until) {
			out = append(out, s)
		}
	}
	return out
}

// FateOf tells what a standing document of this verdict counts as.
func FateOf(v policy.Verdict) Fate {
	if v == policy.Warn {
		return Reminded
	}
	return Taken
}
