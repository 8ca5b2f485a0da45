package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/giaolien/giaolien/mapping/directory"
)

// ruleKeys are those of [[rule]] itself, for the hint when one stands in the wrong table.
var ruleKeys = [...]string{"id", "title", "legal", "strength", "channels", "not_channels", "receivers", "not_receivers", "min_identity", "min_identity_refuse", "min_identity_answer", "phase"}

// homes names the table that a condition belongs to.
var homes = map[string][]string{
	"[rule.sender]":   {"agencies", "groups", "levels", "domains", "ready", "ready_grace", "in_directory"},
	"[rule.document]": {"types", "purposes", "secrecy", "urgency", "seals", "signatures", "main_file", "editable_file", "max_size"},
	"[rule.context]":  {"answers_request", "also_received", "with_electronic_file", "with_paper"},
	"[[rule.phase]]":  {"from", "verdict", "notice", "grace"},
}

func ruleHome(key string) string {
	plain := strings.TrimPrefix(key, "not_")
	for home, keys := range homes {
		if slices.Contains(keys, plain) {
			return home
		}
	}
	if slices.Contains(ruleKeys[:], key) {
		return "[[rule]] itself, above its first sub-table"
	}
	return ""
}

// ruleTable is the table of the rule that a condition stands in.
func ruleTable(t *table, key string) *table {
	for _, sub := range []string{"sender", "document", "context"} {
		if slices.Contains(homes["[rule."+sub+"]"], key) {
			return t.sub(sub)
		}
	}
	return t
}

func (b *builder) readRule(t *table) {
	r := rule{line: t.line}
	r.id = t.required("id", "every decision names its rule by it, e.g. id = \"outgoing-2026\"")
	r.title, r.legal = b.printed(t, "title"), b.printed(t, "legal")
	r.strength = t.oneOf("strength", "request", "order", "request")
	b.readDemands(t, &r)
	b.readList(t, &r.conditions, dimChannel)
	b.readList(t, &r.conditions, dimReceiver)

	sender, before := t.sub("sender"), len(r.lists)
	for _, d := range []dim{dimAgency, dimGroup, dimLevel, dimDomain} {
		b.readList(sender, &r.conditions, d)
	}
	for _, c := range r.lists[before:] {
		r.outsiders = r.outsiders || !c.not && c.dim != dimDomain
	}
	b.readFlag(sender, &r.conditions, flagReady)
	b.readFlag(sender, &r.conditions, flagInDirectory)
	r.outsiders = r.outsiders || sender.has("in_directory")
	r.readyGrace = sender.duration("ready_grace")
	sender.close(ruleHome)

	document := t.sub("document")
	r.types = b.wordsOf(document, "types")
	for _, d := range []dim{dimType, dimPurpose, dimSecrecy, dimUrgency, dimSeal, dimSignature} {
		b.readList(document, &r.conditions, d)
	}
	b.readFlag(document, &r.conditions, flagMainFile)
	b.readFlag(document, &r.conditions, flagEditableFile)
	r.maxSize = document.size("max_size")
	document.close(ruleHome)

	b.readContext(t.sub("context"), &r.conditions)
	b.readPhases(t, &r)
	t.close(ruleHome)
	b.checkContradictions(t, &r)
	b.checkDemands(t, &r)
	b.checkRule(t, &r)
	r.word()
	b.rules.rules = append(b.rules.rules, r)
}

// MaxPrinted is how many characters of a title or a legal ground notices print.
const MaxPrinted = 300

// printed reads a text that notices print.
func (b *builder) printed(t *table, key string) string {
	text := t.text(key)
	if n := utf8.RuneCountInString(norm.NFC.String(text)); n > MaxPrinted {
		b.warn(t.lineOf(key), t.key(key), "has %d characters, and notices print %d of them; say it shorter", n, MaxPrinted)
	}
	return text
}

// readDemands reads how well a sender must be proved to be decided about, refused and answered.
func (b *builder) readDemands(t *table, r *rule) {
	r.identity = Identity(t.oneOf("min_identity", "", identityNames()...))
	r.refuse = Identity(t.oneOf("min_identity_refuse", "", identityNames()...))
	// Whoever answers a mere From address writes to people who did not write (RFC 3834, 4).
	r.answer = Identity(t.oneOf("min_identity_answer", "", identityNames()[IdentitySPF.rank():]...))
}

