package vanban

import (
	"slices"
	"strings"
)

// certifiedHeads open the names of agencies. With other accents, or without any, some of them are surnames (Vũ, Trương).
var certifiedHeads = []string{
	"ủy ban", "uỷ ban", "ubnd", "hội đồng", "hđnd", "sở", "bộ", "tổng cục", "cục", "chi cục", "vụ", "ban", "phòng", "viện", "trường", "trung tâm", "văn phòng",
	"bảo hiểm xã hội", "tổng công ty", "công ty", "tập đoàn", "tòa án", "toà án", "ngân hàng", "kho bạc", "thanh tra", "bệnh viện", "trạm y tế", "đại học", "học viện", "tỉnh ủy",
	"tỉnh uỷ", "huyện ủy", "huyện uỷ", "thành ủy", "thành uỷ", "thị ủy", "đảng ủy", "đảng uỷ", "đảng bộ", "đoàn thanh niên", "đoàn đại biểu", "hội liên hiệp", "hội nông dân",
	"hội cựu chiến binh", "liên đoàn", "mặt trận", "quốc hội", "chính phủ", "công an", "viện kiểm sát", "cổng thông tin", "đài phát thanh", "đài truyền hình",
	"thông tấn xã", "kiểm toán", "bộ chỉ huy", "quân khu", "cảng vụ", "trung ương", "hạt kiểm lâm", "quỹ",
}

// CertificateName says whether the name in a certificate is a person's or an agency's, and gives it without ranks, or as printed. At most
// one of the two is not empty; of a name that could be both, or neither, none is given.
func CertificateName(name string) (person, agency string) {
	p := newPhrase(name).upTo(maxCompared).trim(" .,;:\"'*")
	for _, head := range certifiedHeads {
		if n := len([]rune(head)); p.len() >= n && sameLetters(p.slice(0, n), head) && !wordByte(p.at(n)) {
			bare := string(p.slice(0, n).f)
			if strings.ToLower(string(p.r[:n])) == head || !slices.Contains(surnames, bare) {
				return "", p.String()
			}
		}
	}
	if n, ok := personName(p); ok && slices.Contains(surnames, string(firstWord(n).f)) {
		return n.String(), ""
	}
	return "", ""
}

// Signed says what a certificate names.
type Signed string

const (
	SignedBy  Signed = fieldNguoiKy // a person
	SignedFor Signed = fieldCoQuan  // an agency
)

// Sign sets what a certificate names when no reading gave it.
func (d *Document) Sign(what Signed, name, evidence string, confidence float64) {
	to := &d.NguoiKy
	if what == SignedFor {
		to = &d.CoQuan
	}
	if *to == "" {
		*to = name
		d.source(string(what), FromSignature, newPhrase(evidence), confidence)
	}
}
