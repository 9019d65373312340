package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/due"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// FindingBody is what an inspector fills in.
type FindingBody struct {
	ID             string     `json:"id,omitempty" maxLength:"64" doc:"made by the client, so that sending twice is sending once"`
	ProblemType    string     `json:"problem_type,omitempty"`
	Severity       string     `json:"severity,omitempty"`
	Fact           string     `json:"fact,omitempty"`
	PlaceDetail    string     `json:"place_detail,omitempty"`
	Themes         []string   `json:"themes,omitempty"`
	Area           string     `json:"area,omitempty"`
	Responsibility string     `json:"responsibility,omitempty"`
	Clause         string     `json:"clause,omitempty"`
	Item           string     `json:"item,omitempty"`
	Cites          []string   `json:"cites,omitempty" maxItems:"20" doc:"publication#code of clauses of directives and of discipline rules"`
	Photos         []string   `json:"photos,omitempty" doc:"ids of uploads"`
	AfterPhotos    []string   `json:"after_photos,omitempty"`
	NoPhotoReason  string     `json:"no_photo_reason,omitempty" doc:"why there is no picture; one of the two is wanted at confirmation"`
	OccurredAt     *time.Time `json:"occurred_at,omitempty"`
	Precision      string     `json:"precision,omitempty" enum:"hour,evening,day"`
	FixedOnSpot    bool       `json:"fixed_on_spot,omitempty"`
	Draft          bool       `json:"draft,omitempty"`
}

func (b FindingBody) form() acts.FindingForm {
	return acts.FindingForm{
		ID: ledger.ID(b.ID), Fact: b.Fact, Place: b.PlaceDetail, Photos: ids(b.Photos), AfterPhotos: ids(b.AfterPhotos), Draft: b.Draft, NoPhoto: b.NoPhotoReason, Cites: b.Cites,
		Occurred: Doing{OccurredAt: b.OccurredAt, Precision: b.Precision}.when(),
		What: visit.What{
			Problem: b.ProblemType, Severity: b.Severity, Themes: b.Themes, Area: b.Area, Responsibility: b.Responsibility,
			Clause: b.Clause, Item: b.Item, FixedOnSpot: b.FixedOnSpot,
		},
	}
}

// Raised is the receipt for a finding: what was sent is safe on disk.
type Raised struct {
	ID      string `json:"id"`
	Visit   string `json:"visit"`
	State   string `json:"state"`
	Version int    `json:"version"`
}

func (s *API) raiseFinding(ctx context.Context, c acts.Caller, visitID string, b *FindingBody) (*Raised, error) {
	if b.ID != "" && !ledger.ID(b.ID).Valid() {
		return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
	}
	id, err := s.acts.RaiseFinding(ctx, c, ledger.ID(visitID), b.form())
	if err != nil {
		return nil, err
	}
	state := visit.Raised
	if b.Draft {
		state = visit.Draft
	}
	version := 1
	if len(b.Cites) > 0 {
		version++ // citing is an entry of its own
	}
	return &Raised{ID: string(id), Visit: visitID, State: state, Version: version}, nil
}

// FindingList is a part of a list of findings.
type FindingList struct {
	Found int          `json:"found"`
	Items []FindingRow `json:"items"`
	Next  *string      `json:"next"`
}

func (s *API) findings(h huma.API) {
	get(h, "/findings", "list-findings", "Findings by filter, newest first", s.listFindings)
	get(h, "/findings/{id}", "get-finding", "One finding", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*FindingRow, error) {
		return s.findingPage(ctx, actor, in.ID)
	})
	post(h, "/findings/{id}/confirm", "confirm-finding", "The finding holds", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int `json:"version,omitempty" minimum:"0"`
	},
	) (*FindingRow, error) {
		if err := s.acts.ConfirmFinding(ctx, c, ledger.ID(id), b.Version); err != nil {
			return nil, err
		}
		return s.findingPage(ctx, c.Actor, id)
	})
	post(h, "/findings/{id}/reject", "reject-finding", "Send a finding back, with a reason", func(ctx context.Context, c acts.Caller, id string, b *textBody) (*FindingRow, error) {
		if err := s.acts.RejectFinding(ctx, c, ledger.ID(id), b.Version, b.Text); err != nil {
			return nil, err
		}
		return s.findingPage(ctx, c.Actor, id)
	})
	post(h, "/findings/{id}/amend", "amend-finding", "Put a finding right before it is confirmed", func(ctx context.Context, c acts.Caller, id string, b *struct {
		FindingBody
		Version int `json:"version,omitempty" minimum:"0"`
	},
	) (*FindingRow, error) {
		if err := s.acts.AmendFinding(ctx, c, ledger.ID(id), b.Version, b.form()); err != nil {
			return nil, err
		}
		return s.findingPage(ctx, c.Actor, id)
	})
	post(h, "/findings/{id}/hand-over", "hand-over", "Hand over a confirmed finding (交办)", s.handOver)
	get(h, "/findings/{id}/hand-over/preview", "preview-hand-over", "What a hand-over would decide", s.previewHandOver)
}

