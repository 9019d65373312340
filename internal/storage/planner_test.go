package storage_test

import (
	"context"
	"strings"
	"testing"

	"duzhan/internal/storage"
	"duzhan/internal/storage/storagetest"
)

// TestPlansSearchByTheirIndex: with every key beginning with the tenant, SQLite reads whole tables unless
// it is told that a tenant selects nothing.
func TestPlansSearchByTheirIndex(t *testing.T) {
	db := storagetest.Open(t, storage.SQLite)
	for _, c := range []struct{ query, index string }{
		{`SELECT bytes FROM ledger_entry WHERE tenant = 't' AND pos >= 0 AND subject = 's' ORDER BY pos`, "ledger_entry_subject"},
		{`SELECT body FROM matter WHERE tenant = 't' AND state = 's' AND site = 'x' ORDER BY serial, id LIMIT 9`, "matter_site"},
		{`SELECT body FROM matter WHERE tenant = 't' AND unrectified = 1 AND due < 5 ORDER BY due, id LIMIT 9`, "matter_due"},
		{`SELECT id FROM site WHERE tenant = 't' AND (folded LIKE '%n%' ESCAPE '!' OR LOWER(address) LIKE '%n%' ESCAPE '!') ORDER BY street, folded, id LIMIT 9`, "COVERING INDEX site_words"},
		{`SELECT id FROM site WHERE tenant = 't' AND (folded LIKE '%n%' ESCAPE '!') AND street IN ('', 's') ORDER BY street, folded, id LIMIT 9`, "COVERING INDEX site_words"},
		{`SELECT id FROM matter WHERE tenant = 't' AND problem = 'p' AND (street IN ('s') OR addressee IN ('u')) ORDER BY serial DESC, id LIMIT 9`, "matter_problem"},
		{`SELECT id FROM matter WHERE tenant = 't' AND addressee = 'u' AND (street IN ('s')) ORDER BY serial DESC, id LIMIT 9`, "matter_addressed"},
		{`SELECT id FROM matter WHERE tenant = 't' AND serial = 5 AND number LIKE 'n' AND (street IN ('s') OR addressee IN ('u')) ORDER BY serial DESC, id LIMIT 9`, "matter_serial"},
		{`SELECT id FROM matter WHERE tenant = 't' AND site IN ('a', 'b') AND (street IN ('s')) ORDER BY serial DESC, id LIMIT 9`, "matter_site"},
		{`SELECT body FROM finding WHERE tenant = 't' AND visit = 'v' ORDER BY at, id`, "finding_visit"},
		{`SELECT step FROM matter_step WHERE tenant = 't' AND fired IS NULL AND at <= 5`, "matter_step_at"},
		{`SELECT step FROM matter_step WHERE tenant = 't' AND matter = 'm' AND fired IS NULL`, "PRIMARY KEY (tenant=? AND matter=?)"},
	} {
		t.Run(c.index, func(t *testing.T) {
			var plan []string
			if err := db.Read(context.Background(), func(tx *storage.Tx) error {
				return tx.Query(`EXPLAIN QUERY PLAN `+c.query, nil, func(scan func(...any) error) error {
					var id, parent, unused int
					var text string
					err := scan(&id, &parent, &unused, &text)
					plan = append(plan, text)
					return err
				})
			}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(plan[0], c.index) {
				t.Errorf("%s\nis planned as %s, wanted %s", c.query, strings.Join(plan, "; "), c.index)
			}
		})
	}
}
