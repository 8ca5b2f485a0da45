package bridge

import (
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
)

// Asked is one record of a receipt as the rules are asked about it.
type Asked struct {
	Record int             `json:"record"` // its number in the receipt, from 1
	Proved policy.Identity `json:"proved"` // of the mail, which an exemption that asks for nothing needs too
	policy.Submission
}

// ask notes a record, and gives the rules' view of it.
func (c *deciding) ask(i int, rec mapping.Record) policy.Submission {
	s := c.submission(rec)
	c.out.Asked = append(c.out.Asked, Asked{Record: i + 1, Proved: c.identity(), Submission: s})
	return s
}

// AskedOf tells what the rules were asked about of an outcome that was stored without it, by earlier versions of the program. Its evidence
// and history must be with it. Of a secret the claimed address is missing; it decides nothing.
func AskedOf(r Receipt, o Outcome, k *Knowledge) []Asked {
	c := &deciding{receipt: r, known: Understanding{Instant: o.Instant}, evidence: o.Evidence, history: o.History, knowledge: k}
	switch {
	case r.Channel == System:
		c.known.Package = &edxml.Received{}
	case o.Facts.From != "":
		c.known.Message.From = []parser.Address{{Addr: o.Facts.From}}
	}
	for i, rec := range o.Records {
		if rec.State != Duplicate && len(o.Statuses) == 0 {
			c.ask(i, rec.Record)
		}
	}
	return c.out.Asked
}

// decide asks other rules about a record. It is what a receipt is decided by where nothing else speaks: no duplicate, no doubt about its
// files, and no person. What bears a độ mật is kept apart whichever way it came: of one on paper the rules are asked too, and cannot refuse it.
func (a Asked) decide(k *Knowledge) policy.Decision {
	c := &deciding{receipt: Receipt{Channel: Channel(a.Channel)}, evidence: Evidence{Identity: a.Proved}}
	d := c.unproved(k.Rules.Decide(a.Submission, k.Directory))
	if a.Document.Secrecy != "" {
		d.Verdict = policy.Quarantine
	}
	return d
}
