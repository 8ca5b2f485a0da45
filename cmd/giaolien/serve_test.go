package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/giaolien/giaolien/cmd/giaolien/demo"
)

// daemon is a running `giaolien serve` and its log.
type daemon struct {
	t   *testing.T
	cmd *exec.Cmd
	log *bufio.Scanner
}

// expect reads the log up to the next line with this message. The process is killed when that takes a minute, which ends the log.
func (d *daemon) expect(message string) map[string]any {
	d.t.Helper()
	for d.log.Scan() {
		line := map[string]any{}
		if strings.HasPrefix(d.log.Text(), "{") {
			if err := json.Unmarshal(d.log.Bytes(), &line); err != nil {
				d.t.Fatalf("log line %q: %v", d.log.Text(), err)
			}
		}
		if line["msg"] == message {
			return line
		}
	}
	d.t.Fatalf("the log ended without %q", message)
	return nil
}

func (d *daemon) signal(s os.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(s); err != nil {
		d.t.Fatal(err)
	}
}

// The daemon does the whole road by itself, takes over rules when they are activated and not before, and stops in order.
func TestServe(t *testing.T) {
	stage, err := demo.Start(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a guard, not a measurement
	defer cancel()
	if out, err := exec.CommandContext(ctx, "giaolien", "-c", stage.Config, "db", "migrate").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	d := &daemon{t: t, cmd: exec.CommandContext(ctx, "giaolien", "-c", stage.Config, "serve")}
	log, err := d.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.log = bufio.NewScanner(log)
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer d.cmd.Wait() // again, when a check above the first has ended the test
	defer cancel()

	first := d.expect("giaolien is watching")["knowledge"]
	for range 7 {
		d.expect("notice sent")
	}
	if n := len(stage.Caught()); n != 7 {
		t.Errorf("%d notices arrived, want 7", n)
	}

	rules := filepath.Join(stage.Dir, "rules.toml")
	text, err := os.ReadFile(rules)
	if err != nil {
		t.Fatal(err)
	}
	activate := func() (string, error) {
		out, err := exec.CommandContext(ctx, "giaolien", "-c", stage.Config, "rules", "activate", "--reason", "thử", "--by", "lan").CombinedOutput()
		return string(out), err
	}
	rewrite(t, rules, strings.Replace(string(text), `default  = "accept"`, `default  = "perhaps"`, 1))
	if out, err := activate(); err == nil || !strings.Contains(out, "rules.toml:3: default: ") {
		t.Errorf("a broken file: %v, %s", err, out)
	}
	rewrite(t, rules, strings.Replace(string(text), `default  = "accept"`, `default  = "hold"`, 1))
	d.signal(syscall.SIGHUP)
	if line := d.expect("rules and directory taken over"); line["knowledge"] != first {
		t.Error("a changed file was used without being activated")
	}
	if out, err := activate(); err != nil {
		t.Errorf("activate: %v, %s", err, out)
	}
	if line := d.expect("rules and directory taken over"); line["knowledge"] == first {
		t.Error("the activated rules were not taken over")
	}

	d.signal(syscall.SIGTERM)
	d.expect("giaolien has stopped")
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("asked to stop, it ended with %v", err)
	}
	if left, err := os.ReadDir(filepath.Join(stage.Dir, "data", "inhand")); err != nil || len(left) != 0 {
		t.Errorf("%d hand files are left, error %v", len(left), err)
	}
	if n := len(stage.Caught()); n != 7 {
		t.Errorf("%d notices arrived in the end, want 7", n)
	}
}
