package acts

import (
	"encoding/json"
	"fmt"

	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// CatalogueCode is the catalogue that findings are typed by.
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
}

// Catalogue is a version of the lists.
type Catalogue struct {
	Edition string // catalogue@version
	Lists   map[string][]Listed
	codes   map[string]map[string]Listed
}

// Catalogue gives the newest version of a tenant's lists.
func (a *Acts) Catalogue(tx *storage.Tx, tenant string) (*Catalogue, error) {
	var version int64
	if _, err := tx.Row(`SELECT COALESCE(MAX(version), 0) FROM catalogue WHERE tenant = $1 AND code = $2`,
		[]any{tenant, CatalogueCode}, &version); err != nil {
		return nil, err
	}
	edition := fmt.Sprintf("%s@%d", CatalogueCode, version)
	a.mu.Lock()
	c := a.lists[tenant]
	a.mu.Unlock()
	if c != nil && c.Edition == edition {
		return c, nil
	}
	parts, err := plan.Catalogue(tx, tenant, CatalogueCode)
	if err != nil {
		return nil, err
	}
	c = &Catalogue{Edition: edition, Lists: map[string][]Listed{}, codes: map[string]map[string]Listed{}}
	for _, p := range parts {
		var lists map[string][]Listed
		if err := json.Unmarshal(p, &lists); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", edition, err)
		}
		for name, list := range lists {
			c.Lists[name] = append(c.Lists[name], list...)
		}
	}
	for name, list := range c.Lists {
		c.codes[name] = map[string]Listed{}
		for _, l := range list {
			c.codes[name][l.Code] = l
		}
	}
	a.mu.Lock()
	a.lists[tenant] = c
	a.mu.Unlock()
	return c, nil
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
	if _, ok := c.codes[list][code]; !ok {
		return ledger.RefuseAs(ledger.Invalid, "unknown-code", field, "field", field)
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
	if w.Clause != "" {
		w.ClauseEdition = lists.Edition
	}
	return w, nil
}
