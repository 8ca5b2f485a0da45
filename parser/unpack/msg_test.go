package unpack

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func readMSG(file []byte) (Mail, []Problem) { return readForm("msg", file) }

// set puts a number into a copy of the image.
func (img *cfbImage) set(at int, n uint32) *cfbImage {
	c := *img
	c.bytes = bytes.Clone(img.bytes)
	copy(c.bytes[at:], num32(n))
	return &c
}

// link is the place of a field of a directory entry: 68 left, 72 right, 76 child, 116 start, 120 size.
func (img *cfbImage) link(path string, field int) int {
	i, ok := img.entry[path]
	if !ok {
		panic("no entry " + path)
	}
	return img.dir + i*cfbEntryLen + field
}

const firstData = "/__attach_version1.0_#00000000/__substg1.0_37010102"

// Sectors of 4096 bytes, and a FAT that needs DIFAT sectors.
func TestMSGLayouts(t *testing.T) {
	big := reportSample
	big.files = slices.Insert(slices.Clone(big.files), 1, olSampleFile{"to.zip", "application/zip", strings.Repeat("0123456789abcdef", 480_000)})
	for _, sector := range []int{512, 4096} {
		img := writeCFB(&cfbNode{storage: true, children: msgNodes(big, msgTopHeader)}, sector)
		if difat := le32(img.bytes[72:]); (difat > 0) != (sector == 512) {
			t.Fatalf("sectors of %d: %d DIFAT sectors", sector, difat)
		}
		m, problems := readMSG(img.bytes)
		sameMail(t, m, big)
		if len(problems) != 0 {
			t.Errorf("sectors of %d: %v", sector, problems)
		}
	}
}

// What is broken in a chain costs the file whose chain it is, and is told.
func TestMSGChains(t *testing.T) {
	s := reportSample
	s.files = append(s.files, olSampleFile{"third.bin", "", strings.Repeat("third", 2000)})
	img := buildMSG(s)
	start := img.start[firstData]
	third := img.start["/__attach_version1.0_#00000002/__substg1.0_37010102"]
	fat := func(sector uint32) int { return img.fat + 4*int(sector) }
	data := s.files[0].data
	for name, c := range map[string]struct {
		img  *cfbImage
		most int // bytes of the first file that can be right
	}{
		"circle":                {img.set(fat(start+3), start), 4 * 512},
		"circle of one":         {img.set(fat(start), start), 512},
		"end too early":         {img.set(fat(start+9), cfbEnd), 10 * 512},
		"into the free":         {img.set(fat(start+1), cfbFree), 2 * 512},
		"outside the file":      {img.set(fat(start), 0x00FFFFFF), 512},
		"into another file":     {img.set(fat(start+1), third+2), 2*512 + 10*512},
		"start outside":         {img.set(img.link(firstData, 116), 0x7FFFFFFF), 0},
		"size beyond the file":  {img.set(img.link(firstData, 120), 0xFFFFFFF0), len(data) + 512},
		"size beyond the chain": {img.set(img.link(firstData, 120), uint32(len(data)+5000)), len(data) + 512},
	} {
		m, problems := readMSG(c.img.bytes)
		if !hasCode(problems, Damaged) || len(m.Files) != 3 || m.Subject != s.subject {
			t.Errorf("%s: %d files, %q, %v", name, len(m.Files), m.Subject, problems)
			continue
		}
		sound := 0
		for _, f := range m.Files {
			got, err := readEntry(t, f)
			if f.Name == s.files[0].name && (len(got) > c.most || err == nil) && name != "into another file" {
				t.Errorf("%s: %d bytes, %v", name, len(got), err)
			}
			if err == nil {
				sound++
			}
		}
		if want := map[bool]int{true: 1, false: 2}[name == "into another file"]; sound != want {
			t.Errorf("%s: %d files are whole", name, sound)
		}
	}
}

