package directory

import (
	"strconv"
	"strings"
	"time"
)

// Agency is one line of agencies.csv: an agency in one period of its life. Lists are in file order; all strings NFC.
type Agency struct {
	ID, Code        string
	Aliases         []string
	Name, ShortName string
	Parent          string
	Level           Level
	Groups          []string
	Addresses       []string  // lower case
	Domains         []string  // lower case A-labels
	Patterns        []string  // glob over the whole address, lower case
	ReadySince      time.Time // instant from which it has an account; zero: not yet
	ValidFrom       time.Time // first instant of the period, zero: always
	ValidUntil      time.Time // first instant after the period (valid_to is its last day), zero: open
	Successors      []string
	Contact         string
	Line            int // of the CSV file
}

// Level is the place of an agency in the state.
type Level string

const (
	Central    Level = "central"
	Province   Level = "province"
	District   Level = "district"
	Commune    Level = "commune"
	Unit       Level = "unit"
	Enterprise Level = "enterprise"
	Citizen    Level = "citizen"
)

// How says what part of an address led to an agency, in falling order of trust.
type How string

const (
	ByAddress How = "address"
	ByPattern How = "pattern"
	ByDomain  How = "domain"
	ByCode    How = "code"
	Ambiguous How = "ambiguous" // several agencies share the domain or pattern: nobody is chosen
	Unmatched How = ""
)

// Match is the answer of a lookup: at most one agency, how it was found, and the only address that a notice may go to.
type Match struct {
	Agency     string   `json:"agency"` // id; empty when none or ambiguous
	Name       string   `json:"name"`
	Code       string   `json:"code"`
	How        How      `json:"how"`
	Address    string   `json:"address"`    // the directory address (or pattern-matched address) that the mail came from
	Candidates []string `json:"candidates"` // ids when ambiguous
	Successor  string   `json:"successor"`  // the id that was matched before a successor took over, when that happened
}

// Fault is one thing wrong in a file of the administrator's: where it stands and what to do about it.
type Fault struct {
	File string
	Line int    // 1-based; 0 when the fault is about the file as a whole
	Key  string // key path or column
	Text string // what is wrong, and the remedy
}

func (f Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where += ":" + strconv.Itoa(f.Line)
	}
	if f.Key != "" {
		where += ": " + f.Key
	}
	return where + ": " + f.Text
}

// Faults are all faults of a file, in file order.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].Error()
	}
	return strings.Join(lines, "\n")
}
