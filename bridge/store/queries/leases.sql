-- name: take-lease
-- Takes a lease that is free, expired or our own, and gives the next fence.
INSERT INTO leases (name, owner, held_until, fence) VALUES (:name, :owner, :until, 1)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, held_until = excluded.held_until, fence = leases.fence + 1
WHERE leases.held_until <= :now OR leases.owner = excluded.owner
RETURNING fence

-- name: renew-lease
-- Prolongs a lease that has not changed hands, even when it had run out.
UPDATE leases SET held_until = :until WHERE name = :name AND owner = :owner AND fence = :fence

-- name: drop-lease
-- Lets a lease run out now; the row stays, because its fence must go on growing.
UPDATE leases SET held_until = :now WHERE name = :name AND owner = :owner AND fence = :fence

-- name: check-fence
-- Whether the lease is still in the same hands; the lock of the writer keeps it there until the transaction ends.
SELECT fence FROM leases WHERE name = :name AND owner = :owner AND fence = :fence

-- name: owners
-- Who holds an unexpired lease of a name or of a job.
SELECT owner FROM leases WHERE held_until > :now UNION SELECT lease_owner FROM jobs WHERE lease_until > :now

-- name: release-names
-- Lets the leases of an owner that is gone run out now.
UPDATE leases SET held_until = :now WHERE owner = :owner AND held_until > :now

-- name: acquit-jobs
-- Gives jobs back that an owner which is gone had leased but was not working on, with their try.
UPDATE jobs SET ready_at = :now, attempts = attempts - 1, fence = fence + 1, lease_owner = NULL, lease_until = NULL
WHERE lease_owner = :owner AND lease_until > :now AND attempts > 0 AND kind = 'process'
AND job_key NOT IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: release-jobs
-- Lets the job leases of an owner that is gone run out now; the jobs stay marked as abandoned.
UPDATE jobs SET ready_at = :now, lease_until = :now WHERE lease_owner = :owner AND lease_until > :now
