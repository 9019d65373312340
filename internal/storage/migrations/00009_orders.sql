-- +goose Up

ALTER TABLE org ADD COLUMN valid_from TEXT NOT NULL DEFAULT '';
ALTER TABLE org ADD COLUMN valid_to TEXT NOT NULL DEFAULT '';
-- derived
CREATE TABLE competence (
    tenant TEXT NOT NULL, area TEXT NOT NULL, org TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,
    PRIMARY KEY (tenant, area, org, valid_from)
);
-- derived
CREATE TABLE work_order (
    tenant TEXT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, issued_to TEXT NOT NULL, unit TEXT NOT NULL, area TEXT NOT NULL,
    problem TEXT NOT NULL, serial BIGINT NOT NULL, at BIGINT NOT NULL, counted BIGINT NOT NULL CHECK (counted IN (0, 1)), body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX work_order_at ON work_order (tenant, at, id);
-- derived
CREATE TABLE work_order_site (
    tenant TEXT NOT NULL, work_order TEXT NOT NULL, site TEXT NOT NULL, n BIGINT NOT NULL, result TEXT NOT NULL,
    unit TEXT NOT NULL, person TEXT NOT NULL, at BIGINT NOT NULL, matter TEXT NOT NULL,
    PRIMARY KEY (tenant, work_order, site)
);
CREATE INDEX work_order_site_n ON work_order_site (tenant, work_order, n);

-- +goose Down
