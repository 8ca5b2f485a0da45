-- name: replay-outcomes
-- All outcomes of a receipt, oldest first, with the versions that they name and with what is said of them in columns.
SELECT seq, inputs, outcome, made_at, state, reason, verdict, rule, program, knowledge, rules, directory, settings
FROM outcomes WHERE receipt = :receipt ORDER BY seq

-- name: replay-readings
-- What these readers found in these files, and whether its words were taken away.
SELECT e.sha256, e.reader, e.withheld, e.body FROM rows(:rows, sha256 text, reader text) AS r
    JOIN file_evidence AS e ON e.sha256 = r.sha256 AND e.reader = r.reader

-- name: asked-between
-- The last outcome of every receipt whose counted instant lies in from..to, in order, with what its rules were asked.
SELECT t.id, t.receiver, t.channel, t.state, o.inputs FROM receipts AS t JOIN outcomes AS o ON o.receipt = t.id AND o.seq = t.outcomes
WHERE t.id > :after AND t.counted_at >= :from AND t.counted_at < :to ORDER BY t.id LIMIT :n
