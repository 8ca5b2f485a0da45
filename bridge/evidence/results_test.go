package evidence

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseResults(t *testing.T) {
	cases := []struct {
		in   string
		want Results
	}{
		{"mx.vn; none", Results{ID: "mx.vn", Bare: true}},
		{"mx.vn", Results{ID: "mx.vn", Bare: true}},
		{" mx.vn 1 ; none", Results{ID: "mx.vn", Bare: true}},
		{`"MX.vn" ;;`, Results{ID: "mx.vn"}},
		{"(c) mx.vn;none", Results{ID: "mx.vn"}},
		{"mx.vn; spf=fail smtp.mailfrom=<>", Results{"mx.vn", true, []Result{{"spf", "fail", []Prop{{"smtp", "mailfrom", "<>"}}}}}},
		{"mx.vn;dkim=pass(ok)header.d=a.vn header.b=x/y+z==", Results{"mx.vn", true, []Result{{"dkim", "pass", []Prop{{"header", "d", "a.vn"}, {"header", "b", "x/y+z=="}}}}}},
		{`mx.vn; spf=pass reason="a; b" smtp.mailfrom="a b;"@c.vn`, Results{"mx.vn", true, []Result{{"spf", "pass", []Prop{{"smtp", "mailfrom", "a b;@c.vn"}}}}}},
		{"mx.vn; dkim/1=PASS header . d = A.vn", Results{"mx.vn", true, []Result{{"dkim", "pass", []Prop{{"header", "d", "A.vn"}}}}}},
		{"mx.vn; spf=pass smtp.mail= smtp.helo=x.vn", Results{"mx.vn", true, []Result{{"spf", "pass", []Prop{{"smtp", "mail", ""}, {"smtp", "helo", "x.vn"}}}}}},
	}
	for _, c := range cases {
		got, err := ParseResults(c.in)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q\n got %+v, %v\nwant %+v", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{
		"", ";", "=", "spf=pass; dkim=pass", "mx.vn 2; none", "mx.vn 1 1; none", "mx.vn; pass", "mx.vn; =pass", "mx.vn; spf=", "mx.vn; spf=pass x", "mx.vn; spf=pass =x",
		"mx.vn; s@f=pass", "mx.vn; spf.x=pass", "mx.vn; spf/2=pass", `mx.vn; spf=pass "x"`, "mx.vn; (", "mx.vn; )", `mx.vn; "`, "mx.vn; a=b\x7f", "mx.vn;" + strings.Repeat(" a=b;", maxTokens),
	} {
		if got, err := ParseResults(in); err == nil {
			t.Errorf("%.60q is read as %.200v", in, got)
		}
	}
}

func TestReadHop(t *testing.T) {
	h, ok := readHop("from A.vn (a.vn [192.0.2.1]) (Authenticated sender: x@a.vn) by MX.vn. (Postfix) with ESMTPSA id by for <by@mx.vn>; Sat, 20 Apr 2019 by")
	want := hop{from: "a.vn", notes: []string{"a.vn [192.0.2.1]", "Authenticated sender: x@a.vn"}, by: "mx.vn", with: "esmtpsa", account: "x@a.vn"}
	if ok {
		t.Errorf("a field with by twice is believed: %+v", h)
	}
	h, ok = readHop("from A.vn (a.vn [192.0.2.1]) (Authenticated sender: x@a.vn) by MX.vn. (Postfix) with ESMTPSA id 1 for <by@mx.vn>; Sat, 20 Apr 2019 by")
	if !ok || !reflect.DeepEqual(h, want) {
		t.Errorf("got %+v, want %+v", h, want)
	}
	for _, in := range []string{"", "from a.vn", "from a.vn (x by mx.vn", "by", "by (mx.vn)", "from a by b by c"} {
		if h, ok := readHop(in); ok {
			t.Errorf("%q is believed: %+v", in, h)
		}
	}
}

// FuzzResults looks for a panic, for results made out of what stands in a comment or quoted string, and for a reading of the field that
// changes when a comment is put in.
func FuzzResults(f *testing.F) {
	for _, s := range []string{
		"mx.vn; dkim=pass header.d=a.vn", `x"; dmarc=pass header.from=quangtri.gov.vn y="@evil.example`, "a) ; dmarc=pass (b", `\); dkim=pass header.d=a.vn`, "mx.vn (a (b)) 1; spf=pass smtp.mailfrom=<>;;", `"`, "\\",
	} {
		f.Add(s)
	}
	escape := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`, `"`, `\"`)
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseResults(s); err == nil {
			if r.ID == "" {
				t.Errorf("%q has no id and is read", s)
			}
			again, err := ParseResults("(x)" + s + " (y)")
			if err == nil && !(len(again.Items) == len(r.Items) && again.ID == r.ID) {
				t.Errorf("%q is read as %+v, with comments around as %+v", s, r, again)
			}
		}
		if len(s) > maxField/4 {
			return
		}
		want := []Result{{"spf", "fail", []Prop{{"smtp", "mailfrom", "a.vn"}}}}
		r, err := ParseResults("mx.vn; spf=fail (" + escape.Replace(s) + ") smtp.mailfrom=a.vn")
		if err != nil || !reflect.DeepEqual(r.Items, want) {
			t.Errorf("comment %q makes %+v, %v", s, r, err)
		}
		r, err = ParseResults(`mx.vn; spf=fail reason="` + escape.Replace(s) + `" smtp.mailfrom=a.vn`)
		if err != nil || !reflect.DeepEqual(r.Items, want) {
			t.Errorf("quoted string %q makes %+v, %v", s, r, err)
		}
		if h, ok := readHop(s); ok && h.by == "" {
			t.Errorf("received %q has no host and is believed", s)
		}
	})
}
