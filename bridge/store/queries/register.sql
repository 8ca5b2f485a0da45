-- name: book-heads
-- When numbers of the books of these kinds were last taken, in any year.
SELECT b.receiver, b.kind, max(b.last_at) AS last_at
FROM rows(:rows, receiver text, kind text) AS r JOIN books AS b ON b.receiver = r.receiver AND b.kind = r.kind
WHERE b.last_at IS NOT NULL GROUP BY b.receiver, b.kind

-- name: take-numbers
-- Takes n numbers of books and gives the last of each; the rows stay locked until the transaction ends, so there are no gaps. A book that is
-- closed gives none, and is left out of the answer.
INSERT INTO books (receiver, year, kind, last, last_at)
SELECT r.receiver, r.year, r.kind, r.n, r.at FROM rows(:rows, receiver text, year bigint, kind text, n bigint, at time) AS r WHERE true
ON CONFLICT (receiver, year, kind) DO UPDATE SET last = books.last + excluded.last, last_at = excluded.last_at WHERE books.closed_at IS NULL
RETURNING receiver, kind, last

-- name: jump-book
-- Brings a book to a number that was given before a restore, closed or not.
INSERT INTO books (receiver, year, kind, last, last_at) VALUES (:receiver, :year, :kind, :last, :now)
ON CONFLICT (receiver, year, kind) DO UPDATE SET last = excluded.last, last_at = excluded.last_at

-- name: know-receiver
-- Makes a receiving agency known by its id, should a restored database not know it.
INSERT INTO receiving_agencies (id, name, since) VALUES (:id, :id, :now) ON CONFLICT (id) DO NOTHING

-- name: secret-lines
-- The lines that records have in the secret book already.
SELECT e.record FROM rows(:rows, id text) AS r JOIN entries AS e ON e.record = r.id WHERE e.kind = 'mat'

-- name: put-lines
-- Writes lines of books as the newest outcome has them. Who was given the document and what became of it stays, unless the words must go.
INSERT INTO entries (receiver, kind, year, number, record, receipt, arrived_at, registered_at, author, author_id, secrecy, files, pages, note)
SELECT r.receiver, r.kind, r.year, r.number, r.record, r.receipt, r.arrived_at, r.registered_at, r.author, r.author_id, r.secrecy, r.files,
    r.pages, r.note
FROM rows(:rows, receiver text, kind text, year bigint, number bigint, record text, receipt text, arrived_at time, registered_at time,
    author text, author_id text, secrecy text, files bigint, pages bigint, note text) AS r WHERE true
ON CONFLICT (receiver, kind, year, number) DO UPDATE SET arrived_at = excluded.arrived_at, author = excluded.author,
    author_id = excluded.author_id, files = excluded.files, pages = excluded.pages

-- name: note-secret-lines
-- Notes at the lines of the secret book whether the mark of their receipt was a false alarm.
UPDATE entries SET note = CASE WHEN r.secret THEN '' ELSE 'not-secret' END
FROM rows(:rows, id text, secret bool) AS r WHERE entries.kind = 'mat' AND entries.receipt = r.id

-- name: empty-lines
-- Takes the words out of the lines of receipts that turned out to be secrets; numbers, days and who signed stay.
UPDATE entries SET author = '', author_id = '', answer = ''
WHERE kind = 'den' AND receipt IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: empty-directions
-- Takes the words out of the directions of such receipts; who gave them, when, and until when stays.
UPDATE directions SET text = '', handler = '', co_handlers = '[]'
WHERE EXISTS (SELECT 1 FROM rows(:rows, id text) AS r JOIN entries AS e ON e.receipt = r.id
    WHERE e.receiver = directions.receiver AND e.kind = directions.kind AND e.year = directions.year AND e.number = directions.number)

-- name: put-counted
-- Notes the counted instants of receipts.
UPDATE receipts SET counted_at = r.at FROM rows(:rows, id text, at time) AS r WHERE receipts.id = r.id

-- name: book
-- One book.
SELECT receiver, year, kind, last, closed_at, closed_by FROM books WHERE receiver = :receiver AND year = :year AND kind = :kind

-- name: books
-- All books.
SELECT receiver, year, kind, last, closed_at, closed_by FROM books ORDER BY receiver, year, kind

-- name: close-book
-- Closes a book, also one that gave no number.
INSERT INTO books (receiver, year, kind, last, closed_at, closed_by) VALUES (:receiver, :year, :kind, 0, :now, :by)
ON CONFLICT (receiver, year, kind) DO UPDATE SET closed_at = excluded.closed_at, closed_by = excluded.closed_by WHERE books.closed_at IS NULL

-- name: open-in-year
-- The receipts of an agency that came before an instant and are not settled.
SELECT t.id FROM receipts AS t
WHERE t.receiver = :receiver AND t.state IN ('waiting', 'held', 'failed') AND coalesce(t.counted_at, t.stored_at) < :before
ORDER BY t.id LIMIT :n

