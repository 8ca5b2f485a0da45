//go:build amd64 || arm64

package evidence

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// nobody is the user and group that a tool runs as: in a namespace of its own, or for real when the program itself is root.
const nobody = 65534

// confine prepares the child's place: a session of its own, death with the parent, and namespaces where they stand.
func (c *cage) confine(cmd *exec.Cmd) error {
	attr := &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if c.walls.Namespaces {
		attr.Cloneflags = syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC
		if os.Geteuid() != 0 { // root needs no user namespace; its child becomes nobody by itself
			attr.Cloneflags |= syscall.CLONE_NEWUSER
			attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Geteuid(), Size: 1}}
			attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getegid(), Size: 1}}
		}
	}
	cmd.SysProcAttr = attr
	return nil
}

// unnamed makes a file without a name, and a second descriptor that can only read it: nobody else can open it, and it is gone with this
// program, however that ends. (Where the file system cannot do that, a file is made and its name taken off; a program killed just between
// leaves an empty file.)
func unnamed(dir string) (write, read *os.File, err error) {
	if dir == "" {
		dir = os.TempDir()
	}
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err == nil {
		write = os.NewFile(uintptr(fd), "unnamed file")
	} else if write, err = os.CreateTemp(dir, "giaolien-"); err != nil {
		return nil, nil, fmt.Errorf("make temporary file: %w", err)
	} else if err := os.Remove(write.Name()); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("take the name off temporary file: %w", err), write.Close())
	}
	if read, err = os.Open(fmt.Sprintf("/proc/self/fd/%d", write.Fd())); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open temporary file for reading: %w", err), write.Close())
	}
	return write, read, nil
}

// endGroup waits for the child's end and then ends whatever it left in its group. The child is not reaped before, so that the group's
// number is still its own. (In a process namespace, whose first process the child is, the kernel has ended all others with it; where there
// is none, seccomp lets it start none.)
func endGroup(cmd *exec.Cmd) error {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for child: %w", err)
		}
		break
	}
	if err := unix.Kill(-cmd.Process.Pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("end the child's group: %w", err)
	}
	return nil
}

// signalOf is the signal that ended a process, 0 when none did.
func signalOf(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return int(w.Signal())
	}
	return 0
}
