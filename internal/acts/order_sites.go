package acts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// ListSites adds a list of sites to an order's self-check. Lines that cannot be taken are given back and the others
// are taken; a site that is listed already is not listed twice.
func (a *Acts) ListSites(ctx context.Context, c Caller, id ledger.ID, seen int, rows []SiteRow) (bad []RowProblem, err error) {
	return bad, a.onOrder(ctx, c, id, "order.check", func(tx *ledger.Tx, o matter.Order, m matter.Matter, zone *time.Location) error {
		if len(rows) > MaxSites {
			return ledger.RefuseAs(ledger.Invalid, "order.too-many-sites", "rows", "n", strconv.Itoa(MaxSites))
		}
		cmd := matter.ListSites{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Matter: m}
		var good []SiteRow
		if good, bad, err = a.CheckSites(tx.Tx, c.Tenant, rows, tx.Now().In(zone).Format(time.DateOnly)); err != nil {
			return err
		}
		known := 0
		for _, row := range good {
			site, err := a.siteOf(tx, row)
			if err != nil {
				return err
			}
			if _, listed, err := matter.OrderSiteOf(tx.Tx, c.Tenant, o.ID, site); err != nil {
				return err
			} else if listed || slices.Contains(cmd.Sites, site) {
				known++
				continue
			}
			cmd.Sites = append(cmd.Sites, site)
		}
		if len(cmd.Sites) == 0 && known > 0 { // all there already: nothing to say
			return nil
		}
		if len(cmd.Sites) == 0 && len(bad) > 0 {
			r := *bad[0].Refusal
			return &r
		}
		drafts, refusal := cmd.Decide(o, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// CheckSites tells the lines of a list of sites that can be taken on a day from those that cannot.
func (a *Acts) CheckSites(tx *storage.Tx, tenant string, rows []SiteRow, day string) (good []SiteRow, bad []RowProblem, err error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, nil, err
	}
	regions := map[string]*ledger.Refusal{}
	for i, row := range rows {
		row, r := a.cleanRow(lists, row)
		if r == nil {
			found, seen := regions[row.Region]
			if !seen {
				if _, found, err = registry.RegionOn(tx, tenant, row.Region, day); err != nil {
					return nil, nil, err
				}
				regions[row.Region] = found
			}
			r = found
		}
		if r != nil {
			at := *r
			at.Field = fmt.Sprintf("rows[%d].%s", i, r.Field)
			bad = append(bad, RowProblem{Row: i, Refusal: &at})
			continue
		}
		good = append(good, row)
	}
	return good, bad, nil
}

func (a *Acts) cleanRow(lists *Catalogue, row SiteRow) (SiteRow, *ledger.Refusal) {
	var r *ledger.Refusal
	for _, x := range []struct {
		field    string
		text     *string
		required bool
	}{{"name", &row.Name, true}, {"region", &row.Region, true}, {"type", &row.Type, false}, {"address", &row.Address, false}} {
		if *x.text, r = cleanText(x.field, *x.text, x.required); r != nil {
			return row, r
		}
	}
	if row.Type == "" {
		return row, nil
	}
	i := slices.IndexFunc(lists.Lists["site_types"], func(l Listed) bool { return row.Type == l.Code || row.Type == l.Zh || row.Type == l.En })
	if i < 0 {
		return row, ledger.RefuseAs(ledger.Invalid, "unknown-code", "type", "field", "type")
	}
	row.Type = lists.Lists["site_types"][i].Code
	return row, nil
}

// siteOf finds the premises of a line, under whatever spelling of its name in that region, or registers them.
func (a *Acts) siteOf(tx *ledger.Tx, row SiteRow) (ledger.ID, error) {
	same, err := registry.Sites(tx.Tx, tx.Tenant, row.Name, []string{row.Region}, "", 50)
	if err != nil {
		return "", err
	}
	for _, s := range same {
		if s.Region == row.Region && registry.Fold(s.Name) == registry.Fold(row.Name) {
			return s.ID, nil
		}
	}
	id := ledger.NewID()
	return id, tx.Append(ledger.Draft{Subject: id, Body: registry.SiteRegisteredV1{
		Site: registry.Site{Name: row.Name, Type: row.Type, Region: row.Region, Address: row.Address},
	}})
}

// SelfCheckForm is what was seen at a site of a self-check.
type SelfCheckForm struct {
	Seen        int
	Site        ledger.ID
	Found       bool
	What        visit.What // of what was found
	Fact        string
	Requirement string
	Unit        ledger.ID // who must act; empty: who checks
	Photos      []ledger.ID
}

// SelfCheck says what was seen at a site; what was found is a matter of its own, with the deadline of the rule pack.
func (a *Acts) SelfCheck(ctx context.Context, c Caller, id ledger.ID, f SelfCheckForm) error {
	child := c.newID("matter")
	return a.onOrder(ctx, c, id, "order.check", func(tx *ledger.Tx, o matter.Order, m matter.Matter, zone *time.Location) error {
		site, _, err := registry.SiteByID(tx.Tx, c.Tenant, f.Site)
		if err != nil {
			return err
		}
		listed, found, err := matter.OrderSiteOf(tx.Tx, c.Tenant, o.ID, f.Site)
		if err != nil {
			return err
		}
		now := tx.Now()
		cmd := matter.CheckSite{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: f.Seen}, Matter: m, Site: f.Site, Listed: found, Result: listed.Result,
			Street: registry.Street(site.Region), Day: now.In(zone).Format(time.DateOnly),
		}
		if f.Found {
			cmd.Child = child
		}
		drafts, refusal := cmd.Decide(o, now)
		if refusal != nil || !f.Found {
			return decided(tx, drafts, refusal)
		}
		opened, err := a.selfFound(tx, c, o, child, site, f, zone)
		if err != nil {
			return err
		}
		return tx.Append(append(drafts, opened...)...)
	})
}

// selfFound makes the matter of what a self-check found.
func (a *Acts) selfFound(tx *ledger.Tx, c Caller, o matter.Order, id ledger.ID, site registry.Site, f SelfCheckForm, zone *time.Location) ([]ledger.Draft, error) {
	now := tx.Now()
	local := now.In(zone)
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return nil, err
	}
	f.What.Problem = cmp.Or(f.What.Problem, o.Problem)
	f.What.Severity = cmp.Or(f.What.Severity, o.Urgency)
	for _, x := range []struct{ list, code, field string }{{"problem_types", f.What.Problem, "problem_type"}, {"severities", f.What.Severity, "severity"}} {
		if r := lists.known(x.list, x.code, x.field, true); r != nil {
			return nil, r
		}
	}
	kind, _ := lists.Find("problem_types", f.What.Problem)
	unit := cmp.Or(f.Unit, c.Unit)
	if r, err := a.unitKnown(tx, c.Tenant, unit, "unit", local.Format(time.DateOnly)); err != nil || r != nil {
		return nil, orRefusal(err, r)
	}
	t, err := a.termsAt(tx.Tx, c.Tenant, now, zone)
	if err != nil {
		return nil, err
	}
	rectify, r := t.rectify("", f.What.Severity, now)
	if r != nil {
		return nil, r
	}
	n, err := document.Next(tx.Tx, c.Tenant, seriesSelfFound, local.Year())
	if err != nil {
		return nil, err
	}
	act := ledger.Act{Person: c.Person, Unit: c.Unit}
	for _, x := range []struct {
		part, text string
		required   bool
	}{{"fact", f.Fact, true}, {"requirement", f.Requirement, false}} {
		parts, err := a.sealText(tx, x.part, x.part, x.text, x.required)
		if err != nil {
			return nil, err
		}
		act.Parts = append(act.Parts, parts...)
	}
	pictures, err := a.takeUploads(tx, c, plan.About{Kind: "matter", ID: id, Street: registry.Street(site.Region)}, "photo.before.", "photos", f.Photos)
	if err != nil {
		return nil, err
	}
	act.Parts = append(act.Parts, pictures...)
	cmd := matter.Assign{
		Act: act, ID: id, Clocks: append(t.clocks(matter.ClockReceive, now, f.What.Severity), rectify),
		Opening: matter.Opening{
			Origin: matter.OriginSelfCheck, Source: o.ID, Site: site.ID, Unit: unit, Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
			Facets: matter.Facets{
				Street: registry.Street(site.Region), Channel: matter.Written, Area: cmp.Or(o.Area, kind.Area), Responsibility: cmp.Or(kind.Responsibility, "department"),
				Problem: f.What.Problem, Severity: f.What.Severity, Day: local.Format(time.DateOnly),
			},
		},
	}
	if kind.Theme != "" {
		cmd.Opening.Facets.Themes = []string{kind.Theme}
	}
	drafts, refusal := cmd.Decide(matter.Matter{}, now)
	if refusal != nil {
		return nil, refusal
	}
	return drafts, nil
}
