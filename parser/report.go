package parser

import (
	"bytes"
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// readStatus reads a delivery-status part (RFC 3464, 2): the fields of the whole message, then a group for each recipient. Of several
// recipients the first failed one counts, else the first.
func readStatus(raw []byte, maxFields int) Report {
	r := Report{Original: []string{}}
	for len(raw) > 0 {
		group := raw
		if i := blankLine(raw); i >= 0 {
			group, raw = raw[:i], bytes.TrimLeft(raw[i:], "\r\n")
		} else {
			raw = nil
		}
		b := readBlock(group, maxFields)
		if id := b.Get("Original-Message-Id"); id != "" {
			r.Original = append(r.Original, messageIDs(id)...)
		}
		x := Report{
			Action:     strings.ToLower(firstWord(line(b.Get("Action")))),
			Status:     firstWord(stripComments(line(b.Get("Status")))),
			Recipient:  typedAddress(first(b.Get("Final-Recipient"), b.Get("Original-Recipient"))),
			Diagnostic: line(afterType(b.Get("Diagnostic-Code"))),
		}
		if x.Recipient == "" && x.Action == "" && x.Status == "" {
			continue
		}
		if r.Action == "" && r.Recipient == "" || x.Action == "failed" && r.Action != "failed" {
			x.Original = r.Original
			r = x
		}
	}
	return r
}

// blankLine is the index of the first empty line, -1 without one.
func blankLine(p []byte) int {
	for i := 0; i < len(p); {
		n := lineEnd(p[i:])
		if len(bytes.TrimSpace(p[i:i+n])) == 0 {
			return i
		}
		i += n
	}
	return -1
}

func line(s string) string { return charset.Clean(rawText(s), 1000) }

// afterType drops the type before the semicolon: "rfc822; a@b", "smtp; 550 …".
func afterType(s string) string {
	if t, rest, ok := strings.Cut(s, ";"); ok && !strings.ContainsAny(strings.TrimSpace(t), " @") {
		return rest
	}
	return s
}

func typedAddress(s string) string { return cleanAddr(afterType(s)) }

// readLooseReport finds in the text of a bounce without RFC 3464 what can be found: the status, the line with the answer of the other host,
// the recipient and the id of the returned message.
func (r *Report) readLooseReport(text string) {
	if len(text) > 64<<10 {
		text = text[:64<<10]
	}
	rest := text
	for rest != "" {
		var l string
		l, rest, _ = strings.Cut(rest, "\n")
		l = strings.TrimSpace(l)
		lower := strings.ToLower(l)
		if v, ok := strings.CutPrefix(lower, "message-id:"); ok && len(r.Original) < maxReferences {
			r.Original = append(r.Original, messageIDs(l[len(l)-len(v):])...)
		}
		if r.Status == "" {
			r.Status = enhancedStatus(l)
			if r.Status != "" && r.Diagnostic == "" {
				r.Diagnostic = charset.Clean(l, 1000)
			}
		}
		if r.Recipient == "" && strings.HasPrefix(l, "<") && strings.Contains(l, "@") {
			if _, end := angle(l); end > 0 && end < len(l) {
				r.Recipient = cleanAddr(l[1:end])
			}
		}
	}
}

// enhancedStatus finds a code such as 5.1.1 (RFC 3463) in a line.
func enhancedStatus(l string) string {
	for _, w := range strings.FieldsFunc(l, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
		p := strings.Split(w, ".")
		if len(p) == 3 && len(p[0]) == 1 && strings.Contains("245", p[0]) && p[1] != "" && len(p[1]) <= 3 && p[2] != "" && len(p[2]) <= 3 {
			return w
		}
	}
	return ""
}
