package unpack

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"slices"
	"strings"
	"testing"
)

// What the signed attributes must be (RFC 5652, 5.3 and 11).
func TestCMSAttributes(t *testing.T) {
	content := []byte("Content-Type: text/plain\r\n\r\nKính gửi\r\n")
	attribute := func(id string, values ...[]byte) []byte {
		return el(berSequence, el(berOID, []byte(id)), el(berSet, values...))
	}
	for _, c := range []struct {
		name       string
		attributes func([][]byte) [][]byte
		written    func([][]byte) [][]byte
		want       string
	}{
		{name: "as they should be", want: "intact"},
		{name: "signed in order, written in another", written: func(l [][]byte) [][]byte { return [][]byte{l[1], l[0]} }, want: "intact"},
		{name: "signed and written in another order", attributes: func(l [][]byte) [][]byte { return [][]byte{l[1], l[0]} }, want: "intact"},
		{name: "of indefinite length", written: func(l [][]byte) [][]byte { return [][]byte{indef(berSequence, l[0][2:]), l[1]} }, want: "intact"},
		{name: "without type of content", attributes: func(l [][]byte) [][]byte { return l[1:] }, want: "unverified"},
		{name: "without digest", attributes: func(l [][]byte) [][]byte { return l[:1] }, want: "unverified"},
		{name: "with two digests", attributes: func(l [][]byte) [][]byte { return append(l, l[1]) }, want: "unverified"},
		{name: "with a digest of two values", attributes: func(l [][]byte) [][]byte {
			return [][]byte{l[0], attribute(oidMessageDigest, el(berOctets, []byte("a")), el(berOctets, []byte("b")))}
		}, want: "unverified"},
		{name: "with another type of content", attributes: func(l [][]byte) [][]byte {
			return [][]byte{attribute(oidContentType, el(berOID, []byte(oidSigned))), l[1]}
		}, want: "unverified"},
		{name: "with another digest", attributes: func(l [][]byte) [][]byte {
			return [][]byte{l[0], attribute(oidMessageDigest, el(berOctets, make([]byte, 32)))}
		}, want: "broken"},
		{name: "changed after signing", written: func(l [][]byte) [][]byte {
			return append(l, attribute(oidSigningTime, el(0x17, []byte("260801080000Z"))))
		}, want: "broken"},
		{name: "with nothing in them", written: func([][]byte) [][]byte { return nil }, want: "unverified"},
		{name: "with what is no attribute", written: func(l [][]byte) [][]byte { return append(l, []byte{5, 0}) }, want: "unverified"},
	} {
		s := ecSigner(t)
		s.attributes, s.written = c.attributes, c.written
		o, _ := readCMS(s.object(t, content))
		if v := o.Verify(nil); cmsResults(v) != c.want {
			t.Errorf("attributes %s: %+v", c.name, v)
		}
		if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) {
			t.Errorf("attributes %s: content %q, %v", c.name, got, err)
		}
	}
}

// A SET of attributes that somebody signed must not pass for a content that he signed without attributes.
func TestCMSAttributesAreNoContent(t *testing.T) {
	s := ecSigner(t)
	var set []byte
	s.attributes = func(l [][]byte) [][]byte { set = el(berSet, l...); return l }
	s.info(t, []byte("nội dung"))
	s.noAttrs = true
	o, _ := readCMS(s.object(t, set))
	if v := o.Verify(nil); cmsResults(v) != "unverified" || v[0].Note != "signed attributes are missing" {
		t.Errorf("%+v", v)
	}
}

func TestCMSCertificates(t *testing.T) {
	content := []byte("Kính gửi")
	good, other := ecSigner(t), ecSigner(t) // the same name and number
	info := good.info(t, content)
	large := el(berSequence, make([]byte, maxCertBytes))
	for _, c := range []struct {
		name  string
		certs [][]byte
		want  string
	}{
		{"of the signer", [][]byte{good.cert}, "intact"},
		{"none", nil, "unverified"},
		{"of another with that name and number", [][]byte{other.cert}, "broken"},
		{"both", [][]byte{other.cert, good.cert}, "intact"},
		{"behind one that cannot be read", [][]byte{el(berSequence, []byte("x")), good.cert}, "intact"},
		{"behind another kind", [][]byte{el(berTag1, []byte("x")), good.cert}, "intact"},
		{"behind a giant", [][]byte{large, good.cert}, "intact"},
		{"the hundred and first", append(slices.Repeat([][]byte{{berSequence, 0}}, maxCerts), good.cert), "unverified"},
	} {
		o, problems := readCMS(signedData(el(berOctets, content), c.certs, [][]byte{info}))
		v := o.Verify(nil)
		if cmsResults(v) != c.want {
			t.Errorf("certificates: %s: %+v", c.name, v)
		}
		if v[0].Result == Intact && !bytes.Equal(v[0].Certificate.DER, good.cert) {
			t.Errorf("certificates: %s: another one is named", c.name)
		}
		if limited := strings.Contains(c.name, "giant") || strings.Contains(c.name, "hundred"); limited != (len(problems) > 0) {
			t.Errorf("certificates: %s: %v", c.name, problems)
		}
	}
	infos := slices.Repeat([][]byte{info}, maxSigners+3)
	o, problems := readCMS(signedData(el(berOctets, content), [][]byte{good.cert}, infos))
	if len(o.Verify(nil)) != maxSigners || cmsCodes(problems) != LimitCount {
		t.Errorf("%d signers, %v", len(o.Signers), problems)
	}
	infos = [][]byte{el(berSequence, el(berOctets, make([]byte, maxSignerBytes))), info}
	o, problems = readCMS(signedData(el(berOctets, content), [][]byte{good.cert}, infos))
	if cmsResults(o.Verify(nil)) != "unverified intact" || cmsCodes(problems) != LimitSize {
		t.Errorf("%+v, %v", o.Signers, problems)
	}
}

