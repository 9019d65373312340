package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// AboutView is what something is about, with how it is called.
type AboutView struct {
	Kind string `json:"kind" enum:"visit,finding,matter"`
	ID   string `json:"id"`
	Name string `json:"name" doc:"number of the matter, or name of the site"`
}

// FlagView is what a detector noticed.
type FlagView struct {
	ID        string           `json:"id"`
	Version   int              `json:"version"`
	State     string           `json:"state" enum:"open,upheld,cleared"`
	Kind      string           `json:"kind" enum:"same_picture,impossible_travel,back_dated"`
	About     AboutView        `json:"about"`
	Other     *AboutView       `json:"other" doc:"what it clashes with"`
	By        Person           `json:"by" doc:"whose act it was"`
	At        time.Time        `json:"at"`
	Numbers   map[string]int64 `json:"numbers" doc:"minutes, metres, past_due (minutes)"`
	DecidedBy *Person          `json:"decided_by"`
	DecidedAt *time.Time       `json:"decided_at"`
	Reason    *string          `json:"reason"`
}

// IntercessionView is that somebody asked.
type IntercessionView struct {
	ID      string     `json:"id"`
	By      Person     `json:"by" doc:"who was asked"`
	Unit    Named      `json:"unit"`
	About   *AboutView `json:"about"`
	Channel string     `json:"channel" enum:"in_person,phone,message,through_others"`
	At      time.Time  `json:"at"`
	Who     *string    `json:"who" doc:"null if its key was destroyed"`
	From    *string    `json:"from"`
	What    *string    `json:"what"`
	Notes   []NoteView `json:"notes"`
}

// NoteView is what was added.
type NoteView struct {
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
	Text *string   `json:"text"`
}

func (s *API) discipline(h huma.API) {
	get(h, "/flags", "list-flags", "What the detectors noticed, newest first; a person decides", func(ctx context.Context, actor access.Actor, in *struct {
		State string `query:"state" enum:"open,upheld,cleared,"`
	},
	) (*Items[FlagView], error) {
		if r := actor.Can("flags"); r != nil {
			return nil, r
		}
		out := &Items[FlagView]{Items: []FlagView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			list, err := plan.Flags(v.tx, actor.Tenant, in.State, visit.MaxPage)
			if err != nil {
				return err
			}
			for _, f := range list {
				view, err := v.flag(f)
				if err != nil {
					return err
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
	post(h, "/flags/{id}/decide", "decide-flag", "What somebody makes of a flag", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Upheld  bool   `json:"upheld"`
		Text    string `json:"text"`
	},
	) (*FlagView, error) {
		if err := s.acts.DecideFlag(ctx, c, ledger.ID(id), b.Version, b.Upheld, b.Text); err != nil {
			return nil, err
		}
		out := &FlagView{}
		return out, s.read(ctx, c.Actor, func(v *viewer) error {
			f, _, err := plan.FlagByID(v.tx, c.Tenant, ledger.ID(id))
			if err != nil {
				return err
			}
			*out, err = v.flag(f)
			return err
		})
	})
	get(h, "/intercessions", "list-intercessions", "Who asked about what: all for the commission, one's own for others", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[IntercessionView], error) {
		return s.intercessions(ctx, actor)
	})
	add(h, "/intercessions", "intercede", "Register that somebody asked; it stays", func(ctx context.Context, c acts.Caller, b *struct {
		ID         string     `json:"id,omitempty" maxLength:"64"`
		AboutKind  string     `json:"about_kind,omitempty"`
		About      string     `json:"about,omitempty"`
		Channel    string     `json:"channel"`
		Who        string     `json:"who"`
		Unit       string     `json:"unit,omitempty"`
		What       string     `json:"what"`
		OccurredAt *time.Time `json:"occurred_at,omitempty"`
	},
	) (*Items[IntercessionView], error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		_, err := s.acts.Intercede(ctx, c, acts.IntercessionForm{
			ID: ledger.ID(b.ID), AboutKind: b.AboutKind, About: ledger.ID(b.About), Channel: b.Channel,
			Words: plan.IntercessionWords{Who: b.Who, Unit: b.Unit, What: b.What}, At: Doing{OccurredAt: b.OccurredAt}.when(),
		})
		if err != nil {
			return nil, err
		}
		return s.intercessions(ctx, c.Actor)
	})
	post(h, "/intercessions/{id}/notes", "annotate-intercession", "Add what became of it", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Text string `json:"text"`
	},
	) (*Items[IntercessionView], error) {
		if err := s.acts.AnnotateIntercession(ctx, c, ledger.ID(id), b.Text); err != nil {
			return nil, err
		}
		return s.intercessions(ctx, c.Actor)
	})
}

