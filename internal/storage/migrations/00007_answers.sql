-- +goose Up

-- derived
CREATE TABLE visit_answer (
    tenant TEXT NOT NULL, visit TEXT NOT NULL, item TEXT NOT NULL, at BIGINT NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (tenant, visit, item)
);
CREATE INDEX visit_answer_item ON visit_answer (tenant, item, at);

-- +goose Down
