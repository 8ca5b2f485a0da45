package evidence

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge/policy"
)

// That DNS does not answer is neither yes nor no.
func TestUnknown(t *testing.T) {
	spfMail := func(w *world) string {
		return "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", clientIP) + plainMail()
	}
	for _, c := range []struct {
		name    string
		change  func(*world)
		raw     func(*world) string
		want    policy.Identity
		method  string
		reason  string
		pending bool
	}{
		{"key of DKIM", func(w *world) { w.dns.silent["s._domainkey."+fromDomain] = true }, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonDNS, true},
		{"no key of DKIM", func(w *world) { delete(w.dns.records, "TXT s._domainkey."+fromDomain) }, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonInvalid, false},
		{"revoked key", func(w *world) { w.dns.records["TXT s._domainkey."+fromDomain] = []string{"v=DKIM1; p="} }, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonInvalid, false},
		{"two keys", func(w *world) {
			n := "TXT s._domainkey." + fromDomain
			w.dns.records[n] = append(w.dns.records[n], w.dns.records[n][0])
		}, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonInvalid, false},
		{"key on trial", func(w *world) { w.dns.records["TXT s._domainkey."+fromDomain][0] += "; t=y" }, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonTest, false},
		{"record of SPF", func(w *world) { w.dns.silent[fromDomain] = true }, spfMail, policy.IdentityFrom, "spf", ReasonDNS, true},
		{"include of SPF", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 include:la.example -all"}
			w.dns.silent["la.example"] = true
		}, spfMail, policy.IdentityFrom, "spf", ReasonDNS, true},
		{"PTR of SPF", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 ptr -all"}
			w.dns.silent["7.100.51.198.in-addr.arpa"] = true
		}, spfMail, policy.IdentityFrom, "spf", ReasonDNS, true},
		{"PTR of SPF that answers", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 ptr -all"}
			w.dns.records["PTR 7.100.51.198.in-addr.arpa"] = []string{"mail." + fromDomain + "."}
			w.dns.records["A mail."+fromDomain] = []string{clientIP}
		}, spfMail, policy.IdentitySPF, "spf", "", false},
		{"MX of SPF", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 mx -all"}
			w.dns.records["MX "+fromDomain] = []string{"mail." + fromDomain + "."}
			w.dns.records["A mail."+fromDomain] = []string{clientIP}
		}, spfMail, policy.IdentitySPF, "spf", "", false},
		{"SPF for everybody", func(w *world) { w.dns.records["TXT "+fromDomain] = []string{"v=spf1 +all"} }, spfMail, policy.IdentityFrom, "spf", ReasonEveryone, false},
		{"SPF for everybody, by include", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 include:la.example -all"}
			w.dns.records["TXT la.example"] = []string{"v=spf1 all"}
		}, spfMail, policy.IdentityFrom, "spf", ReasonEveryone, false},
		{"SPF for everybody, by a network", func(w *world) { w.dns.records["TXT "+fromDomain] = []string{"v=spf1 ip4:0.0.0.0/0 -all"} }, spfMail, policy.IdentityFrom, "spf", ReasonEveryone, false},
		{"SPF for everybody, by two networks", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"}
		}, spfMail, policy.IdentityFrom, "spf", ReasonEveryone, false},
		{"SPF for everybody, by the network of a host", func(w *world) {
			w.dns.records["TXT "+fromDomain] = []string{"v=spf1 a/0 -all"}
			w.dns.records["A "+fromDomain] = []string{"192.0.2.9"}
		}, spfMail, policy.IdentityFrom, "spf", ReasonEveryone, false},
		{"SPF of endless includes", func(w *world) { w.dns.records["TXT "+fromDomain] = []string{"v=spf1 include:" + fromDomain + " -all"} }, spfMail, policy.IdentityFrom, "spf", ReasonNotPassed, false},
		{"DMARC record, another domain of the organisation", func(w *world) { w.dns.silent["_dmarc."+fromDomain] = true }, func(w *world) string { return w.signed(plainMail(), "quangtri.gov.vn") }, policy.IdentityFrom, "dkim", ReasonDNS, true},
		{"strict DMARC", func(w *world) { w.dns.records["TXT _dmarc.quangtri.gov.vn"] = []string{"v=DMARC1; p=reject; adkim=s"} }, func(w *world) string { return w.signed(plainMail(), "quangtri.gov.vn") }, policy.IdentityFrom, "dkim", ReasonStrict, false},
		{"strict DMARC, the very domain", func(w *world) { w.dns.records["TXT _dmarc.quangtri.gov.vn"] = []string{"v=DMARC1; p=reject; adkim=s"} }, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityDKIM, "dkim", "", false},
		{"key of ARC", func(w *world) { w.dns.silent["s._domainkey.chuyentiep.example.vn"] = true }, func(w *world) string {
			return w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1)
		}, policy.IdentityFrom, "arc", ReasonDNS, true},
		{"host of S/MIME", func(w *world) { w.dns.silent[fromDomain] = true }, func(w *world) string {
			return "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", clientIP) + w.smime(plainMail(), w.user, w.userKey, w.now)
		}, policy.IdentityFrom, "smime", ReasonDNS, true},
		{"host of S/MIME, with the header under it", func(w *world) { w.dns.silent[fromDomain] = true }, func(w *world) string {
			return "Return-Path: <" + fromAddr + ">\r\n" + w.entry("mail.snv.quangtri.gov.vn", clientIP) + w.smime(protect(plainMail()), w.user, w.userKey, w.now)
		}, policy.IdentitySignature, "smime", "", false},
		{"host of a forwarder", func(w *world) { w.dns.silent["chuyentiep.example.vn"] = true }, func(w *world) string {
			return w.entry("mail.chuyentiep.example.vn", clientIP) + w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1)
		}, policy.IdentityFrom, "arc", ReasonDNS, true},
		{"DMARC of a sibling that our server passed", func(w *world) { w.dns.silent["_dmarc."+fromDomain] = true }, func(w *world) string {
			return "Authentication-Results: mx.quangtri.gov.vn; dkim=pass header.d=sct.quangtri.gov.vn\r\n" + plainMail()
		}, policy.IdentityFrom, "dkim", ReasonDNS, true},
		{"strict DMARC, a sibling that our server passed", func(w *world) { w.dns.records["TXT _dmarc."+fromDomain] = []string{"v=DMARC1; p=none; adkim=s"} }, func(w *world) string {
			return "Authentication-Results: mx.quangtri.gov.vn; dkim=pass header.d=sct.quangtri.gov.vn\r\n" + plainMail()
		}, policy.IdentityFrom, "dkim", ReasonStrict, false},
		{"key longer than any", func(w *world) {
			w.dns.records["TXT s._domainkey."+fromDomain][0] += "; n=" + strings.Repeat("x", maxKey)
		}, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonInvalid, false},
		{"key on trial, which it says at the end", func(w *world) {
			w.dns.records["TXT s._domainkey."+fromDomain][0] += "; n=" + strings.Repeat("x", maxText) + "; t=y"
		}, func(w *world) string { return w.signed(plainMail(), fromDomain) }, policy.IdentityFrom, "dkim", ReasonTest, false},
	} {
		w := newWorld(t)
		c.change(w)
		ev := w.look(c.raw(w))
		if ev.Identity != c.want || reason(ev.Proofs, c.method) != c.reason || ev.Pending != c.pending {
			t.Errorf("%s: %s, want %s with %q; %+v, pending %v", c.name, ev.Identity, c.want, c.reason, ev.Proofs, ev.Pending)
		}
		if ev.Identity.AtLeast(policy.IdentitySPF) && c.method != "smime" && len(ev.Records) == 0 {
			t.Errorf("%s: names no record", c.name)
		}
	}
}

