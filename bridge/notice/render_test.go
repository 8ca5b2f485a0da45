package notice

import (
	"bytes"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

// every makes one draft of each kind, as the demo would.
func every(t *testing.T) map[string]Draft {
	t.Helper()
	out := map[string]Draft{}
	add := func(name string, change func(*Input)) {
		in := sample()
		change(&in)
		d, s := Compose(in)
		if d == nil {
			t.Fatalf("%s: silence %q", name, s)
		}
		out[name] = *d
	}
	verdict := func(v policy.Verdict, notice string) func(*Input) {
		return func(in *Input) { in.Decision.Verdict, in.Decision.Notice = v, notice }
	}
	add("receipt", verdict(policy.Accept, ""))
	add("receipt-duplicate", func(in *Input) { in.Duplicate, in.Standing = true, "7/2026" })
	add("receipt-axis", func(in *Input) { in.Duplicate, in.Standing, in.StandingBy = true, "7/2026", "system" })
	add("receipt-paper", func(in *Input) { in.Duplicate, in.Standing, in.StandingBy = true, "7/2026", "paper" })
	add("remind", func(in *Input) {
		verdict(policy.Warn, "remind")(in)
		in.Counted = hanoi("2026-11-12 08:00:05")
		in.Decision.PhaseFrom, in.Decision.NextVerdict = "2026-11-01T00:00:00+07:00", policy.Reject
		in.Decision.NextFrom = hanoi("2026-11-20 00:00:00")
		in.Decision.Strength = "request"
	})
	add("reject", verdict(policy.Reject, "reject"))
	add("reject-unread", func(in *Input) {
		in.Documents, in.Receiver.ReturnPath, in.Receiver.Place, in.Receiver.ParentName = nil, "<>", "", ""
		in.Receiver.Contact, in.Contact, in.MessageID = nil, "", ""
		in.Decision.Legal, in.Decision.Title, in.Decision.PhaseFrom = "", "", ""
	})
	add("not-counted", verdict(policy.Reject, "not-counted"))
	add("return", verdict(policy.Reject, "return"))
	add("not-counted-registered", verdict(policy.Warn, "not-counted"))
	add("reject-outside", func(in *Input) {
		in.Relation, in.Ready, in.Code, in.Sender.Name, in.Contact = Outside, time.Time{}, "", "Công ty TNHH Hiền Lương", ""
	})
	add("remind-unready", func(in *Input) {
		verdict(policy.Warn, "remind")(in)
		in.Ready, in.Decision.PhaseFrom = time.Time{}, "2026-11-01T00:00:00+07:00"
	})
	add("accepted", func(in *Input) { verdict(policy.Accept, "")(in); in.Made = []Kind{Refuse} })
	add("held", func(in *Input) { in.WantHeld = true; verdict(policy.Hold, "")(in) })
	add("on-system", func(in *Input) { verdict(policy.Accept, "also-received")(in); in.Decision.AlsoNumber = "15/2026" })
	add("reject-equal", func(in *Input) {
		in.Relation, in.Ready, in.Code = Other, in.Ready.AddDate(5, 0, 0), ""
		in.Texts = tracing
	})
	add("neutral", verdict(policy.Quarantine, ""))
	for _, step := range Steps() {
		in := sample()
		in.Standing, in.Made = "12/2026", nil
		if step == StepRefused {
			in.Standing, in.Reason = "", "Văn bản gửi nhầm; đề nghị gửi Sở Nội vụ."
		}
		d, s := ComposeStatus(in, step)
		if d == nil {
			t.Fatalf("%s: silence %q", step, s)
		}
		out["status-"+string(step)] = *d
	}
	g := Gathered{To: sample().Sender.Address, Agency: sample().Sender.Agency, Receiver: sample().Receiver.ID}
	for _, name := range []string{"reject", "receipt", "remind", "accepted", "not-counted", "return", "held", "on-system", "status-refused"} {
		g.Gists = append(g.Gists, out[name].Gist.Numbered(Numbers{SoDen: "12/2026", Reminder: 2}))
	}
	digest, took := ComposeDigest(sample().Receiver, nil, g)
	if took != len(g.Gists) {
		t.Fatalf("a digest of %d notices speaks for %d", len(g.Gists), took)
	}
	out["digest"] = *digest
	out["alarm"] = *ComposeAlarm(sample().Receiver, "quantri@quangtri.gov.vn", "mailbox-silent",
		"Hộp thư vanthu không có dấu hiệu hoạt động trong 10 phút. Hãy kiểm tra máy chủ IMAP và mật khẩu.")
	return out
}

// tracing are the shipped texts with a page on which receipts are checked.
var tracing = func() *Texts {
	t, err := Letters{VerifyURL: "https://tracuu.quangtri.gov.vn/?ma={receipt}"}.Compile()
	if err != nil {
		panic(err)
	}
	return t
}()

func numbers(d Draft) Numbers {
	n := Numbers{ID: d.Receipt + "." + string(d.Kind), SoDen: "12/2026", Reminder: 2, At: hanoi("2026-11-20 08:01:00").UTC()}
	if d.Kind == Alarm {
		n.ID = "AL-2026-0000001"
	}
	return n
}

// TestGolden shows each kind as it is sent (.eml, with CRLF) and as it is read (.txt).
func TestGolden(t *testing.T) {
	for name, d := range every(t) {
		t.Run(name, func(t *testing.T) {
			r, err := Render(d, numbers(d), keys)
			if err != nil {
				t.Fatal(err)
			}
			if id := numbers(d).ID; len(encodeID(id))+2+macChars > longestToken { // a dot, and one digit more
				t.Errorf("the id %s leaves no room in a return path that was checked", id)
			}
			golden(t, name+".eml.golden", r.Bytes)
			golden(t, name+".txt.golden", []byte(readBack(t, r.Bytes)))
			for line := range bytes.SplitSeq(r.Bytes, []byte("\r\n")) {
				if len(line) > 78 {
					t.Errorf("%d octets: %s", len(line), line)
				}
			}
			if again, err := Render(d, numbers(d), keys); err != nil || !bytes.Equal(again.Bytes, r.Bytes) {
				t.Errorf("rendered differently the second time (%v)", err)
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", name, got)
	}
}

// readBack is what a mail program shows: decoded subject, then the text, which comes first.
func readBack(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	first := leaves(t, raw)[0]
	if first.kind != "text/plain" {
		t.Fatalf("the first part is %s", first.kind)
	}
	return subject + "\n\n" + strings.ReplaceAll(first.body, "\r\n", "\n")
}

type leaf struct{ kind, name, body string }

// leaves reads the parts of a mail that have no parts, decoded.
func leaves(t *testing.T, raw []byte) []leaf {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return within(t, textproto.MIMEHeader(m.Header), m.Body)
}

func within(t *testing.T, h textproto.MIMEHeader, body io.Reader) []leaf {
	t.Helper()
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var out []leaf
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, within(t, p.Header, p)...)
		}
	}
	switch h.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		t.Fatalf("encoding %q", h.Get("Content-Transfer-Encoding"))
	}
	all, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	_, disposition, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	return []leaf{{kind, disposition["filename"], string(all)}}
}

