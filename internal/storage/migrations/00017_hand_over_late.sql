-- +goose Up

-- the board asks which hand-overs are late; few findings wait for one
CREATE INDEX finding_hand_over ON finding (tenant, hand_over_by) WHERE hand_over_by IS NOT NULL;

-- +goose Down
