package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustRules(t testing.TB, text string) *Rules {
	t.Helper()
	rules, _, err := ReadRules("r.toml", []byte(text))
	if err != nil {
		t.Fatalf("read rules:\n%v", err)
	}
	return rules
}

// TestUnknownNeverRefuses: a value that nobody knows must neither refuse by itself nor slip past a refusal.
func TestUnknownNeverRefuses(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	after := Submission{Channel: "email", ReceivedAt: time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), Sender: Sender{Agency: "p-noivu", Identity: IdentityDKIM}}
	phase := "[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"%s\"\n"
	rule := func(id, where, cond, verdict string) string {
		return fmt.Sprintf("[[rule]]\nid = %q\nchannels = [\"email\"]\n[rule.%s]\n%s\n"+phase, id, where, cond, verdict)
	}
	for cond, code := range map[string]Reason{
		`types = ["CV"]`: ReasonUnknownType, `not_types = ["CV"]`: ReasonUnknownType, `seals = ["none"]`: ReasonUnknownSeal, `not_seals = ["red"]`: ReasonUnknownSeal,
		`signatures = ["absent"]`: ReasonUnknownSignature, `not_signatures = ["valid"]`: ReasonUnknownSignature, `main_file = false`: ReasonUnknownFile, `editable_file = false`: ReasonUnknownFile,
	} {
		d := mustRules(t, rule("a", "document", cond, "reject")).Decide(after, dir)
		if d.Verdict != Hold || d.Reasons[0] != string(code) || d.Rule != "a" || d.Notice != "" {
			t.Errorf("%s: %s, %v", cond, d.Verdict, d.Reasons)
		}
		if d := mustRules(t, rule("a", "document", cond, "warn")).Decide(after, dir); d.Verdict != Warn || d.Reasons[0] != "rule" {
			t.Errorf("%s: a warning became %s, %v", cond, d.Verdict, d.Reasons)
		}
	}
	for _, cond := range []string{`urgency = ["khan"]`, `secrecy = ["mat"]`} {
		if d := mustRules(t, rule("a", "document", cond, "reject")).Decide(after, dir); d.Verdict != Accept {
			t.Errorf("%s: empty means none, yet %s", cond, d.Verdict)
		}
	}
	two := rule("allowed", "document", `types = ["GM"]`, "accept") + rule("refused", "document", `urgency = ["khan"]`, "reject")
	after.Document.Urgency = "khan"
	if d := mustRules(t, two).Decide(after, dir); d.Verdict != Hold || d.Reasons[0] != string(ReasonUnknownType) {
		t.Errorf("unknown type between accept and reject: %s, %v\n%s", d.Verdict, d.Reasons, tell(d))
	}
}

// TestWhoIsReached: citizens, enterprises and unlisted senders are reached only by rules that name them.
func TestWhoIsReached(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	rule := func(id, sender string) string {
		return fmt.Sprintf("[[rule]]\nid = %q\nchannels = [\"email\"]\n[rule.sender]\n%s\n[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"reject\"\n", id, sender)
	}
	for _, c := range []struct {
		sender, agency, address string
		want                    Verdict
	}{
		{"", "x-moi", "", Reject}, {"", "cd-b", "", Accept}, {"", "dn-a", "", Accept}, {"", "", "ai@noikhac.example", Accept},
		{`not_groups = ["phong-ban"]`, "cd-b", "", Accept}, {`not_levels = ["province"]`, "", "ai@noikhac.example", Accept},
		{`domains = ["noikhac.example"]`, "", "ai@noikhac.example", Accept}, {`ready = false`, "", "ai@noikhac.example", Accept},
		{`levels = ["citizen"]`, "cd-b", "", Reject}, {`levels = ["citizen"]`, "dn-a", "", Accept}, {`groups = ["doanh-nghiep"]`, "dn-a", "", Reject},
		{`agencies = ["cd-b"]`, "cd-b", "", Reject}, {`in_directory = false`, "", "ai@noikhac.example", Reject}, {`in_directory = true`, "cd-b", "", Reject},
		{`in_directory = true`, "", "ai@noikhac.example", Accept}, {`in_directory = false`, "khong-co", "", Reject},
	} {
		s := Submission{Channel: "email", ReceivedAt: time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), Sender: Sender{Agency: c.agency, Address: c.address, Identity: IdentityDMARC}}
		d := mustRules(t, rule("a", c.sender)).Decide(s, dir)
		if d.Verdict != c.want {
			t.Errorf("[%s] %s%s: %s, want %s\n%s", c.sender, c.agency, c.address, d.Verdict, c.want, tell(d))
		}
		if d.Verdict == Accept && c.sender == "" && !slices.Equal(d.Reasons, []string{"default", "not-reached"}) {
			t.Errorf("reasons %v", d.Reasons)
		}
	}
	both := rule("all", "") + rule("outside", "in_directory = false")
	s := Submission{Channel: "email", ReceivedAt: time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), Sender: Sender{Address: "ai@noikhac.example", Identity: IdentityDMARC}}
	if d := mustRules(t, both).Decide(s, dir); d.Rule != "outside" {
		t.Errorf("a later rule that reaches the sender must be asked: %q", d.Rule)
	}
}

