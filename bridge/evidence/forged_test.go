package evidence

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// Rules of every kind that forgers may aim at: accepted by default, warned, refused, accepted on SPF alone, exempt.
const identityRules = `title = "Thử"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"
[[rule]]
id = "nhac"
title = "Gửi qua Hệ thống"
legal = "Công văn 00/UBND-VP"
channels = ["email"]
[rule.sender]
groups = ["nhac", "mien"]
[[rule.phase]]
from = 2020-01-01
verdict = "warn"
[[rule]]
id = "tu-choi"
title = "Gửi qua Hệ thống"
legal = "Công văn 00/UBND-VP"
channels = ["email"]
[rule.sender]
groups = ["tu-choi"]
[[rule.phase]]
from = 2020-01-01
verdict = "reject"
[[rule]]
id = "spf"
title = "Cơ quan chỉ có SPF"
channels = ["email"]
min_identity = "spf"
[rule.sender]
groups = ["spf"]
[[rule.phase]]
from = 2020-01-01
verdict = "accept"
[[exemption]]
agency = "stp"
until = 2100-01-01
reason = "chưa có tài khoản"
approved_by = "Văn phòng"
`

// victims are the agencies in whose name is written; their domains share that of the province.
var victims = []struct{ id, group, notation string }{{"snv", "thuong", "SNV"}, {"syt", "nhac", "SYT"}, {"sct", "tu-choi", "SCT"}, {"thue", "spf", "CT"}, {"stp", "mien", "STP"}}

const forwarderIP = "198.51.100.40"

// court is the world with rules and a directory.
type court struct {
	*world
	knowledge *bridge.Knowledge
}

