package parser

import (
	"bytes"
	"errors"
	"io"
	"mime"
)

// Protected are the header fields that a signature over the whole message covers too, because the sender's program wrote them once more into
// the signed content (RFC 9788). Without them a signed content may stand under any subject, and be sent again to anybody.
type Protected struct {
	From, To, Cc []Address
	Subject      string
}

// maxProtected bounds the header of a signed content that is looked at, in bytes. Real ones have a few thousand.
const maxProtected = 64 << 10

// protected reads the protected fields at the beginning of a signed content; nil where it has none, or where readers might take them
// differently.
func protected(content io.Reader, lim Limits) *Protected {
	head := make([]byte, maxProtected)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	head, _, ended := bytes.Cut(bytes.ReplaceAll(head[:n], []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	if !ended || bytes.ContainsAny(head, "\r\x00") {
		return nil
	}
	b := readBlock(append(head, '\n'), lim.Fields)
	if b.repaired || b.over || b.body >= 0 || len(b.Values("Content-Type")) != 1 {
		return nil
	}
	_, params, err := mime.ParseMediaType(b.Get("Content-Type"))
	if err != nil || params["hp"] != "clear" && params["hp"] != "cipher" && params["protected-headers"] != "v1" {
		return nil
	}
	for _, name := range []string{"From", "To", "Cc", "Subject"} {
		if n := len(b.Values(name)); n > 1 || n == 0 && name != "Cc" && name != "To" {
			return nil
		}
	}
	in := headerTexts(&b, "", &findings{})
	return &Protected{From: in.at("From").addresses(b.Get("From")), To: allAddresses(&b, "To", in), Cc: allAddresses(&b, "Cc", in),
		Subject: in.at("Subject").words(b.Get("Subject"))}
}