// TestIdentityDemand: the demand of the rule, else that of the channel, and never on exemptions.
func TestIdentityDemand(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	file := func(demand, verdict string) string {
		return fmt.Sprintf("[[rule]]\nid = \"a\"\nchannels = [\"email\", \"paper\"]\n%s\n[[rule.phase]]\nfrom = 2019-01-01\nverdict = %q\n"+
			"[[exemption]]\nagency = \"x-moi\"\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\"\n", demand, verdict)
	}
	for _, c := range []struct {
		demand, verdict, channel, agency string
		identity                         Identity
		want                             Verdict
	}{
		{"", "reject", "email", "p-noivu", IdentityDKIM, Reject}, {"", "reject", "email", "p-noivu", IdentitySPF, Hold}, {"", "warn", "email", "p-noivu", "", Hold},
		{"", "accept", "email", "p-noivu", IdentityFrom, Hold}, {"", "reject", "paper", "p-noivu", "", Reject}, {"", "warn", "system", "p-noivu", "", Accept},
		{`min_identity = "none"`, "reject", "email", "p-noivu", "", Reject}, {`min_identity = "dmarc"`, "reject", "email", "p-noivu", IdentityDKIM, Hold},
		{`min_identity = "signature"`, "reject", "paper", "p-noivu", "", Hold}, {`min_identity = "signature"`, "reject", "paper", "p-noivu", IdentityClerk, Reject},
		{"", "quarantine", "email", "p-noivu", "", Quarantine}, {"", "reject", "email", "x-moi", "", Accept},
	} {
		s := Submission{Channel: c.channel, ReceivedAt: time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), Sender: Sender{Agency: c.agency, Identity: c.identity}}
		if d := mustRules(t, file(c.demand, c.verdict)).Decide(s, dir); d.Verdict != c.want {
			t.Errorf("%+v: %s, %v", c, d.Verdict, d.Reasons)
		}
	}
}

// TestTraceIsComplete: every exemption and rule up to the deciding one is explained, in words and not in codes.
func TestTraceIsComplete(t *testing.T) {
	rules, dir := readRules(t, "testdata/regimes/04-quy-nhon-2019.toml"), readDirectory(t, "testdata/regimes/agencies.csv")
	d := rules.Decide(Submission{Channel: "email", Receiver: "vp-ubnd", ReceivedAt: time.Date(2019, 4, 20, 0, 0, 0, 0, vietnam),
		Sender: Sender{Agency: "p-noivu", Identity: IdentityDKIM}, Document: Document{Type: "CV", Seal: "digital"}}, dir)
	want := []Step{
		{"H08.60.01", false, "Không áp dụng: hình thức gửi là thư điện tử; chỉ áp dụng cho hình thức gửi bản giấy."},
		{"2221/UBND-TH", false, "Không áp dụng: không trả lời văn bản nào; chỉ áp dụng cho văn bản trả lời số 2221/UBND-TH."},
		{"quy-nhon-2019", true, "Áp dụng: đủ các điều kiện (hình thức gửi thư điện tử, bản giấy; nơi nhận vp-ubnd; nhóm cơ quan phong-ban, phuong-xa; " +
			"trừ nhóm cơ quan khong-co-tai-khoan; trừ loại văn bản HĐ, BB; trừ văn bản có độ mật Mật, Tối mật, Tuyệt mật; " +
			"trừ văn bản có dấu đỏ; cơ quan gửi đã có tài khoản trên Hệ thống); văn bản đến lúc 00:00:00 ngày 20/04/2019, " +
			"trong giai đoạn bắt đầu từ 00:00:00 ngày 20/04/2019: từ chối tiếp nhận."},
	}
	if !slices.Equal(d.Trace, want) {
		t.Errorf("trace\n%s", tell(d))
	}
	if d.Title == "" || d.Legal == "" || d.Strength != "order" || d.Agency != "p-noivu" || !d.NextFrom.IsZero() {
		t.Errorf("facts of the deciding rule: %+v", d)
	}
}

