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
func harmless(s string) string {
	if first := strings.TrimLeft(s, " \n\u00a0\u3000\u200b\ufeff"); first != "" && strings.ContainsRune("=+-@|%＝＋－＠−", []rune(first)[0]) {
		return "'" + s
	}
	return s
}
