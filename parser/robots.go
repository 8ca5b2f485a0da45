package parser

import "strings"

// mailSystem says whether a local part (see localPart) is one that mail systems report failures under.
func mailSystem(local string) bool {
	switch local {
	case "postmaster", "maildaemon", "mailsystem", "maildeliverysystem", "maildeliverysubsystem", "mailadmin", "systemadministrator",
		"mailsubsystem", "mailerror", "maildelivery", "bounce", "bounces", "mdaemon", "mmdf", "mailagent", "hethongthu", "mailerdaemon", "mailer":
		return true
	}
	if id, ok := strings.CutPrefix(local, "microsoftexchange"); ok && len(id) == 32 { // the NDR sender of Exchange
		return true
	}
	return strings.HasPrefix(local, "mailerdaemon")
}

// mailSystemName says whether a folded display name is one that mail systems give themselves.
func mailSystemName(name string) bool {
	switch name {
	case "mail delivery system", "mail delivery subsystem", "mail deliver system", "mail delivery service", "mail delivery", "mailer-daemon", "mailer daemon",
		"mail system", "system administrator", "postmaster", "mail administrator", "mdaemon", "microsoft outlook", "microsoft exchange", "exchange",
		"he thong thu", "he thong thu dien tu", "he thong chuyen thu", "he thong gui thu", "he thong phan phoi thu", "quan tri he thong thu":
		return true
	}
	return false
}

// system says whether a mail system sent the message: by its envelope (RFC 5321, 4.5.5), its address or its name.
func (s *signs) system() bool {
	return s.nullPath() || mailSystem(s.from) || mailSystemName(s.name)
}

// nullPath says whether the envelope had no sender. Some hosts write their daemon's name for it (sendmail and its heirs).
func (s *signs) nullPath() bool {
	return s.m.NullReturn || strings.HasPrefix(localPart(s.m.ReturnPath), "mailerdaemon")
}

// listRobot says whether a local part is that of a program that serves lists or answers.
func listRobot(local string) bool {
	switch local {
	case "autoreply", "autoresponder", "majordomo", "listserv", "listproc", "sympa", "mailman", "ezmlm":
		return true
	}
	return false
}

// noReply says whether a local part is that of a sender who wants no answer.
func noReply(local string) bool {
	for _, p := range []string{"noreply", "donotreply", "dontreply", "khongtraloi", "khongphanhoi", "khonghoidap", "noresponse", "donotrespond",
		"nepasrepondre", "nichtantworten", "noresponder", "unmonitored", "xinkhongtraloi", "vuilongkhongtraloi"} {
		if strings.HasPrefix(local, p) || strings.HasSuffix(local, p) {
			return true
		}
	}
	return false
}

// forwarded says whether a folded subject is that of a person who answers or passes something on, such as a bounce that he asks about.
func forwarded(subject string) bool {
	return hasAnyPrefix(strings.TrimLeft(subject, "[("), "fwd:", "fwd ", "fw:", "re:", "re[", "tra loi:", "chuyen tiep:", "chuyen tiep thu:", "tr:", "vs:", "wg:", "aw:", "tl:", "ct:")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func containsAny(s string, subs ...string) bool {
	for _, x := range subs {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}
