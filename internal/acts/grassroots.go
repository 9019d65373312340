package acts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// CheckForm is what a grassroots organisation fills in for one line of its ledger: eight fields at the most
// (R151), of which the time and the correction may be left out.
type CheckForm struct {
	ID          ledger.ID // made by the client, or empty
	Link        string
	Item        string
	Region      string    // area that was looked at; the unit's own if a unit is named
	Target      ledger.ID // supervised unit that was looked at, instead of an area
	Site        string
	Problem     string // empty: nothing was wrong
	At          When
	CorrectedAt time.Time
}

// CheckSite records a grassroots check.
func (a *Acts) CheckSite(ctx context.Context, c Caller, f CheckForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("check")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error { return a.checkSite(tx, c, f, zone) })
}

func (a *Acts) checkSite(tx *ledger.Tx, c Caller, f CheckForm, zone *time.Location) error {
	if r := c.Can("grassroots"); r != nil {
		return r
	}
	if err := a.checkTime(tx, c, "occurred_at", f.At); err != nil {
		return err
	}
	if err := a.checkTime(tx, c, "corrected_at", When{At: f.CorrectedAt}); err != nil {
		return err
	}
	at, until := f.At.interval(tx, zone)
	when := at
	if when.IsZero() {
		when = tx.Now()
	}
	day := when.In(zone).Format(time.DateOnly)
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return err
	}
	if r := lists.known("key_links", f.Link, "link", true); r != nil {
		return r
	}
	if r := lists.known("link_items", f.Item, "item", false); r != nil {
		return r
	}
	if item, ok := lists.Find("link_items", f.Item); ok && item.Link != f.Link {
		return ledger.RefuseAs(ledger.Invalid, "grassroots.item-of-other-link", "item", "link", item.Link)
	}
	if f.Target != "" {
		unit, found, err := registry.OrgByID(tx.Tx, c.Tenant, f.Target)
		if err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "target"))
		}
		if f.Region = unit.Region; f.Region == "" { // a unit of the district as a whole
			f.Region = c.Tenant
		}
	}
	if f.Region != "" {
		if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, f.Region, day); err != nil || refusal != nil {
			return orRefusal(err, refusal)
		}
	}
	scope, err := a.CheckScope(tx.Tx, c.Actor)
	if err != nil {
		return err
	}
	before, _, err := visit.CheckByID(tx.Tx, c.Tenant, f.ID)
	if err != nil {
		return err
	}
	act := visitAct(c, 0, at, until, f.At.Precision)
	if act.Parts, err = a.checkWords(tx, f); err != nil {
		return err
	}
	drafts, refusal := visit.CheckSite{Act: act, ID: f.ID, InScope: scope.Covers(f.Region, f.Target), Body: visit.CheckedV1{
		Unit: c.Unit, Link: f.Link, Item: f.Item, Region: f.Region, Target: f.Target, Day: day, Problem: f.Problem != "", CorrectedAt: f.CorrectedAt,
	}}.Decide(before, tx.Now())
	return decided(tx, drafts, refusal)
}

// checkWords seals where exactly it was and what was wrong.
func (a *Acts) checkWords(tx *ledger.Tx, f CheckForm) ([]ledger.Part, error) {
	site, refusal := cleanText("site", f.Site, true)
	if refusal != nil {
		return nil, refusal
	}
	problem, refusal := cleanText("problem", f.Problem, false)
	if refusal != nil {
		return nil, refusal
	}
	words, err := json.Marshal(visit.CheckWords{Site: site, Problem: problem})
	if err != nil {
		return nil, err
	}
	return a.V.Seal(tx, scope(tx), vault.Finding, vault.Content{Name: "words", Type: "application/json", Bytes: words})
}

// CorrectCheck says that a problem of a grassroots check is corrected.
func (a *Acts) CorrectCheck(ctx context.Context, c Caller, id ledger.ID, seen int, w When) error {
	return a.onCheck(ctx, c, id, func(tx *ledger.Tx, k visit.Check, zone *time.Location) error {
		if err := a.checkTime(tx, c, "occurred_at", w); err != nil {
			return err
		}
		at, until := w.interval(tx, zone)
		drafts, refusal := visit.CorrectCheck{Act: visitAct(c, seen, at, until, w.Precision)}.Decide(k, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// AnnulCheck says that there was no such grassroots check.
func (a *Acts) AnnulCheck(ctx context.Context, c Caller, id ledger.ID, seen int, reason string) error {
	return a.onCheck(ctx, c, id, func(tx *ledger.Tx, k visit.Check, _ *time.Location) error {
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		var err error
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		drafts, refusal := visit.AnnulCheck{Act: act}.Decide(k, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func (a *Acts) onCheck(ctx context.Context, c Caller, id ledger.ID, fn func(*ledger.Tx, visit.Check, *time.Location) error) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		k, err := a.CheckByID(tx.Tx, c.Actor, id)
		if err != nil {
			return err
		}
		if r := c.Can("grassroots"); r != nil {
			return r
		}
		tx.Incident = k.Incident
		return fn(tx, k, zone)
	})
}

// CheckScope is whose grassroots checks somebody sees, and where he may check: who reads the whole district
// sees all of them; a grassroots organisation its own, its area's and those of the units it supervises.
func (a *Acts) CheckScope(tx *storage.Tx, actor access.Actor) (visit.CheckScope, error) {
	s := visit.CheckScope{Unit: actor.Unit, Regions: actor.Regions}
	if streets, _ := actor.Jurisdiction(); streets == nil {
		s.All = true
		return s, nil
	}
	var err error
	s.Targets, err = registry.Supervised(tx, actor.Tenant, actor.Unit)
	return s, err
}

// CheckByID finds a grassroots check that the actor may see.
func (a *Acts) CheckByID(tx *storage.Tx, actor access.Actor, id ledger.ID) (visit.Check, error) {
	k, err := existing(visit.CheckByID(tx, actor.Tenant, id))
	if err != nil {
		return k, err
	}
	s, err := a.CheckScope(tx, actor)
	if err == nil && k.Unit != actor.Unit && !s.Covers(k.Region, k.Target) {
		err = ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	return k, err
}

// CheckWords opens what a grassroots check says; gone says that it was destroyed.
func (a *Acts) CheckWords(tx *storage.Tx, tenant string, k visit.Check) (w visit.CheckWords, gone bool, err error) {
	for _, p := range k.Parts {
		if p.Name != "words" {
			continue
		}
		b, gone, err := a.Open(tx, tenant, p)
		if err != nil || gone {
			return w, gone, err
		}
		return w, false, json.Unmarshal(b, &w)
	}
	return w, false, nil
}

// SetSupervised says which units a stationed group supervises (派驻监督), in place of those before.
func (a *Acts) SetSupervised(ctx context.Context, c Caller, org ledger.ID, units []ledger.ID) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("register"); r != nil {
			return r
		}
		if _, err := existing(registry.OrgByID(tx.Tx, c.Tenant, org)); err != nil {
			return err
		}
		for i, u := range units {
			_, found, err := registry.OrgByID(tx.Tx, c.Tenant, u)
			if err != nil || !found || u == org {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", fmt.Sprintf("units[%d]", i)))
			}
		}
		return tx.Append(ledger.Draft{Subject: org, Body: registry.SupervisedV1{Units: units}})
	})
}
