package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dump runs fn for every row of a table, sorted by all its columns, as one line of text.
func Dump(tx *Tx, table string, fn func(line string) error) error {
	rows, err := tx.conn.c.QueryContext(tx.ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return err
	}
	cols, err := rows.Columns()
	if e := rows.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	order := make([]string, len(cols))
	for i := range cols {
		order[i] = strconv.Itoa(i + 1)
	}
	values, at := make([]any, len(cols)), make([]any, len(cols))
	for i := range values {
		at[i] = &values[i]
	}
	var line strings.Builder
	return tx.Query(`SELECT * FROM `+table+` ORDER BY `+strings.Join(order, ", "), nil, func(scan func(...any) error) error {
		if err := scan(at...); err != nil {
			return err
		}
		line.Reset()
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(&line, "%s=%q ", cols[i], fmt.Sprint(v))
		}
		return fn(line.String())
	})
}

// Compare compares a table of two databases row by row, sorted. It gives the number of equal rows and,
// if they differ, the first rows that do.
func Compare(ctx context.Context, a, b *DB, table string) (rows int, first string, err error) {
	lines := make(chan string, 1024)
	stop := make(chan struct{})
	fault := make(chan error, 1)
	go func() {
		defer close(lines)
		fault <- b.Read(ctx, func(tx *Tx) error {
			return Dump(tx, table, func(line string) error {
				select {
				case lines <- line:
					return nil
				case <-stop:
					return errStopped
				}
			})
		})
	}()
	err = a.Read(ctx, func(tx *Tx) error {
		return Dump(tx, table, func(line string) error {
			other := <-lines
			if other != line {
				first = fmt.Sprintf("%s\n  %s", line, other)
				return errStopped
			}
			rows++
			return nil
		})
	})
	if first == "" {
		if more, ok := <-lines; ok {
			first = "(no row)\n  " + more
		}
	}
	close(stop)
	if e := <-fault; err == nil || errors.Is(err, errStopped) {
		err = e
	}
	if errors.Is(err, errStopped) {
		err = nil
	}
	return rows, first, err
}

var errStopped = errors.New("stopped at a difference")
