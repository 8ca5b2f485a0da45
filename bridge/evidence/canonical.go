package evidence

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The seals of ARC are made as DKIM signatures are (RFC 8617, 4.1), but under other names, so that the DKIM library does not check them.

// relaxedField is a header field in the relaxed form, with its line end (RFC 6376, 3.4.2).
func relaxedField(text string) string {
	name, value, _ := strings.Cut(text, ":")
	words := strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	return strings.ToLower(strings.TrimSpace(name)) + ":" + strings.Join(words, " ") + "\r\n"
}

// simpleField is a header field as it stands, its line ends written CRLF.
func simpleField(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	if !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	return text
}

// unsealed empties the b tag of a signature field (RFC 6376, 3.5), and changes nothing else.
func unsealed(text string) string {
	name, value, _ := strings.Cut(text, ":")
	parts := strings.Split(value, ";")
	for i, p := range parts {
		if tag, _, ok := strings.Cut(p, "="); ok && strings.TrimSpace(tag) == "b" {
			parts[i] = tag + "="
		}
	}
	return name + ":" + strings.Join(parts, ";")
}

// bodyForm writes the canonical form of a body into w: relaxed or simple (RFC 6376, 3.4.3 and 3.4.4). Of blank lines, and of white space in the
// relaxed form, it keeps no more than it has to know.
type bodyForm struct {
	w       io.Writer
	relaxed bool
	blank   int  // empty lines that are not written yet: at the end of the body they do not count
	begun   bool // the line has something in it
	cr      bool // a CR that may be the beginning of a line end
	space   bool // white space that is not written yet
	any     bool // something was written
	out     []byte
}

// copyFrom writes a whole body. The error is that of reading, or of w.
func (f *bodyForm) copyFrom(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		for _, c := range buf[:n] {
			f.add(c)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil {
			f.end()
		}
		if _, failed := f.w.Write(f.out); failed != nil {
			return failed
		}
		f.out = f.out[:0]
		if err != nil {
			return nil
		}
	}
}

// add takes one byte. LF ends a line, with a CR before it or without.
func (f *bodyForm) add(c byte) {
	switch {
	case c == '\n':
		f.cr = false
		f.newline()
		return
	case f.cr:
		f.cr = false
		f.put('\r')
	}
	switch {
	case c == '\r':
		f.cr = true
	case f.relaxed && (c == ' ' || c == '\t'):
		f.space = true
	default:
		f.put(c)
	}
}

func (f *bodyForm) newline() {
	f.space = false
	if !f.begun {
		f.blank++
		return
	}
	f.begun = false
	f.out = append(f.out, '\r', '\n')
}

// put writes one byte of a line, and before it what was held back.
func (f *bodyForm) put(c byte) {
	for ; f.blank > 0; f.blank-- {
		f.out = append(f.out, '\r', '\n')
	}
	if f.space {
		f.out = append(f.out, ' ')
		f.space = false
	}
	f.out = append(f.out, c)
	f.begun, f.any = true, true
}

// end closes the last line. An empty body is one empty line in the simple form, and nothing in the relaxed one.
func (f *bodyForm) end() {
	if f.cr {
		f.put('\r')
	}
	if f.begun || !f.any && !f.relaxed {
		f.out = append(f.out, '\r', '\n')
	}
}

// publicKey is a key record (RFC 6376, 3.6.1).
type publicKey struct {
	key crypto.PublicKey
}

var errKey = errors.New("no usable key")

// keyRecord reads a key record: RSA of 1024 bits or more (RFC 8301, 3.2), or Ed25519 (RFC 8463), for mail and SHA-256, and not on trial.
func keyRecord(record string) (publicKey, error) {
	t, ok := tags(record)
	list := func(name string) []string { return strings.Split(compact(t[name]), ":") }
	permits := func(name string, any ...string) bool {
		return t[name] == "" || slices.ContainsFunc(list(name), func(v string) bool { return slices.Contains(any, v) })
	}
	if !ok || t["v"] != "" && t["v"] != "DKIM1" || !permits("h", "sha256") || !permits("s", "*", "email") || slices.Contains(list("t"), "y") {
		return publicKey{}, errKey
	}
	der, err := base64.StdEncoding.DecodeString(compact(t["p"]))
	if err != nil || len(der) == 0 {
		return publicKey{}, errKey
	}
	switch t["k"] {
	case "", "rsa":
		any, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			any, err = x509.ParsePKCS1PublicKey(der)
		}
		if key, ok := any.(*rsa.PublicKey); err == nil && ok && key.Size() >= 128 && key.Size() <= 1024 {
			return publicKey{key}, nil
		}
	case "ed25519":
		if len(der) == ed25519.PublicKeySize {
			return publicKey{ed25519.PublicKey(der)}, nil
		}
	}
	return publicKey{}, errKey
}

// verify checks a signature over what is hashed already.
func (k publicKey) verify(algorithm string, digest, signature []byte) error {
	switch key := k.key.(type) {
	case *rsa.PublicKey:
		if algorithm == "rsa-sha256" {
			return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature)
		}
	case ed25519.PublicKey:
		if algorithm == "ed25519-sha256" && ed25519.Verify(key, digest, signature) {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", algorithm, errKey)
}
