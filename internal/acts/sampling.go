package acts

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// DrawSampling proposes n sites for a team and a day, from those of the streets it is posted to that day. The seed is
// made here and recorded with the draw: nobody chooses it, and a second draw stands in the ledger beside the first.
func (a *Acts) DrawSampling(ctx context.Context, c Caller, team ledger.ID, day string, n int) (ledger.ID, error) {
	id := c.newID("sampling")
	seed := make([]byte, 32)
	_, _ = rand.Read(seed) // never fails
	return id, a.onTeam(ctx, c, team, "sampling", func(tx *ledger.Tx, t visit.Team, zone *time.Location) error {
		from, r := midnight(day, zone)
		if r != nil {
			return r
		}
		before, _, err := visit.SamplingByID(tx.Tx, c.Tenant, id)
		if err != nil {
			return err
		}
		versions, err := visit.Samplings(tx.Tx, c.Tenant, team, day)
		if err != nil {
			return err
		}
		lot := visit.Lot{Seed: hex.EncodeToString(seed), At: tx.Now(), Known: tx.Size(), N: n}
		for _, street := range t.StreetsBetween(from, from.AddDate(0, 0, 1)) {
			if c.May("sampling", access.Place{Street: street}) == nil {
				lot.Streets = append(lot.Streets, street)
			}
		}
		lists, err := a.Catalogue(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		lot.Catalogue = lists.Edition
		for _, f := range []struct {
			id *ledger.ID
			at time.Time
		}{{&lot.Focus, lot.At}, {&lot.FocusBefore, lot.At.Add(-24 * time.Hour)}} {
			p, _, err := plan.InForce(tx.Tx, c.Tenant, plan.Focus, t.Incident, f.at)
			if err != nil {
				return err
			}
			*f.id = p.ID
		}
		frame, err := a.frameOf(tx.Tx, c.Tenant, lot, lists)
		if err != nil {
			return err
		}
		drafts, refusal := visit.DrawSampling{
			Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), ID: id, Team: t, Day: day, Today: tx.Now().In(zone).Format(time.DateOnly),
			No: len(versions) + 1, Lot: lot, Frame: frame,
		}.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// frameOf weighs the sites of a lot's streets as they were at its time and position.
func (a *Acts) frameOf(tx *storage.Tx, tenant string, lot visit.Lot, lists *Catalogue) ([]visit.Pick, error) {
	states, err := registry.SiteStates(tx, tenant, lot.Streets, lot.At, lot.Known)
	if err != nil {
		return nil, err
	}
	w := visit.Weights{Types: map[string]int64{}}
	for _, kind := range lists.Lists["site_types"] {
		link, _ := lists.Find("key_links", kind.Link)
		w.Types[kind.Code] = int64(max(kind.Weight, 1) * max(link.Weight, 1))
	}
	if w.Focus, err = focusTypes(tx, tenant, lot.Focus, lists); err != nil {
		return nil, err
	}
	if w.FocusBefore, err = focusTypes(tx, tenant, lot.FocusBefore, lists); err != nil {
		return nil, err
	}
	return visit.FrameOf(states, w, lot.At), nil
}

// focusTypes are the types of sites that a focus looks at: those of its check items and of its areas.
func focusTypes(tx *storage.Tx, tenant string, id ledger.ID, lists *Catalogue) (map[string]bool, error) {
	out := map[string]bool{}
	if id == "" {
		return out, nil
	}
	p, _, err := plan.PublicationByID(tx, tenant, id)
	if err != nil {
		return nil, err
	}
	for _, i := range p.Items {
		if item, ok := lists.Find("items", i.Check); ok && item.SiteType != "" {
			out[item.SiteType] = true
		}
		for _, kind := range lists.Lists["site_types"] {
			if i.Area != "" && kind.Area == i.Area {
				out[kind.Code] = true
			}
		}
	}
	return out, nil
}

// onSampling runs fn on a plan as it is, with its team and whether a newer version was accepted.
func (a *Acts) onSampling(ctx context.Context, c Caller, id ledger.ID, fn func(tx *ledger.Tx, s visit.Sampling, t visit.Team, today string, newer bool) error) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		s, err := a.SamplingByID(tx.Tx, c.Actor, id)
		if err != nil {
			return err
		}
		if r := c.Can("sampling"); r != nil {
			return r
		}
		t, _, err := visit.TeamByID(tx.Tx, c.Tenant, s.Team)
		if err != nil {
			return err
		}
		versions, err := visit.Samplings(tx.Tx, c.Tenant, s.Team, s.Day)
		if err != nil {
			return err
		}
		force, _ := visit.SamplingInForce(versions)
		tx.Incident = s.Incident
		return fn(tx, s, t, tx.Now().In(zone).Format(time.DateOnly), force.No > s.No)
	})
}

