package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// The alarms about the server; their keys are their codes, since there is one server.
const (
	codeUnreachable = "smtp-unreachable"
	codeLogin       = "smtp-login"
)

// outage is what is known about the server being away.
type outage struct {
	since   time.Time // of the first failure in a row; zero: it is not away
	raised  bool
	cleared bool // alarms of an earlier run of the program have been cleared
}

func (o *outage) open() bool { return !o.since.IsZero() }

// report logs a failure of a whole pass, and raises an alarm when the server has been away for so long, or at once when waiting cannot
// help.
func (r *Runner) report(ctx context.Context, err error, after time.Duration) {
	if !errors.Is(err, errServer) {
		r.Log.Error("notices cannot be settled", "error", err)
		return
	}
	now := r.Now()
	if !r.outage.open() {
		r.outage.since = now
	}
	login := errors.Is(err, errLogin)
	r.Log.Error("submission server fails", "server", r.Server.Addr, "since", r.outage.since, "login", login, "error", asciiLine(err.Error()))
	if r.outage.raised || r.Alarm == nil || !login && now.Sub(r.outage.since) < after {
		return
	}
	r.outage.raised = true
	a := bridge.Alarm{Key: codeUnreachable, Code: codeUnreachable, Text: "Không gửi được thông báo: máy chủ gửi thư " + r.Server.Addr +
		" không phản hồi hoặc kết nối không an toàn. Các thông báo được giữ lại và sẽ được gửi khi máy chủ hoạt động trở lại. Chạy lệnh giaolien check để xem nguyên nhân."}
	if login {
		a = bridge.Alarm{Key: codeLogin, Code: codeLogin, Text: "Không gửi được thông báo: máy chủ gửi thư " + r.Server.Addr +
			" từ chối đăng nhập. Kiểm tra tài khoản, mật khẩu hoặc mã truy cập trong mục [smtp] của config.toml, rồi chạy lệnh giaolien check."}
	}
	r.Alarm(ctx, a)
}

// recovered is called when the server has taken our login and answered for a notice.
func (r *Runner) recovered(ctx context.Context) {
	if r.outage.open() {
		r.Log.Info("submission server is back", "server", r.Server.Addr, "since", r.outage.since)
	}
	if r.Clear != nil && (r.outage.raised || !r.outage.cleared) {
		r.Clear(ctx, codeUnreachable)
		r.Clear(ctx, codeLogin)
	}
	r.outage = outage{cleared: true}
}
