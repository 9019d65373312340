package acts

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/roster"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// NewSite registers a site (点位) in a region that is valid today.
type NewSite struct {
	Name, Type, Region, Address string
	Lon, Lat                    *float64
}

// RegisterSite adds a site.
func (a *Acts) RegisterSite(ctx context.Context, c Caller, s NewSite) (ledger.ID, error) {
	id := c.newID("site")
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return id, a.do(ctx, c, func(tx *ledger.Tx) error {
		name, refusal := cleanText("name", s.Name, true)
		if refusal != nil {
			return refusal
		}
		address, refusal := cleanText("address", s.Address, false)
		if refusal != nil {
			return refusal
		}
		if (s.Lon == nil) != (s.Lat == nil) {
			return ledger.Required(map[bool]string{true: "lon", false: "lat"}[s.Lon == nil])
		}
		lists, err := a.Catalogue(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		if r := lists.known("site_types", s.Type, "type", true); r != nil {
			return r
		}
		if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, s.Region, tx.Now().In(zone).Format(time.DateOnly)); err != nil || refusal != nil {
			return orRefusal(err, refusal)
		}
		if r := c.May("site", access.Place{Street: registry.Street(s.Region)}); r != nil {
			return r
		}
		return tx.Append(ledger.Draft{Subject: id, Body: registry.SiteRegisteredV1{Site: registry.Site{
			Name: name, Type: s.Type, Region: s.Region, Address: address, Lon: s.Lon, Lat: s.Lat,
		}}})
	})
}

func orRefusal(err error, r *ledger.Refusal) error {
	if err != nil {
		return err
	}
	if r != nil {
		return r
	}
	return nil
}

// existing turns what is not there into a refusal.
func existing[T any](x T, found bool, err error) (T, error) {
	if err == nil && !found {
		err = ledger.RefuseAs(ledger.NotFound, "not-found", "")
	}
	return x, err
}

// NewVisit is what starts a visit.
type NewVisit struct {
	ID         ledger.ID // made by the client, or empty
	Site       ledger.ID
	Team       ledger.ID
	Inspectors []ledger.ID
	Methods    []string
	Note       string
	Started    When
	Alone      string    // why there is nobody else, if one visits alone
	Ended      time.Time // of a visit that is reported when it is over; zero: it is under way
}

