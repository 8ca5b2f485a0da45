-- name: put-folder
-- Gives the row of an account's folder, made on first sight; its mailbox name and receiving agency follow the configuration.
INSERT INTO folders (account, folder, mailbox, receiver) VALUES (:account, :folder, :mailbox, :receiver)
ON CONFLICT (account, folder) DO UPDATE SET mailbox = excluded.mailbox, receiver = excluded.receiver
RETURNING id

-- name: folder
-- What is known of a folder.
SELECT id, mailbox, uidvalidity FROM folders WHERE id = :id

-- name: set-uidvalidity
-- Notes the numbering that a folder has now.
UPDATE folders SET uidvalidity = :uidvalidity WHERE id = :id

-- name: accounted
-- The UIDs that need no fetch, as ranges: neighbours have the same difference between number and position. One of which only the header
-- was taken needs none until a person clears it of its mark.
SELECT min(a.uid) AS first, max(a.uid) AS last
FROM (SELECT uid, uid - row_number() OVER (ORDER BY uid) AS island
      FROM uids WHERE folder = :folder AND uidvalidity = :uidvalidity AND (receipt IS NOT NULL OR state IN ('failed', 'vanished'))
          AND NOT (headers_only AND EXISTS (SELECT 1 FROM amendments AS m WHERE m.receipt = uids.receipt AND m.kind = 'not-secret'))) AS a
GROUP BY a.island ORDER BY 1

-- name: cleared-uids
-- The UIDs of which only the header was taken and whose mark a person called a false alarm, as ranges like those of accounted.
SELECT min(a.uid) AS first, max(a.uid) AS last
FROM (SELECT uid, uid - row_number() OVER (ORDER BY uid) AS island
      FROM uids WHERE folder = :folder AND uidvalidity = :uidvalidity AND headers_only
          AND EXISTS (SELECT 1 FROM amendments AS m WHERE m.receipt = uids.receipt AND m.kind = 'not-secret')) AS a
GROUP BY a.island ORDER BY 1

-- name: sighted-only
-- The UIDs that were seen and never fetched nor settled, as ranges like those of accounted.
SELECT min(a.uid) AS first, max(a.uid) AS last
FROM (SELECT uid, uid - row_number() OVER (ORDER BY uid) AS island
      FROM uids WHERE folder = :folder AND uidvalidity = :uidvalidity AND receipt IS NULL AND state = 'waiting') AS a
GROUP BY a.island ORDER BY 1

-- name: sight-uids
-- Notes UIDs as waiting. Known ones are left alone.
INSERT INTO uids (folder, uidvalidity, uid, state, seen_at)
SELECT :folder, :uidvalidity, r.uid, 'waiting', :now FROM rows(:rows, uid bigint) AS r WHERE true
ON CONFLICT (folder, uidvalidity, uid) DO NOTHING

-- name: try-uid
-- Counts one try at fetching a UID.
INSERT INTO uids (folder, uidvalidity, uid, state, attempts, seen_at) VALUES (:folder, :uidvalidity, :uid, 'waiting', 1, :now)
ON CONFLICT (folder, uidvalidity, uid) DO UPDATE SET attempts = uids.attempts + 1
RETURNING attempts

-- name: settle-uid
-- Ends a UID that has no receipt.
INSERT INTO uids (folder, uidvalidity, uid, state, reason, seen_at, settled_at)
VALUES (:folder, :uidvalidity, :uid, :state, :reason, :now, :settled)
ON CONFLICT (folder, uidvalidity, uid) DO UPDATE SET state = excluded.state, reason = excluded.reason, settled_at = excluded.settled_at
WHERE uids.receipt IS NULL AND uids.state <> excluded.state
RETURNING uid

-- name: lose-uids
-- Ends what was seen under another UIDVALIDITY and never fetched: nobody can ask for it by that number any more.
UPDATE uids SET state = 'vanished', reason = 'renumbered', settled_at = :now
WHERE folder = :folder AND uidvalidity <> :uidvalidity AND receipt IS NULL AND state IN ('waiting', 'failed')
RETURNING uidvalidity, uid

-- name: revive-uid
-- Lets a UID that could not be fetched be fetched again, if its number is one that the folder still uses.
UPDATE uids SET state = 'waiting', reason = '', attempts = 0, settled_at = NULL, acted_at = NULL
WHERE folder = :folder AND uidvalidity = :uidvalidity AND uid = :uid AND state = 'failed' AND receipt IS NULL
    AND NOT EXISTS (SELECT 1 FROM folders AS f WHERE f.id = uids.folder AND f.uidvalidity <> uids.uidvalidity)

-- name: lose-uid
-- Ends a UID that could not be fetched and that nobody can ask for any more: the folder has another UIDVALIDITY.
UPDATE uids SET state = 'vanished', reason = 'renumbered', settled_at = :now
WHERE folder = :folder AND uidvalidity = :uidvalidity AND uid = :uid AND state = 'failed' AND receipt IS NULL
    AND EXISTS (SELECT 1 FROM folders AS f WHERE f.id = uids.folder AND f.uidvalidity <> uids.uidvalidity)

-- name: pending-actions
-- Settled UIDs that nothing was done about on the server yet. Imported mail is never touched, nor mail whose body was left there; failed
-- and vanished mail cannot be.
SELECT uid, state FROM uids
WHERE folder = :folder AND uidvalidity = :uidvalidity AND acted_at IS NULL AND settled_at IS NOT NULL
    AND NOT imported AND NOT headers_only AND state NOT IN ('imported', 'failed', 'vanished')
ORDER BY uid LIMIT :n

-- name: action-done
-- Notes what was done about a UID on the server.
UPDATE uids SET acted_at = :now, note = :note
WHERE folder = :folder AND uidvalidity = :uidvalidity AND uid = :uid AND settled_at IS NOT NULL

-- name: uid-states
-- Every UID of a folder with its state.
SELECT uid, state, reason, receipt, attempts FROM uids WHERE folder = :folder AND uidvalidity = :uidvalidity ORDER BY uid

-- name: folders
-- All folders that were ever watched.
SELECT id, account, folder, mailbox, receiver, uidvalidity FROM folders ORDER BY id
