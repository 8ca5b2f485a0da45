package evidence

import (
	"net/mail"
	"os"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

func ours() Trust {
	return Trust{
		AuthservIDs: []string{"mx.quangtri.gov.vn"},
		TrustedHops: []string{"mx.quangtri.gov.vn", "store.quangtri.gov.vn", "ex1.quangtri.gov.vn", "ex2.quangtri.gov.vn"},
	}
}

// mailCase is one block of testdata: a title, options and header fields, one on a line.
type mailCase struct {
	title  string
	trust  Trust
	header []string
}

func readCases(t *testing.T, file string) []mailCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const received = " by mx.quangtri.gov.vn (Postfix) with ESMTPS id 4X for <vanthu@quangtri.gov.vn>; Sat, 20 Apr 2019 08:00:00 +0700"
	short := map[string]string{
		"@evil":  "Received: from mail.evil.example (mail.evil.example [203.0.113.9])" + received,
		"@good":  "Received: from mail.snv.quangtri.gov.vn (mail.snv.quangtri.gov.vn [198.51.100.7])" + received,
		"@local": "Received: from mx.quangtri.gov.vn by mx.quangtri.gov.vn with LMTP id 5 (envelope-from <x@quangtri.gov.vn>); Sat, 20 Apr 2019 08:00:01 +0700",
	}
	var out []mailCase
	for _, block := range strings.Split(string(data), "\n## ")[1:] {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		c := mailCase{title: lines[0], trust: ours()}
		pad := ""
		for _, line := range lines[1:] {
			switch {
			case line == "! above":
				c.trust.AboveReceived = true
			case line == "! long":
				pad = " (" + strings.Repeat("x", maxField) + ")"
			case short[line] != "":
				c.header = append(c.header, short[line])
			case strings.HasPrefix(line, "Authentication-Results"):
				c.header = append(c.header, strings.ReplaceAll(line, "@x00@", "\x00")+pad)
			default:
				c.header = append(c.header, line)
			}
		}
		out = append(out, c)
	}
	return out
}

// message gives what the parser would of the header.
func (c mailCase) message() parser.Message {
	var m parser.Message
	for i, line := range c.header {
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "From":
			m.From = append(m.From, addresses(value)...)
		default:
			m.Trace = append(m.Trace, parser.TraceField{Index: i, Name: name, Value: value})
		}
	}
	return m
}

func addresses(value string) []parser.Address {
	list, err := mail.ParseAddressList(value)
	if err != nil {
		return []parser.Address{{Addr: strings.Trim(value, "<>")}}
	}
	out := []parser.Address{}
	for _, a := range list {
		at := strings.LastIndexByte(a.Address, '@')
		out = append(out, parser.Address{Name: a.Name, Addr: a.Address[:at] + strings.ToLower(a.Address[at:])})
	}
	return out
}

func rank(i policy.Identity) int {
	for n, v := range []policy.Identity{policy.IdentityNone, policy.IdentityFrom, policy.IdentitySPF, policy.IdentityDKIM, policy.IdentityDMARC} {
		if i == v {
			return n
		}
	}
	return -1
}

func TestForgeries(t *testing.T) {
	cases := readCases(t, "testdata/forgeries.txt")
	if len(cases) < 60 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			e := Identify(c.message(), c.trust)
			if r := rank(e.Identity); r < 0 || r >= rank(policy.IdentityDKIM) {
				t.Errorf("is taken for %s: %s", e.Identity, e.IdentityBy)
			}
			if e.IdentityBy == "" || e.Tool != Tool || e.Unavailable == nil {
				t.Errorf("says too little: %+v", e)
			}
		})
	}
}

func TestGenuine(t *testing.T) {
	cases := readCases(t, "testdata/genuine.txt")
	if len(cases) < 30 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		level, title, _ := strings.Cut(c.title, " | ")
		t.Run(title, func(t *testing.T) {
			if e := Identify(c.message(), c.trust); e.Identity != policy.Identity(level) {
				t.Errorf("got %s (%s), want %s", e.Identity, e.IdentityBy, level)
			}
		})
	}
}

