package notice

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// What is told of a paper speaks of paper and never of a mail that nobody sent, in every kind of notice.
func TestPaperNotices(t *testing.T) {
	base := Input{Mode: ModeSend, WantReceipts: true, Paper: true, Receipt: "GL-2026-0000012", Digest: strings.Repeat("ab", 32), Counted: time.Date(2026, 4, 20, 3, 0, 0, 0, time.UTC),
		Receiver: Letterhead{ID: "ubnd", Name: "Văn phòng UBND tỉnh", From: "vanthu@ubnd.example.vn", ReturnPath: "<>"}, Documents: []Document{{Number: "12/SNV-VP", Subject: "cử cán bộ"}},
		Sender: directory.Match{Agency: "snv", Name: "Sở Nội vụ", Address: "vanthu@noivu.example.vn", How: directory.ByAddress}, Identity: policy.IdentityClerk}
	for name, c := range map[string]struct {
		change func(*Input)
		kind   Kind
		says   string
	}{
		"receipt": {func(in *Input) { in.Decision.Verdict = policy.Accept }, Receipt, "đã tiếp nhận và đăng ký văn bản giấy"},
		"joined": {func(in *Input) {
			in.Decision.Verdict, in.Duplicate, in.Standing, in.StandingBy = policy.Accept, true, "7/2026", "system"
		}, Receipt, "đã nhận qua trục liên thông, số đến 7/2026"},
		"remind":      {func(in *Input) { in.Decision.Verdict = policy.Warn }, Remind, "vẫn tiếp nhận bản giấy"},
		"reject":      {func(in *Input) { in.Decision.Verdict = policy.Reject }, Refuse, "không tiếp nhận văn bản giấy"},
		"return":      {func(in *Input) { in.Decision.Verdict, in.Decision.Notice = policy.Reject, "return" }, Return, "chưa đủ điều kiện tiếp nhận"},
		"not counted": {func(in *Input) { in.Decision.Verdict, in.Decision.Notice = policy.Warn, "not-counted" }, NotCounted, "không được ghi nhận là đã hoàn thành"},
		"held":        {func(in *Input) { in.Decision.Verdict, in.WantHeld = policy.Hold, true }, Held, "Văn thư đang xem xét văn bản giấy"},
		"on system": {func(in *Input) {
			in.Decision.Verdict, in.Decision.Notice, in.Decision.AlsoNumber = policy.Warn, string(policy.ReasonAlsoReceived), "9/2026"
		}, OnSystem, "đã nhận qua trục liên thông, số đến 9/2026"},
		"accepted": {func(in *Input) { in.Decision.Verdict, in.AfterAll = policy.Accept, true }, Accepted, "chấp nhận văn bản giấy"},
	} {
		in := base
		c.change(&in)
		d, silence := Compose(in)
		if d == nil || d.Kind != c.kind {
			t.Errorf("%s: %+v, silence %q", name, d, silence)
			continue
		}
		if r, err := Render(*d, numbers(*d), keys); err != nil || !bytes.Contains(r.Bytes, []byte("\r\nAuto-Submitted: auto-generated\r\n")) {
			t.Errorf("%s answers a mail that there is not (%v)", name, err)
		}
		text := strings.Join(strings.Fields(d.Body), " ")
		if !strings.Contains(text, c.says) || !strings.Contains(text, "12/SNV-VP") || !strings.Contains(text, in.Receipt) {
			t.Errorf("%s says:\n%s", name, d.Body)
		}
		for _, mail := range []string{"gửi qua thư điện tử", "Thời điểm nhận thư", "thư nêu trên", "trả lời thư", "{{", "<no value>"} {
			if strings.Contains(d.Body+d.Subject, mail) {
				t.Errorf("%s speaks of a mail (%s):\n%s", name, mail, d.Body)
			}
		}
	}
}
