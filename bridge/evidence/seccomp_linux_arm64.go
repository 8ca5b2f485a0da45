package evidence

import "golang.org/x/sys/unix"

const auditArch = unix.AUDIT_ARCH_AARCH64

// forbiddenHere are calls that only this processor has.
func forbiddenHere() []uint32 { return []uint32{unix.SYS_KEXEC_FILE_LOAD} }

// openFlagsHere is the part of openFlags that only this processor has.
func openFlagsHere() map[uint32]uint32 { return map[uint32]uint32{} }
