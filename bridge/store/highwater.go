package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// A restored database does not know the numbers that it gave since the backup. They stand in a file beside the archive, to which every
// number is appended after its COMMIT (docs/design/2026-11-22-register.md). Before the first number is taken, and whenever it is not known
// what became of a COMMIT or of an append, file and books are compared: a book that is behind jumps past the file, a file that is behind is
// brought up.

// jumpMost bounds how many numbers one jump may pass over: no office registers so many between two backups, so a file that says more is
// not believed.
const jumpMost = 200_000

// errBehind says that a book gave a number which this process has seen given before: the database was restored under our feet.
var errBehind = errors.New("the database is older than its register numbers")

// marks are the highest numbers that this store knows of, and whether file and books are known to agree.
type marks struct {
	file bridge.HighWater // nil: none is kept

	mu      sync.Mutex
	agree   bool                    // guarded by mu
	numbers map[bridge.BookMark]int // guarded by mu; by book, Number 0
}

func bookOf(m bridge.BookMark) bridge.BookMark {
	m.Number = 0
	return m
}

// highest is the highest number of a mark's book that this process knows to be given, 0 when it knows none.
func (m *marks) highest(of bridge.BookMark) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.numbers[bookOf(of)]
}

func (m *marks) note(list []bridge.BookMark) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.numbers == nil {
		m.numbers = map[bridge.BookMark]int{}
	}
	for _, n := range list {
		m.numbers[bookOf(n)] = max(m.numbers[bookOf(n)], n.Number)
	}
}

func (m *marks) agreed() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.agree
}

func (m *marks) doubt(agree bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.agree = agree
}

// taken appends what a committed transaction took. That the file cannot be written does not undo the COMMIT: the next one that wants
// numbers has to bring the file up first, and gets the error.
func (m *marks) taken(ctx context.Context, list []bridge.BookMark) {
	if len(list) == 0 || m.file == nil {
		return
	}
	m.note(list)
	if err := m.file.Append(context.WithoutCancel(ctx), list); err != nil {
		m.doubt(false)
	}
}

// CompareNumbers compares the books with the file of their highest numbers. A daemon calls it when it starts, so that a restore is noticed
// at once; Commit calls it before it takes a number when they are not known to agree. Two that compare at once do no harm: the second finds
// nothing to do.
func (s *Store) CompareNumbers(ctx context.Context) error {
	if s.marks.file == nil {
		return nil
	}
	// The file is read before the books: a number that another daemon takes meanwhile makes the books look ahead, never behind.
	written, err := s.marks.file.Marks(ctx)
	if err != nil {
		return fmt.Errorf("read the highest register numbers: %w", err)
	}
	s.marks.note(written)
	known := map[bridge.BookMark]int{}
	for _, m := range written {
		known[bookOf(m)] = max(known[bookOf(m)], m.Number)
	}
	for book, number := range known {
		book.Number = number
		if err := s.jump(ctx, book); err != nil {
			return fmt.Errorf("compare register numbers: %w", err)
		}
	}
	missing, err := s.missingMarks(ctx, known)
	if err != nil {
		return fmt.Errorf("compare register numbers: %w", err)
	}
	if len(missing) > 0 {
		if err := s.marks.file.Append(ctx, missing); err != nil {
			return fmt.Errorf("append register numbers: %w", err)
		}
	}
	s.marks.doubt(true)
	return nil
}

// AgreeNumbers compares the books with the file unless they are known to agree.
func (s *Store) AgreeNumbers(ctx context.Context) error {
	if s.marks.agreed() {
		return nil
	}
	return s.CompareNumbers(ctx)
}

// missingMarks are the heads of books that the file does not know.
func (s *Store) missingMarks(ctx context.Context, known map[bridge.BookMark]int) ([]bridge.BookMark, error) {
	var rows []bookRow
	if err := s.all(ctx, s.reading.Books, &rows, args{}); err != nil {
		return nil, err
	}
	missing := []bridge.BookMark{}
	for _, r := range rows {
		if m := r.mark(); m.Number > known[bookOf(m)] {
			missing = append(missing, m)
		}
	}
	return missing, nil
}

