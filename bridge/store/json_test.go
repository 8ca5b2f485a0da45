package store_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/store"
)

// printed is what a command prints of v.
func (b *bench) printed(v any) string {
	b.Helper()
	text, err := json.Marshal(v)
	b.must(err)
	return string(text)
}

// wantForm finds what no machine-readable form may have: names that are not snake_case, absent lists, instants of the year 1, digests in
// numbers.
func (b *bench) wantForm(text string) {
	b.Helper()
	for _, bad := range []string{`"[A-Z]\w*":`, `"0001-01-01`, `"(\w+s|missing|sealed|history|unavailable|registered|disputed)":null`, `"(raw|content)":\[`} {
		if hit := regexp.MustCompile(".{0,60}" + bad + ".{0,20}").FindString(text); hit != "" {
			b.Errorf("a printed form has %s", hit)
		}
	}
}

func testPrintedForms(b *bench) {
	fresh := b.put(b.imported("never looked at"))[0].Receipt
	text := b.printed(b.explain(fresh))
	b.wantForm(text)
	for _, want := range []string{`"settled_at":""`, `"internaldate":""`, `"outcomes":[]`, `"records":[]`, `"amendments":[]`, `"notices":[]`, `"uids":[]`, `"live":false`} {
		if !strings.Contains(text, want) {
			b.Errorf("%s lacks %s", text, want)
		}
	}
	b.commit(settled(b.claimOne(), bridge.ImportedOld, ""))

	task := b.tasks(1)[0]
	s := telling(settled(task, bridge.Quarantined, "12/UBND"), notice.Refuse)
	s.Review = true
	b.commit(s)
	b.must(b.Amend(b.ctx(), task.Receipt.ID, bridge.Amendment{Kind: bridge.Amend, Reason: "x", By: "lan"}))
	text = b.printed(b.explain(task.Receipt.ID))
	b.wantForm(text)
	for _, want := range []string{fmt.Sprintf(`"raw":"%x"`, task.Receipt.Raw), `"uidvalidity":7`, `"envelope_to":"vp@dongha.quangtri.gov.vn"`, `"sent_at":""`,
		`"made_at":"2026-06-15T02:00:00Z"`, `"type":"receipt.stored"`, `"kind":"amend"`, `"failed":[]`} {
		if !strings.Contains(text, want) {
			b.Errorf("%s lacks %s", text, want)
		}
	}
	b.must(b.SettleUID(b.ctx(), bridge.Fence{}, bridge.UIDKey{Folder: b.folder, UIDValidity: 7, UID: 77}, bridge.Failed, "literal"))
	items, err := b.ListOpen(b.ctx(), store.OpenFilter{})
	b.must(err)
	text = b.printed(append(items, store.OpenItem{Kind: store.OpenMore}))
	b.wantForm(text)
	for _, want := range []string{`"kind":"notice","id":"` + task.Receipt.ID + `.reject"`, `"uid":77`, `"since":"2026-06-15T02:00:00Z"`, `"since":""`} {
		if !strings.Contains(text, want) {
			b.Errorf("%s lacks %s", text, want)
		}
	}
}
