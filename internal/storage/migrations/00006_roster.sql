-- +goose Up

-- derived
CREATE TABLE batch (
    tenant TEXT NOT NULL, id TEXT NOT NULL, incident TEXT NOT NULL, no BIGINT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE attendance (
    tenant TEXT NOT NULL, person TEXT NOT NULL, shift TEXT NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person, shift)
);

-- +goose Down
