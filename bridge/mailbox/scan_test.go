package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge"
)

func newScanner(bodies int64) *scanner {
	s := &scanner{}
	s.bodies.Store(bodies)
	s.other.Store(maxOther)
	return s
}

func TestScanner(t *testing.T) {
	body := "* 1 FETCH (UID 1 BODY[] {10}\r\n(((\"\n(((((b FLAGS ())\r\n"
	long := strings.Repeat("a", maxResponse)
	deep := strings.Repeat("(", maxDepth+1)
	tests := map[string]struct {
		in   string
		want error
	}{
		"a session":                        {"* OK [CAPABILITY IMAP4rev1] it's \"ready (\r\n* 3 EXISTS\r\nT1 OK [READ-ONLY] done\r\n+ idling\r\n", nil},
		"a body":                           {body + body, nil},
		"a third body is too much":         {body + body + body, errLiteral},
		"body in lower case":               {"* 1 fetch (body[] {20}\r\n", nil},
		"body of another section":          {"* 1 FETCH (BODY[HEADER] {70000}\r\n", errLiteral},
		"small literal":                    {"* LIST () \"/\" {5}\r\n((((( extra\r\n", nil},
		"large literal":                    {"* LIST () \"/\" {70000}\r\n", errLiteral},
		"huge literal":                     {"* LIST () \"/\" {99999999999999999999}\r\n", errLiteral},
		"literal with leading zeros":       {"* LIST () \"/\" {" + strings.Repeat("0", 60) + "9}\r\n", errLiteral},
		"literal before a lone line feed":  {"* LIST () \"/\" {70000}\n", errLiteral},
		"literal before a blank":           {"* LIST () \"/\" {70000} \r\n", errLiteral},
		"no literal in text":               {"* OK see {70000}\r\n* NO {70000}\r\nT1 BAD {70000}\r\n+ {70000}\r\n", nil},
		"numbered text":                    {"* 5 OK see {70000}\r\n", nil},
		"no literal in a quoted string":    {"* LIST () \"/\" \"{70000}\"\r\n", nil},
		"escaped quote":                    {"* LIST () \"/\" \"a\\\"(((\"\r\n", nil},
		"quoted line end":                  {"* LIST () \"/\" \"a\r\nBODY[] {10}\r\n", errQuoted},
		"quoted line feed":                 {"* LIST () \"/\" \"a\n", errQuoted},
		"escaped line end":                 {"* LIST () \"/\" \"a\\\r\n", errQuoted},
		"open code":                        {"* OK [X a\r\n* 1 FETCH (BODY[] {10}\r\n", errCode},
		"open code of a tag":               {"T1 OK [X a\r\n", errCode},
		"bracket in text is no code":       {"* OK it is [so\r\n+ [what\r\n", nil},
		"long line":                        {"* OK " + long, errLong},
		"long tag":                         {long + "aa", errLong},
		"long response in pieces":          {"* LIST () \"/\" {40000}\r\n" + long[:40000] + long[:30000], errLong},
		"deep":                             {"* 1 FETCH (BODYSTRUCTURE " + deep, errDeep},
		"deep in two responses":            {"* 1 FETCH " + deep[:150] + "\r\n* 1 FETCH " + deep[:150] + "\r\n", nil},
		"parentheses in text":              {"* OK " + deep + "\r\n", nil},
		"much":                             {strings.Repeat("* 1 EXISTS\r\n", maxOther/12+1), errMuch},
		"bodies do not count":              {"* 1 FETCH (BODY[] {20}\r\n" + strings.Repeat("\n", 20) + ")\r\n", nil},
		"empty lines":                      {"\r\n\n* \r\n*\r\n", nil},
		"unknown response with a literal":  {"* XFOO {70000}\r\n", errLiteral},
		"star in the middle of a response": {"* LIST (\\*) \"*\" *\r\n", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, step := range []int{1, 7, len(tt.in)} {
				s := newScanner(20)
				var err error
				for rest := []byte(tt.in); len(rest) > 0 && err == nil; {
					n := min(step, len(rest))
					err = s.feed(rest[:n])
					rest = rest[n:]
				}
				if !errors.Is(err, tt.want) {
					t.Errorf("%d bytes at a time: %v, want %v", step, err, tt.want)
				}
			}
		})
	}
}

