package notice

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

func hanoi(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, vietnam)
	if err != nil {
		panic(err)
	}
	return t
}

// sample is a refused mail of a known agency; a test changes what it is about.
func sample() Input {
	return Input{
		Mode: ModeSend, WantReceipts: true, WantNeutral: true,
		Receiver: Letterhead{
			ID: "vp-ubnd", Name: "Văn phòng UBND tỉnh", ParentName: "Ủy ban nhân dân tỉnh Quảng Trị", Place: "Quảng Trị",
			Contact: []string{"Phòng Hành chính - Quản trị, điện thoại 0233.000.0000", "Thư điện tử: hotro@vpubnd.quangtri.gov.vn"},
			From:    "vanthu@vpubnd.quangtri.gov.vn", FromName: "Văn thư Văn phòng UBND tỉnh Quảng Trị",
			ReturnPath: "vanthu+{token}@vpubnd.quangtri.gov.vn",
		},
		Receipt: "GL-2026-0000123", Digest: strings.Repeat("0123456789abcdef", 4), Counted: hanoi("2026-11-20 08:00:05"),
		Decision: policy.Decision{
			Verdict: policy.Reject, Rule: "qt-2026", Notice: "reject", PhaseFrom: "2026-11-16T00:00:00+07:00", Strength: "order",
			Title: "Văn bản gửi UBND tỉnh phải qua Hệ thống quản lý văn bản và điều hành", Legal: "Công văn số 2345/UBND-VP ngày 01/10/2026, mục 2",
		},
		Documents: []Document{{Number: "45/STC-NS", Subject: "Báo cáo tình hình thực hiện dự toán ngân sách quý III năm 2026 trên địa bàn tỉnh"}},
		Subject:   "V/v báo cáo ngân sách", MessageID: "abc.1@mail.stc.quangtri.gov.vn", References: []string{"first@stc.quangtri.gov.vn"},
		Sender: directory.Match{
			Agency: "so-tai-chinh", Name: "Sở Tài chính", How: directory.ByAddress, Address: "vanthu.stc@quangtri.gov.vn",
		},
		Contact: "Trung tâm CNTT, 0233.111.1111", Relation: Subordinate, Code: "H50.09", Ready: hanoi("2026-03-01 00:00:00"), ReceiverCode: "H50.01",
		Identity: policy.IdentityDMARC, Envelope: "vanthu.stc@quangtri.gov.vn",
		Own: []string{"hopthu@quangtri.gov.vn"},
	}
}

