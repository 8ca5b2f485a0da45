package parser

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"strings"

	"github.com/giaolien/giaolien/parser/unpack"
)

// Bounds of the walk that no message in use comes near.
const (
	maxRescans  = 8        // multiparts that are read a second time because their boundary had to be guessed
	maxInflated = 64 << 20 // bytes read out of all DOCX of a message
	maxTexts    = 10       // times Limits.Text: runes of text of all its attachments
)

// walker goes through the raw message once, in a window, and keeps a stack of the containers that are open. It looks for delimiters at line
// starts only, compares them with the boundaries of all open multiparts, and so loses no part after a broken one.
type walker struct {
	w     *window
	lim   Limits
	found *findings

	stack  []*frame
	depth  int // containers around this walk
	shared *spent

	head   []byte // scratch for header blocks
	delim  []byte // the last delimiter line, with the line end before it
	leaf   leaf
	nested []*content

	size   int64   // of the message
	end    lastEnd // that the last line of a header had, not yet in the sums
	ends   lineEnds
	forks  fork      // where other programs may have read otherwise
	files  []fileKey // what was found without opening any file
	around *file     // the file that this walk reads, nil for the message itself
	path   []string  // containers that what it finds is in
}

// spent is what reading a message has used up, the messages inside it included.
type spent struct {
	parts   int
	rescans int
	inflate int64 // bytes that may still be inflated out of documents
	text    int   // runes of attachments' text that may still be kept
	plain   int   // bytes of bodies and text files that may still be decoded: their letters take time, and HTML may have none
	unpack  unpack.Budget
	reread  unpack.Budget // for reading the mail's own files again
	buffer  []byte

	second     int64 // bytes that second readings may still read
	signatures []Signature
	sidecars   int
	visit      func(Attachment, io.Reader) // of Visit; may be nil
}

// scratch is a buffer for copying, made when first needed.
func (s *spent) scratch() []byte {
	if s.buffer == nil {
		s.buffer = make([]byte, windowSize)
	}
	return s.buffer
}

// frame is an open container: a multipart, or a message inside the message.
type frame struct {
	content  *content // whose parts are in it
	path     string   // e.g. "2.1"
	parts    int
	body     int64 // offset of its first byte
	boundary []byte
	digest   bool
	seen     bool     // a delimiter was seen
	closed   bool     // the closing one was seen
	guess    []byte   // a delimiter that would do if none is ever seen
	tokens   [][]byte // lines that may turn out to be one
	header   *block
	signed   bool // multipart/signed
	first    span // its first part with header, as it stands in the raw message
	glued    bool // the line end behind that part was taken for the end of its own last delimiter

	message *messageSum // nil for a multipart
}

// walk reads the whole message.
func walk(r io.ReaderAt, size int64, lim Limits, found *findings, visit func(Attachment, io.Reader)) (*content, *walker) {
	raw := &rawBytes{r: r}
	k := newWalker(raw, size, lim, found, &spent{inflate: maxInflated, text: lim.Text * maxTexts, plain: textDocument.keep(lim) * maxTexts,
		unpack: lim.Unpack, reread: unpack.Budget{Bytes: maxReread}, second: min(12*size+32<<20, maxSecondReading), visit: visit})
	c := newContent(lim)
	k.read(c)
	if raw.failed != nil {
		found.add(ReadFailed, "", "")
	}
	return c, k
}

func newWalker(r io.ReaderAt, size int64, lim Limits, found *findings, shared *spent) *walker {
	return &walker{w: newWindow(r, size), size: size, lim: lim, found: found, shared: shared}
}

// inside is a walker over a message or an entity that was found in file f.
func (k *walker) inside(f *file, r io.ReaderAt, size int64) *walker {
	in := newWalker(r, size, k.lim, k.found, k.shared)
	in.depth, in.around = k.depth+len(k.stack)+f.containers()+1, f
	return in
}

// read walks from start to end. A file that breaks off on the way is a fact about it.
func (k *walker) read(c *content) {
	k.leaf.init()
	defer k.leaf.release()
	defer k.w.release()
	k.oldMac()
	k.message(c, "")
	k.run(0)
	k.ends.report(k.found, k.place(""))
	k.judge()
	if k.w.err != nil && k.around != nil {
		k.unread(k.around, k.w.err)
	}
}

