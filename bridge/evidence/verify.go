package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/charset"
)

// Verifier finds who sent a message: by the word of our own server, and where it says nothing by itself. It may be used by several goroutines.
type Verifier struct {
	Trust       Trust
	Resolver    Resolver     // nil: DNS is never asked
	Authorities *Authorities // whose certificates are believed for S/MIME
	Now         func() time.Time
}

// Mail is one message to be looked at.
type Mail struct {
	Raw     io.ReaderAt
	Size    int64
	Header  int64 // bytes of the header block that are looked at
	Message parser.Message
	At      time.Time // the counted instant
}

// dnsPatience is how long one message may wait for DNS.
const dnsPatience = 10 * time.Second

// Tool names what looks here: two with the same name find the same in the same message, as long as DNS says the same.
func (v *Verifier) Tool() string {
	b, err := json.Marshal([]any{v.Trust, v.Authorities.Version(), v.Resolver != nil})
	if err != nil { // texts and truths always can be
		panic(err)
	}
	sum := sha256.Sum256(b)
	return Tool + " " + hex.EncodeToString(sum[:4])
}

// Identify says how well the sender in From is proved, and by what. before is what was found when the same message was looked at earlier, nil
// for the first time: what DNS said then stands, since keys are changed and records taken away when they have served. The error is about us;
// that DNS did not answer is said in the evidence.
func (v *Verifier) Identify(ctx context.Context, mail Mail, before *bridge.Evidence) (bridge.Evidence, error) {
	ev, s, ok := look(mail.Message, v.Trust)
	ev.Tool = v.Tool()
	if !ok {
		return ev, nil
	}
	ev.Identity, ev.IdentityBy = s.identity()
	if before != nil && before.Tool == ev.Tool && !before.Pending && len(before.Proofs) > 0 {
		ev.Proofs, ev.Records = before.Proofs, before.Records
		if before.Identity.AtLeast(ev.Identity) {
			ev.Identity, ev.IdentityBy = before.Identity, before.IdentityBy
		}
		return ev, nil
	}
	e := &examination{mail: mail, trust: v.Trust, sender: s, domain: s.domain, now: v.Now(), authorities: v.Authorities,
		dns: v.Resolver != nil, lookups: &lookups{from: v.Resolver}, by: map[string]string{}}
	waiting, cancel := context.WithTimeout(ctx, dnsPatience)
	defer cancel()
	if err := e.run(waiting, ev.Identity); err != nil {
		return ev, fmt.Errorf("look at the sender of a message: %w", err)
	}
	if err := ctx.Err(); err != nil { // who is stopped has not been told anything by DNS
		return ev, err
	}
	e.conclude(&ev)
	return ev, nil
}

// examination is one message being looked at.
type examination struct {
	mail        Mail
	trust       Trust
	sender      sender
	domain      string // of From
	now         time.Time
	authorities *Authorities
	dns         bool
	lookups     *lookups

	fields []rawField // nil when the header can be read in more than one way
	body   int64

	policy  *dmarcRecord
	proofs  []bridge.Proof
	pending bool
	by      map[string]string // what a method rests on, where that is more than its domain
	open    string            // domain of a DKIM signature that is right but for whom it was written to
}

// run looks for what our own server did not say. vouched is what it did.
func (e *examination) run(ctx context.Context, vouched policy.Identity) error {
	if e.idle(vouched) {
		return nil
	}
	fields, body, err := readBlock(e.mail.Raw, e.mail.Size, e.mail.Header)
	if err != nil && !errors.Is(err, errUneven) {
		return err
	}
	e.fields, e.body = fields, body
	if e.dns && !vouched.AtLeast(policy.IdentityDKIM) {
		if err := e.arc(ctx); err != nil {
			return err
		}
	}
	sure := vouched.AtLeast(policy.IdentityDKIM) || e.best().AtLeast(policy.IdentityDKIM)
	if e.dns && e.trust.Verify && !sure {
		e.kin(ctx)
		if e.silent() {
			if err := e.dkim(ctx); err != nil {
				return err
			}
		}
		if _, _, against := e.sender.dmarc(); !against && len(e.sender.all("spf")) == 0 {
			e.spf(ctx)
		}
		e.handed(ctx, vouched)
	}
	e.smime(vouched)
	return nil
}

// idle says whether there is nothing to look at.
func (e *examination) idle(vouched policy.Identity) bool {
	return len(e.mail.Message.Signatures) == 0 && (!e.dns || vouched.AtLeast(policy.IdentityDKIM))
}

// silent says whether our server said nothing of signatures, or only that it could not tell: then we look by ourselves.
func (e *examination) silent() bool {
	return !slices.ContainsFunc(slices.Concat(e.sender.all("dkim"), e.sender.all("dmarc")), func(r Result) bool { return r.Value != "temperror" })
}

// all are the results of a method in every believed field.
func (s sender) all(method string) (out []Result) {
	for _, r := range s.results {
		out = append(out, r.Of(method)...)
	}
	return out
}

// note keeps what was found.
func (e *examination) note(method, result, domain string, level policy.Identity, reason string) {
	e.proofs = append(e.proofs, bridge.Proof{Method: method, Result: result, Domain: charset.Clean(domain, 253), Level: level, Reason: reason})
}

// best is the highest level that was proved so far.
func (e *examination) best() policy.Identity {
	best := policy.IdentityNone
	for _, p := range e.proofs {
		if p.Level != "" && p.Level.AtLeast(best) {
			best = p.Level
		}
	}
	return best
}

// conclude raises the identity to what was proved.
func (e *examination) conclude(ev *bridge.Evidence) {
	ev.Proofs, ev.Records = e.proofs, e.lookups.seen
	for _, p := range e.proofs {
		if p.Level == "" || p.Level == ev.Identity || !p.Level.AtLeast(ev.Identity) {
			continue
		}
		ev.Identity = p.Level
		if ev.IdentityBy = e.by[p.Method]; ev.IdentityBy == "" {
			ev.IdentityBy = p.Method + " of " + p.Domain + ", verified here"
		}
	}
	ev.Pending = e.pending && !ev.Identity.AtLeast(policy.IdentityDKIM)
}

func isSignature(f parser.TraceField) bool { return f.Name == "DKIM-Signature" }
