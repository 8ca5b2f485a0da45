package notice

import (
	"embed"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode/utf8"

	"github.com/giaolien/giaolien/mapping/directory"
)

//go:embed texts/*.tmpl
var textFiles embed.FS

// Bounds of a template and of what it writes, in octets. A notice is a page or two.
const (
	maxTemplate = 64 << 10
	maxWritten  = 256 << 10
)

// TemplateFiles are the names of the texts that can be worded anew, in order.
func TemplateFiles() []string {
	entries, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err) // embedded
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// ShippedTemplate gives the text of a file as shipped, to be copied and changed; empty for a name that is none of TemplateFiles.
func ShippedTemplate(name string) string {
	body, err := textFiles.ReadFile("texts/" + name)
	if err != nil {
		return ""
	}
	return string(body)
}

// partsName is the file of what the other texts are made of.
const partsName = "parts.tmpl"

// functions are all that a template may call, and no others: what is built in could be made to fill the memory (printf) or to loop.
var functions = [...]string{"and", "or", "not", "eq", "ne", "upper"}

// lists are the variables that hold several lines; only they can be ranged over.
var lists = [...]string{"Items", "Contact", "Ways", "Laws", "Entries"}

// compileTemplates takes the shipped texts, with some of them replaced. Every fault of every replacement is named.
func compileTemplates(own map[string]string) (*template.Template, error) {
	set := template.New("").Funcs(template.FuncMap{"upper": strings.ToUpper})
	var faults directory.Faults
	for name := range own {
		if !slices.Contains(TemplateFiles(), name) {
			faults = append(faults, directory.Fault{File: name, Text: "is no text of a notice; the names are " + strings.Join(TemplateFiles(), ", ")})
		}
	}
	for _, name := range TemplateFiles() {
		body, replaced := own[name]
		if !replaced {
			body = ShippedTemplate(name)
		}
		if fault := unusable(body); fault != "" {
			faults = append(faults, directory.Fault{File: name, Text: fault})
			continue
		}
		body = strings.ReplaceAll(body, "\r\n", "\n")
		if _, err := set.New(name).Parse(strings.TrimPrefix(body, "\ufeff")); err != nil {
			faults = append(faults, templateFault(name, err))
		}
	}
	if len(faults) == 0 {
		faults = checkTrees(set)
	}
	if len(faults) == 0 {
		faults = tryTemplates(set)
	}
	if len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b directory.Fault) int { return strings.Compare(a.File, b.File) })
		return nil, faults
	}
	return set, nil
}

// unusable says what keeps a text from being read at all: editors save in other encodings, and leave files empty when they crash.
func unusable(body string) string {
	switch {
	case len(body) > maxTemplate:
		return "is longer than 64 KiB"
	case !utf8.ValidString(body) || strings.ContainsRune(body, 0):
		return "is not in UTF-8; save it anew in that encoding"
	}
	return ""
}

// templateFault reads file and line out of an error of the template package: "template: name:line:column: what" or "template: name:line: what".
func templateFault(name string, err error) directory.Fault {
	text := strings.TrimPrefix(err.Error(), "template: ")
	f := directory.Fault{File: name, Text: text}
	rest, ok := strings.CutPrefix(text, name+":")
	if !ok {
		return f
	}
	number, rest, _ := strings.Cut(rest, ":")
	if n, err := strconv.Atoi(number); err == nil {
		f.Line, f.Text = n, strings.TrimSpace(rest)
	}
	return f
}

// checkTrees walks every template: only the variables of view, only a few functions, loops over lists alone, and none that includes itself.
func checkTrees(set *template.Template) directory.Faults {
	c := &treeCheck{set: set, includes: map[string][]string{}}
	for _, t := range set.Templates() {
		if t.Tree == nil || t.Root == nil {
			continue
		}
		c.tree = t.Tree
		c.at = t.Name()
		c.node(t.Root)
	}
	for name := range c.includes {
		if c.reaches(name, name, map[string]bool{}) {
			c.faults = append(c.faults, directory.Fault{File: fileOf(set, name), Text: fmt.Sprintf("the part %q includes itself", name)})
		}
	}
	return c.faults
}

func fileOf(set *template.Template, name string) string {
	if t := set.Lookup(name); t != nil && t.Tree != nil {
		return t.ParseName
	}
	return name
}

type treeCheck struct {
	set      *template.Template
	tree     *parse.Tree
	at       string // the template being walked
	includes map[string][]string
	faults   directory.Faults
}

