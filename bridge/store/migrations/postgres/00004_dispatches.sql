-- Registered records are delivered into document systems: jobs of kind 'dispatch' name deliveries, and a delivery says what its target is told,
-- fixed when it was queued. Since when a target is known says which records were registered before it was configured: those are not sent by
-- themselves. Of a secret neither what was told stays, nor what the target answered, nor the document's identity, which is made of its number.
-- +goose Up
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('process', 'notice', 'read', 'dispatch'));

CREATE TABLE targets (
    name  text        PRIMARY KEY,
    since timestamptz NOT NULL
);

CREATE TABLE dispatches (
    id           text    PRIMARY KEY,
    record       text    NOT NULL REFERENCES records (id),
    receipt      text    NOT NULL REFERENCES receipts (id),
    receiver     text    NOT NULL,
    target       text    NOT NULL,
    seq          integer NOT NULL CHECK (seq > 0),
    event        text    NOT NULL CHECK (event IN ('registered', 'updated', 'withdrawn')),
    document_id  text    NOT NULL,
    payload      json    NOT NULL,
    state        text    NOT NULL CHECK (state IN ('queued', 'sent', 'dead', 'cancelled')),
    remote_id    text    NOT NULL DEFAULT '',
    reply        text    NOT NULL DEFAULT '',
    reason       text    NOT NULL DEFAULT '',
    cancelled_by text    NOT NULL DEFAULT '',
    made_at      timestamptz NOT NULL,
    first_try    timestamptz,
    sent_at      timestamptz,
    settled_at   timestamptz,
    UNIQUE (record, target, seq),
    CHECK ((state = 'queued') = (settled_at IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (sent_at IS NULL OR first_try IS NOT NULL),
    CHECK ((state = 'cancelled') = (cancelled_by <> ''))
);
CREATE INDEX dispatches_receipt ON dispatches (receipt);
CREATE INDEX dispatches_document ON dispatches (document_id) WHERE document_id <> '';
CREATE INDEX dispatches_open ON dispatches (target, id) WHERE state IN ('queued', 'dead');

-- +goose Down
DROP TABLE dispatches;
DROP TABLE targets;
DELETE FROM jobs WHERE kind = 'dispatch';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('process', 'notice', 'read'));
