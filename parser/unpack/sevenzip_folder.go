package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/bodgit/sevenzip"
)

// Methods of 7z (Methods.txt of the LZMA SDK) that are read.
const (
	szCopy    = "\x00"
	szDelta   = "\x03"
	szARM64   = "\x0A"
	szLZMA2   = "\x21"
	szLZMA    = "\x03\x01\x01"
	szBCJ     = "\x03\x03\x01\x03"
	szBCJ2    = "\x03\x03\x01\x1B"
	szPPC     = "\x03\x03\x02\x05"
	szARM     = "\x03\x03\x05\x01"
	szSPARC   = "\x03\x03\x08\x05"
	szPPMd    = "\x03\x04\x01"
	szDeflate = "\x04\x01\x08"
	szBzip2   = "\x04\x02\x02"
	szAES     = "\x06\xF1\x07\x01"
)

// encrypted says whether the folder needs a password.
func (f *szFolder) encrypted() bool {
	for _, c := range f.coders {
		if c.id == szAES {
			return true
		}
	}
	return false
}

// szSolid reads files out of folders. It goes on where the last file ended while that is possible.
type szSolid struct {
	a       *archive
	streams *szStreams
	folder  int
	r       io.Reader // stands at pos of folder; nil: not open
	pos     int64
	use     int // counts the readers given, of which only the last one works
}

func (s *szSolid) open(f szStream) (io.Reader, error) {
	s.use++
	if f.folder < 0 {
		return bytes.NewReader(nil), nil
	}
	if s.r == nil || s.folder != f.folder || s.pos > f.offset {
		s.r = nil // before there is another dictionary
		r, err := s.a.openFolder(s.streams, f.folder)
		if err != nil {
			return nil, err
		}
		s.r, s.folder, s.pos = r, f.folder, 0
	}
	n, err := io.CopyN(io.Discard, s.r, f.offset-s.pos)
	s.pos += n
	if err != nil {
		s.r = nil
		return nil, fmt.Errorf("go to the file in its folder: %w", noEOF(err))
	}
	return check(&szPart{s: s, use: s.use, left: f.size}, f.size, f.crc, f.hasCRC), nil
}

// noEOF makes an error of an end that comes too early.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// szPart is one file of the folder that is open.
type szPart struct {
	s    *szSolid
	use  int
	left int64
}

func (p *szPart) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	if p.use != p.s.use || p.s.r == nil {
		return 0, errDecoder
	}
	n, err := p.s.r.Read(b[:min(int64(len(b)), p.left)])
	p.s.pos += int64(n)
	if p.left -= int64(n); p.left == 0 {
		return n, nil
	}
	if err != nil {
		p.s.r = nil
		err = noEOF(err)
	}
	return n, err
}

