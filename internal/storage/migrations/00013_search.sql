-- +goose Up

-- the last matters of a problem type and of a unit, in a jurisdiction, without reading the others
CREATE INDEX matter_problem ON matter (tenant, problem, serial, street, addressee);
CREATE INDEX matter_addressed ON matter (tenant, addressee, serial, street);
-- every site by its words, by street: searched without reading the sites themselves
CREATE INDEX site_words ON site (tenant, street, folded, address, region);

-- a list's filter that an account keeps under a name
-- operational
CREATE TABLE saved_filter (
    tenant TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, page TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,
    shared BIGINT NOT NULL CHECK (shared IN (0, 1)),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX saved_filter_page ON saved_filter (tenant, page, name);

-- +goose Down
