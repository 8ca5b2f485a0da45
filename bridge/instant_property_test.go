package bridge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// The way from the raw header to the verdict, against a naive second implementation that works from what was meant, not from the text.

var (
	warned   = time.Date(2026, 4, 12, 0, 0, 0, 0, vn)
	refused  = time.Date(2026, 4, 20, 0, 0, 0, 0, vn)
	vn       = time.FixedZone("", 7*3600)
	ownHosts = []string{"mx.example.vn", "loc.example.vn", "hopthu.example.vn"}
	relays   = []string{"chuyentiep.gov.example", "trung-gian.gov.example", "192.0.2.77"}
)

const propertyGrace = 6 * time.Hour

// aHop is one Received field as it is meant.
type aHop struct {
	by       string
	at       time.Time // zero: what is written is unreadable
	text     string    // its date as written
	from     string    // its from clause as written
	ours     bool      // written by a host of ours, above everything foreign
	claimed  bool      // in the name of a host of ours, below a field that does not show that one of ours handed it over
	sawRelay bool      // the field above proves that this relay handed it over
}

type aMail struct {
	hops     []aHop // from the top
	internal time.Time
	fetched  time.Time
	date     string
}

func (m aMail) raw(strangers bool) []byte {
	var b bytes.Buffer
	for _, h := range m.hops {
		if h.ours || h.claimed || h.sawRelay || strangers {
			fmt.Fprintf(&b, "Received: %s\r\n\tby %s (Postfix) with ESMTPS id x1; %s\r\n", h.from, h.by, h.text)
		}
	}
	if strangers {
		fmt.Fprintf(&b, "Date: %s\r\n", m.date)
	}
	b.WriteString("From: vanthu@so.example.vn\r\nTo: vanthu@example.vn\r\nSubject: x\r\n\r\nx\r\n")
	return b.Bytes()
}

// TestHeaderToVerdict decides more than 20,000 messages by their raw headers. Nothing may differ from the naive way, nothing may be refused
// while any evidence of ours says that it was in time, and what strangers wrote must not matter.
func TestHeaderToVerdict(t *testing.T) {
	rules, _, err := policy.ReadRules("r.toml", []byte("[[rule]]\nid = \"a\"\nchannels = [\"email\"]\n[[rule.phase]]\nfrom = 2026-04-12\nverdict = \"warn\"\n"+
		"[[rule.phase]]\nfrom = 2026-04-20\nverdict = \"reject\"\ngrace = \"6h\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := directory.Read("a.csv", []byte("id,name,level,addresses\nso,Sở,province,vanthu@so.example.vn\n"))
	if err != nil {
		t.Fatal(err)
	}
	decide := func(m aMail, strangers bool) policy.Decision {
		raw := m.raw(strangers)
		message := parser.Parse(bytes.NewReader(raw), int64(len(raw)), parser.DefaultLimits)
		r := Receipt{ID: "GL-1", Channel: Email, Receiver: "vp", InternalDate: m.internal, FetchedAt: m.fetched}
		in := CountedInstant(r, message, ownHosts, relays)
		return rules.Decide(submissionOf(r, in, fromAddress(message), policy.IdentityDKIM, History{}, recordOf("so")), dir)
	}
	total, held, graced, differences, wronged, verdicts := 0, 0, 0, 0, 0, map[policy.Verdict]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 220 {
			m := drawMail(t)
			d := decide(m, true)
			total++
			verdicts[d.Verdict]++
			if slices.Contains(d.Reasons, string(policy.ReasonGrace)) {
				graced++
			}
			if want := m.verdict(); d.Verdict != want {
				differences++
				t.Fatalf("got %s %v, want %s\n%s\ninternaldate %v", d.Verdict, d.Reasons, want, m.raw(true), m.internal)
			}
			if d.Verdict == policy.Hold {
				held++
			}
			if d.Verdict == policy.Reject && m.inTimeBySomebody() {
				wronged++
				t.Fatalf("refused, though evidence of ours says that it was in time\n%s\ninternaldate %v", m.raw(true), m.internal)
			}
			if clean := decide(m, false); clean.Verdict != d.Verdict {
				t.Fatalf("%s, and %s without what strangers wrote\n%s", d.Verdict, clean.Verdict, m.raw(true))
			}
		}
	})
	t.Logf("%d messages: %d differences; %d of disputed time: %d automatic refusals; %d with grace; %v", total, differences, held, wronged, graced, verdicts)
	if total < 20_000 || held < 500 || graced < 100 {
		t.Errorf("only %d messages, %d disputed, %d with grace; the generator draws too little", total, held, graced)
	}
	for _, v := range []policy.Verdict{policy.Accept, policy.Warn, policy.Reject} {
		if verdicts[v] < 500 {
			t.Errorf("only %d of verdict %s", verdicts[v], v)
		}
	}
}

