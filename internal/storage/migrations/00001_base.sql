-- +goose Up

-- ledger
CREATE TABLE ledger_head (
    tenant TEXT NOT NULL, size BIGINT NOT NULL, last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant)
);
-- ledger
CREATE TABLE ledger_entry (
    tenant TEXT NOT NULL, pos BIGINT NOT NULL, at BIGINT NOT NULL,
    type TEXT NOT NULL, subject TEXT NOT NULL, bytes BYTEA NOT NULL,
    PRIMARY KEY (tenant, pos)
);
CREATE INDEX ledger_entry_subject ON ledger_entry (tenant, subject, pos);
-- ledger
CREATE TABLE ledger_tile (
    tenant TEXT NOT NULL, level BIGINT NOT NULL, n BIGINT NOT NULL, hashes BYTEA NOT NULL,
    PRIMARY KEY (tenant, level, n)
);
-- derived
CREATE TABLE ledger_idem (
    tenant TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, pos BIGINT NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- vault
CREATE TABLE vault_part (
    tenant TEXT NOT NULL, hash TEXT NOT NULL, key TEXT NOT NULL, sealed BYTEA NOT NULL,
    PRIMARY KEY (tenant, hash)
);
-- vault
CREATE TABLE vault_index (
    tenant TEXT NOT NULL, key TEXT NOT NULL, token TEXT NOT NULL, subject TEXT NOT NULL,
    PRIMARY KEY (tenant, key, token, subject)
);
-- derived
CREATE TABLE vault_key (
    tenant TEXT NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL, class TEXT NOT NULL,
    destroyed BIGINT,
    PRIMARY KEY (tenant, key)
);

-- derived
CREATE TABLE figure_cell (
    tenant TEXT NOT NULL, cell BIGINT NOT NULL, dims TEXT NOT NULL,
    PRIMARY KEY (tenant, cell)
);
CREATE UNIQUE INDEX figure_cell_dims ON figure_cell (tenant, dims);
-- derived
CREATE TABLE figure_point (
    tenant TEXT NOT NULL, pos BIGINT NOT NULL, seq BIGINT NOT NULL, series TEXT NOT NULL,
    at BIGINT NOT NULL, n BIGINT NOT NULL, cell BIGINT NOT NULL, subject TEXT NOT NULL,
    PRIMARY KEY (tenant, pos, seq)
);
CREATE INDEX figure_point_series ON figure_point (tenant, series, at, pos);
-- derived
CREATE TABLE figure_run (
    tenant TEXT NOT NULL, level BIGINT NOT NULL, block BIGINT NOT NULL, series TEXT NOT NULL,
    axis TEXT NOT NULL, val TEXT NOT NULL, first_at BIGINT NOT NULL, data BYTEA NOT NULL,
    PRIMARY KEY (tenant, level, block, series, axis, val, first_at)
);
-- derived
CREATE TABLE figure_built (
    tenant TEXT NOT NULL, level BIGINT NOT NULL, blocks BIGINT NOT NULL,
    PRIMARY KEY (tenant, level)
);

-- derived
CREATE TABLE document_number (
    tenant TEXT NOT NULL, series TEXT NOT NULL, year BIGINT NOT NULL, n BIGINT NOT NULL,
    subject TEXT NOT NULL, void BIGINT NOT NULL CHECK (void IN (0, 1)), pos BIGINT NOT NULL,
    PRIMARY KEY (tenant, series, year, n)
);
CREATE INDEX document_number_subject ON document_number (tenant, subject);

-- derived
CREATE TABLE outbox (
    tenant TEXT NOT NULL, pos BIGINT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL,
    audience TEXT NOT NULL, unit TEXT NOT NULL, subject TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (tenant, pos, seq)
);
-- operational
CREATE TABLE delivery (
    tenant TEXT NOT NULL, pos BIGINT NOT NULL, seq BIGINT NOT NULL, state TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (tenant, pos, seq)
);

-- operational
CREATE TABLE tenant (
    tenant TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL, demo BIGINT NOT NULL CHECK (demo IN (0, 1)),
    zone TEXT NOT NULL,
    PRIMARY KEY (tenant)
);
-- operational
CREATE TABLE account (
    tenant TEXT NOT NULL, id TEXT NOT NULL, login TEXT NOT NULL, password TEXT NOT NULL,
    person TEXT NOT NULL, unit TEXT NOT NULL, roles TEXT NOT NULL, regions TEXT NOT NULL, teams TEXT NOT NULL,
    failed BIGINT NOT NULL, locked_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX account_login ON account (login);
-- operational
CREATE TABLE session (
    token TEXT NOT NULL, tenant TEXT NOT NULL, account TEXT NOT NULL, expires BIGINT NOT NULL,
    PRIMARY KEY (token)
);

-- derived
CREATE TABLE incident (
    tenant TEXT NOT NULL, id TEXT NOT NULL, code TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
    phase TEXT NOT NULL, exercise BIGINT NOT NULL CHECK (exercise IN (0, 1)), declared_at BIGINT NOT NULL,
    stood_down_at BIGINT,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE region (
    tenant TEXT NOT NULL, code TEXT NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL,
    name TEXT NOT NULL, level TEXT NOT NULL, parent TEXT NOT NULL, pinyin TEXT NOT NULL,
    PRIMARY KEY (tenant, code, valid_from)
);
-- derived
CREATE TABLE org (
    tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
    region TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE person (
    tenant TEXT NOT NULL, id TEXT NOT NULL, org TEXT NOT NULL, part TEXT NOT NULL, recused TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE post (
    tenant TEXT NOT NULL, person TEXT NOT NULL, org TEXT NOT NULL, role TEXT NOT NULL,
    from_at BIGINT NOT NULL, to_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person, org, role, from_at)
);
-- derived
CREATE TABLE site (
    tenant TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL, type TEXT NOT NULL,
    region TEXT NOT NULL, street TEXT NOT NULL, address TEXT NOT NULL, lon DOUBLE PRECISION, lat DOUBLE PRECISION,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX site_folded ON site (tenant, folded);

-- derived
CREATE TABLE rule_pack (
    tenant TEXT NOT NULL, code TEXT NOT NULL, version BIGINT NOT NULL, valid_from BIGINT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, code, version)
);
-- derived
CREATE TABLE catalogue (
    tenant TEXT NOT NULL, code TEXT NOT NULL, version BIGINT NOT NULL, part BIGINT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, code, version, part)
);

-- derived
CREATE TABLE matter (
    tenant TEXT NOT NULL, id TEXT NOT NULL, incident TEXT NOT NULL, origin TEXT NOT NULL, state TEXT NOT NULL,
    number TEXT NOT NULL, serial BIGINT NOT NULL, street TEXT NOT NULL, addressee TEXT NOT NULL, team TEXT NOT NULL,
    site TEXT NOT NULL, channel TEXT NOT NULL, themes TEXT NOT NULL, area TEXT NOT NULL, responsibility TEXT NOT NULL,
    problem TEXT NOT NULL, severity TEXT NOT NULL, day TEXT NOT NULL, assigned_at BIGINT NOT NULL,
    due BIGINT, open BIGINT NOT NULL CHECK (open IN (0, 1)), unrectified BIGINT NOT NULL CHECK (unrectified IN (0, 1)),
    pending TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX matter_serial ON matter (tenant, serial);
CREATE INDEX matter_due ON matter (tenant, unrectified, due);
CREATE INDEX matter_street ON matter (tenant, street, open, due);
CREATE INDEX matter_addressee ON matter (tenant, addressee, open, due);
CREATE INDEX matter_site ON matter (tenant, site);
-- derived
CREATE TABLE matter_step (
    tenant TEXT NOT NULL, matter TEXT NOT NULL, deadline TEXT NOT NULL, step TEXT NOT NULL, at BIGINT NOT NULL,
    audience TEXT NOT NULL, fired BIGINT,
    PRIMARY KEY (tenant, matter, deadline, step)
);
CREATE INDEX matter_step_at ON matter_step (tenant, fired, at);

-- derived
CREATE TABLE team (
    tenant TEXT NOT NULL, id TEXT NOT NULL, no BIGINT NOT NULL, zh TEXT NOT NULL, en TEXT NOT NULL,
    org TEXT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- derived
CREATE TABLE visit (
    tenant TEXT NOT NULL, id TEXT NOT NULL, serial BIGINT NOT NULL, state TEXT NOT NULL, site TEXT NOT NULL,
    street TEXT NOT NULL, team TEXT NOT NULL, origin TEXT NOT NULL, at BIGINT NOT NULL, day TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX visit_at ON visit (tenant, at, id);
CREATE INDEX visit_site ON visit (tenant, site, at);
-- derived
CREATE TABLE visit_person (
    tenant TEXT NOT NULL, person TEXT NOT NULL, visit TEXT NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, person, visit)
);
-- derived
CREATE TABLE finding (
    tenant TEXT NOT NULL, id TEXT NOT NULL, visit TEXT NOT NULL, state TEXT NOT NULL, street TEXT NOT NULL,
    team TEXT NOT NULL, site TEXT NOT NULL, problem TEXT NOT NULL, matter TEXT NOT NULL, at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX finding_visit ON finding (tenant, visit);
CREATE INDEX finding_state ON finding (tenant, state, at);
-- derived
CREATE TABLE imported (
    tenant TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL,
    PRIMARY KEY (tenant, key)
);

-- derived
CREATE TABLE snapshot (
    tenant TEXT NOT NULL, id TEXT NOT NULL, pos BIGINT NOT NULL, as_of BIGINT NOT NULL, known BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- operational
CREATE TABLE upload (
    tenant TEXT NOT NULL, id TEXT NOT NULL, account TEXT NOT NULL, at BIGINT NOT NULL,
    meta BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- operational
CREATE TABLE import_job (
    tenant TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- operational
CREATE TABLE import_refusal (
    tenant TEXT NOT NULL, job TEXT NOT NULL, line BIGINT NOT NULL, seq BIGINT NOT NULL, col TEXT NOT NULL,
    value TEXT NOT NULL, rule TEXT NOT NULL,
    PRIMARY KEY (tenant, job, line, seq)
);

-- +goose Down
