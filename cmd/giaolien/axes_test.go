package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// axisSite is an installation with a fake axis beside it.
type axisSite struct {
	t      *testing.T
	config string
	axis   *fake.Axis
}

// run runs the program and gives what it prints on standard output.
func (s axisSite) run(want int, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute) // a guard, not a measurement
	defer cancel()
	var out, diagnostics bytes.Buffer
	if code := run(ctx, append([]string{"-c", s.config}, args...), streams{in: strings.NewReader(""), out: &out, err: &diagnostics}); code != want {
		s.t.Fatalf("giaolien %s ended with %d:\n%s%s", strings.Join(args, " "), code, &out, &diagnostics)
	}
	return out.String()
}

func newAxisSite(t *testing.T, more string) axisSite {
	t.Helper()
	dir := t.TempDir()
	s := axisSite{t: t, config: filepath.Join(dir, "config.toml"), axis: fake.New(fake.Options{MaxSkew: time.Minute,
		Systems: map[string]fake.System{"giaolien.h50": {Secret: "khoa-bi-mat", Organs: []string{"H50.12", "000.00.12.H50"}}},
		Agencies: []directory.Listed{{ID: "1", Code: "H50.12", Old: "000.00.12.H50", Name: "Sở Khoa học và Công nghệ"}, {ID: "2", Code: "H50.34", Name: "Sở Nội vụ"},
			{ID: "3", Code: "H50.77", Name: "Sở Tư pháp"}}})}
	server := httptest.NewServer(s.axis)
	t.Cleanup(server.Close)
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("axis.key", "khoa-bi-mat\n")
	put("rules.toml", "title = \"Thử\"\ntimezone = \"Asia/Ho_Chi_Minh\"\ndefault = \"accept\"\n")
	put("agencies.csv", "id,code,aliases,name\nsokhcn,H50.12,000.00.12.H50,Sở Khoa học và Công nghệ\nsnv,H50.34,,Sở Nội vụ\n")
	put("config.toml", fmt.Sprintf("[http]\nlisten = \"\"\n[reading]\nenabled = false\n[[agency]]\nid = \"sokhcn\"\nname = \"Sở Khoa học và Công nghệ\"\ncode = \"H50.12\"\nfrom = \"vanthu.sokhcn@quangtri.gov.vn\"\n"+
		"[[axis]]\nname = \"truc\"\nurl = %q\nsystem_id = \"giaolien.h50\"\nsecret_file = \"axis.key\"\nreceive = true\nack = true\nstart = 2026-01-01\n%s", server.URL, more))
	return s
}

