package api

import (
	"context"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"

	"github.com/danielgtaylor/huma/v2"
)

// SavedFilterView is a filter kept under a name.
type SavedFilterView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Query  string `json:"query" doc:"of the page's address"`
	Shared bool   `json:"shared"`
	Mine   bool   `json:"mine" doc:"only then it can be deleted"`
}

func (s *API) savedFilters(h huma.API) {
	list := func(ctx context.Context, actor access.Actor, page string) (*Items[SavedFilterView], error) {
		out := &Items[SavedFilterView]{Items: []SavedFilterView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			filters, err := access.SavedFilters(v.tx, actor, page)
			for _, f := range filters {
				out.Items = append(out.Items, SavedFilterView{string(f.ID), f.Name, f.Query, f.Shared, f.Account == actor.Account})
			}
			return err
		})
	}
	get(h, "/filters", "list-filters", "Filters of a list: the asker's own and those shared with him", func(ctx context.Context, actor access.Actor, in *struct {
		Page string `query:"page" required:"true" enum:"matters,visits,findings"`
	},
	) (*Items[SavedFilterView], error) {
		return list(ctx, actor, in.Page)
	})
	add(h, "/filters", "save-filter", "Keep a list's filter under a name", func(ctx context.Context, c acts.Caller, b *struct {
		Page   string `json:"page" enum:"matters,visits,findings"`
		Name   string `json:"name"`
		Query  string `json:"query" doc:"of the page's address, without the question mark"`
		Shared bool   `json:"shared,omitempty" doc:"show it to everybody"`
	},
	) (*Items[SavedFilterView], error) {
		if _, err := s.acts.SaveFilter(ctx, c, access.SavedFilter{Account: c.Account, Page: b.Page, Name: b.Name, Query: b.Query, Shared: b.Shared}); err != nil {
			return nil, err
		}
		return list(ctx, c.Actor, b.Page)
	})
	post(h, "/filters/{id}/delete", "delete-filter", "Forget a filter of one's own", func(ctx context.Context, c acts.Caller, id string, _ *struct{}) (*struct{}, error) {
		return &struct{}{}, s.acts.Accounts.DropFilter(ctx, c.Actor, ledger.ID(id))
	})
}
