package acts

import (
	"context"
	"fmt"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
)

// SheetForm is a face-to-face hand-over as it was done.
type SheetForm struct {
	ID             ledger.ID // made by the client, or empty: signed offline it keeps its own
	Unit           ledger.ID
	Matters        []ledger.ID
	Post           string
	Signer         string    // who signed
	Signature      ledger.ID // picture
	DelegateReason string
	Refused        bool
	Witness        string
	Reason         string // why it was refused
	At             When
}

// SignSheet records that matters were handed over face to face, signed for or refused before a witness.
func (a *Acts) SignSheet(ctx context.Context, c Caller, f SheetForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("sheet")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if err := a.checkTime(tx, c, "occurred_at", f.At); err != nil {
			return err
		}
		at, until := f.At.interval(tx, zone)
		cmd := matter.SignSheet{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit, At: at, Until: until, Precision: f.At.Precision}, ID: f.ID, Unit: f.Unit, Post: f.Post, Refused: f.Refused,
		}
		for i, id := range f.Matters {
			m, found, err := matter.Load(tx.Tx, c.Tenant, id)
			if err != nil || !found {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "not-found", fmt.Sprintf("matters[%d]", i)))
			}
			if r := c.May("finding.hand_over", access.Place{Street: m.Facets.Street, Unit: m.Responsible()}); r != nil {
				return r
			}
			tx.Incident = m.Incident
			cmd.Matters = append(cmd.Matters, m)
			if sheet, err := matter.SheetOf(tx.Tx, c.Tenant, id); err != nil {
				return err
			} else if sheet != "" {
				cmd.Signed = append(cmd.Signed, id)
			}
		}
		for _, x := range []struct{ part, field, text string }{
			{"signer", "signer", f.Signer}, {"delegate", "delegate_reason", f.DelegateReason}, {"witness", "witness", f.Witness}, {"reason", "reason", f.Reason},
		} {
			parts, err := a.sealText(tx, x.part, x.field, x.text, false)
			if err != nil {
				return err
			}
			cmd.Parts = append(cmd.Parts, parts...)
		}
		if f.Signature != "" {
			picture, err := a.takeUploads(tx, c, plan.About{}, "signature.", "signature", []ledger.ID{f.Signature})
			if err != nil {
				return err
			}
			cmd.Parts = append(cmd.Parts, picture...)
		}
		drafts, refusal := cmd.Decide(matter.Sheet{}, tx.Now())
		return decided(tx, drafts, refusal)
	})
}
