package directory

import (
	"strings"
	"testing"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// guarded lists what the tricks below try to pass for.
const guarded = "id,addresses,domains,patterns\n" +
	"so,stttt@quangtri.gov.vn,quangtri.gov.vn,*.so@quangtri.gov.vn\n" +
	"xa,,,*@*.xa.gov.vn\n" +
	"dau,văn.thư@quảngtrị.vn,quảngtrị.vn,*.vănthư@quảngtrị.vn\n"

// Each of these exists to be taken for somebody in the directory.
func TestTricksNeverMatch(t *testing.T) {
	d := mustRead(t, guarded)
	uLabel := "quảngtrị.vn"
	aLabel, err := idna.ToASCII(uLabel)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ trick, addr string }{
		{"the domain as a sub-domain", "stttt@quangtri.gov.vn.evil.com"},
		{"the domain as the end of another", "stttt@evilquangtri.gov.vn"},
		{"the domain as the end of another, hyphen", "stttt@evil-quangtri.gov.vn"},
		{"a sub-domain", "stttt@mail.quangtri.gov.vn"},
		{"the address as a sub-domain", "x@stttt.quangtri.gov.vn"},
		{"the domain above", "stttt@gov.vn"},
		{"another top-level domain", "stttt@quangtri.gov.com"},
		{"end of a sub-domain pattern", "a@evilxa.gov.vn"},
		{"sub-domain pattern without one", "a@xa.gov.vn"},
		{"sub-domain pattern, empty label", "a@.xa.gov.vn"},
		{"trailing dot", "stttt@quangtri.gov.vn."},
		{"two trailing dots", "stttt@quangtri.gov.vn.."},
		{"empty label", "stttt@quangtri..gov.vn"},
		{"leading dot", "stttt@.quangtri.gov.vn"},
		{"ideographic full stops", "stttt@quangtri。gov。vn"},
		{"one dot leader", "stttt@quangtri․gov․vn"},
		{"Cyrillic a", "stttt@quаngtri.gov.vn"},
		{"Cyrillic a as an A-label", "stttt@xn--qungtri-kjh.gov.vn"},
		{"Cyrillic top level", "stttt@quangtri.gov.vո"},
		{"Greek omicron", "stttt@quangtri.gοv.vn"},
		{"whole label Cyrillic", "stttt@quangtri.ɡov.vn"},
		{"dotless i", "stttt@quangtrı.gov.vn"},
		{"Turkish capital I", "STTTT@QUANGTRİ.GOV.VN"},
		{"Kelvin sign", "\u212a.so@quangtri.gov.vn"},
		{"full width", "stttt@ｑuangtri.gov.vn"},
		{"mathematical", "stttt@𝐪uangtri.gov.vn"},
		{"soft hyphen", "stttt@quang\u00adtri.gov.vn"},
		{"zero width joiner", "stttt@quangtri\u200d.gov.vn"},
		{"zero width space", "stttt@quangtri\u200b.gov.vn"},
		{"right-to-left override", "stttt@\u202equangtri.gov.vn"},
		{"combining dot below", "stttt@quangtri\u0323.gov.vn"},
		{"A-label of plain ASCII", "stttt@xn--quangtri.gov.vn"},
		{"A-label that is none", "stttt@xn--\xff.gov.vn"},
		{"A-label with a dot inside", "stttt@xn--quangtri.gov-.vn"},
		{"A-label of the look-alike", "x@" + strings.Replace(aLabel, "xn--", "xn--a", 1)},
		{"U-label without its marks", "x@quangtri.vn"},
		{"U-label with other marks", "x@quángtrị.vn"},
		{"U-label, mixed scripts", "x@quảngтrị.vn"},
		{"local part, Cyrillic", "sttт@quangtri.gov.vn"},
		{"local part, full width", "ｓtttt@quangtri.gov.vn"},
		{"local part, zero width", "st\u200bttt@quangtri.gov.vn"},
		{"local part, decomposed", norm.NFD.String("văn.thư") + "@" + uLabel + "x"},
		{"local part, percent route", "stttt%quangtri.gov.vn@evil.com"},
		{"local part, bang route", "evil!stttt@quangtri.gov.vn.evil.com"},
		{"source route", "@evil.com:stttt@quangtri.gov.vn"},
		{"quoted local part", `"stttt"@quangtri.gov.vn`},
		{"quoted address as local part", `"stttt@quangtri.gov.vn"@evil.com`},
		{"quoted blank", `"st ttt"@quangtri.gov.vn`},
		{"escaped", `st\ttt@quangtri.gov.vn`},
		{"comment", "stttt(x)@quangtri.gov.vn"},
		{"comment in the domain", "stttt@quangtri.gov.vn(.evil.com)"},
		{"display name", "STTTT <stttt@quangtri.gov.vn>"},
		{"two addresses", "stttt@quangtri.gov.vn, x@evil.com"},
		{"two addresses, semicolon", "x@evil.com;stttt@quangtri.gov.vn"},
		{"group", "so:stttt@quangtri.gov.vn;"},
		{"two @", "stttt@quangtri.gov.vn@evil.com"},
		{"two @, ours last", "stttt@evil.com@quangtri.gov.vn"},
		{"blank", "stttt@quangtri.gov.vn evil.com"},
		{"leading blank", " stttt@quangtri.gov.vn"},
		{"no-break blank", "stttt\u00a0@quangtri.gov.vn"},
		{"NUL", "stttt@quangtri.gov.vn\x00.evil.com"},
		{"line break", "stttt@quangtri.gov.vn\r\nBcc: x@evil.com"},
		{"not UTF-8", "stttt\xc0\xae@quangtri.gov.vn"},
		{"address literal", "stttt@[10.0.0.1]"},
		{"a number", "stttt@10.0.0.1"},
		{"dots in the local part", "stt..tt@quangtri.gov.vn"},
		{"nothing before the @", "@quangtri.gov.vn"},
		{"nothing behind", "stttt@"},
		{"too long", strings.Repeat("a", 65) + "@quangtri.gov.vn"},
		{"too long a domain", "a@" + strings.Repeat("a.", 130) + "quangtri.gov.vn"},
	} {
		t.Run(c.trick, func(t *testing.T) {
			if m := d.ByAddress(c.addr, day("2020-01-01")); m.Agency != "" || m.How != Unmatched {
				t.Errorf("%q leads to %+v", c.addr, m)
			}
		})
	}
}

