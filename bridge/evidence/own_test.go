//go:build linux && (amd64 || arm64)

package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ownBreakout is what this program's child does in place of reading signatures, when the tests ask for it: try to break out.
const ownBreakout = "breakout"

// breakOut tries what reading signatures never needs, from several threads at once, and writes what it could do.
func breakOut(act string) {
	if act == "spin" {
		for n := 0; ; n++ {
			_ = n
		}
	}
	if act == "eat" {
		for all := "x"; all != ""; {
			all += all
		}
	}
	if act == "flood" {
		for {
			if _, err := os.Stdout.Write(make([]byte, 64<<10)); err != nil {
				os.Exit(1)
			}
		}
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for what, try := range attempts(act) {
				if err := try(); err == nil {
					fmt.Println("out:", what)
				}
			}
		})
	}
	all.Wait()
	fmt.Println("tried", len(os.Environ()), "variables")
}

// attempts are ways out; act is a file that everybody may read and write.
func attempts(act string) map[string]func() error {
	open := func(name string, flags int) func() error {
		return func() error {
			f, err := os.OpenFile(name, flags, 0o600)
			if err == nil {
				err = f.Close()
			}
			return err
		}
	}
	return map[string]func() error{
		"network":  func() error { _, err := net.Dial("udp", "127.0.0.1:53"); return err },
		"listen":   func() error { _, err := net.Listen("tcp", "127.0.0.1:0"); return err },
		"passwd":   open("/etc/passwd", os.O_RDONLY),
		"data":     open(act, os.O_RDONLY),
		"write":    open(act, os.O_WRONLY),
		"create":   open(filepath.Join(filepath.Dir(act), "new"), os.O_CREATE|os.O_WRONLY),
		"list":     func() error { _, err := os.ReadDir("/"); return err },
		"shell":    func() error { return exec.Command("/bin/sh", "-c", "true").Run() },
		"fork":     func() error { return clone(uintptr(unix.SIGCHLD)) },
		"vfork":    func() error { return clone(uintptr(unix.SIGCHLD | unix.CLONE_VFORK)) },
		"new user": func() error { return unix.Unshare(unix.CLONE_NEWUSER) },
		"kill":     func() error { return unix.Kill(os.Getppid(), 0) },
		"more memory": func() error {
			return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
		},
		"more time":   func() error { return unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: 1000, Max: 1000}) },
		"environment": func() error { _, err := os.ReadFile("/proc/self/environ"); return err },
	}
}

