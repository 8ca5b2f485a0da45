-- name: queue-readings
-- Queues the readings of receipts. One that somebody has in hand stays there; one that is dead is due again, with all its tries.
INSERT INTO jobs (kind, job_key, priority, ready_at)
SELECT 'read', r.id, r.priority, r.ready_at FROM rows(:rows, id text, priority bigint, ready_at time) AS r WHERE true
ON CONFLICT (kind, job_key) DO UPDATE SET priority = excluded.priority,
    attempts = CASE WHEN jobs.state = 'dead' THEN 0 ELSE jobs.attempts END,
    last_error = CASE WHEN jobs.state = 'dead' THEN '' ELSE jobs.last_error END,
    ready_at = CASE WHEN jobs.state = 'dead' THEN excluded.ready_at ELSE jobs.ready_at END, state = 'ready'

-- name: read-again
-- Queues the reading of one receipt because a person asks for it.
INSERT INTO jobs (kind, job_key, priority, ready_at)
SELECT 'read', r.id, 0, :ready_at FROM receipts AS r WHERE r.id = :id AND r.state <> 'quarantined' AND NOT r.headers_only
ON CONFLICT (kind, job_key) DO UPDATE SET
    attempts = CASE WHEN jobs.state = 'dead' THEN 0 ELSE jobs.attempts END,
    last_error = CASE WHEN jobs.state = 'dead' THEN '' ELSE jobs.last_error END,
    ready_at = CASE WHEN jobs.lease_owner IS NULL THEN excluded.ready_at ELSE jobs.ready_at END, state = 'ready'

-- name: drop-readings
-- Removes the readings of receipts with nothing to be read any more, unless somebody has them in hand.
DELETE FROM jobs WHERE kind = 'read' AND job_key IN (SELECT r.id FROM rows(:rows, id text) AS r)
    AND (lease_until IS NULL OR lease_until <= :now)

-- name: end-readings
-- Removes all readings that nobody has in hand.
DELETE FROM jobs WHERE kind = 'read' AND (lease_until IS NULL OR lease_until <= :now) RETURNING job_key

-- name: renew-job
-- Prolongs the lease of a job that has not changed hands, even when it had run out.
UPDATE jobs SET lease_until = :until, ready_at = :until
WHERE id = :id AND fence = :fence AND lease_owner = :owner AND state = 'ready' RETURNING job_key

-- name: files-read
-- What was found in files: the newest evidence of each. That a file bears a độ mật stands, whatever was found later: only a person can say
-- that it was a false alarm.
SELECT e.sha256, e.body FROM rows(:rows, sha256 text) AS r JOIN file_evidence AS e ON e.sha256 = r.sha256
    AND e.reader = (SELECT n.reader FROM file_evidence AS n WHERE n.sha256 = r.sha256
        ORDER BY n.secret <> '' DESC, n.made_at DESC, n.reader DESC LIMIT 1)

-- name: readings-of
-- What these readers found in these files.
SELECT e.sha256, e.body FROM rows(:rows, sha256 text, reader text) AS r
    JOIN file_evidence AS e ON e.sha256 = r.sha256 AND e.reader = r.reader

-- name: file-evidence
-- Everything that was ever found in files.
SELECT e.sha256, e.reader, e.secret, e.withheld, e.body FROM rows(:rows, sha256 text) AS r JOIN file_evidence AS e ON e.sha256 = r.sha256
ORDER BY e.sha256, e.reader

-- name: add-file-evidence
-- Keeps what was found in files. The same file and reader again changes nothing.
INSERT INTO file_evidence (sha256, reader, secret, withheld, body, made_at)
SELECT r.sha256, r.reader, r.secret, r.withheld, r.body, r.made_at
FROM rows(:rows, sha256 text, reader text, secret text, withheld bool, body json, made_at time) AS r WHERE true
ON CONFLICT (sha256, reader) DO NOTHING

-- name: blank-file-evidence
-- Puts evidence without words in the place of what was found in files.
UPDATE file_evidence SET withheld = r.withheld, body = r.body
FROM rows(:rows, sha256 text, reader text, withheld bool, body json) AS r
WHERE file_evidence.sha256 = r.sha256 AND file_evidence.reader = r.reader

-- name: receipts-with-files
-- The receipts with a record that has one of these files, but for those that are quarantined. It looks through all records.
SELECT DISTINCT n.receipt FROM rows(:rows, sha256 text) AS r JOIN records AS n ON CAST(n.files AS text) LIKE '%' || r.sha256 || '%'
WHERE n.state <> 'quarantined'

-- name: settled-documents
-- The last outcomes of receipts whose documents are settled: one of them has a register number, or a person has spoken.
SELECT t.id, o.inputs, o.outcome FROM rows(:rows, id text) AS r JOIN receipts AS t ON t.id = r.id
    JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes
WHERE NOT t.headers_only AND (t.amendments > 0 OR EXISTS (SELECT 1 FROM records AS n WHERE n.receipt = t.id AND n.so_den IS NOT NULL))

-- name: own-records
-- The records of receipts that have a register number.
SELECT n.id, n.receipt, n.so_den, n.book_year, n.files, n.state FROM rows(:rows, id text) AS r
    JOIN records AS n ON n.receipt = r.id AND n.so_den IS NOT NULL ORDER BY n.receipt, n.n

-- name: last-inputs
-- What the last outcome of a receipt was made with.
SELECT o.inputs FROM receipts AS t JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes WHERE t.id = :receipt