func TestDecideWithoutDirectory(t *testing.T) {
	d := mustRules(t, goodRules).Decide(Submission{Channel: "email", ReceivedAt: time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), Sender: Sender{Address: "a@b.vn", Identity: IdentityDMARC}}, nil)
	if d.Verdict != Accept || d.Agency != "" {
		t.Errorf("%+v", d)
	}
}

// Accepting, refusing and answering may each ask for another proof of the sender.
func TestDemands(t *testing.T) {
	const head = "title = \"t\"\n[[rule]]\nid = \"a\"\nchannels = [\"email\"]\n"
	const tail = "\n[rule.sender]\nin_directory = false\n[[rule.phase]]\nfrom = 2019-01-01\nverdict = \"warn\"\n[[rule.phase]]\nfrom = 2019-06-01\nverdict = \"reject\"\n"
	warn, reject := time.Date(2019, 5, 1, 0, 0, 0, 0, vietnam), time.Date(2019, 7, 1, 0, 0, 0, 0, vietnam)
	for _, c := range []struct {
		rule     string
		have     Identity
		at       time.Time
		want     Verdict
		min, say Identity
		told     string
	}{
		{`min_identity = "spf"`, IdentitySPF, warn, Warn, IdentitySPF, "", ""},
		{`min_identity = "spf"`, IdentitySPF, reject, Reject, IdentitySPF, "", ""},
		{`min_identity = "spf"`, IdentityFrom, warn, Hold, IdentitySPF, "", "để tự động tiếp nhận"},
		{"min_identity = \"spf\"\nmin_identity_refuse = \"dmarc\"", IdentitySPF, warn, Warn, IdentitySPF, "", ""},
		{"min_identity = \"spf\"\nmin_identity_refuse = \"dmarc\"", IdentityDKIM, reject, Hold, IdentityDMARC, "", "để tự động từ chối"},
		{"min_identity = \"spf\"\nmin_identity_refuse = \"dmarc\"", IdentityDMARC, reject, Reject, IdentityDMARC, "", ""},
		{`min_identity_refuse = "spf"`, IdentitySPF, warn, Hold, IdentityDKIM, "", ""},
		{`min_identity_answer = "dmarc"`, IdentityDKIM, warn, Warn, IdentityDKIM, IdentityDMARC, ""},
	} {
		r, _, err := ReadRules("r.toml", []byte(head+c.rule+tail))
		if err != nil {
			t.Fatal(err)
		}
		d := r.Decide(Submission{Channel: "email", ReceivedAt: c.at, Sender: Sender{Address: "a@b.example", Identity: c.have}}, nil)
		if d.Verdict != c.want || d.MinIdentity != c.min || d.MinAnswer != c.say || !strings.Contains(d.Trace[len(d.Trace)-1].Because, c.told) {
			t.Errorf("%s, %s: %s, min %s, answer %s, %+v", c.rule, c.have, d.Verdict, d.MinIdentity, d.MinAnswer, d.Trace)
		}
	}
	for rule, want := range map[string]string{
		`min_identity_answer = "from"`:                           "min_identity_answer",
		"min_identity = \"dkim\"\nmin_identity_refuse = \"spf\"": "asks for less",
	} {
		_, warnings, err := ReadRules("r.toml", []byte(head+rule+tail))
		if text := fmt.Sprint(warnings, err); !strings.Contains(text, want) {
			t.Errorf("%s: %s", rule, text)
		}
	}
}

