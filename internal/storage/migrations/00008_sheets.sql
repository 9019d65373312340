-- +goose Up

-- derived
CREATE TABLE sheet (
    tenant TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL, at BIGINT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE sheet_item (
    tenant TEXT NOT NULL, matter TEXT NOT NULL, sheet TEXT NOT NULL,
    PRIMARY KEY (tenant, matter)
);

-- +goose Down
