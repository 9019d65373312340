package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// ProposalView proposes an order: one type of problem in several streets.
type ProposalView struct {
	ProblemType string      `json:"problem_type"`
	Area        string      `json:"area"`
	Streets     []Region    `json:"streets"`
	Findings    []MatterRef `json:"findings"`
	Departments []Named     `json:"departments" doc:"competent today"`
	Latest      time.Time   `json:"latest"`
}

// Proposals are all of them, with what was looked at.
type Proposals struct {
	Since time.Time      `json:"since"`
	Items []ProposalView `json:"items"`
}

// LookedGrid is what was looked at, by town and area. A cell that is missing was looked at by nobody.
type LookedGrid struct {
	AsOf   time.Time    `json:"as_of"`
	Towns  []Region     `json:"towns"`
	Areas  []string     `json:"areas"`
	Cells  []LookedCell `json:"cells"`
	Blanks int          `json:"blanks" doc:"cells that nobody looked at"`
}

// LookedCell is one town and area.
type LookedCell struct {
	Town       string `json:"town"`
	Area       string `json:"area"`
	Visits     int64  `json:"visits" doc:"of sites of that area"`
	Findings   int64  `json:"findings" doc:"handed over"`
	SelfChecks int64  `json:"self_checks" doc:"sites that departments checked"`
}

// CompetenceView says to whom an area belongs, from when to when.
type CompetenceView struct {
	Area string `json:"area"`
	Org  Named  `json:"org"`
	From string `json:"valid_from"`
	To   string `json:"valid_to"`
}

func (s *API) proposals(ctx context.Context, actor access.Actor, _ *struct{}) (*Proposals, error) {
	out := &Proposals{Items: []ProposalView{}}
	if r := actor.Can("order.draft"); r != nil {
		return nil, r
	}
	return out, s.read(ctx, actor, func(v *viewer) error {
		list, since, err := s.acts.Proposals(v.tx, actor.Tenant, v.now, v.zone)
		if err != nil {
			return err
		}
		out.Since = v.local(since)
		for _, p := range list {
			view := ProposalView{ProblemType: p.Problem, Area: p.Area, Streets: []Region{}, Findings: []MatterRef{}, Departments: []Named{}}
			for _, code := range p.Streets {
				street, err := v.region(code)
				if err != nil {
					return err
				}
				view.Streets = append(view.Streets, street)
			}
			for _, m := range p.Matters {
				view.Findings, view.Latest = append(view.Findings, MatterRef{ID: string(m.ID), Number: m.Number}), v.local(m.AssignedAt)
			}
			for _, d := range p.Departments {
				view.Departments = append(view.Departments, Named{ID: string(d.ID), Name: d.Zh})
			}
			out.Items = append(out.Items, view)
		}
		return nil
	})
}

func (s *API) lookedAt(ctx context.Context, actor access.Actor, in *struct {
	AsOf time.Time `query:"as_of"`
},
) (*LookedGrid, error) {
	out := &LookedGrid{Towns: []Region{}, Areas: []string{}, Cells: []LookedCell{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		known, err := s.acts.AsOf(v.tx, actor.Tenant, in.AsOf, time.Time{})
		if err != nil {
			return err
		}
		out.AsOf = v.local(known.T)
		cells, err := s.acts.LookedAt(v.tx, actor.Tenant, known.AsOf)
		if err != nil {
			return err
		}
		lists, err := s.acts.Catalogue(v.tx, actor.Tenant)
		if err != nil {
			return err
		}
		for _, a := range lists.Lists["areas"] {
			out.Areas = append(out.Areas, a.Code)
		}
		towns, err := v.townsOn(known.T.In(v.zone).Format(time.DateOnly))
		if err != nil {
			return err
		}
		out.Towns = towns
		for _, town := range towns {
			for _, area := range out.Areas {
				x := cells[[2]string{town.Code, area}]
				if x == (acts.Looked{}) {
					out.Blanks++
					continue
				}
				out.Cells = append(out.Cells, LookedCell{Town: town.Code, Area: area, Visits: x.Visits, Findings: x.Findings, SelfChecks: x.SelfChecks})
			}
		}
		return nil
	})
}

// townsOn lists the towns and streets that an organisation stands for on a day, as far as the asker sees them.
func (v *viewer) townsOn(day string) ([]Region, error) {
	orgs, err := registry.Orgs(v.tx, v.actor.Tenant)
	if err != nil {
		return nil, err
	}
	out := []Region{}
	for _, o := range orgs {
		if o.Kind != "street" || !o.ValidOn(day) || !v.actor.Sees(access.Place{Street: o.Region}) {
			continue
		}
		town, err := v.region(o.Region)
		if err != nil {
			return nil, err
		}
		out = append(out, town)
	}
	return out, nil
}

// competences registers to whom areas belong, and from when to when organisations exist.
func (s *API) competences(h huma.API) {
	list := func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[CompetenceView], error) {
		out := &Items[CompetenceView]{Items: []CompetenceView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			all, err := registry.Competences(v.tx, actor.Tenant)
			for _, c := range all {
				org, err := v.org(c.Org)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, CompetenceView{Area: c.Area, Org: org, From: c.From, To: c.To})
			}
			return err
		})
	}
	get(h, "/competences", "competences", "To which department each area belongs, over time", list)
	add(h, "/competences", "set-competence", "An area belongs to a department from a day on; the same first day again puts the end right", func(ctx context.Context, c acts.Caller, b *struct {
		Area string `json:"area"`
		Org  string `json:"org"`
		From string `json:"valid_from" doc:"YYYY-MM-DD"`
		To   string `json:"valid_to,omitempty" doc:"YYYY-MM-DD, exclusive; empty: open"`
	},
	) (*Items[CompetenceView], error) {
		if err := s.acts.SetCompetence(ctx, c, registry.Competence{Area: b.Area, Org: ledger.ID(b.Org), From: b.From, To: b.To}); err != nil {
			return nil, err
		}
		return list(ctx, c.Actor, nil)
	})
	post(h, "/orgs/{id}/period", "date-org", "From when to when an organisation exists", func(ctx context.Context, c acts.Caller, id string, b *struct {
		From string `json:"valid_from,omitempty" doc:"YYYY-MM-DD; empty: always"`
		To   string `json:"valid_to,omitempty" doc:"YYYY-MM-DD, exclusive; empty: open"`
	},
	) (*OrgView, error) {
		if err := s.acts.DateOrg(ctx, c, ledger.ID(id), b.From, b.To); err != nil {
			return nil, err
		}
		out := &OrgView{}
		return out, s.read(ctx, c.Actor, func(v *viewer) error {
			o, _, err := registry.OrgByID(v.tx, c.Tenant, ledger.ID(id))
			*out = OrgView{ID: id, Zh: o.Zh, En: o.En, Kind: o.Kind, Region: o.Region, From: o.From, To: o.To}
			return err
		})
	})
}
