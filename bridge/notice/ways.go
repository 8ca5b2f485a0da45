package notice

import "time"

// ways says what this very addressee needs to send over the system: its account, and the codes of both sides on the axis. Whom to ask
// stands with the contacts.
func (in *Input) ways() []string {
	if in.Relation == Outside || in.Sender.Agency == "" {
		return nil
	}
	var out []string
	if !in.Ready.IsZero() && !in.Ready.After(in.Counted) {
		out = append(out, "Tài khoản của "+in.texts().wording.Addressee+" trên Hệ thống: đã được cấp từ "+vnDay(in.Ready))
	} else {
		out = append(out, "Tài khoản của "+in.texts().wording.Addressee+" trên Hệ thống: chưa ghi nhận, đề nghị liên hệ đầu mối hỗ trợ để được cấp hoặc xác nhận")
	}
	if code := clean(in.Code, 60); code != "" {
		out = append(out, "Mã định danh nơi gửi trên Trục liên thông: "+code)
	}
	if code := clean(in.ReceiverCode, 60); code != "" {
		out = append(out, "Mã định danh nơi nhận trên Trục liên thông: "+code)
	}
	return out
}

func vnDay(t time.Time) string { return "ngày " + t.In(vietnam).Format("02/01/2006") }
