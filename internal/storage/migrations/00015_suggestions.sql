-- +goose Up

-- derived
CREATE TABLE suggestion (
    tenant TEXT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, state TEXT NOT NULL, problem TEXT NOT NULL, at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX suggestion_state ON suggestion (tenant, state, serial);

-- +goose Down
