package main

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/cmd/giaolien/demo"
)

// past is an installation with decided receipts of every kind.
type past struct {
	t        testing.TB
	stage    *demo.Stage
	db       *sql.DB
	postgres bool
	common   *Common
}

// eachPast runs a test on both databases.
func eachPast(t *testing.T, test func(*past)) {
	t.Run("sqlite", func(t *testing.T) { test(newPast(t, "")) })
	t.Run("postgres", func(t *testing.T) {
		base := os.Getenv("GIAOLIEN_TEST_POSTGRES")
		if base == "" {
			if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
				t.Fatal("GIAOLIEN_TEST_POSTGRES is not set, and GIAOLIEN_TEST_REQUIRE is")
			}
			t.Skip("GIAOLIEN_TEST_POSTGRES is not set")
		}
		test(newPast(t, base))
	})
}

func newPast(t testing.TB, server string) *past {
	t.Helper()
	stage, err := demo.Start(t.TempDir(), time.Now())
	must(t, err)
	t.Cleanup(func() { must(t, stage.Close()) })
	p := &past{t: t, stage: stage, postgres: server != "", common: &Common{Config: stage.Config}}
	name, source := "sqlite", "file:"+(&url.URL{Path: filepath.Join(stage.Dir, "data", "giaolien.db")}).EscapedPath()+"?_pragma=busy_timeout(5000)"
	if server != "" {
		name, source = "postgres", freshPostgres(t, server)
		p.config("[rules]", fmt.Sprintf("[database]\nurl = %q\n[rules]", source))
	}
	p.run("db", "migrate")
	p.db, err = sql.Open(name, source)
	must(t, err)
	t.Cleanup(func() { must(t, p.db.Close()) })
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// freshPostgres makes an empty database that goes with the test.
func freshPostgres(t testing.TB, server string) string {
	t.Helper()
	name := fmt.Sprintf("replay_%d_%d", os.Getpid(), rand.Uint32())
	db, err := sql.Open("postgres", server)
	must(t, err)
	_, err = db.Exec("CREATE DATABASE " + name)
	must(t, err)
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop database: %v", err)
		}
		must(t, db.Close())
	})
	u, err := url.Parse(server)
	must(t, err)
	u.Path = "/" + name
	return u.String()
}

// config changes the configuration.
func (p *past) config(before, after string) {
	p.t.Helper()
	text, err := os.ReadFile(p.stage.Config)
	must(p.t, err)
	if !strings.Contains(string(text), before) {
		p.t.Fatalf("%s is not in the configuration", before)
	}
	must(p.t, os.WriteFile(p.stage.Config, []byte(strings.Replace(string(text), before, after, 1)), 0o600))
}

