package audit

import "time"

// Type names what happened. Types are final: a later log hashes them, so a name is never changed or reused.
type Type string

const (
	ReceiptStored      Type = "receipt.stored"      // raw bytes and receipt are durable
	DeliveryJoined     Type = "delivery.joined"     // the same message came again, by another mailbox or UID
	UIDFailed          Type = "uid.failed"          // a message could not be fetched and waits for a person
	UIDVanished        Type = "uid.vanished"        // it was gone before it could be fetched
	UIDValidityChanged Type = "mailbox.uidvalidity" // the server renumbered a folder
	OutcomeDecided     Type = "outcome.decided"     // verdict, rule and versions
	RecordRegistered   Type = "record.registered"   // with its số đến
	RecordJoined       Type = "record.joined"       // second arrival of a registered document
	RecordRefused      Type = "record.refused"
	RecordHeld         Type = "record.held"
	SecretQuarantined  Type = "secret.quarantined"
	ReceiptFailed      Type = "receipt.failed" // Process failed three times; a person is needed
	AmendmentMade      Type = "amendment.made" // a person's correction, exception, release or refusal
	NoticeQueued       Type = "notice.queued"
	NoticeReleased     Type = "notice.released" // a person let it go
	NoticeCancelled    Type = "notice.cancelled"
	NoticeSent         Type = "notice.sent"     // handed over to the submission server
	NoticeDeferred     Type = "notice.deferred" // capped: due again later
	NoticeFailed       Type = "notice.failed"   // refused for good, or given up
	NoticeBounced      Type = "notice.bounced"
	AddressSuppressed  Type = "address.suppressed"  // it gets no notices
	AddressReleased    Type = "address.released"    // a person lets it get them again
	NoticeGathered     Type = "notice.gathered"     // waits for the digest of the day
	NoticeDigested     Type = "notice.digested"     // a digest speaks for it
	NoticesStopped     Type = "notices.stopped"     // the breaker opened: no notice leaves
	NoticesResumed     Type = "notices.resumed"     // by a person
	KnowledgeActivated Type = "knowledge.activated" // rules, directory, settings of this version from now on
	RulesProposed      Type = "rules.proposed"      // by one person, for another to confirm
	RulesActivated     Type = "rules.activated"     // this version decides from now on
	AlarmRaised        Type = "alarm.raised"
	AlarmCleared       Type = "alarm.cleared"
	DeliveryQueued     Type = "delivery.queued"      // a record is to go to the document system
	DeliveryRetried    Type = "delivery.retried"     // a person lets one that had failed be tried again
	DeliveryCancelled  Type = "delivery.cancelled"   // by a person, or by what became of its record
	DeliveryHandedOver Type = "delivery.handed_over" // to the document system
	DeliveryFailed     Type = "delivery.failed"
	SecretEntered      Type = "secret.entered"   // with its number in the secret book
	BookJumped         Type = "register.jumped"  // past numbers that were given before a restore
	BookClosed         Type = "register.closed"  // no number is given in it any more
	DirectionGiven     Type = "direction.given"  // by a leader, on a document
	RecordPassedOn     Type = "record.passed_on" // to who handles it
	RecordHandled      Type = "record.handled"   // its work is done
	RecordWithdrawn    Type = "record.withdrawn" // struck out of the register by a person; its number stays
	RelationTied       Type = "relation.tied"    // a document recalls, corrects or replaces one that stands
	StatusTied         Type = "status.tied"      // what became of a record elsewhere
	RawDamaged         Type = "raw.damaged"      // a stored blob is missing or does not match its digest
)

// Event is one leaf of the audit log. Facts are public (codes, identifiers, digests, numbers); Sealed values (addresses, names) enter the
// leaf only as salted commitments, so that erasing the value and its salt leaves the log verifiable.
type Event struct {
	Type    Type
	At      time.Time
	Receipt string // GL-…, empty when the event is about no receipt
	Actor   string // user name, or "giaolien"
	Facts   map[string]string
	Sealed  map[string]string
	Salts   map[string][]byte // by name of the sealed value, 16 random bytes each; made by NewSalts
}
