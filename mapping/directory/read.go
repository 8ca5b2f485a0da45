package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// columns are those of agencies.csv, in the order in which `init` writes them.
var columns = [...]string{"id", "code", "aliases", "name", "short_name", "parent", "level", "groups", "addresses", "domains", "patterns",
	"ready_since", "valid_from", "valid_to", "successors", "contact", "doubt"}

// maxFaults bounds what is said in full: a file in the wrong encoding or form has a fault in every line. Of the lines beyond it the numbers
// are given (furtherLines), so that every faulty line is named.
const maxFaults = 1000

// Read reads agencies.csv (UTF-8 with or without byte order mark, RFC 4180, lists separated by semicolons; the columns stand in CLI.md).
// file is the name that faults are reported under. The slice holds warnings: the directory can be used as it is. The error is a Faults
// with every fault of the file that makes it unusable.
func Read(file string, data []byte) (*Directory, []Fault, error) {
	r := reader{file: file}
	r.read(data)
	r.check()
	r.finish()
	if len(r.faults) > 0 {
		return nil, r.warnings, r.faults
	}
	return build(data, r.rows), r.warnings, nil
}

type reader struct {
	file     string
	columns  []string // of the header line
	rows     []Agency
	faults   Faults
	warnings []Fault
	further  []place // faults beyond maxFaults
}

// read takes in the lines, each by itself.
func (r *reader) read(data []byte) {
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if r.checkEncoding(text); len(r.faults) == 0 {
		r.readLines(text)
	}
}

// check compares the lines with each other.
func (r *reader) check() {
	r.checkPeriods()
	r.checkNames()
	r.checkOwners()
}

// finish puts what was found in order.
func (r *reader) finish() {
	r.faults = append(r.faults, furtherLines(r.further)...)
	sortByLine(r.faults)
	sortByLine(r.warnings)
}

// checkEncoding names every line that is not UTF-8 or holds a NUL.
func (r *reader) checkEncoding(text []byte) {
	if utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 {
		return
	}
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			r.fault(i+1, "", "not UTF-8 text; save the file as \"CSV UTF-8\"")
		}
	}
}

func (r *reader) readLines(text []byte) {
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord = -1
	header := true
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			r.fault(bad.Line, "", "broken quoting in column %d; put the cell in double quotes and double each quote within it", bad.Column)
			if header {
				return // which column is which stays unknown
			}
			continue
		}
		if err != nil {
			r.fault(0, "", "cannot be read: %v", err)
			return
		}
		line, _ := in.FieldPos(0)
		if header {
			if header = false; !r.readHeader(line, cells) {
				return
			}
			continue
		}
		r.readLine(line, cells)
	}
	if header {
		r.fault(0, "", "no header line; the first line must name the columns, at least id")
	}
}

// readHeader reports whether the lines below can be read.
func (r *reader) readHeader(line int, cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		c = strings.ToLower(strings.TrimSpace(c))
		if !slices.Contains(columns[:], c) {
			r.fault(line, c, "unknown column; the columns are %s", strings.Join(columns[:], ", "))
		} else if seen[c] {
			r.fault(line, c, "column stands twice; remove one")
		}
		seen[c] = true
		r.columns = append(r.columns, c)
	}
	if len(cells) == 1 && strings.ContainsAny(cells[0], ";\t") {
		r.fault(line, "", "columns must be separated by commas; save the file as \"CSV UTF-8 (comma delimited)\"")
		return false
	}
	if !seen["id"] {
		r.fault(line, "id", "column is missing; every agency needs a stable id")
		return false
	}
	return true
}

// readLine reads one agency. A line with faults still enters the rows, so that other lines may name it.
func (r *reader) readLine(line int, cells []string) {
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return // spreadsheets leave such lines at the end
	}
	if len(cells) != len(r.columns) {
		r.fault(line, "", "%d cells where the header names %d columns; add or remove commas, or put a cell with commas in double quotes",
			len(cells), len(r.columns))
		return
	}
	row := Agency{Line: line}
	for i, column := range r.columns {
		r.readCell(&row, column, cells[i])
	}
	if row.ID == "" {
		r.fault(line, "id", "is empty; give the agency an id that will never be used for another one")
		return
	}
	if !row.ValidUntil.IsZero() && !row.ValidFrom.Before(row.ValidUntil) {
		r.fault(line, "valid_to", "lies before valid_from; valid_to is the last day of the period")
		return
	}
	r.rows = append(r.rows, row)
}
