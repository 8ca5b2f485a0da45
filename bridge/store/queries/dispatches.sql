-- name: targets
-- Since when targets are known.
SELECT t.name, t.since FROM rows(:rows, id text) AS r JOIN targets AS t ON t.name = r.id

-- name: add-targets
-- Makes targets known. One that is known already keeps its day.
INSERT INTO targets (name, since) SELECT r.id, r.since FROM rows(:rows, id text, since time) AS r WHERE true ON CONFLICT (name) DO NOTHING

-- name: dispatches-of
-- The deliveries of receipts, in order, and which of them are in somebody's hands.
SELECT d.id, d.record, d.receipt, d.receiver, d.target, d.seq, d.event, d.document_id, d.payload, d.state, d.reason, d.made_at, d.first_try, d.sent_at,
    EXISTS (SELECT 1 FROM jobs AS j WHERE j.kind = 'dispatch' AND j.job_key = d.id AND j.lease_until > :now) AS leased
FROM rows(:rows, id text) AS r JOIN dispatches AS d ON d.receipt = r.id ORDER BY d.record, d.target, d.seq

-- name: add-dispatches
-- Queues deliveries.
INSERT INTO dispatches (id, record, receipt, receiver, target, seq, event, document_id, payload, state, made_at)
SELECT r.id, r.record, r.receipt, r.receiver, r.target, r.seq, r.event, r.document_id, r.payload, 'queued', r.made_at
FROM rows(:rows, id text, record text, receipt text, receiver text, target text, seq bigint, event text, document_id text, payload json,
    made_at time) AS r

-- name: cancel-dispatches
-- Takes deliveries back that were not taken, for a reason of the program's or by a person, and tells which were still to be taken back. That
-- its target refused one is kept: it surely does not have it.
UPDATE dispatches SET state = 'cancelled', cancelled_by = :by, reason = CASE WHEN reason = 'refused' THEN reason ELSE :reason END, settled_at = :now
WHERE state IN ('queued', 'dead') AND id IN (SELECT r.id FROM rows(:rows, id text) AS r) RETURNING id

-- name: blank-dispatches
-- Takes the words out of the deliveries of receipts.
UPDATE dispatches SET payload = :payload, document_id = '', reply = '', remote_id = '' WHERE receipt IN (SELECT r.id FROM rows(:rows, id text) AS r)

-- name: due-dispatch
-- The delivery to a target that is due next. One whose record has an earlier one open waits for that. PostgreSQL has its own text: it locks it.
SELECT j.id, j.job_key, j.attempts, j.lease_owner IS NOT NULL AS abandoned, j.last_error
FROM dispatches AS d JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id AND j.state = 'ready' AND j.ready_at <= :now
WHERE d.target = :target AND d.state = 'queued'
    AND NOT EXISTS (SELECT 1 FROM dispatches AS e WHERE e.record = d.record AND e.target = d.target AND e.seq < d.seq AND e.state IN ('queued', 'dead'))
ORDER BY j.ready_at, j.id LIMIT 1

-- name: dispatch
-- One delivery, whether its record stands, and whether the same document came over the axis as well.
SELECT d.id, d.record, d.receipt, d.receiver, d.target, d.seq, d.event, d.document_id, d.payload, d.state, d.reason, d.made_at, d.first_try, d.sent_at,
    n.state = 'registered' AS stands,
    EXISTS (SELECT 1 FROM records AS m JOIN receipts AS t ON t.id = m.receipt WHERE m.joined_to = d.record AND t.channel = 'system') AS on_axis
FROM dispatches AS d JOIN records AS n ON n.id = d.record WHERE d.id = :id

-- name: on-axis
-- Which of these records came over the axis as well: what is joined to them did.
SELECT DISTINCT r.id FROM rows(:rows, id text) AS r JOIN records AS m ON m.joined_to = r.id JOIN receipts AS t ON t.id = m.receipt
WHERE t.channel = 'system'

-- name: try-dispatch
-- Notes the first try of a delivery. That a person lets it go out without a question holds for one try.
UPDATE dispatches SET first_try = coalesce(first_try, :now), reason = '' WHERE id = :id

-- name: end-dispatch
-- Ends a delivery: sent, or left to a person.
UPDATE dispatches SET state = :state, remote_id = :remote, reply = :reply, reason = :reason, sent_at = :sent, settled_at = :now
WHERE id = :id AND state = 'queued'

