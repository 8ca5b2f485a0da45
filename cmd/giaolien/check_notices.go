package main

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
)

// notices says what addressees will miss: the code on slips, and their account, codes and form of address where the directory does not know who
// speaks to them. k is nil when rules or directory cannot be read, which was told.
func (c *checking) notices(cfg config.Config, k *bridge.Knowledge) {
	if notice.Mode(cfg.Notices.Mode) == notice.ModeOff {
		return
	}
	if cfg.Notices.Slip && cfg.Notices.VerifyURL == "" {
		c.note("[notices] verify_url is empty: a phiếu trả lại carries no QR code, and notices name no page on which they can be checked")
	}
	if k == nil {
		return
	}
	for _, g := range cfg.Agencies {
		if !k.Knows(g.ID, time.Now()) {
			c.note("agency " + g.ID + ` is not in the directory, by its id or code: whoever it writes to is asked ("đề nghị"), also where it could order`)
		}
	}
}
