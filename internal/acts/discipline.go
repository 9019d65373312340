package acts

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
)

// When a detector flags (R043). Defaults of ours: they only ask a person to look.
const (
	// lateReport is how long after it happened something may be reported unflagged.
	lateReport = 24 * time.Hour
	// fastest is how many metres somebody comes in a second on a district's roads: 100 km/h.
	fastest = 100_000.0 / 3600
	// shortTrip is the least time between visits in two streets whose sites have no coordinates.
	shortTrip = 5 * time.Minute
)

func aboutMatter(m matter.Matter) plan.About {
	return plan.About{Kind: "matter", ID: m.ID, Street: m.Facets.Street}
}

// flag appends what a detector noticed, beside the act that it noticed.
func flag(tx *ledger.Tx, body plan.FlaggedV1) error {
	return tx.Append(ledger.Draft{Subject: ledger.NewID(), Body: body})
}

// flagPicture keeps where a picture is used, and flags one that was used before: on something else, or for a
// matter again.
func flagPicture(tx *ledger.Tx, print string, about plan.About) error {
	if print == "" || about.ID == "" {
		return nil
	}
	var other plan.About
	found, err := tx.Row(`SELECT about, kind, street FROM picture_use WHERE tenant = $1 AND print = $2 AND NOT (about = $3 AND kind = 'finding')
		ORDER BY at LIMIT 1`, []any{tx.Tenant, print, string(about.ID)}, &other.ID, &other.Kind, &other.Street)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO picture_use (tenant, print, about, kind, street, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, print, at, about) DO NOTHING`,
		tx.Tenant, print, string(about.ID), about.Kind, about.Street, tx.Now().UnixMicro()); err != nil || !found {
		return err
	}
	return flag(tx, plan.FlaggedV1{Kind_: plan.SamePicture, About: about, Other: other})
}

// flagLateReport flags what is reported for a time long past, and for before a deadline that has passed.
func flagLateReport(tx *ledger.Tx, about plan.About, at time.Time, due *time.Time) error {
	late := tx.Now().Sub(at)
	before := due != nil && !at.After(*due) && tx.Now().After(*due)
	if late < lateReport && !before {
		return nil
	}
	numbers := map[string]int64{"minutes": int64(late / time.Minute)}
	if before {
		numbers["past_due"] = int64(tx.Now().Sub(*due) / time.Minute)
	}
	return flag(tx, plan.FlaggedV1{Kind_: plan.BackDated, About: about, Numbers: numbers})
}

// flagTravel flags a visit that somebody cannot have come to from the one before, or left for the one after, in
// the time between.
func flagTravel(tx *ledger.Tx, about plan.About, people []ledger.ID, site registry.Site, from, to time.Time) error {
	if to.IsZero() {
		to = from
	}
	seen := map[ledger.ID]bool{about.ID: true}
	for _, p := range people {
		before, after, err := visit.Neighbours(tx.Tx, tx.Tenant, p, from, to)
		if err != nil {
			return err
		}
		for _, n := range []struct {
			stay visit.Stay
			gap  time.Duration
		}{{before, from.Sub(before.To)}, {after, after.From.Sub(to)}} {
			if n.stay.Visit == "" || seen[n.stay.Visit] {
				continue
			}
			seen[n.stay.Visit] = true
			if err := flagTrip(tx, about, site, n.stay.Visit, n.gap); err != nil {
				return err
			}
		}
	}
	return nil
}

func flagTrip(tx *ledger.Tx, about plan.About, site registry.Site, id ledger.ID, gap time.Duration) error {
	v, _, err := visit.Load(tx.Tx, tx.Tenant, id)
	if err != nil || v.Site == site.ID {
		return err
	}
	there, found, err := registry.SiteByID(tx.Tx, tx.Tenant, v.Site)
	if err != nil || !found {
		return err
	}
	numbers := map[string]int64{"minutes": int64(gap / time.Minute)}
	apart, known := metres(site, there)
	switch {
	case known && apart <= fastest*gap.Seconds(), !known && (v.Street == about.Street || gap >= shortTrip):
		return nil
	case known:
		numbers["metres"] = int64(apart)
	}
	return flag(tx, plan.FlaggedV1{Kind_: plan.ImpossibleTravel, About: about, Other: plan.About{Kind: "visit", ID: v.ID, Street: v.Street}, Numbers: numbers})
}

// metres between two sites along the sphere; known only if both have coordinates.
func metres(a, b registry.Site) (m float64, known bool) {
	if a.Lon == nil || a.Lat == nil || b.Lon == nil || b.Lat == nil {
		return 0, false
	}
	const radius, degree = 6_371_000, math.Pi / 180
	dLat, dLon := (*b.Lat-*a.Lat)*degree, (*b.Lon-*a.Lon)*degree
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(*a.Lat*degree)*math.Cos(*b.Lat*degree)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h))), true
}

// DecideFlag says what somebody made of a flag.
func (a *Acts) DecideFlag(ctx context.Context, c Caller, id ledger.ID, seen int, upheld bool, reason string) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		f, err := existing(plan.FlagByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May("flag.decide", access.Place{Street: f.About.Street}); r != nil {
			return r
		}
		tx.Incident = f.Incident
		act := visitAct(c, seen, time.Time{}, time.Time{}, "")
		if act.Parts, err = a.sealText(tx, "reason", "text", reason, true); err != nil {
			return err
		}
		drafts, refusal := plan.DecideFlag{Act: act, Upheld: upheld}.Decide(f, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// IntercessionForm is how somebody who was asked says so.
type IntercessionForm struct {
	ID        ledger.ID // made by the client, or empty
	AboutKind string    // visit, finding or matter; empty if it was about nothing that stands here
	About     ledger.ID
	Channel   string
	Words     plan.IntercessionWords
	At        When
}

// Intercede registers that somebody asked (打听过问). Whoever works here may, about whatever he was asked.
func (a *Acts) Intercede(ctx context.Context, c Caller, f IntercessionForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("intercession")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("intercede"); r != nil {
			return r
		}
		if err := a.checkTime(tx, c, "occurred_at", f.At); err != nil {
			return err
		}
		about, err := subject(tx.Tx, c, f.AboutKind, f.About)
		if err != nil {
			return err
		}
		for _, w := range []struct {
			field    string
			text     *string
			required bool
		}{{"who", &f.Words.Who, true}, {"unit", &f.Words.Unit, false}, {"what", &f.Words.What, true}} {
			clean, r := cleanText(w.field, *w.text, w.required)
			if r != nil {
				return r
			}
			*w.text = clean
		}
		words, err := json.Marshal(f.Words)
		if err != nil {
			return err
		}
		at, until := f.At.interval(tx, zone)
		act := visitAct(c, 0, at, until, f.At.Precision)
		if act.Parts, err = a.V.Seal(tx, scope(tx), vault.Document, vault.Content{Name: "words", Type: "application/json", Bytes: words}); err != nil {
			return err
		}
		before, _, err := plan.IntercessionByID(tx.Tx, c.Tenant, f.ID)
		if err != nil {
			return err
		}
		drafts, refusal := plan.Intercede{Act: act, ID: f.ID, About: about, Channel: f.Channel}.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// subject finds what an intercession is about; what the caller may not see is not there.
func subject(tx *storage.Tx, c Caller, kind string, id ledger.ID) (plan.About, error) {
	if id == "" {
		return plan.About{}, nil
	}
	about := plan.About{Kind: kind, ID: id}
	var at access.Place
	var found bool
	var err error
	switch kind {
	case "visit":
		var v visit.Visit
		v, found, err = visit.Load(tx, c.Tenant, id)
		at.Street = v.Street
	case "finding":
		var f visit.Finding
		f, found, err = visit.LoadFinding(tx, c.Tenant, id)
		at.Street = f.Street
	case "matter":
		var m matter.Matter
		m, found, err = matter.Load(tx, c.Tenant, id)
		at = access.Place{Street: m.Facets.Street, Unit: m.Responsible()}
	default:
		return about, ledger.RefuseAs(ledger.Invalid, "unknown-code", "about_kind", "field", "about_kind")
	}
	if err != nil {
		return about, err
	}
	if !found || !c.Sees(at) {
		return about, ledger.RefuseAs(ledger.Invalid, "not-found", "about")
	}
	about.Street = at.Street
	return about, nil
}

// AnnotateIntercession adds what became of it; nothing takes it away.
func (a *Acts) AnnotateIntercession(ctx context.Context, c Caller, id ledger.ID, text string) error {
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		i, err := existing(plan.IntercessionByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if i.By != c.Person {
			if r := c.Can("intercession"); r != nil {
				return ledger.RefuseAs(ledger.NotFound, "not-found", "") // whose it is not is not told that it is there
			}
		}
		tx.Incident = i.Incident
		act := visitAct(c, 0, time.Time{}, time.Time{}, "")
		if act.Parts, err = a.sealText(tx, "note", "text", text, true); err != nil {
			return err
		}
		drafts, refusal := plan.Annotate{Act: act}.Decide(i, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// Intercessions lists what the actor may read: all of them, or those that he registered.
func (a *Acts) Intercessions(tx *storage.Tx, actor access.Actor) ([]plan.Intercession, error) {
	if actor.Can("intercession") == nil {
		return plan.Intercessions(tx, actor.Tenant, "")
	}
	return plan.Intercessions(tx, actor.Tenant, actor.Person)
}

// IntercessionWords opens what an intercession says; gone says that it was destroyed.
func (a *Acts) IntercessionWords(tx *storage.Tx, tenant string, i plan.Intercession) (w plan.IntercessionWords, gone bool, err error) {
	b, gone, err := a.Open(tx, tenant, i.Words)
	if err != nil || gone {
		return w, gone, err
	}
	return w, false, json.Unmarshal(b, &w)
}