// What DNS said once stands; what it did not say is asked again.
func TestLookedAtBefore(t *testing.T) {
	w := newWorld(t)
	raw := w.signed(plainMail(), fromDomain)
	w.dns.silent["s._domainkey."+fromDomain] = true
	first := w.look(raw)
	if !first.Pending {
		t.Fatalf("%+v", first)
	}
	delete(w.dns.silent, "s._domainkey."+fromDomain)
	second := w.lookAgain(raw, &first)
	if second.Identity != policy.IdentityDKIM || second.Pending || len(second.Records) == 0 {
		t.Fatalf("%+v", second)
	}
	delete(w.dns.records, "TXT s._domainkey."+fromDomain) // the key has served
	w.dns.asked = nil
	third := w.lookAgain(raw, &second)
	if third.Identity != policy.IdentityDKIM || !slices.Equal(third.Records, second.Records) || len(w.dns.asked) != 0 {
		t.Errorf("%+v, asked %v", third, w.dns.asked)
	}
	w.verifier.Trust.OwnDomains = []string{"khac.example.vn"} // another configuration looks anew
	if again := w.lookAgain(raw, &second); again.Identity != policy.IdentityFrom || again.Tool == second.Tool {
		t.Errorf("%+v", again)
	}
}

// Without DNS, or with verify turned off, only our own server is believed, and nobody is asked.
func TestVerifyOff(t *testing.T) {
	w := newWorld(t)
	w.verifier.Trust.Verify, w.verifier.Trust.Forwarders = false, nil
	ev := w.look(w.signed(w.sealed(plainMail(), "chuyentiep.example.vn", "dmarc=pass header.from="+fromDomain, "none", 1), fromDomain))
	if ev.Identity != policy.IdentityFrom || len(w.dns.asked) > 0 {
		t.Errorf("%+v, asked %v", ev, w.dns.asked)
	}
	w.verifier.Resolver = nil
	w.verifier.Trust.Verify = true
	if ev := w.look(w.signed(plainMail(), fromDomain)); ev.Identity != policy.IdentityFrom || ev.Pending {
		t.Errorf("%+v", ev)
	}
}

