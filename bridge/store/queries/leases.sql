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
