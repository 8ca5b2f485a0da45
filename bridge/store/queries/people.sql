-- name: put-receivers
-- Adds receiving agencies and follows changes of their names.
INSERT INTO receiving_agencies (id, name, since)
SELECT r.id, r.name, r.since FROM rows(:rows, id text, name text, since time) AS r WHERE true
ON CONFLICT (id) DO UPDATE SET name = excluded.name

-- name: add-amendment
-- Adds a person's correction or decision.
INSERT INTO amendments (receipt, seq, kind, fields, reason, made_by, made_at) VALUES (:receipt, :seq, :kind, :fields, :reason, :made_by, :made_at)

-- name: count-amendment
-- Counts an amendment of a receipt and gives its number.
UPDATE receipts SET amendments = amendments + 1 WHERE id = :id RETURNING amendments

-- name: reopen-receipt
-- Lets a receipt that failed be processed again.
UPDATE receipts SET state = 'waiting', reason = '', settled_at = NULL WHERE id = :id AND state = 'failed'

-- name: reopen-uids
-- The UIDs of a receipt that is processed again wait with it.
UPDATE uids SET state = 'waiting', reason = '', settled_at = NULL, acted_at = NULL WHERE receipt = :id AND NOT joined AND state = 'failed'

-- name: open-receipts
-- Receipts that wait for a person.
SELECT t.id, t.receiver, t.state, t.reason, t.settled_at, m.subject, m.sender
FROM receipts AS t JOIN messages AS m ON m.content = t.content
WHERE t.state IN ('waiting', 'held', 'failed') AND t.state <> 'waiting' AND (:receiver = '' OR t.receiver = :receiver)
ORDER BY t.id LIMIT :n

-- name: open-uids
-- UIDs that could not be fetched.
SELECT u.folder, u.uidvalidity, u.uid, u.reason, u.settled_at, f.mailbox, f.receiver
FROM uids AS u JOIN folders AS f ON f.id = u.folder
WHERE u.state = 'failed' AND u.receipt IS NULL AND (:receiver = '' OR f.receiver = :receiver)
ORDER BY u.folder, u.uidvalidity, u.uid LIMIT :n

-- name: open-notices
-- Notices that wait for a person: to be released, refused for good, or reported as undelivered. What a digest that failed said stands for itself.
SELECT id, receiver, receipt, kind, state, to_addr, reply, made_at, counted_at FROM notices
WHERE state IN ('review', 'queued', 'failed', 'bounced') AND state <> 'queued' AND (kind <> 'digest' OR state = 'review') AND (:receiver = '' OR receiver = :receiver)
ORDER BY id LIMIT :n

-- name: receipt
-- One receipt with the facts of its message.
SELECT t.id, t.receiver, t.channel, t.content, t.origin, t.imported, t.live, t.headers_only, t.header_words, t.state, t.reason, t.outcomes, t.amendments, t.stored_at, t.settled_at,
    m.subject, m.sender, m.message_id, m.files
FROM receipts AS t JOIN messages AS m ON m.content = t.content WHERE t.id = :id

-- name: deliveries-of
-- Every delivery of a receipt, the first one first.
SELECT origin, joined, mailbox, raw, size, location, headers <> '' AS headers_only, internaldate, fetched_at, stored_at FROM deliveries
WHERE receipt = :receipt ORDER BY joined, stored_at, origin

-- name: uids-of
-- The UIDs that delivered a receipt.
SELECT u.folder, u.uidvalidity, u.uid, u.state, f.mailbox, f.folder AS name FROM uids AS u JOIN folders AS f ON f.id = u.folder
WHERE u.receipt = :receipt ORDER BY u.folder, u.uidvalidity, u.uid

-- name: outcomes-of
-- All outcomes of a receipt, oldest first.
SELECT seq, inputs, outcome, made_at FROM outcomes WHERE receipt = :receipt ORDER BY seq

-- name: records-of-receipt
-- The records of a receipt as they stand.
SELECT id, n, agency, state, document, files, missing, book_year, so_den, joined_to FROM records WHERE receipt = :receipt ORDER BY n

-- name: count-receipts
-- How many receipts are in each state.
SELECT state, count(*) AS n FROM receipts GROUP BY state

-- name: count-uids
-- How many UIDs are in each state.
SELECT state, count(*) AS n FROM uids GROUP BY state

-- name: count-records
-- Records by state.
SELECT state, count(*) AS n FROM records GROUP BY state

-- name: count-notices
-- How many notices are in each state.
SELECT state, count(*) AS n FROM notices GROUP BY state

-- name: count-alarms
-- How many alarms are open, by code.
SELECT code AS state, count(*) AS n FROM alarms WHERE cleared_at IS NULL GROUP BY code

-- name: receipts-after
-- Numbers of receipts in order, for replays.
SELECT id FROM receipts WHERE id > :after ORDER BY id LIMIT :n

-- name: put-version
-- Keeps the text of a version that outcomes are made with.
INSERT INTO versions (kind, sha256, body, first_used)
SELECT r.kind, r.sha256, r.body, r.first_used FROM rows(:rows, kind text, sha256 text, body bytes, first_used time) AS r WHERE true
ON CONFLICT (kind, sha256) DO NOTHING

-- name: version
-- The text of a version by its digest.
SELECT body FROM versions WHERE sha256 = :sha256 ORDER BY kind LIMIT 1

-- name: last-activation
-- The knowledge that decisions were last made with.
SELECT program, knowledge, rules, directory, settings FROM activations ORDER BY id DESC LIMIT 1

-- name: add-activation
-- Notes from when on which knowledge is used.
INSERT INTO activations (program, knowledge, rules, directory, settings, activated_by, activated_at)
VALUES (:program, :knowledge, :rules, :directory, :settings, :by, :now)

-- name: raw-refs
-- Where raw bytes are said to be, in the order of origins, for a scrub of the archive.
SELECT origin, receipt, raw, size, location FROM deliveries WHERE origin > :after ORDER BY origin LIMIT :n
