package store_test

import (
	"pgregory.net/rapid"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// readingModel is what must be true of one receipt's reading after any sequence of steps.
type readingModel struct {
	queued bool
	held   *bridge.ReadingTask // the newest claim; its fence is good until the reading is gone or taken over
	good   bool                // held is not given back, done or overtaken
	until  time.Time           // of the lease
	ready  time.Time
	tries  int
}

// Any sequence of claims, ends and outcomes leaves one reading or none, and no lost lease does anything.
func testReadingProperty(b *bench) {
	task := b.tasks(1)[0]
	id := task.Receipt.ID
	b.commit(settled(task, bridge.Held, ""))
	m := readingModel{}
	lost := []bridge.Job{}
	checks := 20 // of the hundred: each step is a handful of synced transactions
	rapid.Check(b.T, func(t *rapid.T) {
		if checks--; checks < 0 {
			return
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(*rapid.T) {
				want := 0
				if m.queued {
					want = 1
				}
				b.wantReadings(want)
				b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'read'", want)
			},
			"pass": func(t *rapid.T) { b.clock.pass(time.Duration(rapid.IntRange(1, 90).Draw(t, "seconds")) * time.Second) },
			"wanted": func(*rapid.T) {
				b.commit(wanting(b.again(id, bridge.Held), sum("a")))
				if !m.queued {
					m.queued, m.ready, m.tries = true, b.clock.Now(), 0
				}
			},
			"unwanted": func(*rapid.T) {
				b.commit(b.again(id, bridge.Held))
				if m.queued && !(m.good && m.until.After(b.clock.Now())) {
					m.queued = false
					lost, m = m.lose(lost)
				}
			},
			"secret": func(*rapid.T) {
				b.commit(b.again(id, bridge.Quarantined))
				m.queued = false
				lost, m = m.lose(lost)
			},
			"claim": func(t *rapid.T) {
				got, ok := b.reading()
				if ok != (m.queued && !m.ready.After(b.clock.Now())) {
					t.Fatalf("claimed: %v, model %+v at %s", ok, m, b.clock.Now())
				}
				if !ok {
					return
				}
				lost, m = m.lose(lost)
				m.tries++
				m.held, m.good, m.until = &got, true, b.clock.Now().Add(time.Minute)
				m.ready = m.until
				if got.Job.Attempt != m.tries {
					t.Fatalf("attempt %d, want %d", got.Job.Attempt, m.tries)
				}
			},
			"renew": func(t *rapid.T) {
				if !m.good {
					t.Skip("nothing held")
				}
				b.must(b.RenewReading(b.ctx(), m.held.Job, "reader-1", time.Minute))
				m.until = b.clock.Now().Add(time.Minute)
				m.ready = m.until
			},
			"later": func(t *rapid.T) {
				if !m.good {
					t.Skip("nothing held")
				}
				blameless := rapid.Bool().Draw(t, "blameless")
				m.ready = b.clock.Now().Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "rest")) * time.Second)
				b.must(b.ReadingLater(b.ctx(), m.held.Job, m.ready, "x", blameless))
				if blameless {
					m.tries--
				}
				lost, m = m.lose(lost)
			},
			"done": func(t *rapid.T) {
				if !m.good {
					t.Skip("nothing held")
				}
				b.must(b.ReadingDone(b.ctx(), m.held.Job, id))
				m.queued = false
				lost, m = m.lose(lost)
				b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 1)
				b.commit(b.decided(b.claimOne(), bridge.Held))
				b.clock.pass(time.Second)
			},
			"put": func(*rapid.T) { b.find(sum("a"), found("r 1", "x")) },
			"lost": func(t *rapid.T) {
				if len(lost) == 0 {
					t.Skip("no lease was lost")
				}
				job := rapid.SampledFrom(lost).Draw(t, "job")
				b.wants(b.RenewReading(b.ctx(), job, "reader-1", time.Minute), bridge.ErrFenced)
				b.wants(b.ReadingLater(b.ctx(), job, b.clock.Now(), "x", true), bridge.ErrFenced)
				b.wants(b.ReadingDone(b.ctx(), job, id), bridge.ErrFenced)
				b.wantCount("SELECT count(*) FROM jobs WHERE kind = 'process'", 0)
			},
		})
	})
}

func (m readingModel) lose(lost []bridge.Job) ([]bridge.Job, readingModel) {
	if m.good {
		lost = append(lost, m.held.Job)
	}
	m.good, m.held = false, nil
	return lost, m
}
