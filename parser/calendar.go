package parser

import (
	"bytes"
	"strings"
)

// invites says whether the header of a part makes its message one between calendars: a method (RFC 6047, 2.4), or a calendar in place of a
// text. PUBLISH is no conversation: a person may attach such a file as any other.
func (t *partType) invites() bool {
	method := strings.ToLower(t.params.plain("method"))
	return method != "" && method != "publish" || !t.attached && t.name == ""
}

// isCalendar says whether a file is one of RFC 5545, by type or by name.
func (t *partType) isCalendar() bool {
	return t.ctype == "text/calendar" || t.ctype == "application/ics" || strings.HasSuffix(strings.ToLower(t.name), ".ics")
}

// sawFile notes an invitation, an answer or a cancellation that came as a file only. The method stands before all components (RFC 5545,
// 3.6), so the beginning of the file is enough.
func (c *content) sawFile(t *partType, head []byte) {
	if c.calendar || !t.isCalendar() || !bytes.Contains(bytes.ToUpper(head[:min(len(head), 100)]), []byte("BEGIN:VCALENDAR")) {
		return
	}
	for len(head) > 0 {
		n := lineEnd(head)
		name, value, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(string(head[:n]))), ":")
		head = head[n:]
		switch {
		case name == "BEGIN" && value != "VCALENDAR":
			return
		case name == "METHOD":
			c.calendar = value != "" && value != "PUBLISH"
			return
		}
	}
}
