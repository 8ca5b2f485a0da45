package unpack

import (
	"errors"
	"hash/crc32"
	"io"
)

// szSignatureLen is the length of the header at the beginning: signature, version, and where the real header is.
const szSignatureLen = 32

// szMaxEncoded bounds how often a header may be packed in another one. Packers do it once.
const szMaxEncoded = 2

// szItem is one file as the header names it.
type szItem struct {
	name      string
	attr      uint32
	empty     bool // has no stream: a folder, or an empty file
	emptyFile bool
	anti      bool // says that a file was deleted
}

// skipped tells what is not a regular file. The upper half of the attributes is a Unix mode when bit 15 says so.
func (it *szItem) skipped() bool {
	const folder, reparsePoint, hasMode, link = 0x10, 0x400, 0x8000, 0xA000
	return it.anti || it.empty && !it.emptyFile || it.attr&folder != 0 || it.attr&reparsePoint != 0 ||
		it.attr&hasMode != 0 && it.attr>>16&0xF000 == link
}

// sevenZip lists a 7z archive. The header is read here, within bounds; the library only ever unpacks single folders (see openFolder).
func (a *archive) sevenZip() {
	var h [szSignatureLen]byte
	if n, _ := a.src.ReadAt(h[:], 0); n < len(h) {
		a.problem(Damaged, "", "cut off")
		return
	}
	offset, size := le64(h[12:]), le64(h[20:])
	switch {
	case crc32.ChecksumIEEE(h[12:]) != le32(h[8:]):
		a.problem(Damaged, "", "the first header is broken")
		return
	case size == 0:
		return // no files
	case offset > uint64(a.size) || size > uint64(a.size) || offset+size > uint64(a.size-szSignatureLen):
		a.problem(Damaged, "", "cut off before its list of files")
		return
	}
	at := io.NewSectionReader(a.src, szSignatureLen+int64(offset), int64(size))
	streams, items, err := a.szHeader(check(at, int64(size), le32(h[28:]), true), 0)
	switch {
	case errors.Is(err, ErrEncrypted):
		a.problem(Encrypted, "", "the names of the files need a password")
	case errors.Is(err, errTooMany):
		a.problem(LimitCount, "", "the list of files is too long")
	case err != nil:
		a.problem(CodeOf(err), "", "the list of files cannot be read")
	}
	if items != nil {
		a.listSevenZip(streams, items)
	}
}

// szHeader reads a Header, or unpacks an EncodedHeader and reads that. It gives items also with an error when only the checksum is wrong.
func (a *archive) szHeader(src io.Reader, depth int) (*szStreams, []szItem, error) {
	r := newSzReader(src)
	switch id := r.byte(); {
	case id == szEncodedHeader && depth < szMaxEncoded:
		s := r.streams()
		if r.err == nil && len(s.files) != 1 {
			r.fail(errHeader)
		}
		if r.err != nil {
			return nil, nil, r.err
		}
		packed, err := a.openFolder(s, 0)
		if err != nil {
			return nil, nil, err
		}
		return a.szHeader(check(packed, s.files[0].size, s.files[0].crc, s.files[0].hasCRC), depth+1)
	case id != szHeader:
		r.fail(errHeader)
	}
	s, items := r.header()
	if r.err != nil {
		return nil, nil, r.err
	}
	_, err := io.Copy(io.Discard, r.r) // to the checksum
	return s, items, err
}

// header reads what follows the id of a Header.
func (r *szReader) header() (*szStreams, []szItem) {
	s, items := &szStreams{}, []szItem(nil)
	for r.err == nil {
		switch r.byte() {
		case szEnd:
			return s, items
		case szArchiveProperties:
			for r.byte() != szEnd && r.err == nil {
				r.skip(r.length())
			}
		case szMainStreams:
			s = r.streams()
		case szFilesInfo:
			items = r.filesInfo()
		case szAdditionalStreams:
			r.fail(ErrUnsupported)
		default:
			r.fail(errHeader)
		}
	}
	return s, items
}

// filesInfo reads the names and attributes of files, of which the first szKeptFiles are kept.
func (r *szReader) filesInfo() []szItem {
	n := r.count(szMaxFiles)
	items := make([]szItem, min(n, szKeptFiles))
	var empty []int // items without a stream
	empties := 0
	for r.err == nil {
		property := r.byte()
		if property == szEnd {
			return items
		}
		length := r.length()
		end := r.pos + length
		switch property {
		case szEmptyStream:
			for i, v := range r.flags(n) {
				if v {
					if empties++; i < len(items) {
						items[i].empty = true
						empty = append(empty, i)
					}
				}
			}
		case szEmptyFile, szAnti:
			for i, v := range r.flags(empties) {
				if v && i < len(empty) {
					it := &items[empty[i]]
					it.emptyFile = it.emptyFile || property == szEmptyFile
					it.anti = it.anti || property == szAnti
				}
			}
		case szName:
			r.names(items, length)
		case szAttributes:
			r.attributes(items, n)
		}
		if r.pos > end {
			r.fail(errHeader)
		}
		r.skip(end - r.pos)
	}
	return items
}

// names reads the names of items out of length bytes.
func (r *szReader) names(items []szItem, length int64) {
	end := r.pos + length
	if r.byte() != 0 {
		r.fail(ErrUnsupported)
	}
	for i := 0; i < len(items) && r.pos < end; i++ {
		items[i].name = r.name()
	}
}

func (r *szReader) attributes(items []szItem, n int) {
	defined := r.optionalFlags(n)
	if r.byte() != 0 {
		r.fail(ErrUnsupported)
	}
	for i, d := range defined {
		if !d || r.err != nil {
			continue
		}
		if v := r.uint32(); i < len(items) {
			items[i].attr = v
		}
	}
}

// listSevenZip gives each item that has a stream the next one, and makes entries of the regular files.
func (a *archive) listSevenZip(s *szStreams, items []szItem) {
	solid := &szSolid{a: a, streams: s}
	seen := make(map[string]bool, len(items))
	var entries []Entry
	next := 0
	for i := range items {
		it := &items[i]
		stream := szStream{folder: -1}
		if !it.empty {
			if next == len(s.files) {
				a.problem(Damaged, it.name, "a file has no content")
				break
			}
			stream = s.files[next]
			next++
		}
		if it.skipped() {
			continue
		}
		if !a.room(len(entries)) {
			break
		}
		if seen[it.name] {
			a.problem(NamesDiffer, it.name, "two entries have one name")
		}
		seen[it.name] = true
		if stream.folder >= 0 && s.folders[stream.folder].encrypted() {
			a.problem(Encrypted, it.name, "needs a password")
		}
		entries = append(entries, Entry{Name: it.name, Size: stream.size, Open: func() (io.Reader, error) { return solid.open(stream) }})
	}
	if len(items) == szKeptFiles {
		a.room(a.budget.Entries) // there were more
	}
	a.list(entries)
}
