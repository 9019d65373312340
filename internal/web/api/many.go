package api

import (
	"context"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/visit"

	"github.com/danielgtaylor/huma/v2"
)

// ManyItem is one of the things that a request is about.
type ManyItem struct {
	ID      string `json:"id" maxLength:"64"`
	Version int    `json:"version,omitempty" minimum:"0" doc:"the version seen; an older one is refused for this one alone"`
}

type manyItems []ManyItem

func (list manyItems) chosen() []acts.Chosen {
	out := make([]acts.Chosen, len(list))
	for i, x := range list {
		out[i] = acts.Chosen{ID: ledger.ID(x.ID), Seen: x.Version}
	}
	return out
}

// ManyAnswer says what became of each, in the order they were sent.
type ManyAnswer struct {
	Taken   int           `json:"taken"`
	Refused int           `json:"refused"`
	Items   []ManyOutcome `json:"items"`
}

// ManyOutcome is what became of one of them.
type ManyOutcome struct {
	ID     string     `json:"id"`
	Matter *MatterRef `json:"matter" doc:"the matter, or the one that a finding became; null: not seen, or none"`
	Taken  bool       `json:"taken"`
	Code   string     `json:"code" doc:"of the rule it was refused for; empty: taken"`
	Why    string     `json:"why"`
}

// many registers what may be done to several things at once. Closing is not among it (R062).
func (s *API) many(h huma.API) {
	add(h, "/many/urge", "urge-many", "Urge many matters with one text; each decides for itself", func(ctx context.Context, c acts.Caller, b *struct {
		Items  manyItems `json:"items"`
		Text   string    `json:"text"`
		Formal bool      `json:"formal,omitempty"`
	},
	) (*ManyAnswer, error) {
		return s.manyAnswer(ctx, c, "urge")(s.acts.UrgeMany(ctx, c, b.Items.chosen(), b.Text, b.Formal))
	})
	add(h, "/many/reassign", "reassign-many", "Uphold many objections: to the same unit", func(ctx context.Context, c acts.Caller, b *struct {
		Items        manyItems  `json:"items"`
		Unit         string     `json:"unit"`
		DecisionText string     `json:"decision_text"`
		Due          *time.Time `json:"due,omitempty" doc:"empty: the deadline stays"`
	},
	) (*ManyAnswer, error) {
		return s.manyAnswer(ctx, c, "reassign")(s.acts.ReassignMany(ctx, c, b.Items.chosen(), b.DecisionText, ledger.ID(b.Unit), b.Due))
	})
	add(h, "/many/hand-over", "hand-over-many", "Hand many confirmed findings over to the same unit under the same rule", func(ctx context.Context, c acts.Caller, b *struct {
		Items       manyItems `json:"items"`
		Unit        string    `json:"unit"`
		Channel     string    `json:"channel,omitempty"`
		Requirement string    `json:"requirement,omitempty"`
		Rule        string    `json:"rule,omitempty" doc:"of the rule pack; empty: by severity"`
	},
	) (*ManyAnswer, error) {
		return s.manyAnswer(ctx, c, "hand_over")(s.acts.HandOverMany(ctx, c, b.Items.chosen(), acts.HandOver{
			Unit: ledger.ID(b.Unit), Channel: b.Channel, Requirement: b.Requirement, Rule: b.Rule,
		}))
	})
	post(h, "/many/{id}", "never-many", "Refused: every other act is on one matter at a time", func(_ context.Context, _ acts.Caller, act string, _ *map[string]any) (*ManyAnswer, error) {
		return nil, acts.OneByOne(act)
	})
	get(h, "/slips", "list-slips", "The slips of matters and orders, for one document with one on each page", s.listSlips)
}

// manyAnswer makes an answer of outcomes; a refusal of the whole names the field of the form.
func (s *API) manyAnswer(ctx context.Context, c acts.Caller, act string) func([]acts.Outcome, error) (*ManyAnswer, error) {
	return func(list []acts.Outcome, err error) (*ManyAnswer, error) {
		if err != nil {
			return nil, inForm(act, err)
		}
		out := &ManyAnswer{Items: []ManyOutcome{}}
		return out, s.read(ctx, c.Actor, func(v *viewer) error {
			for _, o := range list {
				one := ManyOutcome{ID: string(o.ID), Taken: o.Refusal == nil}
				if one.Taken {
					out.Taken++
				} else {
					out.Refused++
					p := problem(langOf(ctx), 0, o.Refusal.Code, "", o.Refusal.Args)
					one.Code, one.Why = p.Code, p.Title
				}
				var err error
				if one.Matter, err = v.refOf(o.ID, act == "hand_over"); err != nil {
					return err
				}
				out.Items = append(out.Items, one)
			}
			return nil
		})
	}
}

// refOf gives a matter's number to who may see it; of a finding, that of the matter it became.
func (v *viewer) refOf(id ledger.ID, finding bool) (*MatterRef, error) {
	if finding {
		f, found, err := visit.LoadFinding(v.tx, v.actor.Tenant, id)
		if err != nil || !found || f.Matter == "" {
			return nil, err
		}
		id = f.Matter
	}
	m, found, err := matter.Load(v.tx, v.actor.Tenant, id)
	if err != nil || !found || !v.mine(m) {
		return nil, err
	}
	return &MatterRef{ID: string(m.ID), Number: m.Number}, nil
}

// Slips are what goes on paper, in the order asked for.
type Slips struct {
	Items   []Slip   `json:"items"`
	Missing []string `json:"missing" doc:"ids of what the asker does not see"`
}

// Slip is the page of a matter, or of a written order, that its slip is drawn from; the other one is null.
type Slip struct {
	Matter *MatterPage `json:"matter"`
	Order  *OrderPage  `json:"order"`
}

func (s *API) listSlips(ctx context.Context, actor access.Actor, in *struct {
	IDs string `query:"ids" doc:"up to 200, with commas between them"`
},
) (*Slips, error) {
	list := ids(strings.FieldsFunc(in.IDs, func(r rune) bool { return r == ',' }))
	if r := acts.CheckMany(list, "ids"); r != nil {
		return nil, r
	}
	out := &Slips{Items: []Slip{}, Missing: []string{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		for _, id := range list {
			m, found, err := matter.Load(v.tx, actor.Tenant, id)
			if err != nil {
				return err
			}
			if !found || !v.mine(m) {
				out.Missing = append(out.Missing, string(id))
				continue
			}
			var slip Slip
			if m.Origin == matter.OriginOrder {
				o, _, err := matter.OrderByID(v.tx, actor.Tenant, id)
				if err != nil {
					return err
				}
				slip.Order = &OrderPage{}
				if err := v.fillOrder(slip.Order, o); err != nil {
					return err
				}
			} else {
				slip.Matter = &MatterPage{}
				if err := v.fillMatter(slip.Matter, m); err != nil {
					return err
				}
			}
			out.Items = append(out.Items, slip)
		}
		return nil
	})
}
