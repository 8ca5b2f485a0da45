package parser

import (
	"strings"
	"testing"
)

// bounceMail is a failure that comes back to the return path of a notice.
func bounceMail(fields, body string) string {
	return "Return-Path: <>\r\nTo: <vanthu+gl-1@snv.example.vn>\r\n" + fields + "\r\n\r\n" + strings.ReplaceAll(body, "\n", "\r\n")
}

const returned = "Return-Path: <vanthu@snv.example.vn>\nFrom: Văn thư <vanthu@snv.example.vn>\nTo: <vanthu@sct.example.vn>\nSubject: Từ chối\nMessage-ID: <gl-1.mac@snv.example.vn>\n\nKính gửi\n"

// TestBounceDialects reads failures as mail systems write them without the parts of RFC 3464.
func TestBounceDialects(t *testing.T) {
	const mac = "gl-1.mac@snv.example.vn"
	for _, c := range []struct {
		name, raw string
		want      Report
	}{
		{"Exim", bounceMail("From: Mail Delivery System <Mailer-Daemon@mx.example.vn>\r\nX-Failed-Recipients: vanthu@sct.example.vn\r\nAuto-Submitted: auto-replied\r\nSubject: Mail delivery failed: returning message to sender",
			"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  vanthu@sct.example.vn\n    SMTP error from remote mail server after RCPT TO:<vanthu@sct.example.vn>:\n    host mx.sct.example.vn [192.0.2.7]: 550 5.1.1 <vanthu@sct.example.vn>: Recipient address rejected\n\n------ This is a copy of the message, including all the headers. ------\n\n"+returned),
			Report{"failed", "5.1.1", "vanthu@sct.example.vn", "host mx.sct.example.vn [192.0.2.7]: 550 5.1.1 <vanthu@sct.example.vn>: Recipient address rejected", []string{mac}}},
		{"Exim, only late", bounceMail("From: Mail Delivery System <Mailer-Daemon@mx.example.vn>\r\nSubject: Warning: message 1abCDe-000123-45 delayed 24 hours",
			"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.vn.\n\nThe message identifier is:     1abCDe-000123-45\n\nThe address to which the message has not yet been delivered is:\n\n  vanthu@sct.example.vn\n\nNo action is required on your part.\n"),
			Report{"delayed", "", "vanthu@sct.example.vn", "", []string{}}},
		{"qmail", bounceMail("From: MAILER-DAEMON@mx.example.vn\r\nSubject: failure notice",
			"Hi. This is the qmail-send program at mx.example.vn.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<vanthu@sct.example.vn>:\n192.0.2.7 does not like recipient.\nRemote host said: 553 sorry, no mailbox here by that name\nGiving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n\n"+returned),
			Report{"failed", "", "vanthu@sct.example.vn", "Remote host said: 553 sorry, no mailbox here by that name", []string{mac}}},
		{"Gmail of old", bounceMail("From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\r\nSubject: Delivery Status Notification (Failure)",
			"Delivery to the following recipient failed permanently:\n\n     vanthu@sct.example.vn\n\nTechnical details of permanent failure:\nThe error that the other server returned was: 550 5.2.1 The email account that you tried to reach is disabled.\n\n----- Original message -----\n\n"+returned),
			Report{"failed", "5.2.1", "vanthu@sct.example.vn", "The error that the other server returned was: 550 5.2.1 The email account that you tried to reach is disabled.", []string{mac}}},
		{"Gmail of old, only late", bounceMail("From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\r\nSubject: Delivery Status Notification (Delay)",
			"This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     vanthu@sct.example.vn\n\nMessage will be retried for 2 more day(s)\n"),
			Report{"delayed", "", "vanthu@sct.example.vn", "", []string{}}},
		{"Exchange without parts", bounceMail("From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@sct.example.vn>\r\nIn-Reply-To: <"+mac+">\r\nSubject: =?utf-8?B?VW5kZWxpdmVyYWJsZTogVOG7qyBjaOG7kWk=?=\r\nContent-Type: text/html; charset=utf-8",
			"<html><body><p>Delivery has failed to these recipients or groups:</p><p><a href=\"mailto:vanthu@sct.example.vn\">vanthu@sct.example.vn</a></p><p>The email address you entered couldn't be found.</p><p>#550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup ##</p></body></html>"),
			Report{"failed", "5.1.10", "vanthu@sct.example.vn", "#550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup ##", []string{mac}}},
		{"Exchange 2003", "From: System Administrator <admin@sct.example.vn>\r\nTo: vanthu@snv.example.vn\r\nSubject: Undeliverable: =?utf-8?Q?T=E1=BB=AB_ch=E1=BB=91i?=\r\n\r\n" +
			"Your message did not reach some or all of the intended recipients.\r\n\r\n      Subject:\tTu choi\r\n      Sent:\t11/05/2026 8:00 AM\r\n\r\nThe following recipient(s) could not be reached:\r\n\r\n      'vanthu@sct.example.vn' on 11/05/2026 8:01 AM\r\n            The e-mail account does not exist at the organization this message was sent to.\r\n            <mx.sct.example.vn #5.1.1>\r\n",
			Report{"failed", "5.1.1", "vanthu@sct.example.vn", "<mx.sct.example.vn #5.1.1>", []string{}}},
		{"Yahoo", bounceMail("From: MAILER-DAEMON@mta.yahoo.example\r\nSubject: Failure Notice",
			"Sorry, we were unable to deliver your message to the following address.\n\n<vanthu@sct.example.vn>:\nRemote host said: 552 5.2.2 Mailbox full [RCPT_TO]\n\n--- Below this line is a copy of the message.\n\n"+returned),
			Report{"failed", "5.2.2", "vanthu@sct.example.vn", "Remote host said: 552 5.2.2 Mailbox full [RCPT_TO]", []string{mac}}},
		{"MDaemon", "From: \"MDaemon at sct.example.vn\" <MDaemon@sct.example.vn>\r\nTo: vanthu@snv.example.vn\r\nSubject: [*WARNING* Permanent Delivery Failure]\r\nX-MDaemon-Deliver-To: vanthu@snv.example.vn\r\n\r\n" +
			"The attached message had PERMANENT fatal delivery errors!\r\n\r\nAfter one or more unsuccessful delivery attempts the attached message has\r\nbeen removed from the mail queue on this server.\r\n\r\nFailed address: vanthu@sct.example.vn\r\n\r\n--- Session Transcript ---\r\n <-- 550 Unknown user account\r\n",
			Report{"failed", "", "vanthu@sct.example.vn", "<-- 550 Unknown user account", []string{}}},
		{"Domino", bounceMail("From: Postmaster@sct.example.vn\r\nSubject: DELIVERY FAILURE: User vanthu (vanthu@sct.example.vn) not listed in Domino Directory",
			"Your message\n\n  Subject: Tu choi\n\nwas not delivered to:\n\n  vanthu@sct.example.vn\n\nbecause:\n\n  User vanthu (vanthu@sct.example.vn) not listed in Domino Directory\n"),
			Report{"failed", "", "vanthu@sct.example.vn", "", []string{}}},
		{"Vietnamese", bounceMail("From: =?utf-8?Q?H=E1=BB=87_th=E1=BB=91ng_th=C6=B0?= <no-reply@mail.sct.example.vn>\r\nSubject: =?utf-8?Q?Kh=C3=B4ng_g=E1=BB=ADi_=C4=91=C6=B0=E1=BB=A3c_th=C6=B0=3A_T=E1=BB=AB_ch=E1=BB=91i?=\r\nContent-Type: text/plain; charset=utf-8",
			"Thư của bạn không thể chuyển đến người nhận sau:\n\n   vanthu@sct.example.vn\n\nLý do: hộp thư đã đầy (552 5.2.2)\n\n----- Thư gốc -----\n"+returned),
			Report{"failed", "5.2.2", "vanthu@sct.example.vn", "Lý do: hộp thư đã đầy (552 5.2.2)", []string{mac}}},
		{"Vietnamese, without marks, from a postmaster", "From: postmaster@sct.example.vn\r\nTo: vanthu@snv.example.vn\r\nSubject: Thu khong duoc chuyen di\r\n\r\nNguoi nhan vanthu@sct.example.vn khong ton tai.\r\n",
			Report{"failed", "", "", "", []string{}}},
		{"our message returned by a robot of another name", "From: no-reply@mail.sct.example.vn\r\nTo: vanthu+gl-1@snv.example.vn\r\nSubject: Thong bao\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nYour mail could not be delivered to <vanthu@sct.example.vn>\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + strings.ReplaceAll(returned, "\n", "\r\n") + "--b--\r\n",
			Report{"failed", "", "", "", []string{mac}}},
		{"sendmail's null path", "Return-Path: <MAILER-DAEMON@mx.example.vn>\r\nFrom: Mail Admin <mail@mx.example.vn>\r\nTo: vanthu@snv.example.vn\r\nSubject: Returned mail: Host unknown\r\n\r\n   ----- The following addresses had delivery problems -----\r\n<vanthu@sct.example.vn>  (unrecoverable error)\r\n",
			Report{"failed", "", "vanthu@sct.example.vn", "", []string{}}},
		{"relayed well, by the subject", bounceMail("From: postmaster@sct.example.vn\r\nSubject: Successful Mail Delivery Report", "Your message was successfully delivered.\n\nvanthu@sct.example.vn\n"),
			Report{"delivered", "", "vanthu@sct.example.vn", "", []string{}}},
	} {
		m := parseString(c.raw)
		checkMessage(t, m)
		if m.Kind != Bounce || !m.NeverAnswer {
			t.Errorf("%s: %s, never %v (%s)", c.name, m.Kind, m.NeverAnswer, m.WhyNever)
		}
		if got := m.Report; got.Action != c.want.Action || got.Status != c.want.Status || got.Recipient != c.want.Recipient || got.Diagnostic != c.want.Diagnostic ||
			strings.Join(got.Original, " ") != strings.Join(c.want.Original, " ") {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestPersonAboutBounce keeps people answerable who write about failures, or send them on.
func TestPersonAboutBounce(t *testing.T) {
	const head = "Return-Path: <lan@sct.example.vn>\r\nFrom: Trần Thị Lan <lan@sct.example.vn>\r\nTo: vanthu@snv.example.vn\r\nContent-Type: text/plain; charset=utf-8\r\n"
	const inner = "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.vn>\r\nTo: lan@sct.example.vn\r\nSubject: Undelivered Mail Returned to Sender\r\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nIt could not be delivered: 550 5.1.1\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; x@y.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n--r--\r\n"
	mixed := func(subject, text, parts string) string {
		return strings.Replace(head, "text/plain; charset=utf-8", "multipart/mixed; boundary=b", 1) + "Subject: " + subject + "\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n" + parts + "--b--\r\n"
	}
	for name, raw := range map[string]string{
		"subject about it":              head + "Subject: Về việc không gửi được văn bản\r\n\r\nĐề nghị Sở kiểm tra lại hộp thư, thư gửi ngày 05/11 không gửi được.",
		"subject about rejection":       head + "Subject: Undeliverable mail from your server\r\n\r\nKính gửi Sở Nội vụ, thư bị trả lại với mã 550 5.1.1, Message-ID: <a@b>",
		"a letter with the whole error": head + "Subject: Loi gui thu\r\n\r\nChào anh, em gửi thư bị báo 'could not be delivered', 550 5.1.1.\r\nMessage-ID: <x@y>",
		"forwarded inline":              head + "Subject: Fwd: Undelivered Mail Returned to Sender\r\n\r\nNhờ xem giúp.\r\n\r\nunable to deliver: 550 5.1.1\r\nMessage-ID: <x@y>",
		"forwarded as a message":        mixed("Fwd: Undelivered Mail Returned to Sender", "Nhờ anh xem.", "--b\r\nContent-Type: message/rfc822\r\n\r\n"+inner),
		"attached under own subject":    mixed("Không gửi được thư cho Sở Y tế", "Đề nghị hỗ trợ, thư không gửi được.", "--b\r\nContent-Type: message/rfc822\r\n\r\n"+inner),
		"its parts sent on":             mixed("Fwd: Undelivered Mail Returned to Sender", "Nhờ anh xem.", "--b\r\nContent-Type: message/delivery-status; name=\"details.txt\"\r\nContent-Disposition: attachment\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"),
		"a receipt sent on":             mixed("Fwd: Read: x", "Nhờ anh xem.", "--b\r\nContent-Type: message/disposition-notification\r\nContent-Disposition: attachment\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"),
		"our mail sent back by a person": mixed("Về việc không gửi được văn bản", "Đề nghị kiểm tra: văn bản kèm theo không gửi được qua trục.",
			"--b\r\nContent-Type: message/rfc822\r\n\r\n"+strings.ReplaceAll(returned, "\n", "\r\n")),
		"a rejection that is a decision": head + "Subject: Rejected: request 12\r\n\r\nThe request was rejected by the council.",
	} {
		if m := parseString(raw); m.Kind != Normal || m.NeverAnswer {
			t.Errorf("%s: %s, never answered because of %s", name, m.Kind, m.WhyNever)
		}
	}
}
