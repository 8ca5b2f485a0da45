package directory

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const existing = "id,code,name,addresses,groups,valid_from,valid_to\n" +
	"snv,H50.01,Sở Nội vụ,vanthu@noivu.example.vn,so,,\n" +
	"stc,H50.02,Sở Tài chính,vanthu@taichinh.example.vn,so,,2024-12-31\n" +
	"stc,H50.02,Sở Tài chính và Kế hoạch,vanthu@taichinh.example.vn,so,2025-01-01,\n"

func TestMerge(t *testing.T) {
	current := mustRead(t, existing)
	p, err := Merge(current, "moi.csv", []byte("id,name,valid_from,valid_to,successors\n"+
		"snv,Sở Nội vụ,,,\n"+ // says what is known
		"stc,Sở Tài chính,2025-01-01,,\n"+ // the later period gets another name
		"xa,Xã Hải Ba,2025-07-01,,\n"+
		"stc,Sở Tài chính,,2024-12-31,\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range p.Lines {
		got = append(got, fmt.Sprint(l.Line, " ", l.ID, " ", l.Change, " ", l.Columns))
	}
	want := []string{"2 snv unchanged []", "3 stc changed [name]", "4 xa added []", "5 stc unchanged []"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	// Columns that the file does not have stay.
	if a, _ := p.Directory.Agency("stc", day("2026-01-01")); a.Name != "Sở Tài chính" || a.Code != "H50.02" || !a.InGroup("so") || len(a.Addresses) != 1 {
		t.Errorf("%+v", a)
	}
	if a, _ := p.Directory.Agency("stc", day("2024-01-01")); a.Name != "Sở Tài chính" {
		t.Errorf("%+v", a)
	}
	if p.Directory.Len() != 4 || current.Len() != 3 {
		t.Errorf("%d lines, and %d in what was there", p.Directory.Len(), current.Len())
	}
	if again, _, err := Read("x", p.Data); err != nil || again.Version() != p.Directory.Version() {
		t.Errorf("what would be written is not what was checked: %v", err)
	}
	// The same file once more changes nothing.
	q, err := Merge(p.Directory, "moi.csv", p.Data)
	if err != nil || !bytes.Equal(q.Data, p.Data) {
		t.Errorf("again: %v\n%s", err, q.Data)
	}
}

func TestMergeWithoutPeriods(t *testing.T) {
	p, err := Merge(mustRead(t, existing), "moi.csv", []byte("id,addresses,valid_to,successors\nstc,vanthu.stc@example.vn,2025-06-30,snv\n"))
	if err != nil {
		t.Fatal(err)
	}
	if l := p.Lines[0]; l.Change != Closed || fmt.Sprint(l.Columns) != "[addresses valid_to successors]" {
		t.Errorf("%+v", l)
	}
	d := p.Directory
	if m := d.ByAddress("vanthu.stc@example.vn", day("2025-07-01")); m.Agency != "snv" || m.Successor != "stc" {
		t.Errorf("the latest period was not meant: %+v", m)
	}
	if m := d.ByAddress("vanthu@taichinh.example.vn", day("2024-01-01")); m.Agency != "stc" {
		t.Errorf("the period before was touched: %+v", m)
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"a fault of its own", "id,level\nx,huyen\n", "moi.csv:2: level"},
		{"somebody else's address", "id,addresses\nx,vanthu@noivu.example.vn\n", `moi.csv:2: addresses: "vanthu@noivu.example.vn" also belongs to snv (line 2)`},
		{"somebody else's code", "id,code\nx,h50.01\n", `moi.csv:2: code: "h50.01" also belongs to snv (line 2)`},
		{"overlapping periods", "id,valid_from,valid_to\nsnv,2025-01-01,\n", `moi.csv:2: id: "snv" is also valid by line 2`},
		{"the same line twice", "id,name\nsnv,A\nsnv,B\n", `moi.csv:3: id: "snv" stands in line 2 for the same period already`},
		{"new line twice", "id,name\nx,A\nx,B\n", `moi.csv:3: id: "x" stands in line 2`},
		{"last day before the first", "id,valid_to\nstc,2020-01-01\n", "moi.csv:2: valid_to: lies before valid_from 2025-01-01"},
		{"what was there comes into conflict", "id,addresses\nsnv,vanthu@taichinh.example.vn\n", `agencies.csv:3: addresses: "vanthu@taichinh.example.vn" also belongs to snv (moi.csv:2)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Merge(mustRead(t, existing), "moi.csv", []byte(c.file))
			var faults Faults
			if !errors.As(err, &faults) || p.Data != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// Of a file with thousands of faulty lines, every one is named.
func TestEveryFaultyLineIsNamed(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,level\n")
	for i := 2; i <= 4001; i++ {
		level := "huyen"
		if i%2 == 0 || i > 3990 {
			level = "commune"
		}
		if i >= 3000 && i < 3010 {
			level = "sai"
		}
		fmt.Fprintf(&b, "x%d,%s\n", i, level)
	}
	_, err := Merge(Empty(), "f.csv", []byte(b.String()))
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != maxFaults+1 {
		t.Fatalf("%d faults", len(faults))
	}
	named := map[int]bool{}
	for _, f := range faults[:maxFaults] {
		named[f.Line] = true
	}
	_, rest, _ := strings.Cut(faults[maxFaults].Text, ": ")
	rest, _, _ = strings.Cut(rest, ";")
	for part := range strings.SplitSeq(rest, ", ") {
		var from, to int
		if n, _ := fmt.Sscanf(part, "%d-%d", &from, &to); n == 1 {
			to = from
		}
		for i := from; i <= to; i++ {
			named[i] = true
		}
	}
	for i := 2; i <= 4001; i++ {
		faulty := i%2 == 1 && i <= 3990 || i >= 3000 && i < 3010
		if named[i] != faulty {
			t.Fatalf("line %d: faulty %v, named %v", i, faulty, named[i])
		}
	}
}

func TestMergeWarnsOfReusedIDs(t *testing.T) {
	p, err := Merge(mustRead(t, existing), "moi.csv", []byte("id,code,name\nsnv,H50.77,Sở Du lịch\n"))
	if err != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Error(), "moi.csv:2: id:") {
		t.Errorf("%v, %v", err, p.Warnings)
	}
}

func TestReplace(t *testing.T) {
	file := []byte("id,name\nsnv,Sở Nội vụ\nmoi,Mới\n")
	p, err := Replace(mustRead(t, existing), "moi.csv", file)
	if err != nil || !bytes.Equal(p.Data, file) {
		t.Fatal(err)
	}
	if fmt.Sprint(p.Gone) != "[stc]" || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Text, "give it valid_to") {
		t.Errorf("gone %v, warnings %v", p.Gone, p.Warnings)
	}
	if p.Lines[0].Change != Changed || fmt.Sprint(p.Lines[0].Columns) != "[code groups addresses]" || p.Lines[1].Change != Added {
		t.Errorf("%+v", p.Lines)
	}
}

// What Write writes, Read reads.
func TestWriteAndReadAgree(t *testing.T) {
	word := rapid.StringMatching(`[A-ZĐa-zăâê][a-z &"',.-]{0,8}[a-z]`)
	date := rapid.SampledFrom([]string{"", "2019-01-01", "2025-06-30"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 4).Draw(t, "lines")
		rows := make([]Agency, 0, n)
		for i := range n {
			a := Agency{ID: fmt.Sprintf("x%d", i), Code: fmt.Sprintf("H%d", i), Name: word.Draw(t, "name"), ShortName: word.Draw(t, "short"), Parent: "x0",
				Level: Commune, Groups: rapid.SliceOfNDistinct(word, 0, 2, rapid.ID).Draw(t, "groups"), Addresses: []string{fmt.Sprintf("a%d@x.example.vn", i)},
				Domains: []string{"x.example.vn"}, Patterns: []string{"*.a@x.example.vn"}, Contact: word.Draw(t, "contact"), Doubt: word.Draw(t, "doubt")}
			if i == 0 {
				a.Parent = ""
			}
			if s := date.Draw(t, "ready"); s != "" {
				a.ReadySince = day(s)
			}
			if s := date.Draw(t, "until"); s != "" {
				a.ValidUntil, a.Successors = day(s), []string{"y"}
			}
			rows = append(rows, a)
		}
		data := Write(rows)
		d, _, err := Read("x", data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		for i, a := range d.Agencies() {
			if got, want := differing(&a, &rows[i]), []string{}; !reflect.DeepEqual(got, want) {
				t.Fatalf("%q differ in\n%+v\n%+v", got, a, rows[i])
			}
		}
		if !bytes.Equal(Write(d.Agencies()), data) {
			t.Fatal("written twice, two files")
		}
	})
}
