package unpack

import (
	"bytes"
	"errors"
	"io"
	"slices"
)

// Bounds of a compound file. Outlook's mails stay far below: a mail to 500 people with 100 files has some 15,000 directory entries.
const (
	maxCFBEntries = 1 << 17 // directory entries that are looked at
	maxCFBSectors = 1 << 22 // sectors: 2 GiB in version 3, where MS-CFB, 2.6.1 allows no more; the FAT of a 50 MB mail takes 400 KB
	maxCFBMini    = 1 << 20 // mini sectors: 64 MiB of short streams
	cfbNear       = 1 << 20 // bytes: a jump this short costs nothing, what is there is still at hand
)

// Values of FAT entries and directory links (MS-CFB, 2.1).
const (
	cfbMaxSector = 0xFFFFFFFA
	cfbEnd       = 0xFFFFFFFE
	cfbFree      = 0xFFFFFFFF // also: no such directory entry
)

const (
	cfbHeaderLen = 512
	cfbEntryLen  = 128
	cfbMiniLen   = 64
	cfbCutoff    = 4096 // bytes: shorter streams are in the mini stream; MS-CFB, 2.2 allows no other value
	cfbMagic     = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
)

var (
	errCFBHeader = errors.New("no compound file")
	errCFBChain  = errors.New("chain of sectors is broken")
)

// cfb is a compound file (MS-CFB). Its tables are in memory, as large as the file's true size makes them and no header can: four bytes a
// sector. Content is read through src, forward as far as the chains go forward.
type cfb struct {
	src  io.ReaderAt
	size int64
	b    *Budget

	sector  int64    // bytes: 512 or 4096
	sectors uint32   // in the file
	fat     []uint32 // next sector; shorter than sectors when part of it is missing
	minifat []uint32
	mini    []uint32 // sectors of the mini stream
	entries []cfbEntry
	broken  bool // something was missing or wrong
	over    bool // more directory entries than are looked at
	code    string
}

// fail remembers that something is wrong, and the error if it was reading that failed.
func (c *cfb) fail(err error) {
	c.broken = true
	if err != nil && c.code == "" {
		c.code = CodeOf(err)
	}
}

// openCFB reads header, FAT, directory and mini FAT. Its error says that there is nothing to read at all.
func openCFB(src io.ReaderAt, size int64, b *Budget) (*cfb, error) {
	var h [cfbHeaderLen]byte
	if n, err := src.ReadAt(h[:], 0); n < len(h) {
		return nil, shortInput(err)
	}
	if !bytes.HasPrefix(h[:], []byte(cfbMagic)) {
		return nil, errCFBHeader
	}
	c := &cfb{src: src, size: size, b: b}
	switch shift := le16(h[30:]); shift { // MS-CFB, 2.2
	case 9, 12:
		c.sector = 1 << shift
	default:
		return nil, errCFBHeader
	}
	c.sectors = uint32(min(max(0, (size-1)/c.sector), maxCFBSectors)) // the header takes the place of one; the last may be cut
	c.readFAT(h[:])
	version := le16(h[26:])
	c.readDirectory(le32(h[48:]), version)
	if len(c.entries) == 0 {
		return nil, errCFBHeader
	}
	c.readMini(le32(h[60:]))
	return c, nil
}

// offset of a sector in the file.
func (c *cfb) offset(sector uint32) int64 { return (int64(sector) + 1) * c.sector }

