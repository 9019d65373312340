package acts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/ledger"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/visit"
)

// AnswerItems records what was looked at on a visit by the checklist.
func (a *Acts) AnswerItems(ctx context.Context, c Caller, id ledger.ID, answers []visit.Answer) error {
	return a.onVisit(ctx, c, id, "finding.raise", func(tx *ledger.Tx, v visit.Visit, _ *time.Location) error {
		lists, err := a.Catalogue(tx.Tx, c.Tenant)
		if err != nil {
			return err
		}
		for i, x := range answers {
			if r := lists.known("items", x.Item, fmt.Sprintf("answers[%d].item", i), true); r != nil {
				return r
			}
		}
		drafts, refusal := visit.AnswerItems{Act: visitAct(c, 0, time.Time{}, time.Time{}, ""), Answers: answers}.Decide(v, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// CheckLine is a line of a visit's checklist: an item of the catalogue and why it is looked at.
type CheckLine struct {
	Item    Listed
	Points  []Point // key points of the plan and points of the focus that ask for it
	New     bool    // the focus asks for it since this version
	Dropped bool    // the version before asked for it
	Result  string  // empty: not looked at yet
}

// Point of a publication with its words.
type Point struct {
	Publication plan.Publication
	Item        plan.Item
	Text        string // empty: not published here
}

// Ref is publication#code.
func (p Point) Ref() string { return string(p.Publication.ID) + "#" + p.Item.Code }

// Checklist (检查表) of a visit: what the focus and the plan that were in force when it began ask for, then
// what its kind of premises and the six aspects have; and what binds those who inspect.
type Checklist struct {
	Focus   []Point // points of the focus, also those that ask for no item
	Dropped []Point // points of the focus before that this one does not have (R118)
	Lines   []CheckLine
	Rules   []Point  // discipline rules in force
	Risks   []Listed // what may go wrong with those who inspect (R045)
}

// Checklist of a visit that the actor may see.
func (a *Acts) Checklist(tx *storage.Tx, actor access.Actor, v visit.Visit) (c Checklist, err error) {
	lists, err := a.Catalogue(tx, actor.Tenant)
	if err != nil {
		return c, err
	}
	site, err := existing(registry.SiteByID(tx, actor.Tenant, v.Site))
	if err != nil {
		return c, err
	}
	answers, err := visit.AnswersOf(tx, actor.Tenant, v.ID)
	if err != nil {
		return c, err
	}
	focus, err := a.pointsInForce(tx, actor.Tenant, plan.Focus, v, &c.Focus)
	if err != nil {
		return c, err
	}
	var planned []Point
	if _, err = a.pointsInForce(tx, actor.Tenant, plan.Edition, v, &planned); err != nil {
		return c, err
	}
	if _, err = a.pointsInForce(tx, actor.Tenant, plan.Rules, v, &c.Rules); err != nil {
		return c, err
	}
	var before plan.Publication
	if before, c.Dropped, err = a.before(tx, actor.Tenant, focus); err != nil {
		return c, err
	}
	kind, _ := lists.Find("site_types", site.Type)
	for _, item := range lists.Lists["items"] {
		if item.Retired || item.Pack != kind.Pack || item.SiteType != "" && item.SiteType != site.Type {
			continue
		}
		asks := func(i plan.Item) bool { return i.Check == item.Code }
		now, then := slices.ContainsFunc(focus.Items, asks), slices.ContainsFunc(before.Items, asks)
		line := CheckLine{Item: item, New: now && !then && before.ID != "", Dropped: then && !now}
		for _, p := range slices.Concat(c.Focus, planned) {
			if asks(p.Item) {
				line.Points = append(line.Points, p)
			}
		}
		if i := slices.IndexFunc(answers, func(x visit.Answer) bool { return x.Item == item.Code }); i >= 0 {
			line.Result = answers[i].Result
		}
		c.Lines = append(c.Lines, line)
	}
	for _, r := range lists.Lists["risks"] {
		if !r.Retired {
			c.Risks = append(c.Risks, r)
		}
	}
	return c, nil
}

// points are some items of a publication with their words.
func (a *Acts) points(tx *storage.Tx, tenant string, p plan.Publication, items []plan.Item) ([]Point, error) {
	words, _, err := a.PublicationWords(tx, tenant, p)
	var out []Point
	for _, i := range items {
		out = append(out, Point{Publication: p, Item: i, Text: words.Items[i.Code]})
	}
	return out, err
}

// pointsInForce gives the publication of a kind that was in force when a visit began, and its points; none if
// there was none.
func (a *Acts) pointsInForce(tx *storage.Tx, tenant, kind string, v visit.Visit, points *[]Point) (p plan.Publication, err error) {
	p, found, err := plan.InForce(tx, tenant, kind, v.Incident, v.StartedAt)
	if err == nil && found {
		*points, err = a.points(tx, tenant, p, p.Items)
	}
	return p, err
}

// before is the focus that this one took the place of, and its points that this one does not have; none if it is
// the first.
func (a *Acts) before(tx *storage.Tx, tenant string, focus plan.Publication) (p plan.Publication, dropped []Point, err error) {
	if focus.Supersedes == "" {
		return p, nil, nil
	}
	if p, err = existing(plan.PublicationByID(tx, tenant, focus.Supersedes)); err != nil {
		return p, nil, err
	}
	_, gone := focus.Changes(p)
	dropped, err = a.points(tx, tenant, p, gone)
	return p, dropped, err
}

// cites refuses what a finding may not cite: it cites clauses of directives and discipline rules,
// publication#code, that were in force when it was found and whose words stand here (R041, R042).
func (a *Acts) cites(tx *storage.Tx, actor access.Actor, refs []string, at time.Time) error {
	for i, ref := range refs {
		field := fmt.Sprintf("cites[%d]", i)
		of, code, _ := strings.Cut(ref, "#")
		p, found, err := plan.PublicationByID(tx, actor.Tenant, ledger.ID(of))
		if err != nil {
			return err
		}
		_, there := p.Item(code)
		switch {
		case !found, !there, !maySee(actor, p), p.Kind != plan.Directive && p.Kind != plan.Rules:
			return ledger.RefuseAs(ledger.Invalid, "unknown-code", field, "field", field)
		case slices.Contains(refs[:i], ref):
			return ledger.RefuseAs(ledger.Invalid, "plan.item-twice", field, "code", code)
		case !p.ClauseInForce(code, at):
			return ledger.RefuseAs(ledger.Invalid, "finding.cite-not-in-force", field, "code", code)
		}
		words, _, err := a.PublicationWords(tx, actor.Tenant, p)
		if err != nil {
			return err
		}
		if words.Items[code] == "" {
			return ledger.RefuseAs(ledger.Invalid, "finding.cite-unpublished", field, "code", code)
		}
	}
	return nil
}

// Cited gives what a finding cites with its words.
func (a *Acts) Cited(tx *storage.Tx, tenant string, refs []string) ([]Point, error) {
	var out []Point
	for _, ref := range refs {
		of, code, _ := strings.Cut(ref, "#")
		p, err := existing(plan.PublicationByID(tx, tenant, ledger.ID(of)))
		if err != nil {
			return out, err
		}
		item, _ := p.Item(code)
		points, err := a.points(tx, tenant, p, []plan.Item{item})
		if err != nil {
			return out, err
		}
		out = append(out, points...)
	}
	return out, nil
}
