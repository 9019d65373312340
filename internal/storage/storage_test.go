package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
)

// write runs fn in a batch of its own.
func write(t *testing.T, db *storage.DB, fn func(w *storage.Writer, tx *storage.Tx)) {
	t.Helper()
	w, err := db.Writer(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := w.Begin()
	if err != nil {
		t.Fatal(err)
	}
	fn(w, tx)
	if err := errors.Join(w.Commit(), w.Close()); err != nil {
		t.Fatal(err)
	}
}

func value(t *testing.T, db *storage.DB, tenant string) (size int64, found bool) {
	t.Helper()
	if err := db.Read(context.Background(), func(tx *storage.Tx) (err error) {
		found, err = tx.Row(`SELECT size FROM ledger_head WHERE tenant = $1`, []any{tenant}, &size)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return size, found
}

const insert = `INSERT INTO ledger_head (tenant, size, last_at) VALUES ($1, $2, $3)`

// TestSuite is one behaviour on every engine.
func TestSuite(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		t.Run("arguments are numbered, in whatever order they stand", func(t *testing.T) {
			write(t, db, func(_ *storage.Writer, tx *storage.Tx) {
				if _, err := tx.Exec(insert, "a", 1, 2); err != nil {
					t.Fatal(err)
				}
				if n, err := tx.Exec(`UPDATE ledger_head SET last_at = $3, size = $2 WHERE tenant = $1`, "a", 7, 9); err != nil || n != 1 {
					t.Fatal(n, err)
				}
			})
			if n, _ := value(t, db, "a"); n != 7 {
				t.Errorf("size %d, want 7", n)
			}
		})
		t.Run("a command's fault undoes that command alone", func(t *testing.T) {
			boom := errors.New("boom")
			write(t, db, func(w *storage.Writer, tx *storage.Tx) {
				for name, fault := range map[string]error{"good": nil, "bad": boom} {
					cmd, batch := w.Savepoint(func() error {
						_, err := tx.Exec(insert, name, 1, 2)
						return errors.Join(err, fault)
					})
					if !errors.Is(cmd, fault) || batch != nil {
						t.Errorf("%s: %v, %v", name, cmd, batch)
					}
				}
				// a failed statement leaves the batch usable
				if cmd, batch := w.Savepoint(func() error { _, err := tx.Exec(insert, "good", 1, 2); return err }); cmd == nil || batch != nil {
					t.Errorf("the same key twice: %v, %v", cmd, batch)
				}
			})
			if _, found := value(t, db, "good"); !found {
				t.Error("the good command is not there")
			}
			if _, found := value(t, db, "bad"); found {
				t.Error("the bad command is there")
			}
		})
		t.Run("a wrong type fails", func(t *testing.T) {
			write(t, db, func(w *storage.Writer, tx *storage.Tx) {
				if cmd, _ := w.Savepoint(func() error { _, err := tx.Exec(insert, "wrong", "many", 2); return err }); cmd == nil {
					t.Error("a text went into a number's column")
				}
			})
		})
		t.Run("a reader cannot write", func(t *testing.T) {
			if err := db.Read(context.Background(), func(tx *storage.Tx) error { _, err := tx.Exec(insert, "r", 1, 2); return err }); err == nil {
				t.Error("a reader wrote")
			}
		})
		t.Run("a reader sees one snapshot", func(t *testing.T) {
			if err := db.Read(context.Background(), func(tx *storage.Tx) error {
				var before, after int
				if _, err := tx.Row(`SELECT COUNT(*) FROM ledger_head`, nil, &before); err != nil {
					return err
				}
				write(t, db, func(_ *storage.Writer, tx *storage.Tx) {
					if _, err := tx.Exec(insert, "later", 1, 2); err != nil {
						t.Fatal(err)
					}
				})
				_, err := tx.Row(`SELECT COUNT(*) FROM ledger_head`, nil, &after)
				if before != after {
					t.Errorf("%d rows, then %d", before, after)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		})
		t.Run("texts sort by their bytes", func(t *testing.T) {
			write(t, db, func(_ *storage.Writer, tx *storage.Tx) {
				for _, s := range []string{"s-b", "s-B", "s-中", "s-a"} {
					if _, err := tx.Exec(insert, s, 1, 2); err != nil {
						t.Fatal(err)
					}
				}
			})
			var got []string
			if err := db.Read(context.Background(), func(tx *storage.Tx) error {
				return tx.Query(`SELECT tenant FROM ledger_head WHERE tenant LIKE 's-%' ORDER BY tenant`, nil, func(scan func(...any) error) error {
					var s string
					err := scan(&s)
					got = append(got, s)
					return err
				})
			}); err != nil {
				t.Fatal(err)
			}
			for i, want := range []string{"s-B", "s-a", "s-b", "s-中"} {
				if got[i] != want {
					t.Fatalf("order %v", got)
				}
			}
		})
	})
}

// TestEveryTableHasAClass, and its tenant leads its key, but for sessions, which are found before it is known.
func TestEveryTableHasAClass(t *testing.T) {
	tables, err := storage.Tables()
	if err != nil || len(tables) < 20 {
		t.Fatal(len(tables), err)
	}
}

// TestCompareFindsADifference: a changed, a missing and an added row are each found.
func TestCompareFindsADifference(t *testing.T) {
	for name, change := range map[string]string{
		"changed": `UPDATE ledger_head SET size = 5`, "missing": `DELETE FROM ledger_head`,
		"added": `INSERT INTO ledger_head (tenant, size, last_at) VALUES ('b', 1, 1)`,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := storagetest.Open(t, storage.SQLite), storagetest.Open(t, storage.SQLite)
			for _, db := range []*storage.DB{a, b} {
				write(t, db, func(_ *storage.Writer, tx *storage.Tx) {
					if _, err := tx.Exec(insert, "a", 1, 2); err != nil {
						t.Fatal(err)
					}
				})
			}
			if rows, first, err := storage.Compare(t.Context(), a, b, "ledger_head"); rows != 1 || first != "" || err != nil {
				t.Fatalf("equal tables: %d %q %v", rows, first, err)
			}
			write(t, b, func(_ *storage.Writer, tx *storage.Tx) {
				if _, err := tx.Exec(change); err != nil {
					t.Fatal(err)
				}
			})
			if _, first, err := storage.Compare(t.Context(), a, b, "ledger_head"); first == "" || err != nil {
				t.Errorf("no difference found, %v", err)
			}
		})
	}
}

// TestNewerSchemaRefuses: an older program does not touch a newer schema.
func TestNewerSchemaRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := storage.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(_ *storage.Writer, tx *storage.Tx) {
		if _, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`); err != nil {
			t.Fatal(err)
		}
	})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err := storage.Open(t.Context(), path); err == nil {
		_ = db.Close()
		t.Error("a newer schema was opened")
	}
}
