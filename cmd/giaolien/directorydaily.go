package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/mapping/directory"
)

// alarmDiffers says that the axis' list of agencies is not what the directory says; the key adds the name of the axis.
const alarmDiffers = "directory-differs"

const (
	compareEvery = 24 * time.Hour
	compareAgain = time.Hour // after an answer that was none
)

// compareDaily compares the directory with the axis' list, at the start and then once a day, until ctx ends. Several daemons share the work:
// who has the lease does it.
func (a *app) compareDaily(ctx context.Context, x config.Axis) error {
	for ctx.Err() == nil {
		wait := compareEvery
		if err := a.compareOnce(ctx, x); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "agency list was not compared; the directory stays as it is", "axis", x.Name, "error", err)
			wait = compareAgain
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

func (a *app) compareOnce(ctx context.Context, x config.Axis) error {
	fence, mine, err := a.store.TakeLease(ctx, "directory:"+x.Name, a.owner, 10*time.Minute)
	if err != nil || !mine {
		return err
	}
	err = a.compare(ctx, x)
	return errors.Join(err, a.store.DropLease(context.WithoutCancel(ctx), fence))
}

// compare reports what differs. With sync_apply, what is new or changed and certain by its codes is written into the directory; an agency
// that the list does not name any more is never closed without a person, since a list may be short.
func (a *app) compare(ctx context.Context, x config.Axis) error {
	list, err := askAgencies(ctx, a.config, x.Name)
	if err != nil {
		return err
	}
	e, err := openEdit(a.config, false)
	if err != nil {
		return err
	}
	diff := e.current.Sync(list, directory.Day(time.Now()))
	if x.SyncApply && len(diff.New)+len(diff.Changed) > 0 {
		if err := a.applyCertain(ctx, e, diff); err != nil {
			return err
		}
		a.log.InfoContext(ctx, "directory was brought up to date", "axis", x.Name, "new", len(diff.New), "changed", len(diff.Changed))
		diff.New, diff.Changed = nil, nil
	}
	a.report(ctx, x.Name, diff)
	return nil
}

func (a *app) applyCertain(ctx context.Context, e *directoryEdit, diff directory.Difference) error {
	diff.Closed, diff.InDoubt = nil, nil
	plan, err := e.current.Apply(diff)
	if err != nil {
		return fmt.Errorf("bring directory up to date: %w", err)
	}
	if err := e.carryOut(ctx, streams{out: io.Discard, err: io.Discard}, plan, false); err != nil {
		return err
	}
	if _, err := a.know.swap(ctx, a.store, func() (bool, error) { return true, a.know.reload(ctx, io.Discard) }); err != nil {
		return fmt.Errorf("take over the new directory: %w", err)
	}
	return nil
}

// report raises one alarm with the counts, and ends it when nothing differs.
func (a *app) report(ctx context.Context, name string, diff directory.Difference) {
	key := alarmDiffers + ":" + name
	if len(diff.New)+len(diff.Changed)+len(diff.Closed)+len(diff.InDoubt) == 0 {
		a.clear(ctx, key)
		return
	}
	a.raise(ctx, bridge.Alarm{Key: key, Code: alarmDiffers, Text: fmt.Sprintf(
		"Danh sách đơn vị của trục %s khác danh bạ: thêm %d, sửa %d, đóng %d, nghi vấn %d; xem bằng giaolien directory sync --axis %s --dry-run.",
		name, len(diff.New), len(diff.Changed), len(diff.Closed), len(diff.InDoubt), name)})
}
