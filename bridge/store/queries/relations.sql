-- name: drop-relations
-- Takes away the relations of receipts that get a new outcome.
DELETE FROM relations WHERE record IN (SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id)

-- name: add-relations
-- Writes relations, one row for each key of the other document.
INSERT INTO relations (record, n, rel_key, receiver, kind, so_hieu, target)
SELECT r.record, r.n, r.rel_key, r.receiver, r.kind, r.so_hieu, r.target
FROM rows(:rows, record text, n bigint, rel_key text, receiver text, kind text, so_hieu text, target text) AS r

-- name: tie-relations
-- Ties relations that name a document which did not stand yet to the record that has just taken its key; never a record to itself.
UPDATE relations SET target = k.record
FROM rows(:rows, receiver text, rec_key text, record text) AS k
WHERE relations.receiver = k.receiver AND relations.rel_key = k.rec_key AND relations.target IS NULL AND relations.rel_key <> ''
    AND relations.record <> k.record
RETURNING relations.record, relations.kind, relations.target

-- name: relations-of
-- What records do to earlier ones, and what later ones do to them.
SELECT l.subject, l.record, l.kind, l.so_hieu, l.target, n.state, n.so_den, n.book_year,
    CASE WHEN n.state = 'quarantined' THEN NULL ELSE n.document END AS document
FROM (SELECT r.id AS subject, t.record, t.kind, t.so_hieu, t.target FROM rows(:rows, id text) AS r JOIN relations AS t ON t.record = r.id
      UNION SELECT r.id, t.record, t.kind, t.so_hieu, t.target FROM rows(:rows, id text) AS r JOIN relations AS t ON t.target = r.id) AS l
    LEFT JOIN records AS n ON n.id = CASE WHEN l.record = l.subject THEN l.target ELSE l.record END
ORDER BY l.subject, l.record, l.kind, l.so_hieu

-- name: keys-of
-- The keys that records stand under.
SELECT r.id, k.rec_key FROM rows(:rows, id text) AS r JOIN record_keys AS k ON k.record = r.id ORDER BY 1, 2

-- name: blank-relations
-- Takes the numbers out of relations of secrets and to them.
UPDATE relations SET so_hieu = '', rel_key = ''
WHERE record IN (SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id)
    OR target IN (SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id)

-- name: answered-by-document
-- The records that went out under the identity of a document.
SELECT d.asker, d.i, 'document-id' AS found_by, n.rec_key, n.id, n.receipt, n.so_den, n.book_year, n.document, t.channel
FROM (SELECT DISTINCT r.asker, r.i, s.record FROM rows(:rows, asker text, i bigint, receiver text, document_id text) AS r
          JOIN dispatches AS s ON s.document_id = r.document_id AND s.receiver = r.receiver) AS d
    JOIN records AS n ON n.id = d.record JOIN receipts AS t ON t.id = n.receipt
WHERE n.state <> 'quarantined'

-- name: answered-by-key
-- The records that stand under a key.
SELECT r.asker, r.i, 'code' AS found_by, n.rec_key, n.id, n.receipt, n.so_den, n.book_year, n.document, t.channel
FROM rows(:rows, asker text, i bigint, receiver text, rec_key text) AS r
    JOIN record_keys AS k ON k.receiver = r.receiver AND k.rec_key = r.rec_key
    JOIN records AS n ON n.id = k.record JOIN receipts AS t ON t.id = n.receipt

-- name: answered-by-number
-- The records that stand under a number, whoever issued it and in whatever year: from its prefix up to what sorts behind all that begin with it,
-- byte by byte. PostgreSQL has its own text: there order is a matter of the index.
SELECT r.asker, r.i, 'number' AS found_by, n.rec_key, n.id, n.receipt, n.so_den, n.book_year, n.document, t.channel
FROM rows(:rows, asker text, i bigint, receiver text, prefix text, behind text) AS r
    JOIN record_keys AS k ON k.receiver = r.receiver AND k.rec_key >= r.prefix AND k.rec_key < r.behind
    JOIN records AS n ON n.id = k.record JOIN receipts AS t ON t.id = n.receipt

-- name: statuses-of
-- What was reported of records, oldest first.
SELECT s.receipt, s.record, s.organ, s.code, s.effect, s.progress, s.asked, s.withdrawn, s.words, s.told_at, s.taken_at, s.found_by
FROM rows(:rows, id text) AS r JOIN statuses AS s ON s.record = r.id ORDER BY s.id

-- name: drop-statuses
-- Takes away the statuses of receipts that report less now.
DELETE FROM statuses WHERE EXISTS (SELECT 1 FROM rows(:rows, id text, n bigint) AS r WHERE statuses.receipt = r.id AND statuses.n > r.n)

-- name: put-statuses
-- Writes statuses as the newest outcome of their receipt has them; one keeps its place in the history.
INSERT INTO statuses (receipt, n, record, organ, code, found_by, effect, progress, asked, withdrawn, words, told_at, taken_at)
SELECT r.receipt, r.n, r.record, r.organ, r.code, r.found_by, r.effect, r.progress, r.asked, r.withdrawn, r.words, r.told_at, r.taken_at
FROM rows(:rows, receipt text, n bigint, record text, organ text, code text, found_by text, effect text, progress text, asked text,
    withdrawn bool, words text, told_at time, taken_at time) AS r WHERE true
ON CONFLICT (receipt, n) DO UPDATE SET record = excluded.record, organ = excluded.organ, code = excluded.code, found_by = excluded.found_by,
    effect = excluded.effect, progress = excluded.progress, asked = excluded.asked, withdrawn = excluded.withdrawn, words = excluded.words,
    told_at = excluded.told_at

-- name: reporting-receipts
-- The receipts that report of records of these receipts.
SELECT DISTINCT s.receipt FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id JOIN statuses AS s ON s.record = n.id

-- name: blank-statuses
-- Takes the words out of what was reported of the records of these receipts.
UPDATE statuses SET words = '' WHERE record IN (SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id)

-- name: blank-facts
-- Takes out what lists show of the messages of receipts.
UPDATE messages SET message_id = '', subject = '', sender = ''
WHERE content IN (SELECT t.content FROM rows(:rows, id text) AS r JOIN receipts AS t ON t.id = r.id)

-- name: secret-records
-- Which of these records are in quarantine.
SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.id = r.id WHERE n.state = 'quarantined'
