package extract

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"sort"
	"strings"

	"github.com/klauspost/compress/flate"
)

// maxEntries bounds the files in a container.
const maxEntries = 2000

// DOCX gives the text of a WordprocessingML document (ECMA-376): page headers, body, footnotes; runs joined, one paragraph a line, cells
// of a table row separated by a tab; at most maxRunes runes. budget is how many bytes may be inflated; it is counted down, so that all
// documents of one message can share it. On ErrTooLarge and damaged members DOCX gives what could be read before.
func DOCX(r io.ReaderAt, size int64, maxRunes int, budget *int64) (string, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return "", fmt.Errorf("open docx: %w", err)
	}
	if len(z.File) > maxEntries {
		return "", fmt.Errorf("docx has %d entries: %w", len(z.File), ErrTooLarge)
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	parts := wordParts(z.File)
	if len(parts) == 0 {
		return "", ErrNotDocument
	}
	w := wordText{sink: sink{left: maxRunes}}
	for _, f := range parts {
		if err := readPart(f, &w, budget); err != nil {
			return w.text(), fmt.Errorf("read docx part: %w", err)
		}
		if w.left <= 0 {
			break
		}
	}
	return w.text(), nil
}

// wordParts are the members that hold text, in reading order. Office 365 names the main part document2.xml at times.
func wordParts(files []*zip.File) []*zip.File {
	rank := func(name string) int {
		dir, base := path.Split(strings.ToLower(strings.ReplaceAll(name, `\`, "/")))
		if strings.TrimPrefix(dir, "/") != "word/" || !strings.HasSuffix(base, ".xml") {
			return 0
		}
		for i, p := range []string{"header", "document", "footnotes"} {
			rest, ok := strings.CutPrefix(strings.TrimSuffix(base, ".xml"), p)
			if ok && strings.Trim(rest, "0123456789") == "" {
				return i + 1
			}
		}
		return 0
	}
	var out []*zip.File
	body := false
	for _, f := range files {
		r := rank(f.Name)
		body = body || r == 2
		if r > 0 {
			out = append(out, f)
		}
	}
	if !body {
		return nil
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i].Name) < rank(out[j].Name) })
	return out
}

func readPart(f *zip.File, w *wordText, budget *int64) error {
	rc, err := f.Open()
	if err != nil {
		return err
	}
	defer rc.Close() // reading only; a bad checksum shows as a read error
	lim := &io.LimitedReader{R: rc, N: *budget}
	err = w.read(lim)
	*budget = lim.N
	if err == nil && lim.N <= 0 {
		err = ErrTooLarge
	}
	return err
}
