package evidence

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
)

// maxInstances bounds a chain. RFC 8617, 4.2.1 allows 50; a mail that ten forwarders handled is none that anybody sent us.
const maxInstances = 10

// arcSet is what one forwarder added (RFC 8617, 4.1): results, a signature over the message, and a seal over all sets so far.
type arcSet struct {
	results, message, seal *rawField
	messageTags, sealTags  map[string]string
}

// arc reads the chain of forwarders and, where it holds and its end was sealed by forwarders that the configuration lists, takes the results
// of the first of them for those of our own server (RFC 8617). What strangers sealed proves nothing: anybody can seal a chain of his own.
// The error is about us.
func (e *examination) arc(ctx context.Context) error {
	if e.fields == nil || len(e.trust.Forwarders) == 0 || !slices.ContainsFunc(e.fields, func(f rawField) bool { return f.name == "arc-seal" }) {
		return nil
	}
	sets, ok := arcSets(e.fields)
	if !ok {
		e.note("arc", "fail", "", "", ReasonChain)
		return nil
	}
	first, forwarder := e.listed(sets)
	if first < 0 {
		e.note("arc", "none", tagDomain(sets[len(sets)-1].sealTags["d"]), "", ReasonForwarder)
		return nil
	}
	reason, err := e.chain(ctx, sets)
	if err != nil {
		return err
	}
	if reason == "" {
		reason = e.fromHostOf(ctx, tagDomain(sets[len(sets)-1].sealTags["d"]))
	}
	if reason != "" {
		e.note("arc", resultOf(reason), forwarder, "", reason)
		return nil
	}
	_, value, _ := strings.Cut(sets[first].results.value(), ";") // i=…;
	r, err := ParseResults(value)
	if err != nil {
		e.note("arc", "fail", forwarder, "", ReasonChain)
		return nil
	}
	level, why := sender{address: e.sender.address, domain: e.domain, believed: believed{results: []Results{r}}}.vouched()
	if !level.AtLeast(policy.IdentitySPF) {
		e.note("arc", "pass", forwarder, "", ReasonNothing)
		return nil
	}
	e.note("arc", "pass", forwarder, level, "")
	e.by["arc"] = "arc of " + forwarder + ": " + why
	return nil
}

// listed finds the first set of the unbroken run of listed forwarders at the end of the chain; -1 when the last one is a stranger's.
func (e *examination) listed(sets []arcSet) (first int, forwarder string) {
	first = -1
	for i, s := range slices.Backward(sets) {
		d := tagDomain(s.sealTags["d"])
		if !slices.Contains(e.trust.Forwarders, d) || tagDomain(s.messageTags["d"]) != d {
			break
		}
		first, forwarder = i, d
	}
	return first, forwarder
}

// arcSets sorts the fields of the chain. ok is false when a set is not whole, or there is one too many.
func arcSets(fields []rawField) (sets []arcSet, ok bool) {
	for i := range fields {
		f := &fields[i]
		if f.name != "arc-seal" && f.name != "arc-message-signature" && f.name != "arc-authentication-results" {
			continue
		}
		var t map[string]string
		n, found := 0, ""
		if f.name == "arc-authentication-results" {
			found, _, _ = strings.Cut(f.value(), ";")
			found, _ = strings.CutPrefix(compact(found), "i=")
		} else if t, ok = tags(f.value()); ok {
			found = compact(t["i"])
		} else {
			return nil, false
		}
		n, err := strconv.Atoi(found)
		if err != nil || n < 1 || n > maxInstances {
			return nil, false
		}
		for len(sets) < n {
			sets = append(sets, arcSet{})
		}
		if !sets[n-1].take(f, t) {
			return nil, false
		}
	}
	for _, s := range sets {
		if s.results == nil || s.message == nil || s.seal == nil {
			return nil, false
		}
	}
	return sets, len(sets) > 0
}

// take puts a field into its place; false when that is taken.
func (s *arcSet) take(f *rawField, t map[string]string) bool {
	place := &s.results
	switch f.name {
	case "arc-seal":
		place, s.sealTags = &s.seal, t
	case "arc-message-signature":
		place, s.messageTags = &s.message, t
	}
	if *place != nil {
		return false
	}
	*place = f
	return true
}

