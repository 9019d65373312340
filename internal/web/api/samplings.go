package api

import (
	"context"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// SamplingStop is a site of a plan, where it comes in the day's walk.
type SamplingStop struct {
	Site    SiteRef  `json:"site"`
	Region  Region   `json:"region"`
	Address string   `json:"address"`
	Lon     *float64 `json:"lon" doc:"WGS-84 degrees"`
	Lat     *float64 `json:"lat"`
	Metres  *int     `json:"metres" doc:"from the stop before, in a straight line; null for the first and without coordinates"`
	Added   bool     `json:"added" doc:"put in by hand"`
	Reason  *string  `json:"reason" doc:"why it was put in"`
	Weight  int64    `json:"weight" doc:"by which it was drawn; 0 if put in by hand"`
	Days    *int     `json:"days" doc:"whole days since the last visit when it was drawn; null: never visited"`
	Open    int64    `json:"open" doc:"matters then open"`
	Late    int64    `json:"late"`
	Failed  int64    `json:"failed" doc:"verifications that failed"`
	Focus   int      `json:"focus" doc:"2: of that day's focus, 1: of the day before only"`
	Visit   *string  `json:"visit" doc:"the team's first visit there that day"`
}

// SamplingOut is a site that somebody took out of a plan.
type SamplingOut struct {
	Site   SiteRef   `json:"site"`
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
	Reason *string   `json:"reason"`
}

// LotView is what a draw was made from.
type LotView struct {
	Method      string    `json:"method"`
	Seed        string    `json:"seed" doc:"hexadecimal"`
	At          time.Time `json:"at"`
	Known       int64     `json:"known" doc:"entries of the ledger that it knew"`
	Catalogue   string    `json:"catalogue"`
	Focus       *Named    `json:"focus"`
	FocusBefore *Named    `json:"focus_before"`
	Sites       int       `json:"sites" doc:"to draw from"`
	Frame       string    `json:"frame" doc:"SHA-256 of the sites with their weights"`
	N           int       `json:"n" doc:"asked for"`
}

// SamplingView is a version of what sites a team visits on a day.
type SamplingView struct {
	ID         string         `json:"id"`
	Version    int            `json:"version"`
	No         int            `json:"no"`
	State      string         `json:"state" enum:"drawn,accepted"`
	InForce    bool           `json:"in_force"`
	Streets    []Region       `json:"streets"`
	Lot        LotView        `json:"lot"`
	DrawnBy    Person         `json:"drawn_by"`
	DrawnAt    time.Time      `json:"drawn_at"`
	AcceptedBy *Person        `json:"accepted_by"`
	AcceptedAt *time.Time     `json:"accepted_at"`
	Start      *SiteRef       `json:"start" doc:"muster place that the walk begins at; null: the first site"`
	Stops      []SamplingStop `json:"stops" doc:"in the order to walk"`
	Out        []SamplingOut  `json:"out"`
	MayChange  bool           `json:"may_change"`
	MayAccept  bool           `json:"may_accept"`
}

// SamplingRef is one version among a day's.
type SamplingRef struct {
	ID      string    `json:"id"`
	No      int       `json:"no"`
	State   string    `json:"state" enum:"drawn,accepted"`
	InForce bool      `json:"in_force"`
	DrawnAt time.Time `json:"drawn_at"`
}

// TypeCoverage is how far the sites of a type are looked at.
type TypeCoverage struct {
	Type    string `json:"type"`
	Weight  int    `json:"weight" doc:"of the type times that of its key link"`
	Sites   int    `json:"sites"`
	Visited int    `json:"visited" doc:"ever"`
	Never   int    `json:"never"`
	Planned int    `json:"planned"`
	Done    int    `json:"done" doc:"of the planned, visited that day"`
}

// SamplingPage is what a team does on a day.
type SamplingPage struct {
	Team     TeamView       `json:"team"`
	Day      string         `json:"day"`
	Streets  []Region       `json:"streets" doc:"where the team is posted that day"`
	Versions []SamplingRef  `json:"versions" doc:"newest first"`
	Plan     *SamplingView  `json:"plan" doc:"the version asked for, else the one in force, else the newest"`
	Coverage []TypeCoverage `json:"coverage"`
	Most     int            `json:"most" doc:"sites of one draw"`
	MayDraw  bool           `json:"may_draw"`
}

// RedrawView is a draw made again from the ledger.
type RedrawView struct {
	Same      bool      `json:"same" doc:"the same sites in the same order"`
	SameFrame bool      `json:"same_frame" doc:"from the same sites with the same weights"`
	Frame     string    `json:"frame"`
	Sites     int       `json:"sites"`
	Drawn     []SiteRef `json:"drawn"`
}

func (s *API) samplings(h huma.API) {
	get(h, "/teams/{id}/samplings", "team-samplings", "What sites a team visits on a day, in the order to walk; never shown to the units that are inspected", func(ctx context.Context, actor access.Actor, in *struct {
		ID  string `path:"id" maxLength:"64"`
		Day string `query:"day" doc:"YYYY-MM-DD; empty: today"`
		No  int    `query:"no" minimum:"0" doc:"of the version"`
	},
	) (*SamplingPage, error) {
		return s.samplingPage(ctx, actor, ledger.ID(in.ID), in.Day, in.No)
	})
	post(h, "/teams/{id}/samplings", "draw-sampling", "Draw sites for a team and a day by weight; the seed is made here and recorded", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Day string `json:"day"`
		N   int    `json:"n" doc:"how many sites"`
	},
	) (*SamplingPage, error) {
		if _, err := s.acts.DrawSampling(ctx, c, ledger.ID(id), b.Day, b.N); err != nil {
			return nil, err
		}
		return s.samplingPage(ctx, c.Actor, ledger.ID(id), b.Day, -1)
	})
	post(h, "/samplings/{id}/changes", "change-sampling", "Put a site into a plan or take it out, with the reason", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int    `json:"version,omitempty" minimum:"0"`
		Site    string `json:"site"`
		Out     bool   `json:"out,omitempty"`
		Text    string `json:"text"`
	},
	) (*SamplingPage, error) {
		if err := s.acts.ChangeSampling(ctx, c, ledger.ID(id), b.Version, ledger.ID(b.Site), b.Out, b.Text); err != nil {
			return nil, err
		}
		return s.samplingPageOf(ctx, c.Actor, ledger.ID(id))
	})
	post(h, "/samplings/{id}/accept", "accept-sampling", "Take a plan as what the team does that day; the leader's own act", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Version int `json:"version,omitempty" minimum:"0"`
	},
	) (*SamplingPage, error) {
		if err := s.acts.AcceptSampling(ctx, c, ledger.ID(id), b.Version); err != nil {
			return nil, err
		}
		return s.samplingPageOf(ctx, c.Actor, ledger.ID(id))
	})
	get(h, "/samplings/{id}/again", "redraw-sampling", "Draw a plan's sites again from the ledger as it was", func(ctx context.Context, actor access.Actor, in *struct {
		ID string `path:"id" maxLength:"64"`
	},
	) (*RedrawView, error) {
		out := &RedrawView{Drawn: []SiteRef{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			r, err := s.acts.RedrawSampling(v.tx, actor, ledger.ID(in.ID))
			if err != nil {
				return err
			}
			out.Same, out.SameFrame, out.Frame, out.Sites = r.Same, r.SameFrame, r.Frame, r.Sites
			for _, p := range r.Drawn {
				site, err := v.siteRef(p.Site)
				if err != nil {
					return err
				}
				out.Drawn = append(out.Drawn, site)
			}
			return nil
		})
	})
}

