package archive

import (
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/zstd"
)

// codec encodes and decodes frames. It is safe for concurrent use.
//
// zstd at its fastest level packs text to a few per cent and finds nothing in base64, which is most of all mail. That it finds nothing
// costs it as much as half a SHA-256, so a large frame is first tried by a sample from its middle. A frame that gains less than a twentieth
// is kept raw, so that reading it back costs nothing either. BenchmarkIntake measures both.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
	crc *crc32.Table
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2), zstd.WithEncoderCRC(false),
		zstd.WithWindowSize(frameSize), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(frameSize))
	if err != nil {
		return nil, errors.Join(err, enc.Close())
	}
	return &codec{enc: enc, dec: dec, crc: crc32.MakeTable(crc32.Castagnoli)}, nil
}

func (c *codec) close() { c.dec.Close() }

// encode gives the bytes that stand for a frame: in memory of their own, or, for a full frame that is kept as it is, raw itself; then
// the caller must not use raw's memory again.
func (c *codec) encode(raw, scratch []byte) (f frame, encoded []byte, gaveRaw bool) {
	var packed []byte
	if c.promising(raw, scratch) {
		packed = c.enc.EncodeAll(raw, scratch[:0])
	}
	if len(packed) > 0 && worth(packed, raw) {
		return frame{length: uint32(len(packed)), sum: crc32.Checksum(packed, c.crc)}, append([]byte(nil), packed...), false
	}
	f = frame{length: uint32(len(raw)), stored: true, sum: crc32.Checksum(raw, c.crc)}
	if len(raw) == frameSize {
		return f, raw, true
	}
	return f, append([]byte(nil), raw...), false
}

// sampleSize is how much of a large frame is tried first, in bytes.
const sampleSize = 8 << 10

// promising says whether packing a frame may be worth it.
func (c *codec) promising(raw, scratch []byte) bool {
	if len(raw) <= 2*sampleSize {
		return len(raw) > 0
	}
	middle := len(raw)/2 - sampleSize/2
	sample := raw[middle : middle+sampleSize]
	return worth(c.enc.EncodeAll(sample, scratch[:0]), sample)
}

func worth(packed, raw []byte) bool { return len(packed) <= len(raw)-len(raw)/20 }

// decode gives the size raw bytes of a frame, in dst where it has room. A wrong checksum is an error.
func (c *codec) decode(f frame, encoded []byte, size int, dst []byte) ([]byte, error) {
	if crc32.Checksum(encoded, c.crc) != f.sum {
		return nil, errors.New("checksum of frame does not match")
	}
	if f.stored {
		dst = append(dst[:0], encoded...)
	} else {
		var err error
		if dst, err = c.dec.DecodeAll(encoded, dst[:0]); err != nil {
			return nil, fmt.Errorf("unpack frame: %w", err)
		}
	}
	if len(dst) != size {
		return nil, fmt.Errorf("frame has %d bytes instead of %d", len(dst), size)
	}
	return dst, nil
}
