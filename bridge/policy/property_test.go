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

// propertyTable says where conditions stand.
type propertyTable struct {
	name         string
	lists, bools []string
}

var propertyTables = [...]propertyTable{
	{"", []string{"channels", "receivers"}, nil},
	{"sender", []string{"agencies", "groups", "levels", "domains"}, []string{"ready", "in_directory"}},
	{"document", []string{"types", "purposes", "secrecy", "urgency", "seals", "signatures"}, []string{"main_file", "editable_file"}},
	{"context", []string{"also_received", "answers_request"}, []string{"answers_request", "with_electronic_file", "with_paper"}},
}

// TestDecideAgainstNaive decides more than 20,000 generated submissions by both implementations. It must find no difference, and no refusal
// where another trusted instant says otherwise; and it must have asked for everything that docs/rules.md lets a rules file ask for.
func TestDecideAgainstNaive(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	total, disputed, refusedOnDispute, differences, verdicts, drawn := 0, 0, 0, 0, map[Verdict]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		naive, text := drawRules(t, drawn)
		rules, _, err := ReadRules("r.toml", []byte(text))
		if err != nil {
			t.Skip("the drawn rules contradict themselves")
		}
		for range 300 {
			s := drawSubmission(t)
			got, want := rules.Decide(s, dir), naiveDecide(naive, s, dir)
			total++
			verdicts[got.Verdict]++
			told := naiveDecision{verdict: string(got.Verdict), rule: got.Rule, exemption: got.Exemption, notice: got.Notice, answer: string(got.MinAnswer), from: got.PhaseFrom, disputed: want.disputed}
			if told != want {
				differences++
				t.Fatalf("got %+v\nwant %+v\n%+v\n%s\n%s", told, want, s, text, tell(got))
			}
			if got.Verdict == Reject {
				checkReached(t, naive, s, dir, got)
			}
			if !want.disputed {
				continue
			}
			disputed++
			if got.Verdict == Reject {
				refusedOnDispute++
			}
			if got.Verdict != Hold || got.Notice != "" || got.Reasons[0] != string(ReasonTimeDisputed) {
				t.Fatalf("disputed time ended in %s, %v", got.Verdict, got.Reasons)
			}
		}
	})
	t.Logf("%d submissions: %d differences; %d of disputed time: %d automatic refusals; %v", total, differences, disputed, refusedOnDispute, verdicts)
	if total < 20_000 || disputed < 100 {
		t.Errorf("only %d submissions, %d of disputed time; the generator draws too little", total, disputed)
	}
	for _, v := range []Verdict{Accept, Warn, Reject, Hold, Quarantine} {
		if verdicts[v] < 500 {
			t.Errorf("only %d of verdict %s; the generator draws too little", verdicts[v], v)
		}
	}
	checkDrawn(t, drawn)
}

// checkDrawn: every key of the tables of docs/rules.md was drawn, lists also in their not_ form, what is true or false in both.
func checkDrawn(t *testing.T, drawn map[string]int) {
	t.Helper()
	keys := documentedKeys(t)
	for _, key := range keys {
		forms := []string{key}
		switch _, list := propertyValues[key]; {
		case slices.ContainsFunc(propertyTables[:], func(p propertyTable) bool { return slices.Contains(p.bools, key) }):
			forms = []string{key + " = true", key + " = false"}
			if list {
				forms = append(forms, key, "not_"+key)
			}
		case list:
			forms = append(forms, "not_"+key)
		}
		for _, form := range forms {
			if drawn[form] == 0 {
				t.Errorf("%s of docs/rules.md is never drawn", form)
			}
		}
	}
	if len(keys) < 34 {
		t.Errorf("docs/rules.md names only %d keys: %v", len(keys), keys)
	}
}

// documentedKeys are those of the tables of conditions, phases and exemptions in docs/rules.md. Keys without a say in the decision are left out.
func documentedKeys(t *testing.T) (keys []string) {
	t.Helper()
	_, text, _ := strings.Cut(string(readFile(t, "../../docs/rules.md")), "\n## Conditions\n")
	text, _, _ = strings.Cut(text, "\n## How a decision is made\n")
	part := "rule"
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "## "); ok {
			part = map[string]string{"Phases": "phase", "Exemptions": "exemption"}[strings.TrimSpace(rest)]
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		for name := range strings.SplitSeq(cells[1], ",") {
			name = strings.Trim(strings.TrimSpace(name), "`")
			if part != "rule" {
				name = part + "." + name
			}
			if !slices.Contains([]string{"exemption.reason", "exemption.approved_by", "exemption.id"}, name) {
				keys = append(keys, name)
			}
		}
	}
	return keys
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

func drawRules(t *rapid.T, drawn map[string]int) (naiveRules, string) {
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
		n.rules = append(n.rules, drawRule(t, &b, "r"+strconv.Itoa(i), drawn))
	}
	for range max(0, roll(t, 4)-2) {
		n.exemptions = append(n.exemptions, drawExemption(t, &b, drawn))
	}
	return n, b.String()
}

