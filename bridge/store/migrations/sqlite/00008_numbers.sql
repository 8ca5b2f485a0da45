-- The keys that begin with a number are found by the index of the primary key, which is in the order of their bytes. Only PostgreSQL needs
-- another (00008 there); this step keeps the numbers of the schemas equal.
-- +goose Up
SELECT 1;

-- +goose Down
SELECT 1;
