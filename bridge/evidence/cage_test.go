//go:build linux && (amd64 || arm64)

package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// traitor is the tool that tries to break out, in a folder that everybody may enter: it is run as nobody.
type traitor struct {
	t    testing.TB
	r    *Reader
	tool Program
	mark string // among its arguments, so that what it leaves behind is found
}

// openDir is a folder that everybody may enter.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "giaolien-open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// breakout is the traitor, compiled.
var breakout = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, pdfinfo)
	if out, err := exec.Command("gcc", "-O1", "-pthread", "-o", path, filepath.Join("testdata", "breakout.c")).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func newTraitor(t testing.TB, limits Limits) *traitor {
	t.Helper()
	tool(t, "gcc")
	path, err := breakout()
	if err != nil {
		t.Fatal(err)
	}
	loader, err := interpreter(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCage(t.Context(), childCommand(t), limits)
	if err != nil {
		t.Fatal(err)
	}
	r := &Reader{cage: c}
	return &traitor{t: t, r: r, mark: fmt.Sprintf("mark-%d-%d", os.Getpid(), time.Now().UnixNano()),
		tool: Program{Name: pdfinfo, Path: path, Usable: true, exec: []string{path, loader}}}
}

func thisBinary(t testing.TB) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// try lets it do one act and gives what it wrote.
func (x *traitor) try(act, what string) (string, ending) {
	x.t.Helper()
	write, input, err := unnamed("")
	if err != nil {
		x.t.Fatal(err)
	}
	defer input.Close()
	defer write.Close()
	out := &bounded{left: 1 << 20}
	end, err := x.r.cage.run(x.t.Context(), x.r.task(x.tool, act, what, x.mark), input, out)
	if err != nil {
		x.t.Fatalf("%s: %v", act, err)
	}
	x.alone(act)
	return strings.TrimSpace(out.String()), end
}

// alone wants nothing of it to be running.
func (x *traitor) alone(act string) {
	x.t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(names) == 0 {
		x.t.Fatalf("no processes can be seen: %v", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		if bytes.Contains(b, []byte(x.mark)) {
			x.t.Errorf("%s left a process behind: %q", act, b)
		}
	}
}

// cages are the ways in which the walls can stand on this machine.
func cages(t *testing.T, limits Limits, test func(t *testing.T, x *traitor)) {
	x := newTraitor(t, limits)
	t.Logf("as user %d: %v", os.Geteuid(), x.r.cage.walls)
	if !x.r.cage.walls.Namespaces || !x.r.cage.walls.Seccomp || x.r.cage.walls.Landlock == 0 {
		t.Log("this machine has not all walls: what is tested is what its kernel allows")
	}
	for _, namespaces := range []bool{true, false} {
		if namespaces && !x.r.cage.walls.Namespaces || !namespaces && !x.r.cage.walls.Seccomp {
			continue
		}
		t.Run(fmt.Sprintf("namespaces=%v", namespaces), func(t *testing.T) {
			t.Parallel()
			c := *x.r.cage
			c.walls.Namespaces = namespaces
			y := *x
			y.t, y.r, y.mark = t, &Reader{cage: &c}, fmt.Sprintf("%s-%v", x.mark, namespaces)
			test(t, &y)
		})
	}
}

func TestNoWayOut(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Close() })
	port := func(a net.Addr) string { _, p, _ := net.SplitHostPort(a.String()); return p }

	data := openDir(t) // the daemon's data, as careless as it can be: everybody may read and write it
	secret := filepath.Join(data, "giaolien.db")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(secret, 0o666), os.Chmod(data, 0o777)); err != nil {
		t.Fatal(err)
	}
	// A descriptor that whoever started the daemon left open.
	leaked, err := syscall.Open(secret, syscall.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(leaked) })

	me := strconv.Itoa(os.Getpid())
	acts := [][2]string{
		{"tcp", port(l.Addr())}, {"udp", port(u.LocalAddr())}, {"unix"}, {"netlink"}, {"io_uring"},
		{"read", "/etc/passwd"}, {"read", secret}, {"read", "/proc/self/environ"}, {"read", "/proc/" + me + "/cmdline"}, {"list", "/"},
		{"list", data}, {"list", "/proc"}, {"read", "/dev/tty"}, {"reopen"},
		{"create", data}, {"create", "/tmp"}, {"create", "."}, {"create", "/dev/shm"}, {"overwrite", secret},
		{"truncate", secret}, {"remove", secret}, {"rename", secret}, {"link", secret}, {"mkdir", data}, {"symlink", data}, {"scribble"},
		{"chmod", secret}, {"chmod", data}, {"chown", secret}, {"touch", secret}, {"label", secret},
		{"fork"}, {"vfork"}, {"thread"}, {"orphan"}, {"bomb"}, {"shell"}, {"namespace"}, {"session"}, {"nice"},
		{"kill", me}, {"kill-all"}, {"tgkill", me}, {"prlimit", me}, {"ptrace", me}, {"peek", me},
		{"mount"}, {"setuid"}, {"uid"}, {"privileges"}, {"capabilities"}, {"core"}, {"memfd"}, {"shm"}, {"bpf"}, {"keys"}, {"x32"},
		{"raise-cpu"}, {"raise-memory"}, {"raise-file"}, {"raise-files"}, {"descriptors"}, {"files"}, {"memory", "400"}, {"map", "4096"},
	}
	cages(t, Limits{Memory: 256 << 20}, func(t *testing.T, x *traitor) {
		if out, end := x.try("nothing", ""); out != "" || end.code != 0 {
			t.Fatalf("it cannot even do nothing: %q %+v", out, end)
		}
		if out, _ := x.try("read", x.tool.Path); !strings.HasPrefix(out, "out") {
			t.Fatalf("it cannot read what it may: %q", out)
		}
		for _, a := range acts {
			if x.r.cage.walls.Landlock == 0 && slices.Contains([]string{"read", "list", "shell"}, a[0]) {
				continue // permissions alone guard what is read
			}
			out, end := x.try(a[0], a[1])
			if a[0] == "x32" && end.signal == int(syscall.SIGSYS) {
				continue // a filter around us, as systemd's, is stricter
			}
			if !strings.HasPrefix(out, "held") || end.code != 0 {
				t.Errorf("%s %s: %q %+v", a[0], a[1], out, end)
			}
		}
		if out, _ := x.try("environment", ""); out != "LC_ALL=C.UTF-8\nOMP_THREAD_LIMIT=1\nOMP_NUM_THREADS=1" {
			t.Errorf("environment: %q", out)
		}
		if b, err := os.ReadFile(secret); err != nil || string(b) != "secret" {
			t.Errorf("the data are %q, %v", b, err)
		}
		if left, err := os.ReadDir(data); err != nil || len(left) != 1 {
			t.Errorf("%v in the data folder, %v", left, err)
		}
	})
}

