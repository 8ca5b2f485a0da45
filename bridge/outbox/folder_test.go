package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// delivery is what the store gives out for the folder.
func (o *office) delivery(target string) bridge.Dispatch {
	o.t.Helper()
	d, ok, err := o.store.ClaimDispatch(o.t.Context(), "test", target, time.Hour)
	o.must(err)
	if !ok {
		o.t.Fatal("nothing is due")
	}
	return d
}

func (o *office) files(d bridge.Dispatch) *Files {
	f := NewFiles(o.archive, o.deliverer(nil, nil).Limits, o.t.TempDir(), d)
	o.t.Cleanup(f.Close)
	return f
}

// packages are the visible files of a folder.
func packages(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestFolderPackage: the file is a strict package with the record and its file.
func TestFolderPackage(t *testing.T) {
	o := newOffice(t)
	id := o.register(12, 12, "thumuc")[0]
	folder := t.TempDir()
	if n, err := o.deliverer(NewFolder("thumuc", folder, ownOrgan, nil), o.store).Drain(t.Context()); err != nil || n.Sent != 1 {
		t.Fatalf("drained %+v, %v", n, err)
	}
	names := packages(t, folder)
	if want := "ubnd_tinh-2026-1-" + strings.NewReplacer("-", "_", "/", "_").Replace(id) + "_1.thumuc.1.edxml"; len(names) != 1 || names[0] != want {
		t.Fatalf("the folder has %v, want %s", names, want)
	}
	body, err := os.ReadFile(filepath.Join(folder, names[0]))
	o.must(err)
	var got bytes.Buffer
	p, err := edxml.Decode(bytes.NewReader(body), edxml.Limits{}, func(_ int, r io.Reader) error {
		_, err := got.ReadFrom(r)
		return err
	})
	o.must(err)
	e, findings := p.Edoc, p.Findings
	if p.Refused() || e.From.ID != "H50.09" || len(e.To) != 1 || e.To[0].ID != "H50" || e.Number != "12" || e.Notation != "SNV-VP" ||
		e.Subject != "Báo cáo" || got.String() != string(file(12)) {
		t.Fatalf("the package says %+v with %q, findings %v", e, got.String(), findings)
	}
	strictly(t, filepath.Join(folder, names[0]))
}

// strictly holds packages against the strict schema.
func strictly(t *testing.T, names ...string) {
	t.Helper()
	schema := "../../../shared/reference/edxml/edxml-strict-edoc.xsd"
	_, gone := os.Stat(schema)
	lint, err := exec.LookPath("xmllint")
	if err = errors.Join(gone, err); err != nil {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") == "1" {
			t.Fatal(err)
		}
		t.Skipf("no strict schema or no xmllint: %v", err)
	}
	if out, err := exec.Command(lint, append([]string{"--noout", "--huge", "--nonet", "--schema", schema}, names...)...).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// TestFolderFaults: 200 records, 30 % faults at every step and in the database, a reader who takes files away: each is there once.
func TestFolderFaults(t *testing.T) {
	o := newOffice(t)
	o.register(1, 200, "thumuc")
	folder := t.TempDir()
	r := rand.New(rand.NewPCG(3, 3))
	taken := map[string]int{}
	take := func(all bool) {
		for _, name := range packages(t, folder) {
			if all || r.IntN(2) == 0 {
				taken[name]++
				o.must(os.Remove(filepath.Join(folder, name)))
			}
		}
	}
	target := NewFolder("thumuc", folder, ownOrgan, nil)
	target.step = func(string) error {
		take(false)
		if r.Float64() < 0.3 {
			return errLost
		}
		return nil
	}
	d := o.deliverer(target, unsteadily(o.store, 3))
	d.GiveUp = 10_000 * time.Hour
	o.untilDone(d)
	take(true)
	if got := o.counts(); got["sent"] != 200 || len(taken) != 200 {
		t.Fatalf("deliveries stand at %v, %d files were there", got, len(taken))
	}
	for name, n := range taken {
		if n != 1 {
			t.Errorf("%s was there %d times", name, n)
		}
	}
}

// TestFolderLinks: links that somebody laid under the passing names lead nowhere.
func TestFolderLinks(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "thumuc")
	folder, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "khac")
	target := NewFolder("thumuc", folder, ownOrgan, nil)
	target.step = func(step string) error {
		if step == "write" {
			return errLost
		}
		return nil
	}
	o.drained(o.deliverer(target, o.store), Counts{Later: 1}, nil)
	o.clock.add(time.Hour)
	name := FileName(o.delivery("thumuc"))
	o.clock.add(2 * time.Hour)
	for _, passing := range []string{"." + name + ".tmp", "." + name + ".begun"} {
		o.must(os.Symlink(elsewhere, filepath.Join(folder, passing)))
	}
	target.step = nil
	o.drained(o.deliverer(target, o.store), Counts{Sent: 1}, nil)
	if _, err := os.Lstat(elsewhere); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file outside was written: %v", err)
	}
	strictly(t, filepath.Join(folder, name))
}

