package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/charset"
)

// Why nothing can be written at a line of a book.
var (
	// ErrNoDocument is that of a line without a document: its number was jumped over, its document is withdrawn, or turned out to be a secret.
	ErrNoDocument = errors.New("has no document any more")
	// ErrSecretBook is that of the secret book, which holds facts and no words.
	ErrSecretBook = errors.New("the secret book holds no words about a document")
)

// wordsMost bounds the text of a direction. A longer one is refused: nothing of an official direction is cut.
const wordsMost = 20_000

// ErrBeforeArrival is that of a document which would have been passed on before it came.
var ErrBeforeArrival = errors.New("lies before the arrival of the document")

// ErrTooLong is that of words which a line of a book does not hold. They are refused, never cut.
var ErrTooLong = errors.New("is too long")

// whole is what a person entered, as one line.
func whole(what, words string) (string, error) {
	text := charset.Clean(words, longest+1)
	if n := utf8.RuneCountInString(text); n > longest {
		return "", fmt.Errorf("%s of more than %d characters %w", what, longest, ErrTooLong)
	}
	return text, nil
}

// LineRef names a line of a book.
type LineRef struct {
	Receiver string
	Year     int
	Kind     register.Kind
	Number   int
}

func (l LineRef) args() args {
	return args{"receiver": l.Receiver, "year": l.Year, "kind": string(l.Kind), "number": l.Number}
}

// LineOf finds the line that a record has in a kind of book; ErrNotFound when it has none.
func (s *Store) LineOf(ctx context.Context, record string, kind register.Kind) (LineRef, error) {
	var row struct {
		Receiver string `db:"receiver"`
		Year     int    `db:"year"`
		Kind     string `db:"kind"`
		Number   int    `db:"number"`
	}
	known, err := s.one(ctx, s.reading.LineOfRecord, &row, args{"record": record, "kind": string(kind)})
	if err == nil && !known {
		err = bridge.ErrNotFound
	}
	if err != nil {
		return LineRef{}, fmt.Errorf("find line of record %s: %w", record, err)
	}
	return LineRef{row.Receiver, row.Year, register.Kind(row.Kind), row.Number}, nil
}

type heldLine struct {
	Receiver   string `db:"receiver"`
	Year       int    `db:"year"`
	Kind       string `db:"kind"`
	Number     int    `db:"number"`
	Record     null   `db:"record"`
	Receipt    null   `db:"receipt"`
	ArrivedAt  stamp  `db:"arrived_at"`
	Note       string `db:"note"`
	DoneAt     stamp  `db:"done_at"`
	State      null   `db:"state"`
	Directions int    `db:"directions"`
}

func (r heldLine) logged() audit.Line {
	return audit.Line{Record: string(r.Record), Book: r.Kind, Number: soDen(r.Number, r.Year)}
}

// atLine runs fn on a line that holds a document. The lock of the book comes first: a commit that finds the document to be a secret takes
// it too, so no word is written behind its back.
func (s *Store) atLine(ctx context.Context, what string, l LineRef, fn func(*tx, heldLine) error) error {
	return wrap(fmt.Sprintf("%s số đến %d/%d", what, l.Number, l.Year), s.change(ctx, func(t *tx) error {
		if err := t.lockBook(l.Receiver); err != nil {
			return err
		}
		if err := t.afterLock(); err != nil {
			return err
		}
		var row heldLine
		known, err := t.one(t.q.Line, &row, l.args())
		if err != nil {
			return err
		}
		if !known {
			return bridge.ErrNotFound
		}
		if lineState(register.Kind(row.Kind), row.Note, string(row.State), false) != register.Registered { // why it is not makes no difference
			return ErrNoDocument
		}
		return fn(t, row)
	}))
}

