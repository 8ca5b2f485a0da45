package unpack

// szCoder is one step of unpacking, with one output.
type szCoder struct {
	id     string
	inputs int
	props  []byte
}

// szFolder is a stream of files packed together by a chain of coders.
type szFolder struct {
	coders []szCoder
	binds  []szBind
	packed []int   // inputs that are packed streams
	sizes  []int64 // of the output of each coder
	packs  []int64 // sizes of its packed streams, which stand one behind the other
	at     int64   // where they begin, in the archive
	crc    uint32
	hasCRC bool
	files  int // streams in it
}

// szBind feeds an input (counted over all coders) with the output of a coder.
type szBind struct{ in, out int }

// main gives the coder whose output is the folder's: the one that feeds no other.
func (f *szFolder) main() int {
	for i := range f.coders {
		if f.fed(i) < 0 {
			return i
		}
	}
	return -1
}

// fed gives the input that the output of coder i feeds, -1 for none.
func (f *szFolder) fed(i int) int {
	for _, b := range f.binds {
		if b.out == i {
			return b.in
		}
	}
	return -1
}

func (f *szFolder) size() int64 { return f.sizes[f.main()] }

// szStreams is a StreamsInfo: packed streams, how they are unpacked, and the files in them, of which the first szKeptFiles are kept.
type szStreams struct {
	offset  int64 // of the first packed stream in the archive
	packs   []int64
	folders []szFolder
	files   []szStream
}

// szStream is where a file lies in its folder.
type szStream struct {
	folder int
	offset int64
	size   int64
	crc    uint32
	hasCRC bool
}

// streams reads a StreamsInfo.
func (r *szReader) streams() *szStreams {
	s := &szStreams{}
	subs := false
	for r.err == nil {
		switch r.byte() {
		case szEnd:
			if !subs {
				s.wholeFolders()
			}
			return s
		case szPackInfo:
			r.packInfo(s)
		case szUnpackInfo:
			r.unpackInfo(s)
		case szSubStreams:
			subs = true
			r.subStreams(s)
		default:
			r.fail(errHeader)
		}
	}
	return s
}

func (r *szReader) packInfo(s *szStreams) {
	s.offset = r.length()
	s.packs = make([]int64, r.count(4*szMaxFolders))
	for r.err == nil {
		switch r.byte() {
		case szEnd:
			return
		case szSize:
			for i := range s.packs {
				s.packs[i] = r.length()
			}
		case szCRC:
			r.checksums(len(s.packs), func(int, uint32) {})
		default:
			r.fail(errHeader)
		}
	}
}

func (r *szReader) unpackInfo(s *szStreams) {
	if r.byte() != szFolders || s.folders != nil {
		r.fail(errHeader)
		return
	}
	n := r.count(szMaxFolders)
	if r.byte() != 0 { // kept elsewhere: never written
		r.fail(ErrUnsupported)
	}
	at, packs := szSignatureLen+s.offset, s.packs
	for i := 0; i < n && r.err == nil; i++ {
		f := r.folder()
		if len(f.packed) > len(packs) {
			r.fail(errHeader)
			return
		}
		f.files, f.at, f.packs = 1, at, packs[:len(f.packed)]
		for _, size := range f.packs {
			if at += size; at > szMaxLength {
				r.fail(errHeader)
				return
			}
		}
		packs = packs[len(f.packed):]
		s.folders = append(s.folders, f)
	}
	if r.byte() != szCodersUnpackSize {
		r.fail(errHeader)
	}
	for i := range s.folders {
		for range s.folders[i].coders {
			s.folders[i].sizes = append(s.folders[i].sizes, r.length())
		}
	}
	for r.err == nil {
		switch r.byte() {
		case szEnd:
			return
		case szCRC:
			r.checksums(len(s.folders), func(i int, crc uint32) { s.folders[i].crc, s.folders[i].hasCRC = crc, true })
		default:
			r.fail(errHeader)
		}
	}
}

