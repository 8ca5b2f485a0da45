package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/nwaples/rardecode/v2"
	"pgregory.net/rapid"
)

// Both versions write the same archives.
func rarWriters() map[string]func(...rarItem) []byte {
	return map[string]func(...rarItem) []byte{"RAR 3": writeRAR3, "RAR 5": writeRAR5}
}

func TestRARFiles(t *testing.T) {
	secret, link, part, lost := rarStore("b.txt", "kín"), rarStore("l", "a.txt"), rarStore("d.txt", "bốn"), rarStore("e.txt", "năm")
	secret.crypted, link.link, part.split = true, true, true
	lost.method, lost.solid = 3, true
	wrong := rarStore("f.txt", "sáu")
	wrong.crc++
	for version, write := range rarWriters() {
		t.Run(version, func(t *testing.T) {
			got, problems := readFiles(RAR, write(rarItem{name: "Phụ lục", dir: true}, rarStore("Phụ lục/Công văn.txt", "một"), secret, link, rarStore("rỗng", ""), part, lost, wrong))
			want(t, got, problems, []read{
				{"Phụ lục/Công văn.txt", "một", nil}, {"b.txt", "", ErrEncrypted}, {"rỗng", "", nil}, {"d.txt", "", ErrUnsupported}, {"e.txt", "", ErrUnsupported}, {"f.txt", "", errChecksum},
			}, Encrypted, Unsupported)
			got, problems = readFiles(RAR, write(rarStore("a", "1"), rarStore("a", "2")))
			want(t, got, problems, []read{{"a", "1", nil}, {"a", "2", nil}}, NamesDiffer)
		})
	}
}

func TestRARDamage(t *testing.T) {
	for version, write := range rarWriters() {
		t.Run(version, func(t *testing.T) {
			whole := write(rarStore("a", "một"), rarStore("b", strings.Repeat("hai ", 100)))
			got, problems := readFiles(RAR, whole[:len(whole)-100])
			want(t, got, problems, []read{{"a", "một", nil}, {"b", "", errLength}}, Damaged)
			for n := range 30 {
				if n == 20 && version == "RAR 3" {
					continue // behind the first header: the mark of the end may be missing
				}
				got, problems = readFiles(RAR, whole[:n])
				want(t, got, problems, nil, Damaged)
			}
			flipped := bytes.Clone(whole)
			flipped[bytes.Index(flipped, []byte("hai"))-10] ^= 1
			got, problems = readFiles(RAR, flipped)
			want(t, got, problems, []read{{"a", "một", nil}}, Damaged)
			got, problems = readFiles(RAR, append(whole, "\r\n"...))
			want(t, got, problems, []read{{"a", "một", nil}, {"b", strings.Repeat("hai ", 100), nil}})
		})
	}
	got, problems := readFiles(RAR, []byte("Rar!\x1A\x07\x05\x00 a version to come"))
	want(t, got, problems, nil, Damaged)
}

func TestRAREncryptedNames(t *testing.T) {
	five := append([]byte("Rar!\x1A\x07\x01\x00"), rar5Header(4, 0, make([]byte, 20), nil, nil)...)
	three := append([]byte("Rar!\x1A\x07\x00"), rar3Block(rar3Archive, 0x80, make([]byte, 6))...)
	for _, raw := range [][]byte{five, append(three, "salt and what nobody can read"...)} {
		got, problems := readFiles(RAR, raw)
		want(t, got, problems, nil, Encrypted)
	}
}

