package road

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-message"
	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// office is a site whose notices go through Postfix into the senders' mailboxes, and whose senders are proved by their DKIM signatures, with a
// name server of the test. Everybody in it has a domain below zone, so that no two tests meet in a mailbox.
type office struct {
	*site
	zone string
	key  ed25519.PrivateKey // of every domain, under the selector "s"
}

// listedRelay is a host of another authority on the way to us.
const listedRelay = "chuyentiep.example.vn"

// offices of the tests: id, code, name, account since (days before now; 0: none), level, local part of the address.
var offices = []struct {
	id, code, name string
	ready          int
	level, local   string
}{
	{"snv", "H50.01", "Sở Nội vụ", 900, "province", "vanthu"},
	{"stc", "H50.02", "Sở Tài chính", 10, "province", "vanthu"},
	{"sct", "H50.03", "Sở Công Thương", 0, "province", "vanthu"},
	{"stp", "H50.04", "Sở Tư pháp", 900, "province", "vanthu"},
	{"sgd", "H50.05", "Sở Giáo dục và Đào tạo", 900, "province", "vanthu"},
	{"syt", "H50.06", "Sở Y tế", 900, "province", "vanthu"},
	{"sld", "H50.07", "Sở Lao động", 900, "province", "vanthu"},
	{"sxd", "H50.08", "Sở Xây dựng", 900, "province", "khong-co"},
	{"dan", "", "Nguyễn Văn An", 0, "citizen", "an"},
}

// newOffice makes the site; rules are those in force from its first start.
func newOffice(t testing.TB, o options, rules string) *office {
	t.Helper()
	submission := need(t, "GIAOLIEN_TEST_POSTFIX")
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &office{site: newSite(t, o), zone: "qt-" + token() + ".example.vn", key: key}
	user := s.user
	s.user = "vanthu@ubnd." + s.zone
	host, port, err := net.SplitHostPort(submission)
	if err != nil {
		t.Fatal(err)
	}
	_, caught, err := net.SplitHostPort(s.catcher.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.edit(fmt.Sprintf("user = %q", user), fmt.Sprintf("user = %q", s.user), `from = "vanthu@quangtri.example.vn"`, fmt.Sprintf("code = \"H50\"\nfrom = %q", s.user),
		"[identity]\n", fmt.Sprintf("[[axis]]\nname = \"truc\"\nkind = \"folder\"\nfolder = \"vao\"\nstart = 2020-01-01\npoll = \"5s\"\n[identity]\nrelays = [%q]\nresolvers = [%q]\n", listedRelay, s.names()),
		fmt.Sprintf("host = \"127.0.0.1\"\nport = %s\ntls", caught), fmt.Sprintf("host = %q\nport = %s\ntls", host, port))
	if err := os.Mkdir(filepath.Join(s.dir, "vao"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("rules.toml", rules)
	var b strings.Builder
	b.WriteString("id,code,name,short_name,level,groups,addresses,ready_since,valid_from,contact\n")
	for _, a := range offices {
		ready, group := "", "so-nganh"
		if a.ready > 0 {
			ready = time.Now().AddDate(0, 0, -a.ready).Format("2006-01-02")
		}
		if a.level == "citizen" {
			group = ""
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s,2019-01-01,Tổ hỗ trợ\n", a.id, a.code, a.name, strings.ToUpper(a.id), a.level, group, s.address(a.id), ready)
	}
	s.write("agencies.csv", b.String())
	return s
}

func (s *office) domain(id string) string { return id + "." + s.zone }

// address is the official address of an office.
func (s *office) address(id string) string {
	for _, a := range offices {
		if a.id == id {
			return a.local + "@" + s.domain(id)
		}
	}
	s.t.Fatalf("there is no office %s", id)
	return ""
}

// names starts a name server that knows the offices' keys, and that no host may send for them without one.
func (s *office) names() string {
	s.t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(s.key.Public().(ed25519.PublicKey))
	known := map[string]string{"s._domainkey.ke-gia.example.": record}
	for _, a := range offices {
		known["s._domainkey."+s.domain(a.id)+"."] = record
		known[s.domain(a.id)+"."] = "v=spf1 -all"
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return // closed
			}
			if out, ok := answer(b[:n], known); ok {
				_, _ = conn.WriteTo(out, from) // who does not hear it asks again
			}
		}
	}()
	s.t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return conn.LocalAddr().String()
}

// answer answers one question out of a table of texts.
func answer(question []byte, known map[string]string) ([]byte, bool) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil, false
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	text, ok := known[strings.ToLower(q.Name.String())]
	if !ok {
		m.RCode = dnsmessage.RCodeNameError
	} else if q.Type == dnsmessage.TypeTXT {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: &dnsmessage.TXTResource{TXT: []string{text}}}}
	}
	out, err := m.Pack()
	return out, err == nil
}

// post is one mail: who wrote what, and when and how it came.
type post struct {
	show    string // what it shows
	from    string // id of the office in From
	so      string // số ký hiệu
	subject string // empty: a Công văn with that number
	at      time.Time
	stored  time.Time // INTERNALDATE, where it is not that of our own host
	relayed time.Time // when a listed relay took it
	signer  string    // domain of the DKIM signature; empty: that of From; "-": none
	want    want
}

// want is what is to become of it. notice is the kind that its sender gets, empty: none.
type want struct{ state, reason, verdict, notice string }

// scanned is the file of a document: the same number gives the same bytes.
func scanned(so string) []byte { return textPDF("Số: " + so) }

func (s *office) subjectOf(p post) string {
	if p.subject != "" {
		return p.subject
	}
	return fmt.Sprintf("Công văn số %s ngày %s về việc rà soát thủ tục hành chính", p.so, p.at.In(vietnam).Format("2/1/2006"))
}

