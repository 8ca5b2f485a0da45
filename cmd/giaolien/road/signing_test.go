package road

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

// world is what senders are proved by: a name server that can fall silent, the key of every agency (selector "s"), and an authority.
type world struct {
	t      testing.TB
	names  string // address of the name server
	silent atomic.Bool
	key    ed25519.PrivateKey
	root   certificate
	dir    string // of what openssl reads
}

type certificate struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// hostOf is the address of the i-th agency's mail server, which its SPF record names.
func hostOf(i int) string { return fmt.Sprintf("192.0.2.%d", 10+i%agencies) }

// stranger is the address of a host that no record names.
const stranger = "198.51.100.66"

func newWorld(t testing.TB) *world {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		cannot(t, "no openssl here")
	}
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, key: key, dir: t.TempDir()}
	known := map[string]string{}
	for i := range agencies {
		known["s._domainkey."+agencyDomain(i)+"."] = "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
		known[agencyDomain(i)+"."] = "v=spf1 ip4:" + hostOf(i) + " -all"
	}
	w.serve(known)
	w.root = w.certify("CA thử nghiệm", "", certificate{})
	return w
}

// serve starts the name server.
func (w *world) serve(known map[string]string) {
	w.t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for b := make([]byte, 1500); ; {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return // closed
			}
			if out, ok := answer(b[:n], known); ok && !w.silent.Load() {
				_, _ = conn.WriteTo(out, from) // who does not hear it asks again
			}
		}
	}()
	w.t.Cleanup(func() {
		conn.Close()
		<-done
	})
	w.names = conn.LocalAddr().String()
}

// certify makes a certificate for a name and an address; without an issuer it is an authority.
func (w *world) certify(name, address string, by certificate) certificate {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		w.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name, Country: []string{"VN"}}, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment}
	parent, signer := by.Certificate, by.key
	if parent == nil {
		parent, signer = c, key
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	if address != "" {
		c.EmailAddresses, c.ExtKeyUsage = []string{address}, []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return certificate{made, key}
}

// pem is a certificate as files have it.
func (c certificate) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

// seal has OpenSSL make a detached signature over a content (RFC 5652), as mail programs and signing tools do.
func (w *world) seal(content []byte, by certificate) []byte {
	w.t.Helper()
	secret, err := x509.MarshalPKCS8PrivateKey(by.key)
	if err != nil {
		w.t.Fatal(err)
	}
	path := func(name string, b []byte) string {
		name = filepath.Join(w.dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			w.t.Fatal(err)
		}
		return name
	}
	cmd := exec.Command("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-in", path("content", content), "-signer", path("cert.pem", []byte(by.pem())),
		"-inkey", path("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		w.t.Fatalf("openssl: %v\n%s", err, errs.String())
	}
	return out.Bytes()
}

// signPDF appends a signature field to a PDF of textPDF, and signs all of it (ISO 32000-1, 12.8).
func (w *world) signPDF(pdf []byte, by certificate) []byte {
	w.t.Helper()
	const room, hole = 12000, "[0 aaaaaaaaaa bbbbbbbbbb cccccccccc]"
	file := bytes.Replace(pdf, []byte("<</Type/Catalog/Pages 2 0 R>>"), []byte("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[7 0 R]/SigFlags 3>>>>"), 1)
	file = bytes.Replace(file, []byte("/Contents 4 0 R"), []byte("/Contents 4 0 R/Annots[7 0 R]"), 1)
	body, _, _ := bytes.Cut(file, []byte("trailer"))
	file = append(bytes.Clone(body), fmt.Sprintf("7 0 obj<</Type/Annot/Subtype/Widget/FT/Sig/T(Chu ky)/Rect[0 0 0 0]/P 3 0 R/F 132/V 8 0 R>>endobj\n"+
		"8 0 obj<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange %s/Contents <%s>>>endobj\n", hole, strings.Repeat("0", room))...)
	var table strings.Builder
	for i := range 8 {
		fmt.Fprintf(&table, "%010d 00000 n \n", bytes.Index(file, fmt.Appendf(nil, "%d 0 obj", i+1)))
	}
	file = append(file, fmt.Sprintf("xref\n0 9\n0000000000 65535 f \n%strailer<</Size 9/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), len(file))...)
	begin := bytes.Index(file, []byte(hole))
	open := begin + bytes.IndexByte(file[begin:], '<')
	shut := open + bytes.IndexByte(file[open:], '>') + 1
	given := fmt.Sprintf("[0 %d %d %d]", open, shut, len(file)-shut)
	copy(file[begin:], given+strings.Repeat(" ", len(hole)-len(given)))
	object := w.seal(append(bytes.Clone(file[:open]), file[shut:]...), by)
	if 2*len(object) > room {
		w.t.Fatalf("a signature of %d bytes", len(object))
	}
	hex.Encode(file[open+1:], object)
	return file
}

// part is a PDF as a part of a mail: its header and its content.
func part(name string, pdf []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: application/pdf; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", name)
	base64Lines(&b, pdf)
	return b.Bytes()
}

// letter is a mail of the i-th agency with one part, without a word of any server about it.
func letter(i int, subject string, part []byte) []byte {
	domain := agencyDomain(i)
	return append(fmt.Appendf(nil, "From: <vanthu@%s>\r\nTo: vanthu@quangtri.example.vn\r\nSubject: %s\r\nMessage-ID: <%d.%s@%[1]s>\r\nMIME-Version: 1.0\r\n", domain, subject, i, token()), part...)
}

// smime is a part under an S/MIME signature (RFC 8551, 3.5.3).
func (w *world) smime(part []byte, by certificate) []byte {
	content := bytes.TrimSuffix(part, []byte("\r\n"))
	var b bytes.Buffer
	fmt.Fprintf(&b, "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n\r\n--s\r\n%s\r\n", content)
	b.WriteString("--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	base64Lines(&b, w.seal(content, by))
	b.WriteString("--s--\r\n")
	return b.Bytes()
}

// signed puts a DKIM signature on a mail.
func (w *world) signed(mail []byte, domain string, key ed25519.PrivateKey) []byte {
	w.t.Helper()
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: []string{"From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

// from is a mail of the i-th agency as our own server stored it, with the host that handed it over.
func from(i int, host string, mail []byte, at time.Time) []byte {
	return append(fmt.Appendf(nil, "Return-Path: <vanthu@%s>\r\nReceived: from mail.%[1]s (mail.%[1]s [%s])\r\n\tby %s (Postfix) with ESMTPS id %s;\r\n\t%s\r\n",
		agencyDomain(i), host, mx, token(), at.Format(time.RFC1123Z)), mail...)
}