// checkDemands warns of demands that nobody can have meant.
func (b *builder) checkDemands(t *table, r *rule) {
	if r.refuse != "" && len(r.phases) > 0 && !r.refuses() {
		b.warn(t.lineOf("min_identity_refuse"), t.key("min_identity_refuse"), "has no effect: no phase of the rule refuses; remove it")
	}
	if r.refuse != "" && r.identity != "" && r.refuse.rank() < r.identity.rank() {
		b.warn(t.lineOf("min_identity_refuse"), t.key("min_identity_refuse"), "asks for less than min_identity: the rule refuses senders whom it would not accept from; correct one of the two")
	}
}

func identityNames() []string {
	names := make([]string, len(identities))
	for i, id := range identities {
		names[i] = string(id)
	}
	return names
}

// readContext reads [rule.context]. answers_request is true, false, or the numbers of the documents that asked.
func (b *builder) readContext(t *table, c *conditions) {
	if _, isFlag := t.entries["answers_request"].(bool); isFlag {
		b.readFlag(t, c, flagAnswers)
	} else {
		b.readListKey(t, c, dimAnswer, false)
	}
	b.readListKey(t, c, dimAnswer, true)
	b.readList(t, c, dimAlso)
	b.readFlag(t, c, flagElectronic)
	b.readFlag(t, c, flagPaper)
	t.close(ruleHome)
}

// readList reads a list and its not_ form.
func (b *builder) readList(t *table, c *conditions, d dim) {
	b.readListKey(t, c, d, false)
	b.readListKey(t, c, d, true)
}

// wordsOf looks at a list without reporting its faults: whoever reads it does.
func (b *builder) wordsOf(t *table, key string) []word {
	quiet := *t
	quiet.r = &reader{lines: t.r.lines}
	quiet.known = nil
	return quiet.list(key)
}

func (b *builder) readListKey(t *table, c *conditions, d dim, not bool) {
	key := dimensions[d].key
	if not {
		key = "not_" + key
	}
	words := t.list(key)
	if !t.has(key) {
		return
	}
	values := make([]string, 0, len(words))
	if d == dimType {
		before := len(b.faults)
		values = b.types(words, t.key(key))
		if len(values) == 0 && len(words) > 0 && len(b.faults) == before {
			t.fault(key, "names only lists without types, which match nothing; put types into the list")
		}
	} else {
		for _, w := range words {
			if b.checkValue(w, t.key(key), d) {
				values = append(values, w.text)
			}
		}
	}
	b.addList(c, d, not, values)
}

// checkValue checks one value of a list against what may stand there, and remembers the names that the directory must know.
func (b *builder) checkValue(w word, key string, d dim) bool {
	folded := dimensions[d].fold(w.text)
	switch {
	case folded == "":
		b.fault(w.line, key, "%q holds no name; correct or remove it", w.text)
		return false
	case dimensions[d].values != nil && !slices.Contains(dimensions[d].values, folded):
		b.fault(w.line, key, "%q is not known; use %s", w.text, strings.Join(dimensions[d].values, ", "))
		return false
	case d == dimPurpose && !b.purposes[folded]:
		b.fault(w.line, key, "there is no purpose %q; write [purposes.%s] or correct the name", w.text, w.text)
		return false
	case d == dimDomain:
		b.checkDomain(w, key)
	case d == dimAnswer && !strings.ContainsAny(folded, "0123456789"):
		b.warn(w.line, key, "%q is no number of a document; write số and ký hiệu, as in \"2221/UBND-TH\"", w.text)
	case d == dimAgency:
		b.rules.agencies = append(b.rules.agencies, b.mentioned(w, key))
	case d == dimGroup:
		b.rules.groups = append(b.rules.groups, b.mentioned(w, key))
	case d == dimReceiver:
		b.rules.receivers = append(b.rules.receivers, b.mentioned(w, key))
	}
	return true
}

// mentioned is a name in the rule or exemption that is being read.
func (b *builder) mentioned(w word, key string) mention {
	if strings.HasPrefix(key, "rule.") {
		return mention{w, key, len(b.rules.rules)}
	}
	return mention{w, key, -1}
}

// addList compiles a list condition.
func (b *builder) addList(c *conditions, d dim, not bool, values []string) {
	lc := listCond{dim: d, not: not, wish: wishList(d, not, values)}
	lc.alone = notApplied + strings.TrimPrefix(lc.wish, "; ")
	for _, v := range values {
		lc.set.set(b.rules.symbols.intern(d, v))
	}
	c.lists = append(c.lists, lc)
}

