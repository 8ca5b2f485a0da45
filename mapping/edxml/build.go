package edxml

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Sending is what a package says beside the record: who sends it to whom, and when.
type Sending struct {
	From       Organ // the agency whose document it is
	To         []Organ
	At         time.Time // of the first trace
	DocumentID string    // empty: made of the record, the same each time
	Due        string    // yyyy-mm-dd
	Pages      int
	Steering   Steering
	Business   Business
	Types      Numbering // nil: StandardNumbers
}

// FromRecord makes a document of a record: files as they are, the main one first, in the order of Record.Files, which is that of Contents.
// Nothing is invented: what the record does not say stays absent, and Validate then tells what keeps it from being written. The findings
// say what was shortened. A record with a mark of secrecy gives ErrSecret and no document.
func FromRecord(r mapping.Record, s Sending) (Edoc, []Finding, error) {
	d := r.Document
	e := Edoc{
		From: s.From, To: s.To, DocumentID: s.DocumentID, Number: d.So, Notation: d.KyHieu, Place: d.DiaDanh, Date: d.Ngay,
		Subject: d.TrichYeu, Due: s.Due, Steering: s.Steering, ToPlaces: d.NoiNhan, Business: s.Business,
		Signer:  Signer{Authority: authority(d.QuyenHanKy), Position: d.ChucVu, Name: d.NguoiKy},
		Other:   Other{Priority: PriorityOf(d.DoKhan), Pages: s.Pages},
		Trace:   []Hop{{OrganID: s.From.ID, At: s.At}},
		Secrecy: d.DoMat,
	}
	for _, number := range d.TraLoi {
		e.Answers = append(e.Answers, Reference{Code: number})
	}
	numbers := s.Types
	if numbers == nil {
		numbers = StandardNumbers
	}
	e.Type.Name = d.Loai
	e.Type.Number, e.Type.Detail = numbers(d.Loai, normative(d.KyHieu))
	if e.DocumentID == "" {
		e.DocumentID = documentID(r, s)
	}
	for i, f := range r.Files {
		e.Files = append(e.Files, File{ContentID: uuid("file", e.DocumentID, fmt.Sprint(i), f.Digest), Name: fileName(i, f), Type: f.Type, Size: f.Size})
	}
	if secrecy(e.Secrecy, e.fields()) != "" {
		return Edoc{}, nil, fmt.Errorf("make package of record: %w", ErrSecret)
	}
	e, found := e.Fit()
	return e, found, nil
}

// fileName is the name of a file in a package: one is required there, and files of mails may have none that can be kept.
func fileName(i int, f mapping.File) string {
	if baseName(line.of(f.Name)) != "" {
		return f.Name
	}
	extensions := map[string]string{"application/pdf": ".pdf", "application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/zip": ".zip",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
		"image/jpeg": ".jpg", "image/png": ".png", "image/tiff": ".tif", "text/plain": ".txt"}
	return fmt.Sprintf("tep-%d%s", i+1, extensions[f.Type])
}

// authority writes the quyền hạn ký as it is printed.
func authority(marks []string) string {
	out := make([]string, len(marks))
	for i, m := range marks {
		out[i] = strings.TrimSuffix(m, ".") + "."
	}
	return strings.Join(out, " ")
}

// documentID is <mã cơ quan>,<yyyy/MM/dd>,<số>/<ký hiệu>, as most builders write it; without these facts, or when that gets too long, a UUID
// made of what there is, so that the same record has the same one each time.
func documentID(r mapping.Record, s Sending) string {
	d := r.Document
	if s.From.ID != "" && d.Ngay != "" && d.So != "" && d.KyHieu != "" {
		id := s.From.ID + "," + strings.ReplaceAll(d.Ngay, "-", "/") + "," + d.So + "/" + d.KyHieu
		if len([]rune(id)) <= maxDocumentID {
			return id
		}
	}
	facts := []string{"document", s.From.ID, d.SoHieu, d.Ngay, d.TrichYeu}
	for _, f := range r.Files {
		facts = append(facts, f.Digest)
	}
	return uuid(facts...)
}

