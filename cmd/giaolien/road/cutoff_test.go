package road

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-message"
)

// ladder is a rules file that reminds, and refuses from the cutoff on. more stands among the conditions of its sender.
func ladder(title, more string, cutoff time.Time) string {
	local := func(t time.Time) string { return t.In(vietnam).Format("2006-01-02T15:04:05") }
	return fmt.Sprintf(`title = %q
default = "accept"
[[rule]]
id = "qua-he-thong"
title = "Văn bản gửi Văn phòng phải qua Hệ thống"
legal = "Công văn số 15/UBND-VP, mục 2"
strength = "order"
channels = ["email"]
[rule.sender]
groups = ["so-nganh"]
%s
[[rule.phase]]
from = %s
verdict = "warn"
notice = "remind"
[[rule.phase]]
from = %s
verdict = "reject"
notice = "reject"
grace = "6h"
[[exemption]]
agency = "stp"
until = %s
reason = "đang thay đổi hệ thống"
approved_by = "Văn phòng"
`, title, more, local(cutoff.AddDate(0, 0, -40)), local(cutoff), local(cutoff.AddDate(0, 0, 30)))
}

const whoIsReady = "ready = true\nready_grace = \"30d\""

// exchange is a running daemon with what was mailed to it.
type exchange struct {
	*office
	t      *testing.T
	cutoff time.Time
	posts  []*posted
	papers int // that came from sld
}

type posted struct {
	post
	uid     imap.UID
	receipt string
	told    explained
}

// explained is what the test asks of "explain --json".
type explained struct {
	State    string `json:"state"`
	Reason   string `json:"reason"`
	Outcomes []made `json:"outcomes"`
	Records  []struct {
		ID string `json:"id"`
	} `json:"records"`
	Notices []struct {
		State string `json:"state"`
	} `json:"notices"`
}

type made struct {
	Outcome struct {
		Instant struct {
			At time.Time `json:"at"`
		} `json:"instant"`
		Decision struct {
			Verdict string `json:"verdict"`
			Rule    string `json:"rule"`
		} `json:"decision"`
		Versions struct {
			Rules string `json:"rules"`
		} `json:"versions"`
	} `json:"outcome"`
}

// TestCutoff takes mail of eleven kinds over a cutoff, with the real daemon, Dovecot, Postfix and signatures: before it, at it, exempt, without
// an account, forged, delayed, disputed, secret, doubled. Each gets its verdict, and each sender the one notice that it has to get, in its own
// mailbox. With -v it prints what became of each.
func TestCutoff(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send", poll: "5s"}, "postgres": {mode: "send", poll: "5s", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			x := newExchange(t, o)
			x.overTheAxis("syt", "21/SYT-VP", x.cutoff)
			d := x.serve()
			until(t, "what came over the axis is registered", func() bool { return len(x.lines()) == 1 })
			x.mails()
			x.paper()
			x.bounces()
			x.acceptedAfterAll()
			x.stricter()
			x.told()
			x.simulated()
			d.stop()
			x.show()
			if out := string(x.run("replay", "--json")); !strings.Contains(out, `"different":0,`) {
				t.Errorf("replay says %s", out)
			}
		})
	}
}

// TestCutoffReviewed lets a person release what is said: until then nothing lies in any mailbox. What has come over the axis in the meantime is
// not refused any more.
func TestCutoffReviewed(t *testing.T) {
	x := newExchange(t, options{mode: "review", poll: "5s", postgres: true}) // where a daemon hears at once of what a command did
	d := x.serve()
	x.send(post{show: "một giây trước hạn", from: "snv", so: "11/SNV-VP", at: x.cutoff.Add(-time.Second), want: want{"registered", "rule", "warn", "remind"}})
	x.send(post{show: "đúng lúc hết hạn", from: "snv", so: "12/SNV-VP", at: x.cutoff, want: want{"refused", "rule", "reject", "reject"}})
	late := x.send(post{show: "từ chối, rồi đến qua trục", from: "snv", so: "31/SNV-VP", at: x.cutoff.Add(time.Hour), want: want{"refused", "rule", "reject", "on-system"}})
	if n := one(t, x.site, "SELECT count(*) FROM notices WHERE state = 'review'"); n != "3" || x.delivered() != 0 {
		t.Errorf("%s notices wait for a person, and %d lie in the mailboxes", n, x.delivered())
	}
	x.overTheAxis("snv", "31/SNV-VP", x.cutoff)
	until(t, "it has come over the axis", func() bool { return len(x.lines()) == 2 })
	x.run("notices", "release", "--all", "--by", "hoa")
	until(t, "it is decided again", func() bool {
		return one(t, x.site, "SELECT state FROM receipts WHERE id = '"+late.receipt+"'") == "duplicate"
	})
	late.want = want{"duplicate", "same-document", "accept", "on-system"}
	x.check(late)
	x.run("notices", "release", "--all", "--by", "hoa")
	x.told()
	d.stop()
	x.show()
}

