package vanban

import "strings"

// ownNumberFound is the document's own number in a subject, with the words that named it ("Công văn số") from before on.
type ownNumberFound struct {
	number
	Type   Type
	before int
}

// quoting are words before a number that make it another document's: answered, carried out, amended, or merely spoken of.
var quoting = []string{
	"tra loi", "phuc dap", "phan hoi", "can cu", "thuc hien", "theo", "trien khai", "gop y", "y kien", "du thao", "kem theo", "de nghi", "thay the",
	"dinh chinh", "thu hoi", "sua doi", "bo sung", "ve viec", "v/v", "vv", "tai", "ve", "tiep thu", "giai trinh", "doi voi", "huy bo", "bai bo",
	"thi hanh", "quan triet", "pho bien", "nhac", "don doc", "chi dao", "tham chieu", "lien quan", "so voi", "boi",
}

// ownNumber finds the number that the subject gives the document itself: the first one, unless a word before it says that it is quoted.
func ownNumber(p phrase) (ownNumberFound, bool) {
	n, ok := findNumber(p, 0)
	if !ok {
		return ownNumberFound{}, false
	}
	found := ownNumberFound{number: n, before: n.from}
	lead := trimRight(p.slice(0, n.from), " \n-:(_[{\"'")
	if lead.hasSuffixWord("so") { // the label itself, when blanks or a bracket parted it from the number
		lead = trimRight(lead.slice(0, lead.len()-2), " \n-:(_[{\"'")
	}
	if t, at, ok := typeSuffix(lead); ok {
		found.Type, found.before = t, at
		lead = lead.slice(0, at)
	} else if trimRight(lead, " ").len() == 0 {
		found.before = 0
	}
	for i := 0; i < lead.len(); i++ {
		if !letterByte(lead.f[i]) || wordByte(lead.at(i-1)) {
			continue
		}
		for _, q := range quoting {
			if lead.from(i).hasWord(q) {
				return ownNumberFound{}, false
			}
		}
	}
	return found, true
}

func trimRight(p phrase, cut string) phrase {
	end := p.len()
	for end > 0 && strings.IndexByte(cut, p.f[end-1]) >= 0 {
		end--
	}
	return p.slice(0, end)
}

// hasSuffixWord says whether the phrase ends with the folded word.
func (p phrase) hasSuffixWord(word string) bool {
	at := len(p.f) - len(word)
	return at >= 0 && string(p.f[at:]) == word && !wordByte(p.at(at-1))
}

type foundDate struct {
	iso   string
	words phrase
}

// afterNumber takes date and sender off what follows a number: "ngày 5/6/2018 của UBND xã Hải Ba về việc …" leaves the last part.
func afterNumber(p phrase) (phrase, foundDate) {
	var date foundDate
	p = p.from(p.skip(0, " \n-:;,._/)]}>|"))
	if p.has("ngay") || p.has("(ngay") {
		p = p.from(p.skip(0, "("))
		if iso, end, ok := dateAt(p, 0); ok {
			date = foundDate{iso, p.slice(0, end)}
			p = p.from(p.skip(end, " \n-:;,._/)]}>|"))
		}
	}
	if p.hasWord("cua") {
		for i := 3; i < p.len(); i++ {
			if rest := p.from(i); p.at(i-1) == ' ' && (rest.hasWord("ve viec") || rest.hasWord("v/v") || rest.hasWord("ve")) {
				return rest, date
			}
		}
	}
	return p, date
}

// replies are what mail programs put before a subject; all end with a colon.
var replies = []string{"re", "fw", "fwd", "tr", "aw", "wg", "tra loi", "chuyen tiep", "chuyen tiep thu", "hoi dap", "phan hoi", "tl", "ct", "forward"}

// stripReplies takes "Re:", "Fwd:", "Chuyển tiếp:" and their numbered forms ("Re[2]:") off the front.
func stripReplies(p phrase) phrase {
	for {
		p = p.from(p.skip(0, " \n"))
		cut := 0
		for _, r := range replies {
			if !p.hasWord(r) {
				continue
			}
			i := p.skip(len(r), " ")
			if p.at(i) == '[' || p.at(i) == '(' {
				i = p.skip(i+1, "0123456789])")
			}
			if i = p.skip(i, " "); p.at(i) == ':' {
				cut = max(cut, i+1)
			}
		}
		if cut == 0 {
			return p
		}
		p = p.from(cut)
	}
}

// afterType takes a leading type and its separators off when "V/v" follows: "Công văn V/v …".
func afterType(p phrase) phrase {
	rest := p
	if _, end, ok := typePrefix(p); ok {
		rest = p.from(p.skip(end, " \n:-,"))
	} else if word := firstWord(p); word.len() >= 2 {
		if _, ok := abbreviationOf(word); ok {
			rest = p.from(p.skip(word.len(), " \n:-,"))
		}
	}
	if rest.hasWord("v/v") || rest.hasWord("ve viec") {
		return rest
	}
	return p
}

// cutMarks takes marks off both ends of a trích yếu.
func cutMarks(p phrase) phrase {
	p, _, _ = leadingMarks(p.from(p.skip(0, " \n-:;,._/)]}>|")))
	if i := lastSeparator(p); i > 0 && !stamp(p.from(i+1)).none() && p.from(i+1).capitals() {
		p = p.slice(0, i)
	}
	if end := p.trim(" \n"); end.len() > 0 && strings.IndexByte(")]}", end.f[end.len()-1]) >= 0 {
		if i := strings.LastIndexAny(string(p.f), "([{"); i > 0 && !stamp(p.from(i)).none() {
			p = p.slice(0, i)
		}
	}
	return p.trim(" \n")
}
