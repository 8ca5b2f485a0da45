-- Of a mail whose header bears a mark of secrecy only the header block may be taken ([intake] screen_headers_first). deliveries.headers is
-- the identity of that block, never equal to that of any whole message; receipts.header_words is how many amendments were made while only
-- the header was here.
-- +goose Up
ALTER TABLE receipts ADD COLUMN headers_only integer NOT NULL DEFAULT 0 CHECK (headers_only IN (0, 1));
ALTER TABLE receipts ADD COLUMN header_words integer NOT NULL DEFAULT 0;
ALTER TABLE uids ADD COLUMN headers_only integer NOT NULL DEFAULT 0 CHECK (headers_only IN (0, 1));
ALTER TABLE deliveries ADD COLUMN headers text NOT NULL DEFAULT '';
CREATE INDEX deliveries_headers ON deliveries (headers) WHERE headers <> '';
CREATE INDEX uids_headers ON uids (folder, uidvalidity, uid) WHERE headers_only;

-- +goose Down
DROP INDEX uids_headers;
DROP INDEX deliveries_headers;
ALTER TABLE deliveries DROP COLUMN headers;
ALTER TABLE uids DROP COLUMN headers_only;
ALTER TABLE receipts DROP COLUMN header_words;
ALTER TABLE receipts DROP COLUMN headers_only;
