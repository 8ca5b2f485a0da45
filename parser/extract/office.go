package extract

import (
	"errors"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"

	"github.com/giaolien/giaolien/parser/unpack"
)

// maxEntries bounds the files in a container.
const maxEntries = 2000

// office is a document that is a ZIP file of XML parts: Office Open XML (ECMA-376) or OpenDocument.
type office struct {
	files  map[string]unpack.Entry // by name in lower case, without a slash before it
	names  []string                // the keys, in order
	spent  unpack.Budget
	budget *int64
}

// openOffice lists the parts. budget is how many bytes may be inflated; it is counted down by what is read.
func openOffice(r io.ReaderAt, size int64, budget *int64) (*office, error) {
	o := &office{files: map[string]unpack.Entry{}, budget: budget}
	o.spent = unpack.Budget{Entries: maxEntries, Bytes: *budget, Ratio: unpack.DefaultBudget.Ratio}
	entries, problems := unpack.Files(unpack.ZIP, r, size, &o.spent)
	for _, p := range problems {
		switch p.Code {
		case unpack.LimitCount, unpack.Overlap:
			return nil, fmt.Errorf("%s: %w", p.Note, ErrTooLarge)
		}
	}
	if len(entries) == 0 {
		return nil, ErrNotDocument
	}
	for _, e := range entries {
		n := partName(e.Name)
		if _, ok := o.files[n]; !ok { // of two with one name programs read the first, or refuse both
			o.files[n] = e
			o.names = append(o.names, n)
		}
	}
	sort.Slice(o.names, func(i, j int) bool {
		a, b := o.names[i], o.names[j]
		return len(a) < len(b) || len(a) == len(b) && a < b // header2 before header10
	})
	return o, nil
}

// partName is the form in which names are compared: they do not tell case (ECMA-376, part 2, 7.3), and some programs write backslashes.
func partName(s string) string {
	return strings.TrimPrefix(path.Clean("/"+strings.ToLower(strings.ReplaceAll(s, `\`, "/"))), "/")
}

func (o *office) has(name string) bool {
	_, ok := o.files[name]
	return ok
}

// read gives a part to f. A part that is not there has nothing.
func (o *office) read(name string, f func(*xmlScan) error) error {
	e, ok := o.files[name]
	if !ok {
		return nil
	}
	r, err := e.Open()
	if err == nil {
		err = f(scanXML(r))
	}
	*o.budget = max(0, o.spent.Bytes)
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, unpack.ErrBudget), errors.Is(err, unpack.ErrRatio):
		err = ErrTooLarge
	case errors.Is(err, unpack.ErrEncrypted):
		err = ErrEncrypted
	}
	return fmt.Errorf("read %s: %w", path.Base(name), err)
}

// roles tells what the parts of an Office Open XML file are, by their content types (ECMA-376, part 2, 7.2.3): "word/main",
// "word/header", "excel/main" and so on, or by their usual names when there is no main part.
func (o *office) roles() (map[string][]string, error) {
	out := map[string][]string{}
	err := o.read("[content_types].xml", func(x *xmlScan) error {
		return x.each(func(kind xmlKind) bool {
			if kind == xmlStart && string(x.name) == "Override" {
				name := partName(x.attr("PartName", false))
				if role := contentRole(x.attr("ContentType", false)); role != "" && o.has(name) && len(out[role]) < maxEntries {
					out[role] = append(out[role], name)
				}
			}
			return true
		})
	})
	if len(out["word/main"]) == 0 && len(out["excel/main"]) == 0 {
		out = map[string][]string{}
		for _, n := range o.names {
			if role := nameRole(n); role != "" {
				out[role] = append(out[role], n)
			}
		}
	}
	return out, err
}

// contentRole shortens a content type: the program, and the last word, such as main, header, worksheet.
func contentRole(t string) string {
	t, ok := strings.CutSuffix(strings.ToLower(t), "+xml")
	i := strings.LastIndexByte(t, '.')
	if !ok || i < 0 {
		return ""
	}
	last := t[i+1:]
	switch {
	case strings.Contains(t, "wordprocessingml"), strings.Contains(t, "ms-word"):
		return "word/" + last
	case strings.Contains(t, "spreadsheetml"), strings.Contains(t, "ms-excel"), last == "drawing":
		return "excel/" + last
	}
	return ""
}

// nameRole goes by where parts usually are. Office 365 names the main part document2.xml at times.
func nameRole(name string) string {
	dir, base := path.Split(strings.TrimSuffix(name, ".xml"))
	base = strings.TrimRight(base, "0123456789")
	switch {
	case !strings.HasSuffix(name, ".xml"):
	case dir == "word/" && base == "document":
		return "word/main"
	case dir == "word/" && (base == "header" || base == "footer" || base == "footnotes" || base == "endnotes" || base == "styles"):
		return "word/" + base
	case dir == "xl/" && base == "workbook":
		return "excel/main"
	case dir == "xl/" && base == "sharedstrings":
		return "excel/sharedstrings"
	case dir == "xl/worksheets/" && base == "sheet":
		return "excel/worksheet"
	case dir == "xl/drawings/" && base == "drawing":
		return "excel/drawing"
	}
	return ""
}