// What is the same address is found, in whichever form it is written.
func TestSameAddressInOtherForms(t *testing.T) {
	d := mustRead(t, guarded)
	aLabel, err := idna.ToASCII("quảngtrị.vn")
	if err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]How{
		"STTTT@QuangTri.GOV.vn": ByAddress, "x@quangtri.gov.vn": ByDomain, "a.so@quangtri.gov.vn": ByPattern, "a@b.xa.gov.vn": ByPattern, "a@c.b.xa.gov.vn": ByPattern,
		"x@" + aLabel: ByDomain, "x@" + strings.ToUpper(aLabel): ByDomain, "x@quảngtrị.vn": ByDomain, "x@QUẢNGTRỊ.VN": ByDomain, "x@" + norm.NFD.String("quảngtrị.vn"): ByDomain,
		"văn.thư@" + aLabel: ByAddress, "VĂN.THƯ@quảngtrị.vn": ByAddress, "tổ.vănthư@" + aLabel: ByPattern,
	} {
		if m := d.ByAddress(addr, day("2020-01-01")); m.How != want {
			t.Errorf("%q: %+v, want %s", addr, m, want)
		}
	}
}

// FuzzByAddress: whatever is asked, what matches is an address that spells a listed domain letter by letter, once case is put aside and
// A-labels are read, and has one plain local part.
func FuzzByAddress(f *testing.F) {
	for _, s := range []string{"stttt@quangtri.gov.vn", "STTTT@quangtri.gov.vn.evil.com", "\"x\"@quangtri.gov.vn", "x@xn--qungtr-o4a9604d.vn", "a@b.xa.gov.vn", "x@quảngtrị.vn", "x@quangtri.gov.vn.", "K@quangtri.gov.vn"} {
		f.Add(s)
	}
	d := mustRead(f, guarded)
	f.Fuzz(func(t *testing.T, addr string) {
		m := d.ByAddress(addr, day("2020-01-01"))
		if m.How == Unmatched {
			return
		}
		local, domain, one := strings.Cut(addr, "@")
		if !one || strings.Contains(domain, "@") || strings.ContainsAny(local, " \"\\()<>[],;:\x00\r\n\t") {
			t.Fatalf("%q leads to %+v", addr, m)
		}
		shown, err := idna.Display.ToUnicode(strings.ToLower(domain))
		if err != nil {
			t.Fatalf("%q, whose domain is none (%v), leads to %+v", addr, err, m)
		}
		shown = norm.NFC.String(shown)
		if shown != "quangtri.gov.vn" && shown != "quảngtrị.vn" && !strings.HasSuffix(shown, ".xa.gov.vn") {
			t.Fatalf("%q is shown as %q and leads to %+v", addr, shown, m)
		}
		if m.How == ByAddress && strings.ToLower(local) != "stttt" && strings.ToLower(local) != "văn.thư" {
			t.Fatalf("%q leads to %+v", addr, m)
		}
	})
}

// However agencies share domains, addresses and patterns: the domain decides only where one agency uses it, at whatever time.
func TestDomainNeverDecidesBetweenSeveral(t *testing.T) {
	domains := []string{"a.gov.vn", "b.gov.vn"}
	dates := []string{"", "2020-01-01", "2022-01-01", "2024-01-01"}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "agencies")
		rows := make([]Agency, n)
		for i := range rows {
			a := &rows[i]
			a.ID = string(rune('p' + i))
			if rapid.Bool().Draw(t, "lists") {
				a.Domains = []string{rapid.SampledFrom(domains).Draw(t, "domain")}
			}
			if rapid.Bool().Draw(t, "has address") {
				a.Addresses = []string{a.ID + "@" + rapid.SampledFrom(domains).Draw(t, "at")}
			}
			if from := rapid.SampledFrom(dates).Draw(t, "from"); from != "" {
				a.ValidFrom = day(from)
			}
			if rapid.Bool().Draw(t, "ends") {
				a.ValidUntil = day("2025-07-01")
				a.Successors = []string{string(rune('p' + rapid.IntRange(0, n-1).Draw(t, "heir")))}
			}
		}
		d := build(nil, rows)
		at := day(rapid.SampledFrom([]string{"2019-06-01", "2021-06-01", "2023-06-01", "2025-08-01"}).Draw(t, "when"))
		domain := rapid.SampledFrom(domains).Draw(t, "asked")
		m := d.ByAddress("khac@"+domain, at)
		if m.How != ByDomain {
			if m.Agency != "" {
				t.Fatalf("%+v", m)
			}
			return
		}
		for i := range rows {
			a := &rows[i]
			uses := len(a.Domains) > 0 && a.Domains[0] == domain || len(a.Addresses) > 0 && strings.HasSuffix(a.Addresses[0], "@"+domain)
			if uses && a.ValidAt(at) && a.ID != m.Agency {
				t.Fatalf("%s uses %s too, and it was decided for %+v", a.ID, domain, m)
			}
		}
	})
}
