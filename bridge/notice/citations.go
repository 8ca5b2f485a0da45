package notice

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// Citation is one provision of law that notices name, and when it is in force. Laws are replaced, so none is written into the program.
type Citation struct {
	For   []string  `json:"for"`   // kinds of notices, or CiteReturn
	Text  string    `json:"text"`  // as printed
	From  time.Time `json:"from"`  // first instant; zero: always
	Until time.Time `json:"until"` // first instant after its last day; zero: open
}

// CiteReturn is the purpose of the provision on returning a document on the system, which a notice by mail is not.
const CiteReturn = "return-on-system"

// maxCitations bounds a file, so that a notice that prints all of them, each as long as can be, still has room (maxWritten).
const maxCitations = 100

// inForce compares with the instant that counts, not with the day of writing: a mail is judged by the law that it came under.
func (c Citation) inForce(at time.Time) bool {
	return !at.Before(c.From) && (c.Until.IsZero() || at.Before(c.Until))
}

// citationsFile is what stands where the administrator names none.
//
//go:embed texts/citations.toml
var citationsFile []byte

// ShippedCitations gives the text of that file, to be copied and changed.
func ShippedCitations() []byte { return bytes.Clone(citationsFile) }

var shippedCitations = func() []Citation {
	list, err := ReadCitations("citations.toml", citationsFile)
	if err != nil {
		panic(err) // a mistake in the program itself
	}
	return list
}()

// ReadCitations reads a file of citations; the error is directory.Faults.
func ReadCitations(file string, data []byte) ([]Citation, error) {
	var tree struct {
		Citation []struct {
			For   []string       `toml:"for"`
			Text  string         `toml:"text"`
			From  toml.LocalDate `toml:"from"`
			Until toml.LocalDate `toml:"until"`
		} `toml:"citation"`
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 { // cut off while it was written, rather than meant; one of comments alone cites nothing
		return nil, directory.Faults{{File: file, Text: "says nothing; take [notices] citations out, and the shipped ones are used"}}
	}
	decoder := toml.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&tree); err != nil {
		return nil, tomlFaults(file, err)
	}
	var faults directory.Faults
	lines := citationLines(data)
	out := []Citation{}
	for i, c := range tree.Citation {
		fault := func(key, format string, args ...any) {
			f := directory.Fault{File: file, Key: key, Text: fmt.Sprintf(format, args...)}
			if i < len(lines) {
				f.Line = lines[i]
			}
			faults = append(faults, f)
		}
		if strings.TrimSpace(c.Text) == "" {
			fault("text", "is empty; write the provision as it is to be printed")
		}
		if n := utf8.RuneCountInString(norm.NFC.String(c.Text)); n > policy.MaxPrinted {
			fault("text", "has %d characters, and notices print %d of them; say it shorter", n, policy.MaxPrinted)
		}
		if len(c.For) == 0 {
			fault("for", "names nothing; write one or more of %s", strings.Join(purposes(), ", "))
		}
		for _, f := range c.For {
			if !slices.Contains(purposes(), f) {
				fault("for", "%q is not known; write one or more of %s", f, strings.Join(purposes(), ", "))
			}
		}
		one := Citation{For: c.For, Text: clean(c.Text, policy.MaxPrinted)}
		if c.From != (toml.LocalDate{}) {
			one.From = c.From.AsTime(vietnam)
		}
		if c.Until != (toml.LocalDate{}) {
			one.Until = c.Until.AsTime(vietnam).AddDate(0, 0, 1)
		}
		if !one.Until.IsZero() && !one.From.Before(one.Until) {
			fault("until", "is before from; a provision ends after it began")
		}
		out = append(out, one)
	}
	if len(out) > maxCitations {
		faults = append(faults, directory.Fault{File: file, Text: fmt.Sprintf("has %d citations, more than %d", len(out), maxCitations)})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return out, nil
}

// purposes are what a citation can be for.
func purposes() []string {
	return []string{string(Remind), string(Refuse), string(NotCounted), string(Return), string(OnSystem), string(Accepted), CiteReturn}
}

func tomlFaults(file string, err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		var faults directory.Faults
		for _, e := range strict.Errors {
			line, _ := e.Position()
			faults = append(faults, directory.Fault{File: file, Line: line, Key: strings.Join(e.Key(), "."), Text: "is not known; the keys are for, text, from and until"})
		}
		return faults
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, _ := bad.Position()
		return directory.Faults{{File: file, Line: line, Key: strings.Join(bad.Key(), "."), Text: "cannot be read (" + strings.TrimPrefix(bad.Error(), "toml: ") +
			"); texts stand in double quotes, dates as 2020-03-05"}}
	}
	return directory.Faults{{File: file, Text: "is not valid TOML (" + strings.TrimPrefix(err.Error(), "toml: ") + ")"}}
}

// citationLines gives the line of each [[citation]].
func citationLines(data []byte) []int {
	var out []int
	n := 0
	for line := range bytes.Lines(data) {
		n++
		head, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte("#"))
		if bytes.Equal(bytes.ReplaceAll(head, []byte(" "), nil), []byte("[[citation]]")) {
			out = append(out, n)
		}
	}
	return out
}
