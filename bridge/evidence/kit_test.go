package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
)

// dnsStub answers out of a table: "TXT name" to records. A name in silent is not answered.
type dnsStub struct {
	records map[string][]string
	silent  map[string]bool
	asked   []string
}

func (d *dnsStub) Resolve(_ context.Context, name string, kind dnsmessage.Type) (Answer, error) {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	key := strings.TrimPrefix(kind.String(), "Type") + " " + name
	d.asked = append(d.asked, key)
	if d.silent[name] {
		return Answer{}, errors.New("no answer")
	}
	return Answer{Texts: d.records[key], Prefs: make([]uint16, len(d.records[key])), TTL: time.Minute}, nil
}

// world is what tests live in: keys, DNS, an authority, a clock.
type world struct {
	t        testing.TB
	dns      *dnsStub
	verifier *Verifier
	key      ed25519.PrivateKey // of every domain, under the selector "s"
	now      time.Time

	root, user       *x509.Certificate
	rootKey, userKey *ecdsa.PrivateKey
}

const (
	fromDomain = "snv.quangtri.gov.vn"
	fromAddr   = "vanthu@" + fromDomain
	ourAddr    = "vanthu@ubnd.quangtri.gov.vn"
	clientIP   = "198.51.100.7"
)

func newWorld(t testing.TB) *world {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, key: key, now: time.Now().Truncate(time.Second), dns: &dnsStub{records: map[string][]string{}, silent: map[string]bool{}}}
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	for _, d := range []string{fromDomain, "quangtri.gov.vn", "phong." + fromDomain, "evil.example", "quangtri.gov.vn.evil.example", "chuyentiep.example.vn", "la.example", "sct.quangtri.gov.vn", "forward.example.net"} {
		w.dns.records["TXT s._domainkey."+d] = []string{record}
	}
	w.dns.records["TXT "+fromDomain] = []string{"v=spf1 ip4:" + clientIP + " -all"}
	w.root, w.rootKey = w.certificate("Cơ quan chứng thực mẫu", nil, nil, nil)
	w.user, w.userKey = w.certificate("Văn thư Sở Nội vụ", []string{fromAddr}, w.root, w.rootKey)
	w.verifier = &Verifier{Resolver: w.dns, Authorities: trusting([]*x509.Certificate{w.root}), Now: func() time.Time { return w.now },
		Trust: Trust{AuthservIDs: []string{"mx.quangtri.gov.vn"}, TrustedHops: []string{"mx.quangtri.gov.vn"}, Verify: true,
			Forwarders: []string{"chuyentiep.example.vn"}, OwnDomains: []string{"ubnd.quangtri.gov.vn"}}}
	return w
}

// certificate makes one; without an issuer it is a root.
func (w *world) certificate(name string, emails []string, issuer *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(w.now.UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: w.now.AddDate(-1, 0, 0),
		NotAfter: w.now.AddDate(1, 0, 0), EmailAddresses: emails, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}}
	if issuer == nil {
		issuer, by = c, key
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = true, true, x509.KeyUsageCertSign, nil
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, &key.PublicKey, by)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return out, key
}

// entry is the field of our own server about a host that handed a mail over.
func (w *world) entry(helo, ip string) string {
	return fmt.Sprintf("Received: from %s (%s [%s]) by mx.quangtri.gov.vn (Postfix) with ESMTPS id 4X; %s\r\n", helo, helo, ip, w.now.Format(time.RFC1123Z))
}

// plainMail is a mail with a file, from the sender of the tests to us.
func plainMail() string {
	return mailFrom("=?utf-8?q?S=E1=BB=9F_N=E1=BB=99i_v=E1=BB=A5?= <"+fromAddr+">", 12)
}

// mailFrom is a mail with a file, from somebody to us.
func mailFrom(from string, number int) string {
	mail := "From: " + from + "\r\nTo: " + ourAddr + "\r\nSubject: Cong van so 12/SNV-VP ve viec bo tri can bo\r\n" +
		"Date: Mon, 01 Jan 2001 00:00:00 +0000\r\nMessage-ID: <thu1@" + fromDomain + ">\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: text/plain\r\n\r\nKinh gui.\r\n--x\r\nContent-Type: application/pdf; name=12_SNV-VP.pdf\r\nContent-Disposition: attachment; filename=12_SNV-VP.pdf\r\n\r\n%PDF-1.4 noi dung\r\n--x--\r\n"
	return strings.ReplaceAll(mail, "12", strconv.Itoa(number))
}

