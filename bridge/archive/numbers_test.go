package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/register"
)

func mark(receiver string, year, number int) bridge.BookMark {
	return bridge.BookMark{Receiver: receiver, Kind: register.Incoming, Year: year, Number: number}
}

func wantMarks(t testing.TB, n *Numbers, want ...bridge.BookMark) {
	t.Helper()
	got, err := n.Marks(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(x, y bridge.BookMark) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	slices.SortFunc(want, func(x, y bridge.BookMark) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
	if !reflect.DeepEqual(append([]bridge.BookMark{}, got...), append([]bridge.BookMark{}, want...)) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func appendMarks(t testing.TB, n *Numbers, marks ...bridge.BookMark) {
	t.Helper()
	if err := n.Append(context.Background(), marks); err != nil {
		t.Fatal(err)
	}
}

func TestNumbersOutlive(t *testing.T) {
	dir := t.TempDir()
	n := NewNumbers(dir)
	wantMarks(t, n)
	secret := bridge.BookMark{Receiver: "sở \"y tế\"\n", Kind: register.Secret, Year: 2026, Number: 4}
	appendMarks(t, n, mark("ubnd", 2026, 7), mark("ubnd", 2025, 900), secret)
	appendMarks(t, n, mark("ubnd", 2026, 5)) // a slower daemon comes later
	wantMarks(t, NewNumbers(dir), mark("ubnd", 2026, 7), mark("ubnd", 2025, 900), secret)
}

// Whatever a crash leaves of the last line, the lines before it count, and what is appended later does too.
func TestNumbersTorn(t *testing.T) {
	whole := numberLine(mark("ubnd", 2026, 41)) + numberLine(mark("ubnd", 2026, 42))
	first := len(numberLine(mark("ubnd", 2026, 41)))
	for cut := range len(whole) {
		dir := t.TempDir()
		file := filepath.Join(dir, numbersName)
		if err := os.WriteFile(file, []byte(whole[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		n := NewNumbers(dir)
		switch {
		case cut < first-1:
			wantMarks(t, n)
		case cut < len(whole)-1:
			wantMarks(t, n, mark("ubnd", 2026, 41))
		default: // all but the end of the line
			wantMarks(t, n, mark("ubnd", 2026, 42))
		}
		appendMarks(t, n, mark("ubnd", 2026, 43))
		wantMarks(t, NewNumbers(dir), mark("ubnd", 2026, 43))
	}
}

// Damage hides the lines that it hits, and never makes a higher number.
func TestNumbersDamaged(t *testing.T) {
	text := numberLine(mark("a", 2026, 10)) + numberLine(mark("a", 2026, 20)) + numberLine(mark("b", 2026, 30))
	rapid.Check(t, func(r *rapid.T) {
		bytes := []byte(text)
		for range rapid.IntRange(1, 3).Draw(r, "hits") {
			bytes[rapid.IntRange(0, len(bytes)-1).Draw(r, "at")] ^= byte(rapid.IntRange(1, 255).Draw(r, "flip"))
		}
		highest, err := readNumbers(strings.NewReader(string(bytes)))
		if err != nil {
			r.Fatal(err)
		}
		for book, number := range highest {
			if (book != mark("a", 2026, 0) || number != 10 && number != 20) && (book != mark("b", 2026, 0) || number != 30) {
				r.Fatalf("damage made %v %d", book, number)
			}
		}
	})
	if highest, err := readNumbers(strings.NewReader(strings.Repeat("x", 3*longestLine) + "\n" + text)); err != nil || len(highest) != 2 {
		t.Fatalf("behind a line without end: %v, %v", highest, err)
	}
}

func TestNumbersOfManyDaemons(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for d := range 6 {
		all.Go(func() {
			n := NewNumbers(dir)
			for i := range 25 {
				if err := n.Append(context.Background(), []bridge.BookMark{mark(fmt.Sprint(d), 2026, i+1), mark("all", 2026, d*100+i+1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	want := []bridge.BookMark{mark("all", 2026, 525)}
	for d := range 6 {
		want = append(want, mark(fmt.Sprint(d), 2026, 25))
	}
	wantMarks(t, NewNumbers(dir), want...)
}

// What could not be made durable is written again before anything else is said of the file.
func TestNumbersFailing(t *testing.T) {
	dir := t.TempDir()
	n := NewNumbers(dir)
	appendMarks(t, n, mark("ubnd", 2026, 1))
	n.put = func(*os.File, []byte) error { return syscall.ENOSPC }
	if err := n.Append(context.Background(), []bridge.BookMark{mark("ubnd", 2026, 2)}); !errors.Is(err, bridge.ErrNoSpace) {
		t.Fatalf("a full disk gave %v", err)
	}
	if _, err := n.Marks(context.Background()); !errors.Is(err, bridge.ErrNoSpace) {
		t.Fatalf("the numbers were read behind a failed write: %v", err)
	}
	n.put = func(f *os.File, text []byte) error { // part of it, and no end
		_, err := f.Write(text[:len(text)/2])
		return errors.Join(err, syscall.EIO)
	}
	if err := n.Append(context.Background(), []bridge.BookMark{mark("ubnd", 2026, 3)}); err == nil {
		t.Fatal("half a line was taken for durable")
	}
	wantMarks(t, NewNumbers(dir), mark("ubnd", 2026, 2))
	n.put = putSynced
	wantMarks(t, n, mark("ubnd", 2026, 3))
	wantMarks(t, NewNumbers(dir), mark("ubnd", 2026, 3))
	if err := NewNumbers(filepath.Join(dir, "gone")).Append(context.Background(), []bridge.BookMark{mark("a", 2026, 1)}); err == nil {
		t.Fatal("a missing folder took a number")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := n.Append(ended, []bridge.BookMark{mark("a", 2026, 1)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended, it gave %v", err)
	}
}

// Who asks again reads only what was added, whoever added it; a torn line is looked at again when it is whole, and a file that was put in the
// place of the old one is read from its beginning.
func TestNumbersAskedAgain(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, numbersName)
	one, other := NewNumbers(dir), NewNumbers(dir)
	appendMarks(t, one, mark("ubnd", 2026, 1))
	wantMarks(t, other, mark("ubnd", 2026, 1))
	appendMarks(t, one, mark("ubnd", 2026, 2), mark("snv", 2026, 1))
	wantMarks(t, other, mark("ubnd", 2026, 2), mark("snv", 2026, 1))
	line := numberLine(mark("ubnd", 2026, 3))
	for cut := range line {
		whole := numberLine(mark("ubnd", 2026, 1)) + numberLine(mark("ubnd", 2026, 2)) + numberLine(mark("snv", 2026, 1))
		if err := os.WriteFile(file, []byte(whole+line[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		want := 2
		if cut == len(line)-1 { // all but its end
			want = 3
		}
		wantMarks(t, other, mark("ubnd", 2026, want), mark("snv", 2026, 1))
	}
	appendMarks(t, other, mark("ubnd", 2026, 4))
	wantMarks(t, other, mark("ubnd", 2026, 4), mark("snv", 2026, 1))
	if err := os.WriteFile(file, []byte(numberLine(mark("ubnd", 2026, 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	wantMarks(t, other, mark("ubnd", 2026, 1))
}
