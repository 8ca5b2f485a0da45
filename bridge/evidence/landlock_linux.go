//go:build amd64 || arm64

package evidence

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// rules is a Landlock rule set (Documentation/userspace-api/landlock.rst) that lets a tool read a few folders, execute itself, write
// nowhere, and reach no network.
type rules struct {
	abi int // 0: the kernel has no Landlock
	fd  int
}

const (
	mayRead    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayExecute = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
)

// fileRules builds the rule set. What is to be read and is not there is left out.
func fileRules(read, execute []string) (rules, error) {
	abi, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e == unix.ENOSYS || e == unix.EOPNOTSUPP || e == unix.EPERM { // not built in, not switched on at boot, forbidden by a filter around us
		return rules{fd: -1}, nil
	}
	if e != 0 {
		return rules{}, fmt.Errorf("ask for Landlock: %w", e)
	}
	attr := everything(int(abi))
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if e != 0 {
		return rules{}, fmt.Errorf("create rule set: %w", e)
	}
	r := rules{abi: int(abi), fd: int(fd)}
	for _, path := range read {
		if err := r.allow(path, mayRead); err != nil {
			return rules{}, err
		}
	}
	for _, path := range execute {
		if err := r.allow(path, mayExecute); err != nil {
			return rules{}, err
		}
	}
	return r, nil
}

// everything is what the rules govern: all that this version of Landlock can. What is governed and not allowed is forbidden.
func everything(abi int) unix.LandlockRulesetAttr {
	rights := uint64(1)<<13 - 1
	if abi >= 2 {
		rights |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if abi >= 3 {
		rights |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if abi >= 5 {
		rights |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: rights}
	if abi >= 4 {
		attr.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	}
	if abi >= 6 {
		attr.Scoped = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
	}
	return attr
}

func (r rules) allow(path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	var s unix.Stat_t
	if err := unix.Fstat(fd, &s); err != nil {
		return errors.Join(fmt.Errorf("look at %s: %w", path, err), unix.Close(fd))
	}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &^= unix.LANDLOCK_ACCESS_FS_READ_DIR
	}
	attr := unix.LandlockPathBeneathAttr{Allowed_access: rights, Parent_fd: int32(fd)}
	_, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&attr)), 0, 0, 0)
	if e != 0 {
		return errors.Join(fmt.Errorf("allow %s: %w", path, e), unix.Close(fd))
	}
	return unix.Close(fd)
}

// enforce puts this thread, and what it becomes, under the rules. No new privileges must have been renounced before.
func (r rules) enforce() error {
	if r.abi == 0 {
		return nil
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(r.fd), 0, 0); e != 0 {
		return e
	}
	return nil
}
