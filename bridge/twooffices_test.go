package bridge

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// twoAgencies both run this program, and each knows the other.
const twoAgencies = `id,code,name,level,addresses,ready_since
ubnd,H99,UBND tỉnh,province,vanthu@ubnd.example.vn,2020-01-01
noivu,H99.12,Sở Nội vụ,province,vanthu@noivu.example.vn,2020-01-01
`

// office is one of them.
type office struct {
	id   string
	know *Knowledge
	keys notice.Keys
	sent int
}

// newOffice answers whatever may be answered; its rules give every mail the same verdict.
func newOffice(t *testing.T, id, verdict string, change func(*Settings)) *office {
	t.Helper()
	rules, _, err := policy.ReadRules("rules.toml", fmt.Appendf(nil, "title = \"x\"\n[[rule]]\nid = \"all\"\ntitle = \"x\"\nlegal = \"x\"\nstrength = \"order\"\nmin_identity = \"from\"\n"+
		"[[rule.phase]]\nfrom = 2020-01-01\nverdict = %q\n", verdict))
	if err != nil {
		t.Fatal(err)
	}
	dir, _, err := directory.Read("agencies.csv", []byte(twoAgencies))
	if err != nil {
		t.Fatal(err)
	}
	own := "vanthu@" + id + ".example.vn"
	s := Settings{Program: "test", TrustedHops: []string{"mx." + id + ".example.vn"}, Limits: parser.DefaultLimits, OwnAddresses: []string{own}, Mode: notice.ModeSend,
		Receipts: true, Neutral: true, Held: true, Slip: true, Receivers: []Receiver{{ID: id, Name: "Cơ quan " + id, From: own, ReturnPath: "vanthu+{token}@" + id + ".example.vn"}},
		Letters: notice.Letters{VerifyURL: "https://tracuu." + id + ".example.vn/?ma={receipt}"}}
	if change != nil {
		change(&s)
	}
	k, err := NewKnowledge(rules, dir, s)
	if err != nil {
		t.Fatal(err)
	}
	return &office{id: id, know: k, keys: notice.Keys{{ID: id, Secret: bytes.Repeat([]byte(id), 16)}}}
}

// takes lets a mail arrive, and gives the outcome and what is sent of it; nil when nothing is.
func (o *office) takes(t *testing.T, mail []byte, path string, at time.Time) (Outcome, *notice.Rendered) {
	t.Helper()
	mx := "mx." + o.id + ".example.vn"
	raw := fmt.Appendf(nil, "Return-Path: <%s>\r\nReceived: from out.example by %s with ESMTPS id 1; %s\r\n%s", path, mx, at.Format(time.RFC1123Z), mail)
	ev := Evidence{Identity: policy.IdentityDMARC}
	m := parser.Parse(bytes.NewReader(raw), int64(len(raw)), parser.DefaultLimits)
	if id, ok := notice.Verify(o.keys, m.MessageID); ok {
		ev.OwnMail, ev.OwnNotice = true, id
	} else {
		for _, about := range append(m.InReplyTo, m.References...) {
			if id, ok := notice.Verify(o.keys, about); ok {
				ev.OwnNotice = id
			}
		}
	}
	out := settle(t, raw, at, ev, History{}, o.know, func(r *Receipt) { r.Receiver = o.id })
	if out.Notice == nil {
		return out, nil
	}
	o.sent++
	r, err := notice.Render(*out.Notice, notice.Numbers{ID: fmt.Sprintf("GL-2026-%07d.%s", o.sent, out.Notice.Kind), SoDen: "1/2026", At: at}, o.keys)
	if err != nil {
		t.Fatal(err)
	}
	return out, &r
}

