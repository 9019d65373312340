package access

import (
	"context"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// SavedFilter is the filter of a list that an account keeps under a name: a setting, nothing that happened. It shows
// nobody more than he may see.
type SavedFilter struct {
	ID      ledger.ID
	Account ledger.ID
	Page    string // matters, visits, findings
	Name    string
	Query   string // of the page's address, without the question mark
	Shared  bool   // shown to everybody who opens the page
}

// MaxFilters is how many filters an account keeps [D].
const MaxFilters = 30

// SaveFilter keeps a filter; the same id again changes nothing.
func (s *Accounts) SaveFilter(ctx context.Context, a Actor, f SavedFilter) error {
	return s.l.Do(ctx, a.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		var n int
		if _, err := tx.Row(`SELECT COUNT(*) FROM saved_filter WHERE tenant = $1 AND account = $2 AND id <> $3`, []any{a.Tenant, string(a.Account), string(f.ID)}, &n); err != nil {
			return err
		}
		if n >= MaxFilters {
			return ledger.Refuse("filter.too-many", "name")
		}
		_, err := tx.Exec(`INSERT INTO saved_filter (tenant, id, account, page, name, query, shared) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (tenant, id) DO NOTHING`, a.Tenant, string(f.ID), string(a.Account), f.Page, f.Name, f.Query, storage.Bool(f.Shared))
		return err
	})
}

// DropFilter forgets a filter of the actor's own; another's is not found.
func (s *Accounts) DropFilter(ctx context.Context, a Actor, id ledger.ID) error {
	return s.l.Do(ctx, a.Tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		n, err := tx.Exec(`DELETE FROM saved_filter WHERE tenant = $1 AND id = $2 AND account = $3`, a.Tenant, string(id), string(a.Account))
		if err == nil && n == 0 {
			err = ledger.RefuseAs(ledger.NotFound, "not-found", "")
		}
		return err
	})
}

// SavedFilters lists the actor's own filters of a page and those shared with him, by name.
func SavedFilters(tx *storage.Tx, a Actor, page string) ([]SavedFilter, error) {
	var out []SavedFilter
	err := tx.Query(`SELECT id, account, name, query, shared FROM saved_filter WHERE tenant = $1 AND page = $2 AND (account = $3 OR shared = 1) ORDER BY name, id`,
		[]any{a.Tenant, page, string(a.Account)}, func(scan func(...any) error) error {
			f := SavedFilter{Page: page}
			var shared int64
			err := scan(&f.ID, &f.Account, &f.Name, &f.Query, &shared)
			f.Shared = shared == 1
			out = append(out, f)
			return err
		})
	return out, err
}
