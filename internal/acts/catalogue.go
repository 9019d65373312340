package acts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// CatalogueCode is the catalogue of a tenant's own; each pack that an incident brought has one beside it.
const CatalogueCode = "supervision"

// Listed is a code of a list with its words and what it implies.
type Listed struct {
	Code           string   `json:"code"`
	Zh             string   `json:"zh"`
	En             string   `json:"en"`
	Themes         []string `json:"themes,omitempty"`
	Theme          string   `json:"theme,omitempty"`
	Area           string   `json:"area,omitempty"`
	Responsibility string   `json:"responsibility,omitempty"`
	SiteType       string   `json:"site_type,omitempty"`
	Clause         string   `json:"clause,omitempty"`
	TextZh         string   `json:"text_zh,omitempty"`
	TextEn         string   `json:"text_en,omitempty"`
	Aspect         string   `json:"aspect,omitempty" doc:"one of the six aspects that a check item belongs to, in place of a kind of premises"`
	Duty           string   `json:"duty,omitempty" doc:"team role that a risk is about; empty: everybody"`
	Link           string   `json:"link,omitempty" doc:"key link that a check item of grassroots supervision, or a type of site, belongs to"`
	Weight         int      `json:"weight,omitempty" minimum:"0" maximum:"9" doc:"of a type of site or a key link in sampling; 0 counts as 1"`
	Muster         bool     `json:"muster,omitempty" doc:"a team's day begins at a site of this type"`
	Retired        bool     `json:"retired,omitempty" doc:"kept for what was written under it; nothing new takes it"`
	Pack           string   `json:"pack,omitempty" doc:"pack that brought it; empty: the office's own"`
	edition        string   // catalogue@version
}

// Catalogue is the newest version of every catalogue, as one: a code means the same whatever brought it.
type Catalogue struct {
	Edition string // catalogue@version, of each
	Lists   map[string][]Listed
	codes   map[string]map[string]Listed
}

// Catalogue gives the newest version of a tenant's lists.
func (a *Acts) Catalogue(tx *storage.Tx, tenant string) (*Catalogue, error) {
	names, versions, err := plan.Catalogues(tx, tenant)
	if err != nil {
		return nil, err
	}
	editions := make([]string, len(names))
	for i, name := range names {
		editions[i] = fmt.Sprintf("%s@%d", name, versions[i])
	}
	edition := strings.Join(editions, "+")
	a.mu.Lock()
	c := a.lists[tenant]
	a.mu.Unlock()
	if c != nil && c.Edition == edition {
		return c, nil
	}
	if c, err = catalogueOf(tx, tenant, edition); err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.lists[tenant] = c
	a.mu.Unlock()
	return c, nil
}

// catalogueOf gives the lists of an edition, as Catalogue.Edition names it.
func catalogueOf(tx *storage.Tx, tenant, edition string) (*Catalogue, error) {
	c := &Catalogue{Edition: edition, Lists: map[string][]Listed{}, codes: map[string]map[string]Listed{}}
	editions := strings.Split(edition, "+")
	slices.SortStableFunc(editions, func(x, y string) int { // the office's own words win
		own := CatalogueCode + "@"
		return cmp.Compare(btoi(!strings.HasPrefix(x, own)), btoi(!strings.HasPrefix(y, own)))
	})
	for _, e := range editions {
		if e == "" {
			continue
		}
		if err := c.add(tx, tenant, e); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// add takes over the lists of a version of one catalogue, but for codes that there are already.
func (c *Catalogue) add(tx *storage.Tx, tenant, edition string) error {
	name, text, _ := strings.Cut(edition, "@")
	version, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("catalogue %s: %w", edition, err)
	}
	parts, err := plan.Catalogue(tx, tenant, name, version)
	if err != nil {
		return err
	}
	for _, p := range parts {
		var lists map[string][]Listed
		if err := json.Unmarshal(p, &lists); err != nil {
			return fmt.Errorf("catalogue %s: %w", edition, err)
		}
		for list, items := range lists {
			if c.codes[list] == nil {
				c.codes[list] = map[string]Listed{}
			}
			for _, l := range items {
				if _, there := c.codes[list][l.Code]; there {
					continue
				}
				l.edition = edition
				if name != CatalogueCode {
					l.Pack = name
				}
				c.Lists[list] = append(c.Lists[list], l)
				c.codes[list][l.Code] = l
			}
		}
	}
	return nil
}

// Find gives what a list says of a code.
func (c *Catalogue) Find(list, code string) (Listed, bool) {
	l, ok := c.codes[list][code]
	return l, ok
}

// known refuses a code that the list does not have.
func (c *Catalogue) known(list, code, field string, required bool) *ledger.Refusal {
	if code == "" {
		if required {
			return ledger.Required(field)
		}
		return nil
	}
	l, ok := c.codes[list][code]
	switch {
	case !ok:
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", field, "field", field)
	case l.Retired: // what was written under it keeps it, nothing new takes it
		return ledger.RefuseAs(ledger.Invalid, "catalogue.retired", field, "code", code)
	}
	return nil
}

// checkWhat refuses unknown codes and fills in what the problem type implies.
func (a *Acts) checkWhat(tx *storage.Tx, tenant string, w visit.What) (visit.What, error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return w, err
	}
	for _, f := range []struct{ list, code, field string }{
		{"problem_types", w.Problem, "problem_type"},
		{"severities", w.Severity, "severity"},
		{"areas", w.Area, "area"},
		{"responsibilities", w.Responsibility, "responsibility"},
		{"clauses", w.Clause, "clause"},
		{"items", w.Item, "item"},
	} {
		if r := lists.known(f.list, f.code, f.field, false); r != nil {
			return w, r
		}
	}
	for _, t := range w.Themes {
		if r := lists.known("themes", t, "themes", true); r != nil {
			return w, r
		}
	}
	w.ClauseEdition = ""
	if clause, ok := lists.Find("clauses", w.Clause); ok {
		w.ClauseEdition = clause.edition
	}
	return w, nil
}
