// Package evidence gathers what only the outside can tell about a message: for whom our own mail server vouched, read out of the fields that
// it wrote at the top of the header (RFC 8601), since the address of the client is not known to whoever fetches mail later (Trust); and the
// text of PDFs and pictures, which foreign programs read in a walled child of this one, with the signatures that it reads there itself (Reader),
// and judges by the certificates that the administrator trusts (Authorities).
package evidence

import (
	"fmt"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
)

// Tool names this reading of the header; its number grows when the same header may give another identity.
const Tool = "giaolien/evidence 2"

// NotConfigured stands in Evidence.Unavailable when nobody said which results are those of our own server.
const NotConfigured = "authserv-id not configured"

// Identify says how well the sender in From is proved (POLICY.md, order of deciding, 8). It only ever believes what our own server wrote,
// takes the topmost word of it on each method, and where it contradicts itself believes neither.
func Identify(m parser.Message, t Trust) bridge.Evidence {
	e, s, ok := look(m, t)
	if ok {
		e.Identity, e.IdentityBy = s.identity()
	}
	return e
}

// look finds the one sender that a message names; ok is false when it does not name one, and then nothing can be proved.
func look(m parser.Message, t Trust) (e bridge.Evidence, s sender, ok bool) {
	e = bridge.Evidence{Identity: policy.IdentityNone, Tool: Tool, Unavailable: []string{}}
	if len(t.AuthservIDs) == 0 {
		e.Unavailable = append(e.Unavailable, NotConfigured)
	}
	if len(m.From) != 1 || slices.ContainsFunc(m.Findings, func(f parser.Finding) bool { return f.Code == parser.TwoFrom }) {
		e.IdentityBy = fmt.Sprintf("not one from address but %d, or several from fields", len(m.From))
		return e, s, false
	}
	from := domainOf(m.From[0].Addr)
	if _, _, ok := cutLast(m.From[0].Addr); !ok || from == "" {
		e.IdentityBy = "no domain in the from address"
		return e, s, false
	}
	return e, sender{address: m.From[0].Addr, domain: from, believed: believe(m.Trace, t)}, true
}

// sender is the From address with what is believed about its message.
type sender struct {
	address, domain string
	believed
}

func (s sender) identity() (policy.Identity, string) {
	if by, ok := s.login(); ok {
		return policy.IdentityDMARC, by
	}
	return s.vouched()
}

// vouched is what the results say, but for who logged in.
func (s sender) vouched() (policy.Identity, string) {
	if len(s.results) == 0 {
		return policy.IdentityFrom, s.why
	}
	if by, ok, against := s.dmarc(); ok {
		return policy.IdentityDMARC, by
	} else if against {
		return policy.IdentityFrom, by
	}
	if by, ok := s.dkim(); ok {
		return policy.IdentityDKIM, by
	}
	if by, ok := s.spf(); ok {
		return policy.IdentitySPF, by
	}
	return policy.IdentityFrom, fmt.Sprintf("authentication-results %s: nothing that passed belongs to the from domain", s.results[0].ID)
}

// deciding gives the results of a method from the topmost field that has any, with the name of the field's writer.
func (s sender) deciding(method string) ([]Result, string) {
	for _, r := range s.results {
		if of := r.Of(method); len(of) > 0 {
			return of, r.ID
		}
	}
	return nil, ""
}

func by(id string, r Result, prop, value string) string {
	return fmt.Sprintf("authentication-results %s %s=%s %s=%s", id, r.Method, r.Value, prop, value)
}

// login looks for a user of ours who sent this under the own address: noted in our Received field, or as the result of auth (RFC 8601,
// 2.7.4). Whoever is logged in under another name proves nothing about From.
func (s sender) login() (string, bool) {
	if s.entry.authenticated() && sameAddress(s.entry.account, s.address) {
		return fmt.Sprintf("received %s with %s, logged in as the from address", s.entry.by, s.entry.with), true
	}
	of, id := s.deciding("auth")
	if len(of) != 1 || of[0].Value != "pass" {
		return "", false
	}
	account, ok := of[0].Prop("smtp", "auth")
	if !ok || !sameAddress(account, s.address) {
		return "", false
	}
	return fmt.Sprintf("authentication-results %s auth=pass, logged in as the from address", id), true
}

