package extract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// compound writes a compound file (MS-CFB, version 3) with streams in its root; each takes whole sectors, so none is in the mini stream.
func compound(streams map[string][]byte) []byte {
	const sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
	var names []string
	for n := range streams {
		names = append(names, n)
	}
	slices.Sort(names)
	var fat []uint32
	var data []byte
	chain := func(p []byte) uint32 {
		first := uint32(len(fat))
		p = append(p, make([]byte, (sector-len(p)%sector)%sector)...)
		for range len(p) / sector {
			fat = append(fat, uint32(len(fat))+1)
		}
		fat[len(fat)-1] = end
		data = append(data, p...)
		return first
	}
	le := binary.LittleEndian
	entry := func(name string, kind byte, right, child, start uint32, size int) []byte {
		e := make([]byte, 128)
		for i, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(e[2*i:], u)
		}
		le.PutUint16(e[64:], uint16(2*len(name)+2))
		e[66], e[67] = kind, 1
		for i, v := range []uint32{free, right, child} {
			le.PutUint32(e[68+4*i:], v)
		}
		le.PutUint32(e[116:], start)
		le.PutUint32(e[120:], uint32(size))
		return e
	}
	child := uint32(free)
	if len(names) > 0 {
		child = 1
	}
	dir := entry("Root Entry", 5, free, child, end, 0)
	for i, n := range names {
		p := append(slices.Clone(streams[n]), make([]byte, max(0, 4096-len(streams[n])))...)
		right := uint32(i + 2)
		if i == len(names)-1 {
			right = free
		}
		dir = append(dir, entry(n, 2, right, free, chain(p), len(p))...)
	}
	dirStart := chain(dir)
	fatStart := uint32(len(fat))
	n := (len(fat)/128 + 1 + len(fat) + 127) / 128
	n = (len(fat) + n + 127) / 128
	for range n {
		fat = append(fat, 0xFFFFFFFD)
	}
	table := make([]byte, n*sector)
	for i := range n * sector / 4 {
		v := uint32(free)
		if i < len(fat) {
			v = fat[i]
		}
		le.PutUint32(table[4*i:], v)
	}
	h := make([]byte, sector)
	copy(h, cfbMagic)
	le.PutUint16(h[24:], 0x3E)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xFFFE)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(n))
	le.PutUint32(h[48:], dirStart)
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], end)
	le.PutUint32(h[68:], end)
	for i := range 109 {
		v := uint32(free)
		if i < n {
			v = fatStart + uint32(i)
		}
		le.PutUint32(h[76+4*i:], v)
	}
	return append(append(h, data...), table...)
}

// piece is a piece of a Word document; 8-bit pieces are windows-1252.
type piece struct {
	text string
	wide bool
}

// wordFile writes the streams of a Word document whose parts have the given lengths in characters; nil: all of it is the body.
func wordFile(lengths []uint32, pieces ...piece) map[string][]byte {
	le := binary.LittleEndian
	word := make([]byte, 1536)
	le.PutUint16(word, 0xA5EC)
	le.PutUint16(word[2:], 0x00C1)
	le.PutUint16(word[10:], 0x0200)
	le.PutUint16(word[32:], 14)
	le.PutUint16(word[62:], 22)
	le.PutUint16(word[152:], 0x5D)
	cps, pcds, cp := le.AppendUint32(nil, 0), []byte(nil), uint32(0)
	for _, p := range pieces {
		fc := uint32(len(word))
		if p.wide {
			for _, u := range utf16.Encode([]rune(p.text)) {
				word = le.AppendUint16(word, u)
				cp++
			}
		} else {
			fc = fc*2 | 1<<30
			word = append(word, p.text...)
			cp += uint32(len(p.text))
		}
		cps = le.AppendUint32(cps, cp)
		pcds = append(le.AppendUint32(append(pcds, 0, 0), fc), 0, 0)
	}
	if lengths == nil {
		lengths = []uint32{cp}
	}
	for i, n := range lengths {
		le.PutUint32(word[64+12+4*i:], n)
	}
	plc := append(cps, pcds...)
	clx := append([]byte{1, 3, 0, 9, 9, 9, 2}, le.AppendUint32(nil, uint32(len(plc)))...)
	clx = append(clx, plc...)
	le.PutUint32(word[418:], 10)
	le.PutUint32(word[422:], uint32(len(clx)))
	return map[string][]byte{"WordDocument": word, "1Table": append(make([]byte, 10), clx...)}
}

func docString(b []byte, maxRunes int) (string, error) {
	budget := int64(testBudget)
	return DOC(bytes.NewReader(b), int64(len(b)), maxRunes, &budget)
}

