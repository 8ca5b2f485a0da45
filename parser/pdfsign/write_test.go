package pdfsign

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// pdf writes small files that are saved again and again.
type pdf struct {
	t        testing.TB
	b        []byte
	objects  map[int]string // what stands between obj and endobj, as it is now
	changed  map[int]bool
	prev     int
	packed   bool // tables are streams, and objects stand in object streams where they may
	unlisted map[int]bool
	trailer  string
	fields   []int
	hexLen   int    // digits of Contents
	sigExtra string // keys of signature dictionaries
	subtype  string // SubFilter
	stampSig bool   // sign a document time-stamp
}

const pageText = "BT /F1 12 Tf 72 720 Td (So: 12/UBND-VX) Tj ET"

// newPDF writes a document of one page.
func newPDF(t testing.TB) *pdf {
	p := &pdf{t: t, b: []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), objects: map[int]string{}, changed: map[int]bool{}, prev: -1, hexLen: 16384, subtype: Detached}
	p.set(1, "<< /Type /Catalog /Pages 2 0 R >>")
	p.set(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	p.set(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	p.set(4, stream("", pageText))
	p.set(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	p.set(6, "<< /Title (Cong van) /ModDate (D:20260105080000+07'00') >>")
	p.trailer = "/Root 1 0 R /Info 6 0 R"
	return p
}

func stream(dict, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

func (p *pdf) set(num int, body string) {
	p.objects[num] = body
	p.changed[num] = true
}

func (p *pdf) next() int { return slices.Max(slices.Collect(maps.Keys(p.objects))) + 1 }

// add gives a new object a number.
func (p *pdf) add(body string) int {
	n := p.next()
	p.set(n, body)
	return n
}

// replace changes an object.
func (p *pdf) replace(num int, old, with string) {
	p.t.Helper()
	if !strings.Contains(p.objects[num], old) {
		p.t.Fatalf("object %d has no %s", num, old)
	}
	p.set(num, strings.Replace(p.objects[num], old, with, 1))
}

// save appends all objects that were changed, and a table.
func (p *pdf) save() *pdf {
	if p.packed {
		return p.savePacked()
	}
	at := map[int]int{}
	for _, n := range slices.Sorted(maps.Keys(p.changed)) {
		at[n] = len(p.b)
		if p.objects[n] == "" { // freed
			continue
		}
		p.b = fmt.Appendf(p.b, "%d 0 obj\n%s\nendobj\n", n, p.objects[n])
	}
	start := len(p.b)
	p.b = append(p.b, "xref\n"...)
	if p.prev < 0 {
		p.b = append(p.b, "0 1\n0000000000 65535 f \n"...)
	}
	for _, n := range slices.Sorted(maps.Keys(at)) {
		switch {
		case p.unlisted[n]:
		case p.objects[n] == "":
			p.b = fmt.Appendf(p.b, "%d 1\n%010d %05d f \n", n, 0, 1)
		default:
			p.b = fmt.Appendf(p.b, "%d 1\n%010d %05d n \n", n, at[n], 0)
		}
	}
	p.b = fmt.Appendf(p.b, "trailer\n<< /Size %d %s%s >>\n", p.next(), p.trailer, p.before())
	p.end(start)
	return p
}

func (p *pdf) before() string {
	if p.prev < 0 {
		return ""
	}
	return fmt.Sprintf(" /Prev %d", p.prev)
}

func (p *pdf) end(start int) {
	p.b = fmt.Appendf(p.b, "startxref\n%d\n%%%%EOF\n", start)
	p.prev, p.changed, p.unlisted = start, map[int]bool{}, nil
}

func deflate(t testing.TB, b []byte) string {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// savePacked writes an object stream and a cross-reference stream with a predictor, as programs do since PDF 1.5.
func (p *pdf) savePacked() *pdf {
	type place struct{ kind, a, b int }
	at := map[int]place{}
	pack := p.next()
	var head, body string
	count := 0
	for _, n := range slices.Sorted(maps.Keys(p.changed)) {
		text := p.objects[n]
		if strings.Contains(text, "stream\n") || strings.Contains(text, "/ByteRange") {
			at[n] = place{1, len(p.b), 0}
			p.b = fmt.Appendf(p.b, "%d 0 obj\n%s\nendobj\n", n, text)
			continue
		}
		head += fmt.Sprintf("%d %d ", n, len(body))
		body += text + "\n"
		at[n] = place{2, pack, count}
		count++
	}
	if count > 0 {
		p.objects[pack] = stream(fmt.Sprintf("/Type /ObjStm /N %d /First %d /Filter /FlateDecode", count, len(head)), deflate(p.t, []byte(head+body)))
		at[pack] = place{1, len(p.b), 0}
		p.b = fmt.Appendf(p.b, "%d 0 obj\n%s\nendobj\n", pack, p.objects[pack])
	}
	own := p.next()
	at[own] = place{1, len(p.b), 0}
	var index string
	var rows []byte
	last := make([]byte, 7)
	for _, n := range slices.Sorted(maps.Keys(at)) {
		index += fmt.Sprintf("%d 1 ", n)
		row := binary.BigEndian.AppendUint32([]byte{byte(at[n].kind)}, uint32(at[n].a))
		row = binary.BigEndian.AppendUint16(row, uint16(at[n].b))
		rows = append(rows, 2) // up
		for i, b := range row {
			rows = append(rows, b-last[i])
		}
		last = row
	}
	start := len(p.b)
	p.objects[own] = stream(fmt.Sprintf("/Type /XRef /W [1 4 2] /Index [%s] /Size %d %s%s /Filter [/FlateDecode] /DecodeParms [<< /Predictor 12 /Columns 7 >>]",
		index, own+1, p.trailer, p.before()), deflate(p.t, rows))
	p.b = fmt.Appendf(p.b, "%d 0 obj\n%s\nendobj\n", own, p.objects[own])
	p.end(start)
	return p
}

// field adds a field for a signature with its widget, and gives its number.
func (p *pdf) field(value string) int {
	n := p.add(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (Chu ky %d) /Rect [300 60 500 120] /P 3 0 R /F 132%s >>", len(p.fields)+1, value))
	p.fields = append(p.fields, n)
	refs := ""
	for _, f := range p.fields {
		refs += fmt.Sprintf("%d 0 R ", f)
	}
	p.set(1, strings.Split(strings.TrimSuffix(p.objects[1], ">>"), "/AcroForm")[0]+fmt.Sprintf("/AcroForm << /Fields [%s] /SigFlags 3 >> >>", refs))
	p.set(3, strings.Split(strings.TrimSuffix(p.objects[3], ">>"), "/Annots")[0]+fmt.Sprintf("/Annots [%s] >>", refs))
	return n
}

const rangeHole = "[0 aaaaaaaaaa bbbbbbbbbb cccccccccc]"

// signature adds a signature dictionary that is still empty.
func (p *pdf) signature() int {
	typ := "/Sig"
	if p.stampSig {
		typ = "/DocTimeStamp"
	}
	return p.add(fmt.Sprintf("<< /Type %s /Filter /Adobe.PPKLite /SubFilter /%s /ByteRange %s /Contents <%s> /M (D:20260110090000+07'00') /Name (Tran Thi Mau) %s >>",
		typ, p.subtype, rangeHole, strings.Repeat("0", p.hexLen), p.sigExtra))
}

// fill writes the ByteRange of the last signature and what make gives for the bytes that it stands on.
func (p *pdf) fill(make func(content []byte) []byte) *pdf {
	p.t.Helper()
	a := bytes.LastIndex(p.b, []byte(rangeHole))
	if a < 0 {
		p.t.Fatal("no signature to fill")
	}
	open := a + bytes.IndexByte(p.b[a:], '<')
	shut := open + bytes.IndexByte(p.b[open:], '>') + 1
	text := fmt.Sprintf("[0 %d %d %d]", open, shut, len(p.b)-shut)
	copy(p.b[a:], text+strings.Repeat(" ", len(rangeHole)-len(text)))
	p.contents(open, make(slices.Concat(p.b[:open], p.b[shut:])))
	return p
}

func (p *pdf) contents(open int, cms []byte) {
	p.t.Helper()
	if 2*len(cms) > p.hexLen {
		p.t.Fatalf("%d bytes of CMS", len(cms))
	}
	hex.Encode(p.b[open+1:], cms)
}

// sign saves the file with a signature.
func (p *pdf) sign(s *signer) *pdf {
	p.t.Helper()
	sig := p.signature()
	p.field(fmt.Sprintf(" /V %d 0 R", sig))
	return p.save().fill(s.cms)
}

func (p *pdf) read() Report {
	p.t.Helper()
	rep, err := Read(bytes.NewReader(p.b), int64(len(p.b)), DefaultLimits)
	if err != nil {
		p.t.Fatal(err)
	}
	return rep
}

func (p *pdf) clone() *pdf {
	c := *p
	c.b, c.objects, c.changed, c.fields = slices.Clone(p.b), maps.Clone(p.objects), maps.Clone(p.changed), slices.Clone(p.fields)
	return &c
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}
