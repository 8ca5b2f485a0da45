package directory

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"
)

const sample = header +
	"stttt,H49.20,,Sở Thông tin và Truyền thông,STTTT,,province,so,stttt@quangtri.gov.vn,,*.stttt@quangtri.gov.vn;stttt.*@quangtri.gov.vn,2018-01-01,,2025-02-28,skhcn,\n" +
	"skhcn,H49.21,KHCN,Sở Khoa học và Công nghệ,SKHCN,,province,so,vanthu.skhcn@quangtri.gov.vn,skhcn.quangtri.gov.vn,,,,,,\n" +
	"haiba,H49.31,,Huyện Hải Bà,,,district,huyen,vanthu@haiba.example.vn,haiba.example.vn,,,,2025-06-30,xa-a;xa-b,\n" +
	"xa-a,H49.41,,Xã A,,,commune,xa,,chung.example.vn,*@*.xa-a.example.vn,,2025-07-01,,,\n" +
	"xa-b,H49.42,,Xã B,,,commune,xa,,chung.example.vn,,,2025-07-01,,,\n" +
	"cu,H1,,Ban cũ,,,unit,,,cu.example.vn,,,,2019-12-31,giua,\n" +
	"giua,H2,,Ban giữa,,,unit,,,,,,2020-01-01,2021-12-31,moi,\n" +
	"moi,H3,,Ban mới,,,unit,,dau@moi.example.vn;sau@moi.example.vn,,,,2022-01-01,,,\n" +
	"dut,H4,,Ban giải thể,,,unit,,dut@moi2.example.vn,,,,,2020-12-31,,\n" +
	"moi2,H5,,Ban kế bên,,,unit,,,moi2.example.vn,,,,,,\n" +
	"idn,H6,,Tên miền có dấu,,,unit,,,quảngtrị.vn,,,,,,\n" +
	"hai,H7,,Tên trước,,,unit,,hai@hai.example.vn,,,,,2020-12-31,,\n" +
	"hai,H7,,Tên sau,,,unit,,moi@hai.example.vn,,,,2021-01-01,,,\n"

