package unpack

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestSevenZipOfRealPrograms(t *testing.T) {
	for name, raw := range fixtures(t, "*.7z") {
		t.Run(name, func(t *testing.T) {
			got, problems := readFiles(SevenZip, raw)
			var names []string
			for _, g := range got {
				names = append(names, g.name)
				if g.name == letterName && g.err == nil && g.text != letter || g.name == "rong.txt" && g.text != "" {
					t.Errorf("%.200v", g)
				}
			}
			all := strings.Join(names, " ")
			var err error
			var codes []string
			switch name {
			case "lzma.7z", "lzma2.7z", "ppmd.7z", "bzip2.7z", "deflate.7z", "copy.7z":
				if all != "rong.txt "+table+" "+letterName {
					t.Error(all)
				}
			case "bcj.7z", "bcj2.7z", "delta.7z", "notsolid.7z", "default.7z":
				if !strings.Contains(all, "may.exe") {
					t.Error(all)
				}
			case "encrypted-names.7z":
				codes = []string{Encrypted}
			case "encrypted.7z":
				err, codes = ErrEncrypted, []string{Encrypted}
			default: // plainheader, and link, which is left out
				if all != letterName {
					t.Error(all)
				}
			}
			if !slices.Equal(problems, codes) {
				t.Errorf("problems %v", problems)
			}
			for _, g := range got {
				if !errors.Is(g.err, err) {
					t.Errorf("%s: %v", g.name, g.err)
				}
			}
		})
	}
}

// Files of one folder may be opened in any order, twice, and left in the middle.
func TestSevenZipIsReadInAnyOrder(t *testing.T) {
	raw := fixtures(t, "lzma2.7z")["lzma2.7z"]
	entries, _, b := listOf(SevenZip, raw, DefaultBudget)
	after := b.Bytes
	for _, i := range []int{1, 2, 0, 2, 2, 1} {
		if text, err := content(entries[i]); err != nil || int64(len(text)) != entries[i].Size {
			t.Errorf("%d: %d bytes, %v", i, len(text), err)
		}
	}
	r, err := entries[1].Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if _, err := content(entries[2]); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(make([]byte, 10)); err == nil {
		t.Error("a reader that was replaced still reads")
	}
	if used := after - b.Bytes; used < lzmaWeight*2*(entries[1].Size+entries[2].Size) {
		t.Errorf("%d taken from the budget", used)
	}
}

func TestSevenZipDamage(t *testing.T) {
	whole := fixtures(t, "notsolid.7z")["notsolid.7z"]
	for _, n := range []int{0, 10, 31, 32, 100, len(whole) - 1} {
		got, problems := readFiles(SevenZip, whole[:n])
		want(t, got, problems, nil, Damaged)
	}
	broken := bytes.Clone(whole)
	broken[40] ^= 0x55 // in the first file
	got, problems := readFiles(SevenZip, broken)
	if len(got) != 4 || got[1].err == nil || got[2].err != nil || len(problems) > 0 {
		t.Errorf("%.300q %v", fmt.Sprint(got), problems)
	}
	got, problems = readFiles(SevenZip, append(bytes.Clone(whole), "\r\n"...))
	if len(got) != 4 || len(problems) > 0 {
		t.Error(got, problems)
	}
}

// sevenZipOf writes an archive with the given packed bytes and header.
func sevenZipOf(packed, header []byte) []byte {
	le := binary.LittleEndian
	start := le.AppendUint32(le.AppendUint64(le.AppendUint64(nil, uint64(len(packed))), uint64(len(header))), crc32.ChecksumIEEE(header))
	out := append([]byte("7z\xBC\xAF\x27\x1C\x00\x04"), le.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(append(out, start...), packed...), header...)
}

// num writes a NUMBER.
func num(n int64) []byte { return appendSzNumber(nil, n) }

// headerOf joins bytes and numbers.
func headerOf(parts ...any) []byte {
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			out = append(out, byte(p))
		case []byte:
			out = append(out, p...)
		case string:
			out = append(out, p...)
		}
	}
	return out
}

