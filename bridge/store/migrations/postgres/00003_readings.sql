-- Tools read the files of messages apart from their processing: jobs of kind 'read' name receipts with files to be read, and what was found
-- in a file is kept by its digest and by what read it. Of a file that bears a độ mật (secret), or that belongs to a message which does
-- (withheld), no text is kept, which the CHECK guards.
-- +goose Up
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('process', 'notice', 'read'));

CREATE TABLE file_evidence (
    sha256   text        NOT NULL CHECK (length(sha256) = 64),
    reader   text        NOT NULL,
    secret   text        NOT NULL DEFAULT '',
    withheld boolean     NOT NULL DEFAULT false,
    body     json        NOT NULL,
    made_at  timestamptz NOT NULL,
    PRIMARY KEY (sha256, reader),
    CHECK ((secret = '' AND NOT withheld) OR json_array_length(body -> 'pages') = 0)
);
CREATE INDEX file_evidence_newest ON file_evidence (sha256, made_at);

-- As for outcomes, where the server was built with it.
-- +goose StatementBegin
DO $$
BEGIN
    ALTER TABLE file_evidence ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
    RAISE NOTICE 'this server has no lz4';
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE file_evidence;
DELETE FROM jobs WHERE kind = 'read';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('process', 'notice'));
