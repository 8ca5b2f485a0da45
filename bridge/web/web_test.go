package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// meterConstants reads names, kinds and labels of all figures from the file that declares them, so that a new one cannot be forgotten here.
func meterConstants(t *testing.T) map[string][]string {
	t.Helper()
	src, err := os.ReadFile("../meter.go")
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), "meter.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Metric") {
			return true
		}
		name, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(strings.NewReplacer(",", " ", ":", " ").Replace(spec.Comment.Text()), " ")
		_, in, _ := strings.Cut(spec.Comment.Text(), "[")
		in, _, _ = strings.Cut(in, "]")
		in, _, _ = strings.Cut(in, ":")
		labels := strings.FieldsFunc(in, func(r rune) bool { return r == ',' || r == ' ' })
		out[name] = append([]string{kind}, labels...)
		return true
	})
	if len(out) < 10 {
		t.Fatalf("only %d figures found", len(out))
	}
	return out
}

func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestEveryFigure(t *testing.T) {
	m := NewMetrics()
	s := &Server{Metrics: m}
	want := []string{}
	for name, spec := range meterConstants(t) {
		values, pairs := []string{}, []string{}
		for _, label := range spec[1:] {
			values = append(values, "v-"+label)
			pairs = append(pairs, fmt.Sprintf(`%s="v-%s"`, label, label))
		}
		labels := ""
		if len(pairs) > 0 {
			labels = "{" + strings.Join(sorted(pairs), ",") + "}"
		}
		switch spec[0] {
		case "counter":
			m.Add(name, 2, values...)
			m.Add(name, 3, values...)
			want = append(want, name+labels+" 5")
		case "gauge":
			m.Set(name, 7, values...)
			m.Set(name, 4, values...)
			want = append(want, name+labels+" 4")
		case "histogram":
			m.Observe(name, 0.3, values...)
			inner := "" // le stands last
			if len(pairs) > 0 {
				inner = strings.Join(sorted(pairs), ",") + ","
			}
			want = append(want, name+"_count"+labels+" 1", name+"_sum"+labels+" 0.3", name+`_bucket{`+inner+`le="0.25"} 0`, name+`_bucket{`+inner+`le="0.5"} 1`)
		default:
			t.Errorf("%s is said to be a %q", name, spec[0])
		}
	}
	body := scrape(t, s.Handler())
	for _, line := range want {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("/metrics lacks %q", line)
		}
	}
	if !strings.Contains(body, "go_goroutines") {
		t.Error("/metrics says nothing of the process")
	}
}

func sorted(pairs []string) []string {
	if len(pairs) == 2 && pairs[0] > pairs[1] {
		return []string{pairs[1], pairs[0]}
	}
	return pairs
}

func TestUnknownFigure(t *testing.T) {
	m := NewMetrics()
	for what, call := range map[string]func(){
		"an unknown counter":     func() { m.Add("giaolien_other_total", 1) },
		"a gauge added to":       func() { m.Add("giaolien_open", 1, "held") },
		"a counter set":          func() { m.Set("giaolien_receipts_total", 1, "a", "b") },
		"a counter observed":     func() { m.Observe("giaolien_receipts_total", 1, "a", "b") },
		"a label too few":        func() { m.Add("giaolien_receipts_total", 1, "a") },
		"a label too many":       func() { m.Set("giaolien_open", 1, "held", "x") },
		"a counter that shrinks": func() { m.Add("giaolien_notices_total", -1, "sent") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is let through", what)
				}
			}()
			call()
		}()
	}
}

func TestTwoMetricsDoNotShare(t *testing.T) {
	a, b := NewMetrics(), NewMetrics()
	a.Set("giaolien_open", 3, "held")
	if strings.Contains(scrape(t, b.Handler()), `giaolien_open{state="held"}`) {
		t.Error("a figure of one stands in the other")
	}
}

func TestHealth(t *testing.T) {
	var problems []Problem
	s := &Server{Metrics: NewMetrics(), Health: func(ctx context.Context) []Problem {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("health is asked without a deadline")
		}
		return problems
	}}
	get := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	if w := get("GET", "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("healthy: %d %q", w.Code, w.Body)
	}
	problems = []Problem{{"database", "no answer for 10s"}, {"mailbox-silent", "vanthu/INBOX\nforged-line"}}
	w := get("GET", "/healthz")
	if w.Code != 503 || w.Body.String() != "database no answer for 10s\nmailbox-silent vanthu/INBOX forged-line\n" {
		t.Errorf("ill: %d %q", w.Code, w.Body)
	}
	if ct := w.Header().Get("Content-Type"); ct != "text/plain; charset=utf-8" {
		t.Errorf("content type %q", ct)
	}
	if w := get("HEAD", "/healthz"); w.Code != 503 {
		t.Errorf("HEAD: %d", w.Code)
	}
	if w := get("POST", "/healthz"); w.Code != 405 {
		t.Errorf("POST: %d", w.Code)
	}
	if w := get("GET", "/"); w.Code != 404 {
		t.Errorf("/: %d", w.Code)
	}
}

// TestRunStopsGracefully ends the server while a request is under way: the request is answered, and nothing is left behind.
func TestRunStopsGracefully(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	asked, answer, ready, done := make(chan struct{}), make(chan struct{}), make(chan net.Addr, 1), make(chan error, 1)
	s := &Server{
		Addr:    "127.0.0.1:0",
		Metrics: NewMetrics(),
		Ready:   func(a net.Addr) { ready <- a },
		Health: func(context.Context) []Problem {
			close(asked)
			<-answer
			return nil
		},
	}
	go func() { done <- s.Run(ctx) }()
	addr := <-ready
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-asked
	stop()
	close(answer)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || string(body) != "ok\n" {
		t.Errorf("got %d %q, %v", resp.StatusCode, body, err)
	}
	if err := <-done; err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestRunSaysWhyItCannot(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := &Server{Addr: ln.Addr().String(), Metrics: NewMetrics()}
	err = s.Run(t.Context())
	var op *net.OpError
	if !errors.As(err, &op) || !strings.Contains(err.Error(), ln.Addr().String()) {
		t.Errorf("got %v", err)
	}
}
