-- name: due-jobs
-- The jobs that are due, real mail before imports, oldest first. PostgreSQL has its own text: it locks them.
SELECT id, job_key, attempts, lease_owner IS NOT NULL AS abandoned, last_error
FROM jobs WHERE kind = :kind AND state = 'ready' AND ready_at <= :now
ORDER BY priority, ready_at, id LIMIT :n

-- name: free-job
-- The job of one receipt that nobody holds, due or resting. PostgreSQL has its own text: it locks it.
SELECT id, job_key, attempts, lease_owner IS NOT NULL AS abandoned, last_error
FROM jobs WHERE kind = :kind AND job_key = :job_key AND state = 'ready' AND (lease_until IS NULL OR lease_until <= :now)

-- name: claim-jobs
-- Leases jobs under a new fence and counts the attempt. The step is another one for every claim, and tells it from all others of its owner.
UPDATE jobs SET attempts = attempts + 1, fence = fence + :step, lease_owner = :owner, lease_until = :until, ready_at = :until
WHERE id IN (SELECT r.id FROM rows(:rows, id bigint) AS r)
RETURNING id, fence, attempts

-- name: ended-claims
-- Which of these jobs are in no open claim: here all that are left, because there is one writer. PostgreSQL has its own text: it locks them.
SELECT j.id FROM rows(:rows, id bigint) AS r JOIN jobs AS j ON j.id = r.id

-- name: take-back-claims
-- Makes jobs due that a claim leased whose owner never heard of it, with their try. Any other claim has another fence or owner.
UPDATE jobs SET ready_at = :now, attempts = jobs.attempts - 1, fence = jobs.fence + 1, lease_owner = NULL, lease_until = NULL
FROM rows(:rows, id bigint, fence bigint, owner text) AS r
WHERE jobs.id = r.id AND jobs.fence = r.fence AND jobs.lease_owner = r.owner

-- name: kill-jobs
-- Ends jobs whose tries are used up; a person may revive them.
UPDATE jobs SET state = 'dead', fence = fence + 1, lease_owner = NULL, lease_until = NULL, last_error = r.last_error
FROM rows(:rows, id bigint, last_error text) AS r WHERE jobs.id = r.id

-- name: give-back-job
-- Ends the lease of a job that is to be tried again later, and the fence with it.
UPDATE jobs SET fence = fence + 1, ready_at = :ready, attempts = attempts - :uncounted, lease_owner = NULL, lease_until = NULL, last_error = :error
WHERE id = :id AND fence = :fence AND state = 'ready' RETURNING job_key

-- name: finish-job
-- Removes a leased job that is done, if its fence still holds.
DELETE FROM jobs WHERE id = :id AND fence = :fence AND state = 'ready' RETURNING job_key

-- name: kill-job
-- Ends a leased job without success, if its fence still holds; a person may revive it.
UPDATE jobs SET state = 'dead', fence = fence + 1, lease_owner = NULL, lease_until = NULL, last_error = :error
WHERE id = :id AND fence = :fence AND state = 'ready' RETURNING job_key

-- name: drop-jobs
-- Removes jobs that are done.
DELETE FROM jobs WHERE id IN (SELECT r.id FROM rows(:rows, id bigint) AS r)

-- name: drop-jobs-of
-- Removes the jobs of receipts or notices, whoever held them.
DELETE FROM jobs WHERE kind = :kind AND job_key IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: drop-job-of
-- Removes the job of a receipt or notice, unless somebody holds it.
DELETE FROM jobs WHERE kind = :kind AND job_key = :job_key AND (lease_until IS NULL OR lease_until <= :now)

-- name: count-job
-- Whether a receipt or notice has a job, leased or not.
SELECT count(*) FROM jobs WHERE kind = :kind AND job_key = :job_key

-- name: add-jobs
-- Adds jobs; one that is there already stays as it is.
INSERT INTO jobs (kind, job_key, priority, ready_at, state)
SELECT r.kind, r.job_key, r.priority, r.ready_at, r.state
FROM rows(:rows, kind text, job_key text, priority bigint, ready_at time, state text) AS r WHERE true
ON CONFLICT (kind, job_key) DO NOTHING

-- name: revive-jobs
-- Makes receipts or notices due now with all their tries. A job in somebody's hands stays there, with its one try: its commit will
-- find what is new.
INSERT INTO jobs (kind, job_key, priority, ready_at)
SELECT :kind, r.id, 0, r.ready_at FROM rows(:rows, id text, ready_at time) AS r WHERE true
ON CONFLICT (kind, job_key) DO UPDATE SET state = 'ready', priority = 0, last_error = '',
    attempts = CASE WHEN jobs.lease_owner IS NULL THEN 0 ELSE 1 END,
    ready_at = CASE WHEN jobs.lease_owner IS NULL THEN excluded.ready_at ELSE jobs.ready_at END

-- name: tasks
-- Receipts with the delivery that counts.
SELECT t.id, t.receiver, t.channel, t.content, t.imported, t.live, t.headers_only, t.header_words, t.stored_at, t.outcomes, t.amendments,
    t.state = 'quarantined' AS quarantined, d.origin, d.mailbox, d.raw, d.size, d.location, d.internaldate, d.fetched_at
