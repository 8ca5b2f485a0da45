package unpack

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestZIPOfRealPrograms(t *testing.T) {
	secret := []read{{letterName, "", ErrEncrypted}}
	for name, raw := range fixtures(t, "*.zip") {
		t.Run(name, func(t *testing.T) {
			got, problems := readFiles(ZIP, raw)
			switch name {
			case "infozip.zip", "infozip-stored.zip", "infozip-bzip2.zip":
				if len(got) < 2 || got[0] != (read{letterName, letter, nil}) || got[1].name != table || got[1].err != nil || len(problems) > 0 {
					t.Errorf("%v %v", got, problems)
				}
				for _, g := range got[2:] {
					if g != (read{"rong.txt", "", nil}) {
						t.Errorf("%v", g)
					}
				}
			case "infozip-stream.zip":
				want(t, got, problems, []read{{"-", letter, nil}})
			case "infozip-link.zip":
				want(t, got, problems, []read{{letterName, letter, nil}})
			case "7zip-utf8.zip":
				if len(got) != 1 || got[0].name != table || got[0].err != nil || len(problems) > 0 {
					t.Errorf("%v %v", got, problems)
				}
			case "infozip-zipcrypto.zip", "7zip-aes.zip":
				want(t, got, problems, secret, Encrypted)
			default:
				want(t, got, problems, []read{{letterName, "", ErrUnsupported}})
			}
		})
	}
}

func TestZIPLayouts(t *testing.T) {
	items := func() []zipItem {
		return []zipItem{deflated(t, "a.txt", []byte(letter)), {name: "d/", attr: 0x10}, stored("d/b.txt", "hai")}
	}
	files := []read{{"a.txt", letter, nil}, {"d/b.txt", "hai", nil}}
	descriptor := func(it zipItem) []byte {
		d := binary.LittleEndian.AppendUint32([]byte(zipDescriptor), it.crc)
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(d, uint32(len(it.data))), it.size)
	}
	deferred := items()
	for i := range deferred {
		if it := &deferred[i]; it.name != "d/" {
			it.flags, it.zeroLoc, it.tail = zipDeferred, true, descriptor(*it)
		}
	}
	for _, c := range []struct {
		what  string
		items []zipItem
		zipLayout
		problems []string
	}{
		{"plain", items(), zipLayout{}, nil},
		{"comment", items(), zipLayout{comment: "Gửi kèm " + zipEnd + strings.Repeat("x", 30)}, nil},
		{"before and behind", items(), zipLayout{prefix: "MZ" + strings.Repeat("code ", 1000), trailing: "\r\n"}, nil},
		{"zip64", items(), zipLayout{zip64: true}, nil},
		{"zip64 behind code", items(), zipLayout{zip64: true, prefix: "MZ code"}, nil},
		{"descriptors", deferred, zipLayout{}, nil},
		{"wrong count", items(), zipLayout{records: 7}, []string{Damaged}},
		{"no directory", items(), zipLayout{noEnd: true}, []string{Damaged}},
		{"no directory, descriptors", deferred, zipLayout{noEnd: true}, []string{Damaged}},
		{"no directory behind code", items(), zipLayout{noEnd: true, prefix: "MZ PK\x03\x04 PKPK"}, []string{Damaged}},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, problems := readFiles(ZIP, writeZIP(c.items, c.zipLayout))
			want(t, got, problems, files, c.problems...)
		})
	}
}

func TestZIPDamage(t *testing.T) {
	whole := writeZIP([]zipItem{stored("a.txt", "một"), deflated(t, "b.txt", []byte(letter))}, zipLayout{})
	got, problems := readFiles(ZIP, whole[:len(whole)-200])
	want(t, got, problems, []read{{"a.txt", "một", nil}, {"b.txt", "", io.ErrUnexpectedEOF}}, Damaged)

	wrong := stored("a.txt", "một")
	wrong.crc++
	long := deflated(t, "b.txt", []byte(letter))
	long.size = 10
	short := stored("c.txt", "ba")
	short.size = 9
	odd := stored("d.txt", "bốn")
	odd.method = 77
	got, problems = readFiles(ZIP, writeZIP([]zipItem{wrong, long, short, odd}, zipLayout{}))
	want(t, got, problems, []read{{"a.txt", "", errChecksum}, {"b.txt", "", errLength}, {"c.txt", "", errLength}, {"d.txt", "", ErrUnsupported}})
	for i, code := range []string{Damaged, Damaged, Damaged, Unsupported} {
		if CodeOf(got[i].err) != code {
			t.Errorf("%v is %s", got[i].err, CodeOf(got[i].err))
		}
	}

	lost := stored("b.txt", "hai")
	lost.offset = 7
	got, problems = readFiles(ZIP, writeZIP([]zipItem{stored("a.txt", "một"), lost}, zipLayout{}))
	want(t, got, problems, []read{{"a.txt", "một", nil}, {"b.txt", "", errHeader}}, Damaged)

	beyond := stored("a.txt", "một")
	beyond.packed = 1 << 30
	got, problems = readFiles(ZIP, writeZIP([]zipItem{beyond}, zipLayout{}))
	want(t, got, problems, []read{{"a.txt", "một", nil}}, Damaged)

	got, problems = readFiles(ZIP, writeZIP([]zipItem{stored("a.txt", "một")}, zipLayout{disk: 2}))
	want(t, got, problems, []read{{"a.txt", "", ErrUnsupported}}, Unsupported)
}

