package parser

import "strings"

// bounce recognises failures that are reported without the parts of RFC 3464: by the field that Exim and Gmail write, by a mail system's
// name or empty envelope together with its words, by the return of our own message, and by words that no person writes.
func (s *signs) bounce() (Kind, string) {
	if s.header.Get("X-Failed-Recipients") != "" {
		return Bounce, "X-Failed-Recipients"
	}
	system := s.system()
	switch {
	case strings.HasPrefix(s.from, "mailerdaemon"):
		return Bounce, "From: mailer-daemon"
	case s.nullPath() && autoReplySubject(s.subject, s.bare()): // an answer may quote anything
		return Normal, ""
	case system && bounceSubject(s.subject):
		return Bounce, "Subject of a bounce"
	case system && containsAny(s.lead, bounceWords...):
		return Bounce, "text of a bounce"
	case forwarded(s.subject) || greets(s.lead):
		return Normal, ""
	case s.comesBack() && containsAny(s.lead, bounceWords...) && (noReply(s.from) || s.answered() || containsAny(s.lead, strongWords...)):
		return Bounce, "our message returned"
	case s.transcript():
		return Bounce, "text of a bounce"
	}
	return Normal, ""
}

// comesBack says whether the message inside is one that was sent by the address this one goes to: a mail system gives a sender his own
// message back. A person who asks about a bounce sends it to somebody else.
func (s *signs) comesBack() bool {
	to := map[string]bool{}
	for _, a := range s.m.To {
		to[bareAddress(a.Addr)] = true
	}
	for _, a := range s.m.DeliveredTo {
		to[bareAddress(a)] = true
	}
	delete(to, "")
	for _, in := range s.c.inner {
		if in.header == nil {
			continue
		}
		for _, v := range []string{in.header.Get("From"), in.header.Get("Return-Path"), in.header.Get("Sender")} {
			for _, a := range parseAddresses(v) {
				if to[bareAddress(a.Addr)] {
					return true
				}
			}
		}
	}
	return false
}