func TestEnvelope(t *testing.T) {
	d := every(t)["reject"]
	r, err := Render(d, numbers(d), keys)
	if err != nil {
		t.Fatal(err)
	}
	if r.EnvelopeTo != "vanthu.stc@quangtri.gov.vn" || !strings.HasPrefix(r.EnvelopeFrom, "vanthu+gl-2026-0000123.reject.") {
		t.Errorf("envelope %q to %q", r.EnvelopeFrom, r.EnvelopeTo)
	}
	for _, s := range []string{r.EnvelopeFrom, r.MessageID, "<" + r.MessageID + ">"} {
		if id, ok := Verify(keys, s); !ok || id != "GL-2026-0000123.reject" {
			t.Errorf("Verify(%q) = %q, %v", s, id, ok)
		}
	}
	d.ReturnPath = "<>"
	if r, err = Render(d, numbers(d), keys); err != nil || r.EnvelopeFrom != "" {
		t.Errorf("null reverse-path became %q, %v", r.EnvelopeFrom, err)
	}
	if !bytes.Contains(r.Bytes, []byte("X-Auto-Response-Suppress: All\r\n")) {
		t.Error("with the null reverse-path no report is wanted at all")
	}
}

func TestNumbersThatAreMissing(t *testing.T) {
	d := every(t)["remind"]
	n := numbers(d)
	n.SoDen, n.Reminder = "", 0
	r, err := Render(d, n, keys)
	if err != nil {
		t.Fatal(err)
	}
	if text := readBack(t, r.Bytes); strings.Contains(text, "Số đến") || strings.Contains(text, "Lần nhắc") || strings.Contains(text, "{") {
		t.Errorf("a number that there is none of is named:\n%s", text)
	}
}