// Links of the directory that lead in circles, or out of it, cost what hangs on them.
func TestMSGDirectory(t *testing.T) {
	img := buildMSG(reportSample)
	attachment := "/__attach_version1.0_#00000000"
	for name, broken := range map[string]*cfbImage{
		"child is the root":         img.set(img.link(attachment, 76), 0),
		"child is itself":           img.set(img.link(attachment, 76), uint32(img.entry[attachment])),
		"left is the root's child":  img.set(img.link(attachment, 68), le32(img.bytes[img.link("", 76):])),
		"right is outside":          img.set(img.link(attachment, 72), 0x00FFFFFF),
		"directory's chain circles": img.set(img.fat+4*(img.dir/512-1), uint32(img.dir/512-1)),
		"root names no stream":      img.set(img.link("", 116), 0x00FFFFFF),
		"no directory":              img.set(48, 0x00FFFFFF),
		"no mini FAT":               img.set(60, 0x00FFFFFF),
		"no FAT":                    img.set(76, 0x00FFFFFF),
		"FAT in the wrong place":    img.set(76, 0),
		"not a sector size":         img.set(30, 0x00060028),
	} {
		m, problems := readMSG(broken.bytes)
		if !hasCode(problems, Damaged) {
			t.Errorf("%s: %v", name, problems)
		}
		drain(t, m, int64(len(broken.bytes)))
	}
	for _, file := range []string{"", cfbMagic, strings.Repeat("x", 600)} {
		if m, problems := readMSG([]byte(file)); !hasCode(problems, Damaged) || len(m.Files) != 0 {
			t.Errorf("%.10q: %v", file, problems)
		}
	}
	doc := writeCFB(&cfbNode{storage: true, children: []*cfbNode{{name: "WordDocument", data: []byte("x")}}}, 512)
	if _, problems := readMSG(doc.bytes); !hasCode(problems, Damaged) {
		t.Errorf("a Word document is no message: %v", problems)
	}
}

// Numbers in the header make nothing large, and none of them is needed.
func TestMSGHeaderLies(t *testing.T) {
	img := buildMSG(reportSample)
	for _, at := range []int{40, 44, 64, 72} {
		lie := img.set(at, 0xFFFFFFF0)
		var m Mail
		grown := allocated(func() { m, _ = readMSG(lie.bytes) })
		if m.Subject != reportSample.subject || grown > 4<<20 {
			t.Errorf("offset %d: %q, %d bytes allocated", at, m.Subject, grown)
		}
	}
	circle := img.set(68, 3).set(72, 0xFFFFFFF0) // DIFAT sectors that are none
	if m, _ := readMSG(circle.bytes); m.Subject != reportSample.subject {
		t.Errorf("DIFAT that leads nowhere: %q", m.Subject)
	}
}

// A hundred thousand entries, in storages and as siblings in one long line, within time and memory, and the message is read.
func TestMSGHundredThousandEntries(t *testing.T) {
	root := &cfbNode{storage: true, children: propNodes(reportSample.messageProps(), msgTopHeader)}
	for i := range 50_000 {
		root.children = append(root.children, &cfbNode{name: fmt.Sprintf("__attach_version1.0_#%08X", i), storage: true,
			children: []*cfbNode{{name: "__substg1.0_37010102", data: []byte("x")}}})
	}
	img := writeCFB(root, 512)
	line := &cfbImage{bytes: bytes.Clone(img.bytes), dir: img.dir}
	for i := 1; i+1 < 100_000; i++ { // every entry is the right brother of the one before
		at := img.dir + i*cfbEntryLen
		copy(line.bytes[at+68:], num32(cfbFree))
		copy(line.bytes[at+72:], num32(uint32(i+1)))
	}
	copy(line.bytes[img.dir+76:], num32(1))
	for name, file := range map[string][]byte{"tree": img.bytes, "line": line.bytes} {
		var m Mail
		var problems []Problem
		began := time.Now()
		grown := allocated(func() { m, problems = readMSG(file) })
		took := time.Since(began)
		t.Logf("%s: file of %d MB, %v, %d MB allocated", name, len(file)>>20, took.Round(time.Millisecond), grown>>20)
		if m.Subject != reportSample.subject || len(m.Files) > DefaultBudget.Entries || took > 5*time.Second || grown > 64<<20 {
			t.Errorf("%s: %q, %d files, %v, %d bytes allocated, %v", name, m.Subject, len(m.Files), took, grown, problems)
		}
		if name == "tree" && !hasCode(problems, LimitCount) {
			t.Errorf("%v", problems)
		}
	}
}

