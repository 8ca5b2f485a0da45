-- name: blank-outcomes
-- Puts outcomes without words in the place of those that were made before a message turned out to be a secret.
UPDATE outcomes SET inputs = r.inputs, outcome = r.outcome
FROM rows(:rows, receipt text, seq bigint, inputs json, outcome json) AS r WHERE outcomes.receipt = r.receipt AND outcomes.seq = r.seq

-- name: amended-fields
-- What people wrote of a message.
SELECT seq, fields FROM amendments WHERE receipt = :receipt ORDER BY seq

-- name: blank-amendments
-- Takes out what people wrote of a message; who spoke, when, about which fields and to what end stays.
UPDATE amendments SET fields = r.fields, reason = ''
FROM rows(:rows, receipt text, seq bigint, fields json) AS r WHERE amendments.receipt = r.receipt AND amendments.seq = r.seq

-- name: blank-records
-- Takes the words out of records that the newest outcome does not have any more; a number stays with its line of the register.
UPDATE records SET state = CASE WHEN records.so_den IS NULL THEN 'ignored' ELSE 'quarantined' END, rec_key = '', document = r.document,
    files = r.files, missing = r.missing, joined_to = NULL
FROM rows(:rows, id text, document json, files json, missing json) AS r WHERE records.id = r.id

-- name: quoting-notices
-- The notices of a receipt that may quote it, and every digest that ever spoke for one of them; a neutral one quotes nothing.
SELECT id, draft, reply, state, cancelled_by FROM notices
WHERE id IN (SELECT n.id FROM notices AS n WHERE n.receipt = :receipt AND n.kind <> 'neutral'
    UNION SELECT e.digest FROM notices AS n JOIN digest_entries AS e ON e.notice = n.id WHERE n.receipt = :receipt)
ORDER BY id

-- name: blank-notices
-- Takes the words out of notices. Without bytes they can be neither released nor sent.
UPDATE notices SET draft = r.draft, body = r.body, reply = r.reply, gist = '{}'
FROM rows(:rows, id text, draft json, body bytes, reply text) AS r WHERE notices.id = r.id

-- name: sealed-events
-- The sealed values of the events of a receipt, with their salts.
SELECT id, leaf, sealed, salts FROM events WHERE receipt = :receipt ORDER BY id

-- name: erase-events
-- Forgets sealed values; the leaves stay as they are.
UPDATE events SET sealed = r.sealed, salts = r.salts FROM rows(:rows, id bigint, sealed json, salts json) AS r WHERE events.id = r.id

-- name: blank-headers
-- Blanks the facts of header blocks that were taken before their message came.
UPDATE messages SET message_id = '', subject = '', sender = ''
WHERE content IN (SELECT d.headers FROM rows(:rows, id text) AS r JOIN deliveries AS d ON d.receipt = r.id AND d.headers <> '')

-- name: forget-withheld
-- Lets files be read again whose words were withheld.
DELETE FROM file_evidence WHERE withheld AND secret = '' AND sha256 IN (SELECT r.sha256 FROM rows(:rows, sha256 text) AS r)
