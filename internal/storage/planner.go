package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// planRows is how large every table is said to be to SQLite's planner.
const planRows = 1_000_000

// tellPlanner gives SQLite's planner fixed statistics. Without any it takes the tenant, with which every
// key begins, for selective and reads whole tables where an index would do; with gathered ones, plans
// would change with the data.
func (db *DB) tellPlanner(ctx context.Context) error {
	wanted, err := db.planStatistics(ctx)
	if err != nil {
		return err
	}
	type key = [2]string
	have := map[key]string{}
	err = rowsOf(ctx, db.sql, `SELECT tbl, idx, stat FROM sqlite_stat1`, func(scan func(...any) error) error {
		var k key
		var stat string
		err := scan(&k[0], &k[1], &stat)
		have[k] = stat
		return err
	})
	if err == nil && maps.Equal(have, wanted) {
		return nil
	}
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, q := range []string{`ANALYZE sqlite_schema`, `DELETE FROM sqlite_stat1`} { // the first makes the table
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	for k, stat := range wanted {
		if _, err := tx.ExecContext(ctx, `INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)`, k[0], k[1], stat); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	db.sql.SetMaxIdleConns(0) // connections read the statistics when they open
	return nil
}

// planStatistics computes the statistics by table and index.
func (db *DB) planStatistics(ctx context.Context) (map[[2]string]string, error) {
	columns := map[[2]string][]string{}
	unique := map[[2]string]bool{}
	err := rowsOf(ctx, db.sql, `SELECT m.name, l.name, l."unique", l.origin, i.name FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY m.name, l.name, i.seqno`, func(scan func(...any) error) error {
		var table, index, origin, column string
		var only bool
		if err := scan(&table, &index, &only, &origin, &column); err != nil {
			return err
		}
		if origin == "pk" { // the table is its own primary key
			index = table
		}
		k := [2]string{table, index}
		columns[k], unique[k] = append(columns[k], column), only
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[[2]string]string{}
	for k, list := range columns {
		out[k] = planStatistic(list, unique[k])
	}
	return out, nil
}

// coarse columns have few values; any other selects few rows.
var coarse = []string{"state", "open", "unrectified", "fired", "level", "series", "axis", "street", "addressee", "year"}

// planStatistic says how many rows share each prefix of an index.
func planStatistic(columns []string, unique bool) string {
	rows, least := planRows, 10
	words := []string{strconv.Itoa(rows)}
	for i, c := range columns {
		switch {
		case i == len(columns)-1 && unique:
			rows = 1
		case c == "tenant":
		case slices.Contains(coarse, c):
			rows = max(rows/10, least)
		default:
			rows = max(min(rows/10, 100), least)
		}
		words = append(words, strconv.Itoa(rows))
	}
	return strings.Join(words, " ")
}

func rowsOf(ctx context.Context, db *sql.DB, query string, fn func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("query %.80q: %w", query, err)
	}
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
