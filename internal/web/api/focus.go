package api

import (
	"context"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"

	"github.com/danielgtaylor/huma/v2"
)

// FocusProposal is a point that yesterday's figures propose for the daily focus.
type FocusProposal struct {
	Kind    string      `json:"kind" enum:"problem,spread,failed,late,clause"`
	Code    string      `json:"code" doc:"problem type, responsibility, or the clause's code in its directive"`
	N       int64       `json:"n" doc:"findings, failed verifications or late matters; 0 for a clause"`
	Streets int64       `json:"streets"`
	Of      int64       `json:"of" doc:"clauses of the directive that nobody checked yet"`
	Title   *string     `json:"title" doc:"of the directive, of a clause"`
	Text    *string     `json:"text" doc:"of the clause, if it is known"`
	List    string      `json:"list" doc:"address of the page with the list behind"`
	Matters []MatterRef `json:"matters" doc:"the list itself, where no filter gives it"`
	Item    plan.Item   `json:"item" doc:"as it goes into a draft, with its source"`
	Taken   bool        `json:"taken" doc:"the day's focus has it already"`
}

// FocusProposals are all of a day.
type FocusProposals struct {
	Day    string          `json:"day" doc:"of the focus"`
	Before string          `json:"before" doc:"whose figures they are made from"`
	Items  []FocusProposal `json:"items"`
}

// FocusNow is the daily focus as a team has it: the one in force and the next, if it is issued ahead.
type FocusNow struct {
	Now  *PublicationPage `json:"now" doc:"null: none is in force"`
	Next *PublicationPage `json:"next" doc:"issued already, not in force yet"`
}

func (s *API) focus(h huma.API) {
	get(h, "/focus", "focus", "The daily focus in force now, and the next one", s.focusNow)
	get(h, "/focus-proposals", "focus-proposals", "What yesterday's figures propose for a day's focus", func(ctx context.Context, actor access.Actor, in *struct {
		Day string `query:"day" required:"true" doc:"of the focus, YYYY-MM-DD"`
	},
	) (*FocusProposals, error) {
		out := &FocusProposals{Day: in.Day, Items: []FocusProposal{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			before, list, err := s.acts.FocusProposals(v.tx, actor, in.Day, v.now, v.zone)
			if err != nil {
				return err
			}
			out.Before = before
			directives := map[string]plan.Publication{}
			for _, p := range list {
				view := FocusProposal{
					Kind: p.Kind, Code: p.Code, N: p.N, Streets: p.Streets, Of: p.Of, List: p.List, Matters: []MatterRef{}, Item: p.Item, Taken: p.Taken,
				}
				for _, id := range p.Matters {
					m, _, err := matter.Load(v.tx, actor.Tenant, id)
					if err != nil {
						return err
					}
					view.Matters = append(view.Matters, MatterRef{ID: string(id), Number: m.Number})
				}
				if err := v.clauseProposal(&view, directives); err != nil {
					return err
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
}

func (s *API) focusNow(ctx context.Context, actor access.Actor, in *struct {
	Team string `query:"team" maxLength:"64" doc:"of this team's incident; empty: of the incident under way"`
},
) (*FocusNow, error) {
	out := &FocusNow{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		incident, _, err := registry.CurrentIncident(v.tx, actor.Tenant)
		if err != nil {
			return err
		}
		if in.Team != "" {
			if _, err := v.team(in.Team); err != nil {
				return err
			}
			t, ok := v.teams[ledger.ID(in.Team)]
			if !ok {
				return ledger.RefuseAs(ledger.NotFound, "not-found", "team")
			}
			if t.Incident != "" {
				incident.ID = t.Incident
			}
		}
		for _, x := range []struct {
			at  func(*storage.Tx, string, string, ledger.ID, time.Time) (plan.Publication, bool, error)
			out **PublicationPage
		}{{plan.InForce, &out.Now}, {plan.Ahead, &out.Next}} {
			p, found, err := x.at(v.tx, actor.Tenant, plan.Focus, incident.ID, v.now)
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			page, err := v.publicationPage(p)
			if err != nil {
				return err
			}
			*x.out = &page
		}
		return nil
	})
}

// clauseProposal says in words which clause of which directive a proposal is about.
func (v *viewer) clauseProposal(view *FocusProposal, known map[string]plan.Publication) error {
	of, code, ok := strings.Cut(view.Code, "#")
	if !ok {
		return nil
	}
	d, seen := known[of]
	if !seen {
		var err error
		if d, _, err = plan.PublicationByID(v.tx, v.actor.Tenant, ledger.ID(of)); err != nil {
			return err
		}
		known[of] = d
	}
	view.Code = code
	words, gone, err := v.a.PublicationWords(v.tx, v.actor.Tenant, d)
	if err != nil || gone {
		return err
	}
	view.Title = &words.Title
	if text := words.Items[code]; text != "" {
		view.Text = &text
	}
	return nil
}
