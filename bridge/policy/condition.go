package policy

import (
	"slices"
	"strings"
)

// dim is one thing about a submission that rules compare with lists.
type dim int

const (
	dimChannel dim = iota
	dimReceiver
	dimAgency
	dimGroup
	dimLevel
	dimDomain
	dimType
	dimPurpose
	dimSecrecy
	dimUrgency
	dimSeal
	dimSignature
	dimAlso
	dimAnswer
	dims
)

// dimension says how a dim is written in a rules file and in a trace.
type dimension struct {
	key     string              // of the list; not_key is its opposite
	label   string              // Vietnamese, before the listed values
	fold    func(string) string // makes values comparable
	values  []string            // the closed list of values, nil when any text may stand there
	single  bool                // a submission has at most one value
	unknown Reason              // when the value can be unknown
}

var dimensions = [dims]dimension{
	dimChannel:   {key: "channels", label: "hình thức gửi", fold: foldName, values: []string{"email", "paper", "system"}, single: true},
	dimReceiver:  {key: "receivers", label: "nơi nhận", fold: foldName},
	dimAgency:    {key: "agencies", label: "cơ quan", fold: foldCode},
	dimGroup:     {key: "groups", label: "nhóm cơ quan", fold: clean},
	dimLevel:     {key: "levels", label: "người gửi", fold: foldName, values: []string{"central", "province", "district", "commune", "unit", "enterprise", "citizen"}, single: true},
	dimDomain:    {key: "domains", label: "tên miền", fold: foldDomain, unknown: ReasonUnknownAddress},
	dimType:      {key: "types", label: "loại văn bản", fold: typeKey, single: true, unknown: ReasonUnknownType},
	dimPurpose:   {key: "purposes", label: "văn bản có mục đích", fold: foldName, unknown: ReasonUnknownPurpose},
	dimSecrecy:   {key: "secrecy", label: "văn bản có độ mật", fold: foldName, values: []string{"mat", "toi-mat", "tuyet-mat"}, single: true},
	dimUrgency:   {key: "urgency", label: "văn bản có độ khẩn", fold: foldName, values: []string{"khan", "thuong-khan", "hoa-toc"}, single: true},
	dimSeal:      {key: "seals", label: "văn bản", fold: foldName, values: []string{"digital", "red", "none"}, single: true, unknown: ReasonUnknownSeal},
	dimSignature: {key: "signatures", label: "văn bản", fold: foldName, values: []string{"valid", "invalid", "present", "absent"}, single: true, unknown: ReasonUnknownSignature},
	dimAlso:      {key: "also_received", label: "văn bản đã nhận thêm qua", fold: foldName, values: []string{"email", "paper", "system"}},
	dimAnswer:    {key: "answers_request", label: "văn bản trả lời số", fold: foldNumber},
}

// foldDomain gives a mail domain without the @ or dot that people put before it.
func foldDomain(s string) string {
	return strings.Trim(strings.TrimPrefix(foldName(s), "@"), ".")
}

// truth is the answer of a condition. unsure: it asked for a value that is unknown, so it may or may not hold.
type truth int

const (
	no truth = iota
	unsure
	yes
)

// bits is a set of symbols.
type bits []uint64

func (b *bits) set(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bits) has(i int) bool { return i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0 }

func (b bits) meets(o bits) bool {
	for i := range min(len(b), len(o)) {
		if b[i]&o[i] != 0 {
			return true
		}
	}
	return false
}

// within says whether every member of b is one of o. Most sets hold few symbols far from the first, so the last one is looked at before all
// others.
func (b bits) within(o bits) bool {
	if n := len(b); n > len(o) && b[n-1] != 0 || n > 0 && n <= len(o) && b[n-1]&^o[n-1] != 0 {
		return false
	}
	for i, w := range b {
		if i < len(o) {
			w &^= o[i]
		}
		if w != 0 {
			return false
		}
	}
	return true
}

func (b bits) without(o bits) bits {
	out := slices.Clone(b)
	for i := range min(len(out), len(o)) {
		out[i] &^= o[i]
	}
	return out
}

func (b bits) empty() bool { return b.within(nil) }

// symbols number the values that the rules name, per dim: deciding then compares bits instead of texts.
type symbols [dims]map[string]int

func (s *symbols) intern(d dim, value string) int {
	if s[d] == nil {
		s[d] = map[string]int{}
	}
	folded := dimensions[d].fold(value)
	id, ok := s[d][folded]
	if !ok {
		id = len(s[d])
		s[d][folded] = id
	}
	return id
}

// listCond asks for one of a set of values, or with not for none of them.
type listCond struct {
	dim dim
	not bool
	set bits
	// What the rule asks for, in Vietnamese: as the second half of a sentence, and standing alone.
	wish, alone string
}

func sure(b bool) truth {
	if b {
		return yes
	}
	return no
}

// flag is one thing about a submission that rules compare with true or false.
type flag int

const (
	flagReady flag = iota
	flagInDirectory
	flagMainFile
	flagEditableFile
	flagAnswers
	flagElectronic
	flagPaper
	flags
)

// flagKind says how a flag is written in a rules file and in a trace.
type flagKind struct {
	key     string
	is, not string // Vietnamese: the fact when true, when false
	unknown Reason
}

var flagKinds = [flags]flagKind{
	flagReady:        {"ready", "cơ quan gửi đã có tài khoản trên Hệ thống", "cơ quan gửi chưa có tài khoản trên Hệ thống", ""},
	flagInDirectory:  {"in_directory", "người gửi có trong danh bạ", "người gửi không có trong danh bạ", ""},
	flagMainFile:     {"main_file", "có tệp văn bản chính", "không có tệp văn bản chính", ReasonUnknownFile},
	flagEditableFile: {"editable_file", "có tệp soạn thảo kèm theo", "không có tệp soạn thảo kèm theo", ReasonUnknownFile},
	flagAnswers:      {"answers_request", "trả lời một văn bản yêu cầu", "không trả lời văn bản yêu cầu nào", ""},
	flagElectronic:   {"with_electronic_file", "có bản điện tử kèm theo", "không có bản điện tử kèm theo", ReasonUnknownFile},
	flagPaper:        {"with_paper", "có bản giấy kèm theo", "không có bản giấy kèm theo", ReasonUnknownPaper},
}

// flagCond asks for a flag to be true or false.
type flagCond struct {
	flag flag
	want bool
	wish string // Vietnamese: what the rule asks for
}

// purpose is a class of documents by type and words of the subject. Both given: both must hold.
type purpose struct {
	name   string
	symbol int
	types  bits
	words  []phrase
}

// holds answers for a submission that does not name its purpose itself.
func (p *purpose) holds(f *facts, subject phrase) truth {
	answer := yes
	if len(p.types) > 0 && !f.meets(dimType, p.types) {
		if !f.unknownType {
			return no
		}
		answer = unsure
	}
	if len(p.words) == 0 {
		return answer
	}
	if slices.ContainsFunc(p.words, subject.contains) {
		return answer
	}
	// Without type and subject, or where the subject could not be read, nobody knows what it is for.
	if subject.empty() && (f.unknownType || f.s.Document.SubjectUnknown) {
		return unsure
	}
	return no
}
