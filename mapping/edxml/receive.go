package edxml

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/unpack"
)

// Received is a package as it is taken in: what it says, and its files as their sender had them, without a ZIP that a builder put around.
type Received struct {
	Package
	Files []mapping.File // in the order of Edoc.Files; those that are only listed have no digest
}

// Receive reads a package and takes the digests of its files as they go by: nothing is held, nothing is kept. A file that was wrapped has the
// digest of what was in it, so that it is the same as when it came by mail. An error is one of reading r.
func Receive(r io.Reader, limits Limits) (Received, error) {
	t := receiving{left: unpack.DefaultBudget.Bytes}
	p, err := Decode(r, limits, t.take)
	if err != nil {
		return Received{}, err
	}
	out := Received{Package: p, Files: []mapping.File{}}
	for i := range out.Edoc.Files {
		f := &out.Edoc.Files[i]
		file := mapping.File{Name: f.Name, Type: f.Type, Size: f.Size}
		if i < len(t.files) {
			seen := t.files[i]
			inner := seen.inner
			if strings.EqualFold(extension(f.Name), ".zip") {
				inner = nil // it was sent as one
			}
			if inner == nil {
				inner = &seen.outer
			}
			file.Size, file.Digest, file.Type = inner.size, inner.digest(), inner.sniffed()
			if inner != &seen.outer && inner.destroyed() || seen.broken && inner == &seen.outer && !strings.EqualFold(extension(f.Name), ".zip") {
				f.Damaged = true
				out.Findings = appendOnce(out.Findings, Finding{Code: FileDamaged, Severity: Warning, Path: nth("AttachmentEncoded/Attachment", i), Note: notes()[FileDamaged]})
			}
		}
		out.Files = append(out.Files, file)
	}
	return out, nil
}

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

func appendOnce(list []Finding, f Finding) []Finding {
	for _, have := range list {
		if have.Code == f.Code && have.Path == f.Path {
			return list
		}
	}
	return append(list, f)
}

// receiving takes the files of one package.
type receiving struct {
	files []received
	left  int64 // bytes that may still be unwrapped, of all files together
}

// received is a file that went by.
type received struct {
	outer  measured
	inner  *measured // what a builder had wrapped; nil when nothing was
	broken bool      // it begins like a wrapping, and is none to its end
}

// take is the sink of the decoder.
func (t *receiving) take(_ int, contents io.Reader) error {
	t.files = append(t.files, received{outer: newMeasured()})
	f := &t.files[len(t.files)-1]
	f.inner, f.broken = t.unwrap(io.TeeReader(contents, &f.outer))
	_, err := io.Copy(&f.outer, contents) // what the unwrapping left
	return err
}

// sniffedBytes is how much of a file tells its type.
const sniffedBytes = 3072

// measured is what is known of bytes that went by.
type measured struct {
	sum  hash.Hash
	size int64
	head []byte
}

func newMeasured() measured { return measured{sum: sha256.New()} }

func (m *measured) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	if room := sniffedBytes - len(m.head); room > 0 {
		m.head = append(m.head, p[:min(room, len(p))]...)
	}
	return m.sum.Write(p)
}

func (m *measured) digest() string  { return hex.EncodeToString(m.sum.Sum(nil)) }
func (m *measured) destroyed() bool { return Destroyed(m.head) }

func (m *measured) sniffed() string {
	if len(m.head) == 0 {
		return ""
	}
	kind, _, _ := strings.Cut(mimetype.Detect(m.head).String(), ";")
	return kind
}