func TestZIPNames(t *testing.T) {
	ansi := "C\xF4ng v\xE3n.txt" // windows-1258
	path := append([]byte{0x75, 0x70, 0, 0, 1}, binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte("cv?.txt")))...)
	path = append(path, "Công văn.txt"...)
	path[2] = byte(len(path) - 4)
	other := bytes.Clone(path)
	other[5]++
	for _, c := range []struct {
		raw   string
		flags uint16
		extra []byte
		want  string
	}{
		{"Công văn.txt", zipUTF8, nil, "Công văn.txt"},
		{"Công văn.txt", 0, nil, "Công văn.txt"},
		{ansi, 0, nil, "Công văn.txt"},
		{"cv?.txt", 0, path, "Công văn.txt"},
		{"cv?.txt", 0, other, "cv?.txt"},
		{`..\..\a.txt`, 0, nil, `..\..\a.txt`},
		{`C:\a.txt`, 0, nil, `C:\a.txt`},
		{"/etc/a.txt", 0, nil, "/etc/a.txt"},
		{"a.txt\x00.exe", 0, nil, "a.txt\x00.exe"},
		{"", 0, nil, ""},
		{"d/", 0, nil, "d/"}, // with content it is a file
		{strings.Repeat("x", 60000), 0, nil, strings.Repeat("x", maxName)},
	} {
		it := stored(c.raw, "x")
		it.flags, it.extra = c.flags, c.extra
		got, problems := readFiles(ZIP, writeZIP([]zipItem{it}, zipLayout{}))
		if len(got) != 1 || got[0] != (read{c.want, "x", nil}) && c.raw != ansi || len(problems) > 0 {
			t.Errorf("%.40q: %.80v %v", c.raw, got, problems)
		}
	}
}

func TestZIPThatIsReadDifferently(t *testing.T) {
	one, two := stored("cong-van.pdf", "%PDF"), stored("cong-van.pdf", "MZ")
	local, hidden, slash := stored("a.pdf", "x"), stored("b.exe", "MZ"), stored("d/a.txt", "x")
	local.local, hidden.hidden, slash.local = "a.exe", true, `d\a.txt`
	contradicts := stored("a.txt", "x")
	contradicts.zeroLoc, contradicts.flags = true, 0
	inner := writeZIP([]zipItem{hidden}, zipLayout{})
	for _, c := range []struct {
		what  string
		raw   []byte
		files int
		codes string
	}{
		{"two of one name", writeZIP([]zipItem{one, two}, zipLayout{}), 2, NamesDiffer},
		{"two names of one", writeZIP([]zipItem{local}, zipLayout{}), 1, NamesDiffer},
		{"slashes", writeZIP([]zipItem{slash}, zipLayout{}), 1, ""},
		{"hidden first", writeZIP([]zipItem{hidden, one}, zipLayout{}), 1, NamesDiffer},
		{"hidden between", writeZIP([]zipItem{local, hidden, one}, zipLayout{}), 2, NamesDiffer},
		{"hidden last", writeZIP([]zipItem{one, hidden}, zipLayout{}), 1, NamesDiffer},
		{"two archives", append(bytes.Clone(inner), writeZIP([]zipItem{one}, zipLayout{})...), 1, NamesDiffer},
		{"archive in archive", writeZIP([]zipItem{stored("b.zip", string(inner))}, zipLayout{}), 1, ""},
		{"sizes left out", writeZIP([]zipItem{contradicts}, zipLayout{}), 1, ""},
		{"nothing", writeZIP(nil, zipLayout{}), 0, ""},
	} {
		got, problems := readFiles(ZIP, c.raw)
		if len(got) != c.files || strings.Join(problems, " ") != c.codes {
			t.Errorf("%s: %v %v", c.what, got, problems)
		}
	}
}

// The bombs of D. Fifield: files that share one kernel, and files that each contain the next one's header.
func TestZIPOverlap(t *testing.T) {
	kernel := deflated(t, "0", make([]byte, 1<<20))
	full := []zipItem{stored("first", "x"), kernel}
	for i := range 50 {
		it := kernel
		it.name, it.offset = fmt.Sprint(i+1), 36
		full = append(full, it)
	}
	quoted := []zipItem{stored("a", "x"), stored("b", "x"), stored("c", strings.Repeat("x", 100))}
	for i := range quoted[:2] {
		quoted[i].packed = 40 // reaches into the next header
		quoted[i].size = 40
	}
	for _, items := range [][]zipItem{full, quoted} {
		got, problems := readFiles(ZIP, writeZIP(items, zipLayout{}))
		if len(got) > 0 || !slices.Contains(problems, Overlap) {
			t.Error(got, problems)
		}
	}
}

