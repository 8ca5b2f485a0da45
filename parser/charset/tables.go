package charset

import "golang.org/x/text/encoding/charmap"

// oneByteTable gives the rune of every byte; bytes without one give U+FFFD.
type oneByteTable [256]rune

// tableOf builds a table from the letters in place of control characters and the runes of 0x80 to 0xFF.
func tableOf(controls map[byte]rune, high string) *oneByteTable {
	t := new(oneByteTable)
	for b := range 0x80 {
		t[b] = rune(b)
	}
	for b, r := range controls {
		t[b] = r
	}
	b := 0x80
	for _, r := range high {
		t[b] = r
		b++
	}
	return t
}

func tableOfCharmap(m *charmap.Charmap) *oneByteTable {
	t := new(oneByteTable)
	for b := range t {
		t[b] = m.DecodeByte(byte(b))
	}
	return t
}

// tcvn5712 is TCVN 5712:1993, set VN1. VN2 is VN1 without what stands below 0xA0; VN3 is VN2 without most capitals with a tone: both are
// read by this table too.
var tcvn5712 = tableOf(
	map[byte]rune{0x01: 'Ú', 0x02: 'Ụ', 0x04: 'Ừ', 0x05: 'Ử', 0x06: 'Ữ', 0x11: 'Ứ', 0x12: 'Ự', 0x13: 'Ỳ', 0x14: 'Ỷ', 0x15: 'Ỹ', 0x16: 'Ý', 0x17: 'Ỵ'},
	"ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ"+
		"ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"+
		"\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ"+
		"\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"+
		"ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"+
		"éẹềểễếệìỉỄẾỒĩíịò"+
		"Ổỏõóọồổỗốộờởỡớợù"+
		"ỖủũúụừửữứựỳỷỹýỵỐ")

// tcvn3 is the code of the ABC fonts: the small letters of TCVN 5712 and the seven capitals Ă Â Ê Ô Ơ Ư Đ, while 0x80 to 0x9F are those of
// windows-1252. A capital with a tone is its small letter in a font of capitals, see raiseCapitals. Where the fonts have nothing the
// table keeps what TCVN 5712 has.
var tcvn3 = tcvn3Table()

func tcvn3Table() *oneByteTable {
	t := *tcvn5712
	for b := range 0xA0 {
		t[b] = windows1252[b]
	}
	return &t
}

// tcvnCapitals says whether a text holds capitals that only TCVN 5712, VN1, has. The sample of a long text may have met none of them, and
// all else is the same in both; signs that the fonts have in those places are left out.
func tcvnCapitals(b []byte) bool {
	for i, c := range b {
		switch {
		case c >= 0xA0, c >= 0x20 && c < 0x80, tcvn5712[c] == rune(c):
			continue
		case c == 0x80, c == 0x82, c == 0x84, c == 0x85, c >= 0x91 && c <= 0x97, c == 0x8B, c == 0x99, c == 0x9B:
			continue
		}
		if i+1 < len(b) && (b[i+1] > 0xA0 || letterByte(b[i+1])) {
			return true
		}
	}
	return false
}

// viscii is VISCII 1.1 (RFC 1456, table 1), in which six capitals replace control characters.
var viscii = tableOf(
	map[byte]rune{0x02: 'Ẳ', 0x05: 'Ẵ', 0x06: 'Ẫ', 0x14: 'Ỷ', 0x19: 'Ỹ', 0x1E: 'Ỵ'},
	"ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"+
		"ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"+
		"Õắằặấầẩậẽẹếềểễệố"+
		"ồổỗỠƠộờởịỰỨỪỬơớƯ"+
		"ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"+
		"ĐứÒÓÔạỷừửÙÚỹỵÝỡư"+
		"àáâãảăữẫèéêẻìíĩỉ"+
		"đựòóôõỏọụùúũủýợỮ")

// vps is the code of the Vietnamese Professionals Society, x-viet-vps, as GNU recode and Mozilla have it (Ỗ only the latter).
var vps = tableOf(
	map[byte]rune{0x02: 'Ạ', 0x03: 'Ậ', 0x04: 'Ặ', 0x05: 'Ẹ', 0x06: 'Ệ', 0x10: 'Ị', 0x11: 'Ọ', 0x12: 'Ộ', 0x13: 'Ợ', 0x14: 'Ụ', 0x15: 'Ự',
		0x19: 'Ỵ', 0x1C: 'Ẫ', 0x1D: 'Ữ'},
	"ÀẢÃẤẦẨọỗĂếềểệẮẰẲ"+
		"Ế‘’ỀỂỄỐỒỔỖýỷỵỚỜỞ"+
		"\u00a0ắằẳẵặỠớÙờởỡŨỨợỪ"+
		"ổỬỲỸÍÌộỈĨÓửữÒỎÕự"+
		"ầÁÂấẩẫậđẻÉÊẹỉễịỹ"+
		"ƯỦồốÔỏơÈừứÚũưÝẺß"+
		"àáâãảạăçèéêẽìíîĩ"+
		"ẴĐòóôõöƠụùúủüỶẼỳ")

// Tables that others define (WHATWG): windows-1252 is also what mailers mean by iso-8859-1.
var (
	windows1252 = latin1Controls(tableOfCharmap(charmap.Windows1252))
	windows1258 = tableOfCharmap(charmap.Windows1258)
)

// latin1Controls fills the five bytes that windows-1252 leaves open as every decoder in use does.
func latin1Controls(t *oneByteTable) *oneByteTable {
	for b := 0x80; b < 0xA0; b++ {
		if t[b] == '\uFFFD' {
			t[b] = rune(b)
		}
	}
	return t
}