// clone makes a process, which ends at once.
func clone(flags uintptr) error {
	pid, _, e := unix.RawSyscall6(unix.SYS_CLONE, flags, 0, 0, 0, 0, 0)
	if e != 0 {
		return e
	}
	if pid == 0 {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	return nil
}

// ownBreakouts does it behind the walls as they can stand here.
func ownBreakouts(t *testing.T, limits Limits, test func(t *testing.T, try func(act string, out *bounded) ending)) {
	found, err := newCage(t.Context(), []string{thisBinary(t), "child"}, limits)
	if err != nil {
		t.Fatal(err)
	}
	for _, namespaces := range []bool{true, false} {
		if namespaces && !found.walls.Namespaces || !namespaces && !found.walls.Seccomp {
			continue
		}
		t.Run(fmt.Sprintf("namespaces=%v", namespaces), func(t *testing.T) {
			c := *found
			c.walls.Namespaces = namespaces
			r := &Reader{cage: &c, options: Options{Command: c.command, Limits: c.limits}}
			own, err := r.findOwn(t.Context())
			if err != nil || !own.Usable {
				t.Fatalf("%+v, %v", own, err)
			}
			test(t, func(act string, out *bounded) ending {
				t.Helper()
				job := r.ownTask(own, ownBreakout)
				job.Args[len(job.Args)-1] = ownBreakout + act
				end, err := c.run(t.Context(), job, nil, out)
				if err != nil {
					t.Fatalf("%s: %v", act, err)
				}
				return end
			})
		})
	}
}

// TestOwnNoWayOut runs the same walls around this program itself. They hold for each of its threads.
func TestOwnNoWayOut(t *testing.T) {
	t.Parallel()
	data := openDir(t)
	file := filepath.Join(data, "giaolien.db")
	if err := errors.Join(os.WriteFile(file, []byte("secret"), 0o666), os.Chmod(file, 0o666), os.Chmod(data, 0o777)); err != nil {
		t.Fatal(err)
	}
	ownBreakouts(t, Limits{}, func(t *testing.T, try func(string, *bounded) ending) {
		out := &bounded{left: 1 << 20}
		end := try(file, out)
		if got := strings.TrimSpace(out.String()); got != "tried 3 variables" || end.code != 0 {
			t.Errorf("%q %+v", got, end)
		}
		if left, err := os.ReadDir(data); err != nil || len(left) != 1 {
			t.Errorf("%v in the data folder, %v", left, err)
		}
	})
	all := attempts(file) // outside of the walls these can be done, else nothing was shown
	for _, what := range []string{"passwd", "data", "write", "create", "list", "shell", "environment"} {
		if err := all[what](); err != nil {
			t.Errorf("%s outside of the walls: %v", what, err)
		}
	}
}

// TestOwnLimits lets it use up what it is given.
func TestOwnLimits(t *testing.T) {
	if raced {
		t.Skip("the race detector in this binary takes more memory than is given")
	}
	t.Parallel()
	limits := Limits{Wall: 60 * time.Second, CPU: time.Second, Memory: 256 << 20}
	ownBreakouts(t, limits, func(t *testing.T, try func(string, *bounded) ending) {
		for act, want := range map[string]Problem{"spin": Overuse, "eat": Overuse, "flood": Overuse} {
			end := try(act, &bounded{left: 1 << 20})
			if got := signingProblem(end); got != want {
				t.Errorf("%s: %q, code %d, signal %d", act, got, end.code, end.signal)
			}
		}
	})
}

// TestOwnCannotRun says so when this program cannot be its own child.
func TestOwnCannotRun(t *testing.T) {
	t.Parallel()
	r, err := NewReader(t.Context(), Options{Command: []string{"/bin/false", "child"}})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.SignatureReader(); p.Usable || p.Why == "" {
		t.Errorf("%+v", p)
	}
	e, err := r.Read(t.Context(), bytes.NewReader(plain()), int64(len(plain())), "application/pdf")
	if err != nil || e.Problem != string(NoTool) || e.Signature.State != "" || e.Signature.Reason != string(NoTool) || len(e.Signature.Signers) > 0 {
		t.Errorf("%+v, %v", e, err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := NewReader(stopped, Options{Command: []string{thisBinary(t), "child"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if err := perform("what nobody knows", os.Stdin, os.Stdout); err == nil {
		t.Error("unknown work was done")
	}
	if _, err := strconv.Atoi(signatureReaderVersion); err != nil {
		t.Error(err)
	}
}

// TestOwnReplaced takes the program's file away while it runs, as an upgrade does: its child is still itself.
func TestOwnReplaced(t *testing.T) {
	if os.Getenv("GIAOLIEN_TEST_REPLACED") != "" {
		path, err := os.Executable()
		if err = errors.Join(err, os.Remove(path)); err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := paper{content: typed(letterLines()...)}.signed(t, newPKI(t).signing())
		if e := evidenceOf(t, r, b, "application/pdf"); e.Signature.State != "present" || len(e.Signature.Signers) != 1 {
			t.Errorf("%+v, %+v", e.Signature, r.SignatureReader())
		}
		return
	}
	t.Parallel()
	path := filepath.Join(openDir(t), "evidence.test")
	if err := copyFile(path, thisBinary(t), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-test.run=^TestOwnReplaced$", "-test.v")
	cmd.Env = append(os.Environ(), "GIAOLIEN_TEST_REPLACED=1")
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestOwnReplaced")) {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}