func newExchange(t *testing.T, o options) *exchange {
	t.Helper()
	cutoff := time.Now().Truncate(time.Minute).Add(-3 * time.Hour)
	x := &exchange{office: newOffice(t, o, ladder("Thôi nhận văn bản qua thư", whoIsReady, cutoff)), t: t, cutoff: cutoff}
	return x
}

// send mails a post and waits until it is as it must be.
func (x *exchange) send(p post) *posted {
	x.t.Helper()
	m := &posted{post: p, uid: x.deliver(p)}
	x.posts = append(x.posts, m)
	until(x.t, p.show+" is settled", func() bool {
		return one(x.t, x.site, fmt.Sprintf("SELECT count(*) FROM uids WHERE uid = %d AND state <> 'waiting'", m.uid)) == "1"
	})
	m.receipt = one(x.t, x.site, fmt.Sprintf("SELECT receipt FROM uids WHERE uid = %d", m.uid))
	x.check(m)
	return m
}

// check reads what became of a mail and compares it with what was to become of it.
func (x *exchange) check(m *posted) {
	x.t.Helper()
	m.told = explained{}
	if err := json.Unmarshal(x.run("explain", "--json", m.receipt), &m.told); err != nil {
		x.t.Fatal(err)
	}
	e := m.told
	got := want{e.State, e.Reason, m.last().Outcome.Decision.Verdict, m.want.notice}
	if got != m.want {
		x.t.Errorf("%s: %+v, want %+v\n%s", m.show, got, m.want, x.run("explain", m.receipt))
	}
	if d := m.last().Outcome.Decision; (d.Verdict == "warn" || d.Verdict == "reject") && d.Rule != "qua-he-thong" {
		x.t.Errorf("%s: %s by rule %q", m.show, d.Verdict, d.Rule)
	}
}

func (m *posted) last() made { return m.told.Outcomes[len(m.told.Outcomes)-1] }

// mails sends one of each kind. Each number is another document, but for the copy of the first.
func (x *exchange) mails() {
	x.t.Helper()
	at := func(d time.Duration) time.Time { return x.cutoff.Add(d) }
	for _, p := range []post{
		{show: "một giây trước hạn", from: "snv", so: "11/SNV-VP", at: at(-time.Second), want: want{"registered", "rule", "warn", "remind"}},
		{show: "đúng lúc hết hạn", from: "snv", so: "12/SNV-VP", at: at(0), want: want{"refused", "rule", "reject", "reject"}},
		{show: "bản thứ hai, sau hạn", from: "snv", so: "11/SNV-VP", at: at(time.Hour), want: want{"duplicate", "same-document", "reject", ""}},
		{show: "được miễn trừ", from: "stp", so: "13/STP-VP", at: at(time.Hour), want: want{"registered", "exempt-agency", "accept", "receipt"}},
		{show: "chưa có tài khoản", from: "sct", so: "14/SCT-VP", at: at(time.Hour), want: want{"registered", "default", "accept", "receipt"}},
		{show: "mới có tài khoản", from: "stc", so: "15/STC-VP", at: at(time.Hour), want: want{"registered", "ready-grace", "warn", "remind"}},
		{show: "công dân", from: "dan", so: "16/DT-KN", at: at(time.Hour), want: want{"registered", "default", "accept", "receipt"}},
		{show: "mạo danh, người khác ký", from: "snv", so: "17/SNV-VP", at: at(-time.Hour), signer: "ke-gia.example", want: want{"held", "identity-below", "hold", ""}},
		{show: "mạo danh, không ký", from: "snv", so: "18/SNV-VP", at: at(time.Hour), signer: "-", want: want{"held", "identity-below", "hold", ""}},
		{show: "chậm ở máy chủ trung gian", from: "sgd", so: "19/SGD-VP", at: at(20 * time.Minute), relayed: at(-10 * time.Minute), want: want{"registered", "grace", "warn", "remind"}},
		{show: "thời điểm chưa thống nhất", from: "sgd", so: "20/SGD-VP", at: at(10 * time.Second), stored: at(-time.Minute), want: want{"held", "time-disputed", "hold", ""}},
		{show: "đã nhận qua trục", from: "syt", so: "21/SYT-VP", at: at(time.Hour), want: want{"duplicate", "same-document", "accept", "on-system"}},
		{show: "mang dấu mật", from: "sld", so: "22/SLD-VP", at: at(-time.Hour), subject: "[MẬT] Công văn số 22/SLD-VP", want: want{"quarantined", "secret", "quarantine", ""}},
		{show: "sau có bản giấy", from: "sld", so: "23/SLD-VP", at: at(-time.Hour), want: want{"registered", "rule", "warn", "remind"}},
	} {
		x.send(p)
	}
}

