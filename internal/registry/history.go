package registry

import (
	"fmt"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Kinds of what happens at a site. They never change their meaning: a draw of sites is made again from them.
const (
	SiteKnown   = "known"   // +1 when it is registered
	SiteVisited = "visited" // +1 at each visit, taken back if it is annulled
	SiteOpen    = "open"    // +1 for each matter of it, -1 when it is claimed to be rectified
	SiteLate    = "late"    // +1 while one is late
	SiteFailed  = "failed"  // +1 for each verification that failed
)

// SiteEvent is a contribution of N to a kind at a time, of a site.
type SiteEvent struct {
	Site ledger.ID
	Kind string
	At   time.Time
	N    int64
}

// PostSite writes what an entry says of sites; equal kinds at equal times are one.
func PostSite(tx *storage.Tx, e ledger.Entry, events ...SiteEvent) error {
	for _, x := range events {
		if x.Site == "" || x.N == 0 {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO site_event (tenant, street, site, kind, pos, at, n)
			SELECT tenant, street, id, $3, $4, $5, $6 FROM site WHERE tenant = $1 AND id = $2
			ON CONFLICT (tenant, street, site, kind, pos, at) DO UPDATE SET n = site_event.n + excluded.n`,
			e.Tenant, string(x.Site), x.Kind, e.Pos, x.At.UnixMicro(), x.N); err != nil {
			return err
		}
	}
	return nil
}

// SiteState is a site with what had happened there by an instant, as far as the first entries of the ledger say.
type SiteState struct {
	ID     ledger.ID
	Street string
	Type   string
	Visits int64
	Last   time.Time // visit; zero: never
	Open   int64
	Late   int64
	Failed int64
}

// SiteStates gives the sites of streets as of an instant and a position, by id. Exercises and what was annulled left
// no trace in it.
func SiteStates(tx *storage.Tx, tenant string, streets []string, at time.Time, known int64) ([]SiteState, error) {
	args := []any{tenant, at.UnixMicro(), known}
	in := ""
	for i, s := range streets {
		args = append(args, s)
		if i > 0 {
			in += ", "
		}
		in += fmt.Sprintf("$%d", len(args))
	}
	if in == "" {
		return nil, nil
	}
	var out []SiteState
	err := tx.Query(`SELECT x.site, s.street, s.type, x.kind, CAST(SUM(x.n) AS BIGINT), MAX(x.at) FROM (
			SELECT site, kind, at, CAST(SUM(n) AS BIGINT) AS n FROM site_event
			WHERE tenant = $1 AND street IN (`+in+`) AND at <= $2 AND pos < $3 GROUP BY site, kind, at HAVING SUM(n) <> 0
		) x JOIN site s ON s.tenant = $1 AND s.id = x.site GROUP BY x.site, s.street, s.type, x.kind ORDER BY x.site, x.kind`,
		args, func(scan func(...any) error) error {
			var s SiteState
			var kind string
			var n, last int64
			if err := scan(&s.ID, &s.Street, &s.Type, &kind, &n, &last); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].ID != s.ID {
				out = append(out, s)
			}
			x := &out[len(out)-1]
			switch kind {
			case SiteVisited:
				x.Visits, x.Last = n, time.UnixMicro(last).UTC()
			case SiteOpen:
				x.Open = n
			case SiteLate:
				x.Late = n
			case SiteFailed:
				x.Failed = n
			}
			return nil
		})
	return out, err
}

// FirstPlaced is the first site, by id, of some types in some streets that has coordinates; nil if there is none.
func FirstPlaced(tx *storage.Tx, tenant string, streets, types []string) (*Site, error) {
	for _, street := range streets {
		for _, kind := range types {
			var id ledger.ID
			found, err := tx.Row(`SELECT id FROM site WHERE tenant = $1 AND street = $2 AND type = $3 AND lon IS NOT NULL AND lat IS NOT NULL ORDER BY id LIMIT 1`,
				[]any{tenant, street, kind}, &id)
			if err != nil {
				return nil, err
			}
			if found {
				s, _, err := SiteByID(tx, tenant, id)
				return &s, err
			}
		}
	}
	return nil, nil
}
