package evidence

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/giaolien/giaolien/bridge/policy"
)

// maxVerified is how many signatures of one message are checked: each reads the whole body again.
const maxVerified = 4

// dkim checks the DKIM signatures of the From domain over the raw bytes (RFC 6376, RFC 8301), until one counts. Those of other domains are
// left alone: they say nothing about From. The error is about us: the raw bytes could not be read.
func (e *examination) dkim(ctx context.Context) error {
	if e.fields == nil {
		if slices.ContainsFunc(e.mail.Message.Trace, isSignature) {
			e.note("dkim", "fail", "", "", ReasonUneven)
		}
		return nil
	}
	tried, strangers := 0, 0
	for i, f := range e.fields {
		if f.name != "dkim-signature" {
			continue
		}
		t, ok := tags(f.value())
		d := tagDomain(t["d"])
		if !ok || !aligned(d, e.domain) {
			if strangers++; strangers == 1 {
				e.note("dkim", "none", d, "", ReasonUnaligned)
			}
			continue
		}
		if tried++; tried > maxVerified {
			return nil
		}
		reason, err := e.signature(ctx, i, t, d)
		if err != nil {
			return err
		}
		if reason == "" {
			e.note("dkim", "pass", d, policy.IdentityDKIM, "")
			return nil
		}
		e.note("dkim", resultOf(reason), d, "", reason)
	}
	return nil
}

func resultOf(reason string) string {
	switch reason {
	case ReasonDNS:
		return "unknown"
	case ReasonInvalid, ReasonBlank, ReasonUneven, ReasonChain:
		return "fail"
	}
	return "pass" // right in itself
}

// signature checks one signature of the From domain. The reason is empty when it proves the sender.
func (e *examination) signature(ctx context.Context, at int, t map[string]string, d string) (reason string, err error) {
	if _, partly := t["l"]; partly {
		return ReasonLength, nil
	}
	if strings.Count(t["h"], ":") >= maxNames {
		return ReasonInvalid, nil
	}
	v, key, err := e.verifyOne(ctx, at)
	switch {
	case errors.Is(err, errBlank):
		return ReasonBlank, nil
	case err != nil:
		return "", err
	case v == nil:
		return ReasonInvalid, nil
	case dkim.IsTempFail(v.Err):
		e.pending = true
		return ReasonDNS, nil
	case v.Err != nil && e.ranOutSince(v):
		if reason, err = e.overMessage(ctx, &e.fields[at], t); reason == ReasonChain {
			reason = ReasonInvalid
		}
		if reason != "" || err != nil {
			return reason, err
		}
	case v.Err != nil:
		return ReasonInvalid, nil
	}
	switch {
	case v.Time.After(e.now.Add(24 * time.Hour)):
		return ReasonFuture, nil
	case onTrial(key):
		return ReasonTest, nil
	}
	if why, err := e.covered(v.HeaderKeys, "to", "cc"); why != "" || err != nil {
		return why, err
	}
	if why := e.strictly(ctx, d, "adkim"); why != "" {
		return why, nil
	}
	if reason, err = e.covered(v.HeaderKeys); err != nil {
		return "", err
	}
	if reason == "" && !toUs(e.mail.Message, e.trust.OwnDomains) {
		reason = ReasonRecipient
	}
	if reason != "" {
		e.open = d
	}
	return reason, nil
}

// ranOutSince says whether a signature held when the mail came, and no longer does: that is what counts (RFC 6376, 3.5, x=), and the library asks
// the clock. Gmail gives its signatures a week; mail may have lain longer before the daemon first looked into the mailbox.
func (e *examination) ranOutSince(v *dkim.Verification) bool {
	return !v.Expiration.IsZero() && e.now.After(v.Expiration) && !e.mail.At.After(v.Expiration)
}

// handed takes a signature that leaves open whom the mail was written to, when the host that handed it to ours may send for the domain:
// then nobody else sent it again. Exchange Online never signs To, and of blind copies To names others.
func (e *examination) handed(ctx context.Context, vouched policy.Identity) {
	if e.open == "" || !vouched.AtLeast(policy.IdentitySPF) && !e.best().AtLeast(policy.IdentitySPF) {
		return
	}
	e.by["dkim"] = "dkim of " + e.open + ", verified here, from a host that may send for the from domain"
	e.note("dkim", "pass", e.open, policy.IdentityDKIM, "")
}

// maxKey is how many bytes of a key record are taken: one of 8192 bits has 1,400. Checking a signature by a key as long as DNS can give takes
// many seconds.
const maxKey = 2000

// verifyOne lets the library check the signature at one place of the header, and gives the key record that it was checked by. It is shown no
// other one: it would check them all at once, each in a goroutine whose panic nobody could catch.
func (e *examination) verifyOne(ctx context.Context, at int) (v *dkim.Verification, key string, err error) {
	var head strings.Builder
	for i, f := range e.fields {
		if i == at || f.name != "dkim-signature" {
			head.WriteString(f.text)
		}
	}
	if n := head.Len(); n > 0 && head.String()[n-1] != '\n' {
		head.WriteString("\r\n")
	}
	head.WriteString("\r\n")
	body := &watched{r: &blankGuard{r: io.NewSectionReader(e.mail.Raw, e.body, e.mail.Size-e.body)}}
	found, err := dkim.VerifyWithOptions(io.MultiReader(strings.NewReader(head.String()), body), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			texts, err := e.lookups.LookupTXT(ctx, name)
			if key = strings.Join(texts, ""); len(key) > maxKey {
				return nil, &net.DNSError{Err: "no key is as long", Name: name, IsNotFound: true}
			}
			return texts, err
		}, MaxVerifications: 1})
	switch {
	case body.err != nil:
		return nil, "", body.err
	case err != nil || len(found) != 1: // the library could not take the header apart, which is a fact about it
		return nil, "", nil
	}
	return found[0], key, nil
}

// onTrial says whether a key record says that its owner is only testing.
func onTrial(key string) bool {
	t, ok := tags(key)
	return ok && slices.Contains(strings.Split(compact(t["t"]), ":"), "y")
}

// covered says what the signature leaves open of what is shown and decided by. A field that is neither there nor signed may have been taken
// away; only of Cc and of the encoding that makes no difference.
func (e *examination) covered(signed []string, except ...string) (string, error) {
	for _, name := range []string{"from", "to", "subject"} {
		if !signs(signed, name) && !slices.Contains(except, name) {
			return ReasonUnsigned, nil
		}
	}
	if leavesOut(e.fields, signed, append(except, "content-type", "content-transfer-encoding")...) {
		return ReasonUnsigned, nil
	}
	if !signs(signed, "content-type") || leavesOut(e.fields, signed, append(except, "content-transfer-encoding")...) {
		certain, err := kindCertain(e.fields, e.mail.Raw, e.body)
		if err != nil || !certain {
			return ReasonUnsigned, err
		}
	}
	if leavesOut(e.fields, signed, append(except, "content-type")...) && !encodingHarmless(e.fields) {
		return ReasonUnsigned, nil
	}
	return "", nil
}

// watched remembers why reading ended.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
