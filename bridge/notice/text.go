package notice

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Placeholders of Numbers: what a text says of things that are known only when it is rendered. A line with a number that there is none of
// is left out.
const (
	soDenMark    = "{so_den}"
	reminderMark = "{reminder}"
	dateMark     = "{date}" // ngày 05 tháng 11 năm 2026
	timeMark     = "{time}" // 05/11/2026 08:00:05 giờ Việt Nam
)

// columns is the width that texts are wrapped at. Names of agencies and digests of 64 characters fit.
const columns = 72

// vietnam is Asia/Ho_Chi_Minh, which has had no other offset since 1975.
var vietnam = time.FixedZone("+07", 7*60*60)

// view is what the templates see. Every string in it is one clean line.
type view struct {
	Parent, Office, Place string
	To, Addressee         string
	Ask, AskBegin         string // yêu cầu where an order goes to a subordinate, đề nghị otherwise
	Receipt, Digest, At   string
	Items                 []string // what was sent
	Title, Legal, Since   string
	Laws                  []string // general provisions in force when the mail came
	Until, Left           string   // when this way ends, and how long that was from the counted instant
	Standing              string   // số đến of the record that the mail was joined to
	Came                  string   // how that one came
	Step, Reason          string   // what a document system reported, and the reason that it gave
	Refused               bool     // the sender was told a refusal before
	Returned              bool     // the document is sent back: no entry in the register
	Unready               bool     // an agency that has no account on the system yet
	Instead, Exemption    string
	ReturnRule            string
	Ways                  []string // what the addressee needs to send that way: its account, the codes on the axis
	Verify                string   // address at which the receipt can be checked
	Contact               []string
	From, Helper          string
	Code, Text            string   // of an alarm
	Kind                  string   // of a notice about paper, which has one text for all kinds
	Entries               []string // of a digest: the lines of every notice that it speaks for, with an empty one between
	Count                 string   // … and how many they are
}

// text gives subject and body of a notice. Neutral gets a view that holds nothing of the mail but its time.
func (in *Input) text(k Kind) (subject, body string) {
	v := in.Receiver.view()
	t := in.texts()
	v.Addressee = in.addressee()
	v.To = orElse(clean(in.Sender.Name, 200), v.Addressee)
	v.At = vnTime(in.Counted)
	if k == Neutral {
		return "Thông báo về thư điện tử nhận lúc " + v.At, t.fill("neutral", v)
	}
	v.Instead, v.Exemption = t.wording.Instead, t.wording.Exemption
	if in.Relation == Outside {
		v.Instead, v.Exemption = t.wording.InsteadOutside, exemptOutside
	}
	v.Receipt, v.Digest = clean(in.Receipt, 40), clean(in.Digest, 64)
	v.Items = in.items()
	v.Helper = clean(in.Contact, 300)
	v.Verify = t.verify(in.Receipt, in.Digest)
	v.Standing, v.Came = clean(in.Standing, 40), came(in.StandingBy)
	if k == OnSystem && in.Decision.AlsoNumber != "" {
		v.Standing = clean(in.Decision.AlsoNumber, 40)
	}
	v.Ways = in.ways()
	if in.Relation != Outside { // the provisions bind agencies of the state
		v.Laws, v.ReturnRule = t.cited(string(k), in.Counted), strings.Join(t.cited(CiteReturn, in.Counted), "; ")
	}
	v.Returned, v.Unready = in.returns(k), in.unready()
	v.Refused = in.made(Refuse, NotCounted, Return)
	in.ground(&v)
	if in.Paper {
		v.Kind = string(k)
		return in.subject(k), t.fill("paper", v)
	}
	if in.step != "" {
		v.Step, v.Reason = in.step.words(), clean(in.Reason, 1000)
		return in.subject(k), t.fill("status", v)
	}
	return in.subject(k), t.fill(string(k), v)
}

// came says how a document came that stands already, ready for its number behind it.
func came(channel string) string {
	switch channel {
	case "system":
		return "đã nhận qua trục liên thông, số đến"
	case "paper":
		return "đã nhận bản giấy, số đến"
	}
	return "đã được tiếp nhận trước đó với số đến"
}

func (l Letterhead) view() view {
	v := view{
		Parent: clean(l.ParentName, 200), Office: clean(l.Name, 200), Place: clean(l.Place, 100), From: clean(l.From, maxAddress),
	}
	for _, line := range l.Contact {
		if line = clean(line, 300); line != "" {
			v.Contact = append(v.Contact, line)
		}
	}
	return v
}

// ground fills in what the deciding rule says.
func (in *Input) ground(v *view) {
	d := in.Decision
	v.Ask, v.AskBegin = "đề nghị", "Đề nghị"
	if d.Strength == "order" && in.Relation == Subordinate {
		v.Ask, v.AskBegin = "yêu cầu", "Yêu cầu"
	}
	v.Title, v.Legal = clean(d.Title, policy.MaxPrinted), clean(d.Legal, policy.MaxPrinted)
	if from, err := time.Parse(time.RFC3339, d.PhaseFrom); err == nil {
		v.Since = vnInstant(from)
	}
	if d.NextVerdict == policy.Reject && in.Counted.Before(d.NextFrom) {
		v.Until, v.Left = vnInstant(d.NextFrom), daysLeft(in.Counted, d.NextFrom)
	}
}

