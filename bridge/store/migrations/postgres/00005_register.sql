-- Every number of every book has its line, whatever becomes of the document: the printed book shows no hole. The lines of book 'den' are
-- those of registered documents; those of book 'mat' say that something secret came, and never what it says. A line without a receipt is
-- that of a number which was jumped over after a restore. Directions are what the leader says of a document; none is ever changed.
-- +goose Up
ALTER TABLE receipts ADD COLUMN counted_at timestamptz;
ALTER TABLE books ADD COLUMN last_at timestamptz;
ALTER TABLE books ADD COLUMN closed_at timestamptz;
ALTER TABLE books ADD COLUMN closed_by text NOT NULL DEFAULT '' CHECK ((closed_by = '') = (closed_at IS NULL));

CREATE TABLE entries (
    receiver       text        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('den', 'mat')),
    year           integer     NOT NULL,
    number         integer     NOT NULL CHECK (number > 0),
    record         text        REFERENCES records (id),
    receipt        text        REFERENCES receipts (id),
    arrived_at     timestamptz,
    registered_at  timestamptz NOT NULL,
    author         text        NOT NULL DEFAULT '',
    author_id      text        NOT NULL DEFAULT '',
    secrecy        text        NOT NULL DEFAULT '',
    files          integer     NOT NULL DEFAULT 0,
    pages          integer     NOT NULL DEFAULT 0,
    transferred_at timestamptz,
    received_by    text        NOT NULL DEFAULT '',
    done_at        timestamptz,
    answer         text        NOT NULL DEFAULT '',
    note           text        NOT NULL DEFAULT '' CHECK (note IN ('', 'jumped', 'not-secret')),
    PRIMARY KEY (receiver, kind, year, number),
    FOREIGN KEY (receiver, year, kind) REFERENCES books (receiver, year, kind),
    CHECK ((record IS NULL) = (receipt IS NULL)),
    CHECK ((record IS NULL) = (note = 'jumped')),
    CHECK (received_by = '' OR transferred_at IS NOT NULL),
    CHECK (answer = '' OR done_at IS NOT NULL)
);
CREATE UNIQUE INDEX entries_record ON entries (record, kind) WHERE record IS NOT NULL;
CREATE INDEX entries_receipt ON entries (receipt) WHERE receipt IS NOT NULL;

CREATE TABLE directions (
    receiver    text        NOT NULL,
    kind        text        NOT NULL,
    year        integer     NOT NULL,
    number      integer     NOT NULL,
    n           integer     NOT NULL CHECK (n > 0),
    text        text        NOT NULL,
    author      text        NOT NULL,
    handler     text        NOT NULL,
    co_handlers json        NOT NULL,
    due         text        NOT NULL DEFAULT '',
    made_by     text        NOT NULL,
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (receiver, kind, year, number, n),
    FOREIGN KEY (receiver, kind, year, number) REFERENCES entries (receiver, kind, year, number)
);

-- What stands already gets its lines. The counted instant and the issuer are in the newest outcome of each receipt.
UPDATE receipts SET counted_at = o.counted
FROM (SELECT receipt, seq, CAST(outcome -> 'instant' ->> 'at' AS timestamptz) AS counted FROM outcomes) AS o
WHERE o.receipt = receipts.id AND o.seq = receipts.outcomes AND o.counted > '1970-01-01';

UPDATE books SET last_at = (SELECT max(n.numbered_at) FROM records AS n
    WHERE n.receiver = books.receiver AND n.book = books.kind AND n.book_year = books.year);

INSERT INTO entries (receiver, kind, year, number, record, receipt, arrived_at, registered_at, author, author_id, files)
SELECT n.receiver, n.book, n.book_year, n.so_den, n.id, n.receipt, coalesce(t.counted_at, t.stored_at), n.numbered_at,
    CASE WHEN n.state = 'quarantined' THEN ''
        ELSE coalesce(nullif(o.r -> 'issuer' ->> 'name', ''), nullif(n.document ->> 'co_quan_ban_hanh', ''), o.r -> 'sender' ->> 'name', '') END,
    CASE WHEN n.state = 'quarantined' THEN '' ELSE coalesce(nullif(o.r -> 'issuer' ->> 'agency', ''), n.agency) END,
    CASE WHEN json_typeof(n.files) = 'array' THEN json_array_length(n.files) ELSE 0 END
FROM records AS n JOIN receipts AS t ON t.id = n.receipt
LEFT JOIN LATERAL (SELECT outcome -> 'records' -> (n.n - 1) AS r FROM outcomes WHERE receipt = n.receipt AND seq = t.outcomes) AS o ON true
WHERE n.so_den IS NOT NULL;

CREATE TEMPORARY TABLE secret_lines AS
SELECT n.receiver, CAST(extract(year FROM t.settled_at AT TIME ZONE 'UTC' + interval '7 hours') AS integer) AS year, n.id AS record, n.receipt,
    coalesce(t.counted_at, t.stored_at) AS arrived_at, t.settled_at AS registered_at,
    coalesce(o.r -> 'sender' ->> 'name', '') AS author, n.agency AS author_id, coalesce(n.document ->> 'do_mat', '') AS secrecy,
    CASE WHEN json_typeof(n.files) = 'array' THEN json_array_length(n.files) ELSE 0 END AS files,
    row_number() OVER (PARTITION BY n.receiver, extract(year FROM t.settled_at AT TIME ZONE 'UTC' + interval '7 hours')
        ORDER BY t.settled_at, n.receipt, n.n) AS number
FROM records AS n JOIN receipts AS t ON t.id = n.receipt
LEFT JOIN LATERAL (SELECT outcome -> 'records' -> (n.n - 1) AS r FROM outcomes WHERE receipt = n.receipt AND seq = t.outcomes) AS o ON true
WHERE n.state = 'quarantined' AND t.state = 'quarantined' AND (t.reason = 'secret' OR coalesce(n.document ->> 'do_mat', '') <> '');

INSERT INTO books (receiver, year, kind, last, last_at) SELECT receiver, year, 'mat', count(*), max(registered_at) FROM secret_lines GROUP BY receiver, year;
INSERT INTO entries (receiver, kind, year, number, record, receipt, arrived_at, registered_at, author, author_id, secrecy, files)
SELECT receiver, 'mat', year, number, record, receipt, arrived_at, registered_at, author, author_id, secrecy, files FROM secret_lines;
DROP TABLE secret_lines;

-- +goose Down
DROP TABLE directions;
DROP TABLE entries;
DELETE FROM books WHERE kind = 'mat';
ALTER TABLE books DROP COLUMN closed_by;
ALTER TABLE books DROP COLUMN closed_at;
ALTER TABLE books DROP COLUMN last_at;
ALTER TABLE receipts DROP COLUMN counted_at;
