package store

import (
	"cmp"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
)

// What is noted at a line of a book, as codes.
const (
	noteJumped    = "jumped"     // the number was jumped over after a restore
	noteNotSecret = "not-secret" // the mark of secrecy was a false alarm
)

// lineRow is one line of a book as tx 2 writes it.
type lineRow struct {
	Receiver     string `json:"receiver"`
	Kind         string `json:"kind"`
	Year         int    `json:"year"`
	Number       int    `json:"number"`
	Record       null   `json:"record"`
	Receipt      null   `json:"receipt"`
	ArrivedAt    stamp  `json:"arrived_at"`
	RegisteredAt stamp  `json:"registered_at"`
	Author       string `json:"author"`
	AuthorID     string `json:"author_id"`
	Secrecy      string `json:"secrecy"`
	Files        int    `json:"files"`
	Pages        int    `json:"pages"`
	Note         string `json:"note"`
}

// writeLines writes the lines of the books, and notes at those of the secret book what became of their mark.
func (b *commitBatch) writeLines() error {
	type noteRow struct {
		ID     string `json:"id"`
		Secret bool   `json:"secret"`
	}
	type countedRow struct {
		ID string `json:"id"`
		At stamp  `json:"at"`
	}
	lines, notes, counted := []lineRow{}, []noteRow{}, []countedRow{}
	for _, c := range b.cases {
		if at := c.Outcome.Instant.At; !at.IsZero() {
			counted = append(counted, countedRow{c.Receipt.ID, stamp{at}})
		}
		secret := c.Outcome.State == bridge.Quarantined && c.Outcome.Reason == bridge.ReasonSecret
		for i, r := range c.records {
			secret = secret || c.bearsMark(i)
			if r.SoDen != nil {
				lines = append(lines, c.incomingLine(i, r))
			}
			if r.secretAt != nil {
				lines = append(lines, c.secretLine(i, r))
				b.note(audit.NewSecretEntered(b.now, r.Receipt, r.ID, soDen(r.secretAt.number, r.secretAt.year)))
			}
		}
		if c.again() {
			notes = append(notes, noteRow{c.Receipt.ID, secret})
		}
	}
	for _, step := range []struct {
		q    *statement
		rows any
		n    int
	}{{b.q.PutCounted, counted, len(counted)}, {b.q.PutLines, lines, len(lines)}, {b.q.NoteSecretLines, notes, len(notes)}} {
		if step.n == 0 {
			continue
		}
		if _, err := b.exec(step.q, args{"rows": batch{step.rows}}); err != nil {
			return err
		}
	}
	return nil
}

// line is what both books know of a record.
func (c *settling) line(r *recordRow) lineRow {
	return lineRow{Receiver: r.Receiver, Record: null(r.ID), Receipt: null(r.Receipt), ArrivedAt: at(c.Outcome.Instant.At)}
}

// incomingLine is the line of a registered document. Its author is the issuer under the name of the document's date, else as printed; of
// one that turned out to be a secret nothing is told here.
func (c *settling) incomingLine(i int, r *recordRow) lineRow {
	l, rec := c.line(r), c.Outcome.Records[i]
	l.Kind, l.Year, l.Number, l.RegisteredAt = string(r.Book), *r.BookYear, *r.SoDen, r.NumberedAt
	l.Files = len(rec.Files)
	if r.State == string(bridge.Quarantined) {
		return l
	}
	l.Author = line(cmp.Or(rec.Issuer.Name, rec.Document.CoQuan, rec.Sender.Name))
	l.AuthorID = safe(cmp.Or(rec.Issuer.Agency, rec.Sender.Agency))
	if len(rec.Files) > 0 {
		l.Pages = c.Outcome.Evidence.Files[rec.Files[0].Digest].PageCount
	}
	return l
}

// secretLine has facts only: when it came, from whom, its độ mật, how many files. The digests are in the record.
func (c *settling) secretLine(i int, r *recordRow) lineRow {
	l, rec := c.line(r), c.Outcome.Records[i]
	l.Kind, l.Year, l.Number, l.RegisteredAt = bookSecret, r.secretAt.year, r.secretAt.number, at(r.secretAt.at)
	l.Author, l.AuthorID, l.Secrecy, l.Files = line(rec.Sender.Name), safe(rec.Sender.Agency), string(rec.Document.DoMat), len(rec.Files)
	return l
}

// eraseLines takes the words out of the lines that receipts have in the register of incoming documents, and out of what leaders said of them.
func (b *commitBatch) eraseLines(ids []idRow) error {
	if _, err := b.exec(b.q.EmptyLines, args{"rows": batch{ids}}); err != nil {
		return err
	}
	_, err := b.exec(b.q.EmptyDirections, args{"rows": batch{ids}})
	return err
}