// openFolder reads what folder i unpacks to, counted against the budget and the ratio to its packed streams.
//
// The library believes what a header says about counts and sizes, and allocates so. It therefore never sees the archive's: for each
// folder it gets an archive of its own, with that folder as its only file and a header written here.
func (a *archive) openFolder(s *szStreams, i int) (io.Reader, error) {
	f := &s.folders[i]
	if f.encrypted() {
		return nil, ErrEncrypted
	}
	packed := int64(0)
	for _, n := range f.packs {
		packed += n
	}
	if f.at+packed > a.size {
		return nil, errTruncated
	}
	order, ok := f.order()
	if !ok {
		return nil, errHeader
	}
	most := packed*a.budget.Ratio + ratioSlack
	read, window, inner := int64(0), int64(0), int64(0)
	costs := make([]szCost, len(f.coders))
	mild := szFolder{binds: f.binds, packed: f.packed, sizes: f.sizes, packs: f.packs}
	for k, c := range f.coders {
		c, w, d, err := c.bounded(min(f.sizes[k], most+ratioSlack))
		if err != nil {
			return nil, err
		}
		mild.coders = append(mild.coders, c)
		costs[k], window = w, window+d
		read = max(read, w.packed)
		if k != f.main() {
			inner += min(f.sizes[k], most+1)
		}
	}
	switch {
	case window > maxWindow:
		return nil, fmt.Errorf("7z dictionary of %d bytes: %w", window, ErrUnsupported)
	case inner > most:
		return nil, ErrRatio // between its coders, where nobody counts
	}
	// A sixteenth is what clearing a dictionary takes of the time of unpacking as many bytes.
	before := window/16 + f.between(costs)
	if before >= a.budget.Bytes {
		return nil, ErrBudget
	}
	a.budget.Bytes -= before
	src := &metered{r: a.src, b: a.budget, weight: read}
	alone := mild.alone(order)
	var r io.Reader
	err := recovered(func() error {
		z, err := sevenzip.NewReader(&szAlone{head: alone[:szSignatureLen], tail: alone[szSignatureLen:], src: src, offset: f.at, packed: packed},
			int64(len(alone))+packed)
		if err != nil {
			return err
		}
		r, err = z.File[0].Open()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open 7z folder: %w", err)
	}
	return a.budget.Count(&careful{r: r}, packed, costs[f.main()].out), nil
}

// szCost is what the bytes of a coder cost of the budget: those that it gives, and the packed ones.
type szCost struct{ out, packed int64 }

// between is what the bytes cost that coders give each other. Nobody sees them, and the last coder may give nothing for them (deflate has
// blocks without content), so that they are paid for as they are promised.
func (f *szFolder) between(costs []szCost) int64 {
	total := int64(0)
	for k, c := range costs {
		if k == f.main() {
			continue
		}
		taker := 0
		for in := f.fed(k); taker+1 < len(f.coders) && f.firstInput(taker+1) <= in; {
			taker++
		}
		total += f.sizes[k] * (c.out + 1 + costs[taker].packed)
	}
	return total
}

// bounded gives the coder with a dictionary no larger than size, what it will give at most, the cost of its bytes and the memory it takes,
// or ErrUnsupported.
func (c szCoder) bounded(size int64) (to szCoder, cost szCost, window int64, err error) {
	switch c.id {
	case szCopy, szDelta, szBCJ, szPPC, szARM, szSPARC, szARM64, szDeflate:
		return c, szCost{fastWeight, 0}, 0, nil
	case szBCJ2:
		if c.inputs == 4 {
			return c, szCost{lzmaWeight, 0}, 0, nil
		}
	case szBzip2:
		return c, szCost{bzip2Weight, bzip2Packed}, 0, nil
	case szLZMA:
		if len(c.props) == 5 {
			window = max(1<<12, min(int64(le32(c.props[1:])), size))
			c.props = binary.LittleEndian.AppendUint32([]byte{c.props[0]}, uint32(window))
			return c, szCost{lzmaWeight, lzmaPacked}, window, nil
		}
	case szLZMA2:
		if len(c.props) == 1 && c.props[0] <= 40 {
			// The dictionary is (2 or 3) << (11 + half): the smallest that holds size, if that is less.
			for p := byte(0); ; p++ {
				if window = int64(2|p&1) << (p/2 + 11); p == c.props[0] || window >= size {
					c.props = []byte{p}
					return c, szCost{lzmaWeight, lzmaPacked}, window, nil
				}
			}
		}
	case szPPMd:
		// The model's size is part of the method and cannot be less.
		if len(c.props) == 5 && c.props[0] >= 2 && c.props[0] <= 64 {
			return c, szCost{ppmdWeight, ppmdPacked}, int64(le32(c.props[1:])), nil
		}
	}
	return c, szCost{}, 0, fmt.Errorf("7z method %x: %w", c.id, ErrUnsupported)
}

// order sorts the coders so that each comes after those that feed it, the last one being the folder's own. False when they form no tree.
func (f *szFolder) order() ([]int, bool) {
	var order []int
	seen := make([]bool, len(f.coders))
	var visit func(i int)
	visit = func(i int) {
		if seen[i] {
			return
		}
		seen[i] = true
		first := f.firstInput(i)
		for _, b := range f.binds {
			if b.in >= first && b.in < first+f.coders[i].inputs {
				visit(b.out)
			}
		}
		order = append(order, i)
	}
	if f.main() < 0 {
		return nil, false
	}
	visit(f.main())
	return order, len(order) == len(f.coders)
}

// firstInput numbers the first input of coder i.
func (f *szFolder) firstInput(i int) int {
	n := 0
	for _, c := range f.coders[:i] {
		n += c.inputs
	}
	return n
}

// alone writes the two headers of an archive that has the folder as its only file, its coders in the given order.
func (f *szFolder) alone(order []int) []byte {
	total := int64(0)
	h := []byte{szHeader, szMainStreams, szPackInfo, 0, byte(len(f.packs)), szSize}
	for _, n := range f.packs {
		h = appendSzNumber(h, n)
		total += n
	}
	h = append(h, szEnd, szUnpackInfo, szFolders, 1, 0, byte(len(order)))
	inputs := map[int]int{} // where each input is now
	place := make([]int, len(order))
	for at, i := range order {
		c := f.coders[i]
		h = append(append(h, byte(len(c.id))|0x10), c.id...)
		h = append(h, byte(c.inputs), 1)
		if len(c.props) > 0 {
			h[len(h)-3-len(c.id)] |= 0x20
			h = append(append(h, byte(len(c.props))), c.props...)
		}
		place[i] = at
		for k, first := 0, f.firstInput(i); k < c.inputs; k++ {
			inputs[first+k] = len(inputs)
		}
	}
	for _, b := range f.binds {
		h = append(h, byte(inputs[b.in]), byte(place[b.out]))
	}
	for _, in := range f.packed {
		if len(f.packed) > 1 {
			h = append(h, byte(inputs[in]))
		}
	}
	h = append(h, szCodersUnpackSize)
	for _, i := range order {
		h = appendSzNumber(h, f.sizes[i])
	}
	h = append(h, szEnd, szEnd, szFilesInfo, 1, szEnd, szEnd)

	le := binary.LittleEndian
	start := le.AppendUint32(le.AppendUint64(le.AppendUint64(nil, uint64(total)), uint64(len(h))), crc32.ChecksumIEEE(h))
	out := append([]byte("7z\xBC\xAF\x27\x1C\x00\x04"), le.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(out, start...), h...)
}

// appendSzNumber writes a NUMBER in its longest form.
func appendSzNumber(b []byte, n int64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, 0xFF), uint64(n))
}

