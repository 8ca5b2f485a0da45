-- name: check-fence
-- As for SQLite, but FOR SHARE: there the only writer is alone anyway, here a takeover has to wait until this transaction ends.
SELECT fence FROM leases WHERE name = :name AND owner = :owner AND fence = :fence FOR SHARE

-- name: due-jobs
-- As for SQLite, but FOR UPDATE SKIP LOCKED: here several daemons pick at the same moment and must neither wait for nor meet each other.
SELECT id, job_key, attempts, lease_owner IS NOT NULL AS abandoned, last_error
FROM jobs WHERE kind = :kind AND state = 'ready' AND ready_at <= :now
ORDER BY priority, ready_at, id LIMIT :n FOR UPDATE SKIP LOCKED

-- name: hold-jobs
-- As for SQLite, but FOR UPDATE: a job row is the lock of its receipt or notice against claims, amendments and other commits.
SELECT j.id FROM rows(:rows, id bigint, fence bigint) AS r JOIN jobs AS j ON j.id = r.id AND j.fence = r.fence
WHERE j.state = 'ready' ORDER BY j.id FOR UPDATE OF j

-- name: standing-records
-- As for SQLite, but FOR SHARE: a record that another is joined to must stay registered until this transaction ends.
SELECT n.id, n.receiver FROM rows(:rows, id text) AS r JOIN records AS n ON n.id = r.id
WHERE n.state = 'registered' ORDER BY n.id FOR SHARE OF n
