package directory

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Agencies lists all lines in file order.
func (d *Directory) Agencies() []Agency { return slices.Clone(d.agencies) }

// Write gives the lines as agencies.csv, with all columns: Read gives the same lines again.
func Write(rows []Agency) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	cells := make([]string, len(columns))
	write := func() {
		if err := w.Write(cells); err != nil { // a bytes.Buffer takes everything
			panic(fmt.Sprintf("write agencies: %v", err))
		}
	}
	copy(cells, columns[:])
	write()
	for i := range rows {
		for j, column := range columns {
			cells[j] = cellOf(&rows[i], column)
		}
		write()
	}
	w.Flush()
	return b.Bytes()
}

// cellOf is what stands in a column of an agency's line.
func cellOf(a *Agency, column string) string {
	switch column {
	case "id":
		return a.ID
	case "code":
		return a.Code
	case "aliases":
		return strings.Join(a.Aliases, ";")
	case "name":
		return a.Name
	case "short_name":
		return a.ShortName
	case "parent":
		return a.Parent
	case "level":
		return string(a.Level)
	case "groups":
		return strings.Join(a.Groups, ";")
	case "addresses":
		return strings.Join(a.Addresses, ";")
	case "domains":
		return strings.Join(a.Domains, ";")
	case "patterns":
		return strings.Join(a.Patterns, ";")
	case "ready_since":
		return dateCell(a.ReadySince)
	case "valid_from":
		return dateCell(a.ValidFrom)
	case "valid_to":
		if !a.ValidUntil.IsZero() {
			return dateCell(a.ValidUntil.AddDate(0, 0, -1))
		}
	case "successors":
		return strings.Join(a.Successors, ";")
	case "contact":
		return a.Contact
	case "doubt":
		return a.Doubt
	}
	return ""
}

func dateCell(day time.Time) string {
	if day.IsZero() {
		return ""
	}
	return day.In(vietnam).Format(time.DateOnly)
}
