-- Who reports of a document may know its number alone, not its issuer: the keys that begin with a number are found in the order of their bytes,
-- which the index of the primary key has only where the database sorts so. SQLite always does; its step only keeps the numbers equal.
-- +goose Up
CREATE INDEX record_keys_number ON record_keys (receiver, rec_key COLLATE "C");

-- +goose Down
DROP INDEX record_keys_number;
