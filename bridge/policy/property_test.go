package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/mapping/directory"
)

// The instants that generated rules use; submissions come around them.
var cutoffs = []time.Time{
	time.Date(2018, 6, 15, 0, 0, 0, 0, vietnam), time.Date(2019, 1, 1, 0, 0, 0, 0, vietnam), time.Date(2019, 4, 12, 0, 0, 0, 0, vietnam),
	time.Date(2019, 4, 20, 0, 0, 0, 0, vietnam), time.Date(2019, 5, 5, 14, 0, 0, 0, vietnam), time.Date(2019, 7, 1, 0, 0, 0, 0, vietnam),
}

// values that generated conditions and submissions draw from, by key of the list.
var propertyValues = map[string][]string{
	"channels": {"email", "paper", "system"}, "receivers": {"vp-ubnd", "so-nv", "hop-thu-1"},
	"agencies": {"H50.20", "p-noivu", "x-moi", "cd-b"}, "groups": {"so-nganh", "phong-ban", "phuong-xa", "doanh-nghiep"},
	"levels":  {"central", "province", "district", "commune", "unit", "enterprise", "citizen"},
	"domains": {"quangtri.gov.vn", "example.vn", "congty.example.vn", "noikhac.example"},
	"types":   {"CV", "BC", "HĐ", "HD", "GM", "lịch công tác"}, "purposes": {"dinh-ky", "moi-hop", "loai-khac"},
	"secrecy": {"mat", "toi-mat", "tuyet-mat"}, "urgency": {"khan", "thuong-khan", "hoa-toc"},
	"seals": {"digital", "red", "none"}, "signatures": {"valid", "invalid", "present", "absent"},
	"also_received": {"email", "paper", "system"}, "answers_request": {"2221/UBND-TH", "15/KH-UBND"},
}

// tables says where each condition stands.
var propertyTables = [...]struct {
	name         string
	lists, bools []string
}{
	{"", []string{"channels", "receivers"}, nil},
	{"sender", []string{"agencies", "groups", "levels", "domains"}, []string{"ready", "in_directory"}},
	{"document", []string{"types", "purposes", "secrecy", "urgency", "seals", "signatures"}, []string{"main_file", "editable_file"}},
	{"context", []string{"also_received", "answers_request"}, []string{"with_electronic_file", "with_paper"}},
}

// TestDecideAgainstNaive decides more than 20,000 generated submissions by both implementations. It must find no difference, and no refusal
// where another trusted instant says otherwise.
func TestDecideAgainstNaive(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	total, disputes, verdicts := 0, 0, map[Verdict]int{}
	rapid.Check(t, func(t *rapid.T) {
		naive, text := drawRules(t)
		rules, _, err := ReadRules("r.toml", []byte(text))
		if err != nil {
			t.Skip("the drawn rules contradict themselves")
		}
		for range 300 {
			s := drawSubmission(t)
			got := rules.Decide(s, dir)
			verdict, rule := naiveDecide(naive, s, dir)
			if string(got.Verdict) != verdict || got.Rule != rule {
				t.Fatalf("got %s by %q, want %s by %q\n%+v\n%s\n%s", got.Verdict, got.Rule, verdict, rule, s, text, tell(got))
			}
			total++
			verdicts[got.Verdict]++
			if got.Verdict == Reject {
				checkReached(t, naive, s, dir, got)
			}
			if slices.Contains(got.Reasons, string(ReasonTimeDisputed)) {
				disputes++
				if got.Verdict != Hold || got.Notice != "" {
					t.Fatalf("disputed time ended in %s", got.Verdict)
				}
			}
		}
	})
	t.Logf("%d submissions, %d of disputed time, %v", total, disputes, verdicts)
	if total < 20_000 || disputes < 100 {
		t.Errorf("only %d submissions, %d of disputed time; the generator draws too little", total, disputes)
	}
	for _, v := range []Verdict{Accept, Warn, Reject, Hold, Quarantine} {
		if verdicts[v] < 500 {
			t.Errorf("only %d of verdict %s; the generator draws too little", verdicts[v], v)
		}
	}
}

// checkReached: whoever is no agency of the state in the directory is refused only by a rule that names such senders.
func checkReached(t *rapid.T, n naiveRules, s Submission, dir *directory.Directory, d Decision) {
	a, listed := dir.Agency(d.Agency, s.ReceivedAt)
	if listed && a.Level != directory.Citizen && a.Level != directory.Enterprise {
		return
	}
	i := slices.IndexFunc(n.rules, func(r naiveRule) bool { return r.id == d.Rule })
	_, says := n.rules[i].bools["in_directory"]
	if l := n.rules[i].lists; !says && len(l["agencies"])+len(l["groups"])+len(l["levels"]) == 0 {
		t.Fatalf("refused without being named: %+v", s)
	}
}

