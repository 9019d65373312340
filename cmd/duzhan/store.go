package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/clock"
	"duzhan/internal/ledger"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
)

// Store names where the data lie.
type Store struct {
	Data   string `help:"Data folder: the database, unless --db names another, and the keys." required:"" type:"path"`
	DB     string `name:"db" help:"PostgreSQL database, postgres://…, instead of SQLite in the data folder."`
	Tenant string `help:"Jurisdiction; needed only if the data hold several."`

	half bool // opens what a rebuild left in the middle, too
}

// opened is an open store.
type opened struct {
	db   *storage.DB
	acts *acts.Acts
}

// open opens a store; now is the clock of every tenant, nil for the wall clock (and, for invented data,
// a clock that goes on where the scenario ended).
func (s Store) open(ctx context.Context, create bool, now func(string) time.Time) (*opened, error) {
	if _, err := os.Stat(s.Data); err != nil && !create {
		return nil, fmt.Errorf("no data in %s: make the demonstration with `duzhan demo`, or begin with `duzhan init` or `duzhan import`", s.Data)
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, err
	}
	dsn := s.DB
	if dsn == "" {
		dsn = filepath.Join(s.Data, "duzhan.db")
	}
	db, err := storage.Open(ctx, dsn)
	if err != nil {
		return nil, err
	}
	keyDir := filepath.Join(s.Data, "keys")
	keys, err := vault.OpenKeys(keyDir)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	signing, err := acts.OpenSigningKey(keyDir)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if !s.half {
		if err := whole(ctx, db); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if now == nil {
		if now, err = clocks(ctx, db); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	l, err := ledger.New(ctx, db, acts.Options(now))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a := acts.New(l, vault.New(keys), signing)
	a.Dir = s.Data
	if err := db.Read(ctx, func(tx *storage.Tx) error { return a.V.Shred(tx) }); err != nil {
		return nil, errors.Join(err, l.Close(), db.Close())
	}
	return &opened{db, a}, nil
}

// whole refuses rows that a rebuild left in the middle, or that another version made.
func whole(ctx context.Context, db *storage.DB) error {
	if err := db.Read(ctx, func(tx *storage.Tx) error {
		half, err := ledger.HalfRebuilt(tx)
		if err == nil && half {
			err = errors.New("a rebuild was stopped in the middle, its tables are not whole: run `duzhan rebuild` to its end")
		}
		return err
	}); err != nil {
		return err
	}
	err := ledger.Prepare(ctx, db, acts.Options(nil))
	if errors.Is(err, ledger.ErrOtherDerived) {
		err = errors.New("the tables were made by another version of duzhan; the ledger is as it was: run `duzhan rebuild` once")
	}
	return err
}

func (o *opened) close() error { return errors.Join(o.acts.L.Close(), o.db.Close()) }

// clocks gives every tenant its clock: invented data go on where their scenario ended.
func clocks(ctx context.Context, db *storage.DB) (func(string) time.Time, error) {
	by := map[string]clock.Clock{}
	err := db.Read(ctx, func(tx *storage.Tx) error {
		tenants, err := access.Tenants(tx)
		for _, t := range tenants {
			if !t.Demo {
				continue
			}
			last, err := ledger.LastRecorded(tx, t.Code)
			if err != nil {
				return err
			}
			by[t.Code] = clock.From(last.Add(time.Second), clock.Wall())
		}
		return err
	})
	return func(tenant string) time.Time {
		if c, ok := by[tenant]; ok {
			return c()
		}
		return clock.Wall()
	}, err
}

// tenant picks the jurisdiction: the named one, or the only one.
func (s Store) tenant(ctx context.Context, o *opened) (access.Tenant, error) {
	var list []access.Tenant
	if err := o.db.Read(ctx, func(tx *storage.Tx) (err error) {
		list, err = access.Tenants(tx)
		return err
	}); err != nil {
		return access.Tenant{}, err
	}
	for _, t := range list {
		if t.Code == s.Tenant || s.Tenant == "" && len(list) == 1 {
			return t, nil
		}
	}
	switch {
	case len(list) == 0:
		return access.Tenant{}, fmt.Errorf("no jurisdiction in %s yet: begin with `duzhan init` or `duzhan import`", s.Data)
	case s.Tenant != "":
		return access.Tenant{}, fmt.Errorf("--tenant: no jurisdiction %s in %s", s.Tenant, s.Data)
	}
	return access.Tenant{}, fmt.Errorf("--tenant: %s holds %d jurisdictions, name one", s.Data, len(list))
}

// with opens the store, runs fn on the chosen tenant and closes it.
func (s Store) with(e *env, fn func(o *opened, t access.Tenant) error) error {
	o, err := s.open(e.ctx, false, nil)
	if err != nil {
		return err
	}
	t, err := s.tenant(e.ctx, o)
	if err == nil {
		err = fn(o, t)
	}
	return errors.Join(err, o.close())
}
