package outbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// receiverSystem is a document system with a webhook: it checks the signature as docs/webhook.md says, and stores each delivery once.
type receiverSystem struct {
	t      *testing.T
	clock  *clock
	secret string

	mu     sync.Mutex // guards what follows
	bodies map[string]hookBody
	order  map[string][]int // sequences by record, in the order in which they were stored
	calls  int
	fault  func(w http.ResponseWriter, r *http.Request, store func()) bool // true: it has answered
}

func newSystem(t *testing.T, c *clock) (*receiverSystem, *httptest.Server) {
	s := &receiverSystem{t: t, clock: c, secret: "khoa-bi-mat", bodies: map[string]hookBody{}, order: map[string][]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server
}

func (s *receiverSystem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if !verified(s.secret, r.Header, body, s.clock.now()) {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	var b hookBody
	if err := json.Unmarshal(body, &b); err != nil || b.Delivery != r.Header.Get("Idempotency-Key") {
		s.t.Errorf("the body is no delivery: %v", err)
	}
	known := false
	store := func() {
		if _, known = s.bodies[b.Delivery]; !known {
			s.bodies[b.Delivery] = b
			s.order[b.Record] = append(s.order[b.Record], b.Sequence)
		}
	}
	if s.fault != nil && s.fault(w, r, store) {
		return
	}
	store()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	status := http.StatusOK
	if known {
		status = http.StatusConflict
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"accepted":true,"id":"vb-%s","delivery":%q}`, b.Record, b.Delivery)
}

// verified is the receiver's side of the scheme, as the documentation has it.
func verified(secret string, h http.Header, body []byte, now time.Time) bool {
	stamp := h.Get("Giaolien-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if age := now.Sub(time.Unix(seconds, 0)); err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	for given := range strings.SplitSeq(h.Get("Giaolien-Signature"), ",") {
		sum, err := hex.DecodeString(strings.TrimPrefix(given, "v1="))
		if err == nil && hmac.Equal(sum, mac.Sum(nil)) {
			return true
		}
	}
	return false
}

func hook(t *testing.T, c *clock, url string, change ...func(*WebhookOptions)) *Webhook {
	t.Helper()
	o := WebhookOptions{Name: "qlvb", URL: url + "/hook", Hosts: []string{"127.0.0.1"}, Addresses: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Now: c.now,
		Secrets: func(context.Context) ([]string, error) { return []string{"khoa-bi-mat"}, nil }}
	for _, f := range change {
		f(&o)
	}
	w, err := NewWebhook(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWebhookFaults: 200 records under 30 % faults, of the target and of our own database, arrive once each and in order, by two daemons.
func TestWebhookFaults(t *testing.T) {
	o := newOffice(t)
	s, server := newSystem(t, o.clock)
	r := rand.New(rand.NewPCG(7, 7))
	cut := func(w http.ResponseWriter) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			err = c.Close()
		}
		if err != nil {
			t.Error(err)
		}
	}
	answer := func(w http.ResponseWriter, status int, kind, body string) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			t.Log(err) // the caller may be gone
		}
	}
	faults := []func(http.ResponseWriter){
		cut,
		func(w http.ResponseWriter) { answer(w, 500, "text/html", "<html>lỗi") },
		func(w http.ResponseWriter) { answer(w, 200, "text/html", "<html>đăng nhập</html>") },
		func(w http.ResponseWriter) { answer(w, 200, "application/json", `{"accepted":tr`) },
		func(w http.ResponseWriter) { answer(w, 200, "application/json", "") },
		func(w http.ResponseWriter) { answer(w, 200, "application/json", `{"accepted":false,"id":"1"}`) },
		func(w http.ResponseWriter) { answer(w, 202, "application/json", `{"accepted":true}`) },
		func(w http.ResponseWriter) { answer(w, 302, "text/html", "") },
		func(w http.ResponseWriter) { answer(w, 503, "application/json", `{"message":"bận"}`) },
		func(w http.ResponseWriter) { w.Header().Set("Retry-After", "120"); answer(w, 429, "text/plain", "") },
		func(w http.ResponseWriter) { answer(w, 408, "text/plain", "") },
		func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "500")
			answer(w, 200, "application/json", `{"accepted":true,"id":"1"`)
		},
	}
	s.fault = func(w http.ResponseWriter, _ *http.Request, store func()) bool {
		if r.Float64() >= 0.3 {
			return false
		}
		if r.IntN(2) == 0 { // failed, but done
			store()
		}
		faults[r.IntN(len(faults))](w)
		return true
	}
	ids := o.register(1, 200, "qlvb")
	first := o.deliverer(hook(t, o.clock, server.URL), unsteadily(o.store, 1))
	second := o.deliverer(hook(t, o.clock, server.URL), unsteadily(o.open(), 2))
	second.Owner = "daemon-2"
	first.GiveUp, second.GiveUp = 10_000*time.Hour, 10_000*time.Hour
	o.untilDone(first, second)
	for i, id := range ids[:40] {
		o.retitle(id, i+1, "Báo cáo đã sửa", "qlvb")
	}
	o.untilDone(first, second)
	if got := o.counts(); got["sent"] != 240 || len(got) != 1 {
		t.Fatalf("deliveries stand at %v", got)
	}
	if len(s.bodies) != 240 || s.calls <= 240 {
		t.Fatalf("%d deliveries in the document system after %d calls", len(s.bodies), s.calls)
	}
	for i, id := range ids {
		want := "[1]"
		if i < 40 {
			want = "[1 2]"
		}
		if got := fmt.Sprint(s.order[id+"/1"]); got != want {
			t.Errorf("record %s came as %s, want %s", id, got, want)
		}
	}
}

// TestWebhookBody: what is told, with the files in the body as far as they fit.
func TestWebhookBody(t *testing.T) {
	o := newOffice(t)
	s, server := newSystem(t, o.clock)
	id := o.register(12, 12, "qlvb")[0]
	d := o.deliverer(hook(t, o.clock, server.URL, func(w *WebhookOptions) { w.Embed = 1 << 20 }), o.store)
	if n, err := d.Drain(t.Context()); err != nil || n.Sent != 1 {
		t.Fatalf("drained %+v, %v", n, err)
	}
	b := s.bodies[id+"/1.qlvb.1"]
	sum := sha256.Sum256(file(12))
	if b.Event != bridge.DispatchRegistered || b.Register.SoDen != "1/2026" || b.Register.Number != 1 || b.Receiver != receiver || b.Sender.Code != "H50.09" ||
		b.Document.SoHieu != "12/SNV-VP" || b.DocumentID != "H50.09,2026/11/18,12/SNV-VP" || b.Arrived != "2026-11-20T01:00:00Z" || len(b.Files) != 1 ||
		b.Files[0].SHA256 != hex.EncodeToString(sum[:]) || b.Files[0].Content != base64.StdEncoding.EncodeToString(file(12)) {
		t.Fatalf("told was %+v", b)
	}
	o.register(13, 13, "qlvb")
	d = o.deliverer(hook(t, o.clock, server.URL, func(w *WebhookOptions) { w.Embed = 3 }), o.store)
	if n, err := d.Drain(t.Context()); err != nil || n.Sent != 1 {
		t.Fatalf("drained %+v, %v", n, err)
	}
	for key, b := range s.bodies {
		if !strings.HasPrefix(key, id) && b.Files[0].Content != "" {
			t.Errorf("a file over the bound went along: %+v", b.Files)
		}
	}
}

// TestWebhookRotation: while a receiver changes over, both keys sign.
func TestWebhookRotation(t *testing.T) {
	o := newOffice(t)
	s, server := newSystem(t, o.clock)
	o.register(1, 2, "qlvb")
	keys := []string{"khoa-moi"}
	w := hook(t, o.clock, server.URL, func(w *WebhookOptions) {
		w.Secrets = func(context.Context) ([]string, error) { return keys, nil }
	})
	d := o.deliverer(w, o.store)
	if _, err := d.Drain(t.Context()); !errors.Is(err, errTarget) || len(s.bodies) != 0 || o.alarmed() != "delivery-unreachable:qlvb" {
		t.Fatalf("a wrong key gave %v, alarms %s", err, o.alarmed())
	}
	keys = []string{"khoa-moi", "khoa-bi-mat"}
	o.untilDone(d)
	if len(s.bodies) != 2 || o.counts()["dead"] != 0 || len(o.clears) == 0 {
		t.Fatalf("%d arrived, %v, cleared %v", len(s.bodies), o.counts(), o.clears)
	}
}

// TestSignature is the example of docs/webhook.md.
func TestSignature(t *testing.T) {
	const secret, stamp, body = "khoa-vi-du", "1795142400", `{"version":1,"delivery":"GL-2026-0000123/1.qlvb.1"}`
	got := Sign(secret, stamp, []byte(body))
	doc, err := os.ReadFile("../../docs/webhook.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{secret, stamp, body, got} {
		if !strings.Contains(string(doc), part) {
			t.Errorf("docs/webhook.md lacks %s", part)
		}
	}
}

// TestHookAnswers: taken is only what says in JSON that it is stored.
func TestHookAnswers(t *testing.T) {
	const id, json = "GL-2026-0000001/1.qlvb.1", "application/json"
	for _, c := range []struct {
		name         string
		status       int
		kind, body   string
		remote, code string
		final, shut  bool
	}{
		{"stored", 200, json, `{"accepted":true,"id":"9"}`, "9", "", false, false},
		{"stored, id a number", 201, json, `{"accepted":true,"id":42}`, "42", "", false, false},
		{"stored, echoed", 202, json, `{"accepted":true,"id":"9","delivery":"` + id + `"}`, "9", "", false, false},
		{"another delivery", 200, json, `{"accepted":true,"id":"9","delivery":"x"}`, "", "webhook-answer", false, false},
		{"no id", 200, json, `{"accepted":true}`, "", "webhook-answer", false, false},
		{"id is null", 200, json, `{"accepted":true,"id":null}`, "", "webhook-answer", false, false},
		{"accepted is a text", 200, json, `{"accepted":"true","id":"9"}`, "", "webhook-answer", false, false},
		{"not accepted", 200, json, `{"accepted":false,"id":"9"}`, "", "webhook-answer", false, false},
		{"no json", 200, "text/html", `{"accepted":true,"id":"9"}`, "", "webhook-answer", false, false},
		{"html", 200, json, `<html>`, "", "webhook-answer", false, false},
		{"nothing", 204, "", ``, "", "webhook-answer", false, false},
		{"too long", 200, json, `{"accepted":true,"id":"9","message":"` + strings.Repeat("x", 1<<20) + `"}`, "", "webhook-answer", false, false},
		{"there already", 409, json, `{"id":"9","delivery":"` + id + `"}`, "9", "", false, false},
		{"conflict", 409, json, `{"id":"9","delivery":"x"}`, "", "webhook-409", true, false},
		{"conflict in html", 409, "text/html", `có rồi`, "", "webhook-409", true, false},
		{"redirect", 307, json, `{"accepted":true,"id":"9"}`, "", "webhook-307", false, true},
		{"not modified", 304, json, ``, "", "webhook-304", false, true},
		{"refused", 422, json, `{"message":"thiếu trích yếu"}`, "", "webhook-422", true, false},
		{"bad request", 400, "text/html", `<html>`, "", "webhook-400", true, false},
		{"too large", 413, "", ``, "", "webhook-413", true, false},
		{"login", 401, json, `{}`, "", "webhook-401", false, true},
		{"wrong path", 404, "text/html", ``, "", "webhook-404", false, true},
		{"time out", 408, "", ``, "", "webhook-408", false, false},
		{"too early", 425, "", ``, "", "webhook-425", false, false},
		{"too many", 429, "", ``, "", "webhook-429", false, false},
		{"broken", 500, json, `{"accepted":true,"id":"9"}`, "", "webhook-500", false, false},
		{"away", 503, json, ``, "", "webhook-503", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			resp := &http.Response{StatusCode: c.status, Header: http.Header{"Content-Type": {c.kind}, "Retry-After": {"7"}}, Body: io.NopCloser(strings.NewReader(c.body))}
			reply, err := judgeHook(id, resp, time.Unix(0, 0))
			if reply.RemoteID != c.remote || (err == nil) != (c.remote != "") {
				t.Fatalf("got %+v, %v", reply, err)
			}
			if err == nil {
				return
			}
			e, ok := errors.AsType[*bridge.TargetError](err)
			if !ok || e.Code != c.code || e.Shut != c.shut || errors.Is(err, bridge.ErrPermanent) != c.final || e.After != 7*time.Second {
				t.Fatalf("got %+v", e)
			}
			if strings.Contains(c.body, "thiếu trích yếu") && !strings.Contains(e.Reply, "thiếu trích yếu") {
				t.Errorf("the answer's words are lost: %q", e.Reply)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{"": 0, "x": 0, "-1": 0, "90": 90 * time.Second, "Fri, 20 Nov 2026 01:02:00 GMT": 2 * time.Minute,
		"Fri, 20 Nov 2020 01:02:00 GMT": 0, "99999999999999": 0} {
		if got := retryAfter(v, now); got != want {
			t.Errorf("%q is %s, want %s", v, got, want)
		}
	}
	for _, c := range []struct {
		attempt int
		after   time.Duration
		want    time.Duration
	}{{1, 0, 5 * time.Second}, {2, 10 * time.Second, 30 * time.Second}, {1, 2 * time.Minute, 2 * time.Minute}, {1, 48 * time.Hour, time.Hour}, {99, 0, time.Hour}} {
		if got := deliveryBackoff(c.attempt, &bridge.TargetError{After: c.after, Err: errTarget}); got != c.want {
			t.Errorf("after try %d and %s it waits %s, want %s", c.attempt, c.after, got, c.want)
		}
	}
}
