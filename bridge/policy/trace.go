package policy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/mapping/directory"
)

// The texts of a trace are read by clerks, senders and auditors, so they are Vietnamese and say which condition failed or held. What does
// not depend on the submission is put together once, when the rules are read: deciding with hundreds of rules must stay cheap.

const notApplied = "Không áp dụng: "

// excluded begins what a not_ list takes out.
const excluded = "thuộc diện loại trừ: "

// maxNamed bounds how many values of a list a trace repeats.
const maxNamed = 30

var valueNames = map[dim]map[string]string{
	dimChannel: {"email": "thư điện tử", "paper": "bản giấy", "system": "Hệ thống quản lý văn bản"},
	dimAlso:    {"email": "thư điện tử", "paper": "bản giấy", "system": "Hệ thống quản lý văn bản"},
	dimLevel: {"central": "cấp trung ương", "province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã", "unit": "đơn vị trực thuộc",
		"enterprise": "doanh nghiệp", "citizen": "người dân"},
	dimSecrecy: {"mat": "Mật", "toi-mat": "Tối mật", "tuyet-mat": "Tuyệt mật"},
	dimUrgency: {"khan": "Khẩn", "thuong-khan": "Thượng khẩn", "hoa-toc": "Hỏa tốc"},
	dimSeal:    {"digital": "có dấu số", "red": "có dấu đỏ", "none": "không có dấu"},
	dimSignature: {"valid": "có chữ ký số hợp lệ", "invalid": "có chữ ký số không hợp lệ", "present": "có chữ ký số chưa kiểm tra",
		"absent": "không có chữ ký số"},
}

func valueName(d dim, value string) string {
	if name, ok := valueNames[d][dimensions[d].fold(value)]; ok {
		return name
	}
	return value
}

func secrecyName(mark string) string { return valueName(dimSecrecy, mark) }

func verdictName(v Verdict) string {
	switch v {
	case Accept:
		return "tiếp nhận"
	case Warn:
		return "tiếp nhận và nhắc nhở"
	case Reject:
		return "từ chối tiếp nhận"
	case Quarantine:
		return "cách ly"
	}
	return "chờ người có thẩm quyền quyết định"
}

func identityName(i Identity) string {
	switch i {
	case IdentityFrom:
		return "chỉ có địa chỉ người gửi"
	case IdentitySPF:
		return "SPF"
	case IdentityDKIM:
		return "DKIM"
	case IdentityDMARC:
		return "DMARC"
	case IdentitySignature:
		return "chữ ký số"
	case IdentityClerk:
		return "văn thư xác nhận"
	}
	return "chưa xác thực"
}

func identityBelow(have, demand Identity) string {
	return "mức xác thực người gửi (" + identityName(have) + ") thấp hơn mức yêu cầu (" + identityName(demand) + ")"
}

// demandedFor says what a demand was made for, as the end of a sentence.
func demandedFor(v Verdict) string {
	switch v {
	case Accept, Warn:
		return " để tự động tiếp nhận"
	case Reject:
		return " để tự động từ chối"
	}
	return ""
}

func unknownNames(missing []Reason) string {
	names := make([]string, len(missing))
	for i, m := range missing {
		names[i] = map[Reason]string{ReasonUnknownType: "loại văn bản", ReasonUnknownPurpose: "mục đích của văn bản", ReasonUnknownSeal: "con dấu",
			ReasonUnknownSignature: "chữ ký số", ReasonUnknownAddress: "địa chỉ người gửi", ReasonUnknownFile: "các tệp kèm theo", ReasonUnknownPaper: "bản giấy kèm theo"}[m]
	}
	return strings.Join(names, ", ")
}

// wishList says what a list condition asks for, as the second half of a sentence.
func wishList(d dim, not bool, values []string) string {
	names := make([]string, 0, min(len(values), maxNamed)+1)
	for i, v := range values {
		if i == maxNamed {
			names = append(names, "… (tất cả "+strconv.Itoa(len(values))+")")
			break
		}
		names = append(names, valueName(d, v))
	}
	verb := "; chỉ áp dụng cho "
	if not {
		verb = "; " + excluded
	}
	return verb + dimensions[d].label + " " + strings.Join(names, ", ") + "."
}

// wishFlag says why a flag condition fails; it can only fail in one way.
func wishFlag(f flag, want bool) string {
	fact, need := flagKinds[f].not, flagKinds[f].is
	if !want {
		fact, need = need, fact
	}
	return notApplied + fact + "; chỉ áp dụng khi " + need + "."
}

// wishes says what a rule that matched had asked for.
func (q *conditions) wishes() string {
	var parts []string
	for _, c := range q.lists {
		wish := strings.TrimSuffix(strings.TrimPrefix(c.wish, "; "), ".")
		if rest, not := strings.CutPrefix(wish, excluded); not {
			parts = append(parts, "trừ "+rest)
			continue
		}
		parts = append(parts, strings.TrimPrefix(wish, "chỉ áp dụng cho "))
	}
	for _, c := range q.flags {
		_, need, _ := strings.Cut(c.wish, "; chỉ áp dụng khi ")
		parts = append(parts, strings.TrimSuffix(need, "."))
	}
	if q.maxSize > 0 {
		parts = append(parts, "dung lượng không quá "+bytesOf(q.maxSize))
	}
	if len(parts) == 0 {
		return "quy tắc áp dụng cho mọi văn bản"
	}
	return "đủ các điều kiện (" + strings.Join(parts, "; ") + ")"
}

