package bridge

import (
	"context"
	"crypto/sha256"
	"io"
	"time"
)

// Channel is the way a submission came.
type Channel string

const (
	Email  Channel = "email"
	Paper  Channel = "paper"
	System Channel = "system"
)

// Arrival is something at the door: raw bytes that are not yet durable, and everything known about how they came.
type Arrival struct {
	Receiver string // id of the receiving agency
	Channel  Channel
	Mailbox  string // name of the watched mailbox in the configuration; empty for import and paper
	// Origin is the idempotency key of the delivery: OriginIMAP, OriginImport, OriginAxis or OriginDrop make it.
	Origin string
	UID    UIDKey // zero unless it came by IMAP
	Raw    Sealed
	// InternalDate is the server's time of receipt (RFC 3501, 2.3.3), FetchedAt our clock when the bytes were read. Both are kept, neither
	// is ever overwritten; which instant counts is decided by CountedInstant.
	InternalDate time.Time
	FetchedAt    time.Time
	// Imported mail is older than the mailbox's start, or was brought by import: it is recorded, never judged, and can never send.
	Imported bool
	// HeadersOnly: Raw is the header block of a message whose body was left on the server, because the block bears a độ mật.
	HeadersOnly bool
}

// Content is the identity of what was taken: that of the message, or that of its header block, which is never equal to any message's.
func (a Arrival) Content() Digest {
	content := a.Raw.Content()
	if !a.HeadersOnly {
		return content
	}
	return sha256.Sum256(append([]byte("giaolien header block only\n"), content[:]...))
}

// UIDKey names one message of one folder for ever (RFC 3501, 2.3.1.1). Folder is the row of the store for account and folder.
type UIDKey struct {
	Folder      int64
	UIDValidity uint32
	UID         uint32
}

// Digest is a SHA-256.
type Digest [32]byte

// Sealed is a message whose bytes have all been read, hashed and encoded, but not yet made durable.
type Sealed interface {
	Raw() Digest     // of the exact bytes
	Content() Digest // of the bytes after the leading trace and delivery fields: the identity of the message
	Size() int64
	Discard() // frees spool space; called when it will not be appended
}

// Intake takes the bytes of one message. Write never keeps more than a bounded part in memory; the rest goes to a spool file. Exactly one
// of Seal and Discard ends it.
type Intake interface {
	io.Writer
	Seal() (Sealed, error)
	Discard()
}

// Archive keeps raw messages by digest. Append returns only when all blobs are durable (fsync of file and, where new, folder); after an
// error none may be taken for stored, and the caller keeps its work. Concurrent Appends share one fsync. The error wraps ErrNoSpace when
// the disk is full.
type Archive interface {
	Begin() Intake
	Append(ctx context.Context, blobs []Sealed) ([]string, error) // locations, in order
	Open(ctx context.Context, raw Digest, location string) (Raw, error)
}

// Raw is one stored message. Open has checked the bytes against the digest; ReadAt fails rather than give a byte that it cannot vouch for.
// Open's error wraps ErrDamaged when the blob is missing or does not match.
type Raw interface {
	io.ReaderAt
	io.Closer
	Size() int64
}
