package config

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines knows on which line each key and each table stands, by the paths that the binder uses (mailbox[2].host).
type lines map[string]int

// of gives the line of a key, or of the table that it should stand in; 0 when neither was written.
func (l lines) of(path string) int {
	for path != "" {
		if n, ok := l[path]; ok {
			return n
		}
		path = parent(path)
	}
	return 0
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}

// linesOf walks the file's expressions. The file has been decoded before, so its syntax is known to be good.
func linesOf(data []byte) (lines, error) {
	out, table := lines{}, ""
	count := map[string]int{} // tables seen of each array
	p := unstable.Parser{}
	p.Reset(data)
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.ArrayTable:
			name, line := keyOf(&p, e, "", count)
			table = entry(name, count[name])
			count[name]++
			out[table] = line
			if count[name] == 1 {
				out[name] = line
			}
		case unstable.Table:
			name, line := keyOf(&p, e, "", count)
			table, out[name] = name, line
		case unstable.KeyValue:
			out.keyValue(&p, e, table, count)
		}
	}
	if err := p.Error(); err != nil {
		return nil, fmt.Errorf("find lines: %w", err)
	}
	return out, nil
}

func (l lines) keyValue(p *unstable.Parser, e *unstable.Node, table string, count map[string]int) {
	path, line := keyOf(p, e, table, count)
	for up := parent(path); up != table && up != ""; up = parent(up) {
		if _, ok := l[up]; !ok {
			l[up] = line // a dotted key makes its tables
		}
	}
	l[path] = line
	l.inside(p, e.Value(), path, count)
}

// inside notes the keys of inline tables, and of inline tables in arrays.
func (l lines) inside(p *unstable.Parser, v *unstable.Node, path string, count map[string]int) {
	switch v.Kind {
	case unstable.InlineTable:
		it := v.Children()
		for it.Next() {
			if it.Node().Kind == unstable.KeyValue {
				l.keyValue(p, it.Node(), path, count)
			}
		}
	case unstable.Array:
		it := v.Children()
		for i := 0; it.Next(); i++ {
			if it.Node().Kind == unstable.InlineTable {
				at := entry(path, i)
				l[at] = l[path]
				l.inside(p, it.Node(), at, count)
			}
		}
	}
}

// keyOf spells the path of an expression and finds its line. A step through an array of tables means its last table.
func keyOf(p *unstable.Parser, e *unstable.Node, path string, count map[string]int) (string, int) {
	line := 0
	it := e.Key()
	for it.Next() {
		k := it.Node()
		if line == 0 {
			line = p.Shape(k.Raw).Start.Line
		}
		if n := count[path]; n > 0 {
			path = entry(path, n-1)
		}
		path = join(path, string(k.Data))
	}
	return path, line
}
