package visit

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
)

// States of a grassroots check.
const (
	Clean     = "clean"     // nothing was wrong
	Open      = "open"      // a problem that is still there
	Corrected = "corrected" // a problem found and corrected (查纠)
)

// Check (基层监督检查) is one line of the ledger of grassroots organisations (practice.md 2.5.04): what one of
// them looked at, in its own area or at a unit that it supervises, and what became of it. It is lighter than
// a visit and never becomes one: its problems are counted apart and never added to those handed over (R152).
type Check struct {
	ID          ledger.ID     `json:"id"`
	Incident    ledger.ID     `json:"incident,omitempty"`
	Version     int           `json:"version"`
	State       string        `json:"state"`
	Unit        ledger.ID     `json:"unit"` // who looked
	Link        string        `json:"link"` // key link (关键环节)
	Item        string        `json:"item,omitempty"`
	Region      string        `json:"region"`
	Target      ledger.ID     `json:"target,omitempty"` // supervised unit, if it was not the area
	By          ledger.ID     `json:"by"`
	At          time.Time     `json:"at"`
	Day         string        `json:"day"`
	CorrectedAt *time.Time    `json:"corrected_at,omitempty"`
	Parts       []ledger.Part `json:"parts,omitempty"` // words
	Effective   time.Time     `json:"effective"`
}

// CheckWords is the sealed "words" part of a check: where exactly, and what was wrong.
type CheckWords struct {
	Site    string `json:"site"`
	Problem string `json:"problem,omitempty"`
}

// The entries of grassroots checks. Sealed parts: "words"; "reason" of an annulment.
type (
	// CheckedV1 is entry visit.checked.
	CheckedV1 struct {
		Unit        ledger.ID `json:"unit"`
		Link        string    `json:"link"`
		Item        string    `json:"item,omitempty"`
		Region      string    `json:"region"`
		Target      ledger.ID `json:"target,omitempty"`
		Day         string    `json:"day"`
		Problem     bool      `json:"problem,omitempty"`
		CorrectedAt time.Time `json:"corrected_at,omitzero"`
	}
	// CheckCorrectedV1 is entry visit.check-corrected.
	CheckCorrectedV1 struct{}
	// CheckAnnulledV1 is entry visit.check-annulled: there was no such check, from its beginning.
	CheckAnnulledV1 struct{}
)

// Kind methods name the entry types; all are version 1.
func (CheckedV1) Kind() (string, int)        { return "visit.checked", 1 }
func (CheckCorrectedV1) Kind() (string, int) { return "visit.check-corrected", 1 }
func (CheckAnnulledV1) Kind() (string, int)  { return "visit.check-annulled", 1 }

// After is the one place where an entry changes a check.
func (c Check) After(e ledger.Entry) Check {
	at := e.Effective(c.Effective)
	c.Version++
	c.Effective = at
	switch b := e.Body.(type) {
	case CheckedV1:
		c = Check{
			ID: e.Subject, Incident: e.Incident, Version: 1, State: Clean, Unit: b.Unit, Link: b.Link, Item: b.Item, Region: b.Region,
			Target: b.Target, By: e.Who.Person, At: at, Day: b.Day, Parts: e.Parts, Effective: at,
		}
		switch {
		case !b.CorrectedAt.IsZero():
			when := b.CorrectedAt.UTC()
			c.State, c.CorrectedAt = Corrected, &when
		case b.Problem:
			c.State = Open
		}
	case CheckCorrectedV1:
		c.State, c.CorrectedAt = Corrected, &at
	case CheckAnnulledV1:
		c.State = Annulled
	}
	return c
}

// CheckSite records a grassroots check.
type CheckSite struct {
	ledger.Act
	ID      ledger.ID
	Body    CheckedV1
	InScope bool // the area or unit is one that the asking organisation supervises
}

// Decide refuses what lies outside the organisation's own area and units (R144, R145), and a correction of
// nothing or before it was found.
func (c CheckSite) Decide(k Check, now time.Time) ([]ledger.Draft, *ledger.Refusal) {
	at := c.At
	if at.IsZero() {
		at = now
	}
	b := c.Body
	switch {
	case k.State != "":
		return nil, ledger.Refuse("grassroots.exists", "id")
	case b.Link == "":
		return nil, ledger.Required("link")
	case b.Region == "":
		return nil, ledger.Required("region")
	case !c.InScope && b.Target != "":
		return nil, ledger.RefuseAs(ledger.Forbidden, "grassroots.out-of-scope", "target")
	case !c.InScope:
		return nil, ledger.RefuseAs(ledger.Forbidden, "grassroots.out-of-scope", "region")
	case !c.Has("words"):
		return nil, ledger.Required("site")
	case b.CorrectedAt.IsZero():
	case !b.Problem:
		return nil, ledger.RefuseAs(ledger.Invalid, "grassroots.nothing-to-correct", "corrected_at")
	case b.CorrectedAt.Before(at):
		return nil, ledger.RefuseAs(ledger.Invalid, "grassroots.corrected-before-found", "corrected_at")
	}
	return c.Draft(c.ID, b), nil
}

// CorrectCheck says that a problem of a check is corrected.
type CorrectCheck struct{ ledger.Act }

// Decide takes it from the organisation that found the problem, and once.
func (c CorrectCheck) Decide(k Check, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(k.Version); r != nil {
		return nil, r
	}
	switch {
	case k.State != Open:
		return nil, ledger.Refuse("grassroots.not-open", "state", "state", k.State)
	case c.Unit != k.Unit:
		return nil, ledger.RefuseAs(ledger.Forbidden, "grassroots.not-yours", "unit")
	case !c.At.IsZero() && c.At.Before(k.At):
		return nil, ledger.RefuseAs(ledger.Invalid, "grassroots.corrected-before-found", "occurred_at")
	}
	return c.Draft(k.ID, CheckCorrectedV1{}), nil
}

