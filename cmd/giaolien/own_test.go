package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/parser"
)

var (
	ourKeys   = []notice.Key{{ID: "k", Secret: bytes.Repeat([]byte("k"), 32)}}
	otherKeys = []notice.Key{{ID: "x", Secret: bytes.Repeat([]byte("x"), 32)}}
)

func rendered(t *testing.T, id string, keys []notice.Key) notice.Rendered {
	t.Helper()
	n := aNumber
	n.ID = id
	r, err := notice.Render(aDraft, n, keys)
	if err != nil {
		t.Fatal(err)
	}
	if r.EnvelopeFrom == "" || r.MessageID == "" {
		t.Fatalf("a notice without return path or id: %+v", r)
	}
	return r
}

func gathered(t *testing.T, raw string) (bridge.Evidence, parser.Message) {
	t.Helper()
	m := parser.Parse(strings.NewReader(raw), int64(len(raw)), parser.DefaultLimits)
	a := &app{keys: ourKeys, config: config.Default()}
	ev, err := a.gather(context.Background(), bridge.Task{}, strings.NewReader(raw), m)
	if err != nil {
		t.Fatal(err)
	}
	return ev, m
}

// bounceOf is a failure that comes back: to is its recipient, id what it returns, both may be empty.
func bounceOf(to, fields, id string) string {
	raw := "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.snv.example.vn\r\n"
	if to != "" {
		raw += "To: <" + to + ">\r\n"
	}
	raw += fields + "Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nsorry\r\n" +
		"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; vanthu@snv.example.vn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
	if id != "" {
		raw += "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" + id + ">\r\nSubject: x\r\n"
	}
	return raw + "--b--\r\n"
}

// TestBounceIsTied ties a failure to the notice that its token names, wherever the token stands, and to no other.
func TestBounceIsTied(t *testing.T) {
	const one, two = "GL-2026-0000001.reject", "GL-2026-0000002.reject"
	first, second, forged := rendered(t, one, ourKeys), rendered(t, two, ourKeys), rendered(t, one, otherKeys)
	swapped := strings.Replace(first.EnvelopeFrom, "0000001", "0000002", 1)
	mac := first.MessageID[:strings.IndexByte(first.MessageID, '@')]
	last := mac[len(mac)-1]
	altered := mac[:len(mac)-1] + string(map[bool]byte{true: 'b', false: 'a'}[last == 'a'])
	for _, c := range []struct {
		name, raw, want string
	}{
		{"in the recipient of the bounce", bounceOf(first.EnvelopeFrom, "", ""), one},
		{"in the recipient, in upper case", bounceOf(strings.ToUpper(first.EnvelopeFrom), "", ""), one},
		{"in the envelope that the server noted", bounceOf("vanthu@example.vn", "X-Original-To: "+first.EnvelopeFrom+"\r\n", ""), one},
		{"in the returned headers", bounceOf("vanthu@example.vn", "", first.MessageID), one},
		{"in In-Reply-To", bounceOf("vanthu@example.vn", "In-Reply-To: <"+first.MessageID+">\r\n", ""), one},
		{"in References", bounceOf("vanthu@example.vn", "References: <thu@snv.example.vn> <"+first.MessageID+">\r\n", "another@x.vn"), one},
		{"the newest of two references", bounceOf("", "References: <"+second.MessageID+"> <"+first.MessageID+">\r\n", ""), one},
		{"the envelope before what was returned", bounceOf(first.EnvelopeFrom, "", second.MessageID), one},
		{"what was returned before what was answered", bounceOf("", "References: <"+second.MessageID+">\r\n", first.MessageID), one},
		{"no token", bounceOf("vanthu@example.vn", "", "thu@snv.example.vn"), ""},
		{"made with another key", bounceOf(forged.EnvelopeFrom, "References: <"+forged.MessageID+">\r\n", forged.MessageID), ""},
		{"the token of another notice", bounceOf(swapped, "", ""), ""},
		{"an altered token", bounceOf("vanthu+"+altered+"@example.vn", "", altered+"@example.vn"), ""},
		{"the token alone, without its notice", bounceOf("vanthu+"+mac[strings.LastIndexByte(mac, '.')+1:]+"@example.vn", "", ""), ""},
		{"the notice alone, without its token", bounceOf("vanthu+gl-2026-0000001.reject@example.vn", "", "GL-2026-0000001.reject@example.vn"), ""},
	} {
		ev, m := gathered(t, c.raw)
		if ev.OwnNotice != c.want || ev.OwnMail || m.Kind != parser.Bounce {
			t.Errorf("%s: notice %q, own mail %v, kind %s; want %q", c.name, ev.OwnNotice, ev.OwnMail, m.Kind, c.want)
		}
		o := settled(t, c.raw)
		if o.Bounced != c.want || c.want != "" && (o.BounceStatus != "5.1.1" || o.BounceRecipient != "vanthu@snv.example.vn") || o.Notice != nil || c.want != "" && o.State != bridge.Ignored {
			t.Errorf("%s: %s, bounced %q with status %q, notice %v", c.name, o.State, o.Bounced, o.BounceStatus, o.Notice)
		}
	}
}

