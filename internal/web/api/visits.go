package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// VisitRow is a visit in lists.
type VisitRow struct {
	ID         string     `json:"id"`
	Version    int        `json:"version"`
	State      string     `json:"state"`
	Origin     string     `json:"origin"`
	Kind       string     `json:"kind"`
	Site       SiteRef    `json:"site"`
	Street     Region     `json:"street"`
	Team       TeamRef    `json:"team"`
	Inspectors []Person   `json:"inspectors"`
	StartedAt  time.Time  `json:"started_at"`
	Precision  string     `json:"precision" enum:",hour,evening,day" doc:"of started_at, if only an interval is known"`
	EndedAt    *time.Time `json:"ended_at"`
	Methods    []string   `json:"methods"`
	Findings   int        `json:"findings"`
}

// VisitPage is one visit.
type VisitPage struct {
	VisitRow
	Note        *string        `json:"note"`
	FindingList []FindingRow   `json:"finding_list"`
	Answers     []visit.Answer `json:"answers" doc:"what was looked at by the checklist"`
}

// VisitList is a part of a list of visits.
type VisitList struct {
	Found int        `json:"found"`
	Items []VisitRow `json:"items"`
	Next  *string    `json:"next"`
}

// VisitFilter is what visits may be filtered by.
type VisitFilter struct {
	Street string `query:"street"`
	Team   string `query:"team"`
	Day    string `query:"day"`
	Site   string `query:"site"`
	State  string `query:"state" enum:"open,ended,annulled,"`
	PageInput
}

func (s *API) visits(h huma.API) {
	get(h, "/visits", "list-visits", "Visits by filter, newest first", s.listVisits)
	get(h, "/visits/{id}", "get-visit", "One visit with its findings", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*VisitPage, error) {
		return s.visitPage(ctx, actor, in.ID)
	})
	add(h, "/visits", "start-visit", "Start a visit", s.startVisit)
	post(h, "/visits/{id}/end", "end-visit", "End a visit", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int        `json:"version,omitempty" minimum:"0"`
		EndedAt *time.Time `json:"ended_at,omitempty"`
	},
	) (*VisitPage, error) {
		if err := s.acts.EndVisit(ctx, c, ledger.ID(id), b.Version, Doing{OccurredAt: b.EndedAt}.when()); err != nil {
			return nil, err
		}
		return s.visitPage(ctx, c.Actor, id)
	})
	post(h, "/visits/{id}/answers", "answer-items", "Record what was looked at by the checklist", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Answers []visit.Answer `json:"answers" maxItems:"200"`
	},
	) (*VisitPage, error) {
		if err := s.acts.AnswerItems(ctx, c, ledger.ID(id), b.Answers); err != nil {
			return nil, err
		}
		return s.visitPage(ctx, c.Actor, id)
	})
	get(h, "/visits/{id}/checklist", "visit-checklist", "What a visit is to look at, and why", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*ChecklistPage, error) {
		return s.checklist(ctx, actor, in.ID)
	})
	post(h, "/visits/{id}/annul", "annul-visit", "There was no such visit", func(ctx context.Context, c acts.Caller, id string, b *textBody) (*VisitPage, error) {
		if err := s.acts.AnnulVisit(ctx, c, ledger.ID(id), b.Version, b.Text); err != nil {
			return nil, err
		}
		return s.visitPage(ctx, c.Actor, id)
	})
	post(h, "/visits/{id}/findings", "raise-finding", "Record a finding", s.raiseFinding)
}

func (s *API) listVisits(ctx context.Context, actor access.Actor, in *VisitFilter) (*VisitList, error) {
	out := &VisitList{Items: []VisitRow{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		streets, _ := actor.Jurisdiction()
		page, err := visit.List(v.tx, actor.Tenant, visit.Filter{
			State: in.State, Street: in.Street, Team: in.Team, Day: in.Day, Site: ledger.ID(in.Site), Streets: streets, After: in.Page, Limit: in.Limit,
		})
		if err != nil {
			return err
		}
		out.Found, out.Next = page.Found, token(page.Next)
		for _, x := range page.Items {
			row, err := v.visitRow(x)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, row)
		}
		return nil
	})
}

