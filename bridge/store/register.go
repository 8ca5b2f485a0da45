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
	return register.Book{Receiver: r.Receiver, Year: r.Year, Kind: register.Kind(r.Kind), Closed: r.ClosedAt.Time, ClosedBy: r.ClosedBy}
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
	Receiver      string  `db:"receiver"`
	Year          int     `db:"year"`
	Kind          string  `db:"kind"`
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
	ClosedAt      stamp   `db:"closed_at"`
	ClosedBy      string  `db:"closed_by"`
	State         null    `db:"state"`
	Document      *string `db:"document"`
}

// Entries lists lines of books in their order. Every number of a book has one.
func (s *Store) Entries(ctx context.Context, q register.Query) ([]register.Entry, error) {
	if err := q.Check(); err != nil {
		return nil, fmt.Errorf("list the register: %w", err)
	}
	var rows []entryRow
	a := args{"receiver": q.Receiver, "year": q.Year, "kind": string(q.Kind), "from": q.From, "to": q.To, "agency": q.Agency}
	if err := s.all(ctx, s.reading.Lines, &rows, a); err != nil {
		return nil, fmt.Errorf("list the register: %w", err)
	}
	records := []idRow{}
	for _, r := range rows {
		if r.Record != "" && r.Kind == bookIncoming {
			records = append(records, idRow{string(r.Record)})
		}
	}
	ways, err := s.ways(ctx, records)
	if err != nil {
		return nil, fmt.Errorf("list the register: %w", err)
	}
	relations, err := s.relations(ctx, records)
	if err != nil {
		return nil, fmt.Errorf("list the register: %w", err)
	}
	directions, err := s.directions(ctx, records)
	if err != nil {
		return nil, fmt.Errorf("list the register: %w", err)
	}
	out := []register.Entry{}
	for _, r := range rows {
		e, err := r.entry()
		if err != nil {
			return nil, fmt.Errorf("list the register: line %d of %s: %w", r.Number, r.Receiver, err)
		}
		if e.Kind == register.Incoming {
			e.Ways, e.Directions = filled(ways[e.Record]), filled(directions[e.Record])
			for _, r := range relations[e.Record] {
				e.Relations = append(e.Relations, register.Relation{Kind: inRegister(r.Kind), SoHieu: r.SoHieu, Record: r.Record})
			}
		}
		if q.Matches(e) {
			out = append(out, e)
		}
	}
	return out, nil
}

// entry is the line without its ways and directions.
func (r entryRow) entry() (register.Entry, error) {
	e := register.Entry{Book: bookRow{Receiver: r.Receiver, Year: r.Year, Kind: r.Kind, ClosedAt: r.ClosedAt, ClosedBy: r.ClosedBy}.book(),
		Number: r.Number, Record: string(r.Record), Receipt: string(r.Receipt), Arrived: r.ArrivedAt.Time, Registered: r.RegisteredAt.Time,
		Author: r.Author, AuthorID: r.AuthorID, Transferred: r.TransferredAt.Time, ReceivedBy: r.ReceivedBy, Done: r.DoneAt.Time, Answer: r.Answer,
		Files: r.Files, Pages: r.Pages, Ways: []register.Way{}, Relations: []register.Relation{}, Directions: []register.Direction{},
		State: lineState(r.Kind, r.Note, string(r.State)), Document: blankDocument(vanban.Secrecy(r.Secrecy))}
	e.Note = lineNote(r.Note, e.State, string(r.State))
	if r.Kind == bookIncoming && e.State != register.Blanked && r.Document != nil {
		if err := document(*r.Document).into(&e.Document); err != nil {
			return e, err
		}
	}
	fillLists(reflect.ValueOf(&e.Document).Elem())
	return e, nil
}

// blankDocument is all that a book says of a secret.
func blankDocument(mark vanban.Secrecy) vanban.Document { return vanban.Document{DoMat: mark} }

// lineState says what a line holds: its own notes, else what became of its record.
func lineState(kind, note, record string) register.State {
	switch {
	case note == noteJumped:
		return register.Unused
	case kind == bookSecret || record == string(bridge.Registered):
		return register.Registered
	case record == string(bridge.Quarantined):
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
	case state == register.Withdrawn && record == string(bridge.Duplicate):
		return "Trùng với văn bản đã đăng ký"
	case state == register.Withdrawn && record == string(bridge.Recorded): // taken back by its sender: its relations say by what
		return ""
	case state == register.Withdrawn:
		return "Không còn hiệu lực đăng ký"
	}
	return ""
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
