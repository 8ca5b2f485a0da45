package road

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	_ "modernc.org/sqlite"
)

// relay stands between the program and the IMAP server and keeps what each of them said.
type relay struct {
	addr string
	mu   sync.Mutex
	said [2]bytes.Buffer // by the program, by the server
}

func newRelay(t testing.TB, server string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &relay{addr: l.Addr().String()}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := net.Dial("tcp", server)
			if err != nil {
				c.Close()
				continue
			}
			go p.pass(s, c, 0)
			go p.pass(c, s, 1)
		}
	}()
	return p
}

func (p *relay) pass(to, from net.Conn, who int) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		p.said[who].Write(buf[:n])
		p.mu.Unlock()
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return // an end, or an error that the program will see too
		}
	}
}

// clear forgets what was said and gives it.
func (p *relay) clear() (program, server string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	program, server = p.said[0].String(), p.said[1].String()
	p.said[0].Reset()
	p.said[1].Reset()
	return program, server
}

// TestScreenHeadersFirst: of mail whose header bears a mark no byte of the body leaves the server, and of its header no word is anywhere but in
// the raw block; cleared, it is fetched whole and registered.
func TestScreenHeadersFirst(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, o)
			p := newRelay(t, s.imap)
			_, port, _ := net.SplitHostPort(p.addr)
			_, old, _ := net.SplitHostPort(s.imap)
			s.edit("host = \"127.0.0.1\"\nport = "+old, "host = \"127.0.0.1\"\nport = "+port)
			s.edit("[notices]", "[intake]\nscreen_headers_first = true\n[notices]\nneutral = true")
			s.edit("level = \"warn\"", "level = \"debug\"")

			at := time.Now().Add(-time.Hour)
			c := s.dial(nil)
			defer c.Close()
			plain := mail(71, 0, at)
			s.append(c, plain, at)
			secret := markedMail(mail(71, 1, at))
			s.append(c, secret, at)

			cmd := s.command("drain", "--json")
			var out, log bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &log
			if err := cmd.Run(); err != nil {
				t.Fatalf("drain: %v\n%s", err, log.String())
			}
			var got counts
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Fetched != 2 || got.UIDs["quarantined"] != 1 || got.UIDs["registered"] != 1 {
				t.Fatalf("drained %+v", got)
			}
			program, server := p.clear()
			if !strings.Contains(program, "BODY.PEEK[HEADER]") || strings.Contains(server, "CANARYBODY") {
				t.Error("a body of marked mail crossed the wire, or no header was asked for")
			}
			for _, line := range strings.Split(program, "\r\n") {
				if strings.Contains(line, "BODY.PEEK[]") && !regexp.MustCompile(`UID FETCH 1 `).MatchString(line) {
					t.Errorf("asked for %q", line)
				}
			}
			untouched(t, s, 2)
			leavesNoWord(t, s, log.String()+out.String())

			id := one(t, s, "SELECT id FROM receipts WHERE state = 'quarantined'")
			if said := string(s.run("explain", id)); !strings.Contains(said, "chỉ phần đầu thư") || strings.Contains(said, "CANARY") {
				t.Errorf("explained as %s", said)
			}
			if said := string(s.run("clear", id, "--reason", "ghi nhầm", "--by", "hoa")); !strings.Contains(said, "held") || !strings.Contains(said, "headers-only") {
				t.Errorf("cleared: %s", said)
			}
			for _, verb := range []string{"release", "accept"} { // no word of a person registers a header
				if said := string(s.run(verb, id, "--reason", "gấp", "--by", "hoa")); !strings.Contains(said, "headers-only") {
					t.Errorf("%s: %s", verb, said)
				}
			}
			got = s.drain()
			if _, server := p.clear(); got.Fetched != 1 || got.UIDs["quarantined"] != 0 || got.UIDs["registered"] != 2 || strings.Count(server, "CANARYBODY") != 1 {
				t.Errorf("after the clearing drained %+v", got)
			}
			if said := string(s.run("explain", id)); strings.Contains(said, "chỉ phần đầu thư") || !strings.Contains(said, "registered") {
				t.Errorf("explained as %s", said)
			}
			if n := one(t, s, "SELECT count(*) FROM receipts"); n != "2" {
				t.Errorf("%s receipts of two mails", n)
			}
		})
	}
}

// markedMail puts a mark and canary words into a mail of the generator.
func markedMail(raw []byte) []byte {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	subject := mime.QEncoding.Encode("utf-8", "[TỐI MẬT] Công văn số 99/S01-VP về việc CANARYSUBJECT")
	head = regexp.MustCompile(`(?m)^Subject: [^\r]*(\r\n [^\r]*)*`).ReplaceAll(head, []byte("Subject: "+subject))
	body = bytes.Replace(body, []byte("\r\n\r\n"), []byte("\r\nX-Canary: CANARYBODY\r\n\r\n"), 1)
	return append(append(head, "\r\n\r\n"...), body...)
}

// untouched checks the flags of a message.
func untouched(t *testing.T, s *site, uid imap.UID) {
	t.Helper()
	c := s.dial(nil)
	defer c.Close()
	if _, err := c.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
		t.Fatal(err)
	}
	list, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, Flags: true}).Collect()
	if err != nil || len(list) != 1 {
		t.Fatalf("message %d: %v, %v", uid, list, err)
	}
	for _, f := range list[0].Flags {
		if f != `\Recent` {
			t.Errorf("message %d has flag %s", uid, f)
		}
	}
}

// leavesNoWord looks for the canary words in what was said, in every notice, and in every row of every table.
func leavesNoWord(t *testing.T, s *site, said string) {
	t.Helper()
	s.catcher.mu.Lock()
	for _, raw := range s.catcher.text {
		said += string(raw)
	}
	s.catcher.mu.Unlock()
	rows := everyRow(t, s)
	if !strings.Contains(rows, "quarantined") {
		t.Error("the rows do not tell of the quarantine: nothing was looked at")
	}
	said += rows
	for _, word := range []string{"CANARY", "99/S01"} {
		if strings.Contains(said, word) {
			t.Errorf("%q stands outside the raw block", word)
		}
	}
	if s.database != "" {
		return
	}
	// The pages of SQLite hold what a query would not show.
	err := filepath.WalkDir(filepath.Join(s.dir, "data"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(filepath.Base(path), ".db") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		page, err := io.ReadAll(f)
		if bytes.Contains(page, []byte("CANARY")) {
			t.Errorf("%s holds a canary", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// database opens what the site keeps its books in.
func database(t *testing.T, s *site) *sql.DB {
	t.Helper()
	driver, name := "postgres", s.database
	if name == "" {
		found, err := filepath.Glob(filepath.Join(s.dir, "data", "*.db"))
		if err != nil || len(found) != 1 {
			t.Fatalf("databases %v, %v", found, err)
		}
		driver, name = "sqlite", "file:"+found[0]+"?mode=ro"
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// one gives a single value.
func one(t *testing.T, s *site, query string) (text string) {
	t.Helper()
	db := database(t, s)
	defer db.Close()
	if err := db.QueryRow(query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// everyRow writes out all tables.
func everyRow(t *testing.T, s *site) string {
	t.Helper()
	db := database(t, s)
	defer db.Close()
	query := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if s.database != "" {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
	}
	var b strings.Builder
	for _, name := range values(t, db, query) {
		fmt.Fprintf(&b, "\n%s: %s", name, strings.Join(values(t, db, "SELECT * FROM "+name), "|"))
	}
	return b.String()
}

// values gives all values that a query finds, as text.
func values(t *testing.T, db *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, at := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			out = append(out, c.String)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
