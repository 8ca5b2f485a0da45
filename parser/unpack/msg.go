package unpack

import (
	"bytes"
	"strings"
)

// isMSG tells Outlook's messages from the other compound files (MS-CFB), such as .doc, by type or name.
func isMSG(head []byte, ctype, name string) bool {
	return bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) &&
		(ctype == "application/vnd.ms-outlook" || ctype == "application/x-msg" || strings.HasSuffix(strings.ToLower(name), ".msg"))
}