// StartVisit starts a visit.
func (a *Acts) StartVisit(ctx context.Context, c Caller, v NewVisit) (ledger.ID, error) {
	if v.ID == "" {
		v.ID = c.newID("visit")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return v.ID, a.do(ctx, c, func(tx *ledger.Tx) error { return a.startVisit(tx, c, v, zone) })
}

func (a *Acts) startVisit(tx *ledger.Tx, c Caller, v NewVisit, zone *time.Location) error {
	if err := a.checkTime(tx, c, "started_at", v.Started); err != nil {
		return err
	}
	at, until := v.Started.interval(tx, zone)
	when := at
	if when.IsZero() {
		when = tx.Now()
	}
	site, found, err := registry.SiteByID(tx.Tx, c.Tenant, v.Site)
	if err != nil {
		return err
	}
	if !found {
		return ledger.RefuseAs(ledger.Invalid, "site.unknown", "site")
	}
	street := registry.Street(site.Region)
	if r := c.May("visit.start", access.Place{Street: street}); r != nil {
		return r
	}
	day := when.In(zone).Format(time.DateOnly)
	if _, refusal, err := registry.RegionOn(tx.Tx, c.Tenant, site.Region, day); err != nil || refusal != nil {
		return orRefusal(err, refusal)
	}
	team, found, err := visit.TeamByID(tx.Tx, c.Tenant, v.Team)
	if err != nil {
		return err
	}
	if !found {
		return ledger.RefuseAs(ledger.Invalid, "team.unknown", "team")
	}
	if tx.Incident, err = running(tx.Tx, c.Tenant, team.Incident); err != nil {
		return err
	}
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return err
	}
	for _, m := range v.Methods {
		if r := lists.known("visit_methods", m, "methods", true); r != nil {
			return r
		}
	}
	recused, err := recusals(tx.Tx, c.Tenant, v.Inspectors, site.Region)
	if err != nil {
		return err
	}
	if err := a.checkTime(tx, c, "ended_at", When{At: v.Ended}); err != nil {
		return err
	}
	elsewhere, err := visit.Elsewheres(tx.Tx, c.Tenant, v.Inspectors, when, v.Ended)
	if err != nil {
		return err
	}
	shiftEnd := v.Ended
	if shiftEnd.IsZero() {
		shiftEnd = when.Add(time.Microsecond)
	}
	shifts, err := roster.BusyWith(tx.Tx, c.Tenant, v.Inspectors, when, shiftEnd)
	if err != nil {
		return err
	}
	for _, s := range shifts { // one mode at a time (R002)
		elsewhere = append(elsewhere, visit.Elsewhere{Person: s.Person, Visit: s.What})
	}
	before, _, err := visit.Load(tx.Tx, c.Tenant, v.ID)
	if err != nil {
		return err
	}
	act := visitAct(c, 0, at, until, v.Started.Precision)
	for _, x := range []struct{ part, text string }{{"note", v.Note}, {"alone", v.Alone}} {
		field := map[string]string{"note": "note", "alone": "alone_reason"}[x.part]
		parts, err := a.sealText(tx, x.part, field, x.text, false)
		if err != nil {
			return err
		}
		act.Parts = append(act.Parts, parts...)
	}
	drafts, refusal := visit.Start{
		Act: act, ID: v.ID, Site: site.ID, Street: street, Team: team, Inspectors: v.Inspectors, Methods: v.Methods,
		Day: day, Ended: v.Ended, Recused: recused, Elsewhere: elsewhere,
	}.Decide(before, tx.Now())
	if err := decided(tx, drafts, refusal); err != nil {
		return err
	}
	about := plan.About{Kind: "visit", ID: v.ID, Street: street}
	if err := flagLateReport(tx, about, when, nil); err != nil {
		return err
	}
	return flagTravel(tx, about, v.Inspectors, site, when, v.Ended)
}

func visitAct(c Caller, seen int, at, until time.Time, p ledger.Precision) ledger.Act {
	return ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen, At: at, Until: until, Precision: p}
}

// recusals lists who of the persons must keep out of a region: his declaration names it, its street or
// a community of it.
func recusals(tx *storage.Tx, tenant string, persons []ledger.ID, region string) ([]ledger.ID, error) {
	var out []ledger.ID
	for _, id := range persons {
		p, _, err := registry.PersonByID(tx, tenant, id)
		if err != nil {
			return nil, err
		}
		if slices.Contains(p.Recused, region) || slices.Contains(p.Recused, registry.Street(region)) {
			out = append(out, id)
		}
	}
	return out, nil
}

