package extract

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Bounds of one workbook.
const (
	maxSheets  = 1000
	maxStrings = 1_000_000 // shared strings that are kept
	maxShared  = 4 << 20   // bytes of them
)

// errStrings says that cells refer to shared strings beyond what is kept.
var errStrings = fmt.Errorf("shared strings: %w", ErrTooLarge)

// XLSX gives the text of a SpreadsheetML workbook (ECMA-376, part 1, 18): the shown sheets in their order, one row a line, cells separated
// by a tab, without those that are empty; then what is drawn on them. Numbers and dates are as stored. Limits and errors as DOCX.
func XLSX(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	o, err := openOffice(r, size, budget)
	if err != nil {
		return "", fmt.Errorf("open xlsx: %w", err)
	}
	roles, err := o.roles()
	if len(roles["excel/main"]) == 0 {
		return "", firstError(err, ErrNotDocument)
	}
	return o.xlsx(roles, maxRunes)
}

func (o *office) xlsx(roles map[string][]string, maxRunes int) (string, error) {
	s := sheetText{sink: sink{left: maxRunes}}
	order, failed := o.sheets(roles["excel/main"][0])
	for _, n := range firstOf(roles["excel/sharedstrings"]) {
		failed = firstError(failed, o.read(n, s.shared.read))
	}
	if len(order) == 0 {
		order = roles["excel/worksheet"]
	}
	for _, n := range order {
		if s.left <= 0 {
			break
		}
		failed = firstError(failed, o.read(n, s.read))
	}
	w := wordText{sink: s.sink}
	for _, n := range roles["excel/drawing"] {
		if w.left <= 0 {
			break
		}
		failed = firstError(failed, o.read(n, w.read))
	}
	if failed == nil && s.shared.missed {
		failed = errStrings
	}
	if failed != nil {
		failed = fmt.Errorf("read xlsx: %w", failed)
	}
	return w.text(), failed
}

// sheets gives the parts of the shown sheets in the order of the workbook.
func (o *office) sheets(workbook string) ([]string, error) {
	var ids []string
	err := o.read(workbook, func(x *xmlScan) error {
		return x.each(func(kind xmlKind) bool {
			if kind == xmlStart && string(x.name) == "sheet" && !strings.Contains(strings.ToLower(x.attr("state", false)), "hidden") {
				ids = append(ids, x.attr("id", true))
			}
			return len(ids) < maxSheets
		})
	})
	targets := map[string]string{}
	dir, base := path.Split(workbook)
	relErr := o.read(dir+"_rels/"+base+".rels", func(x *xmlScan) error {
		return x.each(func(kind xmlKind) bool {
			if kind == xmlStart && string(x.name) == "Relationship" && !strings.EqualFold(x.attr("TargetMode", false), "External") {
				targets[x.attr("Id", false)] = x.attr("Target", false)
			}
			return len(targets) < maxEntries
		})
	})
	var out []string
	for _, id := range ids {
		t, ok := targets[id]
		if !ok {
			continue
		}
		if !strings.HasPrefix(t, "/") && !strings.HasPrefix(t, `\`) {
			t = dir + t
		}
		if name := partName(t); o.has(name) {
			out = append(out, name)
		}
	}
	return out, firstError(err, relErr)
}

// sharedStrings are the texts that cells refer to by number (18.4.8).
type sharedStrings struct {
	b      []byte
	ends   []uint32
	full   bool
	missed bool // a cell referred to one that was not kept
}

func (s *sharedStrings) read(x *xmlScan) error {
	item, text, aside := false, false, 0
	return x.each(func(kind xmlKind) bool {
		end := kind == xmlEnd
		if kind == xmlText {
			if item && text && aside == 0 {
				if len(s.b)+len(x.data) > maxShared {
					s.full = true
					return false
				}
				s.b = append(s.b, x.data...)
			}
			return true
		}
		switch string(x.name) {
		case "si":
			if item = !end; end {
				s.ends = append(s.ends, uint32(len(s.b)))
				s.full = len(s.ends) >= maxStrings
			}
		case "t":
			text = !end
		case "rPh": // how the text is pronounced
			aside = nested(aside, end)
		}
		return !s.full
	})
}

// get gives string i.
func (s *sharedStrings) get(i int) []byte {
	if i < 0 || i >= len(s.ends) {
		s.missed = s.missed || s.full
		return nil
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.b[from:s.ends[i]]
}

// sheetText reads worksheets (18.3).
type sheetText struct {
	sink
	shared sharedStrings

	kind   string // of the cell: s for a shared string, inlineStr, b …
	value  bool   // inside its v or t
	aside  int
	number []byte // its value so far, where that is no text
	cells  bool   // the row has text
	began  bool   // the cell has text
}

// maxNumber bounds a value that is not text.
const maxNumber = 64

func (s *sheetText) read(x *xmlScan) error {
	s.value, s.aside, s.cells, s.began, s.number = false, 0, false, false, s.number[:0]
	err := x.each(func(kind xmlKind) bool {
		if kind == xmlText {
			s.chars(x.data)
		} else {
			s.tag(x, kind == xmlEnd)
		}
		return s.left > 0
	})
	s.line()
	return err
}

func (s *sheetText) chars(p []byte) {
	switch {
	case !s.value || s.aside > 0:
	case s.kind == "s" || s.kind == "b":
		s.number = append(s.number, p[:min(len(p), maxNumber-len(s.number))]...)
	default:
		s.begin(p)
		s.put(p)
	}
}

// begin separates the cell from the one before, once it has text.
func (s *sheetText) begin(p []byte) {
	if len(p) == 0 || s.began {
		return
	}
	if s.cells {
		s.mark('\t')
	}
	s.cells, s.began = true, true
}

func (s *sheetText) tag(x *xmlScan, end bool) {
	switch string(x.name) {
	case "c":
		if end {
			s.endCell()
		} else {
			s.kind, s.began, s.number = x.attr("t", false), false, s.number[:0]
		}
	case "v", "t": // t stands in is, the text of the cell itself
		s.value = !end
	case "rPh":
		s.aside = nested(s.aside, end)
	case "row":
		if end && s.cells {
			s.mark('\n')
		}
		s.cells = false
	}
}

func (s *sheetText) endCell() {
	var text []byte
	switch s.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(string(s.number)))
		if err != nil {
			return // refers to nothing
		}
		text = s.shared.get(i)
	case "b":
		text = []byte(map[string]string{"1": "TRUE", "0": "FALSE"}[string(s.number)])
	default:
		return
	}
	s.begin(text)
	s.put(text)
}