// readFAT loads the FAT: the list of its sectors is in the header and in a chain of DIFAT sectors (MS-CFB, 2.5.1).
func (c *cfb) readFAT(h []byte) {
	per := uint32(c.sector / 4)
	most := int((c.sectors + per - 1) / per) // FAT sectors that can say something
	list := make([]uint32, 0, min(most, 128))
	add := func(b []byte) {
		for ; len(b) >= 4 && len(list) < most; b = b[4:] {
			if s := le32(b); s < cfbMaxSector {
				list = append(list, s)
			} else if s == cfbFree {
				return // the list has no holes
			}
		}
	}
	add(h[76:])
	next := le32(h[68:])
	buf := make([]byte, c.sector)
	steps := most/int(per-1) + 1 // DIFAT sectors that so many FAT sectors can need
	for ; next < cfbMaxSector && len(list) < most; steps-- {
		if next >= c.sectors || steps == 0 {
			c.fail(nil)
			break
		}
		if err := c.readAt(buf, c.offset(next)); err != nil {
			c.fail(err)
			break
		}
		add(buf[:len(buf)-4])
		next = le32(buf[len(buf)-4:])
	}
	c.fat = make([]uint32, min(uint32(len(list))*per, c.sectors))
	for i := range c.fat {
		c.fat[i] = cfbFree
	}
	c.eachSector(list, func(i int, b []byte) {
		for at := i * int(per); len(b) >= 4 && at < len(c.fat); b, at = b[4:], at+1 {
			c.fat[at] = le32(b)
		}
	})
}

// readAt fills p, with zeros beyond the end of the file: the last sector may be cut.
func (c *cfb) readAt(p []byte, off int64) error {
	if off >= c.size {
		return io.ErrUnexpectedEOF
	}
	n, err := c.src.ReadAt(p[:min(int64(len(p)), c.size-off)], off)
	clear(p[n:])
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return shortInput(err)
	}
	return nil
}

// eachSector reads a list of sectors in the order in which they stand in the file and gives each with its index in the list.
func (c *cfb) eachSector(list []uint32, f func(i int, b []byte)) {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(list[a]) - int(list[b]) })
	buf := make([]byte, c.sector)
	for _, i := range order {
		if list[i] >= c.sectors {
			c.fail(nil)
			continue
		}
		if err := c.readAt(buf, c.offset(list[i])); err != nil {
			c.fail(err)
			return
		}
		f(i, buf)
	}
}

// chain lists the sectors of a chain, at most limit. A cycle is cut at the number of sectors in the file.
func (c *cfb) chain(start uint32, limit int) (list []uint32, whole bool) {
	limit = min(limit, int(c.sectors))
	for s := start; s != cfbEnd; s = c.fat[s] {
		if int64(s) >= int64(len(c.fat)) || len(list) >= limit {
			return list, false
		}
		list = append(list, s)
	}
	return list, true
}

// readDirectory loads the directory (MS-CFB, 2.6).
func (c *cfb) readDirectory(start uint32, version uint16) {
	per := int(c.sector / cfbEntryLen)
	list, whole := c.chain(start, maxCFBEntries/per)
	if !whole {
		if len(list) == maxCFBEntries/per {
			c.over = true
		} else {
			c.fail(nil)
		}
	}
	c.entries = make([]cfbEntry, len(list)*per)
	c.eachSector(list, func(i int, b []byte) {
		for j := range per {
			c.entries[i*per+j] = readCFBEntry(b[j*cfbEntryLen:], version)
		}
	})
}

// readMini loads the mini FAT and the place of the mini stream, which the root entry names.
func (c *cfb) readMini(start uint32) {
	root := c.entries[0]
	if start >= cfbMaxSector || root.size == 0 {
		return
	}
	per := int(c.sector / 4)
	list, whole := c.chain(start, maxCFBMini/per)
	if !whole {
		c.fail(nil)
	}
	c.minifat = make([]uint32, len(list)*per)
	c.eachSector(list, func(i int, b []byte) {
		for j := range per {
			c.minifat[i*per+j] = le32(b[4*j:])
		}
	})
	most := int64(len(c.minifat)) * cfbMiniLen
	need := (min(root.size, most) + c.sector - 1) / c.sector
	c.mini, _ = c.chain(root.start, int(need))
	if int64(len(c.mini)) < need {
		c.fail(nil)
	}
}