func (s *API) intercessions(ctx context.Context, actor access.Actor) (*Items[IntercessionView], error) {
	out := &Items[IntercessionView]{Items: []IntercessionView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		list, err := s.acts.Intercessions(v.tx, actor)
		if err != nil {
			return err
		}
		for _, i := range list {
			view, err := v.intercession(i)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, view)
		}
		return nil
	})
}

func (v *viewer) flag(f plan.Flag) (FlagView, error) {
	view := FlagView{ID: string(f.ID), Version: f.Version, State: f.State, Kind: f.Kind, At: v.local(f.At), Numbers: f.Numbers, DecidedAt: v.localPtr(f.DecidedAt)}
	about, err := v.about(f.About)
	if err != nil {
		return view, err
	}
	view.About = *about
	if view.Other, err = v.about(f.Other); err != nil {
		return view, err
	}
	if view.By, err = v.person(f.By); err != nil {
		return view, err
	}
	if f.DecidedBy != "" {
		by, err := v.person(f.DecidedBy)
		if err != nil {
			return view, err
		}
		view.DecidedBy = &by
	}
	if f.Reason != nil {
		view.Reason, err = v.openPart(*f.Reason)
	}
	return view, err
}

// about names what something is about; nil for nothing.
func (v *viewer) about(a plan.About) (*AboutView, error) {
	if a.ID == "" {
		return nil, nil
	}
	view := AboutView{Kind: a.Kind, ID: string(a.ID)}
	var site ledger.ID
	switch a.Kind {
	case "matter":
		m, _, err := matter.Load(v.tx, v.actor.Tenant, a.ID)
		if err != nil {
			return nil, err
		}
		view.Name = m.Number
	case "finding":
		f, _, err := visit.LoadFinding(v.tx, v.actor.Tenant, a.ID)
		if err != nil {
			return nil, err
		}
		site = f.Site
	case "visit":
		x, _, err := visit.Load(v.tx, v.actor.Tenant, a.ID)
		if err != nil {
			return nil, err
		}
		site = x.Site
	}
	if site != "" {
		ref, err := v.siteRef(site)
		if err != nil {
			return nil, err
		}
		view.Name = ref.Name
	}
	return &view, nil
}

func (v *viewer) intercession(i plan.Intercession) (IntercessionView, error) {
	view := IntercessionView{ID: string(i.ID), Channel: i.Channel, At: v.local(i.At), Notes: []NoteView{}}
	var err error
	if view.By, err = v.person(i.By); err != nil {
		return view, err
	}
	if view.Unit, err = v.org(i.Unit); err != nil {
		return view, err
	}
	if view.About, err = v.about(i.About); err != nil {
		return view, err
	}
	words, gone, err := v.a.IntercessionWords(v.tx, v.actor.Tenant, i)
	if err != nil {
		return view, err
	}
	if !gone {
		view.Who, view.From, view.What = &words.Who, &words.Unit, &words.What
	}
	for _, n := range i.Notes {
		by, err := v.person(n.By)
		if err != nil {
			return view, err
		}
		text, err := v.openPart(n.Text)
		if err != nil {
			return view, err
		}
		view.Notes = append(view.Notes, NoteView{by, v.local(n.At), text})
	}
	return view, nil
}
