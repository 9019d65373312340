// Package storagetest lends tests a real, empty database of each engine. PostgreSQL is the throw-away
// server that DUZHAN_TEST_PG names; without one it is said to be left out, and under CI that fails.
package storagetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duzhan/internal/storage"

	"github.com/google/uuid"
)

// Engines lists the engines that can be had here.
func Engines(t testing.TB) []storage.Engine {
	t.Helper()
	if os.Getenv("DUZHAN_TEST_PG") == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("DUZHAN_TEST_PG is not set: run the tests by make test, which starts a PostgreSQL")
		}
		t.Log("left out: PostgreSQL (DUZHAN_TEST_PG is not set; make test starts one)")
		return []storage.Engine{storage.SQLite}
	}
	return []storage.Engine{storage.SQLite, storage.Postgres}
}

// Each runs fn on an empty database of each engine.
func Each(t *testing.T, fn func(t *testing.T, db *storage.DB)) {
	for _, e := range Engines(t) {
		t.Run(string(e), func(t *testing.T) { fn(t, Open(t, e)) })
	}
}

// Open gives an empty database; it is closed and dropped with the test.
func Open(t testing.TB, e storage.Engine) *storage.DB {
	t.Helper()
	dsn := filepath.Join(t.TempDir(), "test.db")
	if e == storage.Postgres {
		dsn = makePostgres(t)
	}
	db, err := storage.Open(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func makePostgres(t testing.TB) string {
	t.Helper()
	server, err := url.Parse(os.Getenv("DUZHAN_TEST_PG"))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := sql.Open("pgx", server.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := admin.Exec(fmt.Sprintf(`CREATE DATABASE %s TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`, name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		_ = admin.Close()
	})
	server.Path = "/" + name
	return server.String()
}