// FuzzScannerAgreesWithLibrary gives the same bytes to the library, behind a guard: where a body is read, both must mean the same one,
// and whatever comes, the library must end.
func FuzzScannerAgreesWithLibrary(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 1 BODY[] {5}\r\nabcde FLAGS ())\r\nT2 OK done\r\n"))
	f.Add([]byte("* LIST () \"/\" \"a\r\nBODY[] {10}\r\n"))
	f.Add([]byte("* OK [X \r\n* 1 FETCH (BODY[] {5}]\r\n"))
	f.Add([]byte("* 1 FETCH (BODYSTRUCTURE ((((\"a\" {3}\r\nabc"))
	f.Fuzz(func(t *testing.T, in []byte) {
		conn := &recorded{in: bytes.NewReader(append([]byte("* OK [CAPABILITY IMAP4rev1] hello\r\n"), in...))}
		g := newGuard(conn, conn, time.Hour, time.Hour)
		g.scan.bodies.Store(1 << 20)
		before := g.scan.bodies.Load()
		c := imapclient.New(g, nil)
		cmd := c.Fetch(imap.UIDSetNum(1), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		var read int64
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			for item := msg.Next(); item != nil; item = msg.Next() {
				if body, ok := item.(imapclient.FetchItemDataBodySection); ok && body.Literal != nil {
					n, _ := io.Copy(io.Discard, body.Literal)
					read += n
				}
			}
		}
		_ = cmd.Close()
		_ = c.Close()
		// Everything that the library reads as a body beyond a line's length was announced to the scanner as one.
		if lent := before - g.scan.bodies.Load(); read > lent+maxResponse {
			t.Errorf("library reads %d bytes of bodies, the guard saw %d", read, lent)
		}
	})
}

// recorded is a connection that plays back.
type recorded struct {
	in     *bytes.Reader
	closed atomic.Bool
}

func (r *recorded) Write(p []byte) (int, error) {
	if r.closed.Load() {
		return 0, net.ErrClosed
	}
	return len(p), nil
}
func (r *recorded) Read(p []byte) (int, error)       { return r.in.Read(p) }
func (r *recorded) Close() error                     { r.closed.Store(true); return nil }
func (r *recorded) LocalAddr() net.Addr              { return nil }
func (r *recorded) RemoteAddr() net.Addr             { return nil }
func (r *recorded) SetDeadline(time.Time) error      { return nil }
func (r *recorded) SetReadDeadline(time.Time) error  { return nil }
func (r *recorded) SetWriteDeadline(time.Time) error { return nil }

// TestRanges compares the arithmetic with sets of numbers.
func TestRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) ([]bridge.UIDRange, map[uint32]bool) {
			in := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) bridge.UIDRange {
				from := rapid.Uint32Range(0, 60).Draw(t, "from")
				return bridge.UIDRange{From: from, To: from + rapid.Uint32Range(0, 9).Draw(t, "more")}
			}), 0, 8).Draw(t, name)
			set := map[uint32]bool{}
			for _, r := range in {
				for u := r.From; r.From > 0 && u <= r.To; u++ {
					set[u] = true
				}
			}
			return in, set
		}
		x, inX := draw("x")
		y, inY := draw("y")
		a, b := makeRanges(x), makeRanges(y)
		minus, plus := a.minus(b), a.plus(b)
		for u := range uint32(80) {
			if minus.contains(u) != (inX[u] && !inY[u]) || plus.contains(u) != (inX[u] || inY[u]) || a.from(30).contains(u) != (inX[u] && u >= 30) {
				t.Fatalf("%v, %v at %d: minus %v, plus %v", a, b, u, minus, plus)
			}
		}
		if a.count() != uint64(len(inX)) {
			t.Fatalf("%v counts %d", a, a.count())
		}
		var listed []uint32
		for chunk := range a.chunks(3) {
			if len(chunk) > 3 {
				t.Fatalf("chunk of %d", len(chunk))
			}
			listed = append(listed, chunk...)
		}
		if len(listed) != len(inX) || !slices.IsSorted(listed) {
			t.Fatalf("%v gives %v", a, listed)
		}
		for i := 1; i < len(minus); i++ {
			if minus[i-1].To+1 >= minus[i].From {
				t.Fatalf("%v is not in its shortest form", minus)
			}
		}
	})
}

func TestRangesAtTheEnd(t *testing.T) {
	all := makeRanges([]bridge.UIDRange{{From: 1, To: math.MaxUint32}, {From: 5, To: 9}})
	if fmt.Sprint(all) != "[{1 4294967295}]" || all.count() != math.MaxUint32 || after(all) != math.MaxUint32 {
		t.Errorf("%v counts %d", all, all.count())
	}
	last := single(math.MaxUint32)
	for chunk := range last.chunks(2) {
		if len(chunk) != 1 {
			t.Errorf("%v", chunk)
		}
	}
	if got := all.minus(last); fmt.Sprint(got) != "[{1 4294967294}]" {
		t.Errorf("%v", got)
	}
	if _, ok := fromSet(imap.UIDSet{{Start: 5, Stop: 0}}); ok {
		t.Error("took an open range")
	}
}