func TestDOC(t *testing.T) {
	for _, c := range []struct {
		name    string
		lengths []uint32
		pieces  []piece
		want    string
	}{
		{"pieces", nil, []piece{{"Sở N", true}, {"\xf4i v\x85\x0db\x0bc\x1ed\x1fe\xa0f", false}}, "Sở Nôi v…\nb\nc-de f"},
		{"cells", nil, []piece{{"UBND\x0dSNV\x07C\xd4NG\x07\x07S\x07\x07x\x07\x07\x07y", false}}, "UBND\nSNV\tCÔNG\nS\nx\ny"},
		{"fields", nil, []piece{{"a\x13 HYPERLINK \"x\" \x14b\x15c\x13PAGE\x15d\x13 IF \x13REF\x14no\x15\x14e\x15f", false}}, "abcdef"},
		{"a field without end", nil, []piece{{"a\x13 REF x\x0db\x15c", false}}, "a\nbc"},
		{"anchors and symbols", nil, []piece{{"a\x01\x02\x05\x08\uf0b7\uf041b", true}}, "a•b"},
		{"surrogates", nil, []piece{{"a😀", true}}, "a😀"},
		{"parts", []uint32{5, 4, 6, 0, 5, 4, 4}, []piece{{"th\xe2n\x0dch\xfa\x0d\x0d\x0d\xf0\x0da\x0d", false}, {"xem\x0d\x0dcu\x0d\x0dMẬT\x0d", true}}, "thân\nchú\nð\na\ncu\nMẬT"},
	} {
		got, err := docString(compound(wordFile(c.lengths, c.pieces...)), 1000)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if got, err := docString(compound(wordFile(nil, piece{strings.Repeat("Sở ", 9000), true})), 8); err != nil || got != "Sở Sở Sở" {
		t.Errorf("cut: %q, %v", got, err)
	}
}

func TestDOCBroken(t *testing.T) {
	change := func(f func(s map[string][]byte)) []byte {
		s := wordFile(nil, piece{"ab", false}, piece{"cd", true})
		f(s)
		return compound(s)
	}
	const plc = 10 + 6 + 5 // of the PlcPcd in the table stream
	for _, c := range []struct {
		name, want string
		err        error
		file       []byte
	}{
		{"encrypted", "", ErrEncrypted, change(func(s map[string][]byte) { s["WordDocument"][11] |= 1 })},
		{"encrypted package", "", ErrEncrypted, compound(map[string][]byte{"EncryptedPackage": {1}, "EncryptionInfo": {2}})},
		{"another file", "", ErrNotDocument, compound(map[string][]byte{"Workbook": {1}})},
		{"older than 97", "", ErrNotDocument, change(func(s map[string][]byte) { s["WordDocument"][2] = 0x65 })},
		{"no table", "", errFIB, change(func(s map[string][]byte) { delete(s, "1Table") })},
		{"header is short", "", errFIB, change(func(s map[string][]byte) { s["WordDocument"][33] = 0xFF })},
		{"pieces outside", "", errPieces, change(func(s map[string][]byte) { s["WordDocument"][420] = 0xFF })},
		{"pieces go back", "ab", errPieces, change(func(s map[string][]byte) { s["1Table"][plc+8] = 0 })},
		{"a piece is too long", "ab", ErrTooLarge, change(func(s map[string][]byte) { s["1Table"][plc+11], s["WordDocument"][79] = 0x70, 0x70 })},
		{"text outside", "ab", nil, change(func(s map[string][]byte) { s["1Table"][plc+12+8+5] = 0x3F })},
		{"no compound file", "", nil, []byte("x")},
	} {
		got, err := docString(c.file, 1000)
		if got != c.want || err == nil || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: got %q, %v, want %q, %v", c.name, got, err, c.want, c.err)
		}
	}
}

// TestLetters reads one letter as LibreOffice saves it in each format: the same lines, in an order of the format's own.
func TestLetters(t *testing.T) {
	body := []string{"UBND TỈNH QUẢNG TRỊ", "SỞ NỘI VỤ\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
		"Số: 123/SNV-VP\tQuảng Trị, ngày 05 tháng 6 năm 2024", "Kính gửi: Ủy ban nhân dân các huyện",
		"Thực hiện Công văn số 45/UBND-NC của tỉnh, xem trang của Sở; hạn\t15/6.", "Nguyễn Văn Bình"}
	other := []string{"Mẫu 1.4 NĐ 30/2020", "HỎA TỐC", "Ngày 01/6/2024.", "Trang cuối văn bản"}
	for _, name := range []string{"letter.odt", "letter.docx", "letter.rtf", "letter.doc"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		budget := int64(testBudget)
		got, err := Document(KindOf(b[:3072], "application/octet-stream", name), bytes.NewReader(b), int64(len(b)), 10_000, &budget)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var inOrder []string
		seen := map[string]int{}
		for l := range strings.Lines(got) {
			l = strings.TrimSpace(l)
			seen[l]++
			if slices.Contains(body, l) {
				inOrder = append(inOrder, l)
			}
		}
		if !slices.Equal(inOrder, body) {
			t.Errorf("%s: body\n%q", name, inOrder)
		}
		for _, l := range other {
			if seen[l] != 1 {
				t.Errorf("%s: %q stands there %d times", name, l, seen[l])
			}
		}
		if delete(seen, ""); len(seen) != len(body)+len(other) {
			t.Errorf("%s: %d lines: %q", name, len(seen), got)
		}
	}
}

func FuzzDOC(f *testing.F) {
	for _, s := range []map[string][]byte{wordFile(nil, piece{"a\x07b\x07\x07\x13c\x14d\x15", false}, piece{"Sở", true}), wordFile([]uint32{1, 1, 1, 0, 1}, piece{"abcd", false})} {
		f.Add(s["WordDocument"], s["1Table"], 100)
	}
	f.Fuzz(func(t *testing.T, word, table []byte, n int) {
		n &= 0xFFF
		s, _ := docString(compound(map[string][]byte{"WordDocument": word, "1Table": table, "0Table": table}), n)
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > n {
			t.Fatalf("%d runes of %d", utf8.RuneCountInString(s), n)
		}
	})
}

// FuzzCompound breaks the file around the document.
func FuzzCompound(f *testing.F) {
	f.Add(compound(wordFile(nil, piece{"Sở", true})), 100)
	f.Fuzz(func(t *testing.T, b []byte, n int) { fuzzOffice(DOC)(t, b, n) })
}
