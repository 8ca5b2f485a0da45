package parser

import (
	"strings"

	"github.com/giaolien/giaolien/parser/charset"
)

// maxLoose is how many bytes of a bounce's text are read.
const maxLoose = 64 << 10

// readLoose finds in a bounce without RFC 3464 what can be found: what became of the message, the status, the line with the answer of the
// other host, the recipient, and the id of the returned message.
func (r *Report) readLoose(s *signs) {
	if r.Action == "" && r.Status == "" {
		r.Action = s.looseAction()
	}
	own := s.ownAddresses()
	text := strings.ToValidUTF8(s.text[:min(len(s.text), maxLoose)], "")
	copied, said := false, 0 // said: how much the line in Diagnostic tells
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		copied = copied || copyBegins(l)
		if id, ok := cutField(l, "message-id:"); ok && len(r.Original) < maxReferences {
			r.Original = append(r.Original, messageIDs(id)...)
		}
		if copied { // what follows is the message itself
			continue
		}
		if r.Status == "" {
			r.Status = enhancedStatus(l)
		}
		if n := tells(l); n > said || n > 0 && r.Diagnostic == "" {
			said, r.Diagnostic = n, charset.Clean(l, 1000)
		}
		if r.Recipient == "" {
			if a := failedAddress(l); a != "" && !own[bareAddress(a)] {
				r.Recipient = a
			}
		}
	}
}

// ownAddresses are those that the bounce went to: whoever sent the message, never the recipient who failed.
func (s *signs) ownAddresses() map[string]bool {
	own := map[string]bool{}
	for _, a := range s.m.To {
		own[bareAddress(a.Addr)] = true
	}
	for _, a := range s.m.DeliveredTo {
		own[bareAddress(a)] = true
	}
	return own
}

// looseAction reads out of subject and text what RFC 3464 calls the action. A warning that a message is late looks much like a failure,
// and is none.
func (s *signs) looseAction() string {
	text := s.lead
	switch {
	case containsAny(s.subject, "(delay)", "delayed", "delivery delay", "delivery incomplete", "warning: could not send", "warning--could not send", "warning: message", "still being retried",
		"bi tri hoan", "bi cham", "(tri hoan)"):
		return "delayed"
	case containsAny(s.subject, "successful", "(success)", "(relay)", "thanh cong") && !containsAny(s.subject, "unsuccessful", "not successful", "khong thanh cong", "chua thanh cong"),
		hasAnyPrefix(s.subject, "delivered:", "relayed:", "expanded:"):
		return "delivered"
	case !containsAny(text, "giving up", "given up", "gave up", "no longer") &&
		containsAny(text, "this is a warning message only", "do not need to resend", "still being retried", "will be retried", "will retry", "will keep trying", "will continue to try",
			"will continue trying", "not yet been delivered", "has been delayed", "no action is required on your part", "se thu lai", "se tiep tuc gui lai", "se tiep tuc thu", "tam thoi chua gui duoc"):
		return "delayed"
	case bounceSubject(s.subject), containsAny(text, bounceWords...), s.header.Get("X-Failed-Recipients") != "":
		return "failed"
	}
	return ""
}

// copyBegins knows the lines after which mail systems give back the message.
func copyBegins(l string) bool {
	if hasAnyPrefix(l, "--- Below this line", "------ This is a copy", "--- The header of the original message", "----- Original message -----", "--- Original message",
		"----- Message header follows", "--- Undelivered message follows", "----- Unsent message follows", "Original mail as follows") {
		return true
	}
	f := strings.Trim(fold(l), "-=_*: ")
	return hasAnyPrefix(f, "below this line is a copy", "this is a copy of", "original message follows", "original message", "unsent message follows", "returned message follows",
		"message header follows", "your original message", "ban sao cua thu", "noi dung thu goc", "thu goc")
}

// tells says how much a line tells about the failure: 2 with an enhanced status, 1 with an answer of SMTP (RFC 5321, 4.2.1).
func tells(l string) int {
	switch {
	case enhancedStatus(l) != "":
		return 2
	case replyCode(l):
		return 1
	}
	return 0
}

// replyCode says whether a line has a code with which mail servers refuse: three digits, by themselves, before words.
func replyCode(l string) bool {
	for i := 0; i+3 < len(l); i++ {
		if (l[i] == '4' || l[i] == '5') && (l[i+1] >= '0' && l[i+1] <= '7') && isDigit(l[i+2]) && (l[i+3] == ' ' || l[i+3] == '-') &&
			(i == 0 || strings.IndexByte(" :;#(\t", l[i-1]) >= 0) && smtpCode(l[i:i+3]) {
			return true
		}
	}
	return false
}

// smtpCode knows the codes of RFC 5321, 4.2.3 and RFC 4954, 6 that refuse for now or for good.
func smtpCode(c string) bool {
	switch c {
	case "421", "450", "451", "452", "454", "455", "521", "523", "530", "534", "535", "541", "550", "551", "552", "553", "554", "555", "556", "571":
		return true
	}
	return false
}

// cutField gives what follows a field name in a line, in whatever letter case.
func cutField(l, name string) (string, bool) {
	if len(l) < len(name) || !strings.EqualFold(l[:len(name)], name) {
		return "", false
	}
	return l[len(name):], true
}

// failedAddress finds the address of a line that names a recipient: alone on its line, at its beginning in brackets, or after a name that
// mail systems give it.
func failedAddress(l string) string {
	if len(l) > 400 || !strings.Contains(l, "@") {
		return ""
	}
	for _, name := range []string{"rcpt to:", "failed address:", "final-recipient:", "original-recipient:", "recipient:", "recipient address:", "to:", "người nhận:", "địa chỉ:"} {
		if v, ok := cutField(l, name); ok {
			return oneAddress(typedAddress(firstWord(afterType(v))))
		}
	}
	if strings.HasPrefix(l, "<") {
		if _, end := angle(l); end > 0 && end < len(l) {
			return oneAddress(cleanAddr(l[1:end]))
		}
	}
	if i := strings.Index(strings.ToLower(l), "rcpt to:<"); i >= 0 {
		rest, _, _ := strings.Cut(l[i+len("rcpt to:<"):], ">")
		return oneAddress(cleanAddr(rest))
	}
	words := strings.Fields(l)
	if len(words) > 1 && !strings.HasSuffix(words[0], ":") && words[1] != "on" && words[1] != "-" && !strings.HasPrefix(words[1], "(") {
		return ""
	}
	return oneAddress(cleanAddr(strings.Trim(words[0], `"'<>():;,*•-`)))
}

// oneAddress gives an address, empty for what is none.
func oneAddress(a string) string {
	local, domain, ok := strings.Cut(a, "@")
	if !ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(a, " <>\"'/:;,()[]") {
		return ""
	}
	return a
}
