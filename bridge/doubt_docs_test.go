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

// explained gives the lines of the tables of docs/findings.md by their codes.
func explained(t *testing.T) map[string]string {
	t.Helper()
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
	return lines
}

// codesIn lists the string constants of a file whose type (empty: none) and beginning of the name are these.
func codesIn(t *testing.T, file, kind, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		if typed, _ := spec.Type.(*ast.Ident); (typed == nil) != (kind == "") || typed != nil && typed.Name != kind {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			code, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	return codes
}

// TestReasonsAreExplained: why a receipt is as it is, and why nobody is answered, are codes that people read in `explain` and `waiting`.
func TestReasonsAreExplained(t *testing.T) {
	lines := explained(t)
	codes := append(codesIn(t, "process.go", "", "Reason"), codesIn(t, "notice/draft.go", "Silence", "")...)
	if len(codes) < 45 {
		t.Errorf("only %d codes were found in the sources", len(codes))
	}
	for _, code := range append(codes, codesIn(t, "store/breaker.go", "", "Code")...) {
		if lines[code] == "" {
			t.Errorf("%s is not explained in docs/findings.md", code)
		}
	}
}

// Every code of a finding is explained in docs/findings.md, and those that send a message to a person are marked there.
func TestFindingsAreExplained(t *testing.T) {
	lines := explained(t)
	codes := 0
	for _, file := range []string{"../parser/findings.go", "../parser/unpack/unpack.go", "../parser/extract/extract.go", "../parser/sidecar/sidecar.go", "../mapping/findings.go"} {
		for _, code := range codesIn(t, file, "", "") {
			codes++
			if lines[code] == "" {
				t.Errorf("%s is not explained in docs/findings.md", code)
			}
		}
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
