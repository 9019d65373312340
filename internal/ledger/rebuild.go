package ledger

import (
	"context"
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
	defer func() { _ = w.Close() }()
	l := &Ledger{opt: opt}
	tx, err := w.Begin()
	if err != nil {
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
	return from.Read(ctx, func(src *storage.Tx) error {
		tenants, err := Tenants(src)
		if err != nil {
			return err
		}
		for _, tenant := range tenants {
			if err := l.rebuildTenant(w, src, tenant, progress); err != nil {
				return fmt.Errorf("rebuild %s: %w", tenant, err)
			}
		}
		return nil
	})
}

func (l *Ledger) rebuildTenant(w *storage.Writer, src *storage.Tx, tenant string, progress func(int64)) error {
	size, err := Size(src, tenant)
	if err != nil {
		return err
	}
	for from := int64(0); from < size; from += rebuildBatch {
		tx, err := w.Begin()
		if err != nil {
			return err
		}
		until := min(from+rebuildBatch, size)
		err = Each(src, tenant, Filter{From: from, Until: until}, func(_ int64, b []byte) error {
			e, err := l.opt.Types.Decode(b)
			if err != nil {
				return err
			}
			return l.apply(tx, e)
		})
		if err == nil && l.opt.Sealed != nil {
			err = l.opt.Sealed(tx, tenant, until)
		}
		if err != nil {
			return err
		}
		if err := w.Commit(); err != nil {
			return err
		}
		progress(until)
	}
	return nil
}
