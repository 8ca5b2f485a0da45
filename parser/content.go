package parser

import (
	"crypto/sha256"
	"hash"
	"strings"
)

// ContentHash computes the identity of a message while its bytes go by: the SHA-256 of everything after the leading block of trace and
// delivery fields. The hosts that deliver a message write these fields in front of it (RFC 5321, 4.4: each adds its own at the top), so
// one message that is delivered to two mailboxes, or twice to one, differs there and nowhere else.
//
// Only the contiguous block at the very top is left out. It ends at the first field that is not in the tables below; the same names
// further down belong to the content, and so do DKIM-Signature and everything that the sender's program wrote. Line ends are hashed as
// they were found. Leaving out too much would be harmless for the same reason: what is left still has to be equal byte for byte.
//
// It keeps at most maxTraceName bytes of a line that it has not decided about. The zero value is not usable: see NewContentHash.
type ContentHash struct {
	sum  hash.Hash
	at   contentState
	held []byte // the beginning of a line that is not yet decided
}

type contentState int

const (
	atLineStart contentState = iota // nothing of the line seen
	inName                          // in a field name that may be one of ours
	inTrace                         // in a field that is left out, up to its line end
	afterTrace                      // at the start of a line after a field that is left out: it may be folded
	inContent                       // everything counts from here
)

// traceNames are the fields that delivering hosts put on top, in lower case: RFC 5321 4.4 (Return-Path, Received), RFC 9228
// (Delivered-To), RFC 8601 (Authentication-Results), RFC 7208 9.1 (Received-SPF), and what mail servers in use add for the recipient.
var traceNames = map[string]bool{
	"return-path": true, "received": true, "delivered-to": true, "x-original-to": true, "x-delivered-to": true, "envelope-to": true,
	"x-envelope-to": true, "x-envelope-from": true, "x-real-to": true, "delivery-date": true, "received-spf": true,
	"authentication-results": true, "x-original-authentication-results": true, "x-received": true, "x-sieve": true,
	"x-virus-scanned": true, "x-virus-status": true, "x-quarantine-id": true, "x-greylist": true,
}

// tracePrefixes begin the names of further such fields: ARC (RFC 8617) and the marks of content filters, whose scores can differ from
// recipient to recipient.
var tracePrefixes = []string{"arc-", "x-spam-", "x-rspamd-", "x-amavis-"}

// maxTraceName bounds what is held back of a line: no name in the tables is longer.
const maxTraceName = 64

// NewContentHash gives a hash of no bytes yet.
func NewContentHash() *ContentHash {
	return &ContentHash{sum: sha256.New(), held: make([]byte, 0, maxTraceName)}
}

// Write takes the next bytes of the message. It never fails.
func (h *ContentHash) Write(p []byte) (int, error) {
	n := len(p)
	for i := 0; i < len(p); i++ {
		if h.at == inContent {
			h.sum.Write(p[i:])
			return n, nil
		}
		h.step(p[i])
	}
	return n, nil
}

// Sum gives the digest of the content so far; more may be written after it.
func (h *ContentHash) Sum() [sha256.Size]byte {
	var out [sha256.Size]byte
	if len(h.held) == 0 {
		h.sum.Sum(out[:0])
		return out
	}
	// A name without an end is content. The only copy is made here, where a message ends within its first fields.
	whole := sha256.New()
	whole.Write(h.held) // nothing was hashed before: held bytes exist only while no content has begun
	whole.Sum(out[:0])
	return out
}

func (h *ContentHash) step(b byte) {
	switch h.at {
	case inTrace:
		if b == '\n' {
			h.at = afterTrace
		}
		return
	case afterTrace:
		if b == ' ' || b == '\t' {
			h.at = inTrace
			return
		}
		h.at = atLineStart
	}
	h.held = append(h.held, b)
	switch {
	case b == ':' && isTraceName(h.held[:len(h.held)-1]):
		h.at, h.held = inTrace, h.held[:0]
	case b == ' ' && string(h.held) == "From ": // the separator line of an mbox file
		h.at, h.held = inTrace, h.held[:0]
	case isNameByte(b) && len(h.held) < maxTraceName:
		h.at = inName
	default:
		h.sum.Write(h.held)
		h.at, h.held = inContent, nil
	}
}

// isNameByte tells the bytes of field names: printable ASCII without colon (RFC 5322, 3.6.8).
func isNameByte(b byte) bool { return b > ' ' && b < 0x7f && b != ':' }

func isTraceName(name []byte) bool {
	lower := strings.ToLower(string(name))
	if traceNames[lower] {
		return true
	}
	for _, p := range tracePrefixes {
		if strings.HasPrefix(lower, p) {
			return true
		}
	}
	return false
}
