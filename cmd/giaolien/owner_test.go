package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// ended is the number of a process that has run and is gone.
func ended(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func ownerOf(pid int) string { return home() + "/" + strconv.Itoa(pid) + "/0a1b2c3d" }

// Only a process of this very machine, boot and namespace can be known to be dead; whoever is taken for dead loses its leases.
func TestDead(t *testing.T) {
	gone := ended(t)
	elsewhere := strings.Split(ownerOf(gone), "/")
	for i := range elsewhere[:3] {
		other := slices.Clone(elsewhere)
		other[i] += "x"
		if dead(strings.Join(other, "/")) {
			t.Errorf("%v differs from us in part %d, and is taken for dead", other, i)
		}
	}
	for owner, want := range map[string]bool{
		ownerOf(gone): true, ownerOf(os.Getppid()): false, ownerOf(os.Getpid()): false, ownerName(): false,
		ownerOf(0): false, ownerOf(-1): false, home() + "/": false, home() + "/x/0a": false, "": false, "somebody": false,
	} {
		if got := dead(owner); got != want {
			t.Errorf("dead(%q) = %v, want %v", owner, got, want)
		}
	}
}

func TestOwnersDiffer(t *testing.T) {
	if a, b := ownerName(), ownerName(); a == b {
		t.Errorf("two names are both %s: a process number that comes again would be taken for the old process", a)
	}
}

// The file says at every moment what is in hand, outlives the process, and is gone after an orderly end.
func TestHand(t *testing.T) {
	data := t.TempDir()
	h, err := newHand(data, "host/boot/pid:[4026531836]/1/aa")
	if err != nil {
		t.Fatal(err)
	}
	held := func() []string {
		t.Helper()
		list, err := inHand(data, "host/boot/pid:[4026531836]/1/aa")
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return list
	}
	crash(t, h)
	if got := held(); got == nil || len(got) != 0 {
		t.Errorf("an idle process has %v in hand, want nothing, and that for certain", got)
	}
	one, two := h.hold("GL-2026-0000001"), h.hold("GL-2026-0000002")
	if got := held(); !slices.Equal(got, []string{"GL-2026-0000001", "GL-2026-0000002"}) {
		t.Errorf("in hand are %v", got)
	}
	one()
	three := h.hold("GL-2026-0000003")
	if got := held(); !slices.Equal(got, []string{"GL-2026-0000002", "GL-2026-0000003"}) {
		t.Errorf("in hand are %v", got)
	}
	if info, err := h.file.Stat(); err != nil || info.Size() != 2*handSlot {
		t.Errorf("the file has %d bytes, error %v; free room was not used again", info.Size(), err)
	}
	two()
	three()
	if got := held(); len(got) != 0 {
		t.Errorf("let go, but still in hand: %v", got)
	}
	if _, err := newHand(data, "host/boot/pid:[4026531836]/1/aa"); err == nil {
		t.Error("two processes of one name share a file")
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if got := held(); got != nil {
		t.Errorf("after the end it is said that %v were in hand, want that nobody knows", got)
	}
}

// crash leaves what the runtime says when a process crashes.
func crash(t *testing.T, h *hand) {
	t.Helper()
	if _, err := h.crash.WriteString("fatal error: stack overflow\n"); err != nil {
		t.Fatal(err)
	}
}

// A process that ends without a word is killed, most likely: what it met in passing is no suspect, and what it had held for long is.
func TestKilledInPassing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := t.TempDir()
		h, err := newHand(data, "x")
		if err != nil {
			t.Fatal(err)
		}
		h.hold("GL-2026-0000001")
		time.Sleep(longHeld - time.Millisecond)
		h.hold("GL-2026-0000002")
		if got, err := inHand(data, "x"); err != nil || got == nil || len(got) != 0 {
			t.Errorf("killed in passing: suspects %v, error %v; want none, and that for certain", got, err)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got, err := inHand(data, "x"); err != nil || !slices.Equal(got, []string{"GL-2026-0000001"}) {
			t.Errorf("killed after long work: suspects %v, error %v", got, err)
		}
		if err := h.close(); err != nil {
			t.Error(err)
		}
		time.Sleep(longHeld)
	})
}

