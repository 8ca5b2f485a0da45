package bridge

import "testing"

// The worker reads what came over the axis as a package: what it settles is what Process makes of the same bytes. A disk that breaks off says
// nothing about the package.
func TestWorkerReadsPackages(t *testing.T) {
	raw := pack{}.raw()
	archive := fakeArchive{"good": raw, "breaks off": raw, "panics": raw}
	over := func(id, location string) Task {
		x := task(id, location, raw)
		overAxis(&x.Receipt)
		return x
	}
	work := &fakeWork{tasks: []Task{over("GL-1", "good"), over("GL-2", "breaks off"), over("GL-3", "panics")}} // nobody is asked for evidence of mail
	w := testWorker(t, work, archive)
	if n, err := w.Step(t.Context()); err != nil || n != 3 || len(work.committed) != 2 {
		t.Fatalf("claimed %d, committed %d: %v", n, len(work.committed), err)
	}
	if blameless, ok := work.failed["GL-2"]; !ok || !blameless {
		t.Errorf("failed %v", work.failed)
	}
	got := work.committed[0].Outcome
	again := settle(t, raw, cutoff, got.Evidence, got.History, w.Knowledge(), func(r *Receipt) { *r = work.committed[0].Receipt })
	if got.State != Registered || got.Evidence.IdentityBy != "axis truc" || !same(t, got, again) {
		t.Errorf("%s (%s), evidence %+v", got.State, got.Reason, got.Evidence)
	}
}
