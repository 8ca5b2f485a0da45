package evidence

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Bounds of how long an answer is kept, whatever it says itself.
const (
	minTTL      = 30 * time.Second
	maxTTL      = time.Hour
	maxNegative = 5 * time.Minute
	failureTTL  = 20 * time.Second // that there was no answer
	maxCached   = 10_000           // answers
)

// How long all mail together waits for DNS: a sender whose name servers never answer must not hold up the mail of others. Time that is spent
// waiting comes back at a third of the speed at which it passes.
const (
	slowBudget = 20 * time.Second
	refill     = 3
	quick      = 50 * time.Millisecond // an answer so soon costs nothing
)

// errSlow says that DNS was not even asked.
var errSlow = errors.New("DNS has been too slow lately; it is asked again later")

// Cache keeps the answers of a Resolver within bounds, and bounds how long is waited for it. It may be used by several goroutines.
type Cache struct {
	From Resolver
	Now  func() time.Time

	mu      sync.Mutex
	answers map[question]cached // guarded by mu
	slow    time.Duration       // guarded by mu: of slowBudget that is spent
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
	if c.spent() >= slowBudget {
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
	if took := c.Now().Sub(begun); took > quick {
		c.slow = min(c.spent()+took, slowBudget)
	}
	if err != nil && ctx.Err() != nil { // our own hurry says nothing about the name
		return a, err
	}
	c.keep(q, a, err)
	return a, err
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
	if len(c.answers) >= maxCached {
		for old, k := range c.answers { // what is over, and of the rest a tenth: a map has no order
			if !now.Before(k.until) || len(c.answers) > maxCached*9/10 {
				delete(c.answers, old)
			}
		}
	}
	c.answers[q] = cached{a, err, now.Add(ttl)}
}