func drawRules(t *rapid.T) (naiveRules, string) {
	n := naiveRules{fallback: pick(t, []string{"accept", "accept", "hold"}), purposes: map[string]naivePurpose{
		"dinh-ky": {types: []string{"BC"}, words: []string{"định kỳ", "hằng tháng"}}, "moi-hop": {types: []string{"GM"}}, "loai-khac": {words: []string{"lịch"}}}}
	var b strings.Builder
	fmt.Fprintf(&b, "default = %q\n", n.fallback)
	for _, name := range propertyValues["purposes"] {
		p := n.purposes[name]
		fmt.Fprintf(&b, "[purposes.%s]\n", name)
		if len(p.types) > 0 {
			fmt.Fprintf(&b, "types = %s\n", tomlList(p.types))
		}
		if len(p.words) > 0 {
			fmt.Fprintf(&b, "words = %s\n", tomlList(p.words))
		}
	}
	for i := range 1 + roll(t, 3) {
		n.rules = append(n.rules, drawRule(t, &b, "r"+strconv.Itoa(i)))
	}
	for range max(0, roll(t, 4)-2) {
		n.exemptions = append(n.exemptions, drawExemption(t, &b))
	}
	return n, b.String()
}

func drawRule(t *rapid.T, b *strings.Builder, id string) naiveRule {
	r := naiveRule{id: id, lists: map[string][]string{}, bools: map[string]bool{}}
	fmt.Fprintf(b, "[[rule]]\nid = %q\n", id)
	if roll(t, 3) == 0 {
		r.identity = string(pick(t, identities[:]))
		fmt.Fprintf(b, "min_identity = %q\n", r.identity)
	}
	if roll(t, 3) == 0 {
		r.refuse = string(pick(t, identities[:]))
		fmt.Fprintf(b, "min_identity_refuse = %q\n", r.refuse)
	}
	for _, table := range propertyTables {
		if table.name != "" {
			fmt.Fprintf(b, "[rule.%s]\n", table.name)
		}
		for _, key := range table.lists {
			drawn := roll(t, 23)
			if drawn < 2 {
				key = []string{"", "not_"}[drawn] + key
				r.lists[key] = drawSome(t, propertyValues[strings.TrimPrefix(key, "not_")])
				fmt.Fprintf(b, "%s = %s\n", key, tomlList(r.lists[key]))
			}
		}
		for _, key := range table.bools {
			if drawn := roll(t, 31); drawn < 2 {
				r.bools[key] = drawn == 1
				fmt.Fprintf(b, "%s = %t\n", key, drawn == 1)
			}
		}
		switch {
		case table.name == "sender" && roll(t, 3) == 0:
			r.readyGrace = 30 * 24 * time.Hour
			b.WriteString("ready_grace = \"30d\"\n")
		case table.name == "document" && roll(t, 9) == 0:
			r.maxSize = 1 << 20
			b.WriteString("max_size = \"1MB\"\n")
		}
	}
	for _, i := range drawRising(t) {
		p := naivePhase{from: cutoffs[i], verdict: pick(t, []string{"accept", "warn", "warn", "reject", "reject", "reject", "hold", "quarantine"})}
		fmt.Fprintf(b, "[[rule.phase]]\nfrom = %s\nverdict = %q\n", drawInstantForm(t, p.from), p.verdict)
		if roll(t, 2) == 0 {
			p.grace = 24 * time.Hour
			b.WriteString("grace = \"1d\"\n")
		}
		r.phases = append(r.phases, p)
	}
	return r
}

func drawExemption(t *rapid.T, b *strings.Builder) naiveExemption {
	e := naiveExemption{until: pick(t, cutoffs)}
	b.WriteString("[[exemption]]\nreason = \"thử\"\napproved_by = \"thử\"\n")
	fmt.Fprintf(b, "until = %s\n", drawInstantForm(t, e.until))
	switch roll(t, 2) {
	case 0:
		e.agency = pick(t, propertyValues["agencies"])
		fmt.Fprintf(b, "agency = %q\n", e.agency)
	case 1:
		e.group = pick(t, propertyValues["groups"])
		fmt.Fprintf(b, "group = %q\n", e.group)
	case 2:
		e.request = pick(t, propertyValues["answers_request"])
		fmt.Fprintf(b, "request = %q\n", e.request)
	}
	if rapid.Bool().Draw(t, "channel") {
		e.channels = drawSome(t, propertyValues["channels"])
		fmt.Fprintf(b, "channels = %s\n", tomlList(e.channels))
	}
	return e
}

// roll draws a number from 0 to n, all alike: rapid's own ranges prefer small numbers, which here would mean few refusals.
func roll(t *rapid.T, n int) int {
	drawn := 0
	for i := 1; i <= 16*n; i *= 2 {
		drawn *= 2
		if rapid.Bool().Draw(t, "bit") {
			drawn++
		}
	}
	return drawn % (n + 1)
}

