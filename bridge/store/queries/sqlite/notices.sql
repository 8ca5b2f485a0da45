-- name: hourly-tries
-- How many notices were first tried in each hour in which any was. Instants are texts here, in one form, and begin with their hour.
SELECT count(*) FROM notices WHERE kind <> 'alarm' AND first_try > :from AND first_try <= :until GROUP BY substr(first_try, 1, 13)
