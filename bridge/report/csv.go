package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
)

// CSV writes a table as RFC 4180 with CRLF, after a byte order mark: without it Excel on Windows takes UTF-8 for the machine's old code page
// and shows broken Vietnamese; programs that read CSV (ours too) skip it. Cover and closing are not rows, so they are left out.
//
// A cell that a spreadsheet program would take for a formula is given an apostrophe: its words came by mail from anybody.
func CSV(w io.Writer, t Table) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.Head
	}
	if err := out.Write(line); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for _, r := range t.Rows {
		for i := range line {
			line[i] = harmless(clean(r.Cells[i]))
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// harmless keeps a cell from being read as a formula. Full-width signs count, and blanks before a sign do not help it: programs trim them.
// A program that is set to part columns by semicolons, as Excel is where the comma parts decimals, sees other cells than were written: they
// begin behind a semicolon, and after the end of a line, since the quotes do not hold for it. There too an apostrophe is put.
func harmless(s string) string {
	var out strings.Builder
	for s != "" {
		cell, rest := s, ""
		if i := strings.IndexAny(s, ";\n"); i >= 0 {
			cell, rest = s[:i+1], s[i+1:]
		}
		if first := strings.TrimLeft(cell, " \"\u00a0\u3000\u200b\ufeff"); first != "" && strings.ContainsRune("=+-@|%＝＋－＠−", []rune(first)[0]) {
			out.WriteByte('\'')
		}
		out.WriteString(cell)
		s = rest
	}
	return out.String()
}
