-- +goose Up

-- the last matters of a problem type and of a unit, in a jurisdiction, without reading the others
CREATE INDEX matter_problem ON matter (tenant, problem, serial, street, addressee);
CREATE INDEX matter_addressed ON matter (tenant, addressee, serial, street);

-- +goose Down