func (b *builder) readFlag(t *table, c *conditions, f flag) {
	if want := t.flag(flagKinds[f].key); want != nil {
		c.flags = append(c.flags, flagCond{flag: f, want: *want, wish: wishFlag(f, *want)})
	}
}

func (b *builder) readPhases(t *table, r *rule) {
	tables := t.subs("phase")
	if list, isList := t.entries["phase"].([]any); !t.has("phase") || isList && len(list) == 0 {
		b.fault(t.line, t.key("phase"), "is missing; give the rule at least one [[rule.phase]] with from and verdict")
	}
	for _, pt := range tables {
		p := phase{line: pt.line}
		if pt.has("from") {
			p.from = pt.instant("from")
		} else {
			pt.get("from")
			b.fault(pt.line, pt.key("from"), "is missing; say since when the phase applies, e.g. from = 2026-04-20")
		}
		if pt.has("verdict") {
			p.verdict = Verdict(pt.oneOf("verdict", "", string(Accept), string(Warn), string(Reject), string(Hold), string(Quarantine)))
		} else {
			pt.get("verdict")
			b.fault(pt.line, pt.key("verdict"), "is missing; use one of accept, warn, reject, hold, quarantine")
		}
		p.notice = b.readNotice(pt, p.verdict)
		p.grace = pt.duration("grace")
		p.fromText = p.from.In(vietnam).Format(time.RFC3339)
		if n := len(r.phases); n > 0 && !p.from.IsZero() && !p.from.After(r.phases[n-1].from) {
			pt.fault("from", "%s is not later than the phase before it (%s); put the phases in rising order of time", clock(p.from), clock(r.phases[n-1].from))
		}
		pt.close(ruleHome)
		r.phases = append(r.phases, p)
	}
}

// readNotice reads which letter a phase sends. Left out, it follows the verdict; one that says the contrary of the verdict is a fault.
func (b *builder) readNotice(t *table, v Verdict) string {
	usual := map[Verdict]string{Warn: "remind", Reject: "reject"}[v]
	n := t.oneOf("notice", usual, "remind", "reject", "not-counted", "return")
	if !t.has("notice") || v == "" {
		return n
	}
	switch {
	case v != Warn && v != Reject:
		b.warn(t.lineOf("notice"), t.key("notice"), "has no effect on verdict %s; remove it", v)
		return ""
	case v == Warn && (n == "reject" || n == "return"), v == Reject && n == "remind":
		t.fault("notice", "%q contradicts verdict %q; use %s", n, v, strconv.Quote(usual))
	}
	return n
}

// checkContradictions refuses conditions that nothing can fulfil together.
func (b *builder) checkContradictions(t *table, r *rule) {
	for _, c := range r.lists {
		if c.not || c.set.empty() {
			continue
		}
		left := c.set
		for _, o := range r.lists {
			if o.not && o.dim == c.dim {
				left = left.without(o.set)
			}
		}
		if key := dimensions[c.dim].key; left.empty() {
			ruleTable(t, key).fault("not_"+key, "takes out everything that %s names, so the rule matches nothing; correct one of the two", key)
		}
	}
	sender := t.sub("sender")
	inside := slices.ContainsFunc(r.lists, func(c listCond) bool {
		return !c.not && (c.dim == dimAgency || c.dim == dimGroup || c.dim == dimLevel)
	})
	for _, c := range r.flags {
		switch {
		case c.flag == flagReady && c.want:
			inside = true
		case c.flag == flagReady && r.readyGrace > 0:
			sender.fault("ready_grace", "contradicts ready = false: it counts from the opening of an account; remove one of the two")
		}
	}
	if inside && slices.ContainsFunc(r.flags, func(c flagCond) bool { return c.flag == flagInDirectory && !c.want }) {
		sender.fault("in_directory", "false contradicts agencies, groups, levels or ready = true, which only listed senders fulfil; remove one of the two")
	}
}

// inside says whether a rule can match none but agencies of the state that stand in the directory.
func (r *rule) inside(s *symbols) bool {
	var private bits
	for _, level := range []directory.Level{directory.Citizen, directory.Enterprise} {
		if id, ok := s[dimLevel][string(level)]; ok {
			private.set(id)
		}
	}
	return !r.outsiders || slices.ContainsFunc(r.lists, func(c listCond) bool {
		return c.dim == dimLevel && !c.not && !c.set.meets(private)
	})
}
