package evidence

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Answer is what DNS says of one name and type. Texts are TXT records with their strings joined (RFC 7208, 3.3), A and AAAA addresses, names
// of PTR, or hosts of MX; none with a nil error means that there is no such record (NXDOMAIN and an empty answer alike).
type Answer struct {
	Texts []string
	Prefs []uint16 // of MX, beside Texts
	TTL   time.Duration
}

// Resolver asks DNS. The error says that there was no answer: it never means that there is no record.
type Resolver interface {
	Resolve(ctx context.Context, name string, kind dnsmessage.Type) (Answer, error)
}

// DNS asks recursive name servers (RFC 1035, 7). It follows no delegation by itself and believes the answers of the servers that it is given:
// they are to be near, like those of any other program on the machine.
type DNS struct {
	Servers []string      // host:port
	Timeout time.Duration // of one try; zero: two seconds
}

// dnsTries is how many times each server is asked.
const dnsTries = 2

// maxDatagram is what we say that we take (RFC 6891, 6.2.5); more comes over TCP.
const maxDatagram = 1232

// SystemServers reads the name servers of this machine; without any it is the machine itself (resolv.conf(5)).
func SystemServers() []string {
	var out []string
	b, err := os.ReadFile("/etc/resolv.conf")
	if err == nil {
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) >= 2 && f[0] == "nameserver" && len(out) < 3 {
				if ip, err := netip.ParseAddr(f[1]); err == nil {
					out = append(out, netip.AddrPortFrom(ip, 53).String())
				}
			}
		}
	}
	if len(out) == 0 {
		out = []string{"127.0.0.1:53"}
	}
	return out
}

// Resolve implements Resolver.
func (d *DNS) Resolve(ctx context.Context, name string, kind dnsmessage.Type) (Answer, error) {
	full, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil || !askable(name) {
		return Answer{TTL: time.Hour}, nil // no such name can be, so it has no record
	}
	question := dnsmessage.Question{Name: full, Type: kind, Class: dnsmessage.ClassINET}
	last := errors.New("no name server is configured")
	for range dnsTries {
		for _, server := range d.Servers {
			if err := ctx.Err(); err != nil {
				return Answer{}, fmt.Errorf("ask DNS for %s: %w", kind, err)
			}
			a, err := d.try(ctx, server, question)
			if err == nil {
				return a, nil
			}
			last = err
		}
	}
	return Answer{}, fmt.Errorf("ask DNS for %s: %w", kind, last)
}

// askable reports whether a name has labels of one to 63 bytes (RFC 1035, 2.3.4), without anything that a program could trip over.
func askable(name string) bool {
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			return false
		}
	}
	return len(name) <= 253
}

func (d *DNS) try(ctx context.Context, server string, q dnsmessage.Question) (Answer, error) {
	timeout := d.Timeout
	if timeout <= 0 {
		timeout = 2 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	m, truncated, err := exchange(ctx, "udp", server, q)
	if err == nil && truncated {
		m, _, err = exchange(ctx, "tcp", server, q)
	}
	if err != nil {
		return Answer{}, err
	}
	return answerOf(m, q)
}

// exchange asks one server once, with a port and a number of its own.
func exchange(ctx context.Context, network, server string, q dnsmessage.Question) (dnsmessage.Message, bool, error) {
	var none dnsmessage.Message
	id, err := number()
	if err != nil {
		return none, false, err
	}
	packet, err := query(id, q)
	if err != nil {
		return none, false, fmt.Errorf("write question: %w", err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, server)
	if err != nil {
		return none, false, err
	}
	defer conn.Close()
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return none, false, err
		}
	}
	if network == "tcp" {
		packet = append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)
	}
	if _, err := conn.Write(packet); err != nil {
		return none, false, err
	}
	for { // what does not answer our question is not for us (RFC 5452, 9.1)
		b, err := receive(conn, network)
		if err != nil {
			return none, false, err
		}
		var m dnsmessage.Message
		if err := m.Unpack(b); err != nil || !m.Response || m.ID != id || len(m.Questions) != 1 || !sameQuestion(m.Questions[0], q) {
			if network == "tcp" {
				return none, false, errors.New("an answer to another question")
			}
			continue
		}
		return m, m.Truncated, nil
	}
}

