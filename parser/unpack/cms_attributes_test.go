package unpack

import (
	"bytes"
	"slices"
	"testing"
)

func TestCMSAttributeByName(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	o, _ := readCMS(s.object(t, content))
	signer := &o.Signers[0]
	if b := signer.Attribute("1.2.840.113549.1.9.3"); !bytes.Equal(b, el(berOID, []byte(oidData))) {
		t.Errorf("%x", b)
	}
	if signer.Attribute("1.2.3") != nil || signer.Attribute("") != nil || len(signer.Signature()) == 0 || signer.Stamps() != nil {
		t.Errorf("%+v", signer)
	}
	s.noAttrs = true
	o, _ = readCMS(s.object(t, content))
	if o.Signers[0].Attribute("1.2.840.113549.1.9.3") != nil {
		t.Error("an attribute of a signer without any")
	}
}

// Time-stamp tokens stand among unsigned attributes, which nobody vouches for.
func TestCMSStamps(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	token := el(berSequence, []byte("token"))
	attribute := func(id string, values ...[]byte) []byte {
		return el(berSequence, el(berOID, []byte(id)), el(berSet, values...))
	}
	stamp := attribute(oidStamp, token)
	for _, c := range []struct {
		name string
		sets [][]byte
		want int
	}{
		{"one", [][]byte{el(berTag1, stamp)}, 1},
		{"behind another", [][]byte{el(berTag1, attribute(oidData, token), stamp)}, 1},
		{"indefinite", [][]byte{indef(berTag1, indef(berSequence, el(berOID, []byte(oidStamp)), indef(berSet, token)))}, 1},
		{"many", [][]byte{el(berTag1, slices.Repeat([][]byte{stamp}, 100)...)}, maxStamps},
		{"many values", [][]byte{el(berTag1, attribute(oidStamp, slices.Repeat([][]byte{token}, 100)...))}, maxStamps},
		{"many sets", slices.Repeat([][]byte{el(berTag1, stamp)}, 100), 1},
		{"too large", [][]byte{el(berTag1, attribute(oidStamp, el(berSequence, make([]byte, maxSignerBytes)), token))}, 1},
		{"broken", [][]byte{el(berTag1, el(berSequence, el(berOID, []byte(oidStamp)), []byte{berSet, 9, 1}))}, 0},
		{"none", nil, 0},
	} {
		rest := der(s.info(t, content))
		body, _ := rest.take(berSequence)
		info := indef(berSequence, append([][]byte{body}, c.sets...)...)
		raw := signedData(el(berOctets, content), [][]byte{s.cert}, [][]byte{info})
		o, problems := readCMS(append(raw, "behind"...))
		if len(problems) > 0 || cmsResults(o.Verify(nil)) != "intact" || o.End != int64(len(raw)) {
			t.Errorf("%s: %v, ends at %d of %d", c.name, problems, o.End, len(raw))
			continue
		}
		got := o.Signers[0].Stamps()
		if len(got) != c.want || c.want > 0 && !bytes.Equal(got[0], token) {
			t.Errorf("%s: %d tokens", c.name, len(got))
		}
	}
	if o, _ := readCMS(s.object(t, content)[:50]); o.End != 0 {
		t.Errorf("what is cut off ends at %d", o.End)
	}
}
