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
	Doubt           string // what about this line was not confirmed, in words for people; empty: nothing
	Line            int    // of the CSV file

	file string // the file that Line counts in, where a directory is made of two; empty: the one being read
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
	ByID      How = "id"        // asked for by its id (AsOf)
	ByName    How = "name"      // by the name that a document prints (ByName): whose it is, never who sent it
	Ambiguous How = "ambiguous" // several agencies share the domain or pattern, or took over: nobody is chosen
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
	Findings   []string `json:"findings"`   // what a clerk should know about the match: Found constants
}

// Findings about a match; stable for ever.
const (
	// FoundSucceeded says that the address or code belongs to an agency that has ended; its successor is the match.
	FoundSucceeded = "agency-succeeded"
	// FoundSeveralSuccessors says that several agencies took over from the one that has ended: a person decides which of them it is.
	FoundSeveralSuccessors = "several-successors"
	// FoundEnded says that the address or code is known, but its agency has ended and nobody took over.
	FoundEnded = "agency-ended"
	// FoundOutdated says that the agency gave up this address, domain or code with an earlier period of its life.
	FoundOutdated = "outdated-name"
	// FoundShared says that several agencies use the domain or pattern, and nothing else tells them apart.
	FoundShared = "shared-domain"
	// FoundConverted says that the code is not in the directory, but the same code in the other notation is (QCVN 102 and QĐ 20/2020).
	FoundConverted = "code-converted"
	// FoundPredecessor says that the agency did not exist yet at the instant; the one that it took over from is the match.
	FoundPredecessor = "agency-preceded"
	// FoundSeveralPredecessors says that the agency did not exist yet, and took over from several.
	FoundSeveralPredecessors = "several-predecessors"
	// FoundPrinted says that the document names another agency than its sender as the issuer, and that one is the match.
	FoundPrinted = "printed-issuer"
	// FoundDoubt says that the directory itself marks the agency's line as doubtful.
	FoundDoubt = "directory-doubt"
)

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

// Day is the Vietnamese day of an instant, as the dates of the directory are meant: its first instant.
func Day(at time.Time) time.Time {
	y, m, d := at.In(vietnam).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, vietnam)
}
