package acts

import (
	"cmp"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// LeastAnswered is how many sites must have been looked at before a share is told of them.
const LeastAnswered = 5

// Complied is how many sites were looked at for a measure, and how many of them complied with it.
type Complied struct{ Sites, OK int }

// Percent is the share of sites that complied, rounded down; told is false where too few were looked at.
func (c Complied) Percent() (percent int, told bool) {
	if c.Sites < LeastAnswered {
		return 0, false
	}
	return 100 * c.OK / c.Sites, true
}

// Measure (措施) is a clause of a directive, a key point or check item of a plan, or a point of focus, with the check items
// that show whether it is in place (R072).
type Measure struct {
	Code, Parent string
	Items        []string // of the catalogue's checklists
	All          Complied
	Streets      map[string]Complied
}

// MeasureQuery says what sites measures are shown of.
type MeasureQuery struct {
	Sampled bool // only where the day's plan had drawn the site by chance, so that a share says something of all sites
}

// Measures tells of each clause, key point or item of a publication how many of the sites that were looked at complied
// with it since it came into force. A site complies if the newest answers to all its items that were answered are ok.
// Exercises do not count. The streets are those where anything was answered, by code.
func (a *Acts) Measures(tx *storage.Tx, actor access.Actor, id ledger.ID, q MeasureQuery, now time.Time) (since time.Time, out []Measure, streets []string, err error) {
	p, err := a.VisiblePublication(tx, actor, id)
	if err != nil {
		return since, nil, nil, err
	}
	if out, err = measuresOf(tx, actor.Tenant, p); err != nil {
		return since, nil, nil, err
	}
	until := now.Add(time.Microsecond)
	if p.EffectiveAt != nil {
		since = *p.EffectiveAt
	}
	if p.EndedAt != nil && p.EndedAt.Before(until) {
		until = *p.EndedAt
	}
	if p.EffectiveAt == nil {
		return since, out, nil, nil
	}
	var items []string
	for _, m := range out {
		items = append(items, m.Items...)
	}
	slices.Sort(items)
	keep, err := measured(tx, actor, q)
	if err != nil {
		return since, nil, nil, err
	}
	answers, err := visit.AnsweredAt(tx, actor.Tenant, slices.Compact(items), since, until, keep)
	if err != nil {
		return since, nil, nil, err
	}
	for _, x := range answers {
		if !slices.Contains(streets, x.Street) {
			streets = append(streets, x.Street)
		}
	}
	slices.Sort(streets)
	for i := range out {
		out[i].count(answers)
	}
	return since, out, streets, nil
}

// measured tells which visits count: in the asker's jurisdiction, of no exercise, of drawn sites if only those are asked for.
func measured(tx *storage.Tx, actor access.Actor, q MeasureQuery) (func(visit.Answered) bool, error) {
	teams, err := visit.Teams(tx, actor.Tenant)
	if err != nil {
		return nil, err
	}
	counts := map[ledger.ID]bool{}
	for _, t := range teams {
		if counts[t.ID], err = registry.Counts(tx, actor.Tenant, t.Incident); err != nil {
			return nil, err
		}
	}
	var drawn map[visit.Draw]bool
	if q.Sampled {
		if drawn, err = visit.DrawnSites(tx, actor.Tenant); err != nil {
			return nil, err
		}
	}
	streets, _ := actor.Jurisdiction()
	return func(x visit.Answered) bool {
		return counts[x.Team] && (streets == nil || slices.Contains(streets, x.Street)) && (!q.Sampled || drawn[visit.Draw{Team: x.Team, Day: x.Day, Site: x.Site}])
	}, nil
}

// measuresOf lists what a publication asks for with the check items behind; what has none stands there without.
func measuresOf(tx *storage.Tx, tenant string, p plan.Publication) (out []Measure, err error) {
	var serving map[string][]string
	if p.Kind == plan.Directive {
		if serving, err = servingItems(tx, tenant, p.ID); err != nil {
			return nil, err
		}
	}
	switch p.Kind {
	case plan.Directive, plan.Edition, plan.Focus:
	default:
		return nil, ledger.RefuseAs(ledger.Invalid, "plan.unknown", "id")
	}
	for _, i := range p.Items {
		m := Measure{Code: i.Code, Parent: i.Parent, Items: slices.Clone(serving[i.Code]), Streets: map[string]Complied{}}
		if i.Check != "" {
			m.Items = append(m.Items, i.Check)
		}
		for _, kid := range p.Items {
			if kid.Parent == i.Code && kid.Check != "" {
				m.Items = append(m.Items, kid.Check)
			}
		}
		slices.Sort(m.Items)
		m.Items = slices.Compact(m.Items)
		out = append(out, m)
	}
	return out, nil
}

// count goes through the newest answers site by site.
func (m *Measure) count(answers []visit.Answered) {
	type site struct {
		street string
		ok     bool
	}
	seen := map[ledger.ID]site{}
	for _, x := range answers {
		if _, mine := slices.BinarySearchFunc(m.Items, x.Item, cmp.Compare[string]); !mine {
			continue
		}
		was, known := seen[x.Site]
		seen[x.Site] = site{x.Street, x.OK && (!known || was.ok)}
	}
	for _, s := range seen {
		n := m.Streets[s.street]
		n.Sites++
		m.All.Sites++
		if s.ok {
			n.OK++
			m.All.OK++
		}
		m.Streets[s.street] = n
	}
}