// folderHeader is the header of an archive with one file in one folder, of one packed stream.
func folderHeader(coders []byte, packed int, sizes ...int64) []byte {
	h := headerOf(szHeader, szMainStreams, szPackInfo, 0, 1, szSize, num(int64(packed)), szEnd, szUnpackInfo, szFolders, 1, 0, coders, szCodersUnpackSize)
	for _, s := range sizes {
		h = append(h, num(s)...)
	}
	return append(h, headerOf(szEnd, szEnd, szFilesInfo, 1, szName, 5, 0, "a\x00\x00\x00", szEnd, szEnd)...)
}

// What headers promise is not believed: each of these made the library take up to terabytes.
func TestSevenZipHeadersThatLie(t *testing.T) {
	huge := num(1<<32 - 1)
	for _, c := range []struct {
		what   string
		header []byte
		code   string
	}{
		{"files", headerOf(szHeader, szFilesInfo, huge, szEnd), LimitCount},
		{"a million files", headerOf(szHeader, szFilesInfo, num(1<<20), szEmptyStream, num(1<<17), bytes.Repeat([]byte{0xFF}, 1<<17), szEnd, szEnd), LimitCount},
		{"names", headerOf(szHeader, szFilesInfo, num(1<<20), szName, huge, 0, "a", 0, 0, 0), Damaged},
		{"attributes", headerOf(szHeader, szFilesInfo, num(1<<20), szAttributes, huge, 1, 0), Damaged},
		{"packed streams", headerOf(szHeader, szMainStreams, szPackInfo, 0, huge, szSize), LimitCount},
		{"folders", headerOf(szHeader, szMainStreams, szUnpackInfo, szFolders, huge, 0), LimitCount},
		{"coders", headerOf(szHeader, szMainStreams, szUnpackInfo, szFolders, 1, 0, huge), LimitCount},
		{"inputs", headerOf(szHeader, szMainStreams, szUnpackInfo, szFolders, 1, 0, 1, 0x11, 0, huge, 1), LimitCount},
		{"properties", headerOf(szHeader, szMainStreams, szUnpackInfo, szFolders, 1, 0, 1, 0x21, 0, huge), LimitCount},
		{"numbers cut off", headerOf(szHeader, szMainStreams, szPackInfo, 0xFF, 1), Damaged},
		{"nothing", nil, ""},
		{"unknown", headerOf(77), Damaged},
	} {
		var problems []Problem
		raw := sevenZipOf(nil, c.header)
		n := allocated(func() { _, problems, _ = listOf(SevenZip, raw, DefaultBudget) })
		if strings.Join(codes(problems), " ") != c.code || n > 8<<20 {
			t.Errorf("%s: %v, %d bytes allocated", c.what, problems, n)
		}
	}
}

func TestSevenZipFoldersThatLie(t *testing.T) {
	lzma := func(dict uint32) []byte {
		return headerOf(1, 0x23, szLZMA, 5, 0x5D, binary.LittleEndian.AppendUint32(nil, dict))
	}
	deflateOfLZMA := headerOf(2, 3, szDeflate, 0x23, szLZMA, 5, 0x5D, 0, 0, 1, 0, 0, 1)
	for _, c := range []struct {
		what   string
		coders []byte
		sizes  []int64
		err    error
		alloc  uint64
	}{
		{"dictionary of 4 GiB for a small file", lzma(1<<32 - 1), []int64{100}, nil, 1 << 20},
		{"dictionary of 4 GiB for a large file of few bytes", lzma(1<<32 - 1), []int64{1 << 40}, nil, 4 << 20},
		{"much between two coders", deflateOfLZMA, []int64{10, 1 << 40}, ErrRatio, 1 << 20},
		{"model of 4 GiB", headerOf(1, 0x23, szPPMd, 5, 6, 0xFF, 0xFF, 0xFF, 0x7F), []int64{10}, ErrUnsupported, 1 << 20},
		{"unknown method", headerOf(1, 1, 0x77), []int64{10}, ErrUnsupported, 1 << 20},
		{"coders in a ring", headerOf(2, 0x11, 0, 2, 1, 0x11, 0, 1, 1, 0, 0, 0, 1), []int64{10, 10}, nil, 1 << 20},
	} {
		raw := sevenZipOf(make([]byte, 50), folderHeader(c.coders, 50, c.sizes...))
		var got []read
		n := allocated(func() { got, _ = readFiles(SevenZip, raw) })
		if len(got) > 1 || len(got) == 1 && c.err != nil && !errors.Is(got[0].err, c.err) || n > c.alloc {
			t.Errorf("%s: %.200v, %d bytes allocated", c.what, got, n)
		}
	}
}

