//go:build amd64 || arm64

package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// reportFD is the pipe on which the child says what kept it from becoming its tool. It closes with the exec, which is the good news.
const reportFD = 3

// Child is what the program does as its own child: it reads the task, walls itself in and becomes the tool. It returns only when that
// could not be done, or when the walls were only to be reported. The tool may be this program itself, which then does what it has of its own
// for hostile files: behind walls that hold for all of its threads, since they stood before it began.
func Child(told string) error {
	var t task
	err := json.Unmarshal([]byte(told), &t)
	if err == nil && t.Tool == "" && t.Own != "" { // it has become the tool
		return perform(t.Own, os.Stdin, os.Stdout)
	}
	runtime.LockOSThread() // rules, filter and credentials are those of a thread, and it is this one that becomes the tool
	report := os.NewFile(reportFD, "report")
	if err == nil {
		err = child(t)
	} else {
		err = fmt.Errorf("read task: %w", err)
	}
	if err != nil && report != nil {
		_, wrote := io.WriteString(report, err.Error())
		err = errors.Join(err, wrote)
	}
	return err
}

func child(t task) error {
	rules, err := fileRules(t.Read, t.Exec)
	if err != nil {
		return fmt.Errorf("prepare file rules: %w", err)
	}
	if t.Walls.Landlock > rules.abi {
		return fmt.Errorf("the file rules are gone: Landlock was %d, is %d", t.Walls.Landlock, rules.abi)
	}
	if err := stepBack(); err != nil {
		return err
	}
	if err := renounce(); err != nil {
		return err
	}
	if err := keepOut(); err != nil {
		return err
	}
	unix.Umask(0o077)
	if err := rules.enforce(); err != nil {
		return fmt.Errorf("enforce file rules: %w", err)
	}
	l, err := newLeap(t)
	if err != nil {
		return err
	}
	if t.Tool != "" {
		l.jump()
	}
	return reportWalls(Walls{Landlock: rules.abi, Seccomp: l.filter() == 0})
}

// stepBack lets the daemon go first: for the processor, and when memory runs out. It is a courtesy and no wall, so a place that forbids it (a
// filter of system calls, a /proc that is read-only) is none to stop at.
func stepBack() error {
	err := unix.Setpriority(unix.PRIO_PROCESS, 0, 10)
	if err != nil && !errors.Is(err, unix.EPERM) {
		return fmt.Errorf("lower priority: %w", err)
	}
	err = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, unix.EROFS) && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("offer to die first: %w", err)
	}
	return nil
}

// renounce gives up being root, and every way to become it. Only this thread does: the others end with the exec.
func renounce() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("renounce new privileges: %w", err)
	}
	if os.Geteuid() == 0 {
		if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); e != 0 {
			return fmt.Errorf("leave groups: %w", e)
		}
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, nobody, nobody, nobody); e != 0 {
			return fmt.Errorf("become group nobody: %w", e)
		}
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); e != 0 {
			return fmt.Errorf("become nobody: %w", e)
		}
	}
	// Once more than at the start, since a change of user clears it, and the wish is one of the thread that becomes the tool.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("ask to die with the parent: %w", err)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var has, none [2]unix.CapUserData
	if err := unix.Capget(&header, &has[0]); err != nil {
		return fmt.Errorf("look at capabilities: %w", err)
	}
	if has == none { // whoever has none may be forbidden to ask, as by the unit in packaging/
		return nil
	}
	if err := unix.Capset(&header, &none[0]); err != nil {
		return fmt.Errorf("give up capabilities: %w", err)
	}
	return nil
}

// keepOut closes, at the exec, every descriptor but input, output and diagnostics, whoever left it open.
func keepOut() error {
	err := unix.CloseRange(reportFD, ^uint(0)>>1, unix.CLOSE_RANGE_CLOEXEC)
	if err == nil {
		return nil
	}
	if !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EPERM) { // before Linux 5.11, or filtered
		return fmt.Errorf("close descriptors: %w", err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("list descriptors: %w", err)
	}
	for _, f := range open {
		var fd int
		if _, err := fmt.Sscan(f.Name(), &fd); err == nil && fd >= reportFD {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// reportWalls tries each wall and writes what held.
func reportWalls(w Walls) error {
	if w.Seccomp {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err == nil {
			w.Seccomp = false
			err = unix.Close(fd)
		}
		if err != nil && !errors.Is(err, unix.EPERM) {
			return fmt.Errorf("try a socket: %w", err)
		}
	}
	if fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil && w.Landlock > 0 {
		return errors.Join(errors.New("the file rules do not hold"), unix.Close(fd))
	} else if err == nil {
		if err := unix.Close(fd); err != nil {
			return err
		}
	}
	w.NoPrivs = unix.Geteuid() != 0
	told, err := json.Marshal(w)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(told)
	return err
}
