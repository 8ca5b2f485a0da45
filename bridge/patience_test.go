package bridge

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// A mail that only an answer of DNS could prove waits a bounded time, and nothing else does.
func TestPatience(t *testing.T) {
	raw := letter{subject: subject, received: cutoff.Add(-time.Hour)}.raw()
	stored := cutoff
	for _, c := range []struct {
		name   string
		ev     Evidence
		age    time.Duration
		change func(*Task, *fakeWork)
		again  time.Duration // from now; 0: decided
	}{
		{"at once", Evidence{Identity: policy.IdentityFrom, Pending: true}, 0, nil, firstLook},
		{"later", Evidence{Identity: policy.IdentityFrom, Pending: true}, 4 * time.Minute, nil, 2 * time.Minute},
		{"near the end", Evidence{Identity: policy.IdentityFrom, Pending: true}, 14 * time.Minute, nil, time.Minute},
		{"over", Evidence{Identity: policy.IdentityFrom, Pending: true}, 15 * time.Minute, nil, 0},
		{"a clock that went back", Evidence{Identity: policy.IdentityFrom, Pending: true}, -time.Minute, nil, 0},
		{"DNS said no", Evidence{Identity: policy.IdentityFrom}, 0, nil, 0},
		{"proved otherwise", Evidence{Identity: policy.IdentityDMARC, Pending: true}, 0, nil, 0},
		{"a person has spoken", Evidence{Identity: policy.IdentityFrom, Pending: true}, 0, func(t *Task, w *fakeWork) {
			t.Amendments = []Amendment{{Kind: Release}}
			w.amended = t.Amendments
		}, 0},
		{"imported", Evidence{Identity: policy.IdentityFrom, Pending: true}, 0, func(t *Task, _ *fakeWork) { t.Receipt.Imported = true }, 0},
	} {
		job := task("GL-1", "good", raw)
		job.Receipt.StoredAt = stored
		work := &fakeWork{tasks: []Task{job}}
		if c.change != nil {
			c.change(&work.tasks[0], work)
		}
		w := testWorker(t, work, fakeArchive{"good": raw})
		now := stored.Add(c.age)
		w.Now, w.Patience = func() time.Time { return now }, 15*time.Minute
		w.Gather = func(context.Context, Task, io.ReaderAt, parser.Message) (Evidence, error) { return c.ev, nil }
		if _, err := w.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		var want []time.Time
		if c.again > 0 {
			want = []time.Time{now.Add(c.again)}
		}
		if !slices.Equal(work.delayed, want) || len(work.committed) != 1-len(want) || len(work.failed) > 0 {
			t.Errorf("%s: again at %v, want %v; %d committed, failed %v", c.name, work.delayed, want, len(work.committed), work.failed)
		}
	}
}

// Who cannot give a receipt back to wait gives it back at all, without blame.
func TestDelayNotWritten(t *testing.T) {
	raw := letter{subject: subject, received: cutoff.Add(-time.Hour)}.raw()
	for _, c := range []struct {
		err    error
		failed bool
	}{{errors.New("database is away"), true}, {ErrFenced, false}} {
		job := task("GL-1", "good", raw)
		job.Receipt.StoredAt = cutoff
		work := &fakeWork{tasks: []Task{job}, delayErr: c.err}
		w := testWorker(t, work, fakeArchive{"good": raw})
		w.Now, w.Patience = func() time.Time { return cutoff }, time.Minute
		w.Gather = func(context.Context, Task, io.ReaderAt, parser.Message) (Evidence, error) {
			return Evidence{Identity: policy.IdentityFrom, Pending: true}, nil
		}
		if _, err := w.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if blameless, ok := work.failed["GL-1"]; ok != c.failed || ok && !blameless || len(work.committed) > 0 {
			t.Errorf("%v: failed %v, committed %d", c.err, work.failed, len(work.committed))
		}
	}
}