// items are the lines that say which mail is meant: number and trích yếu of its documents, or its subject when none could be read.
func (in *Input) items() []string {
	var out []string
	for _, d := range in.Documents {
		if len(out) >= 40 {
			out = append(out, "…")
			break
		}
		if n := clean(d.Number, 60); n != "" {
			out = append(out, "Số, ký hiệu văn bản: "+n)
		}
		if s := clean(d.Subject, 500); s != "" {
			out = append(out, "Trích yếu: "+s)
		}
	}
	if s := clean(in.Subject, 200); len(out) == 0 && s != "" {
		out = append(out, "Tiêu đề thư: "+s)
	}
	return out
}

func subjectForm(k Kind) string {
	switch k {
	case Remind:
		return "Nhắc gửi qua Hệ thống: %s (%s)"
	case Refuse:
		return "Từ chối tiếp nhận %s (%s)"
	case NotCounted:
		return "Không ghi nhận hoàn thành nhiệm vụ: %s (%s)"
	case Return:
		return "Trả lại để hoàn thiện: %s (%s)"
	case Accepted:
		return "Chấp nhận %s (%s)"
	case Held:
		return "Đã nhận, đang xem xét %s (%s)"
	case OnSystem:
		return "Đã nhận qua trục: %s (%s)"
	case StatusArrived:
		return "Re: Đã đến Hệ thống: %s (%s)"
	case StatusRegistered:
		return "Re: Đã vào sổ %s (%s)"
	case StatusHandled:
		return "Re: Đã xử lý xong %s (%s)"
	case StatusRefused:
		return "Re: Bị từ chối trên Hệ thống: %s (%s)"
	}
	return "Đã tiếp nhận %s (%s)"
}

// subject names the document by its number and the receipt: short enough for every list of mails.
func (in *Input) subject(k Kind) string {
	what := "văn bản gửi qua thư điện tử"
	if in.Paper {
		what = "văn bản giấy"
	}
	for i, d := range in.Documents {
		n := clean(d.Number, 60)
		if n == "" {
			continue
		}
		what = "văn bản số " + n
		if more := len(in.Documents) - 1; more > 0 && i == 0 {
			what += " và " + strconv.Itoa(more) + " văn bản khác"
		}
		break
	}
	return fmt.Sprintf(subjectForm(k), what, clean(in.Receipt, 40))
}

// ComposeAlarm writes to an administrator about ourselves, or gives nil when the address cannot be written to. Text must name no subject
// or file.
func ComposeAlarm(from Letterhead, to, code, text string) *Draft {
	if checkAddress(to) != nil {
		return nil
	}
	v := from.view()
	v.Code, v.Text = clean(code, 100), clean(text, 2000)
	return &Draft{
		Kind: Alarm, Generated: true, To: to, Receiver: from.ID, FromName: clean(orElse(from.FromName, from.Name), 200), From: from.From,
		ReturnPath: from.ReturnPath, References: []string{},
		Subject: "[Giao Liên] Cảnh báo: " + v.Code, Body: shipped.fill(string(Alarm), v),
	}
}

// wrap breaks each line at blanks so that it fits; lines of a list hang under their first word. Empty lines are never doubled.
func wrap(s string) string {
	var out []string
	for line := range strings.SplitSeq(strings.Trim(s, "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if line == "" && len(out) > 0 && out[len(out)-1] == "" {
			continue
		}
		out = append(out, wrapLine(line)...)
	}
	return strings.Join(out, "\n") + "\n"
}

func wrapLine(line string) []string {
	hang := ""
	if strings.HasPrefix(line, "- ") {
		hang = "  "
	}
	var out []string
	now, width := "", 0
	for word := range strings.SplitSeq(line, " ") {
		n := utf8.RuneCountInString(word)
		if now != "" && now != "-" && width+1+n > columns {
			out, now, width = append(out, now), hang+word, len(hang)+n
			continue
		}
		if now == "" {
			now, width = word, n
			continue
		}
		now, width = now+" "+word, width+1+n
	}
	return append(out, now)
}

func vnTime(t time.Time) string {
	return t.In(vietnam).Format("02/01/2006 15:04:05") + " giờ Việt Nam"
}

// vnInstant is a limit as it is cited: the day alone when it begins with it.
func vnInstant(t time.Time) string {
	t = t.In(vietnam)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return "00 giờ 00 ngày " + t.Format("02/01/2006")
	}
	form := "15 giờ 04"
	if t.Second() != 0 {
		form += " phút 05 giây"
	}
	return t.Format(form) + " ngày " + t.Format("02/01/2006")
}

// vnDate is the date of a letterhead: days below 10 and the months 1 and 2 with a leading zero (NĐ 30/2020, Phụ lục I, II.4).
func vnDate(t time.Time) string {
	t = t.In(vietnam)
	month := strconv.Itoa(int(t.Month()))
	if t.Month() <= time.February {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// daysLeft counts Vietnamese calendar days, the day of the mail included: from the 12th to a limit at the start of the 20th they are 8.
func daysLeft(from, until time.Time) string {
	day := func(t time.Time) int64 { return (t.Unix() + 7*60*60) / (24 * 60 * 60) }
	if n := day(until) - day(from); n > 0 {
		return fmt.Sprintf("%02d ngày, kể cả ngày nhận", n)
	}
	return "chưa đầy 01 ngày"
}
