// Package storage owns the database: opening it (SQLite by default, PostgreSQL as the second
// engine), migrations, read snapshots, the one writing connection with its savepoints, and the
// few places where the two engines differ. It refuses to know what a row means.
//
// SQL everywhere else is one text for both engines: $1 placeholders, four column types, times as
// BIGINT microseconds UTC, booleans as BIGINT 0 or 1 (see Bool).
package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// Engine names a database engine.
type Engine string

// The engines that one SQL text serves.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// readers is the number of read connections: reads are short, and two cores serve them.
const readers = 8

// DB is an open database. Reads run concurrently, each on its own snapshot; writing goes through
// the one Writer.
type DB struct {
	engine Engine
	sql    *sql.DB
	pool   chan *conn

	mu     sync.Mutex
	closed bool
}

// conn is a connection with its prepared statements, so that a statement is parsed once.
type conn struct {
	c     *sql.Conn
	stmts map[string]*sql.Stmt
}

// close finalises the statements first: SQLite does not let go of a connection that has some.
func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close()
	}
	clear(c.stmts)
	return c.c.Close()
}

// Open opens the database named by dsn: a path of a SQLite file, or a postgres:// URL. The file is
// made if it is not there. Migrations run at once; a schema newer than this program refuses to open.
func Open(ctx context.Context, dsn string) (*DB, error) {
	db := &DB{engine: SQLite}
	var err error
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		db.engine = Postgres
		db.sql, err = sql.Open("pgx", dsn)
	} else {
		db.sql, err = sql.Open("sqlite3", sqliteURI(dsn))
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", db.engine, err)
	}
	if err := db.checkSettings(ctx); err != nil {
		return nil, errors.Join(err, db.sql.Close())
	}
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("migrate: %w", err), db.sql.Close())
	}
	if db.engine == SQLite {
		if err := db.tellPlanner(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("tell the planner: %w", err), db.sql.Close())
		}
	}
	db.sql.SetMaxIdleConns(readers + 2)
	db.pool = make(chan *conn, readers)
	for range readers {
		c, err := db.conn(ctx)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		db.pool <- c
	}
	return db, nil
}

// sqliteURI asks for what durability needs: a write-ahead log that is synchronised at every
// commit, so that what was acknowledged survives loss of power.
func sqliteURI(path string) string {
	q := url.Values{"_txlock": {"deferred"}}
	for _, p := range []string{
		"busy_timeout(20000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"cache_size(-4096)", "temp_store(MEMORY)", "wal_autocheckpoint(4000)",
	} {
		q.Add("_pragma", p)
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (db *DB) checkSettings(ctx context.Context) error {
	if db.engine == SQLite {
		return db.sql.PingContext(ctx)
	}
	var collate string
	err := db.sql.QueryRowContext(ctx, `SELECT datcollate FROM pg_database WHERE datname = current_database()`).Scan(&collate)
	if err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	if c := strings.ToUpper(collate); c != "C" && c != "C.UTF-8" && c != "C.UTF8" && c != "POSIX" {
		return fmt.Errorf("database locale is %s: create it with LC_COLLATE 'C.UTF-8', or lists sort differently on the two engines", collate)
	}
	return nil
}

// Engine tells which engine is behind db.
func (db *DB) Engine() Engine { return db.engine }

func (db *DB) conn(ctx context.Context) (*conn, error) {
	c, err := db.sql.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &conn{c: c, stmts: map[string]*sql.Stmt{}}, nil
}

// Close closes all connections. The Writer must be closed before.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	for range len(db.pool) {
		c := <-db.pool
		_ = c.close()
	}
	return db.sql.Close()
}

// Read runs fn on one consistent snapshot of what was committed. fn must not keep the Tx.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	var c *conn
	select {
	case c = <-db.pool:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.pool <- c }()
	tx := &Tx{ctx: ctx, conn: c, engine: db.engine}
	begin := "BEGIN"
	if db.engine == Postgres {
		begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if err := tx.control(begin); err != nil {
		if c2, err2 := db.conn(ctx); err2 == nil { // a lost connection is replaced once
			_ = c.close()
			c = c2
			tx.conn = c
			err = tx.control(begin)
		}
		if err != nil {
			return fmt.Errorf("begin read: %w", err)
		}
	}
	err := fn(tx)
	tx.ctx = context.WithoutCancel(ctx)
	if e := tx.control("ROLLBACK"); e != nil && err == nil {
		return fmt.Errorf("end read: %w", e)
	}
	return err
}

// Bool is a Go bool as a column keeps it.
func Bool(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
