package bridge

import (
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
)

// unread lists the files that tools have yet to read. Nothing is waited for that no tool here will read; nor are files of a message whose mark
// of secrecy a person called a false alarm: who has looked at it knows what it says. Who had only its header before them does not.
func (c *deciding) unread() []string {
	list := []string{}
	seen := c.history.Amendments[min(c.receipt.HeaderWords, len(c.history.Amendments)):]
	if !c.knowledge.Settings.Reading || has(seen, NotSecret) {
		return list
	}
	for _, d := range mapping.Wanted(c.known.Message) {
		if _, ok := c.evidence.Files[d]; !ok {
			list = append(list, d)
		}
	}
	return list
}

// awaitReading keeps a record from what the text of its mail's files may yet forbid: a refusal, and a registration under a grouping of files
// that may change. What a person has ordered is done at once, and so is the registration of the one file of a mail whose sender's system or
// own words have told everything: the register does not wait for OCR, only the notice does.
func (c *deciding) awaitReading(ro RecordOutcome) RecordOutcome {
	word := lastWord(c.history.Amendments)
	if len(c.out.Wanted) == 0 || word == RefuseIt {
		return ro
	}
	single := len(c.known.Records) == 1 && len(ro.Files) == 1
	var wait bool
	switch ro.State {
	case Refused:
		wait = true
	case Registered:
		wait = !single && word == ""
	case Held:
		wait = ro.Reason == ReasonIncomplete || word == "" && unknown(ro.Decision.Reasons)
	}
	if wait {
		ro.State, ro.Reason = Held, ReasonReading
	}
	return ro
}

// unknown says whether a decision was held because a condition asks for what is not known (ARCHITECTURE, invariant 12).
func unknown(reasons []string) bool {
	return slices.ContainsFunc(reasons, func(r string) bool { return strings.HasPrefix(r, "unknown-") })
}

// stands gives the register number that the i-th record of this receipt has by an earlier outcome.
func (c *deciding) stands(i int) (Standing, bool) {
	id := RecordID(c.receipt.ID, i)
	n := slices.IndexFunc(c.history.Own, func(s Standing) bool { return s.Record == id })
	if n < 0 {
		return Standing{}, false
	}
	return c.history.Own[n], true
}

// keepStanding lets a record that is in the register stay there: what was read of its file afterwards is no reason to strike it out, only for
// a person to look again. Only what a person says changes its state, or a mark of secrecy; and what they said before the last outcome has
// done its work by then.
func (c *deciding) keepStanding(i int, ro RecordOutcome) RecordOutcome {
	s, ok := c.stands(i)
	if !ok || ro.State == Registered || s.State != "" && s.State != Registered {
		return ro
	}
	spoken := len(c.history.Amendments) > c.history.Heard
	if spoken && ro.Reason != c.doubt(ro) { // a corrected field is no word about a file that could not be read
		return ro
	}
	if _, taken := c.elsewhere(ro.Key); taken {
		ro.Key = "" // the number that the text shows is another entry's
	}
	if _, taken := c.elsewhere(ro.CodeKey); taken {
		ro.CodeKey = ""
	}
	c.doubted = append(c.doubted, ro.Reason)
	ro.Doubts = append(slices.Clone(ro.Doubts), ro.Reason)
	ro.State, ro.Reason, ro.JoinTo = Registered, ReasonDoubted, ""
	ro.JoinKey = ""
	return ro
}

// entryDoubted raises the alarm about entries of the register that what was read later speaks against. No notice goes out before a person
// has looked.
func (c *deciding) entryDoubted() {
	if len(c.doubted) == 0 {
		return
	}
	slices.Sort(c.doubted)
	c.out.Alarms = append(c.out.Alarms, Alarm{Key: "entry-doubted:" + c.receipt.ID, Code: "entry-doubted",
		Text: "Phiếu " + c.receipt.ID + " đã vào sổ; nội dung đọc được từ tệp sau đó không khớp (" + strings.Join(slices.Compact(c.doubted), ", ") +
			"). Số đến được giữ nguyên; văn thư cần xem lại."})
	if c.out.Decision.Verdict != policy.Accept && c.out.Decision.Verdict != policy.Warn {
		c.out.Decision.Verdict = policy.Hold
	}
}

// foundLate tells the custodian what a mark that was found late finds done already (ARCHITECTURE, invariant 10).
func (c *deciding) foundLate() string {
	text := " Dấu hiệu này được phát hiện sau lần xử lý trước: nội dung đã lưu bị xoá trắng."
	var numbers []string
	for _, s := range c.history.Own {
		numbers = append(numbers, s.SoDen)
	}
	if len(numbers) > 0 {
		text += " Mục đã vào sổ giữ nguyên số đến " + strings.Join(numbers, ", ") + "."
	}
	if len(c.history.Notices) > 0 {
		text += " Trước đó đã có thông báo gửi cho nơi gửi; cần kiểm tra nội dung đã trích dẫn."
	}
	return text + c.goneOut()
}

// goneOut names where the documents of the receipt went before: they must be destroyed there too.
func (c *deciding) goneOut() string {
	hanoi := time.FixedZone("+07", 7*60*60)
	var places []string
	for _, d := range c.history.Delivered {
		place := d.Target + " (" + d.Record + ", " + d.At.In(hanoi).Format("15:04 02/01/2006") + ")"
		if d.At.IsZero() {
			place = d.Target + " (" + d.Record + ", chưa rõ đã tới hay chưa)"
		}
		places = append(places, place)
	}
	if len(places) == 0 {
		return ""
	}
	return " Đã chuyển tới: " + strings.Join(places, "; ") + "; cần thu hồi và tiêu hủy tại đó."
}
