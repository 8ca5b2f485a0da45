-- Registered records are delivered into document systems: jobs of kind 'dispatch' name deliveries, and a delivery says what its target is told,
-- fixed when it was queued. Since when a target is known says which records were registered before it was configured: those are not sent by
-- themselves. Of a secret neither what was told stays, nor what the target answered, nor the document's identity, which is made of its number.
--
-- SQLite cannot change a CHECK: the table of jobs is made anew, as in 00003.
-- +goose Up
CREATE TABLE jobs_anew (
    id          integer PRIMARY KEY AUTOINCREMENT,
    kind        text NOT NULL CHECK (kind IN ('process', 'notice', 'read', 'dispatch')),
    job_key     text NOT NULL,
    priority    integer     NOT NULL DEFAULT 0,
    ready_at    text NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease_owner text,
    lease_until text,
    fence       integer      NOT NULL DEFAULT 0,
    state       text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
    last_error  text NOT NULL DEFAULT '',
    UNIQUE (kind, job_key),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK (lease_until IS NULL OR lease_until <= ready_at),
    CHECK (state <> 'dead' OR lease_owner IS NULL)
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs_anew', seq FROM sqlite_sequence WHERE name = 'jobs';
INSERT INTO jobs_anew (id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error)
SELECT id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';

CREATE TABLE targets (
    name  text PRIMARY KEY,
    since text NOT NULL
) STRICT;

CREATE TABLE dispatches (
    id           text PRIMARY KEY,
    record       text NOT NULL REFERENCES records (id),
    receipt      text NOT NULL REFERENCES receipts (id),
    receiver     text NOT NULL,
    target       text NOT NULL,
    seq          integer NOT NULL CHECK (seq > 0),
    event        text NOT NULL CHECK (event IN ('registered', 'updated', 'withdrawn')),
    document_id  text NOT NULL,
    payload      text NOT NULL CHECK (json_valid(payload)),
    state        text NOT NULL CHECK (state IN ('queued', 'sent', 'dead', 'cancelled')),
    remote_id    text NOT NULL DEFAULT '',
    reply        text NOT NULL DEFAULT '',
    reason       text NOT NULL DEFAULT '',
    cancelled_by text NOT NULL DEFAULT '',
    made_at      text NOT NULL,
    first_try    text,
    sent_at      text,
    settled_at   text,
    UNIQUE (record, target, seq),
    CHECK ((state = 'queued') = (settled_at IS NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (sent_at IS NULL OR first_try IS NOT NULL),
    CHECK ((state = 'cancelled') = (cancelled_by <> ''))
) STRICT;
CREATE INDEX dispatches_receipt ON dispatches (receipt);
CREATE INDEX dispatches_document ON dispatches (document_id) WHERE document_id <> '';
CREATE INDEX dispatches_open ON dispatches (target, id) WHERE state IN ('queued', 'dead');

-- +goose Down
DROP TABLE dispatches;
DROP TABLE targets;
CREATE TABLE jobs_anew (
    id          integer PRIMARY KEY AUTOINCREMENT,
    kind        text NOT NULL CHECK (kind IN ('process', 'notice', 'read')),
    job_key     text NOT NULL,
    priority    integer     NOT NULL DEFAULT 0,
    ready_at    text NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease_owner text,
    lease_until text,
    fence       integer      NOT NULL DEFAULT 0,
    state       text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
    last_error  text NOT NULL DEFAULT '',
    UNIQUE (kind, job_key),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK (lease_until IS NULL OR lease_until <= ready_at),
    CHECK (state <> 'dead' OR lease_owner IS NULL)
) STRICT;
INSERT INTO sqlite_sequence (name, seq) SELECT 'jobs_anew', seq FROM sqlite_sequence WHERE name = 'jobs';
INSERT INTO jobs_anew (id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error)
SELECT id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error FROM jobs WHERE kind <> 'dispatch';
DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';
