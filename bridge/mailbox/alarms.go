package mailbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// Codes of alarms; the key adds the name of the mailbox.
const (
	alarmSilent   = "mailbox-silent"       // no proof of life for Options.SilentAfter
	alarmLogin    = "mailbox-login"        // the server refuses the login
	alarmToken    = "mailbox-token"        // a token is near its end and nobody renews it
	alarmFolder   = "mailbox-folder"       // a folder cannot or must not be watched
	alarmAction   = "mailbox-action"       // the server does not allow the flag or move asked for
	alarmValidity = "mailbox-uidvalidity"  // the server has renumbered a folder
	alarmMessage  = "message-failed"       // a message waits for a person; its key names folder and UID
	alarmCleared  = "cleared-message-gone" // a message whose mark was a false alarm is no longer there; its key names folder and UID
	alarmDisk     = "disk-full"            // one for the whole program
)

// alarms raises each alarm once, and clears it when the last of the folders that had cause for it has none any more. The first time that
// all is well it is cleared too: an earlier run may have raised it.
type alarms struct {
	mu    sync.Mutex
	deps  *Deps
	name  string
	cause map[string][]string // by code: folders that have cause; no entry: not yet known
}

func (a *alarms) key(code string) string {
	if code == alarmDisk {
		return code
	}
	return code + ":" + a.name
}

// raise is for states, which end. text is for the administrator, in Vietnamese, without any fact about a message.
func (a *alarms) raise(ctx context.Context, code, folder, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	folders := a.cause[code]
	if slices.Contains(folders, folder) {
		return
	}
	a.set(code, append(folders, folder))
	if len(folders) == 0 {
		a.deps.Log.ErrorContext(ctx, "alarm raised", "code", code, "mailbox", a.name, "folder", folder)
		a.deps.Alarm(ctx, bridge.Alarm{Key: a.key(code), Code: code, Text: "Hộp thư " + a.name + ": " + text + "."})
	}
}

// clear says that folder has no cause for the alarm.
func (a *alarms) clear(ctx context.Context, code, folder string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	folders, known := a.cause[code]
	i := slices.Index(folders, folder)
	if known && i < 0 {
		return
	}
	if i >= 0 {
		folders = slices.Delete(slices.Clone(folders), i, i+1)
	}
	a.set(code, folders)
	if len(folders) == 0 {
		a.deps.Clear(ctx, a.key(code))
	}
}

func (a *alarms) set(code string, folders []string) {
	if a.cause == nil {
		a.cause = map[string][]string{}
	}
	a.cause[code] = folders
}

// tell is for events, which do not end by themselves.
func (a *alarms) tell(ctx context.Context, key, code, text string) {
	a.deps.Log.ErrorContext(ctx, "alarm raised", "code", code, "mailbox", a.name, "key", key)
	a.deps.Alarm(ctx, bridge.Alarm{Key: key, Code: code, Text: "Hộp thư " + a.name + ": " + text + "."})
}

// pulse notices a folder without proof of life, a whole answer to a command, for Options.SilentAfter: ten days of silence look like ten
// quiet days. It runs while the folder is ours to watch.
type pulse struct {
	f     *folder
	mu    sync.Mutex
	timer *time.Timer
}

// begin waits for the first sign. Beginning again changes nothing.
func (p *pulse) begin(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer == nil {
		p.timer = time.AfterFunc(p.f.w.o.SilentAfter, func() {
			if ctx.Err() == nil {
				p.f.w.alarms.raise(ctx, alarmSilent, p.f.name, fmt.Sprintf("đã hơn %d phút không liên lạc được với máy chủ, thư mới chưa được lấy về", int(p.f.w.o.SilentAfter.Minutes())))
			}
		})
	}
}

// beat is a sign of life.
func (p *pulse) beat(ctx context.Context) {
	p.mu.Lock()
	if p.timer != nil {
		p.timer.Reset(p.f.w.o.SilentAfter)
	}
	p.mu.Unlock()
	p.f.w.deps.Meter.Set(bridge.MetricContact, float64(p.f.w.deps.Now().Unix()), p.f.w.o.Name, p.f.name)
	p.f.w.alarms.clear(ctx, alarmSilent, p.f.name)
}

// rest stops waiting: another daemon watches, or we end.
func (p *pulse) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}
