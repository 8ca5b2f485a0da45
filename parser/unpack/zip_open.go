package unpack

import (
	"bufio"
	"compress/bzip2"
	"compress/flate"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Methods of packing (4.4.5) that are read, and the one that stands for AES (4.5.14, AE-x).
const (
	zipStore   = 0
	zipDeflate = 8
	zipBzip2   = 12
	zipZstd    = 93
	zipAES     = 99
)

// maxZstdWindow bounds what a Zstandard frame may ask for: what its own specification (RFC 8878, 3.1.1.1.2) wants every reader to take.
const maxZstdWindow = 8 << 20

// openZIP reads f from its beginning.
func (a *archive) openZIP(f *zipFile) (io.Reader, error) {
	switch {
	case f.encrypted():
		return nil, ErrEncrypted
	case f.err != nil:
		return nil, f.err
	}
	section := io.NewSectionReader(a.src, f.data, f.packed)
	var r io.Reader
	weight := int64(fastWeight)
	switch f.method {
	case zipStore:
		r = section
	case zipDeflate:
		section = io.NewSectionReader(&metered{r: a.src, b: a.budget, weight: deflatePacked}, f.data, f.packed)
		r = flate.NewReader(bufio.NewReaderSize(section, 16<<10))
	case zipBzip2:
		section = io.NewSectionReader(&metered{r: a.src, b: a.budget, weight: bzip2Packed}, f.data, f.packed)
		r, weight = bzip2.NewReader(bufio.NewReaderSize(section, 16<<10)), bzip2Weight
	case zipZstd:
		// One thread, so that a reader that is left leaves nothing running.
		z, err := zstd.NewReader(section, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
		if err != nil {
			return nil, fmt.Errorf("begin zstd: %w", err)
		}
		r = z
	default:
		return nil, fmt.Errorf("zip method %d: %w", f.method, ErrUnsupported)
	}
	return a.budget.Count(check(r, f.size, f.crc, !f.noCRC), f.packed, weight), nil
}
