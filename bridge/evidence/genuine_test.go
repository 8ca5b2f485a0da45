package evidence

import (
	"bytes"
	"crypto"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/giaolien/giaolien/bridge"
)

// honest is a way by which an agency writes to us. v is its address, d its domain, m its mail.
type honest struct {
	name string
	spf  bool // proves no more than SPF
	make func(c *court, v, d, m string) string
}

// foreign is a host of which nobody's record says anything good.
const foreign = "203.0.113.1"

func honestWays() []honest {
	results := "Authentication-Results: mx.quangtri.gov.vn; "
	return []honest{
		{"DKIM verified here", false, func(c *court, v, d, m string) string { return c.entry("mail."+d, foreign) + c.signed(m, d) }},
		{"DKIM of the province", false, func(c *court, v, d, m string) string {
			return c.entry("mail."+d, foreign) + c.signed(m, "quangtri.gov.vn")
		}},
		{"DMARC by our server", false, func(c *court, v, d, m string) string {
			return results + "dmarc=pass (p=none) header.from=" + d + "\r\n" + c.entry("mail."+d, clientIP) + m
		}},
		{"DKIM by our server, two signatures", false, func(c *court, v, d, m string) string {
			return results + "dkim=fail header.d=la.example; dkim=pass (2048-bit key; unprotected) header.d=" + d + "\r\n" + c.entry("mail."+d, clientIP) + m
		}},
		{"DKIM by our server of a sibling, as a record of DMARC allows", false, func(c *court, v, d, m string) string {
			c.dns.records["TXT _dmarc."+d] = []string{"v=DMARC1; p=none"}
			return results + "dkim=pass header.d=thu.quangtri.gov.vn\r\n" + c.entry("mail."+d, clientIP) + m
		}},
		{"SPF found here", true, func(c *court, v, d, m string) string {
			return "Return-Path: <" + v + ">\r\n" + c.entry("mail."+d, clientIP) + m
		}},
		{"SPF found here, by Exim", true, func(c *court, v, d, m string) string {
			return strings.TrimPrefix(c.atExim("["+clientIP+"] (helo=mail."+d+")", v), "\x04") + m
		}},
		{"SPF found here, where our server only looks at signatures", true, func(c *court, v, d, m string) string {
			return "Return-Path: <" + v + ">\r\n" + results + "dkim=none\r\n" + c.entry("mail."+d, clientIP) + m
		}},
		{"logged in at our server", false, func(c *court, v, d, m string) string {
			return "Received: from pc (pc [203.0.113.5]) (Authenticated sender: " + v + ") by mx.quangtri.gov.vn (Postfix) with ESMTPSA id 1; " + c.now.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n" + m
		}},
		{"S/MIME, from a host of the domain", false, func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return "Return-Path: <" + v + ">\r\n" + c.entry("mail."+d, clientIP) + c.smime(m, cert, key, c.now)
		}},
		{"S/MIME with its header under it", false, func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.entry("mail."+d, foreign) + c.smime(protect(m), cert, key, c.now)
		}},
		{"forwarded by a listed forwarder", false, func(c *court, v, d, m string) string {
			return c.entry("mail.chuyentiep.example.vn", foreign) + c.sealed(m, "chuyentiep.example.vn", dmarcPass(d), "none", 1)
		}},
		{"forwarded by a listed forwarder with a record", false, func(c *court, v, d, m string) string {
			return c.entry("mail.forward.example.vn", forwarderIP) + c.sealed(m, "forward.example.vn", dmarcPass(d), "none", 1)
		}},
		{"a blind copy, from a host of the domain", false, func(c *court, v, d, m string) string {
			return "Return-Path: <" + v + ">\r\n" + c.entry("mail."+d, clientIP) + c.signed(c.replace(m, ourAddr, "ai@noikhac.example"), d)
		}},
	}
}

// system is a mail program with its signature as it is in use: which fields it signs, in what form, and what it makes of header and body.
type system struct {
	name         string
	head, body   dkim.Canonicalization
	signs        string // names of fields
	change       func(m string) string
	hosted       bool // needs that the host is one of the domain's: it does not sign To
	afterSigning func(m string) string
}

