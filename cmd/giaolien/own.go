package main

import (
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/parser"
)

// ownNotice notes in ev which notice of ours the message is, or is about. Only tokens made with one of the keys are believed, so nobody can
// invent a notice, or make one out of another; whoever got a notice knows its token, and can speak of that one only.
func ownNotice(ev *bridge.Evidence, keys []notice.Key, m parser.Message) {
	if id, ok := verified(keys, m.MessageID, m.ReturnPath); ok {
		ev.OwnMail, ev.OwnNotice = true, id
		return
	}
	// What the mail system wrote of the envelope tells most, then the returned message itself, then what answers name, the newest first.
	about := append(append(append(slices.Clone(m.DeliveredTo), addresses(m.To)...), m.Report.Original...), m.InReplyTo...)
	newest := slices.Clone(m.References)
	slices.Reverse(newest)
	if id, ok := verified(keys, append(about, newest...)...); ok {
		ev.OwnNotice = id
	}
}

// verified is the notice of the first address or message id with a token of ours.
func verified(keys []notice.Key, list ...string) (string, bool) {
	for _, s := range list {
		if id, ok := notice.Verify(keys, s); ok {
			return id, true
		}
	}
	return "", false
}

func addresses(list []parser.Address) []string {
	out := make([]string, len(list))
	for i, a := range list {
		out[i] = a.Addr
	}
	return out
}
