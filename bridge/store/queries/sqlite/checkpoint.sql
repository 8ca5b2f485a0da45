-- name: checkpoint
-- Brings the write-ahead log into the database and cuts it, so that what was overwritten is not left in its old pages. PostgreSQL has no
-- such thing for one transaction: VACUUM and the end of its own log come in their time.
PRAGMA wal_checkpoint(TRUNCATE)
