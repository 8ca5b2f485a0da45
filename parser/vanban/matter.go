package vanban

import "strings"

// mailWords are what people write of the mail and not of the matter: that something is sent, what carries it, to whom, and courtesies.
// Folded; a phrase of nothing else says nothing of what a document is about.
var mailWords = wordTable(
	"gui", "kinh gui", "kinh chuyen", "kinh trinh", "chuyen", "chuyen tiep", "trinh", "nop", "nhan", "den", "toi", "cho", "lai", "bo sung", "cua", "ve", "v/v", "ve viec", "la", "va",
	"van ban", "vb", "cv", "tai lieu", "ho so", "file", "files", "tep", "tep tin", "tap tin", "dinh kem", "kem theo", "gui kem", "kem", "attached", "attachment",
	"scan", "scanned", "ban", "ban scan", "ban mem", "ban cung", "ban in", "ban ky", "da ky", "ky so", "co dau", "dau do", "signed", "pdf", "doc", "docx", "word", "xls", "xlsx",
	"mail", "email", "e-mail", "thu", "thu dien tu", "thu moi nhat", "document", "documents", "img", "image", "photo", "hinh", "hinh anh", "so", "ngay",
	"van thu", "bo phan van thu", "phong van thu", "to van thu", "quy co quan", "quy don vi", "cac co quan", "cac don vi", "co quan", "don vi", "quy anh chi", "anh", "chi", "em", "ong", "ba",
	"lanh dao", "moi nguoi", "xin", "nho", "giup", "vui long", "kinh", "tran trong", "cam on", "gap", "nhe", "test",
	"khong chu de", "khong co chu de", "khong tieu de", "khong co tieu de", "no subject", "untitled", "none",
)

// agencyWords are words of agencies' names that are written small inside them.
var agencyWords = wordTable("uy ban nhan dan", "ubnd", "hdnd", "hoi dong nhan dan", "tinh", "thanh pho", "tp", "huyen", "quan", "thi xa", "thi tran", "xa", "phuong",
	"dac khu", "van phong", "phong", "ban", "so", "bo", "cuc", "chi cuc", "trung tam", "truong", "va")

func wordTable(entries ...string) map[string]bool {
	table := make(map[string]bool, len(entries))
	for _, e := range entries {
		table[e] = true
	}
	return table
}

// longestEntry is how many words an entry of the tables has at most.
const longestEntry = 4

// saysNothing says whether a subject names no matter: "Gửi văn bản", "Kính gửi văn thư", "scan", "văn bản số 12", "Sở Y tế gửi báo cáo". A
// clerk would enter none of it in the register: the trích yếu is another source's, or a person's.
func saysNothing(p phrase) bool {
	names := hasSmallWord(p)
	for i := 0; i < p.len(); {
		rest := p.from(i)
		if !wordByte(p.f[i]) {
			i++
			continue
		}
		word := firstWord(rest)
		_, known := abbreviationOf(word)
		t, typed, ok := typePrefix(rest)
		end := 0
		if names {
			end = agencyEnd(rest)
		}
		switch n := tableEntry(rest, mailWords); {
		case end > 0 && (i > 0 || sends(p.from(end))): // from whom, or to whom
			i += end
		case n > 0:
			i += n
		case ok && t.Kind != Own:
			i += typed
		case known || carrierNumber(word):
			i += word.len()
		default:
			return false
		}
	}
	return true
}

// sends says whether a phrase goes on with a word for sending.
func sends(p phrase) bool {
	p = p.from(p.skip(0, " -:,"))
	return p.hasWord("gui") || p.hasWord("kinh gui") || p.hasWord("chuyen") || p.hasWord("nop") || p.hasWord("trinh")
}

// tableEntry gives the length of the longest entry of a table that a phrase begins with, or 0.
func tableEntry(p phrase, table map[string]bool) int {
	found, end := 0, 0
	for range longestEntry {
		for end < p.len() && !blankByte(p.f[end]) && strings.IndexByte(",.;:()[]_", p.f[end]) < 0 {
			end++
		}
		if table[string(p.f[:end])] {
			found = end
		}
		if p.at(end) != ' ' {
			break
		}
		end++
	}
	return found
}

// carrierNumber says whether a word is a number, or what scanners and cameras call a file: Scan0001, IMG2034.
func carrierNumber(word phrase) bool {
	letters := 0
	for letterByte(word.at(letters)) {
		letters++
	}
	for i := letters; i < word.len(); i++ {
		if !digitByte(word.f[i]) {
			return false
		}
	}
	return letters < word.len() && (letters == 0 || mailWords[string(word.f[:letters])])
}

// agencyEnd gives the end of the agency's name that a phrase begins with, or 0: a head of such names, then words in capitals, each with at
// most one small word behind it (Nội vụ, Giáo dục và Đào tạo), and the words that stand small in names. It goes no further than a type.
func agencyEnd(p phrase) int {
	if !headsAgency(p) || !capitalised(p) {
		return 0
	}
	end, words, follows := 0, 0, false
	for i := 0; i < p.len() && wordByte(p.f[i]); i = end + 1 {
		rest := p.from(i)
		word := firstWord(rest)
		_, _, typed := typePrefix(rest)
		n := tableEntry(rest, agencyWords)
		switch {
		case n > 0:
			follows = false
		case typed && words > 0, !capitalised(word) && (!follows || tableEntry(rest, mailWords) > 0):
			return wholeName(end, words)
		default:
			n, follows = word.len(), capitalised(word)
		}
		end = i + n
		words++
		if p.at(end) != ' ' {
			break
		}
	}
	return wholeName(end, words)
}

// wholeName: one word alone (Sở, Ban) names nobody.
func wholeName(end, words int) int {
	if words < 2 {
		return 0
	}
	return end
}

func capitalised(p phrase) bool { return p.len() > 0 && letterByte(p.f[0]) && isUpper(p.r[0]) }

// hasSmallWord says whether a word begins with a small letter: where none does, capitals tell no names.
func hasSmallWord(p phrase) bool {
	for i := range p.f {
		if letterByte(p.f[i]) && !wordByte(p.at(i-1)) && !isUpper(p.r[i]) {
			return true
		}
	}
	return false
}
