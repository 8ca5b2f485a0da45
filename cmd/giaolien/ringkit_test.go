package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// responders are how many programs answer us. They set no field by which they could be known as programs.
const responders = 20

func responder(i int) string {
	return fmt.Sprintf("vanthu@coquan%02d.quangtri.example.vn", i%responders)
}

// posted is what the submission server took.
type posted struct {
	to  string
	raw []byte
}

// post is a submission server outside the virtual time: whoever waits for it does not move the clock.
type post struct {
	port int
	mu   sync.Mutex
	got  []posted // guarded by mu
}

func newPost(t *testing.T) *post {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &post{port: l.Addr().(*net.TCPAddr).Port}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &postSession{post: p}, nil }))
	server.Domain, server.ErrorLog = "post.example.vn", log.New(io.Discard, "", 0)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) }) // ends with Close
	t.Cleanup(func() {
		must(t, server.Close())
		serving.Wait()
	})
	return p
}

// take gives what came since the last call.
func (p *post) take() []posted {
	p.mu.Lock()
	defer p.mu.Unlock()
	got := p.got
	p.got = nil
	return got
}

type postSession struct {
	post *post
	to   string
}

func (s *postSession) Reset()                                    {}
func (s *postSession) Logout() error                             { return nil }
func (s *postSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *postSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *postSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.got = append(s.post.got, posted{s.to, raw})
	return nil
}

// ring is our program in virtual time, and what its correspondents heard.
type ring struct {
	t      *testing.T
	app    *app
	common *Common
	post   *post
	sent   int                    // mails that came to us
	heard  map[string][]time.Time // notices by address
}

// inRing runs a test in virtual time, from a Monday morning on. Everything between the door and the submission server is the real thing.
func inRing(t *testing.T, rules string, test func(*testing.T, *ring)) {
	if raced { // .ci/run runs these tests once more without it
		t.Skip("with the race detector Go's runtime (1.26) breaks down when a timer of a bubble is due at once: SIGSEGV in timer.maybeRunChan")
	}
	p := newPost(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 0, 30, 0, 0, time.UTC)))
		r := &ring{t: t, post: p, heard: map[string][]time.Time{}, common: &Common{Config: filepath.Join(dir, "config.toml")}}
		r.write(dir, "config.toml", fmt.Sprintf(ringConfig, p.port))
		r.write(dir, "rules.toml", rules)
		r.write(dir, "agencies.csv", ringAgencies())
		must(t, os.Mkdir(filepath.Join(dir, "data"), 0o700))
		cfg, err := readConfig(r.common.Config)
		must(t, err)
		must(t, store.Create(t.Context(), databaseURL(cfg)))
		r.app, err = openApp(t.Context(), r.common, streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
		must(t, err)
		must(t, r.app.know.save(t.Context(), r.app.store))
		test(t, r)
		must(t, r.app.close())
		r.replays()
	})
}

const ringConfig = `data = "data"
[archive]
reserve = "1MiB"
[http]
listen = ""
[reading]
enabled = false
[log]
level = "error"
[[agency]]
id = "ubnd"
name = "Văn phòng thử nghiệm"
from = "vanthu@quangtri.example.vn"
return_path = "vanthu+{token}@quangtri.example.vn"
[identity]
authserv_ids = ["mx.quangtri.example.vn"]
trusted_hops = ["mx.quangtri.example.vn"]
[smtp]
auth = "none"
host = "127.0.0.1"
port = %d
tls = "none"
[notices]
mode = "send"
held = true
neutral = true
per_agency_day = 0
`

func ringAgencies() string {
	var b strings.Builder
	b.WriteString("id,code,aliases,name,short_name,parent,level,groups,addresses,domains,patterns,ready_since,valid_from,valid_to,successors,contact\n")
	for i := range responders {
		group := []string{"tu-choi", "nhac", "nhan"}[i%3]
		fmt.Fprintf(&b, "cq%02d,H50.%02d,,Cơ quan thử nghiệm số %d,,,province,%s,%s,,,2019-01-01,,,,\n", i, i+1, i, group, responder(i))
	}
	return b.String()
}

// ringRules refuse a third of the agencies, remind a third and take from the others.
const ringRules = `title = "Thử nghiệm"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"
[[rule]]
id = "tu-choi"
title = "Gửi qua Hệ thống"
legal = "Công văn thử nghiệm"
strength = "order"
channels = ["email"]
[rule.sender]
groups = ["tu-choi"]
[[rule.phase]]
from = 2020-01-01
verdict = "reject"
[[rule]]
id = "nhac"
title = "Gửi qua Hệ thống"
legal = "Công văn thử nghiệm"
channels = ["email"]
[rule.sender]
groups = ["nhac"]
[[rule.phase]]
from = 2020-01-01
verdict = "warn"
`