FROM rows(:rows, id text) AS r JOIN receipts AS t ON t.id = r.id JOIN deliveries AS d ON d.origin = t.origin

-- name: amendments-of
-- The amendments of receipts, oldest first.
SELECT a.receipt, a.kind, a.fields, a.reason, a.made_by, a.made_at
FROM rows(:rows, id text) AS r JOIN amendments AS a ON a.receipt = r.id ORDER BY a.receipt, a.seq

-- name: settle-receipts
-- Gives receipts their state.
UPDATE receipts SET state = r.state, reason = r.reason, settled_at = :now, outcomes = outcomes + r.decided
FROM rows(:rows, id text, state text, reason text, decided bigint) AS r WHERE receipts.id = r.id

-- name: settle-uids
-- Gives the UIDs of receipts the same state; those that were joined to it stay duplicates, and those that were too old to be judged stay
-- imported when the same mail came live too. A new state asks for a new action on the server.
UPDATE uids SET state = CASE WHEN uids.imported AND r.live THEN 'imported' ELSE r.state END,
    reason = CASE WHEN uids.imported AND r.live THEN '' ELSE r.reason END, settled_at = coalesce(uids.settled_at, :now),
    acted_at = CASE WHEN uids.state = r.state THEN uids.acted_at END
FROM (SELECT s.id, s.state, s.reason, t.live FROM rows(:rows, id text, state text, reason text) AS s JOIN receipts AS t ON t.id = s.id) AS r
WHERE uids.receipt = r.id AND NOT uids.joined
    AND (NOT (uids.imported AND r.live) OR uids.state IN ('waiting', 'held', 'failed'))

-- name: waiting-jobs
-- How many jobs of a kind are not done, leased ones and those that wait for another try included.
SELECT count(*) FROM jobs WHERE kind = :kind AND state = 'ready'

-- name: due-or-leased-jobs
-- How many jobs of a kind are due now or in somebody's hands.
SELECT count(*) FROM jobs WHERE kind = :kind AND state = 'ready' AND (ready_at <= :now OR lease_owner IS NOT NULL)

-- name: history-counts
-- How many outcomes and amendments receipts have, and when the earliest copy was stored that is older than the one that counts.
SELECT t.id, t.outcomes, t.amendments, t.imported, t.live, t.headers_only,
    (SELECT min(d.internaldate) FROM deliveries AS d WHERE d.receipt = t.id AND d.headers = ''
        AND d.internaldate < (SELECT c.internaldate FROM deliveries AS c WHERE c.origin = t.origin)) AS elsewhere
FROM rows(:rows, id text) AS r JOIN receipts AS t ON t.id = r.id

-- name: history-records
-- The registered records that stand under keys, with the channel that each came by and the agency that brought it.
SELECT k.receiver, k.rec_key, n.id, n.receipt, n.so_den, n.book_year, n.files, n.document, n.agency, t.channel
FROM rows(:rows, receiver text, rec_key text) AS r
    JOIN record_keys AS k ON k.receiver = r.receiver AND k.rec_key = r.rec_key JOIN records AS n ON n.id = k.record
    JOIN receipts AS t ON t.id = n.receipt

-- name: history-waiting
-- Records that wait for a person under keys. Few receipts wait, and an index has them.
SELECT n.receiver, n.rec_key, n.id, n.receipt FROM receipts AS t JOIN records AS n ON n.receipt = t.id
    JOIN rows(:rows, receiver text, rec_key text) AS r ON r.receiver = n.receiver AND r.rec_key = n.rec_key
WHERE t.state IN ('waiting', 'held', 'failed') AND n.state = 'held' ORDER BY n.id

-- name: joined-channels
-- The channels by which records came that are joined to these.
SELECT DISTINCT n.joined_to AS id, t.channel FROM rows(:rows, id text) AS r JOIN records AS n ON n.joined_to = r.id JOIN receipts AS t ON t.id = n.receipt
ORDER BY 1, 2

-- name: history-notices
-- The notices that receipts have, and which of them are being handed over. One that a digest speaks for is as its digest is.
SELECT n.id, n.receipt, n.kind, coalesce(d.state, n.state) AS state, CASE WHEN d.id IS NULL THEN n.sent_at ELSE d.sent_at END AS sent_at,
    CASE WHEN d.id IS NULL THEN n.settled_at ELSE d.settled_at END AS settled_at, n.cancelled_by, coalesce(d.id, '') AS digest,
    EXISTS (SELECT 1 FROM jobs AS j WHERE j.kind = 'notice' AND j.job_key = coalesce(d.id, n.id) AND j.lease_until > :now) AS leased
FROM rows(:rows, id text) AS r JOIN notices AS n ON n.receipt = r.id LEFT JOIN notices AS d ON n.state = 'digested' AND d.id = n.digest
ORDER BY n.made_at, n.id

-- name: history-suppressed
-- Which of these addresses get no notices at this time.
SELECT s.address FROM rows(:rows, address text) AS r JOIN suppressions AS s ON s.address = r.address WHERE s.reason LIKE 'person %' OR s.added_at > :expired
