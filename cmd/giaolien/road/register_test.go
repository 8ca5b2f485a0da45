package road

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/mapping/register"
)

// senders of the documents that are registered and printed.
const senders = 8

// documents delivers n mails with a document each, by eight agencies, and gives their số ký hiệu.
func (s *site) documents(n int) []string {
	s.t.Helper()
	c := s.dial(nil)
	defer c.Close()
	now := time.Now()
	var numbers []string
	for i := 0; len(numbers) < n; i++ {
		if i%agencies >= senders || i%10 == 9 { // the last of ten brings no file
			continue
		}
		at := now.Add(-time.Hour + time.Duration(i)*time.Second)
		s.append(c, mail(50, i, at), at)
		numbers = append(numbers, fmt.Sprintf("%d/S%02d-VP", i+1, i%agencies))
	}
	return numbers
}

// lines reads the register as `register list` tells it.
func (s *site) lines(args ...string) []line {
	s.t.Helper()
	var list []line
	for row := range bytes.Lines(s.run(append([]string{"register", "list", "--json"}, args...)...)) {
		var l line
		if err := json.Unmarshal(row, &l); err != nil {
			s.t.Fatal(err)
		}
		list = append(list, l)
	}
	return list
}

// line is what the tests ask of a line of the register.
type line struct {
	Number   int    `json:"number"`
	Year     int    `json:"year"`
	State    string `json:"state"`
	Record   string `json:"record"`
	Author   string `json:"author"`
	Document struct {
		SoHieu string `json:"so_hieu"`
	} `json:"document"`
	Ways []register.Way `json:"ways"`
}

// TestRegister drains a mailbox with fifty documents of eight agencies into the register, and prints it.
func TestRegister(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {}, "postgres": {postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const n = 50
			s := newSite(t, o)
			numbers := s.documents(n)
			t.Logf("drain %+v", s.drain())
			s.registered(numbers)
			s.printed(numbers)
			s.exported(numbers)
		})
	}
}

// registered asserts that every document has one line, that the lines are counted without a gap, and that eight agencies wrote them.
func (s *site) registered(numbers []string) {
	s.t.Helper()
	list := s.lines()
	of, authors := map[string]int{}, map[string]bool{}
	for i, l := range list {
		if l.Number != i+1 || l.State != "registered" {
			s.t.Errorf("line %d has the number %d and is %s", i+1, l.Number, l.State)
		}
		of[l.Document.SoHieu]++
		authors[l.Author] = true
	}
	if len(list) != len(numbers) || len(authors) != senders {
		s.t.Errorf("%d lines of %d authors, want %d of %d", len(list), len(authors), len(numbers), senders)
	}
	for _, so := range numbers {
		if of[so] != 1 {
			s.t.Errorf("%s stands %d times in the register", so, of[so])
		}
	}
	s.t.Logf("%d lines, %d authors; the first: %d, %s, %s", len(list), len(authors), list[0].Number, list[0].Author, list[0].Document.SoHieu)
}

var pageNumber = regexp.MustCompile(`Trang (\d+)/(\d+)`)

// printed asserts what a reader finds in the printed book: every document, pages that are counted, the head on each.
func (s *site) printed(numbers []string) {
	s.t.Helper()
	file := filepath.Join(s.dir, "so-den.pdf")
	s.run("register", "print", "-o", file)
	if _, err := exec.LookPath("pdftotext"); err != nil {
		cannot(s.t, "pdftotext is not installed")
	}
	out, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(out)
	pages := pageNumber.FindAllStringSubmatch(text, -1)
	for i, p := range pages {
		if total, _ := strconv.Atoi(p[2]); total != len(pages) && total != len(pages)+1 { // the cover may be counted
			s.t.Errorf("page %d says %q, and %d pages are numbered", i+1, p[0], len(pages))
		}
	}
	if heads := strings.Count(text, "Ký nhận"); len(pages) < 2 || heads < len(pages)-1 {
		s.t.Errorf("%d pages with %d heads", len(pages), heads)
	}
	for _, so := range numbers {
		if !strings.Contains(text, so) {
			s.t.Errorf("%s is not in the printed register", so)
		}
	}
	s.t.Logf("printed on %d pages", len(pages))
}

// exported asserts that the table has a line for each document.
func (s *site) exported(numbers []string) {
	s.t.Helper()
	file := filepath.Join(s.dir, "so-den.csv")
	s.run("register", "export", "--format", "csv", "-o", file)
	data, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	if len(rows) < len(numbers)+1 || len(rows[0]) != 10 {
		s.t.Errorf("%d rows of %d columns, want more than %d of 10", len(rows), len(rows[0]), len(numbers))
	}
}

// TestAxis delivers fifty documents of eight agencies to an axis of which three calls in ten fail, in every way that they can: fifty
// documents are there, none twice, each under the code of its author.
func TestAxis(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {}, "postgres": {postgres: true}} {
		t.Run(name, func(t *testing.T) {
			const n = 50
			exchange := axis.New(axis.Options{Systems: map[string]axis.System{"giaolien": {Secret: "khoa-truc", Organs: []string{"H50"}}},
				Faults: axis.Faults{Percent: 30}, Seed: 50})
			server := httptest.NewServer(exchange)
			defer server.Close()
			s := newSite(t, o)
			s.write("khoa", "khoa-truc\n")
			s.edit("from = \"vanthu", "code = \"H50\"\nfrom = \"vanthu")
			s.edit("[identity]", fmt.Sprintf("[[axis]]\nname = \"truc\"\nkind = \"vxp\"\nurl = %q\nsystem_id = \"giaolien\"\nsecret_file = \"khoa\"\n"+
				"[[target]]\nname = \"qlvb\"\nkind = \"axis\"\naxis = \"truc\"\n[identity]", server.URL))
			numbers := s.documents(n)
			until(t, "every delivery has ended", func() bool { return s.deliver() == 0 })
			s.registered(numbers)
			s.arrived(exchange, numbers)
		})
	}
}

// deliver drains, after letting go at once what rests before its next try, and counts the deliveries that are not made.
func (s *site) deliver() int {
	s.t.Helper()
	if ids := s.queued(); len(ids) > 0 {
		s.run(append([]string{"deliveries", "retry"}, ids...)...)
	}
	out, err := s.command("drain", "--json").Output() // it fails when the axis does
	var c struct {
		Deliveries map[string]int `json:"deliveries"`
	}
	if jerr := json.Unmarshal(out, &c); jerr != nil {
		s.t.Fatalf("drain: %v, %v", err, jerr)
	}
	if c.Deliveries["dead"] > 0 {
		s.t.Fatalf("deliveries %v:\n%s", c.Deliveries, s.run("deliveries", "list"))
	}
	return c.Deliveries["queued"]
}

// arrived asserts that each document came to the axis once, from its author to us.
func (s *site) arrived(exchange *axis.Axis, numbers []string) {
	s.t.Helper()
	list, from := exchange.Documents(), map[string]bool{}
	for _, d := range list {
		if d.Kind != edxml.KindEdoc || d.Times != 1 || d.To != "H50" || d.Change != edxml.New {
			s.t.Errorf("%+v: want one new document to H50", d)
		}
		from[d.From] = true
	}
	if len(list) != len(numbers) || len(from) != senders {
		s.t.Errorf("%d documents of %d agencies are on the axis, want %d of %d", len(list), len(from), len(numbers), senders)
	}
	s.t.Logf("%d documents of %d agencies; calls %v, faults %v", len(list), len(from), exchange.Calls(), exchange.Injected())
}
