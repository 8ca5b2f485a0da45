package parser

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser/charset"
)

// Limits of what is kept of trace fields. RFC 5321, 6.3: a hundred Received fields are a loop.
const (
	maxTrace      = 200
	maxTraceValue = 16 << 10
	maxReceived   = 4 << 10 // bytes of one Received field that are looked at
	maxReferences = 100
)

// isTrace says whether hosts on the way write this field.
func isTrace(name string) bool {
	switch name {
	case "Received", "Authentication-Results", "Return-Path", "Dkim-Signature":
		return true
	}
	return strings.HasPrefix(name, "Arc-")
}

// traceName is the field's name as its standard writes it.
func traceName(canonical string) string {
	if rest, ok := strings.CutPrefix(canonical, "Arc-"); ok {
		return "ARC-" + rest
	}
	if canonical == "Dkim-Signature" {
		return "DKIM-Signature"
	}
	return canonical
}

// readTrace fills Trace, Received, ReturnPath and DeliveredTo from the top of the header block down.
func (m *Message) readTrace(b *block) {
	index, seenPath := -1, false
	for fields := b.Fields(); fields.Next(); {
		index++
		name, value := fields.Key(), fields.Value()
		switch name {
		case "Delivered-To", "X-Original-To", "Envelope-To":
			for _, a := range parseAddresses(value) {
				if a.Addr != "" && len(m.DeliveredTo) < maxAddresses {
					m.DeliveredTo = append(m.DeliveredTo, a.Addr)
				}
			}
		case "Return-Path":
			if !seenPath {
				seenPath = true
				m.ReturnPath = cleanAddr(value)
				m.NullReturn = m.ReturnPath == "" && strings.Contains(value, "<")
			}
		case "Received":
			if len(m.Received) < maxTrace {
				m.Received = append(m.Received, parseReceived(index, value))
			}
		}
		if isTrace(name) && len(m.Trace) < maxTrace {
			if len(value) > maxTraceValue {
				value = value[:maxTraceValue]
			}
			clean := charset.Clean(rawText(value), maxTraceValue)
			odd := clean != strings.ReplaceAll(value, "\t", " ") || index >= len(b.odd) || b.odd[index]
			m.Trace = append(m.Trace, TraceField{Index: index, Name: traceName(name), Value: clean, Odd: odd})
		}
	}
}

// parseReceived reads "from X (…) by Y (…) with Z id I for R; date" (RFC 5321, 4.4). Words inside comments and quotes are never taken for
// clauses: a sender chooses what stands in the first comment. From keeps its comment, where the receiving host wrote what it saw.
func parseReceived(index int, v string) Received {
	v = v[:min(len(v), maxReceived)]
	r := Received{Index: index}
	clauses := v
	if i := lastSemicolon(v); i >= 0 {
		clauses = v[:i]
		r.At, _ = parseHopDate(v[i+1:])
	} else if t, ok := looseDate(v); ok {
		r.At = t
	}
	clause, start := "", 0
	end := func(i int) {
		text := strings.TrimSpace(clauses[start:i])
		switch clause {
		case "from":
			r.From = first(r.From, charset.Clean(rawText(text), 512))
		case "by":
			r.By = first(r.By, hostName(text))
		case "with":
			r.With = first(r.With, charset.Clean(rawText(firstWord(text)), 64))
		}
	}
	for i := 0; i < len(clauses); {
		switch c := clauses[i]; {
		case c == '(':
			i = skipComment(clauses, i) + 1
		case c == '"':
			i = skipQuoted(clauses, i) + 1
		case c == ' ' || c == '\t':
			i++
		default:
			n := strings.IndexAny(clauses[i:], " \t(\"")
			if n < 0 {
				n = len(clauses) - i
			}
			n = max(n, 1)
			if w := strings.ToLower(clauses[i : i+n]); isClause(w) && (i == 0 || clauses[i-1] == ' ' || clauses[i-1] == '\t' || clauses[i-1] == ')') {
				end(i)
				clause, start = w, i+n
			}
			i += n
		}
	}
	end(len(clauses))
	return r
}

func isClause(w string) bool {
	switch w {
	case "from", "by", "via", "with", "id", "for":
		return true
	}
	return false
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}

func hostName(s string) string {
	return charset.Clean(rawText(strings.ToLower(strings.TrimSuffix(firstWord(stripComments(s)), "."))), 255)
}

// lastSemicolon finds the one before the date, outside comments and quotes.
func lastSemicolon(s string) int {
	last := -1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			i = skipComment(s, i)
		case '"':
			i = skipQuoted(s, i)
		case ';':
			last = i
		}
	}
	return last
}

// looseDate reads a date at the end of a field without the semicolon, after its last comma.
func looseDate(v string) (time.Time, bool) {
	i := strings.LastIndexByte(v, ',')
	if i < 0 {
		return time.Time{}, false
	}
	return parseHopDate(v[i+1:])
}

// messageIDs reads ids out of Message-ID, In-Reply-To or References, without brackets; a field without any brackets gives its words.
func messageIDs(v string) []string {
	out := []string{}
	rest := v
	for len(out) < maxReferences {
		i := strings.IndexByte(rest, '<')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
		j := strings.IndexByte(rest, '>')
		if j < 0 {
			j = len(rest)
		}
		if id := charset.Clean(rawText(noBlanks(rest[:j])), 998); id != "" {
			out = append(out, id)
		}
		rest = rest[j:]
	}
	if len(out) == 0 {
		for _, w := range strings.Fields(stripComments(v)) {
			if strings.Contains(w, "@") && len(out) < maxReferences {
				out = append(out, charset.Clean(rawText(w), 998))
			}
		}
	}
	return out
}

// oneID is the message id of a Message-ID field: the first in brackets, else the text as it stands.
func oneID(v string) string {
	if ids := messageIDs(v); len(ids) > 0 {
		return ids[0]
	}
	return charset.Clean(rawText(strings.Trim(strings.TrimSpace(v), "<>")), 998)
}
