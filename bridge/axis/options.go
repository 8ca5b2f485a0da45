package axis

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"
)

// Options describe one account on an axis.
type Options struct {
	Name     string                                    // in configuration, log and metrics
	URL      string                                    // base of all calls: https, or http to this machine itself
	SystemID string                                    // who we are there
	Secret   func(ctx context.Context) (string, error) // read for each call; never logged
	CAFile   string                                    // PEM; empty: the authorities of the system
	// ProperHash writes the SHA-256 of a package (VXP) with two digits for each byte. The official builder leaves out leading zeros, and so do
	// we unless this is set.
	ProperHash bool
	// SharedInbox says that what is sent to our agencies lies in this account's own inbox, so that it tells what was stored (LGSP REST).
	SharedInbox bool
	Timeout     time.Duration // of a call, and of every standstill while a package is passed on; 0: 60 s
	MaxList     int64         // bytes of an answer that is a list; 0: 64 MiB
	MaxPackage  int64         // bytes of a package as it comes over the wire; 0: 512 MiB
	Version     string        // of this program, for User-Agent
	Now         func() time.Time
}

func (o Options) withDefaults() (Options, *url.URL, error) {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	base, err := url.Parse(strings.TrimRight(o.URL, "/"))
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		fault("url is no plain address of a server")
	case base.Scheme == "http" && !loopback(base.Hostname()):
		fault("url is http to another machine, which would send the secret's signature and all documents in clear")
	case base.Scheme != "http" && base.Scheme != "https":
		fault("url begins with neither https nor http")
	}
	if o.Name == "" {
		fault("name is missing")
	}
	if !plain(o.SystemID) || o.SystemID == "" {
		fault("system id is missing or has other characters than plain ASCII")
	}
	if o.Secret == nil {
		fault("secret is missing")
	}
	if o.Now == nil {
		fault("a dependency is missing")
	}
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	o.MaxList = cmp.Or(o.MaxList, 64<<20)
	o.MaxPackage = cmp.Or(o.MaxPackage, 512<<20)
	if err := errors.Join(faults...); err != nil {
		return o, nil, fmt.Errorf("axis %s: %w", o.Name, err)
	}
	return o, base, nil
}

// client makes a client that follows no redirect and uses no proxy of the environment: what is signed is for the configured host alone.
func (o Options) client() (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("axis %s: read ca file: %w", o.Name, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("axis %s: ca file %s holds no certificate", o.Name, o.CAFile)
		}
	}
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: 15 * time.Second,
		MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		// An axis speaks HTTP/1.1 (as observed), in which the spelling of header names stays as it is written.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
		// What is compressed could be a bomb, and lengths would not fit.
		DisableCompression: true,
	}
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// plain says whether a value can stand in a header and in a JSON text just as it is. How axes escape others was never seen.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return strings.TrimSpace(s) == s
}
