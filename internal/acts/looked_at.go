package acts

import (
	"slices"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// Proposal is a problem type found in so many streets that an order to its department is due (R112).
type Proposal struct {
	matter.Spread
	Area        string
	Departments []registry.Org // competent today
}

// Proposals lists the problem types that the rule pack's threshold says are the department's, and that no order is
// running on. Since is from when on findings were looked at.
func (a *Acts) Proposals(tx *storage.Tx, tenant string, now time.Time, zone *time.Location) (out []Proposal, since time.Time, err error) {
	t, err := a.termsAt(tx, tenant, now, zone)
	if err != nil {
		return nil, since, err
	}
	incident, _, err := registry.CurrentIncident(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	since = now.Add(-t.pack.Repeated.Within)
	spreads, err := matter.Repeated(tx, tenant, incident.ID, since, t.pack.Repeated.Streets)
	if err != nil {
		return nil, since, err
	}
	running, err := matter.RunningOn(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	for _, s := range spreads {
		if running[s.Problem] {
			continue
		}
		p := Proposal{Spread: s, Area: areaOf(lists, s)}
		if p.Area != "" { // what was put under another area is not this department's
			p.Matters = slices.DeleteFunc(slices.Clone(s.Matters), func(m matter.Matter) bool { return m.Facets.Area != "" && m.Facets.Area != p.Area })
			if p.Departments, err = registry.DepartmentsOf(tx, tenant, p.Area, now.In(zone).Format(time.DateOnly)); err != nil {
				return nil, since, err
			}
		}
		out = append(out, p)
	}
	return out, since, nil
}

// areaOf is the area of a problem type, or else the one that more than half of its findings were put under.
func areaOf(lists *Catalogue, s matter.Spread) string {
	if kind, _ := lists.Find("problem_types", s.Problem); kind.Area != "" {
		return kind.Area
	}
	n := map[string]int{}
	for _, m := range s.Matters {
		if n[m.Facets.Area]++; m.Facets.Area != "" && 2*n[m.Facets.Area] > len(s.Matters) {
			return m.Facets.Area
		}
	}
	return ""
}

// Looked is what was looked at in a town within an area: visits of sites of that area, findings handed over, sites
// that departments checked.
type Looked struct{ Visits, Findings, SelfChecks int64 }

// LookedAt counts for every town and area as of an instant (R117). What is in no area is in no cell.
func (a *Acts) LookedAt(tx *storage.Tx, tenant string, as figure.AsOf) (map[[2]string]Looked, error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, err
	}
	out := map[[2]string]Looked{}
	visits, err := visit.CountByType(tx, tenant, as)
	if err != nil {
		return nil, err
	}
	for _, v := range visits {
		kind, _ := lists.Find("site_types", v.Type)
		cell := [2]string{v.Street, kind.Area}
		x := out[cell]
		x.Visits += v.N
		out[cell] = x
	}
	for _, series := range []string{matter.Series(matter.KindAssigned, matter.OriginFinding), matter.KindSiteChecked} {
		cells, err := figure.Cross(tx, tenant, as, series, "street", "area")
		if err != nil {
			return nil, err
		}
		for cell, n := range cells {
			x := out[cell]
			if series == matter.KindSiteChecked {
				x.SelfChecks += n
			} else {
				x.Findings += n
			}
			out[cell] = x
		}
	}
	return out, nil
}
