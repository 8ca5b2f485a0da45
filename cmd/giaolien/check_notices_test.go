package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/config"
)

// check says what addressees would miss, and nothing where notices are off.
func TestCheckNotices(t *testing.T) {
	cfg := config.Default()
	cfg.Rules.File, cfg.Directory.File = writeFile(t, "rules.toml", someRules), writeFile(t, "agencies.csv", "id,code,name\nsnv,H50.01,Sở Nội vụ\n")
	cfg.Agencies = []config.Agency{{ID: "snv"}, {ID: "so-noi-vu", Code: "H50.01"}, {ID: "vp-ubnd", Code: "H99"}}
	h, err := loadKnowledge(t.Context(), cfg, "k", nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	said := func() string {
		var out bytes.Buffer
		c := &checking{out: &out}
		c.notices(cfg, h.active())
		if c.failed {
			t.Error("a note is no failure")
		}
		return out.String()
	}
	cfg.Notices.Mode = "review"
	got := said()
	if !strings.Contains(got, "verify_url is empty") || !strings.Contains(got, "agency vp-ubnd is not in the directory") || strings.Contains(got, "snv") || strings.Contains(got, "so-noi-vu") {
		t.Errorf("said\n%s", got)
	}
	cfg.Notices.VerifyURL = "https://tracuu.example.vn/?ma={receipt}"
	if got := said(); strings.Contains(got, "verify_url") {
		t.Errorf("said\n%s", got)
	}
	cfg.Notices.Mode = "off"
	if got := said(); got != "" {
		t.Errorf("notices are off, and it said\n%s", got)
	}
}
