package unpack

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// read is what came of one file of an archive.
type read struct {
	name string
	text string
	err  error
}

func listOf(f Format, raw []byte, b Budget) ([]Entry, []Problem, *Budget) {
	entries, problems := Files(f, bytes.NewReader(raw), int64(len(raw)), &b)
	return entries, problems, &b
}

// readFiles lists an archive and reads every file to its end.
func readFiles(f Format, raw []byte) ([]read, []string) {
	entries, problems, _ := listOf(f, raw, DefaultBudget)
	var out []read
	for _, e := range entries {
		text, err := content(e)
		out = append(out, read{e.Name, text, err})
	}
	return out, codes(problems)
}

func content(e Entry) (string, error) {
	r, err := e.Open()
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), err
}

func codes(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.Code)
	}
	return out
}

// want compares names, contents (where a name is followed by one) and codes of problems.
func want(t *testing.T, got []read, gotCodes []string, files []read, wantCodes ...string) {
	t.Helper()
	if !slices.Equal(gotCodes, wantCodes) {
		t.Errorf("problems %v, want %v", gotCodes, wantCodes)
	}
	if len(got) != len(files) {
		t.Fatalf("files %.300v, want %.300v", got, files)
	}
	for i, w := range files {
		g := got[i]
		if g.name != w.name || (w.err == nil && (g.err != nil || g.text != w.text)) || (w.err != nil && !errors.Is(g.err, w.err)) {
			t.Errorf("file %d: %q %.80q %v, want %q %.80q %v", i, g.name, g.text, g.err, w.name, w.text, w.err)
		}
	}
}

// allocated gives the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// readBounded is the property that every archive has, however hostile: listing and reading all of it ends, and gives no more than the budget.
func readBounded(t *testing.T, f Format, raw []byte) {
	b := Budget{Entries: 20, Bytes: 1 << 20, Ratio: 20, Depth: 1}
	entries, _ := Files(f, bytes.NewReader(raw), int64(len(raw)), &b)
	if len(entries) > 20 || b.Entries != 20-len(entries) {
		t.Fatalf("%d entries listed, %d left", len(entries), b.Entries)
	}
	given := int64(0)
	for _, e := range entries {
		r, err := e.Open()
		if err != nil {
			continue
		}
		n, err := io.Copy(io.Discard, r)
		if given += n; err == nil && e.Size >= 0 && n != e.Size {
			t.Fatalf("%q: %d bytes without an error, want %d", e.Name, n, e.Size)
		}
	}
	if given > 1<<20+32<<10 {
		t.Fatalf("gave %d bytes", given)
	}
}

// fixtures gives the archives of testdata that match.
func fixtures(t testing.TB, pattern string) map[string][]byte {
	paths, err := filepath.Glob(filepath.Join("testdata", "archives", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives in testdata", err)
	}
	out := map[string][]byte{}
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(p)] = raw
	}
	return out
}

// The files that the archives of testdata hold.
var (
	letter = "Số: 12/UBND-VP\n" + strings.Repeat("Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;\n", 8)
	table  = "Phụ lục/bảng.txt"
)

const letterName = "cong-van.txt"

// An archive in an archive that is a bomb, or has a password, is not called damaged.
func TestArchiveThatCannotBeReadToItsEnd(t *testing.T) {
	inner := append(writeZIP([]zipItem{stored("a", "x")}, zipLayout{}), make([]byte, 20<<20)...)
	outer := writeZIP([]zipItem{deflated(t, "a.zip", inner)}, zipLayout{})
	for _, c := range []struct {
		b    Budget
		code string
	}{{Budget{Entries: 9, Bytes: 1 << 30, Ratio: 20}, LimitRatio}, {Budget{Entries: 9, Bytes: 1 << 20, Ratio: 1 << 20}, LimitSize}} {
		entries, _ := Files(ZIP, bytes.NewReader(outer), int64(len(outer)), &c.b)
		entries, problems := Files(ZIP, Seekable(entries[0].Open, entries[0].Size), entries[0].Size, &c.b)
		if len(entries) > 1 || len(problems) != 1 || problems[0].Code != c.code {
			t.Error(entries, problems)
		}
	}
}

func TestFilesOfOtherFormats(t *testing.T) {
	got, problems := readFiles(TNEF, []byte("x"))
	want(t, got, problems, nil)
}