// folder reads the coders of one folder and how they are connected.
func (r *szReader) folder() szFolder {
	var f szFolder
	n := r.count(szMaxCoders)
	inputs := 0
	for i := 0; i < n && r.err == nil; i++ {
		c := r.coder()
		inputs += c.inputs
		f.coders = append(f.coders, c)
	}
	if n == 0 || inputs < n || inputs > szMaxInputs {
		r.fail(errHeader)
		return f
	}
	bound := make([]bool, inputs)
	for range n - 1 {
		b := szBind{in: r.count(inputs - 1), out: r.count(n - 1)}
		if bound[b.in] || f.fed(b.out) >= 0 {
			r.fail(errHeader)
		}
		bound[b.in] = true
		f.binds = append(f.binds, b)
	}
	packed := inputs - (n - 1)
	for i := range inputs {
		if packed == 1 && !bound[i] {
			f.packed = append(f.packed, i)
		}
	}
	for i := 0; i < packed && packed > 1; i++ {
		in := r.count(inputs - 1)
		if r.err == nil && bound[in] {
			r.fail(errHeader)
			return f
		}
		bound[in] = true
		f.packed = append(f.packed, in)
	}
	return f
}

func (r *szReader) coder() szCoder {
	c := szCoder{inputs: 1}
	flags := r.byte()
	id := make([]byte, flags&0xF)
	for i := range id {
		id[i] = r.byte()
	}
	c.id = string(id)
	if flags&0x10 != 0 {
		c.inputs = r.count(szMaxInputs)
		if r.count(szMaxInputs) != 1 {
			r.fail(ErrUnsupported)
		}
	}
	if flags&0x20 != 0 {
		c.props = make([]byte, r.count(64))
		for i := range c.props {
			c.props[i] = r.byte()
		}
	}
	if flags&0xC0 != 0 {
		r.fail(errHeader)
	}
	return c
}

// wholeFolders makes one file of each folder, which is what a header means that does not divide them.
func (s *szStreams) wholeFolders() {
	for i := range s.folders {
		if f := &s.folders[i]; f.main() >= 0 {
			s.files = append(s.files, szStream{folder: i, size: f.size(), crc: f.crc, hasCRC: f.hasCRC})
		}
	}
}

// subStreams reads how folders are divided into files.
func (r *szReader) subStreams(s *szStreams) {
	id := r.byte()
	if id == szNumUnpackStream {
		total := 0
		for i := range s.folders {
			s.folders[i].files = r.count(szMaxFiles)
			if total += s.folders[i].files; total > szMaxFiles {
				r.fail(errTooMany)
			}
		}
		id = r.byte()
	}
	for i := range s.folders {
		r.divide(s, i, id == szSize)
	}
	if id == szSize {
		id = r.byte()
	}
	if id == szCRC {
		r.fileChecksums(s)
		id = r.byte()
	}
	for ; id != szEnd && r.err == nil; id = r.byte() {
		r.fail(errHeader)
	}
}

// divide reads the sizes of all files of folder i but the last, which has the rest.
func (r *szReader) divide(s *szStreams, i int, sizes bool) {
	f := &s.folders[i]
	if r.err != nil || f.files > 1 && !sizes {
		r.fail(errHeader)
		return
	}
	offset := int64(0)
	for k := range f.files {
		rest := f.size() - offset
		size := rest
		if k < f.files-1 {
			size = r.length()
		}
		if size > rest || r.err != nil {
			r.fail(errHeader)
			return
		}
		if len(s.files) < szKeptFiles {
			s.files = append(s.files, szStream{folder: i, offset: offset, size: size})
		}
		offset += size
	}
}

// fileChecksums reads the digests of the files whose folder's digest is not their own.
func (r *szReader) fileChecksums(s *szStreams) {
	own := func(f *szFolder) bool { return f.files == 1 && f.hasCRC }
	var index []int // of the kept files whose digests follow
	unknown, file := 0, 0
	for i := range s.folders {
		f := &s.folders[i]
		for range f.files {
			if file < len(s.files) {
				if own(f) {
					s.files[file].crc, s.files[file].hasCRC = f.crc, true
				} else {
					index = append(index, file)
				}
			}
			file++
		}
		if !own(f) {
			unknown += f.files
		}
	}
	r.checksums(unknown, func(i int, crc uint32) {
		if i < len(index) {
			s.files[index[i]].crc, s.files[index[i]].hasCRC = crc, true
		}
	})
}
