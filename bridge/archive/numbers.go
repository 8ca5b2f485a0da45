package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/giaolien/giaolien/bridge"
)

// numbersName is the file of register numbers, in the archive's folder.
const numbersName = "register.numbers"

// longestLine bounds what is taken for a line of that file, in bytes.
const longestLine = 4 << 10

// Numbers is the file beside the messages that remembers how far every book of the register has got, so that a database which is restored
// from a backup never gives a number twice. It implements bridge.HighWater, for several processes on one folder.
//
// The file is only ever appended to: a line for each book whose numbers were taken, with a checksum. A line that a crash has torn is left
// where it is, and the next one begins anew.
type Numbers struct {
	dir string

	mu      sync.Mutex
	owed    []bridge.BookMark       // guarded by mu; appended without a durable end, so nobody knows whether they stand
	read    int64                   // guarded by mu; how much of the file was read, up to the end of a line
	highest map[bridge.BookMark]int // guarded by mu; what was read, by book (Number 0)

	// put writes and syncs; tests make it fail.
	put func(f *os.File, text []byte) error
}

var _ bridge.HighWater = (*Numbers)(nil)

// NewNumbers names the file; it is made with the first number. The folder is that of the archive.
func NewNumbers(dir string) *Numbers { return &Numbers{dir: dir, put: putSynced} }

func putSynced(f *os.File, text []byte) error {
	if _, err := f.Write(text); err != nil {
		return err
	}
	return osFile{File: f}.Sync()
}

// Append implements bridge.HighWater.
func (n *Numbers) Append(ctx context.Context, marks []bridge.BookMark) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.append(ctx, marks)
}

func (n *Numbers) append(ctx context.Context, marks []bridge.BookMark) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("append register numbers: %w", err)
	}
	n.owed = append(n.owed, marks...) // what a failed sync leaves in the file may be gone after a power failure, so it is written again
	if err := n.write(n.owed); err != nil {
		return fmt.Errorf("append register numbers: %w", full(err))
	}
	n.owed = nil
	return nil
}

func (n *Numbers) write(marks []bridge.BookMark) (err error) {
	if len(marks) == 0 {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(n.dir, numbersName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // which frees the lock
	if err := lockFile(f); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var text strings.Builder
	if size := info.Size(); size == 0 {
		if err := syncFolder(n.dir); err != nil { // the file is new: it must be found again after a power failure
			return err
		}
	} else {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			text.WriteByte('\n')
		}
	}
	for _, m := range marks {
		text.WriteString(numberLine(m))
	}
	return n.put(f, []byte(text.String()))
}

// numberLine is one line of the file: kind, year, number, receiving agency, checksum of what stands before it.
func numberLine(m bridge.BookMark) string {
	body := fmt.Sprintf("%s %d %d %q", m.Kind, m.Year, m.Number, m.Receiver)
	return fmt.Sprintf("%s %08x\n", body, crc32.ChecksumIEEE([]byte(body)))
}

// parseNumber reads a line. It reports false for what was torn or damaged.
func parseNumber(line string) (m bridge.BookMark, ok bool) {
	at := strings.LastIndexByte(line, ' ')
	if at < 0 || line[at+1:] != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(line[:at]))) {
		return m, false
	}
	if _, err := fmt.Sscanf(line[:at], "%s %d %d %q", &m.Kind, &m.Year, &m.Number, &m.Receiver); err != nil {
		return m, false
	}
	return m, m.Number > 0
}

// Marks implements bridge.HighWater: the highest number of every book. No file means none. Only what was added since the last call is read, so
// that it can be asked often.
func (n *Numbers) Marks(ctx context.Context) ([]bridge.BookMark, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.append(ctx, nil); err != nil {
		return nil, err
	}
	torn, err := n.catchUp()
	if err != nil {
		return nil, fmt.Errorf("read register numbers: %w", err)
	}
	marks := make([]bridge.BookMark, 0, len(n.highest))
	for book, number := range n.highest {
		book.Number = max(number, torn[book])
		delete(torn, bookOf(book))
		marks = append(marks, book)
	}
	for book, number := range torn {
		book.Number = number
		marks = append(marks, book)
	}
	return marks, nil
}

// bookOf is the book of a mark.
func bookOf(m bridge.BookMark) bridge.BookMark {
	m.Number = 0
	return m
}

// catchUp reads what was added to the file. The last line may not have its end yet: what it says comes back, and it is read again. A file
// that is shorter than it was is another one.
func (n *Numbers) catchUp() (torn map[bridge.BookMark]int, err error) {
	f, err := os.Open(filepath.Join(n.dir, numbersName))
	if errors.Is(err, fs.ErrNotExist) {
		n.read, n.highest = 0, nil
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < n.read || n.highest == nil {
		n.read, n.highest = 0, map[bridge.BookMark]int{}
	}
	added := io.NewSectionReader(f, n.read, info.Size()-n.read)
	end, err := lastLineEnd(added)
	if err != nil {
		return nil, err
	}
	whole, err := readNumbers(io.NewSectionReader(added, 0, end))
	if err != nil {
		return nil, err
	}
	if torn, err = readNumbers(io.NewSectionReader(added, end, added.Size()-end)); err != nil {
		return nil, err
	}
	for book, number := range whole {
		n.highest[book] = max(n.highest[book], number)
	}
	n.read += end
	return torn, nil
}

// lastLineEnd is where the last line begins that has no end, within the length of one line.
func lastLineEnd(r *io.SectionReader) (int64, error) {
	tail := make([]byte, min(r.Size(), longestLine))
	if _, err := r.ReadAt(tail, r.Size()-int64(len(tail))); err != nil && err != io.EOF {
		return 0, err
	}
	return r.Size() - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')+1), nil
}

func readNumbers(r io.Reader) (map[bridge.BookMark]int, error) {
	highest := map[bridge.BookMark]int{}
	in := bufio.NewReaderSize(r, longestLine)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull && err != io.EOF {
			return nil, err
		}
		if m, ok := parseNumber(strings.TrimSuffix(string(line), "\n")); ok {
			number := m.Number
			m.Number = 0
			highest[m] = max(highest[m], number)
		}
		if err == io.EOF {
			return highest, nil
		}
	}
}
