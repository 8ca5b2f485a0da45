package evidence

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestMain lets the test's own binary be the child, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		if act, ok := strings.CutPrefix(os.Args[2], "breakout"); ok {
			breakOut(act)
			syscall.Exit(0)
		}
		if err := Child(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			syscall.Exit(1)
		}
		syscall.Exit(0) // at once: os.Exit lets the race detector wait a second for races
	}
	code, err := withFolder(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// folder is for what all tests share; everybody may enter it.
var folder string

func withFolder(m *testing.M) (code int, err error) {
	if folder, err = os.MkdirTemp("", "giaolien-evidence-"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	err = errors.Join(os.Chmod(folder, 0o755), os.Setenv("GIAOLIEN_PASSWORD", "secret")) // that no tool may see
	return m.Run(), err
}

// built is the child without the race detector, which takes long to start and reserves more memory than a tool may.
var built = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("GIAOLIEN_TEST_CHILD"); path != "" {
		return path, nil
	}
	path := filepath.Join(folder, "child")
	cmd := exec.Command("go", "build", "-o", path, "./testdata/child")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func childCommand(t testing.TB) []string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return []string{path, "child"}
}
