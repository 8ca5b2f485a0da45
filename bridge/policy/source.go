package policy

import (
	"bytes"
	"errors"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxFile bounds a rules file, in bytes. A rule takes some 400.
const maxFile = 16 << 20

// lineIndex gives the 1-based line of every key, table and list element of a TOML file by its place, e.g. "rule[1].phase[0].from".
// The decoder keeps no positions of what it accepted, yet a rule that contradicts itself must be named by line too.
type lineIndex map[string]int

// decodeTOML reads the file into plain maps, so that no fault can mention a Go type, and indexes the lines. A syntax error is reported as
// a fault of the reader; the result is then nil.
func (r *reader) decodeTOML(data []byte) map[string]any {
	if len(data) > maxFile {
		r.fault(0, "", "has %d bytes, and rules files have at most %d; take out what decides nothing, or split it by receiving agency", len(data), maxFile)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		for i, line := range bytes.Split(data, []byte("\n")) {
			if !utf8.Valid(line) {
				r.fault(i+1, "", "is not UTF-8 text; save the file as UTF-8")
			}
		}
		return nil
	}
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		r.syntaxFault(err)
		return nil
	}
	r.lines = indexLines(data)
	return tree
}

func (r *reader) syntaxFault(err error) {
	var bad *toml.DecodeError
	if !errors.As(err, &bad) {
		r.fault(0, "", "is not valid TOML (%s); correct the file", strings.TrimPrefix(err.Error(), "toml: "))
		return
	}
	line, column := bad.Position()
	r.fault(line, strings.Join(bad.Key(), "."), "is not valid TOML in column %d (%s); texts stand in double quotes, dates as 2019-04-20, and a key only once",
		column, strings.TrimPrefix(bad.Error(), "toml: "))
}

// maxDepth is how many parts of a dotted key, or lists within lists, are followed: nothing that means anything has as many.
const maxDepth = 16

// indexer walks the expressions of a file that is known to be valid TOML.
type indexer struct {
	starts []int          // offset of each line
	counts map[string]int // elements so far of each array of tables, by place
	lines  lineIndex
}

func indexLines(data []byte) lineIndex {
	x := indexer{starts: []int{0}, counts: map[string]int{}, lines: lineIndex{}}
	for i, c := range data {
		if c == '\n' {
			x.starts = append(x.starts, i+1)
		}
	}
	var p unstable.Parser
	p.Reset(data)
	prefix := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			prefix = x.keys("", e.Key(), false)
		case unstable.ArrayTable:
			prefix = x.keys("", e.Key(), true)
		case unstable.KeyValue:
			x.keyValue(prefix, e, 0)
		}
	}
	return x.lines
}

// keys follows a dotted key from the prefix and gives its place. With grow the last part begins a new element of an array of tables;
// parts before it mean the latest element.
func (x *indexer) keys(prefix string, it unstable.Iterator, grow bool) string {
	place := prefix
	for depth := 0; depth < maxDepth && it.Next(); depth++ {
		part, last := it.Node(), it.IsLast()
		place = join(place, string(part.Data))
		line := x.line(part.Raw)
		x.note(place, line)
		if last && grow {
			x.counts[place]++
		}
		if n := x.counts[place]; n > 0 {
			place += "[" + strconv.Itoa(n-1) + "]"
			x.note(place, line)
		}
	}
	return place
}

func (x *indexer) keyValue(prefix string, e *unstable.Node, depth int) {
	x.value(x.keys(prefix, e.Key(), false), e.Value(), depth)
}

func (x *indexer) value(place string, n *unstable.Node, depth int) {
	if depth++; depth > maxDepth {
		return
	}
	switch n.Kind {
	case unstable.InlineTable:
		for it := n.Children(); it.Next(); {
			x.keyValue(place, it.Node(), depth)
		}
	case unstable.Array:
		i := 0
		for it := n.Children(); it.Next(); i++ {
			element := place + "[" + strconv.Itoa(i) + "]"
			if it.Node().Raw.Length > 0 {
				x.note(element, x.line(it.Node().Raw))
			} else {
				x.note(element, x.lines[place])
			}
			x.value(element, it.Node(), depth)
		}
	}
}

func (x *indexer) note(place string, line int) {
	if _, ok := x.lines[place]; !ok {
		x.lines[place] = line
	}
}

func (x *indexer) line(raw unstable.Range) int {
	return sort.SearchInts(x.starts, int(raw.Offset)+1)
}

func join(prefix, key string) string {
	if prefix == "" {
		return key
	}
	return prefix + "." + key
}