// A start after a crash takes over at once: the dead process's leases are over, and only what it was reading counts as tried. Those of a
// living process stay.
func TestReleaseDead(t *testing.T) {
	dir := t.TempDir()
	common := &Common{Config: filepath.Join(dir, "config.toml")}
	std := streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	if code := run(t.Context(), []string{"init", dir}, std); code != exitDone {
		t.Fatalf("init ended with %d", code)
	}
	crashed, alive := ownerOf(ended(t)), ownerOf(os.Getppid())
	a := reopen(t, common, std)
	if err := a.know.save(t.Context(), a.store); err != nil {
		t.Fatal(err)
	}
	receipts := bringIn(t, a, "một", "hai")
	for name, owner := range map[string]string{"mailbox/of-the-dead": crashed, "mailbox/of-the-living": alive} {
		if _, ok, err := a.store.TakeLease(t.Context(), name, owner, time.Hour); err != nil || !ok {
			t.Fatalf("lease %s: taken %v, error %v", name, ok, err)
		}
	}
	if tasks, err := a.store.ClaimTasks(t.Context(), crashed, 10, time.Hour); err != nil || len(tasks) != 2 {
		t.Fatalf("claimed %d, error %v", len(tasks), err)
	}
	leave := func(owner string, receipt string) string {
		h, err := newHand(a.config.Data, owner)
		if err != nil {
			t.Fatal(err)
		}
		h.hold(receipt)
		crash(t, h)
		t.Cleanup(func() { h.file.Close(); h.crash.Close() })
		return h.file.Name()
	}
	gone := []string{leave(crashed, receipts[0]), leave(ownerOf(ended(t)), "GL-2026-0000009")}
	stays := leave(alive, "GL-2026-0000008")
	if err := a.close(); err != nil {
		t.Fatal(err)
	}

	a = reopen(t, common, std)
	defer a.close()
	if _, ok, err := a.store.TakeLease(t.Context(), "mailbox/of-the-dead", a.owner, time.Hour); err != nil || !ok {
		t.Errorf("the dead process's mailbox: taken %v, error %v", ok, err)
	}
	if _, ok, err := a.store.TakeLease(t.Context(), "mailbox/of-the-living", a.owner, time.Hour); err != nil || ok {
		t.Errorf("the living process's mailbox: taken %v, error %v", ok, err)
	}
	attempts := map[string]int{}
	for range receipts { // a suspect is handed out alone
		tasks, err := a.store.ClaimTasks(t.Context(), a.owner, 10, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			attempts[task.Receipt.ID] = task.Job.Attempt
		}
	}
	if attempts[receipts[0]] != 2 || attempts[receipts[1]] != 1 {
		t.Errorf("tries are %v, want 2 for %s, which was in hand, and 1 for the other", attempts, receipts[0])
	}
	for _, name := range gone {
		if _, err := os.Stat(name); !os.IsNotExist(err) {
			t.Errorf("%s is still there, error %v", filepath.Base(name), err)
		}
	}
	if _, err := os.Stat(stays); err != nil {
		t.Errorf("what the living process has in hand is forgotten: %v", err)
	}
}

// reopen is another start of the program on the same folder; the first one names the receiving agency.
func reopen(t *testing.T, common *Common, std streams) *app {
	t.Helper()
	text, err := os.ReadFile(common.Config)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n[[agency]]\nid = ") {
		rewrite(t, common.Config, string(text)+"\n[[agency]]\nid = \"ubnd\"\nname = \"Ủy ban nhân dân tỉnh\"\nfrom = \"vanthu@example.vn\"\n")
	}
	a, err := openApp(t.Context(), common, std)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// bringIn brings messages in, and leaves them waiting.
func bringIn(t *testing.T, a *app, subjects ...string) []string {
	t.Helper()
	var in []bridge.Arrival
	for _, s := range subjects {
		w := a.archive.Begin()
		if _, err := io.WriteString(w, "Subject: "+s+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		sealed, err := w.Seal()
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, bridge.Arrival{Receiver: "ubnd", Channel: bridge.Email, Origin: bridge.OriginImport("ubnd", sealed.Raw()), Raw: sealed, FetchedAt: time.Now()})
	}
	puts, err := a.door().Accept(t.Context(), bridge.Fence{}, in)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(puts))
	for i, p := range puts {
		ids[i] = p.Receipt
	}
	return ids
}
