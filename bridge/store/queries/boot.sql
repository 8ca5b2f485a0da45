-- name: schema-version
-- The newest migration that was applied.
SELECT CAST(coalesce(max(version_id), 0) AS bigint) FROM goose_db_version WHERE is_applied