func newCourt(t *testing.T) *court {
	t.Helper()
	w := newWorld(t)
	agencies := "id,name,level,groups,addresses,domains,ready_since\n"
	record := w.dns.records["TXT s._domainkey."+fromDomain]
	for _, v := range victims {
		d := v.id + ".quangtri.gov.vn"
		agencies += fmt.Sprintf("%s,Cơ quan %s,province,%s,vanthu@%s,%s,2019-01-01\n", v.id, v.id, v.group, d, d)
		w.dns.records["TXT s._domainkey."+d] = record
		w.dns.records["TXT "+d] = []string{"v=spf1 ip4:" + clientIP + " -all"}
	}
	w.dns.records["TXT s._domainkey.forward.example.vn"] = record // a forwarder whose record names its hosts
	w.dns.records["TXT forward.example.vn"] = []string{"v=spf1 ip4:" + forwarderIP + " -all"}
	w.verifier.Trust.Forwarders = append(w.verifier.Trust.Forwarders, "forward.example.vn")
	rules, _, err := policy.ReadRules("rules.toml", []byte(identityRules))
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := directory.Read("agencies.csv", []byte(agencies))
	if err != nil {
		t.Fatal(err)
	}
	k, err := bridge.NewKnowledge(rules, dir, bridge.Settings{Program: "test", TrustedHops: []string{"mx.quangtri.gov.vn"}, AuthservIDs: []string{"mx.quangtri.gov.vn"},
		Limits: parser.DefaultLimits, OwnAddresses: []string{ourAddr}, Mode: notice.ModeSend, Receipts: true, Neutral: true,
		Receivers: []bridge.Receiver{{ID: "ubnd", Name: "Văn phòng UBND tỉnh", From: ourAddr, ReturnPath: "vanthu+{token}@ubnd.quangtri.gov.vn"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &court{w, k}
}

// judge takes a raw mail the whole way, as the worker does.
func (c *court) judge(raw string) bridge.Outcome {
	c.t.Helper()
	ev := c.look(raw)
	r := bridge.Receipt{ID: "GL-2026-0000001", Receiver: "ubnd", Channel: bridge.Email, Raw: sha256.Sum256([]byte(raw)), Size: int64(len(raw)), InternalDate: c.now, FetchedAt: c.now}
	return bridge.Process(r, strings.NewReader(raw), ev, bridge.History{}, c.knowledge)
}

// forgery is a way to write in somebody's name. mail is one from the victim v of the domain d; evil is how a mail of the forger's own enters.
type forgery struct {
	name string
	make func(c *court, v, d, mail string) string
}

// replace puts one text in the place of another, which must be there.
func (c *court) replace(s, old, new string) string {
	c.t.Helper()
	if !strings.Contains(s, old) {
		c.t.Fatalf("%q is not there", old)
	}
	return strings.Replace(s, old, new, 1)
}

const evil = "x@evil.example"

// evilFrom is the same mail from another sender.
func (c *court) evilFrom(mail, v, from string) string {
	return c.replace(mail, "From: <"+v+">", "From: "+from)
}

// dmarcPass is what a forger wants to be read.
func dmarcPass(d string) string { return "dmarc=pass header.from=" + d + "; dkim=pass header.d=" + d }

func forgeries() []forgery {
	results := "Authentication-Results: mx.quangtri.gov.vn; "
	return []forgery{
		{"a mere From", func(c *court, v, d, m string) string { return m }},
		{"two From, the victim first", func(c *court, v, d, m string) string { return c.replace(m, "To:", "From: <"+evil+">\r\nTo:") }},
		{"two From, signed by the other", func(c *court, v, d, m string) string {
			return "From: <" + v + ">\r\n" + c.signed(c.evilFrom(m, v, "<"+evil+">"), "evil.example")
		}},
		{"two mailboxes", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<"+v+">, <"+evil+">"), "evil.example")
		}},
		{"a group", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "So: <"+v+">, <"+evil+">;"), "evil.example")
		}},
		{"display name", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, `"`+v+`" <`+evil+`>`), "evil.example")
		}},
		{"display name with brackets", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, `"<`+v+`>" <`+evil+`>`), "evil.example")
		}},
		{"encoded display name", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "=?utf-8?q?"+strings.NewReplacer("@", "=40", ".", "=2E").Replace(v)+"?= <"+evil+">"), "evil.example")
		}},
		{"quoted local part", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, `<"`+v+`"@evil.example>`), "evil.example")
		}},
		{"comment after the address", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, evil+" ("+v+")"), "evil.example")
		}},
		{"route before the address", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<@"+d+":"+evil+">"), "evil.example")
		}},
		{"the domain in front of another", func(c *court, v, d, m string) string {
			c.dns.records["TXT s._domainkey."+d+".evil.example"] = c.dns.records["TXT s._domainkey.evil.example"]
			return c.signed(c.evilFrom(m, v, "<"+v+".evil.example>"), d+".evil.example")
		}},
		{"homograph", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<"+strings.Replace(v, "quangtri", "quаngtri", 1)+">"), "evil.example")
		}},
		{"mixed scripts in the local part", func(c *court, v, d, m string) string {
			return c.evilFrom(m, v, "<"+strings.Replace(v, "a", "а", 1)+">")
		}},
		{"A-labels that look alike", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<"+strings.Replace(v, "quangtri", "xn--qungtri-6fg", 1)+">"), "evil.example")
		}},
		{"Reply-To", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<"+evil+">\r\nReply-To: <"+v+">"), "evil.example")
		}},
		{"Sender", func(c *court, v, d, m string) string {
			return c.signed(c.evilFrom(m, v, "<"+evil+">\r\nSender: <"+v+">"), "evil.example")
		}},
		{"signed by the forger", func(c *court, v, d, m string) string { return c.signed(m, "evil.example") }},
		{"signed by a sibling of the organisation", func(c *court, v, d, m string) string {
			c.dns.records["TXT s._domainkey.xa.quangtri.gov.vn"] = c.dns.records["TXT s._domainkey.evil.example"]
			return c.signed(m, "xa.quangtri.gov.vn")
		}},
		{"signed below the domain", func(c *court, v, d, m string) string {
			c.dns.records["TXT s._domainkey.x."+d] = c.dns.records["TXT s._domainkey.evil.example"]
			return c.signed(m, "x."+d)
		}},
		{"i= of the victim", func(c *court, v, d, m string) string { return c.resigned(m, "evil.example", "i="+v+"; ") }},
		{"length tag, text appended", func(c *court, v, d, m string) string { return c.resigned(m, d, "l=40; ") + "Them vao\r\n" }},
		{"From not signed", func(c *court, v, d, m string) string {
			return c.resigned(m, d, "", "to", "subject", "content-type")
		}},
		{"To not signed, sent to us again", func(c *court, v, d, m string) string {
			return c.replace(c.signed(c.replace(m, ourAddr, "ai@noikhac.example"), d, "From", "Subject", "Content-Type"), "ai@noikhac.example", ourAddr)
		}},
		{"signed for others, sent to us again", func(c *court, v, d, m string) string {
			return c.signed(c.replace(m, ourAddr, "ai@noikhac.example"), d)
		}},
		{"signed, text appended", func(c *court, v, d, m string) string { return c.signed(m, d) + "--y\r\n" }},
		{"signed, another number", func(c *court, v, d, m string) string {
			return c.replace(c.signed(m, d), "Subject: Cong van so ", "Subject: Cong van so 9")
		}},
		{"signed, a second subject", func(c *court, v, d, m string) string {
			return "Subject: Cong van so 99/X-VP ve viec khac\r\n" + c.signed(m, d)
		}},
		{"kind not signed, another boundary", func(c *court, v, d, m string) string {
			return c.replace(c.signed(m, d, "From", "To", "Subject"), "boundary=x", "boundary=y")
		}},
		{"expired", func(c *court, v, d, m string) string { return c.resigned(m, d, "x=1600000000; ") }},
		{"SHA-1", func(c *court, v, d, m string) string {
			return c.replace(c.resigned(m, d, ""), "ed25519-sha256", "rsa-sha1")
		}},
		{"two d tags", func(c *court, v, d, m string) string { return c.resigned(m, "evil.example", "d="+d+"; ") }},
		{"key of somebody else", func(c *court, v, d, m string) string { return c.stolen().signed(m, d) }},
		{"a header that can be read twice", func(c *court, v, d, m string) string {
			return "X-A: b\rFrom: <" + v + ">\r\n" + c.signed(c.evilFrom(m, v, "<"+evil+">"), "evil.example")
		}},
		{"results in a comment", func(c *court, v, d, m string) string {
			return "\x01" + results + "spf=fail (mx: domain of \"x; " + dmarcPass(d) + " y=\"@evil.example) smtp.mailfrom=" + evil + "\r\n" + m
		}},
		{"results in a quoted string", func(c *court, v, d, m string) string {
			return "\x01" + results + "spf=fail reason=\"; " + dmarcPass(d) + "\" smtp.mailfrom=" + evil + "\r\n" + m
		}},
		{"results below ours", func(c *court, v, d, m string) string {
			return "\x01" + results + "dmarc=fail header.from=" + d + "\r\n\x02" + results + dmarcPass(d) + "\r\n" + m
		}},
		{"results below a foreign hop", func(c *court, v, d, m string) string {
			return "Received: from a by b.example; " + c.now.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n" + results + dmarcPass(d) + "\r\n" + m
		}},
		{"results of another server", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.evil.example; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results of a server that looks like ours", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.quangtri.gov.vn.evil.example; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results of our server, in another version", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.quangtri.gov.vn 2; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results about another domain", func(c *court, v, d, m string) string {
			return "\x01" + results + "dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example\r\n" + m
		}},
		{"an entry of our own further down", func(c *court, v, d, m string) string {
			return "Received: from pc (pc [10.0.0.1]) (Authenticated sender: " + v + ") by mx.quangtri.gov.vn (Postfix) with ESMTPSA id 1; " + c.now.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n" + m
		}},
		{"envelope of the victim, from elsewhere", func(c *court, v, d, m string) string { return "\x03" + m }},
		{"envelope of the victim, written below", func(c *court, v, d, m string) string { return "Return-Path: <" + v + ">\r\n" + m }},
		{"seal of a stranger", func(c *court, v, d, m string) string { return c.sealed(m, "la.example", dmarcPass(d), "none", 1) }},
		{"seal of a listed forwarder, by another key", func(c *court, v, d, m string) string {
			return c.stolen().sealed(m, "chuyentiep.example.vn", dmarcPass(d), "none", 1)
		}},
		{"seal of a listed forwarder that found it forged", func(c *court, v, d, m string) string {
			return c.sealed(m, "chuyentiep.example.vn", "dmarc=fail header.from="+d, "none", 1)
		}},
		{"seal of a listed forwarder, body changed", func(c *court, v, d, m string) string {
			return c.replace(c.sealed(m, "chuyentiep.example.vn", dmarcPass(d), "none", 1), "%PDF-1.4", "%PDF-1.5")
		}},
		{"seal of a listed forwarder over a stranger's chain", func(c *court, v, d, m string) string {
			return c.sealed(c.sealed(m, "la.example", dmarcPass(d), "none", 1), "chuyentiep.example.vn", "arc=pass; dmarc=fail header.from="+d, "pass", 2)
		}},
		{"S/MIME of another address", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Khác", []string{"khac@" + d}, c.root, c.rootKey)
			return c.smime(m, cert, key, c.now)
		}},
		{"S/MIME of nobody's authority", func(c *court, v, d, m string) string {
			root, by := c.certificate("Giả", nil, nil, nil)
			cert, key := c.certificate("Giả", []string{v}, root, by)
			return c.smime(m, cert, key, c.now)
		}},
		{"S/MIME of last month", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.smime(m, cert, key, c.now.AddDate(0, -1, 0))
		}},
		{"S/MIME around a part only", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.replace(c.smime(m, cert, key, c.now), "\r\n--s--", "\r\n--s\r\nContent-Type: application/pdf; name=98_X-VP.pdf\r\n\r\n%PDF-1.4\r\n--s--")
		}},
	}
}