// TestUnnamed wants what is written to be read, by nobody else, and not to be written to by the reader.
func TestUnnamed(t *testing.T) {
	dir := t.TempDir()
	write, read, err := unnamed(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if _, err := write.WriteString("secret"); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v in the folder, %v", names, err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(read); err != nil || string(b) != "secret" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := read.WriteString("x"); err == nil {
		t.Error("the reader can write")
	}
	if _, _, err := unnamed(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder that is not there is none to complain about")
	}
}

// TestNamespaces looks at the wall that the others hide: a place of its own for network, processes and IPC.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	cages(t, Limits{}, func(t *testing.T, x *traitor) {
		kinds := []string{"/proc/self/ns/net", "/proc/self/ns/pid", "/proc/self/ns/ipc"}
		cmd := exec.Command("readlink", kinds...)
		if err := x.r.cage.confine(cmd); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.Output()
		theirs := strings.Fields(string(out))
		if err != nil || len(theirs) != len(kinds) {
			t.Fatalf("%q, %v", out, err)
		}
		for i, kind := range kinds {
			if ours, err := os.Readlink(kind); err != nil || (ours != theirs[i]) != x.r.cage.walls.Namespaces {
				t.Errorf("%s: ours %s, theirs %s, %v", kind, ours, theirs[i], err)
			}
		}
	})
}

