package outbox

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/axis"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// TestOverTheAxisOnce registers 50 documents, changes some of them, and lets two daemons deliver them over an axis where three of ten calls go
// wrong, out of a queue whose answers are lost as often: everything arrives there once.
func TestOverTheAxisOnce(t *testing.T) {
	for _, face := range []string{"vxp", "lgsp"} {
		t.Run(face, func(t *testing.T) {
			o := newOffice(t)
			kinds := strings.Fields("fail broken html cut-json cut-base64 cut-before cut-after lost-answer slow empty redirect interrupted")
			faults := fake.Faults{Percent: 30}
			for _, k := range kinds {
				faults.Kinds = append(faults.Kinds, fake.Fault(k))
			}
			server := fake.New(fake.Options{Seed: 5, Faults: faults, Now: o.clock.now, Systems: map[string]fake.System{"gl": {Secret: "khoa", Organs: []string{"H50"}}}})
			listener := httptest.NewServer(server)
			defer listener.Close()
			options := axis.Options{Name: face, URL: listener.URL, SystemID: "gl", Version: "test", Now: o.clock.now, SharedInbox: true,
				Secret: func(context.Context) (string, error) { return "khoa", nil }}
			var account bridge.Axis
			if face == "vxp" {
				v, err := axis.NewVXP(options)
				o.must(err)
				defer v.Close()
				account = v
			} else {
				l, err := axis.NewLGSP(options)
				o.must(err)
				defer l.Close()
				account = l
			}
			target := func() *axis.Target {
				return &axis.Target{Label: "truc", Axis: account, Spool: t.TempDir(),
					From: func(m directory.Match) (edxml.Organ, bool) {
						return edxml.Organ{ID: m.Code, Name: m.Name}, m.Code != ""
					},
					To: func(string) (edxml.Organ, bool) { return ownOrgan(""), true }}
			}
			ids := o.register(1, 50, "truc")
			o.untilDone(o.deliverer(target(), unsteadily(o.store, 1)), o.deliverer(target(), unsteadily(o.open(), 2)))
			want := 50
			for n := 10; n <= 50; n += 10 {
				o.retitle(ids[n-1], n, fmt.Sprintf("Báo cáo sửa đổi %d", n), "truc")
				want++
			}
			o.untilDone(o.deliverer(target(), unsteadily(o.store, 3)), o.deliverer(target(), unsteadily(o.open(), 4)))
			if c := o.counts(); c["sent"] != want || c["dead"] != 0 {
				t.Errorf("deliveries stand at %v, want %d sent", c, want)
			}
			documents, updates := server.Documents(), 0
			for _, d := range documents {
				if d.Times != 1 || d.From != "H50.09" || d.To != "H50" {
					t.Errorf("%+v", d)
				}
				if d.Change == edxml.Updated {
					updates++
				}
			}
			if len(documents) != want || updates != 5 {
				t.Errorf("%d packages arrived, %d of them updates; want %d and 5", len(documents), updates, want)
			}
		})
	}
}
