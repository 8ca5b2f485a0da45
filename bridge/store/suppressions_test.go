package store_test

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// What bounces gets no notices for ninety days, counted from the last bounce; what a person asks for stays until a person ends it. Letter case
// makes no other address.
func testSuppressions(b *bench) {
	const closed, asked = "vp@dongha.quangtri.gov.vn", "VanPhong@CamLo.quangtri.gov.vn"
	suppressed := func() string {
		h := b.history(bridge.Lookup{Receipt: "x", Receiver: agency, Addresses: []string{"VP@DongHa.quangtri.gov.vn", strings.ToLower(asked), "new@quangtri.gov.vn"}})
		return strings.Join(h.Suppressed, " ")
	}
	var sent []string // before anything bounces
	for range 4 {
		sent = append(sent, b.queue(1)...)
		b.must(b.NoticeSent(b.ctx(), b.outgoing(1, bridge.Caps{})[0], "250"))
	}
	bounce := func(recipient string) {
		id := sent[0]
		sent = sent[1:]
		s := settled(b.tasks(1)[0], bridge.Ignored, "")
		s.Outcome.Records = nil
		s.Outcome.Bounced, s.Outcome.BounceStatus, s.Outcome.BounceRecipient = id, "5.1.1", recipient
		b.commit(s)
		if got := b.noticeState(id); got != "bounced" {
			b.Fatalf("the notice is %s", got)
		}
		b.commit(b.decided(b.claimOne(), bridge.Held)) // of the refusal that nobody heard of
	}
	bounce("lan@dongha.quangtri.gov.vn") // one of those that the mailbox hands on to
	if got := suppressed(); got != "" {
		b.Fatalf("suppressed is %q, which was not reported", got)
	}
	bounce("VP@dongha.quangtri.gov.vn")
	b.must(b.Suppress(b.ctx(), asked, "lan", "đã đổi hộp thư"))
	both := "VP@DongHa.quangtri.gov.vn " + strings.ToLower(asked)
	if got := suppressed(); got != both {
		b.Fatalf("suppressed are %q", got)
	}
	b.clock.pass(89 * 24 * time.Hour)
	if got := suppressed(); got != both {
		b.Fatalf("after 89 days suppressed are %q", got)
	}
	bounce("")
	b.clock.pass(89 * 24 * time.Hour)
	if got := suppressed(); got != both {
		b.Fatalf("89 days after it bounced again suppressed are %q", got)
	}
	list, err := b.Suppressions(b.ctx())
	b.must(err)
	if len(list) != 2 || list[0].Address != strings.ToLower(asked) || list[0].Reason != "lan: đã đổi hộp thư" || !list[0].Until.IsZero() || list[1].Address != closed ||
		list[1].Reason != "5.1.1" || !list[1].Until.Equal(list[1].Since.Add(90*24*time.Hour)) {
		b.Fatalf("listed are %+v", list)
	}
	b.clock.pass(24 * time.Hour)
	if got := suppressed(); got != strings.ToLower(asked) {
		b.Fatalf("after 90 days suppressed are %q", got)
	}
	if list, err := b.Suppressions(b.ctx()); err != nil || len(list) != 1 {
		b.Fatalf("listed are %+v (%v)", list, err)
	}
	// A person's word outlives what bounces meanwhile, and only a person ends it.
	b.must(b.Suppress(b.ctx(), closed, "lan", "đã gọi điện"))
	bounce("")
	b.clock.pass(400 * 24 * time.Hour)
	if got := suppressed(); got != both {
		b.Fatalf("after a year suppressed are %q", got)
	}
	b.must(b.Unsuppress(b.ctx(), strings.ToUpper(asked), "hoa", "đã mở lại"))
	b.wants(b.Unsuppress(b.ctx(), asked, "hoa", "đã mở lại"), bridge.ErrNotFound)
	if got := suppressed(); got != "VP@DongHa.quangtri.gov.vn" {
		b.Fatalf("suppressed is %q", got)
	}
	b.wantCount("SELECT count(*) FROM events WHERE type = 'address.suppressed'", 5)
	b.wantCount("SELECT count(*) FROM events WHERE type = 'address.released'", 1)
}
