package unpack

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func readOctets(b []byte) ([]byte, error) {
	w := newBERWindow(bytes.NewReader(b), int64(len(b)), 64)
	e, err := w.header(0)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(newOctets(w, e))
}

// drawString writes content as an OCTET STRING in any way that BER knows.
func drawString(t *rapid.T, content []byte, depth int) []byte {
	form := rapid.IntRange(0, 3).Draw(t, "form")
	if depth == 0 || form == 0 {
		if rapid.Bool().Draw(t, "long length") {
			return append([]byte{berOctets, 0x83, byte(len(content) >> 16), byte(len(content) >> 8), byte(len(content))}, content...)
		}
		return el(berOctets, content)
	}
	var parts [][]byte
	for len(content) > 0 || len(parts) == 0 && form == 1 {
		n := rapid.IntRange(0, len(content)).Draw(t, "piece")
		parts = append(parts, drawString(t, content[:n], depth-1))
		content = content[n:]
		if len(parts) == 5 {
			parts = append(parts, el(berOctets, content))
			break
		}
	}
	if form == 2 {
		return el(berOctetsParts, parts...)
	}
	return indef(berOctetsParts, parts...)
}

func TestOctetsHoweverWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")
		b := drawString(t, content, 3)
		got, err := readOctets(b)
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%x gives %x, %v, not %x", b, got, err, content)
		}
		w := newBERWindow(iotestReaderAt{b}, int64(len(b)), 20)
		e, err := w.header(0)
		if err != nil {
			t.Fatal(err)
		}
		if size, end, err := newOctets(w, e).skipAll(); size != int64(len(content)) || end != int64(len(b)) || err != nil {
			t.Fatalf("skipped %d bytes to %d of %d, %v", size, end, len(b), err)
		}
		if end, err := w.skip(e); end != int64(len(b)) || err != nil {
			t.Fatalf("skipped to %d of %d, %v", end, len(b), err)
		}
		d, rest, err := toDER(append(bytes.Clone(b), 1, 2))
		if err != nil || !bytes.Equal(d, el(berOctets, content)) || !bytes.Equal(rest, []byte{1, 2}) {
			t.Fatalf("DER %x, %x, %v", d, rest, err)
		}
		n := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if got, err := readOctets(b[:n]); !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(content, got) {
			t.Fatalf("cut at %d: %x, %v", n, got, err)
		}
	})
}

// iotestReaderAt says io.EOF together with the last bytes, as an io.ReaderAt may.
type iotestReaderAt struct{ b []byte }

func (r iotestReaderAt) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, r.b[off:])
	if off+int64(n) == int64(len(r.b)) {
		return n, io.EOF
	}
	return n, nil
}

