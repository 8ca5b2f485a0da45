package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// root writes the certificate of an authority into a folder.
func root(t *testing.T, folder, name string, end time.Time, authority bool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: end.AddDate(-5, 0, 0), NotAfter: end,
		BasicConstraintsValid: true, IsCA: authority}
	if authority {
		c.KeyUsage = x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".cer"), der, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The trust folder is counted, certificates that end are told in time, and what is no authority's is a fault with its file and remedy.
func TestCheckTrust(t *testing.T) {
	now := time.Date(2026, 6, 5, 0, 0, 0, 0, time.UTC)
	good, bad := t.TempDir(), t.TempDir()
	root(t, good, "CA mới", now.AddDate(5, 0, 0), true)
	root(t, good, "CA sắp hết hạn", now.AddDate(0, 1, 0), true)
	root(t, good, "CA cũ", now.AddDate(-1, 0, 0), true)
	root(t, bad, "Trần Thị Hoa", now.AddDate(1, 0, 0), false)
	for _, c := range []struct {
		name, folder string
		failed       bool
		want, lack   []string
	}{
		{"no folder", "", false, []string{"note  [reading] trust_folder is empty"}, []string{"ok"}},
		{"three roots", good, false, []string{"ok    trust folder " + good + ": roots 3, other authorities 0", "note  root CA sắp hết hạn ends on 2026-07-05",
			"note  root CA cũ ended on 2025-06-05"}, []string{"CA mới", "FAIL"}},
		{"a person's certificate", bad, true, []string{"FAIL  trust folder " + bad + ": ", "Trần Thị Hoa.cer", "not an authority's"}, []string{"ok"}},
		{"nothing in it", t.TempDir(), true, []string{"it holds no certificate"}, []string{"ok"}},
		{"gone", filepath.Join(good, "gone"), true, []string{"no such file"}, []string{"ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			k := &checking{out: &out}
			k.trust(c.folder, now)
			if k.failed != c.failed {
				t.Errorf("failed: %v", k.failed)
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("%q is not in\n%s", w, out.String())
				}
			}
			for _, l := range c.lack {
				if strings.Contains(out.String(), l) {
					t.Errorf("%q is in\n%s", l, out.String())
				}
			}
		})
	}
}
