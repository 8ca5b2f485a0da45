package axis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// DropOptions describe a folder into which the document system puts packages.
type DropOptions struct {
	Name   string
	Folder string
	Start  time.Time
	Poll   time.Duration // 0: 1 min
	Settle time.Duration // a broken file younger than this may still be being written; 0: 1 min
	Most   int64         // larger files are broken; 0: 512 MiB
	Spool  string
}

// doneFolder takes the files that are durable with us.
const doneFolder = "done"

// Drop reads such a folder: every *.edxml file is made durable and then moved to done/. What cannot be read stays where it is, under an
// alarm. Run and Drain may not be used at the same time.
type Drop struct {
	o      DropOptions
	deps   Deps
	take   reception
	log    *slog.Logger
	raised map[string]string // file → key of its alarm
	there  bool              // the folder could be read last time
	away   bool              // … could not, and an alarm says so
}

// NewDrop checks the options.
func NewDrop(o DropOptions, d Deps) (*Drop, error) {
	if !d.complete() || o.Name == "" || o.Folder == "" || o.Start.IsZero() {
		return nil, fmt.Errorf("folder inbox %s: an option or dependency is missing", o.Name)
	}
	o.Poll = cmp.Or(o.Poll, time.Minute)
	o.Settle = cmp.Or(o.Settle, time.Minute)
	o.Most = cmp.Or(o.Most, 512<<20)
	f := &Drop{o: o, deps: d, log: d.Log.With("axis", o.Name), raised: map[string]string{}}
	f.take = reception{deps: &f.deps, name: o.Name, start: o.Start, spool: o.Spool}
	return f, nil
}

// Run reads the folder until ctx ends.
func (f *Drop) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := f.round(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, bridge.ErrHeld) {
			f.log.WarnContext(ctx, "folder is not read", "error", err)
		}
		if sleep(ctx, f.o.Poll) != nil {
			return nil
		}
	}
	return nil
}

// Drain reads the folder once.
func (f *Drop) Drain(ctx context.Context) (Counts, error) {
	n, err := f.round(ctx)
	if err != nil {
		return n, fmt.Errorf("drain folder inbox %s: %w", f.o.Name, err)
	}
	return n, nil
}

func (f *Drop) round(ctx context.Context) (n Counts, err error) {
	h, err := bridge.TakeHold(ctx, f.deps.Leases, "drop:"+f.o.Name, f.deps.Owner)
	if err != nil {
		return n, err
	}
	defer func() { err = errors.Join(err, h.Release(ctx)) }()
	entries, err := os.ReadDir(f.o.Folder)
	if err != nil {
		f.folderAway(ctx)
		return n, fmt.Errorf("read folder: %w", err)
	}
	if !f.there { // an earlier run may have raised it
		f.there, f.away = true, false
		f.deps.Clear(ctx, alarmFolder+":"+f.o.Name)
	}
	f.deps.Meter.Set(bridge.MetricContact, float64(f.deps.Now().Unix()), f.o.Name, "folder")
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.EqualFold(filepath.Ext(e.Name()), ".edxml") {
			continue
		}
		n.Listed++
		one, err := f.file(h, e.Name())
		n.add(one)
		switch {
		case err == nil:
			f.calm(ctx, e.Name())
		case errors.Is(err, fs.ErrNotExist): // taken away by its owner
			n.Listed--
		case errors.Is(err, errOurs) || h.Ctx.Err() != nil:
			return n, err
		default:
			n.Left++
			f.broken(ctx, e, err)
		}
	}
	return n, nil
}

// alarmFolder says that a folder inbox cannot be read.
const alarmFolder = "axis-folder"

func (f *Drop) folderAway(ctx context.Context) {
	if f.there = false; !f.away {
		f.away = true
		f.deps.Alarm(ctx, bridge.Alarm{Key: alarmFolder + ":" + f.o.Name, Code: alarmFolder,
			Text: "Trục " + f.o.Name + ": không đọc được thư mục nhận gói tin; kiểm tra folder trong cấu hình và quyền truy cập."})
	}
}

