package acts

import (
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// ClauseCoverage (条款覆盖) is whether a clause of a directive was ever checked: by which items of plans and
// focuses, when first, how long after it came into force (R021, R032).
type ClauseCoverage struct {
	Code     string
	Items    []string // of the catalogue's checklists
	First    time.Time
	Visit    ledger.ID
	Delay    time.Duration
	Times    int
	Problems int
}

// Coverage tells of each clause of a directive when it was first checked; a clause that nobody checks stands
// there blank.
func (a *Acts) Coverage(tx *storage.Tx, actor access.Actor, directive ledger.ID) ([]ClauseCoverage, error) {
	d, err := a.VisiblePublication(tx, actor, directive)
	if err != nil {
		return nil, err
	}
	if d.Kind != plan.Directive {
		return nil, ledger.RefuseAs(ledger.Invalid, "plan.unknown", "id")
	}
	serving, err := servingItems(tx, actor.Tenant, directive)
	if err != nil {
		return nil, err
	}
	checked, err := visit.CheckedItems(tx, actor.Tenant)
	if err != nil {
		return nil, err
	}
	var out []ClauseCoverage
	for _, clause := range d.Items {
		c := ClauseCoverage{Code: clause.Code, Items: serving[clause.Code]}
		slices.Sort(c.Items)
		for _, item := range c.Items {
			x := checked[item]
			if x.Times > 0 && (c.Times == 0 || x.First.Before(c.First)) {
				c.First, c.Visit = x.First, x.Visit
			}
			c.Times += x.Times
			c.Problems += x.Problems
		}
		if c.Times > 0 && d.EffectiveAt != nil {
			c.Delay = c.First.Sub(*d.EffectiveAt)
		}
		out = append(out, c)
	}
	return out, nil
}

// servingItems are the check items of plans and focuses that serve each clause of a directive, by the clause's code.
func servingItems(tx *storage.Tx, tenant string, directive ledger.ID) (map[string][]string, error) {
	serving := map[string][]string{}
	for _, kind := range []string{plan.Edition, plan.Focus} {
		list, err := plan.Publications(tx, tenant, kind)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			for _, i := range p.Items {
				refs := []string{i.Clause}
				if i.Source != nil {
					refs = append(refs, i.Source.Ref)
				}
				for _, ref := range refs {
					of, code, ok := strings.Cut(ref, "#")
					if ok && of == string(directive) && p.State != plan.Draft && i.Check != "" && !slices.Contains(serving[code], i.Check) {
						serving[code] = append(serving[code], i.Check)
					}
				}
			}
		}
	}
	return serving, nil
}
