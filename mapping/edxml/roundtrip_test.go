package edxml

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRoundTripOfDocuments(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		e := edocGen().Draw(rt, "document")
		files := contentsOf(rt, &e)
		b, err := edocBytes(e, files)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		p, got := decoded(t, b)
		if want := e.normal(); p.Kind != KindEdoc || !equal(p.Edoc, want) {
			rt.Fatalf("got  %+v\nwant %+v\n%s", p.Edoc, want, b)
		}
		if len(got) != len(files) {
			rt.Fatalf("%d files of %d", len(got), len(files))
		}
		for i := range files {
			if !bytes.Equal(got[i], files[i]) {
				rt.Fatalf("file %d differs", i)
			}
		}
		for _, f := range p.Findings {
			if f.Severity != Notice && f.Code != FileEmpty && f.Code != NoFiles && f.Code != TooLong {
				rt.Fatalf("our own package has %+v", f)
			}
		}
		if again, err := edocBytes(p.Edoc, got); err != nil || !bytes.Equal(again, b) {
			rt.Fatalf("written again it differs: %v", err)
		}
	})
}

func contentsOf(t *rapid.T, e *Edoc) [][]byte {
	files := make([][]byte, len(e.Files))
	for i := range files {
		files[i] = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "contents")
		if Destroyed(files[i]) {
			files[i] = nil
		}
		e.Files[i].Size = int64(len(files[i]))
	}
	return files
}

func TestRoundTripOfStatuses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := statusGen().Draw(rt, "status")
		b, err := statusBytes(s)
		if err != nil {
			rt.Fatalf("%v", err)
		}
		p, _ := decoded(t, b)
		if want := s.normal(); p.Kind != KindStatus || !equal(p.Status, want) {
			rt.Fatalf("got  %+v\nwant %+v\n%s", p.Status, want, b)
		}
		if again, err := statusBytes(p.Status); err != nil || !bytes.Equal(again, b) {
			rt.Fatalf("written again it differs: %v", err)
		}
	})
}

// xmllint finds the program, else skips; GIAOLIEN_TEST_REQUIRE says that nothing may be missing.
func xmllint(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		absent(t, fmt.Errorf("xmllint (apt-get install libxml2-utils): %w", err))
	}
	return path
}

// TestStrictSchemas validates what is written with the strict schemas of the reference.
func TestStrictSchemas(t *testing.T) {
	lint := xmllint(t)
	sample(t, "edxml-strict-edoc.xsd")
	const count = 150
	edocs, statuses := make([][]byte, count), make([][]byte, count)
	for i := range count {
		e := edocGen().Example(i)
		files := make([][]byte, len(e.Files))
		for j := range files {
			files[j] = []byte(strings.Repeat("tệp ", j*20))
			e.Files[j].Size = int64(len(files[j]))
		}
		var err error
		if edocs[i], err = edocBytes(e, files); err != nil {
			t.Fatal(err)
		}
		if statuses[i], err = statusBytes(statusGen().Example(i)); err != nil {
			t.Fatal(err)
		}
	}
	validated(t, lint, "edxml-strict-edoc.xsd", edocs)
	validated(t, lint, "edxml-strict-status.xsd", statuses)
	wrong := bytes.Replace(edocs[0], []byte("edXML:Subject>"), []byte("edXML:Topic>"), 2)
	if out, err := lintAll(t, lint, "edxml-strict-edoc.xsd", [][]byte{wrong}); err == nil {
		t.Errorf("the schema lets a wrong element pass: %s", out)
	}
}

func validated(t *testing.T, lint, schema string, packages [][]byte) {
	t.Helper()
	if out, err := lintAll(t, lint, schema, packages); err != nil {
		t.Errorf("%s: %v\n%.2000s", schema, err, out)
	}
}

func lintAll(t *testing.T, lint, schema string, packages [][]byte) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", filepath.Join(shared, schema)}
	for i, b := range packages {
		name := filepath.Join(dir, nth("package", i)+".edxml")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(lint, args...).CombinedOutput()
	return out, err
}
