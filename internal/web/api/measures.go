package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"

	"github.com/danielgtaylor/huma/v2"
)

// MeasureCell is how many sites complied with a measure.
type MeasureCell struct {
	Sites   int  `json:"sites" doc:"that were looked at"`
	OK      int  `json:"ok"`
	Percent *int `json:"percent" doc:"rounded down; null where too few sites were looked at"`
}

// MeasureView is a measure with its compliance.
type MeasureView struct {
	Code    string                 `json:"code"`
	Parent  string                 `json:"parent" doc:"key point of a plan that it stands under"`
	Text    *string                `json:"text"`
	Items   []string               `json:"items" doc:"check items behind it; without any nobody can tell"`
	All     MeasureCell            `json:"all"`
	Streets map[string]MeasureCell `json:"streets" doc:"by code of the street"`
}

// Measures are those of a publication.
type Measures struct {
	Title   *string       `json:"title"`
	Kind    string        `json:"kind"`
	Since   *time.Time    `json:"since" doc:"its coming into force"`
	Least   int           `json:"least" doc:"sites that a share is told of at the least"`
	Sampled bool          `json:"sampled"`
	Streets []Region      `json:"streets"`
	Items   []MeasureView `json:"items"`
}

func (s *API) measures(h huma.API) {
	get(h, "/publications/{id}/measures", "measures", "The share of sites that complied with each clause, key point or item of a directive, plan or focus, by street", func(ctx context.Context, actor access.Actor, in *struct {
		ID      string `path:"id" maxLength:"64"`
		Sampled bool   `query:"sampled" doc:"only sites that the day's plan had drawn by chance"`
	},
	) (*Measures, error) {
		out := &Measures{Least: acts.LeastAnswered, Sampled: in.Sampled, Streets: []Region{}, Items: []MeasureView{}}
		return out, s.read(ctx, actor, func(v *viewer) error {
			p, err := s.acts.VisiblePublication(v.tx, actor, ledger.ID(in.ID))
			if err != nil {
				return err
			}
			out.Kind = p.Kind
			since, list, streets, err := s.acts.Measures(v.tx, actor, p.ID, acts.MeasureQuery{Sampled: in.Sampled}, v.now)
			if err != nil {
				return err
			}
			out.Since = v.localSet(since)
			words, gone, err := s.acts.PublicationWords(v.tx, actor.Tenant, p)
			if err != nil {
				return err
			}
			if !gone {
				out.Title = &words.Title
			}
			for _, code := range streets {
				street, err := v.region(code)
				if err != nil {
					return err
				}
				out.Streets = append(out.Streets, street)
			}
			for _, m := range list {
				view := MeasureView{Code: m.Code, Parent: m.Parent, Items: notNil(m.Items), All: measureCell(m.All), Streets: map[string]MeasureCell{}}
				if text, ok := words.Items[m.Code]; ok {
					view.Text = &text
				}
				for code, c := range m.Streets {
					view.Streets[code] = measureCell(c)
				}
				out.Items = append(out.Items, view)
			}
			return nil
		})
	})
}

func measureCell(c acts.Complied) MeasureCell {
	out := MeasureCell{Sites: c.Sites, OK: c.OK}
	if p, told := c.Percent(); told {
		out.Percent = &p
	}
	return out
}