var vietnam = time.FixedZone("+07", 7*3600)

// raw writes the mail as our mail server stored it. Its Date is years away: nobody may ask it.
func (s *office) raw(p post) []byte {
	s.t.Helper()
	domain, name := s.domain(p.from), strings.ReplaceAll(p.so, "/", "_")+".pdf"
	var mail bytes.Buffer
	fmt.Fprintf(&mail, "From: =?utf-8?q?V=C4=83n_th=C6=B0?= <%s>\r\nTo: %s\r\nSubject: %s\r\nDate: Wed, 02 Jan 2019 08:00:00 +0700\r\n", s.address(p.from), s.user,
		strings.ReplaceAll(mime.BEncoding.Encode("utf-8", s.subjectOf(p)), "?= =?", "?=\r\n =?"))
	fmt.Fprintf(&mail, "Message-ID: <%s>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n", s.idOf(p))
	mail.WriteString("--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	base64Lines(&mail, []byte("Kính gửi: Ủy ban nhân dân tỉnh\r\n\r\n"+sentences[0]+"\r\n"))
	fmt.Fprintf(&mail, "\r\n--b\r\nContent-Type: application/pdf; name=\"%s\"\r\nContent-Disposition: attachment; filename=\"%[1]s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", name)
	base64Lines(&mail, scanned(p.so))
	mail.WriteString("--b--\r\n")
	signed := mail.Bytes()
	if p.signer != "-" {
		signed = s.sign(signed, orElse(p.signer, domain))
	}
	var trace bytes.Buffer
	fmt.Fprintf(&trace, "Return-Path: <%s>\r\n", s.address(p.from))
	client := "mail." + domain
	if !p.relayed.IsZero() {
		client = listedRelay
	}
	fmt.Fprintf(&trace, "Received: from %s (%[1]s [192.0.2.25])\r\n\tby %s (Postfix) with ESMTPS id 1\r\n\tfor <%s>; %s\r\n", client, mx, s.user, p.at.In(vietnam).Format(time.RFC1123Z))
	if !p.relayed.IsZero() {
		fmt.Fprintf(&trace, "Received: from mail.%s (mail.%[1]s [192.0.2.26])\r\n\tby %s with ESMTPS id 2; %s\r\n", domain, listedRelay, p.relayed.In(vietnam).Format(time.RFC1123Z))
	}
	return append(trace.Bytes(), signed...)
}

func (s *office) idOf(p post) string {
	return fmt.Sprintf("%d.%s@%s", p.at.Unix(), strings.ReplaceAll(p.so, "/", "-"), s.domain(p.from))
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (s *office) sign(mail []byte, domain string) []byte {
	s.t.Helper()
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: s.key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
		HeaderKeys: []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Reply-To"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Bytes()
}

// deliver puts a mail into our mailbox and gives its UID.
func (s *office) deliver(p post) imap.UID {
	s.t.Helper()
	c := s.dial(nil)
	defer c.Close()
	at := p.stored
	if at.IsZero() {
		at = p.at
	}
	raw := s.raw(p)
	cmd := c.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: at})
	if _, err := cmd.Write(raw); err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Close(); err != nil {
		s.t.Fatal(err)
	}
	done, err := cmd.Wait()
	if err != nil || done.UID == 0 {
		s.t.Fatalf("append: UID %d, %v", done.UID, err)
	}
	return done.UID
}

// overTheAxis puts a document of an office where packages of the axis are taken from.
func (s *office) overTheAxis(from, so string, at time.Time) {
	s.t.Helper()
	number, notation, _ := strings.Cut(so, "/")
	file := scanned(so)
	for _, a := range offices {
		if a.id != from {
			continue
		}
		e := edxml.Edoc{From: edxml.Organ{ID: a.code, Name: a.name}, To: []edxml.Organ{{ID: "H50", Name: "Văn phòng thử nghiệm"}}, DocumentID: a.code + "." + so, Number: number, Notation: notation,
			Place: "Quảng Trị", Date: at.In(vietnam).Format("2006-01-02"), Type: edxml.DocumentType{Number: 2, Detail: 18, Name: "Công văn"}, Subject: "Về việc rà soát thủ tục hành chính",
			Trace: []edxml.Hop{{OrganID: a.code, At: at}}, Files: []edxml.File{{ContentID: "1", Name: "a.pdf", Type: "application/pdf", Size: int64(len(file))}}}
		var b bytes.Buffer
		if err := edxml.Encode(&b, e, func(int) (io.Reader, error) { return bytes.NewReader(file), nil }); err != nil {
			s.t.Fatal(err)
		}
		name := strings.ReplaceAll(so, "/", "-")
		s.write(filepath.Join("vao", name+".part"), b.String())
		if err := os.Rename(filepath.Join(s.dir, "vao", name+".part"), filepath.Join(s.dir, "vao", name+".edxml")); err != nil {
			s.t.Fatal(err)
		}
	}
}

// inBox are the messages in the mailbox of an address, as Dovecot keeps them.
func (s *office) inBox(address string) []*message.Entity {
	s.t.Helper()
	c, err := imapclient.DialInsecure(s.imap, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login(address, s.password).Wait(); err != nil {
		s.t.Fatal(err)
	}
	box, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil || box.NumMessages == 0 {
		if err != nil {
			s.t.Fatal(err)
		}
		return nil
	}
	section := &imap.FetchItemBodySection{Peek: true}
	list, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		s.t.Fatal(err)
	}
	var out []*message.Entity
	for _, m := range list {
		e, err := message.Read(bytes.NewReader(m.FindBodySection(section)))
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// delivered counts what lies in the mailboxes of all offices.
func (s *office) delivered() (n int) {
	for _, a := range offices {
		n += len(s.inBox(s.address(a.id)))
	}
	return n
}
