package directory

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const onAxis = "id,code,aliases,name,level,addresses,ready_since,valid_from,valid_to,successors\n" +
	"tinh,H50,000.00.00.H50,Ủy ban nhân dân tỉnh Quảng Trị,province,vanthu@quangtri.example.vn,2019-01-01,,,\n" +
	"snv,H50.01,,Sở Nội vụ,province,,2019-01-01,,,\n" +
	"stc,000.00.02.H50,,Sở Tài chính,province,vanthu.stc@quangtri.example.vn,,,,\n" +
	"sct,H50.03,,Sở Công Thương,province,vanthu.sct@quangtri.example.vn,2019-01-01,,,\n" +
	"cu,H46,,Ủy ban nhân dân tỉnh Quảng Bình,province,,2019-01-01,,2025-06-30,tinh\n" +
	"doanh,0100100,,Công ty Hải Ba,enterprise,,2019-01-01,,,\n"

func summary(d Difference) []string {
	out := []string{}
	for _, l := range []struct {
		what string
		of   []Adjusted
	}{{"new", d.New}, {"changed", d.Changed}, {"closed", d.Closed}} {
		for _, a := range l.of {
			out = append(out, fmt.Sprint(l.what, " ", a.ID, " ", a.Columns))
		}
	}
	for _, w := range d.InDoubt {
		out = append(out, fmt.Sprint(w.Why, " ", w.Code, " ", w.Agencies))
	}
	return out
}