// readable are the hops of ours with a date, from the top.
func (m aMail) readable() (out []aHop) {
	for _, h := range m.hops {
		if h.ours && !h.at.IsZero() {
			out = append(out, h)
		}
	}
	return out
}

// verdict is the naive way.
func (m aMail) verdict() policy.Verdict {
	counted, others := m.internal, []time.Time{}
	ours, atLatest, claims := m.readable(), false, slices.ContainsFunc(m.hops, func(h aHop) bool { return h.claimed })
	for _, h := range m.hops {
		if h.ours { // the lowest has the last word
			atLatest = h.at.IsZero()
		}
	}
	switch {
	case len(ours) > 0:
		counted = ours[len(ours)-1].at
		if !m.internal.IsZero() && (m.internal.Before(counted) || m.internal.After(counted.Add(5*time.Minute))) {
			others = append(others, m.internal)
		}
	case counted.IsZero():
		counted, atLatest = m.fetched, true
	}
	for _, h := range m.hops {
		if (h.ours || h.claimed || h.sawRelay && claims) && !h.at.IsZero() && h.at.Before(counted) {
			others = append(others, h.at)
		}
	}
	v := m.verdictAt(counted)
	for _, o := range others {
		if m.verdictAt(o) != v {
			return policy.Hold
		}
	}
	if v == policy.Reject && atLatest {
		return policy.Hold
	}
	return v
}

func (m aMail) verdictAt(t time.Time) policy.Verdict {
	claims := slices.ContainsFunc(m.hops, func(h aHop) bool { return h.claimed })
	early := func(limit time.Time) bool {
		return slices.ContainsFunc(m.hops, func(h aHop) bool { return (h.ours || h.sawRelay && !claims) && !h.at.IsZero() && h.at.Before(limit) })
	}
	switch {
	case t.Before(warned):
		return policy.Accept
	case t.Before(refused) || t.Before(refused.Add(propertyGrace)) && early(refused):
		return policy.Warn
	}
	return policy.Reject
}

// inTimeBySomebody: any evidence of our own lies before the refusal.
func (m aMail) inTimeBySomebody() bool {
	return !m.internal.IsZero() && m.internal.Before(refused) && len(m.readable()) > 0 ||
		slices.ContainsFunc(m.readable(), func(h aHop) bool { return h.at.Before(refused) })
}

func drawMail(t *rapid.T) aMail {
	m := aMail{fetched: drawNear(t), date: drawDateText(t, drawNear(t))}
	if roll(t, 9) > 0 {
		m.internal = drawNear(t)
	}
	base, inside := drawNear(t), true
	for i := range roll(t, 3) {
		h := aHop{by: ownHosts[i], ours: inside, claimed: !inside, from: "from x.example (x.example [198.51.100.9])"}
		if roll(t, 4) == 0 {
			base = drawNear(t) // a clock that is wrong, or a long queue
		} else {
			base = base.Add(-time.Duration(roll(t, 3)) * time.Second)
		}
		h.at, h.text = drawWritten(t, base)
		if i > 0 && inside {
			inside, m.hops[i-1].from = drawHandover(t, h.by)
			h.ours, h.claimed = inside, !inside
		}
		m.hops = append(m.hops, h)
	}
	chained := len(m.hops) > 0
	for i := range roll(t, 2) { // relays: handed over by themselves, or only claimed
		h := aHop{by: relays[i], from: "from y.example (y.example [198.51.100.10])"}
		h.at, h.text = drawWritten(t, drawNear(t))
		if n := len(m.hops); n > 0 {
			above := &m.hops[n-1]
			switch roll(t, 3) {
			case 0: // said by the client itself, and seen as somebody else: a forgery, and nothing below it counts
				above.from, chained = "from "+h.by+" (kedoi.example [203.0.113.66])", false
			case 1:
				above.from = "from ten.nao.do ([192.0.2.77] helo=ten.nao.do)"
			default:
				above.from = "from " + h.by + " (" + h.by + " [198.51.100.11])"
			}
		}
		h.sawRelay = chained
		m.hops = append(m.hops, h)
	}
	if n := len(m.hops); n > 0 && m.hops[n-1].sawRelay {
		m.hops[n-1].from = "from may.tram ([203.0.113.5])"
	}
	for range roll(t, 2) { // strangers, who write what they like, in our name and the relays' too
		h := aHop{by: pick(t, []string{"mail.nguoila.example", ownHosts[0], ownHosts[1], relays[0]}), from: "from " + relays[0] + " (" + relays[0] + " [192.0.2.77])"}
		h.at, h.text = drawWritten(t, drawNear(t))
		if n := len(m.hops); n == 0 || m.hops[n-1].ours || m.hops[n-1].claimed || m.hops[n-1].sawRelay { // the run of ours ends at a stranger
			h.by = "mail.nguoila.example"
		}
		m.hops = append(m.hops, h)
	}
	return m
}

