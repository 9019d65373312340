package acts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"duzhan/internal/access"
	"duzhan/internal/document"
	"duzhan/internal/figure"
	"duzhan/internal/ledger"
	"duzhan/internal/matter"
	"duzhan/internal/plan"
	"duzhan/internal/registry"
	"duzhan/internal/storage"
	"duzhan/internal/vault"
	"duzhan/internal/visit"
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

// ListSites adds a list of sites to an order's self-check. Lines that cannot be taken are given back and the others
// are taken; a site that is listed already is not listed twice.
func (a *Acts) ListSites(ctx context.Context, c Caller, id ledger.ID, seen int, rows []SiteRow) (bad []RowProblem, err error) {
	return bad, a.onOrder(ctx, c, id, "order.check", func(tx *ledger.Tx, o matter.Order, m matter.Matter, zone *time.Location) error {
		if len(rows) > MaxSites {
			return ledger.RefuseAs(ledger.Invalid, "order.too-many-sites", "rows", "n", strconv.Itoa(MaxSites))
		}
		cmd := matter.ListSites{Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: seen}, Matter: m}
		var good []SiteRow
		if good, bad, err = a.CheckSites(tx.Tx, c.Tenant, rows, tx.Now().In(zone).Format(time.DateOnly)); err != nil {
			return err
		}
		known := 0
		for _, row := range good {
			site, err := a.siteOf(tx, row)
			if err != nil {
				return err
			}
			if _, listed, err := matter.OrderSiteOf(tx.Tx, c.Tenant, o.ID, site); err != nil {
				return err
			} else if listed || slices.Contains(cmd.Sites, site) {
				known++
				continue
			}
			cmd.Sites = append(cmd.Sites, site)
		}
		if len(cmd.Sites) == 0 && known > 0 { // all there already: nothing to say
			return nil
		}
		if len(cmd.Sites) == 0 && len(bad) > 0 {
			r := *bad[0].Refusal
			return &r
		}
		drafts, refusal := cmd.Decide(o, tx.Now())
		return decided(tx, drafts, refusal)
	})
}

// CheckSites tells the lines of a list of sites that can be taken on a day from those that cannot.
func (a *Acts) CheckSites(tx *storage.Tx, tenant string, rows []SiteRow, day string) (good []SiteRow, bad []RowProblem, err error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, nil, err
	}
	regions := map[string]*ledger.Refusal{}
	for i, row := range rows {
		row, r := a.cleanRow(lists, row)
		if r == nil {
			found, seen := regions[row.Region]
			if !seen {
				if _, found, err = registry.RegionOn(tx, tenant, row.Region, day); err != nil {
					return nil, nil, err
				}
				regions[row.Region] = found
			}
			r = found
		}
		if r != nil {
			at := *r
			at.Field = fmt.Sprintf("rows[%d].%s", i, r.Field)
			bad = append(bad, RowProblem{Row: i, Refusal: &at})
			continue
		}
		good = append(good, row)
	}
	return good, bad, nil
}

func (a *Acts) cleanRow(lists *Catalogue, row SiteRow) (SiteRow, *ledger.Refusal) {
	var r *ledger.Refusal
	for _, x := range []struct {
		field    string
		text     *string
		required bool
	}{{"name", &row.Name, true}, {"region", &row.Region, true}, {"type", &row.Type, false}, {"address", &row.Address, false}} {
		if *x.text, r = cleanText(x.field, *x.text, x.required); r != nil {
			return row, r
		}
	}
	if row.Type == "" {
		return row, nil
	}
	i := slices.IndexFunc(lists.Lists["site_types"], func(l Listed) bool { return row.Type == l.Code || row.Type == l.Zh || row.Type == l.En })
	if i < 0 {
		return row, ledger.RefuseAs(ledger.Invalid, "unknown-code", "type", "field", "type")
	}
	row.Type = lists.Lists["site_types"][i].Code
	return row, nil
}

// siteOf finds the premises of a line, under whatever spelling of its name in that region, or registers them.
func (a *Acts) siteOf(tx *ledger.Tx, row SiteRow) (ledger.ID, error) {
	same, err := registry.Sites(tx.Tx, tx.Tenant, row.Name, []string{row.Region}, "", 50)
	if err != nil {
		return "", err
	}
	for _, s := range same {
		if s.Region == row.Region && registry.Fold(s.Name) == registry.Fold(row.Name) {
			return s.ID, nil
		}
	}
	id := ledger.NewID()
	return id, tx.Append(ledger.Draft{Subject: id, Body: registry.SiteRegisteredV1{
		Site: registry.Site{Name: row.Name, Type: row.Type, Region: row.Region, Address: row.Address},
	}})
}

