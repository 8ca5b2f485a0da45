package notice

import (
	"errors"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Letters are the words of notices as an administrator has set them. They are stored with the settings that an outcome was made with, so
// that a replay writes the same notice. The zero value says everything as shipped.
type Letters struct {
	Wording   Wording           `json:"wording"`
	Citations []Citation        `json:"citations"` // null: as shipped; an empty list cites nothing
	Templates map[string]string `json:"templates"` // texts by the name of their file; what is not there is as shipped
	VerifyURL string            `json:"verify_url"`
}

// Wording is what an administrator words for himself; an empty string stands for the shipped text.
type Wording struct {
	Addressee string `json:"addressee"` // how the addressee is spoken to: Quý cơ quan
	Instead   string `json:"instead"`   // the way to send instead, after "gửi qua …"
	Exemption string `json:"exemption"` // who may go on sending this way, after "thuộc diện …"
	// InsteadOutside is the way for citizens and enterprises, who have no account and are not on the axis.
	InsteadOutside string `json:"instead_outside,omitempty"`
}

// shippedWording is what stands where the administrator says nothing.
func shippedWording() Wording {
	return Wording{
		Addressee: "Quý cơ quan",
		Instead:   "Hệ thống quản lý văn bản và điều hành (liên thông qua Trục liên thông văn bản)",
		Exemption: "được miễn áp dụng hoặc chưa được cấp tài khoản trên Hệ thống",

		InsteadOutside: "Cổng Dịch vụ công quốc gia, dịch vụ bưu chính, hoặc nộp trực tiếp",
	}
}

// How citizens and enterprises are spoken to, and what exempts them.
const (
	addresseeOutside = "Quý vị"
	exemptOutside    = "được miễn áp dụng"
)

// Texts are letters that were checked, ready to be filled in. They are immutable.
type Texts struct {
	wording   Wording
	citations []Citation
	templates *template.Template
	verifyURL string
}

// Compile checks letters. The error names every fault of every template, with file and line (directory.Faults).
func (l Letters) Compile() (*Texts, error) {
	t := &Texts{wording: shippedWording(), citations: l.Citations, verifyURL: l.VerifyURL}
	t.wording.Addressee = orElse(clean(l.Wording.Addressee, 100), t.wording.Addressee)
	t.wording.Instead = orElse(clean(l.Wording.Instead, 400), t.wording.Instead)
	t.wording.Exemption = orElse(clean(l.Wording.Exemption, 400), t.wording.Exemption)
	t.wording.InsteadOutside = orElse(clean(l.Wording.InsteadOutside, 400), t.wording.InsteadOutside)
	if l.Citations == nil {
		t.citations = shippedCitations
	}
	if err := CheckVerifyURL(l.VerifyURL); err != nil {
		return nil, err
	}
	var err error
	t.templates, err = compileTemplates(l.Templates)
	return t, err
}

// texts gives what the input is written with.
func (in *Input) texts() *Texts {
	if in.Texts != nil {
		return in.Texts
	}
	return shipped
}

var shipped = func() *Texts {
	t, err := Letters{}.Compile()
	if err != nil {
		panic(err) // a mistake in the program itself: every shipped text is run by the tests
	}
	return t
}()

// cited lists the citations for a purpose that are in force at an instant.
func (t *Texts) cited(purpose string, at time.Time) []string {
	var out []string
	for _, c := range t.citations {
		if slices.Contains(c.For, purpose) && c.inForce(at) {
			out = append(out, clean(c.Text, policy.MaxPrinted))
		}
	}
	return out
}

// Marks of what is put into the address of the verification page.
const (
	receiptMark = "{receipt}"
	digestMark  = "{digest}"
)

const maxVerifyURL = 300

// CheckVerifyURL says what is wrong with the address of a verification page; empty is none.
func CheckVerifyURL(url string) error {
	if url == "" {
		return nil
	}
	rest, ok := strings.CutPrefix(url, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(url, "http://")
	}
	if host, _, _ := strings.Cut(rest, "/"); !ok || host == "" || strings.ContainsAny(host, "{}@") {
		return errors.New(`must begin with https:// and a host, as in "https://tracuu.example.vn/?ma={receipt}"`)
	}
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>\^|`+"`", c) >= 0 {
			return errors.New("has a character that cannot stand in an address; write it as %XX")
		}
	}
	if left := strings.NewReplacer(receiptMark, "", digestMark, "").Replace(url); strings.ContainsAny(left, "{}") {
		return errors.New("has other marks in braces than {receipt} and {digest}")
	}
	if len(url) > maxVerifyURL {
		return errors.New("is longer than 300 characters")
	}
	return nil
}

// verify gives the address at which a receipt can be checked; empty where there is no page.
func (t *Texts) verify(receipt, digest string) string {
	safe := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(ldh, r) {
				return r
			}
			return -1
		}, s)
	}
	return strings.NewReplacer(receiptMark, safe(receipt), digestMark, safe(digest)).Replace(t.verifyURL)
}
