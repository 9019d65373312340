package acts

import (
	"context"
	"fmt"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/roster"
	"duzhan/internal/visit"
)

// NewBatch is a batch as it is formed.
type NewBatch struct {
	Street  string
	Captain ledger.ID
	From    time.Time // zero: now
	To      time.Time
}

// FormBatch forms the next batch of people who support a street.
func (a *Acts) FormBatch(ctx context.Context, c Caller, b NewBatch) (ledger.ID, error) {
	id := c.newID("batch")
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.May("support", access.Place{Street: b.Street}); r != nil {
			return r
		}
		if b.From.IsZero() {
			b.From = tx.Now()
		}
		if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, b.Street, b.From.In(zone).Format(time.DateOnly)); err != nil || refusal != nil {
			if refusal != nil {
				refusal.Field = "street"
			}
			return orRefusal(err, refusal)
		}
		if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, b.Captain); err != nil || !found && b.Captain != "" {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "person.unknown", "captain"))
		}
		last, err := roster.LastNo(tx.Tx, c.Tenant, tx.Incident)
		if err != nil {
			return err
		}
		drafts, refusal := roster.Form{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit}, ID: id, Street: b.Street, Captain: b.Captain, From: b.From, To: b.To, Last: last,
		}.Decide(roster.Batch{}, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ConfirmAttendance says who attended a shift of a batch; nobody of them was on a visit or another shift then.
func (a *Acts) ConfirmAttendance(ctx context.Context, c Caller, id ledger.ID, s roster.Shift) error {
	if s.ID == "" {
		s.ID = c.newID("shift")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		b, err := existing(roster.BatchByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May("support", access.Place{Street: b.Street}); r != nil {
			return r
		}
		tx.Incident = b.Incident
		for i, p := range s.People {
			if _, found, err := registry.PersonByID(tx.Tx, c.Tenant, p); err != nil || !found {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "person.unknown", fmt.Sprintf("people[%d]", i)))
			}
		}
		s.Day = s.From.In(zone).Format(time.DateOnly)
		busy, err := roster.BusyWith(tx.Tx, c.Tenant, s.People, s.From, s.To)
		if err != nil {
			return err
		}
		visits, err := visit.Elsewheres(tx.Tx, c.Tenant, s.People, s.From, s.To)
		if err != nil {
			return err
		}
		for _, v := range visits {
			busy = append(busy, roster.Busy{Person: v.Person, From: s.From, To: s.To, What: v.Visit})
		}
		drafts, refusal := roster.Attend{Act: ledger.Act{Person: c.Person, Unit: c.Unit}, Shift: s, Busy: busy}.Decide(b, tx.Now())
		return decided(tx, drafts, refusal)
	})
}
