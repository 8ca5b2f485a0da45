package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Check connects once and reports, in Vietnamese, what is wrong or worth knowing, each with its remedy; nothing means that all is well.
// It changes nothing on the server. The error is about the check itself.
func (w *Watcher) Check(ctx context.Context) ([]string, error) {
	s := &session{w: w, f: &folder{w: w, log: w.log}, wake: make(chan struct{}, 1)}
	s.f.pulse.f = s.f
	if err := s.open(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check mailbox %s: %w", w.o.Name, context.Cause(ctx))
		}
		return []string{w.connectFinding(err)}, nil
	}
	stop := context.AfterFunc(ctx, func() { s.conn.kill(context.Cause(ctx)) })
	defer stop()
	defer s.close()
	var findings []string
	if !s.caps.Has(imap.CapIdle) {
		findings = append(findings, fmt.Sprintf("máy chủ không có IDLE: thư mới chỉ được thấy mỗi %s một lần", w.o.Poll))
	}
	if w.o.After.Action == Move && !s.caps.Has(imap.CapMove) {
		findings = append(findings, "máy chủ không có MOVE: thư sẽ không được chuyển thư mục; hãy dùng cờ (flag) hoặc bỏ thao tác này")
	}
	for _, f := range w.folders {
		found, err := s.checkFolder(ctx, f.name)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("check mailbox %s: %w", w.o.Name, context.Cause(ctx))
		}
		if err != nil {
			findings = append(findings, fmt.Sprintf("thư mục %s: %v", f.name, err))
			return findings, nil
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

func (s *session) checkFolder(ctx context.Context, name string) ([]string, error) {
	var findings []string
	use, err := s.specialUse(name)
	if err != nil {
		return nil, err
	}
	if use != "" && !s.w.o.ForceSpecialUse {
		findings = append(findings, fmt.Sprintf("thư mục %s là %s, không theo dõi trừ khi cấu hình cho phép (force_special_use)", name, use))
	}
	s.f.name, s.f.validity = name, 0
	err = s.choose(ctx, name, false)
	if errors.Is(err, errFolder) {
		return append(findings, fmt.Sprintf("không mở được thư mục %s; kiểm tra tên và quyền truy cập", name)), nil
	}
	if err != nil {
		return nil, err
	}
	for state, to := range s.w.o.After.Folders {
		if s.w.o.After.Action != Move {
			break
		}
		there, err := s.exist(to)
		if err != nil {
			return nil, err
		}
		if !there {
			findings = append(findings, fmt.Sprintf("không có thư mục %s để chuyển thư ở trạng thái %s vào", to, state))
		}
	}
	slices.Sort(findings)
	return findings, nil
}

func (s *session) exist(name string) (bool, error) {
	var there bool
	err := s.do("list folder", commandTime, func() error {
		list, err := s.client.List("", name, nil).Collect()
		there = slices.ContainsFunc(list, func(l *imap.ListData) bool { return l.Mailbox == name })
		return err
	})
	return there, err
}

// connectFinding says why no connection came about.
func (w *Watcher) connectFinding(err error) string {
	var untrusted *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errRefused):
		return "máy chủ từ chối đăng nhập; kiểm tra tài khoản, mật khẩu hoặc token"
	case errors.As(err, &untrusted):
		return "chứng thư của máy chủ không được tin cậy; kiểm tra tên máy chủ hoặc đặt ca_file (" + untrusted.Err.Error() + ")"
	case errors.As(err, &record):
		return "máy chủ không nói TLS ở cổng này; kiểm tra cổng và cách bảo vệ (tls)"
	case strings.Contains(err.Error(), "refuses tls"):
		return "máy chủ không hỗ trợ STARTTLS; hãy dùng tls = \"implicit\" với cổng 993"
	}
	return fmt.Sprintf("không kết nối được tới %s; kiểm tra tên máy chủ, cổng và tường lửa (%v)", w.o.address(), err)
}