// place names a part of this walk for a finding.
func (k *walker) place(part string) string {
	switch {
	case k.around == nil:
		return part
	case part == "":
		return k.around.where
	}
	return within(k.around.where, part)
}

// run goes on to the end of the window and closes what was opened above base.
func (k *walker) run(base int) {
	for {
		f, closing, line := k.body()
		if f < 0 {
			open := k.leaf.on && k.leaf.t.enc == base64Encoding
			k.closeLeaf()
			if open && k.unclosed() && !k.leaf.b64.padded { // with padding it would be known to be whole
				k.found.add(Base64Short, k.place(k.leaf.path), "")
			}
			k.feedEnd()
			for len(k.stack) > base {
				k.pop(k.w.offset(), true)
			}
			return
		}
		k.delimiter(f, closing, line)
	}
}

// unclosed says whether a multipart lacks its closing delimiter.
func (k *walker) unclosed() bool {
	for _, f := range k.stack {
		if f.message == nil && !f.closed && len(f.boundary) > 0 {
			return true
		}
	}
	return false
}

// message reads the header of a message and opens what is in it.
func (k *walker) message(c *content, path string) {
	b := k.header(len(k.stack) == 0 && k.depth == 0, path)
	c.header = b
	k.entity(b, c, path, false)
}

// header reads a header block up to the empty line, a delimiter, or the place where the body begins without one.
func (k *walker) header(top bool, path string) *block {
	k.head = k.head[:0]
	over, bol := false, true
	start := k.w.offset()
	var cut headForks
	for {
		if bol && k.delimiterAhead() {
			break
		}
		at := k.w.offset()
		l, whole := k.w.line()
		k.feedLine(at, l)
		k.ends.add(l)
		blank := bol && whole && len(bytes.Trim(l, "\r\n")) == 0
		if len(l) == 0 || blank && !(top && len(k.head) == 0) {
			break
		}
		if blank { // empty lines before the header of the whole message
			start = k.w.offset()
			continue
		}
		room := max(0, int(k.lim.HeaderBytes)-len(k.head))
		if over = over || len(l) > room; over && bol && fieldColon(l) > 0 {
			cut.cut(l)
		}
		k.head = append(k.head, l[:min(room, len(l))]...)
		bol = whole
	}
	b := readBlock(k.head, k.lim.Fields)
	if b.body >= 0 && !over {
		k.w.seek(start+int64(b.body), k.w.end)
		k.end.n = 0 // it comes by again
	}
	if b.repaired {
		k.found.add(HeaderRepaired, k.place(path), "")
	}
	if over || b.over {
		k.found.add(LimitHeader, k.place(path), "")
		k.forks |= cut.forks
	}
	return &b
}

// entity opens the body that belongs to a header: a container, or a leaf.
func (k *walker) entity(b *block, c *content, path string, digest bool) {
	if k.shared.parts++; k.shared.parts > k.lim.Parts {
		k.limit(LimitParts, "")
		return
	}
	t := describe(b, digest, k.texts(c, path))
	k.notice(b, &t, path)
	if t.badType {
		k.found.add(BadContentType, k.place(path), "")
	}
	if t.badEncoding {
		k.found.add(UnknownEncoding, k.place(path), "")
	}
	container := strings.HasPrefix(t.ctype, "multipart/") || isMessage(t.ctype)
	if container && k.depth+len(k.stack) >= k.lim.Depth {
		k.limit(LimitDepth, path)
		container = false
		t.opaque = true
	}
	f := &frame{content: c, path: path, body: k.w.offset(), header: b}
	switch {
	case container && isMessage(t.ctype) && t.enc == identity:
		k.openMessage(f, c, t)
	case container && !isMessage(t.ctype):
		if t.enc != identity {
			k.found.add(EncodedContainer, k.place(path), "")
			k.forks |= forkEncoded
		}
		f.boundary = []byte(trimBoundary(t.params.plain("boundary")))
		f.digest = t.ctype == "multipart/digest"
		f.signed = t.ctype == "multipart/signed"
		if len(f.boundary) == 0 {
			k.found.add(NoBoundary, k.place(path), "")
			k.forks |= forkLetter
		}
		k.compareBoundary(f.boundary, path)
		k.stack = append(k.stack, f)
	default:
		k.leaf.open(k, c, t, path)
	}
}

// limit notes that a limit cut the reading.
func (k *walker) limit(code, path string) {
	k.found.add(code, k.place(path), "")
	k.forks |= forkLimit
}

