//go:build linux && (amd64 || arm64)

package evidence

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// deflated is a stream of a part repeated until it has the size. Only two blocks are compressed: the second one, which refers to the first,
// can be repeated as it is.
func deflated(t testing.TB, part string, size int) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	block := strings.Repeat(part, 1+1<<20/len(part))
	var ends [2]int
	for i := range ends {
		_, err := io.WriteString(w, block)
		if err = errors.Join(err, w.Flush()); err != nil {
			t.Fatal(err)
		}
		ends[i] = b.Len()
	}
	again := string(b.Bytes()[ends[0]:])
	for range size / len(block) {
		b.WriteString(again)
	}
	b.WriteString("\x01\x00\x00\xff\xff") // an empty last block; nobody looks at the checksum
	return b.String()
}

// formBomb draws a form that draws another one ten times, and so on: few bytes, no end.
func formBomb() []byte {
	var more []string
	for i := range 20 {
		content := strings.Repeat(fmt.Sprintf("/X%d Do ", i+1), 10)
		if i == 19 {
			content = "BT /F 9 Tf (x) Tj ET"
		}
		more = append(more, fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[%s]/Resources<</Font<</F 5 0 R>>/XObject<</X%d %d 0 R>>>>/Length %d>>stream\n%s\nendstream",
			a4, i+1, 6+i+1, len(content), content))
	}
	return onePage("", "/X0 Do", a4, "/XObject<</X0 6 0 R>>", more...)
}

// deepTree is a page tree of many levels with one page at the bottom.
func deepTree(levels int) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>"}
	for i := range levels {
		objects = append(objects, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", i+3))
	}
	return pdfOf(append(objects, "<</Type/Page/MediaBox["+a4+"]>>"))
}

func manyPages(n int) []byte {
	var kids strings.Builder
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "<</Length 31>>stream\nBT /F 9 Tf 50 700 Td (x) Tj ET \nendstream"}
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+5)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox["+a4+"]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", n, kids.String())
	return pdfOf(objects)
}

// children are the processes that this one has started and not yet seen the end of.
func children(t testing.TB) string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil { // the thread may have ended
			all = append(all, b...)
		}
	}
	return string(all)
}

