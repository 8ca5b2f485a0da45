package evidence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
)

// reason is why the last proof of a method counts for nothing.
func reason(proofs []bridge.Proof, method string) string {
	for i := len(proofs) - 1; i >= 0; i-- {
		if proofs[i].Method == method {
			return proofs[i].Reason
		}
	}
	return "no such proof"
}

func TestVerify(t *testing.T) {
	w := newWorld(t)
	with := func(mail, field, value string) string { // puts a field in the place of another one
		head, body, _ := strings.Cut(mail, "\r\n\r\n")
		lines := strings.Split(head, "\r\n")
		for i, l := range lines {
			if strings.HasPrefix(l, field+":") {
				lines[i] = field + ": " + value
			}
		}
		return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
	}
	good := w.signed(plainMail(), fromDomain)
	ours := "Authentication-Results: mx.quangtri.gov.vn; "
	for _, c := range []struct {
		name, raw string
		want      policy.Identity
		method    string
		reason    string
	}{
		{"signed by the domain", good, policy.IdentityDKIM, "dkim", ""},
		{"our server and its fields on top", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", "203.0.113.1") + good, policy.IdentityDKIM, "spf", ReasonNotPassed},
		{"signed by the organisation", w.signed(plainMail(), "quangtri.gov.vn"), policy.IdentityDKIM, "dkim", ""},
		{"signed by a stranger", w.signed(plainMail(), "evil.example"), policy.IdentityFrom, "dkim", ReasonUnaligned},
		{"a stranger and the domain", w.signed(good, "evil.example"), policy.IdentityDKIM, "dkim", ""},
		{"subject changed", with(good, "Subject", "khac"), policy.IdentityFrom, "dkim", ReasonInvalid},
		{"body appended", good + "them\r\n", policy.IdentityFrom, "dkim", ReasonInvalid},
		{"sent again to us, signed for others", w.signed(with(plainMail(), "To", "vanthu@noikhac.example"), fromDomain), policy.IdentityFrom, "dkim", ReasonRecipient},
		{"sent again with another To that was not signed", with(w.signed(plainMail(), fromDomain, "From", "Subject", "Content-Type"), "To", ourAddr), policy.IdentityFrom, "dkim", ReasonUnsigned},
		{"subject not signed", w.signed(plainMail(), fromDomain, "From", "To", "Content-Type"), policy.IdentityFrom, "dkim", ReasonUnsigned},
		{"a second subject on top", "Subject: khac\r\n" + good, policy.IdentityFrom, "dkim", ReasonUnsigned},
		{"To not signed, from a host of the domain", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("a.example", clientIP) + w.signed(plainMail(), fromDomain, "From", "Subject", "Content-Type"), policy.IdentityDKIM, "dkim", ""},
		{"To not signed, our server passed the envelope", ours + "spf=pass smtp.mailfrom=" + fromDomain + "\r\n" + w.entry("a.example", "203.0.113.1") + w.signed(plainMail(), fromDomain, "From", "Subject", "Content-Type"), policy.IdentityDKIM, "dkim", ""},
		{"written to others, from a host of the domain", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("a.example", clientIP) + w.signed(with(plainMail(), "To", "vanthu@noikhac.example"), fromDomain), policy.IdentityDKIM, "dkim", ""},
		{"kind not signed, boundary at the first line", w.signed(plainMail(), fromDomain, "From", "To", "Subject"), policy.IdentityDKIM, "dkim", ""},
		{"kind not signed, another boundary", with(w.signed(plainMail(), fromDomain, "From", "To", "Subject"), "Content-Type", "multipart/mixed; boundary=y"), policy.IdentityFrom, "dkim", ReasonUnsigned},
		{"length tag", w.resigned(plainMail(), fromDomain, "l=20; "), policy.IdentityFrom, "dkim", ReasonLength},
		{"made by hand", w.resigned(plainMail(), fromDomain, ""), policy.IdentityDKIM, "dkim", ""},
		{"expired", w.resigned(plainMail(), fromDomain, "x=1700000000; "), policy.IdentityFrom, "dkim", ReasonInvalid},
		{"from the future", w.resigned(plainMail(), fromDomain, "t=9900000000; "), policy.IdentityFrom, "dkim", ReasonFuture},
		{"a bare CR in the header", "X-A: b\rFrom: <x@evil.example>\r\n" + good, policy.IdentityFrom, "dkim", ReasonUneven},
		{"our server says that it is none", ours + "dkim=none; dmarc=none\r\n" + w.entry("a.example", "203.0.113.1") + good, policy.IdentityFrom, "dkim", "no such proof"},
		{"our server could not tell", ours + "dkim=temperror; dmarc=temperror\r\n" + w.entry("a.example", "203.0.113.1") + good, policy.IdentityDKIM, "dkim", ""},
		{"our server is sure already", ours + "dmarc=pass header.from=" + fromDomain + "\r\n" + w.entry("a.example", "203.0.113.1") + good, policy.IdentityDMARC, "dkim", "no such proof"},
		{"too many blank lines", strings.Replace(good, "%PDF-1.4", strings.Repeat("\r\n", maxBlank+1)+"%PDF-1.4", 1), policy.IdentityFrom, "dkim", ReasonBlank},

		{"SPF", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", clientIP) + plainMail(), policy.IdentitySPF, "spf", ""},
		{"SPF of another host", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", "203.0.113.1") + plainMail(), policy.IdentityFrom, "spf", ReasonNotPassed},
		{"SPF, the path below our field", w.entry("a.example", clientIP) + "Return-Path: <" + fromAddr + ">\r\n" + plainMail(), policy.IdentityFrom, "spf", "no such proof"},
		{"SPF, two addresses noted", "Return-Path: <" + fromAddr + ">\r\n" + strings.Replace(w.entry("a.example", "203.0.113.1"), "(a.example", "(x ["+clientIP+"]) (a.example", 1) + plainMail(), policy.IdentityFrom, "spf", "no such proof"},
		{"SPF, quoted local part", "Return-Path: <\"a@b\"@" + fromDomain + ">\r\n" + w.entry("a.example", clientIP) + plainMail(), policy.IdentityFrom, "spf", ReasonEnvelope},
		{"SPF of another domain", "Return-Path: <a@evil.example>\r\n" + w.entry("a.example", clientIP) + plainMail(), policy.IdentityFrom, "spf", ReasonUnaligned},
		{"SPF, our server said fail", ours + "spf=fail smtp.mailfrom=" + fromAddr + "\r\nReturn-Path: <" + fromAddr + ">\r\n" + w.entry("a.example", clientIP) + plainMail(), policy.IdentityFrom, "spf", "no such proof"},

		{"ARC", w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), policy.IdentityDMARC, "arc", ""},
		{"ARC, SPF at the forwarder", w.sealed(plainMail(), "chuyentiep.example.vn", "spf=pass smtp.mailfrom="+fromAddr, "none", 1), policy.IdentitySPF, "arc", ""},
		{"ARC against our server", ours + "dmarc=fail header.from=" + fromDomain + "\r\n" + w.entry("fw.example", "203.0.113.1") + w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), policy.IdentityDMARC, "arc", ""},
		{"ARC of a stranger", w.sealed(plainMail(), "la.example", "dmarc=pass header.from="+fromDomain, "none", 1), policy.IdentityFrom, "arc", ReasonForwarder},
		{"ARC, then a stranger", w.sealed(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), "la.example", "arc=pass", "pass", 2), policy.IdentityFrom, "arc", ReasonForwarder},
		{"a stranger, then ARC", w.sealed(w.sealed(plainMail(), "la.example", "dmarc=pass header.from="+fromDomain, "none", 1), "chuyentiep.example.vn", "dmarc=fail header.from="+fromDomain, "pass", 2), policy.IdentityFrom, "arc", ReasonNothing},
		{"ARC twice", w.sealed(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), "chuyentiep.example.vn", "dmarc=fail", "pass", 2), policy.IdentityDMARC, "arc", ""},
		{"ARC says that the chain was broken", w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "fail", 1), policy.IdentityFrom, "arc", ReasonChain},
		{"ARC, results changed", strings.Replace(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=fail header.from="+fromDomain, "none", 1), "dmarc=fail", "dmarc=pass", 1), policy.IdentityFrom, "arc", ReasonChain},
		{"ARC, body changed", w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1) + "x\r\n", policy.IdentityFrom, "arc", ReasonChain},
		{"ARC, From changed", with(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), "From", "<khac@"+fromDomain+">"), policy.IdentityFrom, "arc", ReasonChain},
		{"ARC about another domain", w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from=evil.example", "none", 1), policy.IdentityFrom, "arc", ReasonNothing},
		{"ARC, a set missing", w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "pass", 2), policy.IdentityFrom, "arc", ReasonChain},

		{"S/MIME, from a host of the domain", "Return-Path: <" + fromAddr + ">\r\n" + w.entry("a.example", clientIP) + w.smime(plainMail(), w.user, w.userKey, w.now), policy.IdentitySignature, "smime", ""},
		{"S/MIME with its header under it", w.smime(protect(plainMail()), w.user, w.userKey, w.now), policy.IdentitySignature, "smime", ""},
		{"S/MIME from anywhere", w.smime(plainMail(), w.user, w.userKey, w.now), policy.IdentityFrom, "smime", ReasonAgain},
		{"S/MIME, its header names another sender", w.smime(strings.Replace(protect(plainMail()), "Inside-From: ", "Inside-From: <khac@"+fromDomain+">\r\nInside-X-From: ", 1), w.user, w.userKey, w.now), policy.IdentityFrom, "smime", ReasonAgain},
		{"S/MIME, its header names two senders", w.smime(strings.Replace(protect(plainMail()), "Inside-From: ", "Inside-From: <khac@"+fromDomain+">\r\nInside-From: ", 1), w.user, w.userKey, w.now), policy.IdentityFrom, "smime", ReasonAgain},
		{"S/MIME above DKIM", w.signed(w.smime(plainMail(), w.user, w.userKey, w.now), fromDomain), policy.IdentitySignature, "smime", ""},
		{"S/MIME, our server says forged", ours + "dmarc=fail header.from=" + fromDomain + "\r\n" + w.entry("a.example", "203.0.113.1") + w.smime(plainMail(), w.user, w.userKey, w.now), policy.IdentityFrom, "smime", ReasonContrary},
		{"S/MIME, content changed", strings.Replace(w.smime(plainMail(), w.user, w.userKey, w.now), "Kinh gui", "Kinh gUi", 1), policy.IdentityFrom, "smime", ReasonInvalid},
		{"S/MIME of long ago", w.smime(plainMail(), w.user, w.userKey, w.now.AddDate(0, -1, 0)), policy.IdentityFrom, "smime", ReasonSigningDay},
		{"S/MIME without a time", w.smime(plainMail(), w.user, w.userKey, time.Time{}), policy.IdentityFrom, "smime", ReasonSigningDay},
		{"S/MIME of another address", with(w.smime(plainMail(), w.user, w.userKey, w.now), "From", "<khac@"+fromDomain+">"), policy.IdentityFrom, "smime", ReasonAddress},
		{"S/MIME with a part behind it", strings.Replace(w.smime(plainMail(), w.user, w.userKey, w.now), "--s--", "--s\r\nContent-Type: application/pdf; name=99_SNV.pdf\r\n\r\n%PDF-1.4\r\n--s--", 1), policy.IdentityFrom, "smime", ReasonPart},
		{"S/MIME forwarded inside", "From: <" + fromAddr + ">\r\nTo: " + ourAddr + "\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" +
			w.smime(plainMail(), w.user, w.userKey, w.now) + "\r\n--o--\r\n", policy.IdentityFrom, "smime", ReasonPart},
	} {
		ev := w.look(c.raw)
		if ev.Identity != c.want || reason(ev.Proofs, c.method) != c.reason || ev.Pending || ev.IdentityBy == "" {
			t.Errorf("%s: %s (%s), want %s with %s %q; %+v %v", c.name, ev.Identity, ev.IdentityBy, c.want, c.method, c.reason, ev.Proofs, ev.Pending)
		}
	}
}

