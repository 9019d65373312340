package acts

import (
	"context"
	"time"

	"duzhan/internal/ledger"
	"duzhan/internal/registry"
)

// period refuses days that are none (YYYY-MM-DD), and an end that does not lie behind the beginning.
func period(from, to, fromField, toField string, open bool) *ledger.Refusal {
	for _, d := range []struct {
		day, field string
		optional   bool
	}{{from, fromField, open}, {to, toField, true}} {
		if d.day == "" && d.optional {
			continue
		}
		if _, err := time.Parse(time.DateOnly, d.day); err != nil {
			return ledger.RefuseAs(ledger.Invalid, "input.format", d.field)
		}
	}
	if to != "" && to <= from {
		return ledger.RefuseAs(ledger.Invalid, "registry.period", toField)
	}
	return nil
}

// SetCompetence says that an area belongs to an organisation from a day on, until another (主管部门); the same first
// day again puts the end right.
func (a *Acts) SetCompetence(ctx context.Context, c Caller, s registry.Competence) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		lists, err := a.Catalogue(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		if r := lists.known("areas", s.Area, "area", true); r != nil {
			return r
		}
		if r := period(s.From, s.To, "valid_from", "valid_to", false); r != nil {
			return r
		}
		if r, err := a.unitKnown(tx, c.Tenant, s.Org, "org", s.From); err != nil || r != nil {
			return orRefusal(err, r)
		}
		return tx.Append(ledger.Draft{Subject: s.Org, Body: registry.CompetenceSetV1{Area: s.Area, From: s.From, To: s.To}})
	})
}

// DateOrg says from when to when an organisation exists; an empty day is open.
func (a *Acts) DateOrg(ctx context.Context, c Caller, org ledger.ID, from, to string) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		if _, err := existing(registry.OrgByID(tx.Tx, c.Tenant, org)); err != nil {
			return err
		}
		if r := period(from, to, "valid_from", "valid_to", true); r != nil {
			return r
		}
		return tx.Append(ledger.Draft{Subject: org, Body: registry.OrgDatedV1{From: from, To: to}})
	})
}
