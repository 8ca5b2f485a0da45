package notice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Gist is what a digest says of a notice: no more than the notice itself says. Lines are one clean line each and may hold the placeholders of
// Numbers until Numbered has put them in. Its zero value is that of a notice which no digest can speak for.
type Gist struct {
	To      string   `json:"to,omitempty"`      // name of the addressee
	Lines   []string `json:"lines,omitempty"`   // what came, and what became of it
	Laws    []string `json:"laws,omitempty"`    // general provisions, named once for all
	Ways    []string `json:"ways,omitempty"`    // what the addressee needs to send another way
	Helper  string   `json:"helper,omitempty"`  // who helps it
	Refused bool     `json:"refused,omitempty"` // to be sent another way, and how
	Outside bool     `json:"outside,omitempty"` // the addressee is no agency
}

// Empty says whether no digest can speak for the notice.
func (g Gist) Empty() bool { return len(g.Lines) == 0 }

// size is about how long it is in a letter, in octets.
func (g Gist) size() int {
	n := 0
	for _, l := range slices.Concat(g.Lines, g.Laws, g.Ways) {
		n += len(l) + 3
	}
	return n
}

// Bounds of what a gist quotes: a mail may be read as many documents.
const (
	gistItems = 12
	gistLine  = 2*policy.MaxPrinted + 200 // a ground with its title and day, or a trích yếu, is printed whole
)

// Numbered puts the numbers in that are known when the notice is rendered.
func (g Gist) Numbered(n Numbers) Gist {
	var lines []string
	for line := range strings.SplitSeq(substitute(strings.Join(g.Lines, "\n"), n), "\n") {
		if line != "" {
			lines = append(lines, line)
		}
	}
	g.Lines = lines
	return g
}

// gist is what a digest may say of a notice of this kind. A neutral one has none: it goes by itself, never among the words of others.
func (in *Input) gist(k Kind) Gist {
	if k == Neutral {
		return Gist{}
	}
	v := in.Receiver.view()
	t := in.texts()
	v.Addressee, v.Instead = in.addressee(), t.wording.Instead
	if in.Relation == Outside {
		v.Instead = t.wording.InsteadOutside
	}
	in.ground(&v)
	g := Gist{To: clean(in.Sender.Name, 200), Helper: clean(in.Contact, 300), Outside: in.Relation == Outside}
	add := func(label, words string) {
		if clean(words, gistLine) != "" {
			g.Lines = append(g.Lines, clean(label+": "+words, gistLine))
		}
	}
	add("Mã tiếp nhận", in.Receipt)
	switch {
	case in.step != "": // the instant is that of the report
	case in.Paper:
		add("Thời điểm đóng dấu đến", vnTime(in.Counted))
	default:
		add("Thời điểm nhận thư", vnTime(in.Counted))
	}
	items := in.items()
	if len(items) > gistItems {
		items = append(items[:gistItems:gistItems], "…")
	}
	for _, item := range items {
		g.Lines = append(g.Lines, clean(item, gistLine))
	}
	switch {
	case in.step != "":
		add("Số đến", clean(in.Standing, 40))
	case k == Remind:
		g.Lines = append(g.Lines, "Số đến: "+soDenMark, "Lần nhắc thứ: "+reminderMark)
	case k == NotCounted, k == Accepted, k == Receipt && in.Standing == "":
		g.Lines = append(g.Lines, "Số đến: "+soDenMark)
	}
	add("Kết quả", in.result(k, v))
	if in.step != "" {
		add("Lý do được nêu", in.Reason)
		return g
	}
	if how := insteadOf(k); how != "" {
		ground := []string{}
		for _, s := range []string{v.Legal, v.Title} {
			if s != "" {
				ground = append(ground, s)
			}
		}
		if len(ground) == 0 {
			ground = append(ground, "quy định về tiếp nhận văn bản của "+v.Office)
		}
		if v.Since != "" {
			ground = append(ground, "áp dụng từ "+v.Since)
		}
		add("Căn cứ", strings.Join(ground, "; "))
		if in.unready() {
			how = "liên hệ đầu mối hỗ trợ để được cấp hoặc xác nhận tài khoản, sau đó " + how
		}
		add("Cách gửi thay thế", v.AskBegin+" "+v.Addressee+" "+how+" qua "+v.Instead)
		g.Refused, g.Ways = k == Refuse || k == NotCounted || k == Return, in.ways()
	}
	if in.Relation != Outside {
		g.Laws = t.cited(string(k), in.Counted)
	}
	add("Mã băm SHA-256 để đối chiếu", clean(in.Digest, 64))
	add("Địa chỉ tra cứu", t.verify(in.Receipt, in.Digest))
	return g
}

// insteadOf is what the addressee is asked to send another way; empty where nothing is asked.
func insteadOf(k Kind) string {
	switch k {
	case Refuse, NotCounted:
		return "gửi lại văn bản"
	case Return:
		return "hoàn thiện văn bản và gửi lại"
	case Remind, OnSystem:
		return "gửi các văn bản tiếp theo"
	}
	return ""
}

