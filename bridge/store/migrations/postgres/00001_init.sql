-- The first schema. Text identifiers are ours (GL-…, digests in hexadecimal); the CHECKs tie every state to its timestamps, so that a wrong
-- statement fails here instead of leaving a row that says two things.
-- +goose Up
CREATE TABLE receiving_agencies (
    id    text        PRIMARY KEY,
    name  text        NOT NULL,
    since timestamptz NOT NULL
);

CREATE TABLE folders (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     text   NOT NULL,
    folder      text   NOT NULL,
    mailbox     text   NOT NULL,
    receiver    text   NOT NULL REFERENCES receiving_agencies (id),
    uidvalidity bigint,
    UNIQUE (account, folder)
);

-- One row per content: the same message to two receiving agencies is one message with two receipts. The facts are blank for secrets.
CREATE TABLE messages (
    content    text    PRIMARY KEY CHECK (length(content) = 64),
    message_id text    NOT NULL DEFAULT '',
    subject    text    NOT NULL DEFAULT '',
    sender     text    NOT NULL DEFAULT '',
    files      integer NOT NULL DEFAULT 0
);

CREATE TABLE receipts (
    id         text        PRIMARY KEY,
    receiver   text        NOT NULL REFERENCES receiving_agencies (id),
    channel    text        NOT NULL CHECK (channel IN ('email', 'paper', 'system')),
    content    text        NOT NULL REFERENCES messages (content),
    origin     text        NOT NULL,
    imported   boolean     NOT NULL,
    live       boolean     NOT NULL DEFAULT false,
    state      text        NOT NULL CHECK (state IN ('waiting', 'held', 'failed', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported')),
    reason     text        NOT NULL DEFAULT '',
    outcomes   integer     NOT NULL DEFAULT 0,
    amendments integer     NOT NULL DEFAULT 0,
    stored_at  timestamptz NOT NULL,
    settled_at timestamptz,
    UNIQUE (receiver, content),
    CHECK (imported OR NOT live),
    CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX receipts_open ON receipts (id) WHERE state IN ('waiting', 'held', 'failed');
CREATE INDEX receipts_content ON receipts (content);

CREATE TABLE deliveries (
    origin       text        PRIMARY KEY,
    receipt      text        NOT NULL REFERENCES receipts (id),
    joined       boolean     NOT NULL,
    mailbox      text        NOT NULL,
    raw          text        NOT NULL CHECK (length(raw) = 64),
    size         bigint      NOT NULL CHECK (size >= 0),
    location     text        NOT NULL,
    internaldate timestamptz,
    fetched_at   timestamptz,
    stored_at    timestamptz NOT NULL
);
CREATE INDEX deliveries_receipt ON deliveries (receipt);

CREATE TABLE uids (
    folder      bigint      NOT NULL REFERENCES folders (id),
    uidvalidity bigint      NOT NULL,
    uid         bigint      NOT NULL CHECK (uid > 0),
    state       text        NOT NULL CHECK (state IN ('waiting', 'held', 'failed', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported', 'vanished')),
    reason      text        NOT NULL DEFAULT '',
    receipt     text        REFERENCES receipts (id),
    joined      boolean     NOT NULL DEFAULT false,
    imported    boolean     NOT NULL DEFAULT false,
    attempts    integer     NOT NULL DEFAULT 0,
    seen_at     timestamptz NOT NULL,
    settled_at  timestamptz,
    acted_at    timestamptz,
    note        text        NOT NULL DEFAULT '',
    PRIMARY KEY (folder, uidvalidity, uid),
    CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CHECK (acted_at IS NULL OR settled_at IS NOT NULL),
    CHECK (receipt IS NOT NULL OR state IN ('waiting', 'failed', 'vanished')),
    CHECK (state <> 'vanished' OR receipt IS NULL),
    CHECK (NOT joined OR state = 'duplicate')
);
CREATE INDEX uids_receipt ON uids (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX uids_to_act ON uids (folder, uidvalidity, uid) WHERE acted_at IS NULL AND settled_at IS NOT NULL;
CREATE INDEX uids_failed ON uids (folder) WHERE state = 'failed';

CREATE TABLE outcomes (
    receipt   text        NOT NULL REFERENCES receipts (id),
    seq       integer     NOT NULL,
    state     text        NOT NULL,
    reason    text        NOT NULL,
    verdict   text        NOT NULL,
    rule      text        NOT NULL,
    program   text        NOT NULL,
    knowledge text        NOT NULL,
    rules     text        NOT NULL,
    directory text        NOT NULL,
    settings  text        NOT NULL,
    inputs    json        NOT NULL,
    outcome   json        NOT NULL,
    made_at   timestamptz NOT NULL,
    PRIMARY KEY (receipt, seq)
);

CREATE TABLE amendments (
    receipt text        NOT NULL REFERENCES receipts (id),
    seq     integer     NOT NULL,
    kind    text        NOT NULL CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret')),
    fields  json        NOT NULL,
    reason  text        NOT NULL,
    made_by text        NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (receipt, seq)
);

CREATE TABLE versions (
    kind       text        NOT NULL CHECK (kind IN ('rules', 'directory', 'settings')),
    sha256     text        NOT NULL CHECK (length(sha256) = 64),
    body       bytea       NOT NULL,
    first_used timestamptz NOT NULL,
    PRIMARY KEY (kind, sha256)
);

CREATE TABLE activations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    program      text        NOT NULL,
    knowledge    text        NOT NULL,
    rules        text        NOT NULL,
    directory    text        NOT NULL,
    settings     text        NOT NULL,
    activated_by text        NOT NULL,
    activated_at timestamptz NOT NULL
);

CREATE TABLE records (
    id        text    PRIMARY KEY,
    receipt   text    NOT NULL REFERENCES receipts (id),
    n         integer NOT NULL CHECK (n > 0),
    receiver  text    NOT NULL,
    agency    text    NOT NULL,
    state     text    NOT NULL CHECK (state IN ('held', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported')),
    rec_key   text    NOT NULL,
    document  json    NOT NULL,
    files     json    NOT NULL,
    missing   json    NOT NULL,
    book      text,
    book_year integer,
    so_den    integer CHECK (so_den > 0),
    numbered_at timestamptz,
    joined_to text    REFERENCES records (id),
    UNIQUE (receipt, n),
    UNIQUE (receiver, book, book_year, so_den),
    CHECK ((so_den IS NULL) = (book IS NULL) AND (so_den IS NULL) = (book_year IS NULL) AND (so_den IS NULL) = (numbered_at IS NULL)),
    CHECK (state <> 'registered' OR so_den IS NOT NULL),
    CHECK ((state = 'duplicate') = (joined_to IS NOT NULL))
);
CREATE INDEX records_joined ON records (joined_to) WHERE joined_to IS NOT NULL;

-- Only registered records stand here: whoever has the row owns the key (NĐ 30/2020: number, notation, agency, year).
CREATE TABLE record_keys (
    receiver text NOT NULL,
    rec_key  text NOT NULL CHECK (rec_key <> ''),
    record   text NOT NULL REFERENCES records (id),
    PRIMARY KEY (receiver, rec_key)
);
CREATE INDEX record_keys_record ON record_keys (record);

CREATE TABLE books (
    receiver text    NOT NULL REFERENCES receiving_agencies (id),
    year     integer NOT NULL,
    kind     text    NOT NULL,
    last     integer NOT NULL,
    PRIMARY KEY (receiver, year, kind)
);

CREATE TABLE counters (
    name text   PRIMARY KEY,
    last bigint NOT NULL
);

CREATE TABLE correspondents (
    receiver  text    NOT NULL,
    agency    text    NOT NULL,
    reminders integer NOT NULL,
    PRIMARY KEY (receiver, agency)
);

CREATE TABLE notices (
    id            text        PRIMARY KEY,
    kind          text        NOT NULL,
    receipt       text        REFERENCES receipts (id),
    receiver      text        NOT NULL,
    agency        text        NOT NULL,
    to_addr       text        NOT NULL,
    draft         json        NOT NULL,
    message_id    text        NOT NULL UNIQUE,
    envelope_from text        NOT NULL,
    envelope_to   text        NOT NULL,
    body          bytea       NOT NULL,
    state         text        NOT NULL CHECK (state IN ('review', 'queued', 'sent', 'failed', 'cancelled', 'bounced')),
    made_at       timestamptz NOT NULL,
    counted_at    timestamptz,
    released_at   timestamptz,
    deferred_at   timestamptz,
    first_try     timestamptz,
    sent_at       timestamptz,
    settled_at    timestamptz,
    reply         text        NOT NULL DEFAULT '',
    cancelled_by  text        NOT NULL DEFAULT '',
    reminder      integer     NOT NULL DEFAULT 0,
    UNIQUE (receipt, kind),
    CHECK ((state IN ('review', 'queued')) = (settled_at IS NULL)),
    CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CHECK (sent_at IS NULL OR first_try IS NOT NULL),
    CHECK (state = 'cancelled' OR cancelled_by = '')
);
CREATE INDEX notices_tried ON notices (first_try) WHERE first_try IS NOT NULL;
CREATE INDEX notices_open ON notices (id) WHERE state IN ('review', 'queued', 'failed', 'bounced');

-- A job that is leased is due again when the lease ends: ready_at alone says what may be claimed.
CREATE TABLE jobs (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text        NOT NULL CHECK (kind IN ('process', 'notice')),
    job_key     text        NOT NULL,
    priority    integer     NOT NULL DEFAULT 0,
    ready_at    timestamptz NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease_owner text,
    lease_until timestamptz,
    fence       bigint      NOT NULL DEFAULT 0,
    state       text        NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'dead')),
    last_error  text        NOT NULL DEFAULT '',
    UNIQUE (kind, job_key),
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK (lease_until IS NULL OR lease_until <= ready_at),
    CHECK (state <> 'dead' OR lease_owner IS NULL)
);
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';

CREATE TABLE leases (
    name       text        PRIMARY KEY,
    owner      text        NOT NULL,
    held_until timestamptz NOT NULL,
    fence      bigint      NOT NULL
);

CREATE TABLE events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    type        text        NOT NULL,
    receipt     text,
    actor       text        NOT NULL,
    leaf        bytea       NOT NULL,
    sealed      json        NOT NULL,
    salts       json        NOT NULL
);
CREATE INDEX events_receipt ON events (receipt, id) WHERE receipt IS NOT NULL;

CREATE TABLE alarms (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    code       text        NOT NULL,
    text       text        NOT NULL,
    raisings   integer     NOT NULL,
    raised_at  timestamptz NOT NULL,
    mailed_at  timestamptz,
    cleared_at timestamptz
);

CREATE TABLE suppressions (
    address  text        PRIMARY KEY,
    reason   text        NOT NULL,
    added_at timestamptz NOT NULL
);

-- Outcomes are the bulk of the database; lz4 packs them several times as fast as the default, where the server was built with it.
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE outcomes ALTER COLUMN outcome SET COMPRESSION lz4, ALTER COLUMN inputs SET COMPRESSION lz4;
    ALTER TABLE notices ALTER COLUMN draft SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
    RAISE NOTICE 'this server has no lz4';
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE suppressions, alarms, events, leases, jobs, notices, correspondents, counters, books, record_keys, records, activations,
    versions, amendments, outcomes, uids, deliveries, receipts, messages, folders, receiving_agencies;
