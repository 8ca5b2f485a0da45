package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
)

// A killed daemon whose parent has not noticed yet answers signals, and is dead all the same.
func TestDeadZombie(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	const byPID, exited, leave = 1, 4, 0x1000000 // P_PID, WEXITED, WNOWAIT of waitid(2): wait for the end without noticing it
	errno := syscall.EINTR
	for errno == syscall.EINTR {
		_, _, errno = syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(cmd.Process.Pid), 0, exited|leave, 0, 0)
	}
	if errno != 0 {
		t.Fatal(errno)
	}
	if !dead(ownerOf(cmd.Process.Pid)) {
		t.Error("a process that has ended, and only waits for its parent, is taken for living")
	}
}
