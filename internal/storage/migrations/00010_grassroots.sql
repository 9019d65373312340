-- +goose Up

-- derived
CREATE TABLE supervised (
    tenant TEXT NOT NULL, org TEXT NOT NULL, unit TEXT NOT NULL,
    PRIMARY KEY (tenant, org, unit)
);
-- derived
CREATE TABLE grassroots (
    tenant TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, unit TEXT NOT NULL, target TEXT NOT NULL, link TEXT NOT NULL,
    region TEXT NOT NULL, at BIGINT NOT NULL, day TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX grassroots_at ON grassroots (tenant, at, id);
CREATE INDEX grassroots_unit ON grassroots (tenant, unit, at);

-- +goose Down
