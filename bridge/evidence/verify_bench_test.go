package evidence

import (
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
)

// BenchmarkVerify looks at one mail of 4 KB, and of 10 MB, with a DKIM signature.
func BenchmarkVerify(b *testing.B) {
	w := newWorld(b)
	w.verifier.Authorities = trusting([]*x509.Certificate{w.root})
	for _, size := range []int{4 << 10, 10 << 20} {
		raw := w.signed(strings.Replace(plainMail(), "Kinh gui.", strings.Repeat("Kinh gui quy co quan.\r\n", size/23), 1), fromDomain)
		m := w.parse(raw)
		b.Run(fmt.Sprint(size>>10, "KiB"), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				ev, err := w.verifier.Identify(b.Context(), Mail{Raw: strings.NewReader(raw), Size: int64(len(raw)), Header: 1 << 18, Message: m, At: w.now}, nil)
				if err != nil || ev.Identity != policy.IdentityDKIM {
					b.Fatal(ev, err)
				}
			}
		})
	}
}
