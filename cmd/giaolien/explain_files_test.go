package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
)

// explain tells what the newest outcome knew of each file, and nothing of a quarantined receipt's files.
func TestExplainTellsWhatWasReadOfFiles(t *testing.T) {
	cfg := config.Config{Data: filepath.Join(t.TempDir(), "data")}
	if err := migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), databaseURL(cfg), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	one, two := strings.Repeat("1a", 32), strings.Repeat("2b", 32)
	put := func(digest string, e mapping.FileEvidence) {
		if err := s.PutFileEvidence(t.Context(), digest, e); err != nil {
			t.Fatal(err)
		}
	}
	put(one, mapping.FileEvidence{Reader: "older 1", Problem: mapping.ProblemNoTool})
	put(one, mapping.FileEvidence{Reader: "newer 2", PageCount: 4, Pages: []mapping.PageText{{Number: 1, Text: "Số: 45/KH-SCT", OCR: true}}})
	put(two, mapping.FileEvidence{Reader: "newer 2", Problem: mapping.ProblemEncrypted, Signature: mapping.FileSignature{State: "absent"}})
	outcome := func(reader string, digests ...string) store.MadeOutcome {
		o := bridge.Outcome{Records: []bridge.RecordOutcome{{Record: mapping.Record{Files: []mapping.File{{Name: "ke-hoach.pdf", Digest: one}}}}}}
		for _, d := range digests {
			o.Evidence.Readings = append(o.Evidence.Readings, bridge.Reading{SHA256: d, Reader: reader})
		}
		return store.MadeOutcome{Outcome: o}
	}
	e := store.Explanation{State: bridge.Held, Outcomes: []store.MadeOutcome{outcome(""), outcome("older 1", one), outcome("newer 2", one, two)}}
	a := &app{store: s}
	files, err := a.filesOf(t.Context(), e)
	if err != nil || len(files) != 2 {
		t.Fatalf("%+v, %v", files, err)
	}
	if f := files[0]; f.SHA256 != one || f.Name != "ke-hoach.pdf" || f.Reader != "newer 2" || f.Pages != 4 || f.PagesRead != 1 || f.OCRPages != 1 || f.Problem != "" {
		t.Errorf("%+v", f)
	}
	if f := files[1]; f.SHA256 != two || f.Name != "" || f.Problem != mapping.ProblemEncrypted || f.Signature.State != "absent" {
		t.Errorf("%+v", f)
	}
	var out bytes.Buffer
	if err := printExplanation(&out, e, files); err != nil {
		t.Fatal(err)
	}
	var shown struct {
		Files    []json.RawMessage `json:"files"`
		Outcomes []json.RawMessage `json:"outcomes"`
	}
	if err := json.Unmarshal(out.Bytes(), &shown); err != nil || len(shown.Files) != 2 || len(shown.Outcomes) != 3 || strings.Contains(out.String(), "45/KH") {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, f := range shown.Files {
		if strings.Contains(string(f), "null") || strings.Contains(string(f), "0001-01-01") {
			t.Errorf("what is not known is not empty: %s", f)
		}
	}

	e.Outcomes = e.Outcomes[:2]
	if files, err = a.filesOf(t.Context(), e); err != nil || len(files) != 1 || files[0].Reader != "older 1" {
		t.Errorf("of an older outcome: %+v, %v", files, err)
	}
	e.State = bridge.Quarantined
	if files, err = a.filesOf(t.Context(), e); err != nil || len(files) != 0 {
		t.Errorf("of a quarantined receipt: %+v, %v", files, err)
	}
}
