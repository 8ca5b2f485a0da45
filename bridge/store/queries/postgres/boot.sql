-- name: schema-exists
-- Whether migrations ever ran here. Catalogs differ between the databases.
SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('goose_db_version')

-- name: server-settings
-- What durability depends on; only server settings tell it here.
SELECT CAST(current_setting('server_version_num') AS integer) AS server_version, current_setting('synchronous_commit') AS synchronous_commit

-- name: now
-- The one clock of all daemons on this database. SQLite has no server and takes the clock of this machine.
SELECT now()

-- name: late-now
-- The same clock as now, as it stands at this moment: now is that of the beginning of the transaction, which may have waited since.
SELECT clock_timestamp()

-- name: notify
-- Wakes the other daemons when this transaction commits; only PostgreSQL can.
SELECT pg_notify(:channel, '')
