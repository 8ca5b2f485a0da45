//go:build amd64 || arm64

package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// surroundings are what a place around the daemon forbids it.
type surroundings struct {
	Calls      []string // that answer EPERM, by the names in callNumbers
	Namespaces bool     // no new ones
}

// callNumbers are the calls that the walls need and a place may forbid.
func callNumbers() map[string]uint32 {
	return map[string]uint32{
		"seccomp": unix.SYS_SECCOMP, "landlock_create_ruleset": unix.SYS_LANDLOCK_CREATE_RULESET, "landlock_add_rule": unix.SYS_LANDLOCK_ADD_RULE,
		"landlock_restrict_self": unix.SYS_LANDLOCK_RESTRICT_SELF, "setpriority": unix.SYS_SETPRIORITY, "capset": unix.SYS_CAPSET,
		"setgroups": unix.SYS_SETGROUPS, "setresuid": unix.SYS_SETRESUID, "setresgid": unix.SYS_SETRESGID,
	}
}

// enter puts this thread under a filter as the surroundings have one, and becomes the given program there.
func (s surroundings) enter(program string, args []string) error {
	runtime.LockOSThread()
	p := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: dataNumber}}
	refuse := func(number uint32) {
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: number, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	for _, name := range s.Calls {
		number, ok := callNumbers()[name]
		if !ok {
			return errors.New("unknown call " + name)
		}
		refuse(number)
	}
	if s.Namespaces {
		refuse(unix.SYS_UNSHARE)
		p = append(p, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_CLONE, Jf: 3},
			unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: dataFirstArg},
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWPID | unix.CLONE_NEWIPC, Jf: 1},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
	}
	p = append(p, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return e
	}
	return syscall.Exec(program, args, os.Environ())
}

func init() {
	if len(os.Args) > 3 && os.Args[1] == "surrounded" {
		var s surroundings
		err := json.Unmarshal([]byte(os.Args[2]), &s)
		if err == nil {
			err = s.enter(os.Args[3], os.Args[3:])
		}
		panic(err)
	}
}

// unit is what the systemd unit of this repository forbids: of the calls that matter here, all that it does not name. None is in the set
// @system-service of every systemd in use, or it is taken away with @privileged and @resources.
func unit(t testing.TB) surroundings {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "packaging", "giaolien.service"))
	if err != nil {
		t.Fatal(err)
	}
	allowed := string(bytes.Join(regexp.MustCompile(`(?m)^SystemCallFilter=[^~].*$`).FindAll(b, -1), []byte(" ")))
	s := surroundings{Namespaces: bytes.Contains(b, []byte("\nRestrictNamespaces=yes\n"))}
	for name := range callNumbers() {
		if !slices.Contains(strings.Fields(strings.ReplaceAll(allowed, "=", " ")), name) {
			s.Calls = append(s.Calls, name)
		}
	}
	if !s.Namespaces || len(s.Calls) == 0 || len(s.Calls) == len(callNumbers()) {
		t.Fatalf("the unit was not understood: %+v", s)
	}
	return s
}

// TestPlaces runs the tests of the walls, and readings, as a user without rights (the namespaces are others then), and where something around
// the daemon forbids a wall or two.
func TestPlaces(t *testing.T) {
	t.Parallel()
	x := newTraitor(t, Limits{})
	if w := x.r.cage.walls; !w.Seccomp || w.Landlock == 0 {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatalf("this machine has not all walls that are to be taken away: %v, and GIAOLIEN_TEST_REQUIRE is set", w)
		}
		t.Skipf("this machine has not all walls that are to be taken away: %v", w)
	}
	landlock := []string{"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}
	for _, c := range []struct {
		what  string
		in    surroundings
		tests string
		want  []string // what is said there
		not   []string
	}{
		{"an ordinary user", surroundings{}, "TestNoWayOut|TestNamespaces|TestLimits|TestLeap|TestStopping|TestDeadParent|TestOwnNoWayOut|TestOwnLimits", []string{"Landlock", "seccomp", "no privileges"}, nil},
		{"the systemd unit", unit(t), "TestNoWayOut|TestOwnNoWayOut|TestHere", []string{"Landlock", "seccomp", "no privileges"}, []string{"namespaces,"}},
		{"no Landlock", surroundings{Calls: landlock}, "TestNoWayOut|TestHere", []string{"seccomp"}, []string{"Landlock"}},
		{"neither namespaces nor seccomp", surroundings{Calls: []string{"seccomp"}, Namespaces: true}, "TestHere", []string{"nothing is run"}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			out := c.in.test(t, "^("+c.tests+")$")
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
			for _, not := range c.not {
				if strings.Contains(out, not) {
					t.Errorf("says %q:\n%s", not, out)
				}
			}
		})
	}
}