// samplingPageOf is the page of a plan's team and day, at that plan.
func (s *API) samplingPageOf(ctx context.Context, actor access.Actor, id ledger.ID) (*SamplingPage, error) {
	var plan visit.Sampling
	if err := s.read(ctx, actor, func(v *viewer) (err error) {
		plan, err = s.acts.SamplingByID(v.tx, actor, id)
		return err
	}); err != nil {
		return nil, err
	}
	return s.samplingPage(ctx, actor, plan.Team, plan.Day, plan.No)
}

// samplingPage gives a version by its number; 0 is the one in force, else the newest; below 0 the newest.
func (s *API) samplingPage(ctx context.Context, actor access.Actor, team ledger.ID, day string, no int) (*SamplingPage, error) {
	out := &SamplingPage{Streets: []Region{}, Versions: []SamplingRef{}, Coverage: []TypeCoverage{}, Most: visit.MaxSample}
	return out, s.read(ctx, actor, func(v *viewer) error {
		t, found, err := visit.TeamByID(v.tx, actor.Tenant, team)
		if err != nil || !found {
			return notFound(err)
		}
		today := v.local(v.now).Format(time.DateOnly)
		if out.Day = day; day == "" {
			out.Day = today
		}
		versions, streets, err := s.acts.SamplingsOf(v.tx, actor, t, out.Day, v.zone)
		if err != nil {
			return err
		}
		if out.Team, err = v.teamView(t); err != nil {
			return err
		}
		for _, code := range streets {
			street, err := v.region(code)
			if err != nil {
				return err
			}
			out.Streets = append(out.Streets, street)
		}
		out.MayDraw = actor.Can("sampling") == nil && t.Has(actor.Person, v.now) && out.Day >= today && len(streets) > 0
		force, _ := visit.SamplingInForce(versions)
		var shown *visit.Sampling
		for i, x := range versions {
			out.Versions = append(out.Versions, SamplingRef{ID: string(x.ID), No: x.No, State: x.State, InForce: x.ID == force.ID, DrawnAt: v.local(x.DrawnAt)})
			if no == x.No || no < 0 && i == 0 || no == 0 && (x.ID == force.ID || force.ID == "" && i == 0) {
				shown = &versions[i]
			}
		}
		done, err := visit.VisitedOn(v.tx, actor.Tenant, t.ID, out.Day)
		if err != nil {
			return err
		}
		var planned []ledger.ID
		if shown != nil {
			planned, streets = shown.Planned(), shown.Lot.Streets
			view, err := v.sampling(*shown, force, done)
			if err != nil {
				return err
			}
			changeable := actor.Can("sampling") == nil && t.Has(actor.Person, v.now) && out.Day >= today && force.No <= shown.No
			view.MayChange = changeable
			view.MayAccept = changeable && shown.State == visit.SamplingDrawn && slices.ContainsFunc(t.Members, func(m visit.Member) bool {
				return m.Person == actor.Person && m.Role == visit.Leader && m.To.IsZero()
			})
			out.Plan = &view
		}
		return v.samplingCoverage(out, streets, planned, done)
	})
}