// A signature counts that held when the mail came, also when it has run out since; and only when all else is right.
func TestRanOutSince(t *testing.T) {
	w := newWorld(t)
	expires := w.now.Add(-time.Hour)
	tag := fmt.Sprintf("t=%d; x=%d; ", expires.AddDate(0, 0, -7).Unix(), expires.Unix())
	good := w.resigned(plainMail(), fromDomain, tag)
	for _, c := range []struct {
		name, raw string
		came      time.Time
		change    string // key record
		want      policy.Identity
		reason    string
	}{
		{"came before", good, expires.Add(-time.Minute), "", policy.IdentityDKIM, ""},
		{"came at the last moment", good, expires, "", policy.IdentityDKIM, ""},
		{"came after", good, expires.Add(time.Second), "", policy.IdentityFrom, ReasonInvalid},
		{"body changed", good + "x\r\n", expires.Add(-time.Minute), "", policy.IdentityFrom, ReasonInvalid},
		{"subject changed", strings.Replace(good, "Subject: ", "Subject: 9", 1), expires.Add(-time.Minute), "", policy.IdentityFrom, ReasonInvalid},
		{"written to others", w.resigned(strings.Replace(plainMail(), ourAddr, "a@b.example", 1), fromDomain, tag), expires.Add(-time.Minute), "", policy.IdentityFrom, ReasonRecipient},
		{"key revoked", good, expires.Add(-time.Minute), "v=DKIM1; p=", policy.IdentityFrom, ReasonInvalid},
		{"key on trial", good, expires.Add(-time.Minute), w.dns.records["TXT s._domainkey."+fromDomain][0] + "; t=y", policy.IdentityFrom, ReasonInvalid},
	} {
		name := "TXT s._domainkey." + fromDomain
		before := w.dns.records[name]
		if c.change != "" {
			w.dns.records[name] = []string{c.change}
		}
		ev, err := w.verifier.Identify(t.Context(), Mail{Raw: strings.NewReader(c.raw), Size: int64(len(c.raw)), Header: 1 << 18, Message: w.parse(c.raw), At: c.came}, nil)
		if err != nil || ev.Identity != c.want || reason(ev.Proofs, "dkim") != c.reason {
			t.Errorf("%s: %s, want %s with %q; %+v %v", c.name, ev.Identity, c.want, c.reason, ev.Proofs, err)
		}
		w.dns.records[name] = before
	}
}
