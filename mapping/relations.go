package mapping

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// RelationKind is what a document does to one that was sent before (NĐ 30/2020, Điều 18). Codes are stable for ever.
type RelationKind string

const (
	Recalls  RelationKind = "recalls"  // thu hồi: it is to be treated as never sent
	Corrects RelationKind = "corrects" // đính chính: what it said wrongly
	Replaces RelationKind = "replaces" // thay thế: another in its place
	Updates  RelationKind = "updates"  // cập nhật, of a package: its fields or receivers
)

// Relation names a document that was sent before, and what this one does to it.
type Relation struct {
	Kind       RelationKind `json:"kind"`
	SoHieu     string       `json:"so_hieu"` // empty when only its identity is named
	Ngay       string       `json:"ngay"`    // yyyy-mm-dd
	DocumentID string       `json:"document_id"`
	// Keys are those that the other document stands under, if it stands: its code, its number with the issuer of this one.
	Keys []string `json:"keys"`
	// Target is the record that it is about, once one is found; Receipt is that record's.
	Target string        `json:"target"`
	Source vanban.Source `json:"source"`
	Same   bool          `json:"same"` // the other bears this one's own number: this is a new version of it
}

// relate gives a relation its keys: documents are recalled, corrected and replaced by those who issued them.
func (r *Relation) relate(rec *Record, organ string, at time.Time) {
	r.Keys = []string{}
	if k := CodeKey(organ, r.DocumentID); k != "" {
		r.Keys = append(r.Keys, k)
	}
	if r.SoHieu == "" {
		return
	}
	other := vanban.New()
	other.So, other.KyHieu = vanban.SplitNumber(r.SoHieu)
	r.Same = rec.Document.SoHieu != "" && sameNumber(vanban.NumberKey(r.SoHieu), numberOf(rec.Document)) && (r.Ngay == "" || r.Ngay == rec.Document.Ngay)
	other.Ngay = r.Ngay
	if r.Ngay == "" {
		other.Ngay = rec.Document.Ngay // of this year, while nothing else is said
	}
	for _, agency := range []string{rec.Issuer.Agency, rec.Sender.Agency} {
		if k := Key(other, agency, at); k != "" && !slices.Contains(r.Keys, k) {
			r.Keys = append(r.Keys, k)
		}
	}
}
