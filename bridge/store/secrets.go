package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

// A mark of secrecy can be found late: by OCR, by a newer tripwire, by a person. Then everything that earlier outcomes, people and notices
// wrote down of the message goes, in the transaction that quarantines it (ARCHITECTURE, invariant 10); register numbers, states, digests,
// codes and instants stay. SQLite overwrites what is deleted (secure_delete, see liteDSN), and its write-ahead log is cut afterwards. In
// PostgreSQL old row versions are gone for every query at once, and from the files when VACUUM and the server's own log have passed.

// erases says whether words of the message may have been written down before this settlement found it to be a secret.
func (c *settling) erases() bool {
	return c.Outcome.State == bridge.Quarantined && (c.again() || len(c.Outcome.History.Amendments) > 0)
}

// silenceSecrets takes the words out of the outcomes themselves that find a secret late, and what quotes out of their mouths.
func (b *commitBatch) silenceSecrets() error {
	for _, c := range b.cases {
		if !c.erases() {
			continue
		}
		c.Outcome = wordless(c.Outcome)
		if d := c.Outcome.Notice; d != nil && d.Kind != notice.Neutral {
			c.Outcome.Notice, c.Outcome.Silence = nil, notice.SilentQuarantined
		}
	}
	return nil
}

// eraseSecrets comes when the outcomes and what follows from them are written.
func (b *commitBatch) eraseSecrets() error {
	ids := b.ids((*settling).erases)
	if len(ids) == 0 {
		return nil
	}
	b.erased = true
	for _, c := range b.cases {
		if !c.erases() {
			continue
		}
		for _, step := range []func(*settling) error{b.eraseOutcomes, b.eraseAmendments, b.eraseRecords, b.eraseNotices, b.eraseEvents} {
			if err := step(c); err != nil {
				return fmt.Errorf("erase words of %s: %w", c.Receipt.ID, err)
			}
		}
	}
	if err := b.eraseLines(ids); err != nil {
		return err
	}
	if err := b.eraseTied(ids); err != nil {
		return err
	}
	_, err := b.exec(b.q.BlankHeaders, args{"rows": batch{ids}})
	return err
}

// eraseOutcomes takes the words out of the earlier outcomes, and withholds those of the files that any of them had.
func (b *commitBatch) eraseOutcomes(c *settling) error {
	type blankRow struct {
		Receipt string `json:"receipt"`
		Seq     int    `json:"seq"`
		Inputs  string `json:"inputs"`
		Outcome string `json:"outcome"`
	}
	var rows []storedOutcome
	if err := b.all(b.q.OutcomesOf, &rows, args{"receipt": c.Receipt.ID}); err != nil {
		return err
	}
	files := filesOf(c.Outcome, nil)
	blank := []blankRow{}
	for _, r := range rows {
		made, in, err := r.read()
		if err != nil {
			return err
		}
		files = filesOf(made, files)
		if in.Erased {
			continue
		}
		made = wordless(made)
		in.Erased, in.Evidence, in.History, in.Asked = true, made.Evidence, made.History, made.Asked
		row := blankRow{Receipt: c.Receipt.ID, Seq: r.Seq}
		if row.Inputs, err = encode(in); err != nil {
			return err
		}
		if row.Outcome, err = outcomeText(made); err != nil {
			return err
		}
		blank = append(blank, row)
	}
	if len(blank) > 0 {
		if _, err := b.exec(b.q.BlankOutcomes, args{"rows": batch{blank}}); err != nil {
			return err
		}
	}
	return b.eraseFiles(files)
}

// filesOf adds the files that an outcome knew of, by digest: true where tools read them or were to.
func filesOf(o bridge.Outcome, files map[string]bool) map[string]bool {
	if files == nil {
		files = map[string]bool{}
	}
	for _, r := range o.Records {
		for _, f := range r.Files {
			files[f.Digest] = files[f.Digest] || false
		}
	}
	for _, digest := range o.Wanted {
		files[digest] = true
	}
	for _, r := range o.Evidence.Readings {
		files[r.SHA256] = true
	}
	return files
}

