-- The first schema, the same tables as for PostgreSQL. Instants are text of fixed width in UTC, so that their order is that of time;
-- booleans are 0 and 1; JSON is checked text. The CHECKs tie every state to its timestamps, so that a wrong
-- statement fails here instead of leaving a row that says two things.
-- +goose Up
CREATE TABLE receiving_agencies (
    id    text        PRIMARY KEY,
    name  text NOT NULL,
    since text NOT NULL
) STRICT;

CREATE TABLE folders (
    id          integer PRIMARY KEY AUTOINCREMENT,
    account     text NOT NULL,
    folder      text NOT NULL,
    mailbox     text NOT NULL,
    receiver    text NOT NULL REFERENCES receiving_agencies (id),
    uidvalidity integer,
    UNIQUE (account, folder)
) STRICT;

-- One row per content: the same message to two receiving agencies is one message with two receipts. The facts are blank for secrets.
CREATE TABLE messages (
    content    text    PRIMARY KEY CHECK (length(content) = 64),
    message_id text NOT NULL DEFAULT '',
    subject    text NOT NULL DEFAULT '',
    sender     text NOT NULL DEFAULT '',
    files      integer NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE receipts (
    id         text        PRIMARY KEY,
    receiver   text NOT NULL REFERENCES receiving_agencies (id),
    channel    text NOT NULL CHECK (channel IN ('email', 'paper', 'system')),
    content    text NOT NULL REFERENCES messages (content),
    origin     text NOT NULL,
    imported   integer NOT NULL CHECK (imported IN (0, 1)),
    live       integer NOT NULL DEFAULT 0 CHECK (live IN (0, 1)),
    state      text NOT NULL CHECK (state IN ('waiting', 'held', 'failed', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported')),
    reason     text NOT NULL DEFAULT '',
    outcomes   integer     NOT NULL DEFAULT 0,
    amendments integer     NOT NULL DEFAULT 0,
    stored_at  text NOT NULL,
    settled_at text,
    UNIQUE (receiver, content),
    CHECK (imported OR NOT live),
    CHECK ((state = 'waiting') = (settled_at IS NULL))
) STRICT;
CREATE INDEX receipts_open ON receipts (id) WHERE state IN ('waiting', 'held', 'failed');
CREATE INDEX receipts_content ON receipts (content);

CREATE TABLE deliveries (
    origin       text        PRIMARY KEY,
    receipt      text NOT NULL REFERENCES receipts (id),
    joined       integer NOT NULL CHECK (joined IN (0, 1)),
    mailbox      text NOT NULL,
    raw          text NOT NULL CHECK (length(raw) = 64),
    size         integer      NOT NULL CHECK (size >= 0),
    location     text NOT NULL,
    internaldate text,
    fetched_at   text,
    stored_at    text NOT NULL
) STRICT;
CREATE INDEX deliveries_receipt ON deliveries (receipt);

CREATE TABLE uids (
    folder      integer      NOT NULL REFERENCES folders (id),
    uidvalidity integer      NOT NULL,
    uid         integer      NOT NULL CHECK (uid > 0),
    state       text NOT NULL CHECK (state IN ('waiting', 'held', 'failed', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported', 'vanished')),
    reason      text NOT NULL DEFAULT '',
    receipt     text        REFERENCES receipts (id),
    joined      integer NOT NULL DEFAULT 0 CHECK (joined IN (0, 1)),
    imported    integer NOT NULL DEFAULT 0 CHECK (imported IN (0, 1)),
    attempts    integer     NOT NULL DEFAULT 0,
    seen_at     text NOT NULL,
    settled_at  text,
    acted_at    text,
    note        text NOT NULL DEFAULT '',
    PRIMARY KEY (folder, uidvalidity, uid),
    CHECK ((state = 'waiting') = (settled_at IS NULL)),
    CHECK (acted_at IS NULL OR settled_at IS NOT NULL),
    CHECK (receipt IS NOT NULL OR state IN ('waiting', 'failed', 'vanished')),
    CHECK (state <> 'vanished' OR receipt IS NULL),
    CHECK (NOT joined OR state = 'duplicate')
) STRICT;
CREATE INDEX uids_receipt ON uids (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX uids_to_act ON uids (folder, uidvalidity, uid) WHERE acted_at IS NULL AND settled_at IS NOT NULL;
CREATE INDEX uids_failed ON uids (folder) WHERE state = 'failed';

CREATE TABLE outcomes (
    receipt   text NOT NULL REFERENCES receipts (id),
    seq       integer     NOT NULL,
    state     text NOT NULL,
    reason    text NOT NULL,
    verdict   text NOT NULL,
    rule      text NOT NULL,
    program   text NOT NULL,
    knowledge text NOT NULL,
    rules     text NOT NULL,
    directory text NOT NULL,
    settings  text NOT NULL,
    inputs    text NOT NULL CHECK (json_valid(inputs)),
    outcome   text NOT NULL CHECK (json_valid(outcome)),
    made_at   text NOT NULL,
    PRIMARY KEY (receipt, seq)
) STRICT;

CREATE TABLE amendments (
    receipt text NOT NULL REFERENCES receipts (id),
    seq     integer     NOT NULL,
    kind    text NOT NULL CHECK (kind IN ('amend', 'release', 'refuse', 'exception', 'not-secret')),
    fields  text NOT NULL CHECK (json_valid(fields)),
    reason  text NOT NULL,
    made_by text NOT NULL,
    made_at text NOT NULL,
    PRIMARY KEY (receipt, seq)
) STRICT;

CREATE TABLE versions (
    kind       text NOT NULL CHECK (kind IN ('rules', 'directory', 'settings')),
    sha256     text NOT NULL CHECK (length(sha256) = 64),
    body       blob       NOT NULL,
    first_used text NOT NULL,
    PRIMARY KEY (kind, sha256)
) STRICT;

CREATE TABLE activations (
    id           integer PRIMARY KEY AUTOINCREMENT,
    program      text NOT NULL,
    knowledge    text NOT NULL,
    rules        text NOT NULL,
    directory    text NOT NULL,
    settings     text NOT NULL,
    activated_by text NOT NULL,
    activated_at text NOT NULL
) STRICT;

CREATE TABLE records (
    id        text    PRIMARY KEY,
    receipt   text NOT NULL REFERENCES receipts (id),
    n         integer NOT NULL CHECK (n > 0),
    receiver  text NOT NULL,
    agency    text NOT NULL,
    state     text NOT NULL CHECK (state IN ('held', 'registered', 'recorded', 'refused', 'quarantined', 'duplicate', 'ignored', 'imported')),
    rec_key   text NOT NULL,
    document  text NOT NULL CHECK (json_valid(document)),
    files     text NOT NULL CHECK (json_valid(files)),
    missing   text NOT NULL CHECK (json_valid(missing)),
    book      text,
    book_year integer,
    so_den    integer CHECK (so_den > 0),
    numbered_at text,
    joined_to text    REFERENCES records (id),
    UNIQUE (receipt, n),
    UNIQUE (receiver, book, book_year, so_den),
    CHECK ((so_den IS NULL) = (book IS NULL) AND (so_den IS NULL) = (book_year IS NULL) AND (so_den IS NULL) = (numbered_at IS NULL)),
    CHECK (state <> 'registered' OR so_den IS NOT NULL),
    CHECK ((state = 'duplicate') = (joined_to IS NOT NULL))
) STRICT;
CREATE INDEX records_joined ON records (joined_to) WHERE joined_to IS NOT NULL;

-- Only registered records stand here: whoever has the row owns the key (NĐ 30/2020: number, notation, agency, year).
CREATE TABLE record_keys (
    receiver text NOT NULL,
    rec_key  text NOT NULL CHECK (rec_key <> ''),
    record   text NOT NULL REFERENCES records (id),
    PRIMARY KEY (receiver, rec_key)
) STRICT;
CREATE INDEX record_keys_record ON record_keys (record);

CREATE TABLE books (
    receiver text NOT NULL REFERENCES receiving_agencies (id),
    year     integer NOT NULL,
    kind     text NOT NULL,
    last     integer NOT NULL,
    PRIMARY KEY (receiver, year, kind)
) STRICT;

CREATE TABLE counters (
    name text   PRIMARY KEY,
    last integer NOT NULL
) STRICT;

CREATE TABLE correspondents (
    receiver  text NOT NULL,
    agency    text NOT NULL,
    reminders integer NOT NULL,
    PRIMARY KEY (receiver, agency)
) STRICT;

CREATE TABLE notices (
    id            text        PRIMARY KEY,
    kind          text NOT NULL,
    receipt       text        REFERENCES receipts (id),
    receiver      text NOT NULL,
    agency        text NOT NULL,
    to_addr       text NOT NULL,
    draft         text NOT NULL CHECK (json_valid(draft)),
    message_id    text NOT NULL UNIQUE,
    envelope_from text NOT NULL,
    envelope_to   text NOT NULL,
    body          blob       NOT NULL,
    state         text NOT NULL CHECK (state IN ('review', 'queued', 'sent', 'failed', 'cancelled', 'bounced')),
    made_at       text NOT NULL,
    counted_at    text,
    released_at   text,
    deferred_at   text,
    first_try     text,
    sent_at       text,
    settled_at    text,
    reply         text NOT NULL DEFAULT '',
    cancelled_by  text NOT NULL DEFAULT '',
    reminder      integer NOT NULL DEFAULT 0,
    UNIQUE (receipt, kind),
    CHECK ((state IN ('review', 'queued')) = (settled_at IS NULL)),
    CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CHECK (sent_at IS NULL OR first_try IS NOT NULL),
    CHECK (state = 'cancelled' OR cancelled_by = '')
) STRICT;
CREATE INDEX notices_tried ON notices (first_try) WHERE first_try IS NOT NULL;
CREATE INDEX notices_open ON notices (id) WHERE state IN ('review', 'queued', 'failed', 'bounced');

-- A job that is leased is due again when the lease ends: ready_at alone says what may be claimed.
CREATE TABLE jobs (
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
CREATE INDEX jobs_due ON jobs (kind, priority, ready_at, id) WHERE state = 'ready';

CREATE TABLE leases (
    name       text        PRIMARY KEY,
    owner      text NOT NULL,
    held_until text NOT NULL,
    fence      integer      NOT NULL
) STRICT;

CREATE TABLE events (
    id          integer PRIMARY KEY AUTOINCREMENT,
    happened_at text NOT NULL,
    type        text NOT NULL,
    receipt     text,
    actor       text NOT NULL,
    leaf        blob       NOT NULL,
    sealed      text NOT NULL CHECK (json_valid(sealed)),
    salts       text NOT NULL CHECK (json_valid(salts))
) STRICT;
CREATE INDEX events_receipt ON events (receipt, id) WHERE receipt IS NOT NULL;

CREATE TABLE alarms (
    id         integer PRIMARY KEY AUTOINCREMENT,
    name       text NOT NULL UNIQUE,
    code       text NOT NULL,
    text       text NOT NULL,
    raisings   integer     NOT NULL,
    raised_at  text NOT NULL,
    mailed_at  text,
    cleared_at text
) STRICT;

CREATE TABLE suppressions (
    address  text        PRIMARY KEY,
    reason   text NOT NULL,
    added_at text NOT NULL
) STRICT;

-- +goose Down
DROP TABLE suppressions;
DROP TABLE alarms;
DROP TABLE events;
DROP TABLE leases;
DROP TABLE jobs;
DROP TABLE notices;
DROP TABLE correspondents;
DROP TABLE counters;
DROP TABLE books;
DROP TABLE record_keys;
DROP TABLE records;
DROP TABLE activations;
DROP TABLE versions;
DROP TABLE amendments;
DROP TABLE outcomes;
DROP TABLE uids;
DROP TABLE deliveries;
DROP TABLE receipts;
DROP TABLE messages;
DROP TABLE folders;
DROP TABLE receiving_agencies;
