-- name: hold-jobs
-- Which jobs are still under the fence of their claim, NULL for the others. PostgreSQL has its own text: it locks them.
SELECT (SELECT j.id FROM jobs AS j WHERE j.id = r.id AND j.fence = r.fence AND j.state = 'ready') AS id
FROM rows(:rows, id bigint, fence bigint) AS r

-- name: records-of
-- The records that receipts have from earlier outcomes.
SELECT n.id, n.state, n.rec_key, n.book, n.book_year, n.so_den, n.numbered_at, n.joined_to
FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id

-- name: key-owners
-- Who stands under keys.
SELECT k.receiver, k.rec_key, k.record
FROM rows(:rows, receiver text, rec_key text) AS r JOIN record_keys AS k ON k.receiver = r.receiver AND k.rec_key = r.rec_key

-- name: standing-records
-- Which of these records are registered and own the key, NULL for the others. PostgreSQL has its own text: it locks them.
SELECT (SELECT n.id FROM records AS n JOIN record_keys AS k ON k.record = n.id
    WHERE n.id = r.id AND k.receiver = r.receiver AND k.rec_key = r.rec_key AND n.state = 'registered') AS id,
    r.rec_key
FROM rows(:rows, id text, receiver text, rec_key text) AS r

-- name: joined-receipts
-- The receipts with a record that is joined to one of these.
SELECT DISTINCT n.receipt FROM rows(:rows, id text) AS r JOIN records AS n ON n.joined_to = r.id

-- name: open-copies
-- The receipts of further copies of these records, and of the records that they are copies of, which are in no quarantine.
SELECT n.receipt FROM rows(:rows, id text, joined_to text) AS r JOIN records AS n ON n.joined_to = r.id WHERE n.state <> 'quarantined'
UNION SELECT n.receipt FROM rows(:rows, id text, joined_to text) AS r JOIN records AS n ON n.id = r.joined_to WHERE n.state <> 'quarantined'
ORDER BY 1

-- name: drop-keys
-- Frees the keys of receipts that get a new outcome.
DELETE FROM record_keys WHERE record IN (SELECT n.id FROM rows(:rows, id text) AS r JOIN records AS n ON n.receipt = r.id)

-- name: add-keys
-- Takes keys for registered records; a key that somebody took in the meantime is left out of the answer.
INSERT INTO record_keys (receiver, rec_key, record)
SELECT r.receiver, r.rec_key, r.record FROM rows(:rows, receiver text, rec_key text, record text) AS r WHERE true
ON CONFLICT (receiver, rec_key) DO NOTHING
RETURNING record

-- name: take-reminders
-- Counts reminders to agencies and gives the last number of each.
INSERT INTO correspondents (receiver, agency, reminders)
SELECT r.receiver, r.agency, r.n FROM rows(:rows, receiver text, agency text, n bigint) AS r WHERE true
ON CONFLICT (receiver, agency) DO UPDATE SET reminders = correspondents.reminders + excluded.reminders
RETURNING receiver, agency, reminders

-- name: add-outcomes
-- Adds outcomes beside the earlier ones of the same receipt.
INSERT INTO outcomes (receipt, seq, state, reason, verdict, rule, program, knowledge, rules, directory, settings, inputs, outcome, made_at)
SELECT r.receipt, r.seq, r.state, r.reason, r.verdict, r.rule, r.program, r.knowledge, r.rules, r.directory, r.settings, r.inputs,
    r.outcome, r.made_at
FROM rows(:rows, receipt text, seq bigint, state text, reason text, verdict text, rule text, program text, knowledge text, rules text,
    directory text, settings text, inputs json, outcome json, made_at time) AS r

-- name: put-records
-- Writes records as the newest outcome has them. A register number once given stays.
INSERT INTO records (id, receipt, n, receiver, agency, state, rec_key, document, files, missing, book, book_year, so_den, numbered_at, joined_to)
SELECT r.id, r.receipt, r.n, r.receiver, r.agency, r.state, r.rec_key, r.document, r.files, r.missing, r.book, r.book_year, r.so_den,
    r.numbered_at, r.joined_to
FROM rows(:rows, id text, receipt text, n bigint, receiver text, agency text, state text, rec_key text, document json, files json,
    missing json, book text, book_year bigint, so_den bigint, numbered_at time, joined_to text) AS r WHERE true
ON CONFLICT (id) DO UPDATE SET agency = excluded.agency, state = excluded.state, rec_key = excluded.rec_key,
    document = excluded.document, files = excluded.files, missing = excluded.missing, joined_to = excluded.joined_to,
    book = coalesce(records.book, excluded.book), book_year = coalesce(records.book_year, excluded.book_year),
    so_den = coalesce(records.so_den, excluded.so_den), numbered_at = coalesce(records.numbered_at, excluded.numbered_at)

-- name: drop-surplus-records
-- Retires records of an earlier outcome that the newest one does not have any more; a number stays with its line of the register.
UPDATE records SET state = 'ignored', joined_to = NULL
FROM rows(:rows, id text, n bigint) AS r WHERE records.receipt = r.id AND records.n > r.n

-- name: put-facts
-- Gives messages the facts that lists show. While any receipt of the content is quarantined, there are none.
UPDATE messages SET files = r.files, message_id = CASE WHEN r.secret THEN '' ELSE r.message_id END,
    subject = CASE WHEN r.secret THEN '' ELSE r.subject END, sender = CASE WHEN r.secret THEN '' ELSE r.sender END
FROM (SELECT f.content, f.message_id, f.subject, f.sender, f.files,
          EXISTS (SELECT 1 FROM receipts AS t WHERE t.content = f.content AND t.state = 'quarantined') AS secret
      FROM rows(:rows, content text, message_id text, subject text, sender text, files bigint) AS f) AS r
WHERE messages.content = r.content

-- name: add-notices
-- Adds notices with the bytes that every try will send. One that was never handed over is made anew under its old id.
INSERT INTO notices (id, kind, receipt, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at,
    counted_at, reminder, gist)
SELECT r.id, r.kind, r.receipt, r.receiver, r.agency, r.to_addr, r.draft, r.message_id, r.envelope_from, r.envelope_to, r.body, r.state,
    r.made_at, r.counted_at, r.reminder, r.gist
FROM rows(:rows, id text, kind text, receipt text, receiver text, agency text, to_addr text, draft json, message_id text,
    envelope_from text, envelope_to text, body bytes, state text, made_at time,
    counted_at time, reminder bigint, gist json) AS r WHERE true
ON CONFLICT (id) DO UPDATE SET receiver = excluded.receiver, agency = excluded.agency, to_addr = excluded.to_addr, draft = excluded.draft,
    message_id = excluded.message_id, envelope_from = excluded.envelope_from, envelope_to = excluded.envelope_to, body = excluded.body,
    state = excluded.state, made_at = excluded.made_at, counted_at = excluded.counted_at, reminder = excluded.reminder,
    gist = excluded.gist, gathered_at = NULL, digest = NULL, released_at = NULL, deferred_at = NULL, first_try = NULL,
    settled_at = NULL, cancelled_by = '', reply = ''
WHERE notices.state IN ('review', 'queued', 'cancelled') AND notices.sent_at IS NULL

-- name: withdraw-notices
-- Takes notices back that a later outcome does not make, and those that failed and that it makes untrue.
UPDATE notices SET state = 'cancelled', reply = :reason, settled_at = :now
WHERE state IN ('review', 'queued', 'failed') AND id IN (SELECT r.id FROM rows(:rows, id text) AS r)
