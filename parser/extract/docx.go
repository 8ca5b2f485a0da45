package extract

import (
	"bytes"
	"fmt"
	"io"
)

// DOCX gives the text of a WordprocessingML document (ECMA-376): page headers, body, footnotes, page footers; runs joined, one paragraph
// a line, cells of a table row separated by a tab; at most maxRunes runes. budget is how many bytes may be inflated; it is counted down,
// so that all documents of one message can share it. On ErrTooLarge and damaged parts DOCX gives what could be read before.
func DOCX(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	o, err := openOffice(r, size, budget)
	if err != nil {
		return "", fmt.Errorf("open docx: %w", err)
	}
	roles, err := o.roles()
	if len(roles["word/main"]) == 0 {
		return "", firstError(err, ErrNotDocument)
	}
	return o.docx(roles, maxRunes)
}

// docx reads the parts in reading order. The first error counts, the other parts are read all the same.
func (o *office) docx(roles map[string][]string, maxRunes int) (string, error) {
	w := wordText{sink: sink{left: maxRunes}}
	var failed error
	for _, n := range firstOf(roles["word/styles"]) {
		failed = firstError(failed, o.read(n, w.styles.read))
	}
	for _, role := range []string{"header", "main", "footnotes", "endnotes", "footer"} {
		names := roles["word/"+role]
		if role == "main" {
			names = firstOf(names)
		}
		var seen [][]byte // the pages of a document mostly have the same headers
		for _, n := range names {
			if w.left <= 0 {
				break
			}
			from := len(w.b)
			failed = firstError(failed, o.read(n, w.read))
			if seen = append(seen, w.b[from:]); repeats(seen) {
				w.cut(from)
				seen = seen[:len(seen)-1]
			}
		}
	}
	if failed != nil {
		failed = fmt.Errorf("read docx: %w", failed)
	}
	return w.text(), failed
}

func firstOf(names []string) []string { return names[:min(1, len(names))] }

// repeats says whether the last text is one of the first 16 before it.
func repeats(texts [][]byte) bool {
	last := len(texts) - 1
	for i := 0; i < min(last, 16); i++ {
		if bytes.Equal(texts[i], texts[last]) {
			return true
		}
	}
	return false
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
