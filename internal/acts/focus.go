package acts

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// Kinds of proposals for the daily focus.
const (
	ProposeProblem = "problem" // a type found often the day before
	ProposeSpread  = "spread"  // a type found in three streets or more
	ProposeFailed  = "failed"  // verifications that failed the day before
	ProposeLate    = "late"    // late matters of one responsibility
	ProposeClause  = "clause"  // a clause of a directive in force that nobody checked yet
)

// When something is proposed.
const (
	focusProblems = 3 // findings of a type on a day
	focusSpread   = 3 // streets
	focusNumbers  = 5 // of matters named as a source
	focusClauses  = 5 // of one directive, so that the list stays one to read
)

// FocusProposal (重点建议) is a point that yesterday's figures propose for the daily focus, with its numbers and where the
// list behind them is (R018, R118, R119).
type FocusProposal struct {
	Kind    string
	Code    string // problem type, responsibility, or publication#code of a clause
	N       int64
	Streets int64
	Of      int64       // clauses without a check, of the same directive
	List    string      // address of the page with the list behind
	Matters []ledger.ID // the list itself, where no filter gives it
	Item    plan.Item   // as it goes into a draft, without its code
	Taken   bool        // the focus of that day has an item from the same source
}

// proposer finds proposals of one kind. Whatever else is to be proposed from (appeals) is one more of them.
type proposer func(a *Acts, tx *storage.Tx, actor access.Actor, f focusFigures) ([]FocusProposal, error)

var proposers = []proposer{problemProposals, failedProposals, lateProposals, clauseProposals}

// focusFigures is what proposals are made from.
type focusFigures struct {
	incident ledger.ID
	day      string // whose figures: the day before the focus
	from, to time.Time
	now      time.Time
	lists    *Catalogue
}

// FocusProposals proposes points for the focus of a day from the figures of the day before and what is late now. It gives
// the day whose figures they are.
func (a *Acts) FocusProposals(tx *storage.Tx, actor access.Actor, day string, now time.Time, zone *time.Location) (before string, out []FocusProposal, err error) {
	if r := actor.Can("plan.write"); r != nil {
		return "", nil, r
	}
	to, r := midnight(day, zone)
	if r != nil {
		return "", nil, r
	}
	incident, found, err := registry.CurrentIncident(tx, actor.Tenant)
	f := focusFigures{incident: incident.ID, from: to.AddDate(0, 0, -1), to: to, now: now}
	f.day = f.from.Format(time.DateOnly)
	if err != nil || !found {
		return f.day, nil, err
	}
	if f.lists, err = a.Catalogue(tx, actor.Tenant); err != nil {
		return "", nil, err
	}
	for _, p := range proposers {
		list, err := p(a, tx, actor, f)
		if err != nil {
			return "", nil, err
		}
		out = append(out, list...)
	}
	taken, err := sourcesOf(tx, actor.Tenant, incident.ID, day)
	for i := range out {
		out[i].Taken = taken[out[i].Item.Source.Ref]
	}
	return f.day, out, err
}

// sourcesOf are the sources that the items of a day's focuses name.
func sourcesOf(tx *storage.Tx, tenant string, incident ledger.ID, day string) (map[string]bool, error) {
	list, err := plan.Publications(tx, tenant, plan.Focus)
	out := map[string]bool{}
	for _, p := range list {
		if p.Day != day || p.Incident != incident {
			continue
		}
		for _, i := range p.Items {
			if i.Source != nil {
				out[i.Source.Ref] = true
			}
		}
	}
	return out, err
}

// mattersAt is the address of a list of matters.
func mattersAt(filter ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(filter); i += 2 {
		q.Set(filter[i], filter[i+1])
	}
	return "/matters?" + q.Encode()
}

func problemProposals(a *Acts, tx *storage.Tx, actor access.Actor, f focusFigures) ([]FocusProposal, error) {
	list, err := matter.ProblemsOn(tx, actor.Tenant, f.incident, f.day)
	if err != nil {
		return nil, err
	}
	var out []FocusProposal
	for _, t := range list {
		p := FocusProposal{Kind: ProposeProblem, Code: t.Code, N: t.N, Streets: t.Streets, List: mattersAt("problem_type", t.Code, "day", f.day, "origin", string(matter.OriginFinding))}
		switch {
		case t.Streets >= focusSpread:
			p.Kind = ProposeSpread
		case t.N < focusProblems:
			continue
		}
		page, err := matter.List(tx, actor.Tenant, matter.Filter{
			Incident: string(f.incident), Origin: string(matter.OriginFinding), Problem: t.Code, Day: f.day, Limit: 100, Now: f.now,
		})
		if err != nil {
			return nil, err
		}
		if p.Item, err = pointOf(tx, actor.Tenant, f.lists, t.Code, page.Matters); err != nil {
			return nil, err
		}
		p.Item.Source = &plan.Source{Kind: "figures", Ref: p.List}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(x, y FocusProposal) int { // what is wide before what is frequent
		return cmp.Compare(btoi(x.Kind != ProposeSpread), btoi(y.Kind != ProposeSpread))
	})
	return out, nil
}

