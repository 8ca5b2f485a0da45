package parser

import "strings"

// foldSubject gives a subject in lower case with one blank between words.
func foldSubject(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// robotPostmaster says whether a local part (without separators) is that of a mail system.
func robotPostmaster(local string) bool {
	switch local {
	case "mailerdaemon", "postmaster", "maildaemon", "mailsystem", "maildeliverysystem", "maildeliverysubsystem", "mailadmin", "systemadministrator",
		"mailsubsystem", "mailerror", "maildelivery", "bounce", "bounces", "mdaemon", "mmdf", "mailagent", "autoreply", "autoresponder", "majordomo", "listserv":
		return true
	}
	return strings.HasPrefix(local, "mailerdaemon")
}

// noReply says whether a local part is that of a sender who wants no answer.
func noReply(local string) bool {
	for _, p := range []string{"noreply", "donotreply", "dontreply", "khongtraloi", "khongphanhoi", "noresponse", "nepasrepondre"} {
		if strings.HasPrefix(local, p) || strings.HasSuffix(local, p) {
			return true
		}
	}
	return false
}

// bounceSubject says whether a folded subject is one that mail systems give to a message that comes back.
func bounceSubject(s string) bool {
	return containsAny(s, "undeliver", "delivery status notification", "delivery failure", "delivery failed", "delivery error", "delivery notification",
		"mail delivery", "message delivery", "returned mail", "returned message", "return mail", "mail returned", "failure notice", "failed delivery",
		"failed mail", "mail failure", "could not be delivered", "couldn't be delivered", "could not send", "could not deliver", "cannot send",
		"not deliverable", "not delivered", "non-delivery", "non delivery", "nondeliverable", "delayed mail", "message delayed", "mail delayed", "delivery delayed", "message status",
		"mail system error", "mail error", "user unknown", "unknown user", "returning message to sender", "returned to sender", "quota exceeded",
		"email bounce", "bounced", "mail could not", "message you sent", "delivery report", "loop alert", "rejected",
		"không gửi được", "không thể gửi", "không chuyển được", "gửi thư thất bại", "gửi thất bại", "thư bị trả lại", "thư trả lại", "chưa gửi được", "không phát được")
}

// autoReplySubject says whether a folded subject is that of an answering program.
func autoReplySubject(s string) bool {
	for _, p := range []string{"automatic reply", "auto reply", "auto-reply", "autoreply", "auto:", "auto response", "auto-response", "autoresponse", "automatic response",
		"out of office", "out of the office", "out-of-office", "on vacation", "vacation reply", "away from", "i am away",
		"trả lời tự động", "trả lời tự động:", "thư trả lời tự động", "tự động trả lời", "phản hồi tự động", "tự động phản hồi", "tự động:", "thư tự động",
		"vắng mặt", "tôi đang đi vắng", "đang đi công tác", "ngoài văn phòng", "nghỉ phép:", "réponse automatique", "automatische antwort", "abwesenheit"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return strings.HasPrefix(s, "away until") || strings.HasPrefix(s, "re: automatic reply")
}

// forwarded says whether a person passes something on, such as a bounce that he asks about.
func forwarded(s string) bool {
	for _, p := range []string{"fwd:", "fw:", "[fwd", "re:", "trả lời:", "chuyển tiếp:", "tr:", "vs:"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// bounceText looks for the phrases of mail systems in the beginning of a text.
func bounceText(beginning string) bool {
	return containsAny(beginning, "could not be delivered", "couldn't be delivered", "not delivered", "undeliver", "delivery failed", "delivery to the following",
		"did not reach the following", "user unknown", "unknown user", "unable to deliver", "failed to deliver", "cannot be delivered", "mailbox unavailable", "mailbox is full",
		"mailbox full", "quota", "permanent error", "permanent fatal", "delivery error", "returned mail", "has been rejected", "was rejected", "message rejected", "invalid recipient",
		"recipient address", "no such user", "address unknown", "not be reached", "delivery attempt", "smtp error", "host unknown",
		"không gửi được", "không thể gửi", "không tồn tại", "hộp thư đã đầy")
}

// strongBounceText asks for a phrase and an answer of a mail server together, so that it may be believed from any sender.
func strongBounceText(beginning, text string) bool {
	return containsAny(beginning, "could not be delivered", "delivery to the following recipient", "did not reach the following recipient", "unable to deliver", "undeliverable",
		"undelivered", "delivery failed", "delivery has failed", "cannot be delivered", "failed to deliver") &&
		(enhancedStatus(beginning) != "" || containsAny(beginning, " 550 ", " 553 ", " 554 ", "user unknown", "smtp error")) && strings.Contains(strings.ToLower(text), "message-id:")
}

// beginning is the part of a text in which a mail system says what happened, lower case with single blanks.
func beginning(text string) string {
	if len(text) > 3000 {
		text = strings.ToValidUTF8(text[:3000], "")
	}
	return foldSubject(text)
}

func containsAny(s string, subs ...string) bool {
	for _, x := range subs {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}
