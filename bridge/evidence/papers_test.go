package evidence

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// papers are the letters as PDFs, made once for all tests of this package.
var papers struct {
	sync.Once
	dir string
	err error
}

// tool finds a program that the tests need, else skips; GIAOLIEN_TEST_REQUIRE says that nothing may be missing.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%s is not installed, and GIAOLIEN_TEST_REQUIRE is set", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// textPDFs gives the folder in which every letter lies as NN.pdf.
func textPDFs(t testing.TB) string {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil { // hundreds of megabytes, and nothing of the program needs it
		t.Skip("soffice, which makes the papers, is not installed")
	}
	papers.Do(func() {
		if papers.dir, papers.err = os.MkdirTemp("", "giaolien-papers-"); papers.err != nil {
			return
		}
		args := []string{"-env:UserInstallation=file://" + filepath.Join(papers.dir, "profile"), "--headless", "--convert-to", "pdf", "--outdir", papers.dir}
		for i, l := range letters() {
			name := filepath.Join(papers.dir, fmt.Sprintf("%02d.fodt", i))
			if papers.err = os.WriteFile(name, []byte(l.fodt(t)), 0o600); papers.err != nil {
				return
			}
			args = append(args, name)
		}
		if out, err := exec.Command(soffice, args...).CombinedOutput(); err != nil {
			papers.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if papers.err != nil {
		t.Fatal(papers.err)
	}
	return papers.dir
}
