-- +goose Up

-- derived
CREATE TABLE publication (
    tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, incident TEXT NOT NULL, series TEXT NOT NULL,
    version BIGINT NOT NULL, state TEXT NOT NULL, day TEXT NOT NULL, effective BIGINT, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX publication_kind ON publication (tenant, kind, effective);
CREATE INDEX publication_series ON publication (tenant, series, version);
-- derived
CREATE TABLE plan_receipt (
    tenant TEXT NOT NULL, publication TEXT NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, person TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (tenant, publication, kind, unit, person)
);

-- +goose Down
