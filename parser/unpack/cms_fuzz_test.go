package unpack

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"testing"
)

func FuzzCMS(f *testing.F) {
	for _, name := range []string{"opaque-pem.p7m", "detached-rsa.p7s", "noattr-rsa.p7m", "pss.p7m", "pss-key.p7m", "ecdsa-keyid.p7m",
		"two-signers.p7m", "typed.p7m", "enveloped.p7m", "digested.p7m", "data.p7m", "certs-only.p7c"} {
		f.Add(cmsFile(f, name))
	}
	f.Add([]byte(base64.StdEncoding.EncodeToString(cmsFile(f, "opaque-pem.p7m"))))
	f.Add(ecSigner(f).object(f, bytes.Repeat([]byte("Kính gửi "), 200)))
	f.Add(compressedData(f, []byte("Kính gửi"), oidZlib))
	small := cmsFile(f, "small.txt")
	f.Fuzz(func(t *testing.T, b []byte) {
		budget := Budget{Entries: 10, Bytes: 10 << 20, Ratio: 200, Depth: 2}
		o, problems := ReadCMS(bytes.NewReader(b), int64(len(b)), &budget)
		if o.Kind == "" && (o.Content.Open != nil || o.Signers != nil || len(problems) == 0) {
			t.Fatalf("%+v, %v", o, problems)
		}
		for _, p := range problems {
			if p.Code == "" {
				t.Fatalf("%v", problems)
			}
		}
		first, err := cmsContent(o)
		if err == nil && o.Content.Size >= 0 && int64(len(first)) != o.Content.Size && o.Content.Open != nil {
			t.Fatalf("%d bytes, but %d said", len(first), o.Content.Size)
		}
		again, errAgain := cmsContent(o)
		if !bytes.Equal(first, again) || (err == nil) != (errAgain == nil) {
			t.Fatalf("%d bytes, %v; again %d bytes, %v", len(first), err, len(again), errAgain)
		}
		for _, v := range o.Verify(nil) {
			if v.Result == Intact && (err != nil || v.Certificate.DER == nil) || (v.Result == Intact) != (v.Note == "") {
				t.Fatalf("%+v, %v", v, err)
			}
		}
		for _, v := range o.Verify(io.MultiReader(bytes.NewReader(small), errReader{errors.New("broken")})) {
			if v.Result != Unverified {
				t.Fatalf("%+v", v)
			}
		}
	})
}

// BenchmarkCMS opens an object of 20 MB in pieces of 1 KB, as streaming writers make it, reads the content to its end and checks it.
func BenchmarkCMS(b *testing.B) {
	s := ecSigner(b)
	content := make([]byte, 20<<20)
	raw := signedData(inPieces(content, 1<<10), [][]byte{s.cert}, [][]byte{s.info(b, content)})
	for _, c := range []struct {
		name string
		run  func(o *CMSObject) bool
	}{
		{"read", func(o *CMSObject) bool {
			r, err := o.Content.Open()
			if err != nil {
				return false
			}
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 64<<10))
			return err == nil && n == int64(len(content))
		}},
		{"verify", func(o *CMSObject) bool { return cmsResults(o.Verify(nil)) == "intact" }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				budget := DefaultBudget
				o, problems := ReadCMS(bytes.NewReader(raw), int64(len(raw)), &budget)
				if len(problems) > 0 || !c.run(&o) {
					b.Fatal(problems)
				}
			}
		})
	}
}
