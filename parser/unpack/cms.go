package unpack

import "strings"

// isCMS goes by type or name, then by the bytes of a ContentInfo (RFC 5652, 3), because every DER file begins alike.
func isCMS(head []byte, ctype, name string) bool {
	switch ctype {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
	default:
		n := strings.ToLower(name)
		if !strings.HasSuffix(n, ".p7m") && !strings.HasSuffix(n, ".p7c") && !strings.HasSuffix(n, ".p7z") {
			return false
		}
	}
	return len(head) > 0
}