func TestByAddress(t *testing.T) {
	d := mustRead(t, sample)
	quangTri, err := idna.ToASCII("quảngtrị.vn")
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, addr, at string
		want           Match
	}{
		{"address", "STTTT@QuangTri.Gov.VN", "2020-01-01", Match{Agency: "stttt", How: ByAddress, Address: "stttt@quangtri.gov.vn"}},
		{"last day", "stttt@quangtri.gov.vn", "2025-02-28", Match{Agency: "stttt", How: ByAddress, Address: "stttt@quangtri.gov.vn"}},
		{"day after: successor", "stttt@quangtri.gov.vn", "2025-03-01", Match{Agency: "skhcn", How: ByAddress, Address: "stttt@quangtri.gov.vn", Successor: "stttt", Findings: []string{"agency-succeeded"}}},
		{"pattern, ending", "an.stttt@quangtri.gov.vn", "2020-01-01", Match{Agency: "stttt", How: ByPattern, Address: "an.stttt@quangtri.gov.vn"}},
		{"pattern, beginning", "stttt.van-thu@quangtri.gov.vn", "2020-01-01", Match{Agency: "stttt", How: ByPattern, Address: "stttt.van-thu@quangtri.gov.vn"}},
		{"pattern of an ended agency", "an.stttt@quangtri.gov.vn", "2026-01-01", Match{Agency: "skhcn", How: ByPattern, Address: "an.stttt@quangtri.gov.vn", Successor: "stttt", Findings: []string{"agency-succeeded"}}},
		{"pattern over sub-domains", "ai@phong.xa-a.example.vn", "2026-01-01", Match{Agency: "xa-a", How: ByPattern, Address: "ai@phong.xa-a.example.vn"}},
		{"domain", "le.an@skhcn.quangtri.gov.vn", "2020-01-01", Match{Agency: "skhcn", How: ByDomain, Address: "vanthu.skhcn@quangtri.gov.vn"}},
		{"sub-domain of a domain", "le.an@x.skhcn.quangtri.gov.vn", "2020-01-01", Match{}},
		{"shared domain", "ai@chung.example.vn", "2026-01-01", Match{How: Ambiguous, Candidates: []string{"xa-a", "xa-b"}, Findings: []string{"shared-domain"}}},
		{"shared domain before both", "ai@chung.example.vn", "2020-01-01", Match{}},
		{"several successors", "vanthu@haiba.example.vn", "2025-07-01", Match{How: Ambiguous, Candidates: []string{"xa-a", "xa-b"}, Successor: "haiba", Findings: []string{"several-successors"}}},
		{"successor of a successor", "ai@cu.example.vn", "2026-01-01", Match{Agency: "moi", How: ByDomain, Address: "dau@moi.example.vn", Successor: "cu", Findings: []string{"agency-succeeded"}}},
		{"ended without heir keeps its mailbox", "dut@moi2.example.vn", "2026-01-01", Match{Findings: []string{"agency-ended"}}},
		{"neighbour in that domain", "ai@moi2.example.vn", "2026-01-01", Match{Agency: "moi2", How: ByDomain}},
		{"old address of the same agency", "hai@hai.example.vn", "2026-01-01", Match{Agency: "hai", How: ByAddress, Address: "hai@hai.example.vn", Findings: []string{"outdated-name"}}},
		{"A-label", "ai@" + quangTri, "2026-01-01", Match{Agency: "idn", How: ByDomain}},
		{"U-label", "ai@QUẢNGTRỊ.vn", "2026-01-01", Match{Agency: "idn", How: ByDomain}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.want.Candidates == nil {
				c.want.Candidates = []string{}
			}
			if c.want.Findings == nil {
				c.want.Findings = []string{}
			}
			got := d.ByAddress(c.addr, day(c.at))
			got.Name, got.Code = "", ""
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
	if m := d.ByAddress("hai@hai.example.vn", day("2020-12-31").Add(24*time.Hour-time.Nanosecond)); m.Name != "Tên trước" {
		t.Errorf("last instant of the last day: %+v", m)
	}
	if m := d.ByAddress("hai@hai.example.vn", day("2021-01-01")); m.Name != "Tên sau" || m.Code != "H7" {
		t.Errorf("first instant of the next period: %+v", m)
	}
}

func TestByAddressRefusesLookAlikes(t *testing.T) {
	d := mustRead(t, header+
		"a,,,,,,,,stttt@quangtri.gov.vn,quangtri.gov.vn,*.x@quangtri.gov.vn;*@*.xa.gov.vn,,,,,\n")
	for _, addr := range []string{
		"", "@", "stttt", "@quangtri.gov.vn", "stttt@", "stttt@quangtri.gov.vn.", "stttt@quangtri.gov.vn.evil.com", "stttt@evilquangtri.gov.vn",
		"stttt@mail.quangtri.gov.vn", "stttt@quangtri.gov.vn@evil.com", "stttt@evil.com@quangtri.gov.vn", `"stttt"@quangtri.gov.vn`,
		`"a@quangtri.gov.vn"@evil.com`, "stttt@quangtri.gov.vn evil.com", " stttt@quangtri.gov.vn", "stttt@quangtri.gov.vn\x00", "stttt@quangtri.gov.vn\r\nX",
		"stttt(c)@quangtri.gov.vn", "<stttt@quangtri.gov.vn>", "a,stttt@quangtri.gov.vn", "stttt@[10.0.0.1]", "stttt@10.0.0.1", "stttt@quangtri..gov.vn",
		"stttt@quаngtri.gov.vn", // Cyrillic a
		"sttт@quangtri.gov.vn",  // Cyrillic t in the local part
		"stttt@quangtrı.gov.vn", // dotless i
		"stttt@ｑuangtri.gov.vn", // full width
		"stttt@quang\u00adtri.gov.vn",
		"stttt@quangtri\u200d.gov.vn",
		"stttt@quangtri。gov。vn",
		"stttt@xn--quangtri.gov.vn",
		"st\u200btt@quangtri.gov.vn",
		".stttt@quangtri.gov.vn", "stttt.@quangtri.gov.vn", "st..tt@quangtri.gov.vn",
		"a@evilxa.gov.vn", "a@xa.gov.vn", "a@.xa.gov.vn",
		strings.Repeat("a", 65) + "@quangtri.gov.vn",
	} {
		if m := d.ByAddress(addr, day("2020-01-01")); m.Agency != "" || m.How != Unmatched {
			t.Errorf("%q leads to %+v", addr, m)
		}
	}
}

func TestFindAndByCode(t *testing.T) {
	d := mustRead(t, sample)
	for name, want := range map[string]string{"skhcn": "skhcn", "h49.21": "skhcn", " H49.21 ": "skhcn", "khcn": "skhcn", "KHCN": "skhcn", "nobody": ""} {
		a, ok := d.Find(name, day("2020-01-01"))
		if a.ID != want || ok != (want != "") {
			t.Errorf("Find %q: %q, %v", name, a.ID, ok)
		}
	}
	if a, ok := d.Find("H49.20", day("2026-01-01")); ok {
		t.Errorf("an ended agency was found by name: %+v", a)
	}
	if m := d.ByCode("H49.20", day("2026-01-01")); m.Agency != "skhcn" || m.Successor != "stttt" || m.How != ByCode || m.Address != "vanthu.skhcn@quangtri.gov.vn" {
		t.Errorf("%+v", m)
	}
	if m := d.ByCode("H49.31", day("2026-01-01")); m.How != Ambiguous || m.Agency != "" || m.Address != "" {
		t.Errorf("%+v", m)
	}
	if m := d.ByCode("", day("2026-01-01")); m.How != Unmatched || m.Candidates == nil {
		t.Errorf("%+v", m)
	}
}

func TestAgencyInGroupAndReady(t *testing.T) {
	d := mustRead(t, sample)
	a, ok := d.Agency("stttt", day("2020-01-01"))
	if !ok || !a.InGroup("so") || a.InGroup("s") {
		t.Errorf("groups of %+v", a)
	}
	if a.Ready(day("2017-12-31")) || !a.Ready(day("2018-01-01")) {
		t.Error("ready from the first instant of the day")
	}
	if b, _ := d.Agency("skhcn", day("2020-01-01")); b.Ready(day("2020-01-01")) {
		t.Error("no date means not yet")
	}
	if _, ok := d.Agency("stttt", day("2025-03-01")); ok {
		t.Error("valid after its last day")
	}
}

func TestEmpty(t *testing.T) {
	d := Empty()
	m := d.ByAddress("a@example.vn", day("2020-01-01"))
	if d.Len() != 0 || m.Agency != "" || m.Candidates == nil || len(d.Groups()) != 0 || len(d.Version()) != 64 {
		t.Errorf("%+v", m)
	}
}

// One edit of a listed address or domain must never lead to its agency, whatever the edit.
func TestByAddressNeverMatchesEdits(t *testing.T) {
	d := mustRead(t, header+"a,,,,,,,,vanthu@quangtri.gov.vn,hue.gov.vn,*.stttt@quangtri.gov.vn,,,,,\n")
	rapid.Check(t, func(t *rapid.T) {
		domain := []rune(rapid.SampledFrom([]string{"quangtri.gov.vn", "hue.gov.vn"}).Draw(t, "domain"))
		i := rapid.IntRange(0, len(domain)).Draw(t, "at")
		r := rapid.Rune().Draw(t, "rune")
		edited := string(domain[:i]) + string(r) + string(domain[i:])
		if rapid.Bool().Draw(t, "replace") && i < len(domain) {
			edited = string(domain[:i]) + string(r) + string(domain[i+1:])
		}
		if strings.EqualFold(edited, string(domain)) && isASCII(edited) || strings.HasSuffix(edited, "@"+string(domain)) {
			t.Skip("still the same domain")
		}
		for _, local := range []string{"vanthu", "a.stttt", "x"} {
			if m := d.ByAddress(local+"@"+edited, day("2020-01-01")); m.Agency != "" {
				t.Fatalf("%q leads to %+v", local+"@"+edited, m)
			}
		}
	})
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// The pattern index must find what trying every pattern finds.
func TestPatternIndexAgreesWithScan(t *testing.T) {
	word := rapid.StringMatching(`[ab.*?]{1,5}`)
	rapid.Check(t, func(t *rapid.T) {
		var x patternIndex
		globs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return word.Draw(t, "glob") + "*@" + rapid.SampledFrom([]string{"a.vn", "*.a.vn", "b.a.vn"}).Draw(t, "domain")
		}), 1, 6).Draw(t, "globs")
		for i, g := range globs {
			x.add(g, int32(i))
		}
		local := rapid.StringMatching(`[ab.]{1,6}`).Draw(t, "local")
		domain := rapid.SampledFrom([]string{"a.vn", "b.a.vn", "c.b.a.vn", "xa.vn"}).Draw(t, "address")
		got := map[int32]bool{}
		for _, row := range x.match(local, domain) {
			got[row] = true
		}
		for i, g := range globs {
			if want := globMatch(g, local+"@"+domain); want != got[int32(i)] {
				t.Fatalf("%q on %q: want %v", g, local+"@"+domain, want)
			}
		}
	})
}
