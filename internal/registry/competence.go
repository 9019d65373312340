package registry

import (
	"slices"

	"duzhan/internal/ledger"
	"duzhan/internal/storage"
)

// Competence (主管部门) says that an area of problems belongs to an organisation from a day to a day, both
// YYYY-MM-DD, the end exclusive and empty if open (R107-R113). An area may have several, an organisation too.
type Competence struct {
	Area string    `json:"area"`
	Org  ledger.ID `json:"org"`
	From string    `json:"from"`
	To   string    `json:"to,omitempty"`
}

// ValidOn tells whether it holds on a day (YYYY-MM-DD).
func (c Competence) ValidOn(day string) bool { return within(day, c.From, c.To) }

// ValidOn tells whether the organisation existed on a day (YYYY-MM-DD); one without dates always did.
func (o Org) ValidOn(day string) bool { return within(day, o.From, o.To) }

func within(day, from, to string) bool { return from <= day && (to == "" || day < to) }

// The entries of dated organisations.
type (
	// OrgDatedV1 is entry registry.org-dated: from when to when an organisation exists. Days are YYYY-MM-DD, the end
	// exclusive; an empty one is open.
	OrgDatedV1 struct {
		From string `json:"from,omitempty"`
		To   string `json:"to,omitempty"`
	}
	// CompetenceSetV1 is entry registry.competence-set; its subject is the organisation. The same area and first day
	// again put the end right.
	CompetenceSetV1 struct {
		Area string `json:"area"`
		From string `json:"from"`
		To   string `json:"to,omitempty"`
	}
)

// Kind methods name the entry types.
func (OrgDatedV1) Kind() (string, int)      { return "registry.org-dated", 1 }
func (CompetenceSetV1) Kind() (string, int) { return "registry.competence-set", 1 }

func applyCompetence(tx *storage.Tx, e ledger.Entry, b CompetenceSetV1) error {
	_, err := tx.Exec(`INSERT INTO competence (tenant, area, org, valid_from, valid_to) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, area, org, valid_from) DO UPDATE SET valid_to = excluded.valid_to`, e.Tenant, b.Area, string(e.Subject), b.From, b.To)
	return err
}

// Competences lists which organisation an area belongs to, over all time, by area and first day.
func Competences(tx *storage.Tx, tenant string) ([]Competence, error) {
	var out []Competence
	err := tx.Query(`SELECT area, org, valid_from, valid_to FROM competence WHERE tenant = $1 ORDER BY area, valid_from, org`, []any{tenant}, func(scan func(...any) error) error {
		var c Competence
		var org string
		err := scan(&c.Area, &org, &c.From, &c.To)
		c.Org = ledger.ID(org)
		out = append(out, c)
		return err
	})
	return out, err
}

// DepartmentsOf lists the organisations that an area belongs to on a day (YYYY-MM-DD) and that exist then, by the
// first day of their competence.
func DepartmentsOf(tx *storage.Tx, tenant, area, day string) ([]Org, error) {
	list, err := Competences(tx, tenant)
	if err != nil {
		return nil, err
	}
	var out []Org
	for _, c := range list {
		if c.Area != area || !c.ValidOn(day) || slices.ContainsFunc(out, func(o Org) bool { return o.ID == c.Org }) {
			continue
		}
		if o, found, err := OrgByID(tx, tenant, c.Org); err != nil {
			return nil, err
		} else if found && o.ValidOn(day) {
			out = append(out, o)
		}
	}
	return out, nil
}