// stopping cancels the program while DNS is asked.
type stopping struct{ cancel context.CancelFunc }

func (s stopping) Resolve(context.Context, string, dnsmessage.Type) (Answer, error) {
	s.cancel()
	return Answer{}, context.Canceled
}

func TestStoppedWhileAsking(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.verifier.Resolver = stopping{cancel}
	raw := w.signed(plainMail(), fromDomain)
	_, err := w.verifier.Identify(ctx, Mail{Raw: strings.NewReader(raw), Size: int64(len(raw)), Header: 1 << 20, Message: w.parse(raw), At: w.now}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v; who is stopped has learnt nothing of the sender", err)
	}
}

// A broken disk is an error, never a fact about the sender.
func TestRawUnreadable(t *testing.T) {
	w := newWorld(t)
	raw := w.signed(plainMail(), fromDomain)
	for _, good := range []int{10, len(raw) - 20} {
		_, err := w.verifier.Identify(t.Context(), Mail{Raw: &breaking{strings.NewReader(raw), int64(good)}, Size: int64(len(raw)), Header: 1 << 20, Message: w.parse(raw), At: w.now}, nil)
		if !errors.Is(err, errDisk) {
			t.Errorf("good for %d bytes: %v", good, err)
		}
	}
}

var errDisk = errors.New("disk")

type breaking struct {
	r    *strings.Reader
	good int64
}

func (b *breaking) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.good && off < b.r.Size() {
		return 0, errDisk
	}
	return b.r.ReadAt(p, off)
}

// One mail asks a bounded number of questions. What is asked beyond is not answered: no record is missing for it, as a strict DMARC record would
// be for an envelope whose SPF record asks for as many as it can.
func TestTooManyLookups(t *testing.T) {
	w := newWorld(t)
	record := "v=spf1"
	for i := range 10 {
		record += fmt.Sprintf(" mx:m%d.quangtri.gov.vn", i)
		for k := range 10 {
			host := fmt.Sprintf("h%d.m%d.quangtri.gov.vn", k, i)
			w.dns.records[fmt.Sprintf("MX m%d.quangtri.gov.vn", i)] = append(w.dns.records[fmt.Sprintf("MX m%d.quangtri.gov.vn", i)], host)
			w.dns.records["A "+host] = []string{"192.0.2.200"}
		}
	}
	w.dns.records["TXT quangtri.gov.vn"] = []string{record + " ip4:" + clientIP + " -all"}
	w.dns.records["TXT _dmarc.quangtri.gov.vn"] = []string{"v=DMARC1; p=reject; aspf=s"}
	raw := "Return-Path: <x@quangtri.gov.vn>\r\n" + w.entry("mail.quangtri.gov.vn", clientIP) + plainMail()
	if ev := w.look(raw); ev.Identity != policy.IdentityFrom || len(w.dns.asked) > maxLookups {
		t.Errorf("%s, %d questions; %+v", ev.Identity, len(w.dns.asked), ev.Proofs)
	}
	l := &lookups{from: w.dns, asked: maxLookups}
	_, err := l.LookupTXT(t.Context(), "_dmarc.quangtri.gov.vn")
	if e, ok := err.(*net.DNSError); !ok || e.IsNotFound || e.Temporary() {
		t.Errorf("%v", err)
	}
}
