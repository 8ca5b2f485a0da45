package policy

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Decide says what is to become of a submission: secrets, exemptions, rules from the top, the default; then who is reached, what is
// unknown, how well the sender is proved, and grace. Duplicates are the caller's matter. It reads no clock; a nil directory is empty.
func (r *Rules) Decide(s Submission, dir *directory.Directory) Decision {
	if dir == nil {
		dir = directory.Empty()
	}
	c := deciding{rules: r, traced: true}
	c.takeRoom(&room{})
	c.run(&s, dir, s.ReceivedAt)
	if !isSecret(&s) && !s.ReceivedAt.IsZero() {
		c.dispute(&s, dir)
	}
	if s.AtLatest && c.d.Verdict == Reject {
		c.note("", true, "Chỉ biết văn bản đến không muộn hơn "+moment(s.ReceivedAt)+", chưa rõ đến lúc nào; chuyển cho người có thẩm quyền quyết định.")
		c.hold(ReasonTimeUnknown)
	}
	return c.d
}

// dispute decides again at every other instant that trusted evidence gives.
func (c *deciding) dispute(s *Submission, dir *directory.Directory) {
	for _, at := range s.Disputed {
		if at.IsZero() {
			continue
		}
		other := deciding{rules: c.rules}
		other.takeRoom(&room{})
		other.f.subject = c.f.subject
		if other.run(s, dir, at); other.d.Verdict != c.d.Verdict {
			c.note("", true, "Thời điểm đến chưa thống nhất: theo thời điểm "+moment(at)+" thì kết quả là "+verdictName(other.d.Verdict)+
				", theo thời điểm "+moment(s.ReceivedAt)+" là "+verdictName(c.d.Verdict)+"; chuyển cho người có thẩm quyền quyết định.")
			c.hold(ReasonTimeDisputed)
			return
		}
	}
}

// maxTold is how often a trace repeats the submission's own value beside what rules ask for. After that the rules' part stands alone, which
// is put together already: with hundreds of rules the texts would cost far more than deciding.
const maxTold = 8

// deciding is one submission being decided at one instant.
type deciding struct {
	rules  *Rules
	traced bool
	f      facts
	d      Decision
	told   [dims]int // how often the trace has repeated the submission's own value
	texts  texts
	passed []skip // exemptions and rules that do not apply, until they are explained
	// What many rules are explained by alike: the last one that was too early, and not reaching the sender.
	early, begins, outsider string
}

// room is memory that is enough for most files.
type room struct {
	words  [2 * factWords]uint64
	passed [256]skip
}

func (c *deciding) takeRoom(r *room) {
	c.f.yes, c.f.maybe, c.passed = r.words[:factWords], r.words[factWords:], r.passed[:0]
}

func (c *deciding) run(s *Submission, dir *directory.Directory, at time.Time) {
	c.rules.gather(&c.f, s, dir, at)
	c.d.ID, c.d.Rules, c.d.Agency = s.ID, c.rules.version, c.f.agency.ID
	switch {
	case isSecret(s):
		c.settle(Quarantine, ReasonSecret)
		c.note("", true, "Văn bản mang độ mật ("+secrecyName(s.Document.Secrecy)+") không được gửi qua thư điện tử hoặc trên Hệ thống; cách ly trước khi xét quy tắc.")
	case at.IsZero():
		c.settle(Hold, ReasonTimeUnknown)
		c.note("", true, "Không rõ thời điểm đến; chuyển cho người có thẩm quyền quyết định.")
	case c.exempt():
	default:
		c.rule(c.judge(0, c.traced))
	}
}

// isSecret is true for state secrets that came otherwise than on paper. A mark that is not one of the three is taken for one of them.
func isSecret(s *Submission) bool { return s.Document.Secrecy != "" && foldName(s.Channel) != "paper" }

func (c *deciding) settle(v Verdict, reasons ...Reason) {
	c.d.Verdict = v
	c.d.Reasons = make([]string, 0, len(reasons)+2)
	for _, r := range reasons {
		c.d.Reasons = append(c.d.Reasons, string(r))
	}
}

// hold makes the verdict hold; the reason becomes the deciding one unless it was hold already.
func (c *deciding) hold(why Reason) {
	if c.d.Verdict == Hold && why != ReasonTimeDisputed {
		c.d.Reasons = append(c.d.Reasons, string(why))
		return
	}
	c.d.Verdict, c.d.Notice = Hold, ""
	c.d.Reasons = slices.Insert(c.d.Reasons, 0, string(why))
}

// note adds a step to the trace.
func (c *deciding) note(rule string, matched bool, because string) {
	if c.traced {
		c.d.Trace = append(c.d.Trace, Step{Rule: rule, Matched: matched, Because: because})
	}
}