// edoc is a document of another agency as a package to a code.
func edoc(t *testing.T, number, to string) []byte {
	t.Helper()
	contents := "%PDF-1.7 " + number
	e := edxml.Edoc{From: edxml.Organ{ID: "H50.34", Name: "Sở Nội vụ"}, To: []edxml.Organ{{ID: to, Name: "Sở Khoa học và Công nghệ"}}, DocumentID: "H50.34,2026/11/20," + number + "/SNV-VP",
		Number: number, Notation: "SNV-VP", Date: "2026-11-20", Type: edxml.DocumentType{Number: 2, Detail: 18, Name: "Công văn"}, Subject: "Về việc thử nghiệm",
		Trace: []edxml.Hop{{OrganID: "H50.34", At: time.Now()}}, Files: []edxml.File{{ContentID: "1", Name: "a.pdf", Size: int64(len(contents))}}}
	var b bytes.Buffer
	if err := edxml.Encode(&b, e, func(int) (io.Reader, error) { return strings.NewReader(contents), nil }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDrainTakesPackagesOfTheAxis takes packages in by our code and by an older one, once, and gives up on a person's word only.
func TestDrainTakesPackagesOfTheAxis(t *testing.T) {
	s := newAxisSite(t, "")
	s.run(exitDone, "db", "migrate")
	if out := s.run(exitDone, "check"); !strings.Contains(out, "ok    axis truc\n") {
		t.Errorf("check says\n%s", out)
	}
	for _, p := range [][]byte{edoc(t, "1", "H50.12"), edoc(t, "2", "000.00.12.H50")} {
		if _, err := s.axis.Deliver(p); err != nil {
			t.Fatal(err)
		}
	}
	for want := 2; want >= 0; want -= 2 {
		var d drained
		out := s.run(exitDone, "drain", "--json")
		if err := json.NewDecoder(strings.NewReader(out)).Decode(&d); err != nil {
			t.Fatalf("%v:\n%s", err, out)
		}
		if d.Fetched != want || d.Left != 0 || d.Receipts["waiting"] != 0 {
			t.Errorf("drained %+v", d)
		}
	}
	if out := s.run(exitDone, "axis", "list", "truc"); out != "" {
		t.Errorf("still in the inbox:\n%s", out)
	}
	ids, err := s.axis.Deliver(edoc(t, "3", "H50.12"))
	if err != nil {
		t.Fatal(err)
	}
	if out := s.run(exitDone, "axis", "list", "truc"); !strings.Contains(out, ids[0]) || !strings.Contains(out, "chưa nhận") {
		t.Errorf("the inbox shows\n%s", out)
	}
	s.run(exitDone, "axis", "fail", "truc", ids[0])
	if s.axis.Status(ids[0]) != "fail" {
		t.Errorf("the axis has it as %s", s.axis.Status(ids[0]))
	}
	s.run(exitUsage, "axis", "list", "khac")
}

func TestDirectorySyncAsksTheAxis(t *testing.T) {
	s := newAxisSite(t, "")
	s.run(exitDone, "db", "migrate")
	file := filepath.Join(filepath.Dir(s.config), "agencies.csv")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	unchanged := func(when string) {
		t.Helper()
		if now, err := os.ReadFile(file); err != nil || !bytes.Equal(before, now) {
			t.Fatalf("%s: the directory is\n%s\n(%v)", when, now, err)
		}
	}
	for _, kind := range []fake.Fault{fake.HTML, fake.CutJSON, fake.Fail, fake.Broken, fake.Empty, fake.Interrupted, fake.Redirect} {
		s.axis.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{kind}, Calls: []string{"getAgenciesList"}})
		s.run(exitFailed, "directory", "sync", "--axis", "truc")
		unchanged(string(kind))
	}
	s.axis.SetFaults(fake.Faults{})
	if out := s.run(exitDone, "directory", "sync", "--axis", "truc", "--dry-run"); !strings.Contains(out, "Sở Tư pháp") {
		t.Errorf("a dry run says\n%s", out)
	}
	unchanged("dry run")
	s.run(exitDone, "directory", "sync", "--axis", "truc")
	if now, err := os.ReadFile(file); err != nil || !strings.Contains(string(now), "H50.77") {
		t.Errorf("the directory is\n%s\n(%v)", now, err)
	}
	s.run(exitUsage, "directory", "sync", "--axis", "khac")
}

// TestDailyComparison only reports, unless it is told to write what is certain; it never closes an agency.
func TestDailyComparison(t *testing.T) {
	for _, apply := range []bool{false, true} {
		s := newAxisSite(t, fmt.Sprintf("sync = \"daily\"\nsync_apply = %v\n", apply))
		s.run(exitDone, "db", "migrate")
		common := Common{Config: s.config}
		a, err := openApp(t.Context(), &common, streams{in: strings.NewReader(""), out: io.Discard, err: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.know.save(t.Context(), a.store); err != nil {
			t.Fatal(err)
		}
		if err := a.compareOnce(t.Context(), a.config.Axes[0]); err != nil {
			t.Fatal(err)
		}
		alarms, err := a.store.OpenAlarms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, known := a.know.active().Directory.Find("H50.77", time.Now())
		if known != apply || (len(alarms) == 1) == apply {
			t.Errorf("apply %v: known %v, alarms %v", apply, known, alarms)
		}
		if err := a.close(); err != nil {
			t.Error(err)
		}
	}
}
