package unpack

import "io"

// short says whether a stream of this size is in the mini stream.
func (c *cfb) short(e cfbEntry) bool { return e.size < cfbCutoff }

// begins gives the offset in the file where a stream's first byte is; the end of the file when there is none.
func (c *cfb) begins(e cfbEntry) int64 {
	if off, ok := c.place(e.start, c.short(e)); ok {
		return off
	}
	return c.size
}

// place gives the offset of a sector or a mini sector.
func (c *cfb) place(s uint32, mini bool) (int64, bool) {
	if !mini {
		return c.offset(s), s < c.sectors
	}
	at := int64(s) * cfbMiniLen
	if i := at / c.sector; i < int64(len(c.mini)) && c.mini[i] < c.sectors {
		return c.offset(c.mini[i]) + at%c.sector, true
	}
	return 0, false
}

// cfbStream reads a stream along its chain. It gives no more sectors than the file has, so a cycle ends; jumps over the file are taken
// from the budget as if the bytes between were read, because a source that is unpacked as it is read must do that.
type cfbStream struct {
	c     *cfb
	mini  bool
	table []uint32
	unit  int64 // bytes of a sector
	s     uint32
	in    int64 // bytes of sector s that were given
	left  int64
	most  int   // sectors that may still follow
	at    int64 // offset behind the last read; -1: none yet
	err   error // how reading ended
}

func (c *cfb) open(e cfbEntry) *cfbStream {
	r := &cfbStream{c: c, s: e.start, left: e.size, at: -1}
	if r.mini = c.short(e); r.mini {
		r.table, r.unit = c.minifat, cfbMiniLen
	} else {
		r.table, r.unit = c.fat, c.sector
	}
	r.most = len(r.table)
	return r
}

func (r *cfbStream) Read(p []byte) (int, error) {
	switch {
	case r.err != nil:
		return 0, r.err
	case r.left == 0:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	n, err := r.run(p)
	r.left -= int64(n)
	r.err = err
	return n, err
}

// run reads what fits in p of the sectors that follow each other in the file.
func (r *cfbStream) run(p []byte) (int, error) {
	if r.in == r.unit && !r.next() {
		return 0, errCFBChain
	}
	off, ok := r.c.place(r.s, r.mini)
	if !ok {
		return 0, errCFBChain
	}
	off += r.in
	want := min(int64(len(p)), r.left, r.c.size-off)
	if want <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(want, r.unit-r.in)
	r.in += n
	for n < want && r.next() {
		if next, ok := r.c.place(r.s, r.mini); !ok || next != off+n {
			break
		}
		r.in = min(want-n, r.unit)
		n += r.in
	}
	if !r.charge(off) {
		return 0, ErrBudget
	}
	k, err := r.c.src.ReadAt(p[:n], off)
	r.at = off + int64(k)
	if int64(k) < n {
		return k, shortInput(err)
	}
	return k, nil
}

// next goes to the next sector of the chain.
func (r *cfbStream) next() bool {
	if int64(r.s) >= int64(len(r.table)) || r.most <= 0 {
		return false
	}
	r.most--
	r.s, r.in = r.table[r.s], 0
	return true
}

// charge takes a jump inside the stream from the budget.
func (r *cfbStream) charge(off int64) bool {
	switch {
	case r.at < 0 || off >= r.at-cfbNear && off <= r.at+cfbNear:
	case off > r.at:
		r.c.b.Bytes -= off - r.at
	default:
		r.c.b.Bytes -= off
	}
	return r.c.b.Bytes > 0
}

// cfbClaims are the sectors that attachments were found to be made of.
type cfbClaims struct{ sectors, mini []uint64 }

// claim goes along the chain of a stream and says how many of its bytes are in sectors that no other stream has claimed: less than its
// size when the chain is cut off, leads in a circle, or runs into another stream.
func (c *cfb) claim(taken *cfbClaims, e cfbEntry) int64 {
	set, table, unit := &taken.sectors, c.fat, c.sector
	if c.short(e) {
		set, table, unit = &taken.mini, c.minifat, cfbMiniLen
	}
	if *set == nil {
		*set = make([]uint64, len(table)/64+1)
	}
	s := e.start
	for sound := int64(0); ; s = table[s] {
		if sound >= e.size {
			return e.size
		}
		off, ok := c.place(s, c.short(e))
		if !ok || int64(s) >= int64(len(table)) || (*set)[s/64]>>(s%64)&1 != 0 {
			return sound
		}
		(*set)[s/64] |= 1 << (s % 64)
		if off+unit > c.size {
			return min(sound+c.size-off, e.size)
		}
		sound += unit
	}
}