// pointOf is the point that findings of a type make: the check item that most of them name, with its clause, and the
// type's area.
func pointOf(tx *storage.Tx, tenant string, lists *Catalogue, problem string, matters []matter.Matter) (plan.Item, error) {
	kind, _ := lists.Find("problem_types", problem)
	item := plan.Item{Area: kind.Area}
	n := map[string]int{}
	for _, m := range matters {
		found, _, err := visit.LoadFinding(tx, tenant, m.Source)
		if err != nil {
			return item, err
		}
		check := found.What.Item
		if l, ok := lists.Find("items", check); !ok || l.Retired {
			continue
		}
		if n[check]++; n[check] > n[item.Check] || n[check] == n[item.Check] && check < item.Check {
			item.Check = check
		}
	}
	if l, ok := lists.Find("items", item.Check); ok {
		item.Clause = l.Clause
	}
	return item, nil
}

func failedProposals(a *Acts, tx *storage.Tx, actor access.Actor, f focusFigures) ([]FocusProposal, error) {
	size, err := ledger.Size(tx, actor.Tenant)
	if err != nil {
		return nil, err
	}
	from, err := recordedBy(tx, actor.Tenant, size, f.from)
	if err != nil {
		return nil, err
	}
	until, err := recordedBy(tx, actor.Tenant, size, f.to)
	if err != nil {
		return nil, err
	}
	ids, err := matter.FailedIn(tx, actor.Tenant, from, until)
	if err != nil {
		return nil, err
	}
	by := map[string][]matter.Matter{}
	var order []string
	for _, id := range ids {
		m, _, err := matter.Load(tx, actor.Tenant, id)
		if err != nil {
			return nil, err
		}
		if m.Incident != f.incident || m.Facets.Problem == "" {
			continue
		}
		if len(by[m.Facets.Problem]) == 0 {
			order = append(order, m.Facets.Problem)
		}
		by[m.Facets.Problem] = append(by[m.Facets.Problem], m)
	}
	slices.SortStableFunc(order, func(x, y string) int { return cmp.Compare(len(by[y]), len(by[x])) })
	var out []FocusProposal
	for _, code := range order {
		p := FocusProposal{Kind: ProposeFailed, Code: code, N: int64(len(by[code])), List: mattersAt("problem_type", code)}
		var streets, numbers []string
		for _, m := range by[code] {
			p.Matters = append(p.Matters, m.ID)
			streets, numbers = append(streets, m.Facets.Street), append(numbers, m.Number)
		}
		if len(numbers) > focusNumbers {
			numbers = append(numbers[:focusNumbers], "…")
		}
		slices.Sort(streets)
		p.Streets = int64(len(slices.Compact(streets)))
		if p.Item, err = pointOf(tx, actor.Tenant, f.lists, code, by[code]); err != nil {
			return nil, err
		}
		p.Item.Source = &plan.Source{Kind: "figures", Ref: strings.Join(numbers, ", ")}
		out = append(out, p)
	}
	return out, nil
}

func lateProposals(_ *Acts, tx *storage.Tx, actor access.Actor, f focusFigures) ([]FocusProposal, error) {
	list, err := matter.LateBy(tx, actor.Tenant, f.incident, f.now)
	var out []FocusProposal
	for _, t := range list {
		at := mattersAt("light", "overdue", "responsibility", t.Code)
		out = append(out, FocusProposal{
			Kind: ProposeLate, Code: t.Code, N: t.N, Streets: t.Streets, List: at, Item: plan.Item{Source: &plan.Source{Kind: "figures", Ref: at}},
		})
	}
	return out, err
}

func clauseProposals(a *Acts, tx *storage.Tx, actor access.Actor, f focusFigures) ([]FocusProposal, error) {
	directives, err := plan.Publications(tx, actor.Tenant, plan.Directive)
	if err != nil {
		return nil, err
	}
	var out []FocusProposal
	for _, d := range directives {
		if !d.InForce(f.now) || d.Incident != f.incident {
			continue
		}
		coverage, err := a.Coverage(tx, actor, d.ID)
		if err != nil {
			return nil, err
		}
		var blank []FocusProposal
		for _, c := range coverage {
			if c.Times > 0 || !d.ClauseInForce(c.Code, f.now) {
				continue
			}
			ref := string(d.ID) + "#" + c.Code
			item := plan.Item{Clause: ref, Source: &plan.Source{Kind: plan.Directive, Ref: ref}}
			if len(c.Items) > 0 {
				item.Check = c.Items[0]
			}
			blank = append(blank, FocusProposal{Kind: ProposeClause, Code: ref, List: "/publications/" + url.PathEscape(string(d.ID)) + "/coverage?blank=1", Item: item})
		}
		for i := range blank[:min(len(blank), focusClauses)] {
			blank[i].Of = int64(len(blank))
			out = append(out, blank[i])
		}
	}
	return out, nil
}
