-- name: notices
-- Notices with their fixed bytes.
SELECT n.id, n.kind, n.receipt, n.receiver, n.agency, n.to_addr, n.message_id, n.envelope_from, n.envelope_to, n.body, n.state, n.made_at,
    n.deferred_at, n.first_try, n.sent_at, n.settled_at, n.reply, n.cancelled_by, n.reminder, n.counted_at,
    n.released_at, n.gist, n.gathered_at, n.digest
FROM rows(:rows, id text) AS r JOIN notices AS n ON n.id = r.id ORDER BY n.id

-- name: notices-of-receipt
-- The notices of one receipt.
SELECT id, kind, receipt, receiver, agency, to_addr, message_id, envelope_from, envelope_to, body, state, made_at, deferred_at, first_try,
    sent_at, settled_at, reply, cancelled_by, reminder, counted_at, released_at, gist, gathered_at, digest
FROM notices WHERE receipt = :receipt ORDER BY made_at, id

-- name: recent-tries
-- What was tried lately, for the caps: everything of the last hour, and of the last day what concerns these addresses and agencies.
SELECT to_addr, agency, first_try FROM notices
WHERE kind <> 'alarm' AND first_try > :day AND (first_try > :hour
    OR to_addr IN (SELECT r.to_addr FROM rows(:rows, to_addr text, agency text) AS r)
    OR (agency <> '' AND agency IN (SELECT r.agency FROM rows(:again, to_addr text, agency text) AS r)))
ORDER BY first_try

-- name: try-notices
-- Notes the first try of notices; later tries do not count for the caps again.
UPDATE notices SET first_try = :now WHERE first_try IS NULL AND id IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: postpone-jobs
-- Makes jobs due later without counting a try.
UPDATE jobs SET ready_at = r.ready_at, lease_owner = NULL, lease_until = NULL FROM rows(:rows, id bigint, ready_at time) AS r WHERE jobs.id = r.id

-- name: overtaken-refusals
-- Which of these notices, or of those that these digests speak for, refuse what was registered from another receipt since that was decided.
SELECT DISTINCT due.id, n.receipt, n.kind
FROM (SELECT r.id, r.id AS notice FROM rows(:rows, id text) AS r
    UNION ALL SELECT r.id, e.id FROM rows(:digests, id text) AS r JOIN notices AS e ON e.digest = r.id AND e.state = 'digested') AS due
    JOIN notices AS n ON n.id = due.notice
    JOIN records AS d ON d.receipt = n.receipt AND d.state = 'refused' AND d.rec_key <> ''
    JOIN record_keys AS k ON k.receiver = d.receiver AND k.rec_key = d.rec_key
    JOIN records AS o ON o.id = k.record AND o.receipt <> d.receipt
WHERE o.numbered_at >= (SELECT max(c.made_at) FROM outcomes AS c WHERE c.receipt = n.receipt)
ORDER BY due.id, n.receipt

-- name: rest-jobs
-- Makes jobs due later that nobody has in hand.
UPDATE jobs SET ready_at = :until WHERE state = 'ready' AND lease_owner IS NULL AND id IN (SELECT r.id FROM rows(:rows, id bigint) AS r)

-- name: defer-notices
-- Notes that a cap held notices up, and tells which for the first time.
UPDATE notices SET deferred_at = :now WHERE deferred_at IS NULL AND id IN (SELECT r.id FROM rows(:rows, id text) AS r) RETURNING id

-- name: end-notice
-- Ends a notice: sent or failed. One that was reported as undelivered in the meantime keeps that state.
UPDATE notices SET state = CASE WHEN state = 'bounced' THEN state ELSE :state END, reply = :reply,
    sent_at = coalesce(sent_at, :sent), settled_at = :now
WHERE id = :id

-- name: note-reply
-- Keeps the last answer of the submission server.
UPDATE notices SET reply = :reply WHERE id = :id

-- name: bounce-notice
-- Marks a notice that a bounce reports as undelivered.
UPDATE notices SET state = 'bounced', settled_at = :now, reply = :reply
WHERE id = :id AND state IN ('queued', 'sent') RETURNING to_addr, receipt

