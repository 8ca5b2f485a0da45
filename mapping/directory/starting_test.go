package directory

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestStarting(t *testing.T) {
	d, warnings, err := Read("starting.csv", Starting())
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	count := func(at string, level Level, letter string) int {
		n := 0
		for _, a := range d.Agencies() {
			if a.ValidAt(day(at)) && a.Level == level && strings.HasPrefix(a.Code, letter) {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		at   string
		want int
	}{{"2024-06-01", 63}, {"2025-06-30", 63}, {"2025-07-01", 34}} {
		if got := count(c.at, Province, "H"); got != c.want {
			t.Errorf("%d provinces on %s, want %d", got, c.at, c.want)
		}
	}
	for _, a := range d.Agencies() {
		if len(a.Addresses)+len(a.Domains)+len(a.Patterns) > 0 {
			t.Errorf("%s has addresses, which nobody has confirmed", a.ID)
		}
		if FormOf(a.Code) != QD20 {
			t.Errorf("%s: code %q", a.ID, a.Code)
		}
	}
	if m := d.ByCode("H57", day("2024-06-01")); m.Name != "Ủy ban nhân dân tỉnh Thừa Thiên Huế" {
		t.Errorf("%+v", m)
	}
	if m := d.ByCode("G07", day("2026-01-01")); m.How != Ambiguous || m.Successor != "bo-lao-dong-thuong-binh-va-xa-hoi" {
		t.Errorf("a ministry that was split: %+v", m)
	}
}

// reference opens a table of the reference, which lies beside the repository where the program is developed.
func reference(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "reference", name))
	if errors.Is(err, fs.ErrNotExist) {
		absent(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, c := range l {
			row[lines[0][i]] = c
		}
		out = append(out, row)
	}
	return out
}

// What the reference knows of the provinces, the directory knows, and where the reference doubts, it doubts.
func TestStartingAgreesOnProvinces(t *testing.T) {
	d := mustRead(t, string(Starting()))
	old, now := day("2024-12-31"), day("2025-07-01")
	rows := reference(t, "provinces.csv")
	if len(rows) != 63 {
		t.Fatalf("%d provinces in the reference", len(rows))
	}
	for _, r := range rows {
		before, after := d.ByCode(r["code"], old), d.ByCode(r["code"], now)
		if name := r["province_before_2025_07"]; !strings.HasSuffix(before.Name, " "+name) {
			t.Errorf("%s was %s, and is %q here", r["code"], name, before.Name)
		}
		if after.Code != r["successor_code"] || !strings.HasSuffix(after.Name, " "+r["successor_name"]) || (after.Successor != "") != (r["status_after_2025_07_01"] == "closed") {
			t.Errorf("%s went to %s, and goes to %+v here", r["code"], r["successor_code"], after)
		}
		if m := d.ByCode(r["old_code_102"], old); m.Agency != before.Agency || m.Agency == "" {
			t.Errorf("%s leads to %+v", r["old_code_102"], m)
		}
		a, _ := d.Find(r["code"], old)
		if (a.Doubt != "") != (r["code_verified"] == "no") && r["code"] != "H57" {
			t.Errorf("%s is verified: %s; its doubt here: %q", r["code"], r["code_verified"], a.Doubt)
		}
	}
}

func TestStartingAgreesOnCentralBodies(t *testing.T) {
	d := mustRead(t, string(Starting()))
	for _, r := range reference(t, "central.csv") {
		a, before := d.Find(r["code"], day("2024-12-31"))
		b, after := d.Find(r["code"], day("2025-04-14"))
		if name := r["name_before_2025"]; name != "" && a.Name != name {
			t.Errorf("%s was %s, and is %q here", r["code"], name, a.Name)
		}
		if name := r["name_QD_09_2025"]; name != "" && b.Name != name {
			t.Errorf("%s is %s since 2025, and %q here", r["code"], name, b.Name)
		}
		if gone := strings.HasPrefix(r["note"], "absent"); gone && (!before || after || len(a.Successors) == 0) {
			t.Errorf("%s is gone by the reference, here %v, %v, successors %v", r["code"], before, after, a.Successors)
		}
		if !slices.Contains([]string{"kept"}, r["note"]) && a.Doubt == "" && b.Doubt == "" {
			t.Errorf("%s is %q in the reference and has no doubt here", r["code"], r["note"])
		}
	}
}