// drawHandover draws how a host of ours notes that the one below handed a message over, and whether that shows it.
func drawHandover(t *rapid.T, below string) (shown bool, from string) {
	switch roll(t, 5) {
	case 0: // whoever it was, it only said that it is one of ours
		return false, "from " + below + " (unknown [203.0.113.66])"
	case 1:
		return false, "from x.example (x.example [198.51.100.9])"
	case 2:
		return true, "from " + below + " (unknown [10.0.0.7]) (using TLSv1.3 with cipher X (256/256 bits)) (No client certificate requested)"
	case 3:
		return true, "from " + below
	}
	return true, "from " + below + " (" + below + " [203.0.113.7])"
}

// drawNear draws a second within a second of a cutoff, or hours and days from it, in no zone: seconds are what headers and INTERNALDATE have.
func drawNear(t *rapid.T) time.Time {
	at := pick(t, []time.Time{warned, refused, refused, refused})
	return at.Add(pick(t, []time.Duration{-time.Second, 0, time.Second, -time.Minute, 4 * time.Minute, 6 * time.Minute, -6 * time.Minute, propertyGrace - time.Second, propertyGrace,
		-7 * time.Hour, 7 * time.Hour, 24 * time.Hour, -48 * time.Hour})).UTC()
}

// drawWritten writes an instant as hosts do: in any zone, with and without weekday or comment, as second 60, as hour 24, or unreadably. It
// gives what that means.
func drawWritten(t *rapid.T, at time.Time) (time.Time, string) {
	local := at.In(time.FixedZone("", pick(t, []int{0, 7, 7, 7, -11, 14, 9, -5})*3600))
	switch roll(t, 11) {
	case 0: // the leap second of the minute before belongs to that minute
		minute := local.Truncate(time.Minute)
		return minute.Add(-time.Second).UTC(), minute.Add(-time.Second).Format("Mon, 2 Jan 2006 15:04:") + "60" + minute.Format(" -0700")
	case 1:
		return time.Time{}, local.Format("Mon, 2 Jan 2006 ") + "24:00:00" + local.Format(" -0700")
	case 2:
		return time.Time{}, pick(t, []string{"hôm qua", local.Format("Mon, 2 Jan 2006 15:04:05"), local.Format("Mon, 2 Jan 2006 15:04:05") + " XYZ"}) // no zone that is known
	case 3:
		return at, local.Format("2 Jan 2006 15:04:05 -0700")
	case 4:
		return at, local.Format("Mon, 02 Jan 2006 15:04:05 -0700 (ICT)")
	}
	return at, local.Format("Mon, 2 Jan 2006 15:04:05 -0700")
}

func drawDateText(t *rapid.T, at time.Time) string {
	_, text := drawWritten(t, at)
	return strings.TrimSpace(text)
}

// roll draws a number from 0 to n, all alike.
func roll(t *rapid.T, n int) int {
	drawn := 0
	for i := 1; i <= 16*n; i *= 2 {
		drawn *= 2
		if rapid.Bool().Draw(t, "bit") {
			drawn++
		}
	}
	return drawn % (n + 1)
}

func pick[V any](t *rapid.T, values []V) V { return values[roll(t, len(values)-1)] }

func recordOf(agency string) mapping.Record {
	return mapping.Record{Sender: directory.Match{Agency: agency}}
}
