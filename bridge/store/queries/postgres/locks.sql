-- name: check-fence
-- As for SQLite, but FOR SHARE: there the only writer is alone anyway, here a takeover has to wait until this transaction ends.
SELECT fence FROM leases WHERE name = :name AND owner = :owner AND fence = :fence FOR SHARE

-- name: due-jobs
-- As for SQLite, but FOR UPDATE SKIP LOCKED: here several daemons pick at the same moment and must neither wait for nor meet each other.
SELECT id, job_key, attempts, lease_owner IS NOT NULL AS abandoned, last_error
FROM jobs WHERE kind = :kind AND state = 'ready' AND ready_at <= :now
ORDER BY priority, ready_at, id LIMIT :n FOR UPDATE SKIP LOCKED

-- name: free-job
-- As for SQLite, but FOR UPDATE: whoever locks it at this moment may be claiming it.
SELECT id, job_key, attempts, lease_owner IS NOT NULL AS abandoned, last_error
FROM jobs WHERE kind = :kind AND job_key = :job_key AND state = 'ready' AND (lease_until IS NULL OR lease_until <= :now) FOR UPDATE

-- name: ended-claims
-- As for SQLite, but FOR UPDATE SKIP LOCKED: here a claim whose COMMIT is still on its way holds its jobs until that comes or is given up.
SELECT j.id FROM rows(:rows, id bigint) AS r JOIN jobs AS j ON j.id = r.id FOR UPDATE OF j SKIP LOCKED

-- name: hold-jobs
-- As for SQLite, but FOR UPDATE: a job row is the lock of its receipt or notice against claims, amendments and other commits.
-- Rows come in the order of their ids and are locked in it. A subquery per row, because a plan made while the table was empty could read
-- all of it for a join.
SELECT (SELECT j.id FROM jobs AS j WHERE j.id = r.id AND j.fence = r.fence AND j.state = 'ready' FOR UPDATE) AS id
FROM rows(:rows, id bigint, fence bigint) AS r

-- name: standing-records
-- As for SQLite, but FOR SHARE: a record that another is joined to must stay registered until this transaction ends.
SELECT (SELECT n.id FROM records AS n JOIN record_keys AS k ON k.record = n.id
    WHERE n.id = r.id AND k.receiver = r.receiver AND k.rec_key = r.rec_key AND n.state = 'registered' FOR SHARE OF n) AS id, r.rec_key
FROM rows(:rows, id text, receiver text, rec_key text) AS r

-- name: lock-notices
-- Locks the notices of receipts by their jobs; the only writer of SQLite is alone anyway. Every notice that may still be sent has a job, or the
-- digest that speaks for it.
SELECT j.id FROM rows(:rows, id text) AS r JOIN notices AS n ON n.receipt = r.id
    JOIN jobs AS j ON j.kind = 'notice' AND j.job_key = CASE WHEN n.state = 'digested' THEN n.digest ELSE n.id END
ORDER BY j.id FOR UPDATE OF j

-- name: lock-dispatches
-- Locks the deliveries of receipts by their jobs, as lock-notices does. Every delivery that may still be sent has a job.
SELECT j.id FROM rows(:rows, id text) AS r JOIN dispatches AS d ON d.receipt = r.id JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id
ORDER BY j.id FOR UPDATE OF j

-- name: due-dispatch
-- As for SQLite, but FOR UPDATE SKIP LOCKED, as due-jobs.
SELECT j.id, j.job_key, j.attempts, j.lease_owner IS NOT NULL AS abandoned, j.last_error
FROM dispatches AS d JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id AND j.state = 'ready' AND j.ready_at <= :now
WHERE d.target = :target AND d.state = 'queued'
    AND NOT EXISTS (SELECT 1 FROM dispatches AS e WHERE e.record = d.record AND e.target = d.target AND e.seq < d.seq AND e.state IN ('queued', 'dead'))
ORDER BY j.ready_at, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
