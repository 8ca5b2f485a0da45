package policy

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// TestDecisionsAreKept: decisions are stored with their trace, and replays compare them byte for byte. Here every case of every regime is
// decided in many variants, at every cutoff of its file and a second beside it, and a file of 200 rules with all of it; the sums of all
// decisions as JSON are kept in testdata/decisions.sums. UPDATE=1 writes the sums anew: only for a change of verdicts or words that is
// meant, since stored traces then differ from replayed ones.
func TestDecisionsAreKept(t *testing.T) {
	dir := readDirectory(t, filepath.Join(regimes, "agencies.csv"))
	files, err := filepath.Glob(filepath.Join(regimes, "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var sums strings.Builder
	var everything []Submission
	total := 0
	for _, file := range files {
		rules := readRules(t, file)
		var variants []Submission
		for _, c := range readCases(t, strings.TrimSuffix(file, ".toml")+".jsonl") {
			s, err := ParseSubmission(c.line)
			if err != nil {
				t.Fatal(err)
			}
			variants = append(variants, variantsOf(s, rules, dir)...)
		}
		for i := 0; i < len(variants); i += 7 {
			everything = append(everything, variants[i])
		}
		sum := sumOf(t, rules, variants, dir)
		total += len(variants)
		fmt.Fprintf(&sums, "%s %d %s\n", filepath.Base(file), len(variants), sum)
	}
	fmt.Fprintf(&sums, "manyrules %d %s\n", len(everything), sumOf(t, mustRules(t, manyRules(200)), everything, dir))
	total += len(everything)
	const golden = "testdata/decisions.sums"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(sums.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(readFile(t, golden)); sums.String() != want {
		t.Errorf("decisions or their words have changed\ngot\n%s\nwant\n%s", sums.String(), want)
	}
	t.Logf("%d decisions of %d files", total, len(files)+1)
	if total < 20_000 {
		t.Errorf("only %d decisions", total)
	}
}

func sumOf(t *testing.T, rules *Rules, submissions []Submission, dir *directory.Directory) string {
	t.Helper()
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	for _, s := range submissions {
		d := rules.Decide(s, dir)
		d.Rules = "" // a comment in the file changes its version and nothing else
		if err := enc.Encode(d); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// variantsOf changes one thing of a submission at a time, and puts the submission itself at every instant at which the rules change.
func variantsOf(s Submission, rules *Rules, dir *directory.Directory) []Submission {
	out := []Submission{s}
	change := func(f func(v *Submission)) {
		v := s
		f(&v)
		out = append(out, v)
	}
	truths := [...]bool{false, true}
	pointers := [...]*bool{nil, &truths[0], &truths[1]}
	for _, at := range rules.instants() {
		for _, near := range []time.Duration{-time.Second, 0, time.Second} {
			change(func(v *Submission) { v.ReceivedAt = at.Add(near) })
			change(func(v *Submission) { v.Disputed = []time.Time{at.Add(near)} })
			change(func(v *Submission) { v.Hops = []Hop{{By: "mx.example.vn", At: at.Add(near)}} })
		}
	}
	change(func(v *Submission) { v.ReceivedAt = time.Time{} })
	for _, channel := range []string{"", "email", "paper", "system"} {
		change(func(v *Submission) { v.Channel = channel })
	}
	for _, identity := range identities {
		change(func(v *Submission) { v.Sender.Identity = identity })
	}
	for line := range strings.Lines(agenciesOf(dir)) {
		change(func(v *Submission) { v.Sender.Agency = strings.TrimSpace(line) })
	}
	for _, address := range []string{"", "ai@noikhac.example", "vanthu.soa@quangtri.gov.vn", "VanThu@BoViDu.example.vn", "nguoidan@example.vn"} {
		change(func(v *Submission) { v.Sender.Agency, v.Sender.Address = "", address })
	}
	for _, kind := range []string{"", "CV", "BC", "GM", "HĐ", "Biên bản", "lịch công tác"} {
		change(func(v *Submission) { v.Document.Type = kind })
	}
	for _, subject := range []string{"", "Báo cáo định kỳ quý I", "V/v mời họp", "ve viec moi hop", "Công báo"} {
		change(func(v *Submission) { v.Document.Subject, v.Document.Purpose = subject, "" })
	}
	for _, mark := range []string{"", "mat", "toi-mat"} {
		change(func(v *Submission) { v.Document.Secrecy = mark })
	}
	for _, seal := range []string{"", "digital", "red", "none"} {
		change(func(v *Submission) { v.Document.Seal = seal })
	}
	for _, signature := range []string{"", "valid", "invalid", "present", "absent"} {
		change(func(v *Submission) { v.Document.Signature = signature })
	}
	for _, p := range pointers {
		change(func(v *Submission) { v.Document.MainFile = p })
		change(func(v *Submission) { v.Document.EditableFile = p })
		change(func(v *Submission) { v.Context.WithElectronicFile = p })
		change(func(v *Submission) { v.Context.WithPaper = p })
	}
	change(func(v *Submission) { v.Document.Size = 1 << 40 })
	change(func(v *Submission) { v.Context.AlsoReceived, v.Context.AlsoNumber = []string{"system", "paper"}, "15" })
	change(func(v *Submission) {
		v.Context.Answers, v.Context.AlsoAnswers = "9/CV", []string{"2221/UBND-TH", "327/SGDĐT-KHTC"}
	})
	change(func(v *Submission) { v.Mailbox = "hop-thu-1" })
	return out
}

// instants are the ends and beginnings that the rules name.
func (r *Rules) instants() []time.Time {
	var out []time.Time
	for i := range r.rules {
		for _, p := range r.rules[i].phases {
			out = append(out, p.from)
		}
	}
	for i := range r.exemptions {
		out = append(out, r.exemptions[i].until)
	}
	return out
}

// agenciesOf lists the ids of the agencies of the regimes, one a line.
func agenciesOf(dir *directory.Directory) string {
	ids := []string{"khong-co", "h08.60.01"}
	for _, id := range []string{"bo-x", "tinh-k", "so-a", "so-b", "h-moi", "q-bien", "x-dong", "p-noivu", "p-mau", "x-don", "truong", "dn-nn", "dn-tu", "cd-b"} {
		if _, ok := dir.Agency(id, time.Date(2020, 1, 1, 0, 0, 0, 0, vietnam)); ok {
			ids = append(ids, id)
		}
	}
	return strings.Join(ids, "\n")
}

// manyRules is a file of n rules as a province with many waves would write it: groups with dates of their own, levels, single agencies,
// receivers, types, purposes, seals, sizes, exemptions; the last rule takes what is left.
func manyRules(n int) string {
	var b strings.Builder
	b.WriteString("title = \"Nhiều quy tắc\"\n[lists.chung]\ntypes = [\"CV\", \"BC\", \"TB\", \"TTr\", \"KH\", \"GM\"]\n[lists.rieng]\nextends = [\"chung\"]\ntypes = [\"lịch công tác\"]\nremove = [\"GM\"]\n")
	for i, words := range []string{"định kỳ", "mời họp", "góp ý dự thảo", "công báo", "hằng tháng"} {
		fmt.Fprintf(&b, "[purposes.loai-%d]\nwords = [%q]\n", i, words)
	}
	for i := range n - 1 {
		fmt.Fprintf(&b, "[[rule]]\nid = \"r%d\"\ntitle = \"Đợt %d\"\nlegal = \"Công văn %d/UBND-VP\"\n", i, i, i)
		if i%5 != 4 {
			b.WriteString("channels = [\"email\", \"paper\"]\n")
		} else {
			b.WriteString("channels = [\"paper\"]\n")
		}
		if i%7 == 3 {
			b.WriteString("receivers = [\"so-khac\"]\n")
		}
		b.WriteString("[rule.sender]\n")
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "groups = [\"dot-%d\"]\nready = true\nready_grace = \"30d\"\n", i)
		case 1:
			fmt.Fprintf(&b, "agencies = [\"H08.%d.%d\", \"H08.%d.%d\"]\n", i, i%100, i, (i+1)%100)
		case 2:
			fmt.Fprintf(&b, "levels = [\"commune\", \"district\"]\nnot_groups = [\"so-nganh\", \"cap-huyen\", \"cap-xa\", \"phuong-xa\", \"nhom-%d\"]\n", i)
		case 3:
			fmt.Fprintf(&b, "domains = [\"huyen%d.example.vn\"]\n", i)
		}
		b.WriteString("[rule.document]\n")
		switch i % 3 {
		case 0:
			b.WriteString("types = [\"@rieng\"]\nnot_seals = [\"red\"]\n")
		case 1:
			fmt.Fprintf(&b, "purposes = [\"loai-%d\"]\n", i%5)
		case 2:
			b.WriteString("not_types = [\"HĐ\", \"BB\"]\nmax_size = \"25MB\"\n")
		}
		b.WriteString("[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"warn\"\n[[rule.phase]]\nfrom = 2019-04-20\nverdict = \"reject\"\ngrace = \"24h\"\n")
	}
	b.WriteString("[[rule]]\nid = \"cuoi\"\nchannels = [\"email\", \"paper\"]\n[rule.document]\nnot_types = [\"HĐ\", \"BB\"]\n[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"warn\"\n[[rule.phase]]\nfrom = 2019-04-20\nverdict = \"reject\"\n")
	for i := range n / 10 {
		fmt.Fprintf(&b, "[[exemption]]\nagency = \"H08.99.%d\"\nuntil = 2019-07-01\nreason = \"chưa được cấp tài khoản\"\napproved_by = \"Văn phòng\"\n", i)
	}
	return b.String()
}
