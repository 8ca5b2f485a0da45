package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/giaolien/giaolien/bridge/config"
)

// TestFolderAxisIsTried: a folder out of which nothing can be moved is told before the first package lies in it.
func TestFolderAxisIsTried(t *testing.T) {
	dir := t.TempDir()
	x := config.Axis{Name: "thumuc", Kind: config.AxisFolder, Folder: dir}
	if err := checkAxis(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	done := filepath.Join(dir, "done")
	if left, err := os.ReadDir(done); err != nil || len(left) != 0 {
		t.Errorf("the check left %v, %v", left, err)
	}
	if err := os.Remove(done); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(done, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if checkAxis(t.Context(), x) == nil {
		t.Error("a folder whose done is a file is said to be well")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the check left %v, %v", left, err)
	}
}
