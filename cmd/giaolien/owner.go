package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// ownerName tells this process from every other one on the same database: host, process namespace, process, and a random part, since
// process numbers come again.
func ownerName() string {
	b := make([]byte, 4)
	rand.Read(b) // never fails (crypto/rand)
	return strings.Join([]string{home(), strconv.Itoa(os.Getpid()), hex.EncodeToString(b)}, "/")
}

// home names the space in which process numbers mean something: this boot of this machine, and inside it the process namespace (a
// container has its own).
func home() string {
	parts := make([]string, 0, 3)
	host, err := os.Hostname()
	parts = append(parts, known(host, err))
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	parts = append(parts, known(string(boot), err))
	space, err := os.Readlink("/proc/self/ns/pid")
	return strings.Join(append(parts, known(space, err)), "/")
}

// known makes a part of an owner's name; where the system does not tell it, the part is empty, and so is the claim to know it.
func known(s string, err error) string {
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(s), "/", "-")
}

// releaseDead ends the leases of processes of this host that are no more, so that a restart after a crash goes on at once.
func (a *app) releaseDead(ctx context.Context) error {
	stale, err := a.deadHands() // before the leases are read: what dies later is for the next start
	if err != nil {
		return err
	}
	owners, err := a.store.Owners(ctx)
	if err != nil {
		return err
	}
	for _, owner := range owners {
		if !dead(owner) {
			continue
		}
		suspects, err := inHand(a.config.Data, owner)
		if err != nil {
			return err
		}
		if err := a.store.ReleaseOwner(ctx, owner, suspects); err != nil {
			return err
		}
		if err := errors.Join(forget(handFile(a.config.Data, owner)), forget(crashFile(a.config.Data, owner))); err != nil {
			return err
		}
		a.log.Info("took over from a process that is gone", "owner", owner)
	}
	for _, name := range stale { // most of them died without a lease
		if err := forget(name); err != nil {
			return err
		}
	}
	return nil
}

// deadHands lists the files of what dead processes had in hand.
func (a *app) deadHands() ([]string, error) {
	list, err := filepath.Glob(filepath.Join(a.config.Data, "inhand", "*"))
	if err != nil {
		return nil, fmt.Errorf("look for what dead processes had in hand: %w", err)
	}
	return slices.DeleteFunc(list, func(name string) bool { return !dead(strings.ReplaceAll(filepath.Base(name), "_", "/")) }), nil
}

// forget removes a file of what a dead process had in hand, unless another start has done so.
func forget(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what a dead process had in hand: %w", err)
	}
	return nil
}

// dead says whether an owner was a process of this host that does not exist any more. In doubt it lives, and its leases run out.
func dead(owner string) bool {
	rest, here := strings.CutPrefix(owner, home()+"/")
	if !here {
		return false
	}
	number, _, _ := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 0 || pid == os.Getpid() {
		return false
	}
	return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid)
}

// zombie says whether a process has ended and only waits for its parent to notice (proc(5), /proc/pid/stat: the state follows the name).
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	return strings.HasPrefix(string(stat[bytes.LastIndexByte(stat, ')')+1:]), " Z") // a name may hold brackets itself
}
