package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Tx is a transaction: a read snapshot or the writer's. It lives as long as the function it was
// handed to; its context is that function's.
type Tx struct {
	ctx    context.Context
	conn   *conn
	engine Engine
	write  bool
}

// Context is the context the transaction runs under.
func (t *Tx) Context() context.Context { return t.ctx }

// Engine tells which engine the transaction runs on.
func (t *Tx) Engine() Engine { return t.engine }

var placeholder = regexp.MustCompile(`\$(\d+)`)

func (t *Tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.conn.stmts[query]; s != nil {
		return s, nil
	}
	text := query
	if t.engine == SQLite { // there $2 is a name, numbered by where it first stands; ?2 is the second argument
		text = placeholder.ReplaceAllString(query, "?$1")
	}
	s, err := t.conn.c.PrepareContext(context.WithoutCancel(t.ctx), text)
	if err != nil {
		return nil, fmt.Errorf("prepare %.80q: %w", query, err)
	}
	t.conn.stmts[query] = s
	return s, nil
}

// control runs a statement that steers the transaction itself.
func (t *Tx) control(query string) error {
	_, err := t.conn.c.ExecContext(t.ctx, query)
	return err
}

// Exec runs a statement and tells how many rows it touched. Only the writer may.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if !t.write {
		return 0, errors.New("write in a read transaction")
	}
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("exec %.80q: %w", query, err)
	}
	return r.RowsAffected()
}

// Query runs fn for every row; scan reads the row's columns.
func (t *Tx) Query(query string, args []any, fn func(scan func(...any) error) error) error {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(t.ctx, args...)
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

// Row scans the first row into dst and tells whether there was one.
func (t *Tx) Row(query string, args []any, dst ...any) (bool, error) {
	s, err := t.stmt(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(t.ctx, args...).Scan(dst...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("query %.80q: %w", query, err)
	}
	return true, nil
}

// CountLimit is where counting stops: a list that long is counted no further, so that opening it costs a
// page and not the table. A count above it says "more than CountLimit".
const CountLimit = 10_000

// CountText says a count; above the limit it says so.
func CountText(n int) string {
	if n > CountLimit {
		return strconv.Itoa(CountLimit) + "+"
	}
	return strconv.Itoa(n)
}

// Count counts the rows of a FROM clause with its conditions, CountLimit+1 at the most.
func (t *Tx) Count(from string, args ...any) (n int, err error) {
	_, err = t.Row(fmt.Sprintf(`SELECT COUNT(*) FROM (SELECT 1 %s LIMIT %d) counted`, from, CountLimit+1), args, &n)
	return n, err
}

// Holding is the pattern of LIKE … ESCAPE '!' for texts that hold s, whatever signs are in it.
func Holding(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
}

// Writer is the one connection that writes. It is not safe for concurrent use: one goroutine owns it.
type Writer struct {
	db *DB
	tx Tx
}

// writerCache gives the writer 32 MiB of pages: it inserts under hashes, which lie anywhere.
const writerCache = "PRAGMA cache_size(-32768)"

// Writer opens the writing connection.
func (db *DB) Writer(ctx context.Context) (*Writer, error) {
	c, err := db.conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &Writer{db: db, tx: Tx{ctx: context.WithoutCancel(ctx), conn: c, engine: db.engine, write: true}}
	if db.engine == SQLite {
		if err := w.tx.control(writerCache); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return w, nil
}

// Begin starts a batch. On SQLite it takes the write lock at once, so that a batch never fails
// half-way for another process's sake.
func (w *Writer) Begin() (*Tx, error) {
	q := "BEGIN"
	if w.db.engine == SQLite {
		q = "BEGIN IMMEDIATE"
	}
	if err := w.tx.control(q); err != nil {
		return nil, fmt.Errorf("begin batch: %w", err)
	}
	return &w.tx, nil
}

// Savepoint runs fn so that its fault undoes fn alone. The fault of undoing is returned as batch.
func (w *Writer) Savepoint(fn func() error) (cmd, batch error) {
	if err := w.tx.control("SAVEPOINT command"); err != nil {
		return nil, err
	}
	if cmd = fn(); cmd == nil {
		return nil, w.tx.control("RELEASE command")
	}
	if err := w.tx.control("ROLLBACK TO command"); err != nil {
		return cmd, err
	}
	return cmd, w.tx.control("RELEASE command")
}

// Commit makes the batch durable: when it returns nil, the batch survives loss of power.
func (w *Writer) Commit() error { return w.tx.control("COMMIT") }

// Rollback undoes the batch.
func (w *Writer) Rollback() error { return w.tx.control("ROLLBACK") }

// Close closes the connection.
func (w *Writer) Close() error { return w.tx.conn.close() }
