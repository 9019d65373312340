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

// stored is an entry as it lies in the ledger.
type stored struct {
	pos   int64
	bytes []byte
}

// pageSize is how many entries are read at a time, so that fn may ask the database too: one connection
// answers one question after another.
const pageSize = 500

// Each runs fn for the stored bytes of the entries that f selects, in order.
func Each(tx *storage.Tx, tenant string, f Filter, fn func(pos int64, b []byte) error) error {
	for left := f.Limit; ; {
		n := pageSize
		if f.Limit > 0 {
			n = min(n, left)
		}
		page, err := entriesPage(tx, tenant, f, f.From, "pos", n)
		if err != nil {
			return err
		}
		for _, s := range page {
			if err := fn(s.pos, s.bytes); err != nil {
				return err
			}
		}
		left -= len(page)
		if len(page) < n || f.Limit > 0 && left == 0 {
			return nil
		}
		f.From = page[len(page)-1].pos + 1
	}
}

// Newest runs fn for the entries that f selects, the newest first; From is not used.
func Newest(tx *storage.Tx, tenant string, f Filter, fn func(pos int64, b []byte) error) error {
	page, err := entriesPage(tx, tenant, f, 0, "pos DESC", f.Limit)
	if err != nil {
		return err
	}
	for _, s := range page {
		if err := fn(s.pos, s.bytes); err != nil {
			return err
		}
	}
	return nil
}

func entriesPage(tx *storage.Tx, tenant string, f Filter, from int64, order string, limit int) ([]stored, error) {
	q := `SELECT pos, bytes FROM ledger_entry WHERE tenant = $1`
	args := []any{tenant}
	add := func(cond string, v any) {
		args = append(args, v)
		q += fmt.Sprintf(" AND %s $%d", cond, len(args))
	}
	add("pos >=", from)
	if f.Until > 0 {
		add("pos <", f.Until)
	}
	if f.Type != "" {
		add("type =", f.Type)
	}
	if f.Subject != "" {
		add("subject =", string(f.Subject))
	}
	args = append(args, limit)
	var page []stored
	err := tx.Query(q+fmt.Sprintf(" ORDER BY %s LIMIT $%d", order, len(args)), args, func(scan func(...any) error) error {
		var s stored
		err := scan(&s.pos, &s.bytes)
		page = append(page, s)
		return err
	})
	return page, err
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

// LastRecorded is when the newest entry was recorded.
func LastRecorded(tx *storage.Tx, tenant string) (time.Time, error) {
	var at int64
	_, err := tx.Row(`SELECT last_at FROM ledger_head WHERE tenant = $1`, []any{tenant}, &at)
	return time.UnixMicro(at).UTC(), err
}
