package store

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// bookRow is a book as the database has it.
type bookRow struct {
	Receiver string `db:"receiver"`
	Year     int    `db:"year"`
	Kind     string `db:"kind"`
	Last     int    `db:"last"`
	ClosedAt stamp  `db:"closed_at"`
	ClosedBy string `db:"closed_by"`
}

func (r bookRow) mark() bridge.BookMark {
	return bridge.BookMark{Receiver: r.Receiver, Kind: register.Kind(r.Kind), Year: r.Year, Number: r.Last}
}

func (r bookRow) book() register.Book {
	return register.Book{Receiver: r.Receiver, Year: r.Year, Kind: register.Kind(r.Kind), Last: r.Last, Closed: r.ClosedAt.Time, ClosedBy: r.ClosedBy}
}

// Books lists the books that there are, by receiving agency, year and kind.
func (s *Store) Books(ctx context.Context) ([]register.Book, error) {
	var rows []bookRow
	if err := s.all(ctx, s.reading.Books, &rows, args{}); err != nil {
		return nil, fmt.Errorf("read books: %w", err)
	}
	out := make([]register.Book, len(rows))
	for i, r := range rows {
		out[i] = r.book()
	}
	return out, nil
}

// entryRow is a line of a book with what its record says now.
type entryRow struct {
	Number        int     `db:"number"`
	Record        null    `db:"record"`
	Receipt       null    `db:"receipt"`
	ArrivedAt     stamp   `db:"arrived_at"`
	RegisteredAt  stamp   `db:"registered_at"`
	Author        string  `db:"author"`
	AuthorID      string  `db:"author_id"`
	Secrecy       string  `db:"secrecy"`
	Files         int     `db:"files"`
	Pages         int     `db:"pages"`
	TransferredAt stamp   `db:"transferred_at"`
	ReceivedBy    string  `db:"received_by"`
	DoneAt        stamp   `db:"done_at"`
	Answer        string  `db:"answer"`
	Note          string  `db:"note"`
	State         null    `db:"state"`
	Document      *string `db:"document"`
	Secret        bool    `db:"secret"` // its receipt has a line in the secret book
}

// linesAtOnce is how many lines are read with one query.
const linesAtOnce = 2000