func (v *viewer) samplingCoverage(out *SamplingPage, streets []string, planned []ledger.ID, done map[ledger.ID]visit.Visit) error {
	lists, err := v.a.Catalogue(v.tx, v.actor.Tenant)
	if err != nil {
		return err
	}
	coverage, err := v.a.SamplingCoverage(v.tx, v.actor.Tenant, streets, v.now, planned, done)
	for _, c := range coverage {
		kind, _ := lists.Find("site_types", c.Type)
		link, _ := lists.Find("key_links", kind.Link)
		out.Coverage = append(out.Coverage, TypeCoverage{
			Type: c.Type, Weight: max(kind.Weight, 1) * max(link.Weight, 1), Sites: c.Sites, Visited: c.Visited, Never: c.Never, Planned: c.Planned, Done: c.Done,
		})
	}
	return err
}

func (v *viewer) sampling(x, force visit.Sampling, done map[ledger.ID]visit.Visit) (view SamplingView, err error) {
	view = SamplingView{
		ID: string(x.ID), Version: x.Version, No: x.No, State: x.State, InForce: x.ID == force.ID, Streets: []Region{}, Stops: []SamplingStop{}, Out: []SamplingOut{},
		DrawnAt: v.local(x.DrawnAt), AcceptedAt: v.localPtr(x.AcceptedAt),
		Lot: LotView{
			Method: x.Lot.Method, Seed: x.Lot.Seed, At: v.local(x.Lot.At), Known: x.Lot.Known, Catalogue: x.Lot.Catalogue, Sites: x.Lot.Sites, Frame: x.Lot.Frame, N: x.Lot.N,
		},
	}
	for _, code := range x.Lot.Streets {
		street, err := v.region(code)
		if err != nil {
			return view, err
		}
		view.Streets = append(view.Streets, street)
	}
	if view.Lot.Focus, err = v.titled(x.Lot.Focus); err != nil {
		return view, err
	}
	if view.Lot.FocusBefore, err = v.titled(x.Lot.FocusBefore); err != nil {
		return view, err
	}
	if view.DrawnBy, err = v.person(x.DrawnBy); err != nil {
		return view, err
	}
	if view.AcceptedBy, err = v.personPtr(x.AcceptedBy); err != nil {
		return view, err
	}
	start, legs, err := v.a.DayRoute(v.tx, v.actor.Tenant, x)
	if err != nil {
		return view, err
	}
	if start != nil {
		view.Start = &SiteRef{ID: string(start.ID), Name: start.Name, Type: start.Type}
	}
	for _, leg := range legs {
		stop, err := v.samplingStop(x, leg, done)
		if err != nil {
			return view, err
		}
		view.Stops = append(view.Stops, stop)
	}
	planned := x.Planned()
	for _, c := range x.Changes {
		if !c.Out || slices.Contains(planned, c.Site) {
			continue
		}
		o := SamplingOut{At: v.local(c.At)}
		if o.Site, err = v.siteRef(c.Site); err != nil {
			return view, err
		}
		if o.By, err = v.person(c.By); err != nil {
			return view, err
		}
		if o.Reason, err = v.openPart(c.Reason); err != nil {
			return view, err
		}
		view.Out = append(view.Out, o)
	}
	return view, nil
}

