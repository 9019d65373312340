package api

import (
	"context"

	"duzhan/internal/access"
	"duzhan/internal/acts"

	"github.com/danielgtaylor/huma/v2"
)

// OwnCatalogue is the office's own catalogue, as it is edited.
type OwnCatalogue struct {
	Version int                      `json:"version"`
	Lists   map[string][]acts.Listed `json:"lists"`
}

// CatalogueChange is one item in which a catalogue differs from the version before.
type CatalogueChange struct {
	List   string       `json:"list"`
	Code   string       `json:"code"`
	Change string       `json:"change" enum:"added,changed,retired,restored"`
	Before *acts.Listed `json:"before"`
	After  acts.Listed  `json:"after"`
}

// catalogueBody is a new version as sent; lists that are left out stay as they are.
type catalogueBody struct {
	Version int                      `json:"version" minimum:"1" doc:"the version that was edited"`
	Lists   map[string][]acts.Listed `json:"lists"`
}

func (s *API) catalogues(h huma.API) {
	get(h, "/catalogue/own", "own-catalogue", "The office's own lists, as they are edited", func(ctx context.Context, actor access.Actor, _ *struct{}) (*OwnCatalogue, error) {
		return s.ownCatalogue(ctx, actor)
	})
	add(h, "/catalogue/preview", "preview-catalogue", "What a new version of the lists would change; nothing is written", func(ctx context.Context, c acts.Caller, b *catalogueBody) (*Items[CatalogueChange], error) {
		out := &Items[CatalogueChange]{Items: []CatalogueChange{}}
		return out, s.readOwn(ctx, c.Actor, func(v *viewer) error {
			list, err := s.acts.PreviewCatalogue(v.tx, c.Actor, b.Lists)
			for _, x := range list {
				out.Items = append(out.Items, CatalogueChange(x))
			}
			return err
		})
	})
	add(h, "/catalogue", "publish-catalogue", "Publish the next version of the lists; what is written keeps its codes", func(ctx context.Context, c acts.Caller, b *catalogueBody) (*OwnCatalogue, error) {
		if _, err := s.acts.PublishCatalogue(ctx, c, b.Version, b.Lists); err != nil {
			return nil, err
		}
		return s.ownCatalogue(ctx, c.Actor)
	})
}

func (s *API) ownCatalogue(ctx context.Context, actor access.Actor) (*OwnCatalogue, error) {
	if r := actor.Can("rules"); r != nil {
		return nil, r
	}
	out := &OwnCatalogue{}
	return out, s.readOwn(ctx, actor, func(v *viewer) error {
		c, err := s.acts.OwnCatalogue(v.tx, actor.Tenant)
		out.Version, out.Lists = c.Version, c.Lists
		return err
	})
}