-- name: review-notices
-- Lets queued notices wait for a person.
UPDATE notices SET state = 'review' WHERE state = 'queued' AND id IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: release-notice
-- Puts a notice that waits for a person into the queue. Its tries count anew. One whose words were taken away is not there any more.
UPDATE notices SET state = 'queued', settled_at = NULL, released_at = :now, first_try = NULL, gathered_at = NULL, digest = NULL
WHERE id = :id AND state IN ('review', 'failed') AND length(body) > 0 RETURNING receipt

-- name: receipt-state
-- The state that a receipt has at this moment.
SELECT state FROM receipts WHERE id = :id

-- name: cancel-notice
-- Takes a notice back that was not sent, or settles one that nobody got.
UPDATE notices SET state = 'cancelled', cancelled_by = :by, settled_at = :now
WHERE id = :id AND state IN ('review', 'queued', 'failed', 'bounced') RETURNING receipt

-- name: suppress
-- Keeps notices from an address. What a person asked for stands; a later bounce counts from then.
INSERT INTO suppressions (address, reason, added_at) VALUES (:address, :reason, :now)
ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, added_at = excluded.added_at WHERE suppressions.reason NOT LIKE 'person %'

-- name: unsuppress
-- Lets notices go to an address again.
DELETE FROM suppressions WHERE address = :address

-- name: suppressions
-- The addresses that get no notices at this time.
SELECT address, reason, added_at FROM suppressions WHERE reason LIKE 'person %' OR added_at > :expired ORDER BY address

-- name: breaker
-- Whether notices are stopped, and since when they go again; no row: they never were.
SELECT stopped_at, resumed_at, tried, bound FROM breaker WHERE id = 1

-- name: stop-notices
-- Opens the breaker.
INSERT INTO breaker (id, stopped_at, tried, bound) VALUES (1, :now, :tried, :bound)
ON CONFLICT (id) DO UPDATE SET stopped_at = excluded.stopped_at, tried = excluded.tried, bound = excluded.bound

-- name: resume-notices
-- Closes the breaker.
UPDATE breaker SET stopped_at = NULL, resumed_at = :now WHERE id = 1 AND stopped_at IS NOT NULL

-- name: due-again
-- Makes the notices due that were held up before anybody tried them. What another cap holds up is put off again.
UPDATE jobs SET ready_at = :now
WHERE kind = 'notice' AND state = 'ready' AND lease_owner IS NULL AND ready_at > :now AND job_key IN (
    SELECT n.id FROM notices AS n WHERE n.state = 'queued' AND n.deferred_at IS NOT NULL AND n.first_try IS NULL AND n.gathered_at IS NULL)

-- name: last-told
-- When a notice was last made to an address for a receipt before the one that asks, and that may be long after its mail came: after an outage
-- the mails of days are answered at once. One that was taken back unsent told nobody anything.
SELECT r.asker, max(n.made_at) AS made_at
FROM rows(:rows, asker text, address text, since time) AS r
    JOIN notices AS n ON n.to_addr = r.address AND n.made_at > r.since AND n.receipt < r.asker
WHERE n.kind <> 'alarm' AND (n.state <> 'cancelled' OR n.sent_at IS NOT NULL) GROUP BY r.asker

-- name: told-files
-- Which files an address was told about, or was sent, for a receipt before the one that asks.
SELECT r.asker, r.address, r.sha256 FROM rows(:rows, asker text, address text, sha256 text) AS r
    JOIN told_files AS f ON f.to_addr = r.address AND f.sha256 = r.sha256 AND f.receipt < r.asker

-- name: add-told-files
-- Keeps what an address was told about or sent, with the first receipt of all: a later one may be answered before it.
INSERT INTO told_files (to_addr, sha256, receipt)
SELECT r.to_addr, r.sha256, r.receipt FROM rows(:rows, to_addr text, sha256 text, receipt text) AS r WHERE true
ON CONFLICT (to_addr, sha256) DO UPDATE SET receipt = excluded.receipt WHERE excluded.receipt < told_files.receipt

