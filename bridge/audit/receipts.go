package audit

import "time"

// Intake is what is known of a delivery when it becomes durable.
type Intake struct {
	Receiver     string // receiving agency
	Channel      string
	Mailbox      string // name in the configuration
	Origin       string // idempotency key of the delivery; sealed, since it can name an account
	Raw, Content [32]byte
	Size         int64
	InternalDate time.Time
	FetchedAt    time.Time
	Imported     bool
}

func (i Intake) facts() map[string]string {
	return map[string]string{
		"receiver": i.Receiver, "channel": i.Channel, "mailbox": i.Mailbox,
		"raw": digest(i.Raw), "content": digest(i.Content), "size": number(i.Size),
		"internal_date": instant(i.InternalDate), "fetched_at": instant(i.FetchedAt), "imported": yes(i.Imported),
	}
}

// NewReceiptStored: raw bytes and receipt are durable.
func NewReceiptStored(at time.Time, receipt string, i Intake) Event {
	return newEvent(ReceiptStored, at, receipt, Program, i.facts(), map[string]string{"origin": i.Origin})
}

// NewDeliveryJoined: the same message came again, by another mailbox or UID, with its own exact bytes.
func NewDeliveryJoined(at time.Time, receipt string, i Intake) Event {
	return newEvent(DeliveryJoined, at, receipt, Program, i.facts(), map[string]string{"origin": i.Origin})
}

// NewReceiptFailed: processing broke so many times, the last for this reason (a code); a person is needed.
func NewReceiptFailed(at time.Time, receipt, reason string, attempts int) Event {
	return newEvent(ReceiptFailed, at, receipt, Program, map[string]string{"reason": reason, "attempts": number(attempts)}, nil)
}

// NewRawDamaged: the stored bytes of this digest are missing or do not match it.
func NewRawDamaged(at time.Time, receipt string, raw [32]byte, reason string) Event {
	return newEvent(RawDamaged, at, receipt, Program, map[string]string{"raw": digest(raw), "reason": reason}, nil)
}

// UID names one message of one folder in the log. Folder is the row of the store: the folder's own name stays out of the log.
type UID struct {
	Mailbox     string
	Folder      int64
	UIDValidity uint32
	UID         uint32
}

func (u UID) facts(reason string) map[string]string {
	return map[string]string{
		"mailbox": u.Mailbox, "folder": number(u.Folder), "uidvalidity": number(u.UIDValidity), "uid": number(u.UID), "reason": reason,
	}
}

// NewUIDFailed: the message could not be fetched and waits for a person.
func NewUIDFailed(at time.Time, u UID, reason string) Event {
	return newEvent(UIDFailed, at, "", Program, u.facts(reason), nil)
}

// NewUIDVanished: the message was gone before it could be fetched.
func NewUIDVanished(at time.Time, u UID, reason string) Event {
	return newEvent(UIDVanished, at, "", Program, u.facts(reason), nil)
}

// NewUIDValidityChanged: the server renumbered a folder; all of it is sighted anew under the new number.
func NewUIDValidityChanged(at time.Time, mailbox string, folder int64, before, after uint32) Event {
	return newEvent(UIDValidityChanged, at, "", Program, map[string]string{
		"mailbox": mailbox, "folder": number(folder), "before": number(before), "after": number(after),
	}, nil)
}
