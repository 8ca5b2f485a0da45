package evidence

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// identity is a certificate with its key.
type identity struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// pki is an authority in two steps, a signer of it and one who stamps the time; all invented.
type pki struct{ root, between, signer, stamper identity }

// certify makes a certificate that is good from 2020 to 2040; nobody issues one that signs itself.
func certify(t testing.TB, name string, by identity, change func(*x509.Certificate)) identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(int64(len(name)) + 0xabc00), Subject: pkix.Name{CommonName: name, Organization: []string{"Cơ quan mẫu"}},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	change(c)
	parent, signing := by.Certificate, by.key
	if parent == nil {
		parent, signing = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signing)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return identity{made, key}
}

func asAuthority(c *x509.Certificate) {
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
}

func asSigner(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
}

func asStamper(c *x509.Certificate) {
	c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
}

func newPKI(t testing.TB) pki {
	t.Helper()
	root := certify(t, "CA gốc mẫu", identity{}, asAuthority)
	between := certify(t, "CA phục vụ mẫu", root, asAuthority)
	return pki{root, between, certify(t, "Nguyễn Thị Mẫu", between, asSigner), certify(t, "TSA mẫu", between, asStamper)}
}

// trustFolder writes certificates into a trust folder, each in a file of its own, in turn as PEM and as DER.
func trustFolder(t testing.TB, certs ...identity) string {
	t.Helper()
	dir := t.TempDir()
	for i, c := range certs {
		name, b := fmt.Sprintf("%d.crt", i), c.Raw
		if i%2 == 0 {
			name, b = fmt.Sprintf("%d.pem", i), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func trust(t testing.TB, certs ...identity) *Authorities {
	t.Helper()
	a, err := LoadAuthorities(trustFolder(t, certs...))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// der writes one element of ASN.1.
func der(tag byte, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	default:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
	}
}

func derOf(v any) []byte {
	b, err := asn1.Marshal(v)
	if err != nil {
		panic(err) // the values are this file's own
	}
	return b
}

// object names of CMS (RFC 5652) and time-stamps (RFC 3161).
var (
	oidData    = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1})
	oidSigned  = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
	oidStamp   = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4})
	oidToken   = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14})
	oidSHA256  = derOf(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1})
	oidECDSA   = derOf(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2})
	oidType    = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3})
	oidDigest  = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4})
	oidTime    = derOf(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5})
	versionOne = []byte{0x02, 1, 1}
)

// cms is how a signature is made.
type cms struct {
	by    identity
	with  []identity // certificates that it brings along
	at    []byte     // signing time as an element; nil: none
	stamp *cms       // who stamps it
	when  time.Time  // what the stamp says

	kind    []byte // of what is signed; nil: data
	content []byte // put into the object; nil: it stands elsewhere
}

// seal signs a content.
func (c cms) seal(t testing.TB, content []byte) []byte {
	t.Helper()
	kind, inner := c.kind, [][]byte{}
	if kind == nil {
		kind = oidData
	}
	if c.content != nil {
		content, inner = c.content, [][]byte{der(0xA0, der(0x04, c.content))}
	}
	sha := der(0x30, oidSHA256)
	sum := sha256.Sum256(content)
	attributes := [][]byte{der(0x30, oidType, der(0x31, kind)), der(0x30, oidDigest, der(0x31, der(0x04, sum[:])))}
	if c.at != nil {
		attributes = append(attributes, der(0x30, oidTime, der(0x31, c.at)))
	}
	slices.SortFunc(attributes, bytes.Compare)
	set := slices.Concat(attributes...)
	sum = sha256.Sum256(der(0x31, set))
	signature, err := c.by.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	info := [][]byte{versionOne, der(0x30, c.by.RawIssuer, derOf(c.by.SerialNumber)), sha, der(0xA0, set), der(0x30, oidECDSA), der(0x04, signature)}
	if c.stamp != nil {
		info = append(info, der(0xA1, der(0x30, oidToken, der(0x31, c.stamp.token(t, signature, c.when)))))
	}
	certs := [][]byte{c.by.Raw}
	for _, w := range c.with {
		certs = append(certs, w.Raw)
	}
	return der(0x30, oidSigned, der(0xA0, der(0x30, versionOne, der(0x31, sha), der(0x30, append([][]byte{kind}, inner...)...),
		der(0xA0, certs...), der(0x31, der(0x30, info...)))))
}

// token stamps some bytes (RFC 3161, 2.4.2).
func (c cms) token(t testing.TB, about []byte, when time.Time) []byte {
	sum := sha256.Sum256(about)
	c.kind = oidStamp
	c.content = der(0x30, versionOne, derOf(asn1.ObjectIdentifier{1, 2, 3}), der(0x30, der(0x30, oidSHA256), der(0x04, sum[:])), []byte{0x02, 1, 9},
		der(0x18, []byte(when.UTC().Format("20060102150405Z"))))
	return c.seal(t, nil)
}

// at is a signing time.
func at(when time.Time) []byte { return derOf(when.UTC()) }

// paper is a page that is to be signed.
type paper struct {
	content string
	keys    string // of the signature
	trailer string
	field   string
}

const hole = "[0 aaaaaaaaaa bbbbbbbbbb cccccccccc]"

// signed writes a page and signs it.
func (p paper) signed(t testing.TB, c cms) []byte {
	t.Helper()
	const room = 12000
	if p.field == "" {
		p.field = "Chu ky 1"
	}
	file := pdfOf([]string{
		"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[" + a4 + "]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[6 0 R]>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(p.content), p.content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/Rect[0 0 0 0]/P 3 0 R/F 132/V 7 0 R>>", p.field),
		fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange %s/Contents <%s>/M(D:20260110090000+07'00')%s>>",
			hole, strings.Repeat("0", room), p.keys),
	})
	if p.trailer != "" {
		file = bytes.Replace(file, []byte("trailer\n<<"), []byte("trailer\n<<"+p.trailer), 1)
	}
	begin := bytes.Index(file, []byte(hole))
	open := begin + bytes.IndexByte(file[begin:], '<')
	shut := open + bytes.IndexByte(file[open:], '>') + 1
	given := fmt.Sprintf("[0 %d %d %d]", open, shut, len(file)-shut)
	copy(file[begin:], given+strings.Repeat(" ", len(hole)-len(given)))
	object := c.seal(t, slices.Concat(file[:open], file[shut:]))
	if 2*len(object) > room {
		t.Fatalf("%d bytes of signature", len(object))
	}
	hex.Encode(file[open+1:], object)
	return file
}

// typed is a page of text without accents, a line each.
func typed(lines ...string) string {
	var b strings.Builder
	for i, text := range lines {
		fmt.Fprintf(&b, "BT /F 13 Tf 60 %d Td (%s) Tj ET\n", 760-24*i, text)
	}
	return b.String()
}

// report lines are those of plain.
func letterLines() []string {
	return []string{"SO NOI VU", "So: 12/UBND-VX", "Hai Dong, ngay 05 thang 3 nam 2021", "Kinh gui: Van phong",
		"De nghi cac co quan ra soat tai khoan tren he thong quan ly van ban", "va gui danh sach ve bo phan van thu truoc ngay 30 cua thang nay."}
}