func drawRule(t *rapid.T, b *strings.Builder, id string, drawn map[string]int) naiveRule {
	r := naiveRule{id: id, lists: map[string][]string{}, bools: map[string]bool{}}
	fmt.Fprintf(b, "[[rule]]\nid = %q\n", id)
	for _, demand := range []struct {
		key  string
		to   *string
		from []Identity
	}{{"min_identity", &r.identity, identities[:]}, {"min_identity_refuse", &r.refuse, identities[:]}, {"min_identity_answer", &r.answer, identities[2:]}} {
		if roll(t, 3) == 0 {
			*demand.to = string(pick(t, demand.from))
			fmt.Fprintf(b, "%s = %q\n", demand.key, *demand.to)
		}
	}
	for _, table := range propertyTables {
		if table.name != "" {
			fmt.Fprintf(b, "[rule.%s]\n", table.name)
		}
		for _, key := range table.lists {
			if form := roll(t, 23); form < 2 {
				key = []string{"", "not_"}[form] + key
				r.lists[key] = drawSome(t, propertyValues[strings.TrimPrefix(key, "not_")])
				fmt.Fprintf(b, "%s = %s\n", key, tomlList(r.lists[key]))
				drawn[key]++
			}
		}
		for _, key := range table.bools {
			if form := roll(t, 31); form < 2 && r.lists[key] == nil {
				r.bools[key] = form == 1
				fmt.Fprintf(b, "%s = %t\n", key, form == 1)
				drawn[fmt.Sprintf("%s = %t", key, form == 1)]++
			}
		}
		switch {
		case table.name == "sender" && roll(t, 3) == 0:
			r.readyGrace = 30 * 24 * time.Hour
			b.WriteString("ready_grace = \"30d\"\n")
			drawn["ready_grace"]++
		case table.name == "document" && roll(t, 9) == 0:
			r.maxSize = 1 << 20
			b.WriteString("max_size = \"1MB\"\n")
			drawn["max_size"]++
		}
	}
	for _, i := range drawRising(t) {
		r.phases = append(r.phases, drawPhase(t, b, cutoffs[i], drawn))
	}
	return r
}

func drawPhase(t *rapid.T, b *strings.Builder, from time.Time, drawn map[string]int) naivePhase {
	p := naivePhase{from: from, verdict: pick(t, []string{"accept", "warn", "warn", "reject", "reject", "reject", "hold", "quarantine"})}
	fmt.Fprintf(b, "[[rule.phase]]\nfrom = %s\nverdict = %q\n", drawInstantForm(t, p.from), p.verdict)
	drawn["phase.from"]++
	drawn["phase.verdict"]++
	if notices := map[string][]string{"warn": {"remind", "not-counted"}, "reject": {"reject", "not-counted", "return"}}[p.verdict]; notices != nil && roll(t, 1) == 0 {
		p.notice = pick(t, notices)
		fmt.Fprintf(b, "notice = %q\n", p.notice)
		drawn["phase.notice"]++
	}
	if roll(t, 2) == 0 {
		p.grace = pick(t, []time.Duration{24 * time.Hour, 9 * 24 * time.Hour}) // the longer one reaches over two cutoffs
		fmt.Fprintf(b, "grace = \"%dh\"\n", p.grace/time.Hour)
		drawn["phase.grace"]++
	}
	return p
}

func drawExemption(t *rapid.T, b *strings.Builder, drawn map[string]int) naiveExemption {
	e := naiveExemption{until: pick(t, cutoffs[1:]), lists: map[string][]string{}}
	b.WriteString("[[exemption]]\nreason = \"thử\"\napproved_by = \"thử\"\n")
	fmt.Fprintf(b, "until = %s\n", drawInstantForm(t, e.until))
	drawn["exemption.until"]++
	first := roll(t, 2)
	for i, named := range []struct {
		key  string
		to   *string
		from string
	}{{"agency", &e.agency, "agencies"}, {"group", &e.group, "groups"}, {"request", &e.request, "answers_request"}} {
		if i == first || roll(t, 7) == 0 {
			*named.to = pick(t, propertyValues[named.from])
			fmt.Fprintf(b, "%s = %q\n", named.key, *named.to)
			drawn["exemption."+named.key]++
		}
	}
	for _, key := range []string{"channels", "receivers", "not_channels", "not_receivers"} {
		if roll(t, 5) == 0 {
			e.lists[key] = drawSome(t, propertyValues[strings.TrimPrefix(key, "not_")])
			fmt.Fprintf(b, "%s = %s\n", key, tomlList(e.lists[key]))
			drawn["exemption."+key]++
		}
	}
	if roll(t, 3) == 0 {
		if e.from = pick(t, cutoffs); e.from.Before(e.until) {
			fmt.Fprintf(b, "from = %s\n", drawInstantForm(t, e.from))
			drawn["exemption.from"]++
		} else {
			e.from = time.Time{}
		}
	}
	if roll(t, 3) == 0 {
		e.identity = string(pick(t, identities[:]))
		fmt.Fprintf(b, "min_identity = %q\n", e.identity)
		drawn["exemption.min_identity"]++
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
	for range max(0, roll(t, 4)-2) {
		s.Hops = append(s.Hops, Hop{By: "mx.example.vn", At: s.ReceivedAt.Add(-time.Duration(roll(t, 48)) * pick(t, []time.Duration{time.Hour, 6 * time.Hour}))})
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
	s.Document.SubjectUnknown = roll(t, 3) == 0
	s.Document.MainFile, s.Document.EditableFile = pointer("main"), pointer("editable")
	s.Document.Size = pick(t, []int64{0, 1 << 10, 1 << 20, 1<<20 + 1})
	s.Context.Answers = maybe("answers", append([]string{"", "2221/ubnd-th", "002221/UBND-TH"}, propertyValues["answers_request"]...))
	if roll(t, 5) == 0 {
		s.Context.AlsoAnswers = []string{"9/CV-X", pick(t, []string{"", "15/kh-ubnd", "2221/UBND-TH"})}
	}
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
		24*time.Hour - 1, 24 * time.Hour, 9*24*time.Hour - time.Second, -48 * time.Hour, 29 * 24 * time.Hour})
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