// TestFolderKilled: the program ends at each step; whoever comes next ends with exactly one file, also when it was taken away meanwhile.
func TestFolderKilled(t *testing.T) {
	killed := errors.New("killed")
	for _, at := range []string{"write", "sync package", "mark", "sync mark", "rename", "sync name"} {
		for _, takes := range []bool{false, true} {
			t.Run(fmt.Sprint(at, " ", takes), func(t *testing.T) {
				o := newOffice(t)
				o.register(1, 1, "thumuc")
				d := o.delivery("thumuc")
				folder := t.TempDir()
				first := NewFolder("thumuc", folder, ownOrgan, nil)
				first.step = func(step string) error {
					if step == at {
						return killed
					}
					return nil
				}
				if _, err := first.Deliver(t.Context(), d, o.files(d)); !errors.Is(err, killed) {
					t.Fatalf("it ended with %v", err)
				}
				seen := packages(t, folder)
				if want := at == "sync name"; (len(seen) == 1) != want {
					t.Fatalf("after the kill the folder has %v", seen)
				}
				for _, name := range seen {
					body, err := os.ReadFile(filepath.Join(folder, name))
					o.must(err)
					if !bytes.HasSuffix(body, []byte("</edXML>\n")) {
						t.Fatal("half a package has a name")
					}
					if takes {
						o.must(os.Remove(filepath.Join(folder, name)))
					}
				}
				for range 2 { // a third one changes nothing either
					if _, err := NewFolder("thumuc", folder, ownOrgan, nil).Deliver(t.Context(), d, o.files(d)); err != nil {
						t.Fatal(err)
					}
				}
				got := packages(t, folder)
				if takes && len(seen) == 1 {
					got = append(got, seen...)
				}
				if len(got) != 1 {
					t.Fatalf("in the end there were %v", got)
				}
			})
		}
	}
}

// TestFolderOther: a file of the same name with other contents is for a person, and stays as it is.
func TestFolderOther(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "thumuc")
	d := o.delivery("thumuc")
	for _, other := range []string{"file", "folder", "link"} {
		t.Run(other, func(t *testing.T) {
			folder := t.TempDir()
			name := filepath.Join(folder, FileName(d))
			switch other {
			case "file":
				o.must(os.WriteFile(name, []byte("khác"), 0o600))
			case "folder":
				o.must(os.Mkdir(name, 0o700))
			case "link":
				o.must(os.Symlink("/etc/passwd", name))
			}
			_, err := NewFolder("thumuc", folder, ownOrgan, nil).Deliver(t.Context(), d, o.files(d))
			if !errors.Is(err, bridge.ErrPermanent) || !errors.Is(err, errOther) {
				t.Fatalf("got %v", err)
			}
			if list, err := os.ReadDir(folder); err != nil || len(list) != 1 {
				t.Fatalf("left are %v, %v", list, err)
			}
		})
	}
}