// SelfCheckForm is what was seen at a site of a self-check.
type SelfCheckForm struct {
	Seen        int
	Site        ledger.ID
	Found       bool
	What        visit.What // of what was found
	Fact        string
	Requirement string
	Unit        ledger.ID // who must act; empty: who checks
	Photos      []ledger.ID
}

// SelfCheck says what was seen at a site; what was found is a matter of its own, with the deadline of the rule pack.
func (a *Acts) SelfCheck(ctx context.Context, c Caller, id ledger.ID, f SelfCheckForm) error {
	child := c.newID("matter")
	return a.onOrder(ctx, c, id, "order.check", func(tx *ledger.Tx, o matter.Order, m matter.Matter, zone *time.Location) error {
		site, _, err := registry.SiteByID(tx.Tx, c.Tenant, f.Site)
		if err != nil {
			return err
		}
		listed, found, err := matter.OrderSiteOf(tx.Tx, c.Tenant, o.ID, f.Site)
		if err != nil {
			return err
		}
		now := tx.Now()
		cmd := matter.CheckSite{
			Act: ledger.Act{Person: c.Person, Unit: c.Unit, Seen: f.Seen}, Matter: m, Site: f.Site, Listed: found, Result: listed.Result,
			Street: registry.Street(site.Region), Day: now.In(zone).Format(time.DateOnly),
		}
		if f.Found {
			cmd.Child = child
		}
		drafts, refusal := cmd.Decide(o, now)
		if refusal != nil || !f.Found {
			return decided(tx, drafts, refusal)
		}
		opened, err := a.selfFound(tx, c, o, child, site, f, zone)
		if err != nil {
			return err
		}
		return tx.Append(append(drafts, opened...)...)
	})
}

// selfFound makes the matter of what a self-check found.
func (a *Acts) selfFound(tx *ledger.Tx, c Caller, o matter.Order, id ledger.ID, site registry.Site, f SelfCheckForm, zone *time.Location) ([]ledger.Draft, error) {
	now := tx.Now()
	local := now.In(zone)
	lists, err := a.Catalogue(tx.Tx, c.Tenant)
	if err != nil {
		return nil, err
	}
	f.What.Problem = cmp.Or(f.What.Problem, o.Problem)
	f.What.Severity = cmp.Or(f.What.Severity, o.Urgency)
	for _, x := range []struct{ list, code, field string }{{"problem_types", f.What.Problem, "problem_type"}, {"severities", f.What.Severity, "severity"}} {
		if r := lists.known(x.list, x.code, x.field, true); r != nil {
			return nil, r
		}
	}
	kind, _ := lists.Find("problem_types", f.What.Problem)
	unit := cmp.Or(f.Unit, c.Unit)
	if r, err := a.unitKnown(tx, c.Tenant, unit, "unit", local.Format(time.DateOnly)); err != nil || r != nil {
		return nil, orRefusal(err, r)
	}
	t, err := a.termsAt(tx.Tx, c.Tenant, now, zone)
	if err != nil {
		return nil, err
	}
	rectify, r := t.rectify("", f.What.Severity, now)
	if r != nil {
		return nil, r
	}
	n, err := document.Next(tx.Tx, c.Tenant, seriesSelfFound, local.Year())
	if err != nil {
		return nil, err
	}
	act := ledger.Act{Person: c.Person, Unit: c.Unit}
	for _, x := range []struct {
		part, text string
		required   bool
	}{{"fact", f.Fact, true}, {"requirement", f.Requirement, false}} {
		parts, err := a.sealText(tx, x.part, x.part, x.text, x.required)
		if err != nil {
			return nil, err
		}
		act.Parts = append(act.Parts, parts...)
	}
	pictures, err := a.takeUploads(tx, c, plan.About{Kind: "matter", ID: id, Street: registry.Street(site.Region)}, "photo.before.", "photos", f.Photos)
	if err != nil {
		return nil, err
	}
	act.Parts = append(act.Parts, pictures...)
	cmd := matter.Assign{
		Act: act, ID: id, Clocks: append(t.clocks(matter.ClockReceive, now, f.What.Severity), rectify),
		Opening: matter.Opening{
			Origin: matter.OriginSelfCheck, Source: o.ID, Site: site.ID, Unit: unit, Number: n.String(), Series: n.Series, Year: n.Year, Serial: n.N,
			Facets: matter.Facets{
				Street: registry.Street(site.Region), Channel: matter.Written, Area: cmp.Or(o.Area, kind.Area), Responsibility: cmp.Or(kind.Responsibility, "department"),
				Problem: f.What.Problem, Severity: f.What.Severity, Day: local.Format(time.DateOnly),
			},
		},
	}
	if kind.Theme != "" {
		cmd.Opening.Facets.Themes = []string{kind.Theme}
	}
	drafts, refusal := cmd.Decide(matter.Matter{}, now)
	if refusal != nil {
		return nil, refusal
	}
	return drafts, nil
}

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

