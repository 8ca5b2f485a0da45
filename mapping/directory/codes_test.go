package directory

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormOf(t *testing.T) {
	for _, c := range []struct {
		code   string
		form   CodeForm
		turned string // in the notation of QĐ 20/2020; empty: cannot be turned
	}{
		{"H50", QD20, ""},
		{"H50.12.34", QD20, ""},
		{"h50.12.34", QD20, ""},
		{" H50. 12.34 ", QD20, ""},
		{"G12.18", QD20, ""},
		{"H55.242", QD20, ""},
		{"H37.DN.001", QD20, ""},
		{"000.00.12.H28", QCVN102, "H28.12"},
		{"000.12.31.H53", QCVN102, "H53.31.12"},
		{"000.00.00.H50", QCVN102, "H50"},
		{"001.00.00.H50", QCVN102, "H50.001"},
		{"(không)", Opaque, ""},
		{"28.22.H17", ThreeGroups, "H17.22.28"},
		{"00.99.H29", ThreeGroups, "H29.99"},
		{"000.00.12.TT2", Opaque, ""},
		{"00.00.12.H28", Opaque, ""},
		{"000.00.12.28", Opaque, ""},
		{"vxp.saas.03", Opaque, ""},
		{"0100109106", Opaque, ""}, // the number under which an enterprise is registered
		{"", Opaque, ""},
		{".", Opaque, ""},
		{"H50..12", Opaque, ""},
		{"Н50.12", Opaque, ""}, // Cyrillic
		{"H50." + strings.Repeat("1.", 20) + "1", Opaque, ""},
	} {
		if got := FormOf(c.code); got != c.form {
			t.Errorf("%q is %s, want %s", c.code, got, c.form)
		}
		if got, ok := ToQD20(c.code); got != c.turned || ok != (c.turned != "") {
			t.Errorf("%q turns into %q, %v; want %q", c.code, got, ok, c.turned)
		}
	}
}

// Whatever is written in four groups from below comes out in the same groups from above, without the empty levels.
func TestToQD20KeepsGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l4, l3, l2 := rapid.IntRange(0, 999).Draw(t, "l4"), rapid.IntRange(0, 99).Draw(t, "l3"), rapid.IntRange(0, 99).Draw(t, "l2")
		l1 := rapid.StringMatching(`[A-Z][0-9]{2}`).Draw(t, "l1")
		want := l1
		for _, g := range []struct{ n, width int }{{l2, 2}, {l3, 2}, {l4, 3}} {
			if g.n > 0 {
				want += fmt.Sprintf(".%0*d", g.width, g.n)
			}
		}
		code := fmt.Sprintf("%03d.%02d.%02d.%s", l4, l3, l2, l1)
		if got, ok := ToQD20(strings.ToLower(code)); !ok || got != want {
			t.Fatalf("%s turns into %q, want %q", code, got, want)
		}
	})
}

func TestByCodeInEveryNotation(t *testing.T) {
	d := mustRead(t, "id,code,aliases,name,valid_to,successors\n"+
		"tinh,H50,000.00.00.H50,UBND tỉnh,,\n"+
		"so,H50.12,000.00.31.H50,Sở Hải Ba,,\n"+ // numbered anew: the axis says that .31 was this one
		"khac,H50.31,,Sở Hải Tân,,\n"+
		"cu,000.12.31.H53,,Thanh tra cũ,,\n"+
		"xa,H17.22.28,,Xã Hải Hà,,\n"+
		"dong,H46.07,,Sở đã đóng,2025-06-30,so\n"+
		"dia-phuong,vxp.saas.03,,Đơn vị thử,,\n")
	for _, c := range []struct {
		code, agency string
		findings     []string
	}{
		{"H50", "tinh", nil},
		{"000.00.00.H50", "tinh", nil},
		{" h50.12 ", "so", nil},
		{"H50.12.", "so", nil},
		{"000.00.31.H50", "so", nil}, // the alias, not what turning around would give
		{"000.00.12.H50", "so", []string{FoundConverted}},
		{"H50.31", "khac", nil},
		{"H53.31.12", "cu", []string{FoundConverted}},
		{"28.22.H17", "xa", []string{FoundConverted}},
		{"H46.07", "so", []string{FoundSucceeded}},
		{"000.00.07.H46", "so", []string{FoundSucceeded, FoundConverted}},
		{"VXP.SAAS.03", "dia-phuong", nil},
		{"dong", "so", []string{FoundSucceeded}}, // the id
		{"000.00.99.H50", "", nil},
		{"H50.1", "", nil},
		{"H5", "", nil},
		{".", "", nil},
		{"", "", nil},
		{"Н50", "", nil}, // Cyrillic
	} {
		m := d.ByCode(c.code, day("2026-01-01"))
		if m.Agency != c.agency || fmt.Sprint(m.Findings) != fmt.Sprint(append([]string{}, c.findings...)) {
			t.Errorf("%q leads to %q with %v; want %q with %v", c.code, m.Agency, m.Findings, c.agency, c.findings)
		}
	}
	// What is granted by name is granted to who bears the name, not to a guess.
	if a, ok := d.Find("000.00.12.H50", day("2026-01-01")); ok {
		t.Errorf("a turned code found %s by name", a.ID)
	}
}

// A turned code that fits two agencies chooses neither.
func TestConvertedCodeOfTwo(t *testing.T) {
	d := mustRead(t, "id,code,aliases\na,000.12.31.H53,\nb,H53.9,12.31.H53\n")
	m := d.ByCode("H53.31.12", day("2026-01-01"))
	if m.How != Ambiguous || m.Agency != "" || len(m.Candidates) != 2 {
		t.Errorf("%+v", m)
	}
}
