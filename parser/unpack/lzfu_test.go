package unpack

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The two examples of MS-OXRTFCP, 4.1.
func TestLZFuExamplesOfTheSpecification(t *testing.T) {
	for want, packed := range map[string]string{
		"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n": "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67" +
			"\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0",
		"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}": "\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0",
	} {
		if got, err := io.ReadAll(newLZFu(strings.NewReader(packed))); string(got) != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestLZFuGivesBackWhatWasPacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var raw []byte
		for range rapid.IntRange(0, 200).Draw(t, "pieces") {
			raw = append(raw, rapid.SampledFrom([]string{`\par `, `{\rtf1`, "x", "\r\n", `\u7879?`, strings.Repeat("ab", 40)}).Draw(t, "piece")...)
		}
		got, err := io.ReadAll(newLZFu(bytes.NewReader(packLZFu(raw))))
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(raw))
		}
		stored := append(lzfuHeader(len(raw), len(raw), lzfuStored, 0), raw...)
		if got, err = io.ReadAll(newLZFu(bytes.NewReader(stored))); err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("stored: got %d bytes, %v; want %d", len(got), err, len(raw))
		}
	})
}

func TestLZFuDamage(t *testing.T) {
	raw := []byte(`{\rtf1\ansi ` + strings.Repeat("Kính gửi ", 30) + `}`)
	whole := packLZFu(raw)
	wrongSum := bytes.Clone(whole)
	wrongSum[12] ^= 1
	other := bytes.Clone(whole)
	copy(other[8:], "ABCD")
	noMark := append(lzfuHeader(5, 4, lzfuPacked, rawCRC([]byte("\x00abcd"))), "\x00abcd"...)
	for name, c := range map[string]struct {
		in   []byte
		want error
		n    int // bytes that come out all the same
	}{
		"empty":         {nil, io.ErrUnexpectedEOF, 0},
		"half a header": {whole[:9], io.ErrUnexpectedEOF, 0},
		"cut":           {whole[:40], io.ErrUnexpectedEOF, -1},
		"checksum":      {wrongSum, errLZFuSum, len(raw)},
		"other type":    {other, errLZFuHeader, 0},
		"no end mark":   {noMark, nil, 4},
		"stored, cut":   {append(lzfuHeader(3, 100, lzfuStored, 0), "abc"...), io.ErrUnexpectedEOF, 3},
	} {
		got, err := io.ReadAll(newLZFu(bytes.NewReader(c.in)))
		if !errors.Is(err, c.want) || c.n >= 0 && len(got) != c.n || c.n < 0 && (len(got) == 0 || !bytes.HasPrefix(raw, got)) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func FuzzLZFu(f *testing.F) {
	f.Add(packLZFu([]byte(`{\rtf1 WXYZWXYZWXYZWXYZWXYZ}`)))
	f.Add(append(lzfuHeader(3, 3, lzfuStored, 0), "abc"...))
	f.Add([]byte("\x1a\x00\x00\x00\x1c\x00\x00\x00LZFu\xe2\xd4\x4b\x51\xff\x00\x04\x20\x57"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := io.ReadAll(newLZFu(bytes.NewReader(in)))
		if len(out) > 9*len(in) {
			t.Errorf("%d bytes out of %d", len(out), len(in))
		}
		again := make([]byte, 0, len(out))
		z := newLZFu(bytes.NewReader(in))
		var p [3]byte
		for {
			n, errSmall := z.Read(p[:])
			again = append(again, p[:n]...)
			if errSmall != nil {
				if !errors.Is(errSmall, io.EOF) && err == nil || !bytes.Equal(again, out) {
					t.Errorf("read in small pieces: %d bytes, %v; at once %d, %v", len(again), errSmall, len(out), err)
				}
				return
			}
		}
	})
}
