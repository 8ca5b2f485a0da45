// Package demo plays the whole road on one machine: an embedded IMAP server with realistic mails on both sides of a cutoff, an SMTP server that
// catches the notices, and a document exchange. Nothing of it listens on anything but loopback.
package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"text/template"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"

	"github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
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
	Axis   *axis.Axis // nil: without one

	imap  *imapserver.Server
	users map[string]*imapmemserver.User
	smtp  *smtp.Server
	http  *http.Server

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
func Start(dir string, now time.Time) (*Stage, error) { return start(dir, now, false) }

// StartWithAxis is Start with a document exchange, which registered documents are delivered to; their mails name their day, which a package
// must have.
func StartWithAxis(dir string, now time.Time) (*Stage, error) { return start(dir, now, true) }

func start(dir string, now time.Time, exchange bool) (*Stage, error) {
	s := &Stage{Dir: dir, Config: filepath.Join(dir, "config.toml"), Cutoff: now.Truncate(time.Minute).Add(-15 * time.Minute)}
	days := ""
	if exchange {
		days = " ngày " + day(s.Cutoff).Format("2/1/2006")
	}
	imapAddr, err := s.serveIMAP(days)
	if err != nil {
		return nil, err
	}
	ports := map[string]any{"IMAPPort": imapAddr.Port, "AxisPort": 0}
	smtpAddr, err := s.serveSMTP()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	ports["SMTPPort"] = smtpAddr.Port
	if exchange {
		axisAddr, err := s.serveAxis()
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		ports["AxisPort"] = axisAddr.Port
	}
	if err := s.writeFiles(ports); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops the servers.
func (s *Stage) Close() error {
	err := s.imap.Close()
	if s.smtp != nil {
		err = errors.Join(err, s.smtp.Close())
	}
	if s.http != nil {
		err = errors.Join(err, s.http.Close())
	}
	return err
}

// Caught are the notices that the SMTP server took, in order.
func (s *Stage) Caught() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.caught...)
}

func (s *Stage) serveIMAP(days string) (*net.TCPAddr, error) {
	memory := imapmemserver.New()
	s.users = map[string]*imapmemserver.User{}
	for _, name := range []string{"vanthu", "tonghop"} {
		u := imapmemserver.NewUser(name+"@quangtri.example.vn", password)
		if err := u.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("make demo mailbox %s: %w", name, err)
		}
		memory.AddUser(u)
		s.users[name] = u
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
	return l.Addr().(*net.TCPAddr), s.fill(days)
}

// fill delivers the letters, each as our mail server would have stored it.
func (s *Stage) fill(days string) error {
	list, err := letters(s.Cutoff, days)
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
		if err := s.put(l, raws[i]); err != nil {
			return fmt.Errorf("deliver demo mail %d: %w", i+1, err)
		}
	}
	return nil
}

// post delivers one more letter.
func (s *Stage) post(l letter) error {
	raw, err := l.bytes(len(s.Mails))
	if err != nil {
		return err
	}
	if err := s.put(l, raw); err != nil {
		return fmt.Errorf("deliver demo mail %d: %w", len(s.Mails)+1, err)
	}
	return nil
}

// put stores a letter in its mailbox.
func (s *Stage) put(l letter, raw []byte) error {
	if l.Mailbox == "" {
		l.Mailbox = "vanthu"
	}
	stored := l.Stored
	if stored.IsZero() {
		stored = l.At
	}
	data, err := s.users[l.Mailbox].Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: stored})
	if err != nil {
		return err
	}
	s.Mails = append(s.Mails, Mail{About: l.About, Subject: l.Subject, From: l.From, At: l.At, Mailbox: l.Mailbox, UID: uint32(data.UID)})
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
func (s *Stage) writeFiles(ports map[string]any) error {
	data := map[string]any{"MX": mxHost, "Own": own, "Cutoff": local(s.Cutoff), "Warned": local(s.Cutoff.AddDate(0, -2, 0)),
		"Start": local(s.Cutoff.AddDate(0, -1, 0)), "Until": local(s.Cutoff.AddDate(0, 6, 0))}
	maps.Copy(data, ports)
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
	for name, secret := range map[string]string{"mailbox.password": password, "axis.key": axisKey} {
		if err := os.WriteFile(filepath.Join(s.Dir, name), []byte(secret+"\n"), 0o600); err != nil {
			return fmt.Errorf("write demo password: %w", err)
		}
	}
	return nil
}

// local is a TOML local date-time in Vietnamese time, the form in which a directive names its hours.
func local(t time.Time) string {
	return day(t).Format("2006-01-02T15:04:05")
}