-- name: cover
-- What the cover of a book says. The instant of a number that was jumped over is that of the jump, which may be years later.
SELECT count(*) AS lines, coalesce(min(number), 0) AS first, coalesce(max(number), 0) AS last,
    min(CASE WHEN note <> 'jumped' THEN registered_at END) AS first_at, max(CASE WHEN note <> 'jumped' THEN registered_at END) AS last_at, coalesce(sum(CASE WHEN note = 'jumped' THEN 1 ELSE 0 END), 0) AS unused
FROM entries WHERE receiver = :receiver AND year = :year AND kind = :kind

-- name: lines
-- Lines of one book in their order, behind a number. Whether the secret book has a line of the receipt tells a secret from what was
-- quarantined for another reason.
SELECT e.number, e.record, e.receipt, e.arrived_at, e.registered_at, e.author, e.author_id, e.secrecy, e.files, e.pages, e.transferred_at,
    e.received_by, e.done_at, e.answer, e.note, n.state, n.document,
    EXISTS (SELECT 1 FROM entries AS m WHERE m.receipt = e.receipt AND m.kind = 'mat' AND m.note <> 'not-secret') AS secret
FROM entries AS e LEFT JOIN records AS n ON n.id = e.record
WHERE e.receiver = :receiver AND e.year = :year AND e.kind = :kind AND e.number > :after AND (:to = 0 OR e.number <= :to)
    AND (:agency = '' OR e.author_id = :agency)
ORDER BY e.number LIMIT :n

-- name: ways-of
-- How the documents of records came: with their own receipts, and with those of records that are joined to them.
SELECT r.id AS record, t.channel, t.id AS receipt, coalesce(t.counted_at, t.stored_at) AS at
FROM rows(:rows, id text) AS r JOIN records AS n ON n.id = r.id JOIN receipts AS t ON t.id = n.receipt
UNION
SELECT r.id, t.channel, t.id, coalesce(t.counted_at, t.stored_at)
FROM rows(:rows, id text) AS r JOIN records AS n ON n.joined_to = r.id JOIN receipts AS t ON t.id = n.receipt
ORDER BY 1, 4, 3

-- name: directions
-- The directions of records in their order.
SELECT e.record, d.n, d.text, d.author, d.handler, d.co_handlers, d.due, d.made_at, d.made_by
FROM rows(:rows, id text) AS r JOIN entries AS e ON e.record = r.id JOIN directions AS d
    ON d.receiver = e.receiver AND d.kind = e.kind AND d.year = e.year AND d.number = e.number
ORDER BY e.record, d.n

-- name: line
-- One line by its number.
SELECT e.receiver, e.year, e.kind, e.number, e.record, e.receipt, e.arrived_at, e.note, e.done_at, n.state,
    (SELECT count(*) FROM directions AS d WHERE d.receiver = e.receiver AND d.kind = e.kind AND d.year = e.year AND d.number = e.number) AS directions
FROM entries AS e LEFT JOIN records AS n ON n.id = e.record
WHERE e.receiver = :receiver AND e.year = :year AND e.kind = :kind AND e.number = :number

-- name: line-of-record
-- Where the line of a record is.
SELECT receiver, year, kind, number FROM entries WHERE record = :record AND kind = :kind

-- name: add-direction
-- Adds a direction beside the earlier ones.
INSERT INTO directions (receiver, kind, year, number, n, text, author, handler, co_handlers, due, made_by, made_at)
SELECT r.receiver, r.kind, r.year, r.number, r.n, r.text, r.author, r.handler, r.co_handlers, r.due, r.made_by, r.made_at
FROM rows(:rows, receiver text, kind text, year bigint, number bigint, n bigint, text text, author text, handler text, co_handlers json,
    due text, made_by text, made_at time) AS r

-- name: sign-line
-- Notes when a document was passed on, and who signed for it.
UPDATE entries SET transferred_at = :at, received_by = :received_by
WHERE receiver = :receiver AND year = :year AND kind = :kind AND number = :number

-- name: finish-line
-- Notes that a document is handled, and by which answer.
UPDATE entries SET done_at = :now, answer = :answer WHERE receiver = :receiver AND year = :year AND kind = :kind AND number = :number

-- name: open-to-register
-- What is not registered and may have to be: held and failed receipts, with what is known of their first document.
SELECT t.id, t.receiver, t.state, coalesce(t.counted_at, t.stored_at) AS at, n.document
FROM receipts AS t LEFT JOIN records AS n ON n.receipt = t.id AND n.state = 'held'
WHERE t.state IN ('waiting', 'held', 'failed') AND t.state <> 'waiting' AND NOT (t.imported AND NOT t.live)
ORDER BY t.id, n.n LIMIT :n
