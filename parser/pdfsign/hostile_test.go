package pdfsign

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// counting counts what is read of a file: the measure of work that is the same on every machine.
type counting struct {
	r io.ReaderAt
	n int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// allocated gives the bytes that f takes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileFiles(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	many := newPDF(t)
	for range 200 {
		many.field(fmt.Sprintf(" /V %d 0 R", many.add("<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> >>")))
	}
	bomb := newPDF(t)
	bomb.packed = true
	bomb.set(50, strings.Repeat(" ", 64<<20))
	circle := newPDF(t)
	circle.field("")
	circle.set(7, "<< /Kids [7 0 R 8 0 R] /T (a) >>")
	circle.set(8, "<< /Kids [7 0 R 8 0 R] /T 8 0 R /FT 8 0 R /V 9 0 R >>")
	circle.set(9, "9 0 R")
	var tables []byte
	tables = append(tables, newPDF(t).save().b...)
	prev := bytes.LastIndex(tables, []byte("xref\n0"))
	for range 300 {
		at := len(tables)
		tables = fmt.Appendf(tables, "xref\n0 0\ntrailer\n<< /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", prev, at)
		prev = at
	}
	wide := newPDF(t)
	keys := ""
	for i := range 5000 {
		keys += fmt.Sprintf("/K%d %d ", i, i)
	}
	for i := range 300 {
		wide.set(100+i, "<<"+keys+">>")
	}
	wide.save().sign(newSigner(t))
	for i := range 300 {
		wide.set(100+i, "<<"+keys+" /Type 1>>")
	}
	wide.save()
	for name, b := range map[string][]byte{
		"wide":             wide.b,
		"depth":            []byte("%PDF-1.7\n1 0 obj\n<< /ByteRange " + deep),
		"depth of names":   []byte("%PDF-1.7\n1 0 obj\n<< /ByteRange " + strings.Repeat("<</A", 100_000)),
		"words":            []byte("%PDF-1.7\n" + strings.Repeat("/ByteRange ", 1<<20)),
		"objects":          []byte("%PDF-1.7\n" + strings.Repeat("1 0 obj ", 1<<20) + "/ByteRange"),
		"objects, words":   []byte("%PDF-1.7\n" + strings.Repeat("1 0 obj<</ByteRange ", 1<<19)),
		"open strings":     []byte("%PDF-1.7\n" + strings.Repeat("1 0 obj<</Type/Sig/ByteRange[](", 1<<18)),
		"open Contents":    []byte("%PDF-1.7\n" + strings.Repeat("1 0 obj<</ByteRange[]/Contents<"+strings.Repeat("0", 300_000)+"\n", 50)),
		"giant count":      []byte("%PDF-1.7\nxref\n0 99999999999\n" + strings.Repeat("0000000000 00000 n \n", 300_000) + "startxref\n9\n%%EOF"),
		"many values":      []byte("%PDF-1.7\nxref\n" + strings.Repeat("0 0 ", 1<<20) + "startxref\n9\n%%EOF"),
		"comment":          []byte("%PDF-1.7\n1 0 obj %" + strings.Repeat("x", 8<<20) + "/ByteRange"),
		"many signatures":  many.save().b,
		"bomb":             bomb.save().b,
		"fields in circle": circle.save().b,
		"tables":           tables,
	} {
		c := &counting{r: bytes.NewReader(b)}
		var rep Report
		var err error
		took := allocated(func() { rep, err = Read(c, int64(len(b)), DefaultLimits) })
		if err != nil || len(rep.Signatures) > DefaultLimits.Signatures || JudgeFile(&rep, roots(), judged).State == Valid {
			t.Errorf("%s: %s, %v", name, summary(&rep), err)
		}
		if most := 16*int64(len(b)) + 64<<20; c.n > most || took > 200<<20 {
			t.Errorf("%s: read %d KB of %d KB, took %d KB of memory", name, c.n>>10, len(b)>>10, took>>10)
		}
		if name == "many signatures" && (len(rep.Signatures) != 50 || rep.Complete) {
			t.Errorf("%d signatures", len(rep.Signatures))
		}
		t.Logf("%s: read %d KB of %d KB, took %d KB of memory", name, c.n>>10, len(b)>>10, took>>10)
	}
}

// A file of any size passes through small buffers.
func TestLargeFile(t *testing.T) {
	p := newPDF(t)
	p.set(50, stream("", strings.Repeat("0123456789abcdef", 4<<20)))
	p.save().sign(newSigner(t))
	p.sign(newSigner(t))
	var rep Report
	if kb := allocated(func() { rep = p.read() }) >> 10; kb > 4096 {
		t.Errorf("%d KB for a file of %d MB", kb, len(p.b)>>20)
	}
	if got := summary(&rep); got != "intact revision signatures valid; "+good {
		t.Error(got)
	}
}

func TestLimits(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t)).sign(newSigner(t))
	for name, lower := range map[string]func(*Limits){
		"signatures": func(l *Limits) { l.Signatures = 1 }, "contents": func(l *Limits) { l.Contents = 100 }, "objects": func(l *Limits) { l.Objects = 3 },
		"revisions": func(l *Limits) { l.Revisions = 2 }, "parse": func(l *Limits) { l.Parse = 1000 }, "digest": func(l *Limits) { l.Digest = 10_000 },
		"search": func(l *Limits) { l.Search = 2000 }, "all": func(l *Limits) { *l = Limits{} }, "object": func(l *Limits) { l.Object = 50 }, "depth": func(l *Limits) { l.Depth = 1 },
	} {
		lim := DefaultLimits
		lower(&lim)
		rep, err := Read(bytes.NewReader(p.b), int64(len(p.b)), lim)
		if err != nil {
			t.Fatal(err)
		}
		if j := JudgeFile(&rep, roots(), judged); j.State == Valid || j.State == Absent || len(rep.Problems) == 0 {
			t.Errorf("%s: %s %v", name, summary(&rep), rep.Problems)
		}
	}
}
