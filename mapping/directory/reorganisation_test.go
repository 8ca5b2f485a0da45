package directory

import (
	"fmt"
	"testing"
)

// reorganised is the summer of 2025 in two provinces: the committees of the starting data, and invented agencies below them.
func reorganised(t testing.TB) *Directory {
	t.Helper()
	start, _, err := Read("starting.csv", Starting())
	if err != nil {
		t.Fatal(err)
	}
	p, err := Merge(start, "tinh.csv", []byte("id,code,aliases,name,level,parent,groups,addresses,domains,patterns,ready_since,valid_from,valid_to,successors\n"+
		"so-hb,H46.07,000.00.07.H46,Sở Hải sản tỉnh Quảng Bình,province,ubnd-quang-binh,so,vanthu@haisan.quangbinh.example.vn,haisan.quangbinh.example.vn;chung.quangbinh.example.vn,*.haisan@quangbinh.example.vn,2019-01-01,,2025-06-30,so-qt\n"+
		"so-lb,H46.08,,Sở Lâm sinh tỉnh Quảng Bình,province,ubnd-quang-binh,so,,chung.quangbinh.example.vn,,,,2025-06-30,so-qt\n"+
		"so-qt-cu,H50.07,,Sở Hải sản tỉnh Quảng Trị,province,ubnd-quang-tri,so,vanthu@haisan.quangtri.example.vn,,,2018-06-01,,2025-06-30,so-qt\n"+
		"so-qt,H50.21,,Sở Hải sản và Lâm sinh,province,ubnd-quang-tri,so,vanthu.hsls@quangtri.example.vn,,,2025-07-01,2025-07-01,,\n"+
		"huyen-ba,H50.31,000.00.31.H50,Ủy ban nhân dân huyện Hải Ba,district,ubnd-quang-tri,cap-huyen,vanthu@haiba.quangtri.example.vn,haiba.quangtri.example.vn,,,,2025-06-30,xa-ba;xa-tan\n"+
		"thanh-tra-ba,H50.31.12,000.12.31.H50,Thanh tra huyện Hải Ba,district,huyen-ba,cap-huyen,thanhtra@haiba.quangtri.example.vn,,,,,2025-06-30,\n"+
		"xa-ba-cu,H50.31.20,,Ủy ban nhân dân xã Hải Ba (cũ),commune,huyen-ba,cap-xa,ubnd.haiba@quangtri.example.vn,,,,,2025-06-30,xa-ba\n"+
		"xa-ba,H50.242,,Ủy ban nhân dân xã Hải Ba,commune,ubnd-quang-tri,cap-xa,ubnd.haiba@quangtri.example.vn,,,2025-07-01,2025-07-01,,\n"+
		"xa-tan,H50.243,,Ủy ban nhân dân xã Hải Tân,commune,ubnd-quang-tri,cap-xa,ubnd.haitan@quangtri.example.vn,,,,2025-07-01,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	q, err := Merge(p.Directory, "thu.csv", []byte("id,domains,addresses\nubnd-quang-binh,quangbinh.example.vn,vanthu@quangbinh.example.vn\nubnd-quang-tri,,vanthu@quangtri.example.vn\n"))
	if err != nil {
		t.Fatal(err)
	}
	return q.Directory
}

// Mail of before, at and after the turn of 30/6/2025, from addresses that were and are.
func TestReorganisationOf2025(t *testing.T) {
	d := reorganised(t)
	const before, lastDay, after = "2024-11-05", "2025-06-30", "2025-07-01"
	for _, c := range []struct {
		addr, at string
		want     string // agency, or "?" and the candidates
		old      string
		finding  string
	}{
		{"vanthu@quangbinh.example.vn", before, "ubnd-quang-binh", "", FoundDoubt},
		{"vanthu@quangbinh.example.vn", lastDay, "ubnd-quang-binh", "", FoundDoubt},
		{"vanthu@quangbinh.example.vn", after, "ubnd-quang-tri", "ubnd-quang-binh", FoundSucceeded},
		{"phong.moi@quangbinh.example.vn", after, "ubnd-quang-tri", "ubnd-quang-binh", FoundSucceeded},
		{"an.haisan@quangbinh.example.vn", before, "so-hb", "", ""},
		{"an.haisan@quangbinh.example.vn", after, "so-qt", "so-hb", FoundSucceeded},
		{"ai@haisan.quangbinh.example.vn", after, "so-qt", "so-hb", FoundSucceeded},
		// One domain of two agencies that both went into the same one: before, nobody is chosen; now, there is only one.
		{"ai@chung.quangbinh.example.vn", before, "?so-hb so-lb", "", FoundShared},
		{"ai@chung.quangbinh.example.vn", after, "so-qt", "", FoundSucceeded},
		{"vanthu@haisan.quangtri.example.vn", after, "so-qt", "so-qt-cu", FoundSucceeded},
		// The district level ended. What it did went to several communes.
		{"vanthu@haiba.quangtri.example.vn", lastDay, "huyen-ba", "", ""},
		{"vanthu@haiba.quangtri.example.vn", after, "?xa-ba xa-tan", "huyen-ba", FoundSeveralSuccessors},
		{"thanhtra@haiba.quangtri.example.vn", after, "", "", FoundEnded},
		// The new commune kept the mailbox of the old one of its name.
		{"ubnd.haiba@quangtri.example.vn", lastDay, "xa-ba-cu", "", ""},
		{"ubnd.haiba@quangtri.example.vn", after, "xa-ba", "", ""},
		{"ubnd.haitan@quangtri.example.vn", before, "", "", ""},
	} {
		m := d.ByAddress(c.addr, day(c.at))
		got := m.Agency
		if m.How == Ambiguous {
			got = "?"
			for i, id := range m.Candidates {
				if i > 0 {
					got += " "
				}
				got += id
			}
		}
		if got != c.want || m.Successor != c.old || c.finding == "" && len(m.Findings) > 0 || c.finding != "" && !found(m, c.finding) {
			t.Errorf("%s on %s: %+v; want %s, before %q, with %q", c.addr, c.at, m, c.want, c.old, c.finding)
		}
	}
}

func TestClosedCodesLeadToSuccessors(t *testing.T) {
	d := reorganised(t)
	for code, want := range map[string]string{"H46": "ubnd-quang-tri", "000.00.00.H46": "ubnd-quang-tri", "H50": "ubnd-quang-tri", "000.00.00.H50": "ubnd-quang-tri",
		"H46.07": "so-qt", "000.00.07.H46": "so-qt", "H50.31": "", "000.00.31.H50": "", "000.12.31.H50": ""} {
		m := d.ByCode(code, day("2025-07-01"))
		if m.Agency != want {
			t.Errorf("%s leads to %+v, want %q", code, m, want)
		}
		if closed := code != "H50" && code != "000.00.00.H50"; closed && len(m.Findings) == 0 {
			t.Errorf("%s is closed, and nothing is said: %+v", code, m)
		}
	}
	if m := d.ByCode("H46", day("2024-11-05")); m.Agency != "ubnd-quang-binh" || m.Name != "Ủy ban nhân dân tỉnh Quảng Bình" {
		t.Errorf("H46 in 2024: %+v", m)
	}
}

// A document of 2024 shows the agency of 2024, whoever sends it today.
func TestAuthorOfOldDocuments(t *testing.T) {
	d := reorganised(t)
	now, then := day("2025-08-01"), day("2024-11-05")
	for _, c := range []struct{ from, want, finding string }{
		{"vanthu@quangbinh.example.vn", "ubnd-quang-binh", FoundDoubt},
		{"vanthu@quangtri.example.vn", "ubnd-quang-tri", ""},
		{"an.haisan@quangbinh.example.vn", "so-hb", ""},
		{"vanthu@haiba.quangtri.example.vn", "huyen-ba", ""},
		{"thanhtra@haiba.quangtri.example.vn", "thanh-tra-ba", ""},        // nobody took over, and the mailbox tells
		{"ai@chung.quangbinh.example.vn", "", FoundShared},                // of two, and nothing tells which
		{"vanthu.hsls@quangtri.example.vn", "", FoundSeveralPredecessors}, // the new agency took over from three
		{"ubnd.haitan@quangtri.example.vn", "huyen-ba", FoundPredecessor},
		{"nobody@nowhere.example.vn", "", ""},
	} {
		m := d.Author(d.ByAddress(c.from, now), c.from, then)
		if m.Agency != c.want || c.finding != "" && !found(m, c.finding) || c.finding == "" && len(m.Findings) > 0 {
			t.Errorf("%s wrote as %+v in 2024; want %q with %q", c.from, m, c.want, c.finding)
		}
	}
	// The register of today shows today's.
	if m := d.Author(d.ByAddress("vanthu@quangbinh.example.vn", now), "vanthu@quangbinh.example.vn", now); m.Agency != "ubnd-quang-tri" {
		t.Errorf("%+v", m)
	}
}

// Groups, readiness and level end with the agency: a rule for districts reaches nobody after 30/6/2025.
func TestPropertiesFollowTheDate(t *testing.T) {
	d := reorganised(t)
	if a, ok := d.Find("H50.31", day("2025-06-30")); !ok || !a.InGroup("cap-huyen") || a.Level != District || a.Parent != "ubnd-quang-tri" {
		t.Errorf("%+v, %v", a, ok)
	}
	for _, a := range d.Agencies() {
		if a.ValidAt(day("2025-07-01")) && (a.Level == District || a.InGroup("cap-huyen")) {
			t.Errorf("%s is still a district on 1/7/2025", a.ID)
		}
	}
	if a, _ := d.Agency("so-hb", day("2025-06-30")); !a.Ready(day("2025-06-30")) {
		t.Error("not ready on its last day")
	}
}

// One agency into three, and three into one, through several steps; a circle of successors ends.
func TestSuccessorsManyToMany(t *testing.T) {
	d := mustRead(t, "id,addresses,valid_from,valid_to,successors\n"+
		"a,a@x.example.vn,,2019-12-31,b;c\n"+
		"b,,2020-01-01,2020-12-31,d\n"+
		"c,,2020-01-01,2020-12-31,d\n"+
		"d,d@x.example.vn,2021-01-01,,\n"+
		"k,k@x.example.vn,,2019-12-31,l\n"+
		"l,l@x.example.vn,,2019-12-31,k\n")
	for _, c := range []struct{ at, want string }{{"2019-06-01", "a"}, {"2020-06-01", "[b c]"}, {"2021-06-01", "d"}} {
		m := d.ByAddress("a@x.example.vn", day(c.at))
		if got := m.Agency; got != c.want && fmt.Sprint(m.Candidates) != c.want {
			t.Errorf("in %s: %+v, want %s", c.at, m, c.want)
		}
	}
	if m := d.ByAddress("k@x.example.vn", day("2021-01-01")); m.How != Unmatched || !found(m, FoundEnded) {
		t.Errorf("a circle: %+v", m)
	}
	if m := d.AsOf("d", day("2019-06-01")); m.Agency != "a" || !found(m, FoundPredecessor) {
		t.Errorf("through two steps and two ways back to one: %+v", m)
	}
	if m := d.AsOf("d", day("2020-06-01")); m.Agency != "" || !found(m, FoundSeveralPredecessors) {
		t.Errorf("%+v", m)
	}
}
