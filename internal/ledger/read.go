package ledger

import (
	"fmt"
	"time"

	"duzhan/internal/storage"
)

// Size is the number of entries of a tenant's ledger.
func Size(tx *storage.Tx, tenant string) (int64, error) {
	var size int64
	_, err := tx.Row(`SELECT size FROM ledger_head WHERE tenant = $1`, []any{tenant}, &size)
	return size, err
}

// Bytes gives the stored bytes of one entry; found is false beyond the head.
func Bytes(tx *storage.Tx, tenant string, pos int64) (b []byte, found bool, err error) {
	found, err = tx.Row(`SELECT bytes FROM ledger_entry WHERE tenant = $1 AND pos = $2`, []any{tenant, pos}, &b)
	return b, found, err
}

// Filter selects entries; zero values select all.
type Filter struct {
	From    int64 // first position
	Until   int64 // behind the last position; 0 is the head
	Type    string
	Subject ID
	Limit   int // 0 is no limit
}

// Each runs fn for the stored bytes of the entries that f selects, in order.
func Each(tx *storage.Tx, tenant string, f Filter, fn func(pos int64, b []byte) error) error {
	q := `SELECT pos, bytes FROM ledger_entry WHERE tenant = $1 AND pos >= $2`
	args := []any{tenant, f.From}
	add := func(cond string, v any) {
		args = append(args, v)
		q += fmt.Sprintf(" AND %s $%d", cond, len(args))
	}
	if f.Until > 0 {
		add("pos <", f.Until)
	}
	if f.Type != "" {
		add("type =", f.Type)
	}
	if f.Subject != "" {
		add("subject =", string(f.Subject))
	}
	q += ` ORDER BY pos`
	if f.Limit > 0 {
		args = append(args, f.Limit)
		q += fmt.Sprintf(" LIMIT $%d", len(args))
	}
	return tx.Query(q, args, func(scan func(...any) error) error {
		var pos int64
		var b []byte
		if err := scan(&pos, &b); err != nil {
			return err
		}
		return fn(pos, b)
	})
}

// History decodes all entries of a subject, in order.
func (t Types) History(tx *storage.Tx, tenant string, subject ID) ([]Entry, error) {
	var entries []Entry
	err := Each(tx, tenant, Filter{Subject: subject}, func(_ int64, b []byte) error {
		e, err := t.Decode(b)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// Tenants lists the tenants that have entries.
func Tenants(tx *storage.Tx) ([]string, error) {
	var list []string
	err := tx.Query(`SELECT tenant FROM ledger_head ORDER BY tenant`, nil, func(scan func(...any) error) error {
		var t string
		err := scan(&t)
		list = append(list, t)
		return err
	})
	return list, err
}

// Newest runs fn for the entries that f selects, the newest first; From is not used.
func Newest(tx *storage.Tx, tenant string, f Filter, fn func(pos int64, b []byte) error) error {
	q := `SELECT pos, bytes FROM ledger_entry WHERE tenant = $1`
	args := []any{tenant}
	add := func(cond string, v any) {
		args = append(args, v)
		q += fmt.Sprintf(" AND %s $%d", cond, len(args))
	}
	if f.Until > 0 {
		add("pos <", f.Until)
	}
	if f.Type != "" {
		add("type =", f.Type)
	}
	if f.Subject != "" {
		add("subject =", string(f.Subject))
	}
	args = append(args, f.Limit)
	return tx.Query(q+fmt.Sprintf(` ORDER BY pos DESC LIMIT $%d`, len(args)), args, func(scan func(...any) error) error {
		var pos int64
		var b []byte
		if err := scan(&pos, &b); err != nil {
			return err
		}
		return fn(pos, b)
	})
}

// LastRecorded is when the newest entry was recorded.
func LastRecorded(tx *storage.Tx, tenant string) (time.Time, error) {
	var at int64
	_, err := tx.Row(`SELECT last_at FROM ledger_head WHERE tenant = $1`, []any{tenant}, &at)
	return time.UnixMicro(at).UTC(), err
}