// Direct adds a direction of a leader to a document of the register, beside the earlier ones, and gives its number there. N and At of d are
// the store's.
func (s *Store) Direct(ctx context.Context, l LineRef, d register.Direction) (int, error) {
	type row struct {
		Receiver   string `json:"receiver"`
		Kind       string `json:"kind"`
		Year       int    `json:"year"`
		Number     int    `json:"number"`
		N          int    `json:"n"`
		Text       string `json:"text"`
		Author     string `json:"author"`
		Handler    string `json:"handler"`
		CoHandlers string `json:"co_handlers"`
		Due        string `json:"due"`
		MadeBy     string `json:"made_by"`
		MadeAt     stamp  `json:"made_at"`
	}
	if l.Kind != register.Incoming {
		return 0, ErrSecretBook
	}
	text := charset.CleanText(strings.TrimSpace(d.Text), wordsMost+1)
	if n := utf8.RuneCountInString(text); n > wordsMost {
		return 0, fmt.Errorf("direct: a text of more than %d characters %w", wordsMost, ErrTooLong)
	}
	author, err1 := whole("an author", d.Author)
	handler, err2 := whole("a handler", d.Handler)
	if err := errors.Join(err1, err2); err != nil {
		return 0, fmt.Errorf("direct: %w", err)
	}
	co := make([]string, len(d.CoHandlers))
	for i, c := range d.CoHandlers {
		var err error
		if co[i], err = whole("a co-handler", c); err != nil {
			return 0, fmt.Errorf("direct: %w", err)
		}
	}
	helpers, err := encode(co)
	if err != nil {
		return 0, fmt.Errorf("direct: %w", err)
	}
	n := 0
	err = s.atLine(ctx, "direct", l, func(t *tx, held heldLine) error {
		n = held.Directions + 1
		r := row{held.Receiver, held.Kind, held.Year, held.Number, n, text, author, handler, helpers, safe(d.Due), line(d.By), at(t.now)}
		if _, err := t.exec(t.q.AddDirection, args{"rows": batch{[]row{r}}}); err != nil {
			return err
		}
		sealed := map[string]string{"text": r.Text, "author": r.Author, "handler": r.Handler, "co_handlers": helpers}
		if len(co) == 0 {
			delete(sealed, "co_handlers")
		}
		t.note(audit.NewDirectionGiven(t.now, string(held.Receipt), held.logged(), n, r.Due, r.MadeBy, sealed))
		return nil
	})
	return n, err
}

// Sign notes that a document was passed on at an instant, and who signed for it. What was noted before is overwritten in the book; the log
// keeps both. A zero instant is the store's now; one before the document came answers ErrBeforeArrival.
func (s *Store) Sign(ctx context.Context, l LineRef, passed time.Time, receivedBy, by string) error {
	receivedBy, err := whole("a name", receivedBy)
	if err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	return s.atLine(ctx, "sign", l, func(t *tx, row heldLine) error {
		if passed.IsZero() {
			passed = t.now
		} else if passed.Before(row.ArrivedAt.Truncate(time.Minute)) { // people write minutes
			return ErrBeforeArrival
		}
		a := l.args()
		a["at"], a["received_by"] = at(passed), receivedBy
		if _, err := t.exec(t.q.SignLine, a); err != nil {
			return err
		}
		t.note(audit.NewRecordPassedOn(t.now, string(row.Receipt), row.logged(), passed, receivedBy, line(by)))
		return nil
	})
}

// Finish notes that a document is handled, and the number of the document that answers it, if there is one. Said again it takes the place of
// what was said before; the log keeps both.
func (s *Store) Finish(ctx context.Context, l LineRef, answer, by string) error {
	if l.Kind != register.Incoming {
		return ErrSecretBook
	}
	answer, err := whole("an answer's number", answer)
	if err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	return s.atLine(ctx, "finish", l, func(t *tx, row heldLine) error {
		a := l.args()
		a["now"], a["answer"] = at(t.now), answer
		if _, err := t.exec(t.q.FinishLine, a); err != nil {
			return err
		}
		t.note(audit.NewRecordHandled(t.now, string(row.Receipt), row.logged(), answer, line(by)))
		return nil
	})
}