func (c *treeCheck) fault(n parse.Node, format string, args ...any) {
	where, _ := c.tree.ErrorContext(n)
	f := directory.Fault{File: c.tree.ParseName, Text: fmt.Sprintf(format, args...)}
	if parts := strings.Split(where, ":"); len(parts) >= 2 {
		if line, err := strconv.Atoi(parts[len(parts)-2]); err == nil {
			f.Line = line
		}
	}
	c.faults = append(c.faults, f)
}

func (c *treeCheck) reaches(from, to string, seen map[string]bool) bool {
	for _, next := range c.includes[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if c.reaches(next, to, seen) {
				return true
			}
		}
	}
	return false
}

var variables = func() []string {
	var out []string
	t := reflect.TypeFor[view]()
	for i := range t.NumField() {
		out = append(out, t.Field(i).Name)
	}
	return out
}()

func (c *treeCheck) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			c.node(child)
		}
	case *parse.ActionNode:
		c.node(n.Pipe)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		if len(n.Decl) > 0 {
			c.fault(n, "sets a variable of its own; there are only those of notices")
		}
		for _, cmd := range n.Cmds {
			for _, arg := range cmd.Args {
				c.node(arg)
			}
		}
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.WithNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		if !c.overList(n.Pipe) {
			c.fault(n, "ranges over something else than one of .%s", strings.Join(lists[:], ", ."))
		}
		c.branch(&n.BranchNode)
	case *parse.TemplateNode:
		c.include(n)
	case *parse.FieldNode:
		if len(n.Ident) != 1 || !slices.Contains(variables, n.Ident[0]) {
			c.fault(n, "%s is no variable of notices; they are .%s", n.String(), strings.Join(variables, ", ."))
		}
	case *parse.IdentifierNode:
		if !slices.Contains(functions[:], n.Ident) {
			c.fault(n, "%s is not to be called here; there are %s", n.Ident, strings.Join(functions[:], ", "))
		}
	case *parse.TextNode, *parse.DotNode, *parse.StringNode, *parse.BoolNode, *parse.NilNode, *parse.CommentNode:
	default:
		c.fault(n, "%s has no meaning in a notice", n.String())
	}
}

func (c *treeCheck) branch(b *parse.BranchNode) {
	c.node(b.Pipe)
	c.node(b.List)
	c.node(b.ElseList)
}

// include takes {{template "part" .}} of a part that is there.
func (c *treeCheck) include(n *parse.TemplateNode) {
	if c.set.Lookup(n.Name) == nil {
		c.fault(n, "there is no part %q", n.Name)
	}
	c.includes[c.at] = append(c.includes[c.at], n.Name)
	c.node(n.Pipe)
}

func (c *treeCheck) overList(p *parse.PipeNode) bool {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	f, ok := p.Cmds[0].Args[0].(*parse.FieldNode)
	return ok && len(f.Ident) == 1 && slices.Contains(lists[:], f.Ident[0])
}

// tryTemplates fills in every text once with everything there and once with nothing. One that says nothing although everything is there is
// broken, too; the parts speak in the others.
func tryTemplates(set *template.Template) directory.Faults {
	var faults directory.Faults
	for _, name := range TemplateFiles() {
		for _, v := range []view{{}, fullView()} {
			var b bounded
			if err := set.ExecuteTemplate(&b, name, v); err != nil {
				faults = append(faults, templateFault(name, err))
				break
			}
			if v.Receipt != "" && name != partsName && strings.TrimSpace(b.String()) == "" {
				faults = append(faults, directory.Fault{File: name, Text: "says nothing; delete the file, and the shipped text is used"})
			}
		}
	}
	return faults
}

// fullView has something in every variable.
func fullView() view {
	var v view
	fields := reflect.ValueOf(&v).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.ValueOf([]string{"x", "y"}))
		}
	}
	return v
}

// bounded takes no more than a notice can be long.
type bounded struct{ strings.Builder }

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxWritten {
		return 0, errors.New("writes more than 256 KiB")
	}
	return b.Builder.Write(p)
}

// fill runs a template. Own ones that fail, or say nothing, on what no trial showed give way to the shipped one, so nothing in a mail can keep a notice
// from being written; the shipped ones are run by the tests.
func (t *Texts) fill(name string, v view) string {
	for _, set := range []*template.Template{t.templates, shipped.templates} {
		var b bounded
		if err := set.ExecuteTemplate(&b, name+".tmpl", v); err == nil && strings.TrimSpace(b.String()) != "" {
			return wrap(b.String())
		}
	}
	panic("notice text " + name + " cannot be filled in")
}
