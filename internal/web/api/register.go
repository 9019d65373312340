package api

import (
	"context"

	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"

	"github.com/danielgtaylor/huma/v2"
)

// register is what a district is made of: organisations, regions, people, recusals.
func (s *API) register(h huma.API) {
	add(h, "/orgs", "register-org", "Register an organisation", func(ctx context.Context, c acts.Caller, b *struct {
		Kind   string `json:"kind" enum:"commission,department,street,resident_office,community,grassroots,other"`
		Zh     string `json:"zh"`
		En     string `json:"en"`
		Region string `json:"region,omitempty" doc:"code of the region it stands for; a street's is required"`
	},
	) (*OrgView, error) {
		id, err := s.acts.AddOrg(ctx, c, acts.NewOrg{Kind: b.Kind, Zh: b.Zh, En: b.En, Region: b.Region})
		return &OrgView{ID: string(id), Zh: b.Zh, En: b.En, Kind: b.Kind, Region: b.Region}, err
	})
	add(h, "/regions", "register-regions", "Register regions from a named source", func(ctx context.Context, c acts.Caller, b *struct {
		Source string       `json:"source" doc:"where the list comes from"`
		Items  []RegionBody `json:"items" maxItems:"1000"`
	},
	) (*struct {
		Registered int `json:"registered"`
	}, error,
	) {
		var list []registry.Region
		for _, r := range b.Items {
			list = append(list, registry.Region{Code: r.Code, Name: r.Name, Level: r.Level, Parent: r.Parent, Pinyin: r.Pinyin, From: r.From, To: r.To})
		}
		err := s.acts.AddRegions(ctx, c, b.Source, list)
		return &struct {
			Registered int `json:"registered"`
		}{len(list)}, err
	})
	add(h, "/people", "register-person", "Register somebody with his post and, if he is to sign in, an account", func(ctx context.Context, c acts.Caller, b *struct {
		Name   string      `json:"name"`
		Phone  string      `json:"phone,omitempty"`
		Org    string      `json:"org"`
		Role   string      `json:"role"`
		SignIn *signInBody `json:"sign_in,omitempty"`
	},
	) (*struct {
		Ref string `json:"ref"`
	}, error,
	) {
		var in *acts.SignInOf
		if b.SignIn != nil {
			in = &acts.SignInOf{Login: b.SignIn.Login, Password: b.SignIn.Password, Regions: b.SignIn.Regions, Teams: b.SignIn.Teams}
		}
		id, err := s.acts.AddPerson(ctx, c, acts.NewPerson{Name: b.Name, Phone: b.Phone, Org: ledger.ID(b.Org)}, b.Role, in)
		return &struct {
			Ref string `json:"ref"`
		}{string(id)}, err
	})
	post(h, "/people/{id}/recusals", "declare-recusal", "Declare that somebody keeps out of regions (回避)", func(ctx context.Context, c acts.Caller, id string, b *struct {
		Regions []string `json:"regions"`
		Text    string   `json:"text,omitempty"`
	},
	) (*struct {
		Ref string `json:"ref"`
	}, error,
	) {
		return &struct {
			Ref string `json:"ref"`
		}{id}, s.acts.DeclareRecusal(ctx, c, ledger.ID(id), b.Regions, b.Text)
	})
}

// RegionBody is a region as registered.
type RegionBody struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Level  string `json:"level" enum:"district,town,community"`
	Parent string `json:"parent,omitempty" doc:"empty: what the code says"`
	Pinyin string `json:"pinyin,omitempty"`
	From   string `json:"valid_from" doc:"YYYY-MM-DD"`
	To     string `json:"valid_to,omitempty" doc:"YYYY-MM-DD, exclusive; empty: open"`
}

// signInBody is an account as made.
type signInBody struct {
	Login    string   `json:"login"`
	Password string   `json:"password"`
	Regions  []string `json:"regions,omitempty" doc:"street codes he is limited to"`
	Teams    []string `json:"teams,omitempty"`
}
