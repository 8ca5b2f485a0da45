package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/pdfsign"
)

// Every code that a file's reading can have has words for the clerk. The codes are looked up where they are declared, so that a new one
// without words is seen.
func TestCodesOfFilesHaveWords(t *testing.T) {
	for _, c := range []struct {
		file, prefix, kind string
		known              func(code string) bool
	}{
		{"../../mapping/evidence.go", "Problem", "", func(code string) bool { return problemInWords[code] != "" }},
		{"../../parser/pdfsign/judge.go", "", "State", func(code string) bool { return signatureInWords[pdfsign.State(code)] != "" }},
		{"../../parser/pdfsign/judge.go", "", "Reason", func(code string) bool { return signatureReasonInWords[pdfsign.Reason(code)] != "" }},
		{"../../parser/pdfsign/judge.go", "Unchecked", "", func(code string) bool { return uncheckedInWords[code] != "" }},
	} {
		codes := constants(t, c.file, c.prefix, c.kind)
		if len(codes) < 3 {
			t.Errorf("%s: only %q were found", c.file, codes)
		}
		for _, code := range codes {
			if !c.known(code) {
				t.Errorf("%s: %q has no words", c.file, code)
			}
		}
	}
}

// constants lists the text constants of a file whose name begins so and whose declared type is this one ("": none).
func constants(t *testing.T, file, prefix, kind string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 || !strings.HasPrefix(v.Names[0].Name, prefix) {
			return true
		}
		is := ""
		if id, ok := v.Type.(*ast.Ident); ok {
			is = id.Name
		}
		if l, ok := v.Values[0].(*ast.BasicLit); ok && l.Kind == token.STRING && is == kind {
			code, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		return true
	})
	return codes
}

// A signature is shown with its signer, his time and what was not checked, and never as more than it is.
func TestSignaturesInWords(t *testing.T) {
	at := time.Date(2026, 6, 5, 2, 0, 0, 0, time.UTC)
	lines := signedInWords(mapping.FileSignature{State: "present", Reason: "no-roots", Signers: []mapping.Signer{
		{Name: "Trần Thị Hoa", Organization: "Sở Công Thương", Issuer: "CN=CA thử", At: at, State: "present", Reason: "no-roots", Unchecked: []string{"revocation", "signing-time"}},
		{Name: "TSA thử", Stamp: true, At: at, Attested: true, State: "valid"}}})
	all := strings.Join(lines, "\n")
	for _, want := range []string{"có chữ ký, chưa xác nhận được (chưa khai báo", "Trần Thị Hoa (Sở Công Thương)", "ký lúc 05/06/2026 09:00:00 theo lời người ký",
		"chưa kiểm: chứng thư có bị thu hồi hay không, thời điểm ký", "dấu thời gian của TSA thử", "theo dấu thời gian"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	if len(lines) != 3 || strings.Contains(lines[0]+lines[1], "hợp lệ") {
		t.Errorf("%q", lines)
	}
	for _, s := range []mapping.FileSignature{{}, {Reason: mapping.ProblemUnknownKind}} {
		if got := signedInWords(s); got != nil {
			t.Errorf("nothing is known, and %q is said", got)
		}
	}
	if got := signedInWords(mapping.FileSignature{Reason: mapping.ProblemDamaged}); len(got) != 1 || !strings.HasPrefix(got[0], "không rõ (tệp hỏng") {
		t.Errorf("a damaged file: %q", got)
	}
	if got := signedInWords(mapping.FileSignature{State: "later"}); len(got) != 1 || got[0] != "later" {
		t.Errorf("a state without words: %q", got)
	}
}