// maxDocumentID is the length of an identity that all known receivers keep, in runes.
const maxDocumentID = 75

// uuid makes a UUID of facts (RFC 9562, 5.8).
func uuid(facts ...string) string {
	h := sha256.New()
	for _, f := range facts {
		fmt.Fprintf(h, "%d:%s", len(f), f)
	}
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Code gives the whole số ký hiệu, 12/TB-UBND.
func (e *Edoc) Code() string {
	if e.Number == "" || e.Notation == "" {
		return e.Number + e.Notation
	}
	return e.Number + "/" + e.Notation
}

// Key is what tells a document from others: an agency never uses an identity twice (QĐ 28/2018, Điều 10.2b). It is empty when either is
// unknown. Packages that recall, update or replace have the key of another package and are no duplicates of it.
func (e *Edoc) Key() string {
	if e.From.ID == "" || e.DocumentID == "" {
		return ""
	}
	return e.From.ID + "\x00" + e.DocumentID
}

// Report makes the status that a receiver reports of a received document. Its DocumentID is copied byte for byte.
func (e *Edoc) Report(code StatusCode, by Organ, staff Staff, text string, at time.Time) Status {
	return e.tell(code, by, e.From.ID, staff, text, at)
}

// TakeBack makes the status by which the sender of a document asks a receiver to give it back, with the reason.
func (e *Edoc) TakeBack(receiver string, staff Staff, reason string, at time.Time) Status {
	return e.tell(Withdraw, e.From, receiver, staff, reason, at)
}

func (e *Edoc) tell(code StatusCode, from Organ, to string, staff Staff, text string, at time.Time) Status {
	return Status{From: from, About: Reference{OrganID: to, Code: e.Code(), DocumentID: e.DocumentID, Date: e.Date},
		Staff: staff, Code: code, Description: text, At: at, Secrecy: e.Secrecy}
}

// confidence is how sure a field of a package is: stated by the sender's own system.
const confidence = 0.95

// Document gives the document's fields as the rest of the program has them.
func (e *Edoc) Document() vanban.Document {
	d := vanban.New()
	d.TakeNumber(e.Number, e.Notation, vanban.FromSidecar, confidence)
	kind := e.Type.Name
	if t, ok := e.Type.Known(); ok && kind == "" {
		kind = t.Name
	}
	for _, f := range []struct{ name, value string }{
		{"ngay_ban_hanh", e.Date}, {"dia_danh", e.Place}, {"loai_van_ban", kind}, {"trich_yeu", e.Subject},
		{"co_quan_ban_hanh", e.From.Name}, {"quyen_han_ky", e.Signer.Authority}, {"chuc_vu", e.Signer.Position}, {"nguoi_ky", e.Signer.Name},
		{"do_khan", urgencyWord(e.Other.Priority)},
	} {
		if f.value != "" {
			d.Take(f.name, f.value, vanban.FromSidecar, confidence)
		}
	}
	for _, p := range e.ToPlaces {
		d.Take("noi_nhan", p, vanban.FromSidecar, confidence)
	}
	for _, a := range e.Answers {
		if a.Code != "" {
			d.Take("tra_loi", a.Code, vanban.FromSidecar, confidence)
		}
	}
	if e.Secrecy != "" {
		d.DoMat = e.Secrecy
		d.Sources["do_mat"] = vanban.Source{From: vanban.FromSidecar, Confidence: confidence}
	}
	return d
}

func urgencyWord(p Priority) string {
	switch p.Urgency() {
	case vanban.Khan:
		return "Khẩn"
	case vanban.ThuongKhan:
		return "Thượng khẩn"
	case vanban.HoaToc:
		return "Hỏa tốc"
	}
	return ""
}
