package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/giaolien/giaolien/"

// room is one package of the house: its folder and its rank. Packages import lower ranks, or in their own rank what stands before them.
type room struct {
	folder string
	rank   int
}

const (
	lastPure = 4 // ranks 1 to 4 have no I/O and no clock
	adapters = 6 // packages of this rank never import each other
)

// house is the table of the architecture, in its order.
func house() []room {
	return []room{
		{"parser/charset", 1}, {"parser/unpack", 1}, {"parser/pdfsign", 1}, {"parser/extract", 1}, {"parser/vanban", 1}, {"parser/sidecar", 1}, {"parser", 1},
		{"mapping/directory", 2}, {"mapping", 2}, {"mapping/register", 2}, {"mapping/edxml", 2},
		{"bridge/policy", 3}, {"bridge/audit", 3}, {"bridge/report", 3},
		{"bridge/notice", 4},
		{"bridge", 5},
		{"bridge/store", 6}, {"bridge/archive", 6}, {"bridge/mailbox", 6}, {"bridge/evidence", 6}, {"bridge/outbox", 6}, {"bridge/axis", 6}, {"bridge/web", 6}, {"bridge/lmtp", 6}, {"bridge/config", 6},
		{"cmd/giaolien/demo/axis", 7}, {"cmd/giaolien/demo", 7}, {"cmd/giaolien", 7},
	}
}

// keeper says in which folders alone a library may be used. Tests may use all of them.
type keeper struct {
	library string // import path, or its beginning up to a slash
	folders []string
}

func keepers() []keeper {
	return []keeper{
		{"database/sql", []string{"bridge/store"}},
		{"github.com/jmoiron/sqlx", []string{"bridge/store"}},
		{"github.com/lib/pq", []string{"bridge/store"}},
		{"modernc.org/sqlite", []string{"bridge/store"}},
		{"github.com/pressly/goose", []string{"bridge/store"}},
		{"github.com/emersion/go-imap", []string{"bridge/mailbox", "cmd/giaolien/demo"}},
		{"github.com/emersion/go-smtp", []string{"bridge/outbox", "bridge/lmtp", "cmd/giaolien/demo"}},
		{"github.com/emersion/go-msgauth", []string{"bridge/evidence"}},
		{"blitiri.com.ar/go/spf", []string{"bridge/evidence"}},
		{"github.com/prometheus", []string{"bridge/web"}},
		{"github.com/alecthomas/kong", []string{"cmd/giaolien"}},
		{"net/http/httptest", nil},
		{"testing", nil},
	}
}

// impure are imports that ranks 1 to 4 do without.
func impure() []string {
	return []string{"net", "net/http", "net/rpc", "net/smtp", "os", "database/sql", "io/ioutil", "log", "math/rand", "plugin", "runtime/debug", "syscall", "golang.org/x/sys", "golang.org/x/net/proxy"}
}

// names that must not be used, by import path.
func clocks() []string {
	return []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep", "Local"}
}

func servers() []string {
	return []string{"Server", "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS", "NewServeMux", "ServeMux", "Handle", "HandleFunc", "DefaultServeMux"}
}

func TestArchitecture(t *testing.T) {
	files := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") {
			return nil
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, file)
		files[filepath.ToSlash(rel)] = string(src)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 || files["parser/message.go"] == "" {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, v := range violations(files) {
		t.Error(v)
	}
}

// violations lists everything in the given files (path from the root of the repository to source) that breaks the architecture.
func violations(files map[string]string) []string {
	var out []string
	for name, src := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
		if err != nil {
			out = append(out, fmt.Sprintf("%s: %v", name, err))
			continue
		}
		s := source{file: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), tree: f}
		out = append(out, s.check()...)
	}
	slices.Sort(out)
	return out
}

type source struct {
	file, folder string
	test         bool
	tree         *ast.File
	out          []string
}

func (s *source) say(format string, args ...any) {
	s.out = append(s.out, s.file+": "+fmt.Sprintf(format, args...))
}

func (s *source) check() []string {
	folder := s.folder
	if s.test && strings.HasPrefix(folder, "cmd/giaolien/") {
		folder = "cmd/giaolien" // tests of the whole program may have folders of their own
	}
	place := slices.IndexFunc(house(), func(r room) bool { return r.folder == folder })
	if top, _, _ := strings.Cut(s.file, "/"); !slices.Contains([]string{"cmd", "bridge", "parser", "mapping"}, top) {
		s.say("Go code lives in cmd, bridge, parser and mapping only")
		return s.out
	}
	if place < 0 {
		s.say("package %s is not in the table of the architecture", s.folder)
		return s.out
	}
	for _, spec := range s.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			s.say("import %s: %v", spec.Path.Value, err)
			continue
		}
		s.imports(place, imported, spec)
	}
	return s.out
}

