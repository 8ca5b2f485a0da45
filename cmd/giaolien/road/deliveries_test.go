package road

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
)

// system is a document system with a webhook that fails three times in ten, half of these after it has stored what it was told.
type system struct {
	t  testing.TB
	mu sync.Mutex
	r  *rand.Rand // guarded by mu
	// guarded by mu: how often each delivery was stored, and the register numbers that came
	stored map[string]int
	number map[string]string
	calls  int
}

func (s *system) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var told struct {
		Delivery string `json:"delivery"`
		Register struct {
			SoDen string `json:"so_den"`
		} `json:"register"`
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &told)
	}
	if err != nil {
		return // cut off by a kill
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	fails, done := s.r.Float64() < 0.3, s.r.IntN(2) == 0
	_, known := s.number[told.Delivery]
	if (!fails || done) && !known {
		s.stored[told.Delivery]++
		s.number[told.Delivery] = told.Register.SoDen
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case fails && s.r.IntN(2) == 0:
		w.WriteHeader(http.StatusBadGateway)
	case fails:
		w.Header().Set("Content-Type", "text/html")
	case known:
		w.WriteHeader(http.StatusConflict)
	}
	if fails {
		_, err = io.WriteString(w, "<html>bảo trì</html>")
	} else {
		_, err = fmt.Fprintf(w, `{"accepted":true,"id":"vb","delivery":%q}`, told.Delivery)
	}
	if err != nil {
		s.t.Log(err) // whoever asked is gone
	}
}

func (s *system) arrived() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.number)
}

// TestDeliveries: a document system with 30 % faults, two daemons, one of them killed, a database whose answers get lost: every registered
// record is there once, under its number.
func TestDeliveries(t *testing.T) {
	const n = 60
	s := newSite(t, options{postgres: true, poll: "5s"})
	hook := &system{t: t, r: rand.New(rand.NewPCG(5, 5)), stored: map[string]int{}, number: map[string]string{}}
	server := httptest.NewServer(hook)
	defer server.Close()
	s.write("khoa", "khoa-ky\n")
	s.edit("[identity]", fmt.Sprintf("[[target]]\nname = \"qlvb\"\nkind = \"webhook\"\nurl = %q\nhosts = [\"127.0.0.1\"]\naddresses = [\"127.0.0.1\"]\nsecret_file = \"khoa\"\n[identity]", server.URL))
	h := s.digHole()
	first, second := s.serve(), s.serve()
	filled := 0
	more := func(what string) { // what a dead daemon had in hand waits for its lease, so each time there is new mail
		before := hook.arrived()
		s.fill(16, filled, n/3)
		filled += n / 3
		until(t, what, func() bool { return hook.arrived() >= before+n/6 })
	}
	more("the first are there")
	first.signal(os.Kill)
	first.over = true
	_ = first.cmd.Wait() // it was killed
	more("more are there")
	h.silence()
	until(t, "the daemon is no longer healthy", func() bool { code, _ := second.health(); return code != http.StatusOK })
	h.cut()
	more("most are there")
	second.stop()
	s.fillHole(h)
	registered := 0
	until(t, "nothing is queued", func() bool {
		if ids := s.queued(); len(ids) > 0 {
			s.run(append([]string{"deliveries", "retry"}, ids...)...) // they need not wait for their next try
		}
		cmd := s.command("drain", "--json") // it fails when the document system does
		out, err := cmd.Output()
		var c struct {
			Receipts   map[string]int `json:"receipts"`
			Deliveries map[string]int `json:"deliveries"`
		}
		if jerr := json.Unmarshal(out, &c); jerr != nil {
			t.Fatalf("drain: %v, %v", err, jerr)
		}
		registered = c.Receipts["registered"]
		return c.Deliveries["queued"] == 0 && c.Receipts["waiting"] == 0
	})
	if registered < n*8/10 || len(hook.number) != registered {
		t.Errorf("%d are registered, %d are in the document system", registered, len(hook.number))
	}
	numbers := map[string]bool{}
	for id, soDen := range hook.number {
		if hook.stored[id] != 1 || numbers[soDen] {
			t.Errorf("%s was stored %d times as %s", id, hook.stored[id], soDen)
		}
		numbers[soDen] = true
	}
	t.Logf("%d records in %d calls", registered, hook.calls)
}

// queued are the ids of the deliveries that are not made yet.
func (s *site) queued() []string {
	s.t.Helper()
	var ids []string
	for lines := bufio.NewScanner(bytes.NewReader(s.run("deliveries", "list", "--state", "queued", "--json"))); lines.Scan(); {
		var d struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	return ids
}
