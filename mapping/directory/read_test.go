package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

const header = "id,code,aliases,name,short_name,parent,level,groups,addresses,domains,patterns,ready_since,valid_from,valid_to,successors,contact\n"

func mustRead(t testing.TB, text string) *Directory {
	t.Helper()
	d, _, err := Read("agencies.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func day(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02", s, time.FixedZone("", 7*3600))
	if err != nil {
		panic(err)
	}
	return t
}

func TestReadKeepsEveryColumn(t *testing.T) {
	text := "\ufeff" + header +
		`snn,H49.10,SNN;H49.10.00,"Sở Nông nghiệp, tỉnh Quảng Trị",SNN&PTNT,,province,so-nganh; he-thong ,VanThu.SNN@QuangTri.gov.vn,snn.quangtri.gov.vn,*.snn@quangtri.gov.vn,2019-04-12,2015-01-01,2025-06-30,snnmt,"Tổ hỗ trợ, 0233 1022"` + "\r\n" +
		",,,,,,,,,,,,,,,\r\n" +
		"snnmt,H49.11,,Sở Nông nghiệp và Môi trường,,snn,province,,,,,,2025-07-01,,,\r\n"
	d, warnings, err := Read("agencies.csv", []byte(text))
	if err != nil || len(warnings) != 0 {
		t.Fatalf("err %v, warnings %v", err, warnings)
	}
	want := Agency{ID: "snn", Code: "H49.10", Aliases: []string{"SNN", "H49.10.00"}, Name: "Sở Nông nghiệp, tỉnh Quảng Trị", ShortName: "SNN&PTNT",
		Level: Province, Groups: []string{"so-nganh", "he-thong"}, Addresses: []string{"vanthu.snn@quangtri.gov.vn"},
		Domains: []string{"snn.quangtri.gov.vn"}, Patterns: []string{"*.snn@quangtri.gov.vn"}, ReadySince: day("2019-04-12"),
		ValidFrom: day("2015-01-01"), ValidUntil: day("2025-07-01"), Successors: []string{"snnmt"}, Contact: "Tổ hỗ trợ, 0233 1022", Line: 2}
	got, ok := d.Agency("snn", day("2020-01-01"))
	for _, at := range []*time.Time{&got.ReadySince, &got.ValidFrom, &got.ValidUntil, &want.ReadySince, &want.ValidFrom, &want.ValidUntil} {
		*at = at.UTC()
	}
	if !ok || !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	sum := sha256.Sum256([]byte(text))
	if d.Version() != hex.EncodeToString(sum[:]) {
		t.Error("version is not the digest of the bytes as they stand in the file")
	}
	if d.Len() != 2 || !reflect.DeepEqual(d.Groups(), []string{"he-thong", "so-nganh"}) {
		t.Errorf("len %d, groups %v", d.Len(), d.Groups())
	}
}