func TestFolderAway(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "thumuc")
	gone := NewFolder("thumuc", filepath.Join(t.TempDir(), "không có"), ownOrgan, nil)
	if err := gone.Check(t.Context()); err == nil {
		t.Error("check finds nothing wrong")
	}
	d := o.deliverer(gone, o.store)
	if n, err := d.Drain(t.Context()); n != (Counts{Later: 1}) || err != nil { // one failure alone says nothing about the target
		t.Fatalf("drained %+v, %v", n, err)
	}
	if err := NewFolder("thumuc", t.TempDir(), ownOrgan, nil).Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFileName: nothing in a name leads out of the folder or hides it.
func TestFileName(t *testing.T) {
	d := bridge.Dispatch{ID: "../..//GL-2026-0000001/1.qlvb.1\x00", Payload: bridge.DispatchPayload{Receiver: ".Ủy ban\\..", Year: 2026, Number: 7}}
	name := FileName(d)
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsAny(name, "/\\\x00 ") || strings.Contains(name, "..") || !strings.HasSuffix(name, ".edxml") {
		t.Errorf("the name is %q", name)
	}
}

// TestNoCode: an agency without a code goes to a person at once, with the words to mend it, and its code is not made up.
func TestNoCode(t *testing.T) {
	o := newOffice(t)
	task := o.receive(file(1))[0]
	s := decided(task, 1, file(1), "Báo cáo", "thumuc", "qlvb")
	s.Outcome.Records[0].Sender.Code = ""
	o.commit(s)
	folder := t.TempDir()
	if n, err := o.deliverer(NewFolder("thumuc", folder, ownOrgan, nil), o.store).Drain(t.Context()); err != nil || n.Dead != 1 {
		t.Fatalf("drained %+v, %v", n, err)
	}
	list, err := o.store.ListDispatches(t.Context(), store.DispatchFilter{State: "dead"})
	o.must(err)
	if len(list) != 1 || !strings.Contains(list[0].Reply, "Sở Nội vụ chưa có mã định danh") || o.alarmed() != "delivery-failed:"+list[0].ID {
		t.Fatalf("dead are %+v, alarms %s", list, o.alarmed())
	}
	system, server := newSystem(t, o.clock)
	if n, err := o.deliverer(hook(t, o.clock, server.URL), o.store).Drain(t.Context()); err != nil || n.Sent != 1 {
		t.Fatalf("drained %+v, %v", n, err)
	}
	for _, b := range system.bodies {
		if b.Sender.Name != "Sở Nội vụ" || b.Sender.Code != "" {
			t.Errorf("the webhook was told %+v", b.Sender)
		}
	}
}

// TestCancelledContext: a delivery that is stopped leaves nothing with a name.
func TestCancelledContext(t *testing.T) {
	o := newOffice(t)
	o.register(1, 1, "thumuc")
	d := o.delivery("thumuc")
	ctx, cancel := context.WithCancel(t.Context())
	folder := t.TempDir()
	f := NewFolder("thumuc", folder, ownOrgan, nil)
	f.step = func(string) error { cancel(); return nil }
	if _, err := f.Deliver(ctx, d, o.files(d)); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if got := packages(t, folder); len(got) != 0 {
		t.Fatalf("left are %v", got)
	}
}

// TestFolderSweep: markers stay as long as a delivery may be tried.
func TestFolderSweep(t *testing.T) {
	folder := t.TempDir()
	old, young, other := filepath.Join(folder, ".a.edxml.begun"), filepath.Join(folder, ".b.edxml.begun"), filepath.Join(folder, "c.edxml")
	now := time.Now()
	for name, age := range map[string]time.Duration{old: markerAge + time.Hour, young: markerAge - time.Hour, other: 10 * markerAge} {
		if err := errors.Join(touch(name), os.Chtimes(name, now.Add(-age), now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if err := NewFolder("thumuc", folder, ownOrgan, nil).sweep(now); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{old: false, young: true, other: true} {
		if there, err := exists(name); err != nil || there != want {
			t.Errorf("%s is there: %v, %v", filepath.Base(name), there, err)
		}
	}
}
