package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// SuggestionView is what inspection says should change, and what was made of it.
type SuggestionView struct {
	ID          string     `json:"id"`
	Version     int        `json:"version"`
	State       string     `json:"state" enum:"open,adopted,partly,not_adopted"`
	By          Person     `json:"by"`
	Unit        Named      `json:"unit"`
	ProblemType string     `json:"problem_type" doc:"code, or empty"`
	Findings    int64      `json:"findings" doc:"of that type within 48 hours before it"`
	At          time.Time  `json:"at"`
	Text        *string    `json:"text" doc:"null if its key was destroyed"`
	AnsweredBy  *Person    `json:"answered_by"`
	AnsweredAt  *time.Time `json:"answered_at"`
	Reason      *string    `json:"reason"`
	Publication *Named     `json:"publication" doc:"what took it up"`
	May         bool       `json:"may_answer"`
}

// ClusterView is a problem type found so often that something is to be suggested about it.
type ClusterView struct {
	ProblemType string `json:"problem_type"`
	Findings    int64  `json:"findings" doc:"within 48 hours"`
}

// SuggestionList is the register, with what asks for a suggestion.
type SuggestionList struct {
	Prompts []ClusterView    `json:"prompts"`
	Items   []SuggestionView `json:"items" doc:"newest first"`
}

func (s *API) suggestions(h huma.API) {
	get(h, "/suggestions", "list-suggestions", "What inspection suggests, and what was made of it; to who does not see the whole district, what his unit suggested", func(ctx context.Context, actor access.Actor, in *struct {
		State string `query:"state" enum:"open,adopted,partly,not_adopted,"`
	},
	) (*SuggestionList, error) {
		return s.suggestionList(ctx, actor, in.State)
	})
	add(h, "/suggestions", "suggest", "Suggest what should change in the measures themselves", func(ctx context.Context, c acts.Caller, b *struct {
		ID          string `json:"id,omitempty" maxLength:"64"`
		ProblemType string `json:"problem_type,omitempty"`
		Text        string `json:"text"`
	},
	) (*SuggestionList, error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		if _, err := s.acts.Suggest(ctx, c, acts.SuggestionForm{ID: ledger.ID(b.ID), Problem: b.ProblemType, Text: b.Text}); err != nil {
			return nil, err
		}
		return s.suggestionList(ctx, c.Actor, "")
	})
	post(h, "/suggestions/{id}/answer", "answer-suggestion", "Adopted, in part, or not: with the reason", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version     int    `json:"version,omitempty" minimum:"0"`
		Answer      string `json:"answer"`
		Text        string `json:"text"`
		Publication string `json:"publication,omitempty"`
	},
	) (*SuggestionList, error) {
		if err := s.acts.AnswerSuggestion(ctx, c, ledger.ID(id), b.Version, b.Answer, b.Text, ledger.ID(b.Publication)); err != nil {
			return nil, err
		}
		return s.suggestionList(ctx, c.Actor, "")
	})
}

func (s *API) suggestionList(ctx context.Context, actor access.Actor, state string) (*SuggestionList, error) {
	out := &SuggestionList{Prompts: []ClusterView{}, Items: []SuggestionView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		if actor.Can("suggest") == nil && actor.Sees(access.Place{}) {
			prompts, err := s.acts.SuggestionPrompts(v.tx, actor.Tenant, v.now)
			if err != nil {
				return err
			}
			for _, k := range prompts {
				out.Prompts = append(out.Prompts, ClusterView{k.Problem, k.N})
			}
		}
		list, err := plan.Suggestions(v.tx, actor.Tenant, state, visit.MaxPage)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.By != actor.Person && !actor.Sees(access.Place{Unit: x.Unit}) {
				continue
			}
			view, err := v.suggestion(x)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, view)
		}
		return nil
	})
}

func (v *viewer) suggestion(x plan.Suggestion) (SuggestionView, error) {
	view := SuggestionView{
		ID: string(x.ID), Version: x.Version, State: x.State, ProblemType: x.Problem, Findings: x.Findings, At: v.local(x.At),
		AnsweredAt: v.localPtr(x.AnsweredAt), May: x.State == plan.SuggestionOpen && x.By != v.actor.Person && v.actor.Can("suggestion.answer") == nil,
	}
	var err error
	if view.By, err = v.person(x.By); err != nil {
		return view, err
	}
	if view.Unit, err = v.org(x.Unit); err != nil {
		return view, err
	}
	if view.Text, err = v.openPart(x.Text); err != nil {
		return view, err
	}
	if x.AnsweredBy != "" {
		by, err := v.person(x.AnsweredBy)
		if err != nil {
			return view, err
		}
		view.AnsweredBy = &by
	}
	if view.Publication, err = v.titled(x.Publication); err != nil {
		return view, err
	}
	if x.Reason != nil {
		view.Reason, err = v.openPart(*x.Reason)
	}
	return view, err
}
