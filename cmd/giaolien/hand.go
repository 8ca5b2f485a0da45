package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// hand is a small file that says which receipts this process is reading at this moment, and beside it a file that takes what the runtime
// says when it crashes. From both the next start sees whom to suspect: whatever was in hand when we crashed, and whatever had been in hand
// for long when we ended without a word, since a message that eats all memory does not say so. What a kill met in passing is no suspect.
//
// Nothing is synced: the files have to outlive a killed process, not a lost machine, after which every lease runs out and every job of it
// is a suspect.
type hand struct {
	mu    sync.Mutex
	file  *os.File
	crash *os.File
	slots []string // guarded by mu; empty: free
}

const (
	handSlot = 48                     // room of one receipt in the file, in bytes
	longHeld = 250 * time.Millisecond // far above what reading a mail takes, below what it takes to fill a machine
	longMark = "long"
)

func handFile(data, owner string) string {
	return filepath.Join(data, "inhand", strings.ReplaceAll(owner, "/", "_"))
}

func crashFile(data, owner string) string { return handFile(data, owner) + ".crash" }

func newHand(data, owner string) (*hand, error) {
	if err := os.MkdirAll(filepath.Join(data, "inhand"), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for what is in hand: %w", err)
	}
	h := &hand{}
	var err error
	if h.file, err = newFile(handFile(data, owner)); err != nil {
		return nil, fmt.Errorf("make file for what is in hand: %w", err)
	}
	if h.crash, err = newFile(crashFile(data, owner)); err == nil {
		err = debug.SetCrashOutput(h.crash, debug.CrashOptions{})
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make file for a crash: %w", err), h.close())
	}
	return h, nil
}

func newFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// hold takes a receipt in hand until the function it gives is called. A disk that cannot be written to must not stop the work: then
// nobody is suspect, and a message that ends the process is found by its tries when the leases run out.
func (h *hand) hold(receipt string) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	slot := slices.Index(h.slots, "")
	if slot < 0 {
		h.slots = append(h.slots, "")
		slot = len(h.slots) - 1
	}
	h.put(slot, receipt)
	long := time.AfterFunc(longHeld, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.slots[slot] == receipt {
			h.put(slot, receipt+" "+longMark)
		}
	})
	return func() {
		long.Stop()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.put(slot, "")
	}
}

func (h *hand) put(slot int, text string) {
	h.slots[slot] = text
	line := fmt.Sprintf("%-*s\n", handSlot-1, text)
	_, _ = h.file.WriteAt([]byte(line), int64(slot*handSlot))
}

// close forgets the files: who ends in order leaves nothing.
func (h *hand) close() error {
	var errs []error
	for _, f := range []*os.File{h.file, h.crash} {
		if f != nil {
			errs = append(errs, f.Close(), os.Remove(f.Name()))
		}
	}
	return errors.Join(errs...)
}

// inHand gives the receipts that a dead process is suspected of having died of; nil when its file is not there.
func inHand(data, owner string) ([]string, error) {
	text, err := os.ReadFile(handFile(data, owner))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what a dead process had in hand: %w", err)
	}
	last, err := os.ReadFile(crashFile(data, owner))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read what a dead process said: %w", err)
	}
	suspects := []string{}
	for line := range strings.Lines(string(text)) {
		receipt, mark, _ := strings.Cut(strings.TrimSpace(line), " ")
		if receipt != "" && (len(last) > 0 || mark == longMark) {
			suspects = append(suspects, receipt)
		}
	}
	return suspects, nil
}