// An issuer may be written in another kind of string than in the certificate (RFC 5280, 7.1).
func TestCMSIssuerInAnotherString(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	info := s.info(t, content)
	name := []byte("Người Ký Mẫu")
	other := bytes.Replace(info, el(0x0C, name), el(0x16, name), 1) // UTF8String, IA5String
	o, _ := readCMS(signedData(el(berOctets, content), [][]byte{s.cert}, [][]byte{other}))
	if v := o.Verify(nil); bytes.Equal(info, other) || cmsResults(v) != "unverified" {
		t.Errorf("a string of the wrong letters: %+v", v)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(9), RawSubject: el(berSequence, el(berSet, el(berSequence, el(berOID, []byte{0x55, 4, 3}), el(0x13, []byte("CA Mau")))))}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, s.key.Public(), s.key)
	if err != nil {
		t.Fatal(err)
	}
	s.cert = cert
	info = s.info(t, content)
	other = bytes.Replace(info, el(0x13, []byte("CA Mau")), el(0x0C, []byte("CA MAU")), 1)
	o, _ = readCMS(signedData(el(berOctets, content), [][]byte{s.cert}, [][]byte{other}))
	if v := o.Verify(nil); bytes.Equal(info, other) || cmsResults(v) != "intact" {
		t.Errorf("%+v", v)
	}
}

