package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// place is a line of a file.
type place struct {
	file string
	line int
}

func (r *reader) fault(line int, key, format string, args ...any) {
	r.addFault(place{r.file, line}, key, format, args...)
}

// faultAt names a fault that shows only when lines are compared.
func (r *reader) faultAt(row *Agency, key, format string, args ...any) {
	r.addFault(r.placeOf(row), key, format, args...)
}

func (r *reader) addFault(at place, key, format string, args ...any) {
	if len(r.faults) >= maxFaults {
		r.further = append(r.further, at)
		return
	}
	r.faults = append(r.faults, Fault{File: at.file, Line: at.line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) warnAt(row *Agency, key, format string, args ...any) {
	if at := r.placeOf(row); len(r.warnings) < maxFaults {
		r.warnings = append(r.warnings, Fault{File: at.file, Line: at.line, Key: key, Text: fmt.Sprintf(format, args...)})
	}
}

func (r *reader) placeOf(row *Agency) place {
	if row.file != "" {
		return place{row.file, row.Line}
	}
	return place{r.file, row.Line}
}

// place names a line in the words of a fault about another one.
func (r *reader) place(row *Agency) string {
	if row.file != "" {
		return row.file + ":" + strconv.Itoa(row.Line)
	}
	return "line " + strconv.Itoa(row.Line)
}

// sortByLine puts faults in file order.
func sortByLine(faults []Fault) {
	slices.SortStableFunc(faults, func(a, b Fault) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
}

// furtherLines tells in which lines the faults are for which there was no room, one fault for each file.
func furtherLines(places []place) []Fault {
	byFile := map[string][]int{}
	for _, p := range places {
		byFile[p.file] = append(byFile[p.file], p.line)
	}
	var out []Fault
	for file, lines := range byFile {
		slices.Sort(lines)
		lines = slices.Compact(lines)
		out = append(out, Fault{File: file, Line: lines[0], Text: fmt.Sprintf("there are faults in %d lines more: %s; correct those above and read the file again", len(lines), ranges(lines))})
	}
	return out
}

// ranges writes sorted line numbers: 3, 5-9.
func ranges(lines []int) string {
	var b strings.Builder
	for i := 0; i < len(lines); {
		j := i
		for j+1 < len(lines) && lines[j+1] == lines[j]+1 {
			j++
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(lines[i]))
		if j > i {
			b.WriteString("-" + strconv.Itoa(lines[j]))
		}
		i = j + 1
	}
	return b.String()
}
