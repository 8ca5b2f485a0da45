package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// This is a second implementation of docs/rules.md, written to be read beside it: plain texts, no compiled sets, every question asked anew. It
// shares nothing with the first but the types of submission and the directory.

type naiveRules struct {
	fallback   string
	exemptions []naiveExemption
	rules      []naiveRule
	purposes   map[string]naivePurpose
}

type naivePurpose struct{ types, words []string }

type naiveExemption struct {
	agency, group, request string
	lists                  map[string][]string // channels and receivers, not_ forms too
	identity               string
	from, until            time.Time // from zero: always
}

type naiveRule struct {
	id, identity string
	refuse       string              // identity to be refused
	answer       string              // identity to be written to
	lists        map[string][]string // by key, not_ forms too
	bools        map[string]bool
	maxSize      int64
	readyGrace   time.Duration
	phases       []naivePhase
}

type naivePhase struct {
	from    time.Time
	verdict string
	notice  string // empty: the usual one
	grace   time.Duration
}

// naiveCase is what the naive rules see of a submission at one instant.
type naiveCase struct {
	s      Submission
	at     time.Time
	agency directory.Agency
	listed bool
}

// naiveDecision is what is compared.
type naiveDecision struct {
	verdict, rule, exemption, notice, answer string
	from                                     string // of the phase
	disputed                                 bool   // another instant gives another verdict
}

func naiveDecide(r naiveRules, s Submission, dir *directory.Directory) naiveDecision {
	if s.Channel != "paper" && s.Document.Secrecy != "" {
		return naiveDecision{verdict: "quarantine"}
	}
	if s.ReceivedAt.IsZero() {
		return naiveDecision{verdict: "hold"}
	}
	d := naiveAt(r, s, dir, s.ReceivedAt)
	for _, other := range s.Disputed {
		if naiveAt(r, s, dir, other).verdict != d.verdict {
			d.verdict, d.notice, d.disputed = "hold", "", true
			return d
		}
	}
	if s.AtLatest && d.verdict == "reject" {
		d.verdict, d.notice = "hold", ""
	}
	return d
}

func naiveAt(r naiveRules, s Submission, dir *directory.Directory, at time.Time) naiveDecision {
	c := naiveCase{s: s, at: at}
	switch {
	case s.Sender.Agency != "":
		c.agency, c.listed = dir.Find(s.Sender.Agency, at)
	case s.Sender.Address != "":
		if m := dir.ByAddress(s.Sender.Address, at); m.Agency != "" {
			c.agency, c.listed = dir.Agency(m.Agency, at)
		}
	}
	for _, e := range r.exemptions {
		if c.naiveExempt(r, e) {
			for _, name := range []string{e.agency, e.group, e.request} {
				if name != "" {
					return naiveDecision{verdict: "accept", exemption: name}
				}
			}
		}
	}
	d, demand := c.naiveRulesFrom(r, 0)
	if demand == "" {
		demand = "dkim"
		if s.Channel == "paper" || s.Channel == "system" {
			demand = "none"
		}
	}
	if naiveProof(demand) > naiveProof(string(s.Sender.Identity)) && d.verdict != "quarantine" {
		d.verdict, d.notice = "hold", ""
	}
	d.verdict = strings.TrimSuffix(d.verdict, "!")
	return d
}

func naiveProof(identity string) int {
	return max(0, slices.Index([]string{"none", "from", "spf", "dkim", "dmarc", "signature", "clerk"}, identity))
}