// Parameters of RSA-PSS (RFC 8017, A.2.3); without a digest nothing is verified.
func TestPSSParameters(t *testing.T) {
	sha256 := digestName(crypto.SHA256)
	mgf := func(digest []byte) []byte { return el(berTag1, el(berSequence, el(berOID, []byte(oidMGF1)), digest)) }
	salt := func(b ...byte) []byte { return el(berTag0+2, el(berInteger, b)) }
	for _, c := range []struct {
		name   string
		params []byte
		hash   crypto.Hash
		salt   int
	}{
		{"as usual", el(berSequence, el(berTag0, sha256), mgf(sha256), salt(32)), crypto.SHA256, 32},
		{"all left out", el(berSequence), crypto.SHA1, 20},
		{"none", nil, 0, 20},
		{"two digests", el(berSequence, el(berTag0, sha256), salt(32)), 0, 32},
		{"unknown digest", el(berSequence, el(berTag0, el(berSequence, el(berOID, []byte(oidData)))), mgf(el(berSequence))), 0, 20},
		{"unknown mask", el(berSequence, el(berTag0, sha256), el(berTag1, el(berSequence, el(berOID, []byte(oidData)), sha256))), 0, 20},
		{"giant salt", el(berSequence, el(berTag0, sha256), mgf(sha256), salt(0x7F, 0xFF)), 0, 0x7FFF},
		{"negative salt", el(berSequence, el(berTag0, sha256), mgf(sha256), salt(0xFF)), 0, 0},
	} {
		if m := pssMethod(c.params); m.hash != c.hash || m.salt != c.salt || m.family != familyPSS {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

// Archived signatures carry lists of revoked certificates about themselves (RFC 5126, 6.3).
func TestCMSUnsignedAttributes(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	rest := der(s.info(t, content))
	body, _ := rest.take(berSequence)
	for _, more := range [][]byte{el(berTag1, make([]byte, 2<<20)), indef(berTag1, el(berSequence, make([]byte, 2<<20)))} {
		o, problems := readCMS(signedData(el(berOctets, content), [][]byte{s.cert}, [][]byte{indef(berSequence, body, more), s.info(t, content)}))
		if v := o.Verify(nil); cmsResults(v) != "intact intact" || len(problems) > 0 {
			t.Errorf("%+v, %v", v, problems)
		}
	}
}

// Keys that would take long to calculate with are not used.
func TestCMSRefusesKeys(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := newTestSigner(t, key, oid(1, 2, 840, 113549, 1, 1, 11), crypto.SHA256)
	content := []byte("Kính gửi")
	cert, err := x509.ParseCertificate(s.cert)
	if err != nil {
		t.Fatal(err)
	}
	// The key is exchanged in the certificate, whose own signature nobody looks at.
	with := func(n *big.Int, e int64) []byte {
		public, err := asn1.Marshal(struct{ N, E *big.Int }{n, big.NewInt(e)})
		if err != nil {
			t.Fatal(err)
		}
		var spki, tbs, whole der
		spki = cert.RawSubjectPublicKeyInfo
		inner, _ := spki.take(berSequence)
		_, _, algorithm, _ := inner.next()
		changed := el(berSequence, algorithm, el(berBits, []byte{0}, public))
		tbs = cert.RawTBSCertificate
		body, _ := tbs.take(berSequence)
		body = bytes.Replace(body, cert.RawSubjectPublicKeyInfo, changed, 1)
		whole = cert.Raw
		rest, _ := whole.take(berSequence)
		rest.next()
		return el(berSequence, el(berSequence, body), rest)
	}
	odd := func(bits uint) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return n.Add(n, big.NewInt(1))
	}
	for _, c := range []struct {
		name string
		n    *big.Int
		e    int64
		want string
	}{
		{"its own", key.N, int64(key.E), "intact"},
		{"another", odd(2048), 65537, "broken"},
		{"8192 bits", odd(8192), 65537, "broken"},
		{"giant", odd(8193), 65537, "unverified"},
		{"tiny", odd(512), 65537, "unverified"},
		{"even", new(big.Int).Lsh(big.NewInt(1), 2047), 65537, "unverified"},
		{"exponent 1", key.N, 1, "unverified"},
		{"exponent 2", key.N, 2, "unverified"},
		{"giant exponent", key.N, 1<<40 + 1, "unverified"},
	} {
		o, _ := readCMS(signedData(el(berOctets, content), [][]byte{with(c.n, c.e)}, [][]byte{s.info(t, content)}))
		if v := o.Verify(nil); cmsResults(v) != c.want {
			t.Errorf("key %s: %s %s", c.name, v[0].Result, v[0].Note)
		}
	}
}

func TestCMSUnknownAlgorithms(t *testing.T) {
	content := []byte("Kính gửi")
	s := ecSigner(t)
	good := s.object(t, content)
	sha256 := []byte(oid(2, 16, 840, 1, 101, 3, 4, 2, 1))
	for name, b := range map[string][]byte{
		"digest":    bytes.ReplaceAll(good, sha256, []byte(oid(2, 16, 840, 1, 101, 3, 4, 2, 99))),
		"structure": bytes.ReplaceAll(good, el(berOID, sha256), append([]byte{berOID, 8}, sha256...)),
		"signature": bytes.ReplaceAll(good, []byte(s.algorithm), []byte(oid(1, 2, 840, 10045, 4, 3, 9))),
		"family":    bytes.ReplaceAll(good, []byte(s.algorithm), []byte(oid(1, 2, 840, 10045, 2, 2)+"\x02")),
	} {
		o, _ := readCMS(b)
		if v := o.Verify(nil); cmsResults(v) != "unverified" || v[0].Note == "" {
			t.Errorf("unknown %s: %+v", name, v)
		}
		if got, err := cmsContent(o); err != nil || !bytes.Equal(got, content) {
			t.Errorf("unknown %s: content %q, %v", name, got, err)
		}
	}
}

// A content that cannot be read to its end proves nothing, neither good nor bad.
func TestCMSVerifyUnreadContent(t *testing.T) {
	o, _ := readCMS(cmsFile(t, "detached-rsa.p7s"))
	v := o.Verify(io.MultiReader(bytes.NewReader(cmsFile(t, "small.txt")), errReader{errors.New("broken")}))
	if cmsResults(v) != "unverified" {
		t.Errorf("%+v", v)
	}
	budget := Budget{Entries: 1, Bytes: 100, Ratio: 2}
	raw := cmsFile(t, "opaque-rsa.p7m")
	c, problems := ReadCMS(bytes.NewReader(raw), int64(len(raw)), &budget)
	if v := c.Verify(nil); len(problems) > 0 || cmsResults(v) != "unverified" {
		t.Errorf("over the budget: %v %+v", problems, v)
	}
	if _, problems := ReadCMS(bytes.NewReader(raw), int64(len(raw)), &budget); cmsCodes(problems) != LimitCount {
		t.Errorf("more than may be listed: %v", problems)
	}
}
