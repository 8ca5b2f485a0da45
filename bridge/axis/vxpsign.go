package axis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// prefix of all header fields of VXP; the name of a parameter follows it.
const prefix = "XroadVnpt-"

// protocol is the version that the official builder announces.
const protocol = "3.0.201608"

// pair is one signed parameter, in the order in which it is signed.
type pair struct{ name, value string }

// sign makes the header of a call: each pair as a field, their names in order, the same pairs as one literal JSON text, and the HMAC over
// exactly that text. Values must be plain.
func sign(secret string, pairs []pair) http.Header {
	header := http.Header{}
	names := make([]string, len(pairs))
	var text strings.Builder
	text.WriteByte('{')
	for i, p := range pairs {
		names[i] = p.name
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(`"` + prefix + p.name + `":"` + p.value + `"`)
		header[prefix+p.name] = []string{p.value}
		if p.name == "Content-Type" {
			header["Content-Type"] = []string{p.value}
		}
	}
	text.WriteByte('}')
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text.String()))
	header[prefix+"sign-header-key"] = []string{strings.Join(names, ";")}
	header[prefix+"sign-header"] = []string{text.String()}
	header[prefix+"hash-header"] = []string{hex.EncodeToString(mac.Sum(nil))}
	header[prefix+"version"] = []string{protocol}
	return header
}

// stamp writes an instant as ddMMyyyy'T'HHmmss+SSSS: Vietnam time, and the milliseconds in four digits behind the plus.
func stamp(at time.Time) string {
	at = at.In(vietnam())
	return fmt.Sprintf("%s+%04d", at.Format("02012006T150405"), at.Nanosecond()/int(time.Millisecond))
}

// sdkHex writes a digest as the official builder does: without a leading zero in any byte.
func sdkHex(digest []byte) string {
	var b strings.Builder
	for _, c := range digest {
		fmt.Fprintf(&b, "%x", c)
	}
	return b.String()
}