// EndVisit ends a visit.
func (a *Acts) EndVisit(ctx context.Context, c Caller, id ledger.ID, seen int, w When) error {
	return a.onVisit(ctx, c, id, "visit.end", func(tx *ledger.Tx, v visit.Visit, zone *time.Location) error {
		if err := a.checkTime(tx, c, "ended_at", w); err != nil {
			return err
		}
		at, until := w.interval(tx, zone)
		drafts, refusal := visit.End{Act: visitAct(c, seen, at, until, w.Precision)}.Decide(v, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// AnnulVisit says that there was no such visit.
func (a *Acts) AnnulVisit(ctx context.Context, c Caller, id ledger.ID, seen int, reason string) error {
	return a.onVisit(ctx, c, id, "visit.annul", func(tx *ledger.Tx, v visit.Visit, _ *time.Location) error {
		findings, err := visit.FindingsOf(tx.Tx, c.Tenant, v.ID)
		if err != nil {
			return err
		}
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		standing := 0
		for _, f := range findings {
			if f.State != visit.HandedOver {
				continue
			}
			m, _, err := matter.Load(tx.Tx, c.Tenant, f.Matter)
			if err != nil {
				return err
			}
			if m.State.Counts() {
				standing++
			}
		}
		drafts, refusal := visit.Annul{Act: act, Standing: standing}.Decide(v, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func (a *Acts) onVisit(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, visit.Visit, *time.Location) error) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		v, err := existing(visit.Load(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May(act, access.Place{Street: v.Street}); r != nil {
			return r
		}
		tx.Incident = v.Incident
		return fn(tx, v, zone)
	})
}

// sealText seals a text under a part's name; the field is named in a refusal.
func (a *Acts) sealText(tx *ledger.Tx, part, field, text string, required bool) ([]ledger.Part, error) {
	text, refusal := cleanText(field, text, required)
	if refusal != nil {
		return nil, refusal
	}
	if text == "" {
		return nil, nil
	}
	return a.V.Seal(tx, scope(tx), vault.Finding, vault.Content{Name: part, Bytes: []byte(text)})
}

// FindingForm is what an inspector fills in.
type FindingForm struct {
	ID          ledger.ID // made by the client, or empty
	What        visit.What
	Cites       []string // publication#code
	Fact, Place string
	Photos      []ledger.ID // uploads
	AfterPhotos []ledger.ID
	NoPhoto     string // why there is no picture
	Occurred    When
	Draft       bool
}

// RaiseFinding records a finding of a visit.
func (a *Acts) RaiseFinding(ctx context.Context, c Caller, visitID ledger.ID, f FindingForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("finding")
	}
	return f.ID, a.onVisit(ctx, c, visitID, "finding.raise", func(tx *ledger.Tx, v visit.Visit, zone *time.Location) error {
		return a.raise(tx, c, v, f, zone)
	})
}

func (a *Acts) raise(tx *ledger.Tx, c Caller, v visit.Visit, f FindingForm, zone *time.Location) error {
	if err := a.checkTime(tx, c, "occurred_at", f.Occurred); err != nil {
		return err
	}
	at, until := f.Occurred.interval(tx, zone)
	act := visitAct(c, 0, at, until, f.Occurred.Precision)
	var err error
	if f.What, err = a.checkWhat(tx.Tx, c.Tenant, f.What); err != nil {
		return err
	}
	if act.Parts, err = a.findingParts(tx, c, plan.About{Kind: "finding", ID: f.ID, Street: v.Street}, f); err != nil {
		return err
	}
	before, _, err := visit.LoadFinding(tx.Tx, c.Tenant, f.ID)
	if err != nil {
		return err
	}
	found := at
	if found.IsZero() {
		found = tx.Now()
	}
	if err := a.cites(tx.Tx, c.Actor, f.Cites, found); err != nil {
		return err
	}
	clock, err := a.handOverClock(tx, c, zone)
	if err != nil {
		return err
	}
	drafts, refusal := visit.Raise{Act: act, ID: f.ID, Visit: v, What: f.What, Cites: f.Cites, AsDraft: f.Draft, Clock: clock}.Decide(before, tx.Now())
	if err := decided(tx, drafts, refusal); err != nil || at.IsZero() {
		return err
	}
	return flagLateReport(tx, plan.About{Kind: "finding", ID: f.ID, Street: v.Street}, at, nil)
}

// handOverClock is the clock of a finding until it is handed over; nil if the pack has none.
func (a *Acts) handOverClock(tx *ledger.Tx, c Caller, zone *time.Location) (*matter.Clock, error) {
	t, err := a.termsAt(tx.Tx, c.Tenant, tx.Now(), zone)
	if err != nil {
		return nil, err
	}
	for _, k := range t.clocks(matter.ClockHandOver, tx.Now()) {
		return &k, nil
	}
	return nil, nil
}

// findingParts seals a finding's words and takes its pictures.
func (a *Acts) findingParts(tx *ledger.Tx, c Caller, about plan.About, f FindingForm) ([]ledger.Part, error) {
	var parts []ledger.Part
	fact, refusal := cleanText("fact", f.Fact, false)
	if refusal != nil {
		return nil, refusal
	}
	place, refusal := cleanText("place_detail", f.Place, false)
	if refusal != nil {
		return nil, refusal
	}
	if fact != "" {
		text, err := json.Marshal(visit.Text{Fact: fact, Place: place})
		if err != nil {
			return nil, err
		}
		if parts, err = a.V.Seal(tx, scope(tx), vault.Finding, vault.Content{Name: "text", Type: "application/json", Bytes: text}); err != nil {
			return nil, err
		}
	}
	waiver, err := a.sealText(tx, "no-photo", "no_photo_reason", f.NoPhoto, false)
	if err != nil {
		return nil, err
	}
	parts = append(parts, waiver...)
	for _, p := range []struct {
		name, field string
		ids         []ledger.ID
	}{{"photo.before.", "photos", f.Photos}, {"photo.after.", "after_photos", f.AfterPhotos}} {
		pictures, err := a.takeUploads(tx, c, about, p.name, p.field, p.ids)
		if err != nil {
			return nil, err
		}
		parts = append(parts, pictures...)
	}
	return parts, nil
}

// AmendFinding puts a finding right before it is confirmed.
func (a *Acts) AmendFinding(ctx context.Context, c Caller, id ledger.ID, seen int, form FindingForm) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.onFinding(ctx, c, id, "finding.amend", func(tx *ledger.Tx, f visit.Finding) error {
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		clock, err := a.handOverClock(tx, c, zone)
		if err != nil {
			return err
		}
		if form.What, err = a.checkWhat(tx.Tx, c.Tenant, form.What); err != nil {
			return err
		}
		if act.Parts, err = a.findingParts(tx, c, plan.About{Kind: "finding", ID: f.ID, Street: f.Street}, form); err != nil {
			return err
		}
		if err := a.cites(tx.Tx, c.Actor, form.Cites, f.RaisedAt); err != nil {
			return err
		}
		drafts, refusal := visit.Amend{Act: act, What: form.What, Cites: form.Cites, Clock: clock}.Decide(f, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ConfirmFinding says that a finding holds; vague words are refused.
func (a *Acts) ConfirmFinding(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onFinding(ctx, c, id, "finding.confirm", func(tx *ledger.Tx, f visit.Finding) error {
		text, _, err := a.FindingText(tx.Tx, c.Tenant, f)
		if err != nil {
			return err
		}
		drafts, refusal := visit.Confirm{Act: visitAct(c, seen, time.Time{}, time.Time{}, ""), Text: text}.Decide(f, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// RejectFinding sends a finding back, with a reason.
func (a *Acts) RejectFinding(ctx context.Context, c Caller, id ledger.ID, seen int, reason string) error {
	return a.onFinding(ctx, c, id, "finding.reject", func(tx *ledger.Tx, f visit.Finding) error {
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		var err error
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		drafts, refusal := visit.Reject{Act: act}.Decide(f, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

func (a *Acts) onFinding(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, visit.Finding) error) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		f, err := existing(visit.LoadFinding(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May(act, access.Place{Street: f.Street}); r != nil {
			return r
		}
		if r, err := recused(tx.Tx, c, act, f.Street); err != nil || r != nil {
			return orRefusal(err, r)
		}
		tx.Incident = f.Incident
		return fn(tx, f)
	})
}

// FindingText opens what a finding says; gone says that it was destroyed.
func (a *Acts) FindingText(tx *storage.Tx, tenant string, f visit.Finding) (t visit.Text, gone bool, err error) {
	p, ok := f.Part("text")
	if !ok {
		return t, false, nil
	}
	b, gone, err := a.Open(tx, tenant, p)
	if err != nil || gone {
		return t, gone, err
	}
	return t, false, json.Unmarshal(b, &t)
}
