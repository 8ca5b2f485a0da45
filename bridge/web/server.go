package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Problem is one thing that keeps the program from doing its work. Code is stable, Text is for the administrator and quotes no mail.
type Problem struct {
	Code string
	Text string
}

// Server serves /healthz and /metrics. It has no pages for people yet and therefore no login: Addr is meant to be a loopback address, which
// bridge/config sees to.
type Server struct {
	Addr    string
	Metrics *Metrics
	// Health lists what is wrong now. It is asked for every /healthz and must answer before its context ends.
	Health func(context.Context) []Problem
	// Ready, when set, is told the address once the server listens (port 0 lets the system choose).
	Ready func(net.Addr)
}

const (
	healthTimeout   = 5 * time.Second
	shutdownTimeout = 5 * time.Second
)

// Run serves until ctx ends, then finishes the requests that are under way and returns nil. An address that cannot be had is an error.
func (s *Server) Run(ctx context.Context) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("listen on http address %s: %w", s.Addr, err)
	}
	if s.Ready != nil {
		s.Ready(ln.Addr())
	}
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve http on %s: %w", s.Addr, err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		err = errors.Join(err, server.Close())
		<-served
		return fmt.Errorf("stop http server: %w", err)
	}
	<-served
	return nil
}

// Handler has all routes.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", s.Metrics.Handler())
	return mux
}

// health answers 200 and "ok", or 503 and one line for each problem: its code, then what it is about.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	status, body := http.StatusOK, "ok\n"
	if problems := s.Health(ctx); len(problems) > 0 {
		status = http.StatusServiceUnavailable
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = oneLine(p.Code+" "+p.Text) + "\n"
		}
		body = strings.Join(lines, "")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // nobody is left to tell when the client has gone
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