// TestBounceSays: what a report says became of the notice, in whatever language its words are; what is only late, or arrived, changes nothing. Words
// that no table knows in a mail without a sender are taken for a failure, or put before a person: a refusal must not stay unheard.
func TestBounceSays(t *testing.T) {
	first := rendered(t, "GL-2026-0000001.reject", ourKeys)
	dsn := func(words string, groups ...string) string {
		return "Return-Path: <>\r\nFrom: <postmaster@mx.example>\r\nTo: <" + first.EnvelopeFrom + ">\r\nSubject: " + words + "\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n" +
			"Content-Type: text/plain; charset=utf-8\r\n\r\n" + words + "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n" + strings.Join(groups, "\r\n") + "--b--\r\n"
	}
	group := func(to, action, status string) string {
		return "Final-Recipient: rfc822; " + to + "\r\nAction: " + action + "\r\nStatus: " + status + "\r\n"
	}
	bare := func(from, subject, words string) string {
		return "Return-Path: <>\r\nFrom: <" + from + ">\r\nTo: <" + first.EnvelopeFrom + ">\r\nSubject: " + subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words + "\r\n"
	}
	const a, b = "vanthu@snv.example.vn", "lan@snv.example.vn"
	for _, c := range []struct {
		name, raw, status, to string
		bounced               bool
	}{
		{"failed", dsn("Undelivered", group(a, "failed", "5.1.1")), "5.1.1", a, true},
		{"failed, in capitals", dsn("Undelivered", group(a, "FAILED", "5.2.2")), "5.2.2", a, true},
		{"failed after days", dsn("Undelivered", group(a, "failed", "4.4.7")), "4.4.7", a, true},
		{"late", dsn("Delayed", group(a, "delayed", "4.4.1")), "", "", false},
		{"late, by its status alone", dsn("x", "Final-Recipient: rfc822; "+a+"\r\nStatus: 4.4.1\r\n"), "", "", false},
		{"delivered", dsn("Success", group(a, "delivered", "2.0.0")), "", "", false},
		{"relayed", dsn("Success", group(a, "relayed", "2.0.0")), "", "", false},
		{"one of two failed", dsn("Undelivered", group(a, "delivered", "2.0.0"), group(b, "failed", "5.1.1")), "5.1.1", b, true},
		{"one of two late", dsn("Undelivered", group(a, "delivered", "2.0.0"), group(b, "delayed", "4.2.2")), "", "", false},
		{"French", dsn("Échec de la remise", group(a, "failed", "5.1.1")), "5.1.1", a, true},
		{"French, late", dsn("Remise différée", group(a, "delayed", "4.4.1")), "", "", false},
		{"Japanese", dsn("配信できませんでした", group(a, "failed", "5.1.10")), "5.1.10", a, true},
		{"French words alone", bare("mailer-daemon@mx.example", "Échec de la remise", "L'utilisateur est inconnu"), "", "", true},
		{"Chinese words alone", bare("postmaster@mx.example", "退信", "您的邮件被退回"), "", "", true},
		{"Russian words alone, late", bare("mailer-daemon@mx.example", "Задержка", "450 4.2.0 попробуем ещё раз"), "", "", false},
		{"absent", bare(b, "Vắng mặt", "Tôi đi công tác đến hết tuần."), "", "", false},
	} {
		o := settled(t, c.raw)
		if (o.Bounced != "") != c.bounced || c.bounced && (o.BounceStatus != c.status || o.BounceRecipient != c.to) || o.State != bridge.Ignored || o.Notice != nil {
			t.Errorf("%s: %s (%s), bounced %q with %q to %q, notice %v", c.name, o.State, o.Reason, o.Bounced, o.BounceStatus, o.BounceRecipient, o.Notice)
		}
	}
	if o := settled(t, bare("postmaster@mx.example", "Unzustellbar", "Ihre Nachricht konnte nicht zugestellt werden.")); o.State != bridge.Held && o.Bounced == "" {
		t.Errorf("German words alone: %s (%s)", o.State, o.Reason)
	}
}

