package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
)

// withoutIdle takes the word IDLE out of what a server says about itself; go-imap's cannot be told to.
type withoutIdle struct{ net.Listener }

func (l withoutIdle) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return silentConn{c}, err
}

type silentConn struct{ net.Conn }

func (c silentConn) Write(p []byte) (int, error) {
	if _, err := c.Conn.Write(bytes.ReplaceAll(p, []byte(" IDLE"), nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// A server without IDLE is worth knowing and no fault: polling does without. Everything else that a check of a mailbox finds is one.
func TestCheckMailboxWithoutIdle(t *testing.T) {
	user := imapmemserver.NewUser("vanthu", "mat-khau")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	server := imapserver.New(&imapserver.Options{InsecureAuth: true, Logger: log.New(io.Discard, "", 0), Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(withoutIdle{l}) // ends with Close
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("mat-khau\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := config.DefaultMailbox()
	m.Name, m.Receiver, m.Host, m.Port, m.TLS, m.User, m.PasswordFile = "vanthu", "ubnd", "127.0.0.1", l.Addr().(*net.TCPAddr).Port, config.Plain, "vanthu", secret
	m.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	look := func() (string, bool) {
		var out strings.Builder
		c := &checking{out: &out}
		c.mailboxes(t.Context(), config.Config{Mailboxes: []config.Mailbox{m}})
		return out.String(), c.failed
	}

	if out, failed := look(); failed || !strings.Contains(out, "ok    mailbox vanthu\n") || !strings.Contains(out, "note  mailbox vanthu: ") || !strings.Contains(out, "IDLE") {
		t.Errorf("without IDLE: failed %v\n%s", failed, out)
	}
	m.Folders = []string{"Công văn"}
	if out, failed := look(); !failed || !strings.Contains(out, "FAIL  mailbox vanthu: ") || !strings.Contains(out, "Công văn") {
		t.Errorf("with a folder that is not there: failed %v\n%s", failed, out)
	}
}

// Marked mail that is left on the server is not moved, and who configured a folder for it should know.
func TestCheckScreening(t *testing.T) {
	m := config.DefaultMailbox()
	m.Name, m.After, m.Quarantined = "vanthu", config.AfterMove, "Cach ly"
	for on, want := range map[bool]int{true: 1, false: 0} {
		var out strings.Builder
		(&checking{out: &out}).screening(config.Config{Intake: config.Intake{ScreenHeadersFirst: on}, Mailboxes: []config.Mailbox{m, config.DefaultMailbox()}})
		if got := strings.Count(out.String(), "note  "); got != want || want == 1 && !strings.Contains(out.String(), "Cach ly") {
			t.Errorf("screening %v: %q", on, out.String())
		}
	}
}

// Tools that are missing are notes with their remedy and never a fault; so is reading that is turned off.
func TestCheckReading(t *testing.T) {
	on := config.Default().Reading
	off, pure := on, on
	off.Enabled, pure.OCR = false, false
	nowhere := readerOptions(on)
	nowhere.Paths = without()
	pureNowhere := readerOptions(pure)
	pureNowhere.Paths = without()
	for _, c := range []struct {
		name       string
		look       func(*checking)
		want, lack []string
	}{
		{"turned off", func(c *checking) { c.reading(t.Context(), off) }, []string{"note  [reading] enabled = false"}, []string{"pdftotext", "walls"}},
		{"nothing installed", func(c *checking) { c.readingWith(t.Context(), on, nowhere) },
			[]string{"note  pdftotext ", "note  pdfinfo ", "note  pdftoppm ", "note  tesseract ", "scans and pictures are listed without their text",
				"apt-get install poppler-utils tesseract-ocr tesseract-ocr-vie;"}, []string{"ok    pdftotext"}},
		{"no OCR wanted", func(c *checking) { c.readingWith(t.Context(), pure, pureNowhere) },
			[]string{"note  pdftotext ", "note  [reading] ocr = false", "apt-get install poppler-utils;"}, []string{"tesseract", "pdftoppm"}},
		{"no wall at all", func(c *checking) { c.walls(evidence.Walls{}) }, []string{"note  no tool is run here"}, []string{"ok"}},
		{"without Landlock", func(c *checking) { c.walls(evidence.Walls{Namespaces: true, Seccomp: true}) },
			[]string{"ok    walls around the tools: namespaces, seccomp", "note  the kernel has no Landlock"}, []string{"filter"}},
		{"all walls", func(c *checking) {
			c.walls(evidence.Walls{Namespaces: true, Landlock: 3, Seccomp: true, NoPrivs: true})
		},
			[]string{"ok    walls around the tools: namespaces, Landlock 3, seccomp, no privileges"}, []string{"note"}},
		{"not installed", func(c *checking) {
			c.tool(evidence.Program{Name: "tesseract", Why: "not installed: install tesseract-ocr and tesseract-ocr-vie"}, on)
		}, []string{"note  tesseract not installed: install tesseract-ocr and tesseract-ocr-vie; until then scans"}, nil},
		{"installed", func(c *checking) { c.tool(evidence.Program{Name: "tesseract", Version: "5.3.0", Usable: true}, on) },
			[]string{"ok    tesseract 5.3.0, language vie"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			k := &checking{out: &out}
			c.look(k)
			if k.failed {
				t.Error("it counts as a fault")
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("%q is not in\n%s", w, out.String())
				}
			}
			for _, l := range c.lack {
				if strings.Contains(out.String(), l) {
					t.Errorf("%q is in\n%s", l, out.String())
				}
			}
		})
	}
}
