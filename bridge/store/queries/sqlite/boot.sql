-- name: schema-exists
-- Whether migrations ever ran here. Catalogs differ between the databases.
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'

-- name: server-settings
-- What durability depends on; only PRAGMAs tell it here.
SELECT (SELECT journal_mode FROM pragma_journal_mode) AS journal_mode, (SELECT synchronous FROM pragma_synchronous) AS synchronous,
    (SELECT foreign_keys FROM pragma_foreign_keys) AS foreign_keys, (SELECT timeout FROM pragma_busy_timeout) AS busy_timeout