// naiveRulesFrom asks the rules from the i-th on. A verdict "hold!" is a hold in place of a refusal.
func (c naiveCase) naiveRulesFrom(r naiveRules, i int) (d naiveDecision, demand string) {
	if i == len(r.rules) {
		return naiveDecision{verdict: r.fallback}, ""
	}
	next := func() (naiveDecision, string) { return c.naiveRulesFrom(r, i+1) }
	ru := r.rules[i]
	holds := c.naiveHolds(r, ru)
	if holds == "no" {
		return next()
	}
	private := c.agency.Level == "citizen" || c.agency.Level == "enterprise"
	_, inDirectory := ru.bools["in_directory"]
	names := len(ru.lists["agencies"])+len(ru.lists["groups"])+len(ru.lists["levels"]) > 0 || inDirectory
	if (!c.listed || private) && !names {
		return next()
	}
	var begun []naivePhase
	for _, p := range ru.phases {
		if p.from.Compare(c.at) <= 0 {
			begun = append(begun, p)
		}
	}
	for len(begun) > 0 && c.naiveOnTheWay(begun[len(begun)-1]) {
		begun = begun[:len(begun)-1]
	}
	if len(begun) == 0 {
		return next()
	}
	p := begun[len(begun)-1]
	d = naiveDecision{verdict: p.verdict, rule: ru.id, answer: ru.answer, from: p.from.In(vietnam).Format(time.RFC3339)}
	switch {
	case p.verdict != "warn" && p.verdict != "reject":
	case p.notice != "":
		d.notice = p.notice
	default:
		d.notice = map[string]string{"warn": "remind", "reject": "reject"}[p.verdict]
	}
	if since := c.agency.ReadySince; d.verdict == "reject" && ru.readyGrace > 0 && c.listed && !since.IsZero() && !c.at.Before(since) && c.at.Before(since.Add(ru.readyGrace)) {
		d.verdict, d.notice = "warn", "remind"
	}
	asks := len(ru.lists["also_received"])+len(ru.lists["not_also_received"]) > 0
	if d.verdict == "reject" && c.s.Channel != "system" && slices.Contains(c.s.Context.AlsoReceived, "system") && !asks {
		d.verdict, d.notice = "accept", "also-received"
	}
	if holds == "maybe" {
		if d.verdict == "reject" {
			d.verdict = "hold!"
		} else if d.verdict != "hold" && d.verdict != "quarantine" {
			if other, _ := next(); other.verdict == "reject" || other.verdict == "hold!" {
				d.verdict = "hold!"
			}
		}
	}
	if strings.HasPrefix(d.verdict, "hold") {
		d.notice = ""
	}
	if d.verdict == "reject" && ru.refuse != "" {
		return d, ru.refuse
	}
	return d, ru.identity
}

func (c naiveCase) naiveOnTheWay(p naivePhase) bool {
	early := slices.ContainsFunc(c.s.Hops, func(h Hop) bool { return h.At.Before(p.from) })
	return early && c.at.Before(p.from.Add(p.grace))
}

func (c naiveCase) naiveExempt(r naiveRules, e naiveExemption) bool {
	named := (e.agency == "" || c.listed && (e.agency == c.agency.ID || e.agency == c.agency.Code)) && (e.group == "" || c.listed && c.agency.InGroup(e.group)) &&
		(e.request == "" || slices.ContainsFunc(c.naiveAnswers(), func(n string) bool { return n == naiveNumber(e.request) }))
	for key, wanted := range e.lists {
		plain, not := strings.CutPrefix(key, "not_")
		if (c.naiveList(r, plain, wanted) == "yes") == not {
			return false
		}
	}
	return named && c.at.Before(e.until) && (e.from.IsZero() || !c.at.Before(e.from)) && naiveProof(string(c.s.Sender.Identity)) >= naiveProof(e.identity)
}

// naiveNumber is a số ký hiệu without leading zero, in capitals.
func naiveNumber(s string) string { return strings.ToUpper(strings.TrimLeft(s, "0")) }

func (c naiveCase) naiveAnswers() (numbers []string) {
	for _, n := range append([]string{c.s.Context.Answers}, c.s.Context.AlsoAnswers...) {
		if n != "" {
			numbers = append(numbers, naiveNumber(n))
		}
	}
	return numbers
}