func token(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (v *viewer) visitRow(x visit.Visit) (VisitRow, error) {
	row := VisitRow{
		ID: string(x.ID), Version: x.Version, State: x.State, Origin: x.Origin, Kind: x.Kind, StartedAt: v.local(x.StartedAt),
		Precision: string(x.Precision), EndedAt: v.localPtr(x.EndedAt), Methods: notNil(x.Methods), Inspectors: []Person{},
	}
	var err error
	if row.Site, err = v.siteRef(x.Site); err != nil {
		return row, err
	}
	if row.Street, err = v.region(x.Street); err != nil {
		return row, err
	}
	if row.Team, err = v.team(string(x.Team)); err != nil {
		return row, err
	}
	for _, id := range x.Inspectors {
		p, err := v.person(id)
		if err != nil {
			return row, err
		}
		row.Inspectors = append(row.Inspectors, p)
	}
	row.Findings, err = visit.CountFindings(v.tx, v.actor.Tenant, x.ID)
	return row, err
}

// visit finds a visit that the asker may see.
func (v *viewer) visit(id string) (visit.Visit, error) {
	x, found, err := visit.Load(v.tx, v.actor.Tenant, ledger.ID(id))
	if err == nil && (!found || !v.actor.Sees(access.Place{Street: x.Street})) {
		err = ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	return x, err
}

func (s *API) visitPage(ctx context.Context, actor access.Actor, id string) (*VisitPage, error) {
	out := &VisitPage{FindingList: []FindingRow{}, Answers: []visit.Answer{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		x, err := v.visit(id)
		if err != nil {
			return err
		}
		if out.VisitRow, err = v.visitRow(x); err != nil {
			return err
		}
		if x.Note != nil {
			b, gone, err := v.a.Open(v.tx, actor.Tenant, *x.Note)
			if err != nil {
				return err
			}
			if note := string(b); !gone {
				out.Note = &note
			}
		}
		findings, err := visit.FindingsOf(v.tx, actor.Tenant, x.ID)
		if err != nil {
			return err
		}
		for _, f := range findings {
			row, err := v.findingRow(f)
			if err != nil {
				return err
			}
			out.FindingList = append(out.FindingList, row)
		}
		answers, err := visit.AnswersOf(v.tx, actor.Tenant, x.ID)
		out.Answers = append(out.Answers, answers...)
		return err
	})
}

// ChecklistPage is a visit's checklist.
type ChecklistPage struct {
	Focus   []Cited       `json:"focus" doc:"points of the focus in force when the visit began"`
	Dropped []Cited       `json:"dropped" doc:"points of the focus before that this one does not have"`
	Items   []CheckLine   `json:"items"`
	Rules   []Cited       `json:"rules" doc:"discipline rules in force"`
	Risks   []acts.Listed `json:"risks" doc:"what may go wrong with those who inspect"`
}

// CheckLine is a line of a checklist.
type CheckLine struct {
	Code     string  `json:"code"`
	Zh       string  `json:"zh"`
	En       string  `json:"en"`
	SiteType string  `json:"site_type" doc:"kind of premises that it belongs to; empty: an aspect's"`
	Aspect   string  `json:"aspect"`
	Points   []Cited `json:"points" doc:"key points of the plan and points of the focus that ask for it"`
	New      bool    `json:"new" doc:"the focus asks for it since this version"`
	Dropped  bool    `json:"dropped" doc:"the version before asked for it"`
	Result   string  `json:"result" enum:",ok,problem,not_applicable"`
}

func (s *API) checklist(ctx context.Context, actor access.Actor, id string) (*ChecklistPage, error) {
	out := &ChecklistPage{Items: []CheckLine{}, Risks: []acts.Listed{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		x, err := v.visit(id)
		if err != nil {
			return err
		}
		c, err := s.acts.Checklist(v.tx, actor, x)
		if err != nil {
			return err
		}
		out.Focus, out.Dropped, out.Rules = cited(c.Focus), cited(c.Dropped), cited(c.Rules)
		out.Risks = append(out.Risks, c.Risks...)
		for _, l := range c.Lines {
			out.Items = append(out.Items, CheckLine{
				Code: l.Item.Code, Zh: l.Item.Zh, En: l.Item.En, SiteType: l.Item.SiteType, Aspect: l.Item.Aspect,
				Points: cited(l.Points), New: l.New, Dropped: l.Dropped, Result: l.Result,
			})
		}
		return nil
	})
}

func (s *API) startVisit(ctx context.Context, c acts.Caller, b *struct {
	ID          string     `json:"id,omitempty" maxLength:"64" doc:"made by the client, so that sending twice is sending once"`
	Site        string     `json:"site"`
	Team        string     `json:"team"`
	Inspectors  []string   `json:"inspectors"`
	Methods     []string   `json:"methods"`
	StartedAt   *time.Time `json:"started_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty" doc:"of a visit that is reported when it is over"`
	Note        string     `json:"note,omitempty"`
	AloneReason string     `json:"alone_reason,omitempty" doc:"why there is nobody else, if one visits alone"`
},
) (*VisitPage, error) {
	if b.ID != "" && !ledger.ID(b.ID).Valid() {
		return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
	}
	id, err := s.acts.StartVisit(ctx, c, acts.NewVisit{
		ID: ledger.ID(b.ID), Site: ledger.ID(b.Site), Team: ledger.ID(b.Team), Inspectors: ids(b.Inspectors), Methods: b.Methods,
		Note: b.Note, Alone: b.AloneReason, Started: Doing{OccurredAt: b.StartedAt}.when(), Ended: Doing{OccurredAt: b.EndedAt}.when().At,
	})
	if err != nil {
		return nil, err
	}
	return s.visitPage(ctx, c.Actor, string(id))
}
