package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// IncidentPage is an incident with how it stands.
type IncidentPage struct {
	IncidentView
	Code        string     `json:"code"`
	Pack        string     `json:"pack"`
	TriggerAt   *time.Time `json:"trigger_at"`
	DeclaredAt  time.Time  `json:"declared_at"`
	StoodDownAt *time.Time `json:"stood_down_at" doc:"retention of its personal parts counts from then"`
	Minutes     *int       `json:"minutes" doc:"from what set it off to its declaration"`
	Open        int        `json:"open_matters"`
	Current     bool       `json:"current" doc:"work belongs to it if nobody says"`
}

func (s *API) incidents(h huma.API) {
	get(h, "/incidents", "list-incidents", "Incidents, those that run first", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[IncidentPage], error) {
		out := &Items[IncidentPage]{Items: []IncidentPage{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := registry.Incidents(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			for n, i := range list {
				page, err := v.incidentPage(i)
				if err != nil {
					return err
				}
				page.Current = n == 0 && i.Active()
				out.Items = append(out.Items, page)
			}
			return nil
		})
	})
	add(h, "/incidents", "declare-incident", "Declare an incident, or an exercise", func(ctx context.Context, c acts.Caller, b *struct {
		Code       string     `json:"code"`
		Zh         string     `json:"zh"`
		En         string     `json:"en"`
		Phase      string     `json:"phase" enum:"normal,alert,response,critical,recovery"`
		Exercise   bool       `json:"exercise,omitempty" doc:"outside every figure"`
		Pack       string     `json:"pack,omitempty" doc:"pack that ships, such as flood-2026"`
		TriggerAt  *time.Time `json:"trigger_at,omitempty" doc:"what set it off"`
		DeclaredAt *time.Time `json:"declared_at,omitempty"`
	},
	) (*IncidentPage, error) {
		id, err := s.acts.DeclareIncident(ctx, c, registry.IncidentDeclaredV2{
			IncidentDeclaredV1: registry.IncidentDeclaredV1{Code: b.Code, Zh: b.Zh, En: b.En, Phase: b.Phase, Exercise: b.Exercise},
			Pack:               b.Pack, TriggerAt: utc(b.TriggerAt),
		}, Doing{OccurredAt: b.DeclaredAt}.when())
		if err != nil {
			return nil, err
		}
		return s.incidentByID(ctx, c.Actor, id)
	})
	post(h, "/incidents/{id}/phase", "phase-incident", "Put an incident into another phase", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Phase string `json:"phase" enum:"normal,alert,response,critical,recovery"`
	},
	) (*IncidentPage, error) {
		if err := s.acts.PhaseIncident(ctx, c, ledger.ID(id), b.Phase); err != nil {
			return nil, err
		}
		return s.incidentByID(ctx, c.Actor, ledger.ID(id))
	})
	post(h, "/incidents/{id}/stand-down", "stand-down", "Stand an incident down", func(ctx context.Context, c acts.Caller, id string, b *struct {
		OpenMatters int `json:"open_matters" minimum:"0" doc:"how many are open, so that nobody ends what he does not know"`
	},
	) (*IncidentPage, error) {
		if err := s.acts.StandDown(ctx, c, ledger.ID(id), b.OpenMatters); err != nil {
			return nil, err
		}
		return s.incidentByID(ctx, c.Actor, ledger.ID(id))
	})
}

func (s *API) incidentByID(ctx context.Context, actor access.Actor, id ledger.ID) (*IncidentPage, error) {
	out := &IncidentPage{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		i, found, err := registry.IncidentByID(v.tx, actor.Tenant, id)
		if err != nil || !found {
			return notFound(err)
		}
		*out, err = v.incidentPage(i)
		return err
	})
}

func (v *viewer) incidentPage(i registry.Incident) (IncidentPage, error) {
	page := IncidentPage{
		IncidentView: IncidentView{ID: string(i.ID), Zh: i.Zh, En: i.En, Phase: i.Phase, Exercise: i.Exercise},
		Code:         i.Code, Pack: i.Pack, TriggerAt: v.localSet(i.TriggerAt), DeclaredAt: v.local(i.DeclaredAt), StoodDownAt: v.localSet(i.StoodDownAt),
	}
	if !i.TriggerAt.IsZero() {
		minutes := int(i.DeclaredAt.Sub(i.TriggerAt) / time.Minute)
		page.Minutes = &minutes
	}
	var err error
	page.Open, err = matter.Count(v.tx, v.actor.Tenant, matter.Filter{Incident: string(i.ID), Open: true})
	return page, err
}