// eraseFiles withholds the words of files. Those that tools are to read get evidence that says so: somebody may be reading them at this moment.
func (b *commitBatch) eraseFiles(files map[string]bool) error {
	digests := []string{}
	for digest := range files {
		if len(digest) == 64 {
			digests = append(digests, digest)
		}
	}
	if len(digests) == 0 {
		return nil
	}
	slices.Sort(digests)
	var rows []fileRow
	if err := b.all(b.q.FileEvidence, &rows, args{"rows": batch{digestRows(digests)}}); err != nil {
		return err
	}
	if err := b.withhold(rows); err != nil {
		return err
	}
	unread := []writtenFile{}
	for _, digest := range digests {
		if !files[digest] || slices.ContainsFunc(rows, func(r fileRow) bool { return r.SHA256 == digest }) {
			continue
		}
		row, err := b.writtenFile(digest, mapping.FileEvidence{}, true)
		if err != nil {
			return err
		}
		unread = append(unread, row)
	}
	if len(unread) == 0 {
		return nil
	}
	_, err := b.exec(b.q.AddFileEvidence, args{"rows": batch{unread}})
	return err
}

// eraseAmendments leaves the names of the fields; null tells what was erased from what a person emptied.
func (b *commitBatch) eraseAmendments(c *settling) error {
	type blankRow struct {
		Receipt string `json:"receipt"`
		Seq     int    `json:"seq"`
		Fields  string `json:"fields"`
	}
	var rows []struct {
		Seq    int      `db:"seq"`
		Fields document `db:"fields"`
	}
	if err := b.all(b.q.AmendedFields, &rows, args{"receipt": c.Receipt.ID}); err != nil || len(rows) == 0 {
		return err
	}
	blank := make([]blankRow, len(rows))
	for i, r := range rows {
		var fields map[string]*string
		if err := r.Fields.into(&fields); err != nil {
			return err
		}
		for name, value := range fields {
			if value != nil && !wordlessField(name, *value) {
				fields[name] = nil
			}
		}
		text, err := encode(fields)
		if err != nil {
			return err
		}
		blank[i] = blankRow{c.Receipt.ID, r.Seq, text}
	}
	_, err := b.exec(b.q.BlankAmendments, args{"rows": batch{blank}})
	return err
}

// eraseRecords takes the words out of the records that earlier outcomes had and this one has not: it may have read the mail as fewer.
func (b *commitBatch) eraseRecords(c *settling) error {
	type blankRow struct {
		ID       string `json:"id"`
		Document string `json:"document"`
		Files    string `json:"files"`
		Missing  string `json:"missing"`
	}
	var rows []recordText
	if err := b.all(b.q.RecordsOfReceipt, &rows, args{"receipt": c.Receipt.ID}); err != nil {
		return err
	}
	blank := []blankRow{}
	for _, r := range rows {
		if r.N <= len(c.records) {
			continue
		}
		var files []mapping.File
		if err := r.Files.into(&files); err != nil {
			return err
		}
		row := blankRow{ID: r.ID, Missing: "[]"}
		var err error
		if row.Document, err = encode(wordlessDocument(vanban.Document{DoMat: c.mark()})); err != nil {
			return err
		}
		if row.Files, err = encode(wordlessFiles(files)); err != nil {
			return err
		}
		blank = append(blank, row)
	}
	if len(blank) == 0 {
		return nil
	}
	_, err := b.exec(b.q.BlankRecords, args{"rows": batch{blank}})
	return err
}

// mark is the độ mật that the outcome found.
func (c *settling) mark() vanban.Secrecy {
	for _, r := range c.Outcome.Records {
		if r.Document.DoMat != "" {
			return r.Document.DoMat
		}
	}
	return ""
}