// test runs tests of this binary in the surroundings, as nobody when this user is root, and gives what they say.
func (s surroundings) test(t testing.TB, tests string) string {
	t.Helper()
	told, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	root := openDir(t)
	dir, temp := filepath.Join(root, "bridge", "evidence"), filepath.Join(root, "tmp")
	binary, child := filepath.Join(dir, "evidence.test"), filepath.Join(root, "child")
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "testdata"), 0o755), os.Mkdir(temp, 0o777), os.Chmod(temp, 0o777), copyFile(binary, thisBinary(t), 0o755), copyFile(child, childCommand(t)[0], 0o755),
		copyFile(filepath.Join(dir, "testdata", "breakout.c"), filepath.Join("testdata", "breakout.c"), 0o644)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "surrounded", string(told), binary, "-test.v", "-test.run="+tests)
	cmd.Dir, cmd.Env = dir, []string{"TMPDIR=" + temp, "PATH=" + os.Getenv("PATH"), "GIAOLIEN_TEST_REQUIRE=" + os.Getenv("GIAOLIEN_TEST_REQUIRE"), "GIAOLIEN_TEST_CHILD=" + child, "GIAOLIEN_TEST_HERE=1"}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

// copyFile keeps other tests from beginning a process while the copy is open: that process would hold it open for writing for a moment, and
// nobody could run it then (ETXTBSY, golang/go#22315).
func copyFile(to, from string, mode os.FileMode) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(to, b, mode)
}

// TestHere reads a text and a scan in the surroundings that TestPlaces made. Where nothing could keep a tool from the network, none is run.
func TestHere(t *testing.T) {
	if os.Getenv("GIAOLIEN_TEST_HERE") == "" {
		t.Skip("run by TestPlaces")
	}
	tool(t, pdftotext)
	tool(t, tesseract)
	r, err := NewReader(t.Context(), Options{Limits: Limits{Wall: 5 * time.Minute, CPU: time.Minute}, Budget: 15 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{plain(), picturesPDF([][]byte{jpegOf(t, rendered(t, plain()))}, "")} {
		f := readBytes(t, r, file, "application/pdf")
		if walls := r.Walls().Network(); (f.Problem == "") != walls || strings.Contains(f.Text, "12/UBND-VX") != walls || !walls && f.Problem != NoTool {
			t.Errorf("%v: %+v", r.Walls(), f)
		}
	}
	k := newPKI(t)
	e := evidenceOf(t, r, paper{content: typed(letterLines()...)}.signed(t, k.signing()), "application/pdf")
	if walls := r.Walls().Network(); (e.Signature.State == "present") != walls || walls != r.SignatureReader().Usable {
		t.Errorf("%v: %+v, %+v", r.Walls(), e.Signature, r.SignatureReader())
	}
	if r.Walls().Network() {
		return
	}
	t.Log("nothing is run")
	for _, p := range r.Tools() {
		if p.Usable || p.Path != "" && !strings.Contains(p.Why, "network") {
			t.Errorf("%+v", p)
		}
	}
}

// TestGroup ends a child that never becomes its tool, with what it has started: its time is over, which is no fault of ours.
func TestGroup(t *testing.T) {
	t.Parallel()
	x := &traitor{t: t, mark: fmt.Sprintf("mark-%d-%d", os.Getpid(), time.Now().UnixNano())}
	c := &cage{command: []string{"/bin/sh", "-c", `sh -c 'sleep 1000; true' "$0" & echo begun; wait`, x.mark}, limits: Limits{Wall: time.Second}}
	out := &bounded{left: 100}
	end, err := c.run(t.Context(), task{Tool: "/bin/true"}, nil, out)
	if err != nil || !end.deadline || end.signal != sigKill {
		t.Errorf("%+v, %v", end, err)
	}
	if out.String() != "begun\n" {
		t.Skip("the machine is too slow to show anything")
	}
	x.alone("a shell")
}
