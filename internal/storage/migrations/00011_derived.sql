-- +goose Up

-- by which version of apply the derived rows were made
-- operational
CREATE TABLE derived (
    id BIGINT NOT NULL, version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- +goose Down
