package matter

import (
	"encoding/json"
	"slices"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/notify"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// KindSiteChecked counts sites of self-checks, KindDepartment departments at their first order.
const (
	KindSiteChecked = "site_checked"
	KindDepartment  = "department"
)

func applyOrder(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := OrderByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	o := before.After(e)
	counts, err := registry.Counts(tx, e.Tenant, o.Incident)
	if err != nil {
		return err
	}
	switch b := e.Body.(type) {
	case OrderSplitV1:
		var ms []notify.Message
		for _, u := range o.Units() {
			if u != o.Unit {
				ms = append(ms, notify.Message{Kind: e.Type, Audience: "responsible", Unit: u})
			}
		}
		err = notify.Post(tx, e, ms...)
	case OrderSitesListedV1:
		err = listSites(tx, e, before.Listed, b)
	case OrderSiteCheckedV1:
		err = checkSite(tx, e, o, b, counts)
	}
	if err != nil {
		return err
	}
	return saveOrder(tx, e.Tenant, o, before.State == "", counts)
}

// departmentPoints counts a department at its first order that counts, in all and in each area.
func departmentPoints(tx *storage.Tx, e ledger.Entry, m Matter) ([]figure.Point, error) {
	var all, inArea int64
	if _, err := tx.Row(`SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN area = $4 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM work_order
		WHERE tenant = $1 AND issued_to = $2 AND state = $3 AND counted = 1`,
		[]any{e.Tenant, string(m.Responsible()), OrderIssued, m.Facets.Area}, &all, &inArea); err != nil {
		return nil, err
	}
	var out []figure.Point
	if all == 0 {
		out = append(out, figure.Point{Series: KindDepartment, At: m.AssignedAt, N: 1, Groups: figure.In(), Subject: m.Responsible()})
	}
	if inArea == 0 {
		out = append(out, figure.Point{
			Series: KindDepartment, At: m.AssignedAt, N: 1, Subject: m.Responsible(), Groups: figure.Only(figure.Group{Axis: "area", Value: m.Facets.Area}),
		})
	}
	return out, nil
}

func listSites(tx *storage.Tx, e ledger.Entry, n int, b OrderSitesListedV1) error {
	for i, site := range b.Sites {
		if _, err := tx.Exec(`INSERT INTO work_order_site (tenant, work_order, site, n, result, unit, person, at, matter)
			VALUES ($1, $2, $3, $4, '', '', '', 0, '')`, e.Tenant, string(e.Subject), string(site), n+i); err != nil {
			return err
		}
	}
	return nil
}

func checkSite(tx *storage.Tx, e ledger.Entry, o Order, b OrderSiteCheckedV1, counts bool) error {
	result := SiteOK
	if b.Matter != "" {
		result = SiteFound
	}
	if _, err := tx.Exec(`UPDATE work_order_site SET result = $4, unit = $5, person = $6, at = $7, matter = $8 WHERE tenant = $1 AND work_order = $2 AND site = $3`,
		e.Tenant, string(o.ID), string(b.Site), result, string(e.Who.Unit), string(e.Who.Person), o.Effect.UnixMicro(), string(b.Matter)); err != nil || !counts {
		return err
	}
	return figure.Post(tx, e.Tenant, e.Pos, o.ID, []figure.Point{{Series: KindSiteChecked, At: o.Effect, N: 1, Subject: b.Site, Groups: figure.In(
		figure.Group{Axis: "street", Value: b.Street}, figure.Group{Axis: "addressee", Value: string(o.Unit)},
		figure.Group{Axis: "area", Value: o.Area}, figure.Group{Axis: "day", Value: b.Day},
	)}})
}

func saveOrder(tx *storage.Tx, tenant string, o Order, isNew, counts bool) error {
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	at := o.IssuedAt
	if at.IsZero() {
		at = o.DraftedAt
	}
	args := []any{tenant, string(o.ID), o.State, string(o.IssuedTo), string(o.Unit), o.Area, o.Problem, o.Serial, at.UnixMicro(), storage.Bool(counts), body}
	if isNew {
		_, err = tx.Exec(`INSERT INTO work_order (tenant, id, state, issued_to, unit, area, problem, serial, at, counted, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, args...)
		return err
	}
	_, err = tx.Exec(`UPDATE work_order SET state = $3, issued_to = $4, unit = $5, area = $6, problem = $7, serial = $8, at = $9, counted = $10, body = $11
		WHERE tenant = $1 AND id = $2`, args...)
	return err
}

// OrderByID finds an order.
func OrderByID(tx *storage.Tx, tenant string, id ledger.ID) (o Order, found bool, err error) {
	found, err = storage.One(tx, &o, `SELECT body FROM work_order WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return o, found, err
}

// Orders lists orders, the last first: drafts by when they were drafted, the others by when they were issued.
func Orders(tx *storage.Tx, tenant string, limit int) ([]Order, error) {
	return storage.All[Order](tx, `SELECT body FROM work_order WHERE tenant = $1 ORDER BY at DESC, id LIMIT $2`, tenant, limit)
}

// RunningOn tells of which problem types there is a draft or an order whose matter is open.
func RunningOn(tx *storage.Tx, tenant string) (map[string]bool, error) {
	out := map[string]bool{}
	err := tx.Query(`SELECT DISTINCT o.problem FROM work_order o LEFT JOIN matter m ON m.tenant = o.tenant AND m.id = o.id
		WHERE o.tenant = $1 AND o.problem <> '' AND (m.id IS NULL OR m.open = 1)`, []any{tenant}, func(scan func(...any) error) error {
		var p string
		err := scan(&p)
		out[p] = true
		return err
	})
	return out, err
}

// Children are the matters that an order's self-check found, as they are now.
func Children(tx *storage.Tx, tenant string, o Order) ([]Matter, error) {
	var out []Matter
	for _, id := range o.Found {
		m, _, err := Load(tx, tenant, id)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// OrderSite is a site of a self-check with what was seen there.
type OrderSite struct {
	Site   ledger.ID
	Result string // empty: not checked yet
	Unit   ledger.ID
	Person ledger.ID
	At     time.Time
	Matter ledger.ID // what was found
}

// OrderSites lists the sites of a self-check in the order they were listed, from the one behind skip on.
func OrderSites(tx *storage.Tx, tenant string, order ledger.ID, skip, limit int) ([]OrderSite, error) {
	return orderSites(tx, `SELECT site, result, unit, person, at, matter FROM work_order_site WHERE tenant = $1 AND work_order = $2 AND n >= $3 ORDER BY n LIMIT $4`,
		tenant, string(order), skip, limit)
}

// OrderSiteOf finds one site of a self-check.
func OrderSiteOf(tx *storage.Tx, tenant string, order, site ledger.ID) (OrderSite, bool, error) {
	list, err := orderSites(tx, `SELECT site, result, unit, person, at, matter FROM work_order_site WHERE tenant = $1 AND work_order = $2 AND site = $3`,
		tenant, string(order), string(site))
	if err != nil || len(list) == 0 {
		return OrderSite{}, false, err
	}
	return list[0], true, nil
}

func orderSites(tx *storage.Tx, query string, args ...any) ([]OrderSite, error) {
	var out []OrderSite
	err := tx.Query(query, args, func(scan func(...any) error) error {
		var s OrderSite
		var site, unit, person, matter string
		var at int64
		if err := scan(&site, &s.Result, &unit, &person, &at, &matter); err != nil {
			return err
		}
		s.Site, s.Unit, s.Person, s.Matter = ledger.ID(site), ledger.ID(unit), ledger.ID(person), ledger.ID(matter)
		if at != 0 {
			s.At = time.UnixMicro(at).UTC()
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// Spread is a problem type found in several streets.
type Spread struct {
	Problem string
	Matters []Matter // newest last
	Streets []string // sorted by code
}

// Repeated lists the problem types of findings handed over since a time that were found in at least so many streets,
// by code; withdrawn and merged ones do not count (R112).
func Repeated(tx *storage.Tx, tenant string, incident ledger.ID, since time.Time, streets int) ([]Spread, error) {
	var problems []string
	err := tx.Query(`SELECT problem FROM matter WHERE tenant = $1 AND incident = $2 AND origin = $3 AND assigned_at >= $4 AND state NOT IN ($5, $6)
		AND street <> '' GROUP BY problem HAVING COUNT(DISTINCT street) >= $7 ORDER BY problem`,
		[]any{tenant, string(incident), string(OriginFinding), since.UnixMicro(), string(Withdrawn), string(Duplicate), streets}, func(scan func(...any) error) error {
			var p string
			err := scan(&p)
			problems = append(problems, p)
			return err
		})
	if err != nil {
		return nil, err
	}
	var out []Spread
	for _, p := range problems {
		s := Spread{Problem: p}
		if s.Matters, err = storage.All[Matter](tx, `SELECT body FROM matter WHERE tenant = $1 AND incident = $2 AND origin = $3 AND assigned_at >= $4
			AND state NOT IN ($5, $6) AND problem = $7 ORDER BY assigned_at, id LIMIT $8`,
			tenant, string(incident), string(OriginFinding), since.UnixMicro(), string(Withdrawn), string(Duplicate), p, MaxPage); err != nil {
			return nil, err
		}
		s.Streets = streetsOf(s.Matters)
		out = append(out, s)
	}
	return out, nil
}

// Cluster is how many findings of a problem type were handed over.
type Cluster struct {
	Problem string
	N       int64
}

// Clusters lists the problem types that at least so many findings of an incident were handed over of since then.
func Clusters(tx *storage.Tx, tenant string, incident ledger.ID, since time.Time, least int64) (out []Cluster, err error) {
	err = tx.Query(`SELECT problem, COUNT(*) FROM matter WHERE tenant = $1 AND incident = $2 AND origin = $3 AND assigned_at >= $4
		AND state NOT IN ($5, $6) AND problem <> '' GROUP BY problem HAVING COUNT(*) >= $7 ORDER BY problem`,
		[]any{tenant, string(incident), string(OriginFinding), since.UnixMicro(), string(Withdrawn), string(Duplicate), least}, func(scan func(...any) error) error {
			var c Cluster
			err := scan(&c.Problem, &c.N)
			out = append(out, c)
			return err
		})
	return out, err
}

func streetsOf(list []Matter) []string {
	var out []string
	for _, m := range list {
		if m.Facets.Street != "" {
			out = append(out, m.Facets.Street)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
