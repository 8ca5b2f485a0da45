package bridge

import (
	"slices"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
)

// The reorganisation of 1/7/2025: Quảng Bình (H46) closed into Quảng Trị (H50), and the district level ended.
const reorganised = `id,code,aliases,name,parent,level,addresses,domains,valid_from,valid_to,successors
qb,H46,000.00.00.H46,UBND tỉnh Quảng Bình,,province,vanthu@quangbinh.example.vn,quangbinh.example.vn,,2025-06-30,qt
qt,H50,000.00.00.H50,UBND tỉnh Quảng Trị,,province,vanthu@quangtri.example.vn,quangtri.example.vn,,,
bt,H46.40,,UBND huyện Bố Trạch,qb,district,vanthu@botrach.example.vn,,,2025-06-30,bt-xa
bt-xa,H50.80,,UBND xã Bố Trạch,qt,commune,vanthu@xabotrach.example.vn,,2025-07-01,,
`

func reorganisation(t *testing.T) *Knowledge {
	t.Helper()
	k := testKnowledge(t, nil)
	dir, _, err := directory.Read("agencies.csv", []byte(reorganised))
	if err != nil {
		t.Fatal(err)
	}
	if k, err = NewKnowledge(k.Rules, dir, k.Settings); err != nil {
		t.Fatal(err)
	}
	return k
}

const headOf2024 = "ỦY BAN NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nTỈNH QUẢNG BÌNH                Độc lập - Tự do - Hạnh phúc\n\n" +
	"Số: 12/BC-UBND               Quảng Bình, ngày 05 tháng 11 năm 2024\n\nBÁO CÁO\nKết quả phòng, chống thiên tai\n\nUBND tỉnh báo cáo như sau.\n"

// letterOf2024 is a mail with the document of 2024.
func letterOf2024(from string, received time.Time) []byte {
	return letter{from: from, subject: "Bao cao so 12/BC-UBND ve thien tai", name: "12_BC-UBND.pdf", received: received}.raw()
}

func TestReorganisationOf2025(t *testing.T) {
	k := reorganisation(t)
	in2025 := time.Date(2025, 8, 4, 3, 0, 0, 0, time.UTC)
	file := settle(t, letterOf2024("vanthu@quangtri.example.vn", in2025), in2025, Evidence{}, History{}, k, nil).Records[0].Files[0].Digest
	proved := Evidence{Identity: policy.IdentityDMARC, Files: map[string]mapping.FileEvidence{file: {Reader: "thử", PageCount: 1, Pages: []mapping.PageText{{Number: 1, Text: headOf2024, Confidence: 1}}}}}
	process := func(raw []byte, at time.Time, h History, change func(*Receipt)) Outcome {
		return settle(t, raw, at, proved, h, k, change)
	}

	// Mail of 2025 from the old domain is the successor's, with a finding; its document of 2024 is of the agency of 2024.
	old := process(letterOf2024("vanthu@quangbinh.example.vn", in2025), in2025, History{}, nil).Records[0]
	if old.Sender.Agency != "qt" || old.Sender.Successor != "qb" || !slices.Contains(old.Doubts, directory.FoundSucceeded) || old.Issuer.Agency != "qb" || old.Key != "12|bc-ubnd|qb|2024" {
		t.Errorf("from the old domain: sender %+v, issuer %+v, key %q, doubts %v", old.Sender, old.Issuer, old.Key, old.Doubts)
	}
	if old.Decision.Agency != "qt" {
		t.Errorf("the rules see %q", old.Decision.Agency)
	}
	// The same document from the successor's domain is the same document.
	stands := History{Registered: map[string]Standing{old.Key: {Record: "GL-2025-0000001/1", Receipt: "GL-2025-0000001", SoDen: "7/2025", Files: []string{old.Files[0].Digest}, Channels: []Channel{Email}}}}
	again := process(letterOf2024("vanthu@quangtri.example.vn", in2025), in2025, stands, nil)
	if again.State != Duplicate || again.Records[0].Issuer.Agency != "qb" || again.Records[0].JoinTo != "GL-2025-0000001/1" {
		t.Errorf("from the new domain: %s (%s), issuer %+v, key %q beside %v", again.State, again.Reason, again.Records[0].Issuer, again.Records[0].Key, again.Records[0].Beside)
	}
	// On the last day of Quảng Bình and of the districts they speak for themselves.
	for _, c := range []struct {
		from      string
		at        time.Time
		agency    string
		successor string
	}{
		{"vanthu@quangbinh.example.vn", time.Date(2025, 6, 30, 16, 59, 59, 0, time.UTC), "qb", ""},
		{"vanthu@quangbinh.example.vn", time.Date(2025, 6, 30, 17, 0, 0, 0, time.UTC), "qt", "qb"},
		{"vanthu@botrach.example.vn", time.Date(2025, 6, 30, 16, 59, 59, 0, time.UTC), "bt", ""},
		{"vanthu@botrach.example.vn", time.Date(2025, 6, 30, 17, 0, 0, 0, time.UTC), "bt-xa", "bt"},
	} {
		r := process(letterOf2024(c.from, c.at), c.at, History{}, nil).Records[0]
		if r.Sender.Agency != c.agency || r.Sender.Successor != c.successor || slices.Contains(r.Doubts, directory.FoundSucceeded) != (c.successor != "") {
			t.Errorf("%s at %s: %+v, doubts %v", c.from, c.at, r.Sender, r.Doubts)
		}
	}
	// A closed code on a package leads to the successor, with a finding, and the document of 2024 stays of the agency of 2024.
	for _, code := range []string{"H46", "000.00.00.H46"} {
		raw := pack{organ: code, name: "UBND tỉnh Quảng Bình", number: "12", notation: "BC-UBND", day: "2024-11-05", kind: "Báo cáo", subject: "Kết quả phòng, chống thiên tai"}.raw()
		o := process(raw, in2025, History{}, overAxis)
		r := o.Records[0]
		if o.State != Registered || r.Sender.Agency != "qt" || r.Sender.Successor != "qb" || !slices.Contains(r.Doubts, directory.FoundSucceeded) || r.Issuer.Agency != "qb" || r.Key != old.Key {
			t.Errorf("%s: %s (%s), sender %+v, issuer %+v, key %q, doubts %v", code, o.State, o.Reason, r.Sender, r.Issuer, r.Key, r.Doubts)
		}
	}
}
