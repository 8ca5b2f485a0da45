-- name: answered-by-number
-- As for SQLite, but in the order of the bytes (index record_keys_number): that of the database is one of some language. OFFSET 0 keeps the
-- keys from being joined by reading all of them.
SELECT r.asker, r.i, 'number' AS found_by, n.rec_key, n.id, n.receipt, n.so_den, n.book_year, n.document, t.channel
FROM rows(:rows, asker text, i bigint, receiver text, prefix text, behind text) AS r
    CROSS JOIN LATERAL (SELECT k.record FROM record_keys AS k
        WHERE k.receiver = r.receiver AND k.rec_key COLLATE "C" >= r.prefix AND k.rec_key COLLATE "C" < r.behind OFFSET 0) AS f
    JOIN records AS n ON n.id = f.record JOIN receipts AS t ON t.id = n.receipt