// TestGenuineNeedsOurName takes the trust away: then nothing may be proved by the same headers.
func TestGenuineNeedsOurName(t *testing.T) {
	for _, c := range readCases(t, "testdata/genuine.txt") {
		c.trust = Trust{}
		e := Identify(c.message(), c.trust)
		if e.Identity != policy.IdentityFrom || len(e.Unavailable) != 1 || e.Unavailable[0] != NotConfigured {
			t.Errorf("%s: %+v", c.title, e)
		}
	}
}

// TestGenuineBelowAStranger pushes every genuine header below the Received field of a host that is not ours.
func TestGenuineBelowAStranger(t *testing.T) {
	stranger := "Received: from x.example (x.example [203.0.113.9]) by relay.example with ESMTP id 1; Sat, 20 Apr 2019 09:00:00 +0700"
	for _, c := range readCases(t, "testdata/genuine.txt") {
		c.header = append([]string{stranger}, c.header...)
		if e := Identify(c.message(), c.trust); e.Identity != policy.IdentityFrom {
			t.Errorf("%s: %s by %s", c.title, e.Identity, e.IdentityBy)
		}
	}
}

func TestIdentitySaysWhy(t *testing.T) {
	good := "Received: from mail.snv.quangtri.gov.vn (mail.snv.quangtri.gov.vn [198.51.100.7]) by mx.quangtri.gov.vn (Postfix) with ESMTPS id 4X; Sat, 20 Apr 2019 08:00:00 +0700"
	cases := []struct {
		header []string
		want   bridge.Evidence
	}{
		{
			[]string{good, "Authentication-Results: mx.quangtri.gov.vn; dmarc=pass header.from=snv.quangtri.gov.vn", "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityDMARC, IdentityBy: "authentication-results mx.quangtri.gov.vn dmarc=pass header.from=snv.quangtri.gov.vn"},
		},
		{
			[]string{good, "Authentication-Results: mx.quangtri.gov.vn; dkim=pass header.d=quangtri.gov.vn", "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityDKIM, IdentityBy: "authentication-results mx.quangtri.gov.vn dkim=pass header.d=quangtri.gov.vn"},
		},
		{
			[]string{good, "Authentication-Results: mx.quangtri.gov.vn; spf=pass smtp.mailfrom=x@snv.quangtri.gov.vn", "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentitySPF, IdentityBy: "authentication-results mx.quangtri.gov.vn spf=pass smtp.mailfrom=snv.quangtri.gov.vn"},
		},
		{
			[]string{good, "Authentication-Results: mx.quangtri.gov.vn; dmarc=fail header.from=snv.quangtri.gov.vn", "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityFrom, IdentityBy: "authentication-results mx.quangtri.gov.vn dmarc=fail header.from=snv.quangtri.gov.vn"},
		},
		{
			[]string{good, "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityFrom, IdentityBy: "no authentication-results of our own server above the first foreign received field"},
		},
		{
			[]string{good, "Authentication-Results: mx.quangtri.gov.vn; dmarc=pass (", "From: vanthu@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityFrom, IdentityBy: "authentication-results of our own server that cannot be read"},
		},
		{
			[]string{good, "From: a@snv.quangtri.gov.vn, b@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityNone, IdentityBy: "not one from address but 2, or several from fields"},
		},
		{
			[]string{strings.Replace(good, " by ", " (Authenticated sender: a@snv.quangtri.gov.vn) by ", 1), "From: a@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityFrom, IdentityBy: "no authentication-results of our own server above the first foreign received field"},
		},
		{
			[]string{strings.Replace(strings.Replace(good, " by ", " (Authenticated sender: a@snv.quangtri.gov.vn) by ", 1), "ESMTPS", "ESMTPSA", 1), "From: a@snv.quangtri.gov.vn"},
			bridge.Evidence{Identity: policy.IdentityDMARC, IdentityBy: "received mx.quangtri.gov.vn with esmtpsa, logged in as the from address"},
		},
	}
	for _, c := range cases {
		got := Identify(mailCase{header: c.header}.message(), ours())
		if got.Identity != c.want.Identity || got.IdentityBy != c.want.IdentityBy {
			t.Errorf("%q\n got %s: %s\nwant %s: %s", c.header, got.Identity, got.IdentityBy, c.want.Identity, c.want.IdentityBy)
		}
	}
}

// TestSecondFromFieldWithoutAddress: the parser found two From fields, though only one has an address.
func TestSecondFromFieldWithoutAddress(t *testing.T) {
	m := mailCase{header: []string{"Authentication-Results: mx.quangtri.gov.vn; dmarc=pass header.from=snv.quangtri.gov.vn", "From: a@snv.quangtri.gov.vn"}}.message()
	if e := Identify(m, ours()); e.Identity != policy.IdentityDMARC {
		t.Fatalf("with one From: %+v", e)
	}
	m.Findings = []parser.Finding{{Code: parser.TwoFrom, Where: "From"}}
	if e := Identify(m, ours()); e.Identity != policy.IdentityNone {
		t.Errorf("with two From: %+v", e)
	}
}

// TestReadByTheParser goes the whole way once: from bytes, folded as servers fold them.
func TestReadByTheParser(t *testing.T) {
	raw := strings.Join([]string{
		"Received: from mail.snv.quangtri.gov.vn (mail.snv.quangtri.gov.vn [198.51.100.7])", "\tby mx.quangtri.gov.vn (Postfix) with ESMTPS id 4X",
		"\tfor <vanthu@quangtri.gov.vn>; Sat, 20 Apr 2019 08:00:00 +0700 (+07)",
		"Authentication-Results: mx.quangtri.gov.vn;", "\tdkim=pass (2048-bit key; unprotected) header.d=snv.quangtri.gov.vn", "\t header.b=\"Xy12\"",
		"From: =?utf-8?q?V=C4=83n_th=C6=B0?= <vanthu@SNV.quangtri.gov.vn>", "Subject: x", "", "x", "",
	}, "\r\n")
	m := parser.Parse(strings.NewReader(raw), int64(len(raw)), parser.DefaultLimits)
	if e := Identify(m, ours()); e.Identity != policy.IdentityDKIM {
		t.Errorf("got %+v", e)
	}
}

func TestAlignment(t *testing.T) {
	cases := []struct {
		a, b string
		want bool
	}{
		{"quangtri.gov.vn", "quangtri.gov.vn", true},
		{"snv.quangtri.gov.vn", "quangtri.gov.vn", true},
		{"snv.quangtri.gov.vn", "stttt.quangtri.gov.vn", true},
		{"quangtri.gov.vn", "quangbinh.gov.vn", false},
		{"gov.vn", "quangtri.gov.vn", false},
		{"gov.vn", "gov.vn", true},
		{"quangtri.gov.vn", "quangtri.com.vn", false},
		{"moet.edu.vn", "edu.vn", false},
		{"", "", false},
	}
	for _, c := range cases {
		if got := aligned(c.a, c.b); got != c.want || aligned(c.b, c.a) != got {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
	for in, want := range map[string]string{
		"A@X.gov.VN": "x.gov.vn", "x.gov.vn.": "x.gov.vn", `"a@b.vn"@c.vn`: "c.vn", "@c.vn": "c.vn", "<a@c.vn>": "c.vn",
		"a@localhost": "", "": "", "<>": "", "a@[192.0.2.1]": "", "a@b c.vn": "", "a@quảng.vn": "xn--qung-hr5a.vn", "a@c.vn@": "",
	} {
		if got := domainOf(in); got != want {
			t.Errorf("domain of %q: %q, want %q", in, got, want)
		}
	}
}
