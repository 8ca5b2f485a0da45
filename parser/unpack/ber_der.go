package unpack

import (
	"bytes"
	"fmt"
	"io"
)

// toDER gives the element at the beginning of b, which is small, with definite lengths and strings in one piece: what signatures are made
// over, and what readers of DER want. DER comes out as it went in. rest stands behind the element.
func toDER(b []byte) (der, rest []byte, err error) { return appendDER(nil, b, 0) }

func appendDER(out, b []byte, depth int) (der, rest []byte, err error) {
	if depth > maxBERDepth {
		return nil, nil, fmt.Errorf("nested deeper than %d: %w", maxBERDepth, errBER)
	}
	n, header, length, err := berLength(b)
	if err != nil {
		return nil, nil, err
	}
	tag, body := b[:n], b[header:]
	if length > int64(len(body)) {
		return nil, nil, io.ErrUnexpectedEOF
	}
	if length >= 0 {
		body, rest = body[:length], body[length:]
	}
	if tag[0]&0x20 != 0 {
		whole, after, err := partsToDER(body, length < 0, tag[0] == berOctetsParts, depth+1)
		if err != nil {
			return nil, nil, err
		}
		body = whole
		if length < 0 {
			rest = after
		}
		if tag[0] == berOctetsParts {
			tag = []byte{berOctets}
		}
	}
	out = appendDERLength(append(out, tag...), len(body))
	return append(out, body...), rest, nil
}

// partsToDER joins the elements of b, up to the end of contents when there is one: the elements themselves, or what is in them when they
// are pieces of a string.
func partsToDER(b []byte, indefinite, pieces bool, depth int) (out, rest []byte, err error) {
	for indefinite || len(b) > 0 {
		if indefinite && bytes.HasPrefix(b, []byte{berEnd, 0}) {
			return out, b[2:], nil
		}
		at := len(out)
		if out, b, err = appendDER(out, b, depth); err != nil {
			return nil, nil, err
		}
		if pieces {
			e := der(out[at:])
			piece, ok := e.take(berOctets)
			if !ok {
				return nil, nil, fmt.Errorf("piece of a string: %w", errBER)
			}
			out = append(out[:at], piece...)
		}
	}
	return out, nil, nil
}

func appendDERLength(out []byte, n int) []byte {
	if n < 0x80 {
		return append(out, byte(n))
	}
	size := 1
	for n>>(8*size) > 0 {
		size++
	}
	out = append(out, 0x80|byte(size))
	for i := size - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}

// der is a row of elements in memory, all of definite length, taken one after another.
type der []byte

// next takes the next element: its first byte, its contents and the whole of it. ok is false at the end and where no element is.
func (d *der) next() (id byte, body der, full []byte, ok bool) {
	_, header, length, err := berLength(*d)
	if err != nil || length < 0 || length > int64(len(*d)-header) {
		return 0, nil, nil, false
	}
	end := header + int(length)
	full = (*d)[:end:end]
	*d = (*d)[end:]
	return full[0], full[header:], full, true
}

// take takes the next element only if it begins with id.
func (d *der) take(id byte) (body der, ok bool) {
	if len(*d) == 0 || (*d)[0] != id {
		return nil, false
	}
	_, body, _, ok = d.next()
	return body, ok
}
