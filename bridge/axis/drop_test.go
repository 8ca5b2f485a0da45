package axis

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFileThatCannotBeMoved: it is taken once, is told, and holds up no other; no name of a file gets into the log.
func TestFileThatCannotBeMoved(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	write := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	drop := func() (Counts, error) {
		d, err := NewDrop(DropOptions{Name: "thumuc", Folder: dir, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Settle: time.Nanosecond, Spool: t.TempDir()}, h.deps("one"))
		if err != nil {
			t.Fatal(err)
		}
		return d.Drain(t.Context())
	}
	long := "dai" + strings.Repeat("ộ", 82) + ".edxml"       // 255 bytes
	for n, name := range []string{long, "mot.edxml", long} { // the third lies beside the first in done/
		write(name, parcel(t, string(rune('1'+n)), ours, "x"))
		if got, err := drop(); err != nil || got.Accepted != 1 || got.Left != 0 {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, doneFolder)); err != nil {
		t.Fatal(err)
	}
	write(doneFolder, nil) // nothing can be moved there
	write("an.edxml", parcel(t, "4", ours, "x"))
	write("binh.edxml", parcel(t, "5", ours, "x"))
	for want := 2; want >= 0; want -= 2 {
		if got, err := drop(); err != nil || got.Accepted != want || got.Left != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if len(h.open()) != 2 || strings.Contains(h.log.String(), "binh") || !strings.Contains(h.log.String(), "cannot be moved") {
		t.Errorf("alarms %v, log %s", h.open(), h.log.String())
	}
}

func TestFolderInbox(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	write := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := parcel(t, "1", ours, "%PDF-1.7")
	write("mot.edxml", good)
	write("hai.EDXML", parcel(t, "2", ours, "%PDF-1.7"))
	write("hong.edxml", good[:len(good)/2])
	write("khac.txt", good)
	if err := os.Symlink(filepath.Join(dir, "khac.txt"), filepath.Join(dir, "lien-ket.edxml")); err != nil {
		t.Fatal(err)
	}
	d, err := NewDrop(DropOptions{Name: "thumuc", Folder: dir, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Settle: time.Nanosecond, Spool: t.TempDir()}, h.deps("one"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := d.Drain(t.Context())
	if err != nil || n.Accepted != 2 || n.Left != 1 || n.Listed != 3 {
		t.Fatalf("%+v, %v", n, err)
	}
	if len(h.open()) != 1 || !strings.HasPrefix(h.open()[0], "axis-package:thumuc:") {
		t.Errorf("alarms %v", h.open())
	}
	write("hong.edxml", parcel(t, "3", ours, "%PDF-1.7"))
	write("mot.edxml", good) // the same package again, under the same name
	if n, err = d.Drain(t.Context()); err != nil || n.Accepted != 1 || n.Left != 0 || len(h.open()) != 0 {
		t.Errorf("%+v, %v, alarms %v", n, err, h.open())
	}
	done, err := os.ReadDir(filepath.Join(dir, doneFolder))
	if err != nil || len(done) != 4 {
		t.Errorf("done holds %v, %v", done, err)
	}
	if got := h.receipts(t); len(got) != 3 {
		t.Errorf("receipts %v", got)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Drain(t.Context()); err == nil || !slices.Equal(h.open(), []string{"axis-folder:thumuc"}) {
		t.Errorf("a folder that is gone gave %v, alarms %v", err, h.open())
	}
	if strings.Contains(h.log.String(), "hong") {
		t.Error("the log names a file")
	}
}