-- name: note-dispatch-reply
-- Keeps the last answer of the target.
UPDATE dispatches SET reply = :reply WHERE id = :id AND state = 'queued'

-- name: waiting-dispatches
-- How many deliveries to a target are due now or in somebody's hands, those that wait for the one before them left out.
SELECT count(*) FROM dispatches AS d JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id AND j.state = 'ready'
    AND (j.ready_at <= :now OR j.lease_owner IS NOT NULL)
WHERE d.target = :target AND d.state = 'queued'
    AND NOT EXISTS (SELECT 1 FROM dispatches AS e WHERE e.record = d.record AND e.target = d.target AND e.seq < d.seq AND e.state IN ('queued', 'dead'))

-- name: count-dispatches
-- How many deliveries are in each state.
SELECT state, count(*) AS n FROM dispatches GROUP BY state

-- name: list-dispatches
-- Deliveries as people see them.
SELECT d.id, d.record, d.receipt, d.receiver, d.target, d.event, d.state, d.reason, d.reply, d.remote_id, d.document_id, d.cancelled_by,
    coalesce(j.attempts, 0) AS attempts, d.made_at, d.first_try, d.sent_at, CASE WHEN j.state = 'ready' THEN j.ready_at END AS next_try
FROM dispatches AS d LEFT JOIN jobs AS j ON j.kind = 'dispatch' AND j.job_key = d.id
WHERE (:target = '' OR d.target = :target) AND (:state = '' OR d.state = :state) AND (:receipt = '' OR d.receipt = :receipt)
ORDER BY d.made_at, d.id LIMIT :n

-- name: dead-dispatches
-- Deliveries that failed and wait for a person.
SELECT id, record, receipt, receiver, target, event, state, reason, reply, settled_at AS sent_at FROM dispatches
WHERE state = 'dead' AND (:receiver = '' OR receiver = :receiver) ORDER BY id LIMIT :n

-- name: revive-dispatch
-- Queues a delivery again that failed. Whether it may have arrived at its earlier tries is still remembered. Where nobody could tell, the person
-- who queues it again has looked.
UPDATE dispatches SET state = 'queued', settled_at = NULL, reason = CASE WHEN reason = 'unclear' THEN 'looked' ELSE '' END,
    first_try = CASE WHEN reason = 'refused' THEN NULL ELSE first_try END
WHERE id = :id AND state = 'dead'

-- name: first-dispatch
-- Makes the update of a record that was never delivered its registration.
UPDATE dispatches SET event = 'registered' WHERE id = :id

-- name: backlog
-- Registered records that were never queued for a target, with the last outcome of their receipt: what came by mail or on paper and not over the
-- axis as well, and was not imported only.
SELECT n.id, n.receipt, n.n, n.receiver, n.agency, n.state, n.document, n.files, n.missing, n.book, n.book_year, n.so_den, n.joined_to, n.numbered_at,
    t.channel, o.inputs, o.outcome
FROM rows(:rows, id text) AS r JOIN records AS n ON n.receiver = r.id AND n.state = 'registered' AND n.numbered_at >= :since
    JOIN receipts AS t ON t.id = n.receipt AND t.channel <> 'system' AND (NOT t.imported OR t.live) AND t.state <> 'quarantined'
    JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes
WHERE n.id > :after AND NOT EXISTS (SELECT 1 FROM dispatches AS d WHERE d.record = n.id AND d.target = :target)
    AND NOT EXISTS (SELECT 1 FROM records AS m JOIN receipts AS s ON s.id = m.receipt WHERE m.joined_to = n.id AND s.channel = 'system')
ORDER BY n.id LIMIT :n

-- name: deliverable
-- One record with the last outcome of its receipt, and the identity under which it was delivered first.
SELECT n.id, n.receipt, n.n, n.receiver, n.agency, n.state, n.document, n.files, n.missing, n.book, n.book_year, n.so_den, n.joined_to, n.numbered_at,
    t.channel, o.inputs, o.outcome, t.state = 'quarantined' AS secret,
    coalesce((SELECT d.document_id FROM dispatches AS d WHERE d.record = n.id AND d.document_id <> '' ORDER BY d.seq, d.target LIMIT 1), '') AS document_id
FROM records AS n JOIN receipts AS t ON t.id = n.receipt JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes
WHERE n.receipt = :receipt AND n.n = :record
