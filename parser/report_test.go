package parser

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestStatusParts reads the machine-readable part of a failure (RFC 3464) as hosts write it.
func TestStatusParts(t *testing.T) {
	const whole = "Reporting-MTA: dns; mx.example.vn\nArrival-Date: Thu, 5 Nov 2026 08:00:00 +0700\n\n"
	for _, c := range []struct {
		name, raw string
		want      Report
	}{
		{"as the RFC has it", whole + "Original-Recipient: rfc822;vanthu@sct.example.vn\nFinal-Recipient: rfc822;kho@sct.example.vn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
			Report{"failed", "5.1.1", "kho@sct.example.vn", "550 5.1.1 no such user", nil}},
		{"letter case and comments", whole + "FINAL-RECIPIENT: RFC822; <VanThu@SCT.example.vn>\nACTION: Failed (for good)\nSTATUS: 5.2.2 (mailbox full)\n",
			Report{"failed", "5.2.2", "VanThu@sct.example.vn", "", nil}},
		{"the first that failed counts", whole + "Final-Recipient: rfc822;a@x.vn\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822;b@x.vn\nAction: delayed\nStatus: 4.4.1\n\nFinal-Recipient: rfc822;c@x.vn\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822;d@x.vn\nAction: failed\nStatus: 5.2.2\n",
			Report{"failed", "5.1.1", "c@x.vn", "", nil}},
		{"nobody failed, one is late", whole + "Final-Recipient: rfc822;a@x.vn\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822;b@x.vn\nAction: DELAYED\nStatus: 4.4.1\n",
			Report{"delayed", "4.4.1", "b@x.vn", "", nil}},
		{"two recipients in one group", whole + "Final-Recipient: rfc822;a@x.vn\nAction: delivered\nStatus: 2.0.0\nFinal-Recipient: rfc822;b@x.vn\nAction: failed\nStatus: 5.7.1\n",
			Report{"failed", "5.7.1", "b@x.vn", "", nil}},
		{"an empty line inside the group", whole + "Final-Recipient: rfc822;a@x.vn\n\nAction: failed\nStatus: 5.1.2\n", Report{"failed", "5.1.2", "a@x.vn", "", nil}},
		{"no empty line after the first group", "Reporting-MTA: dns; mx\nFinal-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "a@x.vn", "", nil}},
		{"an empty line of blanks", whole + "Final-Recipient: rfc822;a@x.vn\nAction: delivered\n \t\n\f\nFinal-Recipient: rfc822;b@x.vn\nAction: failed\nStatus: 5.1.1\n",
			Report{"failed", "5.1.1", "b@x.vn", "", nil}},
		{"only the original recipient", whole + "Original-Recipient: rfc822; a@x.vn\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "a@x.vn", "", nil}},
		{"status undefined, the other host said more", whole + "Final-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.2.1 closed\n",
			Report{"failed", "5.2.1", "a@x.vn", "550 5.2.1 closed", nil}},
		{"undefined, and the other host spoke of something else", whole + "Final-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 451 4.7.1 greylisted\n",
			Report{"failed", "5.0.0", "a@x.vn", "451 4.7.1 greylisted", nil}},
		{"no status", whole + "Final-Recipient: rfc822;a@x.vn\nAction: failed\nDiagnostic-Code: X-Unix; user unknown\n", Report{"failed", "", "a@x.vn", "user unknown", nil}},
		{"a reply code where the status belongs", whole + "Final-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 550 5.1.1\n", Report{"failed", "5.1.1", "a@x.vn", "", nil}},
		{"an action of its own", whole + "Final-Recipient: rfc822;a@x.vn\nAction: failure\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "a@x.vn", "", nil}},
		{"an action that says nothing", whole + "Final-Recipient: rfc822;a@x.vn\nAction: 12\nStatus: 5.1.1\n", Report{"", "5.1.1", "a@x.vn", "", nil}},
		{"RFC 6533, escaped", whole + `Final-Recipient: utf-8; v\x{103}nth\x{1B0}@s\x{1EDF}.example.vn` + "\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "vănthư@sở.example.vn", "", nil}},
		{"RFC 6533, as it is", whole + "Final-Recipient: utf-8; vănthư@sở.example.vn\nAction: failed\nStatus: 5.6.7\n", Report{"failed", "5.6.7", "vănthư@sở.example.vn", "", nil}},
		{"RFC 6533, escapes of no character", whole + `Final-Recipient: utf-8; a\x{D800}b\x{}c\x{110000}@x.vn` + "\nAction: failed\n", Report{"failed", "", `a\x{D800}b\x{}c\x{110000}@x.vn`, "", nil}},
		{"xtext left encoded", whole + "Final-Recipient: rfc822;vanthu+2Bgl+40sct.example.vn\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "vanthu+gl@sct.example.vn", "", nil}},
		{"a sub-address is no xtext", whole + "Final-Recipient: rfc822;vanthu+40nam@sct.example.vn\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "vanthu+40nam@sct.example.vn", "", nil}},
		{"folded", whole + "Final-Recipient: rfc822;\n a@x.vn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;\n 550 5.1.1\n\tkhong co nguoi nhan\n", Report{"failed", "5.1.1", "a@x.vn", "550 5.1.1 khong co nguoi nhan", nil}},
		{"the id of the message", "Reporting-MTA: dns; mx\nOriginal-Message-ID: <gl-1.mac@x.vn>\n\nFinal-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 5.1.1\n", Report{"failed", "5.1.1", "a@x.vn", "", []string{"gl-1.mac@x.vn"}}},
		{"nothing", "", Report{}},
		{"blanks", " \n\f\n\n", Report{}},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			got := readStatus([]byte(strings.ReplaceAll(c.raw, "\n", eol)), DefaultLimits.Fields)
			if got.Action != c.want.Action || got.Status != c.want.Status || got.Recipient != c.want.Recipient || got.Diagnostic != c.want.Diagnostic ||
				strings.Join(got.Original, " ") != strings.Join(c.want.Original, " ") {
				t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
			}
		}
	}
}

// TestReportsOfMessages reads whole messages: which kinds of report there are, and where the id of the returned message may stand.
func TestReportsOfMessages(t *testing.T) {
	status := "--b\r\nContent-Type: %sdelivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822;a@x.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
	report := func(global, rest string) string {
		return "From: postmaster@x.vn\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n" + fmt.Sprintf(status, "message/"+global) + rest + "--b--\r\n"
	}
	for name, raw := range map[string]string{
		"the whole message":       report("", "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <gl-1@x.vn>\r\n\r\nx\r\n"),
		"the headers":             report("", "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <gl-1@x.vn>\r\nSubject: x\r\n"),
		"RFC 6533, the message":   report("global-", "--b\r\nContent-Type: message/global\r\n\r\nMessage-ID: <gl-1@x.vn>\r\n\r\nx\r\n"),
		"RFC 6533, the headers":   report("global-", "--b\r\nContent-Type: message/global-headers\r\n\r\nMessage-ID: <gl-1@x.vn>\r\n"),
		"in the text":             report("", "--b\r\n\r\nMessage-ID: <gl-1@x.vn>\r\n"),
		"as if it answered":       "In-Reply-To: <gl-1@x.vn>\r\n" + report("", ""),
		"as a reference":          "References: <older@x.vn> <gl-1@x.vn>\r\n" + report("", ""),
		"in the status part":      report("", "") + "", // filled below
		"inside a message, mixed": strings.Replace(report("", "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <gl-1@x.vn>\r\n\r\nx\r\n"), "multipart/report; report-type=delivery-status", "multipart/mixed", 1),
	} {
		if name == "in the status part" {
			raw = strings.Replace(raw, "Reporting-MTA", "Original-Message-ID: <gl-1@x.vn>\r\nReporting-MTA", 1)
		}
		m := parseString(raw)
		if m.Kind != Bounce || m.Report.Status != "5.1.1" || m.Report.Recipient != "a@x.vn" || len(m.Report.Original) == 0 || m.Report.Original[0] != "gl-1@x.vn" {
			t.Errorf("%s: %s %+v", name, m.Kind, m.Report)
		}
	}
}

// TestStatusFindsEveryFailure: wherever a failed recipient stands among others, it is the one that is reported.
func TestStatusFindsEveryFailure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "recipients")
		bad := rapid.IntRange(0, n-1).Draw(t, "failed")
		eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		gap := rapid.SampledFrom([]string{"", eol, " " + eol, eol + eol}).Draw(t, "between groups")
		var b strings.Builder
		b.WriteString("Reporting-MTA: dns; mx" + eol + gap)
		for i := range n {
			action := rapid.SampledFrom([]string{"delivered", "Relayed", "expanded", "delayed"}).Draw(t, "action")
			status := "2.0.0"
			if i == bad {
				action, status = rapid.SampledFrom([]string{"failed", "FAILED", "Failed (x)"}).Draw(t, "failure"), "5.1.1"
			}
			fmt.Fprintf(&b, "Final-Recipient: rfc822; r%d@x.vn%sAction: %s%sStatus: %s%s%s", i, eol, action, eol, status, eol, gap)
		}
		if r := readStatus([]byte(b.String()), 1000); r.Recipient != fmt.Sprintf("r%d@x.vn", bad) || r.Action != "failed" || r.Status != "5.1.1" {
			t.Fatalf("recipient %d of %d: %+v\n%s", bad, n, r, b.String())
		}
	})
}

func TestEnhancedStatus(t *testing.T) {
	for l, want := range map[string]string{
		"550 5.1.1 x": "5.1.1", "(#5.1.1)": "5.1.1", "5.1.10": "5.1.10", "192.0.2.5": "", "5.1": "", "3.1.1": "", "v4.1.1.2": "", "see 4.7.1.": "4.7.1",
		"#5.7.1 smtp;550": "5.7.1", "1.5.1.1": "", "": "", "...": "", "5.1000.1": "",
	} {
		if got := enhancedStatus(l); got != want {
			t.Errorf("%q: %q, want %q", l, got, want)
		}
	}
}

func TestReplyCode(t *testing.T) {
	for l, want := range map[string]bool{
		"550 no": true, "said: 554-denied": true, "(421 busy": true, "#550 5.1.1": true, "công văn 550 ngày": true, "1550 kg": false, "5500 đồng": false, "550": false,
		"số 512 của": false, "550/UBND": false, "": false,
	} {
		if got := replyCode(l); got != want {
			t.Errorf("%q: %v", l, got)
		}
	}
}

// FuzzStatus: any bytes give a report that is clean and bounded.
func FuzzStatus(f *testing.F) {
	f.Add([]byte("Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822;a@x.vn\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n"))
	f.Add([]byte("Final-Recipient: utf-8; \\x{1EDF}\\x{\n \n\f\nFinal-Recipient: rfc822;+40+2B\nAction: (\n"))
	f.Add([]byte("Original-Message-ID: <a> <b\nOriginal-Recipient: ;;\nOriginal-Recipient: \n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := readStatus(raw, 1000)
		checkReport(t, r)
	})
}

// checkReport holds what every report promises.
func checkReport(t *testing.T, r Report) {
	t.Helper()
	checkMessage(t, Message{Kind: Normal, Report: r})
	switch r.Action {
	case "", "failed", "delayed", "delivered", "relayed", "expanded":
	default:
		t.Fatalf("action %q", r.Action)
	}
	if r.Status != "" && enhancedStatus(r.Status) != r.Status {
		t.Fatalf("status %q", r.Status)
	}
	if len([]rune(r.Recipient)) > 400 || len([]rune(r.Diagnostic)) > 1000 || len(r.Original) > maxReferences || r.Original == nil {
		t.Fatalf("out of bounds: %+v", r)
	}
}
