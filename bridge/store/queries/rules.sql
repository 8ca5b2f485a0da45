-- name: rule-changes
-- All versions of the rules that were proposed or activated, newest first.
SELECT c.id, c.rules, c.title, c.state, c.proposed_by, c.reason, c.proposed_at, c.confirmed_by, c.activated_at, c.looked, c.refused
FROM rule_changes AS c ORDER BY c.id DESC

-- name: rules-in-state
-- The active version, or the proposed one: there is one at most.
SELECT c.id, c.rules, c.title, c.state, c.proposed_by, c.reason, c.proposed_at, c.confirmed_by, c.activated_at, c.looked, c.refused
FROM rule_changes AS c WHERE c.state = :state

-- name: end-rules
-- What was active is replaced; what was proposed is withdrawn by a new proposal.
UPDATE rule_changes SET state = :to WHERE state = :state

-- name: add-rules
-- A proposal, or a version that is active at once.
INSERT INTO rule_changes (rules, title, state, proposed_by, reason, proposed_at, activated_at, looked, refused)
VALUES (:rules, :title, :state, :by, :reason, :now, :activated, :looked, :refused)

-- name: confirm-rules
-- A second person makes the proposal the active version.
UPDATE rule_changes SET state = 'active', confirmed_by = :by, activated_at = :now WHERE id = :id
