-- +goose Up

-- hand_over_by is the deadline of a finding's hand-over; NULL where there is none
ALTER TABLE finding ADD COLUMN hand_over_by BIGINT;
CREATE INDEX matter_pending ON matter (tenant, pending, due);

-- master is the matter that a duplicate was merged into
ALTER TABLE matter ADD COLUMN master TEXT NOT NULL DEFAULT '';
CREATE INDEX matter_master ON matter (tenant, master);
-- taken says that an entry carries the picture; those sent before it was kept stay
ALTER TABLE upload ADD COLUMN taken BIGINT NOT NULL DEFAULT 1 CHECK (taken IN (0, 1));
-- operational
CREATE TABLE rebuild (
    id BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- +goose Down