// ChangeSampling puts a site into a plan or takes it out, with a reason.
func (a *Acts) ChangeSampling(ctx context.Context, c Caller, id ledger.ID, seen int, siteID ledger.ID, out bool, reason string) error {
	return a.onSampling(ctx, c, id, func(tx *ledger.Tx, s visit.Sampling, t visit.Team, today string, newer bool) error {
		site, found, err := registry.SiteByID(tx.Tx, c.Tenant, siteID)
		if err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "site.unknown", "site"))
		}
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		drafts, refusal := visit.ChangeSampling{
			Act: act, Team: t, Today: today, Newer: newer, Site: site, Out: out, InArea: slices.Contains(s.Lot.Streets, registry.Street(site.Region)),
		}.Decide(s, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// AcceptSampling takes a plan as what the team does that day.
func (a *Acts) AcceptSampling(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onSampling(ctx, c, id, func(tx *ledger.Tx, s visit.Sampling, t visit.Team, today string, newer bool) error {
		drafts, refusal := visit.AcceptSampling{Act: visitAct(c, seen, time.Time{}, time.Time{}, ""), Team: t, Today: today, Newer: newer}.Decide(s, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// seesPlans tells whether somebody may know where inspectors will come: never the units that are inspected.
func seesPlans(actor access.Actor, streets []string) *ledger.Refusal {
	if r := actor.Can("samplings"); r != nil {
		return r
	}
	if slices.ContainsFunc(streets, func(s string) bool { return actor.May("samplings", access.Place{Street: s}) == nil }) {
		return nil
	}
	return ledger.RefuseAs(ledger.NotFound, "not-found", "")
}

// SamplingByID finds a sampling plan that the actor may see.
func (a *Acts) SamplingByID(tx *storage.Tx, actor access.Actor, id ledger.ID) (visit.Sampling, error) {
	s, err := existing(visit.SamplingByID(tx, actor.Tenant, id))
	if err != nil {
		return s, err
	}
	return s, orRefusal(nil, seesPlans(actor, s.Lot.Streets))
}

// SamplingsOf lists the versions of a team's plan for a day that the actor may see, newest first, with the streets that
// the team is posted to that day.
func (a *Acts) SamplingsOf(tx *storage.Tx, actor access.Actor, t visit.Team, day string, zone *time.Location) (versions []visit.Sampling, streets []string, err error) {
	from, r := midnight(day, zone)
	if r != nil {
		return nil, nil, r
	}
	streets = t.StreetsBetween(from, from.AddDate(0, 0, 1))
	if versions, err = visit.Samplings(tx, actor.Tenant, t.ID, day); err != nil {
		return nil, nil, err
	}
	all := slices.Clone(streets)
	for _, v := range versions {
		all = append(all, v.Lot.Streets...)
	}
	if len(all) == 0 { // posted nowhere: nothing to hide
		return versions, streets, orRefusal(nil, actor.Can("samplings"))
	}
	return versions, streets, orRefusal(nil, seesPlans(actor, all))
}

// Redraw is a plan's draw made again from the ledger.
type Redraw struct {
	Frame     string // SHA-256 of the frame as it is made now
	Sites     int
	Drawn     []visit.Pick
	SameFrame bool
	Same      bool
}

// RedrawSampling draws a plan's sites again: from the ledger as of the recorded time and position, the recorded versions
// of catalogue and focus, and the recorded seed.
func (a *Acts) RedrawSampling(tx *storage.Tx, actor access.Actor, id ledger.ID) (Redraw, error) {
	s, err := a.SamplingByID(tx, actor, id)
	if err != nil {
		return Redraw{}, err
	}
	lists, err := catalogueOf(tx, actor.Tenant, s.Lot.Catalogue)
	if err != nil {
		return Redraw{}, err
	}
	frame, err := a.frameOf(tx, actor.Tenant, s.Lot, lists)
	if err != nil {
		return Redraw{}, err
	}
	r := Redraw{Frame: visit.FrameDigest(frame), Sites: len(frame)}
	r.Drawn, r.SameFrame, r.Same = s.Again(frame)
	return r, nil
}

// TypeCoverage is how far the sites of a type are looked at in some streets.
type TypeCoverage struct {
	Type    string
	Sites   int
	Visited int // ever
	Never   int
	Planned int // of the plan
	Done    int // of the planned, visited that day
}

// SamplingCoverage counts sites by type as of now; planned and done are those of a plan, whose done ones are given.
func (a *Acts) SamplingCoverage(tx *storage.Tx, tenant string, streets []string, now time.Time, planned []ledger.ID, done map[ledger.ID]visit.Visit) ([]TypeCoverage, error) {
	size, err := ledger.Size(tx, tenant)
	if err != nil {
		return nil, err
	}
	states, err := registry.SiteStates(tx, tenant, streets, now, size)
	if err != nil {
		return nil, err
	}
	by := map[string]*TypeCoverage{}
	var out []*TypeCoverage
	in := map[ledger.ID]bool{}
	for _, id := range planned {
		in[id] = true
	}
	for _, s := range states {
		c := by[s.Type]
		if c == nil {
			c = &TypeCoverage{Type: s.Type}
			by[s.Type] = c
			out = append(out, c)
		}
		c.Sites++
		if s.Visits > 0 {
			c.Visited++
		} else {
			c.Never++
		}
		if in[s.ID] {
			c.Planned++
			if _, ok := done[s.ID]; ok {
				c.Done++
			}
		}
	}
	slices.SortFunc(out, func(x, y *TypeCoverage) int { return cmp.Compare(x.Type, y.Type) })
	list := make([]TypeCoverage, len(out))
	for i, c := range out {
		list[i] = *c
	}
	return list, nil
}

// DayRoute puts the sites of a plan in an order to walk, from the first muster place of its streets that has coordinates
// if there is one.
func (a *Acts) DayRoute(tx *storage.Tx, tenant string, s visit.Sampling) (start *registry.Site, legs []visit.Leg, err error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, nil, err
	}
	var kinds []string
	for _, kind := range lists.Lists["site_types"] {
		if kind.Muster {
			kinds = append(kinds, kind.Code)
		}
	}
	if start, err = registry.FirstPlaced(tx, tenant, s.Lot.Streets, kinds); err != nil {
		return nil, nil, err
	}
	var stops []visit.Stop
	for _, id := range s.Planned() {
		site, _, err := registry.SiteByID(tx, tenant, id)
		if err != nil {
			return nil, nil, err
		}
		stops = append(stops, stopAt(site))
	}
	if start == nil {
		return nil, visit.Route(nil, stops), nil
	}
	from := stopAt(*start)
	return start, visit.Route(&from, stops), nil
}

func stopAt(s registry.Site) visit.Stop {
	return visit.Stop{Site: s.ID, Community: s.Region, Lon: s.Lon, Lat: s.Lat}
}