// The name "Công\văn.txt" in the ways of RAR 3.
func TestRAR3Names(t *testing.T) {
	for _, c := range []struct {
		raw  string
		want string
	}{
		{"C\xF4ng.txt\x00\x01" + "\x00C\xF4ng\x00.txt", "Công.txt"}, // each letter in one byte
		{"v?n\x00\x01\x18" + "v\x03n", "văn"},                       // with the high byte
		{"v?n\x00\x00\x20" + "v\x03\x01n", "văn"},                   // in two bytes
		{"vn.txt\x00\x00\xC0\x04", "vn.txt"},                        // as it stands
		{"Ph\xE1\xBB\xA5 l\xE1\xBB\xA5c\\a.txt", "Phụ lục/a.txt"},   // UTF-8
		{"a\x00", "a\x00"}, {"abc\x00\x01\xC0", "abc"[:0]}, {"\x00\x00\x00", ""}, // cut off
	} {
		got := rar3Name([]byte(c.raw), true)
		if c.want != "" && got != c.want {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
	if got := rar3Name([]byte(`d\C`+"\xF4ng.txt"), false); got != "d/Công.txt" && !strings.HasPrefix(got, "d/C") {
		t.Errorf("%q", got)
	}
}

// opsOf draws steps that are possible where they stand, and gives what they unpack to.
func opsOf(t *rapid.T, short bool) ([]rarOp, []byte) {
	var ops []rarOp
	var out []byte
	var old []int64
	last := 0
	again := func(dist int64, n int) {
		for range n {
			out = append(out, out[int64(len(out))-dist])
		}
	}
	for range rapid.IntRange(1, 200).Draw(t, "steps") {
		op := rarOp{kind: rapid.IntRange(0, 4).Draw(t, "kind")}
		switch {
		case op.kind == 1 && len(out) > 10, op.kind == 4 && short && len(out) > 0:
			op.dist = int64(rapid.IntRange(1, len(out)).Draw(t, "dist"))
			op.n = rapid.IntRange(6, 250).Draw(t, "n")
			if op.kind == 4 {
				op.dist, op.n = min(op.dist, 256), 2
			}
			old, last = append([]int64{op.dist}, old[:min(3, len(old))]...), op.n
			again(op.dist, op.n)
		case op.kind == 2 && last > 0:
			again(old[0], last)
		case op.kind == 3 && len(old) == 4:
			op.i, op.n = rapid.IntRange(0, 3).Draw(t, "old"), rapid.IntRange(2, 250).Draw(t, "n")
			d := old[op.i]
			copy(old[1:op.i+1], old[:op.i])
			old[0], last = d, op.n
			again(d, op.n)
		default:
			op.kind, op.v = 0, byte(rapid.SampledFrom([]int{0xE8, 0xE9, 0xEB, 0, 1, 'a', 0xFF}).Draw(t, "byte"))
			out = append(out, op.v)
		}
		ops = append(ops, op)
	}
	return ops, out
}

// byLibrary unpacks with the library, whose limits do not matter for what tests write.
func byLibrary(t *rapid.T, raw []byte) [][]byte {
	r, err := rardecode.NewReader(bytes.NewReader(raw), rardecode.SkipCheck)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for {
		if _, err := r.Next(); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
}

// What packers may write is unpacked as it was meant, and as the library does; with the solid file behind it.
func TestRARUnpacksLikeTheLibrary(t *testing.T) {
	programs := map[int][]byte{53: program3(53, 0xAD576887), 57: program3(57, 0x3CD7E57E), 29: program3(29, 0x0E06077D), 149: program3(149, 0x1C2C5DC8)}
	rapid.Check(t, func(t *rapid.T) {
		five := rapid.Bool().Draw(t, "five")
		ops, plain := opsOf(t, !five)
		ops2, plain2 := opsOf(t, !five)
		offset := uint32(rapid.IntRange(0, len(plain)-1).Draw(t, "offset"))
		length := uint32(rapid.IntRange(0, len(plain)-int(offset)).Draw(t, "length"))
		filtered := rapid.Bool().Draw(t, "filtered") && length > 0
		pack := func(ops []rarOp, filtered bool) []byte {
			channels := rapid.IntRange(1, 5).Draw(t, "channels")
			kind := rapid.IntRange(0, 3).Draw(t, "filter")
			if five {
				var fs []bitWriter
				if filtered {
					fs = append(fs, filter5(offset, length, kind, channels))
				}
				return pack5(fs, ops)
			}
			var fs [][]byte
			switch f := []int{53, 57, 29, 149}[kind]; {
			case filtered && f == 149:
				fs = append(fs, filter3(offset, length, programs[f], uint32(3+3*channels), uint32(channels%3)))
			case filtered:
				fs = append(fs, filter3(offset, length, programs[f], uint32(channels)))
			}
			return pack3(fs, ops)
		}
		items := []rarItem{{name: "a", method: 3, size: int64(len(plain)), data: pack(ops, filtered)}, {name: "b", method: 3, solid: true, data: pack(ops2, false)}}
		write := writeRAR3
		if five {
			write = writeRAR5
		}
		items[1].size = int64(len(plain2))
		wanted := byLibrary(t, write(items...))
		if !filtered && !bytes.Equal(wanted[0], plain) || !bytes.Equal(wanted[1], plain2) {
			t.Fatal("the writer of this test is wrong")
		}
		for i := range items {
			items[i].crc = crc32.ChecksumIEEE(wanted[i])
		}
		raw := write(items...)
		for _, i := range []int{1, 0, 1} {
			if got := rarText(t, raw, i); !bytes.Equal(got, wanted[i]) {
				t.Fatalf("file %d: %x, want %x", i, got, wanted[i])
			}
		}
		got, problems := readFiles(RAR, raw)
		if len(got) != 2 || got[0].err != nil || got[1].err != nil || len(problems) > 0 {
			t.Fatal(got, problems)
		}
	})
}

// rarText reads file i alone, as far as it goes.
func rarText(t *rapid.T, raw []byte, i int) []byte {
	entries, _, _ := listOf(RAR, raw, DefaultBudget)
	r, err := entries[i].Open()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	if err != nil && CodeOf(err) != Damaged {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Programs and filters that made the library work for minutes on a few bytes.
func TestRARFiltersAreBounded(t *testing.T) {
	var ops []rarOp
	for i := range 100 {
		ops = append(ops, rarOp{v: byte(i)})
	}
	for range 10 {
		ops = append(ops, rarOp{kind: 1, dist: 100, n: 250})
	}
	var same []bitWriter
	for range 8000 {
		same = append(same, filter5(0, 2600, 0, 3))
	}
	loop := filter3(0, 100, bytes.Repeat([]byte{7, 7}, 20)) // of no known filter
	for _, c := range []struct {
		what string
		raw  []byte
		err  error
	}{
		{"the same bytes", writeRAR5(rarItem{name: "a", method: 3, size: 2600, data: pack5(same, ops)}), ErrBudget},
		{"too many", writeRAR5(rarItem{name: "a", method: 3, size: 2600, data: pack5(append(same, same...), ops)}), errHeader},
		{"too long", writeRAR5(rarItem{name: "a", method: 3, size: 2600, data: pack5([]bitWriter{filter5(0, 1<<30, 0, 3)}, ops)}), errHeader},
		{"longer than the file", writeRAR5(rarItem{name: "a", method: 3, size: 2600, data: pack5([]bitWriter{filter5(0, 1<<20, 0, 3)}, ops)}), errHeader},
		{"a program", writeRAR3(rarItem{name: "a", method: 3, size: 2600, data: pack3([][]byte{loop}, ops)}), ErrUnsupported},
		{"the text method", writeRAR3(rarItem{name: "a", method: 3, size: 2600, data: []byte{0x80, 0, 0, 0}}), ErrUnsupported},
	} {
		entries, _, b := listOf(RAR, c.raw, Budget{Entries: 1, Bytes: 1 << 20, Ratio: 200})
		if _, err := content(entries[0]); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.what, err, c.err)
		}
		if errors.Is(c.err, ErrBudget) && b.Bytes > 0 {
			t.Errorf("%s: %d left", c.what, b.Bytes)
		}
	}
}

// Blocks may do nothing but describe codes, and blank files have no end: the budget ends them.
func TestRARBombs(t *testing.T) {
	block := pack5(nil, []rarOp{{v: 'x'}})
	block[0] &^= 0x40 // not the last one
	block[1] ^= 0x40
	ops := []rarOp{{v: 'x'}, {kind: 1, dist: 1, n: 250}}
	for range 100_000 {
		ops = append(ops, rarOp{kind: 2})
	}
	bomb := pack5(nil, ops)
	for _, c := range []struct {
		what string
		data []byte
		err  error
	}{
		{"codes", bytes.Repeat(block, 10_000), ErrBudget},
		{"blanks", bomb, ErrRatio},
	} {
		b := DefaultBudget
		b.Ratio = 20
		if c.err == ErrBudget {
			b.Bytes = 4 << 20
		}
		entries, _, _ := listOf(RAR, writeRAR5(rarItem{name: "a", method: 3, size: 1 << 40, data: c.data}), b)
		n := allocated(func() {
			r, err := entries[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); !errors.Is(err, c.err) {
				t.Errorf("%s: %v, want %v", c.what, err, c.err)
			}
		})
		if n > 4<<20 {
			t.Errorf("%s: %d bytes allocated", c.what, n)
		}
	}
}

func FuzzRAR(f *testing.F) {
	ops := []rarOp{{v: 'a'}, {v: 0xE8}, {v: 'b'}, {kind: 1, dist: 2, n: 30}, {kind: 2}}
	f.Add(writeRAR5(rarStore("a", "x"), rarItem{name: "b", method: 3, size: 63, data: pack5([]bitWriter{filter5(0, 20, 1, 1)}, ops)},
		rarItem{name: "c", method: 3, size: 60, solid: true, data: pack5(nil, ops)}))
	f.Add(writeRAR3(rarStore("a", "x"), rarItem{name: "b", method: 3, size: 63, data: pack3([][]byte{filter3(0, 20, program3(53, 0xAD576887), 1)}, ops)},
		rarItem{name: "c", method: 3, size: 60, solid: true, data: pack3(nil, ops)}))
	f.Fuzz(func(t *testing.T, raw []byte) { readBounded(t, RAR, mendRAR(raw)) })
}

// mendRAR sets the checksums of headers, which would keep a fuzzer out.
func mendRAR(raw []byte) []byte {
	raw = bytes.Clone(raw)
	le := binary.LittleEndian
	switch {
	case bytes.HasPrefix(raw, []byte("Rar!\x1A\x07\x01\x00")):
		for at := 8; at+5 < len(raw); {
			size, n := binary.Uvarint(raw[at+4:])
			if n <= 0 || size == 0 || size > uint64(len(raw)-at-4-n) {
				break
			}
			end := at + 4 + n + int(size)
			le.PutUint32(raw[at:], crc32.ChecksumIEEE(raw[at+4:end]))
			b := rarFields{b: raw[at+4+n : end]}
			_, flags := b.number(), b.number()
			if flags&1 != 0 {
				b.number()
			}
			data := uint64(0)
			if flags&2 != 0 {
				data = b.number()
			}
			if data > uint64(len(raw)-end) {
				break
			}
			at = end + int(data)
		}
	case bytes.HasPrefix(raw, []byte("Rar!\x1A\x07\x00")):
		for at := 7; at+11 < len(raw); {
			size := int(le.Uint16(raw[at+5:]))
			if size < 7 || at+size > len(raw) {
				break
			}
			le.PutUint16(raw[at:], uint16(crc32.ChecksumIEEE(raw[at+2:at+size])))
			if le.Uint16(raw[at+3:])&rar3HasData != 0 {
				size += int(le.Uint32(raw[at+7:]))
			}
			at += size
		}
	}
	return raw
}
