-- A document can recall, correct or replace an earlier one, or tell what became of it. Relations name the earlier document by the keys that it
-- may stand under (one row, n, for each) and are tied to its record once that stands. Statuses are the history of a record at those who report
-- of it, each with what it did and the state that it left; only their words are words of people. Of a secret neither stays.
-- +goose Up
ALTER TABLE amendments DROP CONSTRAINT amendments_kind_check;
ALTER TABLE amendments ADD CONSTRAINT amendments_kind_check CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret', 'withdraw'));

CREATE TABLE relations (
    record   text    NOT NULL REFERENCES records (id),
    n        integer NOT NULL CHECK (n > 0),
    rel_key  text    NOT NULL,
    receiver text    NOT NULL,
    kind     text    NOT NULL CHECK (kind IN ('recalls', 'corrects', 'replaces', 'updates')),
    so_hieu  text    NOT NULL,
    target   text    REFERENCES records (id),
    PRIMARY KEY (record, n)
);
CREATE INDEX relations_target ON relations (target) WHERE target IS NOT NULL;
CREATE INDEX relations_open ON relations (receiver, rel_key) WHERE target IS NULL AND rel_key <> '';

CREATE TABLE statuses (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt   text        NOT NULL REFERENCES receipts (id),
    n         integer     NOT NULL CHECK (n > 0),
    record    text        NOT NULL REFERENCES records (id),
    organ     text        NOT NULL,
    code      text        NOT NULL,
    found_by  text        NOT NULL CHECK (found_by IN ('document-id', 'code', 'number')),
    effect    text        NOT NULL CHECK (effect IN ('advanced', 'repeated', 'late', 'contrary', 'unheard')),
    progress  text        NOT NULL,
    asked     text        NOT NULL,
    withdrawn boolean     NOT NULL,
    words     text        NOT NULL,
    told_at   timestamptz,
    taken_at  timestamptz NOT NULL,
    UNIQUE (receipt, n)
);
CREATE INDEX statuses_record ON statuses (record, id);

-- +goose Down
DROP TABLE statuses;
DROP TABLE relations;
UPDATE amendments SET kind = 'refuse' WHERE kind = 'withdraw';
ALTER TABLE amendments DROP CONSTRAINT amendments_kind_check;
ALTER TABLE amendments ADD CONSTRAINT amendments_kind_check CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret'));
