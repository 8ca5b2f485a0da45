package vanban

import "slices"

// ChangeKind is what a document says that it does to an earlier one (NĐ 30/2020, Điều 18.3 and 18.4).
type ChangeKind string

const (
	Recalls  ChangeKind = "recalls"  // thu hồi
	Corrects ChangeKind = "corrects" // đính chính
	Replaces ChangeKind = "replaces" // thay thế
)

// Change is one such statement. Number is empty where the document says it of itself: "(thay thế bản đã gửi)".
type Change struct {
	Kind     ChangeKind
	Number   string
	Date     string // yyyy-mm-dd, empty when not named
	Evidence string // the words
	// Norm says that a decision or the like is meant: a legal act takes another's place, and nothing that was sent is taken back.
	Norm bool
}

// changing are the words that change an earlier document.
var changing = []struct {
	words string
	kind  ChangeKind
}{{"thu hoi", Recalls}, {"dinh chinh", Corrects}, {"thay the", Replaces}}

// correspondence are what offices send each other: these are recalled, corrected and sent anew. Decisions, resolutions and directives are
// replaced as law is.
var correspondence = []string{"cac van ban", "van ban", "cong van", "cong dien", "giay moi", "thong bao", "bao cao", "to trinh", "ke hoach", "phieu chuyen", "phieu gui",
	"huong dan", "bien ban", "cv", "vb", "gm", "bc", "tb", "ttr"}

// acts are documents that set rules.
var acts = []string{"quyet dinh", "nghi quyet", "chi thi", "nghi dinh", "thong tu", "quy che", "quy dinh", "luat", "phap lenh", "qd", "nq"}

// ofItself are words right behind "thay thế" or "đính chính" by which a document says it of itself; whole are all of a note in brackets.
var (
	ofItself = []string{"ban da gui", "van ban da gui", "cong van da gui", "ban gui truoc", "van ban gui truoc", "thu da gui", "mail da gui", "email da gui", "file da gui",
		"tep da gui", "ban truoc", "van ban truoc"}
	whole = []string{"thay the", "dinh chinh", "ban thay the", "ban dinh chinh", "gui thay the", "gui lai thay the", "van ban thay the"}
)

// maxChanges bounds how many statements are listed, maxChangeGap how far behind the word its number may stand, in runes.
const (
	maxChanges   = 20
	maxChangeGap = 40
)

// ReadChanges reads what a subject, a summary or the words of a mail say that its document does to earlier ones: "thu hồi Công văn số 12/SNV-VP
// ngày 2/3/2026". The word must stand right before what is changed: land, licences and money are recalled and replaced every day.
func ReadChanges(text string) []Change {
	p := newPhrase(modern(text)).upTo(maxName)
	var out []Change
	for i := 0; i < p.len() && len(out) < maxChanges; i++ {
		if !letterByte(p.f[i]) || wordByte(p.at(i-1)) {
			continue
		}
		for _, w := range changing {
			if !p.from(i).hasWord(w.words) || negated(p.slice(0, i)) {
				continue
			}
			c, end, ok := changeAt(p, i, i+len(w.words))
			if !ok || slices.ContainsFunc(out, func(have Change) bool { return have.Kind == w.kind && NumberKey(have.Number) == NumberKey(c.Number) }) {
				continue
			}
			c.Kind = w.kind
			if c.Number == "" && c.Kind == Recalls {
				continue // nothing recalls itself
			}
			out = append(out, c)
			i = max(i, end-1)
		}
	}
	return out
}

// negated says whether the words before deny it, or only ask whether it should be: "không thay thế", "chưa thu hồi", "chưa được thay thế".
func negated(before phrase) bool {
	lead := trimRight(before, " \n")
	for _, helper := range []string{"duoc", "bi", "phai", "can"} {
		if lead.hasSuffixWord(helper) {
			lead = trimRight(lead.slice(0, lead.len()-len(helper)), " \n")
			if helper == "duoc" || helper == "bi" {
				return true // it is what was changed, not what changes
			}
		}
	}
	return lead.hasSuffixWord("khong") || lead.hasSuffixWord("chua")
}

// changeAt reads what the word at from changes; at is where the word ends.
func changeAt(p phrase, from, at int) (Change, int, bool) {
	if rest := p.from(p.skip(at, " \n")); noteAlone(p, from, at) {
		return Change{Evidence: p.slice(from, at).String()}, at, true
	} else if end := anyWord(rest, ofItself); end > 0 {
		end += p.len() - rest.len()
		return Change{Evidence: p.slice(from, end).String()}, end, true
	}
	i := p.skip(at, " \n:")
	for _, filler := range []string{"cho", "noi dung", "mot so noi dung", "sai sot", "tai", "trong", "cua"} {
		if p.from(i).hasWord(filler) {
			i = p.skip(i+len(filler), " \n:")
		}
	}
	rest := p.from(i)
	sent, act := anyWord(rest, correspondence), anyWord(rest, acts)
	if sent == 0 && act == 0 && !rest.hasWord("so") {
		return Change{}, 0, false
	}
	n, ok := findNumber(p.slice(0, min(p.len(), i+maxChangeGap)), i+max(sent, act))
	if !ok {
		n, ok = findNumber(p.slice(0, min(p.len(), i+maxChangeGap+40)), i+max(sent, act)) // a long notation runs over the edge
	}
	if !ok || n.so == "" || n.from > i+maxChangeGap || !straight(p.slice(i+max(sent, act), n.from)) {
		return Change{}, 0, false
	}
	_, date := afterNumber(p.from(n.to))
	end := n.to
	return Change{Number: n.printed, Date: date.iso, Evidence: p.slice(from, end).String(), Norm: act > 0 || normative(n.ky)}, end, true
}

// straight says whether nothing but the naming of the document stands between the words for it and its number.
func straight(gap phrase) bool {
	for i, c := range gap.f {
		switch {
		case c == ',' || c == ';' || c == '.' && i+1 < gap.len():
			return false
		case letterByte(c) && !wordByte(gap.at(i-1)) && (gap.from(i).hasWord("ve") || gap.from(i).hasWord("v/v") || gap.from(i).hasWord("theo") || gap.from(i).hasWord("bang")):
			return false
		}
	}
	return true
}

// noteAlone says whether the word is all of a note in brackets: "(thay thế)", "[bản đính chính]".
func noteAlone(p phrase, from, at int) bool {
	open := from
	for open > 0 && p.f[open-1] != '(' && p.f[open-1] != '[' && from-open < 20 {
		open--
	}
	end := p.skip(at, " ")
	if open == 0 || p.at(end) != ')' && p.at(end) != ']' || p.at(open-1) != '(' && p.at(open-1) != '[' {
		return false
	}
	return slices.Contains(whole, string(p.slice(open, end).trim(" ").f))
}

// anyWord gives the length of the entry that the phrase begins with, or 0.
func anyWord(p phrase, entries []string) int {
	for _, e := range entries {
		if p.hasWord(e) {
			return len(e)
		}
	}
	return 0
}