// systems are those that offices use. What they sign was read off mails that they sent.
func systems() []system {
	simple, relaxed := dkim.CanonicalizationSimple, dkim.Canonicalization(dkim.CanonicalizationRelaxed)
	preamble := func(text string) func(string) string {
		return func(m string) string {
			return strings.Replace(m, "\r\n\r\n--x\r\n", "\r\n\r\n"+text+"\r\n\r\n--x\r\n", 1)
		}
	}
	return []system{
		{"Gmail", relaxed, relaxed, "To:Subject:Message-ID:Date:From:MIME-Version:From:To:Cc:Subject:Date:Message-ID:Reply-To", nil, false, nil},
		{"Exchange Online", relaxed, relaxed, "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck", nil, true, nil},
		{"Zimbra with OpenDKIM", relaxed, relaxed, "Date:From:To:Message-ID:In-Reply-To:References:Subject:MIME-Version:Content-Type", nil, false, nil},
		{"Postfix with OpenDKIM, simple body", relaxed, simple, "From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:In-Reply-To:References", nil, false, nil},
		{"Postfix with OpenDKIM, all simple", simple, simple, "From:To:Subject:Date:Content-Type", nil, false, nil},
		{"OpenDKIM that signs more often than there are fields", relaxed, relaxed, "From:From:To:To:Cc:Cc:Subject:Subject:Date:Date:Content-Type:Content-Type:Content-Transfer-Encoding:Content-Transfer-Encoding", nil, false, nil},
		{"amavis, as iRedMail has it", relaxed, simple, "Content-Type:MIME-Version:X-Mailer:Message-ID:Subject:To:From:Date", preamble("This is a multi-part message in MIME format."), false, nil},
		{"rspamd", relaxed, relaxed, "From:From:Reply-To:Subject:Subject:Date:Date:Message-ID:Message-ID:To:To:Cc:MIME-Version:MIME-Version:Content-Type:Content-Type", nil, false, nil},
		{"MDaemon", simple, relaxed, "From:To:Date:Subject:Message-ID:MIME-Version:Content-Type", preamble("This is a multi-part message in MIME format."), false, nil},
		{"Exchange 2016 with an agent", relaxed, relaxed, "From:Subject:Date:Message-ID:To:MIME-Version:Content-Type", func(m string) string {
			return strings.Replace(m, "multipart/mixed; boundary=x", "multipart/mixed;\r\n\tboundary=\"x\"", 1)
		}, false, nil},
		{"a long header, folded anew by a gateway", relaxed, relaxed, "From:To:Subject:Date:Message-ID:Content-Type", func(m string) string {
			return strings.Replace(m, "Subject: Cong van", "Subject: Cong van ve viec cu can bo tham gia tap huan su dung he thong quan ly van ban", 1)
		}, false, func(m string) string {
			m = strings.Replace(m, "tham gia tap huan", "tham gia\r\n\ttap  huan", 1)
			return strings.Replace(strings.Replace(m, "\r\nTo: ", "\r\nTO:   ", 1), "multipart/mixed; boundary=x", "multipart/mixed;\r\n boundary=x", 1)
		}},
		{"a gateway that adds fields of its own", relaxed, relaxed, "From:To:Subject:Date:Message-ID:Content-Type", nil, false, func(m string) string {
			return "X-Spam-Status: No, score=-1.9 tests=BAYES_00,DKIM_VALID\r\n\tautolearn=ham\r\nX-Virus-Scanned: clean\r\nX-Original-To: " + ourAddr + "\r\n" + m
		}},
		{"a gateway that takes white space from the ends of lines", relaxed, relaxed, "From:To:Subject:Date:Content-Type", func(m string) string {
			return strings.Replace(m, "Kinh gui.", "Kinh gui.  \r\n \r\n", 1)
		}, false, func(m string) string { return strings.Replace(m, "Kinh gui.  \r\n \r\n", "Kinh gui.\r\n\r\n", 1) }},
	}
}

// signedBy is a mail as a system sends it.
func (s system) signedBy(c *court, mail, domain string) string {
	c.t.Helper()
	if s.change != nil {
		mail = s.change(mail)
	}
	var out bytes.Buffer
	err := dkim.Sign(&out, strings.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: c.key, Hash: crypto.SHA256,
		HeaderCanonicalization: s.head, BodyCanonicalization: s.body, HeaderKeys: strings.Split(s.signs, ":")})
	if err != nil {
		c.t.Fatal(err)
	}
	if s.afterSigning != nil {
		return s.afterSigning(out.String())
	}
	return out.String()
}

// TestGenuineIdentities: the same agencies by honest ways are decided at once, and answered at their own address.
func TestGenuineIdentities(t *testing.T) {
	ways := honestWays()
	for _, s := range systems() {
		host := foreign
		if s.hosted {
			host = clientIP
		}
		ways = append(ways, honest{s.name, false, func(c *court, v, d, m string) string {
			return "Return-Path: <" + v + ">\r\n" + c.entry("mail."+d, host) + s.signedBy(c, m, d)
		}})
	}
	n := 0
	for _, way := range ways {
		c := newCourt(t)
		for _, v := range victims {
			if way.spf && v.group != "spf" { // elsewhere a person decides
				continue
			}
			for range 3 {
				d := v.id + ".quangtri.gov.vn"
				address := "vanthu@" + d
				n++
				o := c.judge(way.make(c, address, d, mailFrom("<"+address+">", 300+n)))
				want := bridge.Registered
				if v.group == "tu-choi" {
					want = bridge.Refused
				}
				if o.State != want || o.Notice == nil || o.Notice.To != address {
					t.Errorf("%s, %s: %s %s, %s by %s, silence %s, %v", way.name, v.id, o.State, o.Reason, o.Evidence.Identity, o.Evidence.IdentityBy, o.Silence, o.Evidence.Proofs)
				}
			}
		}
	}
	if n < 300 {
		t.Errorf("only %d genuine mails", n)
	}
	t.Logf("%d genuine identities, all decided and answered", n)
}
