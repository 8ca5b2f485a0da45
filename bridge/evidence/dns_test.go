package evidence

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer is a real one on loopback, over UDP and TCP.
type nameServer struct {
	addr   string
	answer func(q dnsmessage.Question) (dnsmessage.RCode, []dnsmessage.ResourceBody)
	udp    net.PacketConn
	tcp    net.Listener
	mu     sync.Mutex
	asked  []string
}

func serveDNS(t *testing.T, answer func(dnsmessage.Question) (dnsmessage.RCode, []dnsmessage.ResourceBody)) *nameServer {
	t.Helper()
	s := &nameServer{answer: answer}
	var err error
	for range 20 { // the same port of both may be taken
		if s.udp, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		s.addr = s.udp.LocalAddr().String()
		if s.tcp, err = net.Listen("tcp", s.addr); err == nil {
			break
		}
		s.udp.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(s.overUDP)
	all.Go(s.overTCP)
	t.Cleanup(func() {
		s.udp.Close()
		s.tcp.Close()
		all.Wait()
	})
	return s
}

func (s *nameServer) overUDP() {
	b := make([]byte, 1500)
	for {
		n, from, err := s.udp.ReadFrom(b)
		if err != nil {
			return
		}
		stray := s.reply(b[:n], "udp")
		if len(stray) > 2 {
			stray[0] ^= 0xff // an answer to another question comes first
			s.udp.WriteTo(stray, from)
		}
		s.udp.WriteTo(s.reply(b[:n], "udp"), from)
	}
}

func (s *nameServer) overTCP() {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return
		}
		var size [2]byte
		if _, err := io.ReadFull(c, size[:]); err == nil {
			b := make([]byte, binary.BigEndian.Uint16(size[:]))
			if _, err := io.ReadFull(c, b); err == nil {
				out := s.reply(b, "tcp")
				c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
			}
		}
		c.Close()
	}
}

func (s *nameServer) reply(b []byte, network string) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(b); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	s.mu.Lock()
	s.asked = append(s.asked, network+" "+q.Name.String())
	s.mu.Unlock()
	out := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}, Questions: m.Questions}
	var bodies []dnsmessage.ResourceBody
	out.RCode, bodies = s.answer(q)
	for _, body := range bodies {
		h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: dnsmessage.ClassINET, TTL: 77}
		if alias, ok := body.(*dnsmessage.CNAMEResource); ok {
			h.Type = dnsmessage.TypeCNAME
			q.Name = alias.CNAME
		}
		out.Answers = append(out.Answers, dnsmessage.Resource{Header: h, Body: body})
	}
	packed, err := out.Pack()
	if err == nil && network == "udp" && len(packed) > maxDatagram {
		out.Answers, out.Truncated = nil, true
		packed, err = out.Pack()
	}
	if err != nil {
		return nil
	}
	return packed
}

// questions are those asked so far.
func (s *nameServer) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func name(s string) dnsmessage.Name { return dnsmessage.MustNewName(s) }

