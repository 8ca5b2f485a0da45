-- name: month-records
-- The receipts whose counted instant lies in from..to, in order, with their records and what the newest outcome says of each. What the
-- columns say of an outcome is that of its first-ranked record: of a mail with several the outcome itself is asked.
SELECT t.id AS receipt, t.channel, t.at, t.state AS receipt_state, t.old, n.id AS record, n.agency, n.state, n.so_den,
    o.rules,
    CASE WHEN t.several THEN o.outcome -> 'records' -> (n.n - 1) -> 'decision' ->> 'verdict' ELSE o.verdict END AS verdict,
    CASE WHEN coalesce(n.state, '') <> 'refused' THEN '' WHEN t.several THEN o.outcome -> 'records' -> (n.n - 1) -> 'decision' ->> 'rule' ELSE o.rule END AS rule,
    CASE WHEN coalesce(n.state, '') <> 'refused' THEN '' WHEN t.several THEN o.outcome -> 'records' -> (n.n - 1) ->> 'reason' ELSE o.reason END AS reason,
    CASE WHEN t.state = 'quarantined' OR n.state = 'quarantined' THEN EXISTS (SELECT 1 FROM entries AS m
        WHERE m.receipt = t.id AND m.kind = 'mat' AND m.note <> 'not-secret') ELSE false END AS secret
FROM (SELECT r.id, r.channel, r.state, r.outcomes, coalesce(r.counted_at, r.stored_at) AS at, r.imported AND NOT r.live AS old,
        EXISTS (SELECT 1 FROM records AS m WHERE m.receipt = r.id AND m.n > 1) AS several
    FROM receipts AS r
    WHERE r.id > :after AND (:receiver = '' OR r.receiver = :receiver)
        AND coalesce(r.counted_at, r.stored_at) >= :from AND coalesce(r.counted_at, r.stored_at) < :to
    ORDER BY r.id LIMIT :n) AS t
LEFT JOIN records AS n ON n.receipt = t.id LEFT JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes
ORDER BY t.id, n.n

-- name: month-copies
-- The other ways by which documents came: the records that are joined to these. CROSS JOIN keeps SQLite from asking for these once for each
-- joined record that there is.
SELECT n.joined_to AS record, t.channel, coalesce(t.counted_at, t.stored_at) AS at
FROM rows(:rows, id text) AS r CROSS JOIN records AS n JOIN receipts AS t ON t.id = n.receipt
WHERE n.joined_to = r.id AND NOT (t.imported AND NOT t.live)
ORDER BY 1, 3, 2

-- name: last-mails
-- When each agency last sent a document by mail before an instant; secrets and old mail say nothing here.
SELECT n.agency, max(coalesce(t.counted_at, t.stored_at)) AS at
FROM receipts AS t JOIN records AS n ON n.receipt = t.id
WHERE t.channel = 'email' AND NOT (t.imported AND NOT t.live) AND (:receiver = '' OR t.receiver = :receiver)
    AND coalesce(t.counted_at, t.stored_at) < :to AND n.agency <> ''
    AND (n.state IN ('held', 'registered', 'refused', 'duplicate') OR n.state = 'recorded' AND n.so_den IS NOT NULL)
GROUP BY n.agency
