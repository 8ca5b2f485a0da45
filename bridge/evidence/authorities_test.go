package evidence

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/parser/pdfsign"
	"github.com/giaolien/giaolien/parser/unpack"
)

// write makes a folder of files.
func write(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func asPEM(kind string, b []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
}

// bundle is a list of certificates in PKCS #7.
func bundle(certs ...identity) []byte {
	var all [][]byte
	for _, c := range certs {
		all = append(all, c.Raw)
	}
	return der(0x30, oidSigned, der(0xA0, der(0x30, versionOne, der(0x31), der(0x30, oidData), der(0xA0, all...), der(0x31))))
}

func TestLoadAuthorities(t *testing.T) {
	k := newPKI(t)
	want := trust(t, k.root, k.between)
	if len(want.Roots()) != 1 || want.Between() != 1 || len(want.Version()) != 64 {
		t.Fatalf("%d roots, %d between, version %q", len(want.Roots()), want.Between(), want.Version())
	}
	note := "Tải từ trang của cơ quan chứng thực.\n"
	for what, files := range map[string]map[string][]byte{
		"DER":                   {"a.crt": k.root.Raw, "b.CER": k.between.Raw},
		"one PEM":               {"all.pem": append([]byte(note), append(asPEM("CERTIFICATE", k.between.Raw), asPEM("CERTIFICATE", k.root.Raw)...)...)},
		"the same twice":        {"a.der": k.root.Raw, "b.pem": asPEM("CERTIFICATE", k.root.Raw), "c.pem": asPEM("X509 CERTIFICATE", k.between.Raw)},
		"a list":                {"list.p7b": bundle(k.root, k.between)},
		"a list in PEM":         {"list.p7c": asPEM("PKCS7", bundle(k.root, k.between))},
		"a list in a .pem":      {"list.pem": asPEM("PKCS7", bundle(k.root, k.between))},
		"beside what is hidden": {"a.crt": k.root.Raw, "b.crt": k.between.Raw, ".keep": nil},
	} {
		a, err := LoadAuthorities(write(t, files))
		if err != nil || a.Version() != want.Version() || len(a.Roots()) != 1 || a.Between() != 1 {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
	if other := trust(t, k.root); other.Version() == want.Version() {
		t.Error("another folder has the same version")
	}
	for what, dir := range map[string]string{"none": "", "an empty one": t.TempDir()} {
		if a, err := LoadAuthorities(dir); err != nil || a != nil || a.Version() != "" || a.Roots() != nil || a.Between() != 0 {
			t.Errorf("%s: %+v, %v", what, a, err)
		}
	}
}

func TestLoadAuthoritiesFaults(t *testing.T) {
	k := newPKI(t)
	key, err := x509.MarshalPKCS8PrivateKey(k.root.key)
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Unix(0, 0), NextUpdate: time.Unix(1, 0)}, k.root.Certificate, k.root.key)
	if err != nil {
		t.Fatal(err)
	}
	tampered := append([]byte(nil), k.root.Raw...)
	tampered[len(tampered)-1] ^= 1
	var many []byte
	for range maxTrustCertificates + 1 {
		many = append(many, asPEM("CERTIFICATE", k.root.Raw)...)
	}
	crowd := make([]identity, maxBundle)
	for i := range crowd {
		crowd[i] = k.root
	}
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"empty.crt", nil, "cannot be read as a certificate"},
		{"text.pem", []byte("xin chào"), "cannot be read as a certificate"},
		{"half.crt", k.root.Raw[:100], "cannot be read as a certificate"},
		{"half.pem", asPEM("CERTIFICATE", k.root.Raw[:100]), "certificate 1 in it cannot be read"},
		{"key.pem", append(asPEM("CERTIFICATE", k.root.Raw), asPEM("PRIVATE KEY", key)...), "perhaps a private key"},
		{"crl.pem", asPEM("X509 CRL", list), "list of revoked certificates"},
		{"person.crt", k.signer.Raw, "is a signer's"},
		{"own.crt", certify(t, "Người tự ký", identity{}, func(c *x509.Certificate) { asSigner(c); c.BasicConstraintsValid = true }).Raw, "is a signer's"},
		{"use.crt", certify(t, "CA không ký", identity{}, func(c *x509.Certificate) { asAuthority(c); c.KeyUsage = x509.KeyUsageCRLSign }).Raw, "may not sign certificates"},
		{"forged.crt", tampered, "not its signature"},
		{"readme.txt", []byte("x"), "is no certificate by its name"},
		{"noname", k.root.Raw, "is no certificate by its name"},
		{"list.p7b", []byte("xin chào"), "holds no list of certificates"},
		{"no.p7b", bundle(), "holds no list of certificates"},
		{"crowd.p7b", bundle(crowd...), "holds 100 certificates or more"},
		{"many.pem", many, "holds more than 500 certificates"},
		{"large.crt", make([]byte, maxTrustFile+1), "more than any certificate"},
		{"between.crt", k.between.Raw, "none of its 1 certificates is a root"},
	} {
		dir := write(t, map[string][]byte{c.name: c.b})
		a, err := LoadAuthorities(dir)
		if err == nil || a != nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %+v, %v", c.name, a, err)
		}
		if c.name != "between.crt" && err != nil && !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s is not named: %v", c.name, err)
		}
	}
	dir := write(t, map[string][]byte{"a.crt": k.root.Raw, "b.txt": nil, "c.crt": nil})
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, "link.crt")); err != nil {
		t.Fatal(err)
	}
	_, err = LoadAuthorities(dir)
	for _, name := range []string{"b.txt", "c.crt", "sub: is a folder", "link.crt"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if _, err := LoadAuthorities(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that is not there is none to trust")
	}
}

// TestOldRoots takes roots as they were made long ago: without saying that they are one.
func TestOldRoots(t *testing.T) {
	old := certify(t, "CA cũ", identity{}, func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "CA cũ"} })
	if a := trust(t, old); len(a.Roots()) != 1 {
		t.Errorf("%+v", a)
	}
}

// TestLend lends only what leads on, in front of what a signature brings along, and no more than four.
func TestLend(t *testing.T) {
	k := newPKI(t)
	chain := []identity{k.root}
	for i := range 8 {
		chain = append(chain, certify(t, fmt.Sprintf("CA bậc %d", i), chain[i], asAuthority))
	}
	leaf := certify(t, "Người ký", chain[3], asSigner)
	a := trust(t, append(chain, k.between)...)
	rep := pdfsign.Report{Signatures: []pdfsign.Signature{{Signer: unpack.Certificate{DER: leaf.Raw}, Certificates: [][]byte{leaf.Raw}}}}
	mine := rep.Signatures
	a.help(&rep)
	got := rep.Signatures[0].Certificates
	if len(got) != 4 || string(got[0]) != string(chain[3].Raw) || string(got[2]) != string(chain[1].Raw) || string(got[3]) != string(leaf.Raw) {
		t.Errorf("%d certificates", len(got))
	}
	if len(mine[0].Certificates) != 1 {
		t.Error("the report of the caller was changed")
	}
	deep := certify(t, "Người ký sâu", chain[8], asSigner)
	if got := a.lend(deep.Raw, nil); len(got) != maxHelp {
		t.Errorf("%d lent", len(got))
	}
	if got := a.lend([]byte("none"), [][]byte{nil}); len(got) != 1 {
		t.Errorf("%d lent to nobody", len(got))
	}
}
