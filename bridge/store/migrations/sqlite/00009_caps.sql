-- Notices that are over the day's cap of their address are gathered: one digest speaks for many. Such a notice ends as 'digested' and names
-- its digest; digest_entries keeps every digest that ever had its words, also those that were never sent, so that a mark of secrecy found
-- late finds them. gist is what a digest says of the notice.
--
-- told_files are the files of mails that an address was answered about, and those that went to it with an answer: a mail that brings nothing
-- else brings nothing new. breaker is the one row that says whether notices are stopped, and since when they go again.
--
-- SQLite cannot change a CHECK: the table of notices is made anew. No other table refers to it yet.
-- +goose Up
CREATE TABLE notices_anew (
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
    state         text NOT NULL CHECK (state IN ('review', 'queued', 'sent', 'failed', 'cancelled', 'bounced', 'digested')),
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
    gist          text NOT NULL DEFAULT '{}' CHECK (json_valid(gist)),
    gathered_at   text,
    digest        text        REFERENCES notices_anew (id),
    UNIQUE (receipt, kind),
    CHECK ((state IN ('review', 'queued')) = (settled_at IS NULL)),
    CHECK (state <> 'sent' OR sent_at IS NOT NULL),
    CHECK (sent_at IS NULL OR first_try IS NOT NULL),
    CHECK (state <> 'digested' OR digest IS NOT NULL),
    CHECK (state = 'cancelled' OR cancelled_by = '')
) STRICT;
INSERT INTO notices_anew (id, kind, receipt, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at, counted_at, released_at,
    deferred_at, first_try, sent_at, settled_at, reply, cancelled_by, reminder)
SELECT id, kind, receipt, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at, counted_at, released_at,
    deferred_at, first_try, sent_at, settled_at, reply, cancelled_by, reminder FROM notices;
DROP TABLE notices;
ALTER TABLE notices_anew RENAME TO notices;
-- The caps and the usual hour are found in the index alone: letters are long.
CREATE INDEX notices_tried ON notices (first_try, kind, to_addr, agency) WHERE first_try IS NOT NULL;
CREATE INDEX notices_open ON notices (id) WHERE state IN ('review', 'queued', 'failed', 'bounced');
CREATE INDEX notices_gathered ON notices (receiver, to_addr, counted_at, id) WHERE state = 'queued' AND gathered_at IS NOT NULL;
CREATE INDEX notices_digest ON notices (digest) WHERE digest IS NOT NULL;
CREATE INDEX notices_to ON notices (to_addr, made_at);

CREATE TABLE digest_entries (
    digest text NOT NULL REFERENCES notices (id),
    notice text NOT NULL REFERENCES notices (id),
    PRIMARY KEY (digest, notice)
) STRICT;
CREATE INDEX digest_entries_notice ON digest_entries (notice);

CREATE TABLE told_files (
    to_addr text NOT NULL,
    sha256  text NOT NULL CHECK (length(sha256) = 64),
    receipt text NOT NULL REFERENCES receipts (id),
    PRIMARY KEY (to_addr, sha256)
) STRICT;

CREATE TABLE breaker (
    id         integer PRIMARY KEY CHECK (id = 1),
    stopped_at text,
    resumed_at text,
    tried      integer NOT NULL DEFAULT 0,
    bound      integer NOT NULL DEFAULT 0,
    CHECK (stopped_at IS NOT NULL OR resumed_at IS NOT NULL)
) STRICT;

-- +goose Down
DROP TABLE breaker;
DROP TABLE told_files;
DROP TABLE digest_entries;
UPDATE notices SET state = 'cancelled', reply = 'digested', digest = NULL WHERE state = 'digested';
UPDATE notices SET digest = NULL;
CREATE TABLE notices_anew (
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
INSERT INTO notices_anew (id, kind, receipt, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at, counted_at, released_at,
    deferred_at, first_try, sent_at, settled_at, reply, cancelled_by, reminder)
SELECT id, kind, receipt, receiver, agency, to_addr, draft, message_id, envelope_from, envelope_to, body, state, made_at, counted_at, released_at,
    deferred_at, first_try, sent_at, settled_at, reply, cancelled_by, reminder FROM notices;
DROP TABLE notices;
ALTER TABLE notices_anew RENAME TO notices;
CREATE INDEX notices_tried ON notices (first_try) WHERE first_try IS NOT NULL;
CREATE INDEX notices_open ON notices (id) WHERE state IN ('review', 'queued', 'failed', 'bounced');
