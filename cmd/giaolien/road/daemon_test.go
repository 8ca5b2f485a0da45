package road

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// edit changes the site's configuration.
func (s *site) edit(pairs ...string) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !bytes.Contains(text, []byte(pairs[i])) {
			s.t.Fatalf("the configuration does not say %q", pairs[i])
		}
	}
	s.write("config.toml", strings.NewReplacer(pairs...).Replace(string(text)))
}

// daemon is a running serve.
type daemon struct {
	t    testing.TB
	cmd  *exec.Cmd
	said bytes.Buffer // its diagnostics; read only after it has ended
	http string
	over bool
}

// serve starts the daemon with /healthz on an address of its own.
func (s *site) serve() *daemon {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	d := &daemon{t: s.t, http: l.Addr().String()}
	if err := l.Close(); err != nil {
		s.t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "config.toml"))
	if err != nil {
		s.t.Fatal(err)
	}
	listen := regexp.MustCompile(`(?m)^\[http\]\nlisten = .*$`)
	s.write("config.toml", listen.ReplaceAllString(string(text), fmt.Sprintf("[http]\nlisten = %q", d.http)))
	d.cmd = s.command("serve")
	d.cmd.Stderr = &d.said
	if err := d.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if !d.over {
			_ = d.cmd.Process.Kill() // the test has failed before its end
			_ = d.cmd.Wait()
		}
	})
	until(s.t, "the daemon answers where the configuration says", func() bool { // the next one that is started changes it
		code, _ := d.health()
		return code != 0
	})
	return d
}

// patience ends a test that would hang. It measures nothing: a machine that is busy with other things may take most of it.
const patience = 3 * time.Minute

// termination is how long a service manager waits before it kills (TimeoutStopSec of packaging/giaolien.service).
const termination = time.Minute

// stop ends the daemon as a service manager does, and wants it to end well and before it would be killed.
func (d *daemon) stop() {
	d.t.Helper()
	begun := time.Now()
	d.signal(syscall.SIGTERM)
	d.over = true
	if err := d.cmd.Wait(); err != nil {
		d.t.Errorf("daemon: %v\n%s", err, d.said.String())
	}
	if took := time.Since(begun); took > termination {
		d.t.Errorf("the daemon ended %v after SIGTERM, want at most %v", took, termination)
	}
}

func (d *daemon) signal(sig os.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Fatal(err)
	}
}

// health is the answer of /healthz; 0 while there is none.
func (d *daemon) health() (int, string) {
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Get("http://" + d.http + "/healthz")
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

// until waits for something to become true, or ends the test.
func until(t testing.TB, what string, true func() bool) {
	t.Helper()
	begun := time.Now()
	for !true() {
		if time.Since(begun) > patience {
			t.Fatalf("not within %v: %s", patience, what)
		}
		time.Sleep(2 * time.Millisecond) // between two looks
	}
	t.Logf("after %v: %s", time.Since(begun).Round(time.Millisecond), what)
}

// number asks the site's PostgreSQL for one.
func (s *site) number(query string) (n int) {
	s.t.Helper()
	db, err := sql.Open("postgres", s.database)
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