func (s *source) imports(place int, imported string, spec *ast.ImportSpec) {
	pure := house()[place].rank <= lastPure
	if own, ok := strings.CutPrefix(imported, module); ok {
		s.ownImport(place, own)
		return
	}
	if imported == strings.TrimSuffix(module, "/") {
		s.say("imports the root of the module, where no package is")
	}
	if s.test {
		return
	}
	for _, k := range keepers() {
		if within(imported, k.library) && !slices.Contains(k.folders, s.folder) {
			s.say("imports %s, which is for %s", imported, strings.Join(append(k.folders, "tests"), ", "))
		}
	}
	if pure && slices.ContainsFunc(impure(), func(lib string) bool { return imported == lib || lib != "net" && within(imported, lib) }) {
		s.say("imports %s, but %s is pure", imported, s.folder)
	}
	if pure && imported == "time" {
		s.uses(spec, imported, clocks(), "but "+s.folder+" is pure: the clock is an input")
	}
	if imported == "net/http" && s.folder != "bridge/web" && !within(s.folder, "cmd/giaolien/demo") {
		s.uses(spec, imported, servers(), "but only bridge/web serves HTTP")
	}
}

func within(imported, lib string) bool {
	return imported == lib || strings.HasPrefix(imported, lib+"/")
}

// ownImport holds a package of ours against the table. Tests may import any package that exists.
func (s *source) ownImport(place int, imported string) {
	rooms := house()
	other := slices.IndexFunc(rooms, func(r room) bool { return r.folder == imported })
	switch {
	case other < 0:
		s.say("imports %s, which is not in the table of the architecture", imported)
	case s.test || imported == s.folder:
	case rooms[other].rank > rooms[place].rank:
		s.say("imports %s of rank %d, but %s is of rank %d", imported, rooms[other].rank, s.folder, rooms[place].rank)
	case rooms[other].rank == rooms[place].rank && rooms[place].rank == adapters:
		s.say("imports %s: adapters never import each other", imported)
	case rooms[other].rank == rooms[place].rank && other > place:
		s.say("imports %s, which stands after %s in the same rank", imported, s.folder)
	}
}

// uses finds mentions of the named things of an import, called or not.
func (s *source) uses(spec *ast.ImportSpec, imported string, names []string, why string) {
	local := path.Base(imported)
	if spec.Name != nil {
		local = spec.Name.Name
	}
	if local == "." {
		s.say("imports %s with a dot, so that its use cannot be seen", imported)
		return
	}
	ast.Inspect(s.tree, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
			s.say("uses %s.%s, %s", imported, sel.Sel.Name, why)
		}
		return true
	})
}

