-- name: hourly-tries
-- As for SQLite, but with the function of this database that cuts an instant to its hour.
SELECT count(*) FROM notices WHERE kind <> 'alarm' AND first_try > :from AND first_try <= :until GROUP BY date_trunc('hour', first_try)