// stolen is the same world with a key that stands in no record.
func (c *court) stolen() *court {
	c.t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	other := *c.world
	other.key = key
	return &court{&other, c.knowledge}
}

// entered is the mail as our server stored it: a mark in front of the forger's text says where ours stand.
func (c *court) entered(raw, v string) string {
	hop := c.entry("mail.evil.example", "203.0.113.9")
	if top, below, both := strings.Cut(raw, "\x02"); both { // our results stand above our entry, the forger's below
		return "Return-Path: <" + evil + ">\r\n" + strings.TrimPrefix(top, "\x01") + hop + below
	}
	if text, ours := strings.CutPrefix(raw, "\x01"); ours {
		field, rest, _ := strings.Cut(text, "\r\n")
		return "Return-Path: <" + evil + ">\r\n" + field + "\r\n" + hop + rest
	}
	if whole, ours := strings.CutPrefix(raw, "\x04"); ours {
		return whole
	}
	if text, ours := strings.CutPrefix(raw, "\x03"); ours {
		return "Return-Path: <" + v + ">\r\n" + hop + text
	}
	return "Return-Path: <" + evil + ">\r\n" + hop + raw
}

// TestForgedIdentities writes in the name of agencies in every way that is known: none is answered, and none is decided without a person.
func TestForgedIdentities(t *testing.T) {
	c := newCourt(t)
	n := 0
	for _, f := range slices.Concat(forgeries(), moreForgeries()) {
		for i, v := range victims {
			for k := range 2 { // with and without our server's own word about it
				d := v.id + ".quangtri.gov.vn"
				address := "vanthu@" + d
				raw := c.entered(f.make(c, address, d, mailFrom("<"+address+">", 300+10*n+k)), address)
				if k == 1 && !strings.Contains(raw, "Authentication-Results: mx.quangtri.gov.vn; ") {
					raw = "Authentication-Results: mx.quangtri.gov.vn; spf=fail smtp.mailfrom=" + evil + "\r\n" + raw
				}
				n++
				o := c.judge(raw)
				alone := slices.ContainsFunc(o.Records, func(r bridge.RecordOutcome) bool {
					return r.State != bridge.Held && r.Sender.Agency == v.id
				})
				if o.Notice != nil || alone || o.State == bridge.Registered || o.State == bridge.Refused {
					t.Errorf("%s, victim %d, %d: %s %s, %s by %s, notice %v\n%s", f.name, i, k, o.State, o.Reason, o.Evidence.Identity, o.Evidence.IdentityBy, o.Notice != nil, raw)
				}
			}
		}
	}
	if n < 400 {
		t.Errorf("only %d forgeries", n)
	}
	t.Logf("%d forged identities, none answered, none decided alone", n)
}
