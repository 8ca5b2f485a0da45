package road

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/evidence"
)

// TestChild reads a file with the binary as it is shipped for a child.
func TestChild(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil || runtime.GOOS != "linux" {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatalf("no pdftotext on %s, and GIAOLIEN_TEST_REQUIRE is set", runtime.GOOS)
		}
		t.Skipf("no pdftotext on %s", runtime.GOOS)
	}
	r, err := evidence.NewReader(t.Context(), evidence.Options{Command: []string{giaolien(t), "child"}, NoOCR: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r.Walls())
	want := strings.TrimSpace(strings.Repeat("De nghi cac co quan gui van ban dien tu. ", 4))
	content := "BT /F 9 Tf 50 700 Td (" + want + ") Tj ET"
	file := "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj " +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 800 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj " +
		fmt.Sprintf("4 0 obj<</Length %d>>stream\n%s\nendstream endobj ", len(content), content) +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>\n%%EOF\n"
	f, err := r.Text(t.Context(), strings.NewReader(file), int64(len(file)), "application/pdf")
	if err != nil || f.Text != want || f.Problem != "" {
		t.Errorf("%+v, %v", f, err)
	}
}
