package acts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/document"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
)

// Series of orders and of what their self-checks find.
const (
	seriesOrdered   = "渝督单"
	seriesSelfFound = "渝督自"
)

// OrderForm is an order as drafted.
type OrderForm struct {
	ID    ledger.ID // of a draft to write again; empty: a new one
	Seen  int
	Order matter.Ordered
	Words OrderWords
}

// OrderWords are what an order says in words.
type OrderWords struct {
	Requirement string // 整改要求
	Basis       string // 交办依据
	Scope       string // 举一反三范围
	Contact     string // 反馈方式与联系人
}

// orderParts seals the words of an order as a document.
func (a *Acts) orderParts(tx *ledger.Tx, w OrderWords) ([]ledger.Part, error) {
	var contents []vault.Content
	for _, x := range []struct{ part, text string }{{"requirement", w.Requirement}, {"basis", w.Basis}, {"scope", w.Scope}, {"contact", w.Contact}} {
		text, r := cleanText(x.part, x.text, x.part == "requirement")
		if r != nil {
			return nil, r
		}
		if text != "" {
			contents = append(contents, vault.Content{Name: x.part, Bytes: []byte(text)})
		}
	}
	return a.V.Seal(tx, scope(tx), vault.Document, contents...)
}

// addressee tells whether a unit exists on a day, and whether an area belongs to it then.
func addressee(tx *storage.Tx, tenant, area string, unit ledger.ID, day string) (exists, competent bool, err error) {
	o, found, err := registry.OrgByID(tx, tenant, unit)
	if err != nil {
		return false, false, err
	}
	list, err := registry.DepartmentsOf(tx, tenant, area, day)
	return found && o.ValidOn(day), slices.ContainsFunc(list, func(o registry.Org) bool { return o.ID == unit }), err
}

// DraftOrder drafts an order to a department, or writes a draft again.
func (a *Acts) DraftOrder(ctx context.Context, c Caller, f OrderForm) (ledger.ID, error) {
	if f.ID == "" {
		f.ID = c.newID("order")
	}
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	return f.ID, a.do(ctx, c, func(tx *ledger.Tx) error {
		if r := c.Can("order.draft"); r != nil {
			return r
		}
		before, found, err := matter.OrderByID(tx.Tx, c.Tenant, f.ID)
		if err != nil {
			return err
		}
		if found {
			tx.Incident = before.Incident
		}
		if err := a.checkOrdered(tx, c, f.Order); err != nil {
			return err
		}
		cmd := matter.DraftOrder{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: f.Seen}, ID: f.ID, Order: f.Order, Day: tx.Now().In(zone).Format(time.DateOnly),
		}
		if cmd.Exists, cmd.Competent, err = addressee(tx.Tx, c.Tenant, f.Order.Area, f.Order.Unit, cmd.Day); err != nil {
			return err
		}
		for i, id := range f.Order.Matters {
			m, found, err := matter.Load(tx.Tx, c.Tenant, id)
			if err != nil || !found || m.Incident != tx.Incident {
				return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "not-found", fmt.Sprintf("matters[%d]", i)))
			}
			cmd.Findings = append(cmd.Findings, m)
		}
		if cmd.Parts, err = a.orderParts(tx, f.Words); err != nil {
			return err
		}
		drafts, refusal := cmd.Decide(before, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// checkOrdered refuses codes and copies that nobody knows.
func (a *Acts) checkOrdered(tx *ledger.Tx, c Caller, o matter.Ordered) error {
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return err
	}
	for _, x := range []struct{ list, code, field string }{{"areas", o.Area, "area"}, {"problem_types", o.Problem, "problem_type"}, {"severities", o.Urgency, "urgency"}} {
		if r := lists.known(x.list, x.code, x.field, false); r != nil {
			return r
		}
	}
	if unit, found, err := registry.OrgByID(tx.Tx, c.Tenant, o.Unit); err != nil || o.Unit != "" && (!found || unit.Kind != "department") {
		return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "unit"))
	}
	for _, id := range o.Copies {
		if _, found, err := registry.OrgByID(tx.Tx, c.Tenant, id); err != nil || !found {
			return orRefusal(err, ledger.RefuseAs(ledger.Invalid, "unit.unknown", "copies"))
		}
	}
	return nil
}

