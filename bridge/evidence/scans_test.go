package evidence

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scan makes a PDF look as if its pages had been printed, laid on a scanner a little crooked, and scanned at 200 dpi.
func scan(t testing.TB, file string, seed uint64) []byte {
	t.Helper()
	prefix := filepath.Join(t.TempDir(), "page")
	if out, err := exec.Command(tool(t, "pdftoppm"), "-r", "200", "-gray", "-l", "3", file, prefix).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	names, err := filepath.Glob(prefix + "*.pgm")
	if err != nil || len(names) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	var pages [][]byte
	for i, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, jpegOf(t, worn(grayOf(t, b), rand.New(rand.NewPCG(seed, uint64(i))))))
	}
	return picturesPDF(pages, "")
}

// grayOf reads a binary PGM.
func grayOf(t testing.TB, b []byte) *image.Gray {
	t.Helper()
	var w, h, most int
	if _, err := fmt.Fscanf(bytes.NewReader(b), "P5\n%d %d\n%d", &w, &h, &most); err != nil || most != 255 || len(b) < w*h {
		t.Fatalf("not a PGM: %v", err)
	}
	return &image.Gray{Pix: b[len(b)-w*h:], Stride: w, Rect: image.Rect(0, 0, w, h)}
}

// worn turns a page by up to 0.8 degrees, blurs it, fades the ink, greys the paper, and adds noise and specks.
//
//go:norace
func worn(in *image.Gray, rng *rand.Rand) *image.Gray {
	w, h := in.Rect.Dx(), in.Rect.Dy()
	out := image.NewGray(in.Rect)
	sin, cos := math.Sincos((rng.Float64()*1.6 - 0.8) * math.Pi / 180)
	ink, paper := 30+rng.Float64()*50, 225+rng.Float64()*25
	var noise [1 << 16]float64
	for i := range noise {
		noise[i] = rng.NormFloat64() * 9
	}
	for y := range h {
		for x := range w {
			cx, cy := float64(x-w/2), float64(y-h/2)
			sx, sy := cos*cx-sin*cy+float64(w/2), sin*cx+cos*cy+float64(h/2)
			v, r := 255.0, rng.Uint64()
			if x0, y0 := int(sx), int(sy); sx >= 0 && sy >= 0 && x0+2 < w && y0+2 < h {
				fx, fy := sx-float64(x0), sy-float64(y0)
				p, q, s := in.Pix[y0*in.Stride+x0:], in.Pix[(y0+1)*in.Stride+x0:], in.Pix[(y0+2)*in.Stride+x0:]
				// Linear between dots, over a square of one dot and a half: the lens is not sharp.
				row := func(p []byte) float64 { return (float64(p[0])*(1-fx) + float64(p[1]) + float64(p[2])*fx) / 2 }
				v = (row(p)*(1-fy) + row(q) + row(s)*fy) / 2
			}
			v = ink + v/255*(paper-ink) + noise[r&0xffff]
			if r>>16%40000 == 0 {
				v = ink
			}
			out.Pix[y*out.Stride+x] = uint8(min(255, max(0, v)))
		}
	}
	return out
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// picturesPDF is a PDF of gray JPEG pages on A4, with a text layer of one line when a text is given.
func picturesPDF(pages [][]byte, text string) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
	var kids []string
	for _, page := range pages {
		c, err := jpeg.DecodeConfig(bytes.NewReader(page))
		if err != nil {
			panic(err)
		}
		n := len(objects)
		content := "q 595 0 0 842 0 0 cm /I Do Q"
		if text != "" {
			content += " BT /F 9 Tf 300 90 Td (" + text + ") Tj ET"
		}
		kids = append(kids, fmt.Sprintf("%d 0 R", n+1))
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I %d 0 R>>/Font<</F 3 0 R>>>>/Contents %d 0 R>>", n+2, n+3),
			fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length %d>>stream\n%s\nendstream", c.Width, c.Height, len(page), page),
			fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(kids))
	return pdfOf(objects)
}

// pdfOf writes numbered objects as a PDF, the first of which is the catalogue.
func pdfOf(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// rendered is the first page of a PDF as a picture of 200 dpi.
func rendered(t testing.TB, pdf []byte) *image.Gray {
	t.Helper()
	cmd := exec.Command(tool(t, "pdftoppm"), "-r", "200", "-gray", "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	b, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return grayOf(t, b)
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tiffOf is an uncompressed TIFF of gray pages (TIFF 6.0, section 4).
func tiffOf(pages ...*image.Gray) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x00\x00\x00\x00")
	link := 4
	for _, p := range pages {
		data := len(b)
		b = append(b, p.Pix...)
		b = append(b, make([]byte, len(b)%2)...)
		le.PutUint32(b[link:], uint32(len(b)))
		entries := [][2]uint32{{256, uint32(p.Rect.Dx())}, {257, uint32(p.Rect.Dy())}, {258, 8}, {259, 1}, {262, 1}, {273, uint32(data)}, {277, 1}, {278, uint32(p.Rect.Dy())}, {279, uint32(len(p.Pix))}}
		b = le.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), 4) // LONG
			b = le.AppendUint32(le.AppendUint32(b, 1), e[1])
		}
		link = len(b)
		b = le.AppendUint32(b, 0)
	}
	return b
}

// onePage is a PDF of one page with the given content stream, media box and further objects (numbers from 6 on).
func onePage(dictionary, content, box, resources string, more ...string) []byte {
	return pdfOf(append([]string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>", box, resources),
		fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dictionary, len(content), content),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}, more...))
}

const a4 = "0 0 595 842"

// plain is a page that needs nothing to be made: letters without marks, as an old typewriter's.
func plain() []byte {
	var b strings.Builder
	for i, text := range []string{"SO NOI VU", "So: 12/UBND-VX", "Hai Dong, ngay 05 thang 3 nam 2021", "Kinh gui: Van phong",
		"De nghi cac co quan ra soat tai khoan tren he thong quan ly van ban", "va gui danh sach ve bo phan van thu truoc ngay 30 cua thang nay."} {
		fmt.Fprintf(&b, "BT /F 13 Tf 60 %d Td (%s) Tj ET\n", 760-24*i, text)
	}
	return onePage("", b.String(), a4, "")
}