func TestRenderRefuses(t *testing.T) {
	for name, change := range map[string]func(*Draft, *Numbers, *Keys){
		"addressee":      func(d *Draft, _ *Numbers, _ *Keys) { d.To = "a@b.vn>\r\nRCPT TO:<c@d.vn" },
		"sender":         func(d *Draft, _ *Numbers, _ *Keys) { d.From = "văn thư@b.vn" },
		"return path":    func(d *Draft, _ *Numbers, _ *Keys) { d.ReturnPath = "vanthu@b.vn" },
		"no return path": func(d *Draft, _ *Numbers, _ *Keys) { d.ReturnPath = "" },
		"no id":          func(_ *Draft, n *Numbers, _ *Keys) { n.ID = "" },
		"long id":        func(_ *Draft, n *Numbers, _ *Keys) { n.ID = strings.Repeat("A", 60) },
		"no date":        func(_ *Draft, n *Numbers, _ *Keys) { *n = Numbers{ID: n.ID} },
		"no keys":        func(_ *Draft, _ *Numbers, k *Keys) { *k = nil },
		"short key":      func(_ *Draft, _ *Numbers, k *Keys) { *k = Keys{{Secret: []byte("short")}} },
	} {
		d, k := every(t)["reject"], keys
		n := numbers(d)
		change(&d, &n, &k)
		if _, err := Render(d, n, k); err == nil {
			t.Errorf("%s: rendered", name)
		}
	}
}

