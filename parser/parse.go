// Package parser understands the raw bytes of one message. It is total: whatever the bytes are, there is a Message, and what is wrong with
// them is a Finding. It streams: memory does not grow with the size of attachments.
package parser

import (
	"io"

	"github.com/giaolien/giaolien/parser/charset"
)

// Parse reads the message in the first size bytes of raw. It never fails and never panics. When the bytes could not be read to the end it
// adds the finding ReadFailed, which is our fault and no fact about the message.
func Parse(raw io.ReaderAt, size int64, lim Limits) Message {
	found := &findings{}
	c, k := walk(raw, size, lim, found, nil)
	m := emptyMessage()
	m.readHeader(c.header, headerTexts(c.header, c.charset, found), found)
	m.Text = c.text.String()
	m.HTML = c.html
	m.HTMLText = c.htmlBody(lim.Text)
	m.Attachments = c.attachments
	for _, n := range k.nested {
		m.Nested = append(m.Nested, nestedMessage(n, lim, found))
	}
	m.Signatures = append(m.Signatures, k.shared.signatures...)
	if m.placeholder() {
		found.add(ServerCouldNotRender, "", "")
	}
	if m.futureDate() {
		found.add(DateFuture, "Date", "")
	}
	m.classify(c)
	m.Findings = append(m.Findings, found.list...)
	return m
}

// Visit reads the same message and shows each of its files with its decoded bytes, those in containers and in messages inside it too. A
// container comes after its files. The reader is good during the call only; it need not be read, or not to its end. What cannot be read of it
// ends it early: who needs all of it compares the size.
func Visit(raw io.ReaderAt, size int64, lim Limits, visit func(a Attachment, content io.Reader)) {
	walk(raw, size, lim, &findings{}, visit)
}

// emptyMessage has lists that are empty rather than nil, which JSON would print as null.
func emptyMessage() Message {
	return Message{
		From: []Address{}, Sender: []Address{}, ReplyTo: []Address{}, To: []Address{}, Cc: []Address{},
		InReplyTo: []string{}, References: []string{}, DeliveredTo: []string{}, Attachments: []Attachment{}, Nested: []Nested{},
		Kind: Normal, Report: Report{Original: []string{}}, Trace: []TraceField{}, Received: []Received{}, Findings: []Finding{},
	}
}

// readHeader fills everything that the header block says.
func (m *Message) readHeader(b *block, in texts, found *findings) {
	m.Subject = in.at("Subject").words(b.Get("Subject"))
	for _, v := range b.Values("From") {
		m.From = append(m.From, in.at("From").addresses(v)...)
	}
	if len(b.Values("From")) > 1 || len(m.From) > 1 {
		found.add(TwoFrom, "From", "")
	}
	m.Sender = in.at("Sender").addresses(b.Get("Sender"))
	m.ReplyTo = in.at("Reply-To").addresses(b.Get("Reply-To"))
	m.OriginalFrom = originalFrom(b, in)
	m.To = allAddresses(b, "To", in)
	m.Cc = allAddresses(b, "Cc", in)
	if v := b.Get("Date"); v != "" {
		t, ok := parseDate(v)
		if !ok {
			found.add(BadDate, "Date", "")
		}
		m.Date = t
	}
	m.MessageID = oneID(b.Get("Message-Id"))
	m.InReplyTo = messageIDs(b.Get("In-Reply-To"))
	m.References = messageIDs(b.Get("References"))
	m.readTrace(b)
}

// originalFrom reads the fields in which forwarders that must rewrite From (DMARC, RFC 7489) keep it: groups, lists and relays, each its own.
func originalFrom(b *block, in texts) []Address {
	for _, name := range []string{"X-Original-From", "Original-From", "X-Google-Original-From", "X-Original-Sender"} {
		if a := allAddresses(b, name, in); len(a) > 0 {
			return a
		}
	}
	return nil
}

// allAddresses joins the fields of one name: several To fields are forbidden (RFC 5322, 3.6) and common.
func allAddresses(b *block, name string, in texts) []Address {
	out := []Address{}
	for _, v := range b.Values(name) {
		out = append(out, in.at(name).addresses(v)...)
		if len(out) > maxAddresses {
			return out[:maxAddresses]
		}
	}
	return out
}

func nestedMessage(c *content, lim Limits, found *findings) Nested {
	n := Nested{From: []Address{}, Attachments: c.attachments, Text: c.text.String(), HTMLText: c.htmlBody(lim.Text)}
	if !c.hasText() {
		n.Text = n.HTMLText
	}
	if c.claims != nil {
		n.Subject, n.MessageID = c.claims.subject, c.claims.messageID
		if c.claims.from != (Address{}) {
			n.From = []Address{c.claims.from}
		}
	}
	if c.header != nil {
		in := headerTexts(c.header, c.charset, found)
		n.Subject = in.at("nested Subject").words(c.header.Get("Subject"))
		n.From = in.at("nested From").addresses(c.header.Get("From"))
		n.MessageID = oneID(c.header.Get("Message-Id"))
	}
	n.Subject = charset.Clean(n.Subject, maxHeaderText)
	return n
}
