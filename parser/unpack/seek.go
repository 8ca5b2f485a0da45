package unpack

import (
	"errors"
	"io"
)

// Bounds of what a Seekable keeps: enough for a directory at the end of a file and the files it names, read in order.
const (
	blockSize = 64 << 10
	maxBlocks = 32
)

// Seekable reads anywhere in a file that can only be read from its beginning. It goes forward while it can, starts again when it must go
// back, and keeps the blocks used last. size is the file's true size. An io.ReaderAt as the readers of this package use it: not safe for
// several goroutines at once.
func Seekable(open func() (io.Reader, error), size int64) io.ReaderAt {
	return &seekable{open: open, size: size, blocks: map[int64]*block{}}
}

type seekable struct {
	open   func() (io.Reader, error)
	size   int64
	r      io.Reader // stands at the beginning of block next; nil: not open
	next   int64
	blocks map[int64]*block
	clock  int64 // counts uses, to find the block that was not used for longest
}

type block struct {
	data []byte
	used int64
}

// ReadAt obeys io.ReaderAt. Its errors are those of the file, and io.EOF at its end.
func (s *seekable) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("read before the beginning of a file")
	}
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if at >= s.size {
			return done, io.EOF
		}
		b, err := s.block(at / blockSize)
		if in := at % blockSize; b != nil && in < int64(len(b)) {
			done += copy(p[done:], b[in:])
			continue
		}
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return done, err
	}
	return done, nil
}

// block gives the bytes of block i, which are fewer than blockSize at the end of the file or before an error.
func (s *seekable) block(i int64) ([]byte, error) {
	s.clock++
	if b := s.blocks[i]; b != nil {
		b.used = s.clock
		return b.data, nil
	}
	if s.r == nil || s.next > i {
		r, err := s.open()
		if err != nil {
			s.r = nil
			return nil, err
		}
		s.r, s.next = r, 0
	}
	for {
		b := s.free()
		want := min(blockSize, s.size-s.next*blockSize)
		n, err := io.ReadFull(s.r, b.data[:want])
		b.data = b.data[:n]
		if err != nil {
			s.r = nil
			return b.data, err
		}
		b.used = s.clock
		s.blocks[s.next] = b
		s.next++
		if s.next > i {
			return b.data, nil
		}
	}
}

// free gives an empty block, the one used least lately when there are enough.
func (s *seekable) free() *block {
	if len(s.blocks) < maxBlocks {
		return &block{data: make([]byte, blockSize)}
	}
	oldest := int64(-1)
	for i, b := range s.blocks {
		if oldest < 0 || b.used < s.blocks[oldest].used || b.used == s.blocks[oldest].used && i < oldest {
			oldest = i
		}
	}
	b := s.blocks[oldest]
	delete(s.blocks, oldest)
	b.data = b.data[:blockSize]
	return b
}