func TestSilence(t *testing.T) {
	accept := func(in *Input) { in.Decision.Verdict, in.Decision.Notice = policy.Accept, "" }
	for _, x := range []struct {
		name   string
		change func(*Input)
		want   Silence
	}{
		{"mode off", func(in *Input) { in.Mode = ModeOff }, SilentOff},
		{"mode unset", func(in *Input) { in.Mode = "" }, SilentOff},
		{"off before imported", func(in *Input) { in.Mode, in.Imported = ModeOff, true }, SilentOff},
		{"imported", func(in *Input) { in.Imported, in.Ignored = true, true }, SilentImported},
		{"ignored", func(in *Input) { in.Ignored, in.NeverAnswer = true, true }, SilentIgnored},
		{"never answer", func(in *Input) { in.NeverAnswer = true }, SilentAutomatic},
		{"null envelope", func(in *Input) { in.NullEnvelope = true }, SilentAutomatic},
		{"quarantined", func(in *Input) { in.Decision.Verdict, in.WantNeutral = policy.Quarantine, false }, SilentQuarantined},
		{"held", func(in *Input) { in.Decision.Verdict = policy.Hold }, SilentHeld},
		{"held, told already", func(in *Input) { in.Decision.Verdict, in.WantHeld, in.Made = policy.Hold, true, []Kind{Held} }, SilentDuplicate},
		{"held, not proved", func(in *Input) {
			in.Decision.Verdict, in.WantHeld, in.Identity = policy.Hold, true, policy.IdentityFrom
		}, SilentIdentity},
		{"zero verdict", func(in *Input) { in.Decision = policy.Decision{} }, SilentHeld},
		{"held stays held when a receipt exists", func(in *Input) { in.Decision.Verdict, in.Duplicate = policy.Hold, true }, SilentHeld},
		{"duplicate of an unregistered", func(in *Input) { in.Duplicate = true }, SilentDuplicate},
		{"duplicate, receipts unwanted", func(in *Input) { in.Duplicate, in.Standing, in.WantReceipts = true, "1/2026", false }, SilentUnwanted},
		{"told already", func(in *Input) { in.Made = []Kind{Refuse} }, SilentDuplicate},
		{"neutral told already", func(in *Input) { in.Decision.Verdict, in.Made = policy.Quarantine, []Kind{Neutral} }, SilentDuplicate},
		{"receipt after reminder", func(in *Input) { accept(in); in.Made = []Kind{Remind} }, SilentDuplicate},
		{"receipts unwanted", func(in *Input) { accept(in); in.WantReceipts = false }, SilentUnwanted},
		{"unwanted before no address", func(in *Input) { accept(in); in.WantReceipts, in.Sender = false, directory.Match{} }, SilentUnwanted},
		{"unmatched", func(in *Input) { in.Sender = directory.Match{} }, SilentNoAddress},
		{"ambiguous", func(in *Input) { in.Sender.How = directory.Ambiguous }, SilentNoAddress},
		{"by code only", func(in *Input) { in.Sender.How = directory.ByCode }, SilentNoAddress},
		{"by domain without address", func(in *Input) { in.Sender.How, in.Sender.Address = directory.ByDomain, "" }, SilentNoAddress},
		{"address with line end", func(in *Input) { in.Sender.Address = "a@b.vn\r\nBcc: c@d.vn" }, SilentNoAddress},
		{"pattern without envelope", func(in *Input) { in.Sender.How, in.Envelope = directory.ByPattern, "" }, SilentNoAddress},
		{"pattern, other envelope", func(in *Input) { in.Sender.How, in.Envelope = directory.ByPattern, "x@evil.example" }, SilentNoAddress},
		{"pattern, envelope of a domain above", func(in *Input) { in.Sender.How, in.Envelope = directory.ByPattern, "x@gov.vn" }, SilentNoAddress},
		{"pattern, envelope that only ends alike", func(in *Input) {
			in.Sender.How, in.Envelope = directory.ByPattern, "x@evilquangtri.gov.vn"
		}, SilentNoAddress},
		{"own from", func(in *Input) { in.Sender.Address = "VanThu@vpubnd.quangtri.gov.vn" }, SilentOwn},
		{"own return path", func(in *Input) { in.Receiver.From = "a@b.vn"; in.Sender.Address = "vanthu+tag@vpubnd.quangtri.gov.vn" }, SilentOwn},
		{"own list", func(in *Input) { in.Sender.Address = "hopthu+x@quangtri.gov.vn" }, SilentOwn},
		{"identity from", func(in *Input) { in.Identity = policy.IdentityFrom }, SilentIdentity},
		{"identity below the default dkim", func(in *Input) { in.Identity = policy.IdentitySPF }, SilentIdentity},
		{"identity below the demand", func(in *Input) { in.Identity, in.Needed = policy.IdentityDKIM, policy.IdentitySignature }, SilentIdentity},
		{"unknown identity", func(in *Input) { in.Identity = "quen-biet" }, SilentIdentity},
		{"unknown demand", func(in *Input) { in.Needed = "quen-biet" }, SilentIdentity},
		{"suppressed", func(in *Input) { in.Suppressed = []string{"Vanthu.STC@quangtri.gov.vn"} }, SilentSuppressed},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := sample()
			x.change(&in)
			d, s := Compose(in)
			if s != x.want || d != nil {
				t.Errorf("got %v, silence %q, want %q", d, s, x.want)
			}
		})
	}
}