// eraseNotices leaves of notices that quote to whom they went and when, and the codes of the answers.
func (b *commitBatch) eraseNotices(c *settling) error {
	type blankRow struct {
		ID    string `json:"id"`
		Draft string `json:"draft"`
		Body  blob   `json:"body"`
		Reply string `json:"reply"`
	}
	var rows []struct {
		ID          string   `db:"id"`
		Draft       document `db:"draft"`
		Reply       string   `db:"reply"`
		State       string   `db:"state"`
		CancelledBy string   `db:"cancelled_by"`
	}
	if err := b.all(b.q.QuotingNotices, &rows, args{"receipt": c.Receipt.ID}); err != nil || len(rows) == 0 {
		return err
	}
	blank := make([]blankRow, len(rows))
	for i, r := range rows {
		var d notice.Draft
		if err := r.Draft.into(&d); err != nil {
			return err
		}
		text, err := encode(wordlessDraft(d))
		if err != nil {
			return err
		}
		blank[i] = blankRow{ID: r.ID, Draft: text, Body: blob{}, Reply: wordlessReply(r.Reply)}
		if r.Reply == reasonOverruled {
			blank[i].Reply = r.Reply
		}
	}
	_, err := b.exec(b.q.BlankNotices, args{"rows": batch{blank}})
	return err
}

// quotesNothing names the sealed values of events that are no words of a message: where a delivery came from, and to whom a notice went.
var quotesNothing = []string{"origin", "to"}

// eraseEvents forgets what events sealed of the message, with the salts. The leaves hold salted commitments only and stay as they are, so
// the log still proves what it proved.
func (b *commitBatch) eraseEvents(c *settling) error {
	type blankRow struct {
		ID     int64  `json:"id"`
		Sealed string `json:"sealed"`
		Salts  string `json:"salts"`
	}
	var rows []struct {
		ID     int64    `db:"id"`
		Leaf   []byte   `db:"leaf"`
		Sealed document `db:"sealed"`
		Salts  document `db:"salts"`
	}
	if err := b.all(b.q.SealedEvents, &rows, args{"receipt": c.Receipt.ID}); err != nil {
		return err
	}
	blank := []blankRow{}
	for _, r := range rows {
		kept := audit.Stored{Leaf: r.Leaf}
		if err := r.Sealed.into(&kept.Sealed); err != nil {
			return err
		}
		if err := r.Salts.into(&kept.Salts); err != nil {
			return err
		}
		names := []string{}
		for name := range kept.Sealed {
			if !slices.Contains(quotesNothing, name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 { // Erase without a name erases all
			continue
		}
		kept = kept.Erase(names...)
		row := blankRow{ID: r.ID}
		var err error
		if row.Sealed, err = encode(kept.Sealed); err != nil {
			return err
		}
		if row.Salts, err = encode(kept.Salts); err != nil {
			return err
		}
		blank = append(blank, row)
	}
	if len(blank) == 0 {
		return nil
	}
	_, err := b.exec(b.q.EraseEvents, args{"rows": batch{blank}})
	return err
}

// forgetWithheld lets the files of a quarantined receipt be read anew when a person speaks about it: if it is no secret any more, what was
// withheld of them is wanted again; if it still is one, nobody asks for it.
func (t *tx) forgetWithheld(receipt string) error {
	var row struct {
		State bridge.State `db:"state"`
	}
	if _, err := t.one(t.q.ReceiptState, &row, args{"id": receipt}); err != nil || row.State != bridge.Quarantined {
		return err
	}
	var records []recordText
	if err := t.all(t.q.RecordsOfReceipt, &records, args{"receipt": receipt}); err != nil {
		return err
	}
	digests := []string{}
	for _, r := range records {
		var files []mapping.File
		if err := r.Files.into(&files); err != nil {
			return err
		}
		for _, f := range files {
			digests = append(digests, f.Digest)
		}
	}
	_, err := t.exec(t.q.ForgetWithheld, args{"rows": batch{digestRows(digests)}})
	return err
}

// cutLog brings what was erased out of the write-ahead log of SQLite, after the commit. While somebody still reads the old state it cannot
// be done: then it is tried again with the next commit, and closing the database does it as well.
func (s *Store) cutLog(ctx context.Context) {
	if s.dialect == postgres || !s.uncut.Load() {
		return
	}
	var row struct {
		Busy         int `db:"busy"`
		Log          int `db:"log"`
		Checkpointed int `db:"checkpointed"`
	}
	if done, err := s.one(ctx, s.writing.Checkpoint, &row, args{}); err == nil && done && row.Busy == 0 {
		s.uncut.Store(false)
	}
}