// Proposal is a problem type found in so many streets that an order to its department is due (R112).
type Proposal struct {
	matter.Spread
	Area        string
	Departments []registry.Org // competent today
}

// Proposals lists the problem types that the rule pack's threshold says are the department's, and that no order is
// running on. Since is from when on findings were looked at.
func (a *Acts) Proposals(tx *storage.Tx, tenant string, now time.Time, zone *time.Location) (out []Proposal, since time.Time, err error) {
	t, err := a.termsAt(tx, tenant, now, zone)
	if err != nil {
		return nil, since, err
	}
	incident, _, err := registry.CurrentIncident(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	since = now.Add(-t.pack.Repeated.Within)
	spreads, err := matter.Repeated(tx, tenant, incident.ID, since, t.pack.Repeated.Streets)
	if err != nil {
		return nil, since, err
	}
	running, err := matter.RunningOn(tx, tenant)
	if err != nil {
		return nil, since, err
	}
	for _, s := range spreads {
		if running[s.Problem] {
			continue
		}
		p := Proposal{Spread: s, Area: areaOf(lists, s)}
		if p.Area != "" { // what was put under another area is not this department's
			p.Matters = slices.DeleteFunc(slices.Clone(s.Matters), func(m matter.Matter) bool { return m.Facets.Area != "" && m.Facets.Area != p.Area })
			if p.Departments, err = registry.DepartmentsOf(tx, tenant, p.Area, now.In(zone).Format(time.DateOnly)); err != nil {
				return nil, since, err
			}
		}
		out = append(out, p)
	}
	return out, since, nil
}

// areaOf is the area of a problem type, or else the one that more than half of its findings were put under.
func areaOf(lists *Catalogue, s matter.Spread) string {
	if kind, _ := lists.Find("problem_types", s.Problem); kind.Area != "" {
		return kind.Area
	}
	n := map[string]int{}
	for _, m := range s.Matters {
		if n[m.Facets.Area]++; m.Facets.Area != "" && 2*n[m.Facets.Area] > len(s.Matters) {
			return m.Facets.Area
		}
	}
	return ""
}

// Looked is what was looked at in a town within an area: visits of sites of that area, findings handed over, sites
// that departments checked.
type Looked struct{ Visits, Findings, SelfChecks int64 }

// LookedAt counts for every town and area as of an instant (R117). What is in no area is in no cell.
func (a *Acts) LookedAt(tx *storage.Tx, tenant string, as figure.AsOf) (map[[2]string]Looked, error) {
	lists, err := a.Catalogue(tx, tenant)
	if err != nil {
		return nil, err
	}
	out := map[[2]string]Looked{}
	visits, err := visit.CountByType(tx, tenant, as)
	if err != nil {
		return nil, err
	}
	for _, v := range visits {
		kind, _ := lists.Find("site_types", v.Type)
		cell := [2]string{v.Street, kind.Area}
		x := out[cell]
		x.Visits += v.N
		out[cell] = x
	}
	for _, series := range []string{matter.Series(matter.KindAssigned, matter.OriginFinding), matter.KindSiteChecked} {
		cells, err := figure.Cross(tx, tenant, as, series, "street", "area")
		if err != nil {
			return nil, err
		}
		for cell, n := range cells {
			x := out[cell]
			if series == matter.KindSiteChecked {
				x.SelfChecks += n
			} else {
				x.Findings += n
			}
			out[cell] = x
		}
	}
	return out, nil
}
