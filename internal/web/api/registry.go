package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// CatalogueView is every list, by name.
type CatalogueView struct {
	Edition string                   `json:"edition"`
	Lists   map[string][]acts.Listed `json:"lists"`
	States  []string                 `json:"states"`
	Axes    []string                 `json:"axes"`
}

// RegionView is a region with its validity.
type RegionView struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Level  string `json:"level"`
	Parent string `json:"parent"`
	Pinyin string `json:"pinyin"`
	From   string `json:"valid_from"`
	To     string `json:"valid_to"`
}

// OrgView is an organisation.
type OrgView struct {
	ID     string `json:"id"`
	Zh     string `json:"zh"`
	En     string `json:"en"`
	Kind   string `json:"kind"`
	Region string `json:"region"`
	From   string `json:"valid_from" doc:"YYYY-MM-DD; empty: always"`
	To     string `json:"valid_to" doc:"YYYY-MM-DD, exclusive; empty: open"`
}

// SiteView is a site with what happened there.
type SiteView struct {
	SiteRef
	Region    Region     `json:"region"`
	Address   string     `json:"address"`
	LastVisit *time.Time `json:"last_visit"`
	Open      int        `json:"open" doc:"open matters"`
	Lon       *float64   `json:"lon" doc:"WGS-84 degrees"`
	Lat       *float64   `json:"lat"`
}

// FoundPerson is somebody whom a name search found.
type FoundPerson struct {
	Ref   string   `json:"ref"`
	Name  string   `json:"name"`
	Org   Named    `json:"org"`
	Posts []string `json:"posts"`
}

// SiteList is a page of sites.
type SiteList struct {
	Items []SiteView `json:"items"`
	Next  *string    `json:"next"`
}

// Items is a list.
type Items[T any] struct {
	Items []T `json:"items"`
}

func (s *API) registry(h huma.API) {
	get(h, "/catalogue", "catalogue", "The lists findings are typed by", func(ctx context.Context, actor access.Actor, _ *struct{}) (*CatalogueView, error) {
		out := &CatalogueView{Axes: figure.Axes}
		return out, s.readOwn(ctx, actor, func(v *viewer) error {
			c, err := s.acts.Catalogue(v.tx, actor.Tenant)
			if err != nil {
				return err
			}
			out.Edition, out.Lists = c.Edition, c.Lists
			for _, st := range matter.States {
				out.States = append(out.States, string(st))
			}
			return nil
		})
	})
	get(h, "/regions", "regions", "Regions with their validity", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[RegionView], error) {
		out := &Items[RegionView]{Items: []RegionView{}}
		return out, s.readRosters(ctx, actor, func(v *viewer) error {
			list, err := registry.Regions(v.tx, actor.Tenant)
			for _, r := range list {
				out.Items = append(out.Items, RegionView{r.Code, r.Name, r.Level, r.Parent, r.Pinyin, r.From, r.To})
			}
			return err
		})
	})
	get(h, "/orgs", "orgs", "Organisations", func(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[OrgView], error) {
		out := &Items[OrgView]{Items: []OrgView{}}
		return out, s.readRosters(ctx, actor, func(v *viewer) error {
			list, err := registry.Orgs(v.tx, actor.Tenant)
			for _, o := range list {
				out.Items = append(out.Items, OrgView{string(o.ID), o.Zh, o.En, o.Kind, o.Region, o.From, o.To})
			}
			return err
		})
	})
	get(h, "/sites", "sites", "Sites by part of their name", s.sites)
	add(h, "/sites", "register-site", "Register a site", func(ctx context.Context, c acts.Caller, b *struct {
		Name    string   `json:"name"`
		Type    string   `json:"type"`
		Region  string   `json:"region" doc:"region code; a name is no key"`
		Address string   `json:"address,omitempty"`
		Lon     *float64 `json:"lon,omitempty" minimum:"-180" maximum:"180"`
		Lat     *float64 `json:"lat,omitempty" minimum:"-90" maximum:"90"`
	},
	) (*SiteRef, error) {
		id, err := s.acts.RegisterSite(ctx, c, acts.NewSite{Name: b.Name, Type: b.Type, Region: b.Region, Address: b.Address, Lon: b.Lon, Lat: b.Lat})
		return &SiteRef{ID: string(id), Name: b.Name, Type: b.Type}, err
	})
	get(h, "/people", "people", "People by name, while the directory's key lives", func(ctx context.Context, actor access.Actor, in *struct {
		Q string `query:"q" maxLength:"40"`
	},
	) (*Items[FoundPerson], error) {
		list, err := s.acts.FindPeople(ctx, actor, in.Q)
		if err != nil {
			return nil, err
		}
		out := &Items[FoundPerson]{Items: []FoundPerson{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			for _, f := range list {
				org, err := v.org(f.Person.Org)
				if err != nil {
					return err
				}
				p := FoundPerson{Ref: string(f.Person.ID), Name: f.Name, Org: org, Posts: []string{}}
				for _, post := range f.Posts {
					p.Posts = append(p.Posts, post.Role)
				}
				out.Items = append(out.Items, p)
			}
			return nil
		})
	})
}

func (s *API) sites(ctx context.Context, actor access.Actor, in *struct {
	Q      string `query:"q" maxLength:"60"`
	Region string `query:"region" maxLength:"12"`
	Page   string `query:"page" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
},
) (*SiteList, error) {
	out := &SiteList{Items: []SiteView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		regions := []string{in.Region}
		if streets, _ := actor.Jurisdiction(); streets != nil && in.Region == "" {
			regions = streets // so that the limit is met with what the asker may see
		}
		if len(regions) == 0 {
			return nil
		}
		list, err := registry.Sites(v.tx, actor.Tenant, in.Q, regions, ledger.ID(in.Page), in.Limit+1)
		if err != nil {
			return err
		}
		if len(list) > in.Limit {
			list = list[:in.Limit]
			out.Next = token(string(list[in.Limit-1].ID))
		}
		for _, site := range list {
			if !actor.Sees(access.Place{Street: registry.Street(site.Region)}) {
				continue
			}
			region, err := v.region(site.Region)
			if err != nil {
				return err
			}
			view := SiteView{SiteRef: SiteRef{string(site.ID), site.Name, site.Type}, Region: region, Address: site.Address, Lon: site.Lon, Lat: site.Lat}
			visits, err := visit.List(v.tx, actor.Tenant, visit.Filter{Site: site.ID, Limit: 1})
			if err != nil {
				return err
			}
			if len(visits.Items) > 0 {
				view.LastVisit = v.localPtr(&visits.Items[0].StartedAt)
			}
			if view.Open, err = matter.Count(v.tx, actor.Tenant, matter.Filter{Site: site.ID, Open: true}); err != nil {
				return err
			}
			out.Items = append(out.Items, view)
		}
		return nil
	})
}

// notFound is the fault of a look-up, or else the answer that there is no such thing.
func notFound(err error) error {
	if err != nil {
		return err
	}
	return notMine()
}

// notMine is the answer for what lies outside the asker's jurisdiction: as if it were not there.
func notMine() error { return ledger.RefuseAs(ledger.NotFound, "not-found", "") }
