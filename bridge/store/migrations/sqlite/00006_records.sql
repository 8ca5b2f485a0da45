-- A document can recall, correct or replace an earlier one, or tell what became of it. Relations name the earlier document by the keys that it
-- may stand under (one row, n, for each) and are tied to its record once that stands. Statuses are the history of a record at those who report
-- of it, each with what it did and the state that it left; only their words are words of people. Of a secret neither stays.
--
-- SQLite cannot change a CHECK: the table of amendments is made anew, as that of jobs in 00003. No other table refers to it.
-- +goose Up
CREATE TABLE amendments_anew (
    receipt text NOT NULL REFERENCES receipts (id),
    seq     integer     NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret', 'withdraw')),
    fields  text NOT NULL CHECK (json_valid(fields)),
    reason  text NOT NULL,
    made_by text NOT NULL,
    made_at text NOT NULL,
    PRIMARY KEY (receipt, seq)
) STRICT;
INSERT INTO amendments_anew (receipt, seq, kind, fields, reason, made_by, made_at)
SELECT receipt, seq, kind, fields, reason, made_by, made_at FROM amendments;
DROP TABLE amendments;
ALTER TABLE amendments_anew RENAME TO amendments;

CREATE TABLE relations (
    record   text    NOT NULL REFERENCES records (id),
    n        integer NOT NULL CHECK (n > 0),
    rel_key  text    NOT NULL,
    receiver text    NOT NULL,
    kind     text    NOT NULL CHECK (kind IN ('recalls', 'corrects', 'replaces', 'updates')),
    so_hieu  text    NOT NULL,
    target   text    REFERENCES records (id),
    PRIMARY KEY (record, n)
) STRICT;
CREATE INDEX relations_target ON relations (target) WHERE target IS NOT NULL;
CREATE INDEX relations_open ON relations (receiver, rel_key) WHERE target IS NULL AND rel_key <> '';

CREATE TABLE statuses (
    id        integer PRIMARY KEY AUTOINCREMENT,
    receipt   text    NOT NULL REFERENCES receipts (id),
    n         integer NOT NULL CHECK (n > 0),
    record    text    NOT NULL REFERENCES records (id),
    organ     text    NOT NULL,
    code      text    NOT NULL,
    found_by  text    NOT NULL CHECK (found_by IN ('document-id', 'code', 'number')),
    effect    text    NOT NULL CHECK (effect IN ('advanced', 'repeated', 'late', 'contrary', 'unheard')),
    progress  text    NOT NULL,
    asked     text    NOT NULL,
    withdrawn integer NOT NULL CHECK (withdrawn IN (0, 1)),
    words     text    NOT NULL,
    told_at   text,
    taken_at  text    NOT NULL,
    UNIQUE (receipt, n)
) STRICT;
CREATE INDEX statuses_record ON statuses (record, id);

-- +goose Down
DROP TABLE statuses;
DROP TABLE relations;
CREATE TABLE amendments_anew (
    receipt text NOT NULL REFERENCES receipts (id),
    seq     integer     NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret')),
    fields  text NOT NULL CHECK (json_valid(fields)),
    reason  text NOT NULL,
    made_by text NOT NULL,
    made_at text NOT NULL,
    PRIMARY KEY (receipt, seq)
) STRICT;
INSERT INTO amendments_anew (receipt, seq, kind, fields, reason, made_by, made_at)
SELECT receipt, seq, CASE WHEN kind = 'withdraw' THEN 'refuse' ELSE kind END, fields, reason, made_by, made_at FROM amendments;
DROP TABLE amendments;
ALTER TABLE amendments_anew RENAME TO amendments;
