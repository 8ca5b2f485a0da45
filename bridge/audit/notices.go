package audit

import (
	"slices"
	"strings"
	"time"
)

func sortedList(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ",")
}

// NewNoticeQueued: a notice of this id and kind stands in the outbox, with the digest of the bytes that every try sends.
func NewNoticeQueued(at time.Time, receipt, id, kind, to string, sum [32]byte) Event {
	return newEvent(NoticeQueued, at, receipt, Program,
		map[string]string{"notice": id, "kind": kind, "sha256": digest(sum)}, map[string]string{"to": to})
}

// NewNoticeReleased: a person let a notice go that waited for review.
func NewNoticeReleased(at time.Time, receipt, id, by string) Event {
	return newEvent(NoticeReleased, at, receipt, by, map[string]string{"notice": id}, nil)
}

// NewNoticeCancelled: a person took a notice back before it was sent. The reason is a person's words and therefore sealed.
func NewNoticeCancelled(at time.Time, receipt, id, by, reason string) Event {
	return newEvent(NoticeCancelled, at, receipt, by, map[string]string{"notice": id}, map[string]string{"reason": reason})
}

// NewNoticeSent: the submission server took the notice over. Its reply is sealed: it can name addresses.
func NewNoticeSent(at time.Time, receipt, id, reply string, attempt int) Event {
	return newEvent(NoticeSent, at, receipt, Program,
		map[string]string{"notice": id, "attempt": number(attempt)}, map[string]string{"reply": reply})
}

// NewNoticeDeferred: a cap was reached; the notice stays queued and is due again at until.
func NewNoticeDeferred(at time.Time, receipt, id, bound string, until time.Time) Event {
	return newEvent(NoticeDeferred, at, receipt, Program,
		map[string]string{"notice": id, "cap": bound, "until": instant(until)}, nil)
}

// NewNoticeFailed: the notice was refused for good, or given up after the last try.
func NewNoticeFailed(at time.Time, receipt, id, reply string, attempt int) Event {
	return newEvent(NoticeFailed, at, receipt, Program,
		map[string]string{"notice": id, "attempt": number(attempt)}, map[string]string{"reply": reply})
}

// NewNoticeBounced: the message of receipt bounce says that the notice was not delivered, with this enhanced status (RFC 3463).
func NewNoticeBounced(at time.Time, receipt, id, bounce, status string) Event {
	return newEvent(NoticeBounced, at, receipt, Program,
		map[string]string{"notice": id, "bounce": bounce, "status": status}, nil)
}

// NewAddressSuppressed: an address gets no notices from now on, because they bounce or a person says so.
func NewAddressSuppressed(at time.Time, by, address, reason string) Event {
	return newEvent(AddressSuppressed, at, "", by, nil, map[string]string{"address": address, "reason": reason})
}

// NewAddressReleased: a person lets an address get notices again.
func NewAddressReleased(at time.Time, by, address, reason string) Event {
	return newEvent(AddressReleased, at, "", by, nil, map[string]string{"address": address, "reason": reason})
}

// NewNoticeGathered: a notice is over the day's cap of its address and waits for the digest of this instant.
func NewNoticeGathered(at time.Time, receipt, id string, due time.Time) Event {
	return newEvent(NoticeGathered, at, receipt, Program, map[string]string{"notice": id, "due": instant(due)}, nil)
}

// NewNoticeDigested: a digest of this id says what the notice said, and is sent in its place.
func NewNoticeDigested(at time.Time, receipt, id, digestID string) Event {
	return newEvent(NoticeDigested, at, receipt, Program, map[string]string{"notice": id, "digest": digestID}, nil)
}

// NewNoticesStopped: so many notices were tried in an hour that no further one leaves before a person resumes them.
func NewNoticesStopped(at time.Time, tried, bound int) Event {
	return newEvent(NoticesStopped, at, "", Program, map[string]string{"tried": number(tried), "bound": number(bound)}, nil)
}

// NewNoticesResumed: a person lets notices leave again. The reason is a person's words and therefore sealed.
func NewNoticesResumed(at time.Time, by, reason string) Event {
	return newEvent(NoticesResumed, at, "", by, nil, map[string]string{"reason": reason})
}
