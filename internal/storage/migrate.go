package storage

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"sort"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Class says what a table is for, and so what may be dropped and made again.
type Class string

// The classes of tables (see docs/architecture.md).
const (
	LedgerTable      Class = "ledger"      // the entries and their tree; the truth
	VaultTable       Class = "vault"       // sealed parts and what finds them
	DerivedTable     Class = "derived"     // made by apply, dropped and made again by rebuild
	OperationalTable Class = "operational" // sessions, uploads, delivery, progress
)

// Table is a table with its class.
type Table struct {
	Name  string
	Class Class
}

var (
	createTable = regexp.MustCompile(`(?m)^-- (ledger|vault|derived|operational)\nCREATE TABLE (\w+)`)
	columnType  = regexp.MustCompile(`\b(BIGINT|DOUBLE PRECISION|BYTEA)\b`)
	tableEnd    = regexp.MustCompile(`(?m)^\);`)
)

// Tables lists every table with its class, by name: the line above CREATE TABLE says the class.
func Tables() ([]Table, error) {
	var tables []Table
	err := fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := migrations.ReadFile(path)
		if err != nil {
			return err
		}
		found := createTable.FindAllStringSubmatch(string(text), -1)
		if n := strings.Count(string(text), "CREATE TABLE "); n != len(found) {
			return fmt.Errorf("%s: %d tables, %d of them with a class", path, n, len(found))
		}
		for _, m := range found {
			tables = append(tables, Table{Name: m[2], Class: Class(m[1])})
		}
		return nil
	})
	sort.Slice(tables, func(i, j int) bool { return tables[i].Name < tables[j].Name })
	return tables, err
}

// migrate brings the schema up to this program's. One text serves both engines: for SQLite the four
// types are renamed and every table is STRICT (a wrong type fails there too) and clustered by its key.
func (db *DB) migrate(ctx context.Context) error {
	dialect := goose.DialectPostgres
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		f, err := migrations.Open(name)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		if db.engine == SQLite {
			text = []byte(forSQLite(string(text)))
		}
		files[strings.TrimPrefix(name, "migrations/")] = &fstest.MapFile{Data: text}
	}
	if db.engine == SQLite {
		dialect = goose.DialectSQLite3
	}
	p, err := goose.NewProvider(dialect, db.sql, files)
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return fmt.Errorf("the database has schema %d, this program knows %d: use the newer program", have, want)
	}
	_, err = p.Up(ctx)
	return err
}

func forSQLite(text string) string {
	text = columnType.ReplaceAllStringFunc(text, func(t string) string {
		return map[string]string{"BIGINT": "INTEGER", "DOUBLE PRECISION": "REAL", "BYTEA": "BLOB"}[t]
	})
	return tableEnd.ReplaceAllString(text, ") STRICT, WITHOUT ROWID;")
}