func TestEncodedWords(t *testing.T) {
	for _, text := range []string{
		"Từ chối tiếp nhận văn bản số 45/STC-NS (GL-2026-0000123)", strings.Repeat("ầ", 200), strings.Repeat("Nguyễn ", 28) + "end",
		"=?utf-8?q?x?= plain", strings.Repeat("x", 199), "a", "\U0001f600" + strings.Repeat("đ\U0001f600", 40),
	} {
		var h header
		h.field("Subject", unstructured(text, len("Subject:"))...)
		m, err := mail.ReadMessage(io.MultiReader(&h, strings.NewReader("\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || got != strings.TrimSpace(text) {
			t.Errorf("%q came back as %q (%v)", text, got, err)
		}
	}
}

// FuzzRender: whatever a mail or the directory says, the fields are those that were meant, no more and no fewer, and the words stay where they
// belong: in a notice about a mail, about a paper, about a status, and in one that names no document.
func FuzzRender(f *testing.F) {
	f.Add("Sở Tài chính", "45/STC-NS", "trích yếu", "a@b", "c@d e@f", "12/2026", "vanthu@stc.example.vn", "Tổ hỗ trợ")
	f.Add("x\r\nBcc: evil@example.vn", "\r\n\r\nbody", "\n.\n", "a@b>\r\nX: y <c@d", "=?utf-8?q?=0D=0AX:_y?=", "\u2028{date}", "a@b.vn\r\nRCPT TO:<x@y.vn>", "- {so_den}\n1. X")
	f.Add("<script>x</script>", "<img src=x onerror=y>", "</p><p style='x'>&amp;", "a@b", "<b>", "--=_0", "\"a b\"@c.vn", "{{.Digest}}")
	f.Add("\"quoted\\\" <a@b>", strings.Repeat("Ầ", 300), "\xff\xfe\x00", "@", "<>", "\u202e", "văn.thư@ví-dụ.vn", strings.Repeat("x", 1200))
	want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To",
		"Message-Id", "Mime-Version", "References", "Subject", "To", "X-Auto-Response-Suppress", "X-Giao-Lien"}
	f.Fuzz(func(t *testing.T, name, number, trichYeu, messageID, references, soDen, address, other string) {
		in := sample()
		in.Sender.Name, in.Receiver.FromName, in.MessageID, in.References = name, number, messageID, strings.Fields(references)
		in.Documents = []Document{{Number: number, Subject: trichYeu}}
		in.Sender.Address, in.Contact, in.Code, in.ReceiverCode, in.Reason, in.Standing, in.Subject = address, other, other, other, other, other, other
		in.Decision.Title, in.Decision.Legal, in.Decision.AlsoNumber, in.Receiver.ParentName = other, trichYeu, other, other
		in.Receiver.Contact = []string{other, name}
		drafts := composed(t, in)
		// A stored draft is checked again, so it is given the raw strings too.
		drafts = append(drafts, Draft{Kind: Refuse, To: "vanthu@stc.example.vn", From: in.Receiver.From, ReturnPath: "<>", ToName: name, FromName: number,
			Subject: trichYeu, Body: trichYeu + "\r\n" + number, InReplyTo: messageID, References: strings.Fields(references)})
		for _, d := range drafts {
			r, err := Render(d, Numbers{ID: "GL-2026-0000123.reject", SoDen: soDen, At: hanoi("2026-11-20 08:01:00")}, keys)
			if err != nil {
				t.Fatal(err)
			}
			checkParsed(t, r, want)
			if d.To != r.EnvelopeTo || checkAddress(r.EnvelopeTo) != nil {
				t.Fatalf("goes to %q", r.EnvelopeTo)
			}
		}
	})
}

// composed are the notices that an input gives, whatever else is told; none when its address cannot be written to.
func composed(t *testing.T, in Input) []Draft {
	t.Helper()
	var out []Draft
	for _, change := range []func(*Input) (*Draft, Silence){
		func(in *Input) (*Draft, Silence) { return Compose(*in) },
		func(in *Input) (*Draft, Silence) { in.Documents = nil; return Compose(*in) },
		func(in *Input) (*Draft, Silence) { in.Paper = true; return Compose(*in) },
		func(in *Input) (*Draft, Silence) { in.Decision.Verdict = policy.Warn; return Compose(*in) },
		func(in *Input) (*Draft, Silence) {
			in.Decision.Verdict, in.Duplicate = policy.Accept, true
			return Compose(*in)
		},
		func(in *Input) (*Draft, Silence) { return ComposeStatus(*in, StepRefused) },
	} {
		in := in
		switch d, s := change(&in); {
		case d != nil:
			out = append(out, *d)
		case s == SilentNoAddress && checkAddress(in.Sender.Address) != nil, s == SilentOwn && in.own(in.Sender.Address), s == SilentDuplicate && in.Standing == "":
		default:
			t.Fatalf("silence %q to %q", s, in.Sender.Address)
		}
	}
	return out
}

func checkParsed(t *testing.T, r Rendered, want []string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(r.Bytes))
	if err != nil {
		t.Fatalf("%v in %q", err, r.Bytes)
	}
	for field, values := range m.Header {
		if !slices.Contains(want, field) || len(values) != 1 {
			t.Fatalf("field %s: %q", field, values)
		}
	}
	for _, field := range []string{"From", "To"} {
		if list, err := m.Header.AddressList(field); err != nil || len(list) != 1 {
			t.Fatalf("%s: %q has %d addresses (%v)", field, m.Header.Get(field), len(list), err)
		}
	}
	if to, _ := m.Header.AddressList("To"); to[0].Address != r.EnvelopeTo {
		t.Fatalf("To %q, envelope %q", to[0].Address, r.EnvelopeTo)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Fatal(err)
	}
	kinds := ""
	for _, l := range leaves(t, r.Bytes) {
		kinds += l.kind + " "
		if l.kind == "text/html" {
			checkHTML(t, l.body)
		}
	}
	if kinds != "text/plain text/html " {
		t.Fatalf("parts %s", kinds)
	}
	if bytes.Contains(bytes.ReplaceAll(r.Bytes, []byte("\r\n"), nil), []byte("\n")) || !bytes.HasSuffix(r.Bytes, []byte("\r\n")) {
		t.Fatalf("bare line ends in %q", r.Bytes)
	}
}