// signed puts a DKIM signature on top. Without fields all essential ones are signed.
func (w *world) signed(mail, domain string, fields ...string) string {
	w.t.Helper()
	if len(fields) == 0 {
		fields = []string{"From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
	}
	var out bytes.Buffer
	err := dkim.Sign(&out, strings.NewReader(mail), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: w.key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: fields})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.String()
}

// resigned makes a DKIM signature with any tags: change gets the text of the field, without b.
func (w *world) resigned(mail, domain, tag string, names ...string) string {
	w.t.Helper()
	head, body, _ := strings.Cut(mail, "\r\n\r\n")
	fields, _, err := readBlock(strings.NewReader(mail), int64(len(mail)), 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.New()
	if err := (&bodyForm{w: sum, relaxed: true}).copyFrom(strings.NewReader(body)); err != nil {
		w.t.Fatal(err)
	}
	if len(names) == 0 {
		names = []string{"from", "to", "subject", "content-type"}
	}
	text := "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d=" + domain + "; s=s; " + tag + "h=" + strings.Join(names, ":") +
		"; bh=" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + "; b="
	sum.Reset()
	for _, f := range picked(fields, names) {
		sum.Write([]byte(relaxedField(f)))
	}
	sum.Write([]byte(strings.TrimSuffix(relaxedField(text), "\r\n")))
	return text + base64.StdEncoding.EncodeToString(ed25519.Sign(w.key, sum.Sum(nil))) + "\r\n" + head + "\r\n\r\n" + body
}

// sealed adds a set of ARC fields.
func (w *world) sealed(mail, domain, results, cv string, instance int) string {
	w.t.Helper()
	_, body, _ := strings.Cut(mail, "\r\n\r\n")
	fields, _, err := readBlock(strings.NewReader(mail), int64(len(mail)), 1<<20)
	if err != nil {
		w.t.Fatal(err)
	}
	sum := sha256.New()
	if err := (&bodyForm{w: sum, relaxed: true}).copyFrom(strings.NewReader(body)); err != nil {
		w.t.Fatal(err)
	}
	names := []string{"from", "to", "cc", "subject", "date", "message-id", "content-type", "mime-version"}
	ams := fmt.Sprintf("ARC-Message-Signature: i=%d; a=ed25519-sha256; c=relaxed/relaxed; d=%s; s=s;\r\n\th=%s; bh=%s; b=", instance, domain, strings.Join(names, ":"),
		base64.StdEncoding.EncodeToString(sum.Sum(nil)))
	sum.Reset()
	for _, f := range picked(fields, names) {
		sum.Write([]byte(relaxedField(f)))
	}
	sum.Write([]byte(strings.TrimSuffix(relaxedField(ams), "\r\n")))
	ams += base64.StdEncoding.EncodeToString(ed25519.Sign(w.key, sum.Sum(nil))) + "\r\n"
	aar := fmt.Sprintf("ARC-Authentication-Results: i=%d; mx.%s; %s\r\n", instance, domain, results)
	seal := fmt.Sprintf("ARC-Seal: i=%d; a=ed25519-sha256; cv=%s; d=%s; s=s; t=1700000000; b=", instance, cv, domain)
	sum.Reset()
	if sets, ok := arcSets(fields); ok {
		for _, s := range sets {
			sum.Write([]byte(relaxedField(s.results.text) + relaxedField(s.message.text) + relaxedField(s.seal.text)))
		}
	}
	sum.Write([]byte(relaxedField(aar) + relaxedField(ams) + strings.TrimSuffix(relaxedField(seal), "\r\n")))
	seal += base64.StdEncoding.EncodeToString(ed25519.Sign(w.key, sum.Sum(nil))) + "\r\n"
	return seal + ams + aar + mail
}

// insideMark stands before a header field that belongs into what is signed.
const insideMark = "Inside-"

// smime puts the content of a mail into a detached S/MIME signature of a certificate, made at a time.
func (w *world) smime(mail string, cert *x509.Certificate, key *ecdsa.PrivateKey, at time.Time) string {
	w.t.Helper()
	return w.smimeWith(mail, cert, key, at)
}

// smimeWith is smime with further certificates in the signature.
func (w *world) smimeWith(mail string, cert *x509.Certificate, key *ecdsa.PrivateKey, at time.Time, more ...*x509.Certificate) string {
	w.t.Helper()
	head, body, _ := strings.Cut(mail, "\r\n\r\n")
	var kept, inner []string
	for _, line := range strings.Split(head, "\r\n") {
		if field, inside := strings.CutPrefix(line, insideMark); inside || strings.HasPrefix(line, "Content-Type") {
			inner = append(inner, field)
		} else {
			kept = append(kept, line)
		}
	}
	content := strings.Join(inner, "\r\n") + "\r\n\r\n" + strings.TrimSuffix(body, "\r\n")
	der := w.cms([]byte(content), cert, key, at, more...)
	return strings.Join(kept, "\r\n") + "\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=s\r\n\r\n--s\r\n" + content +
		"\r\n--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(der) + "\r\n--s--\r\n"
}

// cms writes a detached SignedData (RFC 5652, 5).
func (w *world) cms(content []byte, cert *x509.Certificate, key *ecdsa.PrivateKey, at time.Time, more ...*x509.Certificate) []byte {
	w.t.Helper()
	certs := slices.Clone(cert.Raw)
	for _, c := range more {
		certs = append(certs, c.Raw...)
	}
	marshal := func(v any, params string) asn1.RawValue {
		b, err := asn1.MarshalWithParams(v, params)
		if err != nil {
			w.t.Fatal(err)
		}
		return asn1.RawValue{FullBytes: b}
	}
	oid := func(n ...int) asn1.ObjectIdentifier { return n }
	type attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
	sum := sha256.Sum256(content)
	set := func(v any, params string) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: marshal(v, params).FullBytes}
	}
	attributes := []attribute{{oid(1, 2, 840, 113549, 1, 9, 3), set(oid(1, 2, 840, 113549, 1, 7, 1), "")}, {oid(1, 2, 840, 113549, 1, 9, 4), set(sum[:], "")}}
	if !at.IsZero() {
		attributes = append(attributes, attribute{oid(1, 2, 840, 113549, 1, 9, 5), set(at.UTC(), "utc")})
	}
	signedBytes := marshal(attributes, "set").FullBytes
	digest := sha256.Sum256(signedBytes)
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		w.t.Fatal(err)
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oid(2, 16, 840, 1, 101, 3, 4, 2, 1)}
	info := struct {
		Version   int
		ID        struct{ Issuer, Serial asn1.RawValue }
		Digest    pkix.AlgorithmIdentifier
		Attrs     asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
	}{Version: 1, Digest: sha, Algorithm: pkix.AlgorithmIdentifier{Algorithm: oid(1, 2, 840, 10045, 4, 3, 2)}, Signature: signature}
	info.ID.Issuer, info.ID.Serial = asn1.RawValue{FullBytes: cert.RawIssuer}, marshal(cert.SerialNumber, "")
	info.Attrs = asn1.RawValue{FullBytes: append([]byte{0xa0}, signedBytes[1:]...)}
	data := struct {
		Version int
		Digests []pkix.AlgorithmIdentifier `asn1:"set"`
		Content struct{ Type asn1.ObjectIdentifier }
		Certs   asn1.RawValue
		Infos   asn1.RawValue
	}{Version: 1, Digests: []pkix.AlgorithmIdentifier{sha},
		Certs: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs},
		Infos: asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: marshal(info, "").FullBytes}}
	data.Content.Type = oid(1, 2, 840, 113549, 1, 7, 1)
	return marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oid(1, 2, 840, 113549, 1, 7, 2), asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: marshal(data, "").FullBytes}}, "").FullBytes
}

// look examines a raw mail.
func (w *world) look(raw string) bridge.Evidence {
	w.t.Helper()
	return w.lookAgain(raw, nil)
}

func (w *world) lookAgain(raw string, before *bridge.Evidence) bridge.Evidence {
	w.t.Helper()
	ev, err := w.verifier.Identify(w.t.Context(), Mail{Raw: strings.NewReader(raw), Size: int64(len(raw)), Header: parser.DefaultLimits.HeaderBytes, Message: w.parse(raw), At: w.now}, before)
	if err != nil {
		w.t.Fatal(err)
	}
	return ev
}

func (w *world) parse(raw string) parser.Message {
	return parser.Parse(strings.NewReader(raw), int64(len(raw)), parser.DefaultLimits)
}