// paper brings the paper of a mail to the counter: it is the same document, and stands in its line.
func (x *exchange) paper() {
	x.t.Helper()
	mail := x.posts[len(x.posts)-1]
	x.papers++
	x.run("paper", "add", "--receiver", "ubnd", "--stamped-at", time.Now().In(vietnam).Format("2006-01-02T15:04"), "--agency", "sld", "--so-hieu", "23/SLD-VP",
		"--ngay", mail.at.In(vietnam).Format("2006-01-02"), "--loai", "CV", "--trich-yeu", "V/v rà soát thủ tục hành chính", "--by", "hoa")
	for _, l := range x.lines() {
		if l.Document.SoHieu == "23/SLD-VP" && len(l.Ways) != 2 {
			x.t.Errorf("the document that came by mail and on paper came by %v", l.Ways)
		}
	}
	if n := one(x.t, x.site, "SELECT count(*) FROM records WHERE joined_to = '"+mail.told.Records[0].ID+"'"); n != "1" {
		x.t.Errorf("%s copies are joined to the mail", n)
	}
}

// bounces refuses an office whose mailbox is gone. Postfix takes the refusal and gives it back; then the document waits for a person, and
// nothing more is sent there.
func (x *exchange) bounces() {
	x.t.Helper()
	m := x.send(post{show: "hộp thư không còn", from: "sxd", so: "24/SXD-VP", at: x.cutoff.Add(time.Hour), want: want{"refused", "rule", "reject", "bounced"}})
	until(x.t, "the refusal has come back and waits for a person", func() bool {
		return one(x.t, x.site, "SELECT state FROM receipts WHERE id = '"+m.receipt+"'") == "held"
	})
	m.want = want{"held", "refusal-cannot-be-told", "reject", "bounced"}
	x.check(m)
	if n := m.told.Notices; len(n) != 1 || n[0].State != "bounced" {
		x.t.Errorf("the notices are %+v", n)
	}
	if n := one(x.t, x.site, "SELECT count(*) FROM suppressions WHERE address = '"+x.address("sxd")+"'"); n != "1" {
		x.t.Errorf("the address is suppressed %s times", n)
	}
	x.send(post{show: "hộp thư không còn, lần sau", from: "sxd", so: "25/SXD-VP", at: x.cutoff.Add(time.Hour), want: want{"held", "refusal-cannot-be-told", "reject", ""}})
}

// acceptedAfterAll lets a person accept what was refused.
func (x *exchange) acceptedAfterAll() {
	x.t.Helper()
	m := x.posts[1]
	x.run("accept", m.receipt, "--reason", "lỗi đường truyền của ta", "--by", "hoa")
	m.want = want{"registered", "clerk-accepted", "accept", "reject accepted"}
	x.check(m)
}

// stricter brings a new version of the rules into force while the daemon runs. The next mail is decided by it, and what was decided keeps the
// version that it was decided by.
func (x *exchange) stricter() {
	x.t.Helper()
	var before *posted
	for _, m := range x.posts {
		if m.so == "14/SCT-VP" {
			before = m
		}
	}
	old := before.last().Outcome.Versions.Rules
	x.write("rules.toml", ladder("Không chờ tài khoản nữa", "", x.cutoff))
	x.run("rules", "activate", "--reason", "hết thời gian chuẩn bị", "--by", "lan", "--yes")
	m := x.send(post{show: "chưa có tài khoản, quy tắc mới", from: "sct", so: "26/SCT-VP", at: x.cutoff.Add(time.Hour), want: want{"refused", "rule", "reject", "reject"}})
	x.check(before)
	if now := m.last().Outcome.Versions.Rules; now == old || before.last().Outcome.Versions.Rules != old || len(before.told.Outcomes) != 1 {
		x.t.Errorf("decided by %s before the change and by %s after it; the earlier one has %d outcomes", old, now, len(before.told.Outcomes))
	}
}

