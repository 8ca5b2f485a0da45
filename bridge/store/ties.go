package store

import (
	"context"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// relatedRow is a relation as it is read from one of its ends.
type relatedRow struct {
	Subject  string  `db:"subject"`
	Record   string  `db:"record"`
	Kind     string  `db:"kind"`
	SoHieu   string  `db:"so_hieu"`
	Target   null    `db:"target"`
	State    null    `db:"state"`
	SoDen    *int    `db:"so_den"`
	BookYear *int    `db:"book_year"`
	Document *string `db:"document"`
}

// inverse names a relation from the other end.
var inverse = map[string]string{"recalls": "recalled-by", "corrects": "corrected-by", "replaces": "replaced-by", "updates": "updated-by"}

// inRegister is a relation as the register calls it: an update corrects.
func inRegister(kind string) register.RelationKind {
	switch kind {
	case "updates":
		return register.Corrects
	case "updated-by":
		return register.CorrectedBy
	}
	return register.RelationKind(kind)
}

// related gives the relation as its subject has it.
func (r relatedRow) related() (StandingRelation, error) {
	out := StandingRelation{Kind: r.Kind, SoHieu: r.SoHieu, Record: string(r.Target), State: bridge.State(r.State)}
	if r.SoDen != nil && r.BookYear != nil {
		out.SoDen = soDen(*r.SoDen, *r.BookYear)
	}
	if r.Record == r.Subject {
		return out, nil
	}
	out.Kind, out.Record, out.SoHieu = inverse[r.Kind], r.Record, ""
	if r.Document == nil {
		return out, nil
	}
	var doc vanban.Document
	err := document(*r.Document).into(&doc)
	out.SoHieu = doc.SoHieu
	return out, err
}

// relations gives the relations of records, by record.
func (s *Store) relations(ctx context.Context, records []idRow) (map[string][]StandingRelation, error) {
	out := map[string][]StandingRelation{}
	if len(records) == 0 {
		return out, nil
	}
	var rows []relatedRow
	if err := s.all(ctx, s.reading.RelationsOf, &rows, args{"rows": batch{records}}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		rel, err := r.related()
		if err != nil {
			return nil, err
		}
		out[r.Subject] = append(out[r.Subject], rel)
	}
	return out, nil
}

// explainTies adds to the records of a receipt by which ways they came, what they stand under, and what ties them to others.
func (s *Store) explainTies(ctx context.Context, e *Explanation) error {
	ids := make([]idRow, len(e.Records))
	for i, r := range e.Records {
		ids[i] = idRow{r.ID}
	}
	if len(ids) == 0 {
		return nil
	}
	relations, err := s.relations(ctx, ids)
	if err != nil {
		return err
	}
	var statuses []statusRow
	if err := s.all(ctx, s.reading.StatusesOf, &statuses, args{"rows": batch{ids}}); err != nil {
		return err
	}
	var channels []struct {
		ID      string `db:"id"`
		Channel string `db:"channel"`
	}
	if err := s.all(ctx, s.reading.JoinedChannels, &channels, args{"rows": batch{ids}}); err != nil {
		return err
	}
	var keys []struct {
		ID  string `db:"id"`
		Key string `db:"rec_key"`
	}
	if err := s.all(ctx, s.reading.KeysOf, &keys, args{"rows": batch{ids}}); err != nil {
		return err
	}
	for i := range e.Records {
		r := &e.Records[i]
		r.Channels = []bridge.Channel{e.Receipt.Channel}
		for _, c := range channels {
			if c.ID == r.ID && c.Channel != string(e.Receipt.Channel) {
				r.Channels = append(r.Channels, bridge.Channel(c.Channel))
			}
		}
		for _, k := range keys {
			if k.ID == r.ID {
				r.Keys = append(r.Keys, k.Key)
			}
		}
		r.Relations = relations[r.ID]
		for _, st := range statuses {
			if st.Record == r.ID {
				r.Statuses = append(r.Statuses, StandingStatus{Organ: st.Organ, Code: edxml.StatusCode(st.Code), Words: st.Words, Receipt: st.Receipt, By: st.FoundBy,
					Effect: edxml.Effect(st.Effect), State: st.state(), ToldAt: st.ToldAt.Time, TakenAt: st.TakenAt.Time})
			}
		}
	}
	return nil
}
