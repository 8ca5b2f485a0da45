package notice

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser"
)

// Render gives a draft the bytes that every try sends: the same input gives the same bytes. It fails only on what the administrator set
// wrongly (addresses, return path, keys) or on a draft that Compose did not make; nothing in a mail can make it fail.
func Render(d Draft, n Numbers, keys Keys) (Rendered, error) {
	r, err := address(d, n, keys)
	if err != nil {
		return Rendered{}, fmt.Errorf("render notice %q: %w", n.ID, err)
	}
	body, slip, err := d.parts(n)
	if err != nil {
		return Rendered{}, fmt.Errorf("render notice %q: %w", n.ID, err)
	}
	h := fields(d, n, r)
	body.write(&h, boundary(r.MessageID))
	r.Bytes, r.Slip = h.Bytes(), slip
	for _, c := range r.Bytes {
		if c >= 0x80 || c < ' ' && c != '\r' && c != '\n' {
			return Rendered{}, fmt.Errorf("render notice %q: byte %#02x does not belong into it", n.ID, c)
		}
	}
	return r, nil
}

// address checks everything that is put into the envelope or into structured fields as it is.
func address(d Draft, n Numbers, keys Keys) (Rendered, error) {
	if err := checkAddress(d.To); err != nil {
		return Rendered{}, fmt.Errorf("addressee: %w", err)
	}
	if err := checkAddress(d.From); err != nil {
		return Rendered{}, fmt.Errorf("sender: %w", err)
	}
	if n.At.IsZero() {
		return Rendered{}, errors.New("it has no date")
	}
	if len(keys) == 0 {
		return Rendered{}, errors.New("there is no key for its token")
	}
	token, err := keys[0].token(n.ID)
	if err != nil {
		return Rendered{}, err
	}
	from, err := returnPath(d.ReturnPath, token)
	if err != nil {
		return Rendered{}, err
	}
	id := token + "@" + strings.ToLower(domainOf(d.From))
	if err := checkMessageID(id); err != nil {
		return Rendered{}, err
	}
	return Rendered{MessageID: id, EnvelopeFrom: from, EnvelopeTo: d.To}, nil
}

// fields writes the header block up to what the parts say of themselves. There is no Precedence field: RFC 3834, 3.1.8 leaves it open, and readers
// take "bulk" for advertising.
func fields(d Draft, n Numbers, r Rendered) header {
	var h header
	h.field("Date", n.At.In(vietnam).Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	h.field("From", mailbox(clean(d.FromName, 200), d.From, len("From:"))...)
	h.field("To", mailbox(clean(d.ToName, 200), d.To, len("To:"))...)
	h.field("Subject", unstructured(clean(replace(d.Subject, n), 200), len("Subject:"))...)
	h.field("Message-ID", "<"+r.MessageID+">")
	if checkMessageID(d.InReplyTo) == nil {
		h.field("In-Reply-To", "<"+d.InReplyTo+">")
	}
	if ids := thread(d.References); len(ids) > 0 {
		for i := range ids {
			ids[i] = "<" + ids[i] + ">"
		}
		h.field("References", ids...)
	}
	if d.Generated {
		h.field("Auto-Submitted", "auto-generated") // RFC 3834, 5
	} else {
		h.field("Auto-Submitted", "auto-replied")
	}
	h.field("X-Auto-Response-Suppress", suppress(r)...)
	h.field(parser.NoticeField, "notice")
	h.field("MIME-Version", "1.0")
	return h
}

// suppress asks Exchange not to answer ([MS-OXCMAIL], 2.2.3.2.14). "All" also means non-delivery reports: where the return path is there
// to receive them, everything else is named instead.
func suppress(r Rendered) []string {
	if r.EnvelopeFrom == "" {
		return []string{"All"}
	}
	return []string{"DR,", "RN,", "NRN,", "OOF,", "AutoReply"}
}

// substitute puts the numbers into a body. A line about a number that there is none of goes away with it.
func substitute(body string, n Numbers) string {
	var out []string
	put := numbered(n)
	for line := range strings.SplitSeq(body, "\n") {
		if strings.Contains(line, soDenMark) && n.SoDen == "" || strings.Contains(line, reminderMark) && n.Reminder <= 0 {
			continue
		}
		out = append(out, put.Replace(line))
	}
	return strings.Join(out, "\n")
}

func replace(s string, n Numbers) string { return numbered(n).Replace(s) }

func numbered(n Numbers) *strings.Replacer {
	return strings.NewReplacer(soDenMark, clean(n.SoDen, 500), reminderMark, strconv.Itoa(n.Reminder), dateMark, vnDate(n.At),
		timeMark, vnTime(n.At))
}

// bodyLine keeps the blanks of a line, which indent lists, and nothing that is invisible.
func bodyLine(line string, limit int) string {
	indent := len(line) - len(strings.TrimLeft(line, " "))
	return line[:indent] + clean(line[indent:], limit)
}
