package store_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
)

// What the rules were asked is given for the receipts of a half-open time, in order; it ends with the caller's error. A secret that was found
// late is asked about without its words.
func testAskedBetween(b *bench) {
	first := b.clock.Now().Add(-time.Hour)
	asked := func(id string) []bridge.Asked {
		return []bridge.Asked{{Record: 1, Proved: policy.IdentitySPF, Submission: policy.Submission{ID: id, Channel: "email",
			Document: policy.Document{Number: "1/VP", Subject: "Sao Băng", Secrecy: "mat"}}}}
	}
	ids := []string{}
	for i, t := range b.tasks(4) {
		s := settled(t, bridge.Registered, fmt.Sprint(i, "/VP"))
		s.Outcome.Instant.At, s.Outcome.Asked = first.Add(time.Duration(i)*time.Minute), asked(t.Receipt.ID)
		b.commit(s)
		ids = append(ids, t.Receipt.ID)
	}
	late := b.again(ids[2], bridge.Quarantined)
	late.Outcome.Instant.At, late.Outcome.Asked = first.Add(2*time.Minute), asked(ids[2])
	b.commit(late)

	ask := func(from, to time.Time) (got []store.AskedReceipt) {
		b.Helper()
		b.must(b.AskedBetween(b.ctx(), from, to, nil, func(a store.AskedReceipt) error {
			got = append(got, a)
			return nil
		}))
		return got
	}
	got := ask(first.Add(time.Minute), first.Add(3*time.Minute))
	if len(got) != 2 || got[0].ID != ids[1] || got[1].ID != ids[2] || got[1].State != bridge.Quarantined {
		b.Fatalf("asked %+v, want %v", got, ids[1:3])
	}
	if d := got[0].Asked[0].Document; d.Number != "1/VP" || d.Subject != "Sao Băng" || got[0].Asked[0].Proved != policy.IdentitySPF {
		b.Errorf("asked %+v", d)
	}
	if d := got[1].Asked[0].Document; d.Secrecy != "mat" || d.Subject+d.Number != "" {
		b.Errorf("of a secret %+v is kept", d)
	}
	if all := ask(first.AddDate(-1, 0, 0), first.AddDate(1, 0, 0)); len(all) != 4 {
		b.Errorf("%d receipts, want 4", len(all))
	}
	enough := errors.New("enough")
	if err := b.AskedBetween(b.ctx(), first, first.AddDate(1, 0, 0), nil, func(store.AskedReceipt) error { return enough }); !errors.Is(err, enough) {
		b.Errorf("error %v", err)
	}
}

// An outcome comes with the receipt as it was then: an imported message that came live has its first delivery in the first outcome and the
// live one in the second, also where neither names it, as those of earlier versions of the program. What is not there any more is told.
func testReplayables(b *bench) {
	first := b.imported("a")
	id := b.put(first)[0].Receipt
	s := settled(b.claimOne(), bridge.ImportedOld, "")
	b.commit(s)
	live := b.arrival(4, "a")
	b.put(live)
	again := b.decided(b.claimOne(), bridge.Registered)
	again.Outcome.Evidence.Readings = []bridge.Reading{{SHA256: sum("gone"), Reader: "r 1"}}
	b.commit(again)
	for range 2 {
		list, err := b.Replayables(b.ctx(), id)
		b.must(err)
		if len(list) != 2 || list[0].Gap != "" || list[1].Gap != store.GapReadings || list[0].Seq != 1 || list[1].Seq != 2 {
			b.Fatalf("%+v", list)
		}
		for i, want := range []bridge.Stored{first, live} {
			got := list[i].Receipt
			if got.Origin != want.Origin || got.Raw != want.Raw.Raw() || got.Mailbox != want.Mailbox || !got.InternalDate.Equal(want.InternalDate) || got.Live != (i == 1) || !got.Imported {
				b.Errorf("outcome %d was made from %+v, want %+v", i+1, got, want)
			}
		}
		if list[0].Columns["state"] != "imported" || list[0].Versions != s.Outcome.Versions {
			b.Errorf("%+v", list[0])
		}
		text, err := store.OutcomeText(s.Outcome)
		b.must(err)
		if found, err := bridge.Differences(list[0].Text, text, false); err != nil || len(found) != 0 {
			b.Errorf("the stored text differs: %v, %v", found, err)
		}
		without := "replace(CAST(inputs AS text), '\"origin\"', '\"origin_once\"')"
		if b.name == "postgres" {
			without = "CAST(" + without + " AS json)"
		}
		_, err = b.raw(b.T, b.url).Exec("UPDATE outcomes SET inputs = " + without)
		b.must(err)
	}
	secret := b.again(id, bridge.Quarantined)
	b.commit(secret)
	list, err := b.Replayables(b.ctx(), id)
	b.must(err)
	for _, r := range list {
		if r.Gap != store.GapBlanked || r.State != bridge.Quarantined {
			b.Errorf("outcome %d of a secret: %s", r.Seq, r.Gap)
		}
	}
	if _, err := b.Replayables(b.ctx(), "GL-1999-0000001"); !errors.Is(err, bridge.ErrNotFound) {
		b.Errorf("unknown receipt: %v", err)
	}
}
