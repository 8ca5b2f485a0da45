package directory

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// vietnam is the fixed zone of all dates in the file: a date means 00:00 Vietnamese time.
var vietnam = time.FixedZone("+07", 7*60*60)

// readCell takes one cell into the row, or names what is wrong with it.
func (r *reader) readCell(row *Agency, column, cell string) {
	cell = norm.NFC.String(strings.TrimSpace(cell))
	if i := strings.IndexFunc(cell, unicode.IsControl); i >= 0 {
		r.fault(row.Line, column, "holds a line break or control character; write the cell on one line")
		return
	}
	if cell == "" {
		return
	}
	switch column {
	case "id":
		row.ID = cell
		if strings.ContainsAny(cell, ";, ") {
			r.fault(row.Line, column, "%q holds a blank, comma or semicolon; use letters, digits, dots and hyphens", cell)
		}
	case "code":
		row.Code = cell
		if strings.Contains(cell, ";") {
			r.fault(row.Line, column, "is one code; put the others under aliases")
		} else if NormalCode(cell) == "" {
			r.fault(row.Line, column, "%q is no code; leave the cell empty where there is none", cell)
		}
	case "aliases":
		row.Aliases = list(cell)
		if slices.ContainsFunc(row.Aliases, func(a string) bool { return NormalCode(a) == "" }) {
			r.fault(row.Line, column, "%q holds a value without letters and digits; remove it", cell)
		}
	case "name":
		row.Name = cell
	case "short_name":
		row.ShortName = cell
	case "parent":
		row.Parent = cell
	case "level":
		row.Level = r.level(row.Line, cell)
	case "groups":
		row.Groups = list(cell)
	case "addresses":
		row.Addresses = r.addresses(row.Line, list(cell))
	case "domains":
		row.Domains = r.domains(row.Line, list(cell))
	case "patterns":
		row.Patterns = r.patterns(row.Line, list(cell))
	case "ready_since":
		row.ReadySince = r.date(row.Line, column, cell)
	case "valid_from":
		row.ValidFrom = r.date(row.Line, column, cell)
	case "valid_to":
		if last := r.date(row.Line, column, cell); !last.IsZero() {
			row.ValidUntil = last.AddDate(0, 0, 1)
		}
	case "successors":
		row.Successors = list(cell)
	case "contact":
		row.Contact = cell
	case "doubt":
		row.Doubt = cell
	}
}

// list splits a cell at semicolons; empty and repeated values fall out.
func list(cell string) []string {
	var values []string
	seen := map[string]bool{}
	for v := range strings.SplitSeq(cell, ";") {
		if v = strings.TrimSpace(v); v != "" && !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

func (r *reader) level(line int, cell string) Level {
	switch level := Level(strings.ToLower(cell)); level {
	case Central, Province, District, Commune, Unit, Enterprise, Citizen:
		return level
	}
	r.fault(line, "level", "%q is unknown; use central, province, district, commune, unit, enterprise or citizen", cell)
	return ""
}

func (r *reader) date(line int, column, cell string) time.Time {
	day, err := time.ParseInLocation("2006-01-02", cell, vietnam)
	if err != nil {
		r.fault(line, column, "%q is not a date; write yyyy-mm-dd", cell)
		return time.Time{}
	}
	return day
}

func (r *reader) addresses(line int, cells []string) []string {
	var values []string
	for _, s := range cells {
		local, domain, ok := normalAddress(s)
		if !ok || !strings.Contains(domain, ".") || strings.ContainsAny(local, "*?") {
			r.fault(line, "addresses", "%q is not a mail address; write name@domain, without quotes or display name", s)
			continue
		}
		values = appendOnce(values, local+"@"+domain)
	}
	return values
}

func (r *reader) domains(line int, cells []string) []string {
	var values []string
	for _, s := range cells {
		domain, ok := normalDomain(s)
		if !ok || !strings.Contains(domain, ".") {
			r.fault(line, "domains", "%q is not a mail domain; write it without @ and wildcards, e.g. quangtri.gov.vn", s)
			continue
		}
		values = appendOnce(values, domain)
	}
	return values
}

// patterns reads globs over whole addresses. The domain must be written out, but for a leading "*." over at least two labels: a wildcard
// elsewhere would let anybody register a domain that matches.
func (r *reader) patterns(line int, cells []string) []string {
	var values []string
	for _, s := range cells {
		local, domain, _ := strings.Cut(s, "@")
		rest, wild := strings.CutPrefix(domain, "*.")
		name, okDomain := normalDomain(rest)
		_, okLocal := normalLocal(strings.NewReplacer("*", "x", "?", "x").Replace(local))
		if !okLocal || !okDomain || !strings.Contains(name, ".") {
			r.fault(line, "patterns", "%q is not a pattern over an address; write wildcards before the @ and the domain in full, e.g. *.stttt@quangtri.gov.vn", s)
			continue
		}
		if !wild && !strings.ContainsAny(local, "*?") {
			r.fault(line, "patterns", "%q has no wildcard; put it under addresses", s)
			continue
		}
		if wild {
			name = "*." + name
		}
		values = appendOnce(values, strings.ToLower(local)+"@"+name)
	}
	return values
}

func appendOnce(values []string, v string) []string {
	for _, have := range values {
		if have == v {
			return values
		}
	}
	return append(values, v)
}