// jump brings a book to a number, if it is behind. The numbers between have lines that say so; the log and an alarm tell.
func (s *Store) jump(ctx context.Context, to bridge.BookMark) error {
	return s.change(ctx, func(t *tx) error {
		if err := t.lockBook(to.Receiver); err != nil {
			return err
		}
		if err := t.afterLock(); err != nil {
			return err
		}
		var book bookRow
		if _, err := t.one(t.q.Book, &book, args{"receiver": to.Receiver, "year": to.Year, "kind": string(to.Kind)}); err != nil {
			return err
		}
		if book.Last >= to.Number {
			return nil
		}
		if to.Number-book.Last > jumpMost {
			return fmt.Errorf("book %s %d of %s: the file says %d, the database %d: not believed", to.Kind, to.Year, to.Receiver, to.Number, book.Last)
		}
		return t.jump(book.Last+1, to)
	})
}

func (t *tx) jump(first int, to bridge.BookMark) error {
	now := at(t.now)
	if _, err := t.exec(t.q.KnowReceiver, args{"id": to.Receiver, "now": now}); err != nil {
		return err
	}
	if _, err := t.exec(t.q.JumpBook, args{"receiver": to.Receiver, "year": to.Year, "kind": string(to.Kind), "last": to.Number, "now": now}); err != nil {
		return err
	}
	lines := []lineRow{}
	for n := first; n <= to.Number; n++ {
		lines = append(lines, lineRow{Receiver: safe(to.Receiver), Kind: string(to.Kind), Year: to.Year, Number: n, RegisteredAt: now, Note: noteJumped})
	}
	if _, err := t.exec(t.q.PutLines, args{"rows": batch{lines}}); err != nil {
		return err
	}
	t.note(audit.NewBookJumped(t.now, to.Receiver, string(to.Kind), to.Year, first, to.Number))
	return t.raise([]bridge.Alarm{{Key: fmt.Sprintf("register-jumped:%s/%s/%d/%d", to.Receiver, to.Kind, to.Year, to.Number), Code: "register-jumped",
		Text: fmt.Sprintf("Cơ sở dữ liệu cũ hơn sổ (đã khôi phục từ bản sao lưu?): các số từ %d đến %d của %s năm %d, %s, đã từng được cấp và không dùng lại; cần đối chiếu với sổ in và thư gốc.",
			first, to.Number, bookName(to.Kind), to.Year, to.Receiver)}})
}

// compareFor makes sure that file and books agree before a batch takes a number. Other daemons append too: what they gave before a restore is
// looked at each time, and a book that gives it again is found out when the number is taken.
func (s *Store) compareFor(ctx context.Context, in []bridge.Settlement) error {
	if s.marks.file == nil || !slices.ContainsFunc(in, numbered) {
		return nil
	}
	if !s.marks.agreed() {
		return s.CompareNumbers(ctx)
	}
	written, err := s.marks.file.Marks(ctx)
	if err != nil {
		return fmt.Errorf("read the highest register numbers: %w", err)
	}
	s.marks.note(written)
	return nil
}

// numbered tells outcomes that may take a number.
func numbered(s bridge.Settlement) bool {
	return slices.ContainsFunc(s.Outcome.Records, func(r bridge.RecordOutcome) bool {
		return r.State == bridge.Registered || r.State == bridge.Quarantined
	})
}

// settleMarks follows a run of tx 2: what was taken is appended, and after a COMMIT whose reply was lost the file is doubted. It reports
// true when the books were found older than what this process knows, so that they have to be compared before another run.
func (s *Store) settleMarks(ctx context.Context, b *commitBatch, err error) (again bool) {
	if err == nil && b != nil {
		s.marks.taken(ctx, b.marks)
		return false
	}
	if _, lost := errors.AsType[unclear](err); lost {
		s.marks.doubt(false)
	}
	if errors.Is(err, errBehind) && s.marks.agreed() {
		s.marks.doubt(false)
		return true
	}
	return false
}