func TestKind(t *testing.T) {
	verdict := func(v policy.Verdict, notice string) func(*Input) {
		return func(in *Input) { in.Decision.Verdict, in.Decision.Notice = v, notice }
	}
	for _, x := range []struct {
		name   string
		change func(*Input)
		want   Kind
	}{
		{"reject", verdict(policy.Reject, "reject"), Refuse},
		{"reject, phase silent", verdict(policy.Reject, ""), Refuse},
		{"reject is never only reminded", verdict(policy.Reject, "remind"), Refuse},
		{"not counted", verdict(policy.Reject, "not-counted"), NotCounted},
		{"return", verdict(policy.Reject, "return"), Return},
		{"warn", verdict(policy.Warn, "remind"), Remind},
		{"warn, phase silent", verdict(policy.Warn, ""), Remind},
		{"reject softened to warn", verdict(policy.Warn, "reject"), Remind},
		{"warn, not counted", verdict(policy.Warn, "not-counted"), NotCounted},
		{"accept", verdict(policy.Accept, ""), Receipt},
		{"held", func(in *Input) { in.Decision.Verdict, in.WantHeld = policy.Hold, true }, Held},
		{"accepted after it was held", func(in *Input) { verdict(policy.Accept, "")(in); in.Made = []Kind{Held} }, Receipt},
		{"after all after it was held", func(in *Input) { verdict(policy.Accept, "")(in); in.Made, in.AfterAll = []Kind{Held}, true }, Accepted},
		{"on the system already", verdict(policy.Accept, "also-received"), OnSystem},
		{"on the system, joined to it", func(in *Input) {
			verdict(policy.Accept, "also-received")(in)
			in.Duplicate, in.WantReceipts = true, false
		}, OnSystem},
		{"a refusal stays one", verdict(policy.Reject, "also-received"), Refuse},
		{"accept is never refused", verdict(policy.Accept, "reject"), Receipt},
		{"quarantine", verdict(policy.Quarantine, ""), Neutral},
		{"after all", func(in *Input) { verdict(policy.Accept, "")(in); in.AfterAll, in.WantReceipts = true, false }, Accepted},
		{"accepted after a told refusal", func(in *Input) { verdict(policy.Warn, "remind")(in); in.Made = []Kind{Refuse} }, Accepted},
		{"refused after a receipt", func(in *Input) { in.Made = []Kind{Receipt} }, Refuse},
		{"duplicate with its number", func(in *Input) { in.Duplicate, in.Standing = true, "12/2026" }, Receipt},
		{"by domain", func(in *Input) { in.Sender.How = directory.ByDomain }, Refuse},
		{"pattern, same envelope", func(in *Input) { in.Sender.How = directory.ByPattern }, Refuse},
		{"pattern, envelope below", func(in *Input) { in.Sender.How, in.Envelope = directory.ByPattern, "b+1@bounce.quangtri.gov.vn" }, Refuse},
		{"clerk vouches", func(in *Input) { in.Identity = policy.IdentityClerk }, Refuse},
		{"lower demand", func(in *Input) { in.Identity, in.Needed = policy.IdentitySPF, policy.IdentitySPF }, Refuse},
		{"review", func(in *Input) { in.Mode = ModeReview }, Refuse},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := sample()
			x.change(&in)
			d, s := Compose(in)
			if d == nil || d.Kind != x.want {
				t.Fatalf("got %+v, silence %q, want %s", d, s, x.want)
			}
			if d.To != in.Sender.Address || d.Agency != in.Sender.Agency || d.Receiver != "vp-ubnd" {
				t.Errorf("addressed to %s of %s by %s", d.To, d.Agency, d.Receiver)
			}
		})
	}
}

func TestRefusalSaysWhatItMust(t *testing.T) {
	in := sample()
	d, _ := Compose(in)
	flat := strings.Join(strings.Fields(d.Body), " ")
	for _, want := range []string{
		"GL-2026-0000123", "20/11/2026 08:00:05 giờ Việt Nam", "45/STC-NS", "Báo cáo tình hình thực hiện dự toán", in.Decision.Legal,
		in.Decision.Title, "00 giờ 00 ngày 16/11/2026", "Yêu cầu Quý cơ quan gửi lại", in.Digest, "0233.000.0000", "0233.111.1111",
		"được miễn áp dụng", "H50.09", "H50.01", "đã được cấp từ ngày 01/03/2026", "Quyết định số 28/2018/QĐ-TTg", "không phải là việc trả lại văn bản trên Hệ thống", "khoản 2 Điều 21",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is missing in\n%s", want, d.Body)
		}
	}
	if strings.Contains(d.Body, in.Subject) {
		t.Error("the subject is quoted although the document is known")
	}
	in.Relation = Other
	d, _ = Compose(in)
	if strings.Contains(strings.ToLower(d.Body), "yêu cầu") || !strings.Contains(d.Body, "Đề nghị Quý cơ quan gửi lại") {
		t.Errorf("an equal is ordered:\n%s", d.Body)
	}
	in.Relation, in.Decision.Strength = Subordinate, "request"
	d, _ = Compose(in)
	if strings.Contains(strings.ToLower(d.Body), "yêu cầu") || !strings.Contains(d.Body, "Đề nghị Quý cơ quan gửi lại") {
		t.Errorf("a request orders:\n%s", d.Body)
	}
	in.Documents = nil
	d, _ = Compose(in)
	if !strings.Contains(d.Body, "- Tiêu đề thư: V/v báo cáo ngân sách") {
		t.Errorf("nothing says which mail is meant:\n%s", d.Body)
	}
}