func pick[V any](t *rapid.T, values []V) V { return values[roll(t, len(values)-1)] }

func drawSome(t *rapid.T, values []string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, len(values), rapid.ID[string]).Draw(t, "some")
}

// drawRising draws indexes of cutoffs in rising order.
func drawRising(t *rapid.T) []int {
	picked := rapid.SliceOfNDistinct(rapid.IntRange(0, len(cutoffs)-1), 1, 3, rapid.ID[int]).Draw(t, "phases")
	slices.Sort(picked)
	return picked
}

// drawInstantForm writes one instant in one of the forms that a rules file may use.
func drawInstantForm(t *rapid.T, at time.Time) string {
	switch form := roll(t, 3); {
	case form == 0 && at.Hour() == 0:
		return at.Format("2006-01-02")
	case form <= 1:
		return at.Format("2006-01-02T15:04:05")
	case form == 2:
		return at.UTC().Format(time.RFC3339)
	}
	return at.In(time.FixedZone("", -3*60*60-1800)).Format(time.RFC3339)
}

func drawSubmission(t *rapid.T) Submission {
	maybe := func(key string, values []string) string {
		return pick(t, append([]string{"", ""}, values...))
	}
	pointer := func(key string) *bool {
		yes, no := true, false
		return pick(t, []*bool{nil, &yes, &no})
	}
	s := Submission{Channel: pick(t, []string{"email", "email", "email", "paper", "system"}),
		Receiver: maybe("receiver", propertyValues["receivers"]), Mailbox: maybe("mailbox", propertyValues["receivers"]), ReceivedAt: drawInstant(t)}
	if roll(t, 3) == 0 {
		s.Hops = append(s.Hops, Hop{By: "mx.example.vn", At: s.ReceivedAt.Add(-time.Duration(roll(t, 48)) * time.Hour)})
	}
	if roll(t, 4) == 0 {
		s.Disputed = append(s.Disputed, drawInstant(t))
	}
	s.AtLatest = roll(t, 9) == 0
	s.Sender = Sender{Identity: pick(t, []Identity{"", "none", "from", "spf", "dkim", "dkim", "dkim", "dmarc", "dmarc", "dmarc", "signature", "clerk", "clerk"}),
		Address: maybe("address", []string{"vanthu.stttt@quangtri.gov.vn", "noivu@thanhpho.example.vn", "ubnd.moi@thanhpho.example.vn", "vanphong@congty.example.vn",
			"nguoidan@example.vn", "ai@noikhac.example", "ai@giaquangtri.gov.vn", "x@bovidu.example.vn"}),
		Agency: maybe("agency", []string{"", "H50.20", "h08.60.01", "p-noivu", "x-moi", "x-moi", "x-don", "bo-x", "h-moi", "dn-a", "cd-b", "khong-co"})}
	if roll(t, 29) == 0 {
		s.Document.Secrecy = pick(t, propertyValues["secrecy"])
	}
	s.Document.Type, s.Document.Seal, s.Document.Signature = maybe("type", propertyValues["types"]), maybe("seal", propertyValues["seals"]), maybe("signature", propertyValues["signatures"])
	s.Document.Urgency, s.Document.Purpose = maybe("urgency", propertyValues["urgency"]), maybe("purpose", append([]string{"", "", ""}, propertyValues["purposes"]...))
	s.Document.Subject = maybe("subject", []string{"Báo cáo định kỳ quý I", "Báo cáo HẰNG THÁNG", "Lịch tuần 15", "Về việc mời họp"})
	s.Document.MainFile, s.Document.EditableFile = pointer("main"), pointer("editable")
	s.Document.Size = pick(t, []int64{0, 1 << 10, 1 << 20, 1<<20 + 1})
	s.Context.Answers = maybe("answers", append([]string{"", "2221/ubnd-th"}, propertyValues["answers_request"]...))
	if roll(t, 3) == 0 {
		s.Context.AlsoReceived = drawSome(t, propertyValues["also_received"])
	}
	s.Context.WithElectronicFile, s.Context.WithPaper = pointer("electronic"), pointer("paper")
	return s
}

// drawInstant draws an instant near a cutoff, in any zone: the zone must not matter.
func drawInstant(t *rapid.T) time.Time {
	at := pick(t, cutoffs)
	near := pick(t, []time.Duration{-time.Second, -time.Nanosecond, 0, time.Nanosecond, time.Second, -7 * time.Hour, 7 * time.Hour,
		24*time.Hour - 1, 24 * time.Hour, -48 * time.Hour, 29 * 24 * time.Hour})
	zone := pick(t, []int{0, 7, -11, 14, 9, -5})
	return at.Add(near).In(time.FixedZone("", zone*60*60))
}

func tomlList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