// dmarc is the word of our server on this very From domain. against: it found, or found about another domain, what speaks against
// believing any of its other results; then they do not count either.
func (s sender) dmarc() (why string, ok, against bool) {
	of, id := s.deciding("dmarc")
	if len(of) == 0 {
		return "", false, false
	}
	if len(of) > 1 {
		return fmt.Sprintf("authentication-results %s: dmarc says more than one thing", id), false, true
	}
	value, once := of[0].Prop("header", "from")
	judged := domainOf(value)
	why = by(id, of[0], "header.from", judged)
	switch of[0].Value {
	case "pass":
		return why, once && judged == s.domain, value != "" && !(once && aligned(judged, s.domain))
	case "fail", "quarantine", "reject":
		return why, false, true
	}
	return why, false, false
}

// dkim looks for a signature of the From domain, or of one above it, that passed. A field that says none beside a pass contradicts itself.
func (s sender) dkim() (string, bool) {
	_, id := s.deciding("dkim")
	for _, r := range s.signed() {
		if d := signer(r); r.Value == "pass" && speaksFor(d, s.domain) {
			return by(id, r, "header.d", d), true
		}
	}
	return "", false
}

// kin is another domain of the organisation that our server vouches for by dkim or spf. Whether it may speak for From only a DMARC record tells;
// so it is empty where our server judged by one.
func (s sender) kin(method string) string {
	if of, _ := s.deciding("dmarc"); slices.ContainsFunc(of, func(r Result) bool { return r.Value != "none" && r.Value != "temperror" }) {
		return ""
	}
	of, domain := s.signed(), signer
	if method == "spf" {
		of, domain = s.judged(), envelopeDomain
	}
	for _, r := range of {
		if d := domain(r); r.Value == "pass" && aligned(d, s.domain) && !speaksFor(d, s.domain) {
			return d
		}
	}
	return ""
}

// signed are the results of dkim; none where they contradict themselves.
func (s sender) signed() []Result {
	of, _ := s.deciding("dkim")
	if slices.ContainsFunc(of, func(r Result) bool { return r.Value == "none" }) {
		return nil
	}
	return of
}

// judged is the one result of spf about the envelope sender: a pass for the name in HELO alone says nothing about From.
func (s sender) judged() []Result {
	of, _ := s.deciding("spf")
	of = slices.DeleteFunc(of, func(r Result) bool { _, ok := r.Prop("smtp", "mailfrom"); return !ok })
	if len(of) != 1 {
		return nil
	}
	return of
}

func envelopeDomain(r Result) string {
	value, _ := r.Prop("smtp", "mailfrom")
	return domainOf(value)
}

// signer gives the domain of a DKIM signature: header.d, or the domain of header.i, which must lie within it (RFC 6376, 3.5).
func signer(r Result) string {
	d, hasD := r.Prop("header", "d")
	i, hasI := r.Prop("header", "i")
	within := domainOf(i)
	switch {
	case d == "" && hasI:
		return within
	case hasD && !hasI && i == "":
		return domainOf(d)
	case hasD && hasI && (within == domainOf(d) || strings.HasSuffix(within, "."+domainOf(d))):
		return domainOf(d)
	}
	return ""
}

// spf takes the envelope sender's domain.
func (s sender) spf() (string, bool) {
	_, id := s.deciding("spf")
	for _, r := range s.judged() {
		if d := envelopeDomain(r); r.Value == "pass" && speaksFor(d, s.domain) {
			return by(id, r, "smtp.mailfrom", d), true
		}
	}
	return "", false
}
