package api

import (
	"context"
	"time"

	"duzhan/data"
	"duzhan/internal/access"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// AsOfInput names the two times of a figure.
type AsOfInput struct {
	AsOf    time.Time `query:"as_of" doc:"what had happened by then; empty: now"`
	KnownAt time.Time `query:"known_at" doc:"as far as was known by then; empty: as known now"`
}

// Board is tonight at a glance.
type Board struct {
	AsOf     time.Time        `json:"as_of"`
	KnownAt  time.Time        `json:"known_at"`
	Head     int64            `json:"head"`
	Incident *IncidentView    `json:"incident"`
	Figures  map[string]int64 `json:"figures"`
	Streets  []StreetTile     `json:"streets"`
	Grid     GridSize         `json:"grid"`
	Overdue  []OverdueRow     `json:"overdue"`
	Counts   Waiting          `json:"counts"`
}

// OverdueRow is an overdue matter with whom to ask.
type OverdueRow struct {
	MatterRow
	Owner *string `json:"owner" doc:"who acts for the unit that must; null if nobody was named, or it was destroyed"`
}

// IncidentView is the incident under way.
type IncidentView struct {
	ID       string `json:"id"`
	Zh       string `json:"zh"`
	En       string `json:"en"`
	Phase    string `json:"phase"`
	Exercise bool   `json:"exercise"`
}

// StreetTile is a street on the schematic grid.
type StreetTile struct {
	Code       string `json:"code"`
	Name       string `json:"name"`
	Col        int    `json:"col"`
	Row        int    `json:"row"`
	Posted     bool   `json:"posted"`
	Visits     int64  `json:"visits"`
	Assigned   int64  `json:"assigned"`
	Rectified  int64  `json:"rectified"`
	InProgress int64  `json:"in_progress"`
	Overdue    int64  `json:"overdue"`
	Closed     int64  `json:"closed"`
}

// GridSize is the grid's size in cells.
type GridSize struct {
	Cols int `json:"cols"`
	Rows int `json:"rows"`
}

// Waiting counts what waits for somebody now.
type Waiting struct {
	Unsigned    int `json:"unsigned"`
	Unconfirmed int `json:"unconfirmed"`
	NotHanded   int `json:"not_handed_over" doc:"findings whose hand-over is late"`
	Objections  int `json:"objections"`
	Extensions  int `json:"extensions"`
	ToVerify    int `json:"to_verify"`
	ToStrikeOff int `json:"to_strike_off"`
	DueSoon     int `json:"due_soon"`
}

func (s *API) board(h huma.API) {
	get(h, "/board", "board", "Tonight's board", s.getBoard)
	get(h, "/me", "me", "Who is signed in, and what he may do", s.me)
}

func (s *API) getBoard(ctx context.Context, actor access.Actor, in *AsOfInput) (*Board, error) {
	out := &Board{Overdue: []OverdueRow{}, Streets: []StreetTile{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		known, err := s.acts.AsOf(v.tx, actor.Tenant, in.AsOf, in.KnownAt)
		if err != nil {
			return err
		}
		out.AsOf, out.KnownAt, out.Head = v.local(known.T), v.local(known.KnownAt), known.Known
		incident, found, err := registry.CurrentIncident(v.tx, actor.Tenant)
		if err != nil {
			return err
		}
		if found {
			out.Incident = &IncidentView{ID: string(incident.ID), Zh: incident.Zh, En: incident.En, Phase: incident.Phase, Exercise: incident.Exercise}
		}
		if out.Figures, err = figure.Figures(v.tx, actor.Tenant, known.AsOf, string(matter.OriginFinding), figure.Group{}); err != nil {
			return err
		}
		if err := v.tiles(out, known.AsOf); err != nil {
			return err
		}
		streets, units := actor.Jurisdiction()
		late, err := matter.List(v.tx, actor.Tenant, matter.Filter{Light: "overdue", Sort: "due", Limit: 10, Streets: streets, Units: units, Now: v.now})
		if err != nil {
			return err
		}
		for _, m := range late.Matters {
			row := OverdueRow{}
			if row.MatterRow, err = v.matterRow(m); err != nil {
				return err
			}
			if row.Owner, err = v.owner(m); err != nil {
				return err
			}
			out.Overdue = append(out.Overdue, row)
		}
		return v.waiting(&out.Counts, streets, units)
	})
}

func (v *viewer) tiles(out *Board, at figure.AsOf) error {
	rows, err := figure.FiguresBy(v.tx, v.actor.Tenant, at, string(matter.OriginFinding), "street")
	if err != nil {
		return err
	}
	by := map[string]map[string]int64{}
	for _, r := range rows {
		by[r.Value] = r.Figures
	}
	teams, err := visit.Teams(v.tx, v.actor.Tenant)
	if err != nil {
		return err
	}
	grid, err := data.Tiles()
	if err != nil {
		return err
	}
	out.Grid = GridSize{grid.Cols, grid.Rows}
	for _, c := range grid.Cells {
		name, err := v.regionName(c.Code)
		if err != nil {
			return err
		}
		if name == "" { // another district's grid
			continue
		}
		f := by[c.Code]
		posted := false
		for _, t := range teams {
			posted = posted || t.PostedTo(c.Code, v.now)
		}
		out.Streets = append(out.Streets, StreetTile{
			Code: c.Code, Name: name, Col: c.Col, Row: c.Row, Posted: posted, Visits: f["visits"], Assigned: f["assigned"],
			Rectified: f["rectified"], InProgress: f["in_progress"], Overdue: f["overdue"], Closed: f["closed"],
		})
	}
	return nil
}

// owner is whom the responsible unit named last.
func (v *viewer) owner(m matter.Matter) (owner *string, err error) {
	entries, err := v.a.L.Types().History(v.tx, v.actor.Tenant, m.ID)
	for _, e := range entries {
		named, err := v.openText(e, "owner")
		if err != nil {
			return nil, err
		}
		if named != nil {
			owner = named
		}
	}
	return owner, err
}

func (v *viewer) waiting(w *Waiting, streets, units []string) error {
	for _, c := range []struct {
		n *int
		f matter.Filter
	}{
		{&w.Unsigned, matter.Filter{Pending: "receive"}},
		{&w.Objections, matter.Filter{Pending: "decide_objection"}},
		{&w.Extensions, matter.Filter{Pending: "decide_extension"}},
		{&w.ToVerify, matter.Filter{Pending: "verify"}},
		{&w.ToStrikeOff, matter.Filter{Pending: "strike_off"}},
		{&w.DueSoon, matter.Filter{Light: "due_soon"}},
	} {
		c.f.Streets, c.f.Units, c.f.Now = streets, units, v.now
		n, err := matter.Count(v.tx, v.actor.Tenant, c.f)
		if err != nil {
			return err
		}
		*c.n = n
	}
	var err error
	w.Unconfirmed, w.NotHanded, err = visit.OpenFindings(v.tx, v.actor.Tenant, streets, v.now)
	return err
}

// Me is who is signed in.
type Me struct {
	Account string     `json:"account"`
	Login   string     `json:"login"`
	Person  Person     `json:"person"`
	Unit    Named      `json:"unit"`
	Tenant  TenantView `json:"tenant"`
	Roles   []string   `json:"roles"`
	Scope   Scope      `json:"scope"`
	Acts    []string   `json:"acts"`
	Now     time.Time  `json:"now"`
	Head    int64      `json:"head" doc:"number of entries when it was asked; the stream of changes begins by telling its own"`
	Zone    string     `json:"zone"`
	Version string     `json:"version"`
	Map     *BaseMap   `json:"map" doc:"null if the office has none"`
}

// TenantView is the jurisdiction.
type TenantView struct {
	Code string `json:"code"`
	Zh   string `json:"zh"`
	En   string `json:"en"`
	Demo bool   `json:"demo" doc:"its data are invented"`
}

// Scope is where the account's roles reach.
type Scope struct {
	Regions []string `json:"regions"`
	Teams   []string `json:"teams"`
	All     bool     `json:"all"`
}

func (s *API) me(ctx context.Context, actor access.Actor, _ *struct{}) (*Me, error) {
	t, err := s.acts.Tenant(ctx, actor.Tenant)
	if err != nil {
		return nil, err
	}
	streets, _ := actor.Jurisdiction()
	out := &Me{
		Account: string(actor.Account), Login: actor.Login, Tenant: TenantView{t.Code, t.Zh, t.En, t.Demo}, Roles: actor.Roles,
		Scope: Scope{Regions: notNil(actor.Regions), Teams: notNil(actor.Teams), All: streets == nil},
		Acts:  actor.Acts(), Zone: t.Zone, Version: s.version,
	}
	if s.base.Tiles != "" {
		out.Map = &s.base
	}
	return out, s.readOwn(ctx, actor, func(v *viewer) error {
		out.Now = v.local(v.now)
		if out.Head, err = ledger.Size(v.tx, actor.Tenant); err != nil {
			return err
		}
		if out.Person, err = v.person(actor.Person); err != nil {
			return err
		}
		out.Unit, err = v.org(actor.Unit)
		return err
	})
}
