-- +goose Up

-- derived
CREATE TABLE meeting (
    tenant TEXT NOT NULL, id TEXT NOT NULL, incident TEXT NOT NULL, day TEXT NOT NULL, state TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX meeting_day ON meeting (tenant, incident, day);
-- derived
CREATE TABLE report (
    tenant TEXT NOT NULL, id TEXT NOT NULL, incident TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE street_status (
    tenant TEXT NOT NULL, street TEXT NOT NULL, day TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, day, street)
);
-- derived
CREATE TABLE zero_report (
    tenant TEXT NOT NULL, team TEXT NOT NULL, day TEXT NOT NULL, person TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (tenant, day, team)
);
-- derived
CREATE TABLE matter_explained (
    tenant TEXT NOT NULL, matter TEXT NOT NULL, day TEXT NOT NULL, expected BIGINT NOT NULL, person TEXT NOT NULL,
    at BIGINT NOT NULL, part TEXT NOT NULL,
    PRIMARY KEY (tenant, day, matter)
);
CREATE INDEX finding_at ON finding (tenant, at, id);

-- +goose Down
