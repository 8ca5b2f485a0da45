package unpack

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func TestSeekable(t *testing.T) {
	file := make([]byte, 40*blockSize+123)
	for i := range file {
		file[i] = byte(i * 7 >> 3)
	}
	opened := 0
	r := Seekable(func() (io.Reader, error) { opened++; return bytes.NewReader(file), nil }, int64(len(file)))
	rapid.Check(t, func(t *rapid.T) {
		off := rapid.IntRange(0, len(file)+10).Draw(t, "off")
		p := make([]byte, rapid.IntRange(0, 3*blockSize).Draw(t, "len"))
		n, err := r.ReadAt(p, int64(off))
		want := file[min(off, len(file)):min(off+len(p), len(file))]
		if !bytes.Equal(p[:n], want) || (err != nil) != (n < len(p)) || err != nil && !errors.Is(err, io.EOF) {
			t.Fatalf("ReadAt(%d, %d) = %d, %v", len(p), off, n, err)
		}
	})
	opened = 0
	for off := 0; off < len(file); off += 1000 {
		if _, err := r.ReadAt(make([]byte, 10), int64(off)); err != nil {
			t.Fatal(err)
		}
	}
	if opened > 1 {
		t.Errorf("reading forward opened the file %d times", opened)
	}
}

func TestSeekableGivesTheErrorOfTheFile(t *testing.T) {
	broken := errors.New("broken")
	r := Seekable(func() (io.Reader, error) {
		return io.MultiReader(bytes.NewReader(make([]byte, 100)), errReader{broken}), nil
	}, 200)
	p := make([]byte, 150)
	if n, err := r.ReadAt(p, 0); n != 100 || !errors.Is(err, broken) {
		t.Errorf("ReadAt = %d, %v", n, err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestBudgetAndRatio(t *testing.T) {
	b := Budget{Bytes: 1000, Ratio: 2}
	if n, err := io.Copy(io.Discard, b.Count(bytes.NewReader(make([]byte, 400)), -1, 2)); n != 400 || err != nil {
		t.Errorf("within the budget: %d, %v", n, err)
	}
	if _, err := io.Copy(io.Discard, b.Count(bytes.NewReader(make([]byte, 4000)), -1, 1)); !errors.Is(err, ErrBudget) {
		t.Errorf("over the budget: %v", err)
	}
	b = Budget{Bytes: 1 << 40, Ratio: 2}
	if n, err := io.Copy(io.Discard, b.Count(bytes.NewReader(make([]byte, ratioSlack+20)), 10, 1)); n != ratioSlack+20 || err != nil {
		t.Errorf("just the ratio: %d, %v", n, err)
	}
	if n, err := io.Copy(io.Discard, b.Count(bytes.NewReader(make([]byte, ratioSlack+21)), 10, 1)); n != ratioSlack+20 || !errors.Is(err, ErrRatio) {
		t.Errorf("over the ratio: %d, %v", n, err)
	}
}
