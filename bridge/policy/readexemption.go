package policy

func (b *builder) readExemption(t *table) {
	e := exemption{line: t.line}
	names := []struct {
		key    string
		dim    dim
		reason Reason
	}{{"agency", dimAgency, ReasonExemptAgency}, {"group", dimGroup, ReasonExemptGroup}, {"request", dimAnswer, ReasonExemptRequest}}
	for _, n := range names {
		name := t.text(n.key)
		if name == "" {
			continue
		}
		if !b.checkValue(word{name, t.lineOf(n.key)}, t.key(n.key), n.dim) {
			continue
		}
		b.addList(&e.conditions, n.dim, false, []string{name})
		if e.name == "" {
			e.name, e.reason = name, n.reason
		}
	}
	if !t.has("agency") && !t.has("group") && !t.has("request") {
		b.fault(t.line, t.name, "exempts nobody; name an agency, a group, or the number of the document that asked (request)")
	}
	if id := t.text("id"); id != "" {
		e.name = id
	}
	b.readList(t, &e.conditions, dimChannel)
	b.readList(t, &e.conditions, dimReceiver)
	e.identity = Identity(t.oneOf("min_identity", "", identityNames()...))
	e.from = t.instant("from")
	if t.has("until") {
		e.until = t.instant("until")
	} else {
		t.get("until")
		b.fault(t.line, t.key("until"), "is missing; every exemption has an end: until is the first instant without it")
	}
	if !e.from.IsZero() && !e.until.IsZero() && !e.from.Before(e.until) {
		t.fault("until", "%s is not after from (%s); correct one of the two", clock(e.until), clock(e.from))
	}
	e.why = t.required("reason", "say why; it is shown to whoever asks")
	e.by = t.required("approved_by", "say who approved it")
	t.close(nowhere)
	e.word()
	b.rules.exemptions = append(b.rules.exemptions, e)
}