func number() (uint16, error) {
	var b [2]byte
	if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
		return 0, fmt.Errorf("draw a number: %w", err)
	}
	return binary.BigEndian.Uint16(b[:]), nil
}

func query(id uint16, q dnsmessage.Question) ([]byte, error) {
	var size dnsmessage.ResourceHeader
	if err := size.SetEDNS0(maxDatagram, dnsmessage.RCodeSuccess, false); err != nil {
		return nil, err
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: id, RecursionDesired: true}, Questions: []dnsmessage.Question{q},
		Additionals: []dnsmessage.Resource{{Header: size, Body: &dnsmessage.OPTResource{}}}}
	return m.Pack()
}

func receive(conn net.Conn, network string) ([]byte, error) {
	if network == "udp" {
		b := make([]byte, 4096)
		n, err := conn.Read(b)
		return b[:max(n, 0)], err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(conn, b)
	return b, err
}

func sameQuestion(a, b dnsmessage.Question) bool {
	return a.Type == b.Type && a.Class == b.Class && strings.EqualFold(a.Name.String(), b.Name.String())
}

// maxAnswers bounds the records of one answer that are looked at.
const maxAnswers = 50

// answerOf reads the records of the type that was asked for, also behind aliases. A server that fails or refuses has not answered.
func answerOf(m dnsmessage.Message, q dnsmessage.Question) (Answer, error) {
	a := Answer{TTL: maxTTL}
	switch m.RCode {
	case dnsmessage.RCodeSuccess:
	case dnsmessage.RCodeNameError:
		return negative(m), nil
	default:
		return Answer{}, fmt.Errorf("the name server answers %s", m.RCode)
	}
	of := []string{strings.ToLower(q.Name.String())} // the name and what it is an alias of, as the server orders them
	for _, r := range m.Answers[:min(len(m.Answers), maxAnswers)] {
		if !slices.Contains(of, strings.ToLower(r.Header.Name.String())) {
			continue
		}
		a.TTL = min(a.TTL, time.Duration(r.Header.TTL)*time.Second)
		switch body := r.Body.(type) {
		case *dnsmessage.CNAMEResource:
			of = append(of, strings.ToLower(body.CNAME.String()))
			continue
		case *dnsmessage.MXResource:
			a.Prefs = append(a.Prefs, body.Pref)
		}
		if text, ok := textOf(r.Body); ok && r.Header.Type == q.Type {
			a.Texts = append(a.Texts, text)
		}
	}
	if len(a.Texts) == 0 {
		return negative(m), nil
	}
	return a, nil
}

// negative is an answer that there is nothing, kept as long as the zone says (RFC 2308, 5).
func negative(m dnsmessage.Message) Answer {
	a := Answer{TTL: maxNegative}
	for _, r := range m.Authorities {
		if soa, ok := r.Body.(*dnsmessage.SOAResource); ok {
			a.TTL = min(a.TTL, time.Duration(min(r.Header.TTL, soa.MinTTL))*time.Second)
		}
	}
	return a
}

func textOf(body dnsmessage.ResourceBody) (string, bool) {
	switch b := body.(type) {
	case *dnsmessage.TXTResource:
		return strings.Join(b.TXT, ""), true
	case *dnsmessage.AResource:
		return netip.AddrFrom4(b.A).String(), true
	case *dnsmessage.AAAAResource:
		return netip.AddrFrom16(b.AAAA).String(), true
	case *dnsmessage.MXResource:
		return b.MX.String(), true
	case *dnsmessage.PTRResource:
		return b.PTR.String(), true
	}
	return "", false
}