// TestArchitectureCanFail gives the same check small files that break one rule each, and their honest neighbours.
func TestArchitectureCanFail(t *testing.T) {
	imports := func(paths ...string) string {
		src := "package x\n"
		for _, p := range paths {
			src += "import _ " + strconv.Quote(p) + "\n"
		}
		return src
	}
	cases := []struct {
		file, src string
		want      string // part of the only violation; empty: none
	}{
		{"bridge/policy/a.go", imports(module + "mapping/directory"), ""},
		{"parser/vanban/a.go", imports(module + "mapping"), "imports mapping of rank 2, but parser/vanban is of rank 1"},
		{"bridge/policy/a.go", imports(module + "bridge"), "of rank 5"},
		{"bridge/a.go", imports(module+"bridge/notice", module+"parser"), ""},
		{"bridge/a.go", imports(module + "bridge/store"), "of rank 6"},
		{"parser/a.go", imports(module + "parser/vanban"), ""},
		{"parser/vanban/a.go", imports(module + "parser"), "stands after"},
		{"mapping/directory/a.go", imports(module + "mapping"), "stands after"},
		{"bridge/config/a.go", imports(module + "bridge/store"), "adapters never"},
		{"bridge/store/a.go", imports(module + "bridge/archive"), "adapters never"},
		{"bridge/store/a_test.go", imports(module + "bridge/archive"), ""},
		{"cmd/giaolien/a.go", imports(module+"bridge/store", module+"cmd/giaolien/demo"), ""},
		{"cmd/giaolien/demo/a.go", imports(module + "cmd/giaolien"), "stands after"},
		{"bridge/internal/a.go", "package x", "not in the table"},
		{"parser/util/a.go", "package x", "not in the table"},
		{"parser/util/a_test.go", "package x", "not in the table"},
		{"cmd/giaolien/whole/a.go", "package x", "not in the table"},
		{"cmd/giaolien/whole/a_test.go", imports(module+"bridge/store", "github.com/lib/pq"), ""},
		{"bridge/a.go", imports(module + "bridge/common"), "not in the table"},
		{"bridge/a_test.go", imports(module + "bridge/common"), "not in the table"},
		{"main.go", "package main", "lives in cmd, bridge, parser and mapping"},
		{"tools/a_test.go", "package x", "lives in cmd, bridge, parser and mapping"},

		{"parser/a.go", imports("os"), "is pure"},
		{"parser/a.go", imports("os/exec"), "is pure"},
		{"parser/a_test.go", imports("os"), ""},
		{"parser/a.go", imports("net"), "is pure"},
		{"parser/a.go", imports("net/mail", "net/netip", "net/textproto", "net/url", "embed"), ""},
		{"mapping/a.go", imports("net/http"), "is pure"},
		{"mapping/a.go", imports("net/smtp"), "is pure"},
		{"bridge/policy/a.go", imports("log/slog"), "is pure"},
		{"bridge/audit/a.go", imports("math/rand/v2"), "is pure"},
		{"bridge/a.go", imports("os", "log/slog", "net"), ""},
		{"bridge/notice/a.go", "package x\nimport \"time\"\nvar t = time.Now()", "uses time.Now"},
		{"bridge/notice/a.go", "package x\nimport \"time\"\nvar clock = time.Now", "uses time.Now"},
		{"bridge/notice/a.go", "package x\nimport clock \"time\"\nfunc f() { clock.Sleep(1) }", "uses time.Sleep"},
		{"bridge/notice/a.go", "package x\nimport \"time\"\nfunc f() { <-time.After(1) }", "uses time.After"},
		{"bridge/notice/a.go", "package x\nimport . \"time\"\nvar t = Now()", "with a dot"},
		{"bridge/notice/a.go", "package x\nimport \"time\"\nfunc f(t time.Time) bool { return t.After(t) }", ""},
		{"bridge/notice/a_test.go", "package x\nimport \"time\"\nvar t = time.Now()", ""},
		{"bridge/a.go", "package x\nimport \"time\"\nvar t = time.Now()", ""},

		{"bridge/store/a.go", imports("database/sql", "github.com/jmoiron/sqlx", "github.com/lib/pq", "modernc.org/sqlite", "github.com/pressly/goose/v3"), ""},
		{"bridge/archive/a.go", imports("database/sql"), "imports database/sql"},
		{"cmd/giaolien/a.go", imports("github.com/jmoiron/sqlx"), "imports github.com/jmoiron/sqlx"},
		{"cmd/giaolien/demo/a.go", imports("github.com/lib/pq"), "imports github.com/lib/pq"},
		{"bridge/a.go", imports("modernc.org/sqlite/lib"), "imports modernc.org/sqlite/lib"},
		{"bridge/web/a.go", imports("github.com/pressly/goose/v3"), "goose"},
		{"bridge/mailbox/a.go", imports("github.com/emersion/go-imap/v2/imapclient", "github.com/emersion/go-message", "github.com/emersion/go-sasl"), ""},
		{"bridge/outbox/a.go", imports("github.com/emersion/go-imap/v2"), "imports github.com/emersion/go-imap/v2"},
		{"cmd/giaolien/demo/a.go", imports("github.com/emersion/go-imap/v2/imapserver", "github.com/emersion/go-smtp"), ""},
		{"cmd/giaolien/a.go", imports("github.com/emersion/go-smtp"), "imports github.com/emersion/go-smtp"},
		{"bridge/outbox/a_test.go", imports("github.com/emersion/go-imap/v2"), ""},
		{"bridge/web/a.go", "package x\nimport \"net/http\"\nvar s http.Server", ""},
		{"bridge/outbox/a.go", "package x\nimport \"net/http\"\nvar c http.Client", ""},
		{"bridge/outbox/a.go", "package x\nimport \"net/http\"\nvar s http.Server", "uses net/http.Server"},
		{"bridge/mailbox/a.go", "package x\nimport h \"net/http\"\nvar e = h.ListenAndServe(\"\", nil)", "uses net/http.ListenAndServe"},
		{"cmd/giaolien/demo/a.go", "package x\nimport \"net/http\"\nvar s http.Server", ""},
		{"bridge/store/a.go", imports("testing"), "imports testing"},
		{"bridge/a.go", "package x\nfunc {", "expected"},
	}
	for _, c := range cases {
		got := violations(map[string]string{c.file: c.src})
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s\n%s\nis held to break: %q", c.file, c.src, got)
		case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
			t.Errorf("%s\n%s\nshould break %q: %q", c.file, c.src, c.want, got)
		}
	}
}