func (v *viewer) samplingStop(x visit.Sampling, leg visit.Leg, done map[ledger.ID]visit.Visit) (SamplingStop, error) {
	site, err := v.site(leg.Site)
	if err != nil {
		return SamplingStop{}, err
	}
	stop := SamplingStop{
		Site: SiteRef{ID: string(site.ID), Name: site.Name, Type: site.Type}, Address: site.Address, Lon: site.Lon, Lat: site.Lat, Metres: leg.Metres, Added: true,
	}
	if stop.Region, err = v.region(site.Region); err != nil {
		return stop, err
	}
	for _, p := range x.Drawn {
		if p.Site == leg.Site {
			stop.Added, stop.Weight, stop.Open, stop.Late, stop.Failed, stop.Focus = false, p.Weight, p.Open, p.Late, p.Failed, p.Focus
			if p.Days >= 0 {
				stop.Days = &p.Days
			}
		}
	}
	for _, c := range x.Changes {
		if !c.Out && c.Site == leg.Site && stop.Added {
			if stop.Reason, err = v.openPart(c.Reason); err != nil {
				return stop, err
			}
		}
	}
	if seen, ok := done[leg.Site]; ok {
		id := string(seen.ID)
		stop.Visit = &id
	}
	return stop, nil
}

// titled is a publication by its title, or by its number if its words were destroyed; nil if there is none.
func (v *viewer) titled(id ledger.ID) (*Named, error) {
	if id == "" {
		return nil, nil
	}
	p, _, err := plan.PublicationByID(v.tx, v.actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	words, gone, err := v.a.PublicationWords(v.tx, v.actor.Tenant, p)
	out := &Named{ID: string(p.ID), Name: p.Number}
	if !gone {
		out.Name = words.Title
	}
	return out, err
}