// file takes one file. It is moved only when it is durable with us.
func (f *Drop) file(h *bridge.Hold, name string) (Counts, error) {
	path := filepath.Join(f.o.Folder, name)
	in, err := os.Open(path)
	if err != nil {
		return Counts{}, nameless(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return Counts{}, nameless(err)
	}
	if !info.Mode().IsRegular() || info.Size() > f.o.Most {
		return Counts{}, bridge.ErrOversize
	}
	peeled, err := edxml.Peel(&limited{r: in, left: f.o.Most})
	if err != nil {
		return Counts{}, fmt.Errorf("%w: %w", errBroken, err)
	}
	var digest bridge.Digest
	n, err := f.take.take(h.Ctx, h.Fence, peeled, facts{origin: func(receiver string, raw bridge.Digest) string {
		digest = raw
		return bridge.OriginDrop(f.o.Name, raw, receiver)
	}})
	if err != nil {
		return n, err
	}
	return n, f.move(path, name, digest)
}

// move puts a file into done/. One of that name that is there already stays: this one gets its digest into its name.
func (f *Drop) move(path, name string, digest bridge.Digest) error {
	done := filepath.Join(f.o.Folder, doneFolder)
	if err := os.MkdirAll(done, 0o750); err != nil {
		return fmt.Errorf("make folder %s: %w: %w", doneFolder, errStays, nameless(err))
	}
	to := filepath.Join(done, name)
	if _, err := os.Lstat(to); err == nil {
		ext := filepath.Ext(name)
		end := "-" + hex.EncodeToString(digest[:6]) + ext
		stem := strings.TrimSuffix(name, ext)
		to = filepath.Join(done, strings.ToValidUTF8(stem[:min(len(stem), maxName-len(end))], "")+end)
	}
	if err := os.Rename(path, to); err != nil {
		return fmt.Errorf("move package: %w: %w", errStays, nameless(err))
	}
	return nil
}

// maxName is how many bytes a file system gives a name.
const maxName = 255

// errStays says that a package is durable with us, and its file cannot be moved away.
var errStays = errors.New("file cannot be moved")

// nameless is an error without the name of a file: names of files are not for logs.
func nameless(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// broken raises an alarm for a file that stays, unless it may still be being written.
func (f *Drop) broken(ctx context.Context, e fs.DirEntry, why error) {
	f.log.WarnContext(ctx, "package is not taken", "error", why)
	info, err := e.Info()
	if err != nil || f.deps.Now().Sub(info.ModTime()) < f.o.Settle || f.raised[e.Name()] != "" {
		return
	}
	code, text := alarmPackage, "một tệp trong thư mục nhận gói tin không đọc được ("+reason(why)+"); tệp vẫn nằm ở đó, hãy xem thư mục"
	switch {
	case errors.Is(why, errStays):
		text = "một tệp trong thư mục nhận gói tin đã được nhận nhưng không chuyển được vào done; kiểm tra quyền ghi của thư mục"
	case errors.Is(why, errNobody):
		code, text = alarmReceiver, "một tệp trong thư mục nhận gói tin không gửi cho đơn vị nào được cấu hình; kiểm tra code của [[agency]]"
	}
	sum := sha256.Sum256([]byte(e.Name())) // names of files are not for logs and mails
	key := code + ":" + f.o.Name + ":" + hex.EncodeToString(sum[:6])
	f.raised[e.Name()] = key
	f.deps.Meter.Add(bridge.MetricFetchFailures, 1, f.o.Name)
	f.deps.Alarm(ctx, bridge.Alarm{Key: key, Code: code, Text: "Trục " + f.o.Name + ": " + text + "."})
}

// calm clears the alarm of a file that could be read after all.
func (f *Drop) calm(ctx context.Context, name string) {
	if key := f.raised[name]; key != "" {
		delete(f.raised, name)
		f.deps.Clear(ctx, key)
	}
}
