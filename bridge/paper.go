package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// PaperForm is a submission on paper as a clerk typed it in: on the command line, or in a form of a page. It is kept as it was typed, inside
// the raw bytes of its receipt (WritePaper), so that it is judged, and judged again, like a mail.
type PaperForm struct {
	Receiver  string    `json:"receiver"`   // receiving agency whose stamp ĐẾN the paper bears
	StampedAt time.Time `json:"stamped_at"` // instant of that stamp: the counted instant
	EnteredAt time.Time `json:"entered_at"` // when the form was sent off
	By        string    `json:"by"`         // clerk
	Agency    string    `json:"agency"`     // sender by id of the directory; empty: not in it
	Author    string    `json:"author"`     // cơ quan ban hành as printed
	Number    string    `json:"so_hieu"`
	Date      string    `json:"ngay_ban_hanh"` // 2026-11-20
	Type      string    `json:"loai"`          // abbreviation or name
	Subject   string    `json:"trich_yeu"`
	Signer    string    `json:"nguoi_ky"`

	Urgency vanban.Urgency `json:"do_khan"`
	Secrecy vanban.Secrecy `json:"do_mat"`
	mapping.Paper
	// Joins is the record that the clerk says this paper is of, and JoinsKey the key that it stood under then. Both or neither.
	Joins    string `json:"joins"`
	JoinsKey string `json:"joins_key"`
	// Again says that another paper with this stamp, sender and number was entered before, and this is not the same sheet typed twice.
	Again bool `json:"again"`
}

// ErrPaperForm is wrapped by ReadPaper's error when the raw bytes hold no form.
var ErrPaperForm = errors.New("no form of a paper submission")

// PaperUnreadable is the finding that the raw bytes of a receipt of channel Paper hold no form that can be read.
const PaperUnreadable = "paper-form-unreadable"

// maxForm bounds the form as JSON, in bytes. Its fields are a screenful.
const maxForm = 64 << 10

// PaperRead is a paper submission as read from its raw bytes: the form, and a message that holds the scan alone.
type PaperRead struct {
	Form    PaperForm
	Message parser.Message
}

// ReadPaper reads the raw bytes of a receipt of channel Paper. It is total: bytes that hold no form give an empty one and the finding
// PaperUnreadable.
func ReadPaper(raw io.ReaderAt, size int64, l parser.Limits) PaperRead {
	m := parser.Parse(raw, size, l)
	var form PaperForm
	err := ErrPaperForm
	first := true
	parser.Visit(raw, size, l, func(a parser.Attachment, content io.Reader) {
		if first && a.Type == formType && len(a.Path) == 0 {
			form, err = readForm(content)
		}
		first = false
	})
	m.Attachments = slices.DeleteFunc(m.Attachments, func(a parser.Attachment) bool { return a.Type == formType && len(a.Path) == 0 })
	m.Text, m.HTMLText, m.Kind, m.NeverAnswer, m.Subject = "", "", parser.Normal, false, form.Subject
	if err != nil {
		m.Findings = append(slices.Clip(m.Findings), parser.Finding{Code: PaperUnreadable})
	}
	return PaperRead{form, m}
}

func readForm(content io.Reader) (PaperForm, error) {
	text, err := io.ReadAll(io.LimitReader(content, maxForm+1))
	if err != nil || len(text) > maxForm {
		return PaperForm{}, ErrPaperForm
	}
	var f PaperForm
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&f); err != nil {
		return PaperForm{}, fmt.Errorf("%w: %w", ErrPaperForm, err)
	}
	return f, nil
}