func (s *API) listFindings(ctx context.Context, actor access.Actor, in *struct {
	State       string `query:"state" enum:"draft,raised,confirmed,rejected,handed_over,"`
	Street      string `query:"street"`
	Team        string `query:"team"`
	Site        string `query:"site"`
	ProblemType string `query:"problem_type"`
	Late        bool   `query:"late" doc:"only those whose hand-over is late"`
	PageInput
},
) (*FindingList, error) {
	out := &FindingList{Items: []FindingRow{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		streets, _ := actor.Jurisdiction()
		f := visit.Filter{
			State: in.State, Street: in.Street, Team: in.Team, Site: ledger.ID(in.Site), Problem: in.ProblemType, Streets: streets, After: in.Page, Limit: in.Limit,
		}
		if in.Late {
			f.HandOverBy = v.now
		}
		page, err := visit.Findings(v.tx, actor.Tenant, f)
		if err != nil {
			return err
		}
		out.Found, out.Next = page.Found, token(page.Next)
		for _, f := range page.Items {
			row, err := v.findingRow(f)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, row)
		}
		return nil
	})
}

func (s *API) findingPage(ctx context.Context, actor access.Actor, id string) (*FindingRow, error) {
	out := &FindingRow{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		f, found, err := visit.LoadFinding(v.tx, actor.Tenant, ledger.ID(id))
		if err != nil {
			return err
		}
		if !found || !actor.Sees(access.Place{Street: f.Street}) {
			return ledger.RefuseAs(ledger.NotFound, "not-found", "")
		}
		*out, err = v.findingRow(f)
		return err
	})
}

func (s *API) handOver(ctx context.Context, c acts.Caller, id string, b *struct {
	Doing
	Unit        string `json:"unit"`
	Channel     string `json:"channel,omitempty"`
	Requirement string `json:"requirement,omitempty"`
	Rule        string `json:"rule,omitempty" doc:"of the rule pack; empty: by severity"`
},
) (*MatterPage, error) {
	m, err := s.acts.HandOverFinding(ctx, c, ledger.ID(id), acts.HandOver{
		Seen: b.Version, Unit: ledger.ID(b.Unit), Channel: b.Channel, Requirement: b.Requirement, Rule: b.Rule, At: b.when(),
	})
	if err != nil {
		return nil, err
	}
	return s.matterPage(ctx, c.Actor, string(m))
}

// Preview is what a hand-over would decide.
type Preview struct {
	Due           *time.Time      `json:"due"`
	Rule          string          `json:"rule"`
	Explain       []due.Reason    `json:"explain"`
	SuggestedUnit *Named          `json:"suggested_unit"`
	Units         []Named         `json:"units"`
	Rules         []acts.RuleName `json:"rules"`
	SameSite      []MatterRef     `json:"same_site" doc:"open matters of the same site"`
}

func (s *API) previewHandOver(ctx context.Context, actor access.Actor, in *struct {
	ID   string `path:"id" maxLength:"64"`
	Rule string `query:"rule"`
},
) (*Preview, error) {
	out := &Preview{Explain: []due.Reason{}, Units: []Named{}, SameSite: []MatterRef{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		f, found, err := visit.LoadFinding(v.tx, actor.Tenant, ledger.ID(in.ID))
		if err != nil {
			return err
		}
		if !found || !actor.Sees(access.Place{Street: f.Street}) {
			return ledger.RefuseAs(ledger.NotFound, "not-found", "")
		}
		clock, rules, err := s.acts.PreviewDue(v.tx, actor.Tenant, v.zone, in.Rule, f.What.Severity, v.now)
		if err != nil {
			return err
		}
		out.Rules = rules
		if clock != nil {
			out.Due, out.Rule = v.localPtr(&clock.Due), clock.Rule
			out.Explain = append(out.Explain, clock.Why...)
		}
		if _, err := v.org(""); err != nil {
			return err
		}
		for _, o := range v.orgs {
			if !responsibleKind(o) {
				continue
			}
			if o.Kind == "street" && o.Region == f.Street {
				out.SuggestedUnit = &Named{ID: string(o.ID), Name: o.Zh}
			}
			out.Units = append(out.Units, Named{ID: string(o.ID), Name: o.Zh})
		}
		sortNamed(out.Units)
		same, err := matter.List(v.tx, actor.Tenant, matter.Filter{Site: f.Site, Open: true, Limit: 20})
		for _, m := range same.Matters {
			out.SameSite = append(out.SameSite, MatterRef{ID: string(m.ID), Number: m.Number})
		}
		return err
	})
}