-- name: gather-notices
-- Lets notices wait for the digest of their address.
UPDATE notices SET gathered_at = :now WHERE gathered_at IS NULL AND id IN (SELECT r.id FROM rows(:rows, id text) AS r) RETURNING id

-- name: scatter-notices
-- Lets gathered notices go by themselves: nobody can write a digest of them.
UPDATE notices SET gathered_at = NULL, gist = '{}' WHERE state = 'queued' AND id IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: due-digests
-- The addresses with notices that were gathered before the last time of digests, and that got none since. One that was tried by itself, while
-- digests were off, goes on by itself.
SELECT n.receiver, n.to_addr FROM notices AS n
WHERE n.state = 'queued' AND n.gathered_at IS NOT NULL AND n.gathered_at < :since AND n.first_try IS NULL AND NOT EXISTS (
    SELECT 1 FROM notices AS d
    WHERE d.kind = 'digest' AND d.to_addr = n.to_addr AND d.receiver = n.receiver AND d.made_at >= :since AND d.state <> 'cancelled')
GROUP BY n.receiver, n.to_addr ORDER BY n.receiver, n.to_addr

-- name: gathered
-- What was gathered for one address and nobody has in hand, the oldest first. PostgreSQL has its own text: it locks the jobs.
SELECT n.id, j.id AS job FROM notices AS n JOIN jobs AS j ON j.kind = 'notice' AND j.job_key = n.id AND j.state = 'ready' AND j.lease_owner IS NULL
WHERE n.receiver = :receiver AND n.to_addr = :to_addr AND n.state = 'queued' AND n.gathered_at IS NOT NULL AND n.first_try IS NULL
ORDER BY n.counted_at, n.id LIMIT :n

-- name: digest-notices
-- Ends notices that a digest speaks for.
UPDATE notices SET state = 'digested', digest = :digest, settled_at = :now
WHERE state = 'queued' AND id IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: add-digest-entries
-- Remembers whose words a digest has.
INSERT INTO digest_entries (digest, notice)
SELECT :digest, r.id FROM rows(:rows, id text) AS r WHERE true ON CONFLICT (digest, notice) DO NOTHING

-- name: digested
-- The notices that a digest speaks for.
SELECT id, receipt, kind FROM notices WHERE digest = :digest AND state = 'digested' ORDER BY id

-- name: settle-digested
-- What became of a digest becomes of the notices that it spoke for.
UPDATE notices SET state = :state, reply = :reply, cancelled_by = :by, settled_at = :now WHERE digest = :digest AND state = 'digested'

-- name: release-digest
-- Notes that a person has released all that a digest says.
UPDATE notices SET released_at = :now WHERE id = :id

-- name: dissolve-digests
-- Takes digests back that were not sent, with their words.
UPDATE notices SET state = 'cancelled', reply = :reason, settled_at = :now, draft = r.draft, body = r.body
FROM rows(:rows, id text, draft json, body bytes) AS r WHERE notices.id = r.id AND notices.kind = 'digest' AND notices.state IN ('review', 'queued')

-- name: free-digested
-- Lets the notices of digests that were taken back stand for themselves again.
UPDATE notices SET state = :state, digest = NULL, settled_at = NULL
WHERE state = 'digested' AND digest = :digest RETURNING id

-- name: suppressed-notices
-- Notices that wait in the queue for an address that does not exist, unless a person released them. Nobody has them in hand.
SELECT n.id, n.receipt, n.kind FROM suppressions AS s JOIN notices AS n ON n.to_addr = s.address AND n.state = 'queued'
    JOIN jobs AS j ON j.kind = 'notice' AND j.job_key = n.id AND j.state = 'ready' AND (j.lease_until IS NULL OR j.lease_until <= :now)
WHERE (s.reason LIKE 'person %' OR s.added_at > :expired) AND n.kind <> 'alarm' AND n.released_at IS NULL ORDER BY n.id LIMIT 50

-- name: fail-notice
-- Ends a queued notice that cannot be sent.
UPDATE notices SET state = 'failed', reply = :reply, settled_at = :now WHERE id = :id AND state = 'queued' RETURNING id
