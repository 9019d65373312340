package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// CheckView is a line of the grassroots ledger (基层监督台账).
type CheckView struct {
	ID          string     `json:"id"`
	Version     int        `json:"version"`
	State       string     `json:"state" enum:"clean,open,corrected,annulled"`
	Unit        Named      `json:"unit"`
	Link        string     `json:"link"`
	Item        string     `json:"item"`
	Region      Region     `json:"region"`
	Target      *Named     `json:"target" doc:"supervised unit, if it was not the area"`
	Site        *string    `json:"site" doc:"null if its key was destroyed"`
	Problem     *string    `json:"problem" doc:"empty: nothing was wrong; null if its key was destroyed"`
	At          time.Time  `json:"at"`
	CorrectedAt *time.Time `json:"corrected_at"`
	By          Person     `json:"by"`
	Mine        bool       `json:"mine" doc:"the asker's organisation looked"`
}

// CheckList is a part of the grassroots ledger.
type CheckList struct {
	Found int         `json:"found"`
	Items []CheckView `json:"items"`
	Next  *string     `json:"next"`
}

// CheckTally is what one organisation looked at.
type CheckTally struct {
	Unit      Named     `json:"unit"`
	Checks    int       `json:"checks"`
	Found     int       `json:"found"`
	Corrected int       `json:"corrected"`
	Open      int       `json:"open"`
	Last      time.Time `json:"last"`
}

// CheckTallies are the organisations with what they looked at, and where the asker may look.
type CheckTallies struct {
	Items   []CheckTally `json:"items"`
	Targets []Named      `json:"targets" doc:"units that the asker's organisation supervises"`
	Regions []Region     `json:"regions" doc:"areas of the asker; empty: none of his own"`
	May     bool         `json:"may" doc:"the asker may add to the ledger"`
}

// CheckFilter is what the grassroots ledger may be filtered by.
type CheckFilter struct {
	Unit   string `query:"unit" maxLength:"64"`
	Link   string `query:"link" maxLength:"32"`
	Region string `query:"region" maxLength:"12"`
	State  string `query:"state" enum:"clean,open,corrected,annulled,"`
	Day    string `query:"day" maxLength:"10"`
	PageInput
}

// checkBody is a line as sent: eight fields, of which four may be left out (R151).
type checkBody struct {
	ID          string     `json:"id,omitempty" maxLength:"64"`
	Link        string     `json:"link"`
	Item        string     `json:"item,omitempty"`
	Region      string     `json:"region,omitempty" doc:"area that was looked at; or else target"`
	Target      string     `json:"target,omitempty" doc:"supervised unit that was looked at"`
	Site        string     `json:"site" doc:"where exactly"`
	Problem     string     `json:"problem,omitempty" doc:"empty: nothing was wrong"`
	OccurredAt  *time.Time `json:"occurred_at,omitempty"`
	CorrectedAt *time.Time `json:"corrected_at,omitempty"`
}

func (s *API) grassroots(h huma.API) {
	get(h, "/grassroots", "list-checks", "The ledger of grassroots organisations, newest first", func(ctx context.Context, actor access.Actor, in *CheckFilter) (*CheckList, error) {
		out := &CheckList{Items: []CheckView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			f, err := in.filter(v)
			if err != nil {
				return err
			}
			page, err := visit.Checks(v.tx, actor.Tenant, f)
			if err != nil {
				return err
			}
			out.Found, out.Next = page.Found, token(page.Next)
			for _, k := range page.Items {
				view, err := v.check(k)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
	get(h, "/grassroots/units", "tally-checks", "What each grassroots organisation looked at, and where the asker may", s.checkTallies)
	get(h, "/grassroots/{id}", "get-check", "One line of the grassroots ledger", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*CheckView, error) {
		return s.checkPage(ctx, actor, ledger.ID(in.ID))
	})
	add(h, "/grassroots", "check-site", "Record a grassroots check", func(ctx context.Context, c acts.Caller, b *checkBody) (*CheckView, error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		id, err := s.acts.CheckSite(ctx, c, acts.CheckForm{
			ID: ledger.ID(b.ID), Link: b.Link, Item: b.Item, Region: b.Region, Target: ledger.ID(b.Target), Site: b.Site, Problem: b.Problem,
			At: Doing{OccurredAt: b.OccurredAt}.when(), CorrectedAt: utc(b.CorrectedAt),
		})
		if err != nil {
			return nil, err
		}
		return s.checkPage(ctx, c.Actor, id)
	})
	post(h, "/grassroots/{id}/correct", "correct-check", "The problem is corrected", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version    int        `json:"version,omitempty" minimum:"0"`
		OccurredAt *time.Time `json:"occurred_at,omitempty"`
	},
	) (*CheckView, error) {
		if err := s.acts.CorrectCheck(ctx, c, ledger.ID(id), b.Version, Doing{OccurredAt: b.OccurredAt}.when()); err != nil {
			return nil, err
		}
		return s.checkPage(ctx, c.Actor, ledger.ID(id))
	})
	post(h, "/grassroots/{id}/annul", "annul-check", "There was no such check", func(ctx context.Context, c acts.Caller, id string, b *textBody) (*CheckView, error) {
		if err := s.acts.AnnulCheck(ctx, c, ledger.ID(id), b.Version, b.Text); err != nil {
			return nil, err
		}
		return s.checkPage(ctx, c.Actor, ledger.ID(id))
	})
	post(h, "/orgs/{id}/supervises", "set-supervised", "Which units a stationed group supervises, in place of those before", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Units []string `json:"units" maxItems:"500"`
	},
	) (*Items[Named], error) {
		if err := s.acts.SetSupervised(ctx, c, ledger.ID(id), ids(b.Units)); err != nil {
			return nil, err
		}
		return s.supervised(ctx, c.Actor, ledger.ID(id))
	})
	get(h, "/orgs/{id}/supervises", "get-supervised", "Which units a stationed group supervises", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*Items[Named], error) {
		return s.supervised(ctx, actor, ledger.ID(in.ID))
	})
}

