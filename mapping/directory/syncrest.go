package directory

import (
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// districtsEnd is the first instant without districts (Nghị quyết 202/2025/QH15: two levels of local government from 1/7/2025).
func districtsEnd() time.Time { return time.Date(2025, 7, 1, 0, 0, 0, 0, vietnam) }

// parents names the superiors of new agencies: as the axis names them, else the holder of the code one group shorter.
func (s *syncing) parents(list []Listed) {
	upper := map[string]string{} // code → the axis' id of the superior
	for _, l := range list {
		upper[l.Code] = l.Parent
	}
	fresh := map[string]string{}
	for _, n := range s.out.New {
		fresh[n.Code] = n.ID
	}
	for i := range s.out.New {
		n := &s.out.New[i]
		parent := s.ids[upper[n.Code]]
		if code, ok := superior(n.Code); ok && parent == "" {
			if parent = fresh[code]; parent == "" {
				if a, known := s.d.Find(code, s.day); known {
					parent = a.ID
				}
			}
		}
		if parent != "" && parent != n.ID {
			n.next.Parent = parent
			n.Columns = differing(&Agency{}, &n.next)
		}
	}
}

// superior is the code of the body above, in the notation of QĐ 20/2020.
func superior(code string) (string, bool) {
	if turned, older := ToQD20(code); older {
		code = turned
	}
	i := strings.LastIndexByte(code, '.')
	return code[:max(i, 0)], i > 0 && FormOf(code) == QD20
}

// absent closes the agencies that were on the axis and that a complete list does not name; of one that leaves out many, nothing follows.
func (s *syncing) absent() {
	var missing []int32
	listed := 0
	for _, row := range s.d.allAt(s.day) {
		a := &s.d.agencies[row]
		if a.Code == "" || FormOf(a.Code) == Opaque || !a.Ready(s.day) {
			continue
		}
		if s.met[a.ID] > 0 {
			listed++
		} else {
			missing = append(missing, row)
		}
	}
	for _, row := range missing {
		a := &s.d.agencies[row]
		if listed*100 >= enough*(listed+len(missing)) {
			s.close(row, a.Code)
		} else {
			s.out.InDoubt = append(s.out.InDoubt, InDoubt{Code: a.Code, Why: NotListed, Agencies: []string{a.ID}})
		}
	}
}

// allAt lists the lines that are valid at the instant, in file order.
func (d *Directory) allAt(at time.Time) []int32 {
	var rows []int32
	for i := range d.agencies {
		if d.agencies[i].ValidAt(at) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// differing lists the columns in which two lines differ.
func differing(a, b *Agency) []string {
	out := []string{}
	for _, column := range columns {
		if cellOf(a, column) != cellOf(b, column) {
			out = append(out, column)
		}
	}
	return out
}

// levelOf guesses the level of a new agency from what its name begins with, and from its code.
func levelOf(code, key string) Level {
	for _, l := range []struct {
		beginning string
		level     Level
	}{
		{"uy ban nhan dan xa ", Commune}, {"uy ban nhan dan phuong ", Commune}, {"uy ban nhan dan thi tran ", Commune}, {"uy ban nhan dan dac khu ", Commune},
		{"uy ban nhan dan huyen ", District}, {"uy ban nhan dan quan ", District}, {"uy ban nhan dan thi xa ", District},
	} {
		if strings.HasPrefix(key, l.beginning) {
			return l.level
		}
	}
	if turned, older := ToQD20(code); older {
		code = turned
	}
	switch groups := strings.Count(code, ".") + 1; {
	case strings.HasPrefix(code, "G") && groups == 1:
		return Central
	case groups == 1, groups == 2 && strings.HasPrefix(key, "so "):
		return Province
	}
	return Unit
}

// nameKey is a name for comparing: without diacritics, case and punctuation, and with the usual abbreviations written out, since the axis
// prints "UBND tinh Quang Tri".
func nameKey(name string) string {
	words := strings.FieldsFunc(vanban.Fold(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	for i, w := range words {
		switch w {
		case "ubnd":
			words[i] = "uy ban nhan dan"
		case "hdnd":
			words[i] = "hoi dong nhan dan"
		case "tp":
			words[i] = "thanh pho"
		}
	}
	return strings.Join(words, " ")
}

// Apply gives the directory with what was new, changed and closed; what is in doubt stays as it is. The error is a Faults.
func (d *Directory) Apply(diff Difference) (Plan, error) {
	rows := d.Agencies()
	p := Plan{Gone: []string{}, Lines: []Planned{}}
	for _, list := range []struct {
		change Change
		of     []Adjusted
	}{{Added, diff.New}, {Changed, diff.Changed}, {Closed, diff.Closed}} {
		for _, a := range list.of {
			if a.row < 0 {
				rows = append(rows, a.next)
			} else {
				rows[a.row] = a.next
			}
			p.Lines = append(p.Lines, Planned{ID: a.ID, Name: a.Name, Change: list.change, Columns: slices.Clone(a.Columns)})
		}
	}
	return p.finish(d, Write(rows), nil)
}