// exempt looks for an exemption that holds; the first accepts.
func (c *deciding) exempt() bool {
	for i := range c.rules.exemptions {
		e := &c.rules.exemptions[i]
		if why := c.notExempt(e); why != holds {
			c.pass(why)
			continue
		}
		c.explain()
		c.settle(Accept, e.reason)
		c.d.MinIdentity = e.identity
		c.d.Exemption = e.name
		c.note(e.name, true, e.applies)
		return true
	}
	return false
}

// notExempt says why an exemption does not hold.
func (c *deciding) notExempt(e *exemption) skip {
	switch answer, failed := c.match(&e.conditions); {
	case answer != yes:
		return failed
	case !c.f.at.Before(e.until):
		return isOver
	case c.f.at.Before(e.from):
		return isEarly
	case c.f.s.Sender.Identity.rank() < e.identity.rank():
		return isUnproved
	}
	return holds
}

// match asks all conditions. It names the first that fails, as its probe does.
func (c *deciding) match(q *conditions) (answer truth, failed skip) {
	answer = yes
	for i := 0; i < len(q.probes); {
		t, next := c.f.ask(q.probes, i)
		if t == no {
			return no, q.probes[i].cond
		}
		answer, i = min(answer, t), next
	}
	if q.maxSize > 0 && c.f.s.Document.Size > q.maxSize {
		return no, isTooBig
	}
	return answer, holds
}

// ruling is what the rules say, before identity is asked.
type ruling struct {
	rule       *rule // nil: the default
	phase      int
	verdict    Verdict
	refuses    bool // a refusal, or a hold that stands in for one
	reasons    []Reason
	hop        *Hop // handled the mail before the phase began: grace
	readyUntil time.Time
	also       bool // the system has the same document: received already instead of refused
}

// judge asks the rules from the i-th on.
func (c *deciding) judge(i int, traced bool) ruling {
	reasons := []Reason{ReasonDefault}
	for ; i < len(c.rules.rules); i++ {
		r := &c.rules.rules[i]
		answer, failed := c.match(&r.conditions)
		if answer == no {
			if traced {
				c.pass(failed)
			}
			continue
		}
		phase, hop := r.phaseAt(&c.f)
		switch {
		case phase >= 0 && c.f.outside && !r.outsiders:
			reasons = []Reason{ReasonDefault, ReasonNotReached}
			if traced {
				c.pass(isUnreached)
			}
			continue
		case phase < 0:
			if traced {
				c.pass(isEarly)
			}
			continue
		}
		if traced {
			c.explain()
		}
		return c.ruled(i, phase, hop, answer, traced)
	}
	if traced {
		c.explain()
	}
	return ruling{verdict: c.rules.fallback, reasons: reasons}
}

// phaseAt is the index of the last phase whose time has come, -1 when none has. hop is set when grace puts the phase before in its place; that
// one's own grace may put it off too.
func (r *rule) phaseAt(f *facts) (last int, hop *Hop) {
	last = -1
	for i := range r.phases {
		if !f.at.Before(r.phases[i].from) {
			last = i
		}
	}
	for ; last >= 0; last-- {
		relayed := r.phases[last].relayed(f)
		if relayed == nil {
			break
		}
		hop = relayed
	}
	return last, hop
}

// relayed is a relay that handled the mail before the phase began, nil when there is none or the grace is over.
func (p *phase) relayed(f *facts) *Hop {
	if p.grace == 0 || f.at.Sub(p.from) >= p.grace {
		return nil
	}
	for i := range f.s.Hops {
		if h := &f.s.Hops[i]; !h.At.IsZero() && h.At.Before(p.from) {
			return h
		}
	}
	return nil
}

// ruled is the ruling of the i-th rule, which matches.
func (c *deciding) ruled(i, phase int, hop *Hop, answer truth, traced bool) ruling {
	r := &c.rules.rules[i]
	out := ruling{rule: r, phase: phase, verdict: r.phases[phase].verdict, hop: hop, reasons: []Reason{ReasonRule}}
	if hop != nil {
		out.reasons = []Reason{ReasonGrace, ReasonRule}
	}
	if out.verdict == Reject && r.readyGrace > 0 && c.f.ready && c.f.at.Sub(c.f.agency.ReadySince) < r.readyGrace {
		out.verdict, out.readyUntil = Warn, c.f.agency.ReadySince.Add(r.readyGrace)
		out.reasons = slices.Insert(out.reasons, 0, ReasonReadyGrace)
	}
	if out.verdict == Reject && c.onSystem() && !r.asks(dimAlso) {
		out.verdict, out.also = Accept, true
		out.reasons = slices.Insert(out.reasons, 0, ReasonAlsoReceived)
	}
	out.refuses = out.verdict == Reject
	if traced {
		c.note(r.id, true, c.applies(r, &out))
	}
	if answer != unsure {
		return out
	}
	// The rule asked for something unknown. It must not refuse by that, and it must not be taken to accept what a later rule refuses.
	missing := c.missing(r)
	switch {
	case out.verdict == Reject:
		if traced {
			c.note("", true, "Chưa rõ "+unknownNames(missing)+" mà quy tắc cần biết, nên không tự động từ chối; chuyển cho người có thẩm quyền quyết định.")
		}
	case (out.verdict == Accept || out.verdict == Warn) && c.judge(i+1, false).refuses:
		if traced {
			c.note("", true, "Chưa rõ "+unknownNames(missing)+"; nếu quy tắc này không áp dụng thì quy tắc sau sẽ từ chối; chuyển cho người có thẩm quyền quyết định.")
		}
	default:
		return out
	}
	out.verdict, out.refuses = Hold, true
	out.reasons = append(missing, out.reasons...)
	return out
}