func (r *ring) write(dir, name, text string) {
	must(r.t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// enclosed is a file of a mail.
type enclosed struct {
	name, kind string
	data       []byte
}

// mailed is a mail to us, as its sender writes it.
type mailed struct {
	from, to, subject string
	fields            []string
	files             []enclosed
}

func (m mailed) bytes(n int) []byte {
	var b bytes.Buffer
	domain := m.from[strings.IndexByte(m.from, '@')+1:]
	now := time.Now()
	fmt.Fprintf(&b, "Return-Path: <%s>\r\nReceived: from mail.%s (mail.%s [192.0.2.7])\r\n\tby mx.quangtri.example.vn (Postfix) with ESMTPS id %08X; %s\r\n",
		m.from, domain, domain, n, now.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "Authentication-Results: mx.quangtri.example.vn; dkim=pass header.d=%s; dmarc=pass header.from=%s\r\n", domain, domain)
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d.%d@%s>\r\nMIME-Version: 1.0\r\n", m.from, m.to,
		mime.BEncoding.Encode("utf-8", m.subject), now.Format(time.RFC1123Z), n, now.Unix(), domain)
	for _, f := range m.fields {
		b.WriteString(f + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"=_%d\"\r\n\r\n--=_%d\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nDa nhan duoc, lan thu %d.\r\n", n, n, n)
	for _, f := range m.files {
		fmt.Fprintf(&b, "--=_%d\r\nContent-Type: %s; name=%q\r\nContent-Disposition: attachment; filename=%q\r\n", n, f.kind, f.name, f.name)
		if f.kind == "message/rfc822" {
			b.WriteString("\r\n" + string(f.data) + "\r\n")
			continue
		}
		b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(f.data) + "\r\n")
	}
	fmt.Fprintf(&b, "--=_%d--\r\n", n)
	return b.Bytes()
}

// ownDocument is a document of an agency; the same every time for the same number.
func ownDocument(i, number int) enclosed {
	name := fmt.Sprintf("%d_CQ%02d-VP.pdf", number, i%responders)
	return enclosed{name, "application/pdf", fmt.Appendf(nil, "%%PDF-1.4\n%% So: %s\n%%%%EOF\n", name)}
}

// send brings mails to our door.
func (r *ring) send(mails ...mailed) {
	r.t.Helper()
	for _, m := range mails {
		r.sent++
		if m.to == "" {
			m.to = "vanthu@quangtri.example.vn"
		}
		w := r.app.archive.Begin()
		_, err := w.Write(m.bytes(r.sent))
		must(r.t, err)
		sealed, err := w.Seal()
		must(r.t, err)
		_, err = r.app.door().Accept(r.t.Context(), bridge.Fence{}, []bridge.Arrival{{Receiver: "ubnd", Channel: bridge.Email, Mailbox: "vanthu",
			Origin: fmt.Sprintf("imap:1:1:%d", r.sent), Raw: sealed, InternalDate: time.Now(), FetchedAt: time.Now()}})
		must(r.t, err)
	}
}

// round settles what came, sends what is due, and gives the notices that went out.
func (r *ring) round() []posted {
	r.t.Helper()
	ctx, cancel := context.WithCancel(r.t.Context())
	defer cancel()
	must(r.t, r.app.settle(ctx))
	_, err := r.app.outbox(ctx).Drain(ctx)
	must(r.t, err)
	got := r.post.take()
	for _, n := range got {
		r.heard[n.to] = append(r.heard[n.to], time.Now())
	}
	return got
}

// replays decides everything again from what is stored.
func (r *ring) replays() {
	r.t.Helper()
	var out bytes.Buffer
	if err := (&replayCommand{}).Run(r.t.Context(), streams{out: &out, err: &out}, r.common); err != nil {
		r.t.Errorf("replay: %v\n%s", err, out.String())
	}
}

// filesOf are the attachments of a notice.
func filesOf(t *testing.T, raw []byte) []enclosed {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	var out []enclosed
	if kind != "multipart/mixed" {
		return nil
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			return out
		}
		must(t, err)
		if p.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		must(t, err)
		out = append(out, enclosed{p.FileName(), "application/pdf", data})
	}
}

// letterText is the text part of a notice.
func letterText(t *testing.T, raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	return firstText(t, m.Body, params["boundary"])
}

func firstText(t *testing.T, body io.Reader, boundary string) string {
	p, err := multipart.NewReader(body, boundary).NextPart() // decodes quoted-printable itself
	must(t, err)
	kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
	must(t, err)
	if kind == "multipart/alternative" {
		return firstText(t, p, params["boundary"])
	}
	text, err := io.ReadAll(p)
	must(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