func TestSync(t *testing.T) {
	same := []Listed{{ID: "1", Code: "H50", Name: "UBND tinh Quang Tri"}, {ID: "2", Parent: "1", Code: "H50.01", Name: "Sở Nội vụ"}, {ID: "4", Parent: "1", Code: "H50.03", Name: "SỞ CÔNG THƯƠNG"}}
	with := func(more ...Listed) []Listed { return append(slices.Clone(same), more...) }
	for _, c := range []struct {
		name string
		list []Listed
		want []string
	}{
		{"nothing new", same, nil},
		{"another spelling of the old code", []Listed{{Code: "H50", Old: "000.00.00.H50", Name: "UBND tỉnh Quảng Trị"}, same[1], same[2]}, nil},
		{"the pair of codes", []Listed{same[0], {Code: "H50.01", Old: "000.00.01.H50", Name: "Sở Nội vụ"}, same[2]}, []string{"changed snv [aliases]"}},
		{"from the old code to the new", with(Listed{Code: "H50.77", Old: "000.00.02.H50", Name: "Sở Tài chính"}), []string{"changed stc [code aliases ready_since]"}},
		{"known only when turned around", with(Listed{Code: "H50.02", Name: "Sở Tài chính"}), []string{"code-converted H50.02 [stc]"}},
		{"a mailbox", []Listed{same[0], {Code: "H50.01", Name: "Sở Nội vụ", Mail: "VanThu.SNV@quangtri.example.vn"}, same[2]}, []string{"changed snv [addresses]"}},
		{"somebody else's mailbox", []Listed{same[0], {Code: "H50.01", Name: "Sở Nội vụ", Mail: "vanthu.sct@quangtri.example.vn"}, same[2]}, []string{"address-taken H50.01 [sct]"}},
		{"a mailbox for two", with(Listed{Code: "H50.08", Name: "Xã A", Mail: "a@x.example.vn"}, Listed{Code: "H50.09", Name: "Xã B", Mail: "A@x.example.vn"}),
			[]string{"new h50.08 [id code name parent level ready_since valid_from]", "new h50.09 [id code name parent level ready_since valid_from]", "address-taken H50.08 []", "address-taken H50.09 []"}},
		{"no mailbox", []Listed{same[0], {Code: "H50.01", Name: "Sở Nội vụ", Mail: "không có"}, same[2]}, nil},
		{"renamed, or somebody else", []Listed{same[0], {Code: "H50.01", Name: "Sở Du lịch"}, same[2]}, []string{"other-name H50.01 [snv]"}},
		{"a new commune", with(Listed{ID: "9", Parent: "1", Code: "H50.242", Name: "UBND xã Hải Ba", Mail: "ubnd.haiba@quangtri.example.vn"}),
			[]string{"new h50.242 [id code name parent level addresses ready_since valid_from]"}},
		{"a new district", with(Listed{Code: "H50.31", Name: "UBND huyện Hải Ba"}), []string{"ended-level H50.31 []"}},
		{"a new code for a known name", with(Listed{Code: "H50.55", Name: "Sở Tài chính"}), []string{"same-name H50.55 [stc]"}},
		{"a closed code", with(Listed{Code: "H46", Name: "UBND tỉnh Quảng Bình"}), []string{"closed-code H46 []"}},
		{"no code", with(Listed{Name: "Sở Vô danh"}), []string{"no-code  []"}},
		{"codes of the axis itself", with(Listed{Code: "H50.W00", Name: "Thử"}, Listed{Code: "VXP.SAAS.03", Name: "Thử 2"}), []string{"service-code H50.W00 []", "service-code VXP.SAAS.03 []"}},
		{"a code twice", with(Listed{Code: "H50.60", Name: "A"}, Listed{Code: "H50.60", Name: "B"}), []string{"code-twice H50.60 []", "code-twice H50.60 []"}},
		{"two entries for one agency", with(Listed{Code: "H50.70", Old: "000.00.00.H50", Name: "UBND tỉnh"}), []string{"agency-twice H50 [tinh]", "agency-twice H50.70 [tinh]"}},
		{"codes of two agencies", []Listed{same[0], {Code: "H50.01", Old: "H50.03", Name: "Sở"}}, []string{"several-agencies H50.01 [snv sct]"}},
		{"deleted", []Listed{same[0], {Code: "H50.01", Name: "Sở Nội vụ", Deleted: true}, same[2]}, []string{"closed snv [valid_to]", "successor-unknown H50.01 [snv]"}},
		{"deleted and unknown", with(Listed{Code: "H50.99", Name: "Sở cũ", Deleted: true}), nil},
		{"a list that leaves out many", same[:1], []string{"not-listed H50.01 [snv]", "not-listed H50.03 [sct]"}},
		{"an empty list", nil, []string{"not-listed H50 [tinh]", "not-listed H50.01 [snv]", "not-listed H50.03 [sct]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := mustRead(t, onAxis)
			diff := d.Sync(c.list, day("2026-03-01"))
			if got := summary(diff); !reflect.DeepEqual(got, append([]string{}, c.want...)) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			p, err := d.Apply(diff)
			if err != nil {
				t.Fatal(err)
			}
			// What was taken over is not found again; what is in doubt stays so.
			again := p.Directory.Sync(c.list, day("2026-03-02"))
			if len(again.New)+len(again.Changed)+len(again.Closed) > 0 {
				t.Errorf("the second time: %q", summary(again))
			}
		})
	}
}

// Of a list that is complete, what it does not name is closed, the day before.
func TestSyncClosesWhatACompleteListLeavesOut(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,code,name,ready_since\n")
	var list []Listed
	for i := range 20 {
		fmt.Fprintf(&b, "s%d,H50.%d,Sở %d,2019-01-01\n", i, i+100, i)
		list = append(list, Listed{Code: fmt.Sprintf("H50.%d", i+100), Name: fmt.Sprintf("Sở %d", i)})
	}
	d := mustRead(t, b.String())
	diff := d.Sync(list[1:], day("2026-03-01"))
	if got := summary(diff); !reflect.DeepEqual(got, []string{"closed s0 [valid_to]", "successor-unknown H50.100 [s0]"}) {
		t.Fatalf("%q", got)
	}
	p, err := d.Apply(diff)
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Directory.ByCode("H50.100", day("2026-02-28")); m.Agency != "s0" {
		t.Errorf("on its last day: %+v", m)
	}
	if m := p.Directory.ByCode("H50.100", day("2026-03-01")); m.Agency != "" || !found(m, FoundEnded) {
		t.Errorf("the day after: %+v", m)
	}
}

