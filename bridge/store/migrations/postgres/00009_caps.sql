-- Notices that are over the day's cap of their address are gathered: one digest speaks for many. Such a notice ends as 'digested' and names
-- its digest; digest_entries keeps every digest that ever had its words, also those that were never sent, so that a mark of secrecy found
-- late finds them. gist is what a digest says of the notice.
--
-- told_files are the files of mails that an address was answered about, and those that went to it with an answer: a mail that brings nothing
-- else brings nothing new. breaker is the one row that says whether notices are stopped, and since when they go again.
-- +goose Up
ALTER TABLE notices DROP CONSTRAINT notices_state_check;
ALTER TABLE notices ADD CONSTRAINT notices_state_check CHECK (state IN ('review', 'queued', 'sent', 'failed', 'cancelled', 'bounced', 'digested'));
ALTER TABLE notices ADD COLUMN gist json NOT NULL DEFAULT '{}';
ALTER TABLE notices ADD COLUMN gathered_at timestamptz;
ALTER TABLE notices ADD COLUMN digest text REFERENCES notices (id);
ALTER TABLE notices ADD CONSTRAINT notices_digest_check CHECK (state <> 'digested' OR digest IS NOT NULL);
DROP INDEX notices_tried;
-- The caps and the usual hour are found in the index alone: letters are long.
CREATE INDEX notices_tried ON notices (first_try, kind, to_addr, agency) WHERE first_try IS NOT NULL;
CREATE INDEX notices_gathered ON notices (receiver, to_addr, counted_at, id) WHERE state = 'queued' AND gathered_at IS NOT NULL;
CREATE INDEX notices_digest ON notices (digest) WHERE digest IS NOT NULL;
CREATE INDEX notices_to ON notices (to_addr, made_at);

CREATE TABLE digest_entries (
    digest text NOT NULL REFERENCES notices (id),
    notice text NOT NULL REFERENCES notices (id),
    PRIMARY KEY (digest, notice)
);
CREATE INDEX digest_entries_notice ON digest_entries (notice);

CREATE TABLE told_files (
    to_addr text NOT NULL,
    sha256  text NOT NULL CHECK (length(sha256) = 64),
    receipt text NOT NULL REFERENCES receipts (id),
    PRIMARY KEY (to_addr, sha256)
);

CREATE TABLE breaker (
    id         integer PRIMARY KEY CHECK (id = 1),
    stopped_at timestamptz,
    resumed_at timestamptz,
    tried      integer NOT NULL DEFAULT 0,
    bound      integer NOT NULL DEFAULT 0,
    CHECK (stopped_at IS NOT NULL OR resumed_at IS NOT NULL)
);

-- +goose Down
DROP TABLE breaker;
DROP TABLE told_files;
DROP TABLE digest_entries;
DROP INDEX notices_to;
DROP INDEX notices_digest;
DROP INDEX notices_gathered;
DROP INDEX notices_tried;
CREATE INDEX notices_tried ON notices (first_try) WHERE first_try IS NOT NULL;
UPDATE notices SET state = 'cancelled', reply = 'digested', digest = NULL WHERE state = 'digested';
ALTER TABLE notices DROP CONSTRAINT notices_digest_check;
ALTER TABLE notices DROP COLUMN digest;
ALTER TABLE notices DROP COLUMN gathered_at;
ALTER TABLE notices DROP COLUMN gist;
ALTER TABLE notices DROP CONSTRAINT notices_state_check;
ALTER TABLE notices ADD CONSTRAINT notices_state_check CHECK (state IN ('review', 'queued', 'sent', 'failed', 'cancelled', 'bounced'));
