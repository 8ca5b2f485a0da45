package notice

import "time"

// ways says what this very addressee needs to send over the system: its account, and the codes of both sides on the axis. Whom to ask
// stands with the contacts.
func (in *Input) ways() []string {
	if !in.bound() {
		return nil
	}
	account := "Tài khoản của " + in.addressee() + " trên Hệ thống: "
	switch {
	case in.Ready.IsZero():
		account += "chưa được ghi nhận"
	case in.unready():
		account += "dự kiến từ " + vnDay(in.Ready)
	default:
		account += "đã được cấp từ " + vnDay(in.Ready)
	}
	out := []string{account}
	if code := clean(in.Code, 60); code != "" {
		out = append(out, "Mã định danh nơi gửi trên Trục liên thông: "+code)
	}
	if code := clean(in.ReceiverCode, 60); code != "" {
		out = append(out, "Mã định danh nơi nhận trên Trục liên thông: "+code)
	}
	return out
}

// bound: an agency of the directory, whose documents go over the system.
func (in *Input) bound() bool { return in.Relation != Outside && in.Sender.Agency != "" }

// unready: an agency that had no account when its mail came.
func (in *Input) unready() bool {
	return in.bound() && (in.Ready.IsZero() || in.Ready.After(in.Counted))
}

// addressee is how the sender is spoken to: a citizen or an enterprise is no agency.
func (in *Input) addressee() string {
	if in.Relation == Outside {
		return addresseeOutside
	}
	return in.texts().wording.Addressee
}

func vnDay(t time.Time) string { return "ngày " + t.In(vietnam).Format("02/01/2006") }