// A chain that jumps from one end of the file to the other costs what going there costs a source that cannot seek.
func TestMSGJumpsCostTheirWay(t *testing.T) {
	s := olSample{files: []olSampleFile{{"zigzag.bin", "", strings.Repeat("0123456789abcdef", 1<<19)}}}
	img := buildMSG(s)
	start, n := img.start[firstData], uint32(1<<23/512)
	order := make([]uint32, 0, n)
	for i := range n / 2 {
		order = append(order, start+i, start+n-1-i)
	}
	broken := &cfbImage{bytes: bytes.Clone(img.bytes)}
	for i, sector := range order {
		next := uint32(cfbEnd)
		if i+1 < len(order) {
			next = order[i+1]
		}
		copy(broken.bytes[img.fat+4*int(sector):], num32(next))
	}
	m, _ := readMSG(broken.bytes)
	if len(m.Files) != 1 {
		t.Fatalf("%d files", len(m.Files))
	}
	if got, err := readEntry(t, m.Files[0]); !errors.Is(err, ErrBudget) || len(got) == 0 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestMSGThatCannotBeRead(t *testing.T) {
	img := buildMSG(reportSample)
	for _, at := range []int64{0, 512, int64(img.dir), int64(img.fat) + 4} {
		b := DefaultBudget
		m, problems := ReadMSG(failingAt{bytes.NewReader(img.bytes), at, ErrEncrypted}, int64(len(img.bytes)), &b)
		if !hasCode(problems, Encrypted) {
			t.Errorf("broken at %d: %v", at, problems)
		}
		drain(t, m, int64(len(img.bytes)))
	}
}

func TestMSGObjectsAndReferences(t *testing.T) {
	attach := func(n int, props []olWire, more ...*cfbNode) *cfbNode {
		return &cfbNode{name: fmt.Sprintf("__attach_version1.0_#%08X", n), storage: true, children: append(propNodes(props, msgAttachHeader), more...)}
	}
	named := func(method uint32, name string) []olWire {
		return []olWire{{prAttachMethod, ptInt32, num32(method)}, {prAttachLong, ptUnicode, toUTF16(name)}}
	}
	ole := &cfbNode{name: "__substg1.0_3701000D", storage: true, children: []*cfbNode{{name: "CONTENTS", data: []byte("x")}}}
	root := &cfbNode{storage: true, children: append(propNodes(reportSample.messageProps(), msgTopHeader), attach(0, named(methodOLE, "vẽ"), ole),
		attach(1, named(7, "đám mây")), attach(2, named(methodValue, "không có gì.txt")))}
	m, problems := readMSG(writeCFB(root, 512).bytes)
	if len(problems) != 2 || problems[0].Code != Unsupported || problems[1].Code != Unsupported || problems[0].Where+problems[1].Where != "vẽđám mây" {
		t.Errorf("%v", problems)
	}
	want := reportSample
	want.files = []olSampleFile{{"không có gì.txt", "", ""}}
	sameMail(t, m, want)
}

func FuzzMSG(f *testing.F) {
	f.Add(writeMSG(smallSample))
	f.Add(writeMSG(olSample{files: []olSampleFile{{"a", "", strings.Repeat("x", 5000)}}}))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzForm(t, "msg", in) })
}

// FuzzMSGTables breaks only what leads from one place of the file to another.
func FuzzMSGTables(f *testing.F) {
	nested := reportSample
	nested.mails = []olSampleMail{{"Thư gốc", reportSample}}
	img := buildMSG(nested)
	f.Add(uint16(0), uint32(1), uint16(9), uint32(2))
	f.Fuzz(func(t *testing.T, a uint16, x uint32, b uint16, y uint32) {
		file := bytes.Clone(img.bytes)
		for at, n := range map[int]uint32{img.dir + int(a)*4: x, img.fat + int(b)*4: y} {
			if at+4 <= len(file) {
				copy(file[at:], num32(n))
			}
		}
		fuzzForm(t, "msg", file)
	})
}
