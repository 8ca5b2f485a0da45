package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// This is a second implementation of POLICY.md, written to be read beside it: plain texts, no compiled sets, every question asked anew. It
// shares nothing with the first but the types of submission and verdict.

type naiveRules struct {
	fallback   string
	exemptions []naiveExemption
	rules      []naiveRule
	purposes   map[string]naivePurpose
}

type naivePurpose struct{ types, words []string }

type naiveExemption struct {
	agency, group, request string
	channels               []string
	until                  time.Time
}

type naiveRule struct {
	id, identity string
	refuse       string              // identity to be refused
	lists        map[string][]string // by key, not_ forms too
	bools        map[string]bool
	maxSize      int64
	readyGrace   time.Duration
	phases       []naivePhase
}

type naivePhase struct {
	from    time.Time
	verdict string
	grace   time.Duration
}

// naiveCase is what the naive rules see of a submission at one instant.
type naiveCase struct {
	s      Submission
	at     time.Time
	agency directory.Agency
	listed bool
}

func naiveDecide(r naiveRules, s Submission, dir *directory.Directory) (verdict, rule string) {
	if s.Channel != "paper" && s.Document.Secrecy != "" {
		return "quarantine", ""
	}
	if s.ReceivedAt.IsZero() {
		return "hold", ""
	}
	verdict, rule = naiveAt(r, s, dir, s.ReceivedAt)
	for _, other := range s.Disputed {
		if v, _ := naiveAt(r, s, dir, other); v != verdict {
			return "hold", rule
		}
	}
	if s.AtLatest && verdict == "reject" {
		return "hold", rule
	}
	return verdict, rule
}

func naiveAt(r naiveRules, s Submission, dir *directory.Directory, at time.Time) (string, string) {
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
		if c.naiveExempt(e) {
			return "accept", ""
		}
	}
	verdict, rule, demand := c.naiveRulesFrom(r, 0)
	if demand == "" {
		demand = "dkim"
		if s.Channel == "paper" || s.Channel == "system" {
			demand = "none"
		}
	}
	order := []string{"none", "from", "spf", "dkim", "dmarc", "signature", "clerk"}
	if slices.Index(order, demand) > max(0, slices.Index(order, string(s.Sender.Identity))) && verdict != "quarantine" {
		verdict = "hold"
	}
	return strings.TrimSuffix(verdict, "!"), rule
}

// naiveRulesFrom asks the rules from the i-th on. A verdict "hold!" is a hold in place of a refusal.
func (c naiveCase) naiveRulesFrom(r naiveRules, i int) (verdict, rule, demand string) {
	if i == len(r.rules) {
		return r.fallback, "", ""
	}
	next := func() (string, string, string) { return c.naiveRulesFrom(r, i+1) }
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
	verdict = begun[len(begun)-1].verdict
	if since := c.agency.ReadySince; verdict == "reject" && ru.readyGrace > 0 && c.listed && !since.IsZero() && !c.at.Before(since) && c.at.Before(since.Add(ru.readyGrace)) {
		verdict = "warn"
	}
	asks := len(ru.lists["also_received"])+len(ru.lists["not_also_received"]) > 0
	if verdict == "reject" && c.s.Channel != "system" && slices.Contains(c.s.Context.AlsoReceived, "system") && !asks {
		verdict = "accept"
	}
	if holds == "maybe" {
		if verdict == "reject" {
			verdict = "hold!"
		} else if verdict != "hold" && verdict != "quarantine" {
			if other, _, _ := next(); other == "reject" || other == "hold!" {
				verdict = "hold!"
			}
		}
	}
	if verdict == "reject" && ru.refuse != "" {
		return verdict, ru.id, ru.refuse
	}
	return verdict, ru.id, ru.identity
}

func (c naiveCase) naiveOnTheWay(p naivePhase) bool {
	early := slices.ContainsFunc(c.s.Hops, func(h Hop) bool { return h.At.Before(p.from) })
	return early && c.at.Before(p.from.Add(p.grace))
}

func (c naiveCase) naiveExempt(e naiveExemption) bool {
	return (e.agency == "" || c.listed && (e.agency == c.agency.ID || e.agency == c.agency.Code)) &&
		(e.group == "" || c.listed && c.agency.InGroup(e.group)) &&
		(e.request == "" || strings.EqualFold(e.request, c.s.Context.Answers)) &&
		(len(e.channels) == 0 || slices.Contains(e.channels, c.s.Channel)) && c.at.Before(e.until)
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
		return one(strings.ToUpper(c.s.Context.Answers), false)
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
	case d.Type == "" && (byWords || d.Subject == ""):
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
		return c.s.Context.Answers != "", true
	case "main_file":
		return pointer(c.s.Document.MainFile)
	case "editable_file":
		return pointer(c.s.Document.EditableFile)
	case "with_electronic_file":
		return pointer(c.s.Context.WithElectronicFile)
	}
	return pointer(c.s.Context.WithPaper)
}
