package bridge

import (
	"context"
	"io"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// DispatchEvent is what a delivery tells the document system about a record.
type DispatchEvent string

const (
	DispatchRegistered DispatchEvent = "registered" // it stands in the register
	DispatchUpdated    DispatchEvent = "updated"    // something that the target was told is otherwise now
	DispatchWithdrawn  DispatchEvent = "withdrawn"  // it was struck out of the register
)

// Dispatch is one claimed delivery of a registered record to one target. Deliveries of one record to one target are given out in the order
// of Seq, each only after the one before it has been taken or was cancelled.
type Dispatch struct {
	ID         string // idempotency key: record.target.seq
	Job        Job
	Record     string // GL-2026-0000123/1
	Receipt    string
	Target     string // name in the configuration
	Seq        int    // from 1, per record and target
	Event      DispatchEvent
	DocumentID string // edXML DocumentId of the record, fixed at its first delivery; the same to every target
	Payload    DispatchPayload
	FirstTry   time.Time // zero on the first
	// Asked says that an earlier try was begun, so that the target may have this delivery already although nobody heard so: a target that is
	// not idempotent is asked before it gets it again.
	Asked bool
	// Stored is the receipt whose raw message the files are read from.
	Stored Receipt
}

// DispatchPayload is what the target is told, fixed when the delivery was queued. The bytes of the files come from the archive at send time.
type DispatchPayload struct {
	Record     mapping.Record `json:"record"` // as Told makes it
	Receiver   string         `json:"receiver"`
	Channel    Channel        `json:"channel"`
	Book       string         `json:"book"`
	SoDen      string         `json:"so_den"` // 12/2026
	Number     int            `json:"number"`
	Year       int            `json:"year"`
	Arrived    time.Time      `json:"arrived"`    // counted instant
	Registered time.Time      `json:"registered"` // when it got its number
	Reason     string         `json:"reason"`     // of a withdrawal: why it was struck out, a code
}

// Issuer is the agency that the document is from, as it was on the document's day; the sender where that is not known. Its code may be empty:
// none is made up.
func (p DispatchPayload) Issuer() directory.Match {
	if p.Record.Issuer.Agency != "" {
		return p.Record.Issuer
	}
	return p.Record.Sender
}

// Told is the part of a record that document systems are told: fields, files, who sent it and what its signature says, without the words that
// the fields were read from and without what only our own clerks see. Whether a record is to be delivered again is judged by it.
func Told(r mapping.Record) mapping.Record {
	d := r.Document
	d.Sources, d.Files = map[string]vanban.Source{}, []string{}
	return mapping.Record{Document: d, Files: r.Files, Sender: r.Sender, Issuer: r.Issuer, Signature: r.Signature, Missing: []string{}, Doubts: []string{},
		Unread: []mapping.Unread{}}
}

// Files opens the files of a delivery by their SHA-256 (hexadecimal). What Open gives was compared with the digest to its end, is read once,
// and is closed by the caller. A file that cannot be had as it was is an error that wraps ErrDamaged.
type Files interface {
	Open(ctx context.Context, digest string) (io.ReadCloser, error)
}

// Target takes deliveries for one document system. Deliver returns nil only when the target's own stored answer says that it has the delivery;
// an answer that is not understood is no such answer. An error that wraps ErrPermanent goes to a person with its text, a *TargetError may say
// more; every other one is tried again with the same ID. Before a resend of something that is not idempotent (d.Asked) the target is asked.
// One Target is used by one goroutine at a time.
type Target interface {
	Name() string
	Deliver(ctx context.Context, d Dispatch, files Files) (DispatchReply, error)
}

// Withdrawer is a Target that can take back what it was given: struck-out records are withdrawn from it.
type Withdrawer interface {
	Target
	// Withdraws says so; it is a property of the kind of target.
	Withdraws() bool
}

// Checker is a Target that can say whether it could deliver now, without delivering anything. The error says what to do about it.
type Checker interface {
	Check(ctx context.Context) error
}

// DispatchReply is a target's answer: its own id of the delivery, and its words for people, both bounded by the store.
type DispatchReply struct{ RemoteID, Text string }

// TargetError is a failed delivery. Reply is what the target said, in words for people; it quotes what a stranger wrote and is never logged.
type TargetError struct {
	Code  string        // stable: what failed, for the log
	Reply string        // bounded and cleaned by the store
	After time.Duration // how long the target asked to be left alone; zero: it said nothing
	Away  bool          // the target as a whole is away: no delivery is to blame
	Shut  bool          // the target refuses us as such (login, address, certificate): waiting cannot help, and no delivery is to blame
	// Unclear says that the target may have the delivery from an earlier try, and cannot tell. Unsent says that this try handed nothing over, so
	// that nothing follows from it about an earlier one.
	Unclear, Unsent bool
	Err             error
}

func (e *TargetError) Error() string { return e.Code + ": " + e.Err.Error() }
func (e *TargetError) Unwrap() error { return e.Err }

// TargetRule is what Commit must know of a target that takes the records of a receipt's receiving agency.
type TargetRule struct {
	Name      string
	Withdraws bool
}

// Dispatches is the store's side of deliveries. Commit queues them, in the transaction that registers; nothing here can.
type Dispatches interface {
	// ClaimDispatch leases the delivery to the target that is due next. What must not go out any more, because its receipt was quarantined or its
	// record struck out, is cancelled instead. The attempt is counted in the same transaction. A claim that ends with an error may have been
	// written all the same: the next one takes it back.
	ClaimDispatch(ctx context.Context, owner, target string, lease time.Duration) (Dispatch, bool, error)
	// RenewDispatch extends the lease; ErrFenced says that the delivery was taken over or cancelled.
	RenewDispatch(ctx context.Context, d Dispatch, owner string, lease time.Duration) error
	DispatchSent(ctx context.Context, d Dispatch, reply DispatchReply) error
	// DispatchLater gives it back, due at the given instant. A blameless failure does not count the attempt.
	DispatchLater(ctx context.Context, d Dispatch, at time.Time, reply string, blameless bool) error
	// DispatchDead leaves it to a person. reason is a code.
	DispatchDead(ctx context.Context, d Dispatch, reason, reply string) error
	// WaitingDispatches says how many deliveries to the target are due now or in somebody's hands.
	WaitingDispatches(ctx context.Context, target string) (int, error)
}
