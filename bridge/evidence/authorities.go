package evidence

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser/pdfsign"
)

// Authorities are those whose certificates the administrator trusts to say who signed a document or when. They never change once they are
// loaded; nil trusts nobody.
type Authorities struct {
	roots   []*x509.Certificate
	between []*x509.Certificate // they lead to a root, and help where a signature does not bring them along
	version string
}

// Roots are the authorities that signed their own certificates: chains end there. They are not to be changed.
func (a *Authorities) Roots() []*x509.Certificate {
	if a == nil {
		return nil
	}
	return a.roots
}

// Between says how many certificates of authorities below the roots there are.
func (a *Authorities) Between() int {
	if a == nil {
		return 0
	}
	return len(a.between)
}

// Version is the SHA-256, in hexadecimal, over all certificates, whatever files they are in; empty when there are none.
func (a *Authorities) Version() string {
	if a == nil {
		return ""
	}
	return a.version
}

// Bounds of the trust folder.
const (
	maxTrustFiles = 1000
	maxTrustFile  = 1 << 20 // bytes
)

// LoadAuthorities reads the trust folder: files *.crt, *.cer, *.pem, *.der with certificates in DER or PEM, and *.p7b, *.p7c with lists of
// them. Names that begin with a dot are passed over. No folder ("") and an empty one give nil: nobody is trusted. Everything else that is
// not a certificate of an authority is an error that names the file and says what to do, all of them at once; then nobody is trusted, since
// a folder that is read in part judges documents by half of what the administrator meant.
func LoadAuthorities(dir string) (*Authorities, error) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read trust folder: %w", err)
	}
	if len(entries) > maxTrustFiles {
		return nil, fmt.Errorf("read trust folder %s: more than %d files; keep only authorities in it", dir, maxTrustFiles)
	}
	var all []*x509.Certificate
	var faults []error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		found, err := trustFile(path)
		for i, c := range found {
			if err := fitForTrust(c); err != nil {
				faults = append(faults, fmt.Errorf("trust file %s, certificate %d: %w", path, i+1, err))
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("trust file %s: %w", path, err))
		}
		all = append(all, found...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, nil
	}
	a := trusting(all)
	if len(a.roots) == 0 {
		return nil, fmt.Errorf("trust folder %s: none of its %d certificates is a root, so that nobody can be trusted; add the authority's own root", dir, len(all))
	}
	return a, nil
}

// trusting sorts certificates; one that is given twice counts once.
func trusting(all []*x509.Certificate) *Authorities {
	all = slices.Clone(all)
	slices.SortFunc(all, func(x, y *x509.Certificate) int { return bytes.Compare(x.Raw, y.Raw) })
	all = slices.CompactFunc(all, func(x, y *x509.Certificate) bool { return bytes.Equal(x.Raw, y.Raw) })
	a, h := &Authorities{}, sha256.New()
	for _, c := range all {
		sum := sha256.Sum256(c.Raw)
		h.Write(sum[:])
		if bytes.Equal(c.RawSubject, c.RawIssuer) {
			a.roots = append(a.roots, c)
		} else {
			a.between = append(a.between, c)
		}
	}
	a.version = hex.EncodeToString(h.Sum(nil))
	return a
}

// fitForTrust says why a certificate cannot be that of an authority.
func fitForTrust(c *x509.Certificate) error {
	self := bytes.Equal(c.RawSubject, c.RawIssuer)
	switch {
	case c.BasicConstraintsValid && !c.IsCA, !self && !c.IsCA:
		return errors.New("is a signer's, not an authority's; put the certificate of the authority that issued it there instead")
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
		return errors.New("may not sign certificates; put the authority's certificate for that there instead")
	}
	if self { // SHA-1, by which old roots signed themselves, is told neither right nor wrong; nothing depends on it
		err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
		var insecure x509.InsecureAlgorithmError
		if err != nil && !errors.As(err, &insecure) {
			return fmt.Errorf("bears the name of a root but not its signature (%w); fetch it again from the authority", err)
		}
	}
	return nil
}

// trustFile reads one file of the trust folder.
func trustFile(path string) (found []*x509.Certificate, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w; let the daemon's user read it", err)
	}
	switch {
	case info.IsDir():
		return nil, errors.New("is a folder; put the files into the trust folder itself")
	case !info.Mode().IsRegular():
		return nil, errors.New("is no file; take it away")
	case info.Size() > maxTrustFile:
		return nil, fmt.Errorf("has %d bytes, more than any certificate; take it away", info.Size())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w; let the daemon's user read it", err)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxTrustFile+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("%w; let the daemon's user read it", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".crt", ".cer", ".pem", ".der":
		return certificatesIn(b)
	case ".p7b", ".p7c":
		return bundleIn(b)
	}
	return nil, errors.New("is no certificate by its name; name it .crt, .cer, .pem, .der or .p7b, or take it away")
}

// maxHelp is how many certificates between are lent to one signature. pdfsign takes eight, and the signature may bring some along.
const maxHelp = 4

// help lends signatures the certificates between them and a root that they do not bring along, as far as their issuers' names ask for them.
func (a *Authorities) help(rep *pdfsign.Report) {
	if a == nil || len(a.between) == 0 {
		return
	}
	rep.Signatures = slices.Clone(rep.Signatures)
	for i := range rep.Signatures {
		s := &rep.Signatures[i]
		s.Certificates = a.lend(s.Signer.DER, s.Certificates)
		s.Timestamp.Certificates = a.lend(s.Timestamp.Authority.DER, s.Timestamp.Certificates)
	}
}

// lend gives the certificates that are asked for, in front of those that were brought.
func (a *Authorities) lend(der []byte, brought [][]byte) [][]byte {
	var asked, lent [][]byte
	for _, b := range slices.Concat([][]byte{der}, brought) {
		if c, err := x509.ParseCertificate(b); err == nil {
			asked = append(asked, c.RawIssuer)
		}
	}
	for i := 0; i < len(asked); i++ {
		for _, c := range a.between {
			same := func(b []byte) bool { return bytes.Equal(b, c.Raw) }
			if len(lent) < maxHelp && bytes.Equal(c.RawSubject, asked[i]) && !slices.ContainsFunc(lent, same) {
				lent, asked = append(lent, c.Raw), append(asked, c.RawIssuer)
			}
		}
	}
	return append(lent, brought...)
}
