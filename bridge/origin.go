package bridge

import (
	"fmt"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// OriginIMAP is the idempotency key of a delivery by IMAP: the name that the server gave the message for ever (RFC 3501, 2.3.1.1).
func OriginIMAP(k UIDKey) string {
	return fmt.Sprintf("imap:%d:%d:%d", k.Folder, k.UIDValidity, k.UID)
}

// OriginHeaders is the idempotency key of a delivery by IMAP of which only the header block was taken. The whole message, should it be
// fetched later, comes under OriginIMAP.
func OriginHeaders(k UIDKey) string { return OriginIMAP(k) + ":headers" }

// OriginImport is the idempotency key of an imported message: its exact bytes, per receiving agency.
func OriginImport(receiver string, raw Digest) string {
	return fmt.Sprintf("import:%s:%x", receiver, raw)
}

// OriginAxis is the idempotency key of a package that came over the axis: the id that the axis gave it for ever, per account and receiving
// agency. One package to several of ours is one delivery to each.
func OriginAxis(account string, kind edxml.Kind, docID, receiver string) string {
	return fmt.Sprintf("axis:%s:%s:%s:%s", account, kind, docID, receiver)
}

// OriginDrop is the idempotency key of a package that was put into a folder: its exact bytes.
func OriginDrop(account string, raw Digest, receiver string) string {
	return fmt.Sprintf("drop:%s:%x:%s", account, raw, receiver)
}
