package mapping

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
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
	if r.SoHieu == "" && r.DocumentID == "" { // it says so of itself
		r.Same = true
		r.Keys = append(r.Keys, rec.Keys()...)
		return
	}
	if r.SoHieu == "" {
		return
	}
	other := vanban.New()
	other.So, other.KyHieu = vanban.SplitNumber(r.SoHieu)
	r.Same = rec.Document.SoHieu != "" && sameNumber(vanban.NumberKey(r.SoHieu), numberOf(rec.Document))
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

// maxRelations bounds the relations of one record.
const maxRelations = 20

// says adds what words of a mail or document say that it does to earlier ones. A legal act that revokes another takes nothing back that was
// sent; that it replaces or corrects one is noted.
func (r *Record) says(text string, from vanban.From, confidence float64, at time.Time) {
	for _, c := range vanban.ReadChanges(text) {
		rel := Relation{Kind: RelationKind(c.Kind), SoHieu: c.Number, Ngay: c.Date, Source: vanban.Source{From: from, Evidence: c.Evidence, Confidence: confidence}}
		if c.Norm && rel.Kind == Recalls {
			continue
		}
		r.addRelation(rel, "", at)
	}
}

// addRelation adds one that is not known yet. One that names its document tells more than one that does not.
func (r *Record) addRelation(rel Relation, organ string, at time.Time) {
	same := func(have Relation) bool {
		return have.Kind == rel.Kind && have.DocumentID == rel.DocumentID && (rel.SoHieu == "" || vanban.NumberKey(have.SoHieu) == vanban.NumberKey(rel.SoHieu))
	}
	if slices.ContainsFunc(r.Relations, same) || len(r.Relations) >= maxRelations {
		return
	}
	rel.relate(r, organ, at)
	r.Relations = append(r.Relations, rel)
}

// How sure a change is that the trích yếu, the subject or the words of a mail name.
const (
	sureSummary = 0.9
	sureHead    = 0.8
	sureBody    = 0.6
)

// relations reads what a mail says that one of its documents does to earlier ones; the mail's own words speak for its only document. What a
// package in it states comes first; the identities in it are those of the agency whose code it bears when that is the one that speaks (own).
func (r *Record) relations(m parser.Message, alone bool, at time.Time, own func(code string) bool) {
	for _, c := range sidecars(m) {
		kind, ok := packageChanges[c.Change.Kind]
		if !ok || c.Kind != sidecar.Edoc || !alone && !sameNumber(numberOf(c.Document), numberOf(r.Document)) {
			continue
		}
		ids := c.Change.Replaces
		if len(ids) == 0 {
			ids = []string{c.DocumentID}
		}
		organ := ""
		if own(c.Sender.Code) {
			organ = c.Sender.Code
		}
		for _, id := range ids {
			r.addRelation(Relation{Kind: kind, DocumentID: id, Source: vanban.Source{From: vanban.FromSidecar, Confidence: 0.95}}, organ, at)
		}
	}
	if from := r.Document.Sources["trich_yeu"].From; from != "" {
		r.says(r.Document.TrichYeu, from, sureSummary, at)
	}
	if alone {
		r.says(m.Subject, vanban.FromSubject, sureHead, at)
		r.says(bodyText(m), vanban.FromText, sureBody, at)
	}
}

// packageChanges are the relations of what packages state.
var packageChanges = map[sidecar.ChangeKind]RelationKind{sidecar.Recall: Recalls, sidecar.Update: Updates, sidecar.Replace: Replaces}
