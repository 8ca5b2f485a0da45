package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/cmd/giaolien/demo"
)

// In the scripts `giaolien` is this program as a process of its own: with its exit code, its streams and its process number.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" && filepath.Base(os.Args[0]) != "giaolien" { // of the program inside this test
		main()
	}
	testscript.Main(m, map[string]func(){"giaolien": main})
}

// TestScripts runs testdata/*.txt: each tells what a person does with the program, and what they see. The commands below are known to
// the scripts beside those of testscript.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			e.Values[stageKey{}] = new([]*demo.Stage)
			e.Setenv("YEAR", time.Now().In(vietnam).Format("2006"))                          // of the receipts
			e.Setenv("MONTH", time.Now().Add(-15*time.Minute).In(vietnam).Format("2006-01")) // of the cutoff, see demo.Start
			e.Setenv("STAMP", time.Now().In(vietnam).Format("2006-01-02T15:04"))
			e.Setenv("GORACE", "atexit_sleep_ms=10") // with the race detector every process would stay a second longer
			return nil
		},
		Condition: scriptCondition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"capture": scriptCapture, "caught": scriptCaught, "deliver": scriptDeliver, "edit": scriptEdit, "exit": scriptExit,
			"grow": scriptGrow, "json": scriptJSON, "mail": scriptMail, "pdf": scriptPDF, "png": scriptPNG, "replace": scriptReplace, "spoil": scriptSpoil, "stage": scriptStage, "zip": scriptZip,
		}})
}

// want checks how a command was called.
func want(ts *testscript.TestScript, neg bool, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

// scriptExit runs a program that must end with this exit code: 1 and 2 mean different things (CLI.md).
func scriptExit(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "exit CODE PROGRAM ARG...")
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("ended with exit code %d, want %s", code, args[0])
	}
}

// stageKey names the demo's world among the values of a script.
type stageKey struct{}

// scriptStage starts the demo's servers for as long as the script runs, with their configuration and an empty database in DIR, and makes
// that the configuration of all further commands.
func scriptStage(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "stage DIR")
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	s, err := demo.Start(dir, time.Now())
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.Close()) })
	stages := ts.Value(stageKey{}).(*[]*demo.Stage)
	*stages = append(*stages, s)
	ts.Setenv("GIAOLIEN_CONFIG", s.Config)
	ts.Check(ts.Exec("giaolien", "db", "migrate"))
}

// stageOf is the stage that the script has started last.
func stageOf(ts *testscript.TestScript) *demo.Stage {
	stages := *ts.Value(stageKey{}).(*[]*demo.Stage)
	if len(stages) == 0 {
		ts.Fatalf("no stage; the command stage starts one")
	}
	return stages[len(stages)-1]
}

// scriptCaught writes all notices that the stage's submission server has taken so far into FILE, one after the other.
func scriptCaught(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "caught FILE")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Join(stageOf(ts).Caught(), nil), 0o600))
}

// scriptDeliver puts a message into the inbox of one of the stage's mailboxes.
func scriptDeliver(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "deliver MAILBOX FILE")
	cfg, err := readConfig(stageOf(ts).Config)
	ts.Check(err)
	raw := ts.ReadFile(args[1])
	for _, m := range cfg.Mailboxes {
		if m.Name != args[0] {
			continue
		}
		password, err := readSecret(m.PasswordFile, "")
		ts.Check(err)
		c, err := imapclient.DialInsecure(m.Host+":"+strconv.Itoa(m.Port), nil)
		ts.Check(err)
		ts.Check(c.Login(m.User, password).Wait())
		w := c.Append("INBOX", int64(len(raw)), nil)
		_, err = w.Write([]byte(raw))
		ts.Check(errors.Join(err, w.Close()))
		_, err = w.Wait()
		ts.Check(errors.Join(err, c.Logout().Wait(), c.Close()))
		return
	}
	ts.Fatalf("no mailbox %s", args[0])
}

// scriptEdit replaces a text, which must be there, wherever it stands in FILE. \n stands for the end of a line.
func scriptEdit(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "edit FILE OLD NEW")
	text, lines := ts.ReadFile(args[0]), strings.NewReplacer(`\n`, "\n")
	before, after := lines.Replace(args[1]), lines.Replace(args[2])
	if !strings.Contains(text, before) {
		ts.Fatalf("%s does not contain %q", args[0], before)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, before, after)), 0o600))
}

// scriptGrow lengthens FILE with lines to SIZE bytes.
func scriptGrow(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "grow FILE SIZE")
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	line := strings.Repeat("x", 70) + "\r\n"
	text += strings.Repeat(line, max(0, size-len(text))/len(line)+1)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// scriptCapture sets NAME to what the group of PATTERN matched in the last standard output.
func scriptCapture(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "capture NAME 'PATTERN(group)'")
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	found := re.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("%#q with one group not found in stdout", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// scriptJSON compares a value of a file of JSON values, one after the other. PATH begins with the number of the value, from 0: "0.documents.0.so".
// A text is compared as it is, everything else in its compact JSON form. With ! the value must be there and differ.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, false, len(args) == 3, "[!] json FILE PATH VALUE")
	var all []any
	for d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))); d.More(); {
		var v any
		ts.Check(d.Decode(&v))
		all = append(all, v)
	}
	var v any = all
	for key := range strings.SplitSeq(args[1], ".") {
		v = member(ts, v, key)
	}
	got, isText := v.(string)
	if !isText {
		b, err := json.Marshal(v)
		ts.Check(err)
		got = string(b)
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

func member(ts *testscript.TestScript, v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		if m, ok := v[key]; ok {
			return m
		}
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i < len(v) {
			return v[i]
		}
	}
	ts.Fatalf("nothing at %s", key)
	return nil
}

// scriptZip packs files, under the names as given.
func scriptZip(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "zip ARCHIVE FILE...")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range args[1:] {
		w, err := z.Create(filepath.ToSlash(name))
		ts.Check(err)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

// scriptSpoil leaves a receipt as three tries that broke the reader would: failed, and waiting for a person. The tries themselves are
// bridge's and store's to test, and rest for half a minute between them.
func scriptSpoil(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "spoil RECEIPT")
	cfg, err := readConfig(stageOf(ts).Config)
	ts.Check(err)
	ctx := context.Background()
	s, err := store.Open(ctx, databaseURL(cfg), store.Options{})
	ts.Check(err)
	defer s.Close()
	ts.Check(s.Amend(ctx, args[0], bridge.Amendment{Kind: bridge.Amend, Reason: "thử lại", By: "spoil"}))
	tasks, err := s.ClaimTasks(ctx, "spoil", 10, time.Minute)
	ts.Check(err)
	if len(tasks) != 1 {
		ts.Fatalf("%d receipts are due, want the one", len(tasks))
	}
	tasks[0].Job.Attempt = 3
	ts.Check(s.FailTask(ctx, tasks[0], "the message breaks the reader", false))
}

// scriptReplace replaces every OLD in FILE by NEW, in which \n is a line end.
func scriptReplace(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "replace FILE OLD NEW")
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))), 0o600))
}