// call runs a command of the program and gives its exit code and output.
func (p *past) call(args ...string) (code int, out, errs string) {
	p.t.Helper()
	var o, e bytes.Buffer
	code = run(p.t.Context(), append([]string{"-c", p.stage.Config}, args...), streams{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

func (p *past) run(args ...string) string {
	p.t.Helper()
	code, out, errs := p.call(args...)
	if code != exitDone {
		p.t.Fatalf("giaolien %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// text asks the database for one text.
func (p *past) text(query string, args ...any) string {
	p.t.Helper()
	var text string
	if err := p.db.QueryRow(query, args...).Scan(&text); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
	return text
}

func (p *past) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(query, args...); err != nil {
		p.t.Fatalf("%s: %v", query, err)
	}
}

// deliver puts a message into the first mailbox.
func (p *past) deliver(raw []byte, at time.Time) {
	p.t.Helper()
	text, err := os.ReadFile(p.stage.Config)
	must(p.t, err)
	port := regexp.MustCompile(`port += (\d+)`).FindSubmatch(text)[1]
	password, err := os.ReadFile(filepath.Join(p.stage.Dir, "mailbox.password"))
	must(p.t, err)
	c, err := imapclient.DialInsecure("127.0.0.1:"+string(port), nil)
	must(p.t, err)
	defer c.Close()
	must(p.t, c.Login("vanthu@quangtri.example.vn", strings.TrimSpace(string(password))).Wait())
	w := c.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: at})
	_, err = w.Write(raw)
	must(p.t, err)
	must(p.t, w.Close())
	_, err = w.Wait()
	must(p.t, err)
}

// letter is a mail of one agency with one file.
func letter(id, subject, name string, file []byte, at time.Time) []byte {
	return fmt.Appendf(nil, "Return-Path: <vanthu@congthuong.quangtri.example.vn>\r\nReceived: from mx.congthuong.quangtri.example.vn by mx.quangtri.example.vn with ESMTPS id %s; %s\r\n"+
		"Authentication-Results: mx.quangtri.example.vn; dkim=pass header.d=congthuong.quangtri.example.vn; dmarc=pass header.from=congthuong.quangtri.example.vn\r\n"+
		"From: <vanthu@congthuong.quangtri.example.vn>\r\nTo: vanthu@quangtri.example.vn\r\nSubject: %s\r\nMessage-ID: <%s@congthuong.quangtri.example.vn>\r\n"+
		"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=%q\r\n\r\n%s\r\n", id, at.Format(time.RFC1123Z), subject, id, name, file)
}

// live is the whole life of the demo's mails: a drain, what people say of what waits, secrets found early, late and none after all, files that
// tools read, an old mail that comes live, one of which only the header was taken, a package of the axis, and another drain.
func (p *past) live() {
	t, at := p.t, time.Now().Add(-30*time.Minute)
	file := p.oldLetter()
	old, err := os.ReadFile(file)
	must(t, err)
	p.run("import", "--receiver", "ubnd", file)
	p.deliver(letter("van-ban", "=?utf-8?Q?G=E1=BB=ADi_v=C4=83n_b=E1=BA=A3n?=", "88_SCT-VP.txt", []byte("SỞ CÔNG THƯƠNG\nSố: 88/SCT-VP\nQuảng Trị, ngày 03 tháng 5 năm 2026\nV/v cử cán bộ\n"), at), at)
	if p.reads() {
		p.config("enabled = false", "ocr = false")
		text, err := textPDF("SỞ CÔNG THƯƠNG\nSố: 45/KH-SCT\nQuảng Trị, ngày 05 tháng 6 năm 2026\nKẾ HOẠCH\nKiểm tra công tác văn thư năm 2026\n")
		must(t, err)
		p.deliver(letter("doc", "Gui van ban", "scan0002.pdf", text, at), at)
		text, err = textPDF("TỐI MẬT\nSỞ CÔNG THƯƠNG\nSố: 46/KH-SCT\n")
		must(t, err)
		p.deliver(letter("mat", "Cong van 46/SCT-VP", "scan0003.pdf", text, at), at)
		p.deliver(letter("hong", "Cong van 47/SCT-VP", "47_SCT-VP.pdf", []byte("%PDF-1.4 hỏng"), at), at)
	}
	p.run("drain")
	p.say("held", "incomplete", "nguyen.van.an", "amend", "--set", "so_hieu=5/ĐĐN", "--set", "agency=H50.40")
	p.say("held", "identity-below", "vanthu@noivu", "release")
	p.say("held", "time-disputed", "vanthu@congthuong", "refuse")
	p.say("refused", "clerk-refused", "vanthu@congthuong", "accept")
	p.clearSecret()
	p.deliver(old, at)
	p.config("[identity]", "[intake]\nscreen_headers_first = true\n[identity]")
	p.deliver(letter("dau", "=?utf-8?Q?[M=E1=BA=ACT]_g=E1=BB=ADi?=", "90_SCT-VP.txt", []byte("Số: 90/SCT-VP\nV/v báo cáo\n"), at), at)
	p.run("drain")
	p.clearSecret()
	p.pack("1", `<From><OrganId>H50.03</OrganId><OrganName>Sở Công Thương</OrganName></From><To><OrganId>H50.02</OrganId><OrganName>Văn phòng</OrganName></To><DocumentId>id-1</DocumentId>`+
		`<Code><CodeNumber>66</CodeNumber><CodeNotation>SCT-VP</CodeNotation></Code><PromulgationInfo><Place>Quảng Trị</Place><PromulgationDate>2026-03-02</PromulgationDate></PromulgationInfo>`+
		`<DocumentType><Type>2</Type><TypeName>Công văn</TypeName></DocumentType><Subject>V/v cử cán bộ</Subject>`,
		`<AttachmentEncoded><Attachment><ContentId>66.pdf</ContentId><AttachmentName>66.pdf</AttachmentName><ContentTransferEncoded>JVBERi0xLjQ=</ContentTransferEncoded></Attachment></AttachmentEncoded>`)
	p.run("drain")
	p.pack("2", `<From><OrganId>H50.01</OrganId><OrganName>Sở Nội vụ</OrganName></From><ResponseFor><OrganId>H50.03</OrganId><Code>66/SCT-VP</Code>`+
		`<PromulgationDate>2026-03-02</PromulgationDate><DocumentId>id-1</DocumentId></ResponseFor><StatusCode>01</StatusCode><Description>đã đến</Description><Timestamp>2026/04/20 10:00:00</Timestamp>`, "")
	p.run("drain")
	p.papers()
	p.run("drain")
}

// papers come on paper: one that is registered, its sheet once more, which waits, one that a clerk says is the document of a package, a secret,
// and one whose summary bears a mark that nobody stated.
func (p *past) papers() {
	scan := filepath.Join(p.stage.Dir, "quet.pdf")
	must(p.t, os.WriteFile(scan, []byte("%PDF-1.4 bản quét"), 0o600))
	add := func(more ...string) {
		p.run(append([]string{"paper", "add", "--receiver", "ubnd", "--stamped-at", time.Now().Add(-time.Hour).Format(time.RFC3339), "--by", "hoa"}, more...)...)
	}
	add("--agency", "snv", "--so-hieu", "612/SNV-VP", "--trich-yeu", "V/v rà soát quy hoạch", "--seal", "red", "--pages", "2", "--scan", scan)
	add("--agency", "snv", "--so-hieu", "612/SNV-VP", "--trich-yeu", "V/v rà soát quy hoạch", "--again")
	record := p.text(`SELECT n.id FROM records n JOIN receipts r ON r.id = n.receipt WHERE r.channel = 'system' AND n.state = 'registered' ORDER BY n.id LIMIT 1`)
	add("--agency", "sct", "--so-hieu", "660/SCT-VP", "--trich-yeu", "V/v cử cán bộ", "--joins", record)
	add("--agency", "stc", "--secrecy", "mat")
	add("--agency", "stc", "--so-hieu", "613/STC-VP", "--trich-yeu", "TỐI MẬT: phương án dự phòng")
}

// reads says whether the tools that read PDFs are here.
func (p *past) reads() bool {
	ok, err := scriptCondition("tools")
	must(p.t, err)
	return ok
}

// say speaks about the one receipt in this state.
func (p *past) say(state, reason, sender, verb string, more ...string) {
	p.t.Helper()
	id := p.text(`SELECT r.id FROM receipts r JOIN messages m ON m.content = r.content WHERE r.state = $1 AND r.reason = $2 AND m.sender LIKE $3`,
		state, reason, "%"+sender+"%")
	p.run(append([]string{verb, id, "--reason", "thử nghiệm", "--by", "hoa"}, more...)...)
}

// clearSecret calls the newest mark that was found at once a false alarm.
func (p *past) clearSecret() {
	p.t.Helper()
	id := p.text(`SELECT max(id) FROM receipts WHERE state = 'quarantined' AND outcomes = 1`)
	p.run("clear", id, "--reason", "ghi nhầm", "--by", "hoa")
}

// pack brings a package in that came over the axis.
func (p *past) pack(id, header, files string) {
	a, err := openApp(p.t.Context(), p.common, streams{out: io.Discard, err: io.Discard})
	must(p.t, err)
	defer a.close()
	w := a.archive.Begin()
	_, err = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>`+
		header+`</MessageHeader></edXMLHeader></edXMLEnvelope>`+files+`</edXML>`)
	must(p.t, err)
	sealed, err := w.Seal()
	must(p.t, err)
	_, err = a.door().Accept(p.t.Context(), bridge.Fence{}, []bridge.Arrival{{Receiver: "ubnd", Channel: bridge.System, Mailbox: "truc", Origin: "axis:truc:" + id, Raw: sealed, FetchedAt: time.Now()}})
	must(p.t, err)
}