func TestSyncFindsParents(t *testing.T) {
	d := mustRead(t, onAxis)
	diff := d.Sync([]Listed{{ID: "10", Parent: "11", Code: "H50.242.5", Name: "Phòng Văn hóa"}, {ID: "11", Code: "H50.242", Name: "UBND phường Hải Tân"}}, day("2026-03-01"))
	p, err := d.Apply(diff)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		parent string
		level  Level
	}{"h50.242.5": {"h50.242", Unit}, "h50.242": {"tinh", Commune}} {
		if a, ok := p.Directory.Agency(id, day("2026-03-01")); !ok || a.Parent != want.parent || a.Level != want.level {
			t.Errorf("%s: %+v, want below %s", id, a, want.parent)
		}
	}
}

func TestReadList(t *testing.T) {
	want := []Listed{{ID: "7", Parent: "1", Code: "H50.12", Old: "000.00.12.H50", Name: "Sở A", Mail: "a@x.example.vn"}, {ID: "8", Code: "H50.13", Old: "000.00.13.H50", Deleted: true}}
	for _, answer := range []string{
		`{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":[{"id":"7","pid":1,"code":" h50.12","name":"Sở A","mail":"a@x.example.vn","code102":"000.00.12.H50"},{"id":8,"code":"H50.13","oldCode":"000.00.13.H50","name":null,"mail":"N/A","deleted":1,"more":{"x":[1]}}]}`,
		"\ufeff" + `[{"id":"7","pid":"1","code":"H50.12","name":"Sở A","mail":"a@x.example.vn","code102":"000.00.12.H50"},{"id":8,"pid":"null","code":"H50.13","code102":"000.00.13.H50","deleted":"true"}]`,
	} {
		got, err := ReadList([]byte(answer))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
		}
	}
	for _, bad := range []string{"", "<html>502 Bad Gateway</html>", `{"status":"FAIL","ErrorCode":"15","ErrorDesc":"","data":[]}`, `{"status":"OK","ErrorCode":20,"data":[]}`, `{"status":"OK"}`,
		`{"status":"OK","data":null}`, `{"status":"OK","data":"x"}`, `{"status":"OK","data":[1]}`, `[{"code":"H50"`, `null`, `7`} {
		if got, err := ReadList([]byte(bad)); err == nil {
			t.Errorf("%s was taken for the list %v", bad, got)
		}
	}
}

// Whatever the axis lists: Sync ends, what it takes over makes a sound directory, and nobody's past is lost.
func TestSyncIsSound(t *testing.T) {
	d := mustRead(t, onAxis)
	pick := func(t *rapid.T, what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
	rapid.Check(t, func(t *rapid.T) {
		list := make([]Listed, rapid.IntRange(0, 8).Draw(t, "entries"))
		for i := range list {
			list[i] = Listed{ID: pick(t, "id", "", "1", "2", "3"), Parent: pick(t, "pid", "", "1", "2", "3"),
				Code: pick(t, "code", "", "H50", "H50.01", "H50.02", "H50.03", "H50.03.9", "H46", "TINH", "000.00.02.H50", "X", "H51"),
				Old:  pick(t, "old", "", "000.00.00.H50", "000.00.02.H50", "000.00.09.H50", "H50.01"),
				Name: pick(t, "name", "", "UBND tỉnh Quảng Trị", "Sở Nội vụ", "Sở Mới", "UBND xã A"), Mail: pick(t, "mail", "", "x", "vanthu.sct@quangtri.example.vn", "moi@x.example.vn"),
				Deleted: rapid.Bool().Draw(t, "deleted")}
		}
		p, err := d.Apply(d.Sync(list, day("2026-03-01")))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range d.Agencies() {
			then, ok := p.Directory.Agency(a.ID, day("2024-01-01"))
			if !ok || then.Name != a.Name {
				t.Fatalf("%s of 2024 is lost: %+v", a.ID, then)
			}
		}
	})
}

func FuzzReadList(f *testing.F) {
	f.Add([]byte(`{"status":"OK","data":[{"code":"H50","name":"x","deleted":false}]}`))
	d := mustRead(f, onAxis)
	f.Fuzz(func(t *testing.T, answer []byte) {
		list, err := ReadList(answer)
		if err != nil {
			return
		}
		if _, err := d.Apply(d.Sync(list, day("2026-03-01"))); err != nil {
			t.Fatalf("what was taken over is no directory: %v", err)
		}
	})
}