// fields are what was typed, by the names that corrections have.
func (f PaperForm) fields() map[string]string {
	out := map[string]string{}
	for name, value := range map[string]string{"so_hieu": f.Number, "ngay_ban_hanh": f.Date, "loai_van_ban": f.Type, "trich_yeu": matter(f.Subject), "nguoi_ky": f.Signer,
		"co_quan_ban_hanh": f.Author, "do_khan": string(f.Urgency), "do_mat": string(f.Secrecy), "agency": f.Agency} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

// matter is a trích yếu without the words that open it in print, as records keep it.
func matter(subject string) string {
	for _, opening := range []string{"về việc ", "v/v: ", "v/v ", "v/v"} {
		if n := len(opening); len(subject) > n && strings.EqualFold(subject[:n], opening) {
			return strings.TrimSpace(subject[n:])
		}
	}
	return subject
}

// UnderstandPaper is Understand for what came on paper: what the clerk typed, below what was corrected since, and above what tools find in the
// scan. A độ mật is stated by the form, or found like in any mail.
func UnderstandPaper(r Receipt, p PaperRead, files map[string]mapping.FileEvidence, amendments []Amendment, k *Knowledge) Understanding {
	corrected := corrections(amendments)
	form := p.Form
	if form.amend(corrected); !form.StampedAt.Equal(p.Form.StampedAt) {
		r.InternalDate = form.StampedAt
	}
	u := Understanding{Message: p.Message, Paper: &form, Findings: append(slices.Clip(p.Message.Findings), mapping.FileFindings(p.Message, files)...),
		Instant: CountedInstant(r, parser.Message{}, nil, nil), Records: []mapping.Record{}}
	if !p.readable() {
		u.Lookup = lookup(r, u.Records)
		return u
	}
	in := mapping.Input{Files: files, Documents: r.Documents, Corrections: corrected}
	u.Records = append(u.Records, mapping.PaperRecord(p.Message, form.fields(), in, form.Paper, k.Directory, u.Instant.At))
	u.tripwire(r, files, amendments)
	if mark := p.Form.Secrecy; mark != "" && !has(amendments, NotSecret) {
		u.Secret, u.SecretWhere = vanban.Graver(mark, u.Secret), onForm
		u.Records = blanked(u.Records, u.Secret, u.SecretWhere)
	}
	u.Lookup = lookup(r, u.Records)
	u.Lookup.Waiting = true
	if key := p.Form.JoinsKey; key != "" && u.Secret == "" && !slices.Contains(u.Lookup.Keys, key) {
		u.Lookup.Keys = append(u.Lookup.Keys, key)
	}
	return u
}

// onForm is the place of a mark that the clerk read on the paper and stated.
const onForm = "form"

func (p PaperRead) readable() bool {
	return !slices.ContainsFunc(p.Message.Findings, func(f parser.Finding) bool { return f.Code == PaperUnreadable })
}

// paperEvidence says who vouches for a paper: the clerk who held it.
func paperEvidence(f PaperForm) Evidence {
	return Evidence{Identity: policy.IdentityClerk, IdentityBy: "clerk " + f.By, Tool: "paper", Unavailable: []string{}}
}

// statedSecret says whether a paper bears a độ mật by the clerk's own word: paper is how such documents are sent.
func (c *deciding) statedSecret() bool {
	return c.known.Paper != nil && c.known.Secret != "" && c.known.SecretWhere == onForm
}

// secretBook enters a paper with a độ mật in the secret book: facts only, no notice, no delivery and no alarm. The rules are asked, and their
// trace is shown; to take in what lies on the table is not theirs to stop.
func (c *deciding) secretBook() {
	c.out.State, c.out.Reason, c.out.Silence = Quarantined, ReasonSecret, notice.SilentQuarantined
	c.out.Findings = []parser.Finding{}
	for i, rec := range c.known.Records {
		d := c.knowledge.Rules.Decide(c.ask(i, rec), c.knowledge.Directory)
		c.out.Records = append(c.out.Records, RecordOutcome{Record: rec, State: Quarantined, Reason: ReasonSecret, Decision: d})
		c.out.Decision = d
	}
	c.out.Decision.Verdict = policy.Quarantine
}

// joinedByClerk joins a paper to the record that the clerk named, while that stands.
func (c *deciding) joinedByClerk(ro RecordOutcome) (RecordOutcome, bool) {
	p := c.known.Paper
	if p == nil || p.Joins == "" {
		return ro, false
	}
	s, ok := c.elsewhere(p.JoinsKey)
	if !ok || s.Record != p.Joins {
		return ro, false
	}
	ro.Doubts = withDoubt(ro.Doubts, s, ro.Record)
	return join(ro, s, p.JoinsKey), true
}

// parsed is the message of a receipt whose files tools are to read: of a paper submission, the scan.
func parsed(r Receipt, raw io.ReaderAt, l parser.Limits) parser.Message {
	if r.Channel == Paper {
		return ReadPaper(raw, r.Size, l).Message
	}
	return parser.Parse(raw, r.Size, l)
}
