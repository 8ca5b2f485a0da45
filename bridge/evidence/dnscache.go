package evidence

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/publicsuffix"
)

// Bounds of how long an answer is kept, whatever it says itself.
const (
	minTTL      = 30 * time.Second
	maxTTL      = time.Hour
	maxNegative = 5 * time.Minute
	failureTTL  = 20 * time.Second // that there was no answer
	maxCached   = 10_000           // answers
	maxHeld     = 16 << 20         // bytes of all of them together; one has at most 64 KB
)

// How long all mail together waits for DNS: a sender whose name servers never answer must not hold up the mail of others. Time that is spent
// waiting comes back at a third of the speed at which it passes; when all of it is spent, half must have come back before anybody is waited for
// again. Domains that answered soon when they were last asked are asked at all times, so that nobody can have DNS shut to agencies.
const (
	slowBudget = 20 * time.Second
	refill     = 3
	quick      = 50 * time.Millisecond // an answer so soon costs nothing
	prompt     = time.Second           // an answer so soon is one of a domain that answers
)

// errSlow says that DNS was not even asked.
var errSlow = errors.New("DNS has been too slow lately; it is asked again later")

// Cache keeps the answers of a Resolver within bounds, and bounds how long is waited for it. It may be used by several goroutines.
type Cache struct {
	From Resolver
	Now  func() time.Time

	mu      sync.Mutex
	answers map[question]cached // guarded by mu
	held    int                 // guarded by mu: bytes of the answers
	slow    time.Duration       // guarded by mu: of slowBudget that is spent
	shut    bool                // guarded by mu: all of it was, and not half has come back
	good    map[string]bool     // guarded by mu: domains that answered promptly
	last    time.Time           // guarded by mu: when slow was reckoned
	asking  map[question]chan struct{}
}

type question struct {
	name string
	kind dnsmessage.Type
}

type cached struct {
	answer Answer
	err    error
	until  time.Time
}

// Resolve implements Resolver. Who asks what another is asking waits for that answer.
func (c *Cache) Resolve(ctx context.Context, name string, kind dnsmessage.Type) (Answer, error) {
	q := question{strings.ToLower(strings.TrimSuffix(name, ".")), kind}
	for {
		c.mu.Lock()
		if k, ok := c.answers[q]; ok && c.Now().Before(k.until) {
			c.mu.Unlock()
			return k.answer, k.err
		}
		other, busy := c.asking[q]
		if !busy {
			break
		}
		c.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		}
	}
	if c.closed() && !c.good[zone(q.name)] {
		c.mu.Unlock()
		return Answer{}, errSlow
	}
	done := make(chan struct{})
	if c.asking == nil {
		c.asking = map[question]chan struct{}{}
	}
	c.asking[q] = done
	c.mu.Unlock()

	begun := c.Now()
	a, err := c.From.Resolve(ctx, q.name, kind)

	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.asking, q)
	close(done)
	took := c.Now().Sub(begun)
	if took > quick {
		c.slow = min(c.spent()+took, slowBudget)
		c.shut = c.shut || c.slow >= slowBudget
	}
	switch hurried := err != nil && ctx.Err() != nil; {
	case err == nil && took <= prompt:
		c.remember(zone(q.name))
	case !hurried || took > prompt: // our own hurry says nothing about who answers
		delete(c.good, zone(q.name))
	}
	if err != nil && ctx.Err() != nil { // our own hurry says nothing about the name
		return a, err
	}
	c.keep(q, a, err)
	return a, err
}

// closed says whether nobody is waited for. The caller holds mu.
func (c *Cache) closed() bool {
	if c.spent() <= slowBudget/2 {
		c.shut = false
	}
	return c.shut
}

// remember notes that a domain answers. The caller holds mu.
func (c *Cache) remember(zone string) {
	if c.good == nil {
		c.good = map[string]bool{}
	}
	for old := range c.good { // one makes room: a map has no order
		if len(c.good) < maxCached {
			break
		}
		delete(c.good, old)
	}
	c.good[zone] = true
}

// zone is the organisation's domain that a name belongs to.
func zone(name string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
		return org
	}
	return name
}

// spent reckons what of the budget is spent now. The caller holds mu.
func (c *Cache) spent() time.Duration {
	now := c.Now()
	if !c.last.IsZero() {
		c.slow = max(0, c.slow-now.Sub(c.last)/refill)
	}
	c.last = now
	return c.slow
}

// keep notes an answer. The caller holds mu.
func (c *Cache) keep(q question, a Answer, err error) {
	ttl := failureTTL
	if err == nil {
		ttl = max(minTTL, min(a.TTL, maxTTL))
	}
	now := c.Now()
	if c.answers == nil {
		c.answers = map[question]cached{}
	}
	c.drop(q)
	if len(c.answers) >= maxCached || c.held > maxHeld {
		for old, k := range c.answers { // what is over, and of the rest a tenth: a map has no order
			if !now.Before(k.until) || len(c.answers) > maxCached*9/10 || c.held > maxHeld*9/10 {
				c.drop(old)
			}
		}
	}
	c.answers[q] = cached{a, err, now.Add(ttl)}
	c.held += weigh(q, a)
}

// drop forgets an answer. The caller holds mu.
func (c *Cache) drop(q question) {
	if k, ok := c.answers[q]; ok {
		c.held -= weigh(q, k.answer)
		delete(c.answers, q)
	}
}

// weigh is about how many bytes an answer takes.
func weigh(q question, a Answer) int {
	n := 200 + len(q.name)
	for _, text := range a.Texts {
		n += 16 + len(text)
	}
	return n
}