// onOrder does an act on an order, for who may at one of its units.
func (a *Acts) onOrder(ctx context.Context, c Caller, id ledger.ID, act string, fn func(*ledger.Tx, matter.Order, matter.Matter, *time.Location) error) error {
	zone, err := a.Zone(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.do(ctx, c, func(tx *ledger.Tx) error {
		o, err := existing(matter.OrderByID(tx.Tx, c.Tenant, id))
		if err != nil {
			return err
		}
		if r := c.May(act, OrderPlace(c.Actor, o)); r != nil {
			return r
		}
		tx.Incident = o.Incident
		m, _, err := matter.Load(tx.Tx, c.Tenant, id)
		if err != nil {
			return err
		}
		return fn(tx, o, m, zone)
	})
}

// OrderPlace is where an order lies for an actor: at his unit if it is one of the order's, else at the department. A
// draft lies nowhere yet.
func OrderPlace(actor access.Actor, o matter.Order) access.Place {
	switch {
	case o.State == matter.OrderDraft:
		return access.Place{}
	case slices.Contains(o.Units(), actor.Unit), slices.Contains(o.Copies, actor.Unit):
		return access.Place{Unit: actor.Unit}
	}
	return access.Place{Unit: o.Unit}
}

// IssueOrder signs a draft: it gets its number and is a matter from then on.
func (a *Acts) IssueOrder(ctx context.Context, c Caller, id ledger.ID, seen int) error {
	return a.onOrder(ctx, c, id, "order.issue", func(tx *ledger.Tx, o matter.Order, _ matter.Matter, zone *time.Location) error {
		now := tx.Now()
		t, err := a.termsAt(tx.Tx, c.Tenant, now, zone)
		if err != nil {
			return err
		}
		n, err := document.Next(tx.Tx, c.Tenant, seriesOrdered, now.In(zone).Year())
		if err != nil {
			return err
		}
		day := now.In(zone).Format(time.DateOnly)
		cmd := matter.IssueOrder{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen, Parts: o.Parts}, Day: day,
			Clocks: append(t.clocks(matter.ClockReceive, now, o.Urgency), t.clock(matter.ClockRectify, now, o.Due, matter.RuleDecided, nil)),
			Opening: matter.Opening{
				Origin: matter.OriginOrder, Unit: o.Unit, Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
				Facets: matter.Facets{Channel: matter.Written, Area: o.Area, Responsibility: "department", Problem: o.Problem, Severity: o.Urgency, Day: day},
			},
		}
		if cmd.Exists, cmd.Competent, err = addressee(tx.Tx, c.Tenant, o.Area, o.Unit, day); err != nil {
			return err
		}
		if cmd.Hash, err = orderHash(cmd.Opening.Number, o); err != nil {
			return err
		}
		drafts, refusal := cmd.Decide(o, now)
		return decided(tx, drafts, refusal)
	})
}

// orderHash is over what is issued, the words by their hashes: a print can be held against it.
func orderHash(number string, o matter.Order) (string, error) {
	words := map[string]string{}
	for _, p := range o.Parts {
		words[p.Name] = p.Hash
	}
	b, err := json.Marshal([]any{number, o.Ordered, words})
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:]), err
}

// SplitOrder names who leads and who assists.
func (a *Acts) SplitOrder(ctx context.Context, c Caller, id ledger.ID, seen int, lead ledger.ID, assist []ledger.ID) error {
	return a.onOrder(ctx, c, id, "order.split", func(tx *ledger.Tx, o matter.Order, m matter.Matter, zone *time.Location) error {
		day := tx.Now().In(zone).Format(time.DateOnly)
		for i, unit := range append([]ledger.ID{lead}, assist...) {
			field := "assist"
			if i == 0 {
				field = "lead"
			}
			if unit == "" {
				continue
			}
			if r, err := a.unitKnown(tx, c.Tenant, unit, field, day); err != nil || r != nil {
				return orRefusal(err, r)
			}
		}
		drafts, refusal := matter.Split{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Matter: m, Lead: lead, Assist: assist}.Decide(o, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// SiteRow is a line of a department's list of sites.
type SiteRow struct {
	Name    string `json:"name"`
	Region  string `json:"region" doc:"code of a community or street; a name is no key"`
	Type    string `json:"type,omitempty" doc:"code or name of a kind of site"`
	Address string `json:"address,omitempty"`
}

// RowProblem is a line that cannot be taken: which, counted from 0, and what is wrong with which field.
type RowProblem struct {
	Row     int
	Refusal *ledger.Refusal
}

// MaxSites bounds one list that is sent.
const MaxSites = 5000

// orderOf gives an order with what its self-check found.
func orderOf(tx *storage.Tx, tenant string, id ledger.ID) (o matter.Order, children []matter.Matter, err error) {
	if o, _, err = matter.OrderByID(tx, tenant, id); err != nil {
		return o, nil, err
	}
	children, err = matter.Children(tx, tenant, o)
	return o, children, err
}

// ReportSelfCheck says checked n, found m, fixed k.
func (a *Acts) ReportSelfCheck(ctx context.Context, c Caller, id ledger.ID, seen, checked, found, fixed int, text string) error {
	return a.onOrder(ctx, c, id, "order.check", func(tx *ledger.Tx, o matter.Order, m matter.Matter, _ *time.Location) error {
		act, err := a.withText(tx, c, seen, "text", "text", text)
		if err != nil {
			return err
		}
		cmd := matter.ReportSelfCheck{Act: act, Matter: m, Checked: checked, Found: found, Fixed: fixed}
		if cmd.Children, err = matter.Children(tx.Tx, c.Tenant, o); err != nil {
			return err
		}
		drafts, refusal := cmd.Decide(o, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// ReplyOrder is the department's written reply, with the number it wrote on it, if it did.
func (a *Acts) ReplyOrder(ctx context.Context, c Caller, id ledger.ID, d Doing, reference string) error {
	return a.run(ctx, c, id, "reply", d, nil, func(tx *ledger.Tx, m matter.Matter, act ledger.Act, t *terms, at time.Time) (matter.Command, error) {
		parts, err := a.sealText(tx, "reference", "reference", reference, false)
		if err != nil {
			return nil, err
		}
		act.Parts = append(act.Parts, parts...)
		o, _, err := matter.OrderByID(tx.Tx, c.Tenant, m.ID)
		return matter.ReplyOrder{Act: act, Order: o, Clocks: t.clocks(matter.ClockVerify, at)}, err
	})
}