func TestDNS(t *testing.T) {
	long := strings.Repeat("x", 250)
	s := serveDNS(t, func(q dnsmessage.Question) (dnsmessage.RCode, []dnsmessage.ResourceBody) {
		switch strings.ToLower(q.Name.String()) {
		case "text.example.":
			return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{"v=DKIM1; ", "p=abc"}}}
		case "long.example.":
			return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{long, long, long, long, long, long}}}
		case "alias.example.":
			return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.CNAMEResource{CNAME: name("text.example.")}, &dnsmessage.TXTResource{TXT: []string{"behind"}}}
		case "mail.example.":
			if q.Type == dnsmessage.TypeMX {
				return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.MXResource{Pref: 20, MX: name("b.example.")}, &dnsmessage.MXResource{Pref: 10, MX: name("a.example.")}}
			}
			if q.Type == dnsmessage.TypeAAAA {
				return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.AAAAResource{AAAA: [16]byte{0x20, 1, 0xd, 0xb8, 15: 1}}}
			}
			return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}
		case "7.2.0.192.in-addr.arpa.":
			return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.PTRResource{PTR: name("host.example.")}}
		case "broken.example.":
			return dnsmessage.RCodeServerFailure, nil
		case "refused.example.":
			return dnsmessage.RCodeRefused, nil
		case "empty.example.":
			return dnsmessage.RCodeSuccess, nil
		}
		return dnsmessage.RCodeNameError, nil
	})
	d := &DNS{Servers: []string{s.addr}}
	for _, c := range []struct {
		name   string
		kind   dnsmessage.Type
		want   []string
		failed bool
	}{
		{"text.example", dnsmessage.TypeTXT, []string{"v=DKIM1; p=abc"}, false},
		{"TEXT.example.", dnsmessage.TypeTXT, []string{"v=DKIM1; p=abc"}, false},
		{"long.example", dnsmessage.TypeTXT, []string{strings.Repeat(long, 6)}, false},
		{"alias.example", dnsmessage.TypeTXT, []string{"behind"}, false},
		{"mail.example", dnsmessage.TypeMX, []string{"b.example.", "a.example."}, false},
		{"mail.example", dnsmessage.TypeA, []string{"192.0.2.1"}, false},
		{"mail.example", dnsmessage.TypeAAAA, []string{"2001:db8::1"}, false},
		{"7.2.0.192.in-addr.arpa", dnsmessage.TypePTR, []string{"host.example."}, false},
		{"empty.example", dnsmessage.TypeTXT, nil, false},
		{"none.example", dnsmessage.TypeTXT, nil, false},
		{"not a name.example", dnsmessage.TypeTXT, nil, false},
		{strings.Repeat("x", 64) + ".example", dnsmessage.TypeTXT, nil, false},
		{"a..example", dnsmessage.TypeTXT, nil, false},
		{"broken.example", dnsmessage.TypeTXT, nil, true},
		{"refused.example", dnsmessage.TypeTXT, nil, true},
	} {
		a, err := d.Resolve(t.Context(), c.name, c.kind)
		if !slices.Equal(a.Texts, c.want) || (err != nil) != c.failed {
			t.Errorf("%s %s: %q, %v", c.kind, c.name, a.Texts, err)
		}
		if len(c.want) > 0 && a.TTL != 77*time.Second {
			t.Errorf("%s: to be kept for %s", c.name, a.TTL)
		}
	}
	if asked := s.questions(); !slices.Contains(asked, "tcp long.example.") || slices.Contains(asked, "tcp text.example.") {
		t.Errorf("asked %v", asked)
	}
	l := &lookups{from: d}
	mx, err := l.LookupMX(t.Context(), "mail.example")
	if err != nil || len(mx) != 2 || mx[0].Host != "a.example." {
		t.Errorf("%v %v", mx, err)
	}
	if ips, err := l.LookupIPAddr(t.Context(), "mail.example"); err != nil || len(ips) != 2 {
		t.Errorf("%v %v", ips, err)
	}
	if names, err := l.LookupAddr(t.Context(), "192.0.2.7"); err != nil || len(names) != 1 {
		t.Errorf("%v %v", names, err)
	}
	gone := &DNS{Servers: []string{"127.0.0.1:1"}, Timeout: 50 * time.Millisecond}
	if _, err := gone.Resolve(t.Context(), "text.example", dnsmessage.TypeTXT); err == nil {
		t.Error("nobody was there, and it answered")
	}
	if a, err := (&DNS{Servers: []string{"127.0.0.1:1", s.addr}, Timeout: time.Second}).Resolve(t.Context(), "text.example", dnsmessage.TypeTXT); err != nil || len(a.Texts) != 1 {
		t.Errorf("the second server was not asked: %v %v", a, err)
	}
}

// TestVerifyOverDNS takes the whole way once: a signed mail, the key in a real name server.
func TestVerifyOverDNS(t *testing.T) {
	w := newWorld(t)
	s := serveDNS(t, func(q dnsmessage.Question) (dnsmessage.RCode, []dnsmessage.ResourceBody) {
		texts := w.dns.records["TXT "+strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")]
		if q.Type != dnsmessage.TypeTXT || len(texts) == 0 {
			return dnsmessage.RCodeNameError, nil
		}
		return dnsmessage.RCodeSuccess, []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: texts}}
	})
	w.verifier.Resolver = &Cache{From: &DNS{Servers: []string{s.addr}}, Now: time.Now}
	raw := w.signed(plainMail(), fromDomain)
	for range 3 {
		if ev := w.look(raw); ev.Identity != "dkim" || len(ev.Records) != 1 {
			t.Errorf("%+v", ev)
		}
	}
	if asked := s.questions(); len(asked) != 2 { // the stray answer was asked for as well
		t.Errorf("asked %v", asked)
	}
}

// counted is a resolver that counts, and takes as long as it is told by moving the clock.
type counted struct {
	n     int
	ttl   time.Duration
	err   error
	takes time.Duration
	clock *time.Time
}