func TestReminderCountsDays(t *testing.T) {
	for _, x := range []struct{ at, next, want string }{
		{"2026-11-12 08:00:00", "2026-11-20 00:00:00", "còn lại là 08 ngày, kể cả ngày nhận."},
		{"2026-11-19 00:00:00", "2026-11-20 00:00:00", "còn lại là 01 ngày, kể cả ngày nhận."},
		{"2026-11-19 23:59:59", "2026-11-20 00:00:00", "còn lại là 01 ngày, kể cả ngày nhận."},
		{"2026-10-31 23:59:59", "2026-11-20 00:00:00", "còn lại là 20 ngày, kể cả ngày nhận."},
		{"2026-11-01 00:00:00", "2026-11-20 00:00:00", "còn lại là 19 ngày, kể cả ngày nhận."},
		{"2026-11-20 08:00:00", "2026-11-20 17:00:00", "còn lại là chưa đầy 01 ngày."},
	} {
		in := sample()
		in.Counted = hanoi(x.at)
		in.Decision.Verdict, in.Decision.NextVerdict, in.Decision.NextFrom = policy.Warn, policy.Reject, hanoi(x.next).UTC()
		d, _ := Compose(in)
		if flat := strings.Join(strings.Fields(d.Body), " "); !strings.Contains(flat, x.want) {
			t.Errorf("%s to %s: want %q in\n%s", x.at, x.next, x.want, d.Body)
		}
	}
	in := sample()
	in.Decision.Verdict = policy.Warn
	d, _ := Compose(in)
	if strings.Contains(d.Body, "thời gian còn lại") {
		t.Errorf("days are counted to nowhere:\n%s", d.Body)
	}
}

