// Package demo plays the whole road on one machine: an embedded IMAP server with realistic mails on both sides of a cutoff, and an SMTP
// server that catches the notices. Nothing of it listens on anything but loopback.
package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"sync"
	"text/template"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

//go:embed files
var files embed.FS

// password opens the demo's mailboxes; they live in memory and on loopback only.
const password = "giao-lien"

// Stage is the demo's world: servers, files and mails.
type Stage struct {
	Dir    string // configuration and data
	Config string // path of config.toml
	Cutoff time.Time
	Mails  []Mail

	imap *imapserver.Server
	smtp *smtp.Server

	mu     sync.Mutex
	caught [][]byte // guarded by mu
}

// Mail is one mail that the stage holds, and where.
type Mail struct {
	About, Subject, From string
	At                   time.Time
	Mailbox              string // name of the watched mailbox
	UID                  uint32
}

// Start builds the stage under dir (an empty folder) with a cutoff a quarter of an hour before now, so that the notices are fresh.
func Start(dir string, now time.Time) (*Stage, error) {
	s := &Stage{Dir: dir, Config: filepath.Join(dir, "config.toml"), Cutoff: now.Truncate(time.Minute).Add(-15 * time.Minute)}
	imapAddr, err := s.serveIMAP()
	if err != nil {
		return nil, err
	}
	smtpAddr, err := s.serveSMTP()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.writeFiles(imapAddr, smtpAddr); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops both servers.
func (s *Stage) Close() error {
	err := s.imap.Close()
	if s.smtp != nil {
		err = errors.Join(err, s.smtp.Close())
	}
	return err
}

// Caught are the notices that the SMTP server took, in order.
func (s *Stage) Caught() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.caught...)
}

func (s *Stage) serveIMAP() (*net.TCPAddr, error) {
	memory := imapmemserver.New()
	users := map[string]*imapmemserver.User{}
	for _, name := range []string{"vanthu", "tonghop"} {
		u := imapmemserver.NewUser(name+"@quangtri.example.vn", password)
		if err := u.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("make demo mailbox %s: %w", name, err)
		}
		memory.AddUser(u)
		users[name] = u
	}
	s.imap = imapserver.New(&imapserver.Options{InsecureAuth: true, Logger: log.New(io.Discard, "", 0), Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the demo's IMAP server: %w", err)
	}
	go s.imap.Serve(l) // ends with Close
	return l.Addr().(*net.TCPAddr), s.fill(users)
}

// fill delivers the letters, each as our mail server would have stored it.
func (s *Stage) fill(users map[string]*imapmemserver.User) error {
	list, err := letters(s.Cutoff)
	if err != nil {
		return err
	}
	raws := make([][]byte, len(list))
	for i, l := range list {
		if l.SameMail > 0 {
			first := list[l.SameMail-1]
			l.From, l.Subject = first.From, first.Subject
			// Another mailbox, another delivery field on top; below it the same message.
			raws[i] = append([]byte("Delivered-To: "+l.Mailbox+"@quangtri.example.vn\r\n"), raws[l.SameMail-1]...)
		} else if raws[i], err = l.bytes(i); err != nil {
			return err
		}
		if l.Mailbox == "" {
			l.Mailbox = "vanthu"
		}
		stored := l.Stored
		if stored.IsZero() {
			stored = l.At
		}
		data, err := users[l.Mailbox].Append("INBOX", literal{bytes.NewReader(raws[i])}, &imap.AppendOptions{Time: stored})
		if err != nil {
			return fmt.Errorf("deliver demo mail %d: %w", i+1, err)
		}
		s.Mails = append(s.Mails, Mail{About: l.About, Subject: l.Subject, From: l.From, At: l.At, Mailbox: l.Mailbox, UID: uint32(data.UID)})
	}
	return nil
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func (s *Stage) serveSMTP() (*net.TCPAddr, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the demo's SMTP catcher: %w", err)
	}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &catch{stage: s}, nil }))
	s.smtp.Domain = "catcher.example.vn"
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	go s.smtp.Serve(l) // ends with Close
	return l.Addr().(*net.TCPAddr), nil
}

// catch is one SMTP session of the catcher.
type catch struct{ stage *Stage }

func (c *catch) Reset()                               {}
func (c *catch) Logout() error                        { return nil }
func (c *catch) Mail(string, *smtp.MailOptions) error { return nil }
func (c *catch) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (c *catch) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.stage.mu.Lock()
	defer c.stage.mu.Unlock()
	c.stage.caught = append(c.stage.caught, b)
	return nil
}

// writeFiles fills in the configuration, the rules, the agencies and the mailbox password.
func (s *Stage) writeFiles(imapAddr, smtpAddr *net.TCPAddr) error {
	data := map[string]any{"IMAPPort": imapAddr.Port, "SMTPPort": smtpAddr.Port, "MX": mxHost, "Cutoff": local(s.Cutoff),
		"Warned": local(s.Cutoff.AddDate(0, -2, 0)), "Start": local(s.Cutoff.AddDate(0, -1, 0)), "Until": local(s.Cutoff.AddDate(0, 6, 0))}
	for _, name := range []string{"config.toml", "rules.toml", "agencies.csv"} {
		text, err := template.ParseFS(files, "files/"+name)
		if err != nil {
			return fmt.Errorf("read demo file %s: %w", name, err)
		}
		var b bytes.Buffer
		if err := text.Execute(&b, data); err != nil {
			return fmt.Errorf("fill in demo file %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(s.Dir, name), b.Bytes(), 0o600); err != nil {
			return fmt.Errorf("write demo file: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "mailbox.password"), []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("write demo password: %w", err)
	}
	return nil
}

// local is a TOML local date-time in Vietnamese time, the form in which a directive names its hours.
func local(t time.Time) string {
	return t.In(time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)).Format("2006-01-02T15:04:05")
}