// A valid signature that is listed for the sender's agency lifts a document, but never a sender who is not proved at all, and it is no ground
// for writing to anybody.
func TestSignedDocument(t *testing.T) {
	cert, err := ReadSigner("H50.01 00AB CN=Cơ quan chứng thực,C=VN")
	if err != nil || cert.Serial != "ab" {
		t.Fatal(cert, err)
	}
	for _, bad := range []string{"", "H50.01", "H50.01 ab", "H50.01 xyz CN=a", "H50.01 ab kho hiểu"} {
		if _, err := ReadSigner(bad); err == nil {
			t.Errorf("%q is taken for a signer", bad)
		}
	}
	for _, c := range []struct {
		name   string
		have   policy.Identity
		serial string
		issuer string
		file   string
		signer string
		stamp  bool
		want   policy.Identity
	}{
		{"lifted", policy.IdentitySPF, "ab", cert.Issuer, "valid", "valid", false, policy.IdentitySignature},
		{"lifted from DMARC", policy.IdentityDMARC, "00ab", cert.Issuer, "valid", "valid", false, policy.IdentitySignature},
		{"a mere From", policy.IdentityFrom, "ab", cert.Issuer, "valid", "valid", false, policy.IdentityFrom},
		{"another certificate", policy.IdentitySPF, "ac", cert.Issuer, "valid", "valid", false, policy.IdentitySPF},
		{"another authority", policy.IdentitySPF, "ab", "CN=Khác", "valid", "valid", false, policy.IdentitySPF},
		{"not valid as a whole", policy.IdentitySPF, "ab", cert.Issuer, "invalid", "valid", false, policy.IdentitySPF},
		{"not this signer", policy.IdentitySPF, "ab", cert.Issuer, "valid", "present", false, policy.IdentitySPF},
		{"a time-stamp", policy.IdentitySPF, "ab", cert.Issuer, "valid", "valid", true, policy.IdentitySPF},
	} {
		k := testKnowledge(t, func(s *Settings) { s.Signers = []Signer{cert} })
		d := &deciding{receipt: Receipt{Channel: Email}, known: Understanding{Instant: Instant{At: cutoff}}, evidence: Evidence{Identity: c.have}, knowledge: k}
		rec := mapping.Record{Sender: directory.Match{Agency: "snv"}, Signature: mapping.FileSignature{State: c.file,
			Signers: []mapping.Signer{{Serial: c.serial, Issuer: c.issuer, State: c.signer, Stamp: c.stamp}}}}
		if got := d.documentIdentity(rec); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if d.identity() != c.have {
			t.Errorf("%s: the sender is taken for %s", c.name, d.identity())
		}
		rec.Sender.Agency = "sct"
		if got := d.documentIdentity(rec); got != c.have {
			t.Errorf("%s, sent by another agency: %s", c.name, got)
		}
	}
}

// Who may be taken at his word, but is answered only when he is proved, is not left without an answer because DNS was away for a moment: a
// reminder would never go, and a refusal would wait for a person.
func TestPatienceForAnAnswer(t *testing.T) {
	const rules = `title = "Thử"
timezone = "Asia/Ho_Chi_Minh"
default = "accept"
[[rule]]
id = "hạn"
title = "Gửi qua Hệ thống"
legal = "Công văn 00/UBND-VP"
channels = ["email"]
min_identity = "from"
min_identity_answer = "dkim"
[rule.sender]
in_directory = true
[[rule.phase]]
from = 2020-01-01
verdict = "VERDICT"
`
	raw := letter{subject: subject, received: cutoff.Add(-time.Hour)}.raw()
	for _, c := range []struct {
		verdict string
		ev      Evidence
		mode    notice.Mode
		again   bool
	}{
		{"warn", Evidence{Identity: policy.IdentityFrom, Pending: true}, notice.ModeSend, true},
		{"reject", Evidence{Identity: policy.IdentityFrom, Pending: true}, notice.ModeSend, true},
		{"warn", Evidence{Identity: policy.IdentityFrom}, notice.ModeSend, false},
		{"warn", Evidence{Identity: policy.IdentityDKIM, Pending: true}, notice.ModeSend, false},
		{"warn", Evidence{Identity: policy.IdentityFrom, Pending: true}, notice.ModeOff, false},
	} {
		read, _, err := policy.ReadRules("rules.toml", []byte(strings.Replace(rules, "VERDICT", c.verdict, 1)))
		if err != nil {
			t.Fatal(err)
		}
		k := testKnowledge(t, func(s *Settings) { s.Mode = c.mode })
		if k, err = NewKnowledge(read, k.Directory, k.Settings); err != nil {
			t.Fatal(err)
		}
		job := task("GL-1", "good", raw)
		job.Receipt.StoredAt = cutoff
		work := &fakeWork{tasks: []Task{job}}
		w := testWorker(t, work, fakeArchive{"good": raw})
		w.Knowledge = func() *Knowledge { return k }
		w.Now, w.Patience = func() time.Time { return cutoff }, 15*time.Minute
		w.Gather = func(context.Context, Task, io.ReaderAt, parser.Message) (Evidence, error) { return c.ev, nil }
		if _, err := w.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if again := len(work.delayed) == 1; again != c.again || len(work.committed) == len(work.delayed) {
			t.Errorf("%s, %+v: looked at again %v, want %v; %+v", c.verdict, c.ev, again, c.again, work.committed)
		}
	}
}
