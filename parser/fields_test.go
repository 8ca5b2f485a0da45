package parser

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecodeWords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text", "plain text"},
		{"=?UTF-8?Q?C=C3?= =?utf-8?q?=B4ng?= v", "Công v"},
		{"=?utf-8?B?xJA=?==?utf-8?B?xqFu?=", "Đơn"},
		{"=?utf-8?B?Q8O0bmcgdsSDb?=\r\n\t=?utf-8?B?iBz4buR?=", "Công văn số"}, // cut inside a quantum
		{"a =?utf-8?Q?b?= c =?x-no-such?Q?d?=", "a b c d"},
		{"=?windows-1258?Q?S=F5=D2_N=F4=F2i?=", "Sở Nội"},
		{"=?utf-8?Q?missing_end", "missing end"},
		{"1 =? 2 =?a?b?c", "1 =? 2 =?a?b?c"},
		{"=?utf-8*vi?Q?v=C4=83n?=", "văn"},
		{"=?utf-8?Q?a=0D=0ABcc:_x=00?=", "a Bcc: x"},
		{"S\u1edf =?utf-8?Q?N=E1=BB=99i?=", "Sở Nội"},
		{`"=?utf-8?Q?S=E1=BB=9F?="`, `"Sở"`},
	} {
		if got := decodeWords(c.in); got != c.want {
			t.Errorf("decodeWords(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestParams(t *testing.T) {
	for _, c := range []struct{ in, value, key, want string }{
		{"application/pdf; name=Cong van 12.pdf", "application/pdf", "name", "Cong van 12.pdf"},
		{"attachment; filename=hello;world;test.txt", "attachment", "filename", "hello;world;test.txt"},
		{`a/b; name="x \"y\" z.pdf"; c=d`, "a/b", "name", `x "y" z.pdf`},
		{`a/b; name="x "y" z.pdf"; c=d`, "a/b", "name", `x "y" z.pdf`},
		{`a/b; name="never closed`, "a/b", "name", "never closed"},
		{"text/plain charset=utf-8", "text/plain", "charset", "utf-8"},
		{"charset=utf-8", "", "charset", "utf-8"},
		{`TEXT/Plain (comment); Charset = "utf-8"`, "text/plain", "charset", "utf-8"},
		{`a/b; name*1*=%83n.pdf; name*0*=utf-8''v%C4`, "a/b", "name", "văn.pdf"},
		{`a/b; name*=windows-1258'vi'S%F5%D2.pdf`, "a/b", "name", "Sở.pdf"},
		{`a/b; name*=us-ascii''%F6.pdf`, "a/b", "name", "ö.pdf"},
		{`a/b; name=x.pdf; name*=utf-8''%C4%83.pdf`, "a/b", "name", "ă.pdf"},
		{`a/b; name*0=mot; name*2=ba; name*99999999999=x`, "a/b", "name", "mot"},
		{`a/b; name="=?UTF-8?B?xJA=?="`, "a/b", "name", "Đ"},
		{"a/b; name=\"a\u0306.pdf\"", "a/b", "name", "ă.pdf"},
		{`a/b; boundary="x"; boundary="y"`, "a/b", "boundary", "x"},
		{";;;=;a=;b=c", "", "b", "c"},
	} {
		v, p := parseParams(c.in)
		if v != c.value || p.text(c.key, texts{}) != c.want {
			t.Errorf("parseParams(%q) = %q, %q, want %q, %q", c.in, v, p.text(c.key, texts{}), c.value, c.want)
		}
	}
	if _, p := parseParams("a/b" + strings.Repeat("; x=y", 5000)); len(p) != maxParams {
		t.Errorf("%d parameters kept", len(p))
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []Address
	}{
		{"", []Address{}},
		{"a@Example.VN", []Address{{"", "a@example.vn"}}},
		{"<a@b.vn>", []Address{{"", "a@b.vn"}}},
		{`"Sở Nội vụ, tỉnh" <a@b.vn>, c@d.vn`, []Address{{"Sở Nội vụ, tỉnh", "a@b.vn"}, {"", "c@d.vn"}}},
		{"Sở Nội vụ, tỉnh Quảng Trị <a@b.vn>", []Address{{"Sở Nội vụ, tỉnh Quảng Trị", "a@b.vn"}}},
		{"Nhóm: a@b.vn, B <b@b.vn>;, c@d.vn", []Address{{"", "a@b.vn"}, {"B", "b@b.vn"}, {"", "c@d.vn"}}},
		{"undisclosed-recipients:;", []Address{}},
		{`"a\"@gov.vn"@evil.example`, []Address{{"", `"a\"@gov.vn"@evil.example`}}},
		{"a@b.vn (Văn thư)", []Address{{"Văn thư", "a@b.vn"}}},
		{"Văn thư a@b.vn", []Address{{"Văn thư", "a@b.vn"}}},
		{"=?utf-8?Q?A,_B?= <a@b.vn>", []Address{{"A, B", "a@b.vn"}}},
		{"=?utf-8?Q?vanthu=40gov.vn?= <x@evil.example>", []Address{{"vanthu@gov.vn", "x@evil.example"}}},
		{"<@r1.vn,@r2.vn:a@b.vn>", []Address{{"", "a@b.vn"}}},
		{"a@b.vn; c@d.vn", []Address{{"", "a@b.vn"}, {"", "c@d.vn"}}},
		{"'X' <a@b.vn>", []Address{{"X", "a@b.vn"}}},
		{`"x@gov.vn <x@gov.vn>" <y@evil.example>`, []Address{{"x@gov.vn <x@gov.vn>", "y@evil.example"}}},
		{"A <a@b.vn", []Address{{"A", "a@b.vn"}}},
		{"MAILER-DAEMON", []Address{{"MAILER-DAEMON", ""}}},
		{"A <a @ b . vn>", []Address{{"A", "a@b.vn"}}},
	} {
		if got := parseAddresses(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("parseAddresses(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := parseAddresses(strings.Repeat("a@b.vn,", 500_000)); len(got) != maxAddresses {
		t.Errorf("%d addresses kept", len(got))
	}
}

func TestDate(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Mon, 22 Apr 2019 08:00:00 +0700", "2019-04-22T01:00:00Z"},
		{"22 Apr 2019 08:00 +0700 (Giờ Đông Dương)", "2019-04-22T01:00:00Z"},
		{"Mon, 22 Apr 2019 08:00:00 ICT", "2019-04-22T01:00:00Z"},
		{"Mon, 22 Apr 2019 08:00:00 GMT+7", "2019-04-22T01:00:00Z"},
		{"Mon, 22 Apr 19 08:00:00 -0000", "2019-04-22T08:00:00Z"},
		{"Mon Apr 22 08:00:00 2019", "2019-04-22T08:00:00Z"},
		{"2019-04-22T08:00:00+07:00", "2019-04-22T01:00:00Z"},
		{"2019-04-22 08:00:00.123Z", "2019-04-22T08:00:00Z"},
		{"22-Apr-2019 08:00:00 EST", "2019-04-22T13:00:00Z"},
		{"Mon, 22 Apr 2019 11:59:60 +0000", "2019-04-22T12:00:00Z"},
		{"Mon, 22 Apr 2019 29:24:05 +0700", ""},
		{"Mon, 22 Apr 2019 24:00:00 +0700", ""},
		{"Mon, 31 Feb 2019 10:00:00 +0700", ""},
		{"Mon, 22 Apr 2019", ""},
		{"nonsense", ""},
		{"", ""},
	} {
		got, ok := parseDate(c.in)
		if ok != (c.want != "") || jsonDate(got) != c.want {
			t.Errorf("parseDate(%q) = %v, %v, want %q", c.in, got, ok, c.want)
		}
	}
}

func TestReceived(t *testing.T) {
	at := time.Date(2019, 4, 22, 1, 0, 5, 0, time.UTC)
	for _, c := range []struct {
		in   string
		want Received
	}{
		{"from a.vn (a.vn [192.0.2.1]) by MX.Example.VN (Postfix) with ESMTPS id x for <b@c.vn>; Mon, 22 Apr 2019 08:00:05 +0700 (ICT)",
			Received{From: "a.vn (a.vn [192.0.2.1])", By: "mx.example.vn", With: "ESMTPS", At: at}},
		{"from evil (by mx.trusted.vn with SMTP; Sat, 20 Apr 2019 00:00:00 +0700) by mx.example.vn with SMTP; Mon, 22 Apr 2019 08:00:05 +0700",
			Received{From: "evil (by mx.trusted.vn with SMTP; Sat, 20 Apr 2019 00:00:00 +0700)", By: "mx.example.vn", With: "SMTP", At: at}},
		{"by mx.example.vn. (Postfix, from userid 1000)\tid 7; Mon, 22 Apr 2019 08:00:05 +0700", Received{By: "mx.example.vn", At: at}},
		{"(qmail 17560 invoked by uid 1002); 22 Apr 2019 01:00:05 -0000", Received{At: at}},
		{"by mx.example.vn; Fri, 19 Apr 2019 23:59:60 +0700", Received{By: "mx.example.vn", At: time.Date(2019, 4, 19, 16, 59, 59, 0, time.UTC)}},
		{"by mx.example.vn; Fri, 19 Apr 2019 24:00:00 +0700", Received{By: "mx.example.vn"}},
		{"from a by b; never", Received{From: "a", By: "b"}},
		{"from (((", Received{From: "((("}},
	} {
		if got := parseReceived(0, c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("parseReceived(%q) = %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestMessageIDs(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"<a@b>", []string{"a@b"}},
		{"<a@b> (x)\t<c@d>", []string{"a@b", "c@d"}},
		{"a@b", []string{"a@b"}},
		{"<a@ b>", []string{"a@b"}},
		{"no id", []string{}},
		{"<", []string{}},
	} {
		if got := messageIDs(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("messageIDs(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := messageIDs(strings.Repeat("<a@b>", 1000)); len(got) != maxReferences {
		t.Errorf("%d ids kept", len(got))
	}
}