func TestOctetsBroken(t *testing.T) {
	deep := inPieces([]byte("x"), 1)
	for range maxStringDepth {
		deep = indef(berOctetsParts, deep)
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
		err  error
	}{
		"too deep":                       {deep, "", errBER},
		"another element in it":          {indef(berOctetsParts, el(berOctets, []byte("a")), el(berInteger, []byte{1})), "a", errBER},
		"end in a definite length":       {el(berOctetsParts, el(berOctets, []byte("a")), []byte{0, 0}), "a", errBER},
		"piece longer than the string":   {append(el(berOctetsParts, []byte{berOctets, 9}, []byte("ab")), "cdefghij"...), "ab", io.ErrUnexpectedEOF},
		"string longer than its string":  {append(el(berOctetsParts, []byte{berOctetsParts, 9}, el(berOctets, []byte("ab"))), el(berOctets, []byte("cdefghij"))...), "ab", io.ErrUnexpectedEOF},
		"end beyond the string around":   {append(el(berOctetsParts, []byte{berOctetsParts, 0x80}, el(berOctets, []byte("ab"))), 0, 0), "ab", io.ErrUnexpectedEOF},
		"giant length":                   {append([]byte{berOctets, 0x86, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, "abc"...), "abc", io.ErrUnexpectedEOF},
		"length beyond all files":        {append([]byte{berOctets, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, "abc"...), "", errBER},
		"length of length beyond bounds": {append([]byte{berOctets, 0x89}, make([]byte, 20)...), "", errBER},
		"indefinite, but primitive":      {[]byte{berOctets, 0x80, 0, 0}, "", errBER},
	} {
		got, err := readOctets(c.b)
		if string(got) != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestOctetsGiveTheErrorOfTheFile(t *testing.T) {
	broken := errors.New("broken")
	b := inPieces(make([]byte, 3*blockSize), 1000)
	src := Seekable(func() (io.Reader, error) {
		return io.MultiReader(bytes.NewReader(b[:2*blockSize]), iotest.ErrReader(broken)), nil
	}, int64(len(b)))
	w := newBERWindow(src, int64(len(b)), readWindow)
	e, err := w.header(0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(newOctets(w, e)); !errors.Is(err, broken) || len(got) < blockSize {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestToDER(t *testing.T) {
	for _, b := range [][]byte{el(berSequence), el(berSequence, el(berOID, []byte(oidData)), el(berSet, el(berSet, make([]byte, 0)))), {0x5F, 0x81, 0x01, 0x02, 5, 5}, el(berSequence, el(berOctets, make([]byte, 70000)))} {
		d, rest, err := toDER(b)
		if err != nil || !bytes.Equal(d, b) || len(rest) > 0 {
			t.Errorf("DER %.20x became %.20x, rest %x, %v", b, d, rest, err)
		}
	}
	for name, b := range map[string][]byte{
		"cut": el(berSequence, el(berOctets, make([]byte, 200)))[:100], "nothing": nil, "not closed": {berSequence, 0x80, 5, 0}, "deep": bytes.Repeat([]byte{berSequence, 0x80}, 1000),
		"wrong pieces": indef(berOctetsParts, el(berInteger, []byte{1})), "child longer": {berSequence, 3, berOctets, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	} {
		if d, _, err := toDER(b); err == nil {
			t.Errorf("%s: %x", name, d)
		}
	}
}

// Elements of two bytes are as many as a file can hold: they cost time, not memory.
func TestBERManyElements(t *testing.T) {
	for name, part := range map[string][]byte{"empty pieces": {berOctets, 0}, "open strings": {berOctetsParts, 0x80}, "open and closed": {berOctetsParts, 0x80, 0, 0}} {
		b := signedData(append([]byte{berOctetsParts, 0x80}, bytes.Repeat(part, 2<<20/len(part))...), nil, nil)
		o, _ := readCMS(b)
		if o.Content.Open == nil {
			t.Fatalf("%s: no content", name)
		}
		r, err := o.Content.Open()
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if n, _ := io.Copy(io.Discard, r); n != 0 {
			t.Errorf("%s: %d bytes", name, n)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes of memory", name, used)
		}
	}
}

func FuzzBER(f *testing.F) {
	f.Add(el(berOctets, []byte("abc")))
	f.Add(inPieces([]byte("abcdefgh"), 3))
	f.Add(indef(berOctetsParts, el(berOctetsParts, el(berOctets, []byte("ab"))), inPieces([]byte("cd"), 1)))
	f.Add(indef(berSequence, el(berOID, []byte(oidData)), indef(berTag0, inPieces([]byte("abcd"), 2))))
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, err := readOctets(b)
		if len(whole) > len(b) {
			t.Fatalf("%d bytes out of %d", len(whole), len(b))
		}
		w := newBERWindow(bytes.NewReader(b), int64(len(b)), skimWindow)
		if e, headerErr := w.header(0); headerErr == nil {
			size, end, skipErr := newOctets(w, e).skipAll()
			if (skipErr == nil) != (err == nil) || size != int64(len(whole)) || end > int64(len(b)) && skipErr == nil {
				t.Fatalf("read %d bytes, %v; skipped %d to %d, %v", len(whole), err, size, end, skipErr)
			}
		}
		d, rest, err := toDER(b)
		if err != nil {
			return
		}
		if again, none, err := toDER(d); err != nil || len(none) > 0 || !bytes.Equal(d, again) || len(d)+len(rest) > len(b) {
			t.Fatalf("%x is %x, then %x, %v", b, d, again, err)
		}
	})
}