func (c *counted) Resolve(context.Context, string, dnsmessage.Type) (Answer, error) {
	c.n++
	*c.clock = c.clock.Add(c.takes)
	return Answer{Texts: []string{"x"}, TTL: c.ttl}, c.err
}

func TestCache(t *testing.T) {
	now := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	from := &counted{ttl: time.Second, clock: &now}
	c := &Cache{From: from, Now: func() time.Time { return now }}
	ask := func(name string) error { _, err := c.Resolve(t.Context(), name, dnsmessage.TypeTXT); return err }
	steps := []struct {
		name  string
		after time.Duration
		ttl   time.Duration
		err   error
		asked int // so far
	}{
		{"a.example", 0, time.Second, nil, 1}, {"A.example.", minTTL - 1, time.Second, nil, 1}, {"a.example", 1, 24 * time.Hour, nil, 2},
		{"a.example", maxTTL - 1, 0, nil, 2}, {"a.example", 1, time.Minute, nil, 3}, {"b.example", 0, 0, errors.New("no"), 4},
		{"b.example", failureTTL - 1, 0, nil, 4}, {"b.example", 1, 0, nil, 5},
	}
	for i, s := range steps {
		now = now.Add(s.after)
		from.ttl, from.err = s.ttl, s.err
		ask(s.name)
		if from.n != s.asked {
			t.Errorf("step %d: asked %d times, want %d", i, from.n, s.asked)
		}
	}
	for i := range 3 * maxCached {
		ask(strings.Repeat("x", i%60+1) + "." + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + ".example")
	}
	if len(c.answers) > maxCached {
		t.Errorf("%d answers are kept", len(c.answers))
	}
}

// A sender whose name servers never answer costs a bounded share of the time, however many mails he sends; agencies whose domains answer are not
// made to wait with him, and after a while everybody is asked for again.
func TestCacheIsNotHeldUp(t *testing.T) {
	now := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	from := &counted{clock: &now}
	c := &Cache{From: from, Now: func() time.Time { return now }}
	ask := func(name string) error { _, err := c.Resolve(t.Context(), name, dnsmessage.TypeTXT); return err }
	if err := ask("s1._domainkey.snv.quangtri.gov.vn"); err != nil {
		t.Fatal(err)
	}
	waited, begun, refused := time.Duration(0), now, 0
	for i := range 1000 {
		from.err, from.takes = errors.New("no answer"), 4*time.Second
		before := now
		ask(fmt.Sprintf("x%d.evil%d.example", i, i%7))
		waited += now.Sub(before)
		now = now.Add(200 * time.Millisecond) // mails of others in between
		from.err, from.takes = nil, 10*time.Millisecond
		if err := ask(fmt.Sprintf("s%d._domainkey.snv.quangtri.gov.vn", i)); err != nil {
			t.Fatalf("after %d: an agency's domain that answers is not asked: %v", i, err)
		}
		if ask(fmt.Sprintf("s%d._domainkey.moi%d.example", i, i)) != nil {
			refused++
		}
	}
	if all := now.Sub(begun); waited > slowBudget+all/refill || refused == 0 {
		t.Errorf("waited %s of %s for those who do not answer; %d others were not asked", waited, all, refused)
	}
	now = now.Add(refill * slowBudget)
	if a, err := c.Resolve(t.Context(), "good.example", dnsmessage.TypeTXT); err != nil || len(a.Texts) != 1 {
		t.Errorf("%v %v", a, err)
	}
}

// What is remembered of domains that answer is bounded, and forgotten of one that no longer does.
func TestCacheRemembersWhoAnswers(t *testing.T) {
	now := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	from := &counted{clock: &now, ttl: time.Minute}
	c := &Cache{From: from, Now: func() time.Time { return now }}
	for i := range maxCached + 100 {
		c.Resolve(t.Context(), fmt.Sprintf("a.x%d.example", i), dnsmessage.TypeTXT)
	}
	if len(c.good) > maxCached {
		t.Errorf("%d domains are remembered", len(c.good))
	}
	c.Resolve(t.Context(), "a.snv.example", dnsmessage.TypeTXT)
	if !c.good["snv.example"] {
		t.Error("a domain that answered is not remembered")
	}
	from.takes = prompt + 1
	c.Resolve(t.Context(), "b.snv.example", dnsmessage.TypeTXT)
	if c.good["snv.example"] {
		t.Error("a domain that is slow now is remembered as prompt")
	}
}