// told compares the senders' mailboxes with what each is to have got.
func (x *exchange) told() {
	x.t.Helper()
	wanted, answers := map[string][]string{}, map[string]string{} // kinds by address, addresses by Message-ID
	n := 0
	for _, m := range x.posts {
		to := x.address(m.from)
		answers[x.idOf(m.post)] = to
		for _, kind := range strings.Fields(m.want.notice) {
			if kind != "bounced" {
				wanted[to] = append(wanted[to], kind+" of "+x.idOf(m.post))
				n++
			}
		}
	}
	until(x.t, "every notice has arrived", func() bool { return x.delivered() >= n })
	until(x.t, "nothing waits to be sent", func() bool { return one(x.t, x.site, "SELECT count(*) FROM notices WHERE state = 'queued'") == "0" })
	for range x.papers { // what is said of a paper answers no mail
		wanted[x.address("sld")] = append(wanted[x.address("sld")], "receipt of ")
		answers[""] = x.address("sld")
		n++
	}
	for _, a := range offices {
		var got []string
		seen := map[string]bool{}
		for _, e := range x.inBox(x.address(a.id)) {
			id := e.Header.Get("Message-Id")
			if seen[id] {
				x.t.Errorf("%s lies twice in %s", id, x.address(a.id))
			}
			seen[id] = true
			reply := strings.Trim(e.Header.Get("In-Reply-To"), "<>")
			got = append(got, x.wellFormed(e)+" of "+reply)
			if answers[reply] != x.address(a.id) {
				x.t.Errorf("%s got an answer to %q", a.id, reply)
			}
		}
		slices.Sort(got)
		slices.Sort(wanted[x.address(a.id)])
		if !slices.Equal(got, wanted[x.address(a.id)]) {
			x.t.Errorf("%s got\n%q, want\n%q", a.id, got, wanted[x.address(a.id)])
		}
	}
}

// wellFormed gives the kind of a notice, and wants what a notice consists of: a text, the same as HTML, and for a refusal a slip as PDF.
func (x *exchange) wellFormed(e *message.Entity) string {
	x.t.Helper()
	_, rest, _ := strings.Cut(e.Header.Get("Message-Id"), ".")
	kind, _, _ := strings.Cut(rest, ".")
	parts := map[string]string{}
	err := e.Walk(func(_ []int, part *message.Entity, err error) error {
		t, _, typed := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err = errors.Join(err, typed); err != nil || strings.HasPrefix(t, "multipart/") {
			return err
		}
		body, err := io.ReadAll(part.Body)
		parts[t] = string(body)
		return err
	})
	if err != nil {
		x.t.Errorf("a notice cannot be read: %v", err)
	}
	slip, slips := parts["application/pdf"]
	if refusal := kind == "reject"; !strings.Contains(parts["text/plain"], "GL-") || !strings.Contains(parts["text/html"], "<html") ||
		slips != refusal || slips && !strings.HasPrefix(slip, "%PDF-") || refusal && !strings.Contains(parts["text/plain"], "15/UBND-VP") {
		x.t.Errorf("a %s notice has the parts %q", kind, slices.Sorted(keys(parts)))
	}
	if auto := e.Header.Get("Auto-Submitted"); auto == "" || auto == "no" {
		x.t.Errorf("a %s notice does not say that a program wrote it", kind)
	}
	return kind
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// simulated tries a stricter draft over everything that came: it would refuse more, and sends nothing.
func (x *exchange) simulated() {
	x.t.Helper()
	before := x.delivered()
	draft := filepath.Join(x.dir, "du-thao.toml")
	if err := os.WriteFile(draft, []byte(ladder("Dự thảo", "", x.cutoff.Add(-2*time.Hour))), 0o600); err != nil {
		x.t.Fatal(err)
	}
	out := x.run("simulate", "--rules", draft, "--from", "2020-01-01", "--to", "2100-01-01")
	if !bytes.Contains(out, []byte("nhận, nhắc → từ chối")) {
		x.t.Errorf("the draft refuses nothing more:\n%s", out)
	}
	x.t.Logf("simulate:\n%s", out)
	if n := one(x.t, x.site, "SELECT count(*) FROM notices WHERE state IN ('queued', 'review')"); n != "0" || x.delivered() != before {
		x.t.Errorf("simulating left %s notices to send; %d mails lie in the mailboxes, %d before", n, x.delivered(), before)
	}
}

// show prints what became of each mail.
func (x *exchange) show() {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "hạn %s\nthư\tđến lúc\ttrạng thái\tkết luận\tvì\tthông báo\n", x.cutoff.In(vietnam).Format("02/01 15:04:05"))
	for _, m := range x.posts {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", m.show, m.last().Outcome.Instant.At.In(vietnam).Format("02/01 15:04:05"), m.told.State,
			m.last().Outcome.Decision.Verdict, m.told.Reason, orElse(m.want.notice, "–"))
	}
	if err := w.Flush(); err != nil {
		x.t.Error(err)
	}
	x.t.Log("\n" + b.String())
}
