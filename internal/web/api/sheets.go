package api

import (
	"context"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/acts"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"

	"github.com/danielgtaylor/huma/v2"
)

// HandOverSheet is a face-to-face hand-over.
type HandOverSheet struct {
	ID       string      `json:"id"`
	Unit     Named       `json:"unit"`
	Matters  []MatterRef `json:"matters"`
	Post     string      `json:"post"`
	Refused  bool        `json:"refused"`
	By       Person      `json:"by"`
	At       time.Time   `json:"at"`
	Signer   *string     `json:"signer"`
	Delegate *string     `json:"delegate_reason"`
	Witness  *string     `json:"witness"`
	Reason   *string     `json:"reason"`
	Signed   bool        `json:"signed" doc:"a signature stands with it"`
}

// HandOvers is what waits to be handed over face to face, and what was.
type HandOvers struct {
	Unsigned []MatterRow     `json:"unsigned" doc:"handed over, not yet signed for (待当面交办)"`
	Sheets   []HandOverSheet `json:"sheets"`
}

func (s *API) sheets(h huma.API) {
	get(h, "/hand-overs", "hand-overs", "Face-to-face hand-overs: what is not signed for yet, and the sheets", s.handOvers)
	add(h, "/hand-overs", "sign-sheet", "Record a face-to-face hand-over with its signature, or its refusal before a witness", func(ctx context.Context, c acts.Caller, b *struct {
		ID             string     `json:"id,omitempty" maxLength:"64" doc:"made by the client, so that a sheet signed offline keeps its own"`
		Unit           string     `json:"unit"`
		Matters        []string   `json:"matters" maxItems:"100"`
		Post           string     `json:"post" enum:"secretary,director,delegate"`
		Signer         string     `json:"signer,omitempty"`
		Signature      string     `json:"signature,omitempty" doc:"id of an upload"`
		DelegateReason string     `json:"delegate_reason,omitempty"`
		Refused        bool       `json:"refused,omitempty"`
		Witness        string     `json:"witness,omitempty"`
		Reason         string     `json:"reason,omitempty"`
		OccurredAt     *time.Time `json:"occurred_at,omitempty"`
	},
	) (*HandOvers, error) {
		if b.ID != "" && !ledger.ID(b.ID).Valid() {
			return nil, ledger.RefuseAs(ledger.Invalid, "input.format", "id")
		}
		if _, err := s.acts.SignSheet(ctx, c, acts.SheetForm{
			ID: ledger.ID(b.ID), Unit: ledger.ID(b.Unit), Matters: ids(b.Matters), Post: b.Post, Signer: b.Signer, Signature: ledger.ID(b.Signature),
			DelegateReason: b.DelegateReason, Refused: b.Refused, Witness: b.Witness, Reason: b.Reason, At: Doing{OccurredAt: b.OccurredAt}.when(),
		}); err != nil {
			return nil, err
		}
		return s.handOvers(ctx, c.Actor, &struct{}{})
	})
}

func (s *API) handOvers(ctx context.Context, actor access.Actor, _ *struct{}) (*HandOvers, error) {
	out := &HandOvers{Sheets: []HandOverSheet{}}
	return out, s.read(ctx, actor, func(v *viewer) error {
		streets, _ := actor.Jurisdiction()
		unsigned, err := matter.Unsigned(v.tx, actor.Tenant, streets, 200)
		if err != nil {
			return err
		}
		if out.Unsigned, err = v.matterRows(unsigned); err != nil {
			return err
		}
		list, err := matter.Sheets(v.tx, actor.Tenant, "", 200)
		if err != nil {
			return err
		}
		for _, sheet := range list {
			view, mine, err := v.sheetView(sheet)
			if err != nil {
				return err
			}
			if mine {
				out.Sheets = append(out.Sheets, view)
			}
		}
		return nil
	})
}

// sheetView also tells whether the sheet lies in the asker's jurisdiction: some matter of it does.
func (v *viewer) sheetView(s matter.Sheet) (view HandOverSheet, mine bool, err error) {
	view = HandOverSheet{ID: string(s.ID), Post: s.Post, Refused: s.Refused, At: v.local(s.At), Matters: []MatterRef{}}
	for _, id := range s.Matters {
		m, _, err := matter.Load(v.tx, v.actor.Tenant, id)
		if err != nil {
			return view, false, err
		}
		mine = mine || v.mine(m)
		view.Matters = append(view.Matters, MatterRef{ID: string(id), Number: m.Number})
	}
	if view.Unit, err = v.org(s.Unit); err != nil {
		return view, false, err
	}
	if view.By, err = v.person(s.By); err != nil {
		return view, false, err
	}
	for _, p := range s.Parts {
		view.Signed = view.Signed || p.Name == "signature.1"
		to, ok := map[string]**string{"signer": &view.Signer, "delegate": &view.Delegate, "witness": &view.Witness, "reason": &view.Reason}[p.Name]
		if !ok {
			continue
		}
		if *to, err = v.openPart(p); err != nil {
			return view, false, err
		}
	}
	return view, mine, nil
}
