package api

import (
	"context"
	"encoding/json"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"

	"github.com/danielgtaylor/huma/v2"
)

// RulePackView is a version of the rule pack.
type RulePackView struct {
	Code      string          `json:"code"`
	Version   int             `json:"version"`
	Zh        string          `json:"zh"`
	En        string          `json:"en"`
	ValidFrom time.Time       `json:"valid_from"`
	InForce   bool            `json:"in_force"`
	Pack      json.RawMessage `json:"pack" doc:"deadlines, clocks, ladder, thresholds, as published"`
}

func (s *API) rulePacks(h huma.API) {
	get(h, "/rule-packs", "list-rule-packs", "Versions of the rule pack, newest first", s.listRulePacks)
	add(h, "/rule-packs", "publish-rule-pack", "Put a new version of the rule pack in force from a time; what is decided stays", func(ctx context.Context, c acts.Caller, b *struct {
		ValidFrom time.Time      `json:"valid_from"`
		Pack      map[string]any `json:"pack" doc:"the whole pack with a version above the newest"`
	},
	) (*RulePackView, error) {
		pack, err := json.Marshal(b.Pack)
		if err != nil {
			return nil, err
		}
		version, err := s.acts.PublishRulePack(ctx, c, pack, b.ValidFrom)
		if err != nil {
			return nil, err
		}
		list, err := s.listRulePacks(ctx, c.Actor, nil)
		if err != nil {
			return nil, err
		}
		for _, v := range list.Items {
			if v.Version == version {
				return &v, nil
			}
		}
		return nil, notMine()
	})
}

func (s *API) listRulePacks(ctx context.Context, actor access.Actor, _ *struct{}) (*Items[RulePackView], error) {
	out := &Items[RulePackView]{Items: []RulePackView{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		list, err := s.acts.RulePacks(v.tx, actor.Tenant, v.now)
		for _, p := range list {
			out.Items = append(out.Items, RulePackView{p.Code, p.Version, p.Zh, p.En, v.local(p.ValidFrom), p.InForce, p.Pack})
		}
		return err
	})
}
