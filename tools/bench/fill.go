//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/visit"
)

// filler fills a ledger with inspections, their findings and what became of them: the entries of an
// import, appended as the desks decide them.
type filler struct {
	w       *world
	r       *rand.Rand
	from    time.Time // inspections happened between from and until
	until   time.Time
	step    time.Duration // between two recordings; 0 lets the occurrence lead
	serial  int64
	matters int64
	site    ledger.ID
	visits  int
	streets []string
	big     ledger.ID // a matter with bigEntries entries
}

// visitsPerSite is how many inspections a site gets.
const visitsPerSite = 4

// bigEntries is how many entries the largest matter has.
const bigEntries = 200

// entriesPerCommand keeps commands as short as an import's.
const entriesPerCommand = 600

func newFiller(w *world, from, until time.Time, step time.Duration) *filler {
	f := &filler{w: w, r: rand.New(rand.NewPCG(1, 2)), from: from, until: until, step: step}
	for i := range 9 {
		f.streets = append(f.streets, fmt.Sprintf("5001120%02d", 10+i))
	}
	return f
}

// fill appends until the ledger has size entries, and rolls up. until is the size aimed at in the end: it
// says how far between from and until what is appended lies.
func (f *filler) fill(ctx context.Context, size, end int64) error {
	for done := false; !done; {
		err := f.w.acts.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
			tx.Incident = f.w.incident
			for begun := tx.Size(); tx.Size() < begun+entriesPerCommand; {
				if done = tx.Size() >= size; done {
					return nil
				}
				if err := f.inspection(tx, end); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if f.big == "" {
			if err := f.makeBig(ctx); err != nil {
				return err
			}
		}
	}
	return figure.Compact(ctx, f.w.acts.L, tenant)
}

// inspection appends one visit with its findings, matters and what became of them.
func (f *filler) inspection(tx *ledger.Tx, end int64) error {
	span := f.until.Sub(f.from)
	at := f.from.Add(time.Duration(float64(span) * float64(tx.Size()) / float64(end)))
	if f.step > 0 { // recorded in a row, happened anywhere
		f.w.time = f.w.time.Add(f.step)
		at = f.from.Add(time.Duration(f.r.Float64() * float64(span)))
	} else {
		f.w.time = at.Add(30 * time.Minute)
	}
	at = at.UTC().Truncate(time.Second)
	draft := func(id ledger.ID, after time.Duration, body ledger.Body) ledger.Draft {
		return ledger.Draft{Subject: id, OccurredAt: at.Add(after), Body: body}
	}
	street, day := f.streets[f.r.IntN(len(f.streets))], at.Format(time.DateOnly)
	if f.visits%visitsPerSite == 0 {
		f.site = ledger.NewID()
		if err := tx.Append(draft(f.site, 0, registry.SiteRegisteredV1{Site: registry.Site{
			Name: fmt.Sprintf("点位%d", f.visits), Type: "S07", Region: street + "001", Address: "测速路",
		}})); err != nil {
			return err
		}
	}
	f.visits++
	id := ledger.NewID()
	if err := tx.Append(draft(id, 0, visit.ImportedV1{
		Keys: []string{string(id)}, Site: f.site, Street: street, Type: "routine", Day: day,
	})); err != nil {
		return err
	}
	for range 2 {
		if err := f.finding(tx, id, street, day, draft); err != nil {
			return err
		}
	}
	return nil
}

func (f *filler) finding(tx *ledger.Tx, v ledger.ID, street, day string, draft func(ledger.ID, time.Duration, ledger.Body) ledger.Draft) error {
	id, mid := ledger.NewID(), ledger.NewID()
	what := visit.What{Problem: fmt.Sprintf("P-%02d", f.r.IntN(30)), Severity: "moderate"}
	f.serial++
	f.matters++
	due := draft("", time.Duration(f.r.IntN(72))*time.Hour, nil).OccurredAt
	if err := tx.Append(
		draft(id, 0, visit.FindingImportedV1{Visit: v, Site: f.site, Street: street, What: what, Matter: mid}),
		draft(mid, 0, matter.ImportedV1{
			NotGiven: []string{"verifier"}, Due: &due,
			Opening: matter.Opening{
				Origin: matter.OriginFinding, Source: id, Site: f.site, Unit: f.w.units[f.r.IntN(len(f.w.units))],
				Number: fmt.Sprintf("测〔2022〕%d号", f.serial), Series: "测", Year: 2022, Serial: f.serial,
				Facets: matter.Facets{Street: street, Problem: what.Problem, Severity: "moderate", Day: day},
			},
		}),
	); err != nil {
		return err
	}
	if f.r.IntN(2) == 0 { // half are rectified, some of them late
		return tx.Append(draft(mid, time.Duration(f.r.IntN(96))*time.Hour, matter.ClaimedV1{}))
	}
	return nil
}

// makeBig gives one matter a long history: it is urged, claimed and found unrectified again and again.
func (f *filler) makeBig(ctx context.Context) error {
	return f.w.acts.L.Do(ctx, tenant, ledger.Who{}, nil, func(tx *ledger.Tx) error {
		tx.Incident = f.w.incident
		f.serial++
		f.matters++
		f.big = ledger.NewID()
		drafts := []ledger.Draft{{Subject: f.big, Body: matter.ImportedV1{
			NotGiven: []string{"due", "verifier"}, Opening: matter.Opening{
				Origin: matter.OriginFinding, Source: ledger.NewID(), Site: f.site, Unit: f.w.units[0],
				Number: fmt.Sprintf("测〔2022〕%d号", f.serial), Series: "测", Year: 2022, Serial: f.serial,
				Facets: matter.Facets{Street: f.streets[0], Problem: "P-00", Severity: "moderate", Day: "2022-11-20"},
			},
		}}}
		cycle := []ledger.Body{matter.UrgedV1{}, matter.UrgedV1{}, matter.ClaimedV1{}, matter.VerificationFailedV1{}}
		for i := range bigEntries - 1 {
			drafts = append(drafts, ledger.Draft{Subject: f.big, Body: cycle[i%len(cycle)]})
		}
		return tx.Append(drafts...)
	})
}