// Two offices never exchange more than one mail about a document, whatever each of them would say to it, and also where a gateway between them
// takes away one of the marks by which programs know each other.
func TestTwoOfficesDoNotTalk(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	strip := func(field string) func([]byte) []byte {
		return func(mail []byte) []byte {
			head, rest, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
			var kept []string
			for line := range strings.SplitSeq(string(head), "\r\n") {
				if !strings.HasPrefix(line, field+":") {
					kept = append(kept, line)
				}
			}
			return []byte(strings.Join(kept, "\r\n") + "\r\n\r\n" + string(rest))
		}
	}
	for gateway, change := range map[string]func([]byte) []byte{"none": nil, "Auto-Submitted": strip("Auto-Submitted"), "X-Auto-Response-Suppress": strip("X-Auto-Response-Suppress"),
		"X-Giao-Lien": strip("X-Giao-Lien"), "In-Reply-To": strip("In-Reply-To"), "References": strip("References")} {
		for _, verdict := range []string{"accept", "warn", "reject", "hold"} {
			for _, file := range []string{"12_SNV-VP.pdf", ""} {
				t.Run(gateway+" "+verdict+" "+file, func(t *testing.T) {
					a, b := newOffice(t, "ubnd", verdict, nil), newOffice(t, "noivu", verdict, nil)
					l := letter{subject: subject, name: file}
					mail := l.raw()
					if file == "" {
						mail = l.bare()
					}
					path, to, from := "vanthu@noivu.example.vn", a, b
					for mail != nil {
						_, r := to.takes(t, mail, path, at)
						if to, from = from, to; r == nil {
							break
						}
						if mail, path = r.Bytes, r.EnvelopeFrom; change != nil {
							mail = change(mail)
						}
						if a.sent+b.sent > 1 {
							t.Fatalf("%d notices; the last:\n%s", a.sent+b.sent, mail[:min(len(mail), 1500)])
						}
					}
					if a.sent != 1 {
						t.Errorf("the first mail was answered %d times", a.sent)
					}
				})
			}
		}
	}
}

// Whatever one office tells another is no submission there: it is neither registered nor put before a person, slip or not.
func TestNoticesOfOthersAreIgnored(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	them, us := newOffice(t, "noivu", "reject", nil), newOffice(t, "ubnd", "accept", nil)
	samples, err := them.know.SampleNotices("noivu", "ubnd", at)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		r, err := notice.Render(s.Draft, s.Numbers, them.keys)
		if err != nil {
			t.Fatal(err)
		}
		if o, answer := us.takes(t, r.Bytes, r.EnvelopeFrom, at); o.State != Ignored || answer != nil {
			t.Errorf("%s: %s (%s), answered %v", s.Name, o.State, o.Reason, answer != nil)
		}
		if o, answer := them.takes(t, r.Bytes, r.EnvelopeFrom, at); o.State != Ignored || o.Reason != ReasonOwnMail || answer != nil {
			t.Errorf("%s come back: %s (%s), answered %v", s.Name, o.State, o.Reason, answer != nil)
		}
	}
}

// A document in an automatic mail is decided, also beside a slip or under the slip's name in a mail of a person.
func TestSlipHidesNoDocument(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	us := newOffice(t, "ubnd", "accept", nil)
	auto := "Auto-Submitted: auto-replied\r\n"
	more := "--x\r\nContent-Type: application/pdf; name=phieu-tra-lai.pdf\r\nContent-Disposition: attachment; filename=phieu-tra-lai.pdf\r\n\r\n%PDF-1.4 x\r\n--x--\r\n"
	beside := strings.Replace(string(letter{subject: subject, fields: auto}.raw()), "--x--\r\n", more, 1)
	for name, raw := range map[string]string{"beside": beside, "in a mail of a person": string(letter{subject: subject, name: "phieu-tra-lai.pdf"}.raw()),
		"called nearly so": string(letter{subject: subject, name: "phieu-tra-lai-1.pdf", fields: auto}.raw())} {
		if o, _ := us.takes(t, []byte(raw), "vanthu@noivu.example.vn", at); o.State == Ignored || len(o.Records) == 0 {
			t.Errorf("%s: %s (%s)", name, o.State, o.Reason)
		}
	}
}

// A notice stands in the thread of the mail that it answers, also where that names only its parent.
func TestNoticeKeepsTheThread(t *testing.T) {
	at := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	us := newOffice(t, "ubnd", "reject", nil)
	for fields, want := range map[string]string{
		"":                                      "thu@noivu.example.vn",
		"In-Reply-To: <cha@x.vn>\r\n":           "cha@x.vn thu@noivu.example.vn",
		"In-Reply-To: <cha@x.vn> <me@x.vn>\r\n": "thu@noivu.example.vn",
		"In-Reply-To: <cha@x.vn>\r\nReferences: <ong@x.vn>\r\n": "ong@x.vn thu@noivu.example.vn",
	} {
		o, _ := us.takes(t, letter{subject: subject, fields: fields}.raw(), "vanthu@noivu.example.vn", at)
		if o.Notice == nil || strings.Join(o.Notice.References, " ") != want || o.Notice.InReplyTo != "thu@noivu.example.vn" {
			t.Errorf("%q: notice %+v", fields, o.Notice)
		}
		if o.Reply == nil || !strings.HasPrefix(want, strings.Join(o.Reply.References, " ")) || len(strings.Fields(want)) != len(o.Reply.References)+1 {
			t.Errorf("%q: kept for later is %+v", fields, o.Reply)
		}
	}
}
