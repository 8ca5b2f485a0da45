-- name: add-events
-- Adds leaves of the audit log with the sealed values and salts beside them.
INSERT INTO events (happened_at, type, receipt, actor, leaf, sealed, salts)
SELECT r.happened_at, r.type, r.receipt, r.actor, r.leaf, r.sealed, r.salts
FROM rows(:rows, happened_at time, type text, receipt text, actor text, leaf bytes, sealed json, salts json) AS r

-- name: events-of-receipt
-- What the audit log says of a receipt, oldest first.
SELECT id, happened_at, type, actor, leaf, sealed FROM events WHERE receipt = :receipt ORDER BY id
