-- name: lock-counter
-- Takes the row lock of a counter, so that what follows in this transaction happens in no other at the same time.
INSERT INTO counters (name, last) VALUES (:name, 0)
ON CONFLICT (name) DO UPDATE SET last = counters.last

-- name: take-counter
-- Takes n numbers at once and gives the last of them; the row stays locked until the transaction ends.
INSERT INTO counters (name, last) VALUES (:name, :n)
ON CONFLICT (name) DO UPDATE SET last = counters.last + excluded.last
RETURNING last

-- name: known-deliveries
-- Which origins were delivered before, and to which receipt.
SELECT d.origin, d.receipt, d.joined
FROM rows(:rows, origin text) AS r JOIN deliveries AS d ON d.origin = r.origin

-- name: known-contents
-- Which messages have a receipt of their receiving agency already, and when the delivery that counts was stored.
SELECT t.receiver, t.content, t.id, t.state, t.reason, t.imported, t.live,
    (SELECT d.internaldate FROM deliveries AS d WHERE d.origin = t.origin) AS internaldate
FROM rows(:rows, receiver text, content text) AS r JOIN receipts AS t ON t.receiver = r.receiver AND t.content = r.content

-- name: known-headers
-- Which messages have a receipt already because their header block was taken before, whether or not their body came since.
SELECT t.receiver, d.headers AS content, t.id, t.state, t.reason, t.imported, t.live
FROM rows(:rows, receiver text, content text) AS r JOIN deliveries AS d ON d.headers = r.content
    JOIN receipts AS t ON t.id = d.receipt AND t.receiver = r.receiver
WHERE d.headers <> '' ORDER BY t.id

-- name: headed-uids
-- The UIDs of which only the header block was taken, with the receipt of that.
SELECT u.folder, u.uidvalidity, u.uid, u.receipt, t.headers_only, t.imported, t.live
FROM rows(:rows, folder bigint, uidvalidity bigint, uid bigint) AS r
    JOIN uids AS u ON u.folder = r.folder AND u.uidvalidity = r.uidvalidity AND u.uid = r.uid AND u.headers_only
    JOIN receipts AS t ON t.id = u.receipt

-- name: complete-receipts
-- Puts whole messages in the place of their header blocks, and lets the receipts be decided anew.
UPDATE receipts SET content = r.content, origin = r.origin, headers_only = false, header_words = receipts.amendments,
    live = receipts.live OR (receipts.imported AND NOT r.imported), state = 'waiting', reason = '', settled_at = NULL
FROM rows(:rows, id text, content text, origin text, imported bool) AS r WHERE receipts.id = r.id AND receipts.headers_only

-- name: renumbered-uids
-- Which receipts came out of the same folder under another UIDVALIDITY: there the server renumbered, nothing was sent twice.
SELECT DISTINCT u.folder, u.receipt
FROM rows(:rows, folder bigint, uidvalidity bigint, receipt text) AS r
    JOIN uids AS u ON u.receipt = r.receipt AND u.folder = r.folder AND u.uidvalidity <> r.uidvalidity

-- name: add-messages
-- Adds contents that are not known yet; their facts come with the outcome.
INSERT INTO messages (content)
SELECT r.content FROM rows(:rows, content text) AS r WHERE true
ON CONFLICT (content) DO NOTHING

-- name: add-receipts
-- Adds new receipts, all waiting.
INSERT INTO receipts (id, receiver, channel, content, origin, imported, headers_only, state, stored_at)
SELECT r.id, r.receiver, r.channel, r.content, r.origin, r.imported, r.headers_only, 'waiting', r.stored_at
FROM rows(:rows, id text, receiver text, channel text, content text, origin text, imported bool, headers_only bool, stored_at time) AS r

-- name: add-deliveries
-- Adds deliveries, each with its own exact bytes and all instants known about it.
INSERT INTO deliveries (origin, receipt, joined, mailbox, raw, size, location, headers, internaldate, fetched_at, stored_at)
SELECT r.origin, r.receipt, r.joined, r.mailbox, r.raw, r.size, r.location, r.headers, r.internaldate, r.fetched_at, r.stored_at
FROM rows(:rows, origin text, receipt text, joined bool, mailbox text, raw text, size bigint, location text, headers text,
    internaldate time, fetched_at time, stored_at time) AS r

-- name: live-receipts
-- Notes that imported receipts came live too, by these deliveries, and lets them be decided anew.
UPDATE receipts SET live = true, origin = r.origin, state = 'waiting', reason = '', settled_at = NULL
FROM rows(:rows, id text, origin text) AS r WHERE receipts.id = r.id AND receipts.imported AND NOT receipts.live

-- name: receive-uids
-- Notes which receipt a UID delivered. A UID that has a receipt keeps it, unless that is only for its header and the whole message has come.
INSERT INTO uids (folder, uidvalidity, uid, state, reason, receipt, joined, imported, headers_only, seen_at, settled_at)
SELECT r.folder, r.uidvalidity, r.uid, r.state, r.reason, r.receipt, r.joined, r.imported, r.headers_only, r.seen_at, r.settled_at
FROM rows(:rows, folder bigint, uidvalidity bigint, uid bigint, state text, reason text, receipt text, joined bool, imported bool,
    headers_only bool, seen_at time, settled_at time) AS r WHERE true
ON CONFLICT (folder, uidvalidity, uid) DO UPDATE
SET state = excluded.state, reason = excluded.reason, receipt = excluded.receipt, joined = excluded.joined, imported = excluded.imported,
    headers_only = excluded.headers_only, settled_at = excluded.settled_at, acted_at = NULL
WHERE uids.receipt IS NULL OR (uids.headers_only AND NOT excluded.headers_only)
