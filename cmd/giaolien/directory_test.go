package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Every code that the directory can give to a person is told in words, and findings stand in docs/findings.md.
func TestDirectoryCodesAreExplained(t *testing.T) {
	doc, err := os.ReadFile("../../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	found, whys := 0, 0
	for _, file := range []string{"agency.go", "sync.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../../mapping/directory", file), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			lit, ok := spec.Values[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			kind, _ := spec.Type.(*ast.Ident)
			switch {
			case kind != nil && kind.Name == "Why":
				whys++
				if whyInWords[directory.Why(code)] == "" {
					t.Errorf("%s is not told in words", code)
				}
			case strings.HasPrefix(spec.Names[0].Name, "Found"):
				found++
				if doubtInWords[code] == "" || !strings.Contains(string(doc), "`"+code+"`") {
					t.Errorf("%s is not told in words, or not in docs/findings.md", code)
				}
			}
			return true
		})
	}
	if found < 9 || whys < 10 {
		t.Errorf("only %d findings and %d reasons were seen in the sources", found, whys)
	}
}

// A file that somebody edits meanwhile is left alone; otherwise the old one is kept, and permissions stay.
func TestReplaceFile(t *testing.T) {
	file := writeFile(t, "agencies.csv", "cũ")
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	backup := file + ".bak"
	if err := replaceFile(file, []byte("khác"), []byte("mới"), backup); err == nil || !strings.Contains(err.Error(), "was changed meanwhile") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "cũ" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	for range 2 { // also where the backup is there already
		if err := replaceFile(file, []byte("cũ"), []byte("mới"), backup); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{file: "mới", backup: "cũ"} {
			if text, err := os.ReadFile(name); err != nil || string(text) != want {
				t.Errorf("%s holds %q, %v", name, text, err)
			}
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		rewrite(t, file, "cũ")
	}
	if left, err := filepath.Glob(file + ".new-*"); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