// TestHostile reads files that were made to hurt. Each ends with what was wrong, and leaves nothing behind.
func TestHostile(t *testing.T) {
	temp := t.TempDir()
	limits := Limits{Wall: 5 * time.Minute, CPU: time.Second, Memory: 512 << 20, Output: 16 << 20}
	r := reader(t, Options{Dir: temp, Limits: limits, Budget: 15 * time.Minute})
	good, gray := plain(), rendered(t, plain())
	encrypted := bytes.Replace(onePage("", "BT /F 9 Tf (x) Tj ET", a4, ""), []byte("trailer\n<<"), []byte("trailer\n<</ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<"+
		strings.Repeat("11", 32)+">/U<"+strings.Repeat("22", 32)+">>>"), 1)
	huge := make([]byte, 200)
	copy(huge, jpegOf(t, gray))
	ring := tiffOf(gray)
	binary.LittleEndian.PutUint32(ring[len(ring)-4:], binary.LittleEndian.Uint32(ring[4:]))

	t.Run("each", func(t *testing.T) {
		for _, c := range []struct {
			what, kind string
			b          []byte
			want       []Problem // any of them
		}{
			{"encrypted", "application/pdf", encrypted, []Problem{Encrypted}},
			{"empty", "application/pdf", nil, []Problem{Damaged}},
			{"a text", "application/pdf", []byte("xin chào"), []Problem{Damaged}},
			{"only a head", "application/pdf", []byte("%PDF-1.7\n"), []Problem{Damaged}},
			{"a half", "application/pdf", good[:len(good)/2], []Problem{Damaged, NoText}},
			{"no pages", "application/pdf", pdfOf([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"}), []Problem{Damaged}},
			{"a ring of pages", "application/pdf", pdfOf([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"}), []Problem{Damaged, NoText, Overuse}},
			{"a deep tree of pages", "application/pdf", deepTree(100_000), []Problem{Damaged, NoText, Overuse}},
			{"an endless page", "application/pdf", onePage("", "BT /F 9 Tf (x) Tj ET", "0 0 1000000000 1000000000", ""), []Problem{Damaged, NoText, Overuse, ""}},
			{"a page without width", "application/pdf", onePage("", "BT /F 9 Tf (x) Tj ET", "0 0 0 842", ""), []Problem{Damaged, NoText, Overuse, ""}},
			{"a text without end", "application/pdf", onePage("/Filter/FlateDecode", deflated(t, "BT /F 9 Tf 1 0 Td (abcdefgh) Tj ET\n", 400<<20), a4, ""), []Problem{Overuse, Deadline, Damaged}},
			{"a stream without end", "application/pdf", onePage("/Filter/FlateDecode", deflated(t, "q 1 0 0 1 0 0 cm Q ", 1<<30), a4, ""), []Problem{Overuse, Deadline, Damaged}},
			{"forms in forms", "application/pdf", formBomb(), []Problem{Overuse, Deadline}},
			{"a picture of nothing but a head", "image/jpeg", huge, []Problem{Damaged, NoText, Overuse}},
			{"a picture larger than the memory", "image/png", hugePNG(60000), []Problem{Damaged, Overuse, NoText}},
			{"a picture in a PDF larger than the memory", "application/pdf", onePage("", "q 595 0 0 842 0 0 cm /I Do Q", a4, "/XObject<</I 6 0 R>>", hugeImage(t)), []Problem{Damaged, Overuse, NoText}},
			{"a ring of pictures", "image/tiff", ring, []Problem{"", Overuse}},
			{"a TIFF of a head", "image/tiff", []byte("II*\x00\x08\x00\x00\x00"), []Problem{Damaged}},
			{"no TIFF", "image/tiff", []byte("GIF89a"), []Problem{Damaged}},
		} {
			t.Run(c.what, func(t *testing.T) {
				t.Parallel()
				f := readBytes(t, r, c.b, c.kind)
				t.Logf("%7d bytes: %q, %d pages, %d bytes of text", len(c.b), f.Problem, f.PageCount, len(f.Text))
				if !slices.Contains(c.want, f.Problem) || len(f.Text) > r.options.Text {
					t.Errorf("%q, %d bytes", f.Problem, len(f.Text))
				}
			})
		}
		t.Run("100,000 pages", func(t *testing.T) {
			t.Parallel()
			if f := readBytes(t, r, manyPages(100_000), "application/pdf"); f.PageCount != 100_000 || len(f.Pages) < 2 || !f.Truncated {
				t.Errorf("%q, %d pages, %d read", f.Problem, f.PageCount, len(f.Pages))
			}
		})
	})
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if c := children(t); c != "" {
		t.Errorf("left behind: processes %s", c)
	}
}

// hugePNG claims to be a picture of so many dots on each side.
func hugePNG(side uint32) []byte {
	be := binary.BigEndian
	chunk := func(kind string, data []byte) []byte {
		b := append(be.AppendUint32(nil, uint32(len(data))), kind...)
		b = append(b, data...)
		return be.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := append(be.AppendUint32(be.AppendUint32(nil, side), side), 8, 0, 0, 0, 0)
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, err := w.Write(make([]byte, 1<<20))
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err)
	}
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head)...)
	return append(append(b, chunk("IDAT", z.Bytes())...), chunk("IEND", nil)...)
}

// hugeImage is an image object of 900 million dots.
func hugeImage(t testing.TB) string {
	t.Helper()
	data := deflated(t, "\x55", 900<<20)
	return fmt.Sprintf("<</Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode/Length %d>>stream\n%s\nendstream", len(data), data)
}

// TestUnlinked: a tool that the system's loader could not begin has not read its file, and is no reason to call that damaged.
func TestUnlinked(t *testing.T) {
	t.Parallel()
	cages(t, Limits{}, func(t *testing.T, x *traitor) {
		if _, err := x.r.use(t.Context(), x.r.task(x.tool, "unlinked", "", x.mark), nil, &bounded{left: 1}); err == nil {
			t.Error("a tool without its libraries counts as one that could not read its file")
		}
		if _, err := x.r.use(t.Context(), x.r.task(x.tool, "abort", "", x.mark), nil, &bounded{left: 1}); err != nil {
			t.Errorf("a tool that fell: %v", err)
		}
	})
}