// record notes a file for the comparison with other readings.
func (k *walker) record(a *Attachment) {
	k.files = append(k.files, fileKey{a.SHA256, extension(a.Name), a.Size})
}

// compareBoundary compares the boundary of a multipart with those around it.
func (k *walker) compareBoundary(boundary []byte, path string) {
	for _, f := range k.stack {
		switch {
		case f.message != nil || len(f.boundary) == 0 || len(boundary) == 0:
		case bytes.Equal(f.boundary, boundary):
			k.found.add(SameBoundary, k.place(path), "")
			k.forks |= forkLetter
		case bytes.HasPrefix(boundary, f.boundary), bytes.HasPrefix(f.boundary, boundary):
			k.found.add(BoundaryPrefix, k.place(path), "")
			k.forks |= forkPrefix
		}
	}
}

// openMessage enters a message inside the message; it counts as one attachment of c and one nested entry.
func (k *walker) openMessage(f *frame, c *content, t partType) {
	f.message = &messageSum{owner: c, index: k.attach(c, t.attachment()), sum: sha256.New(), fed: f.body}
	f.content = newContent(k.lim)
	c.inner = append(c.inner, f.content)
	k.nested = append(k.nested, f.content)
	k.stack = append(k.stack, f)
	k.message(f.content, f.path)
}

// delimiter does what a delimiter line of the multipart at index f asks.
func (k *walker) delimiter(f int, closing bool, line span) {
	k.closeLeaf()
	if k.delim[0] != '-' { // it has a line end of its own in front
		k.feedEnd()
	}
	for len(k.stack) > f+1 {
		k.pop(line.from, false)
	}
	k.feedLine(line.from, k.delim)
	k.w.seek(line.to, k.w.end)
	top := k.stack[f]
	switch {
	case top.parts == 0 && !closing:
		top.first.from = line.to
	case top.parts == 1 && top.first.to == 0:
		top.first.to, top.glued = line.from, k.delim[0] == '-'
	}
	if top.closed && !closing {
		k.found.add(PartsAfterEnd, k.place(top.path), "")
		k.forks |= forkLetter
	}
	top.seen, top.closed = true, closing
	if closing {
		return
	}
	top.parts++
	if k.shared.parts >= k.lim.Parts {
		k.limit(LimitParts, "")
		return
	}
	path := strconv.Itoa(top.parts)
	if top.path != "" {
		path = top.path + "." + path
	}
	k.entity(k.header(false, path), top.content, path, top.digest)
}

// pop closes the innermost container, whose bytes end at offset end.
func (k *walker) pop(end int64, atEnd bool) {
	f := k.stack[len(k.stack)-1]
	switch {
	case f.message != nil:
		a := &f.message.owner.attachments[f.message.index]
		a.Size, a.SHA256 = f.message.size, hex.EncodeToString(f.message.sum.Sum(nil))
		a.Sniffed = "message/rfc822"
		k.record(a)
	case !f.seen:
		k.found.add(NoBoundary, k.place(f.path), "")
		k.forks |= forkLetter
		k.salvage(f, end)
	case !f.closed && atEnd:
		k.found.add(Truncated, k.place(f.path), "")
	}
	if f.signed && f.parts != 2 && k.around == nil && len(k.stack) == 1 {
		k.notWhole()
	}
	k.stack = k.stack[:len(k.stack)-1]
}

// salvage reads a multipart once more whose boundary never came: with the delimiter that was seen in it, or as one text.
func (k *walker) salvage(f *frame, end int64) {
	if f.body >= end {
		return
	}
	if k.shared.rescans++; k.shared.rescans > maxRescans {
		k.limit(LimitParts, f.path)
		return
	}
	depth := len(k.stack)
	defer k.w.seek(k.w.offset(), k.w.end)
	k.w.seek(f.body, end)
	switch {
	case f.guess != nil:
		f.boundary, f.guess, f.seen = f.guess, nil, true
	default:
		f.seen = true
		if k.decoded(f, end) {
			return
		}
		f.boundary = nil
		t := partType{ctype: "text/plain", enc: describe(f.header, false, texts{}).enc}
		k.leaf.open(k, f.content, t, f.path)
		// Between other parts it counts as a preamble, which few programs show; what it says is read all the same.
		k.leaf.aside = depth > 1 && k.stack[depth-2].message == nil
	}
	k.run(depth)
}