// Entries lists lines of books in their order. Every number of a book has one.
func (s *Store) Entries(ctx context.Context, q register.Query) ([]register.Entry, error) {
	out := []register.Entry{}
	err := s.EachEntry(ctx, q, func(e register.Entry) error {
		out = append(out, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EachEntry hands fn the lines of books in their order, without ever holding more than a few thousand of them: a book can be larger than
// what a small machine has memory for. Numbers that are given meanwhile may or may not be among them. An error of fn ends it.
func (s *Store) EachEntry(ctx context.Context, q register.Query, fn func(register.Entry) error) error {
	if err := q.Check(); err != nil {
		return fmt.Errorf("list the register: %w", err)
	}
	books, err := s.Books(ctx)
	if err != nil {
		return err
	}
	for _, b := range books {
		if q.Receiver != "" && b.Receiver != q.Receiver || q.Year != 0 && b.Year != q.Year || q.Kind != "" && b.Kind != q.Kind {
			continue
		}
		if err := s.eachLine(ctx, b, q, fn); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachLine(ctx context.Context, b register.Book, q register.Query, fn func(register.Entry) error) error {
	a := args{"receiver": b.Receiver, "year": b.Year, "kind": string(b.Kind), "after": max(q.From-1, 0), "to": q.To, "agency": q.Agency, "n": linesAtOnce}
	for {
		var rows []entryRow
		if err := s.all(ctx, s.reading.Lines, &rows, a); err != nil {
			return fmt.Errorf("list the register: %w", err)
		}
		entries, err := s.entries(ctx, b, rows)
		if err != nil {
			return fmt.Errorf("list the register: %w", err)
		}
		for _, e := range entries {
			if !q.Matches(e) {
				continue
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(rows) < linesAtOnce {
			return nil
		}
		a["after"] = rows[len(rows)-1].Number
	}
}

// entries makes lines of one book out of what the tables say.
func (s *Store) entries(ctx context.Context, b register.Book, rows []entryRow) ([]register.Entry, error) {
	records := []idRow{}
	for _, r := range rows {
		if r.Record != "" && b.Kind == register.Incoming {
			records = append(records, idRow{string(r.Record)})
		}
	}
	ways, err := s.ways(ctx, records)
	if err != nil {
		return nil, err
	}
	relations, err := s.relations(ctx, records)
	if err != nil {
		return nil, err
	}
	directions, err := s.directions(ctx, records)
	if err != nil {
		return nil, err
	}
	out := make([]register.Entry, len(rows))
	for i, r := range rows {
		e, err := r.entry(b)
		if err != nil {
			return nil, fmt.Errorf("line %d of %s: %w", r.Number, b.Receiver, err)
		}
		if b.Kind == register.Incoming {
			e.Ways, e.Directions = filled(ways[e.Record]), filled(directions[e.Record])
			for _, r := range relations[e.Record] {
				e.Relations = append(e.Relations, register.Relation{Kind: inRegister(r.Kind), SoHieu: r.SoHieu, Record: r.Record})
			}
		}
		out[i] = e
	}
	return out, nil
}

// entry is the line without its ways, relations and directions.
func (r entryRow) entry(b register.Book) (register.Entry, error) {
	e := register.Entry{Book: b, Number: r.Number, Record: string(r.Record), Receipt: string(r.Receipt), Arrived: r.ArrivedAt.Time,
		Registered: r.RegisteredAt.Time, Author: r.Author, AuthorID: r.AuthorID, Transferred: r.TransferredAt.Time, ReceivedBy: r.ReceivedBy,
		Done: r.DoneAt.Time, Answer: r.Answer, Files: r.Files, Pages: r.Pages, Ways: []register.Way{}, Relations: []register.Relation{},
		Directions: []register.Direction{}, State: lineState(b.Kind, r.Note, string(r.State), r.Secret),
		Document: blankDocument(vanban.Secrecy(r.Secrecy))}
	e.Note = lineNote(r.Note, e.State, string(r.State))
	if b.Kind == register.Incoming && r.State != null(bridge.Quarantined) && r.Document != nil {
		if err := document(*r.Document).into(&e.Document); err != nil {
			return e, err
		}
	}
	fillLists(reflect.ValueOf(&e.Document).Elem())
	return e, nil
}

// blankDocument is all that a book says of a secret.
func blankDocument(mark vanban.Secrecy) vanban.Document { return vanban.Document{DoMat: mark} }

// lineState says what a line holds: its own notes, else what became of its record, and whether that was for a mark of secrecy.
func lineState(kind register.Kind, note, record string, secret bool) register.State {
	switch {
	case note == noteJumped:
		return register.Unused
	case kind == register.Secret || record == string(bridge.Registered):
		return register.Registered
	case record == string(bridge.Quarantined) && secret:
		return register.Blanked
	}
	return register.Withdrawn
}

// lineNote is what the Ghi chú of a line says by itself.
func lineNote(note string, state register.State, record string) string {
	switch {
	case note == noteJumped:
		return "Đã cấp trước khi khôi phục dữ liệu"
	case note == noteNotSecret:
		return "Không phải bí mật nhà nước (báo nhầm)"
	case state == register.Blanked:
		return "Có dấu độ mật, đã chuyển sổ văn bản mật đến"
	case state != register.Withdrawn:
		return ""
	}
	switch bridge.State(record) {
	case bridge.Duplicate:
		return "Trùng với văn bản đã đăng ký"
	case bridge.Recorded: // taken back by its sender: its relations say by what
		return ""
	case bridge.Quarantined:
		return "Đã cách ly theo quy tắc tiếp nhận"
	}
	return "Không còn hiệu lực đăng ký"
}

func (s *Store) ways(ctx context.Context, records []idRow) (map[string][]register.Way, error) {
	out := map[string][]register.Way{}
	if len(records) == 0 {
		return out, nil
	}
	var rows []struct {
		Record  string `db:"record"`
		Channel string `db:"channel"`
		Receipt string `db:"receipt"`
		At      stamp  `db:"at"`
	}
	if err := s.all(ctx, s.reading.WaysOf, &rows, args{"rows": batch{records}}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		out[r.Record] = append(out[r.Record], register.Way{Channel: r.Channel, Receipt: r.Receipt, At: r.At.Time})
	}
	return out, nil
}

func (s *Store) directions(ctx context.Context, records []idRow) (map[string][]register.Direction, error) {
	out := map[string][]register.Direction{}
	if len(records) == 0 {
		return out, nil
	}
	var rows []struct {
		Record     string   `db:"record"`
		N          int      `db:"n"`
		Text       string   `db:"text"`
		Author     string   `db:"author"`
		Handler    string   `db:"handler"`
		CoHandlers document `db:"co_handlers"`
		Due        string   `db:"due"`
		MadeAt     stamp    `db:"made_at"`
		MadeBy     string   `db:"made_by"`
	}
	if err := s.all(ctx, s.reading.Directions, &rows, args{"rows": batch{records}}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		d := register.Direction{N: r.N, Text: r.Text, Author: r.Author, Handler: r.Handler, Due: r.Due, At: r.MadeAt.Time, By: r.MadeBy}
		if err := r.CoHandlers.into(&d.CoHandlers); err != nil {
			return nil, err
		}
		out[r.Record] = append(out[r.Record], d)
	}
	return out, nil
}

// Unregistered is a receipt that waits for a person and may have to be registered, with what is known of its documents.
type Unregistered struct {
	Receipt   string
	Receiver  string
	State     bridge.State
	Arrived   time.Time // counted instant, else when it was stored
	Documents []vanban.Document
}

// OpenToRegister lists the receipts that are held or failed and may have to be registered, in the order of their numbers.
func (s *Store) OpenToRegister(ctx context.Context) ([]Unregistered, error) {
	var rows []struct {
		ID       string  `db:"id"`
		Receiver string  `db:"receiver"`
		State    string  `db:"state"`
		At       stamp   `db:"at"`
		Document *string `db:"document"`
	}
	if err := s.all(ctx, s.reading.OpenToRegister, &rows, args{"n": openMost}); err != nil {
		return nil, fmt.Errorf("list what is not registered: %w", err)
	}
	out := []Unregistered{}
	for _, r := range rows {
		if n := len(out); n == 0 || out[n-1].Receipt != r.ID {
			out = append(out, Unregistered{Receipt: r.ID, Receiver: r.Receiver, State: bridge.State(r.State), Arrived: r.At.Time, Documents: []vanban.Document{}})
		}
		if r.Document == nil {
			continue
		}
		var d vanban.Document
		if err := document(*r.Document).into(&d); err != nil {
			return nil, fmt.Errorf("list what is not registered: %s: %w", r.ID, err)
		}
		u := &out[len(out)-1]
		u.Documents = append(u.Documents, d)
	}
	return out, nil
}
