-- name: hourly-tries
-- As for SQLite, but with the function of this database that cuts an instant to its hour.
SELECT count(*) FROM notices WHERE kind <> 'alarm' AND first_try > :from AND first_try <= :until GROUP BY date_trunc('hour', first_try)

-- name: gathered
-- As for SQLite, but FOR UPDATE SKIP LOCKED: what somebody decides anew at this moment is left for the next digest.
SELECT n.id, j.id AS job FROM notices AS n JOIN jobs AS j ON j.kind = 'notice' AND j.job_key = n.id AND j.state = 'ready' AND j.lease_owner IS NULL
WHERE n.receiver = :receiver AND n.to_addr = :to_addr AND n.state = 'queued' AND n.gathered_at IS NOT NULL AND n.first_try IS NULL
ORDER BY n.counted_at, n.id LIMIT :n FOR UPDATE OF j SKIP LOCKED
