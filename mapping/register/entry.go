// Package register is the register of incoming documents (sổ đăng ký văn bản đến): its books and lines, what its printed forms ask for, the
// working days in which a document must be registered and acknowledged, and what is overdue. The database keeps the lines; here is what
// they mean.
package register

import (
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Kind is the kind of a book.
type Kind string

const (
	// Incoming is the sổ đăng ký văn bản đến: one running số đến a year for paper, mail and system together (NĐ 30/2020, Điều 22.2).
	Incoming Kind = "den"
	// Secret is the sổ đăng ký văn bản mật đến. Here it holds that something came, never what it says (NĐ 30/2020, Điều 22.4).
	Secret Kind = "mat"
)

// Book is one book of one receiving agency and year.
type Book struct {
	Receiver string    `json:"receiver"`
	Year     int       `json:"year"`
	Kind     Kind      `json:"kind"`
	Last     int       `json:"last"`   // highest số đến that was given
	Closed   time.Time `json:"closed"` // instant; zero while numbers are still given
	ClosedBy string    `json:"closed_by"`
}

// Way is one way on which a document came; the same document may come by mail, on paper and through the system.
type Way struct {
	Channel string    `json:"channel"` // email, paper, system
	Receipt string    `json:"receipt"`
	At      time.Time `json:"at"` // counted instant
}

// Direction is one "Thông tin chỉ đạo": what the leader says of a document, who handles it and until when (NĐ 30/2020, Điều 23.2). Entered
// here it is the official direction, so none is ever changed; the latest counts, the earlier ones stay.
type Direction struct {
	N          int       `json:"n"` // 1, 2, … within its entry
	Text       string    `json:"text"`
	Author     string    `json:"author"`  // the leader who gave it
	Handler    string    `json:"handler"` // đơn vị hoặc cá nhân chủ trì
	CoHandlers []string  `json:"co_handlers"`
	Due        string    `json:"due"` // last day, yyyy-mm-dd; empty: none set
	At         time.Time `json:"at"`  // when it was given
	By         string    `json:"by"`  // who entered it
}

// RelationKind says what one document does to another.
type RelationKind string

const (
	Recalls     RelationKind = "recalls"      // thu hồi (NĐ 30/2020, Điều 18.4)
	Corrects    RelationKind = "corrects"     // đính chính (Điều 18.3)
	Replaces    RelationKind = "replaces"     // thay thế
	RecalledBy  RelationKind = "recalled-by"  // bị thu hồi
	CorrectedBy RelationKind = "corrected-by" // được đính chính
	ReplacedBy  RelationKind = "replaced-by"  // bị thay thế
	Answers     RelationKind = "answers"      // trả lời
)

// Relation ties an entry to another document; Record is empty while that one is not in the register.
type Relation struct {
	Kind   RelationKind `json:"kind"`
	SoHieu string       `json:"so_hieu"`
	Record string       `json:"record"`
}

// State says what a line of the register holds.
type State string

const (
	Registered State = "registered"
	Blanked    State = "blanked"   // found to be a state secret later: the number stays, the words are gone
	Withdrawn  State = "withdrawn" // recalled by its sender, or joined to another line: the note says why
	Unused     State = "unused"    // number jumped over after a restore: never given, never to be given
)

// Entry is one line of a book: a document with its số đến. Every number of a book has its line, whatever became of the document, so that
// the printed book shows no gap. Its columns are those of NĐ 30/2020, Phụ lục IV; its fields those of Phụ lục VI, Phần II.
type Entry struct {
	Book
	Number     int             `json:"number"` // số đến
	Record     string          `json:"record"` // empty when unused
	Receipt    string          `json:"receipt"`
	Arrived    time.Time       `json:"arrived"` // counted instant; the ngày đến is its Vietnamese day
	Registered time.Time       `json:"registered"`
	Document   vanban.Document `json:"document"` // blank for secrets
	Author     string          `json:"author"`   // tác giả: the issuer's name on the document's date, else as printed
	AuthorID   string          `json:"author_id"`
	Ways       []Way           `json:"ways"`
	Relations  []Relation      `json:"relations"`
	Directions []Direction     `json:"directions"` // in the order in which they were entered

	Transferred time.Time `json:"transferred"` // ngày chuyển: when the handler was given it
	ReceivedBy  string    `json:"received_by"` // ký nhận
	Done        time.Time `json:"done"`        // handled; zero: not yet
	Answer      string    `json:"answer"`      // số ký hiệu of the document that answers it
	Note        string    `json:"note"`
	State       State     `json:"state"`
	Files       int       `json:"files"`
	Pages       int       `json:"pages"` // of the main file; 0 when not known
}
