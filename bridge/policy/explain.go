package policy

// skip says why an exemption or a rule does not apply: the condition that failed, as its probe names it, or one of the codes below. Deciding
// notes skips alone; they are put into words when it is known how many there are.
type skip int16

const (
	isTooBig skip = 1<<15 - 1 - iota
	isUnreached
	isEarly
	isOver
	isUnproved
	holds // it applies
)

// pass notes an exemption or rule that does not apply. They are noted in the order of the file, exemptions first.
func (c *deciding) pass(why skip) {
	if c.traced {
		c.passed = append(c.passed, why)
	}
}

// explain puts what was passed over into the trace.
func (c *deciding) explain() {
	if !c.traced {
		return
	}
	const more = 3 // what decides, and what is said of identity and time
	c.d.Trace = make([]Step, len(c.passed), len(c.passed)+more)
	for i, why := range c.passed {
		step := &c.d.Trace[i]
		if i < len(c.rules.exemptions) {
			e := &c.rules.exemptions[i]
			step.Rule, step.Because = e.name, c.notGranted(e, why)
			continue
		}
		r := &c.rules.rules[i-len(c.rules.exemptions)]
		step.Rule, step.Because = r.id, c.notApplied(r, why)
	}
}

// notApplied explains a rule that was passed over.
func (c *deciding) notApplied(r *rule, why skip) string {
	switch why {
	case isUnreached:
		return c.unreached()
	case isEarly:
		return c.tooEarly(r)
	}
	return c.unmatched(&r.conditions, why)
}

// notGranted explains an exemption that does not hold.
func (c *deciding) notGranted(e *exemption, why skip) string {
	switch why {
	case isOver:
		return c.texts.join(e.over, c.arrival(), ".")
	case isEarly:
		return c.texts.join(e.begins, c.arrival(), ".")
	case isUnproved:
		return notApplied + identityBelow(c.f.s.Sender.Identity, e.identity) + "."
	}
	return c.unmatched(&e.conditions, why)
}

// unmatched explains the condition that failed.
func (c *deciding) unmatched(q *conditions, failed skip) string {
	switch {
	case failed == isTooBig:
		return tooLarge(c.f.s.Document.Size, q.maxSize)
	case failed < 0:
		return q.flags[-1-failed].wish
	}
	l := &q.lists[failed]
	if c.told[l.dim]++; c.told[l.dim] > maxTold {
		return l.alone
	}
	return c.texts.join(c.said(l.dim), l.wish)
}

// tooEarly explains a rule whose first phase has not come, or is put off by grace.
func (c *deciding) tooEarly(r *rule) string {
	if _, hop := r.phaseAt(&c.f); hop != nil {
		return c.texts.join("Chưa áp dụng: văn bản đến lúc ", c.arrival(), ", nhưng ", relay(hop), " đã xử lý thư từ ", moment(hop.At),
			", trước khi giai đoạn đầu bắt đầu (", r.begins, ").")
	}
	if c.begins != r.begins { // most rules begin with others
		c.begins = r.begins
		c.early = c.texts.join("Chưa áp dụng: văn bản đến lúc ", c.arrival(), ", giai đoạn đầu bắt đầu từ ", r.begins, ".")
	}
	return c.early
}

func relay(h *Hop) string {
	if h.By == "" {
		return "một máy chủ chuyển tiếp"
	}
	return "máy chủ " + h.By
}

// unreached explains why a rule does not reach a sender.
func (c *deciding) unreached() string {
	if c.outsider == "" {
		who := "người gửi không có trong danh bạ"
		if c.f.known {
			who = "người gửi là " + valueName(dimLevel, string(c.f.agency.Level))
		}
		c.outsider = notApplied + who + "; quy tắc không nêu đích danh đối tượng này."
	}
	return c.outsider
}

// applies explains a rule that matched.
func (c *deciding) applies(r *rule, g *ruling) string {
	parts := append(make([]string, 0, 16), r.applies, c.arrival(), r.phases[g.phase].applies)
	if g.hop != nil {
		parts = append(parts, "; giai đoạn từ ", r.phases[g.phase+1].shown, " chưa tính vì ", relay(g.hop), " đã xử lý thư từ ", moment(g.hop.At))
	}
	if !g.readyUntil.IsZero() {
		parts = append(parts, "; cơ quan gửi mới có tài khoản nên đến trước ", moment(g.readyUntil), " chỉ nhắc nhở")
	}
	if g.also {
		parts = append(parts, "; văn bản đã được nhận trên Hệ thống", arrivalNumber(c.f.s.Context.AlsoNumber), " nên không từ chối")
	}
	return c.texts.join(append(parts, ".")...)
}

func arrivalNumber(n string) string {
	if n == "" {
		return ""
	}
	return ", số đến " + n
}

// arrival is the instant that is decided by, for reading.
func (c *deciding) arrival() string {
	if c.f.clock == "" {
		c.f.clock = moment(c.f.at)
	}
	return c.f.clock
}
