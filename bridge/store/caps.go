package store

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

// tally counts first tries per cap, as a list of their instants, oldest first.
type tally struct {
	caps    bridge.Caps
	breaker breaker
	tries   map[capKey][]time.Time
}

// capKey is one window of one cap: per address, agency, mail domain, or everything.
type capKey struct {
	bound string
	who   string
}

// The names of the caps, as events have them.
const (
	boundSenderHour = "per-sender-hour"
	boundSenderDay  = "per-sender-day"
	boundAgencyDay  = "per-agency-day"
	boundDomainHour = "per-domain-hour"
	boundHour       = "per-hour"
	boundOff        = "notices-off"
	boundBreaker    = "breaker" // notices are stopped until a person lets them go again
)

type triedRow struct {
	To       string `db:"to_addr"`
	Agency   string `db:"agency"`
	FirstTry stamp  `db:"first_try"`
}

// tally reads what was tried lately and concerns these notices.
func (t *tx) tally(notices map[string]sendingRow, caps bridge.Caps) (*tally, error) {
	c := &tally{caps: caps, tries: map[capKey][]time.Time{}}
	var err error
	if c.breaker, err = t.breaker(); err != nil || caps == (bridge.Caps{}) {
		return c, err
	}
	type addressee struct {
		To     string `json:"to_addr"`
		Agency string `json:"agency"`
	}
	asked := []addressee{}
	for _, n := range notices {
		asked = append(asked, addressee{n.To, n.Agency})
	}
	var rows []triedRow
	a := args{"rows": batch{asked}, "again": batch{asked}, "hour": at(t.now.Add(-hour)), "day": at(t.now.Add(-day))}
	if err := t.all(t.q.RecentTries, &rows, a); err != nil {
		return nil, err
	}
	for _, r := range rows {
		c.count(r, t.now)
	}
	return c, t.setBreaker(c, len(notices))
}

func (c *tally) count(r triedRow, now time.Time) {
	add := func(bound, who string, window time.Duration) {
		if now.Sub(r.FirstTry.Time) < window {
			k := capKey{bound, who}
			c.tries[k] = append(c.tries[k], r.FirstTry.Time)
		}
	}
	add(boundSenderHour, r.To, hour)
	add(boundSenderDay, r.To, day)
	add(boundDomainHour, mailDomain(r.To), hour)
	add(boundHour, "", hour)
	if r.FirstTry.After(c.breaker.resumed) {
		add(boundBreaker, "", hour)
	}
	if r.Agency != "" {
		add(boundAgencyDay, r.Agency, day)
	}
}

// admit counts a notice when no cap is in its way; otherwise it names the cap that holds it up longest, and until when.
func (c *tally) admit(r sendingRow, now time.Time) (bound string, until time.Time) {
	switch {
	case r.Kind == string(notice.Alarm):
		return "", time.Time{}
	case c.breaker.open():
		return boundBreaker, now.Add(hour)
	case !r.FirstTry.IsZero():
		return "", time.Time{}
	case c.caps.OnlyAlarms:
		return boundOff, now.Add(hour)
	}
	check := func(name, who string, most int, window time.Duration) {
		tries := c.tries[capKey{name, who}]
		if most <= 0 || len(tries) < most {
			return
		}
		if free := tries[len(tries)-most].Add(window); free.After(until) {
			bound, until = name, free
		}
	}
	check(boundSenderHour, r.To, c.caps.PerSenderHour, hour)
	if r.Kind != string(notice.Digest) { // it is what comes instead of those over this cap
		check(boundSenderDay, r.To, c.caps.PerSenderDay, day)
	}
	check(boundDomainHour, mailDomain(r.To), c.caps.PerDomainHour, hour)
	check(boundHour, "", c.caps.PerHour, hour)
	if r.Agency != "" {
		check(boundAgencyDay, r.Agency, c.caps.PerAgencyDay, day)
	}
	if bound == "" && c.trips(now) {
		return boundBreaker, now.Add(hour)
	}
	if bound == "" {
		c.count(triedRow{To: r.To, Agency: r.Agency, FirstTry: at(now)}, now)
	}
	return bound, until
}

// mailDomain is what follows the last @ of an address: the mail domain itself, not the organisation that it belongs to. The offices of a
// province that share one domain share its cap, those with a sub-domain of their own have their own.
func mailDomain(address string) string {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return strings.TrimSuffix(strings.ToLower(domain), ".")
}
