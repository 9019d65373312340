package ledger

import (
	"context"
	"errors"
	"fmt"

	"duzhan/internal/storage"
)

// rebuildBatch is how many entries one transaction of a rebuild applies.
const rebuildBatch = 5000

// Rebuild empties the derived tables of db and applies every entry of from anew. It sends nothing.
// progress is told how many entries are done.
func Rebuild(ctx context.Context, from *storage.DB, db *storage.DB, opt Options, progress func(done int64)) error {
	tables, err := storage.Tables()
	if err != nil {
		return err
	}
	w, err := db.Writer(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_ = w.Rollback() // of the batch that failed; none is under way after success
		_ = w.Close()
	}()
	l := &Ledger{opt: opt}
	tx, err := w.Begin()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO rebuild (id) VALUES (1) ON CONFLICT (id) DO NOTHING`); err != nil {
		return err
	}
	for _, t := range tables {
		if t.Class == storage.DerivedTable {
			if _, err := tx.Exec(`DELETE FROM ` + t.Name); err != nil {
				return err
			}
		}
	}
	if err := w.Commit(); err != nil {
		return err
	}
	sizes := map[string]int64{}
	var tenants []string
	if err := from.Read(ctx, func(src *storage.Tx) error {
		if tenants, err = Tenants(src); err != nil {
			return err
		}
		for _, tenant := range tenants {
			if sizes[tenant], err = Size(src, tenant); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for _, tenant := range tenants {
		if err := l.rebuildTenant(ctx, w, from, tenant, sizes[tenant], progress); err != nil {
			return fmt.Errorf("rebuild %s: %w", tenant, err)
		}
	}
	if tx, err = w.Begin(); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM rebuild`); err != nil {
		return err
	}
	if err := derivedBy(tx, opt.Derived); err != nil {
		return err
	}
	return w.Commit()
}

func derivedBy(tx *storage.Tx, version int64) error {
	_, err := tx.Exec(`INSERT INTO derived (id, version) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET version = excluded.version`, version)
	return err
}

// ErrOtherDerived says that the derived rows were made by another version of the program.
var ErrOtherDerived = errors.New("derived rows of another version")

// Prepare refuses derived rows that were made by another version than opt's; a database without entries becomes
// one of this version.
func Prepare(ctx context.Context, db *storage.DB, opt Options) error {
	var version int64
	var found, filled bool
	if err := db.Read(ctx, func(tx *storage.Tx) (err error) {
		if found, err = tx.Row(`SELECT version FROM derived`, nil, &version); err != nil || found {
			return err
		}
		tenants, err := Tenants(tx)
		filled = len(tenants) > 0
		return err
	}); err != nil {
		return err
	}
	switch {
	case found && version == opt.Derived:
		return nil
	case found || filled:
		return ErrOtherDerived
	}
	w, err := db.Writer(ctx)
	if err != nil {
		return err
	}
	defer func() {
		_ = w.Rollback() // nothing is under way after success
		_ = w.Close()
	}()
	tx, err := w.Begin()
	if err != nil {
		return err
	}
	if err := derivedBy(tx, opt.Derived); err != nil {
		return err
	}
	return w.Commit()
}

// HalfRebuilt tells whether a rebuild of db was stopped in the middle: its derived rows are not to be
// shown, nor to be decided on, until it has run to its end.
func HalfRebuilt(tx *storage.Tx) (half bool, err error) {
	var id int64
	half, err = tx.Row(`SELECT id FROM rebuild`, nil, &id)
	return half, err
}

// rebuildTenant reads each batch on a snapshot of its own: one held throughout would keep SQLite's
// write-ahead log from being taken back into the database.
func (l *Ledger) rebuildTenant(ctx context.Context, w *storage.Writer, from *storage.DB, tenant string, size int64, progress func(int64)) error {
	for first := int64(0); first < size; first += rebuildBatch {
		until := min(first+rebuildBatch, size)
		batch := make([][]byte, 0, rebuildBatch)
		if err := from.Read(ctx, func(src *storage.Tx) error {
			return Each(src, tenant, Filter{From: first, Until: until}, func(_ int64, b []byte) error {
				batch = append(batch, b)
				return nil
			})
		}); err != nil {
			return err
		}
		tx, err := w.Begin()
		if err != nil {
			return err
		}
		for _, b := range batch {
			e, err := l.opt.Types.Decode(b)
			if err != nil {
				return err
			}
			if err := l.apply(tx, e); err != nil {
				return err
			}
		}
		if l.opt.Sealed != nil {
			if err := l.opt.Sealed(tx, tenant, until); err != nil {
				return err
			}
		}
		if err := w.Commit(); err != nil {
			return err
		}
		progress(until)
	}
	return nil
}