// onSystem says whether the system has the document that comes some other way: there is nothing left to refuse.
func (c *deciding) onSystem() bool {
	return foldName(c.f.s.Channel) != "system" && slices.ContainsFunc(c.f.s.Context.AlsoReceived, func(way string) bool { return foldName(way) == "system" })
}

// missing lists the unknown things that a rule asked for, each once.
func (c *deciding) missing(r *rule) []Reason {
	var out []Reason
	add := func(t truth, why Reason) {
		if t == unsure && !slices.Contains(out, why) {
			out = append(out, why)
		}
	}
	for i := 0; i < len(r.probes); {
		t, next := c.f.ask(r.probes, i)
		if at := r.probes[i].cond; at >= 0 {
			add(t, dimensions[r.lists[at].dim].unknown)
		} else {
			add(t, flagKinds[r.flags[-1-at].flag].unknown)
		}
		i = next
	}
	return out
}

// rule makes the decision out of a ruling and asks how well the sender is proved.
func (c *deciding) rule(g ruling) {
	c.settle(g.verdict, g.reasons...)
	demand := Identity("")
	if g.rule != nil {
		c.describe(&g)
		demand = g.rule.demand(g.verdict)
		c.d.MinAnswer = g.rule.answer
	} else {
		c.note("", true, "Không quy tắc nào áp dụng; theo mặc định: "+verdictName(g.verdict)+".")
	}
	if demand == "" {
		demand = usualIdentity(c.f.s.Channel)
	}
	c.d.MinIdentity = demand
	if have := c.f.s.Sender.Identity; have.rank() < demand.rank() && g.verdict != Quarantine {
		c.note("", true, "Chờ người có thẩm quyền quyết định: "+identityBelow(have, demand)+demandedFor(g.verdict)+".")
		c.hold(ReasonIdentityBelow)
	}
}

// demand is how well the sender must be proved before the rule acts alone.
func (r *rule) demand(v Verdict) Identity {
	if v == Reject && r.refuse != "" {
		return r.refuse
	}
	return r.identity
}

// usualIdentity is what is demanded when the rule does not say: on paper and over the system other means prove the sender.
func usualIdentity(channel string) Identity {
	switch foldName(channel) {
	case "paper", "system":
		return IdentityNone
	}
	return IdentityDKIM
}

// describe fills in what a notice needs of the deciding rule.
func (c *deciding) describe(g *ruling) {
	r, p := g.rule, &g.rule.phases[g.phase]
	d := &c.d
	d.Rule, d.PhaseFrom, d.Title, d.Legal, d.Strength = r.id, p.fromText, r.title, r.legal, r.strength
	d.NextFrom, d.NextVerdict = c.next(g)
	switch g.verdict {
	case Warn, Reject:
		d.Notice = p.notice
	}
	switch {
	case g.verdict == Hold: // unknown: whoever is written to hears what a person decides
	case g.also:
		d.Notice, d.AlsoNumber = "also-received", c.f.s.Context.AlsoNumber
	case !g.readyUntil.IsZero():
		d.Notice = "remind"
	}
}

// next is when this rule will first say something else to this sender, and what: at its next phase, or when the time for getting used to a
// new account is over, during which a refusal is a warning.
func (c *deciding) next(g *ruling) (time.Time, Verdict) {
	r, now := g.rule, g.verdict
	if !g.readyUntil.IsZero() && (g.phase+1 == len(r.phases) || g.readyUntil.Before(r.phases[g.phase+1].from)) {
		return g.readyUntil, Reject
	}
	used := time.Time{} // until when refusals are warnings
	if r.readyGrace > 0 && c.f.ready {
		used = c.f.agency.ReadySince.Add(r.readyGrace)
	}
	for i := g.phase + 1; i < len(r.phases); i++ {
		p := &r.phases[i]
		softened := p.verdict == Reject && p.from.Before(used)
		switch {
		case !softened || now != Warn:
			if softened {
				return p.from, Warn
			}
			return p.from, p.verdict
		case i+1 == len(r.phases) || used.Before(r.phases[i+1].from):
			return used, Reject
		}
	}
	return time.Time{}, ""
}
