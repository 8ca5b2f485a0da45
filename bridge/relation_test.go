package bridge

import (
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
)

// Orders go down only: to whom the speaking agency is above, or the body that it is the office of.
func TestRelation(t *testing.T) {
	dir, _, err := directory.Read("agencies.csv", []byte(`id,name,level,parent,addresses
cp,Chính phủ,central,,
ubnd,UBND tỉnh,province,cp,
vp,Văn phòng UBND tỉnh,province,ubnd,vp@example.vn
stc,Sở Tài chính,province,ubnd,stc@example.vn
chicuc,Chi cục,unit,stc,cc@example.vn
xa,UBND xã,commune,ubnd,xa@example.vn
xakhac,UBND xã tỉnh khác,commune,ubndkhac,xk@example.vn
ubndkhac,UBND tỉnh khác,province,cp,uk@example.vn
dn,Doanh nghiệp,enterprise,ubnd,dn@example.vn
vong1,Vòng một,unit,vong2,v1@example.vn
vong2,Vòng hai,unit,vong1,v2@example.vn
`))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		to, from string
		want     notice.Relation
	}{
		{"xa", "ubnd", notice.Subordinate}, {"stc", "ubnd", notice.Subordinate}, {"chicuc", "ubnd", notice.Subordinate}, {"chicuc", "stc", notice.Subordinate},
		{"xa", "vp", notice.Subordinate}, {"stc", "vp", notice.Other}, {"chicuc", "vp", notice.Other}, {"ubnd", "vp", notice.Other}, {"cp", "vp", notice.Other},
		{"xakhac", "vp", notice.Other}, {"ubndkhac", "ubnd", notice.Other}, {"vp", "xa", notice.Other}, {"stc", "xa", notice.Other},
		{"dn", "ubnd", notice.Outside}, {"xa", "unknown", notice.Other}, {"vong1", "ubnd", notice.Other}, {"vp", "vp", notice.Other},
	} {
		a, ok := dir.Agency(c.to, at)
		if !ok {
			t.Fatalf("no agency %s", c.to)
		}
		if got := relation(dir, a, c.from, at); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// The receiving agency may have an id of its own in the configuration: its code leads to its place in the directory.
func TestIntroducedByCode(t *testing.T) {
	at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		speaks, code string
		relation     notice.Relation
		shown        string
	}{
		{"ubnd", "", notice.Subordinate, "H99"}, {"ubnd", "H98", notice.Subordinate, "H99"}, {"vp-ubnd", "H99", notice.Subordinate, "H99"},
		{"vp-ubnd", "H98", notice.Other, "H98"}, {"vp-ubnd", "", notice.Other, ""},
	} {
		dir, _, err := directory.Read("agencies.csv", []byte("id,code,name,level,parent\nubnd,H99,UBND tỉnh,province,\nxa,H99.60,UBND xã,commune,ubnd\n"))
		if err != nil {
			t.Fatal(err)
		}
		k := &Knowledge{Directory: dir, Settings: Settings{Statuses: StatusSettings{Codes: map[string]string{c.speaks: c.code}}}}
		in := notice.Input{Counted: at, Sender: directory.Match{Agency: "xa"}}
		k.introduce(&in, c.speaks)
		if in.Relation != c.relation || in.ReceiverCode != c.shown || in.Code != "H99.60" {
			t.Errorf("%s with code %q: %q, own code %q, its code %q", c.speaks, c.code, in.Relation, in.ReceiverCode, in.Code)
		}
	}
}
