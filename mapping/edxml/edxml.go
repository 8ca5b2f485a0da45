// Package edxml writes and reads the packages that document systems exchange (edXML, QCVN 102:2016/BTTTT with SĐ1:2022): a document with its
// files (edoc), and what became of one (status). It writes strictly, in the order of the official builder, and reads whatever builders and the
// axis make of it: what is wrong with a package is a Finding, and only our own readers and writers fail with an error. Contents of files are
// streamed both ways and never held.
//
// A document with a mark of secrecy is never written: Encode, EncodeStatus and FromRecord end with ErrSecret (QĐ 28/2018, Điều 1.2).
package edxml

import (
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Namespace of everything in a package.
const Namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

// Edoc is a document as it is exchanged. Texts are NFC; empty means absent, as does 0 in an amount. Dates are yyyy-mm-dd.
type Edoc struct {
	From             Organ   // 1.1
	To               []Organ // 1.2
	DocumentID       string  // 1.14: opaque, compared byte for byte
	Number, Notation string  // 1.3: 12 and TB-UBND; the notation of a legal-normative document begins with its year
	Place, Date      string  // 1.4
	Type             DocumentType
	Subject          string // 1.6
	Content          string // 1.7, lines kept
	Signer           Signer
	Due              string // 1.9: when an answer is wanted
	Other            Other
	Answers          []Reference // 1.12: documents that this one answers
	Steering         Steering
	Tasks            []string // task codes (ResponseForTask, an extension)
	Application      string   // ApplicationType, an extension
	ToPlaces         []string // 1.10: nơi nhận as printed, no codes
	Business         Business
	Trace            []Hop // 2.1: the sender first; the axis appends one for each hop
	Files            []File

	// Secrecy is the document's độ mật. No package has a place for it: it is here to keep such a document out of one.
	Secrecy vanban.Secrecy
}

// Organ is an agency as packages name it.
type Organ struct {
	ID       string // mã định danh; older and local forms are kept as they stand
	InCharge string // cơ quan chủ quản
	Name     string
	Address  string
	Email    string
	Phone    string
	Fax      string
	Website  string
}

// DocumentType is 1.5. Builders agree on the name only.
type DocumentType struct {
	Number int // 1 legal-normative, 2 administrative, by SĐ1:2022
	Detail int // row in the list of that kind; 0: absent
	Name   string
}

// Signer is 1.8.
type Signer struct {
	Authority string // TM., KT., TL., TUQ.
	Position  string
	Name      string
}

// Other is 1.11.
type Other struct {
	Priority       Priority
	Sphere         string // phạm vi phổ biến
	Typist         string // ký hiệu người soạn thảo
	Copies         int    // số bản phát hành
	Pages          int
	ReplyFors      string // the last three are extensions of a builder
	ReferenceCodes string
	Direction      bool
	Appendixes     []string
}

// Reference names another document.
type Reference struct {
	OrganID    string // of a status: where it goes to
	Code       string // số and ký hiệu together: 267/VPCP-TTĐT
	DocumentID string
	Date       string
}

// Business is 2.2: what the package does to an earlier one.
type Business struct {
	DocumentID string // the document that is updated
	Kind       Change
	Reason     string
	Paper      bool    // paper follows
	Update     *Update // of an Updated one only
	Replaces   []Replacement
	Staff      Staff
}

// Update says what an updated package changes.
type Update struct {
	Document  bool // the document's fields
	Receivers bool // the list of receivers
	List      []Receiver
}

// Receiver is a receiver that an update adds or takes off. Which of 0 and 1 is which nobody has published: the number is kept as it stands.
type Receiver struct {
	OrganID string
	Kind    int
}

// Replacement names a document that this one replaces, and whom that concerns.
type Replacement struct {
	DocumentID string
	OrganIDs   []string
}

// Staff is a person who acts for an agency.
type Staff struct {
	Department, DepartmentID, Name, ID, Email, Mobile string
}

// Hop is one TraceHeader.
type Hop struct {
	OrganID string    // empty where the axis gives none
	At      time.Time // to the second, in Vietnam time; zero when it could not be read
}

// File is one attachment.
type File struct {
	ContentID   string // without "cid:"
	Name        string // without folders
	Description string
	Type        string // media type as stated; received ones are no evidence of anything
	Size        int64  // of the contents that the package carries, which may be wrapped (Unwrap)
	Missing     bool   // listed, but not in the package
	Damaged     bool   // its contents are broken, or were cut at a limit
}

// Status tells the sender of a document what became of it, or, for Withdraw, a receiver that the sender wants it back.
type Status struct {
	From        Organ
	About       Reference // OrganID is whom the status goes to
	Staff       Staff
	Code        StatusCode
	Description string // carries the reason; lines kept
	At          time.Time

	// Secrecy is the độ mật of the document that it is about, which keeps it from being written.
	Secrecy vanban.Secrecy
}

// vietnam is the time of every stamp in a package (QĐ 28/2018, Điều 14.4).
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }
