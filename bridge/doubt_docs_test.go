package bridge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Every code of a finding is explained in docs/findings.md, and those that send a message to a person are marked there.
func TestFindingsAreExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for i, s := range strings.Split(cells[1], "`") {
			if i%2 == 1 {
				lines[s] = line
			}
		}
	}
	codes := 0
	for _, file := range []string{"../parser/findings.go", "../parser/unpack/unpack.go", "../parser/extract/extract.go", "../parser/sidecar/sidecar.go", "../mapping/findings.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type != nil || len(spec.Values) != 1 {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				codes++
				if lines[code] == "" {
					t.Errorf("%s is not explained in docs/findings.md", code)
				}
			}
			return true
		})
	}
	if codes < 50 {
		t.Errorf("only %d codes were found in the sources", codes)
	}
	waits := map[string]bool{}
	for _, d := range doubts {
		waits[d.code] = true
		if line := lines[d.code]; !strings.Contains(line, "**waits**: `"+d.reason+"`") {
			t.Errorf("%s sends to a person as %s; docs/findings.md says %q", d.code, d.reason, line)
		}
	}
	for code, line := range lines {
		if strings.Contains(line, "**waits**") && !waits[code] {
			t.Errorf("docs/findings.md says that %s waits for a person; bridge/doubt.go does not", code)
		}
	}
}
