package register

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Priority is why a document is registered, presented and forwarded at once.
type Priority string

// Priorities; stable for ever.
const (
	Urgent     Priority = "urgent"     // bears a mark of urgency: khẩn, thượng khẩn, hỏa tốc (NĐ 30/2020, Điều 4.2.c)
	Invitation Priority = "invitation" // giấy mời, or a letter that invites to a meeting
	Conclusion Priority = "conclusion" // thông báo kết luận
	Task       Priority = "task"       // gives or presses for a task: giao nhiệm vụ, công điện, phiếu chuyển, đôn đốc
)

// AtOnce says whether a document goes before all others, and why; of several reasons the first of the list above. It is read from mark, type
// and trích yếu, however they are accented.
func AtOnce(d vanban.Document) (Priority, bool) {
	matter := " " + strings.Join(words(d.TrichYeu), " ") + " "
	for _, other := range []string{"doi moi", "ban giao", "chuyen giao"} { // đổi mới, bàn giao, chuyển giao: neither mời nor giao
		matter = strings.ReplaceAll(matter, " "+other+" ", " "+strings.ReplaceAll(other, " ", "_")+" ")
	}
	kind := kindOf(d)
	switch {
	case d.DoKhan != "":
		return Urgent, true
	case kind == "giay moi", says(matter, invites()), invitesInFull(d.TrichYeu):
		return Invitation, true
	case strings.HasPrefix(kind, "thong bao ket luan"), kind == "ket luan", kind == "thong bao" && says(matter, []string{"ket luan"}):
		return Conclusion, true
	case kind == "cong dien", kind == "phieu chuyen", gives(kind, matter):
		return Task, true
	}
	return "", false
}

// kindOf is the folded name of a document's type, also where only its abbreviation is known.
func kindOf(d vanban.Document) string {
	if d.Loai != "" {
		return vanban.Fold(d.Loai)
	}
	return map[string]string{"gm": "giay moi", "tb": "thong bao", "kl": "ket luan", "cd": "cong dien", "pc": "phieu chuyen", "bc": "bao cao", "ttr": "to trinh",
		"bb": "bien ban", "pb": "phieu bao", "ggt": "giay gioi thieu", "guq": "giay uy quyen"}[vanban.Fold(d.LoaiTat)]
}

// words are the words of a text in the form in which they are compared.
func words(text string) []string {
	return strings.FieldsFunc(vanban.Fold(text), betweenWords)
}

func betweenWords(r rune) bool { return strings.ContainsRune(" .,;:/-()\"'\n\t", r) }

// says finds one of the phrases in a text of words between blanks.
func says(text string, phrases []string) bool {
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(text, " "+p+" ") })
}

func invites() []string {
	return []string{"giay moi", "moi hop", "moi du hop", "moi du hoi", "moi du cuoc", "moi du le", "moi du lam viec", "moi du buoi",
		"moi du dai hoi", "moi du tap huan", "moi du chuong trinh", "moi tham du", "moi tham gia hop", "trieu tap hop", "trieu tap hoi nghi"}
}

// invitesInFull reads the accents where there are any: "mời dự" invites to whatever follows, but to bid, while without them it may be "mới, dự án".
func invitesInFull(matter string) bool {
	text := " " + strings.Join(strings.FieldsFunc(strings.ToLower(norm.NFC.String(matter)), betweenWords), " ") + " "
	text = strings.ReplaceAll(text, " mời dự thầu ", " ")
	return says(text, []string{"mời dự", "mời họp", "mời làm việc", "mời đến làm việc", "mời tham dự"})
}

// gives says whether a document gives a task or presses for one. A report on a task that was given is none, nor is what asks to be given one.
func gives(kind, matter string) bool {
	if slices.Contains([]string{"bao cao", "to trinh", "bien ban", "phieu bao", "hop dong", "giay gioi thieu", "giay uy quyen"}, kind) {
		return false
	}
	if says(matter, []string{"bao cao ket qua", "bao cao tinh hinh", "bao cao viec", "bao cao tien do", "de nghi giao", "xin giao"}) && !says(matter, []string{"don doc"}) {
		return false
	}
	return says(matter, []string{"giao nhiem vu", "phan cong nhiem vu", "giao thuc hien", "giao tham muu", "giao xu ly", "giao giai quyet", "giao chu tri", "giao chuan bi",
		"giao xay dung", "giao kiem tra", "giao tra loi", "giao ra soat", "giao trien khai", "thuc hien y kien chi dao", "thuc hien chi dao", "trien khai y kien chi dao",
		"y kien chi dao cua", "don doc"})
}