// A limit is named to the second where it falls on one, in Vietnamese time.
func TestLimits(t *testing.T) {
	for at, want := range map[string]string{"2026-11-20 00:00:00": "00 giờ 00 ngày 20/11/2026", "2026-11-20 17:00:00": "17 giờ 00 ngày 20/11/2026",
		"2026-11-20 17:05:00": "17 giờ 05 ngày 20/11/2026", "2026-11-20 00:00:30": "00 giờ 00 phút 30 giây ngày 20/11/2026"} {
		if got := vnInstant(hanoi(at).UTC()); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}

// An agency without an account is not simply told to use it; one that has it is.
func TestWithoutAccount(t *testing.T) {
	for _, x := range []struct {
		name    string
		ready   string
		account string
		first   bool // the account comes first
	}{
		{"none known", "", "chưa được ghi nhận", true},
		{"a second too late", "2026-11-20 08:00:06", "dự kiến từ ngày 20/11/2026", true},
		{"at the very instant", "2026-11-20 08:00:05", "đã được cấp từ ngày 20/11/2026", false},
		{"for long", "2026-03-01 00:00:00", "đã được cấp từ ngày 01/03/2026", false},
	} {
		for _, told := range []policy.Verdict{policy.Reject, policy.Warn} {
			in := sample()
			in.Decision.Verdict, in.Decision.Notice, in.Ready = told, "", time.Time{}
			if x.ready != "" {
				in.Ready = hanoi(x.ready)
			}
			d, _ := Compose(in)
			flat := strings.Join(strings.Fields(d.Body), " ")
			if !strings.Contains(flat, "trên Hệ thống: "+x.account) || strings.Contains(flat, "để được cấp hoặc xác nhận tài khoản, sau đó gửi") != x.first {
				t.Errorf("%s, %s:\n%s", x.name, told, d.Body)
			}
		}
	}
}

// Citizens and enterprises have no account and are not on the axis: they are neither told of them nor ordered, whatever the rule says.
func TestOutsideIsNoAgency(t *testing.T) {
	for _, c := range []struct {
		verdict policy.Verdict
		told    string
	}{{policy.Reject, "reject"}, {policy.Reject, "return"}, {policy.Reject, "not-counted"}, {policy.Warn, "remind"}, {policy.Warn, "not-counted"}, {policy.Accept, ""},
		{policy.Accept, "also-received"}, {policy.Hold, ""}, {policy.Quarantine, ""}} {
		for _, paper := range []bool{false, true} {
			in := sample()
			in.Relation, in.Ready, in.Decision.Verdict, in.Decision.Notice, in.WantHeld, in.Paper = Outside, time.Time{}, c.verdict, c.told, true, paper
			in.Sender.Name = "Công ty TNHH Hiền Lương"
			d, s := Compose(in)
			if d == nil {
				t.Fatal(s)
			}
			for _, wrong := range []string{"Quý cơ quan", "yêu cầu", "Yêu cầu", "Tài khoản", "tài khoản", "Mã định danh", "Trục liên thông văn bản", "28/2018"} {
				if strings.Contains(d.Body, wrong) {
					t.Errorf("%s %s: %q in\n%s", c.verdict, c.told, wrong, d.Body)
				}
			}
		}
	}
}

// Only what is sent back is said to be, and goes with a slip: what is not counted may stand in the register all the same.
func TestNotCountedAndReturned(t *testing.T) {
	for _, paper := range []bool{false, true} {
		for verdict, back := range map[policy.Verdict]bool{policy.Reject: true, policy.Warn: false} {
			in := sample()
			in.Decision.Verdict, in.Decision.Notice, in.WantSlip, in.Paper = verdict, "not-counted", true, paper
			d, _ := Compose(in)
			flat := strings.Join(strings.Fields(d.Body), " ")
			if d.Kind != NotCounted || d.Slip != back || strings.Contains(flat, "không được đăng ký vào sổ văn bản đến") != back {
				t.Errorf("%s: slip %v\n%s", verdict, d.Slip, d.Body)
			}
			if !back && strings.Contains(flat, "trả lại") {
				t.Errorf("what was registered is said to be returned:\n%s", d.Body)
			}
		}
	}
}

func TestNeutralQuotesNothing(t *testing.T) {
	in := sample()
	in.Decision.Verdict = policy.Quarantine
	d, _ := Compose(in)
	all := d.Subject + d.Body + d.InReplyTo + strings.Join(d.References, " ")
	for _, secret := range []string{"45/STC", "Báo cáo", "ngân sách", in.MessageID, in.References[0], in.Digest, in.Receipt, in.Decision.Legal} {
		if strings.Contains(all, secret) {
			t.Errorf("the neutral text quotes %q:\n%s", secret, all)
		}
	}
	if !strings.Contains(d.Body, "20/11/2026 08:00:05") {
		t.Errorf("the neutral text does not say which mail:\n%s", d.Body)
	}
}

// TestHostileText: what a mail says stays one line of its own and cannot pass for ours.
func TestHostileText(t *testing.T) {
	in := sample()
	in.Decision.Verdict, in.Decision.Notice = policy.Accept, ""
	in.Documents = []Document{{
		Number:  "1/A\r\nBcc: x@evil.example",
		Subject: "a\x00b\u202egnod\u2066 {so_den} {date} {{.Receipt}} " + strings.Repeat("dài ", 300),
	}}
	d, _ := Compose(in)
	if strings.Contains(d.Body, "\nBcc") || strings.ContainsAny(d.Body, "\x00\r\u202e\u2066") || strings.ContainsAny(d.Subject, "\r\n") {
		t.Errorf("hostile text came through: %q", d.Body)
	}
	if n := strings.Count(d.Body, soDenMark); n != 1 {
		t.Errorf("%d placeholders, the mail brought its own:\n%s", n, d.Body)
	}
	if !strings.Contains(d.Body, "…") || strings.Count(d.Body, "dài") > 130 {
		t.Errorf("a long trích yếu is not cut visibly:\n%s", d.Body)
	}
}

func TestWidth(t *testing.T) {
	in := sample()
	in.Decision.Verdict, in.Decision.NextVerdict, in.Decision.NextFrom = policy.Warn, policy.Reject, hanoi("2027-01-01 00:00:00")
	d, _ := Compose(in)
	for line := range strings.SplitSeq(d.Body, "\n") {
		if utf8.RuneCountInString(line) > columns {
			t.Errorf("%d columns: %q", utf8.RuneCountInString(line), line)
		}
	}
}

func TestThread(t *testing.T) {
	in := sample()
	in.References = []string{"bad id@x", "a@x", "a@x"}
	for i := range 30 {
		in.References = append(in.References, string(rune('b'+i%20))+strings.Repeat("y", i)+"@x")
	}
	d, _ := Compose(in)
	if n := len(d.References); n != maxReferences || d.References[0] != "a@x" || d.References[n-1] != in.MessageID {
		t.Errorf("references %q", d.References)
	}
	in.MessageID = "no-at-sign"
	d, _ = Compose(in)
	if d.InReplyTo != "" || len(d.References) != 0 {
		t.Errorf("threaded to nothing: %q %q", d.InReplyTo, d.References)
	}
}

func TestComposeAlarm(t *testing.T) {
	if ComposeAlarm(sample().Receiver, "not an address", "x", "y") != nil {
		t.Error("an alarm was made for nobody")
	}
	d := ComposeAlarm(sample().Receiver, "quantri@example.vn", "mailbox-silent", "Hộp thư vanthu không phản hồi\r\ntừ 10 phút.")
	if d.Kind != Alarm || d.Receipt != "" || !strings.Contains(d.Body, "Hộp thư vanthu không phản hồi từ 10 phút.") {
		t.Errorf("alarm %+v", d)
	}
}
