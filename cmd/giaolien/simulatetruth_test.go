package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// TestSimulateIsWhatHappens: what simulate says of drafts is what comes out when every stored receipt is decided anew by them, verdict by verdict,
// but for what a person has decided and for what is old and never judged.
func TestSimulateIsWhatHappens(t *testing.T) {
	eachPast(t, func(p *past) {
		p.live()
		a, err := openApp(p.t.Context(), p.common, streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
		must(p.t, err)
		defer a.close()
		active, err := a.activated(p.t.Context())
		must(p.t, err)
		cases := p.cases(a, active)
		r := rand.New(rand.NewPCG(6, 22))
		changed, refused := 0, 0
		for i := range 60 {
			text := p.randomRules(r)
			rules, _, err := policy.ReadRules("draft.toml", []byte(text))
			must(p.t, err)
			draft, err := bridge.NewKnowledge(rules, active.Directory, active.Settings)
			must(p.t, err)
			if i == 0 { // the rules in force themselves
				draft = active
			}
			said, happens := p.said(a, cases, draft, active), p.happens(a, cases, draft)
			if said.String() != happens.String() {
				p.t.Fatalf("simulate says\n%s\nwhat happens is\n%s\nby\n%s", &said, &happens, text)
			}
			changed += len(said.changes)
			refused += said.verdicts.Refused
			if i == 0 && len(said.changes) > 0 {
				p.t.Fatalf("the rules in force change %v", said.changes)
			}
		}
		if changed < 100 || refused < 30 {
			p.t.Errorf("only %d changes and %d refusals were looked at", changed, refused)
		}
	})
}

// triedPast is what becomes of the past by a draft.
type triedPast struct {
	verdicts bridge.Verdicts
	changes  []string
}

func (r *triedPast) String() string {
	slices.Sort(r.changes)
	return fmt.Sprintf("%+v\n%s", r.verdicts, strings.Join(r.changes, "\n"))
}

func (r *triedPast) change(receipt string, record int, from, to policy.Verdict) {
	if from != to {
		r.changes = append(r.changes, fmt.Sprintf("%s/%d %s → %s", receipt, record, from, to))
	}
}

// byRules is a receipt that the rules decide, as it is stored and as the rules in force decide it now.
type byRules struct {
	store.Replayable
	then    bridge.Outcome
	secrets int // documents of a secret that was found late: it is quarantined by any rules
}

// cases are the receipts that the rules decide: no person has, and they are not old.
func (p *past) cases(a *app, active *bridge.Knowledge) map[string]byRules {
	out := map[string]byRules{}
	ids, err := a.store.ReceiptIDs(p.t.Context(), "", 1000)
	must(p.t, err)
	for _, id := range ids {
		e, err := a.store.Explain(p.t.Context(), id)
		must(p.t, err)
		if len(e.Outcomes) == 0 || e.State == bridge.ImportedOld || slices.ContainsFunc(e.Amendments, func(m bridge.Amendment) bool {
			return m.Kind == bridge.Exception || m.Kind == bridge.RefuseIt
		}) {
			continue
		}
		outcomes, err := a.store.Replayables(p.t.Context(), id)
		must(p.t, err)
		c := byRules{Replayable: outcomes[len(outcomes)-1]}
		switch c.Gap {
		case "":
			c.then = p.decideAgain(a, c.Replayable, active)
		case store.GapBlanked:
			c.secrets = len(e.Outcomes[len(e.Outcomes)-1].Outcome.Records)
		default:
			p.t.Fatalf("%s cannot be decided again: %s", id, c.Gap)
		}
		out[id] = c
	}
	return out
}

// said simulates.
func (p *past) said(a *app, cases map[string]byRules, draft, active *bridge.Knowledge) (out triedPast) {
	sim := &bridge.Simulation{Draft: draft, Active: active}
	must(p.t, a.store.AskedBetween(p.t.Context(), time.Unix(0, 0), time.Now().AddDate(1, 0, 0), active, func(r store.AskedReceipt) error {
		if _, is := cases[r.ID]; is {
			for _, c := range sim.Try(r.ID, r.State, r.Asked) {
				out.change(c.Receipt, c.Record, c.From, c.To)
			}
		}
		return nil
	}))
	out.verdicts = sim.Verdicts
	return out
}

// happens decides everything anew, from the raw bytes on.
func (p *past) happens(a *app, cases map[string]byRules, draft *bridge.Knowledge) (out triedPast) {
	for id, c := range cases {
		out.verdicts.Quarantined += c.secrets
		if c.secrets > 0 {
			continue
		}
		now := p.decideAgain(a, c.Replayable, draft)
		for i, rec := range now.Records {
			if rec.State == bridge.Duplicate || len(now.Statuses) > 0 {
				continue
			}
			to := verdictOf(now, i)
			out.change(id, i+1, verdictOf(c.then, i), to)
			countVerdict(&out.verdicts, to)
		}
	}
	return out
}

// verdictOf is the verdict on a record: a secret is kept apart whatever the rules say.
func verdictOf(o bridge.Outcome, i int) policy.Verdict {
	if o.State == bridge.Quarantined {
		return policy.Quarantine
	}
	return o.Records[i].Decision.Verdict
}

func countVerdict(v *bridge.Verdicts, verdict policy.Verdict) {
	switch verdict {
	case policy.Accept:
		v.Accepted++
	case policy.Warn:
		v.Warned++
	case policy.Reject:
		v.Refused++
	case policy.Quarantine:
		v.Quarantined++
	default:
		v.Held++
	}
}

func (p *past) decideAgain(a *app, o store.Replayable, k *bridge.Knowledge) bridge.Outcome {
	p.t.Helper()
	raw, err := a.archive.Open(p.t.Context(), o.Receipt.Raw, o.Receipt.Location)
	must(p.t, err)
	defer raw.Close()
	out, err := bridge.Replay(o.Receipt, raw, o.Evidence, o.History, k)
	must(p.t, err)
	return out
}

// randomRules is a draft of any kind.
func (p *past) randomRules(r *rand.Rand) string {
	one := func(list ...string) string { return list[r.IntN(len(list))] }
	instants := func() string {
		return p.stage.Cutoff.Add(time.Duration(r.IntN(120)-60) * 24 * time.Hour / 4).UTC().Format("2006-01-02T15:04:05Z")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "title = \"Dự thảo\"\ndefault = %q\n", one("accept", "accept", "hold"))
	for i := range 1 + r.IntN(4) {
		fmt.Fprintf(&b, "[[rule]]\nid = \"r%d\"\nchannels = [%s]\n%s", i, one(`"email"`, `"paper"`, `"email", "paper"`, `"system"`, `"email", "paper", "system"`),
			one("", "", `min_identity = "none"`+"\n", `min_identity = "from"`+"\n", `min_identity = "dmarc"`+"\n", `min_identity_refuse = "dmarc"`+"\n"))
		fmt.Fprintf(&b, "[rule.sender]\n%s", one("", `groups = ["so-nganh"]`, `not_groups = ["xa-phuong"]`, `in_directory = true`, `agencies = ["snv"]`, `levels = ["province", "commune"]`, `ready = true`)+"\n")
		fmt.Fprintf(&b, "[rule.document]\n%s", one("", "", `types = ["CV"]`, `not_types = ["KH"]`, `main_file = true`, `seals = ["red"]`, `secrecy = ["mat"]`)+"\n")
		fmt.Fprintf(&b, "[rule.context]\n%s", one("", "", "", `also_received = ["system"]`, `with_electronic_file = false`, `with_paper = true`)+"\n")
		from := []string{instants(), instants()}
		slices.Sort(from)
		for j, at := range slices.Compact(from) {
			verdict := one("accept", "warn", "reject", "reject", "hold", "quarantine")
			fmt.Fprintf(&b, "[[rule.phase]]\nfrom = %s\nverdict = %q\n", at, verdict)
			if j > 0 {
				fmt.Fprintf(&b, "grace = %q\n", one("0s", "24h"))
			}
		}
	}
	if r.IntN(2) == 0 {
		fmt.Fprintf(&b, "[[exemption]]\nagency = %q\nuntil = %s\nreason = \"r\"\napproved_by = \"b\"\n%s\n", one("H50.40", "snv", "sct"), instants(), one("", `min_identity = "dmarc"`))
	}
	return b.String()
}