// AnnulCheck says that there was no such check.
type AnnulCheck struct{ ledger.Act }

// Decide wants the organisation's own hand, and a reason.
func (c AnnulCheck) Decide(k Check, _ time.Time) ([]ledger.Draft, *ledger.Refusal) {
	if r := c.Stale(k.Version); r != nil {
		return nil, r
	}
	switch {
	case k.State == Annulled:
		return nil, ledger.Refuse("grassroots.not-open", "state", "state", k.State)
	case c.Unit != k.Unit:
		return nil, ledger.RefuseAs(ledger.Forbidden, "grassroots.not-yours", "unit")
	case !c.Has("reason"):
		return nil, ledger.Required("text")
	}
	return c.Draft(k.ID, CheckAnnulledV1{}), nil
}

// points of a check: a problem counts as found when it was found and as corrected when it was corrected.
func (c Check) points() []figure.Point {
	if c.State != Open && c.State != Corrected {
		return nil
	}
	in := figure.In(figure.Group{Axis: "street", Value: registry.Street(c.Region)}, figure.Group{Axis: "day", Value: c.Day})
	ps := []figure.Point{{Series: SeriesGrassrootsFound, At: c.At, N: 1, Groups: in}}
	if c.CorrectedAt != nil {
		ps = append(ps, figure.Point{Series: SeriesGrassroots, At: *c.CorrectedAt, N: 1, Groups: in})
	}
	return ps
}

func applyCheck(tx *storage.Tx, e ledger.Entry) error {
	before, _, err := CheckByID(tx, e.Tenant, e.Subject)
	if err != nil {
		return err
	}
	c := before.After(e)
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO grassroots (tenant, id, state, unit, target, link, region, at, day, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, body = excluded.body`,
		e.Tenant, string(c.ID), c.State, string(c.Unit), string(c.Target), c.Link, c.Region, c.At.UnixMicro(), c.Day, body); err != nil {
		return err
	}
	return post(tx, e, c.Incident, figure.Diff(before.points(), c.points()))
}

// CheckByID finds a grassroots check.
func CheckByID(tx *storage.Tx, tenant string, id ledger.ID) (c Check, found bool, err error) {
	found, err = storage.One(tx, &c, `SELECT body FROM grassroots WHERE tenant = $1 AND id = $2`, tenant, string(id))
	return c, found, err
}

// CheckScope is whose checks somebody sees: all, or those of his organisation, of areas, and of units that it
// supervises.
type CheckScope struct {
	All     bool
	Unit    ledger.ID
	Regions []string // codes of any level; what lies in them
	Targets []ledger.ID
}

// Covers tells whether an area or unit is in scope, whoever looked at it.
func (s CheckScope) Covers(region string, target ledger.ID) bool {
	if s.All {
		return true
	}
	if target != "" {
		return slices.Contains(s.Targets, target)
	}
	return slices.ContainsFunc(s.Regions, func(r string) bool { return r != "" && strings.HasPrefix(region, r) })
}

// CheckFilter selects grassroots checks; zero values select all.
type CheckFilter struct {
	State, Link, Region, Day string
	Unit                     ledger.ID
	Scope                    CheckScope
	After                    string
	Limit                    int
}

// where is the source and condition of a filter with its arguments.
func (f CheckFilter) where(tenant string) (string, []any) {
	cond, args := ` FROM grassroots WHERE tenant = $1`, []any{tenant}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	for _, c := range []struct{ column, value string }{{"state", f.State}, {"link", f.Link}, {"day", f.Day}, {"unit", string(f.Unit)}} {
		if c.value != "" {
			cond += " AND " + c.column + " = " + arg(c.value)
		}
	}
	if f.Region != "" {
		cond += " AND region LIKE " + arg(f.Region+"%")
	}
	if !f.Scope.All {
		any := []string{"unit = " + arg(string(f.Scope.Unit))}
		for _, r := range f.Scope.Regions {
			any = append(any, "region LIKE "+arg(r+"%")+" AND target = ''")
		}
		for _, t := range f.Scope.Targets {
			any = append(any, "target = "+arg(string(t)))
		}
		cond += " AND (" + strings.Join(any, " OR ") + ")"
	}
	return cond, args
}

// Checks gives a part of the grassroots checks that f selects, newest first.
func Checks(tx *storage.Tx, tenant string, f CheckFilter) (Page[Check], error) {
	where, args := f.where(tenant)
	return keyset(tx, where, args, f.After, f.Limit, func(c Check) (int64, ledger.ID) { return c.At.UnixMicro(), c.ID })
}

// CheckTally is what one organisation looked at.
type CheckTally struct {
	Unit                             ledger.ID
	Checks, Found, Corrected, Remain int
	Last                             time.Time
}

// CheckTallies counts by organisation, ordered by its id; annulled ones count nowhere.
func CheckTallies(tx *storage.Tx, tenant string, f CheckFilter) ([]CheckTally, error) {
	where, args := f.where(tenant)
	var out []CheckTally
	err := tx.Query(`SELECT unit, COUNT(*), CAST(SUM(CASE WHEN state <> 'clean' THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN state = 'corrected' THEN 1 ELSE 0 END) AS BIGINT), MAX(at)`+where+` AND state <> 'annulled' GROUP BY unit ORDER BY unit`, args, func(scan func(...any) error) error {
		var t CheckTally
		var last int64
		err := scan(&t.Unit, &t.Checks, &t.Found, &t.Corrected, &last)
		t.Remain, t.Last = t.Found-t.Corrected, time.UnixMicro(last).UTC()
		out = append(out, t)
		return err
	})
	return out, err
}
