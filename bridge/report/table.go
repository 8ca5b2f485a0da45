// Package report counts what came in a month, and prints: rows of the register and of the month as CSV, as a sheet for a spreadsheet program,
// as a page of HTML and as the pages that a records office keeps. It reads no clock and no file; the instant that a document says it was made
// at is an input, so that the same rows give the same bytes.
package report

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/register"
)

// Table is what all forms print.
type Table struct {
	Name    string          // of the sheet and of the document, shown at the foot of each page
	Heading []string        // lines above the first page of the table; empty where a cover says it
	Cover   *register.Cover // page of its own before the table; nil: none
	Columns []Column
	Rows    []Row
	Closing []string // lines below the last row
	Signer  string   // who signs below them; empty: nobody
	Sheet   string   // of a workbook, with the rows; empty: "Sổ" …
	Beside  string   // … and with what stands above and below them; empty: "Bìa sổ"
	Made    time.Time
}

// Column is one column of a table.
type Column struct {
	Head  string
	Sub   string  // below the head of a workbook; empty: the number of the column
	Width float64 // on paper, in mm
	Type  CellType
	// Struck says that the words of a withdrawn document are struck through in this column.
	Struck bool
}

// CellType says what the cells of a column hold, for programs that tell numbers and dates from text. A cell that is none stays text.
type CellType int

const (
	Text    CellType = iota
	Number           // whole number
	Day              // dd/mm/yyyy
	Centred          // short text, in the middle of its cell on paper
)

// Row is one line of a table: a cell for each column.
type Row struct {
	Cells  []string
	Tone   Tone
	Marked []bool // cells that do not fit in the form; nil: none
}

// Tone says what became of the document of a line, where print shows it.
type Tone int

const (
	Plain  Tone = iota
	Void        // nothing stands here: unused number, words blanked
	Struck      // withdrawn by its sender
	Sum         // what the rows above come to
)

// clean is a text as every form may print it: NFC, valid UTF-8, without control characters other than the end of a line, and without what
// lies beyond the Basic Multilingual Plane, which the fonts do not have and PDF writers count wrongly; those are shown as a mark.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case r > 0xffff:
			return utf8.RuneError
		case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfffe, r == 0xffff: // nor what turns the order of letters
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(strings.ReplaceAll(s, "\r\n", "\n"), string(utf8.RuneError))))
}
