package evidence

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The foreign tools, by the names that they have everywhere.
const (
	pdftotext = "pdftotext" // poppler-utils
	pdfinfo   = "pdfinfo"
	pdftoppm  = "pdftoppm"
	tesseract = "tesseract" // tesseract-ocr, tesseract-ocr-vie
)

// Program is a foreign tool that reads files, as found on this machine.
type Program struct {
	Name    string `json:"name"`
	Path    string `json:"path"`    // without links; empty when it is not installed
	Version string `json:"version"` // as it says itself
	Usable  bool   `json:"usable"`
	Why     string `json:"why"` // it is not usable: what is missing and what to install

	exec []string // files that must be executable to run it
}

// packages are what to install on Debian, by tool.
func packageOf(name string) string {
	if name == tesseract {
		return "tesseract-ocr and tesseract-ocr-vie"
	}
	return "poppler-utils"
}

// standardPath is where tools are looked for: where distributions and administrators put them, never a folder of a user's.
var standardPath = []string{"/usr/local/bin", "/usr/bin", "/bin"}

// readable is what a tool may read of the machine besides its input: programs' own files and fonts.
func readable() []string {
	return []string{"/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/var/cache/fontconfig", "/dev/null"}
}

// find looks for a tool and asks it for its version, in the cage that it will work in.
func (r *Reader) find(ctx context.Context, name string) (Program, error) {
	t := Program{Name: name}
	path := r.options.Paths[name]
	for i := 0; path == "" && i < len(standardPath); i++ {
		if s, err := os.Stat(filepath.Join(standardPath[i], name)); err == nil && s.Mode().IsRegular() && s.Mode()&0o111 != 0 {
			path = filepath.Join(standardPath[i], name)
		}
	}
	if path == "" {
		t.Why = "not installed: install " + packageOf(name)
		return t, nil
	}
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Why = "cannot be found: " + err.Error()
		return t, nil
	}
	t.Path, t.exec = path, []string{path}
	loader, err := interpreter(path)
	if err != nil {
		t.Why = "is no program of this system: " + err.Error()
		return t, nil
	}
	if loader != "" {
		t.exec = append(t.exec, loader)
	}
	if r.cage == nil {
		t.Why = "cannot be locked up here: " + r.uncaged.Error()
		return t, nil
	}
	return t, r.ask(ctx, &t)
}

// ask runs a tool for its version, and tesseract for its languages.
func (r *Reader) ask(ctx context.Context, t *Program) error {
	flag := "-v"
	if t.Name == tesseract {
		flag = "--version"
	}
	said, end, err := r.say(ctx, *t, flag)
	if err != nil {
		return err
	}
	t.Version = versionIn(said)
	if t.Version == "" {
		t.Why = fmt.Sprintf("does not say its version (exit %d, signal %d)", end.code, end.signal)
		return nil
	}
	if t.Name == tesseract {
		langs, _, err := r.say(ctx, *t, "--list-langs")
		if err != nil {
			return err
		}
		if !slices.Contains(strings.Fields(langs), r.options.Language) {
			t.Why = "has no data for the language " + r.options.Language + ": install tesseract-ocr-" + r.options.Language
			return nil
		}
	}
	t.Usable = true
	return nil
}

// say runs a tool with one flag and gives what it says, on whichever stream.
func (r *Reader) say(ctx context.Context, t Program, flag string) (string, ending, error) {
	out := &bounded{left: 64 << 10, quiet: true}
	end, err := r.cage.run(ctx, r.task(t, flag), nil, out)
	if err != nil {
		return "", end, fmt.Errorf("ask %s %s: %w", t.Name, flag, err)
	}
	return out.String() + "\n" + end.said, end, nil
}

// use runs a tool on a file. When the system's loader gave up before the tool began (ld.so(8)), as while packages are replaced, that is no fact
// about the file.
func (r *Reader) use(ctx context.Context, t task, input *os.File, out io.Writer) (ending, error) {
	end, err := r.cage.run(ctx, t, input, out)
	if err == nil && end.code == 127 && strings.Contains(end.said, "error while loading shared libraries") {
		err = errors.New("the tool lacks its libraries")
	}
	return end, err
}

// task is a run of the tool with all that it may see and know.
func (r *Reader) task(t Program, args ...string) task {
	env := []string{"LC_ALL=C.UTF-8", "OMP_THREAD_LIMIT=1", "OMP_NUM_THREADS=1"}
	read := readable()
	if dir := r.options.TessData; dir != "" && t.Name == tesseract {
		env, read = append(env, "TESSDATA_PREFIX="+dir), append(read, dir)
	}
	return task{Tool: t.Path, Args: args, Env: env, Read: append(read, t.exec...), Exec: t.exec}
}

var versionForm = regexp.MustCompile(`(?:version |tesseract )v?([0-9][0-9A-Za-z.+~_-]*)`)

func versionIn(said string) string {
	if m := versionForm.FindStringSubmatch(said); m != nil {
		return m[1]
	}
	return ""
}

// interpreter is the loader that a program names, which must be executable too; empty for one that needs none.
func interpreter(path string) (name string, err error) {
	f, err := elf.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > 4096 {
			continue
		}
		b, err := io.ReadAll(p.Open())
		if err != nil {
			return "", fmt.Errorf("read name of loader: %w", err)
		}
		return filepath.EvalSymlinks(strings.TrimRight(string(b), "\x00"))
	}
	return "", nil
}