// TestSeveralAnswers: a document that answers several has the exemption of each.
func TestSeveralAnswers(t *testing.T) {
	rules := mustRules(t, goodRules+"[[exemption]]\nrequest = \"15/KH-UBND\"\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\"\n")
	s, err := ParseSubmission([]byte(`{"channel":"email","received_at":"2019-05-01T08:00:00+07:00","sender":{"agency":"p-noivu","identity":"dkim"},
		"context":{"answers":"2221/UBND-TH","also_answers":["15/kh-ubnd"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	if d := rules.Decide(s, dir); d.Verdict != Accept || d.Exemption != "15/KH-UBND" {
		t.Errorf("%s\n%s", d.Verdict, tell(d))
	}
	s.Context.AlsoAnswers = nil
	if d := rules.Decide(s, dir); d.Verdict != Reject || !strings.Contains(tell(d), "trả lời văn bản số 2221/UBND-TH;") {
		t.Errorf("%s\n%s", d.Verdict, tell(d))
	}
}

// TestRequestForms: the number of the document that asked is found in every form in which people and programs write it.
func TestRequestForms(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	decide := func(asked, answered string) Verdict {
		rules := mustRules(t, goodRules+"[[exemption]]\nrequest = \""+asked+"\"\nuntil = 2020-01-01\nreason = \"r\"\napproved_by = \"b\"\n")
		return rules.Decide(Submission{Channel: "email", ReceivedAt: day("2019-05-01"), Sender: Sender{Agency: "p-noivu", Identity: IdentityDKIM},
			Context: Context{Answers: answered}}, dir).Verdict
	}
	for _, c := range []struct {
		want  Verdict
		asked string
		forms []string
	}{
		{Accept, "5/QĐ-UBND", []string{"5/QĐ-UBND", "05/QĐ-UBND", "005/qđ-ubnd", "5/QD-UBND", "5 / QĐ – UBND", "5/QĐ‑UBND", "5/QĐ−UBND", "5/QĐ-UBND", "Số: 05/QĐ-UBND", "số 5/QĐ-UBND ngày 4/12/2018"}},
		{Accept, "Số: 05/QĐ-UBND ngày 4/12/2018", []string{"5/QĐ-UBND", "05/qd-ubnd"}},
		{Accept, "28/2018/QĐ-TTg", []string{"28/2018/QĐ-TTg", "28/2018/QD-TTG", "028/2018/qđ-ttg"}},
		{Reject, "5/QĐ-UBND", []string{"15/QĐ-UBND", "50/QĐ-UBND", "5/QĐ-SNV", "5/BC-UBND", "5", "QĐ-UBND", "", "5/2018/QĐ-UBND"}},
	} {
		for _, form := range c.forms {
			if got := decide(c.asked, form); got != c.want {
				t.Errorf("%q asked, %q answered: %s, want %s", c.asked, form, got, c.want)
			}
		}
	}
}

// TestGraceOfSeveralPhases: what a relay had before two phases began, and what arrives within the grace of both, is decided by neither.
func TestGraceOfSeveralPhases(t *testing.T) {
	rules := mustRules(t, `[[rule]]
id = "a"
channels = ["email"]
[[rule.phase]]
from = 2019-01-01
verdict = "warn"
[[rule.phase]]
from = 2019-04-20
verdict = "reject"
grace = "24h"
[[rule.phase]]
from = 2019-04-20T12:00:00
verdict = "reject"
notice = "not-counted"
grace = "24h"
`)
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	at := func(s string) time.Time {
		t.Helper()
		out, err := parseInstant(s + "+07:00")
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		relayed, arrived string
		want             Verdict
		notice           string
	}{
		{"2019-04-19T23:50:00", "2019-04-20T11:59:59", Warn, "remind"},
		{"2019-04-19T23:50:00", "2019-04-20T13:00:00", Warn, "remind"},
		{"2019-04-19T23:50:00", "2019-04-20T23:59:59", Warn, "remind"},
		{"2019-04-19T23:50:00", "2019-04-21T00:00:00", Reject, "reject"}, // the grace of the first is over, that of the second is not
		{"2019-04-20T00:00:00", "2019-04-20T13:00:00", Reject, "reject"},
		{"2019-04-19T23:50:00", "2019-04-21T12:00:00", Reject, "not-counted"},
		{"2019-04-20T12:00:00", "2019-04-20T13:00:00", Reject, "not-counted"},
	} {
		d := rules.Decide(Submission{Channel: "email", ReceivedAt: at(c.arrived), Hops: []Hop{{By: "mx.gov.example", At: at(c.relayed)}},
			Sender: Sender{Agency: "p-noivu", Identity: IdentityDKIM}}, dir)
		if d.Verdict != c.want || d.Notice != c.notice {
			t.Errorf("relayed %s, arrived %s: %s, %q; want %s, %q\n%s", c.relayed, c.arrived, d.Verdict, d.Notice, c.want, c.notice, tell(d))
		}
	}
}

// TestAddressWithoutDomain: what has no @ has no domain, so a rule about domains does not know.
func TestAddressWithoutDomain(t *testing.T) {
	for form, want := range map[string]Verdict{`domains = ["gov.vn"]`: Hold, `not_domains = ["example.vn"]`: Hold} {
		rules := mustRules(t, strings.Replace(goodRules, "[[rule.phase]]", "[rule.sender]\n"+form+"\n[[rule.phase]]", 1))
		for _, address := range []string{"gov.vn", "quangtri.gov.vn", "", "a@", "@"} {
			s := Submission{Channel: "email", ReceivedAt: day("2020-01-01"), Sender: Sender{Agency: "so-nv", Address: address, Identity: IdentityDMARC}}
			if d := rules.Decide(s, readDirectory(t, "testdata/regimes/agencies.csv")); d.Verdict != want || d.Reasons[0] != string(ReasonUnknownAddress) {
				t.Errorf("%s, %q: %s, %v", form, address, d.Verdict, d.Reasons)
			}
		}
	}
}

// TestUnknownSubject: a document whose trích yếu nobody could read may be of any class that is told by its words, whatever its type.
func TestUnknownSubject(t *testing.T) {
	dir := readDirectory(t, "testdata/regimes/agencies.csv")
	file := func(condition string) *Rules {
		return mustRules(t, strings.Replace(goodRules, "[[rule.phase]]", "[rule.document]\n"+condition+"\n[[rule.phase]]", 1)+
			"[purposes.khieu-nai]\nwords = [\"khiếu nại\"]\n[purposes.moi]\ntypes = [\"GM\"]\n[purposes.dinh-ky]\ntypes = [\"BC\"]\nwords = [\"định kỳ\"]\n")
	}
	for _, c := range []struct {
		condition, subject string
		unknown            bool
		want               Verdict
	}{
		{`not_purposes = ["khieu-nai"]`, "", true, Hold}, {`purposes = ["khieu-nai"]`, "", true, Hold},
		{`not_purposes = ["khieu-nai"]`, "", false, Reject}, {`purposes = ["khieu-nai"]`, "", false, Accept},
		{`not_purposes = ["khieu-nai"]`, "Về đơn khiếu nại", false, Accept}, {`not_purposes = ["khieu-nai"]`, "Về việc khác", true, Reject},
		{`not_purposes = ["moi"]`, "", true, Reject}, {`not_purposes = ["dinh-ky"]`, "", true, Reject}, // of another type, whatever the subject says
	} {
		d := file(c.condition).Decide(Submission{Channel: "email", ReceivedAt: day("2020-01-01"), Sender: Sender{Agency: "so-nv", Identity: IdentityDKIM},
			Document: Document{Type: "CV", Subject: c.subject, SubjectUnknown: c.unknown}}, dir)
		if d.Verdict != c.want || c.want == Hold && d.Reasons[0] != string(ReasonUnknownPurpose) {
			t.Errorf("%+v: %s, %v\n%s", c, d.Verdict, d.Reasons, tell(d))
		}
	}
}