// TestOwnNoticeComesBack lets a notice land in a watched mailbox, as it was sent and as gateways change it: it is known and never answered.
func TestOwnNoticeComesBack(t *testing.T) {
	r := rendered(t, aNumber.ID, ourKeys)
	forged := rendered(t, aNumber.ID, otherKeys)
	arrived := func(path string, text []byte) string {
		return "Return-Path: <" + path + ">\r\nReceived: from a by mx.example.vn; Mon, 02 Nov 2026 08:00:00 +0700\r\n" + string(text)
	}
	newID := func(text []byte) []byte {
		return bytes.Replace(text, []byte(r.MessageID), []byte("rewritten@gateway.example"), 1)
	}
	for _, c := range []struct {
		name, raw string
		own       bool
	}{
		{"as it was sent", arrived(r.EnvelopeFrom, r.Bytes), true},
		{"a gateway changed the envelope", arrived("alias@snv.example.vn", r.Bytes), true},
		{"a gateway changed the id", arrived(r.EnvelopeFrom, newID(r.Bytes)), true},
		{"a relay rewrote the envelope (SRS)", arrived("SRS0=ab=cd=example.vn="+strings.Replace(r.EnvelopeFrom, "@example.vn", "@relay.example", 1), newID(r.Bytes)), true},
		{"forged", arrived(forged.EnvelopeFrom, forged.Bytes), false},
		{"forged, without the marks of a program", arrived(forged.EnvelopeFrom, bytes.ReplaceAll(forged.Bytes, []byte("\r\nAuto-Submitted: auto-replied"), nil)), false},
	} {
		ev, _ := gathered(t, c.raw)
		if ev.OwnMail != c.own || (ev.OwnNotice == aNumber.ID) != c.own {
			t.Errorf("%s: own mail %v of notice %q", c.name, ev.OwnMail, ev.OwnNotice)
		}
		o := settled(t, c.raw)
		if o.Notice != nil || c.own && (o.State != bridge.Ignored || o.Reason != bridge.ReasonOwnMail) || !c.own && o.Reason == bridge.ReasonOwnMail {
			t.Errorf("%s: %s (%s), notice %v", c.name, o.State, o.Reason, o.Notice)
		}
	}
}

// TestPersonAnswersNotice: an answer to a notice is a person's mail, whatever tokens it names.
func TestPersonAnswersNotice(t *testing.T) {
	r := rendered(t, aNumber.ID, ourKeys)
	ev, m := gathered(t, fmt.Sprintf("Return-Path: <lan@snv.example.vn>\r\nFrom: lan@snv.example.vn\r\nTo: vanthu@example.vn\r\nIn-Reply-To: <%s>\r\nSubject: Re: x\r\n\r\nĐã rõ.\r\n", r.MessageID))
	if ev.OwnMail || ev.OwnNotice != aNumber.ID || m.NeverAnswer {
		t.Errorf("own mail %v, notice %q, never answered because of %q", ev.OwnMail, ev.OwnNotice, m.WhyNever)
	}
}

// settled is the outcome of a message with the evidence that is gathered for it.
func settled(t *testing.T, raw string) bridge.Outcome {
	t.Helper()
	cfg := config.Default()
	cfg.Rules.File, cfg.Directory.File = writeFile(t, "rules.toml", someRules), writeFile(t, "agencies.csv", someAgencies)
	h, err := loadKnowledge(t.Context(), cfg, "k", nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ev, _ := gathered(t, raw)
	at := time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)
	receipt := bridge.Receipt{ID: "GL-2026-0000009", Channel: bridge.Email, Raw: sha256.Sum256([]byte(raw)), Size: int64(len(raw)), InternalDate: at, FetchedAt: at}
	return bridge.Process(receipt, strings.NewReader(raw), ev, bridge.History{}, h.active())
}
