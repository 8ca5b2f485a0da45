-- A rules file is activated as a version, by a person and for a reason, or proposed by one and confirmed by another: what decides is what stands
-- here as active, never a file that somebody may be editing. Versions keep the texts. What decided so far is the first active version.
-- +goose Up
CREATE TABLE rule_changes (
    id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rules        text    NOT NULL CHECK (length(rules) = 64),
    title        text    NOT NULL,
    state        text    NOT NULL CHECK (state IN ('proposed', 'active', 'replaced', 'withdrawn')),
    proposed_by  text    NOT NULL,
    reason       text    NOT NULL,
    proposed_at  timestamptz NOT NULL,
    confirmed_by text    NOT NULL DEFAULT '',
    activated_at timestamptz,
    looked       integer NOT NULL CHECK (looked >= 0),
    refused      integer NOT NULL CHECK (refused BETWEEN 0 AND looked),
    CHECK ((state IN ('active', 'replaced')) = (activated_at IS NOT NULL))
);
CREATE UNIQUE INDEX rule_changes_active ON rule_changes (state) WHERE state = 'active';
CREATE UNIQUE INDEX rule_changes_proposed ON rule_changes (state) WHERE state = 'proposed';

INSERT INTO rule_changes (rules, title, state, proposed_by, reason, proposed_at, activated_at, looked, refused)
SELECT rules, '', 'active', activated_by, 'in force before versions were kept', activated_at, activated_at, 0, 0 FROM activations ORDER BY id DESC LIMIT 1;

-- +goose Down
DROP TABLE rule_changes;