// chain validates a chain (RFC 8617, 5.2): the last signature over the message, and every seal. Who sealed a chain as passed over a broken
// one is found by the seals below.
func (e *examination) chain(ctx context.Context, sets []arcSet) (reason string, err error) {
	for i, s := range sets {
		want := "pass"
		if i == 0 {
			want = "none"
		}
		if _, has := s.sealTags["h"]; has || !strings.EqualFold(s.sealTags["cv"], want) {
			return ReasonChain, nil
		}
	}
	if reason, err := e.lastMessage(ctx, sets[len(sets)-1]); reason != "" || err != nil {
		return reason, err
	}
	for i := range sets {
		if reason := e.sealed(ctx, sets[:i+1]); reason != "" {
			return reason, nil
		}
	}
	return "", nil
}

// sealed checks the seal of the last of these sets, which covers all of them.
func (e *examination) sealed(ctx context.Context, sets []arcSet) string {
	h := sha256.New()
	for i, s := range sets {
		text := relaxedField(s.results.text) + relaxedField(s.message.text)
		if i < len(sets)-1 {
			text += relaxedField(s.seal.text)
		} else {
			text += strings.TrimSuffix(relaxedField(unsealed(s.seal.text)), "\r\n")
		}
		h.Write([]byte(text))
	}
	return e.rightly(ctx, sets[len(sets)-1].sealTags, h.Sum(nil))
}

// lastMessage checks the signature over the message as the last forwarder sent it, and what it covers.
func (e *examination) lastMessage(ctx context.Context, s arcSet) (reason string, err error) {
	if reason, err := e.overMessage(ctx, s.message, s.messageTags); reason != "" || err != nil {
		return reason, err
	}
	return e.covered(strings.Split(compact(s.messageTags["h"]), ":"), "to", "cc")
}

// overMessage checks a signature over the message, made as DKIM makes them (RFC 6376, 6.1.3).
func (e *examination) overMessage(ctx context.Context, signature *rawField, t map[string]string) (reason string, err error) {
	headForm, bodyKind, _ := strings.Cut(compact(t["c"]), "/")
	field := simpleField
	if headForm == "relaxed" {
		field = relaxedField
	}
	names := strings.Split(compact(t["h"]), ":")
	_, partly := t["l"]
	switch {
	case partly:
		return ReasonLength, nil
	case len(names) > maxNames, slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, "arc-seal") }):
		return ReasonChain, nil
	}
	sum := sha256.New()
	body := &watched{r: &blankGuard{r: io.NewSectionReader(e.mail.Raw, e.body, e.mail.Size-e.body)}}
	err = (&bodyForm{w: sum, relaxed: bodyKind == "relaxed"}).copyFrom(body)
	switch {
	case body.err == errBlank:
		return ReasonBlank, nil
	case err != nil:
		return "", err
	}
	want, err := base64.StdEncoding.DecodeString(compact(t["bh"]))
	if err != nil || subtle.ConstantTimeCompare(want, sum.Sum(nil)) != 1 {
		return ReasonChain, nil
	}
	sum.Reset()
	for _, text := range picked(e.fields, names) {
		sum.Write([]byte(field(text)))
	}
	sum.Write([]byte(strings.TrimSuffix(field(unsealed(signature.text)), "\r\n")))
	return e.rightly(ctx, t, sum.Sum(nil)), nil
}

// picked gives the signed fields in order: the lowest of a name first, then the one above it (RFC 6376, 5.4.2).
func picked(fields []rawField, names []string) []string {
	var out []string
	taken := map[string]int{}
	for _, n := range names {
		n = strings.ToLower(n)
		skip := taken[n]
		for _, f := range slices.Backward(fields) {
			if f.name != n {
				continue
			}
			if skip == 0 {
				out = append(out, f.text)
				taken[n]++
				break
			}
			skip--
		}
	}
	return out
}

// rightly checks a signature by the key that DNS has for it.
func (e *examination) rightly(ctx context.Context, t map[string]string, digest []byte) string {
	signature, err := base64.StdEncoding.DecodeString(compact(t["b"]))
	if err != nil {
		return ReasonChain
	}
	texts, err := e.lookups.LookupTXT(ctx, compact(t["s"])+"._domainkey."+compact(t["d"]))
	if dns, ok := err.(*net.DNSError); ok && !dns.IsNotFound {
		e.pending = true
		return ReasonDNS
	}
	if len(texts) != 1 {
		return ReasonChain
	}
	key, err := keyRecord(texts[0])
	if err == nil {
		err = key.verify(compact(t["a"]), digest, signature)
	}
	if err != nil {
		return ReasonChain
	}
	return ""
}
