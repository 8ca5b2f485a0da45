package evidence

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

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

// papers are the letters as PDFs, made once for all tests of this package: the folder in which each lies as NN.pdf.
var papers = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(folder, "papers")
	args := []string{"-env:UserInstallation=file://" + filepath.Join(folder, "profile"), "--headless", "--convert-to", "pdf", "--outdir", dir}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	for i, l := range letters() {
		text, err := l.fodt()
		if err != nil {
			return "", err
		}
		name := filepath.Join(dir, fmt.Sprintf("%02d.fodt", i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return "", err
		}
		args = append(args, name)
	}
	if out, err := exec.Command("soffice", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

func textPDFs(t testing.TB) string {
	t.Helper()
	tool(t, "soffice") // Debian: libreoffice-writer-nogui
	dir, err := papers()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
