package unpack

import (
	"fmt"
	"sort"
	"strings"
)

// cfbNode is a storage, or a stream with data, on its way into a compound file.
type cfbNode struct {
	name     string
	data     []byte
	storage  bool
	children []*cfbNode
}

// cfbImage is a compound file with the places that tests break.
type cfbImage struct {
	bytes  []byte
	fat    int               // offset of the FAT, which lies in one piece
	dir    int               // offset of the directory, which does, too
	entry  map[string]int    // path → number of the directory entry
	start  map[string]uint32 // path → first sector, or first mini sector of a stream below 4096 bytes
	sector int
}

// writeMSG writes a sample as MS-OXMSG says.
func writeMSG(s olSample) []byte { return buildMSG(s).bytes }

func buildMSG(s olSample) *cfbImage {
	return writeCFB(&cfbNode{storage: true, children: msgNodes(s, msgTopHeader)}, 512)
}

func msgNodes(s olSample, header int) []*cfbNode {
	nodes := propNodes(s.messageProps(), header)
	n := 0
	add := func(children []*cfbNode) {
		nodes = append(nodes, &cfbNode{name: fmt.Sprintf("__attach_version1.0_#%08X", n), storage: true, children: children})
		n++
	}
	for _, f := range s.files {
		add(append(propNodes(s.fileProps(f), msgAttachHeader), &cfbNode{name: "__substg1.0_37010102", data: []byte(f.data)}))
	}
	for _, m := range s.mails {
		add(append(propNodes(s.mailProps(m), msgAttachHeader), &cfbNode{name: "__substg1.0_3701000D", storage: true, children: msgNodes(m.mail, msgEmbeddedHeader)}))
	}
	names := []*cfbNode{{name: "__substg1.0_00020102"}, {name: "__substg1.0_00030102"}, {name: "__substg1.0_00040102"}}
	return append(nodes, &cfbNode{name: "__recip_version1.0_#00000000", storage: true, children: propNodes([]olWire{s.str(prDisplayName, "Văn thư")}, 8)},
		&cfbNode{name: "__nameid_version1.0", storage: true, children: names})
}

// propNodes writes properties: a list with the fixed ones and the lengths of the others, and a stream for each of those.
func propNodes(props []olWire, header int) []*cfbNode {
	list := make([]byte, header)
	var nodes []*cfbNode
	for _, p := range props {
		list = append(append(list, append(num16(p.typ), num16(p.id)...)...), num32(6)...)
		if p.typ == ptInt32 {
			list = append(append(list, p.data...), 0, 0, 0, 0)
			continue
		}
		list = append(append(list, num32(uint32(len(p.data)))...), 0, 0, 0, 0)
		nodes = append(nodes, &cfbNode{name: fmt.Sprintf("__substg1.0_%04X%04X", p.id, p.typ), data: p.data})
	}
	return append(nodes, &cfbNode{name: "__properties_version1.0", data: list})
}

// cfbWriter lays a compound file out: streams, mini stream, mini FAT, directory, then the FAT, with DIFAT sectors where it is long.
type cfbWriter struct {
	img     *cfbImage
	body    []byte
	fat     []uint32
	mini    []byte
	minifat []uint32
	dir     []byte
}

func writeCFB(root *cfbNode, sector int) *cfbImage {
	w := &cfbWriter{img: &cfbImage{entry: map[string]int{}, start: map[string]uint32{}, sector: sector}}
	root.name = "Root Entry"
	w.entry(root, "", 5)
	w.children(root, 0, "")
	setSector := func(i int, start uint32, size int) {
		copy(w.dir[i*cfbEntryLen+116:], num32(start))
		copy(w.dir[i*cfbEntryLen+120:], num32(uint32(size)))
	}
	miniStart := uint32(cfbEnd)
	if len(w.mini) > 0 {
		setSector(0, w.put(w.mini), len(w.mini))
		var b []byte
		for _, n := range w.minifat {
			b = append(b, num32(n)...)
		}
		for len(b)%sector != 0 {
			b = append(b, num32(cfbFree)...)
		}
		miniStart = w.put(b)
	}
	for len(w.dir)%sector != 0 {
		w.dir = append(w.dir, make([]byte, cfbEntryLen)...)
	}
	dirStart := w.put(w.dir)
	w.img.dir = (int(dirStart) + 1) * sector
	return w.finish(dirStart, miniStart)
}

