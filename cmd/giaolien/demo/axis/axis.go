// Package axis is a document exchange for the demo and for tests: both faces (VXP with signed headers, LGSP REST), inboxes for each
// organisation, and faults at a given rate. It behaves as the real one was seen to: it adds a trace, puts elements in another order, and its
// answers write numbers as texts or as numbers. It keeps everything in memory.
package axis

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// System is one account: a document system with the organisations whose inboxes it reads.
type System struct {
	Secret string
	Organs []string
}

// Options say how the axis behaves.
type Options struct {
	Systems  map[string]System // by system id
	Agencies []directory.Listed
	Faults   Faults
	Seed     uint64
	// MaxSkew refuses calls whose timestamp is farther off; zero: none is.
	MaxSkew time.Duration
	// Closed keeps senders from fetching what they sent.
	Closed bool
	// Forgets drops packages from lists once they are done.
	Forgets bool
	Now     func() time.Time // nil: the clock
}

// Axis is the exchange. It is an http.Handler: paths below /v1/ are LGSP REST, all others VXP.
type Axis struct {
	o Options

	mu      sync.Mutex // guards what follows
	random  *mathrand.Rand
	packs   map[string]*pack // by docId, copies of senders and of receivers
	order   []string
	arrived []Document
	counts  map[Fault]int
	calls   map[string]int
}

// pack is one copy of a package.
type pack struct {
	docID, peer  string // peer: the other copy
	sent         bool   // the sender's copy
	system       string // that sent it
	kind         edxml.Kind
	from, to     string
	code, title  string
	documentID   string
	body         []byte
	created      time.Time
	status, desc string
}

// Document is what arrived under one identity.
type Document struct {
	Kind       edxml.Kind
	DocumentID string
	From, To   string
	Code, Date string           // số ký hiệu and day; of a status: of the document that it is about
	Change     edxml.Change     // of an edoc
	Reason     string           // of its change
	Status     edxml.StatusCode // of a status
	Times      int              // how often it was stored
}

// New makes an axis.
func New(o Options) *Axis {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Axis{o: o, random: mathrand.New(mathrand.NewPCG(o.Seed, 1)), packs: map[string]*pack{}, counts: map[Fault]int{}, calls: map[string]int{}}
}

// ServeHTTP implements http.Handler.
func (a *Axis) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", a.o.Now().UTC().Format(http.TimeFormat))
	if len(r.URL.Path) > 4 && r.URL.Path[:4] == "/v1/" {
		a.rest(w, r)
		return
	}
	a.vxp(w, r)
}

// Documents tells what arrived, in the order of first arrival, and how often: copies that the axis itself makes (the fault Duplicate) do not
// count.
func (a *Axis) Documents() []Document {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.arrived)
}

// Injected tells how often each fault was injected, and Calls how often each call was made.
func (a *Axis) Injected() map[Fault]int { return a.copied(a.counts) }

// Calls tells how often each call was answered or broken.
func (a *Axis) Calls() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]int{}
	for k, n := range a.calls {
		out[k] = n
	}
	return out
}

func (a *Axis) copied(m map[Fault]int) map[Fault]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[Fault]int{}
	for k, n := range m {
		out[k] = n
	}
	return out
}

// SetFaults changes the faults from now on.
func (a *Axis) SetFaults(f Faults) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.o.Faults = f
}

// Status tells how the axis sees its copy of a package; empty: it has none.
func (a *Axis) Status(docID string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.packs[docID]; p != nil {
		return p.status
	}
	return ""
}

// Inbox lists the ids of the packages that lie there for an organisation.
func (a *Axis) Inbox(organ string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, id := range a.order {
		if p := a.packs[id]; !p.sent && p.to == organ {
			out = append(out, id)
		}
	}
	return out
}

// Deliver puts a package there as if a stranger had sent it, and gives the ids of the receivers' copies.
func (a *Axis) Deliver(body []byte) ([]string, error) {
	in, err := read(body)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ids := a.put("", in, body)
	return ids, nil
}

// put stores a package and gives the id of the sender's copy and those of the receivers'. The caller holds mu.
func (a *Axis) put(system string, in incoming, body []byte) (string, []string) {
	now := a.o.Now()
	sender := &pack{docID: newID(), sent: true, system: system, kind: in.kind, from: in.from, to: in.to[0], code: in.code, title: in.title,
		documentID: in.documentID, body: body, created: now, status: "done"}
	a.keep(sender)
	var ids []string
	for i, to := range in.to {
		p := *sender
		p.docID, p.peer, p.sent, p.to, p.status = newID(), sender.docID, false, to, "initial"
		p.body = passedOn(body, "000.00.00.A00", now)
		a.keep(&p)
		ids = append(ids, p.docID)
		if i == 0 {
			sender.peer = p.docID
		}
		if a.strikes(Duplicate) {
			again := p
			again.docID = newID()
			a.keep(&again)
			ids = append(ids, again.docID)
		}
	}
	a.note(in)
	return sender.docID, ids
}

func (a *Axis) keep(p *pack) {
	a.packs[p.docID] = p
	a.order = append(a.order, p.docID)
}

func (a *Axis) note(in incoming) {
	d := Document{Kind: in.kind, DocumentID: in.documentID, From: in.from, To: in.to[0], Code: in.code, Date: in.date, Change: in.change, Reason: in.reason, Status: in.status}
	for i := range a.arrived {
		was := a.arrived[i]
		if was.Times = 0; was == d {
			a.arrived[i].Times++
			return
		}
	}
	d.Times = 1
	a.arrived = append(a.arrived, d)
}

// newID makes a UUID (RFC 9562, 5.4).
func newID() string {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand.Read never fails
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// listed gives the packages of an inbox, or of what a system sent, in no order. The caller holds mu.
func (a *Axis) listed(system string, kind edxml.Kind, sent bool) []*pack {
	var out []*pack
	for _, id := range a.order {
		p := a.packs[id]
		mine := sent && p.system == system || !sent && slices.Contains(a.o.Systems[system].Organs, p.to)
		if p.sent != sent || p.kind != kind || !mine || !sent && a.o.Forgets && (p.status == "done" || p.status == "fail") {
			continue
		}
		out = append(out, p)
	}
	a.random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	if len(out) > 0 && a.random.IntN(4) == 0 {
		out = append(out, out[0]) // a list may name a package twice
	}
	return out
}

// mine finds a package that a system may fetch. The caller holds mu.
func (a *Axis) mine(system, docID string) *pack {
	p := a.packs[docID]
	switch {
	case p == nil:
		return nil
	case p.sent && (p.system != system || a.o.Closed):
		return nil
	case !p.sent && !slices.Contains(a.o.Systems[system].Organs, p.to):
		return nil
	}
	return p
}

// known says whether somebody reads the organisation's inbox.
func (a *Axis) known(organ string) bool {
	for _, s := range a.o.Systems {
		if slices.Contains(s.Organs, organ) {
			return true
		}
	}
	return false
}

// setStatus notes what a receiver did with its copy. The caller holds mu.
func (a *Axis) setStatus(p *pack, status string) bool {
	if !slices.Contains([]string{"processing", "done", "fail"}, status) || p.sent {
		return false
	}
	if p.status != "done" {
		p.status = status
	}
	return true
}

func organOf(list []string) string { return cmp.Or(append(list, "")...) }
