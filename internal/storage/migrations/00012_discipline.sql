-- +goose Up

-- derived
CREATE TABLE intercession (
    tenant TEXT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, person TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE flag (
    tenant TEXT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, state TEXT NOT NULL, kind TEXT NOT NULL, about TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX flag_state ON flag (tenant, state, serial);
CREATE INDEX flag_about ON flag (tenant, about);
-- print is a keyed hash of the pixels: it tells the same picture, and shows none
-- vault
CREATE TABLE picture_use (
    tenant TEXT NOT NULL, print TEXT NOT NULL, about TEXT NOT NULL, kind TEXT NOT NULL, street TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (tenant, print, at, about)
);

-- +goose Down