// result is what became of the mail, in a sentence.
func (in *Input) result(k Kind, v view) string {
	if in.step != "" {
		return "Hệ thống quản lý văn bản và điều hành báo lúc " + vnTime(in.Counted) + ": " + in.step.words()
	}
	standing := clean(in.Standing, 40)
	switch k {
	case Refuse:
		return "không tiếp nhận; văn bản không được đăng ký vào sổ văn bản đến và không được coi là đã gửi đến " + v.Office
	case NotCounted:
		counted := "không được ghi nhận là đã hoàn thành nhiệm vụ được giao; việc ghi nhận chỉ căn cứ văn bản gửi qua " + v.Instead
		if in.returns(k) {
			return "đã nhận, nhưng không được đăng ký vào sổ văn bản đến và " + counted
		}
		return "đã nhận, nhưng " + counted
	case Return:
		return "chưa đủ điều kiện tiếp nhận, được chuyển lại để hoàn thiện; văn bản chưa được đăng ký vào sổ văn bản đến"
	case Accepted:
		if in.made(Refuse, NotCounted, Return) {
			return "sau khi xem xét, văn bản được chấp nhận, không cần gửi lại; thay thế thông báo trước đây về cùng mã tiếp nhận"
		}
		return "sau khi xem xét, văn bản được chấp nhận, không cần gửi lại"
	case Held:
		return "văn thư đang xem xét; chưa vào sổ văn bản đến, chưa bị từ chối và chưa cần gửi lại"
	case OnSystem:
		if in.Decision.AlsoNumber != "" {
			standing = clean(in.Decision.AlsoNumber, 40)
		}
		if standing != "" {
			standing = ", số đến " + standing
		}
		return "đã nhận qua trục liên thông" + standing + "; bản này được gắn với văn bản đã có, không cần gửi lại"
	case Remind:
		if v.Until != "" {
			return "đã tiếp nhận trong lần này; từ " + v.Until + " (giờ Việt Nam), văn bản gửi theo cách này sẽ không được tiếp nhận"
		}
		return "đã tiếp nhận trong lần này; cách gửi này không còn phù hợp với quy định"
	}
	if standing != "" {
		return came(in.StandingBy) + " " + standing + "; bản vừa nhận được gắn với văn bản đã có, không cần gửi lại"
	}
	return "đã tiếp nhận"
}

// MaxDigest is how many notices one digest speaks for at most; maxDigestSize how long they may be together, in octets.
const (
	MaxDigest     = 100
	maxDigestSize = 96 << 10
)

// Gathered is what one address is to be told at once. Gists are in the order of telling, their numbers put in.
type Gathered struct {
	To       string // the directory address
	Agency   string // directory id, for caps
	Receiver string // receiving agency that speaks
	Gists    []Gist
}

// ComposeDigest writes the one notice that says what these would have said, and tells how many of them, from the first, it says. Exactly zero goes
// with nil: the address cannot be written to, or there is nothing to say.
func ComposeDigest(from Letterhead, texts *Texts, g Gathered) (*Draft, int) {
	if checkAddress(g.To) != nil || len(g.Gists) == 0 {
		return nil, 0
	}
	if texts == nil {
		texts = shipped
	}
	v := from.view()
	v.Addressee, v.Instead, v.Exemption = texts.wording.Addressee, texts.wording.Instead, texts.wording.Exemption
	took, size := 0, 0
	name := ""
	for _, gist := range g.Gists[:min(len(g.Gists), MaxDigest)] {
		if size += gist.size(); took > 0 && size > maxDigestSize {
			break
		}
		took++
		name = orElse(name, gist.To)
		v.Helper = orElse(v.Helper, gist.Helper)
		v.Refused = v.Refused || gist.Refused
		if gist.Outside {
			v.Addressee, v.Exemption = addresseeOutside, exemptOutside
		}
		v.Laws, v.Ways = union(v.Laws, gist.Laws), union(v.Ways, gist.Ways)
		for i, line := range gist.Lines {
			if i == 0 {
				line = strconv.Itoa(took) + ". " + line
			} else {
				line = "- " + line
			}
			v.Entries = append(v.Entries, line)
		}
		v.Entries = append(v.Entries, "")
	}
	v.To, v.Count = orElse(clean(name, 200), v.Addressee), strconv.Itoa(took)
	return &Draft{
		Kind: Digest, To: g.To, ToName: clean(name, 200), Agency: g.Agency, Receiver: from.ID,
		FromName: clean(orElse(from.FromName, from.Name), 200), From: from.From, ReturnPath: from.ReturnPath, References: []string{},
		Generated: true,
		Subject:   "Thông báo tổng hợp " + v.Count + " kết quả tiếp nhận văn bản, " + dateMark, Body: texts.fill(string(Digest), v),
	}, took
}

func union(have, more []string) []string {
	for _, s := range more {
		if !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	return have
}
