-- Tools read the files of messages apart from their processing: jobs of kind 'read' name receipts with files to be read, and what was found
-- in a file is kept by its digest and by what read it. Of a file that bears a độ mật (secret), or that belongs to a message which does
-- (withheld), no text is kept, which the CHECK guards.
--
-- SQLite cannot change a CHECK: the table of jobs is made anew. No other table refers to it. Its highest id goes along, also that of a job
-- which is done: a claim must never find another job under the id of its own.
-- +goose Up
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
SELECT id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error FROM jobs;
DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';

CREATE TABLE file_evidence (
    sha256   text NOT NULL CHECK (length(sha256) = 64),
    reader   text NOT NULL,
    secret   text NOT NULL DEFAULT '',
    withheld integer NOT NULL DEFAULT 0 CHECK (withheld IN (0, 1)),
    body     text NOT NULL CHECK (json_valid(body)),
    made_at  text NOT NULL,
    PRIMARY KEY (sha256, reader),
    CHECK ((secret = '' AND NOT withheld) OR json_array_length(body, '$.pages') = 0)
) STRICT;
CREATE INDEX file_evidence_newest ON file_evidence (sha256, made_at);

-- +goose Down
DROP TABLE file_evidence;
CREATE TABLE jobs_anew (
    id          integer PRIMARY KEY AUTOINCREMENT,
    kind        text NOT NULL CHECK (kind IN ('process', 'notice')),
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
SELECT id, kind, job_key, priority, ready_at, attempts, lease_owner, lease_until, fence, state, last_error FROM jobs WHERE kind <> 'read';
DROP TABLE jobs;
ALTER TABLE jobs_anew RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';
