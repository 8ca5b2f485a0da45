//go:build amd64 || arm64

package evidence

import (
	"slices"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data.
const (
	dataNumber   = 0
	dataArch     = 4
	dataFirstArg = 16
)

// x32 is the mark of the second table of system calls that x86-64 has; no tool of a distribution uses it.
const x32 = 0x40000000

// forbidden are the system calls that no reader of documents needs: the network, processes and threads, other processes, the kernel's own
// furniture, and whatever changes a file by its name (Landlock has no say in modes, owners and times, and not every kernel has Landlock).
// They answer EPERM. What may be read is the business of Landlock and of permissions.
func forbidden() []uint32 {
	return slices.Concat(forbiddenHere(), []uint32{
		unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
		unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_RECVMMSG,

		unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_SETSID, unix.SYS_SETPGID,

		unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_RT_SIGQUEUEINFO, unix.SYS_RT_TGSIGQUEUEINFO, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD,
		unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE,
		unix.SYS_KCMP, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET,

		unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,

		unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE, unix.SYS_FSOPEN,
		unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR, unix.SYS_NAME_TO_HANDLE_AT,
		unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_QUOTACTL, unix.SYS_SWAPON, unix.SYS_SWAPOFF,

		unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER,
		unix.SYS_IO_URING_REGISTER, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE,
		unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SYSLOG, unix.SYS_ACCT, unix.SYS_SETTIMEOFDAY,
		unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_PERSONALITY,

		unix.SYS_SETUID, unix.SYS_SETGID, unix.SYS_SETREUID, unix.SYS_SETREGID, unix.SYS_SETRESUID, unix.SYS_SETRESGID, unix.SYS_SETGROUPS,
		unix.SYS_SETFSUID, unix.SYS_SETFSGID, unix.SYS_CAPSET,

		unix.SYS_OPENAT2, unix.SYS_TRUNCATE, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_MKDIRAT, unix.SYS_MKNODAT,
		unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_FCHMOD, unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT,
		unix.SYS_UTIMENSAT, unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_FSETXATTR, unix.SYS_SETXATTRAT, unix.SYS_REMOVEXATTR,
		unix.SYS_LREMOVEXATTR, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT,
	})
}

// ownOnly are calls that name a process in their first argument, and may name only the caller (abort, and asking for limits).
func ownOnly() map[uint32][]uint32 {
	return map[uint32][]uint32{
		unix.SYS_TGKILL:    {uint32(unix.Getpid())}, // the exec keeps the number
		unix.SYS_PRLIMIT64: {0, uint32(unix.Getpid())},
	}
}

// openFlags says which argument of a call that opens a file by its name holds the flags. Files are opened for reading only.
func openFlags() map[uint32]uint32 {
	calls := openFlagsHere()
	calls[unix.SYS_OPENAT] = 2
	return calls
}

// Instructions of the packet machine.
const (
	load     = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal    = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	anyOf    = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	atLeast  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	with     = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	answer   = unix.BPF_RET | unix.BPF_K
	refusal  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	argument = dataFirstArg // its lower half: both processors are little-endian
	writing  = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC
)

// Flags of a call that makes a thread of the same process and nothing else, without and with what C's library adds.
const (
	aThread  = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD | unix.CLONE_SYSVSEM
	asThread = aThread | unix.CLONE_SETTLS | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_CLEARTID
)

// multiplying answers the calls that make processes and threads. A foreign tool may make neither. Go cannot be without threads, so this
// program itself may make them: by the old call, whose flags can be looked at, while the new one is said not to be there.
func multiplying(threads bool) []unix.SockFilter {
	if !threads {
		return []unix.SockFilter{
			{Code: equal, K: unix.SYS_CLONE, Jf: 1}, {Code: answer, K: refusal},
			{Code: equal, K: unix.SYS_CLONE3, Jf: 1}, {Code: answer, K: refusal},
		}
	}
	return []unix.SockFilter{
		{Code: equal, K: unix.SYS_CLONE3, Jf: 1}, {Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
		{Code: equal, K: unix.SYS_CLONE, Jf: 8},
		{Code: load, K: argument}, {Code: with, K: aThread}, {Code: equal, K: aThread, Jf: 4},
		{Code: load, K: argument}, {Code: with, K: ^uint32(asThread)}, {Code: equal, K: 0, Jf: 1},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW}, {Code: answer, K: refusal},
	}
}

// filterProgram writes the filter for the kernel's packet machine (Documentation/userspace-api/seccomp_filter.rst).
func filterProgram(threads bool) []unix.SockFilter {
	p := []unix.SockFilter{
		{Code: load, K: dataArch},
		{Code: equal, K: auditArch, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: load, K: dataNumber},
		{Code: atLeast, K: x32, Jf: 1},
		{Code: answer, K: refusal},
	}
	for _, number := range forbidden() {
		p = append(p, unix.SockFilter{Code: equal, K: number, Jf: 1}, unix.SockFilter{Code: answer, K: refusal})
	}
	for number, arg := range openFlags() {
		p = append(p, unix.SockFilter{Code: equal, K: number, Jf: 4}, unix.SockFilter{Code: load, K: argument + 8*arg},
			unix.SockFilter{Code: anyOf, K: writing, Jf: 1}, unix.SockFilter{Code: answer, K: refusal},
			unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
	}
	p = append(p, multiplying(threads)...)
	for number, who := range ownOnly() {
		p = append(p, unix.SockFilter{Code: equal, K: number, Jf: uint8(2 + 2*len(who))}, unix.SockFilter{Code: load, K: argument})
		for _, pid := range who {
			p = append(p, unix.SockFilter{Code: equal, K: pid, Jf: 1}, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
		}
		p = append(p, unix.SockFilter{Code: answer, K: refusal})
	}
	return append(p, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
}