// A coder may take any number of bytes and give none: what stands between two of them costs before it is unpacked.
func TestSevenZipBetweenCoders(t *testing.T) {
	const inner = 40 << 20
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte{0, 0, 0, 0xFF, 0xFF}, inner/5)); err != nil { // blocks without content (RFC 1951, 3.2.4)
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raw := append(packed.Bytes(), make([]byte, inner/DefaultBudget.Ratio)...)
	raw = sevenZipOf(raw, folderHeader(headerOf(2, 3, szDeflate, 3, szDeflate, 0, 1), len(raw), 1000, inner))
	b := DefaultBudget
	b.Bytes = 3 * inner
	for i, want := range []error{nil, ErrBudget} {
		entries, problems, _ := listOf(SevenZip, raw, b)
		if len(entries) != 1 || len(problems) > 0 {
			t.Fatal(entries, problems)
		}
		if _, err := content(entries[0]); want == nil && errors.Is(err, ErrBudget) || want != nil && !errors.Is(err, want) {
			t.Errorf("%d: %v", i, err)
		}
		b.Bytes = inner
	}
}

// LZMA takes its time by the bits that it reads.
func TestSevenZipCountsPackedBytes(t *testing.T) {
	raw := fixtures(t, "lzma2.7z")["lzma2.7z"]
	entries, _, b := listOf(SevenZip, raw, DefaultBudget)
	before, given := b.Bytes, int64(0)
	for _, e := range entries {
		text, err := content(e)
		if err != nil {
			t.Fatal(err)
		}
		given += int64(len(text))
	}
	if used, packed := before-b.Bytes, int64(len(raw))/2; used < given*lzmaWeight+packed*lzmaPacked {
		t.Errorf("%d taken for %d bytes out of %d", used, given, packed)
	}
}

// Everything that is packed is read forward.
func TestSevenZipReadsForward(t *testing.T) {
	raw := fixtures(t, "notsolid.7z")["notsolid.7z"]
	opened := 0
	src := Seekable(func() (io.Reader, error) { opened++; return bytes.NewReader(raw), nil }, int64(len(raw)))
	b := DefaultBudget
	entries, _ := Files(SevenZip, src, int64(len(raw)), &b)
	for _, e := range entries {
		if _, err := content(e); err != nil {
			t.Fatal(err)
		}
	}
	if len(entries) != 4 || opened != 1 {
		t.Errorf("%d entries, opened %d times", len(entries), opened)
	}
}

func FuzzSevenZip(f *testing.F) {
	for _, raw := range fixtures(f, "*.7z") {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		// Checksums would keep the fuzzer out of the header.
		if len(raw) >= szSignatureLen {
			le := binary.LittleEndian
			if off, n := le.Uint64(raw[12:]), le.Uint64(raw[20:]); off <= uint64(len(raw)) && n <= uint64(len(raw)) && off+n <= uint64(len(raw)-szSignatureLen) {
				raw = bytes.Clone(raw)
				le.PutUint32(raw[28:], crc32.ChecksumIEEE(raw[szSignatureLen+off:][:n]))
			}
			le.PutUint32(raw[8:], crc32.ChecksumIEEE(raw[12:szSignatureLen]))
		}
		readBounded(t, SevenZip, raw)
	})
}