func TestZIPRatioAndBudget(t *testing.T) {
	raw := writeZIP([]zipItem{deflated(t, "0", make([]byte, 30<<20))}, zipLayout{})
	entries, problems, _ := listOf(ZIP, raw, DefaultBudget)
	if len(entries) != 1 || len(problems) != 0 {
		t.Fatal(entries, problems)
	}
	r, err := entries[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	most := int64(len(raw))*DefaultBudget.Ratio + ratioSlack
	if n, err := io.Copy(io.Discard, r); !errors.Is(err, ErrRatio) || n > most {
		t.Errorf("%d %v", n, err)
	}
	var b *Budget
	entries, _, b = listOf(ZIP, raw, Budget{Entries: 1, Bytes: 1 << 20, Ratio: 1 << 20})
	if _, err := content(entries[0]); !errors.Is(err, ErrBudget) || b.Bytes > 0 {
		t.Error(err, b)
	}
}

func TestZIPOfManyFiles(t *testing.T) {
	var raw bytes.Buffer
	w := zip.NewWriter(&raw)
	for i := range 70000 {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%05d.txt", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	entries, problems, b := listOf(ZIP, raw.Bytes(), DefaultBudget)
	if len(entries) != 2000 || entries[1999].Name != "01999.txt" || b.Entries != 0 || len(problems) != 1 || problems[0].Code != LimitCount {
		t.Errorf("%d entries, %v", len(entries), problems)
	}
	entries, problems, _ = listOf(ZIP, raw.Bytes(), Budget{Entries: 1 << 20, Bytes: 1 << 20, Ratio: 200})
	if len(entries) != 70000 || len(problems) != 0 {
		t.Errorf("%d entries, %v", len(entries), problems)
	}
}

func TestZIPOfManyRecords(t *testing.T) {
	for _, it := range []zipItem{stored("", "x"), {name: "/", attr: 0x10}} {
		record := appendRecord(nil, it, uint32(len(it.data)), 0)
		items := writeZIP([]zipItem{it}, zipLayout{zip64: true})
		first := bytes.Index(items, []byte(zipCentral))
		raw := append(bytes.Clone(items[:first]), bytes.Repeat(record, 250_000)...)
		end := items[first+len(record):]
		binary.LittleEndian.PutUint64(end[32:], 250_000)
		binary.LittleEndian.PutUint64(end[40:], uint64(250_000*len(record)))
		binary.LittleEndian.PutUint64(end[zipEnd64Len+8:], uint64(len(raw)))
		raw = append(raw, end...)
		var problems []Problem
		n := allocated(func() { _, problems, _ = listOf(ZIP, raw, DefaultBudget) })
		if n > 8<<20 || len(problems) == 0 {
			t.Errorf("%d MB: %d bytes allocated, %v", len(raw)>>20, n, problems)
		}
	}
}

// An archive that only can be read from its beginning is gone through few times.
func TestZIPReadsForward(t *testing.T) {
	var items []zipItem
	for i := range 200 {
		items = append(items, stored(fmt.Sprint(i), strings.Repeat("x", 100<<10)))
	}
	raw := writeZIP(items, zipLayout{})
	opened := 0
	src := Seekable(func() (io.Reader, error) { opened++; return bytes.NewReader(raw), nil }, int64(len(raw)))
	b := DefaultBudget
	entries, problems := Files(ZIP, src, int64(len(raw)), &b)
	for _, e := range entries {
		if s, err := content(e); len(s) != 100<<10 || err != nil {
			t.Fatal(len(s), err)
		}
	}
	if len(entries) != 200 || len(problems) > 0 || opened > 3 {
		t.Errorf("%d entries, %v, opened %d times", len(entries), problems, opened)
	}
}

// Half of a file that looks like headers everywhere takes no longer than any other.
func TestZIPSalvageIsLinear(t *testing.T) {
	for _, unit := range []string{"PK", zipLocal, zipDescriptor, zipLocal + strings.Repeat("\xFF", 26)} {
		raw := append([]byte(zipLocal), bytes.Repeat([]byte(unit), 4<<20/len(unit))...)
		got, problems := readFiles(ZIP, raw)
		if len(got) > 2000 || problems[0] != Damaged {
			t.Error(len(got), problems)
		}
		it := stored("a", "")
		it.flags, it.zeroLoc, it.method = zipDeferred, true, zipDeflate
		raw = append(writeZIP([]zipItem{it}, zipLayout{noEnd: true}), raw...)
		if _, problems := readFiles(ZIP, raw); problems[0] != Damaged {
			t.Error(problems)
		}
	}
}

func FuzzZIP(f *testing.F) {
	for _, raw := range fixtures(f, "*.zip") {
		f.Add(raw)
	}
	f.Add(writeZIP([]zipItem{stored("a", "x"), deflated(f, "b", []byte(letter))}, zipLayout{zip64: true, prefix: "MZ"}))
	f.Add(writeZIP([]zipItem{stored("a", "x"), deflated(f, "b", []byte(letter))}, zipLayout{noEnd: true}))
	f.Fuzz(func(t *testing.T, raw []byte) { readBounded(t, ZIP, raw) })
}
