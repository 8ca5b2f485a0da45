package parser

import "strings"

// placeholders begin the subject and the text of what a mail server gives in the place of a message that it could not convert: Exchange,
// over IMAP and POP3. The message itself is still in the mailbox, and a person can open it in Outlook.
var placeholders = [...]struct{ subject, text string }{
	{"retrieval using the imap4 protocol failed for the following message", "the server couldn't retrieve the following message"},
	{"retrieval using the pop3 protocol failed for the following message", "the server couldn't retrieve the following message"},
}

// placeholder says whether a message is such a stand-in. Both the subject and the text must be there: people forward these and ask about them.
func (m *Message) placeholder() bool {
	if len(m.Attachments) > 0 {
		return false
	}
	subject := strings.ToLower(m.Subject)
	text := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(m.Text[:min(len(m.Text), 400)]), "’", "'"))
	if text == "" {
		text = strings.ToLower(strings.TrimSpace(m.HTMLText[:min(len(m.HTMLText), 400)]))
	}
	for _, p := range placeholders {
		if strings.HasPrefix(subject, p.subject) && strings.HasPrefix(text, p.text) {
			return true
		}
	}
	return false
}

// futureDate says whether the sender's date is more than a day after the time when the last host took the message. Nothing is decided by
// the sender's date; but programs sort by it.
func (m *Message) futureDate() bool {
	return !m.Date.IsZero() && len(m.Received) > 0 && !m.Received[0].At.IsZero() && m.Date.Sub(m.Received[0].At).Hours() > 24
}