// naiveHolds answers yes, no or maybe for all conditions of a rule.
func (c naiveCase) naiveHolds(r naiveRules, ru naiveRule) string {
	answers := []string{}
	for key, wanted := range ru.lists {
		plain, not := strings.CutPrefix(key, "not_")
		a := c.naiveList(r, plain, wanted)
		if not {
			a = map[string]string{"yes": "no", "no": "yes", "maybe": "maybe"}[a]
		}
		answers = append(answers, a)
	}
	for key, want := range ru.bools {
		have, known := c.naiveBool(key)
		switch {
		case !known:
			answers = append(answers, "maybe")
		case have != want:
			answers = append(answers, "no")
		}
	}
	if ru.maxSize > 0 && c.s.Document.Size > ru.maxSize {
		answers = append(answers, "no")
	}
	switch {
	case slices.Contains(answers, "no"):
		return "no"
	case slices.Contains(answers, "maybe"):
		return "maybe"
	}
	return "yes"
}

func (c naiveCase) naiveList(r naiveRules, key string, wanted []string) string {
	one := func(value string, unknown bool) string {
		switch {
		case value == "" && unknown:
			return "maybe"
		case slices.Contains(wanted, value):
			return "yes"
		}
		return "no"
	}
	some := func(values ...string) string {
		if slices.ContainsFunc(values, func(v string) bool { return v != "" && slices.Contains(wanted, v) }) {
			return "yes"
		}
		return "no"
	}
	d := c.s.Document
	switch key {
	case "channels":
		return one(c.s.Channel, false)
	case "receivers":
		return some(c.s.Receiver, c.s.Mailbox)
	case "agencies":
		return some(c.agency.ID, c.agency.Code)
	case "groups":
		return some(c.agency.Groups...)
	case "levels":
		return some(string(c.agency.Level))
	case "domains":
		_, domain, _ := strings.Cut(c.s.Sender.Address, "@")
		if domain == "" {
			return "maybe"
		}
		if slices.ContainsFunc(wanted, func(w string) bool { return domain == w || strings.HasSuffix(domain, "."+w) }) {
			return "yes"
		}
		return "no"
	case "types":
		return one(d.Type, true)
	case "secrecy":
		return one(d.Secrecy, false)
	case "urgency":
		return one(d.Urgency, false)
	case "seals":
		return one(d.Seal, true)
	case "signatures":
		return one(d.Signature, true)
	case "also_received":
		return some(c.s.Context.AlsoReceived...)
	case "answers_request":
		for i := range wanted {
			if slices.Contains(c.naiveAnswers(), naiveNumber(wanted[i])) {
				return "yes"
			}
		}
		return "no"
	}
	best := "no"
	for _, name := range wanted { // purposes
		a := "no"
		if d.Purpose != "" {
			if d.Purpose == name {
				a = "yes"
			}
		} else {
			a = naiveClass(r.purposes[name], d)
		}
		if a == "yes" || a == "maybe" && best == "no" {
			best = a
		}
	}
	return best
}

func naiveClass(p naivePurpose, d Document) string {
	byType := len(p.types) == 0 || slices.Contains(p.types, d.Type)
	byWords := len(p.words) == 0 || slices.ContainsFunc(p.words, func(w string) bool { return strings.Contains(strings.ToLower(d.Subject), w) })
	switch {
	case byType && byWords:
		return "yes"
	case byType && d.SubjectUnknown && d.Subject == "", d.Type == "" && (byWords || d.Subject == ""):
		return "maybe"
	}
	return "no"
}

func (c naiveCase) naiveBool(key string) (have, known bool) {
	pointer := func(b *bool) (bool, bool) { return b != nil && *b, b != nil }
	switch key {
	case "ready":
		return c.listed && !c.agency.ReadySince.IsZero() && !c.at.Before(c.agency.ReadySince), true
	case "in_directory":
		return c.listed, true
	case "answers_request":
		return len(c.naiveAnswers()) > 0, true
	case "main_file":
		return pointer(c.s.Document.MainFile)
	case "editable_file":
		return pointer(c.s.Document.EditableFile)
	case "with_electronic_file":
		return pointer(c.s.Context.WithElectronicFile)
	}
	return pointer(c.s.Context.WithPaper)
}
