package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// BenchmarkDecide: one decision with its full trace, by 200 rules and 20 exemptions, with 20,000 agencies in the directory.
//
//	mixed    2,000 different submissions in turn, as a year brings them: other senders, found by address or code, other types, subjects,
//	         channels and days; the metric says how many rules and exemptions each looked at
//	last     what only the last rule matches: all 219 others are looked at and explained
//	waiting  before the first phase of any rule: nothing decides, and each rule that would have matched says since when
//	disputed as last, with two instants more at which all is decided again
func BenchmarkDecide(b *testing.B) {
	dir, _, err := directory.Read("agencies.csv", []byte(manyAgencies(20_000)))
	if err != nil {
		b.Fatal(err)
	}
	rules := mustRules(b, manyRules(200))
	last := Submission{Channel: "email", Receiver: "vp", ReceivedAt: day("2019-05-01"), Sender: Sender{Address: "vanthu12342@example.vn", Identity: IdentityDKIM},
		Document: Document{Type: "CV", Seal: "digital", Subject: "Về việc triển khai nhiệm vụ trọng tâm"}, Context: Context{Answers: "15/KH-UBND"}}
	waiting, disputed := last, last
	waiting.ReceivedAt = day("2018-12-31")
	disputed.Disputed = []time.Time{day("2019-05-02"), day("2019-05-03")}
	for _, c := range []struct {
		name        string
		submissions []Submission
	}{{"mixed", mixedSubmissions(2000)}, {"last", []Submission{last}}, {"waiting", []Submission{waiting}}, {"disputed", []Submission{disputed}}} {
		b.Run(c.name, func(b *testing.B) {
			looked := 0
			for _, s := range c.submissions {
				looked += len(rules.Decide(s, dir).Trace)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				rules.Decide(c.submissions[i%len(c.submissions)], dir)
				i++
			}
			b.ReportMetric(float64(looked)/float64(len(c.submissions)), "looked/op")
		})
	}
}

func manyAgencies(n int) string {
	var b strings.Builder
	b.WriteString("id,code,name,level,groups,addresses,ready_since\n")
	levels := [...]string{"commune", "commune", "commune", "district", "unit", "unit", "province", "enterprise"}
	for i := range n {
		ready := "2019-01-01"
		if i%9 == 0 {
			ready = ""
		}
		fmt.Fprintf(&b, "a%d,H08.%d.%d,Cơ quan %d,%s,dot-%d;khoi-%d,vanthu%d@example.vn,%s\n", i, i/100, i%100, i, levels[i%len(levels)], i%211, i%7, i, ready)
	}
	return b.String()
}

// mixedSubmissions are n different ones.
func mixedSubmissions(n int) []Submission {
	pick := func(i int, values ...string) string { return values[i%len(values)] }
	out := make([]Submission, n)
	for i := range out {
		s := &out[i]
		s.Channel, s.Receiver = pick(i, "email", "email", "email", "paper", "system"), pick(i, "vp", "vp", "so-khac")
		s.ReceivedAt = day("2018-12-01").Add(time.Duration(i) * 3 * time.Hour)
		s.Sender.Identity = identities[i%len(identities)]
		if agency := i * 7919 % 20_000; i%3 == 0 {
			s.Sender.Agency = fmt.Sprintf("H08.%d.%d", agency/100, agency%100)
		} else {
			s.Sender.Address = fmt.Sprintf("vanthu%d@example.vn", agency)
		}
		if i%11 == 0 {
			s.Sender.Address = fmt.Sprintf("mot%d@huyen%d.example.vn", i, i%200)
		}
		s.Document = Document{Type: pick(i, "CV", "BC", "Công văn", "HĐ", "lịch công tác", ""), Seal: pick(i, "digital", "red", "none", ""), Size: int64(i%40) << 20,
			Subject: pick(i, "Báo cáo định kỳ quý I năm 2019", "Về việc triển khai nhiệm vụ trọng tâm", "V/v mời họp giao ban tháng 5", "Góp ý dự thảo quyết định của UBND tỉnh", "cong bao so 15")}
		if i%13 == 0 {
			s.Context.AlsoReceived = []string{"system"}
		}
	}
	return out
}

// BenchmarkReadRules: a file of 10,000 rules, which are all compared with each other, and an ordinary one.
func BenchmarkReadRules(b *testing.B) {
	for _, n := range []int{20, maxRules} {
		text := []byte(manyRules(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, _, err := ReadRules("r.toml", text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