// szAlone is such an archive: head, the packed bytes of the real one, tail.
type szAlone struct {
	head, tail     []byte
	src            io.ReaderAt
	offset, packed int64
}

func (z *szAlone) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		var n int
		var err error
		switch body := at - int64(len(z.head)); {
		case body < 0:
			n = copy(p[done:], z.head[at:])
		case body < z.packed:
			n, err = z.src.ReadAt(p[done:done+int(min(int64(len(p)-done), z.packed-body))], z.offset+body)
		case body-z.packed < int64(len(z.tail)):
			n = copy(p[done:], z.tail[body-z.packed:])
		default:
			err = io.EOF
		}
		done += n
		if n == 0 {
			return done, noNil(err)
		}
	}
	return done, nil
}

func noNil(err error) error {
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// recovered runs code of others and makes an error of its panics.
func recovered(f func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errDecoder
		}
	}()
	return f()
}

// maxEmptyReads is how often a decoder may give nothing without an error.
const maxEmptyReads = 100

// careful reads from a decoder of others: no panic, no standing still, no word more after an error.
type careful struct {
	r   io.Reader
	err error
}

func (c *careful) Read(p []byte) (n int, err error) {
	for tries := 0; n == 0 && c.err == nil && len(p) > 0; tries++ {
		c.err = recovered(func() error {
			n, err = c.r.Read(p)
			return err
		})
		if n < 0 || n > len(p) {
			n, c.err = 0, errDecoder
		}
		if tries == maxEmptyReads && c.err == nil {
			c.err = io.ErrNoProgress
		}
	}
	if errors.Is(c.err, io.EOF) {
		c.err = io.EOF
	}
	return n, c.err
}
