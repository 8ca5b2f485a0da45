package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestDependenciesAreExplained keeps go.mod and docs/dependencies.md together: a module stands in both or in neither.
func TestDependenciesAreExplained(t *testing.T) {
	find := func(file, pattern string) []string {
		data, err := os.ReadFile(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(data, -1) {
			out = append(out, string(m[1]))
		}
		slices.Sort(out)
		return out
	}
	required := find("go.mod", `(?m)^(?:require )?\t?([a-z0-9.]+\.[a-z]+/\S+) v\S+$`)
	explained := find(filepath.Join("docs", "dependencies.md"), `(?m)^\| ([a-z0-9.]+\.[a-z]+/\S+) \|`)
	if len(required) < 10 {
		t.Fatalf("only %d modules found in go.mod", len(required))
	}
	if !slices.Equal(required, explained) {
		t.Errorf("go.mod requires\n%q\ndocs/dependencies.md explains\n%q", required, explained)
	}
}