// TestLimits lets it use up what it is given.
func TestLimits(t *testing.T) {
	t.Parallel()
	limits := Limits{Wall: 60 * time.Second, CPU: time.Second, Output: 1 << 20}
	cages(t, limits, func(t *testing.T, x *traitor) {
		for _, c := range []struct {
			act  string
			want func(ending) bool
		}{
			{"spin", func(e ending) bool { return !e.deadline && (e.signal == sigKill || e.signal == sigXCPU) }},
			{"flood", func(e ending) bool { return e.full }},
			{"abort", func(e ending) bool { return e.signal != 0 && !e.deadline }},
			{"crash", func(e ending) bool { return e.signal == int(syscall.SIGSEGV) }},
			{"i386", func(e ending) bool { return e.signal == int(syscall.SIGSYS) || e.signal == int(syscall.SIGSEGV) }},
		} {
			if _, end := x.try(c.act, ""); !c.want(end) {
				t.Errorf("%s: %+v", c.act, end)
			}
		}
		short := *x.r.cage
		short.limits.Wall = 500 * time.Millisecond
		y := *x
		y.r = &Reader{cage: &short}
		if _, end := y.try("stubborn", ""); !end.deadline || end.signal != sigKill {
			t.Errorf("stubborn: %+v", end)
		}
		file, read, err := unnamed("")
		if err != nil {
			t.Fatal(err)
		}
		defer read.Close()
		defer file.Close()
		end, err := x.r.cage.run(t.Context(), x.r.task(x.tool, "flood", "", x.mark), nil, file)
		if s, serr := file.Stat(); err != nil || serr != nil || s.Size() > 1<<20 || end.code != 7 {
			t.Errorf("flood into a file: %+v, %v, %v", end, err, errors.Join(serr))
		}
	})
}

// TestLeap wants every child to become its tool, many at once, and one that cannot to say so: it must never look as if the tool had failed.
func TestLeap(t *testing.T) {
	t.Parallel()
	cages(t, Limits{Memory: 64 << 20}, func(t *testing.T, x *traitor) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 25 {
					if end, err := x.r.cage.run(t.Context(), x.r.task(x.tool, "nothing", "", x.mark), nil, &bounded{left: 1}); err != nil || end.code != 0 {
						t.Errorf("%+v, %v", end, err)
					}
				}
			})
		}
		all.Wait()
		gone := x.tool
		gone.Path = filepath.Join(folder, "gone")
		if _, err := x.r.cage.run(t.Context(), x.r.task(gone), nil, &bounded{left: 1}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("step 5: error %03d", syscall.ENOENT)) {
			t.Errorf("a tool that is gone: %v", err)
		}
		lonely := x.tool
		lonely.exec = nil
		if _, err := x.r.cage.run(t.Context(), x.r.task(lonely), nil, &bounded{left: 1}); x.r.cage.walls.Landlock > 0 &&
			(err == nil || !strings.Contains(err.Error(), fmt.Sprintf("step 5: error %03d", syscall.EACCES))) {
			t.Errorf("a tool that may not be executed: %v", err)
		}
	})
}

// TestStopping ends a run when its caller does not want it any more.
func TestStopping(t *testing.T) {
	t.Parallel()
	cages(t, Limits{}, func(t *testing.T, x *traitor) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := x.r.cage.run(ctx, x.r.task(x.tool, "stubborn", "", x.mark), nil, &bounded{left: 1}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		x.alone("stubborn")
	})
}

// TestDeadParent kills a program in the middle of a run: its child must not live on.
func TestDeadParent(t *testing.T) {
	if mark := os.Getenv("GIAOLIEN_TEST_DIE"); mark != "" {
		x := newTraitor(t, Limits{})
		x.mark = mark
		_, err := x.r.cage.run(t.Context(), x.r.task(x.tool, "stubborn", "", x.mark), nil, &bounded{left: 1})
		t.Fatalf("the parent lives: %v", err)
	}
	t.Parallel()
	x := newTraitor(t, Limits{})
	cmd := exec.Command(thisBinary(t), "-test.run=^TestDeadParent$")
	cmd.Env = append(os.Environ(), "GIAOLIEN_TEST_DIE="+x.mark, "GIAOLIEN_TEST_CHILD="+childCommand(t)[0], "TMPDIR="+openDir(t))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	wait(t, "the child runs", func() bool { return x.count("stubborn") > 0 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("it ended well")
	}
	wait(t, "the child is gone", func() bool { return x.count("stubborn") == 0 })
}

// count tells how many processes run the act as the tool.
func (x *traitor) count(act string) int {
	n := 0
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		x.t.Fatal(err)
	}
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && bytes.HasSuffix(b, []byte("\x00"+act+"\x00\x00"+x.mark+"\x00")) {
			n++
		}
	}
	return n
}

// patience ends a test that would hang. It measures nothing.
const patience = 3 * time.Minute

func wait(t testing.TB, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
