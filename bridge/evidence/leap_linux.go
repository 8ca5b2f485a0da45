//go:build amd64 || arm64

package evidence

import (
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// leap is the last step of the child: filter, resource limits, exec. The memory limit holds for the Go runtime of this child as well, which
// has more address space reserved than any tool may have: one allocation by any goroutine between limit and exec would end the process, and
// it would look as if the tool had. So all that the step needs is made before it, the step makes bare system calls and calls no function
// that could give way to another goroutine, and childEnv leaves no second processor for one to run on.
type leap struct {
	limits  []resource // the last one is that of memory
	must    bool       // the filter has held before, and has to
	program []unix.SockFilter
	prog    unix.SockFprog
	path    *byte
	argv    []*byte
	envv    []*byte
	word    [len(failure)]byte // what is reported
}

// failure is the form of a report by fail: the step, and the number of the error.
const failure = "step 0: error 000"

type resource struct {
	number uintptr
	limit  unix.Rlimit
}

// newLeap prepares the step. Limits are hard and soft alike, so that a tool cannot raise them.
func newLeap(t task) (*leap, error) {
	same := func(number int, value uint64) resource {
		return resource{uintptr(number), unix.Rlimit{Cur: value, Max: value}}
	}
	l := &leap{must: t.Walls.Seccomp, program: filterProgram(t.Own != ""), limits: []resource{
		same(unix.RLIMIT_CORE, 0),
		same(unix.RLIMIT_CPU, t.CPU),
		same(unix.RLIMIT_FSIZE, t.FSize),
		same(unix.RLIMIT_NOFILE, 64),
		same(unix.RLIMIT_MEMLOCK, 0),
		same(unix.RLIMIT_MSGQUEUE, 0),
		same(unix.RLIMIT_SIGPENDING, 64),
	}}
	if t.Own == "" {
		l.limits = append(l.limits, same(unix.RLIMIT_NPROC, 1), // counts all of the user's: seccomp and the namespace are the wall, this is one more
			same(unix.RLIMIT_AS, t.AS))
	} else { // has threads, and address space reserved that it never uses
		l.limits = append(l.limits, same(unix.RLIMIT_DATA, t.AS))
	}
	copy(l.word[:], failure)
	l.prog = unix.SockFprog{Len: uint16(len(l.program)), Filter: &l.program[0]}
	if t.Tool == "" {
		return l, nil
	}
	var errs [3]error
	l.path, errs[0] = syscall.BytePtrFromString(t.Tool)
	l.argv, errs[1] = syscall.SlicePtrFromStrings(append([]string{t.Tool}, t.Args...))
	l.envv, errs[2] = syscall.SlicePtrFromStrings(t.Env)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("prepare to execute %s: %w", t.Tool, err)
	}
	return l, nil
}

// jump becomes the tool, or ends the process with a report.
//
//go:nosplit
//go:norace
func (l *leap) jump() {
	last := len(l.limits) - 1
	for i := range last {
		r := &l.limits[i]
		if _, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, r.number, uintptr(unsafe.Pointer(&r.limit)), 0, 0, 0); e != 0 {
			l.fail('1', e)
		}
	}
	if e := l.filter(); e != 0 && l.must {
		l.fail('2', e)
	}
	ready := [1]byte{leaping[0]}
	if _, _, e := unix.RawSyscall(unix.SYS_WRITE, reportFD, uintptr(unsafe.Pointer(&ready)), 1); e != 0 {
		l.fail('3', e)
	}
	r := &l.limits[last]
	if _, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, r.number, uintptr(unsafe.Pointer(&r.limit)), 0, 0, 0); e != 0 {
		l.fail('4', e)
	}
	_, _, e := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(l.path)), uintptr(unsafe.Pointer(&l.argv[0])), uintptr(unsafe.Pointer(&l.envv[0])))
	l.fail('5', e)
}

// filter puts this thread, and what it becomes, under the filter.
//
//go:nosplit
//go:norace
func (l *leap) filter() unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&l.prog)))
	return e
}

// fail reports a step and its error number, and ends.
//
//go:nosplit
//go:norace
func (l *leap) fail(step byte, e unix.Errno) {
	end := len(failure) - 1
	l.word[len("step ")] = step
	l.word[end], l.word[end-1], l.word[end-2] = '0'+byte(e%10), '0'+byte(e/10%10), '0'+byte(e/100%10)
	unix.RawSyscall(unix.SYS_WRITE, reportFD, uintptr(unsafe.Pointer(&l.word)), uintptr(len(failure)))
	for {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0)
	}
}
