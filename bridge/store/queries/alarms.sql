-- name: raise-alarms
-- Opens alarms that are not open, and tells which.
INSERT INTO alarms (name, code, text, raisings, raised_at)
SELECT r.name, r.code, r.text, 1, r.raised_at FROM rows(:rows, name text, code text, text text, raised_at time) AS r WHERE true
ON CONFLICT (name) DO UPDATE SET code = excluded.code, text = excluded.text, raisings = alarms.raisings + 1, raised_at = excluded.raised_at,
    mailed_at = NULL, cleared_at = NULL
WHERE alarms.cleared_at IS NOT NULL
RETURNING name

-- name: mail-alarm
-- Takes the mail of an open alarm, once per raising.
UPDATE alarms SET mailed_at = :now WHERE name = :name AND mailed_at IS NULL AND cleared_at IS NULL RETURNING id, raisings

-- name: clear-alarm
-- Closes an alarm.
UPDATE alarms SET cleared_at = :now WHERE name = :name AND cleared_at IS NULL

-- name: open-alarms
-- The alarms whose cause is not gone.
SELECT name, code, text, raised_at, mailed_at IS NOT NULL AS mailed FROM alarms WHERE cleared_at IS NULL ORDER BY raised_at, name
