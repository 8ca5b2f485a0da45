package pdfsign

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser/unpack"
)

// FuzzPDFSign looks for files that make the reader fail, and for signatures that pass though what they stand on was changed.
func FuzzPDFSign(f *testing.F) {
	plain := newPDF(f)
	plain.hexLen = 4000
	packed := newPDF(f)
	packed.packed, packed.hexLen = true, 4000
	key := ecKey(f)
	c := person("Người thử")
	s := &signer{t: f, key: key, cert: issue(f, c, nil, key, nil), at: day("2026-01-10")}
	s.stamp, s.stampAt = &signer{t: f, key: key, cert: s.cert}, day("2026-01-11")
	for _, p := range []*pdf{plain, packed} {
		f.Add(bytes.Clone(p.save().b))
		f.Add(bytes.Clone(p.sign(s).b))
		f.Add(bytes.Clone(p.sign(s).b))
		p.set(4, stream("", "more"))
		f.Add(bytes.Clone(p.save().b))
	}
	plain.b = bytes.ReplaceAll(plain.b, []byte("xref"), []byte("xxxx"))
	f.Add(plain.b)
	f.Add([]byte("%PDF-1.7\n1 0 obj<</ByteRange[0 1 2 3]/Contents<30"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lim := DefaultLimits
		lim.Unpack, lim.Search, lim.Digest, lim.Parse = 4<<20, 16<<20, 16<<20, 4<<20
		rep, err := Read(bytes.NewReader(b), int64(len(b)), lim)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(bytes.NewReader(b), int64(len(b)), lim)
		if err != nil || summary(&again) != summary(&rep) {
			t.Fatalf("%s, then %s, %v", summary(&rep), summary(&again), err)
		}
		for _, s := range rep.Signatures {
			if s.Verdict == "" || s.Fault != "" && s.Verdict == unpack.Intact || s.Verdict != unpack.Intact && s.Note == "" || s.End() > int64(len(b)) {
				t.Fatalf("%+v", s)
			}
			if s.Verdict == unpack.Intact {
				checkAgain(t, b, &s)
			}
			if j := Judge(&s, roots(), judged); j.State == "" || j.State == Valid || j.State == Absent {
				t.Fatalf("%+v of %+v", j, s)
			}
		}
		if j := JudgeFile(&rep, roots(), judged); j.State == Absent && (len(rep.Signatures) > 0 || !rep.Complete) {
			t.Fatalf("%+v", j)
		}
		_ = words(string(b[:min(len(b), 200)]), 100)
		_ = pdfTime(strings.ToValidUTF8(string(b[:min(len(b), 30)]), ""))
	})
}

// checkAgain checks an intact signature over bytes in memory: all of them up to its end, but for a hexadecimal string.
func checkAgain(t *testing.T, b []byte, s *Signature) {
	t.Helper()
	r := s.Range
	gap := b[r[1]:r[2]]
	if r[0] != 0 || gap[0] != '<' || gap[len(gap)-1] != '>' {
		t.Fatalf("%v leaves out more than a string", r)
	}
	raw := make([]byte, len(gap)/2-1)
	if _, err := hex.Decode(raw, gap[1:len(gap)-1]); err != nil {
		t.Fatal(err)
	}
	if s.SubFilter == SHA1 || s.SubFilter == DocumentTime {
		return // what is signed is a digest
	}
	budget := unpack.DefaultBudget
	o, _ := unpack.ReadCMS(bytes.NewReader(raw), int64(len(raw)), &budget)
	signed := append(bytes.Clone(b[:r[1]]), b[r[2]:s.End()]...)
	if v := o.Verify(bytes.NewReader(signed)); len(v) != 1 || v[0].Result != unpack.Intact {
		t.Fatalf("%+v", v)
	}
}