func TestReadRefuses(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"empty file", "", "agencies.csv: no header line"},
		{"unknown column", "id,email\na,x\n", "agencies.csv:1: email: unknown column"},
		{"no id column", "code\nH1\n", "agencies.csv:1: id: column is missing"},
		{"column twice", "id,name,name\na,b,c\n", "agencies.csv:1: name: column stands twice"},
		{"semicolons for commas", "id;code\na;b\n", "save the file as \"CSV UTF-8 (comma delimited)\""},
		{"legacy encoding", "id,name\na,S\xf4 N\xf4ng\nb,ok\nc,\xff\n", "agencies.csv:4: not UTF-8"},
		{"empty id", "id,name\n,x\n", "agencies.csv:2: id: is empty"},
		{"id with blank", "id\nso nong nghiep\n", `agencies.csv:2: id: "so nong nghiep" holds a blank`},
		{"too few cells", "id,name\na\n", "agencies.csv:2: 1 cells where the header names 2"},
		{"level", "id,level\na,huyen\n", `agencies.csv:2: level: "huyen" is unknown`},
		{"date", "id,ready_since\na,12/04/2019\n", `agencies.csv:2: ready_since: "12/04/2019" is not a date`},
		{"day that is none", "id,valid_to\na,2019-02-30\n", `agencies.csv:2: valid_to: "2019-02-30" is not a date`},
		{"period backwards", "id,valid_from,valid_to\na,2019-02-02,2019-02-01\n", "agencies.csv:2: valid_to: lies before valid_from"},
		{"periods overlap", "id,valid_from,valid_to\na,,2019-02-01\na,2019-02-01,\n", `agencies.csv:3: id: "a" is also valid by line 2`},
		{"id twice", "id\na\na\n", `agencies.csv:3: id: "a" is also valid by line 2`},
		{"address twice", "id,addresses\na,x@a.vn\nb,X@A.vn\n", `agencies.csv:3: addresses: "x@a.vn" also belongs to a (line 2)`},
		{"code twice", "id,code\na,h49.1\nb,H49.1\n", `agencies.csv:3: code: "H49.1" also belongs to a`},
		{"address with name", "id,addresses\na,Văn thư <x@a.vn>\n", "agencies.csv:2: addresses:"},
		{"address without dot", "id,addresses\na,vanthu@quangtri\n", "agencies.csv:2: addresses:"},
		{"quoted address", "id,addresses\na,\"\"\"x\"\"@a.vn\"\n", "agencies.csv:2: addresses:"},
		{"domain with @", "id,domains\na,@quangtri.gov.vn\n", "agencies.csv:2: domains:"},
		{"domain wildcard", "id,domains\na,*.gov.vn\n", "agencies.csv:2: domains:"},
		{"pattern open domain", "id,patterns\na,vanthu@*.vn\n", "agencies.csv:2: patterns:"},
		{"pattern wild label", "id,patterns\na,vanthu@quang*.gov.vn\n", "agencies.csv:2: patterns:"},
		{"pattern without wildcard", "id,patterns\na,vanthu@quangtri.gov.vn\n", "put it under addresses"},
		{"broken quoting", "id,name\na,\"x\" y\nb,z\n", "agencies.csv:2: broken quoting"},
		{"line break in a cell", "id,name\na,\"x\ny\"\n", "agencies.csv:2: name: holds a line break"},
		{"own parent", "id,parent\na,a\n", "agencies.csv:2: parent:"},
		{"own successor", "id,valid_to,successors\na,2020-01-01,a\n", "agencies.csv:2: successors:"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, _, err := Read("agencies.csv", []byte(c.text))
			var faults Faults
			if !errors.As(err, &faults) || d != nil {
				t.Fatalf("directory %v, err %v", d, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestReadNamesEveryFaultInFileOrder(t *testing.T) {
	text := "id,level,addresses,ready_since\n" +
		"a,xa,vanthu@a.vn,\n" + // 2: level
		"b,commune,\"x@b.vn,2019-01-01\n" + // 3: the quote runs on into the next line
		"c\",commune,,\n" +
		"c,commune,not an address,never\n" + // 5: two faults
		"d,commune,vanthu@a.vn,\n" // 6: address of a
	_, _, err := Read("f.csv", []byte(text))
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Key)
		if f.File != "f.csv" || f.Line == 0 || f.Text == "" {
			t.Errorf("incomplete fault %+v", f)
		}
	}
	if want := []string{"level", "", "addresses", "ready_since", "addresses"}; !reflect.DeepEqual(got, want) {
		t.Errorf("keys %q, want %q:\n%v", got, want, err)
	}
}

func TestReadWarns(t *testing.T) {
	d, warnings, err := Read("f.csv", []byte("id,parent,valid_to,successors,aliases\na,nobody,2020-01-01,gone,X\nb,a,,a,x\n"))
	if err != nil || d.Len() != 2 {
		t.Fatal(err)
	}
	var got []string
	for _, w := range warnings {
		got = append(got, w.Error())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{`f.csv:2: parent: "nobody"`, `f.csv:2: successors: "gone"`, "f.csv:3: successors: have no effect", `f.csv:3: aliases: "x"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning %s in\n%s", want, text)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(header + "a,H1,b;c,Tên,T,,commune,g,x@a.vn,a.vn,*@a.vn,2020-01-01,2019-01-01,2021-01-01,b,ai\n"))
	f.Add([]byte("id,patterns\na,?*x@*.a.vn\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, _, err := Read("f", data)
		if (d == nil) == (err == nil) {
			t.Fatalf("directory %v and error %v", d, err)
		}
		if d == nil {
			return
		}
		at := day("2020-06-01")
		for i := range d.agencies {
			a := &d.agencies[i]
			for _, addr := range a.Addresses {
				if m := d.ByAddress(addr, at); a.ValidAt(at) && m.Agency != a.ID {
					t.Fatalf("own address %q leads to %+v", addr, m)
				}
			}
		}
	})
}
