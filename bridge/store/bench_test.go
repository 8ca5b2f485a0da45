package store_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// BenchmarkRoad carries messages through both transactions, in the batches of a drain; one operation is one message. Raw bytes are not part
// of it: they never enter the database.
func BenchmarkRoad(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { road(b, "sqlite:"+b.TempDir()+"/road.db") })
	if base := os.Getenv(postgresEnv); base != "" {
		b.Run("postgres", func(b *testing.B) {
			url, drop := schema(b, base)
			defer drop()
			road(b, url)
		})
	}
}

func road(b *testing.B, url string) {
	ctx := b.Context()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	check(store.Migrate(ctx, url))
	s, err := store.Open(ctx, url, store.Options{})
	check(err)
	defer func() { check(s.Close()) }()
	check(s.PutReceivers(ctx, []store.ReceivingAgency{{ID: agency, Name: "UBND tỉnh"}}))
	folder, err := s.Folder(ctx, "a@b:993", "INBOX", "vanthu", agency)
	check(err)
	k := &bench{clock: newClock(), folder: folder}
	uid := uint32(0)
	b.ResetTimer()
	for done := 0; done < b.N; {
		var in []bridge.Stored
		for range min(64, b.N-done) {
			uid++
			a := k.arrivalIn(folder, 7, uid, fmt.Sprint("mail ", uid))
			a.InternalDate = time.Now()
			in = append(in, a)
		}
		_, err := s.PutReceipts(ctx, bridge.Fence{}, in)
		check(err)
		done += len(in)
		for {
			tasks, err := s.ClaimTasks(ctx, "d", 32, time.Minute)
			check(err)
			if len(tasks) == 0 {
				break
			}
			var lookups []bridge.Lookup
			var out []bridge.Settlement
			for _, t := range tasks {
				lookups = append(lookups, bridge.Lookup{Receipt: t.Receipt.ID, Receiver: agency, Keys: []string{"key:" + t.Receipt.ID}, Addresses: []string{"vp@dongha.vn"}})
				out = append(out, bulky(telling(settled(t, bridge.Registered, t.Receipt.ID), notice.Receipt)))
			}
			_, err = s.Histories(ctx, lookups)
			check(err)
			errs, err := s.Commit(ctx, draw, out)
			check(err)
			for _, err := range errs {
				check(err)
			}
		}
	}
}

// bulky gives an outcome the size that real ones have: a trace over a dozen rules and a notice of 2 kB.
func bulky(s bridge.Settlement) bridge.Settlement {
	for i := range 12 {
		s.Outcome.Decision.Trace = append(s.Outcome.Decision.Trace, policy.Step{Rule: fmt.Sprint("rule-", i), Because: strings.Repeat("đơn vị không thuộc nhóm; ", 4)})
	}
	s.Outcome.Records[0].Decision = s.Outcome.Decision
	d := *s.Outcome.Notice
	d.Body = strings.Repeat("Kính gửi quý cơ quan, ", 100)
	s.Outcome.Notice = &d
	return s
}