func (f CheckFilter) filter(v *viewer) (visit.CheckFilter, error) {
	scope, err := v.a.CheckScope(v.tx, v.actor)
	return visit.CheckFilter{
		State: f.State, Link: f.Link, Region: f.Region, Day: f.Day, Unit: ledger.ID(f.Unit), Scope: scope, After: f.Page, Limit: f.Limit,
	}, err
}

func (s *API) checkTallies(ctx context.Context, actor access.Actor, in *CheckFilter) (*CheckTallies, error) {
	out := &CheckTallies{Items: []CheckTally{}, Targets: []Named{}, Regions: []Region{}, May: actor.Can("grassroots") == nil}
	return out, s.read(ctx, actor, func(v *viewer) error {
		f, err := in.filter(v)
		if err != nil {
			return err
		}
		list, err := visit.CheckTallies(v.tx, actor.Tenant, f)
		if err != nil {
			return err
		}
		for _, t := range list {
			unit, err := v.org(t.Unit)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, CheckTally{unit, t.Checks, t.Found, t.Corrected, t.Remain, v.local(t.Last)})
		}
		if !out.May {
			return nil
		}
		if out.Targets, err = v.named(f.Scope.Targets); err != nil {
			return err
		}
		for _, code := range actor.Regions {
			r, err := v.region(code)
			if err != nil {
				return err
			}
			out.Regions = append(out.Regions, r)
		}
		return nil
	})
}

func (s *API) checkPage(ctx context.Context, actor access.Actor, id ledger.ID) (*CheckView, error) {
	out := &CheckView{}
	return out, s.read(ctx, actor, func(v *viewer) error {
		k, err := s.acts.CheckByID(v.tx, actor, id)
		if err != nil {
			return err
		}
		*out, err = v.check(k)
		return err
	})
}

func (s *API) supervised(ctx context.Context, actor access.Actor, org ledger.ID) (*Items[Named], error) {
	out := &Items[Named]{Items: []Named{}}
	return out, s.readRosters(ctx, actor, func(v *viewer) error {
		units, err := registry.Supervised(v.tx, actor.Tenant, org)
		if err != nil {
			return err
		}
		out.Items, err = v.named(units)
		return err
	})
}

// named says organisations by name.
func (v *viewer) named(units []ledger.ID) ([]Named, error) {
	out := []Named{}
	for _, u := range units {
		n, err := v.org(u)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func (v *viewer) check(k visit.Check) (CheckView, error) {
	view := CheckView{
		ID: string(k.ID), Version: k.Version, State: k.State, Link: k.Link, Item: k.Item, At: v.local(k.At), CorrectedAt: v.localPtr(k.CorrectedAt),
		Mine: k.Unit == v.actor.Unit,
	}
	var err error
	if view.Unit, err = v.org(k.Unit); err != nil {
		return view, err
	}
	if view.Region, err = v.region(k.Region); err != nil {
		return view, err
	}
	if k.Target != "" {
		target, err := v.org(k.Target)
		if err != nil {
			return view, err
		}
		view.Target = &target
	}
	if view.By, err = v.person(k.By); err != nil {
		return view, err
	}
	words, gone, err := v.a.CheckWords(v.tx, v.actor.Tenant, k)
	if err == nil && !gone {
		view.Site, view.Problem = &words.Site, &words.Problem
	}
	return view, err
}
