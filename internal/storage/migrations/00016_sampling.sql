-- +goose Up

-- what happened at a site, as of any position: that it was registered, visited, had open and late matters and failed verifications
-- derived
CREATE TABLE site_event (
    tenant TEXT NOT NULL, street TEXT NOT NULL, site TEXT NOT NULL, kind TEXT NOT NULL, pos BIGINT NOT NULL, at BIGINT NOT NULL, n BIGINT NOT NULL,
    PRIMARY KEY (tenant, street, site, kind, pos, at)
);
-- derived
CREATE TABLE sampling (
    tenant TEXT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, team TEXT NOT NULL, day TEXT NOT NULL, no BIGINT NOT NULL, state TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX sampling_team ON sampling (tenant, team, day, no);
CREATE INDEX visit_team_day ON visit (tenant, team, day);

-- +goose Down