// bareAddress is an address in lower case without its sub-address, under which failures are asked for; empty for what is none.
func bareAddress(addr string) string {
	local, domain, ok := strings.Cut(strings.ToLower(addr), "@")
	if !ok {
		return ""
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// transcript says whether the text is a mail system's account of a failure: its words, the answer of a mail server, and a copy of the
// message or of the envelope. All three together are believed from any sender.
func (s *signs) transcript() bool {
	if !s.answered() || !containsAny(s.lead, strongWords...) {
		return false
	}
	all := fold(strings.ToValidUTF8(s.text[:min(len(s.text), maxLoose)], ""))
	return containsAny(all, "message-id:", "rcpt to:", "mail from:", "return-path:", "final-recipient:", "copy of the message", "ban sao cua thu")
}

// answered says whether the text has the answer of a mail server in it.
func (s *signs) answered() bool {
	return enhancedStatus(s.lead) != "" || replyCode(s.lead) || containsAny(s.lead, "user unknown", "unknown user", "smtp error", "no such user")
}

// greets says whether a text begins as people begin. A mail system may say "Dear user" too, but then not from a person's address.
func greets(lead string) bool {
	return hasAnyPrefix(lead, "kinh gui", "kinh thua", "chao ", "xin chao", "than gui", "anh ", "chi ", "em ", "toi ", "de nghi", "xin ", "dear ", "hi ", "hello", "gui ", "thua ", "nho ")
}

// bounceSubject says whether a folded subject is one that mail systems give to a message that comes back. People use the same words, so it
// counts only together with other signs.
func bounceSubject(subject string) bool { return containsAny(subject, bounceSubjects...) }

var bounceSubjects = []string{
	"undeliver", "delivery status notification", "delivery failure", "delivery failed", "delivery error", "delivery has failed", "delivery notification",
	"mail delivery", "message delivery", "returned mail", "returned message", "return mail", "mail returned", "returned to sender", "failure notice", "failed delivery",
	"failed mail", "mail failure", "could not be delivered", "couldn't be delivered", "could not send", "could not deliver", "cannot send", "unable to deliver",
	"not deliverable", "not delivered", "non-delivery", "non delivery", "nondeliver", "delayed mail", "message delayed", "mail delayed", "delivery delayed", "delivery delay",
	"delivery incomplete", "message status", "mail system error", "mail error", "error sending your mail", "user unknown", "unknown user", "returning message to sender",
	"quota exceeded", "email bounce", "bounced", "mail could not", "message you sent", "delivery report", "loop alert", "rejected", "recipient not found",
	"khong gui duoc", "khong the gui", "khong the chuyen", "khong chuyen duoc", "khong duoc chuyen", "khong duoc gui", "khong duoc phan phoi", "khong phan phoi duoc", "khong the phan phoi",
	"khong phat duoc", "khong the phat", "khong the giao", "khong giao duoc", "gui thu that bai", "gui that bai", "gui khong thanh cong", "gui thu khong thanh cong", "gui mail that bai",
	"gui email that bai", "phan phoi that bai", "chuyen thu that bai", "thu bi tra lai", "thu tra lai", "thu bi tra ve", "thu bi hoan lai", "thu hoan tra", "thu bi tu choi",
	"chua gui duoc", "loi gui thu", "loi gui mail", "loi gui email", "thong bao trang thai gui thu", "thong bao trang thai phan phoi", "bao cao gui thu", "thu bi tri hoan", "thu bi cham",
	"メールエラー", "配信に失敗", "配信できません", "не доставлено", "недоставлен", "退信", "投递失败", "无法送达",
}

// bounceWords are phrases of mail systems in the beginning of a text.
var bounceWords = []string{
	"could not be delivered", "couldn't be delivered", "not delivered", "undeliver", "delivery failed", "delivery has failed", "delivery to the following",
	"did not reach the following", "did not reach some or all", "user unknown", "unknown user", "unable to deliver", "unable to send", "failed to deliver", "cannot be delivered", "mailbox unavailable",
	"mailbox is full", "mailbox full", "quota", "permanent error", "permanent fatal", "fatal error", "delivery error", "returned mail", "has been rejected", "was rejected",
	"message rejected", "invalid recipient", "invalid user", "recipient address", "no such user", "address unknown", "address not found", "not be reached", "delivery attempt", "smtp error", "host unknown",
	"temporary problem delivering", "still being retried", "has not been delivered", "not yet been delivered", "retry timeout exceeded",
	"khong gui duoc", "khong the gui", "khong chuyen duoc", "khong the chuyen", "khong duoc chuyen", "khong duoc gui", "khong the phan phoi", "khong phan phoi duoc", "khong the giao", "khong the phat",
	"khong ton tai", "khong tim thay nguoi nhan", "khong tim thay dia chi", "hop thu da day", "hop thu day", "dia chi nguoi nhan khong", "gui thu that bai", "gui that bai", "bi tu choi boi may chu",
}

// strongWords are those with which a report of failure begins.
var strongWords = []string{
	"could not be delivered", "couldn't be delivered", "delivery to the following recipient", "did not reach the following recipient", "did not reach some or all",
	"unable to deliver", "undeliverable", "undelivered", "delivery failed", "delivery has failed", "cannot be delivered", "failed to deliver", "was not delivered to",
	"error message below", "permanent fatal delivery error",
	"thu cua ban khong the", "thu cua ban khong duoc", "khong the gui thu cua ban", "khong gui duoc thu cua ban", "khong the chuyen thu", "khong gui duoc den nguoi nhan", "khong gui duoc toi nguoi nhan",
	"khong the gui den nguoi nhan", "khong the gui toi nguoi nhan", "khong the chuyen den nguoi nhan", "khong the chuyen toi nguoi nhan", "khong chuyen duoc den nguoi nhan", "khong chuyen duoc toi nguoi nhan",
}