// finish adds the FAT and puts the header before everything.
func (w *cfbWriter) finish(dirStart, miniStart uint32) *cfbImage {
	sector := w.img.sector
	per := sector / 4
	difat, fats := 0, 0
	for {
		total := len(w.fat) + fats + difat
		f := (total + per - 1) / per
		d := 0
		if f > 109 {
			d = (f - 109 + per - 2) / (per - 1)
		}
		if f == fats && d == difat {
			break
		}
		fats, difat = f, d
	}
	first := uint32(len(w.fat))
	for range fats {
		w.fat = append(w.fat, 0xFFFFFFFD)
	}
	for range difat {
		w.fat = append(w.fat, 0xFFFFFFFC)
	}
	for len(w.fat)%per != 0 {
		w.fat = append(w.fat, cfbFree)
	}
	w.img.fat = (int(first) + 1) * sector
	for _, n := range w.fat {
		w.body = append(w.body, num32(n)...)
	}
	h := make([]byte, sector)
	copy(h, cfbMagic)
	copy(h[24:], []byte{0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0})
	if sector == 4096 {
		h[26], h[30] = 4, 12
		copy(h[40:], num32(uint32(len(w.dir)/sector)))
	}
	copy(h[44:], num32(uint32(fats)))
	copy(h[48:], num32(dirStart))
	copy(h[56:], num32(cfbCutoff))
	copy(h[60:], num32(miniStart))
	if miniStart != cfbEnd {
		copy(h[64:], num32(uint32((len(w.minifat)+per-1)/per)))
	}
	copy(h[68:], num32(cfbEnd))
	if difat > 0 {
		copy(h[68:], num32(first+uint32(fats)))
		copy(h[72:], num32(uint32(difat)))
	}
	for i := range 109 {
		copy(h[76+4*i:], num32(cfbFree))
		if i < fats {
			copy(h[76+4*i:], num32(first+uint32(i)))
		}
	}
	for d := range difat {
		for j := range per - 1 {
			n := uint32(cfbFree)
			if i := 109 + d*(per-1) + j; i < fats {
				n = first + uint32(i)
			}
			w.body = append(w.body, num32(n)...)
		}
		next := uint32(cfbEnd)
		if d+1 < difat {
			next = first + uint32(fats+d+1)
		}
		w.body = append(w.body, num32(next)...)
	}
	w.img.bytes = append(h, w.body...)
	return w.img
}

// put writes data in sectors that follow each other.
func (w *cfbWriter) put(data []byte) uint32 {
	start := uint32(len(w.fat))
	for len(data) > 0 {
		n := min(len(data), w.img.sector)
		w.body = append(append(w.body, data[:n]...), make([]byte, w.img.sector-n)...)
		data = data[n:]
		w.fat = append(w.fat, uint32(len(w.fat)+1))
	}
	w.fat[len(w.fat)-1] = cfbEnd
	return start
}

func (w *cfbWriter) putMini(data []byte) uint32 {
	start := uint32(len(w.minifat))
	for len(data) > 0 {
		n := min(len(data), cfbMiniLen)
		w.mini = append(append(w.mini, data[:n]...), make([]byte, cfbMiniLen-n)...)
		data = data[n:]
		w.minifat = append(w.minifat, uint32(len(w.minifat)+1))
	}
	w.minifat[len(w.minifat)-1] = cfbEnd
	return start
}

// entry adds a directory entry without links and gives its number.
func (w *cfbWriter) entry(n *cfbNode, path string, object byte) uint32 {
	i := len(w.dir) / cfbEntryLen
	e := make([]byte, cfbEntryLen)
	copy(e, toUTF16(n.name))
	copy(e[64:], num16(uint16(2*len(n.name)+2)))
	e[66], e[67] = object, 1
	for _, at := range []int{68, 72, 76} {
		copy(e[at:], num32(cfbFree))
	}
	start := uint32(cfbEnd)
	switch {
	case n.storage:
		start = 0
	case len(n.data) >= cfbCutoff:
		start = w.put(n.data)
	case len(n.data) > 0:
		start = w.putMini(n.data)
	}
	if object == 5 {
		start = cfbEnd
	}
	copy(e[116:], num32(start))
	copy(e[120:], num32(uint32(len(n.data))))
	w.dir = append(w.dir, e...)
	w.img.entry[path], w.img.start[path] = i, start
	return uint32(i)
}

// children adds what is in a storage, as a balanced tree in the order of MS-CFB, 2.6.4.
func (w *cfbWriter) children(n *cfbNode, i uint32, path string) {
	list := append([]*cfbNode(nil), n.children...)
	sort.Slice(list, func(a, b int) bool {
		x, y := list[a].name, list[b].name
		return len(x) < len(y) || len(x) == len(y) && strings.ToUpper(x) < strings.ToUpper(y)
	})
	numbers := make([]uint32, len(list))
	for k, c := range list {
		object := byte(2)
		if c.storage {
			object = 1
		}
		numbers[k] = w.entry(c, path+"/"+c.name, object)
	}
	var tree func(part []uint32) uint32
	tree = func(part []uint32) uint32 {
		if len(part) == 0 {
			return cfbFree
		}
		mid := len(part) / 2
		at := int(part[mid]) * cfbEntryLen
		left, right := tree(part[:mid]), tree(part[mid+1:])
		copy(w.dir[at+68:], num32(left))
		copy(w.dir[at+72:], num32(right))
		return part[mid]
	}
	copy(w.dir[int(i)*cfbEntryLen+76:], num32(tree(numbers)))
	for k, c := range list {
		if c.storage {
			w.children(c, numbers[k], path+"/"+c.name)
		}
	}
}
