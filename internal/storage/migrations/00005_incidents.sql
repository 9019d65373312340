-- +goose Up

ALTER TABLE incident ADD COLUMN pack TEXT NOT NULL DEFAULT '';
ALTER TABLE incident ADD COLUMN trigger_at BIGINT;

-- +goose Down
