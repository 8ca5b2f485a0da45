package bridge

import "fmt"

// OriginIMAP is the idempotency key of a delivery by IMAP: the name that the server gave the message for ever (RFC 3501, 2.3.1.1).
func OriginIMAP(k UIDKey) string {
	return fmt.Sprintf("imap:%d:%d:%d", k.Folder, k.UIDValidity, k.UID)
}
