package bridge

import (
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
)

// What is tried is the time when everything in the draft has begun; what was exempt then, what nobody proved, and what bore no document is not
// counted as refused.
func TestTrial(t *testing.T) {
	dir, _, err := directory.Read("a.csv", []byte("id,name,level,groups\nso,Sở,province,so\nxa,Xã,commune,xa\ncd,Người dân,citizen,\n"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) *policy.Rules {
		r, _, err := policy.ReadRules("r.toml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	draft := read("[[rule]]\nid = \"a\"\nchannels = [\"email\"]\n[[rule.phase]]\nfrom = 2026-12-01\nverdict = \"warn\"\n[[rule.phase]]\nfrom = 2027-03-01\nverdict = \"reject\"\n" +
		"[[exemption]]\nagency = \"xa\"\nuntil = 2026-12-31\nreason = \"r\"\napproved_by = \"b\"\n")
	inForce := read("[[rule]]\nid = \"b\"\nchannels = [\"email\"]\n[rule.sender]\ngroups = [\"so\"]\n[[rule.phase]]\nfrom = 2026-01-01\nverdict = \"reject\"\n")
	asked := func(channel Channel, agency string, id policy.Identity) []Asked {
		return []Asked{{Record: 1, Proved: id, Submission: policy.Submission{Channel: string(channel), ReceivedAt: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC),
			Sender: policy.Sender{Agency: agency, Identity: id}}}}
	}
	var got Trial
	for _, one := range [][]Asked{asked(Email, "so", policy.IdentityDKIM), asked(Email, "so", policy.IdentityNone), asked(Email, "xa", policy.IdentityDKIM), asked(Email, "cd", policy.IdentityDKIM),
		asked(Email, "so", policy.IdentityClerk), nil} {
		got.Try(draft, nil, dir, Registered, one)
	}
	for _, state := range []State{Quarantined, ImportedOld} {
		got.Try(draft, nil, dir, state, asked(Email, "so", policy.IdentityDKIM))
	}
	if want := (Trial{Looked: 5, Refused: 2, Newly: 2}); got != want {
		t.Errorf("alone %+v, want %+v", got, want)
	}
	got = Trial{}
	got.Try(draft, inForce, dir, Refused, asked(Email, "so", policy.IdentityDKIM))
	got.Try(draft, inForce, dir, Registered, asked(System, "so", policy.IdentityDKIM))
	if want := (Trial{Looked: 2, Refused: 1}); got != want {
		t.Errorf("beside the rules in force %+v, want %+v", got, want)
	}
}