func tooLarge(size, limit int64) string {
	return notApplied + "dung lượng " + bytesOf(size) + "; chỉ áp dụng khi không quá " + bytesOf(limit) + "."
}

// word puts together what the trace says of a rule by itself, once its phases are known.
func (r *rule) word() {
	r.applies = "Áp dụng: " + r.conditions.wishes() + "; văn bản đến lúc "
	for i := range r.phases {
		p := &r.phases[i]
		p.shown = moment(p.from)
		p.applies = ", trong giai đoạn bắt đầu từ " + p.shown + ": " + verdictName(p.verdict)
		if i > 0 {
			r.phases[i-1].applies += "; từ " + p.shown + ": " + verdictName(p.verdict)
		}
	}
	if len(r.phases) > 0 {
		r.begins = r.phases[0].shown
	}
}

// word puts together what the trace says of an exemption by itself.
func (e *exemption) word() {
	e.applies = "Được miễn trừ đến trước " + moment(e.until) + "; lý do: " + e.why + "; người phê duyệt: " + e.by + "."
	e.over = "Miễn trừ đã hết hiệu lực từ " + moment(e.until) + "; văn bản đến lúc "
	e.begins = "Miễn trừ chưa có hiệu lực, bắt đầu từ " + moment(e.from) + "; văn bản đến lúc "
}

// said is the submission's own value, as the first half of a sentence.
func (c *deciding) said(d dim) string {
	if c.f.said[d] == "" {
		c.f.said[d] = c.texts.join(notApplied, c.say(d))
	}
	return c.f.said[d]
}

func (c *deciding) say(d dim) string {
	s, f := c.f.s, &c.f
	value := func(v, known, unknown string) string {
		if v == "" {
			return unknown
		}
		return known + valueName(d, v)
	}
	switch d {
	case dimChannel:
		return value(s.Channel, "hình thức gửi là ", "không rõ hình thức gửi")
	case dimReceiver:
		if s.Mailbox != "" && s.Mailbox != s.Receiver {
			return "nơi nhận là " + s.Receiver + " (hộp thư " + s.Mailbox + ")"
		}
		return value(s.Receiver, "nơi nhận là ", "không rõ nơi nhận")
	case dimAgency, dimGroup, dimLevel:
		return c.saySender(d)
	case dimDomain:
		return value(domainOf(s.Sender.Address), "thư gửi từ tên miền ", "không rõ địa chỉ người gửi")
	case dimType:
		return value(s.Document.Type, "loại văn bản là ", "chưa rõ loại văn bản")
	case dimPurpose:
		return c.sayPurpose()
	case dimSecrecy:
		return value(s.Document.Secrecy, "độ mật là ", "văn bản không mang độ mật")
	case dimUrgency:
		return value(s.Document.Urgency, "độ khẩn là ", "văn bản không mang độ khẩn")
	case dimSeal:
		return value(s.Document.Seal, "văn bản ", "chưa rõ con dấu")
	case dimSignature:
		return value(s.Document.Signature, "văn bản ", "chưa rõ chữ ký số")
	case dimAlso:
		if len(s.Context.AlsoReceived) == 0 {
			return "chưa nhận bằng hình thức nào khác"
		}
		names := make([]string, len(f.s.Context.AlsoReceived))
		for i, v := range f.s.Context.AlsoReceived {
			names[i] = valueName(d, v)
		}
		return "đã nhận thêm qua " + strings.Join(names, ", ")
	}
	answers := strings.Join(slices.DeleteFunc(append([]string{s.Context.Answers}, s.Context.AlsoAnswers...), func(n string) bool { return n == "" }), ", ")
	return value(answers, "trả lời văn bản số ", "không trả lời văn bản nào")
}

func (c *deciding) saySender(d dim) string {
	a := &c.f.agency
	switch {
	case !c.f.known:
		return "người gửi không có trong danh bạ"
	case d == dimAgency:
		return "cơ quan gửi là " + cmp.Or(a.Name, a.ID) + " (" + cmp.Or(a.Code, a.ID) + ")"
	case d == dimLevel && a.Level == "":
		return "danh bạ chưa ghi cấp của cơ quan gửi"
	case d == dimLevel && (a.Level == directory.Citizen || a.Level == directory.Enterprise):
		return "người gửi là " + valueName(dimLevel, string(a.Level))
	case d == dimLevel:
		return "người gửi thuộc " + valueName(dimLevel, string(a.Level))
	case len(a.Groups) == 0:
		return "cơ quan gửi không thuộc nhóm nào"
	}
	return "cơ quan gửi thuộc nhóm " + strings.Join(a.Groups, ", ")
}

func (c *deciding) sayPurpose() string {
	if p := c.f.s.Document.Purpose; p != "" {
		return "mục đích văn bản là " + p
	}
	var names []string
	for i := range c.rules.purposes {
		if p := &c.rules.purposes[i]; c.f.has(dimPurpose, p.symbol) {
			names = append(names, p.name)
		}
	}
	if len(names) == 0 {
		return "văn bản không thuộc mục đích nào đã khai báo"
	}
	return "mục đích văn bản là " + strings.Join(names, ", ")
}
